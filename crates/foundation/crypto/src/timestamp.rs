//! Trusted timestamps: RFC 3161 over CMS (RFC 5652), as a verifier and as an authority.

mod answer;
mod request;
mod token;

pub use self::answer::answer;
pub use self::request::Certificates;
pub use self::request::TimestampRequest;
pub(crate) use self::token::TIMESTAMP_ATTRIBUTE_MISMATCH;
pub(crate) use self::token::TIMESTAMP_BAD_SIGNATURE;
pub(crate) use self::token::TIMESTAMP_CHAIN;
pub(crate) use self::token::TIMESTAMP_IMPRINT_MISMATCH;
pub(crate) use self::token::TIMESTAMP_UNKNOWN_SIGNER;
pub use self::token::TimestampError;
pub use self::token::TimestampToken;

#[cfg(test)]
mod tests;
