//! Keys made, taken over from others, and shown.

use std::ffi::OsString;
use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Digest;
use sealwright_crypto::KeyForm;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SigningKey;
use sealwright_files as files;
use sealwright_kms::Existing;
use sealwright_kms::KeySecret;
use zeroize::Zeroizing;

use super::KeyAlgorithm;
use super::KeyReference;
use super::Passphrase;
use super::PassphraseSource;
use super::algorithm;
use super::remote;
use super::remote::RemoteKey;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::failure::About as _;

/// How a private key is written into a file.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum KeyFileType {
    /// Encrypted as cosign does it.
    #[default]
    Cosign,
    /// PKCS#8: encrypted, or with an empty passphrase not at all.
    Pkcs8,
}

/// What happens to files that stand where keys are to be written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Overwrite {
    /// They are replaced.
    Allowed,
    /// They stay, and nothing is written.
    #[default]
    Refused,
}

/// Where and how a pair of key files is written: `PREFIX.key` and `PREFIX.pub`.
#[derive(Clone, Debug)]
pub struct KeyFiles {
    /// The paths without their ends.
    pub prefix: PathBuf,
    /// The form of the private key.
    pub file_type: KeyFileType,
    /// What happens to files that stand there.
    pub overwrite: Overwrite,
}

/// A key that was made, taken over or looked at.
#[derive(Clone, Debug)]
pub struct ShownKey {
    /// What holds it, such as `private key, encrypted (cosign)`.
    pub form: &'static str,
    /// Whether the private half is there.
    pub is_private: bool,
    /// Whether it takes a passphrase to use it.
    pub is_encrypted: bool,
    /// The public half; `None` when it cannot be known without the passphrase.
    pub public: Option<ShownPublicKey>,
    /// Where the private half was written to.
    pub private_file: Option<PathBuf>,
    /// Where the public half was written to.
    pub public_file: Option<PathBuf>,
}

/// The public half of a key.
#[derive(Clone, Debug)]
pub struct ShownPublicKey {
    /// Such as `ECDSA P-256`.
    pub algorithm: String,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub fingerprint: Digest,
    /// The same as bundles name it.
    pub key_id: String,
    /// PEM text.
    pub pem: String,
}

impl ShownPublicKey {
    /// Of a key.
    pub fn new(key: &PublicKey) -> Self {
        let fingerprint = Digest::from_sha256(key.key_id());
        Self {
            algorithm: algorithm::describe(key),
            fingerprint,
            key_id: sealwright_core::Base64::from(fingerprint.as_bytes().to_vec()).to_string(),
            pem: key.to_pem(),
        }
    }
}

/// Makes a key and writes it into files.
///
/// # Errors
/// `key.password-needed` when nothing gives a passphrase; `files.exists`, `files.…`.
pub fn key_generate(
    algorithm: KeyAlgorithm,
    destination: &KeyFiles,
    passphrases: &dyn PassphraseSource,
) -> Result<ShownKey, Failure> {
    destination.check()?;
    let passphrase = new_passphrase(&destination.private(), passphrases)?;
    destination.write(&algorithm.generate()?, &passphrase)
}

/// Makes a key that is kept elsewhere, and writes its public half into `PREFIX.pub`.
///
/// A key that a key management service has under that name already is used as it is when overwriting is
/// allowed, and nothing is changed there: services keep what they have. In a secret of a cluster it is
/// replaced.
///
/// # Errors
/// `usage.key-keeper-unavailable` for keepers that make no keys, `kms.key-exists`, `kms.…`, and those of
/// [`key_generate`].
pub fn key_generate_kept(
    context: &Context<'_>,
    algorithm: KeyAlgorithm,
    keeper: &KeyReference,
    destination: &KeyFiles,
    passphrases: &dyn PassphraseSource,
) -> Result<ShownKey, Failure> {
    destination.check_path(destination.public())?;
    let public_key = match keeper {
        KeyReference::Kms(reference) => {
            let existing = match destination.overwrite {
                Overwrite::Allowed => Existing::Used,
                Overwrite::Refused => Existing::Refused,
            };
            let made = RemoteKey::create(context, reference, algorithm, existing).about(keeper)?;
            made.public_key().clone()
        }
        KeyReference::Kubernetes { namespace, name } => {
            let Some(passphrase) = passphrases.new_for(&keeper.to_string())? else {
                return Err(Error::NewPassphraseMissing.into());
            };
            let key = algorithm.generate()?;
            let content = KeySecret {
                key: Some(key.to_cosign_pem(passphrase.as_bytes())?.into_bytes()),
                public: Some(key.public_key().to_pem().into_bytes()),
                password: Some(passphrase.as_bytes().to_vec()),
            };
            let place = (namespace.as_str(), name.as_str());
            remote::write_secret(context, place, &content, destination.overwrite).about(keeper)?;
            key.public_key().clone()
        }
        other => return Err(super::unavailable(other)),
    };
    let path = destination.public();
    let pem = public_key.to_pem();
    match destination.overwrite {
        Overwrite::Allowed => files::write_atomic(&path, pem.as_bytes(), files::PUBLIC_FILE)?,
        Overwrite::Refused => write_new(&path, pem.as_bytes(), files::PUBLIC_FILE)?,
    }
    Ok(ShownKey {
        form: keeper.keeper(),
        is_private: true,
        is_encrypted: matches!(keeper, KeyReference::Kubernetes { .. }),
        public: Some(ShownPublicKey::new(&public_key)),
        private_file: None,
        public_file: Some(path),
    })
}

/// Takes a private key over from others: reads it in any form and writes it into files of our own.
///
/// # Errors
/// Those of [`super::open_signing_key`] and of [`key_generate`].
pub fn key_import(
    context: &Context<'_>,
    from: &KeyReference,
    destination: &KeyFiles,
    passphrases: &dyn PassphraseSource,
) -> Result<ShownKey, Failure> {
    destination.check()?;
    let bytes = super::read(context, from)?;
    let key = super::import_signing_key(&bytes, from, passphrases)?;
    let passphrase = new_passphrase(&destination.private(), passphrases)?;
    destination.write(&key, &passphrase)
}

/// The public half of a key, of which either half may be named.
///
/// # Errors
/// Those of [`super::open_public_key`] and [`super::open_signing_key`].
pub fn key_public(
    context: &Context<'_>,
    reference: &KeyReference,
    passphrases: &dyn PassphraseSource,
) -> Result<ShownPublicKey, Failure> {
    let key = match reference {
        KeyReference::File(_) | KeyReference::Variable(_) => {
            let bytes = super::read(context, reference)?;
            if KeyForm::of(&bytes).about(reference)?.is_private() {
                let key = super::import_signing_key(&bytes, reference, passphrases)?;
                key.public_key().clone()
            } else {
                PublicKey::import(&bytes).about(reference)?
            }
        }
        other => super::open_public_key(context, other)?,
    };
    Ok(ShownPublicKey::new(&key))
}

/// What a file holds. An encrypted key is opened when a passphrase is at hand, and shown without its
/// public half when there is none.
///
/// # Errors
/// `key.wrong-kind` for what is neither key nor certificate, and the other `key.…`, `files.…`.
pub fn key_show(
    context: &Context<'_>,
    reference: &KeyReference,
    passphrases: &dyn PassphraseSource,
) -> Result<ShownKey, Failure> {
    if !matches!(reference, KeyReference::File(_) | KeyReference::Variable(_)) {
        let key = super::open_public_key(context, reference)?;
        return Ok(ShownKey {
            form: reference.keeper(),
            is_private: true,
            is_encrypted: matches!(reference, KeyReference::Kubernetes { .. }),
            public: Some(ShownPublicKey::new(&key)),
            private_file: None,
            public_file: None,
        });
    }
    let bytes = super::read(context, reference)?;
    let form = KeyForm::of(&bytes).about(reference)?;
    let public = if !form.is_private() {
        Some(PublicKey::import(&bytes).about(reference)?)
    } else {
        match super::import_signing_key(&bytes, reference, passphrases) {
            Ok(key) => Some(key.public_key().clone()),
            Err(failure) if failure.code().as_str() == "key.password-needed" => None,
            Err(failure) => return Err(failure),
        }
    };
    Ok(ShownKey {
        form: form.description(),
        is_private: form.is_private(),
        is_encrypted: form.is_encrypted(),
        public: public.as_ref().map(ShownPublicKey::new),
        private_file: None,
        public_file: None,
    })
}

impl KeyFiles {
    fn private(&self) -> PathBuf {
        with_end(&self.prefix, ".key")
    }

    fn public(&self) -> PathBuf {
        with_end(&self.prefix, ".pub")
    }

    /// Whether it makes sense to ask for a passphrase and to make a key.
    fn check(&self) -> Result<(), Failure> {
        self.check_path(self.private())?;
        self.check_path(self.public())
    }

    fn check_path(&self, path: PathBuf) -> Result<(), Failure> {
        if self.overwrite == Overwrite::Refused && path.symlink_metadata().is_ok() {
            return Err(exists(path));
        }
        Ok(files::check_writable(&path)?)
    }

    /// The private half first: the public one can be made of it again.
    fn write(&self, key: &SigningKey, passphrase: &Passphrase) -> Result<ShownKey, Failure> {
        let (text, form) = self.encode(key, passphrase)?;
        let (private, public) = (self.private(), self.public());
        let public_pem = key.public_key().to_pem();
        match self.overwrite {
            Overwrite::Allowed => {
                files::write_atomic(&private, text.as_bytes(), files::PRIVATE_FILE)?;
                files::write_atomic(&public, public_pem.as_bytes(), files::PUBLIC_FILE)?;
            }
            Overwrite::Refused => {
                write_new(&private, text.as_bytes(), files::PRIVATE_FILE)?;
                let written = write_new(&public, public_pem.as_bytes(), files::PUBLIC_FILE);
                if let Err(failure) = written {
                    // Ours, made a moment ago, and of no use to anybody.
                    files::remove(&private)?;
                    return Err(failure);
                }
            }
        }
        Ok(ShownKey {
            form: form.description(),
            is_private: true,
            is_encrypted: form.is_encrypted(),
            public: Some(ShownPublicKey::new(key.public_key())),
            private_file: Some(private),
            public_file: Some(public),
        })
    }

    fn encode(
        &self,
        key: &SigningKey,
        passphrase: &Passphrase,
    ) -> Result<(Zeroizing<String>, KeyForm), Failure> {
        let bytes = passphrase.as_bytes();
        Ok(match self.file_type {
            KeyFileType::Cosign => (Zeroizing::new(key.to_cosign_pem(bytes)?), KeyForm::Cosign),
            KeyFileType::Pkcs8 if bytes.is_empty() => (key.to_pkcs8_pem()?, KeyForm::Pkcs8),
            KeyFileType::Pkcs8 => (
                Zeroizing::new(key.to_encrypted_pkcs8_pem(bytes)?),
                KeyForm::EncryptedPkcs8,
            ),
        })
    }
}

/// An empty passphrase has to be given, too: nobody gets a key without one by forgetting it.
pub(super) fn new_passphrase(
    file: &Path,
    passphrases: &dyn PassphraseSource,
) -> Result<Passphrase, Failure> {
    match passphrases.new_for(&file.display().to_string())? {
        Some(passphrase) => Ok(passphrase),
        None => Err(Error::NewPassphraseMissing.into()),
    }
}

fn write_new(path: &Path, content: &[u8], mode: u32) -> Result<(), Failure> {
    match files::write_new(path, content, mode) {
        Err(files::Error::Exists { path }) => Err(exists(path)),
        result => Ok(result?),
    }
}

fn exists(path: PathBuf) -> Failure {
    Failure::from(files::Error::Exists { path })
        .with_help("name other files with --out, or replace these with --force".to_owned())
}

fn with_end(prefix: &Path, end: &str) -> PathBuf {
    let mut path = OsString::from(prefix);
    path.push(end);
    path.into()
}
