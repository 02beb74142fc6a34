use super::*;
use crate::cataloger::testing::catalog;
use crate::package::PartyKind;

const METADATA: &str = "\
Metadata-Version: 2.1
Name: Zope.Interface_Extra
Version: 6.2
Home-page: https://example.org/zope
Author: Somebody
Author-email: Zope Foundation <zope@example.org>
License: ZPL 2.1
        second line
Classifier: License :: OSI Approved :: MIT License
Classifier: Programming Language :: Python
Requires-Dist: setuptools (>=40)
Requires-Dist: Typing_Extensions>=4; python_version < '3.11'
Requires-Dist: pytest ; extra == 'test'

Body: is no field
anything at all
";

#[test]
fn fills_the_model() {
    let files: [(&str, &[u8]); 4] = [
        (
            "venv/lib/site-packages/zope.dist-info/METADATA",
            METADATA.as_bytes(),
        ),
        (
            "venv/lib/site-packages/typing_extensions.dist-info/METADATA",
            b"Name: typing-extensions\nVersion: 4.9.0\nLicense-Expression: PSF-2.0\n",
        ),
        (
            "usr/lib/site-packages/setuptools-1.egg-info",
            b"Name: setuptools\nVersion: 1\nLicense: UNKNOWN\n",
        ),
        (
            "usr/lib/site-packages/pytest.egg-info/PKG-INFO",
            b"Name: pytest\r\nVersion: 8\r\n\r\n",
        ),
    ];
    let mut found = catalog::<PythonMetadata>(&files, None);
    found.packages.reverse();
    let purls: Vec<_> = found
        .packages
        .iter()
        .map(|package| package.purl.to_string())
        .collect();
    assert_eq!(
        purls,
        [
            "pkg:pypi/zope-interface-extra@6.2",
            "pkg:pypi/typing-extensions@4.9.0",
            "pkg:pypi/setuptools@1",
            "pkg:pypi/pytest@8"
        ]
    );
    // Other environments and extras make no edges.
    assert_eq!(
        found.edges(),
        [("Zope.Interface_Extra", "typing-extensions")]
    );
    let zope = &found.packages[0];
    assert_eq!(zope.license, Some(License::Expression("MIT".to_owned())));
    assert_eq!(
        zope.originator.as_ref().unwrap().kind,
        PartyKind::Organization
    );
    assert_eq!(
        found.packages[1].license,
        Some(License::Expression("PSF-2.0".to_owned()))
    );
    assert_eq!(found.packages[2].license, None);
}

#[test]
fn selects_metadata_only() {
    for (path, wanted) in [
        ("a.dist-info/METADATA", Some("")),
        ("x/a.dist-info/METADATA", Some("x")),
        ("x/EGG-INFO/PKG-INFO", Some("x")),
        ("x/a.egg-info", Some("x")),
        ("x/METADATA", None),
        ("x/PKG-INFO", None),
        ("x/a.dist-info/RECORD", None),
    ] {
        assert_eq!(metadata_directory(path), wanted, "{path}");
    }
}

#[test]
fn reports_what_is_no_metadata() {
    for text in ["Version: 1\n", "no field\n", "", "Name:\n"] {
        assert!(parse_metadata(text).is_err(), "{text}");
    }
    let long = format!("Name: x\nLicense: {}\n", "x".repeat(2 << 20));
    let found = catalog::<PythonMetadata>(&[("a.egg-info", long.as_bytes())], None);
    assert_eq!((found.packages.len(), found.problems.len()), (0, 1));
}

#[test]
fn a_long_body_is_not_read() {
    let long = format!("Name: x\nVersion: 1\n\n{}", "x".repeat(4 << 20));
    let found = catalog::<PythonMetadata>(&[("a.egg-info", long.as_bytes())], None);
    assert_eq!(found.packages.len(), 1);
}

#[test]
fn truncation_anywhere_never_panics() {
    for length in 0..METADATA.len() {
        let _ = parse_metadata(&METADATA[..length]);
    }
}
