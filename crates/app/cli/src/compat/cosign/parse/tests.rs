use super::*;

fn line(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

fn parsed(text: &str) -> Parsed {
    match parse(&line(text), |_| None) {
        Ok(Request::Run(parsed)) => *parsed,
        other => panic!("{text}: {other:?}"),
    }
}

fn fault(text: &str) -> String {
    match parse(&line(text), |_| None) {
        Err(error) => error.to_string(),
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn flags_stand_anywhere_with_and_without_equals() {
    for text in [
        "verify --key k --insecure-ignore-tlog image",
        "verify --key=k image --insecure-ignore-tlog=true",
        "verify image --insecure-ignore-tlog=T --key k",
        "-t 5m verify image --insecure-ignore-tlog --key k",
        "--timeout=5m -d verify --key k -- image --insecure-ignore-tlog",
    ] {
        let found = parsed(text);
        assert_eq!(found.command.path, ["verify"], "{text}");
        assert_eq!(found.given("key"), Some("k"), "{text}");
        let first = found.arguments.first().map(String::as_str);
        assert_eq!(first, Some("image"), "{text}");
    }
    let after = parsed("verify --key k -- image --insecure-ignore-tlog");
    assert_eq!(after.arguments, ["image", "--insecure-ignore-tlog"]);
    assert!(!after.is_on("insecure-ignore-tlog"));
}

#[test]
fn a_switch_takes_no_word_after_it() {
    let found = parsed("verify --key k --insecure-ignore-tlog false");
    assert!(found.is_on("insecure-ignore-tlog"));
    assert_eq!(found.arguments, ["false"]);
    assert!(!parsed("verify --insecure-ignore-tlog=0 i").is_on("insecure-ignore-tlog"));
}

#[test]
fn slices_split_at_commas_and_lists_do_not() {
    let found = parsed("verify -a a=1,b=2 -a c=3 image");
    assert_eq!(found.list("annotations"), ["a=1", "b=2", "c=3"]);
    let found = parsed("trusted-root create --fulcio url=u,start-time=t --fulcio url=v");
    assert_eq!(found.list("fulcio"), ["url=u,start-time=t", "url=v"]);
    assert_eq!(value::slice(r#"a,"b,c",d""e"#), ["a", "b,c", "d\"\"e"]);
    assert!(value::slice("").is_empty());
}

#[test]
fn the_last_of_several_counts() {
    let found =
        parsed("verify --key a --key b --insecure-ignore-tlog --insecure-ignore-tlog=false i");
    assert_eq!(found.given("key"), Some("b"));
    assert!(!found.is_on("insecure-ignore-tlog"));
}

#[test]
fn older_names_are_known() {
    let found = parsed("verify --cert-identity a --cert-oidc-issuer b image");
    assert_eq!(found.given("certificate-identity"), Some("a"));
    assert_eq!(found.given("certificate-oidc-issuer"), Some("b"));
    let found = parsed("verify -certificate-identity a --o text image");
    assert_eq!(found.given("certificate-identity"), Some("a"));
    assert_eq!(found.text("output"), Some("text"));
    assert_eq!(found.warnings.len(), 2);
}

#[test]
fn faults_are_told_as_cosign_tells_them() {
    for (text, wanted) in [
        ("nope", "unknown command \"nope\" for \"cosign\""),
        (
            "attach nope",
            "unknown command \"nope\" for \"cosign attach\"",
        ),
        ("verify --nope i", "unknown flag: --nope"),
        ("verify -q i", "unknown shorthand flag: 'q' in -q"),
        ("verify --key", "flag needs an argument: --key"),
        ("verify -o", "flag needs an argument: 'o' in -o"),
        ("verify", "requires at least 1 arg(s), only received 0"),
        ("verify-blob a b", "accepts 1 arg(s), received 2"),
        ("verify --=x i", "bad flag syntax: --=x"),
        (
            "verify --max-workers=x i",
            "invalid argument \"x\" for \"--max-workers\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
        ),
        (
            "verify --offline=maybe i",
            "invalid argument \"maybe\" for \"--offline\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax",
        ),
        (
            "verify -t 3 i",
            "invalid argument \"3\" for \"-t, --timeout\" flag: time: missing unit in duration \"3\"",
        ),
    ] {
        assert_eq!(fault(text), wanted);
    }
    assert!(
        fault("verify-blob --ca-roots a --certificate-chain b f").contains("none of the others")
    );
    assert!(fault("verify --sct file image").starts_with("--sct: "));
    assert!(fault("dockerfile verify Dockerfile").starts_with("cosign dockerfile verify: "));
}

#[test]
fn a_refused_flag_with_its_default_is_no_reason_to_stop() {
    assert!(!parsed("verify --sk=false --key k image").is_on("sk"));
    assert_eq!(
        fault("verify --sk --key k image").split(':').next(),
        Some("--sk")
    );
}

#[test]
fn help_is_asked_for_in_several_ways() {
    for (text, path) in [
        ("", &[][..]),
        ("--help", &[]),
        ("-h", &[]),
        ("verify --help", &["verify"]),
        ("attach", &["attach"]),
        ("attach sbom -h", &["attach", "sbom"]),
    ] {
        match parse(&line(text), |_| None) {
            Ok(Request::Help(found)) => assert_eq!(found, path, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn variables_give_what_flags_do_not() {
    let variable = |name: &str| match name {
        "COSIGN_KEY" => Some("from-variable".to_owned()),
        "COSIGN_INSECURE_IGNORE_TLOG" => Some("true".to_owned()),
        _ => None,
    };
    let Ok(Request::Run(found)) = parse(&line("verify image"), variable) else {
        panic!("no command");
    };
    assert_eq!(found.given("key"), Some("from-variable"));
    assert!(found.is_on("insecure-ignore-tlog"));
    let Ok(Request::Run(found)) = parse(&line("verify --key k image"), variable) else {
        panic!("no command");
    };
    assert_eq!(found.given("key"), Some("k"));
    assert!(
        parse(&line("verify image"), |name| {
            (name == "COSIGN_CHECK_CLAIMS").then(|| "perhaps".to_owned())
        })
        .is_err()
    );
}

#[test]
fn what_nobody_read_is_told() {
    let found = parsed("verify --key k --insecure-ignore-tlog -a a=b --max-workers 3 image");
    found.given("key");
    found.is_on("insecure-ignore-tlog");
    assert_eq!(found.unread(), Some("annotations"));
    found.list("annotations");
    assert_eq!(found.unread(), None);
}

#[test]
fn durations_are_read_as_go_reads_them() {
    for (text, seconds) in [
        ("1m30s", 90.0),
        ("1.5h", 5400.0),
        ("100ms", 0.1),
        ("0", 0.0),
    ] {
        let found = value::duration(text).map(|found| found.as_secs_f64());
        assert_eq!(found, Ok(seconds), "{text}");
    }
    for text in ["", "3", "m", "3x", "-3s", "1..5s", "1e9h"] {
        assert!(value::duration(text).is_err(), "{text}");
    }
}
