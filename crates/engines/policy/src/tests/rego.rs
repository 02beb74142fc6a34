use sealwright_core::Diagnostic as _;

use super::*;

#[track_caller]
fn evaluate(policy: &str) -> Outcome {
    let policy = Policy::parse(PolicyLanguage::Rego, "p.rego", policy.as_bytes()).unwrap();
    policy.evaluate(&statement())
}

#[track_caller]
fn undecided(policy: &str, code: &str) {
    let error = match Policy::parse(PolicyLanguage::Rego, "p.rego", policy.as_bytes()) {
        Err(error) => error,
        Ok(policy) => match policy.evaluate(&statement()) {
            Outcome::Undecided(error) => error,
            outcome => panic!("{policy:?}: {outcome:?}"),
        },
    };
    assert_eq!(error.code().as_str(), code, "{policy}: {error}");
}

#[test]
fn asks_for_allow_in_package_signature() {
    let policy = |allow: &str| {
        format!("package signature\n\ndefault allow = false\n\nallow {{\n  {allow}\n}}\n")
    };
    assert!(
        evaluate(&policy(
            "input.predicate.scanner.uri == \"scanner.example.com\""
        ))
        .is_satisfied()
    );
    assert!(evaluate(&policy("input.predicate.tags[_] == \"b\"")).is_satisfied());
    assert!(
        evaluate(&policy(
            "re_match(`^1\\.\\d`, input.predicate.scanner.version)"
        ))
        .is_satisfied()
    );
    assert!(evaluate(&policy("not input.predicate.missing")).is_satisfied());
    assert!(
        evaluate(&policy(
            "time.parse_rfc3339_ns(input.predicate.metadata.scanStartedOn) < 1700000000000000000"
        ))
        .is_satisfied()
    );
    for no in [
        "input.predicate.score > 8",
        "regex.match(\"^2\", input.predicate.scanner.version)",
    ] {
        let Outcome::Violated { reasons } = evaluate(&policy(no)) else {
            panic!("{no}");
        };
        assert_eq!(
            reasons[0].message,
            "data.signature.allow is false, wanted true"
        );
    }
}

#[test]
fn anything_but_true_is_a_violation() {
    for policy in [
        "package signature\nallow = \"true\"",
        "package signature\nallow = 1",
        "package signature\nallow[x] { x = true }",
        "package other\nallow = true",
        "package signature\nallowed = true",
        "package signature\nallow { false }",
    ] {
        let outcome = evaluate(policy);
        assert!(
            matches!(outcome, Outcome::Violated { .. }),
            "{policy}: {outcome:?}"
        );
    }
}

#[test]
fn what_cannot_be_evaluated_is_undecided_and_not_false() {
    undecided("package signature\nallow {", "policy.malformed");
    undecided("allow = true", "policy.malformed");
    for body in [
        "not http.send({\"method\": \"get\", \"url\": \"http://127.0.0.1/\"})",
        "not time.now_ns() > 0",
        "not re_match(\"(?i)a\", \"a\")",
        "not re_match(\"(\", \"a\")",
        "not to_number(\"x\")",
        "not no.such(1)",
        "not opa.runtime()",
    ] {
        undecided(
            &format!("package signature\nallow {{ {body} }}"),
            "policy.undecidable",
        );
    }
}

#[test]
fn a_policy_that_does_not_end_stops_at_a_limit() {
    let list: Vec<String> = (0..200).map(|i| i.to_string()).collect();
    let list = list.join(",");
    undecided(
        &format!(
            "package signature\nl = [{list}]\nallow {{ l[a]; l[b]; l[c]; l[d]; a + b + c + d == 1000000 }}"
        ),
        "policy.limit",
    );
}

#[test]
fn messages_say_where() {
    let error = Policy::parse(
        PolicyLanguage::Rego,
        "p.rego",
        b"package signature\n\nallow = = 1\n",
    )
    .unwrap_err();
    assert!(error.to_string().starts_with("p.rego:3:9: "), "{error}");
}
