use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Timestamp;

use super::*;
use crate::BadSignature;
use crate::Certificate;
use crate::ChainError;
use crate::Eku;
use crate::SignatureScheme;
use crate::SigningKey;
use crate::asn1;
use crate::asn1::Elements;
use crate::fixture::NAME;
use crate::fixture::ROOT;
use crate::fixture::Shape;
use crate::fixture::days;
use crate::fixture::now;
use crate::fixture::p256;
use crate::issue;
use crate::issue::Issuer;
use crate::mutation;

const SIGNED: &[u8] = b"a signature, to be dated";

struct Authority {
    root_key: SigningKey,
    root: Certificate,
    key: SigningKey,
    leaf: Certificate,
}

impl Authority {
    fn new(scheme: SignatureScheme) -> Self {
        let root_key = SigningKey::generate(scheme).unwrap();
        let root = issue::root_certificate(ROOT, days(1000), &root_key).unwrap();
        let key = SigningKey::generate(scheme).unwrap();
        let issuer = Issuer {
            certificate: &root,
            key: &root_key,
        };
        let leaf = issue::tsa_leaf(NAME, days(100), key.public_key(), issuer).unwrap();
        Self {
            root_key,
            root,
            key,
            leaf,
        }
    }

    fn chain(&self) -> [Certificate; 2] {
        [self.leaf.clone(), self.root.clone()]
    }

    fn answer(&self, request: &TimestampRequest) -> Vec<u8> {
        answer(request, &self.leaf, &self.key, &[7; 16], now()).unwrap()
    }

    fn token(&self, request: &TimestampRequest) -> TimestampToken {
        TimestampToken::from_response_der(&self.answer(request)).unwrap()
    }
}

fn authority() -> Authority {
    Authority::new(SignatureScheme::EcdsaP256Sha256)
}

fn request() -> TimestampRequest {
    TimestampRequest::new(Digest::sha256(SIGNED)).unwrap()
}

#[test]
fn what_the_authority_answers_verifies() {
    for scheme in [
        SignatureScheme::EcdsaP256Sha256,
        SignatureScheme::EcdsaP384Sha384,
        SignatureScheme::EcdsaP521Sha512,
        SignatureScheme::Ed25519,
    ] {
        let authority = Authority::new(scheme);
        for imprint in [
            DigestAlgorithm::Sha256,
            DigestAlgorithm::Sha384,
            DigestAlgorithm::Sha512,
        ] {
            for certificates in [Certificates::Embed, Certificates::Omit] {
                let request = TimestampRequest::new(Digest::of(imprint, SIGNED))
                    .unwrap()
                    .with_certificates(certificates);
                let token = authority.token(&request);
                assert_eq!(token.verify(SIGNED, &authority.chain()), Ok(now()));
                assert_eq!(token.gen_time(), now());
                assert_eq!(token.hash_algorithm(), imprint);
                assert_eq!(token.message_imprint(), &Digest::of(imprint, SIGNED));
                assert_eq!(token.serial(), [7; 16]);
                assert_eq!(
                    token.certificates().len(),
                    usize::from(certificates == Certificates::Embed)
                );
            }
        }
    }
}

#[test]
fn the_time_is_given_in_whole_seconds_rounded_down() {
    let authority = authority();
    let late = Timestamp::from_milliseconds(now().milliseconds() + 999);
    let der = answer(&request(), &authority.leaf, &authority.key, &[1], late).unwrap();
    let token = TimestampToken::from_response_der(&der).unwrap();
    assert_eq!(token.verify(SIGNED, &authority.chain()), Ok(now()));
}

#[test]
fn nonces_are_echoed() {
    let authority = authority();
    for (nonce, value) in [
        (&[1, 2, 3][..], &[1, 2, 3][..]),
        (
            &[0xff; 8],
            &[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        ),
    ] {
        let request = request().with_nonce(nonce);
        assert_eq!(request.nonce(), Some(value));
        let again = TimestampRequest::from_der(&request.to_der()).unwrap();
        assert_eq!(again, request);
        let token = authority.token(&again);
        assert_eq!(token.nonce(), Some(value));
        assert!(token.answers(&again));
        assert!(!token.answers(&self::request()));
    }
    assert_eq!(authority.token(&request()).nonce(), None);
}

#[test]
fn rejects_a_token_about_other_bytes() {
    let authority = authority();
    let token = authority.token(&request());
    assert_eq!(
        token.verify(b"something else", &authority.chain()),
        Err(TimestampError::ImprintMismatch {
            algorithm: DigestAlgorithm::Sha256
        })
    );
}

#[test]
fn an_embedded_certificate_needs_a_known_root() {
    let authority = authority();
    let token = authority.token(&request().with_certificates(Certificates::Embed));
    let root = std::slice::from_ref(&authority.root);
    assert_eq!(token.verify(SIGNED, root), Ok(now()));
    let other = Authority::new(SignatureScheme::EcdsaP256Sha256);
    assert!(matches!(
        token.verify(SIGNED, std::slice::from_ref(&other.root)),
        Err(TimestampError::Chain(ChainError::BadSignature { .. }))
    ));
    // The trust root names its signing certificate: another one of that CA does not count.
    let issuer = Issuer {
        certificate: &authority.root,
        key: &authority.root_key,
    };
    let sibling = issue::tsa_leaf(NAME, days(100), p256().public_key(), issuer).unwrap();
    assert_eq!(
        token.verify(SIGNED, &[sibling, authority.root.clone()]),
        Err(TimestampError::UnknownSigner)
    );
    // Without its certificate, the root alone does not tell who signed.
    assert_eq!(
        authority.token(&request()).verify(SIGNED, root),
        Err(TimestampError::UnknownSigner)
    );
}

#[test]
fn rejects_a_token_that_another_key_signed_in_the_authoritys_name() {
    let authority = authority();
    // Same issuer and serial number, other key: the certificate binding tells them apart.
    let key = p256();
    let issuer = Issuer {
        certificate: &authority.root,
        key: &authority.root_key,
    };
    let one = Shape::leaf(authority.key.public_key(), Eku::TimeStamping).issue(issuer);
    let two = Shape::leaf(key.public_key(), Eku::TimeStamping).issue(issuer);
    assert_eq!(one.serial(), two.serial());
    let der = answer(&request(), &two, &key, &[1], now()).unwrap();
    let token = TimestampToken::from_response_der(&der).unwrap();
    assert_eq!(
        token.verify(SIGNED, &[two, authority.root.clone()]),
        Ok(now())
    );
    assert_eq!(
        token.verify(SIGNED, &[one, authority.root.clone()]),
        Err(TimestampError::AttributeMismatch {
            attribute: "signingCertificate"
        })
    );
}

#[test]
fn the_authoritys_certificate_must_be_valid_at_the_time_stated() {
    let authority = authority();
    let late = authority.leaf.not_after().plus_seconds(1);
    let der = answer(&request(), &authority.leaf, &authority.key, &[1], late).unwrap();
    let token = TimestampToken::from_response_der(&der).unwrap();
    assert!(matches!(
        token.verify(SIGNED, &authority.chain()),
        Err(TimestampError::Chain(ChainError::OutsideValidity { .. }))
    ));
}

#[test]
fn a_certificate_for_something_else_dates_nothing() {
    let authority = authority();
    let issuer = Issuer {
        certificate: &authority.root,
        key: &authority.root_key,
    };
    let leaf = Shape::leaf(authority.key.public_key(), Eku::CodeSigning).issue(issuer);
    let der = answer(&request(), &leaf, &authority.key, &[1], now()).unwrap();
    let token = TimestampToken::from_response_der(&der).unwrap();
    assert!(matches!(
        token.verify(SIGNED, &[leaf, authority.root.clone()]),
        Err(TimestampError::Chain(ChainError::WrongUsage { .. }))
    ));
}

#[test]
fn no_flipped_bit_dates_anything_differently() {
    let authority = authority();
    let der = authority.answer(&request().with_nonce(&[9; 8]));
    let good = TimestampToken::from_response_der(&der).unwrap();
    assert!(good.verify(SIGNED, &authority.chain()).is_ok());
    let mut outcomes = Vec::new();
    mutation::each_bit_flipped(&der, |position, bytes| {
        let Ok(token) = TimestampToken::from_response_der(bytes) else {
            return;
        };
        match token.verify(SIGNED, &authority.chain()) {
            // Only bytes outside of what is signed may differ: versions, the list of digest
            // algorithms, the status; never the time.
            Ok(time) => assert_eq!(time, now(), "byte {position}"),
            Err(error) => outcomes.push(error),
        }
    });
    let seen = |wanted: fn(&TimestampError) -> bool| outcomes.iter().any(wanted);
    assert!(seen(|e| matches!(
        e,
        TimestampError::BadSignature(BadSignature::Mismatch { .. })
    )));
    assert!(seen(|e| matches!(
        e,
        TimestampError::ImprintMismatch { .. }
    )));
    assert!(seen(|e| matches!(
        e,
        TimestampError::AttributeMismatch {
            attribute: "messageDigest"
        }
    )));
}

#[test]
fn damaged_responses_and_requests_are_refused() {
    let authority = authority();
    let request = request()
        .with_nonce(&[9; 8])
        .with_certificates(Certificates::Embed);
    mutation::refuses_every_truncation(&request.to_der(), TimestampRequest::from_der);
    mutation::each_bit_flipped(&request.to_der(), |_, bytes| {
        let _ = TimestampRequest::from_der(bytes);
    });
    let response = authority.answer(&request);
    mutation::refuses_every_truncation(&response, TimestampToken::from_response_der);
    mutation::each_bit_flipped(&response, |_, bytes| {
        if let Ok(token) = TimestampToken::from_response_der(bytes) {
            let _ = token.certificates();
        }
    });
}

#[test]
fn what_the_authority_did_not_sign_is_well_formed_all_the_same() {
    let authority = authority();
    let response = authority.answer(&request());
    let mut parts = Elements::of_sequence(&response, "response").unwrap();
    let (_, token) = (parts.any("").unwrap(), parts.any("").unwrap().raw());
    let zero: &[u8] = &[2, 1, 0];
    let read = |status: &[&[u8]]| {
        let der = asn1::sequence(&[&asn1::sequence(status), token]);
        TimestampToken::from_response_der(&der).map_err(|error| error.code().to_string())
    };
    let text: &[u8] = &[0x30, 4, 0x0c, 2, b'o', b'k'];
    let failure: &[u8] = &[3, 2, 5, 0x20];
    for good in [&[zero][..], &[zero, text], &[zero, text, failure]] {
        assert!(read(good).is_ok(), "{good:02x?}");
    }
    for bad in [&[zero, zero][..], &[zero, failure, text], &[]] {
        assert_eq!(read(bad).unwrap_err(), "timestamp.malformed", "{bad:02x?}");
    }
    // Both versions are 1 or 3, and there are no more than 5.
    let signed_data = response
        .windows(5)
        .position(|it| it == [2, 1, 3, 0x31, 13])
        .unwrap();
    let mut newer = response.clone();
    newer[signed_data + 2] = 6;
    assert!(TimestampToken::from_response_der(&newer).is_err());
    // The list of digest algorithms: one whose identifier ends in the middle of a number.
    let mut unknown = response.clone();
    unknown[signed_data + 3 + 2 + 2 + 2 + 8] = 0x81;
    assert!(TimestampToken::from_response_der(&unknown).is_err());
    // The signer's name: a set of attributes becomes something else.
    let name = authority.root.subject_der();
    let first = response
        .windows(name.len())
        .position(|it| it == name)
        .unwrap();
    let mut renamed = response;
    renamed[first + 2] = 0x74;
    assert!(TimestampToken::from_response_der(&renamed).is_err());
}

#[test]
fn a_refusal_is_no_token() {
    let authority = authority();
    let mut der = request().to_der();
    // Splice in a policy that is not ours, behind the imprint.
    let policy = [6, 3, 0x2a, 3, 4];
    der.extend_from_slice(&policy);
    der[1] += u8::try_from(policy.len()).unwrap();
    let request = TimestampRequest::from_der(&der).unwrap();
    let error = TimestampToken::from_response_der(&authority.answer(&request)).unwrap_err();
    assert_eq!(error.code().as_str(), "timestamp.refused");
}

#[test]
fn a_key_that_is_not_the_certificates_signs_nothing() {
    let authority = authority();
    let error = answer(&request(), &authority.leaf, &p256(), &[1], now()).unwrap_err();
    assert_eq!(error.code().as_str(), "crypto.unwritable");
}

#[test]
fn requests_are_limited_to_plain_hashes_and_short_nonces() {
    let tree = Digest::from_bytes(DigestAlgorithm::TreeV1, &[0; 32]).unwrap();
    assert!(TimestampRequest::new(tree).is_err());
    let long = request().with_nonce(&[1; 65]);
    let error = TimestampRequest::from_der(&long.to_der()).unwrap_err();
    assert_eq!(error.code().as_str(), "timestamp.malformed");
}
