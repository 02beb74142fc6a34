//! The embedded trusted roots: taken from two packages that publish them, never typed.
//!
//! The public-good root and signing configuration come from the Python client and must be the ones
//! in the Rust crate too: two publishers who agree. GitHub's stands in the Rust crate alone. With each
//! goes the root of its TUF repository, from which newer ones are found.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context as _;
use cargo_metadata::MetadataCommand;

use crate::Outcome;

/// Where they stand.
const FOLDER: &str = "crates/app/sealwright/roots";
/// The Python client, and where it keeps the files of the public-good instance.
const WHEEL: &str = "sigstore==4.5.1";
const STORE: &str = "sigstore/_store/https%3A%2F%2Ftuf-repo-cdn.sigstore.dev";
/// The Rust crate.
const CRATE: &str = "sigstore-trust-root";
const CRATE_VERSION: &str = "0.15.1";

/// Takes the roots anew.
pub(crate) fn take(root: &Path) -> anyhow::Result<Outcome> {
    let work = root.join("target/trust-roots");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let store = wheel(&work)?.join(STORE);
    let package = package(&work)?;

    let public = read(&store.join("trusted_root.json"))?;
    let signing_config = read(&store.join("signing_config.v0.2.json"))?;
    for (ours, theirs) in [
        (&public, "src/trusted_root.json"),
        (&signing_config, "repository/signing_config.json"),
    ] {
        anyhow::ensure!(
            *ours == read(&package.join(theirs))?,
            "{theirs} of {CRATE} {CRATE_VERSION} is not what {WHEEL} has"
        );
    }

    let folder = root.join(FOLDER);
    fs::create_dir_all(&folder)?;
    let write = |name: &str, text: &str| {
        fs::write(folder.join(name), text).with_context(|| format!("{FOLDER}/{name}"))
    };
    write("public.trusted-root.json", &public)?;
    // The crate's is the newer one; any will do to begin with, as each vouches for the next.
    let public_tuf = read(&package.join("repository/tuf_root.json"))?;
    write("public.tuf-root.json", &public_tuf)?;
    write("public.signing-config.json", &signing_config)?;
    let github = read(&package.join("src/trusted_root_github.json"))?;
    write("github.trusted-root.json", &github)?;
    let github_tuf = read(&package.join("repository/tuf_github_root.json"))?;
    write("github.tuf-root.json", &github_tuf)?;
    let today = today()?;
    write("taken", &format!("{today}\n"))?;
    println!("{FOLDER}: taken on {today} from {WHEEL} and {CRATE} {CRATE_VERSION}");
    fs::remove_dir_all(&work)?;
    Ok(Outcome::Good)
}

/// The unpacked Python client.
fn wheel(work: &Path) -> anyhow::Result<PathBuf> {
    let unpacked = work.join("wheel");
    run(Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", WHEEL])
        .arg("--dest")
        .arg(work))?;
    let wheel = fs::read_dir(work)?
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|kind| kind == "whl"))
        .context("pip brought no wheel")?;
    run(Command::new("python3")
        .args(["-m", "zipfile", "-e"])
        .arg(wheel)
        .arg(&unpacked))?;
    Ok(unpacked)
}

/// The folder of the crate's sources, which Cargo has checked against the registry's digest.
fn package(work: &Path) -> anyhow::Result<PathBuf> {
    let manifest = format!(
        "[package]\nname = \"taker\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
         [lib]\npath = \"lib.rs\"\n\
         [dependencies]\n{CRATE} = \"={CRATE_VERSION}\"\n\
         [workspace]\n"
    );
    fs::write(work.join("Cargo.toml"), manifest)?;
    fs::write(work.join("lib.rs"), "")?;
    let metadata = MetadataCommand::new()
        .current_dir(work)
        .exec()
        .context("cargo metadata")?;
    let package = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == CRATE)
        .with_context(|| format!("cargo knows no {CRATE}"))?;
    let folder = package.manifest_path.parent().context("no folder")?;
    Ok(folder.as_std_path().to_owned())
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| path.display().to_string())
}

fn today() -> anyhow::Result<String> {
    let output = Command::new("date").args(["-u", "+%Y-%m-%d"]).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{:?}", command.get_program()))?;
    anyhow::ensure!(status.success(), "{:?} failed", command.get_program());
    Ok(())
}
