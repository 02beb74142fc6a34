use super::signer::anchored;
use super::simple::VARIABLES;

#[test]
fn shows_patterns_anchored() {
    for (pattern, wanted) in [
        (
            "https://github.com/myorg/.*",
            Some("^https://github.com/myorg/.*$"),
        ),
        ("^https://github.com/", Some("^https://github.com/$")),
        ("a$", Some("^a$")),
        (r"a\$", Some(r"^a\$$")),
        ("^a$", None),
        (r"\Aa\z", None),
        ("a|b", Some("^(?:a|b)$")),
        ("^a|b$", Some("^(?:^a|b$)$")),
        ("^(a|b)$", None),
        ("^(a)|(b)$", Some("^(?:^(a)|(b)$)$")),
    ] {
        assert_eq!(anchored(pattern).as_deref(), wanted, "{pattern}");
    }
}

#[test]
fn variables_stand_in_order() {
    let names: Vec<&str> = VARIABLES.iter().map(|(name, ..)| *name).collect();
    assert!(names.is_sorted(), "{names:?}");
}
