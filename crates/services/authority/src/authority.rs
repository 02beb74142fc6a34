//! The authority: opened or made, then asked for certificates and timestamps.

use std::path::Path;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use sealwright_core::Clock;
use sealwright_core::Identity;
use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::CertificateRequest;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SigningKey;
use sealwright_crypto::TimestampRequest;
use sealwright_crypto::issue;
use sealwright_crypto::issue::Issuer;
use sealwright_crypto::issue::LeafRequest;
use sealwright_crypto::issue::TransparencyLog;
use sealwright_crypto::issue::Validity;
use sealwright_crypto::random_bytes;
use sealwright_crypto::timestamp;
use sealwright_files::LockFile;
use sealwright_store::KeyStore;

use crate::CertificateAuthority;
use crate::Error;
use crate::Instance;
use crate::InstanceConfig;
use crate::TimestampAuthority;
use crate::document::Description;
use crate::hierarchy;
use crate::issued;

/// The embedded authority of one directory. Private keys are read when first needed.
#[derive(Debug)]
pub struct Authority {
    directory: PathBuf,
    keys: KeyStore,
    description: Description,
    ca_key: OnceLock<SigningKey>,
    ct_key: OnceLock<SigningKey>,
    tsa_key: OnceLock<SigningKey>,
}

impl Authority {
    /// Opens the authority in `directory`, which is its own; makes it when there is none, and renews
    /// its certificates when that is due. Of several processes at once, one makes or renews and the
    /// others take what it made.
    ///
    /// # Errors
    /// `authority.identity-invalid`, `authority.identity-fixed`, `authority.clock-behind`,
    /// `authority.instance-malformed`, `authority.instance-missing`, `authority.key-unreadable`,
    /// `authority.key-missing`, `authority.key-mismatch`, and the codes of reading and writing files.
    pub fn open(
        directory: &Path,
        clock: &dyn Clock,
        config: InstanceConfig<'_>,
    ) -> Result<Self, Error> {
        config.check()?;
        let now = clock.now();
        let path = directory.join(INSTANCE);
        let description = match Description::read(&path)? {
            Some(description) if !is_due(&description, now) => description,
            _ => {
                sealwright_files::create_private_directory(directory)?;
                let _lock = LockFile::exclusive(&directory.join(LOCK), PATIENCE)?;
                make_or_renew(directory, config, now)?
            }
        };
        let instance = &description.instance;
        if let Some(wanted) = config.identity
            && wanted != instance.identity().value()
        {
            return Err(Error::IdentityFixed {
                found: instance.identity().value().to_owned(),
                wanted: wanted.to_owned(),
            });
        }
        if now < instance.created() {
            return Err(Error::ClockBehind {
                now,
                created: instance.created(),
            });
        }
        Ok(Self::new(directory, description))
    }

    /// Opens the authority in `directory` as it is; `None` when there is none. Reads one file and
    /// changes nothing: enough for its trusted root.
    ///
    /// # Errors
    /// `authority.instance-malformed`, and the codes of reading files.
    pub fn existing(directory: &Path) -> Result<Option<Self>, Error> {
        let description = Description::read(&directory.join(INSTANCE))?;
        Ok(description.map(|description| Self::new(directory, description)))
    }

    /// Whether it has issued a certificate, as far as its record says: a power cut may have taken the
    /// record's end.
    ///
    /// # Errors
    /// The codes of reading files.
    pub fn has_issued(&self) -> Result<bool, Error> {
        issued::is_begun(&self.directory.join(ISSUED))
    }

    /// Its names.
    pub const fn instance(&self) -> &Instance {
        &self.description.instance
    }

    /// The CAs that issue or have issued, oldest first.
    pub fn certificate_authorities(&self) -> &[CertificateAuthority] {
        &self.description.certificate_authorities
    }

    /// The timestamp authorities that answer or have answered, oldest first.
    pub fn timestamp_authorities(&self) -> &[TimestampAuthority] {
        &self.description.timestamp_authorities
    }

    /// The key that signs promises to log a certificate. The log's id is its key id.
    pub const fn ct_log_key(&self) -> &PublicKey {
        &self.description.ct_log_key
    }

    /// Certifies for ten minutes that a key belongs to the one identity of this authority.
    ///
    /// `proof` is a signature by that key over the identity's text, which shows that whoever asks
    /// holds the private half. Answers the chain: the certificate, then its issuer, never the root.
    ///
    /// # Errors
    /// `authority.key-refused`, `authority.proof-invalid`, `authority.clock-behind`,
    /// `authority.expired`, `authority.key-unreadable`, `authority.key-missing`,
    /// `authority.key-mismatch`, and the codes of writing files.
    pub fn issue(
        &self,
        public_key: &PublicKey,
        proof: &[u8],
        now: Timestamp,
    ) -> Result<Vec<Certificate>, Error> {
        let identity = self.instance().identity();
        let subject = Subject {
            identity,
            issuer: &self.instance().issuer(),
            challenge: identity.value(),
            extensions: &[(TOKEN_SUBJECT, identity.value())],
        };
        let proof = KeyProof::Challenge {
            public_key,
            signature: proof,
        };
        self.issue_to(&subject, &proof, now)
    }

    /// Certifies for ten minutes that a key belongs to somebody whose identity the caller has
    /// checked. Answers as [`Authority::issue`].
    ///
    /// # Errors
    /// Those of [`Authority::issue`]; `crypto.unwritable` when no certificate can state the subject.
    pub fn issue_to(
        &self,
        subject: &Subject<'_>,
        proof: &KeyProof<'_>,
        now: Timestamp,
    ) -> Result<Vec<Certificate>, Error> {
        let public_key = proof.check(subject.challenge)?;
        let authority = self.current_ca(now)?;
        let not_before = now.truncated_to_second();
        let request = LeafRequest {
            public_key,
            identity: subject.identity,
            issuer_url: subject.issuer,
            fulcio_extensions: subject.extensions,
            validity: Validity {
                not_before,
                not_after: not_before.plus_seconds(LEAF_SECONDS),
            },
        };
        let leaf = issue::code_signing_leaf(
            &request,
            Issuer {
                certificate: &authority.intermediate,
                key: self.key(&self.ca_key, &authority.key_role(), &authority.intermediate)?,
            },
            Some(TransparencyLog {
                key: self.ct_key()?,
                now,
                extensions: &[],
            }),
        )
        .map_err(Error::composing("a signing certificate"))?;
        // Before anybody sees the log's promise.
        issued::append(&self.directory.join(ISSUED), &leaf)?;
        Ok(vec![leaf, authority.intermediate.clone()])
    }

    /// Answers an RFC 3161 request: the DER of a TimeStampResp.
    ///
    /// # Errors
    /// `authority.clock-behind`, `authority.expired`, `authority.key-unreadable`,
    /// `authority.key-missing`, `authority.key-mismatch`.
    pub fn timestamp(&self, request: &TimestampRequest, now: Timestamp) -> Result<Vec<u8>, Error> {
        let authority = current(self.timestamp_authorities(), now, |authority| {
            authority.since
        })?;
        if !authority.leaf.is_valid_at(now) {
            return Err(Error::Expired {
                role: "timestamp",
                not_after: authority.leaf.not_after(),
                now,
            });
        }
        let key = self.key(&self.tsa_key, &authority.key_role(), &authority.leaf)?;
        let mut serial = [0; 16];
        random_bytes(&mut serial)
            .and_then(|()| timestamp::answer(request, &authority.leaf, key, &serial, now))
            .map_err(Error::composing("a timestamp"))
    }

    fn new(directory: &Path, description: Description) -> Self {
        Self {
            directory: directory.to_owned(),
            keys: keys_in(directory),
            description,
            ca_key: OnceLock::new(),
            ct_key: OnceLock::new(),
            tsa_key: OnceLock::new(),
        }
    }

    fn current_ca(&self, now: Timestamp) -> Result<&CertificateAuthority, Error> {
        let authority = current(self.certificate_authorities(), now, |authority| {
            authority.since
        })?;
        let not_after = authority.intermediate.not_after();
        if not_after < now.plus_seconds(LEAF_SECONDS) {
            return Err(Error::Expired {
                role: "intermediate",
                not_after,
                now,
            });
        }
        Ok(authority)
    }

    fn ct_key(&self) -> Result<&SigningKey, Error> {
        if let Some(key) = self.ct_key.get() {
            return Ok(key);
        }
        let key = hierarchy::existing_key(&self.keys, CT_LOG, self.ct_log_key())?;
        Ok(self.ct_key.get_or_init(|| key))
    }

    /// The private key of the newest certificate of its kind, read once.
    fn key<'a>(
        &self,
        place: &'a OnceLock<SigningKey>,
        role: &str,
        certificate: &Certificate,
    ) -> Result<&'a SigningKey, Error> {
        if let Some(key) = place.get() {
            return Ok(key);
        }
        let key = hierarchy::existing_key(&self.keys, role, certificate.public_key())?;
        Ok(place.get_or_init(|| key))
    }
}

/// Somebody to be certified.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Who.
    pub identity: &'a Identity,
    /// Who says so.
    pub issuer: &'a str,
    /// What a proof of possession is made over.
    pub challenge: &'a str,
    /// More of Sigstore's extensions, by number.
    pub extensions: &'a [(u32, &'a str)],
}

/// A key, and how whoever asks shows that they hold its private half.
#[derive(Clone, Copy, Debug)]
pub enum KeyProof<'a> {
    /// By a signature over the subject's challenge.
    Challenge {
        /// The key.
        public_key: &'a PublicKey,
        /// The signature.
        signature: &'a [u8],
    },
    /// By a certificate request that the key signed. What else it says is not read.
    Request(&'a CertificateRequest),
}

impl KeyProof<'_> {
    /// The key, once it is shown.
    fn check(&self, challenge: &str) -> Result<&PublicKey, Error> {
        let invalid = |source| Error::ProofInvalid { source };
        let key = match self {
            Self::Challenge {
                public_key,
                signature,
            } => {
                check_kind(public_key)?;
                public_key
                    .verify(public_key.default_scheme(), challenge.as_bytes(), signature)
                    .map_err(invalid)?;
                *public_key
            }
            Self::Request(request) => request.proven_key().map_err(invalid)?,
        };
        check_kind(key)?;
        Ok(key)
    }
}

fn check_kind(key: &PublicKey) -> Result<(), Error> {
    match key.kind() {
        KeyKind::Rsa => Err(Error::KeyRefused {
            found: key.kind().name(),
        }),
        _ => Ok(()),
    }
}

/// The newest of its kind, which must have begun.
fn current<T>(all: &[T], now: Timestamp, since: impl Fn(&T) -> Timestamp) -> Result<&T, Error> {
    let newest = all.last().ok_or(Error::Expired {
        role: "newest",
        not_after: Timestamp::EPOCH,
        now,
    })?;
    let created = since(newest);
    if now < created {
        return Err(Error::ClockBehind { now, created });
    }
    Ok(newest)
}

fn is_due(description: &Description, now: Timestamp) -> bool {
    let newest_ca = description.certificate_authorities.last();
    let newest_tsa = description.timestamp_authorities.last();
    newest_ca.is_none_or(|authority| authority.is_due(now))
        || newest_tsa.is_none_or(|authority| authority.is_due(now))
}

/// Under the lock: makes what is missing and renews what is due. Keys are stored first and the
/// description last, so that whatever stands in the description can be used; keys of a making that
/// did not get that far are taken up again.
fn make_or_renew(
    directory: &Path,
    config: InstanceConfig<'_>,
    now: Timestamp,
) -> Result<Description, Error> {
    let path = directory.join(INSTANCE);
    let keys = keys_in(directory);
    let description = match Description::read(&path)? {
        None => {
            if issued::is_begun(&directory.join(ISSUED))? {
                return Err(Error::InstanceMissing { path });
            }
            let instance = Instance::create(config, now.truncated_to_second())?;
            let ct_log_key = hierarchy::new_key(&keys, CT_LOG)?.public_key().clone();
            Description {
                certificate_authorities: vec![CertificateAuthority::create(
                    &instance, &keys, None, now,
                )?],
                timestamp_authorities: vec![TimestampAuthority::create(
                    &instance, &keys, None, now,
                )?],
                ct_log_key,
                instance,
            }
        }
        Some(description) if !is_due(&description, now) => return Ok(description),
        Some(mut description) => {
            let instance = &description.instance;
            let last = description.certificate_authorities.last();
            if last.is_none_or(|last| last.is_due(now)) {
                let next = CertificateAuthority::create(instance, &keys, last, now)?;
                description.certificate_authorities.push(next);
            }
            let last = description.timestamp_authorities.last();
            if last.is_none_or(|last| last.is_due(now)) {
                let next = TimestampAuthority::create(instance, &keys, last, now)?;
                description.timestamp_authorities.push(next);
            }
            description
        }
    };
    description.write(&path)?;
    Ok(description)
}

fn keys_in(directory: &Path) -> KeyStore {
    KeyStore::at(directory.join("keys"))
}

const INSTANCE: &str = "instance.json";
const ISSUED: &str = "issued.pem";
const LOCK: &str = "lock";
const CT_LOG: &str = "ct-log";
/// Sigstore's extension for the token's subject.
const TOKEN_SUBJECT: u32 = 24;
const LEAF_SECONDS: i64 = 600;
/// How long another process may take to make the authority.
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests;
