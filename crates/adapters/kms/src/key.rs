//! A key that a service keeps: opened, made, and signed with.

use std::fmt;

use sealwright_core::Digest;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::RsaSize;
use sealwright_crypto::SignatureInput;
use sealwright_crypto::SignatureScheme;

use crate::Error;
use crate::exchange::Surroundings;
use crate::reference::KeyService;
use crate::reference::KmsReference;

/// What kind of key a service is to make.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NewKey {
    /// A key of a kind that has one size.
    Kind(KeyKind),
    /// RSA.
    Rsa(RsaSize),
}

/// What happens when a key of that name is there already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Existing {
    /// It is an error.
    Refused,
    /// It is opened as it is, whatever it is: what cosign does.
    Used,
}

/// A key that a service keeps.
pub struct KmsKey {
    keeper: Keeper,
    service: KeyService,
    public_key: PublicKey,
    schemes: Vec<SignatureScheme>,
}

/// Who signs with it.
enum Keeper {
    #[cfg(feature = "kms-aws")]
    Aws(crate::aws::AwsKey),
    #[cfg(feature = "kms-azure")]
    Azure(crate::azure::AzureKey),
    #[cfg(feature = "kms-gcp")]
    Google(crate::google::GoogleKey),
    #[cfg(feature = "kms-vault")]
    Vault(crate::vault::VaultKey),
    /// Nobody: there is no such value.
    #[expect(dead_code, reason = "for builds without any service")]
    None(std::convert::Infallible),
}

/// What is handed to a service.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Handed<'a> {
    /// The digest, by the scheme's hash.
    Digest(&'a Digest),
    /// The message, for schemes without a hash.
    Message(&'a [u8]),
}

/// A key as it was found.
pub(crate) struct Found<K> {
    pub(crate) keeper: K,
    pub(crate) public_key: PublicKey,
    /// What the service lets it sign with, the first by default; not empty.
    pub(crate) schemes: Vec<SignatureScheme>,
}

impl KmsKey {
    /// Asks for the public half of a key.
    ///
    /// # Errors
    /// `kms.…`, `net.…`; `key.…` for a public key that is none.
    pub async fn open(
        reference: &KmsReference,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Error> {
        match reference {
            #[cfg(feature = "kms-aws")]
            KmsReference::Aws { endpoint, key } => {
                let service = crate::aws::Service::connect(endpoint, surroundings).await?;
                Self::of(KeyService::Aws, service.open(key).await?, Keeper::Aws)
            }
            #[cfg(feature = "kms-azure")]
            KmsReference::Azure {
                vault,
                key,
                version,
            } => {
                let service = crate::azure::Service::connect(vault, surroundings)?;
                let found = service.open(key, version.as_deref()).await?;
                Self::of(KeyService::Azure, found, Keeper::Azure)
            }
            #[cfg(feature = "kms-gcp")]
            KmsReference::Google { ring, key, version } => {
                let service = crate::google::Service::connect(surroundings)?;
                let found = service.open(ring, key, version.as_deref()).await?;
                Self::of(KeyService::Google, found, Keeper::Google)
            }
            #[cfg(feature = "kms-vault")]
            KmsReference::Vault { key } => {
                let service = crate::vault::Service::connect(surroundings)?;
                Self::of(KeyService::Vault, service.open(key).await?, Keeper::Vault)
            }
            #[cfg(not(all(
                feature = "kms-aws",
                feature = "kms-azure",
                feature = "kms-gcp",
                feature = "kms-vault"
            )))]
            other => {
                let _ = surroundings;
                Err(Error::NotBuiltIn(other.service()))
            }
        }
    }

    /// Lets the service make a key.
    ///
    /// # Errors
    /// `kms.key-exists`, and as [`KmsKey::open`].
    pub async fn create(
        reference: &KmsReference,
        kind: NewKey,
        existing: Existing,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Error> {
        match Self::open(reference, surroundings).await {
            Ok(_) if existing == Existing::Refused => {
                return Err(Error::KeyExists {
                    service: reference.service(),
                    key: reference.to_string().into(),
                });
            }
            Err(Error::NoKey { .. }) => {}
            result => return result,
        }
        match reference {
            #[cfg(feature = "kms-aws")]
            KmsReference::Aws { endpoint, key } => {
                let service = crate::aws::Service::connect(endpoint, surroundings).await?;
                service.create(key, kind).await?;
            }
            #[cfg(feature = "kms-azure")]
            KmsReference::Azure { vault, key, .. } => {
                let service = crate::azure::Service::connect(vault, surroundings)?;
                service.create(key, kind).await?;
            }
            #[cfg(feature = "kms-gcp")]
            KmsReference::Google { ring, key, .. } => {
                let service = crate::google::Service::connect(surroundings)?;
                service.create(ring, key, kind).await?;
            }
            #[cfg(feature = "kms-vault")]
            KmsReference::Vault { key } => {
                let service = crate::vault::Service::connect(surroundings)?;
                service.create(key, kind).await?;
            }
            #[cfg(not(all(
                feature = "kms-aws",
                feature = "kms-azure",
                feature = "kms-gcp",
                feature = "kms-vault"
            )))]
            other => {
                let _ = kind;
                return Err(Error::NotBuiltIn(other.service()));
            }
        }
        Self::open(reference, surroundings).await
    }

    /// The public half.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The scheme it signs with unless something says otherwise.
    pub fn scheme(&self) -> SignatureScheme {
        let first = self.schemes.first();
        first
            .copied()
            .unwrap_or_else(|| self.public_key.default_scheme())
    }

    /// Whether the service signs with `scheme` with this key.
    pub fn supports(&self, scheme: SignatureScheme) -> bool {
        self.schemes.contains(&scheme)
    }

    /// Lets the service sign, and verifies what it answers. ECDSA signatures are DER.
    ///
    /// # Errors
    /// `kms.…`, `net.…`; `key.unsupported` for a scheme that the key does not have, or an input that
    /// does not fit it.
    pub async fn sign(
        &self,
        scheme: SignatureScheme,
        input: SignatureInput<'_>,
    ) -> Result<Vec<u8>, Error> {
        let service = self.service;
        let unsupported = || Error::Key {
            service,
            source: sealwright_crypto::Error::UnsupportedSigningScheme {
                scheme: scheme.name(),
            },
        };
        if !self.supports(scheme) {
            return Err(unsupported());
        }
        let digest = match (scheme.digest_algorithm(), input) {
            (None, SignatureInput::Digest(_)) => return Err(unsupported()),
            (None, SignatureInput::Message(_)) => None,
            (Some(algorithm), SignatureInput::Message(message)) => {
                Some(Digest::of(algorithm, message))
            }
            (Some(algorithm), SignatureInput::Digest(digest)) => {
                if digest.algorithm() != algorithm {
                    return Err(unsupported());
                }
                Some(*digest)
            }
        };
        let handed = match (&digest, input) {
            (Some(digest), _) => Handed::Digest(digest),
            (None, SignatureInput::Message(message)) => Handed::Message(message),
            (None, SignatureInput::Digest(_)) => return Err(unsupported()),
        };
        let signature = self.ask(scheme, handed).await?;
        let verified = match handed {
            Handed::Digest(digest) => self.public_key.verify_digest(scheme, digest, &signature),
            Handed::Message(message) => self.public_key.verify(scheme, message, &signature),
        };
        match verified {
            Ok(()) => Ok(signature),
            Err(_) => Err(Error::WrongSignature {
                service,
                scheme: scheme.name(),
            }),
        }
    }

    async fn ask(&self, scheme: SignatureScheme, handed: Handed<'_>) -> Result<Vec<u8>, Error> {
        match &self.keeper {
            #[cfg(feature = "kms-aws")]
            Keeper::Aws(key) => key.sign(scheme, handed).await,
            #[cfg(feature = "kms-azure")]
            Keeper::Azure(key) => key.sign(scheme, handed).await,
            #[cfg(feature = "kms-gcp")]
            Keeper::Google(key) => key.sign(handed).await,
            #[cfg(feature = "kms-vault")]
            Keeper::Vault(key) => key.sign(scheme, handed).await,
            Keeper::None(never) => {
                let _ = (scheme, handed);
                match *never {}
            }
        }
    }

    /// Checks that what was found can sign.
    fn of<K>(
        service: KeyService,
        found: Found<K>,
        keeper: impl FnOnce(K) -> Keeper,
    ) -> Result<Self, Error> {
        let kind = found.public_key.kind();
        let schemes: Vec<_> = found
            .schemes
            .into_iter()
            .filter(|scheme| scheme.key_kind() == kind)
            .collect();
        if schemes.is_empty() {
            return Err(Error::UnsupportedKey {
                service,
                found: format!("{} without a way to sign that is supported", kind.name()).into(),
                wanted: "one that signs",
            });
        }
        Ok(Self {
            keeper: keeper(found.keeper),
            service,
            public_key: found.public_key,
            schemes,
        })
    }
}

#[cfg(all(test, feature = "kms-aws"))]
impl KmsKey {
    /// Of what a test found.
    pub(crate) fn of_aws(found: Found<crate::aws::AwsKey>) -> Result<Self, Error> {
        Self::of(KeyService::Aws, found, Keeper::Aws)
    }
}

#[cfg(all(test, feature = "kms-azure"))]
impl KmsKey {
    /// Of what a test found.
    pub(crate) fn of_azure(found: Found<crate::azure::AzureKey>) -> Result<Self, Error> {
        Self::of(KeyService::Azure, found, Keeper::Azure)
    }
}

#[cfg(all(test, feature = "kms-gcp"))]
impl KmsKey {
    /// Of what a test found.
    pub(crate) fn of_google(found: Found<crate::google::GoogleKey>) -> Result<Self, Error> {
        Self::of(KeyService::Google, found, Keeper::Google)
    }
}

impl fmt::Debug for KmsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KmsKey({}, {})", self.service, self.scheme().name())
    }
}
