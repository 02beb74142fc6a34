//! Embeds the pages of `docs/codes/`, so that `sealwright explain` needs no file.

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
    #[expect(
        clippy::disallowed_methods,
        reason = "Cargo tells build scripts where to write through the environment"
    )]
    let out = std::env::var("OUT_DIR")?;
    std::fs::write(Path::new(&out).join("code_pages.rs"), table)?;
    Ok(())
}
