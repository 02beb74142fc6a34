//! Bundles made whole by a private Sigstore, with things changed before they are signed.
//!
//! A change of a finished bundle mostly breaks a signature, and there the judges agree. Here the
//! authority, the certificate log, the signature logs and the timestamp authority sign what was changed,
//! so that the judges have to look at what it says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::MediaType;
use sealwright_core::Timestamp;
use sealwright_core::dsse;
use sealwright_core::dsse::Envelope;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_crypto::issue;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Content as Signed;
use sealwright_sigstore::KeyDetails;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::VerificationMaterial;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::DsseEntry;
use sealwright_sigstore::entry::EntryKind;
use sealwright_sigstore::entry::HashedRekord;
use sealwright_tlog::NoteSignature;
use sealwright_tlog::SignedNote;
use sealwright_tlog::key_hint;
use serde_json::Value;
use serde_json::json;

use crate::authority;
use crate::authority::World;
use crate::base::Bases;
use crate::base::Context;
use crate::base::Signer;
use crate::der;
use crate::der::Content;
use crate::der::Node;
use crate::json;
use crate::note;
use crate::random::Random;

/// The private Sigstore and its two contexts: by identity and by key.
pub(crate) struct Forge {
    world: World,
    managed: SigningKey,
    by_identity: usize,
    by_key: usize,
}

/// What is done differently; one or two of these in one bundle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Deviation {
    BodyChanged,
    BodyRespelled,
    CertificateChanged,
    CertificateLate,
    CertificateEarly,
    Chain,
    CheckpointChanged,
    EnvelopeTwoSignatures,
    KindRenamed,
    LogTime,
    NoSct,
    NoTimestamp,
    OtherArtifact,
    OtherDigestNamed,
    OtherKey,
    PayloadChanged,
    PayloadRespelled,
    PayloadType,
    PromiseToggled,
    SctExtensions,
    SctOfStranger,
    Second,
    StampedTwice,
    StampTime,
    StatementVersion,
    Version,
}

const DEVIATIONS: &[Deviation] = &[
    Deviation::BodyChanged,
    Deviation::BodyChanged,
    Deviation::BodyRespelled,
    Deviation::CertificateChanged,
    Deviation::CertificateChanged,
    Deviation::CertificateChanged,
    Deviation::CertificateLate,
    Deviation::CertificateEarly,
    Deviation::Chain,
    Deviation::CheckpointChanged,
    Deviation::CheckpointChanged,
    Deviation::EnvelopeTwoSignatures,
    Deviation::KindRenamed,
    Deviation::LogTime,
    Deviation::NoSct,
    Deviation::NoTimestamp,
    Deviation::OtherArtifact,
    Deviation::OtherDigestNamed,
    Deviation::OtherKey,
    Deviation::PayloadChanged,
    Deviation::PayloadChanged,
    Deviation::PayloadRespelled,
    Deviation::PayloadType,
    Deviation::PromiseToggled,
    Deviation::SctExtensions,
    Deviation::SctOfStranger,
    Deviation::Second,
    Deviation::StampedTwice,
    Deviation::StampTime,
    Deviation::StatementVersion,
    Deviation::Version,
];

/// A bundle, what it is judged by, and what is different about it.
pub(crate) struct Forged {
    pub(crate) context: usize,
    pub(crate) document: Value,
    pub(crate) how: String,
}

impl Forge {
    /// A new private Sigstore, whose contexts are added to `bases`.
    pub(crate) fn new(bases: &mut Bases) -> Self {
        let world = World::new();
        let managed = authority::p256();
        let root = world.trust_root().to_json();
        let by_identity = bases.contexts.len();
        let signer = Signer::Identity {
            identity: authority::IDENTITY.to_owned(),
            issuer: authority::ISSUER.to_owned(),
        };
        bases.add(
            Context::new("forged", root.clone(), authority::ARTIFACT.to_vec(), signer),
            &[],
        );
        let key = Signer::Key(managed.public_key().to_pem());
        bases.add(
            Context::new("forged by key", root, authority::ARTIFACT.to_vec(), key),
            &[],
        );
        Self {
            world,
            managed,
            by_identity,
            by_key: by_identity + 1,
        }
    }

    /// Makes one.
    pub(crate) fn make(&self, random: &mut Random) -> Forged {
        let count = [0, 1, 1, 1, 1, 2, 2][random.below(7)];
        let deviations: Vec<Deviation> = (0..count)
            .filter_map(|_| random.pick(DEVIATIONS).copied())
            .collect();
        let has = |deviation| deviations.contains(&deviation);
        let log_version = [LogVersion::V1, LogVersion::V2][random.below(2)];
        let by_key = random.once_in(6);
        let message = random.once_in(2);
        let world = &self.world;

        // The key and its certificate.
        let scheme = match random.below(8) {
            0 => SignatureScheme::EcdsaP384Sha384,
            1 => SignatureScheme::EcdsaP521Sha512,
            2 => SignatureScheme::Ed25519,
            _ => SignatureScheme::EcdsaP256Sha256,
        };
        let own = SigningKey::generate(scheme).expect("a key");
        let key = if by_key { &self.managed } else { &own };
        let from = match (
            has(Deviation::CertificateLate),
            has(Deviation::CertificateEarly),
        ) {
            (true, _) => 5,
            (_, true) => -700,
            _ => -10,
        };
        let certificate = self.certificate(
            key,
            authority::signed_at().plus_seconds(from),
            &deviations,
            random,
        );
        let verifier = if by_key {
            Verifier::PublicKey(key.public_key().der().to_vec())
        } else {
            Verifier::Certificate(certificate.clone())
        };
        let key_details = KeyDetails::of_key(key.public_key());

        // What is signed, and what is logged of it.
        let artifact: &[u8] = if has(Deviation::OtherArtifact) {
            b"something else"
        } else {
            authority::ARTIFACT
        };
        // Rekor hashes as the key signs; a key that hashes nothing is logged with SHA-256.
        let hash = match by_key {
            true => DigestAlgorithm::Sha256,
            false => scheme.digest_algorithm().unwrap_or(DigestAlgorithm::Sha256),
        };
        let digest = Digest::sha256(artifact);
        let stranger = authority::p256();
        let signed_by = if has(Deviation::OtherKey) {
            &stranger
        } else {
            key
        };
        let (content, proposed) = if message {
            let signature = signed_by.sign(artifact).expect("a signature");
            let digest = Digest::of(hash, artifact);
            let entry = HashedRekord {
                digest,
                signature: signature.as_slice().into(),
                verifier,
                key_details,
            };
            let named = if has(Deviation::OtherDigestNamed) {
                [
                    None,
                    Some(Digest::sha256(b"another")),
                    Some(Digest::of(DigestAlgorithm::Sha512, artifact)),
                ][random.below(3)]
            } else {
                Some(digest)
            };
            let content = Signed::MessageSignature {
                digest: named,
                signature: signature.into(),
            };
            (content, hashed(entry, log_version))
        } else {
            let envelope = self.envelope(&digest, signed_by, &deviations, random);
            let proposed = match log_version {
                LogVersion::V1 if random.once_in(8) => ProposedEntry::IntotoV002(DsseEntry {
                    envelope: envelope.clone(),
                    verifier,
                    key_details,
                }),
                LogVersion::V1 => ProposedEntry::DsseV001(DsseEntry {
                    envelope: envelope.clone(),
                    verifier,
                    key_details,
                }),
                LogVersion::V2 => {
                    let signature = envelope
                        .signatures
                        .first()
                        .map(|it| it.sig.clone())
                        .unwrap_or_default();
                    let digest = Digest::of(hash, &envelope.signed_bytes());
                    hashed(
                        HashedRekord {
                            digest,
                            signature,
                            verifier,
                            key_details,
                        },
                        log_version,
                    )
                }
            };
            (Signed::Dsse(envelope), proposed)
        };

        // The log.
        let kind = if has(Deviation::KindRenamed) {
            renamed(random)
        } else {
            proposed.kind()
        };
        let mut body = proposed.canonical_body().unwrap_or_default();
        if has(Deviation::BodyChanged) {
            body = json::edit_bytes(&body, None, random, 0);
        }
        if has(Deviation::BodyRespelled)
            && let Ok(document) = serde_json::from_slice(&body)
        {
            body = json::written(&document, random);
        }
        let mut at = Some(authority::signed_at()).filter(|_| log_version == LogVersion::V1);
        if has(Deviation::PromiseToggled) {
            at = if at.is_some() {
                None
            } else {
                Some(authority::signed_at())
            };
        }
        if has(Deviation::LogTime) {
            at = Some(authority::signed_at().plus_seconds(OFFSETS[random.below(OFFSETS.len())]));
        }
        let mut logged = world.log(&body, kind.clone(), log_version, at);
        if has(Deviation::CheckpointChanged)
            && let Some(proof) = &mut logged.inclusion_proof
        {
            proof.checkpoint = proof
                .checkpoint
                .take()
                .map(|it| self.renote(&it, log_version, random));
        }
        let mut entries = vec![logged];
        if has(Deviation::Second) {
            let other = [b"{}".to_vec(), body.clone()][random.below(2)].clone();
            let mut second = world.log(&other, kind, log_version, at);
            if random.once_in(2) {
                second.log_index = 7;
            }
            entries.insert(random.below(2), second);
        }

        // Everything together.
        let placeholder = world.issue(authority::p256().public_key());
        let mut bundle = Bundle {
            version: sealwright_sigstore::BundleVersion::V0_3,
            material: if by_key {
                VerificationMaterial::PublicKey {
                    hint: "a hint".to_owned(),
                }
            } else {
                VerificationMaterial::Certificate(Box::new(placeholder))
            },
            log_entries: entries,
            timestamps: Vec::new(),
            content,
            stored_envelope: None,
        };
        let stamped = |bytes: &[u8], offset| {
            world
                .stamp(bytes, authority::signed_at().plus_seconds(offset))
                .into()
        };
        if !has(Deviation::NoTimestamp) {
            let offset = if has(Deviation::StampTime) {
                OFFSETS[random.below(OFFSETS.len())]
            } else {
                0
            };
            bundle.timestamps.push(stamped(bundle.signature(), offset));
        }
        if has(Deviation::StampedTwice) {
            let offset = OFFSETS[random.below(OFFSETS.len())];
            let over: &[u8] = if random.once_in(3) {
                b"something else"
            } else {
                bundle.signature()
            };
            bundle.timestamps.insert(0, stamped(over, offset));
        }
        let mut document: Value = serde_json::from_slice(&bundle.to_json()).unwrap_or_default();
        if !by_key {
            document["verificationMaterial"]["certificate"]["rawBytes"] =
                STANDARD.encode(&certificate).into();
        }
        self.reshape(&mut document, &certificate, &deviations, random);
        let of = if by_key { "key" } else { "identity" };
        Forged {
            context: if by_key {
                self.by_key
            } else {
                self.by_identity
            },
            document,
            how: format!(
                "{log_version:?} {} by {of} {scheme:?} {deviations:?}",
                if message { "message" } else { "statement" }
            ),
        }
    }

    /// A leaf; where something of it is changed, the certificate log promises and the authority signs the
    /// changed one.
    fn certificate(
        &self,
        key: &SigningKey,
        from: Timestamp,
        deviations: &[Deviation],
        random: &mut Random,
    ) -> Vec<u8> {
        let world = &self.world;
        let has = |deviation| deviations.contains(&deviation);
        let plain = || {
            world
                .issue_with(key.public_key(), from, None)
                .der()
                .to_vec()
        };
        let promise = |key, extensions| {
            Some(issue::TransparencyLog {
                key,
                now: from,
                extensions,
            })
        };
        if has(Deviation::NoSct) {
            return plain();
        }
        if has(Deviation::SctExtensions) {
            return world
                .issue_with(key.public_key(), from, promise(&world.ct_key, b"extension"))
                .der()
                .to_vec();
        }
        if has(Deviation::SctOfStranger) {
            return world
                .issue_with(key.public_key(), from, promise(&world.root_key, &[]))
                .der()
                .to_vec();
        }
        let good = world.issue_from(key.public_key(), from);
        if !has(Deviation::CertificateChanged) {
            return good.der().to_vec();
        }
        self.changed_certificate(&plain(), from, random)
            .unwrap_or_else(|| good.der().to_vec())
    }

    fn changed_certificate(
        &self,
        plain: &[u8],
        from: Timestamp,
        random: &mut Random,
    ) -> Option<Vec<u8>> {
        let mut certificate = Node::parse(plain)?;
        let [tbs, ..] = certificate.children()?.as_slice() else {
            return None;
        };
        let donor = if random.once_in(2) {
            self.world.root_certificate.der()
        } else {
            self.world.intermediate.der()
        };
        let changed = der::edit(&tbs.to_bytes(), Some(donor), random);
        let with_promise = self.promised(&changed, from).unwrap_or(changed);
        let signature = self.world.intermediate_key.sign(&with_promise).ok()?;
        let mut out = with_promise;
        let [_, algorithm, _] = certificate.children()?.as_slice() else {
            return None;
        };
        out.extend(algorithm.to_bytes());
        let mut bits = vec![0];
        bits.extend(signature);
        out.extend(Node::new(0x03, Content::Bytes(bits)).to_bytes());
        Some(Node::new(0x30, Content::Bytes(out)).to_bytes())
    }

    /// With the certificate log's promise of what stands there (RFC 6962 section 3.2).
    fn promised(&self, tbs: &[u8], at: Timestamp) -> Option<Vec<u8>> {
        let mut node = Node::parse(tbs)?;
        let extensions = node.children()?.last_mut()?;
        if extensions.tag != 0xa3 {
            return None;
        }
        let list = extensions.children()?.first_mut()?.children()?;
        let milliseconds = u64::try_from(at.seconds()).ok()? * 1000;
        let mut signed = vec![0, 0];
        signed.extend(milliseconds.to_be_bytes());
        signed.extend([0, 1]);
        signed.extend(self.world.intermediate.public_key().key_id());
        signed.extend(u32::try_from(tbs.len()).ok()?.to_be_bytes().get(1..)?);
        signed.extend(tbs);
        signed.extend([0, 0]);
        let signature = self.world.ct_key.sign(&signed).ok()?;
        let mut sct = vec![0];
        sct.extend(self.world.ct_key.public_key().key_id());
        sct.extend(milliseconds.to_be_bytes());
        sct.extend([0, 0, 4, 3]);
        sct.extend(u16::try_from(signature.len()).ok()?.to_be_bytes());
        sct.extend(signature);
        let mut inner = u16::try_from(sct.len() + 2).ok()?.to_be_bytes().to_vec();
        inner.extend(u16::try_from(sct.len()).ok()?.to_be_bytes());
        inner.extend(sct);
        let value = Node::new(0x04, Content::Bytes(inner)).to_bytes();
        let identifier = Node::new(
            0x06,
            Content::Bytes(b"\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x02".to_vec()),
        );
        let value = Node::new(0x04, Content::Bytes(value));
        list.push(Node::new(0x30, Content::Children(vec![identifier, value])));
        Some(node.to_bytes())
    }

    fn envelope(
        &self,
        digest: &Digest,
        key: &SigningKey,
        deviations: &[Deviation],
        random: &mut Random,
    ) -> Envelope {
        let has = |deviation| deviations.contains(&deviation);
        let mut payload = authority::statement_about(digest);
        if has(Deviation::StatementVersion) {
            let text = String::from_utf8_lossy(&payload).into_owned();
            let version = [
                "Statement/v0.1",
                "Statement/v2",
                "Statement/V1",
                "statement/v1",
            ][random.below(4)];
            payload = text.replace("Statement/v1", version).into_bytes();
        }
        if has(Deviation::PayloadChanged) {
            payload = json::edit_bytes(&payload, None, random, 0);
        }
        if has(Deviation::PayloadRespelled)
            && let Ok(document) = serde_json::from_slice(&payload)
        {
            payload = json::written(&document, random);
        }
        let payload_type = if has(Deviation::PayloadType) {
            MediaType::new(
                [
                    "application/json",
                    "application/vnd.in-toto+JSON",
                    "",
                    "text/plain",
                ][random.below(4)],
            )
        } else {
            MediaType::IN_TOTO
        };
        let mut envelope = Envelope {
            payload: payload.into(),
            payload_type,
            signatures: Vec::new(),
        };
        let sign = |key: &SigningKey, keyid: &str| dsse::Signature {
            sig: key
                .sign(&envelope.signed_bytes())
                .expect("a signature")
                .into(),
            keyid: keyid.to_owned(),
        };
        let mut signatures = vec![sign(key, "")];
        if has(Deviation::EnvelopeTwoSignatures) {
            let stranger = authority::p256();
            signatures.insert(
                random.below(2),
                if random.once_in(2) {
                    sign(key, "again")
                } else {
                    sign(&stranger, "")
                },
            );
        }
        envelope.signatures = signatures;
        envelope
    }

    /// The same log signs a changed checkpoint.
    fn renote(&self, envelope: &str, version: LogVersion, random: &mut Random) -> String {
        let Some((text, _)) = envelope.split_once("\n\n") else {
            return envelope.to_owned();
        };
        let changed = note::edit(&format!("{text}\n"), random);
        let key = match version {
            LogVersion::V1 => &self.world.log_v1,
            LogVersion::V2 => &self.world.log_v2,
        };
        let hint = key_hint(&self.world.log_id(version).0);
        let signature = key.sign(changed.as_bytes()).expect("a signature");
        if let Ok(mut note) = SignedNote::new(changed.clone()) {
            let line = NoteSignature {
                name: authority::LOG_NAME.to_owned(),
                key_hint: hint,
                signature: signature.clone(),
            };
            if note.add(line).is_ok() {
                return note.to_string();
            }
        }
        let line = [hint.as_slice(), &signature].concat();
        format!(
            "{changed}\n\u{2014} {} {}\n",
            authority::LOG_NAME,
            STANDARD.encode(line)
        )
    }

    /// Another version, or a chain for the certificate.
    fn reshape(
        &self,
        document: &mut Value,
        certificate: &[u8],
        deviations: &[Deviation],
        random: &mut Random,
    ) {
        let has = |deviation| deviations.contains(&deviation);
        let version = ["0.1", "0.2", "0.3"][random.below(3)];
        if has(Deviation::Version) {
            document["mediaType"] =
                format!("application/vnd.dev.sigstore.bundle+json;version={version}").into();
        }
        let identity = document["verificationMaterial"]["certificate"].is_object();
        if identity && (has(Deviation::Chain) || (has(Deviation::Version) && version != "0.3")) {
            let (intermediate, root) = (
                self.world.intermediate.der(),
                self.world.root_certificate.der(),
            );
            let chain: Vec<&[u8]> = match random.below(5) {
                0 => vec![certificate, intermediate],
                1 => vec![certificate, intermediate, root],
                2 => vec![certificate, root],
                3 => vec![intermediate, certificate],
                _ => vec![certificate],
            };
            let chain: Vec<Value> = chain
                .into_iter()
                .map(|it| json!({"rawBytes": STANDARD.encode(it)}))
                .collect();
            if let Some(material) = document["verificationMaterial"].as_object_mut() {
                material.remove("certificate");
                material.insert(
                    "x509CertificateChain".to_owned(),
                    json!({"certificates": chain}),
                );
            }
            if has(Deviation::Chain) && !has(Deviation::Version) && random.below(4) > 0 {
                document["mediaType"] =
                    "application/vnd.dev.sigstore.bundle+json;version=0.2".into();
            }
        }
    }
}

fn hashed(entry: HashedRekord, version: LogVersion) -> ProposedEntry {
    match version {
        LogVersion::V1 => ProposedEntry::HashedRekordV001(entry),
        LogVersion::V2 => ProposedEntry::HashedRekordV002(entry),
    }
}

fn renamed(random: &mut Random) -> EntryKind {
    let kind = ["dsse", "hashedrekord", "intoto", "Hashedrekord", "rekord"][random.below(5)];
    let version = ["0.0.1", "0.0.2", "0.0.3", ""][random.below(4)];
    EntryKind::new(kind, version)
}

/// Seconds from when everything is signed: within the certificate, at its ends, outside, and in the future.
const OFFSETS: &[i64] = &[
    1,
    100,
    -10,
    -11,
    590,
    591,
    700,
    -700,
    -2000,
    2_000_000,
    100_000_000,
];

/// Whether a leaf can be read by us at all.
#[cfg(test)]
fn readable(der: &[u8]) -> bool {
    sealwright_crypto::Certificate::from_der(der).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Ours;

    #[test]
    fn what_deviates_in_nothing_is_accepted() {
        let mut bases = Bases::default();
        let forge = Forge::new(&mut bases);
        let mut accepted = 0;
        for case in 0..400 {
            let forged = forge.make(&mut Random::of(3, case));
            if forged.how.ends_with("[]") {
                let bytes = forged.document.to_string().into_bytes();
                let ours = bases.contexts[forged.context].judge(&bytes, authority::now());
                assert_eq!(ours, Ours::Accepted, "{}", forged.how);
                accepted += 1;
            }
        }
        assert!(accepted > 20);
    }

    #[test]
    fn a_changed_certificate_can_be_read_and_promised() {
        let mut bases = Bases::default();
        let forge = Forge::new(&mut bases);
        let key = authority::p256();
        let plain = forge
            .world
            .issue_with(key.public_key(), authority::signed_at(), None);
        let made = (0..200).filter_map(|case| {
            forge.changed_certificate(
                plain.der(),
                authority::signed_at(),
                &mut Random::of(5, case),
            )
        });
        assert!(made.filter(|it| readable(it)).count() > 10);
    }
}
