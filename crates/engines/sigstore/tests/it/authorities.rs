//! Which certificates of an authority may have issued a leaf, and when everybody in a trusted root
//! may vouch: within spans of time both ends of which belong to them.

use sealwright_core::Digest;
use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::Eku;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_crypto::issue;
use sealwright_crypto::issue::AuthorityName;
use sealwright_crypto::issue::Issuer;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::BundleVersion;
use sealwright_sigstore::Expected;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::Validity;
use sealwright_sigstore::VerificationMaterial;

use crate::authority::*;
use crate::positive::managed;

/// One more authority under the given one, with its key.
fn under(certificate: &Certificate, key: &SigningKey) -> (Certificate, SigningKey) {
    let own = p256();
    let validity = issue::Validity {
        not_before: signed_at().plus_seconds(-1000),
        not_after: signed_at().plus_seconds(1_000_000),
    };
    let name = AuthorityName {
        organization: "test only",
        common_name: "another",
    };
    let issuer = Issuer { certificate, key };
    let made = issue::intermediate(name, validity, own.public_key(), Eku::CodeSigning, issuer);
    (made.unwrap_or_else(|error| panic!("{error}")), own)
}

/// A bundle by a leaf of that authority, and how a root with this chain judges it.
fn judge_leaf_of(
    mut world: World,
    issuer: (Certificate, SigningKey),
    brought: &[&Certificate],
    chain: &[&Certificate],
) -> String {
    (world.intermediate, world.intermediate_key) = issuer;
    let mut bundle = world.signing(LogVersion::V1).message();
    if !brought.is_empty()
        && let Some(leaf) = bundle.certificate().cloned()
    {
        bundle.version = BundleVersion::V0_2;
        bundle.material = VerificationMaterial::Chain {
            leaf: Box::new(leaf),
            intermediates: brought.iter().map(|&one| one.clone()).collect(),
        };
    }
    let mut root = world.trust_root();
    for authority in &mut root.certificate_authorities {
        authority.chain = chain.iter().map(|&one| one.clone()).collect();
    }
    code(&judge_by(&bundle, &root))
}

#[test]
fn any_certificate_of_the_chain_may_have_issued_the_leaf() {
    let world = World::new();
    let root = world.trust_root();
    let above = root.certificate_authorities[0].chain.clone();
    // Issued by the first, with nothing but the root above it.
    let bundle = world.signing(LogVersion::V1).message();
    assert_eq!(code(&judge_by(&bundle, &root)), "accepted");
    // The same where another certificate stands before it, that has nothing to do with it.
    let mut another = World::new().trust_root().certificate_authorities.remove(0);
    another.chain.truncate(1);
    another.chain.extend(above);
    let mut with_another = root.clone();
    with_another.certificate_authorities = vec![another];
    assert_eq!(code(&judge_by(&bundle, &with_another)), "accepted");
    // The intermediate alone, as the last of the chain, is what is trusted then.
    let mut intermediate_alone = root.clone();
    intermediate_alone.certificate_authorities[0]
        .chain
        .truncate(1);
    assert_eq!(code(&judge_by(&bundle, &intermediate_alone)), "accepted");
    // Without the issuer the chain has a gap.
    let mut gap = root;
    gap.certificate_authorities[0].chain.remove(0);
    assert_eq!(code(&judge_by(&bundle, &gap)), "cert.untrusted");
}

#[test]
fn the_issuer_must_stand_in_the_chain_or_come_with_the_bundle() {
    let judge = |brings: bool, stands: bool| {
        let world = World::new();
        let (top, first) = (world.root_certificate.clone(), world.intermediate.clone());
        let (beside, key) = under(&top, &world.root_key);
        let brought = [&beside];
        let brought = if brings { &brought[..] } else { &[] };
        let chain = [&first, &beside, &top];
        let chain = if stands { &chain[..] } else { &[&first, &top] };
        judge_leaf_of(world, (beside.clone(), key), brought, chain)
    };
    assert_eq!(judge(false, true), "accepted");
    assert_eq!(judge(true, true), "accepted");
    assert_eq!(judge(true, false), "accepted");
    assert_eq!(judge(false, false), "cert.untrusted");
}

#[test]
fn the_root_itself_may_have_issued_the_leaf() {
    let mut world = World::new();
    let (top, first) = (world.root_certificate.clone(), world.intermediate.clone());
    let key = std::mem::replace(&mut world.root_key, p256());
    let found = judge_leaf_of(world, (top.clone(), key), &[], &[&first, &top]);
    assert_eq!(found, "accepted");
}

/// The intermediate may certify signers and no authorities (RFC 5280, path length).
#[test]
fn an_authority_that_its_issuer_may_not_certify_issues_nothing() {
    let world = World::new();
    let (top, first) = (world.root_certificate.clone(), world.intermediate.clone());
    let (lower, key) = under(&first, &world.intermediate_key);
    let found = judge_leaf_of(world, (lower.clone(), key), &[], &[&lower, &first, &top]);
    assert_eq!(found, "cert.chain-invalid");
}

/// A log that has ended since was trusted when a managed key signed, if something proves that.
#[test]
fn a_timestamp_tells_whether_the_log_was_trusted_when_a_key_signed() {
    let world = World::new();
    let (mut bundle, key) = managed(&world, LogVersion::V2, SignatureScheme::EcdsaP256Sha256);
    let expected = Expected::Key(key.public_key().clone());
    let artifact = Artifact::from_digest(Digest::sha256(ARTIFACT));
    let mut root = world.trust_root();
    let mut judge = |bundle: &Bundle, end: Option<Timestamp>| {
        root.logs[1].valid_for.end = end;
        code(&sealwright_sigstore::verify(
            bundle,
            &artifact,
            &root,
            &expected,
            now(),
        ))
    };
    let end = Some(signed_at().plus_seconds(1));
    assert_eq!(judge(&bundle, None), "accepted");
    assert_eq!(judge(&bundle, end), "log.untrusted");
    let stamp = |at| world.stamp(bundle.signature(), at).into();
    let (in_time, late) = (stamp(signed_at()), stamp(signed_at().plus_seconds(2)));
    bundle.timestamps = vec![in_time];
    assert_eq!(judge(&bundle, end), "accepted");
    bundle.timestamps = vec![late];
    assert_eq!(judge(&bundle, end), "log.untrusted");
    // One that does not hold proves nothing, and is no reason to refuse what needs none.
    bundle.timestamps = vec![world.stamp(b"another", signed_at()).into()];
    assert_eq!(judge(&bundle, end), "log.untrusted");
    assert_eq!(judge(&bundle, None), "accepted");
    bundle.timestamps = vec![
        world
            .stamp(bundle.signature(), now().plus_seconds(61))
            .into(),
    ];
    assert_eq!(judge(&bundle, None), "time.in-future");
}

/// Whose span of time is changed, what a bundle of that log version then comes to outside it, and
/// when they vouch.
type Span = (
    LogVersion,
    fn(&mut TrustRoot) -> &mut Validity,
    &'static str,
    i64,
);

/// A time is trusted as of the authority that stated it, whatever others there are.
#[test]
fn another_authoritys_validity_rescues_no_timestamp() {
    let world = World::new();
    let bundle = world.signing(LogVersion::V2).message();
    let mut root = world.trust_root();
    let other = World::new().trust_root().timestamp_authorities.remove(0);
    root.timestamp_authorities.push(other);
    assert_eq!(code(&judge_by(&bundle, &root)), "accepted");
    root.timestamp_authorities[0].valid_for.end = Some(signed_at().plus_seconds(-1));
    assert_eq!(code(&judge_by(&bundle, &root)), "timestamp.invalid");
}

#[test]
fn both_ends_of_every_validity_belong_to_it() {
    let spans: [Span; 5] = [
        (
            LogVersion::V1,
            |root| &mut root.certificate_authorities[0].valid_for,
            "cert.untrusted",
            0,
        ),
        (
            LogVersion::V2,
            |root| &mut root.timestamp_authorities[0].valid_for,
            "timestamp.invalid",
            0,
        ),
        // The certificate's log promised when the certificate was made.
        (
            LogVersion::V1,
            |root| &mut root.ct_logs[0].valid_for,
            "sct.invalid",
            -10,
        ),
        (
            LogVersion::V1,
            |root| &mut root.logs[0].valid_for,
            "log.set-invalid",
            0,
        ),
        (
            LogVersion::V2,
            |root| &mut root.logs[1].valid_for,
            "log.untrusted",
            0,
        ),
    ];
    let world = World::new();
    for (version, span, outside, vouched) in spans {
        let bundle = world.signing(version).message();
        let at = signed_at().plus_seconds(vouched);
        let judge = |start: Timestamp, end: Timestamp| {
            // As read from a file, not as made here.
            let mut root = world.trust_root();
            *span(&mut root) = Validity {
                start: Some(start),
                end: Some(end),
            };
            let root = TrustRoot::parse(&root.to_json()).unwrap();
            code(&judge_by(&bundle, &root))
        };
        let (before, after) = (at.plus_seconds(-1), at.plus_seconds(1));
        assert_eq!(judge(at, at), "accepted", "{outside}");
        assert_eq!(judge(before, at), "accepted", "{outside}");
        assert_eq!(judge(at, after), "accepted", "{outside}");
        assert_eq!(judge(before.plus_seconds(-9), before), outside);
        assert_eq!(judge(after, after.plus_seconds(9)), outside);
    }
}
