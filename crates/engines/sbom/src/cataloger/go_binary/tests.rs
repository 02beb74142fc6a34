use super::*;
use crate::cataloger::testing::Found;
use crate::cataloger::testing::catalog;
use crate::cataloger::testing::catalog_executable;

const MODULES: &str = "path\texample.org/app/cmd\nmod\texample.org/app\t(devel)\t\n\
dep\tgithub.com/Some/Lib\tv1.2.3\th1:abc=\n\
dep\tgopkg.in/yaml.v3\tv3.0.1\th1:def=\n=>\tgithub.com/fork/yaml\tv3.0.2\th1:ghi=\n\
dep\texample.org/local\tv0.0.0\n=>\t../local\t\t\n\
build\t-compiler=gc\nbuild\tvcs.revision=0011\n";

/// An executable with build information at an offset.
fn executable(magic: &[u8], at: usize, flags: u8, version: &str, modules: &str) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    bytes.resize(at, 0x90);
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[8, flags]);
    bytes.resize(at + HEADER, 0);
    let framed = [
        &b"0123456789abcdef"[..],
        modules.as_bytes(),
        b"fedcba9876543210",
    ]
    .concat();
    for text in [version.as_bytes(), &framed] {
        let mut length = text.len();
        while length >= 0x80 {
            bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        bytes.push(u8::try_from(length).unwrap());
        bytes.extend_from_slice(text);
    }
    bytes.resize(bytes.len() + 8192, 0);
    bytes
}

fn found(bytes: &[u8]) -> Found {
    catalog_executable::<GoBinary>("usr/bin/app", bytes)
}

const ELF: &[u8] = b"\x7fELF";

#[test]
fn lists_modules_and_the_standard_library() {
    let found = found(&executable(
        ELF,
        4096,
        2,
        "go1.22.1 X:boringcrypto",
        MODULES,
    ));
    let purls: Vec<_> = found
        .packages
        .iter()
        .map(|package| package.purl.to_string())
        .collect();
    assert_eq!(
        purls,
        [
            "pkg:golang/example.org/app",
            "pkg:golang/stdlib@1.22.1",
            "pkg:golang/github.com/Some/Lib@v1.2.3",
            "pkg:golang/github.com/fork/yaml@v3.0.2",
            "pkg:golang/example.org/local@v0.0.0",
        ]
    );
    assert_eq!(found.packages[0].dependencies, [1, 2, 3, 4]);
    let property = |index: usize, name: &str, value: &str| {
        assert!(
            found.packages[index]
                .properties
                .contains(&(name.to_owned(), value.to_owned())),
            "{name}"
        );
    };
    property(0, "sealwright:go:vcs.revision", "0011");
    property(2, "sealwright:go:sum", "h1:abc=");
    property(3, "sealwright:go:replaces", "gopkg.in/yaml.v3");
    property(4, "sealwright:go:replaced-by", "../local");
}

#[test]
fn a_downloaded_executable_needs_no_mode() {
    let bytes = executable(ELF, 4096, 2, "go1.22.1", MODULES);
    for (path, packages) in [("app", 5), ("dir/app.exe", 5), ("dir/app", 0)] {
        let found = catalog::<GoBinary>(&[(path, &bytes)], None);
        assert_eq!(found.packages.len(), packages, "{path}");
    }
}

#[test]
fn finds_the_mark_wherever_it_stands() {
    // Around the ends of the buffers that the file is searched in.
    for at in [
        16,
        BUFFER - 32,
        BUFFER - 16,
        BUFFER,
        BUFFER + 16,
        3 * BUFFER - 16,
        5 * BUFFER / 2,
    ] {
        let found = found(&executable(ELF, at, 2, "go1.22.1", MODULES));
        assert_eq!(found.packages.len(), 5, "{at}");
    }
    for magic in [&b"MZ\x90\0"[..], b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe"] {
        assert_eq!(
            found(&executable(magic, 4096, 2, "go1.22.1", MODULES))
                .packages
                .len(),
            5
        );
    }
}

#[test]
fn passes_by_marks_that_are_none() {
    // Not aligned; then one without a version; then the real one.
    let mut bytes = executable(ELF, 4096 + 8, 2, "go1.1", "");
    bytes.resize(bytes.len().next_multiple_of(16), 0);
    let end = bytes.len();
    let second = executable(&[], 0, 2, "no version", "");
    bytes.extend_from_slice(&second);
    bytes.resize(bytes.len().next_multiple_of(16), 0);
    bytes.extend_from_slice(&executable(&[], 0, 2, "go1.22.1", MODULES));
    assert!(bytes.len() > end);
    let found = found(&bytes);
    assert_eq!((found.packages.len(), found.problems.len()), (5, 0));
}

#[test]
fn other_files_are_no_problem() {
    for bytes in [&b"#!/bin/sh\n"[..], b"", b"\x7f", &[0; 9000]] {
        let found = found(bytes);
        assert!(found.packages.is_empty() && found.problems.is_empty());
    }
    let plain = [ELF, &[0; 9000]].concat();
    assert!(found(&plain).packages.is_empty());
}

#[test]
fn reports_old_and_broken_build_information() {
    for (flags, version, modules) in [
        (0, "go1.17", MODULES),
        (2, "go1.22", "nonsense\n"),
        (2, "go1.22", "=>\ta\tv1\n"),
        (2, "go1.22", "dep\t\t\n"),
    ] {
        let found = found(&executable(ELF, 4096, flags, version, modules));
        assert_eq!(
            (found.packages.len(), found.problems.len()),
            (0, 1),
            "{version} {modules}"
        );
    }
}

#[test]
fn truncation_anywhere_never_panics() {
    let bytes = executable(ELF, 64, 2, "go1.22.1", MODULES);
    for length in 0..1000 {
        let _ = find(&mut &bytes[..length]);
    }
    for length in 0..MODULES.len() {
        let _ = BuildInfo::parse("go1.22.1", &MODULES[..length]);
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_passed_by(noise in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
        let bytes = [ELF, &[0; 12], MAGIC, &noise].concat();
        let _ = find(&mut bytes.as_slice());
    }
}
