//! Sigstore: bundles, trusted roots, log entries, the verifier and the signing state machine.
//!
//! [`verify()`] is one pure function: it opens no socket and no file and reads no clock. Signing is
//! a state machine ([`SigningMachine`]) that asks for signatures, certificates, timestamps and log
//! entries; somebody above gets them. Specifications: sigstore protobuf-specs (bundle, trust root),
//! the architecture documents' client specification section 4 (order of verification), rekor v1 and
//! rekor-tiles (entries), DSSE 1.0, RFC 3161 and RFC 6962 through the crates below.

mod algorithm;
mod artifact;
mod bundle;
mod client_trust_config;
mod code;
pub mod entry;
mod error;
mod expected;
mod extension;
mod legacy;
mod log_entry;
mod protojson;
mod rejection;
mod signing;
mod signing_config;
mod simple_signing;
mod trust_root;
mod verify;
mod witness;

pub use crate::algorithm::HashAlgorithm;
pub use crate::algorithm::KeyDetails;
pub use crate::artifact::Artifact;
pub use crate::bundle::Bundle;
pub use crate::bundle::BundleVersion;
pub use crate::bundle::Content;
pub use crate::bundle::Limits;
pub use crate::bundle::VerificationMaterial;
pub use crate::client_trust_config::ClientTrustConfig;
pub use crate::code::ARTIFACT_DIGEST_MISMATCH;
pub use crate::code::CODES;
pub use crate::entry::LogVersion;
pub use crate::entry::ProposedEntry;
pub use crate::entry::Verifier;
pub use crate::error::AnswerFault;
pub use crate::error::BundleFault;
pub use crate::error::EntryFault;
pub use crate::error::Error;
pub use crate::error::SigningConfigFault;
pub use crate::error::TrustFault;
pub use crate::expected::Expected;
pub use crate::expected::Pattern;
pub use crate::expected::TextMatch;
pub use crate::extension::ExtensionName;
pub use crate::legacy::Legacy;
pub use crate::legacy::LegacyParts;
pub use crate::log_entry::InclusionProof;
pub use crate::log_entry::LogEntry;
pub use crate::log_entry::LogId;
pub use crate::log_entry::promise_payload;
pub use crate::rejection::CheckpointFault;
pub use crate::rejection::EntryPart;
pub use crate::rejection::Rejection;
pub use crate::rejection::SctFault;
pub use crate::rejection::TimestampFault;
pub use crate::signing::CertificateRequest;
pub use crate::signing::ClaimInput;
pub use crate::signing::Input;
pub use crate::signing::SignatureInput;
pub use crate::signing::SignaturePurpose;
pub use crate::signing::SignatureRequest;
pub use crate::signing::SigningMachine;
pub use crate::signing::SigningOptions;
pub use crate::signing::SigningWith;
pub use crate::signing::Step;
pub use crate::signing::message_digest;
pub use crate::signing_config::Selection;
pub use crate::signing_config::SigningConfig;
pub use crate::signing_config::SigningService;
pub use crate::simple_signing::SimpleSigning;
pub use crate::trust_root::Authority;
pub use crate::trust_root::LogCheck;
pub use crate::trust_root::LogKey;
pub use crate::trust_root::TransparencyLog;
pub use crate::trust_root::TrustProfile;
pub use crate::trust_root::TrustRoot;
pub use crate::trust_root::Validity;
pub use crate::verify::Check;
pub use crate::verify::CheckName;
pub use crate::verify::CheckOutcome;
pub use crate::verify::Claim;
pub use crate::verify::LoggedAt;
pub use crate::verify::Outcome;
pub use crate::verify::Signer;
pub use crate::verify::TimeSource;
pub use crate::verify::Verdict;
pub use crate::verify::Verified;
pub use crate::verify::VerifiedTime;
pub use crate::verify::Weakening;
pub use crate::verify::verify;
pub use crate::witness::Witness;
