//! The authority with what its HTTP interfaces need beside it.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use sealwright_core::Clock;
use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;

use crate::Authority;
use crate::Error;
use crate::KeyProof;
use crate::Subject;
use crate::oidc::TokenVerifier;

/// An authority that answers over HTTP.
///
/// It does not renew its certificates: that is done when an authority is opened, which a server
/// should do anew from time to time, with [`AuthorityService::replace_authority`].
pub struct AuthorityService {
    authority: RwLock<Arc<Authority>>,
    tokens: RwLock<Arc<TokenVerifier>>,
    clock: Arc<dyn Clock>,
}

impl AuthorityService {
    /// An authority that certifies whoever these tokens are about.
    pub fn new(authority: Authority, tokens: TokenVerifier, clock: Arc<dyn Clock>) -> Self {
        Self {
            authority: RwLock::new(Arc::new(authority)),
            tokens: RwLock::new(Arc::new(tokens)),
            clock,
        }
    }

    /// Goes on with an authority that was opened anew.
    pub fn replace_authority(&self, authority: Authority) {
        *self
            .authority
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(authority);
    }

    /// Believes other tokens from now on.
    pub fn replace_tokens(&self, tokens: TokenVerifier) {
        *self.tokens.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(tokens);
    }

    pub(super) fn authority(&self) -> Arc<Authority> {
        let authority = self.authority.read();
        Arc::clone(&authority.unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn tokens(&self) -> Arc<TokenVerifier> {
        Arc::clone(&self.tokens.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Certifies the holder of a token: the certificate and all above it.
    pub(super) fn issue(
        &self,
        token: &str,
        proof: &KeyProof<'_>,
    ) -> Result<Vec<Certificate>, Error> {
        let now = self.now();
        let principal = self.tokens().verify(token, now)?;
        let extensions: Vec<(u32, &str)> = principal
            .extensions
            .iter()
            .map(|(number, value)| (*number, value.as_str()))
            .collect();
        let subject = Subject {
            identity: &principal.identity,
            issuer: &principal.issuer,
            challenge: &principal.challenge,
            extensions: &extensions,
        };
        let authority = self.authority();
        let mut chain = authority.issue_to(&subject, proof, now)?;
        let newest = authority.certificate_authorities().last();
        chain.extend(newest.map(|newest| newest.root.clone()));
        Ok(chain)
    }
}
