//! Identity tokens (OpenID Connect Core 1.0 section 2, RFC 7519): who issued one, whether it may be
//! believed now, and what a certificate then says.
//!
//! A token is believed when its issuer is one of those configured, word for word; when one of that
//! issuer's keys signed it with an algorithm that the key is for; when it was made for us; and when
//! the time is right by the clock given. Keys are given too: nothing is fetched here, so no token can
//! make us ask a server of its choice. Symmetric algorithms and `none` do not exist for us, whatever a
//! key or a token says.

mod fault;
mod issuer;
mod principal;
mod token;

#[cfg(test)]
pub(crate) mod tests;

pub use self::fault::TokenFault;
pub use self::issuer::IssuerKind;
pub use self::issuer::TrustedIssuer;
pub use self::principal::Principal;
pub use self::token::TokenVerifier;
