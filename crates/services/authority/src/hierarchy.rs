//! The certificates above what is issued, and when they are renewed.
//!
//! A generation is renewed when less than a third of its life remains, early enough that whoever
//! exported the trusted root can export it again. Older generations stay in the trusted root: what
//! was signed under them remains valid.

use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::Eku;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_crypto::issue;
use sealwright_crypto::issue::AuthorityName;
use sealwright_crypto::issue::Issuer;
use sealwright_crypto::issue::Validity;
use sealwright_store::KeyStore;

use crate::Error;
use crate::Instance;

/// An intermediate CA under its root.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateAuthority {
    /// Which intermediate this is, from 1.
    pub number: u32,
    /// Which root it stands under, from 1.
    pub root_number: u32,
    /// From when on it issues.
    pub since: Timestamp,
    /// The CA that issues.
    pub intermediate: Certificate,
    /// Its root.
    pub root: Certificate,
}

/// A timestamp authority's certificate under its root.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TimestampAuthority {
    /// Which one this is, from 1.
    pub number: u32,
    /// From when on it answers.
    pub since: Timestamp,
    /// The certificate that signs timestamps.
    pub leaf: Certificate,
    /// Its root.
    pub root: Certificate,
}

impl CertificateAuthority {
    /// The role of the intermediate's key.
    pub(crate) fn key_role(&self) -> String {
        format!("ca-intermediate-{}", self.number)
    }

    fn root_role(number: u32) -> String {
        format!("ca-root-{number}")
    }

    /// Makes the next intermediate, under the last root or, when that is too old, under a new one.
    pub(crate) fn create(
        instance: &Instance,
        keys: &KeyStore,
        last: Option<&Self>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let names = Names::of(instance);
        let kept = last.filter(|last| !is_due(&last.root, now));
        let (root_number, root, root_key) = match kept {
            Some(last) => {
                let role = Self::root_role(last.root_number);
                let key = existing_key(keys, &role, last.root.public_key())?;
                (last.root_number, last.root.clone(), key)
            }
            None => {
                let number = last.map_or(1, |last| last.root_number.saturating_add(1));
                let key = new_key(keys, &Self::root_role(number))?;
                let root = issue::root_certificate(
                    names.authority("sealwright root"),
                    years(now, ROOT_YEARS),
                    &key,
                )
                .map_err(Error::composing("a root certificate"))?;
                (number, root, key)
            }
        };
        let number = last.map_or(1, |last| last.number.saturating_add(1));
        let mut authority = Self {
            number,
            root_number,
            since: now.truncated_to_second(),
            intermediate: root.clone(),
            root,
        };
        let key = new_key(keys, &authority.key_role())?;
        authority.intermediate = issue::intermediate(
            names.authority("sealwright intermediate"),
            years(now, INTERMEDIATE_YEARS),
            key.public_key(),
            Eku::CodeSigning,
            Issuer {
                certificate: &authority.root,
                key: &root_key,
            },
        )
        .map_err(Error::composing("an intermediate certificate"))?;
        Ok(authority)
    }

    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        is_due(&self.intermediate, now)
    }
}

impl TimestampAuthority {
    /// The role of the key that signs timestamps.
    pub(crate) fn key_role(&self) -> String {
        Self::role(self.number)
    }

    fn role(number: u32) -> String {
        format!("tsa-{number}")
    }

    /// Makes the next one. Its root's key signs this one certificate and is forgotten.
    pub(crate) fn create(
        instance: &Instance,
        keys: &KeyStore,
        last: Option<&Self>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let names = Names::of(instance);
        let number = last.map_or(1, |last| last.number.saturating_add(1));
        let root_key =
            SigningKey::generate(SCHEME).map_err(Error::composing("a timestamp authority key"))?;
        let root = issue::root_certificate(
            names.authority("sealwright timestamp root"),
            years(now, ROOT_YEARS),
            &root_key,
        )
        .map_err(Error::composing("a timestamp root certificate"))?;
        let key = new_key(keys, &Self::role(number))?;
        let leaf = issue::tsa_leaf(
            names.authority("sealwright timestamp"),
            years(now, ROOT_YEARS),
            key.public_key(),
            Issuer {
                certificate: &root,
                key: &root_key,
            },
        )
        .map_err(Error::composing("a timestamp certificate"))?;
        Ok(Self {
            number,
            since: now.truncated_to_second(),
            leaf,
            root,
        })
    }

    pub(crate) fn is_due(&self, now: Timestamp) -> bool {
        is_due(&self.leaf, now)
    }
}

/// The stored key of a role, which must be the one that `public_key` is of.
pub(crate) fn existing_key(
    keys: &KeyStore,
    role: &str,
    public_key: &sealwright_crypto::PublicKey,
) -> Result<SigningKey, Error> {
    let key = keys
        .existing(role, SCHEME)
        .map_err(|source| Error::KeyUnreadable {
            role: role.to_owned(),
            source,
        })?
        .ok_or_else(|| Error::KeyMissing {
            role: role.to_owned(),
        })?;
    if key.public_key() != public_key {
        return Err(Error::KeyMismatch {
            role: role.to_owned(),
        });
    }
    Ok(key)
}

/// The key of a role that no certificate names yet; one left behind by a making that did not come to
/// its end is taken.
pub(crate) fn new_key(keys: &KeyStore, role: &str) -> Result<SigningKey, Error> {
    keys.signing_key(role, SCHEME)
        .map_err(|source| match source {
            sealwright_store::Error::Files(source) => Error::Files { source },
            source => Error::KeyUnreadable {
                role: role.to_owned(),
                source,
            },
        })
}

struct Names {
    organization: String,
}

impl Names {
    fn of(instance: &Instance) -> Self {
        Self {
            organization: instance.domain(),
        }
    }

    fn authority<'a>(&'a self, common_name: &'a str) -> AuthorityName<'a> {
        AuthorityName {
            organization: &self.organization,
            common_name,
        }
    }
}

/// Whether less than a third of a certificate's life remains.
fn is_due(certificate: &Certificate, now: Timestamp) -> bool {
    let end = certificate.not_after().seconds();
    let life = end.saturating_sub(certificate.not_before().seconds());
    end.saturating_sub(now.seconds()) < life / 3
}

/// From `now`, in whole seconds, for some years.
fn years(now: Timestamp, count: i64) -> Validity {
    let not_before = now.truncated_to_second();
    Validity {
        not_before,
        not_after: not_before.plus_seconds(count * SECONDS_PER_YEAR),
    }
}

pub(crate) const SCHEME: SignatureScheme = SignatureScheme::EcdsaP256Sha256;
const ROOT_YEARS: i64 = 10;
const INTERMEDIATE_YEARS: i64 = 3;
const SECONDS_PER_YEAR: i64 = 365 * 86_400;
