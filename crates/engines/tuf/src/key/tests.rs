use sealwright_crypto::SigningKey;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::*;

const MESSAGE: &[u8] = b"message";

/// Counts the signatures of a file whose role has all of `keys`.
fn count(keys: &[(&str, Value)], signatures: &[(&str, String)]) -> usize {
    let entry = |(id, key): &(&str, Value)| ((*id).to_owned(), key.clone());
    let signature = |(id, sig): &(&str, String)| json!({"keyid": id, "sig": sig});
    let file = json!({
        "keys": keys.iter().map(entry).collect::<Map<_, _>>(),
        "role": {
            "keyids": keys.iter().map(|(id, _)| *id).collect::<Vec<_>>(),
            "threshold": 1,
        },
        "signatures": signatures.iter().map(signature).collect::<Vec<_>>(),
    });
    let top = Object::top(&file).unwrap();
    let keys = Keys::read(&top.object("keys").unwrap()).unwrap();
    let role = RoleKeys::read(&top.object("role").unwrap()).unwrap();
    let signatures = Signature::read_all(&top).unwrap();
    let (found, wanted) = Authority::new("root", &keys, &role).count(&signatures, MESSAGE);
    assert_eq!(wanted, 1);
    found
}

fn key(kind: &str, scheme: &str, public: &str) -> Value {
    json!({"keytype": kind, "scheme": scheme, "keyval": {"public": public}})
}

fn new_key(scheme: SignatureScheme) -> (SigningKey, String) {
    let key = SigningKey::generate(scheme).unwrap();
    let signature = hex::encode(key.sign(MESSAGE).unwrap());
    (key, signature)
}

#[test]
fn reads_each_kind_of_key_in_each_form() {
    for (scheme, kind, name) in [
        (
            SignatureScheme::EcdsaP256Sha256,
            "ecdsa",
            "ecdsa-sha2-nistp256",
        ),
        (
            SignatureScheme::EcdsaP256Sha256,
            "ecdsa-sha2-nistp256",
            "ecdsa-sha2-nistp256",
        ),
        (
            SignatureScheme::EcdsaP384Sha384,
            "ecdsa",
            "ecdsa-sha2-nistp384",
        ),
        (
            SignatureScheme::EcdsaP384Sha384,
            "ecdsa-sha2-nistp384",
            "ecdsa-sha2-nistp384",
        ),
        (SignatureScheme::Ed25519, "ed25519", "ed25519"),
    ] {
        let (private, signature) = new_key(scheme);
        let public = private.public_key();
        for text in [public.to_pem(), hex::encode(public.raw())] {
            let keys = [("a", key(kind, name, &text))];
            assert_eq!(
                count(&keys, &[("a", signature.clone())]),
                1,
                "{kind} {text}"
            );
        }
    }
}

#[test]
fn reads_an_rsa_key_and_its_signature() {
    // Made with OpenSSL; the private key was thrown away.
    let keys = [("a", key("rsa", "rsassa-pss-sha256", RSA_KEY))];
    assert_eq!(count(&keys, &[("a", RSA_SIGNATURE.to_owned())]), 1);
    let flipped = RSA_SIGNATURE.replacen('0', "1", 1);
    assert_eq!(count(&keys, &[("a", flipped)]), 0);
}

#[test]
fn what_is_unknown_or_damaged_counts_for_nothing() {
    let (private, signature) = new_key(SignatureScheme::EcdsaP256Sha256);
    let pem = private.public_key().to_pem();
    let good = ("good", key("ecdsa", "ecdsa-sha2-nistp256", &pem));
    let counted = |bad: Value, sig: &str| {
        let signatures = [("good", signature.clone()), ("bad", sig.to_owned())];
        count(&[good.clone(), ("bad", bad)], &signatures)
    };
    let (other, other_signature) = new_key(SignatureScheme::EcdsaP256Sha256);
    let other_pem = other.public_key().to_pem();
    let fine = key("ecdsa", "ecdsa-sha2-nistp256", &other_pem);
    assert_eq!(counted(fine.clone(), &other_signature), 2);
    assert_eq!(
        counted(key("ecdsa", "later", &other_pem), &other_signature),
        1
    );
    assert_eq!(
        counted(
            key("later", "ecdsa-sha2-nistp256", &other_pem),
            &other_signature
        ),
        1
    );
    let later = json!({"keytype": "later", "scheme": "s", "keyval": {"keys": []}});
    assert_eq!(counted(later, &other_signature), 1);
    let wrong_curve = key("ecdsa", "ecdsa-sha2-nistp384", &other_pem);
    assert_eq!(counted(wrong_curve, &other_signature), 1);
    assert_eq!(
        counted(
            key("ecdsa", "ecdsa-sha2-nistp256", "04ff"),
            &other_signature
        ),
        1
    );
    for broken in ["", "zz", signature.as_str()] {
        assert_eq!(counted(fine.clone(), broken), 1, "{broken}");
    }
}

#[test]
fn a_key_under_two_ids_counts_once() {
    let (private, signature) = new_key(SignatureScheme::Ed25519);
    let public = private.public_key();
    let one = key("ed25519", "ed25519", &hex::encode(public.raw()));
    let two = key("ed25519", "ed25519", &public.to_pem());
    let signatures = [("one", signature.clone()), ("two", signature)];
    assert_eq!(count(&[("one", one), ("two", two)], &signatures), 1);
}

#[test]
fn a_signature_by_a_key_outside_the_role_counts_for_nothing() {
    let (private, signature) = new_key(SignatureScheme::Ed25519);
    let public = hex::encode(private.public_key().raw());
    let keys = [("a", key("ed25519", "ed25519", &public))];
    assert_eq!(count(&keys, &[("b", signature)]), 0);
}

#[test]
fn key_ids_stand_once_in_signatures() {
    let twice = json!({"signatures": [{"keyid": "a", "sig": ""}, {"keyid": "a", "sig": ""}]});
    assert!(Signature::read_all(&Object::top(&twice).unwrap()).is_err());
}

const RSA_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzXSnrWfkFgD4sARb0YkC
SdRBWgKTz2sLTtVfbFxQ807eGC+defKRdZ6DSqcj0N5HAbaeWkTxybhQOnr8qhdp
m09JcJX6IlTol5yqIsR8IGsPANXWdGhWx8HtQTqvj1oHOW0JGh84WYswswgZkj5j
sZxzYn5XqLNfDHrIF65aSI+2UU1voJ+VdZGxsHmv2XYH/3cY58CTFNpy3I4r66VT
zfbgcU3CqRSHai44lVTeLzwFGruF2teZKt+2Pe8LKRadLrnDXCMc4KJYS3AJIrIO
4Jubd0R3OeOVIBN6Xkn6cSKKzHyPprIVd7lNthIollsNvn8xAEc4YoB1g85BjABa
owIDAQAB
-----END PUBLIC KEY-----
";
const RSA_SIGNATURE: &str = "c1ff8ef683b4ac89e97deb65421b325d9352215a518ef366e6c9dc205b281f5d4baf4f4735cf9627d838d807e2\
     0005d03be36ea583b0abc7c959b3ccdf412c1f1bf3587c2cfddad3a4270b1dae70f1a8822fccddab0e49e6c6df\
     86c58dc9bc34bb2ce59e9a77d4a09ef461972a14911366e491badd4b6156ce7a3b11c52452c97edd3bb0b85ccf\
     1753c4ebc61fbfc12ba2a21d09751ed4a73b7742ec0295119721a00de75e23833bfc500d302a7340f1cf776d77\
     00d166683e12dad956985cac8c2fc8e2973e9eac9af70bce4e75534fda4ad76105071901299eed0084ab707eba\
     8c7906ee50a1fdbf90710b884e8193f97774c9893f4d84d7f4ff631fbf27a5";
