use super::*;

#[track_caller]
fn evaluate(policy: &str) -> Outcome {
    let policy = Policy::parse(PolicyLanguage::Cue, "p.cue", policy.as_bytes()).unwrap();
    policy.evaluate(&statement())
}

#[track_caller]
fn satisfied(policy: &str) {
    let outcome = evaluate(policy);
    assert!(outcome.is_satisfied(), "{policy}: {outcome:?}");
}

#[track_caller]
fn violated(policy: &str, reason: &str) {
    match evaluate(policy) {
        Outcome::Violated { reasons } => {
            let told: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            assert!(
                told.iter().any(|told| told.contains(reason)),
                "{policy}: {told:?}"
            );
        }
        outcome => panic!("{policy}: {outcome:?}"),
    }
}

/// Neither read nor evaluated, with a place.
#[track_caller]
fn refused(policy: &str, code: &str, place: &str) {
    use sealwright_core::Diagnostic as _;

    let error = match Policy::parse(PolicyLanguage::Cue, "p.cue", policy.as_bytes()) {
        Err(error) => error,
        Ok(policy) => match policy.evaluate(&statement()) {
            Outcome::Undecided(error) => error,
            outcome => panic!("{outcome:?}"),
        },
    };
    assert_eq!(error.code().as_str(), code, "{policy}: {error}");
    assert!(error.to_string().contains(place), "{policy}: {error}");
}

#[test]
fn evaluates_the_policies_that_cosign_documents() {
    let policy = |uri: &str, before: &str| {
        format!(
            "import \"time\"\n\n// This is after our scan happened\n\
             before: time.Parse(time.RFC3339, \"{before}\")\n\
             after: time.Parse(time.RFC3339, \"2022-03-09T17:10:27Z\")\n\n\
             predicateType: \"https://cosign.sigstore.dev/attestation/vuln/v1\"\n\n\
             predicate: {{\n  scanner: {{\n    uri: \"{uri}\"\n  }}\n  metadata: {{\n\
             \x20   scanStartedOn: <before\n    scanStartedOn: >after\n\
             \x20   scanFinishedOn: <before\n    scanFinishedOn: >after\n  }}\n}}\n"
        )
    };
    satisfied(&policy("scanner.example.com", "2022-04-15T17:10:27Z"));
    violated(
        &policy("scanner.example.org", "2022-04-15T17:10:27Z"),
        "predicate.scanner.uri: ",
    );
    violated(
        &policy("scanner.example.com", "2022-04-01T17:10:27Z"),
        "scanStartedOn: found",
    );
    violated(
        "predicateType: \"https://example.com\"",
        "predicateType: found",
    );
    violated("predicate: \"foobar\"", "predicate: found a struct");
}

#[test]
fn evaluates_bounds_patterns_types_and_alternatives() {
    for (good, bad) in [
        ("version: =~\"^1\\\\.\"", "version: =~\"^2\""),
        ("version: !~\"^2\"", "version: !~\"^1\""),
        ("version: !=\"2\"", "version: !=\"1.2.3\""),
        ("version: #\"1.2.3\"#", "version: #\"1.2.4\"#"),
        ("version: string", "version: int"),
        ("version: \"1.2.3\" | \"1.2.4\"", "version: \"2\" | \"3\""),
        ("findings: 0", "findings: 1"),
        ("findings: <=3 & >=0", "findings: >0"),
        ("findings: int", "findings: float"),
        ("findings: uint8", "findings: >=1 & uint8"),
        ("{version: string, ...}", "close({version: string})"),
        ("[string]: _", "[string]: string"),
        ("[=~\"^v\"]: \"1.2.3\"", "[=~\"^v\"]: \"1.2.4\""),
        ("version!: string", "missing!: string"),
        ("missing?: string", "version?: int"),
        (
            "{version: \"1.2.3\"} | {version: \"2\"}",
            "{version: \"3\"} | {version: \"2\"}",
        ),
    ] {
        satisfied(&format!("predicate: scanner: {good}"));
        violated(&format!("predicate: scanner: {bad}"), "predicate.scanner");
    }
    for (good, bad) in [
        ("tags: [\"a\", \"b\"]", "tags: [\"a\"]"),
        ("tags: [...string]", "tags: [...int]"),
        ("tags: [\"a\", ...]", "tags: [\"b\", ...]"),
        ("tags: [_, _]", "tags: [_, _, ...int] & [_, _, _, ...]"),
        ("score: >7.4", "score: >7.5"),
        ("score: number", "score: int"),
        ("approved: true", "approved: false"),
        ("nothing: null", "nothing: !=null"),
    ] {
        satisfied(&format!("predicate: {good}"));
        violated(&format!("predicate: {bad}"), "predicate.");
    }
}

#[test]
fn evaluates_references_definitions_and_packages() {
    satisfied("predicate: scanner: #S\n#S: {uri: string, version: string, findings: _}");
    violated(
        "predicate: scanner: #S\n#S: {uri: string, version: string}",
        "\"findings\" is not allowed",
    );
    satisfied("predicate: scanner: {#S, findings: 0}\n#S: {uri: string, version: string}");
    satisfied("predicate: scanner: version: wanted\nwanted: \"1.2.3\"");
    violated(
        "predicate: scanner: version: wanted\nwanted: \"1.2.4\"",
        "found \"1.2.3\"",
    );
    satisfied("let V = \"1.2.3\"\npredicate: scanner: version: V");
    satisfied("import \"strings\"\npredicate: scanner: version: strings.HasPrefix(\"1.\")");
    violated(
        "import \"strings\"\npredicate: scanner: version: strings.HasPrefix(\"2.\")",
        "strings.HasPrefix",
    );
    satisfied("import \"list\"\npredicate: tags: list.Contains(\"b\")");
    violated(
        "import \"list\"\npredicate: tags: list.Contains(\"c\")",
        "list.Contains",
    );
    satisfied(
        "import \"list\"\n_c: list.Contains(predicate.tags, \"b\")\n_c: true\npredicate: tags: _",
    );
    satisfied("import \"struct\"\npredicate: scanner: struct.MinFields(3)");
    violated(
        "import \"struct\"\npredicate: scanner: struct.MaxFields(2)",
        "struct.MaxFields",
    );
    satisfied("import \"time\"\npredicate: metadata: scanStartedOn: time.Time");
    violated(
        "import \"time\"\npredicate: scanner: version: time.Time",
        "time.Time",
    );
    violated("#D: 1 & 2", "#D: ");
    violated("q: >5 & <3", "q: ");
    violated("_h: string & int", "_h: ");
}

#[test]
fn a_field_that_the_statement_lacks_is_no_contradiction_unless_asked_for() {
    let policy = "before: \"x\"\npredicate: scanner: vendor: \"me\"";
    satisfied(policy);
    let strict = |policy: &str| {
        let policy = Policy::parse(PolicyLanguage::Cue, "p.cue", policy.as_bytes()).unwrap();
        policy.evaluate_with(&statement(), Presence::Require)
    };
    let Outcome::Violated { reasons } = strict(policy) else {
        panic!("{policy}");
    };
    assert_eq!(reasons.len(), 1);
    assert_eq!(reasons[0].path, "predicate.scanner.vendor");
    assert_eq!(
        reasons[0].position,
        Some(Position {
            line: 2,
            column: 29
        })
    );
    for good in [
        "before: \"x\"\npredicate: scanner: version: string",
        "predicate: scanner: vendor?: \"me\"",
        "predicate: {vendor: \"me\"} | {score: number}",
    ] {
        assert!(strict(good).is_satisfied(), "{good}");
    }
    assert!(!strict("predicate: {vendor: \"me\"} | {vendor: \"you\"}").is_satisfied());
}

#[test]
fn what_is_not_evaluated_says_where_it_stands() {
    for (policy, place) in [
        ("a: 1 + 2", "p.cue:1:6"),
        ("a: 1\nif true {b: 2}", "p.cue:2:1"),
        ("for k, v in predicate {}", "p.cue:1:1"),
        ("a: [for x in [1] {x}]", "p.cue:1:5"),
        ("a: \"\\(b)\"", "p.cue:1:4"),
        ("a: 'x'", "p.cue:1:4"),
        ("a: 1 @tag(x)", "p.cue:1:6"),
        ("(a): 1", "p.cue:1:2"),
        ("X=a: 1", "p.cue:1:1"),
        ("a: 0x1", "p.cue:1:4"),
        ("a: \"\"\"\n  x\n  \"\"\"", "p.cue:1:4"),
        ("import \"tool/exec\"\na: exec.Run", "p.cue:1:8"),
        ("a: !true", "p.cue:1:4"),
        ("a: or([1, 2])", "p.cue:1:4"),
        ("a: float64", "p.cue:1:4"),
        ("a: *1 | (*2 | 3)", "p.cue:1:10"),
        ("predicate: scanner: version: =~\"(?i)x\"", "p.cue:1:30"),
        ("import \"time\"\na: time.Format(\"2006\")", "p.cue:2:4"),
        ("predicate: {string, a: 1}", "p.cue:1:13"),
        ("a: {...int}", "p.cue:1:5"),
    ] {
        refused(policy, "policy.unsupported", place);
    }
    for (policy, place) in [
        ("a: ", "p.cue:1:4"),
        ("a: 1 |", "p.cue:1:7"),
        ("a: \"x", "p.cue:1:4"),
        ("a: b", "p.cue:1:4"),
        ("a: _|_", "p.cue:1:4"),
        ("a: 1; b: 2", "p.cue:1:5"),
        ("import \"list\"", "p.cue:1:8"),
        ("let X = 1\na: 1", "p.cue:1:1"),
        (
            "import \"time\"\na: time.Parse(time.RFC3339, \"x\")",
            "p.cue:2:4",
        ),
        ("a: {b: 1", "p.cue:1:9"),
        ("a: 1}", "p.cue:1:5"),
    ] {
        refused(policy, "policy.malformed", place);
    }
    for (policy, place) in [
        (
            "predicate: scanner: version: <predicate.scanner.missing",
            "p.cue:1:31",
        ),
        ("x: predicate.missing\npredicate: _", "p.cue:1:4"),
        ("#D: {next: #D}", "p.cue:1:12"),
    ] {
        refused(policy, "policy.undecidable", place);
    }
}

#[test]
fn deep_and_wide_policies_stop_at_a_limit() {
    let deep = format!("a: {}1{}", "{b: ".repeat(1000), "}".repeat(1000));
    refused(&deep, "policy.limit", "64 levels");
    let deep = format!("a: {}1{}", "(".repeat(1000), ")".repeat(1000));
    refused(&deep, "policy.limit", "64 levels");
    let labels = format!("{}1", "a: ".repeat(1000));
    refused(&labels, "policy.limit", "64 levels");
    let signs = format!("a: {}1", "<".repeat(1000));
    refused(&signs, "policy.limit", "64 levels");
    refused("a: <b\nb: >a", "policy.limit", "160 levels");
    // Two alternatives a line multiply.
    let wide: String = (0..40)
        .map(|i| format!("a: {{b{i}: 1}} | {{c{i}: 1}}\n"))
        .collect();
    refused(&wide, "policy.limit", "1000000 steps");
    // Each definition doubles the one before.
    let doubled: String = (1..40)
        .map(|i| format!("#D{i}: #D{} & #D{}\n", i - 1, i - 1))
        .collect();
    refused(
        &format!("#D0: {{a: 1}}\n{doubled}"),
        "policy.limit",
        "1000000 steps",
    );
}

#[test]
fn every_truncation_is_read_or_refused() {
    let policy = "import \"time\"\n#A: {x?: *1 | int, [=~\"a\"]: _, ...}\nlet L = [1, ...string]\n\
                  predicate: #A & {y!: L, z: <=time.RFC3339 & !=\"q\"}\n";
    for end in 0..policy.len() {
        let cut = &policy.as_bytes()[..end];
        if let Ok(policy) = Policy::parse(PolicyLanguage::Cue, "p.cue", cut) {
            let _ = policy.evaluate(&statement());
        }
    }
}
