//! How to sign, as whoever calls says it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use sealwright_sigstore::LogVersion;
use sealwright_sigstore::SigningConfig;
use sealwright_sigstore::TrustRoot;
use zeroize::Zeroizing;

use crate::ManagedKey;

/// How to sign; the same for `sign`, `attest` and `seal`.
#[derive(Clone, Debug, Default)]
pub struct SigningOptions {
    /// Where.
    pub services: SigningServices,
    /// With which key; by default with a new one, which a certificate vouches for.
    pub key: Option<Arc<ManagedKey>>,
    /// Who somebody is, for the certificate.
    pub identity: IdentityOptions,
    /// Which logs hold the signature.
    pub logs: LogUse,
}

/// Where to sign.
#[derive(Clone, Debug, Default)]
pub enum SigningServices {
    /// With the profile of the context. Without one: with the public-good instance where a CI system
    /// gives an identity token, else with the local profile.
    #[default]
    Profile,
    /// Where a signing configuration in a file says; what is made is verified by the trusted root,
    /// which only a key without any services does without.
    Files {
        /// The signing configuration.
        signing_config: PathBuf,
        /// The trusted root.
        trusted_root: Option<PathBuf>,
    },
    /// Where a client trust configuration in a file says, which has both.
    TrustConfig(PathBuf),
    /// Where this says.
    Given {
        /// Where.
        signing_config: Box<SigningConfig>,
        /// By what it is verified.
        trust_root: Option<Box<TrustRoot>>,
    },
}

/// Which logs hold a signature.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LogUse {
    /// Those the signing configuration selects; with the local profile version 1.
    #[default]
    Configured,
    /// None. WARNING: nobody who watches a log sees that the identity or key was used, and whoever
    /// verifies must say that they accept that.
    None,
    /// Those of this version.
    Version(LogVersion),
}

/// Where the identity token comes from.
#[derive(Clone, Default)]
pub struct IdentityOptions {
    /// The token itself, or the name of a file that holds it.
    pub token: Option<Zeroizing<String>>,
    /// A file that holds it.
    pub token_file: Option<PathBuf>,
    /// How to log in. By default a token of the surroundings is used, and where there is none a
    /// person is asked to visit a page.
    pub flow: Option<OidcFlow>,
    /// The issuer, when it is not the signing configuration's.
    pub issuer: Option<String>,
    /// The name this client has at the issuer, when it is not `sigstore`.
    pub client_id: Option<String>,
    /// A file with the secret this client has at the issuer.
    pub client_secret_file: Option<PathBuf>,
}

/// How to get an identity token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OidcFlow {
    /// From the surroundings: a CI system, a file, a variable.
    Ambient,
    /// A person logs in with a browser on this machine.
    Browser,
    /// The client logs in as itself.
    ClientCredentials,
    /// A person logs in on another device.
    Device,
}

impl fmt::Debug for IdentityOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityOptions")
            .field("token", &self.token.as_ref().map(|_| "[redacted]"))
            .field("token_file", &self.token_file)
            .field("flow", &self.flow)
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("client_secret_file", &self.client_secret_file)
            .finish()
    }
}
