//! Public evidence: every certificate, SCT and timestamp in the conformance suite's bundles, judged
//! against the trust roots that come with them.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test: what is not as it should be must stop it"
)]

use std::fs;
use std::path::Path;

use sealwright_core::Base64;
use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::CertificateChain;
use sealwright_crypto::Eku;
use sealwright_crypto::PublicKey;
use sealwright_crypto::TimestampToken;
use sealwright_crypto::build_chain;
use sealwright_testkit::corpus;
use serde_json::Value;

/// Cases whose CA is not in the trust root, or had expired when the certificate was issued.
const WITHOUT_CHAIN: [&str; 2] = [
    "bundle-from-wrong-instance_fail",
    "intoto-expired-certificate_fail",
];

/// What a bundle's certificate and timestamps turned out to be.
#[derive(Debug, Default, PartialEq)]
struct Findings {
    chain: Option<bool>,
    scts: Vec<bool>,
    timestamps: Vec<bool>,
}

#[test]
fn judges_the_conformance_suite_as_it_should_be_judged() {
    let (Some(suite), Some(public)) = (corpus("sigstore-conformance"), corpus("tuf-root-signing"))
    else {
        return;
    };
    let public = public.join("targets/trusted_root.json");
    let mut certificates = 0;
    let mut scts = 0;
    let mut timestamps = 0;
    for case in fs::read_dir(suite.join("test/assets/bundle-verify")).unwrap() {
        let case = case.unwrap().path();
        let name = case.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(bundle) = read_json(&case.join("bundle.sigstore.json")) else {
            continue;
        };
        let own = case.join("trusted_root.json");
        let root = if own.is_file() { own } else { public.clone() };
        let root = read_json(&root).unwrap();
        let found = judge(&bundle, &root);
        certificates += usize::from(found.chain.is_some());
        scts += found.scts.len();
        timestamps += found.timestamps.len();
        let expected_chain = found.chain.map(|_| !WITHOUT_CHAIN.contains(&name.as_str()));
        assert_eq!(found.chain, expected_chain, "{name}: chain");
        let good_scts = found.chain == Some(true) && name != "invalid-ct-key_fail";
        assert!(
            found.scts.iter().all(|good| *good == good_scts),
            "{name}: SCTs {found:?}"
        );
        let good_timestamps = !matches!(
            name.as_str(),
            "rekor2-timestamp-outside-tsa-cert-validity_fail"
                | "rekor2-timestamp-payload-mismatch_fail"
                | "rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail"
                | "rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail"
        );
        assert!(
            found.timestamps.iter().all(|good| *good == good_timestamps),
            "{name}: timestamps {found:?}"
        );
    }
    assert!(
        certificates > 50 && scts > 50 && timestamps > 10,
        "{certificates} certificates, {scts} SCTs, {timestamps} timestamps"
    );
}

#[test]
fn reads_every_certificate_and_key_of_the_public_trust_root() {
    let Some(public) = corpus("tuf-root-signing") else {
        return;
    };
    let root = read_json(&public.join("targets/trusted_root.json")).unwrap();
    for kind in ["certificateAuthorities", "timestampAuthorities"] {
        for authority in root[kind].as_array().unwrap() {
            let chain = chain_of(authority);
            for pair in chain.windows(2) {
                assert_eq!(pair[0].verify_signed_by(pair[1].public_key()), Ok(()));
            }
            let root = chain.last().unwrap();
            assert!(root.is_self_issued());
            assert_eq!(root.verify_signed_by(root.public_key()), Ok(()));
        }
    }
    for kind in ["tlogs", "ctlogs"] {
        for log in root[kind].as_array().unwrap() {
            let key = key_of(log);
            if key.kind() == sealwright_crypto::KeyKind::EcdsaP256 {
                assert_eq!(key.key_id().to_vec(), bytes(&log["logId"]["keyId"]));
            }
        }
    }
}

fn judge(bundle: &Value, root: &Value) -> Findings {
    let material = &bundle["verificationMaterial"];
    let mut raw: Vec<Vec<u8>> = Vec::new();
    if let Some(leaf) = material["certificate"]["rawBytes"].as_str() {
        raw.push(Base64::decode(leaf).unwrap().0);
    }
    for certificate in material["x509CertificateChain"]["certificates"]
        .as_array()
        .into_iter()
        .flatten()
    {
        raw.push(bytes(&certificate["rawBytes"]));
    }
    let certificates: Vec<Certificate> = raw
        .iter()
        .map(|der| Certificate::from_der(der).unwrap())
        .collect();
    let mut findings = Findings::default();
    if let Some(leaf) = certificates.first() {
        let claims = leaf.fulcio_extensions();
        assert!(claims.malformed.is_empty(), "{claims:?}");
        assert_eq!(claims.issuer().map(str::to_owned), leaf.issuer_claim());
        let chain = chain(leaf, certificates.get(1..).unwrap(), root);
        findings.chain = Some(chain.is_some());
        findings.scts = scts(leaf, chain.as_ref(), root);
    }
    let signature = bundle["messageSignature"]["signature"]
        .as_str()
        .or_else(|| bundle["dsseEnvelope"]["signatures"][0]["sig"].as_str());
    let tokens = material["timestampVerificationData"]["rfc3161Timestamps"].as_array();
    for token in tokens.into_iter().flatten() {
        let token = TimestampToken::from_response_der(&bytes(&token["signedTimestamp"])).unwrap();
        let signature = Base64::decode(signature.unwrap()).unwrap().0;
        let verified = root["timestampAuthorities"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|authority| token.verify(&signature, &chain_of(authority)).is_ok());
        findings.timestamps.push(verified);
    }
    findings
}

fn chain(
    leaf: &Certificate,
    intermediates: &[Certificate],
    root: &Value,
) -> Option<CertificateChain> {
    let at: Timestamp = leaf.not_before().plus_seconds(1);
    root["certificateAuthorities"]
        .as_array()
        .into_iter()
        .flatten()
        .find_map(|authority| {
            build_chain(
                leaf,
                intermediates,
                &chain_of(authority),
                at,
                Eku::CodeSigning,
            )
            .ok()
        })
}

fn scts(leaf: &Certificate, chain: Option<&CertificateChain>, root: &Value) -> Vec<bool> {
    let logs = root["ctlogs"].as_array();
    leaf.scts()
        .unwrap()
        .iter()
        .map(|sct| {
            let Some(issuer) = chain.and_then(CertificateChain::issuer) else {
                return false;
            };
            logs.into_iter().flatten().any(|log| {
                let id = bytes(&log["logId"]["keyId"]);
                id == sct.log_id && sct.verify(leaf, issuer, &key_of(log)).is_ok()
            })
        })
        .collect()
}

fn chain_of(authority: &Value) -> Vec<Certificate> {
    authority["certChain"]["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|certificate| Certificate::from_der(&bytes(&certificate["rawBytes"])).unwrap())
        .collect()
}

fn key_of(log: &Value) -> PublicKey {
    let key = &log["publicKey"];
    let raw = bytes(&key["rawBytes"]);
    match key["keyDetails"].as_str() {
        Some("PKCS1_RSA_PKCS1V5") => PublicKey::from_pkcs1_der(&raw),
        _ => PublicKey::from_der(&raw),
    }
    .unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    // One case wraps its base64 into lines, which a bundle must not; here that is not the question.
    Base64::decode(&value.as_str().unwrap().replace('\n', ""))
        .unwrap()
        .0
}

fn read_json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
