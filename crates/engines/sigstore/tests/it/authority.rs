//! A small private Sigstore with fixed times: certificate authority, certificate log, timestamp
//! authority and a signature log of each version, each with a key of its own.

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::Identity;
use sealwright_core::IdentityKind;
use sealwright_core::MediaType;
use sealwright_core::Timestamp;
use sealwright_core::dsse;
use sealwright_core::dsse::Envelope;
use sealwright_crypto::Certificate;
use sealwright_crypto::Eku;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_crypto::TimestampRequest;
use sealwright_crypto::issue;
use sealwright_crypto::issue::AuthorityName;
use sealwright_crypto::issue::Issuer;
use sealwright_crypto::issue::LeafRequest;
use sealwright_crypto::issue::Validity;
use sealwright_crypto::timestamp::answer;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Authority;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::BundleVersion;
use sealwright_sigstore::Claim;
use sealwright_sigstore::Content;
use sealwright_sigstore::Expected;
use sealwright_sigstore::InclusionProof;
use sealwright_sigstore::KeyDetails;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogId;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::TransparencyLog;
use sealwright_sigstore::TrustProfile;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::Verdict;
use sealwright_sigstore::VerificationMaterial;
use sealwright_sigstore::Verified;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::DsseEntry;
use sealwright_sigstore::entry::HashedRekord;
use sealwright_sigstore::promise_payload;
use sealwright_tlog::Checkpoint;
use sealwright_tlog::NoteSignature;
use sealwright_tlog::SignedNote;
use sealwright_tlog::TreeHead;
use sealwright_tlog::key_hint;
use sealwright_tlog::leaf_hash;
use sealwright_tlog::node_hash;

pub(crate) const ARTIFACT: &[u8] = b"what was built";
pub(crate) const IDENTITY: &str = "someone@test.sealwright.invalid";
pub(crate) const ISSUER: &str = "https://issuer.test.sealwright.invalid";
pub(crate) const LOG_NAME: &str = "log.test.sealwright.invalid";
const LOG_URL: &str = "https://log.test.sealwright.invalid";

/// When everything is signed.
pub(crate) fn signed_at() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// When everything is verified.
pub(crate) fn now() -> Timestamp {
    signed_at().plus_seconds(86_400)
}

/// A whole private Sigstore.
pub(crate) struct World {
    pub(crate) root_certificate: Certificate,
    pub(crate) root_key: SigningKey,
    pub(crate) intermediate_key: SigningKey,
    pub(crate) intermediate: Certificate,
    pub(crate) ct_key: SigningKey,
    tsa_root: Certificate,
    tsa_key: SigningKey,
    tsa_certificate: Certificate,
    pub(crate) log_v1: SigningKey,
    /// Ed25519 unless a test puts another one here.
    pub(crate) log_v2: SigningKey,
}

/// One signing: who signs what, when, and how it is logged. The defaults make a good bundle.
pub(crate) struct Signing<'a> {
    pub(crate) world: &'a World,
    pub(crate) key: SigningKey,
    pub(crate) leaf: Certificate,
    pub(crate) log_version: LogVersion,
    /// Whether the entry carries a signed entry timestamp; version 1 only.
    pub(crate) promise: bool,
    pub(crate) stamped_at: Option<Timestamp>,
    pub(crate) logged_at: Timestamp,
}

impl World {
    pub(crate) fn new() -> Self {
        let long = Validity {
            not_before: signed_at().plus_seconds(-1000),
            not_after: signed_at().plus_seconds(1_000_000),
        };
        let name = |common_name| AuthorityName {
            organization: "test only",
            common_name,
        };
        let root_key = p256();
        let root_certificate = issue::root_certificate(name("root"), long, &root_key).unwrap();
        let issuer = Issuer {
            certificate: &root_certificate,
            key: &root_key,
        };
        let intermediate_key = p256();
        let intermediate = issue::intermediate(
            name("intermediate"),
            long,
            intermediate_key.public_key(),
            Eku::CodeSigning,
            issuer,
        )
        .unwrap();
        let tsa_root_key = p256();
        let tsa_root = issue::root_certificate(name("tsa root"), long, &tsa_root_key).unwrap();
        let tsa_key = p256();
        let tsa_certificate = issue::tsa_leaf(
            name("tsa"),
            long,
            tsa_key.public_key(),
            Issuer {
                certificate: &tsa_root,
                key: &tsa_root_key,
            },
        )
        .unwrap();
        Self {
            root_certificate,
            root_key,
            intermediate_key,
            intermediate,
            ct_key: p256(),
            tsa_root,
            tsa_key,
            tsa_certificate,
            log_v1: p256(),
            log_v2: SigningKey::generate(SignatureScheme::Ed25519).unwrap(),
        }
    }

    /// What trusts all of it, and wants one of each.
    pub(crate) fn trust_root(&self) -> TrustRoot {
        let start = signed_at().plus_seconds(-500);
        let authority = |uri, chain: &[&Certificate]| {
            let chain = chain.iter().map(|one| (*one).clone()).collect();
            Authority::new("test only", "test", uri, chain, start)
        };
        let mut root = TrustRoot::new(TrustProfile::DEFAULT);
        root.certificate_authorities = vec![authority(
            "https://ca.test.sealwright.invalid",
            &[&self.intermediate, &self.root_certificate],
        )];
        root.timestamp_authorities = vec![authority(
            "https://tsa.test.sealwright.invalid",
            &[&self.tsa_certificate, &self.tsa_root],
        )];
        let ct_key = self.ct_key.public_key().clone();
        root.ct_logs = vec![TransparencyLog::new(
            "https://ct.test.sealwright.invalid",
            ct_key,
            start,
        )];
        root.logs = vec![
            TransparencyLog::new(LOG_URL, self.log_v1.public_key().clone(), start),
            TransparencyLog::with_id(
                LOG_URL,
                self.log_v2.public_key().clone(),
                self.log_id(LogVersion::V2),
                start,
            ),
        ];
        root
    }

    pub(crate) fn log_id(&self, version: LogVersion) -> LogId {
        match version {
            LogVersion::V1 => LogId(self.log_v1.public_key().key_id()),
            LogVersion::V2 => {
                let key = self.log_v2.public_key();
                match key.raw().try_into() {
                    Ok(raw) => LogId(sealwright_tlog::ed25519_key_id(LOG_NAME, raw)),
                    Err(_) => LogId(key.key_id()),
                }
            }
        }
    }

    /// A certificate for a key, valid for ten minutes from when everything is signed.
    pub(crate) fn issue(&self, key: &PublicKey) -> Certificate {
        self.issue_from(key, signed_at().plus_seconds(-10))
    }

    pub(crate) fn issue_from(&self, key: &PublicKey, not_before: Timestamp) -> Certificate {
        let promise = issue::TransparencyLog {
            key: &self.ct_key,
            now: not_before,
            extensions: &[],
        };
        self.issue_with(key, not_before, Some(promise))
    }

    pub(crate) fn issue_with(
        &self,
        key: &PublicKey,
        not_before: Timestamp,
        promise: Option<issue::TransparencyLog<'_>>,
    ) -> Certificate {
        self.issue_saying(key, not_before, promise, &[])
    }

    /// A certificate that also says something of the build, by the numbers of Fulcio's extensions.
    pub(crate) fn issue_saying(
        &self,
        key: &PublicKey,
        not_before: Timestamp,
        promise: Option<issue::TransparencyLog<'_>>,
        extensions: &[(u32, &str)],
    ) -> Certificate {
        let request = LeafRequest {
            public_key: key,
            identity: &Identity::new(IdentityKind::Email, IDENTITY),
            issuer_url: ISSUER,
            fulcio_extensions: extensions,
            validity: Validity {
                not_before,
                not_after: not_before.plus_seconds(600),
            },
        };
        let issuer = Issuer {
            certificate: &self.intermediate,
            key: &self.intermediate_key,
        };
        issue::code_signing_leaf(&request, issuer, promise).unwrap()
    }

    /// A timestamp over some bytes.
    pub(crate) fn stamp(&self, bytes: &[u8], at: Timestamp) -> Vec<u8> {
        let request = TimestampRequest::new(Digest::sha256(bytes)).unwrap();
        answer(&request, &self.tsa_certificate, &self.tsa_key, &[7], at).unwrap()
    }

    /// Logs a body, as the second of three leaves.
    pub(crate) fn log(
        &self,
        body: &[u8],
        kind: sealwright_sigstore::entry::EntryKind,
        version: LogVersion,
        promise_at: Option<Timestamp>,
    ) -> LogEntry {
        let (before, after) = (leaf_hash(b"before"), leaf_hash(b"after"));
        let head = TreeHead {
            size: 3,
            root: node_hash(&node_hash(&before, &leaf_hash(body)), &after),
        };
        let log_id = self.log_id(version);
        let integrated_time = promise_at.map(Timestamp::truncated_to_second);
        let inclusion_promise = integrated_time.map(|time| {
            let payload = promise_payload(body, time, &log_id, 1);
            Base64(self.log_v1.sign(&payload).unwrap())
        });
        LogEntry {
            log_index: 1,
            log_id,
            kind,
            integrated_time,
            inclusion_promise,
            inclusion_proof: Some(InclusionProof {
                log_index: 1,
                root_hash: head.root,
                tree_size: head.size,
                hashes: vec![before, after],
                checkpoint: Some(self.checkpoint(&head, version)),
            }),
            canonicalized_body: body.into(),
        }
    }

    pub(crate) fn checkpoint(&self, head: &TreeHead, version: LogVersion) -> String {
        let (origin, key) = match version {
            LogVersion::V1 => (format!("{LOG_NAME} - 1234"), &self.log_v1),
            LogVersion::V2 => (LOG_NAME.to_owned(), &self.log_v2),
        };
        self.note(&Checkpoint::new(origin, head), key, version)
    }

    fn note(&self, checkpoint: &Checkpoint, key: &SigningKey, version: LogVersion) -> String {
        let mut note = SignedNote::new(checkpoint.to_string()).unwrap();
        let signature = key.sign(note.text().as_bytes()).unwrap();
        note.add(NoteSignature {
            name: LOG_NAME.to_owned(),
            key_hint: key_hint(&self.log_id(version).0),
            signature,
        })
        .unwrap();
        note.to_string()
    }

    pub(crate) fn signing(&self, log_version: LogVersion) -> Signing<'_> {
        let key = p256();
        Signing {
            leaf: self.issue(key.public_key()),
            key,
            world: self,
            log_version,
            promise: log_version == LogVersion::V1,
            stamped_at: Some(signed_at()),
            logged_at: signed_at(),
        }
    }

    /// Judges a bundle as everyone here should.
    pub(crate) fn judge(&self, bundle: &Bundle) -> Verdict<Verified<Claim>> {
        judge_by(bundle, &self.trust_root())
    }
}

impl Signing<'_> {
    /// The bundle of a signature over [`ARTIFACT`].
    pub(crate) fn message(&self) -> Bundle {
        self.message_signed(self.key.sign(ARTIFACT).unwrap())
    }

    pub(crate) fn message_signed(&self, signature: Vec<u8>) -> Bundle {
        let entry = self.hashed(Digest::sha256(ARTIFACT), &signature);
        self.bundle(&entry, message_content(signature))
    }

    /// The bundle of a statement about [`ARTIFACT`].
    pub(crate) fn statement(&self) -> Bundle {
        self.envelope(self.sign_envelope(statement_about(&Digest::sha256(ARTIFACT))))
    }

    pub(crate) fn sign_envelope(&self, payload: Vec<u8>) -> Envelope {
        let mut envelope = Envelope {
            payload: payload.into(),
            payload_type: MediaType::IN_TOTO,
            signatures: Vec::new(),
        };
        self.sign_again(&mut envelope);
        envelope
    }

    pub(crate) fn sign_again(&self, envelope: &mut Envelope) {
        envelope.signatures = vec![dsse::Signature {
            sig: self.key.sign(&envelope.signed_bytes()).unwrap().into(),
            keyid: String::new(),
        }];
    }

    pub(crate) fn envelope(&self, envelope: Envelope) -> Bundle {
        let entry = match self.log_version {
            LogVersion::V1 => ProposedEntry::DsseV001(self.dsse(&envelope)),
            LogVersion::V2 => self.hashed(
                Digest::sha256(&envelope.signed_bytes()),
                envelope.signatures[0].sig.as_bytes(),
            ),
        };
        self.bundle(&entry, Content::Dsse(envelope))
    }

    pub(crate) fn dsse(&self, envelope: &Envelope) -> DsseEntry {
        DsseEntry {
            envelope: envelope.clone(),
            verifier: Verifier::from(&self.leaf),
            key_details: KeyDetails::of_key(self.key.public_key()),
        }
    }

    pub(crate) fn hashed(&self, digest: Digest, signature: &[u8]) -> ProposedEntry {
        let entry = HashedRekord {
            digest,
            signature: signature.into(),
            verifier: Verifier::from(&self.leaf),
            key_details: KeyDetails::of_key(self.key.public_key()),
        };
        match self.log_version {
            LogVersion::V1 => ProposedEntry::HashedRekordV001(entry),
            LogVersion::V2 => ProposedEntry::HashedRekordV002(entry),
        }
    }

    pub(crate) fn bundle(&self, entry: &ProposedEntry, content: Content) -> Bundle {
        let logged = self.world.log(
            &entry.canonical_body().unwrap(),
            entry.kind(),
            self.log_version,
            self.promise.then_some(self.logged_at),
        );
        self.bundle_logged(logged, content)
    }

    pub(crate) fn bundle_logged(&self, logged: LogEntry, content: Content) -> Bundle {
        let mut bundle = Bundle {
            version: BundleVersion::V0_3,
            material: VerificationMaterial::Certificate(Box::new(self.leaf.clone())),
            log_entries: vec![logged],
            timestamps: Vec::new(),
            content,
            stored_envelope: None,
        };
        if let Some(at) = self.stamped_at {
            let stamp = self.world.stamp(bundle.signature(), at);
            bundle.timestamps.push(stamp.into());
        }
        bundle
    }
}

pub(crate) fn message_content(signature: Vec<u8>) -> Content {
    Content::MessageSignature {
        digest: Some(Digest::sha256(ARTIFACT)),
        signature: signature.into(),
    }
}

pub(crate) fn statement_about(digest: &Digest) -> Vec<u8> {
    format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"a","digest":{{"{}":"{}"}}}}],"predicateType":"https://example.com/claim","predicate":{{}}}}"#,
        digest.algorithm().name(),
        digest.to_hex()
    )
    .into_bytes()
}

pub(crate) fn p256() -> SigningKey {
    SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap()
}

pub(crate) fn expected() -> Expected {
    Expected::exactly(IDENTITY, ISSUER)
}

pub(crate) fn judge_by(bundle: &Bundle, root: &TrustRoot) -> Verdict<Verified<Claim>> {
    let artifact = Artifact::from_digest(Digest::sha256(ARTIFACT));
    sealwright_sigstore::verify(bundle, &artifact, root, &expected(), now())
}

/// The code of a verdict that is not acceptance.
pub(crate) fn code(verdict: &Verdict<Verified<Claim>>) -> String {
    verdict
        .code()
        .map_or_else(|| "accepted".to_owned(), |code| code.to_string())
}
