use std::os::unix::fs::PermissionsExt as _;

use sealwright_core::Diagnostic as _;
use tempfile::TempDir;

use super::*;

#[test]
fn the_first_variable_that_counts_wins() {
    let check = |own: &str, xdg: &str, home: &str, wanted: Option<&str>| {
        let set = |value| Some(OsStr::new(value));
        let found = DataDirectory::locate(Locations {
            sealwright_home: set(own),
            xdg_data_home: set(xdg),
            home: set(home),
        });
        let found = found.ok().map(|directory| directory.path);
        assert_eq!(found.as_deref(), wanted.map(Path::new));
    };
    check("/own", "/xdg", "/home/u", Some("/own"));
    check("relative", "/xdg", "/home/u", Some("relative"));
    check("", "/xdg", "/home/u", Some("/xdg/sealwright"));
    check(
        "",
        "xdg",
        "/home/u",
        Some("/home/u/.local/share/sealwright"),
    );
    check("", "", "/home/u", Some("/home/u/.local/share/sealwright"));
    check("", "", "home", None);
    check("", "", "", None);
    let unset = DataDirectory::locate(Locations::default()).unwrap_err();
    assert_eq!(unset.code().as_str(), "files.no-data-directory");
}

#[test]
fn is_made_for_its_owner_alone() {
    let place = TempDir::new().unwrap();
    let directory = DataDirectory::at(place.path().join("a/b/c"));
    assert!(!directory.exists().unwrap());
    assert!(directory.is_vacant().unwrap());
    directory.create().unwrap();
    directory.create().unwrap();
    assert!(directory.exists().unwrap());
    for made in ["a", "a/b", "a/b/c"] {
        let mode = fs::metadata(place.path().join(made))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o700, "{made}");
    }
    drop(directory.lock(Duration::ZERO).unwrap());
    assert!(!directory.is_vacant().unwrap());
}

#[test]
fn refuses_a_directory_others_may_write_to() {
    let place = TempDir::new().unwrap();
    let directory = DataDirectory::at(place.path());
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o770)).unwrap();
    let code = |error: Error| error.code().as_str();
    assert_eq!(code(directory.exists().unwrap_err()), "files.not-private");
    assert_eq!(code(directory.create().unwrap_err()), "files.not-private");
}

#[test]
fn refuses_a_file_in_its_place() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("a");
    fs::write(&path, "").unwrap();
    let code = |error: Error| error.code().as_str();
    let directory = DataDirectory::at(&path);
    assert_eq!(
        code(directory.exists().unwrap_err()),
        "files.not-a-directory"
    );
    assert_eq!(
        code(directory.create().unwrap_err()),
        "files.not-a-directory"
    );
    assert_eq!(
        code(directory.is_vacant().unwrap_err()),
        "files.not-a-directory"
    );
}
