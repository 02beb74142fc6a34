//! Why a chain does not hold.

use std::borrow::Cow;

use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::Timestamp;

use crate::BadSignature;

/// The codes of chains.
pub(crate) mod code {
    use sealwright_core::Code;

    /// `chain.bad-signature`
    pub(crate) const BAD_SIGNATURE: Code = Code::new("chain.bad-signature");
    /// `chain.critical-extension`
    pub(crate) const CRITICAL_EXTENSION: Code = Code::new("chain.critical-extension");
    /// `chain.leaf-is-ca`
    pub(crate) const LEAF_IS_CA: Code = Code::new("chain.leaf-is-ca");
    /// `chain.name-constraints`
    pub(crate) const NAME_CONSTRAINTS: Code = Code::new("chain.name-constraints");
    /// `chain.not-ca`
    pub(crate) const NOT_CA: Code = Code::new("chain.not-ca");
    /// `chain.outside-validity`
    pub(crate) const OUTSIDE_VALIDITY: Code = Code::new("chain.outside-validity");
    /// `chain.path-length`
    pub(crate) const PATH_LENGTH: Code = Code::new("chain.path-length");
    /// `chain.too-long`
    pub(crate) const TOO_LONG: Code = Code::new("chain.too-long");
    /// `chain.unknown-issuer`
    pub(crate) const UNKNOWN_ISSUER: Code = Code::new("chain.unknown-issuer");
    /// `chain.wrong-usage`
    pub(crate) const WRONG_USAGE: Code = Code::new("chain.wrong-usage");
}

/// Why a certificate is not vouched for.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// The signature on a certificate is not its issuer's.
    #[error("certificate {depth} in the chain was not signed by the issuer it names: {source}")]
    BadSignature {
        /// Which certificate: 0 is the leaf.
        depth: usize,
        /// The reason.
        source: BadSignature,
    },
    /// A certificate carries a critical extension that is not understood.
    #[error(
        "certificate {depth} in the chain has the critical extension {extension}, which is not understood"
    )]
    CriticalExtension {
        /// Which certificate: 0 is the leaf.
        depth: usize,
        /// The extension's object identifier.
        extension: String,
    },
    /// The leaf says that it is a CA.
    #[error("the signing certificate is itself a CA")]
    LeafIsCa,
    /// A certificate constrains names, which is not supported.
    #[error("certificate {depth} in the chain has name constraints, which are not supported")]
    NameConstraints {
        /// Which certificate: 0 is the leaf.
        depth: usize,
    },
    /// An issuer may not issue.
    #[error("certificate {depth} in the chain may not issue certificates")]
    NotCa {
        /// Which certificate: 0 is the leaf.
        depth: usize,
    },
    /// A certificate was not valid at the moment asked about.
    #[error(
        "certificate {depth} in the chain is valid from {not_before} to {not_after}, which does not include {at}"
    )]
    OutsideValidity {
        /// Which certificate: 0 is the leaf.
        depth: usize,
        /// The moment asked about.
        at: Timestamp,
        /// Start of its validity.
        not_before: Timestamp,
        /// End of its validity.
        not_after: Timestamp,
    },
    /// More CAs stand below an issuer than it allows.
    #[error(
        "certificate {depth} in the chain allows {allowed} CAs below it, and there are {found}"
    )]
    PathLength {
        /// Which certificate: 0 is the leaf.
        depth: usize,
        /// The path length constraint.
        allowed: u64,
        /// The CAs below it.
        found: u64,
    },
    /// The chain, or the search for it, grew beyond its limit.
    #[error("no chain was found within {limit} steps")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// No known certificate has the name of the issuer.
    #[error("the issuer of certificate {depth} in the chain is not known")]
    UnknownIssuer {
        /// Which certificate: 0 is the leaf.
        depth: usize,
    },
    /// A certificate may not be used for this.
    #[error("certificate {depth} in the chain may not be used for {usage}")]
    WrongUsage {
        /// Which certificate: 0 is the leaf.
        depth: usize,
        /// The usage that is missing.
        usage: &'static str,
    },
}

impl ChainError {
    /// Which certificate it is about: 0 is the leaf.
    pub const fn depth(&self) -> usize {
        match self {
            Self::BadSignature { depth, .. }
            | Self::CriticalExtension { depth, .. }
            | Self::NameConstraints { depth }
            | Self::NotCa { depth }
            | Self::OutsideValidity { depth, .. }
            | Self::PathLength { depth, .. }
            | Self::UnknownIssuer { depth }
            | Self::WrongUsage { depth, .. } => *depth,
            Self::LeafIsCa | Self::TooLong { .. } => 0,
        }
    }
}

impl Diagnostic for ChainError {
    fn code(&self) -> Code {
        match self {
            Self::BadSignature { .. } => code::BAD_SIGNATURE,
            Self::CriticalExtension { .. } => code::CRITICAL_EXTENSION,
            Self::LeafIsCa => code::LEAF_IS_CA,
            Self::NameConstraints { .. } => code::NAME_CONSTRAINTS,
            Self::NotCa { .. } => code::NOT_CA,
            Self::OutsideValidity { .. } => code::OUTSIDE_VALIDITY,
            Self::PathLength { .. } => code::PATH_LENGTH,
            Self::TooLong { .. } => code::TOO_LONG,
            Self::UnknownIssuer { .. } => code::UNKNOWN_ISSUER,
            Self::WrongUsage { .. } => code::WRONG_USAGE,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::UnknownIssuer { .. } => Class::Undecided,
            _ => Class::Rejected,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        match self {
            Self::UnknownIssuer { .. } => Some(Cow::Borrowed(
                "give the trust root of whoever signed, for example with --trusted-root FILE",
            )),
            _ => None,
        }
    }
}
