use std::io;

use sealwright_core::Diagnostic as _;
use tempfile::TempDir;

use super::*;

#[test]
fn takes_exactly_up_to_the_limit() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("a");
    std::fs::write(&path, "12345").unwrap();
    assert_eq!(read_limited(&path, 5).unwrap(), b"12345");
    assert_eq!(read_limited_text(&path, 9).unwrap(), "12345");
    let error = read_limited(&path, 4).unwrap_err();
    assert_eq!(error.code().as_str(), "files.too-large");
    assert!(
        error
            .to_string()
            .ends_with("more than 4 bytes, which is the limit")
    );
}

#[test]
fn the_limit_holds_where_the_length_is_unknown() {
    // Files of procfs say that they have no bytes, and have some.
    let path = Path::new("/proc/self/status");
    assert_eq!(std::fs::metadata(path).unwrap().len(), 0);
    let error = read_limited(path, 3).unwrap_err();
    assert_eq!(error.code().as_str(), "files.too-large");
    assert!(read_limited(path, 1 << 20).unwrap().len() > 3);
}

#[test]
fn says_what_is_wrong_with_a_path() {
    let place = TempDir::new().unwrap();
    let code = |path: &str| {
        let error = read_limited_text(&place.path().join(path), 9).unwrap_err();
        error.code().as_str()
    };
    std::fs::write(place.path().join("file"), [0xff, b'a']).unwrap();
    assert_eq!(code("absent"), "files.not-found");
    assert_eq!(code("."), "files.is-directory");
    assert_eq!(code("file/below"), "files.not-a-directory");
    assert_eq!(code("file"), "files.not-text");
}

#[test]
fn each_reason_of_the_system_has_its_code() {
    let code = |kind: io::ErrorKind| Error::reading(Path::new("a"), kind.into()).code().as_str();
    assert_eq!(code(io::ErrorKind::PermissionDenied), "files.unreadable");
    assert_eq!(code(io::ErrorKind::TimedOut), "files.read-failed");
    let code = |kind: io::ErrorKind| Error::writing(Path::new("a"), kind.into()).code().as_str();
    assert_eq!(code(io::ErrorKind::QuotaExceeded), "files.no-space");
    assert_eq!(code(io::ErrorKind::PermissionDenied), "files.write-failed");
}

#[test]
fn every_code_is_listed_once() {
    let mut codes = crate::CODES.to_vec();
    codes.sort();
    codes.dedup();
    assert_eq!(codes, crate::CODES);
}
