use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::fs::symlink;

use proptest::prelude::*;
use sealwright_core::Diagnostic as _;
use tempfile::TempDir;

use super::*;

#[test]
fn the_documented_example_has_the_documented_digest() {
    let page = include_str!("../../../../../docs/reference/tree-digest.md");
    let place = example();
    let digest = tree_digest(place.path()).unwrap();
    assert!(page.contains(&digest.to_hex()), "{digest}");
    // Every node's bytes stand in the page as `printf` text with its digest: they must agree.
    let mut nodes = 0;
    for line in page.lines().filter(|line| line.starts_with("| `7365616c")) {
        let mut cells = line.split('`').skip(1).step_by(2);
        let (bytes, wanted) = (cells.next().unwrap(), cells.next().unwrap());
        assert_eq!(Digest::sha256(&unhex(bytes)).to_hex(), wanted);
        nodes += 1;
    }
    assert_eq!(nodes, 5);
}

#[test]
fn every_documented_property_changes_the_digest_and_nothing_else_does() {
    let original = tree_digest(example().path()).unwrap();
    let changed = |change: &dyn Fn(&Path)| {
        let place = example();
        change(place.path());
        tree_digest(place.path()).unwrap() != original
    };
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    assert!(changed(&|root| fs::write(
        root.join("bin/run"),
        "#!/bin/sh!"
    )
    .unwrap()));
    assert!(changed(&|root| mode(&root.join("bin/run"), 0o644)));
    assert!(changed(&|root| fs::rename(
        root.join("empty"),
        root.join("emptz")
    )
    .unwrap()));
    assert!(changed(&|root| fs::remove_dir(root.join("empty")).unwrap()));
    assert!(changed(
        &|root| fs::write(root.join("empty/.hidden"), "").unwrap()
    ));
    assert!(changed(&|root| {
        fs::remove_file(root.join("link")).unwrap();
        symlink("bin/run2", root.join("link")).unwrap();
    }));
    assert!(changed(&|root| {
        fs::remove_file(root.join("link")).unwrap();
        fs::write(root.join("link"), "bin/run").unwrap();
    }));
    assert!(!changed(&|_| ()));
    assert!(!changed(&|root| mode(&root.join("bin/run"), 0o700)));
    assert!(!changed(&|root| mode(&root.join("bin"), 0o711)));
    assert!(!changed(&|root| {
        let file = fs::File::open(root.join("bin/run")).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();
    }));
}

#[test]
fn moving_a_byte_between_name_and_content_changes_the_digest() {
    let digest = |name: &str, content: &str| {
        let place = TempDir::new().unwrap();
        fs::write(place.path().join(name), content).unwrap();
        tree_digest(place.path()).unwrap()
    };
    assert_ne!(digest("ab", "c"), digest("a", "bc"));
}

#[test]
fn refuses_pipes_and_sockets() {
    let place = example();
    let path = place.path().join("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
    let error = tree_digest(place.path()).unwrap_err();
    assert_eq!(error.code().as_str(), "files.special-file");
}

#[test]
fn keeps_its_limits() {
    let place = example();
    let code = |entries, levels| {
        let tree = DirectoryTree::new(place.path()).with_limits(TreeLimits { entries, levels });
        assert_eq!(
            tree.digest().is_ok(),
            tree.scan(&mut Listing::default()).is_ok()
        );
        tree.digest().map_err(|error| error.code().as_str())
    };
    assert_eq!(code(3, 9), Err("files.too-large"));
    assert_eq!(code(9, 0), Err("files.too-large"));
    assert!(code(4, 1).is_ok());
}

#[test]
fn a_tree_must_be_a_directory_that_exists() {
    let place = example();
    let code = |path: &str| {
        tree_digest(&place.path().join(path))
            .unwrap_err()
            .code()
            .as_str()
    };
    assert_eq!(code("absent"), "files.not-found");
    assert_eq!(code("bin/run"), "files.not-a-directory");
}

#[test]
fn shows_every_entry_in_order_and_the_content_asked_for() {
    let place = example();
    let mut listing = Listing::default();
    DirectoryTree::new(place.path()).scan(&mut listing).unwrap();
    assert_eq!(
        listing.seen,
        [
            "bin Directory",
            "bin/run File { size: 10, executable: true }",
            "empty Directory",
            "link Symlink { target: \"bin/run\" }",
        ]
    );
    assert_eq!(listing.content, ["#!/bin/sh\n"]);
}

#[test]
fn a_link_out_of_the_tree_is_not_followed() {
    let place = TempDir::new().unwrap();
    symlink("/etc", place.path().join("out")).unwrap();
    let mut listing = Listing::default();
    DirectoryTree::new(place.path()).scan(&mut listing).unwrap();
    assert_eq!(listing.seen, ["out Symlink { target: \"/etc\" }"]);
}

#[test]
fn a_visitors_error_comes_back_unchanged() {
    struct Refusing;
    impl Visitor for Refusing {
        fn wants(&mut self, _: &Entry<'_>) -> bool {
            true
        }
        fn content(&mut self, _: &Entry<'_>, _: &mut dyn Read) -> Result<(), ScanError> {
            Err(ScanError::Visitor("enough".into()))
        }
    }
    let error = DirectoryTree::new(example().path())
        .scan(&mut Refusing)
        .unwrap_err();
    assert_eq!(error.to_string(), "enough");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn the_order_files_were_made_in_does_not_matter(
        mut files in proptest::collection::btree_map("[a-z.-]{1,4}x", ".{0,9}", 1..12)
            .prop_map(|files| files.into_iter().collect::<Vec<_>>())
    ) {
        let digest = |files: &[(String, String)]| {
            let place = TempDir::new().unwrap();
            for (name, content) in files {
                fs::write(place.path().join(name), content).unwrap();
            }
            tree_digest(place.path()).unwrap()
        };
        let forwards = digest(&files);
        files.reverse();
        prop_assert_eq!(digest(&files), forwards);
    }
}

/// The tree of docs/reference/tree-digest.md.
fn example() -> TempDir {
    let place = TempDir::new().unwrap();
    let root = place.path();
    fs::create_dir(root.join("bin")).unwrap();
    fs::create_dir(root.join("empty")).unwrap();
    fs::write(root.join("bin/run"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(root.join("bin/run"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("bin/run", root.join("link")).unwrap();
    place
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

#[derive(Default)]
struct Listing {
    seen: Vec<String>,
    content: Vec<String>,
}

impl Visitor for Listing {
    fn wants(&mut self, entry: &Entry<'_>) -> bool {
        self.seen.push(format!("{} {:?}", entry.path, entry.kind));
        true
    }

    fn content(&mut self, _: &Entry<'_>, content: &mut dyn Read) -> Result<(), ScanError> {
        let mut text = String::new();
        content.read_to_string(&mut text).unwrap();
        self.content.push(text);
        Ok(())
    }
}
