use super::*;

#[test]
fn predicate_types_have_short_names_or_are_uris() {
    for (name, wanted) in [
        ("slsaprovenance1", Some("https://slsa.dev/provenance/v1")),
        ("slsaprovenance", Some("https://slsa.dev/provenance/v0.2")),
        ("spdxjson", Some("https://spdx.dev/Document")),
        (
            "https://example.com/review/v1",
            Some("https://example.com/review/v1"),
        ),
        ("urn:example:review", Some("urn:example:review")),
        ("slsaprovenance2", None),
        ("", None),
    ] {
        assert_eq!(predicate_type(name), wanted, "{name}");
    }
}
