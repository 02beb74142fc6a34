use super::*;
use crate::cataloger::testing::catalog;

const INSTALLED: &str = "\
C:Q1pKc9FOMTMO1YzPIfAe1cYDqPPds=
P:musl
V:1.2.5-r0
A:aarch64
S:383304
L:MIT
o:musl
m:Natanael Copa <ncopa@alpine.example>
U:https://musl.libc.org/
p:so:libc.musl-aarch64.so.1=1
F:lib
R:ld-musl-aarch64.so.1

P:busybox-binsh
V:1.36.1-r29
A:aarch64
L:GPL-2.0-only AND bzip2-1.0.6
o:busybox
D:busybox=1.36.1-r29 so:libc.musl-aarch64.so.1 !uutils
p:/bin/sh cmd:sh=1.36.1-r29

P:busybox
V:1.36.1-r29
D:absent
";

#[test]
fn fills_the_model() {
    let files = [("lib/apk/db/installed", INSTALLED.as_bytes())];
    let found = catalog::<Apk>(
        &files,
        Some("ID=alpine\nVERSION_ID=3.20.3\nNAME=\"Alpine Linux\""),
    );
    let purls: Vec<_> = found
        .packages
        .iter()
        .map(|package| package.purl.to_string())
        .collect();
    assert_eq!(
        purls,
        [
            "pkg:apk/alpine/musl@1.2.5-r0?arch=aarch64&distro=alpine-3.20.3",
            "pkg:apk/alpine/busybox-binsh@1.36.1-r29?arch=aarch64&distro=alpine-3.20.3&upstream=busybox",
            "pkg:apk/alpine/busybox@1.36.1-r29?distro=alpine-3.20.3",
        ]
    );
    assert_eq!(
        found.packages[1].license,
        Some(License::Expression(
            "GPL-2.0-only AND bzip2-1.0.6".to_owned()
        ))
    );
    assert_eq!(
        found.packages[0].supplier.as_ref().unwrap().name,
        "Alpine Linux"
    );
    assert_eq!(
        found.edges(),
        [("busybox-binsh", "busybox"), ("busybox-binsh", "musl")]
    );
}

#[test]
fn refuses_what_is_no_database() {
    for text in ["no field\n", "long:field\n", "V:1\n\n"] {
        assert!(parse_installed(text).is_err(), "{text}");
    }
    assert_eq!(parse_installed("\n\n").unwrap(), []);
}

#[test]
fn truncation_anywhere_never_panics() {
    for length in 0..INSTALLED.len() {
        let _ = catalog::<Apk>(
            &[("lib/apk/db/installed", &INSTALLED.as_bytes()[..length])],
            None,
        );
    }
}
