//! The closed list of what we accept and a peer refuses, each with the reason why that is right.
//!
//! Most classes are proved by the peer itself: it accepts the same bundle once the thing is taken away that the
//! class is about, and whoever made the bundle could have left that away. Anything that falls in no class
//! fails the harness.

use sealwright_core::Base64;
use sealwright_crypto::Certificate;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::BundleVersion;
use sealwright_sigstore::Content;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::VerificationMaterial;
use sealwright_sigstore::entry::EntryKind;
use serde_json::Value;

use crate::base::Context;
use crate::base::Signer;
use crate::der;
use crate::der::Node;
use crate::judges::Judge;
use crate::peer::Theirs;

/// Why we accept what a peer refuses.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Class {
    /// Another spelling of the same bundle.
    Spelling,
    /// One certificate in a bundle of an older version.
    SingleCertificate,
    /// The digest that a message signature names.
    DigestHint,
    /// A timestamp or log entry that does not count.
    UncountedEvidence,
    /// A key of a kind that the peer does not know, there.
    KeyKind,
    /// A log entry with a hash other than SHA-256.
    EntryHash,
    /// A kind of log entry that the peer does not take a time from.
    EntryKind,
    /// What nobody compares is absent from the body of a log entry, or more is there.
    EntryMember,
    /// A bundle of version 0.1 with a promise and no checkpoint.
    EarlyBundle,
    /// A certificate without the older extension for the issuer.
    IssuerExtension,
    /// What an authority should have written into a certificate.
    AuthorityDuty,
    /// What a timestamp says outside what its authority signed.
    TimestampWrapper,
    /// Another spelling in the body of a log entry.
    EntrySpelling,
    /// An object identifier of two numbers or three.
    ShortIdentifier,
    /// The last second of a timestamp authority's validity.
    ValidityEnd,
}

/// A bundle that we accept and a peer refuses.
pub(crate) struct Difference<'a> {
    pub(crate) judge: Judge,
    pub(crate) context: &'a Context,
    pub(crate) bytes: &'a [u8],
    pub(crate) why: &'a str,
}

impl Class {
    pub(crate) const ALL: &[Self] = &[
        Self::Spelling,
        Self::SingleCertificate,
        Self::DigestHint,
        Self::UncountedEvidence,
        Self::KeyKind,
        Self::EntryHash,
        Self::EntryKind,
        Self::EntryMember,
        Self::EarlyBundle,
        Self::IssuerExtension,
        Self::AuthorityDuty,
        Self::ValidityEnd,
        Self::TimestampWrapper,
        Self::EntrySpelling,
        Self::ShortIdentifier,
    ];

    /// Those that the peer proves.
    const PROVED: [Self; 4] = [
        Self::Spelling,
        Self::SingleCertificate,
        Self::DigestHint,
        Self::UncountedEvidence,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Spelling => "spelling",
            Self::SingleCertificate => "single-certificate",
            Self::DigestHint => "digest-hint",
            Self::UncountedEvidence => "uncounted-evidence",
            Self::KeyKind => "key-kind",
            Self::EntryHash => "entry-hash",
            Self::EntryKind => "entry-kind",
            Self::EntryMember => "entry-member",
            Self::EarlyBundle => "early-bundle",
            Self::IssuerExtension => "issuer-extension",
            Self::AuthorityDuty => "authority-duty",
            Self::TimestampWrapper => "timestamp-wrapper",
            Self::EntrySpelling => "entry-spelling",
            Self::ShortIdentifier => "short-identifier",
            Self::ValidityEnd => "validity-end",
        }
    }

    /// Why it is right to accept it, and where that is written.
    pub(crate) fn because(self) -> &'static str {
        match self {
            Self::Spelling => {
                "it is accepted when written as we write it; protobuf's JSON mapping asks readers for both \
                 names, both alphabets of base64 with and without padding, numbers as strings and null as \
                 absence (proto3 guide, ProtoJSON)"
            }
            Self::SingleCertificate => {
                "it is accepted as version 0.3; older versions may hold one certificate as well, as sigstore-go \
                 reads them (protobuf-specs, sigstore_bundle.proto, VerificationMaterial)"
            }
            Self::DigestHint => {
                "it is accepted without the digest it names, which only helps to find the artifact \
                 (protobuf-specs, sigstore_common.proto, MessageSignature)"
            }
            Self::UncountedEvidence => {
                "it is accepted with one timestamp and one log entry of those it has; what does not hold is \
                 not counted, and what remains meets the thresholds (client specification 4, as sigstore-go \
                 and sigstore-python count timestamps)"
            }
            Self::KeyKind => {
                "keys of P-384, P-521 and Ed25519 are in Sigstore's registry of algorithms \
                 (architecture-docs, algorithm-registry.md)"
            }
            Self::EntryHash => {
                "entries of kind hashedrekord 0.0.1 record SHA-256, SHA-384 or SHA-512 (rekor, \
                 pkg/types/hashedrekord/v0.0.1, schema)"
            }
            Self::EntryKind => {
                "log entries of kind intoto 0.0.2 carry promises as the others do (rekor, \
                 pkg/types/intoto/v0.0.2; the conformance suite wants them accepted)"
            }
            Self::EntryMember => {
                "the digest, the signature and the key are compared; what else a body holds is the log's \
                 (client specification 4, CVE-2026-22703)"
            }
            Self::EarlyBundle => {
                "a bundle of version 0.1 needs the promise; proof and checkpoint are optional \
                 (protobuf-specs, sigstore_bundle.proto, Bundle.media_type and TransparencyLogEntry)"
            }
            Self::IssuerExtension => {
                "1.3.6.1.4.1.57264.1.1 is deprecated in favour of 1.8, which is read where it is there \
                 (fulcio, docs/oid-info.md)"
            }
            Self::AuthorityDuty => {
                "an authority key identifier, and a critical alternative name beside an empty subject, are \
                 duties of authorities; validating a path does not ask for them (RFC 5280 sections 4.2.1.1, \
                 4.2.1.6 and 6.1)"
            }
            Self::TimestampWrapper => {
                "the status, the signer's name and embedded certificates are not signed; the signature by the \
                 trusted authority proves the rest, and sigstore-verify accepts these (RFC 3161 section 2.4.2, \
                 RFC 5652 section 5.4)"
            }
            Self::EntrySpelling => {
                "hexadecimal digits may be capitals, base64 unpadded, and PEM may end without a line feed; what \
                 is compared are digest, signature and certificate (RFC 4648, RFC 7468 section 3, ProtoJSON)"
            }
            Self::ShortIdentifier => {
                "an extension of a short object identifier is one nobody knows, and not critical (X.690 section \
                 8.19, RFC 5280 section 4.2)"
            }
            Self::ValidityEnd => {
                "both ends of an authority's validity belong to it (protobuf-specs, sigstore_common.proto, \
                 TimeRange; the conformance suite's trust-root-tsa-validity-end-inclusive)"
            }
        }
    }

    /// The class of a difference, if there is one; `ask` asks the peer about another bundle.
    pub(crate) fn of(
        difference: &Difference<'_>,
        mut ask: impl FnMut(&[u8]) -> Theirs,
    ) -> Option<Self> {
        let bundle = Bundle::parse_without_root(difference.bytes).ok()?;
        let said = |why: &str| {
            Self::ALL
                .iter()
                .copied()
                .find(|class| class.is_said(difference, &bundle, why))
        };
        if let Some(class) = said(difference.why) {
            return Some(class);
        }
        for class in Self::PROVED {
            for rewritten in class.rewritten(&bundle) {
                match ask(&rewritten) {
                    Theirs::Accepted => return Some(class),
                    // Two reasons at once.
                    Theirs::Refused(why) if said(&why).is_some() => return Some(class),
                    _ => {}
                }
            }
        }
        None
    }

    /// Whether the peer says what makes this class, and the bundle is such a one.
    fn is_said(self, difference: &Difference<'_>, bundle: &Bundle, why: &str) -> bool {
        let says = |text: &str| why.contains(text);
        let python = difference.judge == Judge::Python;
        match self {
            Self::Spelling
            | Self::SingleCertificate
            | Self::DigestHint
            | Self::UncountedEvidence => false,
            Self::KeyKind => knows_no_key(difference, bundle, why),
            Self::EntryHash => {
                says("SHA-256 hash must be 32 bytes")
                    && bundle.log_entries.iter().any(|it| {
                        it.kind == EntryKind::HashedRekordV001
                            && names(
                                &body(it)["spec"]["data"]["hash"]["algorithm"],
                                &["sha384", "sha512"],
                            )
                    })
            }
            Self::EntryKind => {
                python
                    && (says("Integrated time only supported")
                        || says("Unsupported DSSE log entry type: intoto/0.0.2"))
                    && bundle
                        .log_entries
                        .iter()
                        .any(|it| it.kind == EntryKind::IntotoV002)
            }
            Self::EntryMember => {
                (says("failed to parse Rekor body")
                    || says("DSSE payload type mismatch")
                    || says("invalid DSSE log entry")
                    || says("validation error"))
                    && bundle.log_entries.iter().any(lacks_what_nobody_compares)
            }
            Self::EarlyBundle => {
                (says("inclusion proof has no checkpoint")
                    || says("inclusion proof")
                    || says("inclusionProof"))
                    && bundle.version == BundleVersion::V0_1
                    && bundle.log_entries.iter().any(|it| {
                        it.inclusion_promise.is_some()
                            && it
                                .inclusion_proof
                                .as_ref()
                                .is_none_or(|it| it.checkpoint.is_none())
                    })
            }
            Self::IssuerExtension => {
                python
                    && (says("Certificate does not contain OIDCIssuer (1.3.6.1.4.1.57264.1.1)")
                        || says("Certificate's OIDCIssuer does not match")
                        || says("UnicodeDecodeError"))
                    && bundle.certificate().is_some_and(|it| {
                        let newer = it.fulcio_extension(8);
                        newer.is_some() && newer != it.fulcio_extension(1)
                    })
            }
            Self::AuthorityDuty => bundle.certificate().is_some_and(|it| {
                let lacks = |oid: &[u8]| !contains(it.der(), oid);
                (says("invalid extension: 2.5.29.35") && lacks(b"\x06\x03\x55\x1d\x23"))
                    || (says("EE subjectAltName MUST be critical")
                        && lacks(b"\x06\x03\x55\x1d\x11\x01\x01\xff"))
            }),
            Self::TimestampWrapper => {
                let odd = || {
                    bundle
                        .timestamps
                        .iter()
                        .any(|it| embeds_strangers(it.as_bytes(), difference.context))
                };
                (python
                    && (says("Invalid Timestamp Response")
                        || says("duplicate attributes are not allowed")
                        || says("not enough sources of verified time"))
                    && !bundle.timestamps.is_empty())
                    || (says("failed to decode SignedData") && odd())
            }
            Self::ShortIdentifier => {
                says("malformed OID")
                    && bundle
                        .certificate()
                        .and_then(|it| Node::parse(it.der()))
                        .is_some_and(|it| has_short_identifier(&it))
            }
            Self::EntrySpelling => {
                (says("payload hash mismatch")
                    || says("log entry payload hash does not match bundle")
                    || says("artifact hash mismatch")
                    || says("transparency log entry is inconsistent with other materials")
                    || says("log entry signatures do not match bundle")
                    || says("ValidationError"))
                    && bundle.log_entries.iter().any(is_spelled_oddly)
            }
            Self::ValidityEnd => {
                python
                    && says("not enough sources of verified time")
                    && difference.context.ends_timestamp_authority()
            }
        }
    }

    /// The bundle without what the class is about.
    fn rewritten(self, bundle: &Bundle) -> Vec<Vec<u8>> {
        match self {
            Self::Spelling => vec![bundle.to_json()],
            Self::SingleCertificate => match (bundle.version, &bundle.material) {
                (BundleVersion::V0_3, _) | (_, VerificationMaterial::Chain { .. }) => Vec::new(),
                _ => {
                    let mut newer = bundle.clone();
                    newer.version = BundleVersion::V0_3;
                    vec![newer.to_json(), without_hint(&newer).to_json()]
                }
            },
            Self::DigestHint => vec![without_hint(bundle).to_json()],
            Self::UncountedEvidence => [bundle.clone(), without_hint(bundle)]
                .iter()
                .flat_map(with_less_evidence)
                .map(|it| it.to_json())
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn without_hint(bundle: &Bundle) -> Bundle {
    let mut bundle = bundle.clone();
    if let Content::MessageSignature { digest, .. } = &mut bundle.content {
        *digest = None;
    }
    bundle
}

/// With one log entry, with and without its promise, and at most one timestamp.
fn with_less_evidence(bundle: &Bundle) -> Vec<Bundle> {
    let mut all = Vec::new();
    for entry in &bundle.log_entries {
        for timestamp in std::iter::once(None).chain(bundle.timestamps.iter().map(Some)) {
            let mut fewer = bundle.clone();
            fewer.log_entries = vec![entry.clone()];
            fewer.timestamps = timestamp.cloned().into_iter().collect();
            let mut unpromised = fewer.clone();
            for entry in &mut unpromised.log_entries {
                // Without a promise, nobody vouches for the time.
                entry.inclusion_promise = None;
                entry.integrated_time = None;
            }
            all.extend([fewer, unpromised]);
        }
    }
    all
}

fn body(entry: &LogEntry) -> Value {
    serde_json::from_slice(entry.canonicalized_body.as_bytes()).unwrap_or_default()
}

fn names(value: &Value, any: &[&str]) -> bool {
    value.as_str().is_some_and(|it| any.contains(&it))
}

/// Whether a member is missing that neither we nor anybody compares with the bundle: the hash of an
/// envelope as it was uploaded, or its payload type, which the signature covers.
fn lacks_what_nobody_compares(entry: &LogEntry) -> bool {
    let is_hash = |value: &Value| {
        names(&value["algorithm"], &["sha256", "sha384", "sha512"])
            && value["value"]
                .as_str()
                .is_some_and(|it| it.len() >= 64 && it.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let whole = body(entry);
    let spec = &whole["spec"];
    match entry.kind {
        EntryKind::DsseV001 => !is_hash(&spec["envelopeHash"]),
        EntryKind::HashedRekordV002 => {
            let hashed = &spec["hashedRekordV002"];
            let verifier = &hashed["signature"]["verifier"];
            [
                (spec, &["hashedRekordV002"][..]),
                (&whole, &["apiVersion", "kind", "spec"]),
                (hashed, &["data", "signature"]),
                (&hashed["data"], &["algorithm", "digest"]),
                (&hashed["signature"], &["content", "verifier"]),
                (verifier, &["keyDetails", "x509Certificate", "publicKey"]),
                (&verifier["x509Certificate"], &["rawBytes"]),
                (&verifier["publicKey"], &["rawBytes"]),
            ]
            .iter()
            .any(|(value, known)| has_more_than(value, known))
        }
        EntryKind::IntotoV002 => {
            !is_hash(&spec["content"]["hash"])
                || spec["content"]["envelope"]["payloadType"] != "application/vnd.in-toto+json"
        }
        _ => false,
    }
}

fn has_more_than(value: &Value, known: &[&str]) -> bool {
    let names = value.as_object().into_iter().flatten();
    names
        .into_iter()
        .any(|(name, _)| !known.contains(&name.as_str()))
}

/// Whether a hash has capitals, or a certificate's PEM is not as this program writes it.
fn is_spelled_oddly(entry: &LogEntry) -> bool {
    let spec = &body(entry)["spec"];
    let hash = |value: &Value| {
        let text = value["value"].as_str().unwrap_or_default();
        text.bytes().any(|it| it.is_ascii_uppercase())
    };
    let pem = |value: &Value| {
        let bytes = value
            .as_str()
            .and_then(|it| Base64::decode(it).ok())
            .unwrap_or_default();
        let text = String::from_utf8_lossy(bytes.as_bytes()).into_owned();
        match Certificate::from_pem(&text) {
            Ok(certificate) => certificate.to_pem() != text,
            Err(_) => PublicKey::from_pem(&text).is_ok_and(|key| key.to_pem() != text),
        }
    };
    let base64 =
        |text: &str| Base64::decode(text).is_ok_and(|it| Base64::encode(it.as_bytes()) != text);
    let encoded = |at: &str| spec.pointer(at).and_then(Value::as_str).is_some_and(base64);
    [
        "/signature/content",
        "/data/digest",
        "/signature/verifier/x509Certificate/rawBytes",
    ]
    .iter()
    .any(|at| encoded(at) || encoded(&format!("/hashedRekordV002{at}")))
        || hash(&spec["data"]["hash"])
        || hash(&spec["payloadHash"])
        || pem(&spec["signature"]["publicKey"]["content"])
        || pem(&spec["signatures"][0]["verifier"])
}

/// Whether a timestamp carries a certificate that is none of a trusted timestamp authority's.
fn embeds_strangers(der: &[u8], context: &Context) -> bool {
    let certificates = || {
        let response = der::elements(der::content(der)?)?;
        let content = der::elements(der::content(response.get(1)?)?)?;
        let signed = der::elements(der::content(content.get(1)?)?)?;
        let fields = der::elements(der::content(signed.first()?)?)?;
        let set = fields.into_iter().find(|it| it.first() == Some(&0xa0))?;
        der::elements(der::content(set)?)
    };
    let trusted = context.timestamp_certificates();
    certificates().is_some_and(|all| all.iter().any(|it| !trusted.iter().any(|own| own == it)))
}

fn has_short_identifier(node: &Node) -> bool {
    match &node.content {
        der::Content::Bytes(bytes) => node.tag == 0x06 && bytes.len() <= 2,
        der::Content::Children(children) => children.iter().any(has_short_identifier),
    }
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|it| it == wanted)
}

/// Whether the peer says that it cannot use this kind of key, and it is one it is known not to use.
fn knows_no_key(difference: &Difference<'_>, bundle: &Bundle, why: &str) -> bool {
    let key = match (bundle.certificate(), &difference.context.signer) {
        (Some(certificate), _) => certificate.public_key().clone(),
        (None, Signer::Key(pem)) => match PublicKey::from_pem(pem) {
            Ok(key) => key,
            Err(_) => return false,
        },
        (None, Signer::Identity { .. }) => return false,
    };
    let says = |text: &str| why.contains(text);
    match (difference.judge, key.kind()) {
        (Judge::Rust, KeyKind::EcdsaP521) => says("unsupported or invalid EC curve parameters"),
        (Judge::Rust, KeyKind::Ed25519) => says("unknown variant `PKIX_ED25519`"),
        (Judge::Rust, KeyKind::EcdsaP384) => {
            says("unknown variant `PKIX_ECDSA_P384")
                || says("unsupported Rekor v2 digest algorithm")
        }
        (Judge::Python, KeyKind::Ed25519) => says("Ed25519PublicKey.verify() takes"),
        (Judge::Python, KeyKind::EcdsaP384 | KeyKind::EcdsaP521) => {
            says("ignature is invalid for input")
                || says("DSSE: invalid signature")
                || says("Bundle message digest mismatch")
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
