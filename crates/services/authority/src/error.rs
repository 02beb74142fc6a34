//! Why the authority could not be made, opened or used.

use std::borrow::Cow;
use std::path::PathBuf;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::Timestamp;

const CLOCK_BEHIND: Code = Code::new("authority.clock-behind");
const EXPIRED: Code = Code::new("authority.expired");
const IDENTITY_FIXED: Code = Code::new("authority.identity-fixed");
const IDENTITY_INVALID: Code = Code::new("authority.identity-invalid");
const INSTANCE_MALFORMED: Code = Code::new("authority.instance-malformed");
const INSTANCE_MISSING: Code = Code::new("authority.instance-missing");
const ISSUER_UNUSABLE: Code = Code::new("authority.issuer-unusable");
const KEY_MISMATCH: Code = Code::new("authority.key-mismatch");
const KEY_MISSING: Code = Code::new("authority.key-missing");
const KEY_REFUSED: Code = Code::new("authority.key-refused");
const KEY_UNREADABLE: Code = Code::new("authority.key-unreadable");
const PROOF_INVALID: Code = Code::new("authority.proof-invalid");
const TOKEN_REFUSED: Code = Code::new("authority.token-refused");

/// All codes of this crate.
pub const CODES: &[Code] = &[
    CLOCK_BEHIND,
    EXPIRED,
    IDENTITY_FIXED,
    IDENTITY_INVALID,
    INSTANCE_MALFORMED,
    INSTANCE_MISSING,
    ISSUER_UNUSABLE,
    KEY_MISMATCH,
    KEY_MISSING,
    KEY_REFUSED,
    KEY_UNREADABLE,
    PROOF_INVALID,
    TOKEN_REFUSED,
];

/// Why the authority could not be made, opened or used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The clock says a time before the authority was made.
    #[error("the clock says {now}, which is before the authority was made at {created}")]
    ClockBehind {
        /// What the clock says.
        now: Timestamp,
        /// When the authority was made.
        created: Timestamp,
    },
    /// Composing or signing a certificate or timestamp failed.
    #[error("cannot make {what}: {source}")]
    Compose {
        /// What was to be made.
        what: &'static str,
        /// Why not.
        source: sealwright_crypto::Error,
    },
    /// A certificate of the authority does not last long enough to issue under it.
    #[error("the {role} certificate ends at {not_after}, too soon to issue at {now}")]
    Expired {
        /// Whose certificate.
        role: &'static str,
        /// Its end.
        not_after: Timestamp,
        /// What the clock says.
        now: Timestamp,
    },
    /// Reading or writing a file of the authority failed.
    #[error("authority: {source}")]
    Files {
        /// What happened.
        source: sealwright_files::Error,
    },
    /// Another identity was asked for than the one fixed when the authority was made.
    #[error("the authority's identity is {found:?} and cannot become {wanted:?}")]
    IdentityFixed {
        /// The identity it has.
        found: String,
        /// The identity asked for.
        wanted: String,
    },
    /// Text that no certificate can state as an identity.
    #[error("identity is {found:?}, wanted an e-mail address or a URI in ASCII")]
    IdentityInvalid {
        /// The text.
        found: String,
    },
    /// The file that describes the authority is not what it should be.
    #[error("{} does not describe an authority: {part}", path.display())]
    InstanceMalformed {
        /// The file.
        path: PathBuf,
        /// Which part is wrong.
        part: String,
    },
    /// The file that describes the authority is gone although the authority has issued.
    #[error("{} is missing although certificates were issued", path.display())]
    InstanceMissing {
        /// The file.
        path: PathBuf,
    },
    /// The keys of an issuer of tokens cannot be used.
    #[error("the key set of {url} holds no key that can sign identity tokens")]
    IssuerUnusable {
        /// The issuer.
        url: String,
    },
    /// A stored key is not the one its certificate is about.
    #[error("the private key {role} is not the one that the authority's certificates name")]
    KeyMismatch {
        /// The key's role.
        role: String,
    },
    /// A key is not stored although certificates name it.
    #[error("the private key {role} is missing")]
    KeyMissing {
        /// The key's role.
        role: String,
    },
    /// A key of a kind that is not certified.
    #[error("key is {found}, wanted ECDSA or Ed25519")]
    KeyRefused {
        /// The kind of key.
        found: &'static str,
    },
    /// A stored key cannot be read.
    #[error("the private key {role} cannot be read: {source}")]
    KeyUnreadable {
        /// The key's role.
        role: String,
        /// Why not.
        source: sealwright_store::Error,
    },
    /// Whoever asks for a certificate did not show that they hold the key.
    #[error("the proof that the private key is held does not verify: {source}")]
    ProofInvalid {
        /// Why not.
        source: sealwright_crypto::BadSignature,
    },
    /// An identity token is not believed.
    #[cfg(any(test, feature = "http"))]
    #[error("the identity token is not believed: {fault}")]
    TokenRefused {
        /// Why not.
        fault: crate::oidc::TokenFault,
    },
    /// The update repository cannot be read or signed.
    #[cfg(any(test, feature = "http"))]
    #[error("the update repository in {}: {source}", directory.display())]
    Repository {
        /// The repository.
        directory: PathBuf,
        /// Why not.
        source: sealwright_tuf::Error,
    },
}

impl Error {
    pub(crate) fn composing(what: &'static str) -> impl FnOnce(sealwright_crypto::Error) -> Self {
        move |source| Self::Compose { what, source }
    }
}

impl From<sealwright_files::Error> for Error {
    fn from(source: sealwright_files::Error) -> Self {
        Self::Files { source }
    }
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::ClockBehind { .. } => CLOCK_BEHIND,
            Self::Compose { source, .. } => source.code(),
            Self::Expired { .. } => EXPIRED,
            Self::Files { source } => source.code(),
            Self::IdentityFixed { .. } => IDENTITY_FIXED,
            Self::IdentityInvalid { .. } => IDENTITY_INVALID,
            Self::InstanceMalformed { .. } => INSTANCE_MALFORMED,
            Self::InstanceMissing { .. } => INSTANCE_MISSING,
            Self::IssuerUnusable { .. } => ISSUER_UNUSABLE,
            Self::KeyMismatch { .. } => KEY_MISMATCH,
            Self::KeyMissing { .. } => KEY_MISSING,
            Self::KeyRefused { .. } => KEY_REFUSED,
            Self::KeyUnreadable { .. } => KEY_UNREADABLE,
            Self::ProofInvalid { .. } => PROOF_INVALID,
            #[cfg(any(test, feature = "http"))]
            Self::TokenRefused { .. } => TOKEN_REFUSED,
            #[cfg(any(test, feature = "http"))]
            Self::Repository { source, .. } => source.code(),
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Compose { source, .. } => source.class(),
            Self::Files { source } => source.class(),
            Self::IdentityFixed { .. }
            | Self::IdentityInvalid { .. }
            | Self::IssuerUnusable { .. }
            | Self::KeyRefused { .. } => Class::Usage,
            Self::ProofInvalid { .. } => Class::Auth,
            #[cfg(any(test, feature = "http"))]
            Self::TokenRefused { .. } => Class::Auth,
            _ => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        let help = match self {
            Self::ClockBehind { .. } => "set the machine's clock",
            Self::Compose { source, .. } => return source.help(),
            Self::Files { source } => return source.help(),
            Self::IssuerUnusable { .. } => {
                "give the document under the issuer's jwks_uri, with keys of RSA, ECDSA or Ed25519"
            }
            #[cfg(any(test, feature = "http"))]
            Self::Repository { .. } => {
                "restore the directory from a copy; or move it away, and clients need its new root"
            }
            Self::IdentityFixed { .. } => {
                "use another data directory (SEALWRIGHT_HOME) for another identity"
            }
            Self::InstanceMissing { .. } => {
                "restore it from a copy; to begin a new instance, move the whole data directory away"
            }
            Self::InstanceMalformed { .. }
            | Self::KeyMismatch { .. }
            | Self::KeyMissing { .. }
            | Self::KeyUnreadable { .. } => "restore the data directory from a copy",
            _ => return None,
        };
        Some(Cow::Borrowed(help))
    }
}
