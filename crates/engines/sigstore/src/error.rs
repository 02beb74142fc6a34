//! What can go wrong when nothing could be decided: malformed input, missing trust, answers that
//! do not fit. What was decided and is a no stands in [`crate::Rejection`].

use std::borrow::Cow;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::Timestamp;

use crate::code;

/// Why no decision could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The signature is over the bytes themselves, or over a digest that was not given.
    #[error(
        "the signature is over the artifact's bytes or another digest of them than the one given"
    )]
    ArtifactBytesNeeded,
    /// A bundle repeats a key in a JSON object.
    #[error("bundle repeats a key: {source}")]
    BundleDuplicateKey {
        /// What the reader says.
        source: serde_json::Error,
    },
    /// A bundle is no JSON or not of a bundle's shape.
    #[error("bundle is not valid JSON of a Sigstore bundle: {source}")]
    BundleJson {
        /// What the reader says.
        source: serde_json::Error,
    },
    /// A bundle is JSON of the right shape and breaks a rule of its version.
    #[error("bundle is malformed: {fault}")]
    BundleMalformed {
        /// The rule.
        fault: BundleFault,
    },
    /// More bytes than the limit.
    #[error("bundle has {found} bytes, wanted at most {limit}")]
    BundleTooLarge {
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// More elements of a kind than the limit.
    #[error("bundle has {found} {what}, wanted at most {limit}")]
    BundleTooMany {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A bundle version this program does not know.
    #[error(
        "bundle media type is {media_type:?}, wanted a Sigstore bundle of version 0.1, 0.2 or 0.3"
    )]
    BundleUnsupported {
        /// What the bundle says it is.
        media_type: String,
    },
    /// The signed payload of an envelope is not a statement this program can read.
    #[error("signed claim cannot be read: {source}")]
    ClaimMalformed {
        /// What the reader says.
        source: sealwright_core::InvalidStatement,
    },
    /// The envelope's payload is no in-toto statement.
    #[error("signed payload is of type {found:?}, wanted application/vnd.in-toto+json")]
    ClaimUnsupported {
        /// The type the envelope states.
        found: String,
    },
    /// The body of a log entry cannot be read.
    #[error("log entry body cannot be read: {fault}")]
    EntryMalformed {
        /// What is wrong with it.
        fault: EntryFault,
    },
    /// A log entry of a kind or version this program does not know.
    #[error("log entry is of kind {kind} version {version}, which is not supported")]
    EntryUnsupported {
        /// Its kind.
        kind: String,
        /// Its version.
        version: String,
    },
    /// The key cannot make or check the signature wanted of it.
    #[error("a key of this type cannot sign {what}")]
    KeyUnsupported {
        /// What it would have to sign.
        what: &'static str,
    },
    /// The signed payload of an image's signature is not one this program can read.
    #[error("signed payload of an image cannot be read: {reason}")]
    PayloadMalformed {
        /// What the reader says.
        reason: String,
    },
    /// A pattern is no regular expression.
    #[error("pattern {pattern:?} is not a regular expression: {source}")]
    PatternInvalid {
        /// The pattern as given.
        pattern: String,
        /// What the compiler says.
        source: Box<regex::Error>,
    },
    /// Somebody answered the signing machine with something that does not fit the question.
    #[error("answer to signing step {step} does not fit: {fault}")]
    SigningAnswer {
        /// Which step had asked.
        step: &'static str,
        /// What is wrong with the answer.
        fault: AnswerFault,
    },
    /// A signing configuration breaks a rule.
    #[error("signing configuration is malformed: {fault}")]
    SigningConfigMalformed {
        /// The rule.
        fault: SigningConfigFault,
    },
    /// A version or name in a signing configuration that this program does not know.
    #[error("signing configuration has {what} {value:?}, which is not supported")]
    SigningConfigUnsupported {
        /// Which field.
        what: &'static str,
        /// Its value.
        value: String,
    },
    /// A signing configuration names too few services that can be used now.
    #[error(
        "signing configuration names {found} operators of a {what} that can be used at {at}, wanted {wanted}"
    )]
    SigningServiceMissing {
        /// The kind of service.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many the selector wants.
        wanted: usize,
        /// The time.
        at: Timestamp,
    },
    /// Every certificate expired before the claims were timestamped and logged.
    #[error(
        "the signing certificate expired {rounds} times before the signatures were timestamped and logged"
    )]
    SigningExpired {
        /// How many certificates were tried.
        rounds: usize,
    },
    /// The driver of the signing machine answered another question than was asked.
    #[error("signing step {step} was answered with {answer}")]
    SigningOutOfOrder {
        /// What the machine waits for.
        step: &'static str,
        /// What it was given.
        answer: &'static str,
    },
    /// A trusted root or signing configuration is no JSON or not of the right shape.
    #[error("trusted root is not valid JSON of a Sigstore trusted root: {source}")]
    TrustJson {
        /// What the reader says.
        source: serde_json::Error,
    },
    /// A trusted root is JSON of the right shape and breaks a rule.
    #[error("trusted root is malformed: {fault}")]
    TrustMalformed {
        /// The rule.
        fault: TrustFault,
    },
    /// Nothing in the trusted root knows the authority, log or timestamp authority of this bundle.
    #[error(
        "no trusted root for this bundle: neither its certificate's issuer nor its log is known"
    )]
    TrustNone,
    /// A version or algorithm name this program does not know.
    #[error("trusted root has {what} {value:?}, which is not supported")]
    TrustUnsupported {
        /// Which field.
        what: &'static str,
        /// Its value.
        value: String,
    },
}

/// A rule of the bundle format that is broken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleFault {
    /// A certificate cannot be parsed.
    #[error("certificate {index} cannot be parsed: {source}")]
    Certificate {
        /// Its place in the chain, from 0.
        index: usize,
        /// What the parser says.
        source: sealwright_crypto::Error,
    },
    /// Neither a message signature nor an envelope, or both.
    #[error("it must hold either a message signature or an envelope")]
    Content,
    /// The message digest is not one.
    #[error("message digest is malformed: {source}")]
    Digest {
        /// What is wrong.
        source: sealwright_core::InvalidDigest,
    },
    /// The same log entry twice.
    #[error("log entry {log_index} occurs twice")]
    DuplicateEntry {
        /// Its index.
        log_index: u64,
    },
    /// The same timestamp twice.
    #[error("a timestamp occurs twice")]
    DuplicateTimestamp,
    /// Neither certificate nor key hint, or more than one.
    #[error(
        "verification material must be exactly one of certificate, certificate chain and public key"
    )]
    Material,
    /// A required field is absent or empty.
    #[error("{field} is missing")]
    Missing {
        /// The field's path.
        field: &'static str,
    },
    /// A field has a value it may not have.
    #[error("{field} is out of range")]
    OutOfRange {
        /// The field's path.
        field: &'static str,
    },
    /// A chain holds a self-signed certificate.
    #[error("certificate chain contains a root certificate")]
    Root,
    /// An envelope with none or several signatures.
    #[error("envelope has {found} signatures, wanted exactly one")]
    Signatures {
        /// How many there are.
        found: usize,
    },
}

/// What is wrong with the body of a log entry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryFault {
    /// A digest is not one.
    #[error("{0}")]
    Digest(sealwright_core::InvalidDigest),
    /// Not base64, or not text, where that is needed.
    #[error("{field} is not encoded as it must be")]
    Encoding {
        /// The field.
        field: &'static str,
    },
    /// Not JSON of the shape of its kind.
    #[error("{0}")]
    Json(serde_json::Error),
    /// Not exactly one signature.
    #[error("it has {found} signatures, wanted exactly one")]
    Signatures {
        /// How many there are.
        found: usize,
    },
    /// The certificate or key cannot be parsed.
    #[error("its certificate or key cannot be parsed")]
    Verifier,
}

/// What is wrong with an answer to the signing machine.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerFault {
    /// A certificate for another key.
    #[error("the certificate is not for the key that signs")]
    CertificateKey,
    /// Not as many answers as questions.
    #[error("it has {found} parts, wanted {wanted}")]
    Count {
        /// How many there are.
        found: usize,
        /// How many were asked for.
        wanted: usize,
    },
    /// A log entry whose body is not what was proposed.
    #[error("log entry {index} records something else than was proposed")]
    Entry {
        /// Which one, from 0.
        index: usize,
    },
    /// A signature that does not verify.
    #[error("signature {index} does not verify under the signing key")]
    Signature {
        /// Which one, from 0.
        index: usize,
    },
    /// A timestamp response that cannot be read or is about something else.
    #[error("timestamp {index} is not a timestamp of signature {index}")]
    Timestamp {
        /// Which one, from 0.
        index: usize,
    },
}

/// A rule of the signing configuration's format that is broken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SigningConfigFault {
    /// EXACT without a number of services.
    #[error("{what} are selected by EXACT without a count above 0")]
    Count {
        /// Which services.
        what: &'static str,
    },
    /// Not JSON of its shape.
    #[error("{source}")]
    Json {
        /// What the reader says.
        source: serde_json::Error,
    },
    /// Trusted root or signing configuration is absent.
    #[error("it has no {what}")]
    Part {
        /// Which of them.
        what: &'static str,
    },
    /// Nothing says how many of the services are used.
    #[error("nothing says how many services of the kind {what} are used, wanted ANY, ALL or EXACT")]
    Selector {
        /// Which services.
        what: &'static str,
    },
    /// More bytes or elements than the limit.
    #[error("{what} number {found}, wanted at most {limit}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A service without a URL.
    #[error("one of the {what} has no URL")]
    Url {
        /// Which services.
        what: &'static str,
    },
    /// A version that is no 32-bit number.
    #[error("one of the {what} has a version that is none")]
    Version {
        /// Which services.
        what: &'static str,
    },
}

/// A rule of the trusted root format that is broken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrustFault {
    /// A certificate cannot be parsed.
    #[error("certificate {index} of {uri:?} cannot be parsed: {source}")]
    Certificate {
        /// Which authority.
        uri: String,
        /// Its place in the chain, from 0.
        index: usize,
        /// What the parser says.
        source: sealwright_crypto::Error,
    },
    /// A public key cannot be parsed.
    #[error("public key of log {url:?} cannot be parsed: {source}")]
    Key {
        /// Which log.
        url: String,
        /// What the parser says.
        source: sealwright_crypto::Error,
    },
    /// A required field is absent or empty.
    #[error("{what} {name:?} has no {field}")]
    Missing {
        /// What kind of element.
        what: &'static str,
        /// Which one.
        name: String,
        /// The field's path in it.
        field: &'static str,
    },
    /// More bytes or elements than the limit.
    #[error("{what} number {found}, wanted at most {limit}")]
    TooMany {
        /// What is counted.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A witness whose name or key is none.
    #[error("{name:?} is no witness, wanted a name without spaces and an Ed25519 key")]
    Witness {
        /// Its name, or the whole text.
        name: String,
    },
}

impl Error {
    /// Tells a repeated key from other JSON that is no bundle.
    pub(crate) fn bundle_json(source: serde_json::Error) -> Self {
        // The strict reader of core names this case first in its message; its other messages and
        // serde's never start so.
        if source.to_string().starts_with("duplicate key") {
            Self::BundleDuplicateKey { source }
        } else {
            Self::BundleJson { source }
        }
    }
}

impl From<BundleFault> for Error {
    fn from(fault: BundleFault) -> Self {
        Self::BundleMalformed { fault }
    }
}

impl From<EntryFault> for Error {
    fn from(fault: EntryFault) -> Self {
        Self::EntryMalformed { fault }
    }
}

impl From<SigningConfigFault> for Error {
    fn from(fault: SigningConfigFault) -> Self {
        Self::SigningConfigMalformed { fault }
    }
}

impl From<TrustFault> for Error {
    fn from(fault: TrustFault) -> Self {
        Self::TrustMalformed { fault }
    }
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::ArtifactBytesNeeded => code::ARTIFACT_BYTES_NEEDED,
            Self::BundleDuplicateKey { .. } => code::BUNDLE_DUPLICATE_KEY,
            Self::BundleJson { .. } | Self::BundleMalformed { .. } => code::BUNDLE_MALFORMED,
            Self::BundleTooLarge { .. } | Self::BundleTooMany { .. } => code::BUNDLE_TOO_LARGE,
            Self::BundleUnsupported { .. } => code::BUNDLE_UNSUPPORTED,
            Self::ClaimMalformed { .. }
            | Self::ClaimUnsupported { .. }
            | Self::PayloadMalformed { .. } => code::CLAIM_MALFORMED,
            Self::EntryMalformed { .. } => code::ENTRY_MALFORMED,
            Self::EntryUnsupported { .. } => code::ENTRY_UNSUPPORTED,
            Self::KeyUnsupported { .. } => code::SIGNING_KEY_UNSUPPORTED,
            Self::PatternInvalid { .. } => code::PATTERN_INVALID,
            Self::SigningAnswer { .. } => code::SIGNING_BAD_ANSWER,
            Self::SigningConfigMalformed { .. } => code::SIGNING_CONFIG_MALFORMED,
            Self::SigningConfigUnsupported { .. } => code::SIGNING_CONFIG_UNSUPPORTED,
            Self::SigningServiceMissing { .. } => code::SIGNING_CONFIG_NO_SERVICE,
            Self::SigningExpired { .. } => code::SIGNING_EXPIRED,
            Self::SigningOutOfOrder { .. } => code::SIGNING_OUT_OF_ORDER,
            Self::TrustJson { .. } | Self::TrustMalformed { .. } => code::TRUST_MALFORMED,
            Self::TrustNone => code::TRUST_NONE,
            Self::TrustUnsupported { .. } => code::TRUST_UNSUPPORTED,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::KeyUnsupported { .. } | Self::PatternInvalid { .. } => Class::Usage,
            Self::SigningOutOfOrder { .. } => Class::Bug,
            _ => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            Self::ArtifactBytesNeeded => "verify the artifact itself instead of its digest",
            Self::BundleUnsupported { .. }
            | Self::EntryUnsupported { .. }
            | Self::SigningConfigUnsupported { .. }
            | Self::TrustUnsupported { .. } => "a newer version of sealwright may know it",
            Self::BundleJson { .. } | Self::BundleMalformed { .. } => {
                "check that the whole file was downloaded, or seal the artifact again"
            }
            Self::SigningServiceMissing { .. } => {
                "get the signing configuration anew from whoever runs the services"
            }
            Self::TrustNone => {
                "give the trusted root of the instance that made the bundle with --trusted-root; \
                 `sealwright root show` prints it there"
            }
            _ => return None,
        }))
    }
}
