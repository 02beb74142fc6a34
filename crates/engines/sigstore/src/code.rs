//! The stable codes of this crate; each has a page in `docs/codes/`.

use sealwright_core::Code;

pub(crate) const ARTIFACT_BYTES_NEEDED: Code = Code::new("artifact.bytes-needed");
/// The artifact is not the one that was signed.
pub const ARTIFACT_DIGEST_MISMATCH: Code = Code::new("artifact.digest-mismatch");
pub(crate) const BUNDLE_DUPLICATE_KEY: Code = Code::new("bundle.duplicate-key");
pub(crate) const BUNDLE_MALFORMED: Code = Code::new("bundle.malformed");
pub(crate) const BUNDLE_TOO_LARGE: Code = Code::new("bundle.too-large");
pub(crate) const BUNDLE_UNSUPPORTED: Code = Code::new("bundle.unsupported");
pub(crate) const CERT_CHAIN_INVALID: Code = Code::new("cert.chain-invalid");
pub(crate) const CERT_CLAIM_MISMATCH: Code = Code::new("cert.claim-mismatch");
pub(crate) const CERT_EXPIRED_AT_SIGNING: Code = Code::new("cert.expired-at-signing");
pub(crate) const CERT_UNTRUSTED: Code = Code::new("cert.untrusted");
pub(crate) const CLAIM_MALFORMED: Code = Code::new("claim.malformed");
pub(crate) const CLAIM_SUBJECT_MISMATCH: Code = Code::new("claim.subject-mismatch");
pub(crate) const ENTRY_MALFORMED: Code = Code::new("entry.malformed");
pub(crate) const ENTRY_UNSUPPORTED: Code = Code::new("entry.unsupported");
pub(crate) const SIGNING_KEY_UNSUPPORTED: Code = Code::new("signing.key-unsupported");
pub(crate) const LOG_CHECKPOINT_INVALID: Code = Code::new("log.checkpoint-invalid");
pub(crate) const LOG_ENTRY_MISMATCH: Code = Code::new("log.entry-mismatch");
pub(crate) const LOG_INCLUSION_INVALID: Code = Code::new("log.inclusion-invalid");
pub(crate) const LOG_MISSING: Code = Code::new("log.missing");
pub(crate) const LOG_SET_INVALID: Code = Code::new("log.set-invalid");
pub(crate) const LOG_UNTRUSTED: Code = Code::new("log.untrusted");
pub(crate) const LOG_WITNESS_MISSING: Code = Code::new("log.witness-missing");
pub(crate) const PATTERN_INVALID: Code = Code::new("pattern.invalid");
pub(crate) const SCT_INVALID: Code = Code::new("sct.invalid");
pub(crate) const SCT_MISSING: Code = Code::new("sct.missing");
pub(crate) const SIG_IDENTITY_MISMATCH: Code = Code::new("sig.identity-mismatch");
pub(crate) const SIG_INVALID: Code = Code::new("sig.invalid");
pub(crate) const SIG_ISSUER_MISMATCH: Code = Code::new("sig.issuer-mismatch");
pub(crate) const SIG_KEY_MISMATCH: Code = Code::new("sig.key-mismatch");
pub(crate) const SIG_KEY_REQUIRED: Code = Code::new("sig.key-required");
pub(crate) const SIGNING_BAD_ANSWER: Code = Code::new("signing.bad-answer");
pub(crate) const SIGNING_CONFIG_MALFORMED: Code = Code::new("signing-config.malformed");
pub(crate) const SIGNING_CONFIG_NO_SERVICE: Code = Code::new("signing-config.no-service");
pub(crate) const SIGNING_CONFIG_UNSUPPORTED: Code = Code::new("signing-config.unsupported");
pub(crate) const SIGNING_EXPIRED: Code = Code::new("signing.expired");
pub(crate) const SIGNING_OUT_OF_ORDER: Code = Code::new("signing.out-of-order");
pub(crate) const TIME_IN_FUTURE: Code = Code::new("time.in-future");
pub(crate) const TIME_MISSING: Code = Code::new("time.missing");
pub(crate) const TIMESTAMP_INVALID: Code = Code::new("timestamp.invalid");
pub(crate) const TRUST_MALFORMED: Code = Code::new("trust.malformed");
pub(crate) const TRUST_NONE: Code = Code::new("trust.none");
pub(crate) const TRUST_UNSUPPORTED: Code = Code::new("trust.unsupported");

/// Every code this crate can report.
pub const CODES: &[Code] = &[
    ARTIFACT_BYTES_NEEDED,
    ARTIFACT_DIGEST_MISMATCH,
    BUNDLE_DUPLICATE_KEY,
    BUNDLE_MALFORMED,
    BUNDLE_TOO_LARGE,
    BUNDLE_UNSUPPORTED,
    CERT_CHAIN_INVALID,
    CERT_CLAIM_MISMATCH,
    CERT_EXPIRED_AT_SIGNING,
    CERT_UNTRUSTED,
    CLAIM_MALFORMED,
    CLAIM_SUBJECT_MISMATCH,
    ENTRY_MALFORMED,
    ENTRY_UNSUPPORTED,
    SIGNING_KEY_UNSUPPORTED,
    LOG_CHECKPOINT_INVALID,
    LOG_ENTRY_MISMATCH,
    LOG_INCLUSION_INVALID,
    LOG_MISSING,
    LOG_SET_INVALID,
    LOG_UNTRUSTED,
    LOG_WITNESS_MISSING,
    PATTERN_INVALID,
    SCT_INVALID,
    SCT_MISSING,
    SIG_IDENTITY_MISMATCH,
    SIG_INVALID,
    SIG_ISSUER_MISMATCH,
    SIG_KEY_MISMATCH,
    SIG_KEY_REQUIRED,
    SIGNING_BAD_ANSWER,
    SIGNING_CONFIG_MALFORMED,
    SIGNING_CONFIG_NO_SERVICE,
    SIGNING_CONFIG_UNSUPPORTED,
    SIGNING_EXPIRED,
    SIGNING_OUT_OF_ORDER,
    TIME_IN_FUTURE,
    TIME_MISSING,
    TIMESTAMP_INVALID,
    TRUST_MALFORMED,
    TRUST_NONE,
    TRUST_UNSUPPORTED,
];
