use super::*;
use crate::cataloger::testing::Found;
use crate::cataloger::testing::catalog;
use crate::package::PartyKind;

const STATUS: &str = "\
Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.36-9+deb12u14
Depends: libgcc-s1,
 libcrypt1 (>= 1:4.4.10-10~)
Homepage: https://www.gnu.org/software/libc/libc.html
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Description: GNU C Library
 Contains the standard libraries.
 .
 More.

Package: libgcc-s1
Status: install ok installed
Architecture: amd64
Source: gcc-12 (12.2.0-14)
Version: 12.2.0-14+b1
Pre-Depends: gone | libc6:any (>= 2.35)
Maintainer: Matthias Example <doko@debian.example>

Package: libxcrypt
Status: install ok unpacked
Architecture: amd64
Version: 1:4.4.33-2
Provides: libcrypt1 (= 1:4.4.33-2)

Package: removed
Status: deinstall ok config-files
Architecture: all
Version: 1.0

Package: purged
Status: purge ok not-installed
Architecture: all
";

fn found() -> Found {
    let mut found = catalog::<Dpkg>(
        &[("var/lib/dpkg/status", STATUS.as_bytes())],
        Some("ID=debian\nVERSION_ID=12"),
    );
    found.packages.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

#[test]
fn lists_what_dpkg_query_lists() {
    let listed: Vec<_> = found()
        .packages
        .into_iter()
        .map(|package| (package.name, package.version.unwrap()))
        .collect();
    let wanted = [
        ("libc6", "2.36-9+deb12u14"),
        ("libgcc-s1", "12.2.0-14+b1"),
        ("libxcrypt", "1:4.4.33-2"),
        ("removed", "1.0"),
    ];
    assert_eq!(
        listed,
        wanted.map(|(name, version)| (name.to_owned(), version.to_owned()))
    );
}

#[test]
fn fills_the_model() {
    let found = found();
    let gcc = &found.packages[1];
    assert_eq!(
        gcc.purl.to_string(),
        "pkg:deb/debian/libgcc-s1@12.2.0-14%2Bb1?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2.0-14"
    );
    assert_eq!(gcc.originator.as_ref().unwrap().kind, PartyKind::Person);
    assert_eq!(gcc.supplier.as_ref().unwrap().name, "Debian");
    let libc = &found.packages[0];
    assert_eq!(
        libc.homepage.as_deref(),
        Some("https://www.gnu.org/software/libc/libc.html")
    );
    assert_eq!(libc.source.as_ref().unwrap().name, "glibc");
}

#[test]
fn states_other_than_installed_are_said() {
    let found = found();
    assert_eq!(found.packages[2].scope, Scope::Required);
    assert!(
        found.packages[2]
            .properties
            .contains(&("sealwright:dpkg:state".into(), "unpacked".into()))
    );
    assert_eq!(found.packages[3].scope, Scope::Excluded);
}

#[test]
fn resolves_relations_alternatives_and_provided_names() {
    assert_eq!(
        found().edges(),
        [
            ("libc6", "libgcc-s1"),
            ("libc6", "libxcrypt"),
            ("libgcc-s1", "libc6")
        ]
    );
}

#[test]
fn relations_prefer_their_own_architecture() {
    let status = "Package: a\nArchitecture: i386\nVersion: 1\nDepends: b\n\nPackage: b\nArchitecture: amd64\nVersion: 1\n\nPackage: b\nArchitecture: i386\nVersion: 2\n";
    let found = catalog::<Dpkg>(&[("var/lib/dpkg/status", status.as_bytes())], None);
    assert_eq!(found.packages[0].dependencies, [2]);
}

#[test]
fn reads_distroless_files() {
    let files: [(&str, &[u8]); 3] = [
        (
            "var/lib/dpkg/status.d/base",
            b"Package: base-files\nVersion: 12\nArchitecture: amd64\n",
        ),
        ("var/lib/dpkg/status.d/base.md5sums", b"not a stanza"),
        (
            "var/lib/dpkg/status.d/tzdata",
            b"Package: tzdata\nVersion: 2024a\nArchitecture: all\n",
        ),
    ];
    let found = catalog::<Dpkg>(&files, None);
    assert_eq!(found.packages.len(), 2);
    assert_eq!(
        found.packages[0].purl.to_string(),
        "pkg:deb/debian/base-files@12?arch=amd64"
    );
}

#[test]
fn refuses_what_is_no_database() {
    for text in [
        "no field",
        "Version: 1\n\n",
        " continues nothing\n",
        "Package:\n",
    ] {
        assert!(parse_status(text).is_err(), "{text}");
    }
    assert_eq!(parse_status("").unwrap(), []);
    assert_eq!(parse_status("\n\n\r\n").unwrap(), []);
}

#[test]
fn truncation_anywhere_never_panics() {
    for length in 0..STATUS.len() {
        let _ = parse_status(&STATUS[..length]);
        let _ = catalog::<Dpkg>(
            &[("var/lib/dpkg/status", &STATUS.as_bytes()[..length])],
            None,
        );
    }
}
