//! Inventories that exercise everything a document can hold.

use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_core::file_tree::MemoryTree;

use crate::generate::Options;
use crate::generate::generate;
use crate::inventory::Inventory;
use crate::inventory::Subject;
use crate::inventory::SubjectKind;
use crate::package::Party;
use crate::package_url::PackageUrl;

pub(crate) fn options() -> Options {
    Options {
        layers: vec!["sha256:layer".to_owned()],
        ..Options::new(Timestamp::from_milliseconds(1_700_000_000_123))
    }
}

/// An image with packages of every kind, edges, licences of both sorts, people, and problems.
pub(crate) fn image() -> Inventory {
    let tree = MemoryTree::default()
        .with_file("app/Cargo.lock", "[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"lib\"]\n\n[[package]]\nname = \"lib\"\nversion = \"1.0.0\"\nsource = \"git+https://git.example/lib#00\"\n")
        .with_file("app/package-lock.json", r#"{"name":"site","packages":{"":{"dependencies":{"@s/a":"1"}},"node_modules/@s/a":{"version":"1.0.0","license":"(MIT OR custom)","resolved":"git+ssh://git@git.example/a.git#0011","integrity":"sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=","dependencies":{"b":"1"}},"node_modules/b":{"version":"1.0.0","license":"MIT","dev":true,"resolved":"https://r.example/b.tgz","dependencies":{"@s/a":"1"}}}}"#)
        .with_file("broken/Cargo.lock", "not toml")
        .with_file("etc/os-release", "ID=debian\nVERSION_ID=12\nNAME=\"Debian GNU/Linux\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n")
        .with_file("site-packages/x.egg-info", "Name: X_y\nVersion: 1\nLicense: Custom \"licence\"\nAuthor: A (B) <a@b.example>\nHome-page: not a url\n")
        .with_file("var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nVersion: 1:2~rc1+b\nArchitecture: amd64\nSource: src (1:2)\nMaintainer: Some Team <team@lists.example>\nHomepage: https://example.org/\nDepends: b\n\nPackage: b\nStatus: deinstall ok config-files\nVersion: 1\nArchitecture: all\nMaintainer: Zoë \"Q\" Example\nDepends: a\n");
    let mut subject = Subject::new(
        SubjectKind::Image,
        "registry.example/app:1",
        vec![Digest::sha256(b"image")],
    );
    subject.purl = Some(PackageUrl::new("oci", "app").unwrap());
    subject.supplier = Some(Party::organization("Example"));
    generate(&tree, subject, &options()).unwrap()
}

/// A file that holds nothing but itself.
pub(crate) fn plain_file() -> Inventory {
    let digests = vec![
        Digest::sha256(b"text"),
        Digest::of(sealwright_core::DigestAlgorithm::Sha512, b"text"),
    ];
    let tree = MemoryTree::default().with_file("notes.txt", "text");
    generate(
        &tree,
        Subject::new(SubjectKind::File, "notes.txt", digests),
        &options(),
    )
    .unwrap()
}

/// A directory, whose digest is one of a tree.
pub(crate) fn directory() -> Inventory {
    let digest = Digest::from_bytes(sealwright_core::DigestAlgorithm::TreeV1, &[7; 32]).unwrap();
    generate(
        &MemoryTree::default(),
        Subject::new(SubjectKind::Directory, "src", vec![digest]),
        &options(),
    )
    .unwrap()
}

/// The large lock files of the corpus, in one directory.
pub(crate) fn large() -> Option<Inventory> {
    let root = sealwright_testkit::corpus("bench-sbom")?;
    let tree = ["cargo/Cargo.lock", "npm/package-lock.json"]
        .iter()
        .fold(MemoryTree::default(), |tree, path| {
            tree.with_file(path, std::fs::read(root.join(path)).unwrap())
        });
    Some(
        generate(
            &tree,
            Subject::new(SubjectKind::Directory, "bench", Vec::new()),
            &options(),
        )
        .unwrap(),
    )
}

/// All of them.
pub(crate) fn all() -> Vec<Inventory> {
    [image(), plain_file(), directory()]
        .into_iter()
        .chain(large())
        .collect()
}
