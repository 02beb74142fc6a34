//! What the services' tests share: the same questions to each of them.

use std::time::Duration;

use sealwright_core::Base64;
use sealwright_core::Diagnostic as _;
use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;
use sealwright_core::Timestamp;
use sealwright_crypto::SignatureInput;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_net::Client;
use sealwright_net::Options;
use sealwright_testkit::stub::Reply;
use sealwright_testkit::stub::Stub;

use crate::Error;
use crate::KmsKey;
use crate::Surroundings;

pub(crate) const MESSAGE: &[u8] = b"what ships is what was built";
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_780_000_000);

pub(crate) fn client() -> Client {
    Client::new(Options {
        retry_wait: Duration::from_millis(1),
        timeout: Duration::from_secs(20),
        ..Options::default()
    })
}

pub(crate) fn surroundings<'a>(
    variable: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
) -> Surroundings<'a> {
    Surroundings {
        client: client(),
        variable,
        now: NOW,
    }
}

pub(crate) fn code<T: std::fmt::Debug>(result: Result<T, Error>) -> &'static str {
    result.unwrap_err().code().as_str()
}

/// Signs what a request hands over, after it was checked to be the message's digest.
pub(crate) fn sign_digest(key: &SigningKey, scheme: SignatureScheme, handed: &str) -> Vec<u8> {
    let algorithm = scheme.digest_algorithm().unwrap();
    let wanted = Digest::of(algorithm, MESSAGE);
    assert_eq!(
        Base64::decode(handed).unwrap().as_bytes(),
        wanted.as_bytes(),
        "the request's digest is the message's"
    );
    key.sign_with(scheme, SignatureInput::Digest(&wanted))
        .unwrap()
}

/// One thing wrong with a service's answer at a time. `key` opens the key with what comes next;
/// `signs` answers with these bytes as a signature.
pub(crate) async fn never_believed<F>(
    own: &SigningKey,
    open: impl Fn(Vec<Reply>) -> (Stub, F),
    signs: impl Fn(Vec<u8>) -> Reply,
) where
    F: Future<Output = Result<KmsKey, Error>>,
{
    let scheme = own.scheme();
    let algorithm = scheme.digest_algorithm().unwrap();
    let digest = Digest::of(algorithm, MESSAGE);
    let other_digest = Digest::of(algorithm, b"something else");
    let other = SigningKey::generate(scheme).unwrap();
    let by = |key: &SigningKey, digest: &Digest| {
        let input = SignatureInput::Digest(digest);
        key.sign_with(scheme, input).unwrap()
    };
    let mut flipped = by(own, &digest);
    let last = flipped.len() - 1;
    flipped[last] ^= 1;
    for (what, reply, wanted) in [
        (
            "another key's",
            signs(by(&other, &digest)),
            "kms.wrong-signature",
        ),
        (
            "of another digest",
            signs(by(own, &other_digest)),
            "kms.wrong-signature",
        ),
        ("with a bit flipped", signs(flipped), "kms.wrong-signature"),
        ("empty", signs(Vec::new()), "kms.wrong-signature"),
        ("no JSON", Reply::new(200, "signed"), "kms.malformed-answer"),
        (
            "forbidden",
            Reply::new(403, "{\"message\":\"no\"}"),
            "kms.denied",
        ),
        ("gone", Reply::new(404, "{}"), "kms.no-key"),
        ("broken", Reply::new(500, "oops"), "kms.refused"),
        (
            "huge",
            Reply::new(200, vec![b' '; 1 << 20]),
            "net.answer-too-large",
        ),
    ] {
        let (_stub, opened) = open(vec![reply]);
        let key = opened.await.unwrap();
        let signed = key.sign(scheme, SignatureInput::Message(MESSAGE)).await;
        let found = code(signed);
        let allowed = [wanted, "kms.malformed-answer"];
        assert!(allowed.contains(&found), "{what}: {found}");
    }
    // Busy, then well again; and a digest does as well as the message.
    let (stub, opened) = open(vec![
        Reply::new(429, "{}").header("Retry-After", "0"),
        Reply::new(503, "{}"),
        signs(by(own, &digest)),
    ]);
    let key = opened.await.unwrap();
    let signed = key.sign(scheme, SignatureInput::Digest(&digest)).await;
    let verified = own.public_key().verify(scheme, MESSAGE, &signed.unwrap());
    assert_eq!(verified, Ok(()));
    assert_eq!(key.public_key(), own.public_key());
    drop(stub);
    // What does not fit is not even asked for.
    let wrong = Digest::of(DigestAlgorithm::Sha512, MESSAGE);
    if algorithm != DigestAlgorithm::Sha512 {
        let signed = key.sign(scheme, SignatureInput::Digest(&wrong)).await;
        assert_eq!(code(signed), "key.unsupported");
    }
    let foreign = SignatureScheme::Ed25519ph;
    let signed = key.sign(foreign, SignatureInput::Message(MESSAGE)).await;
    assert_eq!(code(signed), "key.unsupported");
}

/// Keys of the kinds that services keep.
pub(crate) fn keys() -> Vec<SigningKey> {
    [
        SignatureScheme::EcdsaP256Sha256,
        SignatureScheme::EcdsaP384Sha384,
        SignatureScheme::RsaPkcs1Sha256,
    ]
    .map(|scheme| SigningKey::generate(scheme).unwrap())
    .into()
}
