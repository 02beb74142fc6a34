//! Signing claims: with which key, where, and driven to the end.
//!
//! One driver serves the embedded Sigstore of the data directory, the public-good instance and any
//! that a signing configuration describes: the state machine of `sealwright_sigstore` asks, and a
//! [`Place`] answers. Nothing is believed for having been answered: whoever stores bundles verifies
//! them first, by [`SignedBy`].

mod announcement;
mod driver;
mod identity;
mod options;
mod place;
mod remote;
mod urls;

use std::cell::OnceCell;
use std::cell::RefCell;

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Identity;
use sealwright_crypto::SignatureScheme;
use sealwright_net::oidc::IdentityToken;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::ClaimInput;
use sealwright_sigstore::Expected;
use sealwright_sigstore::LogCheck;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::message_digest;

pub use self::announcement::Announcement;
pub use self::options::IdentityOptions;
pub use self::options::LogUse;
pub use self::options::OidcFlow;
pub use self::options::SigningOptions;
pub use self::options::SigningServices;
use self::place::Place;
pub(crate) use self::remote::runtime;
pub(crate) use self::remote::url as service_url;
pub use self::urls::ServiceUrls;
pub use self::urls::services_at;
use crate::Context;
use crate::Failure;
use crate::Signer;
use crate::local::LocalSigstore;
use crate::trust::Trust;

/// Everything signing needs for one run.
pub(crate) struct Session<'a> {
    context: &'a Context<'a>,
    options: &'a SigningOptions,
    place: Place,
    /// Kept from the first certificate on: one login is enough for a run.
    token: RefCell<Option<IdentityToken>>,
    /// Whether it was said what becomes public.
    announced: OnceCell<()>,
}

/// Bundles, with whom they are by.
pub(crate) struct Signed {
    pub(crate) bundles: Vec<Bundle>,
    pub(crate) by: SignedBy,
}

/// Who signed, and by what that is verified.
pub(crate) struct SignedBy {
    pub(crate) trust: Trust,
    pub(crate) signer: Signer,
    pub(crate) identity: Option<Identity>,
    pub(crate) issuer: Option<String>,
    /// The SHA-256 of the key, when it is one that verifiers know.
    pub(crate) key: Option<Digest>,
    /// Whether nobody checked the identity.
    pub(crate) self_asserted: bool,
}

impl<'a> Session<'a> {
    /// Decides where is signed. Nobody is asked for anything yet.
    pub(crate) fn open(
        context: &'a Context<'a>,
        options: &'a SigningOptions,
    ) -> Result<Self, Failure> {
        Ok(Self {
            context,
            options,
            place: Place::choose(context, options)?,
            token: RefCell::new(None),
            announced: OnceCell::new(),
        })
    }

    /// The digest by which artifacts are signed.
    pub(crate) fn message_digest(&self) -> DigestAlgorithm {
        message_digest(self.scheme())
    }

    /// How many logs will hold each signature.
    pub(crate) fn logs(&self) -> usize {
        self.place.log_versions(self.options).len()
    }

    /// Who will sign, if that is known before: what they signed needs not be signed again.
    pub(crate) fn known(&self) -> Result<Option<SignedBy>, Failure> {
        match (&self.place, &self.options.key) {
            (Place::Local, _) => match LocalSigstore::existing(self.context)? {
                Some(sigstore) => Ok(Some(self.signed_by_local(&sigstore))),
                None => Ok(None),
            },
            (Place::Remote(_) | Place::Nowhere, Some(_)) => {
                Ok(Some(self.signed_by_key(self.place.trust_root())))
            }
            (Place::Remote(_) | Place::Nowhere, None) => Ok(None),
        }
    }

    /// Signs claims, all with one key and one certificate.
    pub(crate) fn sign(&self, claims: Vec<ClaimInput>) -> Result<Signed, Failure> {
        match &self.place {
            // Opened anew each time: between two of them the data directory may be exported.
            Place::Local => {
                let sigstore = LocalSigstore::open(self.context)?;
                let bundles = driver::drive(self, &driver::Local(&sigstore), claims)?;
                let by = self.signed_by_local(&sigstore);
                Ok(Signed { bundles, by })
            }
            Place::Remote(remote) => {
                self.announced.get_or_init(|| self.announce(remote));
                let services = driver::Remote::new(remote);
                let bundles = driver::drive(self, &services, claims)?;
                let root = remote.trust_root.clone();
                let by = match services.into_certified() {
                    Some(certified) => SignedBy {
                        signer: Signer::exactly(certified.identity.value(), &certified.issuer),
                        trust: Trust::by_root(root, remote.profile, self.log_check()),
                        identity: Some(certified.identity),
                        issuer: Some(certified.issuer),
                        key: None,
                        self_asserted: false,
                    },
                    None => self.signed_by_key(root),
                };
                Ok(Signed { bundles, by })
            }
            Place::Nowhere => {
                let bundles = driver::drive(self, &driver::Nowhere, claims)?;
                let by = self.signed_by_key(TrustRoot::default());
                Ok(Signed { bundles, by })
            }
        }
    }

    fn announce(&self, remote: &remote::Services) {
        let logs: Vec<&str> = remote.log_urls().collect();
        let certified = self.options.key.is_none();
        if !logs.is_empty() || certified {
            self.context.progress.say(&Announcement::Publishes {
                instance: remote.profile,
                logs: &logs,
                certified,
            });
        }
    }

    fn scheme(&self) -> SignatureScheme {
        match &self.options.key {
            Some(key) => key.scheme(),
            None => SignatureScheme::EcdsaP256Sha256,
        }
    }

    /// What is made without a log can be verified by ignoring logs alone.
    fn log_check(&self) -> LogCheck {
        match self.place.log_versions(self.options).is_empty() {
            true => LogCheck::IgnoreUnsafe,
            false => LogCheck::Verify,
        }
    }

    fn signed_by_local(&self, sigstore: &LocalSigstore) -> SignedBy {
        if self.options.key.is_some() {
            return self.signed_by_key(sigstore.trust_root());
        }
        SignedBy {
            trust: Trust::by_root(
                sigstore.trust_root(),
                Some(crate::Profile::Local),
                self.log_check(),
            ),
            signer: sigstore.signer(),
            identity: Some(sigstore.identity()),
            issuer: Some(sigstore.issuer()),
            key: None,
            self_asserted: true,
        }
    }

    fn signed_by_key(&self, root: TrustRoot) -> SignedBy {
        let key = self.options.key.as_ref().map(|key| key.public_key());
        SignedBy {
            trust: Trust::by_root(root, None, self.log_check()),
            signer: Signer::only(match key {
                Some(key) => Expected::Key(key.clone()),
                None => Expected::exactly("", ""),
            }),
            identity: None,
            issuer: None,
            key: key.map(|key| Digest::from_sha256(key.key_id())),
            self_asserted: false,
        }
    }
}
