//! Embeds the pages of `docs/codes/`, so that `sealwright explain` needs no file, and makes static
//! binaries start with less memory.

use std::fmt::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/codes");
    println!("cargo::rerun-if-changed={}", pages.display());
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&pages)? {
        let path = entry?.path().canonicalize()?;
        if path.extension().is_some_and(|extension| extension == "md") {
            let code = path.file_stem().unwrap_or_default().to_string_lossy();
            found.push((code.into_owned(), path));
        }
    }
    found.sort();
    let mut table = String::from("&[\n");
    for (code, path) in found {
        println!("cargo::rerun-if-changed={}", path.display());
        writeln!(table, "    ({code:?}, include_str!({path:?})),")?;
    }
    table.push_str("]\n");
    std::fs::write(Path::new(&told("OUT_DIR")?).join("code_pages.rs"), table)?;
    pack_relocations()
}

/// A static position-independent binary relocates itself at every start. Packed, its relocations
/// take kilobytes instead of a megabyte and a half of memory. Not for dynamic binaries: these would
/// then need a loader as new as the machine's that built them.
fn pack_relocations() -> Result<(), Box<dyn std::error::Error>> {
    let is_static = told("CARGO_CFG_TARGET_FEATURE")
        .is_ok_and(|features| features.split(',').any(|feature| feature == "crt-static"));
    if is_static && told("CARGO_CFG_TARGET_OS")? == "linux" {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "Cargo tells build scripts everything through the environment"
)]
fn told(name: &str) -> Result<String, std::env::VarError> {
    std::env::var(name)
}
