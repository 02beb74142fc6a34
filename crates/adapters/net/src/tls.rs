//! Whom an HTTPS client trusts and who it is, where that is not the system's business: a cluster has an
//! authority of its own, and knows its users by certificates.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Roots and an identity. By default the system's roots, and nobody.
#[derive(Clone, Default)]
pub struct Tls {
    roots: Option<Arc<[u8]>>,
    identity: Option<Arc<Zeroizing<Vec<u8>>>>,
}

impl Tls {
    /// Trusts these certificates (PEM) and no others.
    #[must_use]
    pub fn with_roots(mut self, pem: Vec<u8>) -> Self {
        self.roots = Some(pem.into());
        self
    }

    /// Shows this certificate with its chain, and proves by the private key that stands beside them
    /// (PEM).
    #[must_use]
    pub fn with_identity(mut self, pem: Vec<u8>) -> Self {
        self.identity = Some(Arc::new(Zeroizing::new(pem)));
        self
    }

    pub(crate) fn apply(
        &self,
        mut builder: reqwest::ClientBuilder,
    ) -> Result<reqwest::ClientBuilder, reqwest::Error> {
        if let Some(roots) = &self.roots {
            builder = builder.tls_certs_only(reqwest::Certificate::from_pem_bundle(roots)?);
        }
        if let Some(identity) = &self.identity {
            builder = builder.identity(reqwest::Identity::from_pem(identity)?);
        }
        Ok(builder)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("roots", &self.roots.is_some())
            .field("identity", &self.identity.is_some())
            .finish()
    }
}
