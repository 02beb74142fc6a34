//! Encrypted PKCS#8: PBES2 (RFC 8018 section 6.2) with AES in CBC mode, its key derived by PBKDF2
//! or scrypt (RFC 7914 section 7). The older PBES1, DES and RC2 are not read.

use std::num::NonZeroU32;

use aws_lc_rs::cipher;
use aws_lc_rs::cipher::DecryptionContext;
use aws_lc_rs::cipher::EncryptionContext;
use aws_lc_rs::cipher::PaddedBlockDecryptingKey;
use aws_lc_rs::cipher::PaddedBlockEncryptingKey;
use aws_lc_rs::cipher::UnboundCipherKey;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::pbkdf2;
use der::Tag;
use der::asn1::ObjectIdentifier;
use zeroize::Zeroizing;

use super::SigningKey;
use super::malformed;
use crate::Error;
use crate::asn1;
use crate::asn1::Element;
use crate::asn1::Elements;
use crate::asn1::Malformed;
use crate::key::scrypt;
use crate::oid;
use crate::pem;
use crate::random_bytes;

/// Opens `EncryptedPrivateKeyInfo ::= SEQUENCE { AlgorithmIdentifier, OCTET STRING }`.
pub(super) fn decrypt(der: &[u8], password: Option<&[u8]>) -> Result<SigningKey, Error> {
    super::check_size(der)?;
    let info = read(der).map_err(malformed)?;
    let recipe = Recipe::read(&info)?;
    let password = password.ok_or(Error::PasswordNeeded)?;
    let key = recipe.derive(password)?;
    let unopened = |_| Error::WrongPassword;
    let cipher = UnboundCipherKey::new(recipe.cipher, &key)
        .and_then(PaddedBlockDecryptingKey::cbc_pkcs7)
        .map_err(unopened)?;
    let mut bytes = Zeroizing::new(info.encrypted.to_vec());
    let context = DecryptionContext::Iv128(FixedLength::from(recipe.iv));
    let plain = cipher.decrypt(&mut bytes, context).map_err(unopened)?;
    // One wrong key in 256 leaves a valid padding; what it leaves before that is no SEQUENCE.
    if Element::only(plain, PART).map(|element| element.tag()) != Ok(Tag::Sequence) {
        return Err(Error::WrongPassword);
    }
    super::pkcs8(plain)
}

impl SigningKey {
    /// The key as a PEM block labelled `ENCRYPTED PRIVATE KEY`: AES-256-CBC, its key derived from
    /// `password` by PBKDF2 with HMAC-SHA-256, as OpenSSL and Java read it.
    ///
    /// # Errors
    /// `crypto.backend-failed`.
    pub fn to_encrypted_pkcs8_pem(&self, password: &[u8]) -> Result<String, Error> {
        let failed = |_| Error::Backend {
            operation: "encrypt a private key",
        };
        let mut salt = [0; 16];
        let mut iv = [0; 16];
        random_bytes(&mut salt)?;
        random_bytes(&mut iv)?;
        let mut key = Zeroizing::new([0; 32]);
        let prf = pbkdf2::PBKDF2_HMAC_SHA256;
        pbkdf2::derive(prf, ITERATIONS, &salt, password, &mut *key);
        let plain = self.to_pkcs8_der()?;
        // Room for the padding, so that no copy is left behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(plain.len() + 16));
        bytes.extend_from_slice(&plain);
        UnboundCipherKey::new(&cipher::AES_256, &*key)
            .and_then(PaddedBlockEncryptingKey::cbc_pkcs7)
            .and_then(|cipher| {
                let context = EncryptionContext::Iv128(FixedLength::from(&iv));
                cipher.less_safe_encrypt(&mut *bytes, context)
            })
            .map_err(failed)?;
        let octets = |bytes: &[u8]| asn1::element(Tag::OctetString, &[bytes]);
        let derivation = asn1::sequence(&[
            &asn1::oid(oid::PBKDF2),
            &asn1::sequence(&[
                &octets(&salt),
                &asn1::unsigned_integer(&ITERATIONS.get().to_be_bytes()),
                &asn1::sequence(&[&asn1::oid(oid::HMAC_SHA256), &asn1::element(Tag::Null, &[])]),
            ]),
        ]);
        let cipher = asn1::sequence(&[&asn1::oid(oid::AES256_CBC), &octets(&iv)]);
        let scheme = asn1::sequence(&[
            &asn1::oid(oid::PBES2),
            &asn1::sequence(&[&derivation, &cipher]),
        ]);
        Ok(pem::encode(
            LABEL,
            &asn1::sequence(&[&scheme, &octets(&bytes)]),
        ))
    }
}

struct Info<'a> {
    scheme: ObjectIdentifier,
    parameters: Option<Element<'a>>,
    encrypted: &'a [u8],
}

fn read(der: &[u8]) -> asn1::Result<Info<'_>> {
    let mut fields = Elements::of_sequence(der, PART)?;
    let (scheme, parameters) = identifier(&mut fields)?;
    let encrypted = fields.take(Tag::OctetString, PART)?.value();
    fields.finish(PART)?;
    Ok(Info {
        scheme,
        parameters,
        encrypted,
    })
}

/// How to get from a password to the plain bytes.
struct Recipe<'a> {
    derivation: Derivation,
    salt: &'a [u8],
    cipher: &'static cipher::Algorithm,
    key_length: usize,
    iv: &'a [u8; 16],
}

enum Derivation {
    Pbkdf2(pbkdf2::Algorithm, NonZeroU32),
    Scrypt(scrypt::Cost),
}

impl<'a> Recipe<'a> {
    fn read(info: &Info<'a>) -> Result<Self, Error> {
        if info.scheme != oid::PBES2 {
            return Err(unsupported(format!("algorithm {}", info.scheme)));
        }
        let parts = || {
            let parameters = info.parameters.ok_or(Malformed(PART))?;
            let mut fields = parameters.contents();
            let derivation = identifier(&mut fields)?;
            let cipher = identifier(&mut fields)?;
            fields.finish(PART)?;
            asn1::Result::Ok((derivation, cipher))
        };
        let ((derivation, derivation_parameters), (cipher, iv)) = parts().map_err(malformed)?;
        let (cipher, key_length) = match cipher {
            oid::AES128_CBC => (&cipher::AES_128, 16),
            oid::AES192_CBC => (&cipher::AES_192, 24),
            oid::AES256_CBC => (&cipher::AES_256, 32),
            other => return Err(unsupported(format!("cipher {other}"))),
        };
        let iv = iv
            .filter(|iv| iv.tag() == Tag::OctetString)
            .and_then(|iv| iv.value().try_into().ok())
            .ok_or_else(|| malformed(Malformed(PART)))?;
        let parameters = derivation_parameters.ok_or_else(|| malformed(Malformed(PART)))?;
        let (salt, derivation) = match derivation {
            oid::PBKDF2 => read_pbkdf2(parameters)?,
            oid::SCRYPT => read_scrypt(parameters)?,
            other => return Err(unsupported(format!("key derivation {other}"))),
        };
        Ok(Self {
            derivation,
            salt,
            cipher,
            key_length,
            iv,
        })
    }

    fn derive(&self, password: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
        let mut key = Zeroizing::new(vec![0; self.key_length]);
        match self.derivation {
            Derivation::Pbkdf2(algorithm, iterations) => {
                pbkdf2::derive(algorithm, iterations, self.salt, password, &mut key);
            }
            Derivation::Scrypt(cost) => cost.derive(password, self.salt, &mut key)?,
        }
        Ok(key)
    }
}

/// PBKDF2-params ::= SEQUENCE { salt, iterationCount, keyLength OPTIONAL, prf DEFAULT hmacWithSHA1 }
fn read_pbkdf2(parameters: Element<'_>) -> Result<(&[u8], Derivation), Error> {
    let parts = || {
        let mut fields = parameters.contents();
        let salt = fields.take(Tag::OctetString, PART)?.value();
        let iterations = fields.take(Tag::Integer, PART)?.small_integer(PART)?;
        fields.optional(Tag::Integer, PART)?;
        let prf = if fields.is_empty() {
            oid::HMAC_SHA1
        } else {
            identifier(&mut fields)?.0
        };
        fields.finish(PART)?;
        asn1::Result::Ok((salt, iterations, prf))
    };
    let (salt, iterations, prf) = parts().map_err(malformed)?;
    let algorithm = match prf {
        oid::HMAC_SHA1 => pbkdf2::PBKDF2_HMAC_SHA1,
        oid::HMAC_SHA256 => pbkdf2::PBKDF2_HMAC_SHA256,
        oid::HMAC_SHA384 => pbkdf2::PBKDF2_HMAC_SHA384,
        oid::HMAC_SHA512 => pbkdf2::PBKDF2_HMAC_SHA512,
        other => return Err(unsupported(format!("PBKDF2 with {other}"))),
    };
    let iterations = u32::try_from(iterations)
        .ok()
        .filter(|count| *count <= MAX_ITERATIONS)
        .and_then(NonZeroU32::new)
        .ok_or_else(|| unsupported(format!("{iterations} iterations of PBKDF2")))?;
    Ok((salt, Derivation::Pbkdf2(algorithm, iterations)))
}

/// scrypt-params ::= SEQUENCE { salt, costParameter, blockSize, parallelization, keyLength OPTIONAL }
fn read_scrypt(parameters: Element<'_>) -> Result<(&[u8], Derivation), Error> {
    let parts = || {
        let mut fields = parameters.contents();
        let salt = fields.take(Tag::OctetString, PART)?.value();
        let mut number = || fields.take(Tag::Integer, PART)?.small_integer(PART);
        let cost = (number()?, number()?, number()?);
        fields.optional(Tag::Integer, PART)?;
        fields.finish(PART)?;
        asn1::Result::Ok((salt, cost))
    };
    let (salt, (n, r, p)) = parts().map_err(malformed)?;
    Ok((salt, Derivation::Scrypt(scrypt::Cost::new(n, r, p)?)))
}

/// AlgorithmIdentifier ::= SEQUENCE { algorithm, parameters OPTIONAL }
fn identifier<'a>(
    fields: &mut Elements<'a>,
) -> asn1::Result<(ObjectIdentifier, Option<Element<'a>>)> {
    let mut parts = fields.take(Tag::Sequence, PART)?.contents();
    let id = parts.take(Tag::ObjectIdentifier, PART)?.oid(PART)?;
    let parameters = if parts.is_empty() {
        None
    } else {
        Some(parts.any(PART)?)
    };
    parts.finish(PART)?;
    Ok((id, parameters))
}

const fn unsupported(algorithm: String) -> Error {
    Error::EncryptionUnsupported { algorithm }
}

const LABEL: &str = "ENCRYPTED PRIVATE KEY";
/// What OWASP advises for PBKDF2 with HMAC-SHA-256: a third of a second.
const ITERATIONS: NonZeroU32 = NonZeroU32::MIN.saturating_add(599_999);
const PART: &str = "EncryptedPrivateKeyInfo";
/// About ten seconds.
const MAX_ITERATIONS: u32 = 10_000_000;
