use sealwright_core::Digest;
use sealwright_core::file_tree::MemoryTree;

use super::*;
use crate::inventory::SubjectKind;
use crate::package::Location;
use crate::package::PackageKind;

fn inventory(tree: &dyn FileTree) -> Inventory {
    let subject = Subject::new(SubjectKind::Image, "image", vec![Digest::sha256(b"image")]);
    generate(
        tree,
        subject,
        &Options::new(Timestamp::from_seconds(1_700_000_000)),
    )
    .unwrap()
}

#[test]
fn distribution_packages_know_a_system_found_after_them() {
    // Paths come in sorted order: usr/lib/os-release after var would be the other way round.
    let tree = MemoryTree::default()
        .with_file("lib/apk/db/installed", "P:musl\nV:1\n\n")
        .with_file("usr/lib/os-release", "ID=wolfi\nVERSION_ID=1\nNAME=Wolfi\n");
    let inventory = inventory(&tree);
    assert_eq!(
        inventory.packages[0].purl.to_string(),
        "pkg:apk/wolfi/musl@1?distro=wolfi-1"
    );
    assert_eq!(inventory.operating_system.unwrap().id, "wolfi");
}

#[test]
fn the_systems_own_file_counts_before_the_vendors() {
    let tree = MemoryTree::default()
        .with_file("etc/os-release", "ID=debian\n")
        .with_file("usr/lib/os-release", "ID=other\n");
    assert_eq!(inventory(&tree).operating_system.unwrap().id, "debian");
}

#[test]
fn one_package_per_package_url_with_every_place() {
    let lock = |extra: &str| {
        format!(
            "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"registry+https://r.example/i\"\n{extra}"
        )
    };
    let tree = MemoryTree::default()
        .with_file(
            "x/Cargo.lock",
            lock("dependencies = [\"b\"]\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\n"),
        )
        .with_file(
            "y/Cargo.lock",
            lock(
                "checksum = \"0000000000000000000000000000000000000000000000000000000000000000\"\n",
            ),
        );
    let inventory = inventory(&tree);
    let names: Vec<_> = inventory
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
    let a = &inventory.packages[0];
    let places: Vec<_> = a
        .locations
        .iter()
        .map(|Location { path, .. }| path.as_str())
        .collect();
    assert_eq!(places, ["x/Cargo.lock", "y/Cargo.lock"]);
    assert_eq!(
        (a.dependencies.as_slice(), a.checksums.len()),
        (&[1][..], 1)
    );
}

#[test]
fn packages_come_sorted_whatever_the_order_of_files() {
    let tree = MemoryTree::default()
        .with_file(
            "a/Cargo.lock",
            "[[package]]\nname = \"z\"\nversion = \"1.0.0\"\n",
        )
        .with_file("b.egg-info", "Name: A\nVersion: 1\n")
        .with_file("c.egg-info", "Name: b\nVersion: 1\n");
    let inventory = inventory(&tree);
    let found: Vec<_> = inventory
        .packages
        .iter()
        .map(|package| (package.name.as_str(), package.kind))
        .collect();
    assert_eq!(
        found,
        [
            ("A", PackageKind::Pypi),
            ("b", PackageKind::Pypi),
            ("z", PackageKind::Cargo)
        ]
    );
}

#[test]
fn malformed_package_data_is_said_and_passed_by() {
    let tree = MemoryTree::default()
        .with_file("Cargo.lock", "not toml")
        .with_file("x.egg-info", "Name: x\nVersion: 1\n");
    let inventory = inventory(&tree);
    assert_eq!(inventory.packages.len(), 1);
    assert_eq!(inventory.problems.len(), 1);
    assert_eq!(
        (
            inventory.problems[0].path.as_str(),
            inventory.problems[0].cataloger
        ),
        ("Cargo.lock", "cargo-lock")
    );
}

#[test]
fn a_plain_file_has_no_packages() {
    let inventory = inventory(&MemoryTree::default().with_file("README.md", "# Title"));
    assert!(
        inventory.packages.is_empty()
            && inventory.problems.is_empty()
            && inventory.operating_system.is_none()
    );
}

/// A tree whose only file cannot be read to its end.
struct Broken;

impl FileTree for Broken {
    fn scan(&self, visitor: &mut dyn Visitor) -> Result<(), ScanError> {
        struct Fails;
        impl Read for Fails {
            fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
        }
        let entry = Entry {
            path: "Cargo.lock",
            kind: EntryKind::File {
                size: 1,
                executable: false,
            },
            layer: 0,
        };
        assert!(visitor.wants(&entry));
        visitor.content(&entry, &mut Fails)
    }
}

#[test]
fn a_tree_that_cannot_be_read_has_no_inventory() {
    let subject = Subject::new(SubjectKind::File, "x", Vec::new());
    let error = generate(&Broken, subject, &Options::new(Timestamp::EPOCH)).unwrap_err();
    assert_eq!(
        sealwright_core::Diagnostic::code(&error).as_str(),
        "tree.unreadable"
    );
    assert!(error.to_string().contains("Cargo.lock"));
}
