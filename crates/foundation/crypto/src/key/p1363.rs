//! ECDSA signatures as two integers of the curve's length, one after the other (IEEE P1363), as
//! JOSE and some hardware write them. Which of the two forms a signature has is never guessed: some
//! bytes are valid in both.

use super::PublicKey;
use super::SignatureInput;
use crate::BadSignature;
use crate::asn1;
use crate::scheme::KeyKind;
use crate::scheme::SignatureScheme;

impl PublicKey {
    /// Checks an ECDSA signature that is written as IEEE P1363 says and not in DER.
    ///
    /// # Errors
    /// `crypto.signature-mismatch`, also for a scheme that is not ECDSA.
    pub fn verify_p1363(
        &self,
        scheme: SignatureScheme,
        input: SignatureInput<'_>,
        signature: &[u8],
    ) -> Result<(), BadSignature> {
        let der = match ecdsa_der(scheme.key_kind(), signature) {
            Some(der) => der,
            None if field(scheme.key_kind()).is_none() => {
                return Err(BadSignature::NotEcdsa { scheme });
            }
            None => return Err(BadSignature::Mismatch { scheme }),
        };
        match input {
            SignatureInput::Digest(digest) => self.verify_digest(scheme, digest, &der),
            SignatureInput::Message(message) => self.verify(scheme, message, &der),
        }
    }
}

/// The DER of an ECDSA signature that is written as IEEE P1363 says; `None` for another length, and
/// for keys that are not ECDSA.
pub fn ecdsa_der(kind: KeyKind, signature: &[u8]) -> Option<Vec<u8>> {
    let field = field(kind)?;
    let (r, s) = signature
        .split_at_checked(field)
        .filter(|(_, s)| s.len() == field)?;
    Some(asn1::sequence(&[
        &asn1::unsigned_integer(r),
        &asn1::unsigned_integer(s),
    ]))
}

/// How many bytes each of the two numbers has.
const fn field(kind: KeyKind) -> Option<usize> {
    match kind {
        KeyKind::EcdsaP256 => Some(32),
        KeyKind::EcdsaP384 => Some(48),
        KeyKind::EcdsaP521 => Some(66),
        KeyKind::Ed25519 | KeyKind::Rsa => None,
    }
}

#[cfg(test)]
mod tests {
    use sealwright_core::Diagnostic as _;
    use sealwright_core::Digest;
    use sealwright_core::DigestAlgorithm;

    use super::*;
    use crate::SigningKey;

    const MESSAGE: &[u8] = b"what ships is what was built";

    /// Takes DER apart by hand: r and s, each to `field` bytes.
    fn fixed(der: &[u8], field: usize) -> Vec<u8> {
        let mut parts = asn1::Elements::of_sequence(der, "signature").unwrap();
        let mut out = Vec::new();
        for _ in 0..2 {
            let value = parts.take(der::Tag::Integer, "integer").unwrap().value();
            let value = value.strip_prefix(&[0]).unwrap_or(value);
            out.extend(std::iter::repeat_n(0, field - value.len()));
            out.extend_from_slice(value);
        }
        out
    }

    #[test]
    fn both_forms_verify_and_only_as_what_they_are() {
        for (scheme, field) in [
            (SignatureScheme::EcdsaP256Sha256, 32),
            (SignatureScheme::EcdsaP384Sha384, 48),
            (SignatureScheme::EcdsaP521Sha512, 66),
        ] {
            let key = SigningKey::generate(scheme).unwrap();
            let public = key.public_key();
            let digest = Digest::of(scheme.digest_algorithm().unwrap(), MESSAGE);
            // Often enough that integers with leading zeros and with a sign byte come up.
            for _ in 0..64 {
                let der = key.sign(MESSAGE).unwrap();
                let raw = fixed(&der, field);
                for input in [
                    SignatureInput::Message(MESSAGE),
                    SignatureInput::Digest(&digest),
                ] {
                    assert_eq!(public.verify_p1363(scheme, input, &raw), Ok(()));
                    assert!(public.verify_p1363(scheme, input, &der).is_err());
                }
                assert!(public.verify(scheme, MESSAGE, &raw).is_err());
            }
            let raw = fixed(&key.sign(MESSAGE).unwrap(), field);
            let check = |message, raw: &[u8]| {
                public.verify_p1363(scheme, SignatureInput::Message(message), raw)
            };
            assert!(check(b"something else", &raw).is_err());
            assert!(check(MESSAGE, &raw[1..]).is_err());
            assert!(check(MESSAGE, &[&raw[..], &[0]].concat()).is_err());
            assert!(check(MESSAGE, &vec![0; 2 * field]).is_err());
            for position in [0, field - 1, field, 2 * field - 1] {
                let mut flipped = raw.clone();
                flipped[position] ^= 1;
                assert!(check(MESSAGE, &flipped).is_err());
            }
        }
    }

    #[test]
    fn agrees_with_p256() {
        use p256::ecdsa::signature::Signer as _;

        let scheme = SignatureScheme::EcdsaP256Sha256;
        let theirs = p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
        let point = theirs.verifying_key().to_sec1_point(false);
        let key = PublicKey::from_raw(KeyKind::EcdsaP256, point.as_bytes()).unwrap();
        let signature: p256::ecdsa::Signature = theirs.sign(MESSAGE);
        let input = SignatureInput::Message(MESSAGE);
        assert_eq!(
            key.verify_p1363(scheme, input, &signature.to_bytes()),
            Ok(())
        );
    }

    #[test]
    fn other_algorithms_have_one_form_only() {
        let key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
        let signature = key.sign(MESSAGE).unwrap();
        let error = key
            .public_key()
            .verify_p1363(
                SignatureScheme::Ed25519,
                SignatureInput::Message(MESSAGE),
                &signature,
            )
            .unwrap_err();
        assert_eq!(error.code().as_str(), "crypto.signature-mismatch");
        let digest = Digest::of(DigestAlgorithm::Sha512, MESSAGE);
        let p256 = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
        let error = p256
            .public_key()
            .verify_p1363(
                SignatureScheme::EcdsaP256Sha256,
                SignatureInput::Digest(&digest),
                &[1; 64],
            )
            .unwrap_err();
        assert!(matches!(error, BadSignature::WrongDigest { .. }));
    }
}
