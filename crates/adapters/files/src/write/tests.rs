use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::PermissionsExt as _;

use sealwright_core::Diagnostic as _;
use tempfile::TempDir;

use super::*;

#[test]
fn replaces_the_whole_content_and_leaves_no_temporary() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("a");
    for write in [write_atomic, write_derived] {
        for content in [b"longer than the next".as_slice(), b"short", b""] {
            write(&path, content, PUBLIC_FILE).unwrap();
            assert_eq!(fs::read(&path).unwrap(), content);
        }
    }
    assert_eq!(names(&place), ["a"]);
}

#[test]
fn gives_the_mode_asked_for() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("key");
    fs::write(&path, "old").unwrap();
    write_atomic(&path, b"new", 0o600).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn replaces_a_symbolic_link_and_not_its_target() {
    let place = TempDir::new().unwrap();
    let (target, link) = (place.path().join("target"), place.path().join("link"));
    fs::write(&target, "kept").unwrap();
    std::os::unix::fs::symlink(&target, &link).unwrap();
    write_atomic(&link, b"new", PUBLIC_FILE).unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"kept");
    assert!(!fs::symlink_metadata(&link).unwrap().is_symlink());
}

#[test]
fn a_failed_write_leaves_the_old_content_and_nothing_else() {
    let place = TempDir::new().unwrap();
    // A directory in the way makes the rename, the last step that can fail, fail.
    let path = place.path().join("a");
    fs::create_dir(&path).unwrap();
    let error = write_atomic(&path, b"new", PUBLIC_FILE).unwrap_err();
    assert_eq!(error.code().as_str(), "files.write-failed");
    assert_eq!(names(&place), ["a"]);
    assert!(path.is_dir());
}

#[test]
fn a_full_disk_has_its_own_code() {
    let full = Path::new("/dev/full");
    let error = OpenOptions::new()
        .write(true)
        .open(full)
        .and_then(|mut file| file.write_all(b"x"))
        .map_err(|source| Error::writing(full, source))
        .unwrap_err();
    assert_eq!(error.code().as_str(), "files.no-space");
}

#[test]
fn a_new_file_is_never_written_over_another() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("a");
    write_new(&path, b"first", 0o600).unwrap();
    let error = write_new(&path, b"second", 0o600).unwrap_err();
    assert_eq!(error.code().as_str(), "files.exists");
    assert_eq!(fs::read(&path).unwrap(), b"first");
    assert_eq!(fs::metadata(&path).unwrap().nlink(), 1);
    assert_eq!(names(&place), ["a"]);
}

#[test]
fn of_many_writers_at_once_one_makes_the_file() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("a");
    let made = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..8u8)
            .map(|n| {
                let path = &path;
                scope.spawn(move || write_new(path, &[n; 1000], 0o600).is_ok())
            })
            .collect();
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .filter(|made| *made)
            .count()
    });
    assert_eq!(made, 1);
    assert_eq!(fs::read(&path).unwrap().len(), 1000);
}

#[test]
fn removing_what_is_gone_is_no_failure() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("a");
    fs::write(&path, "x").unwrap();
    remove(&path).unwrap();
    remove(&path).unwrap();
    assert!(remove(place.path()).is_err());
}

fn names(place: &TempDir) -> Vec<String> {
    fs::read_dir(place.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_check_leaves_nothing_and_finds_what_stands_in_the_way() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("a");
    check_writable(&path).unwrap();
    std::fs::write(&path, "old").unwrap();
    check_writable(&path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1);
    let code = |path: &Path| check_writable(path).unwrap_err().code().as_str();
    assert_eq!(code(place.path()), "files.is-directory");
    assert_eq!(code(&path.join("b")), "files.write-failed");
    assert_eq!(code(Path::new("/proc/a")), "files.write-failed");
    // Room is needed for the name of what is written first, too.
    assert_eq!(
        code(&place.path().join("n".repeat(250))),
        "files.write-failed"
    );
}
