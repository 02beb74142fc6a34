//! Keys of their users: where they are kept, and how they are opened for signing and verifying.

mod algorithm;
mod make;
mod passphrase;
mod reference;
mod remote;
mod token;

use std::fmt;

use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureInput;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_files as files;
use sealwright_kms::Pkcs11Key;
use sealwright_sigstore::SignatureRequest;
use zeroize::Zeroizing;

use crate::Context;
use crate::Error;
use crate::Failure;
use crate::failure::About as _;
use crate::key::remote::RemoteKey;

pub use self::algorithm::KeyAlgorithm;
pub use self::algorithm::UnknownKeyAlgorithm;
pub use self::make::KeyFileType;
pub use self::make::KeyFiles;
pub use self::make::Overwrite;
pub use self::make::ShownKey;
pub use self::make::ShownPublicKey;
pub use self::make::key_generate;
pub use self::make::key_generate_kept;
pub use self::make::key_import;
pub use self::make::key_public;
pub use self::make::key_show;
pub use self::passphrase::NoPassphrase;
pub use self::passphrase::Passphrase;
pub use self::passphrase::PassphraseSource;
pub use self::passphrase::passphrase_from_file;
pub use self::reference::InvalidKeyReference;
pub use self::reference::KeyReference;

/// A private key that may be used, wherever it is kept. It never shows itself in `Debug`.
pub struct ManagedKey {
    keeper: Keeper,
}

enum Keeper {
    Memory(SigningKey),
    Remote(Box<RemoteKey>),
    Token(Pkcs11Key),
}

impl ManagedKey {
    /// A key in memory.
    pub const fn in_memory(key: SigningKey) -> Self {
        Self {
            keeper: Keeper::Memory(key),
        }
    }

    /// The public half.
    pub const fn public_key(&self) -> &PublicKey {
        match &self.keeper {
            Keeper::Memory(key) => key.public_key(),
            Keeper::Remote(key) => key.public_key(),
            Keeper::Token(key) => key.public_key(),
        }
    }

    /// The scheme it signs with unless something says otherwise.
    pub fn scheme(&self) -> SignatureScheme {
        match &self.keeper {
            Keeper::Memory(key) => key.scheme(),
            Keeper::Remote(key) => key.scheme(),
            Keeper::Token(key) => key.scheme(),
        }
    }

    /// Whether it can sign with `scheme`: Ed25519 keys in memory sign as Ed25519ph too, RSA keys with
    /// either padding and any hash; keys in a service as the service lets them.
    pub fn supports(&self, scheme: SignatureScheme) -> bool {
        match &self.keeper {
            Keeper::Memory(key) => key.supports(scheme),
            Keeper::Remote(key) => key.supports(scheme),
            Keeper::Token(key) => key.supports(scheme),
        }
    }

    /// Signs. ECDSA signatures are DER. What a service answers is verified before it is returned.
    ///
    /// # Errors
    /// `key.unsupported` when the key does not support the scheme, or when the input is a digest
    /// and the scheme reads the message or has another hash; whatever keeps the keeper of the key
    /// from signing.
    pub fn sign(
        &self,
        scheme: SignatureScheme,
        input: &SignatureInput<'_>,
    ) -> Result<Vec<u8>, Failure> {
        match &self.keeper {
            Keeper::Memory(key) => Ok(key.sign_with(scheme, *input)?),
            Keeper::Remote(key) => key.sign(scheme, *input),
            Keeper::Token(key) => Ok(key.sign(scheme, *input)?),
        }
    }

    /// Signs what the signing state machine asks for.
    ///
    /// # Errors
    /// As [`ManagedKey::sign`].
    pub fn sign_request(&self, request: &SignatureRequest) -> Result<Vec<u8>, Failure> {
        let input = match &request.input {
            sealwright_sigstore::SignatureInput::Digest(digest) => SignatureInput::Digest(digest),
            sealwright_sigstore::SignatureInput::Message(message) => {
                SignatureInput::Message(message)
            }
        };
        self.sign(request.scheme, &input)
    }
}

impl fmt::Debug for ManagedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ManagedKey({}, [redacted])", self.scheme().name())
    }
}

/// Opens a private key for signing. The passphrase is asked for only when the key has one.
///
/// # Errors
/// `key.wrong-kind` for a public key, `key.password-needed`, `key.wrong-password`, and the other
/// `key.…` of what is no key; `usage.variable-unset`, `usage.key-keeper-unavailable`; whatever keeps
/// the key from being read.
pub fn open_signing_key(
    context: &Context<'_>,
    reference: &KeyReference,
    passphrases: &dyn PassphraseSource,
) -> Result<ManagedKey, Failure> {
    match reference {
        KeyReference::File(_) | KeyReference::Variable(_) => {
            let bytes = read(context, reference)?;
            import_signing_key(&bytes, reference, passphrases).map(ManagedKey::in_memory)
        }
        KeyReference::Kms(kms) => Ok(ManagedKey {
            keeper: Keeper::Remote(Box::new(RemoteKey::open(context, kms).about(reference)?)),
        }),
        KeyReference::Kubernetes { namespace, name } => {
            let secret = remote::read_secret(context, namespace, name).about(reference)?;
            let missing = || Failure::from(Error::SecretWithoutKey("cosign.key")).about(reference);
            let bytes = Zeroizing::new(secret.key.ok_or_else(missing)?);
            let key = match secret.password {
                // Beside the key, as cosign keeps it.
                Some(password) => {
                    SigningKey::import(&bytes, Some(&Zeroizing::new(password))).about(reference)?
                }
                None => import_signing_key(&bytes, reference, passphrases)?,
            };
            Ok(ManagedKey::in_memory(key))
        }
        KeyReference::Pkcs11(uri) => Ok(ManagedKey {
            keeper: Keeper::Token(token::open(context, uri, passphrases).about(reference)?),
        }),
    }
}

/// Opens a public key: the key itself, or a certificate whose key is meant.
///
/// # Errors
/// `key.wrong-kind` for a private key, and the other `key.…` of what is no key;
/// `usage.variable-unset`, `usage.key-keeper-unavailable`, `key.secret-without-key`; whatever keeps the
/// key from being read.
pub fn open_public_key(
    context: &Context<'_>,
    reference: &KeyReference,
) -> Result<PublicKey, Failure> {
    match reference {
        KeyReference::File(_) | KeyReference::Variable(_) => {
            PublicKey::import(&read(context, reference)?).about(reference)
        }
        KeyReference::Kms(kms) => {
            let key = RemoteKey::open(context, kms).about(reference)?;
            Ok(key.public_key().clone())
        }
        KeyReference::Kubernetes { namespace, name } => {
            let secret = remote::read_secret(context, namespace, name).about(reference)?;
            let missing = || Failure::from(Error::SecretWithoutKey("cosign.pub")).about(reference);
            PublicKey::import(&secret.public.ok_or_else(missing)?).about(reference)
        }
        KeyReference::Pkcs11(uri) => {
            let key = token::open(context, uri, &NoPassphrase).about(reference)?;
            Ok(key.public_key().clone())
        }
    }
}

/// Reads a private key of any form, asking for its passphrase when it has one.
fn import_signing_key(
    bytes: &[u8],
    reference: &KeyReference,
    passphrases: &dyn PassphraseSource,
) -> Result<SigningKey, Failure> {
    match SigningKey::import(bytes, None) {
        Err(sealwright_crypto::Error::PasswordNeeded) => {}
        result => return result.about(reference),
    }
    let Some(passphrase) = passphrases.existing(&reference.to_string())? else {
        let needed = Failure::from(sealwright_crypto::Error::PasswordNeeded);
        return Err(needed
            .about(reference)
            .with_help(PASSPHRASE_HELP.to_owned()));
    };
    SigningKey::import(bytes, Some(passphrase.as_bytes())).about(reference)
}

fn read(context: &Context<'_>, reference: &KeyReference) -> Result<Zeroizing<Vec<u8>>, Failure> {
    match reference {
        KeyReference::File(path) => Ok(Zeroizing::new(files::read_limited_or_pipe(
            path,
            MAX_KEY_SIZE,
        )?)),
        KeyReference::Variable(name) => match (context.variable)(name) {
            Some(text) => Ok(Zeroizing::new(text.into_bytes())),
            None => Err(Error::VariableUnset(name.clone()).into()),
        },
        other => Err(unavailable(other)),
    }
}

fn unavailable(reference: &KeyReference) -> Failure {
    Error::KeyKeeperUnavailable(reference.keeper()).into()
}

/// Most bytes of a key or a certificate in a file.
const MAX_KEY_SIZE: u64 = 64 << 10;
pub(crate) const PASSPHRASE_HELP: &str = "set SEALWRIGHT_KEY_PASSPHRASE, SEALWRIGHT_KEY_PASSPHRASE_FILE or \
                               COSIGN_PASSWORD, or run it at a terminal, which asks for it";

#[cfg(test)]
mod tests;
