//! The encrypted key files of cosign: a PEM block labelled `ENCRYPTED SIGSTORE PRIVATE KEY` (before
//! version 2: `ENCRYPTED COSIGN PRIVATE KEY`) around JSON, in which scrypt makes a key of the
//! password and NaCl's secretbox (XSalsa20-Poly1305) holds the PKCS#8 bytes.
//!
//! There is no specification but what cosign reads: it accepts only costs that it writes itself,
//! so what is written here has exactly those.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use poly1305::Poly1305;
use poly1305::universal_hash::KeyInit as _;
use salsa20::XSalsa20;
use salsa20::cipher::KeyIvInit as _;
use salsa20::cipher::StreamCipher as _;
use sealwright_core::Base64;
use sealwright_core::canonical_json;
use serde::Deserialize;
use serde::Serialize;
use zeroize::Zeroizing;

use super::SigningKey;
use super::scrypt::Cost;
use crate::Error;
use crate::error::Structure;
use crate::pem;
use crate::random_bytes;

impl SigningKey {
    /// The key as cosign keeps it, encrypted with `password`.
    ///
    /// # Errors
    /// `crypto.backend-failed`.
    pub fn to_cosign_pem(&self, password: &[u8]) -> Result<String, Error> {
        let mut salt = [0; 32];
        let mut nonce = [0; NONCE_BYTES];
        random_bytes(&mut salt)?;
        random_bytes(&mut nonce)?;
        let json = encrypt(&self.to_pkcs8_der()?, password, Cost::COSIGN, &salt, nonce)?;
        Ok(pem::encode(LABEL, &json))
    }
}

/// The PKCS#8 bytes inside the JSON. What is wrong with the file is said before a password is asked
/// for.
pub(super) fn decrypt(json: &[u8], password: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let malformed = |part| Error::Malformed {
        structure: Structure::PrivateKey,
        part,
    };
    let file: File =
        canonical_json::from_slice(json).map_err(|_| malformed("JSON of cosign's key file"))?;
    for (found, wanted) in [(&file.kdf.name, KDF), (&file.cipher.name, CIPHER)] {
        if found != wanted {
            return Err(Error::EncryptionUnsupported {
                algorithm: format!("another {wanted} in a key file of cosign"),
            });
        }
    }
    let Costs { n, r, p } = file.kdf.params;
    let cost = Cost::new(n, r, p)?;
    let nonce = <[u8; NONCE_BYTES]>::try_from(file.cipher.nonce.as_bytes())
        .map_err(|_| malformed("nonce of cosign's key file"))?;
    let password = password.ok_or(Error::PasswordNeeded)?;
    let key = derive(cost, password, file.kdf.salt.as_bytes())?;
    open(&key, nonce, file.ciphertext.as_bytes()).ok_or(Error::WrongPassword)
}

fn encrypt(
    plain: &[u8],
    password: &[u8],
    cost: Cost,
    salt: &[u8],
    nonce: [u8; NONCE_BYTES],
) -> Result<Vec<u8>, Error> {
    let key = derive(cost, password, salt)?;
    let file = File {
        kdf: Kdf {
            name: KDF.to_owned(),
            params: Costs {
                n: cost.n(),
                r: cost.r().into(),
                p: cost.p().into(),
            },
            salt: Base64::from(salt.to_vec()),
        },
        cipher: Cipher {
            name: CIPHER.to_owned(),
            nonce: Base64::from(nonce.to_vec()),
        },
        ciphertext: Base64::from(seal(&key, nonce, plain)),
    };
    serde_json::to_vec(&file).map_err(|_| Error::Backend {
        operation: "write a key file",
    })
}

fn derive(cost: Cost, password: &[u8], salt: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut key = Zeroizing::new([0; 32]);
    cost.derive(password, salt, &mut *key)?;
    Ok(key)
}

/// secretbox: the tag, then the encrypted bytes. The stream's first 32 bytes are the tag's key.
fn seal(key: &[u8; 32], nonce: [u8; NONCE_BYTES], plain: &[u8]) -> Vec<u8> {
    let mut stream = XSalsa20::new(key.into(), &nonce.into());
    let tag_key = tag_key(&mut stream);
    let mut encrypted = plain.to_vec();
    stream.apply_keystream(&mut encrypted);
    let mut sealed = tag(&tag_key, &encrypted).to_vec();
    sealed.append(&mut encrypted);
    sealed
}

fn open(key: &[u8; 32], nonce: [u8; NONCE_BYTES], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (found, encrypted) = sealed.split_at_checked(TAG_BYTES)?;
    let mut stream = XSalsa20::new(key.into(), &nonce.into());
    let tag_key = tag_key(&mut stream);
    verify_slices_are_equal(&tag(&tag_key, encrypted), found).ok()?;
    let mut plain = Zeroizing::new(encrypted.to_vec());
    stream.apply_keystream(&mut plain);
    Some(plain)
}

fn tag_key(stream: &mut XSalsa20) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    stream.apply_keystream(&mut *key);
    key
}

fn tag(key: &[u8; 32], encrypted: &[u8]) -> [u8; TAG_BYTES] {
    Poly1305::new(key.into()).compute_unpadded(encrypted).into()
}

/// The fields in cosign's order.
#[derive(Deserialize, Serialize)]
struct File {
    kdf: Kdf,
    cipher: Cipher,
    ciphertext: Base64,
}

#[derive(Deserialize, Serialize)]
struct Kdf {
    name: String,
    params: Costs,
    salt: Base64,
}

#[derive(Deserialize, Serialize)]
struct Costs {
    #[serde(rename = "N")]
    n: u64,
    r: u64,
    p: u64,
}

#[derive(Deserialize, Serialize)]
struct Cipher {
    name: String,
    nonce: Base64,
}

const LABEL: &str = "ENCRYPTED SIGSTORE PRIVATE KEY";
const KDF: &str = "scrypt";
const CIPHER: &str = "nacl/secretbox";
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

#[cfg(test)]
mod tests;
