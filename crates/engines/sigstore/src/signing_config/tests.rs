use sealwright_core::Diagnostic as _;
use serde_json::Value;
use serde_json::json;

use super::*;

fn now() -> Timestamp {
    Timestamp::from_seconds(1_000)
}

fn service(url: &str, version: u32, start: i64, operator: &str) -> SigningService {
    SigningService::new(url, version, Timestamp::from_seconds(start), operator)
}

fn logs(services: Vec<SigningService>, selection: Selection) -> Result<Vec<String>, String> {
    const BOTH: [LogVersion; 2] = [LogVersion::V1, LogVersion::V2];
    let config = SigningConfig {
        logs: services,
        log_selection: selection,
        ..SigningConfig::default()
    };
    let selected = config.logs(now(), &BOTH);
    selected
        .map(|logs| logs.iter().map(|(log, _)| log.url.clone()).collect())
        .map_err(|error| error.code().to_string())
}

fn exact(count: u32) -> Selection {
    Selection::Exact(NonZeroU32::new(count).unwrap())
}

#[test]
fn takes_the_newest_version_and_the_newest_service_of_each_operator() {
    let all = || {
        vec![
            service("a1", 1, 900, "a"),
            service("a2-old", 2, 100, "a"),
            service("a2-new", 2, 200, "a"),
            service("b1", 1, 100, "b"),
            service("c3", 3, 100, "c"),
            service("d2-later", 2, 2_000, "d"),
        ]
    };
    assert_eq!(logs(all(), Selection::Any).unwrap(), ["a2-new"]);
    assert_eq!(logs(all(), Selection::All).unwrap(), ["a2-new", "b1"]);
    assert_eq!(logs(all(), exact(1)).unwrap(), ["a2-new"]);
    assert_eq!(logs(all(), exact(2)).unwrap(), ["a2-new", "b1"]);
    let too_many = logs(all(), exact(3)).unwrap_err();
    assert_eq!(too_many, "signing-config.no-service");
}

#[test]
fn both_ends_of_the_validity_belong_to_it() {
    let ending = |end| SigningService {
        valid_for: Validity {
            start: None,
            end: Some(Timestamp::from_seconds(end)),
        },
        ..service("log", 1, 0, "a")
    };
    assert_eq!(logs(vec![ending(1_000)], Selection::Any).unwrap(), ["log"]);
    for services in [
        vec![ending(999)],
        vec![service("log", 1, 1_001, "a")],
        vec![service("log", 3, 0, "a")],
    ] {
        for selection in [Selection::Any, Selection::All] {
            let none = logs(services.clone(), selection).unwrap_err();
            assert_eq!(none, "signing-config.no-service");
        }
    }
}

#[test]
fn no_services_at_all_is_no_mistake() {
    for selection in [Selection::Any, Selection::Undefined, exact(2)] {
        assert!(logs(Vec::new(), selection).unwrap().is_empty());
    }
    let config = SigningConfig::default();
    assert!(config.certificate_authority(now()).unwrap().is_none());
    assert!(config.token_issuer(now()).unwrap().is_none());
}

#[test]
fn a_generation_can_be_left_out() {
    let config = SigningConfig {
        logs: vec![service("one", 1, 0, "a"), service("two", 2, 0, "a")],
        ..SigningConfig::default()
    };
    let selected = config.logs(now(), &[LogVersion::V1]).unwrap();
    assert_eq!(selected, [(&config.logs[0], LogVersion::V1)]);
}

fn good() -> Value {
    let one = |url| {
        json!([{"url": url, "majorApiVersion": 1, "validFor": {"start": "2024-01-01T00:00:00Z"},
            "operator": "test"}])
    };
    json!({
        "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
        "caUrls": one("https://ca"),
        "oidcUrls": one("https://oidc"),
        "rekorTlogUrls": one("https://log"),
        "rekorTlogConfig": {"selector": "EXACT", "count": 1},
        "tsaUrls": one("https://tsa"),
        "tsaConfig": {"selector": "ALL"},
    })
}

fn parse(value: &Value) -> Result<SigningConfig, String> {
    SigningConfig::parse(value.to_string().as_bytes()).map_err(|error| error.code().to_string())
}

#[test]
fn reads_every_field() {
    let config = parse(&good()).unwrap();
    assert_eq!(config.log_selection, exact(1));
    assert_eq!(config.timestamp_selection, Selection::All);
    assert_eq!(config.logs[0].operator, "test");
    assert_eq!(
        parse(&serde_json::from_slice(&config.to_json()).unwrap()).unwrap(),
        config
    );
    for (text, wanted) in [(json!(2), Selection::Any), (json!("ALL"), Selection::All)] {
        let mut other = good();
        other["tsaConfig"] = json!({ "selector": text });
        assert_eq!(parse(&other).unwrap().timestamp_selection, wanted);
    }
    let mut text = good();
    text["rekorTlogConfig"]["count"] = json!("2");
    assert_eq!(parse(&text).unwrap().log_selection, exact(2));
}

#[test]
fn refuses_one_wrong_thing() {
    const MALFORMED: &str = "signing-config.malformed";
    const UNSUPPORTED: &str = "signing-config.unsupported";
    let many = json!(vec![good()["caUrls"][0].clone(); MAX_SERVICES + 1]);
    for (pointer, value, wanted) in [
        (
            "/mediaType",
            json!("application/vnd.dev.sigstore.signingconfig.v0.1+json"),
            UNSUPPORTED,
        ),
        ("/mediaType", json!(null), UNSUPPORTED),
        ("/tsaConfig/selector", json!("MOST"), UNSUPPORTED),
        ("/tsaConfig/selector", json!(4), UNSUPPORTED),
        ("/rekorTlogConfig/count", json!(0), MALFORMED),
        ("/rekorTlogConfig/count", json!(-1), MALFORMED),
        ("/rekorTlogConfig/count", json!(null), MALFORMED),
        ("/caUrls/0/url", json!(""), MALFORMED),
        ("/caUrls/0/majorApiVersion", json!(-1), MALFORMED),
        ("/caUrls/0/majorApiVersion", json!("one"), MALFORMED),
        ("/caUrls/0/validFor/start", json!("yesterday"), MALFORMED),
        ("/caUrls", many, MALFORMED),
        ("/caUrls", json!("https://ca"), MALFORMED),
    ] {
        let mut changed = good();
        *changed.pointer_mut(pointer).unwrap() = value.clone();
        assert_eq!(parse(&changed).unwrap_err(), wanted, "{pointer} {value}");
    }
    let mut unknown = good();
    unknown["rekorTlogConfig"]["witnesses"] = json!(1);
    assert_eq!(parse(&unknown).unwrap_err(), MALFORMED);
    let large = SigningConfig::parse(&vec![b' '; MAX_BYTES + 1]).unwrap_err();
    assert_eq!(large.code().as_str(), MALFORMED);
}

#[test]
fn services_without_a_selector_are_not_guessed_at() {
    let mut silent = good();
    silent.as_object_mut().unwrap().remove("rekorTlogConfig");
    let config = parse(&silent).unwrap();
    let error = config.logs(now(), &[LogVersion::V1]).unwrap_err();
    assert_eq!(error.code().as_str(), "signing-config.malformed");
}
