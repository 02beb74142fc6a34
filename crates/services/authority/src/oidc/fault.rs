//! Why a token is not believed.

use sealwright_core::Timestamp;

/// Why a token is not believed.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenFault {
    /// Signed with an algorithm that is not taken.
    #[error("algorithm is {found:?}, wanted one of RSA, ECDSA or EdDSA")]
    Algorithm {
        /// What its header says.
        found: String,
    },
    /// Made for somebody else.
    #[error("audience is {found:?}, wanted {wanted:?}")]
    Audience {
        /// For whom.
        found: Vec<String>,
        /// Who we are.
        wanted: String,
    },
    /// Something that a certificate for this kind of issuer states is not in it.
    #[error("claim {name:?} is missing or no plain value")]
    Claim {
        /// The claim.
        name: &'static str,
    },
    /// An extension of the header that must be understood, and is not.
    #[error("its header has critical extensions")]
    Critical,
    /// Nobody checked the address.
    #[error("its e-mail address is not verified")]
    EmailUnverified,
    /// Its time is over.
    #[error("it expired at {at}")]
    Expired {
        /// When.
        at: Timestamp,
    },
    /// What it names cannot stand in a certificate.
    #[error("its identity is {found:?}, which no certificate can state")]
    Identity {
        /// The name.
        found: String,
    },
    /// Nobody that is trusted.
    #[error("issuer is {found:?}, which is not configured")]
    Issuer {
        /// Who it says issued it.
        found: String,
    },
    /// None of the issuer's keys is the one it names, or none is for its algorithm.
    #[error("its issuer has no key {kid:?} for {algorithm}")]
    Key {
        /// The key's name, empty when it names none.
        kid: String,
        /// The algorithm.
        algorithm: &'static str,
    },
    /// No token.
    #[error("it is no signed token: {part}")]
    Malformed {
        /// What is wrong.
        part: &'static str,
    },
    /// Its time has not come.
    #[error("it is not valid before {at}")]
    NotYetValid {
        /// When it will be.
        at: Timestamp,
    },
    /// Its signature is not the issuer's.
    #[error("its signature is not by its issuer")]
    Signature,
    /// Its subject is not of the domain that its issuer speaks for.
    #[error("subject is {found:?}, wanted one below {wanted:?}")]
    Subject {
        /// The subject.
        found: String,
        /// The domain.
        wanted: String,
    },
}
