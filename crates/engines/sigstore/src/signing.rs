//! Signing: a state machine that asks for what it needs, in batches.
//!
//! One key and one certificate serve all claims of a run. The private key never comes here: the
//! machine asks for signatures and whoever drives it makes them, with an ephemeral key, a file, or
//! a key management service. The same goes for everything remote. The steps of a run:
//!
//! ```text
//! NeedIdentityToken -> NeedPublicKey -> NeedSignatures (proof of possession) -> NeedCertificate
//!   -> NeedSignatures (claims) -> NeedTimestamps -> NeedLogEntries -> Done
//! ```
//!
//! A certificate that expired before its signatures were timestamped and logged leads back to
//! `NeedCertificate`. With a managed key the first, third and fourth fall away.

mod claim;

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_crypto::TimestampToken;

use crate::Bundle;
use crate::BundleVersion;
use crate::Error;
use crate::LogEntry;
use crate::LogVersion;
use crate::ProposedEntry;
use crate::VerificationMaterial;
use crate::Verifier;
use crate::error::AnswerFault;

use self::claim::PreparedClaim;
use self::claim::SignedClaim;

/// Something to be signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ClaimInput {
    /// An artifact, by the digest of its bytes.
    Message(Digest),
    /// An in-toto statement: its JSON, signed as it is.
    Statement(Vec<u8>),
}

/// How to sign.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SigningOptions {
    /// The generation of each log that entries are proposed to; none for no log.
    pub logs: Vec<LogVersion>,
    /// How many authorities are asked for timestamps. Without a v1 log a certificate needs one; with
    /// it they are further sources of time.
    pub timestamp_authorities: usize,
    /// What signs.
    pub with: SigningWith,
}

impl Default for SigningOptions {
    /// One log of version 1, which gives the time, too.
    fn default() -> Self {
        Self {
            logs: vec![LogVersion::V1],
            timestamp_authorities: 0,
            with: SigningWith::Certificate,
        }
    }
}

/// What signs.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub enum SigningWith {
    /// A key that a certificate vouches for.
    #[default]
    Certificate,
    /// A key that verifiers know already.
    ManagedKey {
        /// What the bundle says about which key.
        hint: String,
    },
}

/// What the machine wants next.
#[derive(Clone, Debug)]
pub enum Step {
    /// An identity token; its subject is needed here, the token where the certificate comes from.
    NeedIdentityToken,
    /// The key that will sign.
    NeedPublicKey,
    /// Signatures by that key, in this order.
    NeedSignatures(Vec<SignatureRequest>),
    /// A certificate for that key.
    NeedCertificate(CertificateRequest),
    /// A timestamp over each of these bytes, by each authority.
    NeedTimestamps(Vec<Base64>),
    /// For each log, the entries it is to hold, in this order.
    NeedLogEntries(Vec<Vec<ProposedEntry>>),
    /// Nothing: a bundle for each claim, in the claims' order.
    Done(Vec<Bundle>),
}

/// What the machine is given.
#[derive(Clone, Debug)]
pub enum Input {
    /// The word to begin.
    Start,
    /// For [`Step::NeedIdentityToken`].
    IdentityToken {
        /// The subject a proof of possession is made over: `sub`, or the email address.
        subject: String,
    },
    /// For [`Step::NeedPublicKey`].
    PublicKey {
        /// The key.
        key: PublicKey,
        /// How it signs.
        scheme: SignatureScheme,
    },
    /// For [`Step::NeedSignatures`]; ECDSA signatures as DER.
    Signatures(Vec<Vec<u8>>),
    /// For [`Step::NeedCertificate`].
    Certificate(Box<Certificate>),
    /// For [`Step::NeedTimestamps`]: DER of RFC 3161 responses, for each authority one for each
    /// signature.
    Timestamps(Vec<Vec<Vec<u8>>>),
    /// For [`Step::NeedLogEntries`], in the same shape.
    LogEntries(Vec<Vec<LogEntry>>),
}

/// A signature to be made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignatureRequest {
    /// What for.
    pub purpose: SignaturePurpose,
    /// How.
    pub scheme: SignatureScheme,
    /// Over what.
    pub input: SignatureInput,
}

/// What a signature is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignaturePurpose {
    /// A claim, by its place.
    Claim(usize),
    /// To prove to a certificate authority that the key is held.
    ProofOfPossession,
}

/// What is to be signed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SignatureInput {
    /// The message with this digest.
    Digest(Digest),
    /// The message itself, for schemes that read it.
    Message(Vec<u8>),
}

/// A certificate to be issued.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateRequest {
    /// The key.
    pub public_key: PublicKey,
    /// The token's subject, signed with the key.
    pub proof: Base64,
    /// The token's subject.
    pub subject: String,
}

/// The digest by which [`ClaimInput::Message`] names an artifact to a key of this scheme.
pub const fn message_digest(scheme: SignatureScheme) -> DigestAlgorithm {
    claim::message_digest(scheme)
}

impl SignatureRequest {
    /// Makes the signature with a key in memory.
    ///
    /// # Errors
    /// What the key says: `key.unsupported`, `crypto.backend-failed`.
    pub fn sign_with(&self, key: &SigningKey) -> Result<Vec<u8>, sealwright_crypto::Error> {
        let input = match &self.input {
            SignatureInput::Digest(digest) => sealwright_crypto::SignatureInput::Digest(digest),
            SignatureInput::Message(message) => sealwright_crypto::SignatureInput::Message(message),
        };
        key.sign_with(self.scheme, input)
    }
}

/// The state machine; see the module's description.
#[derive(Debug)]
pub struct SigningMachine {
    claims: Vec<ClaimInput>,
    options: SigningOptions,
    state: State,
    certificates_used: usize,
}

/// What has been learned so far, and so what is waited for.
#[derive(Debug)]
enum State {
    New,
    Token,
    Key {
        subject: Option<String>,
    },
    Proof {
        subject: String,
        key: Key,
    },
    Certificate {
        proof: Proof,
        signed: Option<Vec<SignedClaim>>,
    },
    Signatures {
        identity: SigningIdentity,
        prepared: Vec<PreparedClaim>,
    },
    Timestamps {
        identity: SigningIdentity,
        signed: Vec<SignedClaim>,
    },
    Entries {
        identity: SigningIdentity,
        signed: Vec<SignedClaim>,
        proposed: Vec<Vec<ProposedEntry>>,
    },
    Ended,
}

#[derive(Clone, Debug)]
struct Key {
    key: PublicKey,
    scheme: SignatureScheme,
}

#[derive(Clone, Debug)]
struct Proof {
    key: Key,
    request: CertificateRequest,
}

/// The key, with what vouches for it.
#[derive(Clone, Debug)]
enum SigningIdentity {
    Certificate {
        proof: Proof,
        leaf: Box<Certificate>,
    },
    Key {
        key: Key,
        hint: String,
    },
}

impl SigningIdentity {
    const fn key(&self) -> &Key {
        match self {
            Self::Certificate { proof, .. } => &proof.key,
            Self::Key { key, .. } => key,
        }
    }

    fn verifier(&self) -> Verifier {
        match self {
            Self::Certificate { leaf, .. } => Verifier::from(&**leaf),
            Self::Key { key, .. } => Verifier::from(&key.key),
        }
    }

    fn material(&self) -> VerificationMaterial {
        match self {
            Self::Certificate { leaf, .. } => VerificationMaterial::Certificate(leaf.clone()),
            Self::Key { hint, .. } => VerificationMaterial::PublicKey { hint: hint.clone() },
        }
    }

    /// Whether the certificate had expired at a time.
    fn expired_at(&self, time: Timestamp) -> bool {
        match self {
            Self::Certificate { leaf, .. } => time.truncated_to_second() > leaf.not_after(),
            Self::Key { .. } => false,
        }
    }
}

impl SigningMachine {
    /// A machine that will sign these claims.
    pub const fn new(claims: Vec<ClaimInput>, options: SigningOptions) -> Self {
        Self {
            claims,
            options,
            state: State::New,
            certificates_used: 0,
        }
    }

    /// Takes what was asked for, starting with [`Input::Start`], and says what is needed next.
    ///
    /// # Errors
    /// `signing.out-of-order`, `signing.bad-answer`, `signing.expired`, `signing.key-unsupported`.
    /// A machine that failed has ended.
    pub fn step(&mut self, input: Input) -> Result<Step, Error> {
        match (std::mem::replace(&mut self.state, State::Ended), input) {
            (State::New, Input::Start) => Ok(self.start()),
            (State::Token, Input::IdentityToken { subject }) => Ok(self.want_key(Some(subject))),
            (State::Key { subject }, Input::PublicKey { key, scheme }) => {
                self.take_key(subject, Key { key, scheme })
            }
            (State::Proof { subject, key }, Input::Signatures(signatures)) => {
                self.take_proof(subject, key, signatures)
            }
            (State::Certificate { proof, signed }, Input::Certificate(leaf)) => {
                self.take_certificate(proof, signed, leaf)
            }
            (State::Signatures { identity, prepared }, Input::Signatures(signatures)) => {
                self.take_signatures(identity, prepared, signatures)
            }
            (State::Timestamps { identity, signed }, Input::Timestamps(timestamps)) => {
                self.take_timestamps(identity, signed, timestamps)
            }
            (
                State::Entries {
                    identity,
                    signed,
                    proposed,
                },
                Input::LogEntries(entries),
            ) => self.take_entries(identity, signed, &proposed, entries),
            (state, input) => Err(Error::SigningOutOfOrder {
                step: state.waits_for(),
                answer: input.name(),
            }),
        }
    }

    fn start(&mut self) -> Step {
        match self.options.with {
            SigningWith::Certificate => {
                self.state = State::Token;
                Step::NeedIdentityToken
            }
            SigningWith::ManagedKey { .. } => self.want_key(None),
        }
    }

    fn want_key(&mut self, subject: Option<String>) -> Step {
        self.state = State::Key { subject };
        Step::NeedPublicKey
    }

    fn take_key(&mut self, subject: Option<String>, key: Key) -> Result<Step, Error> {
        if key.scheme.key_kind() != key.key.kind() {
            return Err(Error::KeyUnsupported {
                what: "under the scheme that was named for it",
            });
        }
        match (subject, &self.options.with) {
            (None, SigningWith::ManagedKey { hint }) => {
                let hint = hint.clone();
                self.want_claims(SigningIdentity::Key { key, hint })
            }
            (subject, _) => {
                let subject = subject.unwrap_or_default();
                let request = SignatureRequest {
                    purpose: SignaturePurpose::ProofOfPossession,
                    scheme: key.scheme,
                    input: claim::input(key.scheme, subject.as_bytes()),
                };
                self.state = State::Proof { subject, key };
                Ok(Step::NeedSignatures(vec![request]))
            }
        }
    }

    fn take_proof(
        &mut self,
        subject: String,
        key: Key,
        signatures: Vec<Vec<u8>>,
    ) -> Result<Step, Error> {
        const STEP: &str = "signatures";
        check_count(STEP, signatures.len(), 1)?;
        let proof = signatures.into_iter().next().unwrap_or_default();
        key.key
            .verify(key.scheme, subject.as_bytes(), &proof)
            .map_err(|_| answer(STEP, AnswerFault::Signature { index: 0 }))?;
        let request = CertificateRequest {
            public_key: key.key.clone(),
            proof: proof.into(),
            subject,
        };
        self.want_certificate(Proof { key, request }, None)
    }

    /// Asks for a first certificate, or for another when one expired.
    fn want_certificate(
        &mut self,
        proof: Proof,
        signed: Option<Vec<SignedClaim>>,
    ) -> Result<Step, Error> {
        if self.certificates_used == MAX_CERTIFICATES {
            return Err(Error::SigningExpired {
                rounds: MAX_CERTIFICATES,
            });
        }
        self.certificates_used += 1;
        let step = Step::NeedCertificate(proof.request.clone());
        self.state = State::Certificate { proof, signed };
        Ok(step)
    }

    fn take_certificate(
        &mut self,
        proof: Proof,
        signed: Option<Vec<SignedClaim>>,
        leaf: Box<Certificate>,
    ) -> Result<Step, Error> {
        if *leaf.public_key() != proof.key.key {
            return Err(answer("certificate", AnswerFault::CertificateKey));
        }
        let identity = SigningIdentity::Certificate { proof, leaf };
        match signed {
            None => self.want_claims(identity),
            // The signatures are by the same key and hold; when they were made has to be shown anew.
            Some(signed) => self.want_timestamps(identity, signed),
        }
    }

    fn want_claims(&mut self, identity: SigningIdentity) -> Result<Step, Error> {
        let scheme = identity.key().scheme;
        let prepared: Vec<PreparedClaim> = self
            .claims
            .drain(..)
            .map(|claim| PreparedClaim::new(claim, scheme, &self.options.logs))
            .collect::<Result<_, _>>()?;
        let requests = prepared
            .iter()
            .enumerate()
            .map(|(place, claim)| SignatureRequest {
                purpose: SignaturePurpose::Claim(place),
                scheme: claim.scheme(),
                input: claim.signature_input(),
            })
            .collect();
        self.state = State::Signatures { identity, prepared };
        Ok(Step::NeedSignatures(requests))
    }

    fn take_signatures(
        &mut self,
        identity: SigningIdentity,
        prepared: Vec<PreparedClaim>,
        signatures: Vec<Vec<u8>>,
    ) -> Result<Step, Error> {
        const STEP: &str = "signatures";
        check_count(STEP, signatures.len(), prepared.len())?;
        let key = identity.key();
        let mut signed = Vec::with_capacity(prepared.len());
        for (index, (claim, signature)) in prepared.into_iter().zip(signatures).enumerate() {
            // A signature that does not hold must not reach a log.
            if !claim.is_signed_by(&key.key, &signature) {
                return Err(answer(STEP, AnswerFault::Signature { index }));
            }
            signed.push(claim.signed(signature));
        }
        self.want_timestamps(identity, signed)
    }

    fn want_timestamps(
        &mut self,
        identity: SigningIdentity,
        mut signed: Vec<SignedClaim>,
    ) -> Result<Step, Error> {
        // After an expired certificate there are some already, which show the wrong time.
        for claim in &mut signed {
            claim.forget_timestamps();
        }
        if self.options.timestamp_authorities == 0 {
            return self.want_entries(identity, signed);
        }
        let signatures = signed
            .iter()
            .map(|claim| claim.signature().clone())
            .collect();
        self.state = State::Timestamps { identity, signed };
        Ok(Step::NeedTimestamps(signatures))
    }

    fn take_timestamps(
        &mut self,
        identity: SigningIdentity,
        mut signed: Vec<SignedClaim>,
        timestamps: Vec<Vec<Vec<u8>>>,
    ) -> Result<Step, Error> {
        const STEP: &str = "timestamps";
        check_count(STEP, timestamps.len(), self.options.timestamp_authorities)?;
        let mut latest = None;
        for by_authority in timestamps {
            check_count(STEP, by_authority.len(), signed.len())?;
            for (index, (claim, der)) in signed.iter_mut().zip(by_authority).enumerate() {
                let fault = || answer(STEP, AnswerFault::Timestamp { index });
                let token = TimestampToken::from_response_der(&der).map_err(|_| fault())?;
                let signature = claim.signature().as_bytes();
                if Digest::of(token.hash_algorithm(), signature) != *token.message_imprint() {
                    return Err(fault());
                }
                latest = latest.max(Some(token.gen_time()));
                claim.add_timestamp(der.into());
            }
        }
        match latest {
            Some(time) if identity.expired_at(time) => self.renew(identity, signed),
            _ => self.want_entries(identity, signed),
        }
    }

    fn want_entries(
        &mut self,
        identity: SigningIdentity,
        signed: Vec<SignedClaim>,
    ) -> Result<Step, Error> {
        if self.options.logs.is_empty() {
            return Ok(Self::done(&identity, signed, Vec::new()));
        }
        let verifier = identity.verifier();
        let key = &identity.key().key;
        let proposed: Vec<Vec<ProposedEntry>> = self
            .options
            .logs
            .iter()
            .map(|version| {
                let proposals = signed.iter();
                proposals
                    .map(|claim| claim.propose(*version, &verifier, key))
                    .collect()
            })
            .collect::<Result<_, _>>()?;
        let step = Step::NeedLogEntries(proposed.clone());
        self.state = State::Entries {
            identity,
            signed,
            proposed,
        };
        Ok(step)
    }

    fn take_entries(
        &mut self,
        identity: SigningIdentity,
        signed: Vec<SignedClaim>,
        proposed: &[Vec<ProposedEntry>],
        entries: Vec<Vec<LogEntry>>,
    ) -> Result<Step, Error> {
        const STEP: &str = "log entries";
        check_count(STEP, entries.len(), proposed.len())?;
        for (proposed, entries) in proposed.iter().zip(&entries) {
            check_count(STEP, entries.len(), proposed.len())?;
            for (index, (proposal, entry)) in proposed.iter().zip(entries).enumerate() {
                let body = proposal.canonical_body()?;
                if entry.kind != proposal.kind() || entry.canonicalized_body.as_bytes() != body {
                    return Err(answer(STEP, AnswerFault::Entry { index }));
                }
            }
        }
        let promised = entries
            .iter()
            .flatten()
            .filter(|entry| entry.inclusion_promise.is_some())
            .filter_map(|entry| entry.integrated_time)
            .max();
        if promised.is_some_and(|time| identity.expired_at(time)) {
            return self.renew(identity, signed);
        }
        Ok(Self::done(&identity, signed, entries))
    }

    /// The bundles, of what each log answered for each claim.
    fn done(
        identity: &SigningIdentity,
        signed: Vec<SignedClaim>,
        entries: Vec<Vec<LogEntry>>,
    ) -> Step {
        let mut by_log: Vec<_> = entries.into_iter().map(Vec::into_iter).collect();
        let bundles = signed
            .into_iter()
            .map(|claim| {
                let (content, timestamps) = claim.into_parts();
                Bundle {
                    version: BundleVersion::V0_3,
                    material: identity.material(),
                    log_entries: by_log.iter_mut().filter_map(Iterator::next).collect(),
                    timestamps,
                    content,
                    stored_envelope: None,
                }
            })
            .collect();
        Step::Done(bundles)
    }

    fn renew(
        &mut self,
        identity: SigningIdentity,
        signed: Vec<SignedClaim>,
    ) -> Result<Step, Error> {
        match identity {
            SigningIdentity::Certificate { proof, .. } => {
                self.want_certificate(proof, Some(signed))
            }
            // A key does not expire here.
            SigningIdentity::Key { .. } => self.want_entries(identity, signed),
        }
    }
}

impl State {
    const fn waits_for(&self) -> &'static str {
        match self {
            Self::New => "start",
            Self::Token => "identity token",
            Self::Key { .. } => "public key",
            Self::Proof { .. } | Self::Signatures { .. } => "signatures",
            Self::Certificate { .. } => "certificate",
            Self::Timestamps { .. } => "timestamps",
            Self::Entries { .. } => "log entries",
            Self::Ended => "nothing",
        }
    }
}

impl Input {
    const fn name(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::IdentityToken { .. } => "identity token",
            Self::PublicKey { .. } => "public key",
            Self::Signatures(_) => "signatures",
            Self::Certificate(_) => "certificate",
            Self::Timestamps(_) => "timestamps",
            Self::LogEntries(_) => "log entries",
        }
    }
}

fn check_count(step: &'static str, found: usize, wanted: usize) -> Result<(), Error> {
    if found == wanted {
        return Ok(());
    }
    Err(answer(step, AnswerFault::Count { found, wanted }))
}

const fn answer(step: &'static str, fault: AnswerFault) -> Error {
    Error::SigningAnswer { step, fault }
}

/// A service whose certificates expire this often before use is not going to get better.
const MAX_CERTIFICATES: usize = 3;
