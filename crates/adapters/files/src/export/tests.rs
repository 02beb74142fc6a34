use std::os::unix::fs::PermissionsExt as _;

use sealwright_core::Diagnostic as _;
use tempfile::TempDir;

use super::*;

#[test]
fn moves_a_directory_byte_for_byte() {
    let place = TempDir::new().unwrap();
    let from = example(place.path());
    let to = DataDirectory::at(place.path().join("deep/er/new"));
    to.import(exported(&from).as_slice(), name()).unwrap();
    assert_eq!(fs::read(to.join("keys/ca.pem")).unwrap(), b"TEST ONLY");
    assert_eq!(fs::read(to.join("log/tiles/0")).unwrap(), vec![7; 100_000]);
    assert!(to.join("log/empty").is_dir());
    assert!(!to.join(".x.1-1.tmp").exists());
    let mode = |path: &str| fs::metadata(to.join(path)).unwrap().permissions().mode() & 0o7777;
    assert_eq!(mode("keys/ca.pem"), PRIVATE_FILE);
    assert_eq!(mode("log/tiles"), PRIVATE_DIRECTORY);
    assert_eq!(mode(""), PRIVATE_DIRECTORY);
    assert_eq!(exported(&to), exported(&from));
}

#[test]
fn refuses_to_overwrite_anything() {
    let place = TempDir::new().unwrap();
    let from = example(place.path());
    let error = from.import(exported(&from).as_slice(), name()).unwrap_err();
    assert_eq!(error.code().as_str(), "files.exists");
}

#[test]
fn fills_a_directory_that_is_there_but_empty() {
    let place = TempDir::new().unwrap();
    let from = example(place.path());
    let to = DataDirectory::at(place.path().join("empty"));
    to.create().unwrap();
    to.import(exported(&from).as_slice(), name()).unwrap();
    assert!(to.join("keys/ca.pem").exists());
}

#[test]
fn refuses_every_shortened_export_and_leaves_nothing() {
    let place = TempDir::new().unwrap();
    let from = example(place.path());
    let whole = exported(&from);
    // The last 1024 bytes are the archive's end mark, before it stands the digest's block of 512.
    for length in (0..whole.len() - 1536).step_by(512).chain([1, 511, 777]) {
        refuses(place.path(), whole.get(..length).unwrap());
    }
}

#[test]
fn refuses_a_flipped_bit_in_content_or_name() {
    let place = TempDir::new().unwrap();
    let from = example(place.path());
    let whole = exported(&from);
    let find = |needle: &[u8]| {
        whole
            .windows(needle.len())
            .position(|window| window == needle)
            .unwrap()
    };
    for at in [find(b"TEST ONLY"), find(b"ca.pem"), find(&[7; 512])] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        refuses(place.path(), &flipped);
    }
}

#[test]
fn refuses_members_that_lead_out_or_are_no_files() {
    let place = TempDir::new().unwrap();
    for path in [
        "sealwright-root-v1/../evil",
        "/sealwright-root-v1/evil",
        "evil",
        "sealwright-root-v1/missing/evil",
    ] {
        refuses(place.path(), &archive_of(path, tar::EntryType::Regular));
    }
    for kind in [
        tar::EntryType::Symlink,
        tar::EntryType::Link,
        tar::EntryType::Fifo,
    ] {
        refuses(place.path(), &archive_of("sealwright-root-v1/x", kind));
    }
    assert!(!place.path().join("evil").exists());
}

#[test]
fn exports_no_symbolic_link() {
    let place = TempDir::new().unwrap();
    let from = example(place.path());
    std::os::unix::fs::symlink("/etc/passwd", from.join("link")).unwrap();
    let error = from.export(io::sink(), name(), Duration::ZERO).unwrap_err();
    assert_eq!(error.code().as_str(), "files.special-file");
}

#[test]
fn waits_for_the_lock_no_longer_than_told() {
    let place = TempDir::new().unwrap();
    let from = example(place.path());
    let _writer = from.lock_shared(Duration::ZERO).unwrap();
    let error = from
        .export(io::sink(), name(), Duration::from_millis(3))
        .unwrap_err();
    assert_eq!(error.code().as_str(), "files.locked");
}

fn example(place: &Path) -> DataDirectory {
    let directory = DataDirectory::at(place.join("old"));
    for inner in ["", "keys", "log", "log/tiles", "log/empty"] {
        crate::create_private_directory(&directory.join(inner)).unwrap();
    }
    let write = |inner: &str, content: &[u8]| fs::write(directory.join(inner), content).unwrap();
    write("keys/ca.pem", b"TEST ONLY");
    write("log/tiles/0", &[7; 100_000]);
    write(".x.1-1.tmp", b"left by a crash");
    directory
}

fn exported(directory: &DataDirectory) -> Vec<u8> {
    let mut bytes = Vec::new();
    directory
        .export(&mut bytes, name(), Duration::ZERO)
        .unwrap();
    bytes
}

fn refuses(place: &Path, export: &[u8]) {
    let before = fs::read_dir(place).unwrap().count();
    let to = DataDirectory::at(place.join("new"));
    let error = to.import(export, name()).unwrap_err();
    assert_eq!(error.code().as_str(), "files.bad-export", "{error}");
    assert_eq!(fs::read_dir(place).unwrap().count(), before);
}

/// One member, its name written past the tar crate's own checks.
fn archive_of(path: &str, kind: tar::EntryType) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_size(0);
    header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_cksum();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append(&header, io::empty()).unwrap();
    archive.into_inner().unwrap()
}

fn name() -> &'static Path {
    Path::new("export.tar")
}
