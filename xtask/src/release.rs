//! The release binary: one file that needs no other.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use anyhow::Context as _;

use crate::Outcome;
use crate::cargo;
use crate::generate::executable;

/// Builds the static binary for the machine's own target and checks that it is one.
///
/// The target is named although it is the default: only then do the flags spare build scripts and
/// procedural macros, which cannot be linked statically.
pub(crate) fn build(root: &Path) -> anyhow::Result<Outcome> {
    let host = cargo::host()?;
    let output = Command::new("cargo")
        .args([
            "build",
            "--profile=dist",
            "--locked",
            "--package",
            "sealwright-cli",
            "--features",
            "release",
        ])
        .args(["--target", &host])
        .arg("--message-format=json-render-diagnostics")
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .context("cargo build")?;
    anyhow::ensure!(output.status.success(), "cargo build failed");
    let binary = executable(&output.stdout).context("cargo build made no binary")?;
    let size = fs::metadata(&binary)?.len();
    let libraries = Command::new("ldd").arg(&binary).output().context("ldd")?;
    // Some versions of ldd say on stderr, and by failing, that there is nothing to list.
    let said = [libraries.stdout, libraries.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    println!("{binary}: {size} bytes");
    build_helper(root, &host)?;
    if is_static(&said) {
        return Ok(Outcome::Good);
    }
    eprintln!("the binary is not static:\n{}", said.trim_end());
    Ok(Outcome::Bad)
}

/// The helper for PKCS#11 tokens, beside the binary. It loads libraries, which a static program cannot.
fn build_helper(root: &Path, host: &str) -> anyhow::Result<()> {
    let status = Command::new("cargo")
        .args(["build", "--profile=dist", "--locked"])
        .args(["--package", "sealwright-pkcs11", "--target", host])
        .current_dir(root)
        .status()
        .context("cargo build")?;
    anyhow::ensure!(status.success(), "cargo build of the PKCS#11 helper failed");
    Ok(())
}

fn is_static(ldd: &str) -> bool {
    ldd.contains("statically linked") || ldd.contains("not a dynamic executable")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn believes_only_what_ldd_says_of_static_binaries() {
        assert!(is_static("\tstatically linked\n"));
        assert!(is_static("\tnot a dynamic executable\n"));
        assert!(!is_static("\tlibc.so.6 => /lib/libc.so.6 (0x00007f)\n"));
        assert!(!is_static(""));
    }
}
