use std::cell::Cell;
use std::path::PathBuf;
use std::time::Duration;

use sealwright_crypto::KeyKind;
use sealwright_slsa::Environment;
use sealwright_testkit::FakeClock;

use super::*;
use crate::Silent;

/// Answers with one passphrase and counts how often it was asked.
struct Says(Option<&'static str>, Cell<usize>);

impl PassphraseSource for Says {
    fn existing(&self, _: &str) -> Result<Option<Passphrase>, Failure> {
        self.1.set(self.1.get() + 1);
        Ok(self.0.map(|text| text.as_bytes().to_vec().into()))
    }

    fn new_for(&self, what: &str) -> Result<Option<Passphrase>, Failure> {
        self.existing(what)
    }
}

fn with_variable<T>(value: Option<&str>, run: impl FnOnce(&Context<'_>) -> T) -> T {
    let value = value.map(str::to_owned);
    let variable = move |name: &str| value.clone().filter(|_| name == "KEY");
    run(&Context {
        profile: None,
        home: PathBuf::new(),
        clock: &FakeClock::at(sealwright_core::Timestamp::from_seconds(0)),
        user: String::new(),
        docker_config: None,
        variable: &variable,
        ci: Environment::from_lookup(|_| None),
        source_date_epoch: None,
        temporary: PathBuf::new(),
        timeout: Duration::from_secs(30),
        progress: &Silent::default(),
    })
}

fn open(text: &str, said: &Says) -> Result<ManagedKey, Failure> {
    with_variable(Some(text), |context| {
        open_signing_key(context, &"env://KEY".parse().unwrap(), said)
    })
}

fn code<T: fmt::Debug>(result: Result<T, Failure>) -> &'static str {
    result.unwrap_err().code().as_str()
}

#[test]
fn every_algorithm_signs_from_every_form() {
    for scheme in [
        SignatureScheme::EcdsaP256Sha256,
        SignatureScheme::EcdsaP384Sha384,
        SignatureScheme::EcdsaP521Sha512,
        SignatureScheme::Ed25519,
        SignatureScheme::RsaPkcs1Sha256,
    ] {
        let key = SigningKey::generate(scheme).unwrap();
        let said = Says(Some("open"), Cell::new(0));
        let plain = open(&key.to_pkcs8_pem().unwrap(), &said).unwrap();
        assert_eq!(said.1.get(), 0, "no passphrase is asked for in vain");
        let encrypted = open(&key.to_cosign_pem(b"open").unwrap(), &said).unwrap();
        assert_eq!(said.1.get(), 1);
        for opened in [plain, encrypted] {
            assert_eq!(opened.public_key(), key.public_key());
            let input = SignatureInput::Message(b"message");
            let signature = opened.sign(scheme, &input).unwrap();
            let verified = key.public_key().verify(scheme, b"message", &signature);
            assert_eq!(verified, Ok(()));
            assert!(format!("{opened:?}").contains("[redacted]"));
        }
    }
}

#[test]
fn says_which_one_thing_is_wrong() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let encrypted = key.to_cosign_pem(b"open").unwrap();
    let nobody = Says(None, Cell::new(0));
    let wrong = Says(Some("opem"), Cell::new(0));
    let right = Says(Some("open"), Cell::new(0));
    assert_eq!(code(open(&encrypted, &nobody)), "key.password-needed");
    assert_eq!(code(open(&encrypted, &wrong)), "key.wrong-password");
    let public = key.public_key().to_pem();
    assert_eq!(code(open(&public, &right)), "key.wrong-kind");
    let truncated = &encrypted[..encrypted.len() / 2];
    assert_eq!(code(open(truncated, &right)), "key.malformed");
    let unset = with_variable(None, |context| {
        open_signing_key(context, &"env://KEY".parse().unwrap(), &right)
    });
    assert_eq!(code(unset), "usage.variable-unset");
    let missing = with_variable(None, |context| {
        open_signing_key(context, &"/no/such/file".parse().unwrap(), &right)
    });
    assert_eq!(code(missing), "files.not-found");
}

/// What a flipped byte leaves of an encrypted key is never another key.
#[test]
fn no_flipped_byte_opens() {
    let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
    let encrypted = key.to_cosign_pem(b"").unwrap();
    let said = Says(Some(""), Cell::new(0));
    assert!(open(&encrypted, &said).is_ok());
    // Few: each try costs what scrypt costs.
    for place in [60, encrypted.len() / 2, encrypted.len() - 80] {
        let mut bytes = encrypted.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let text = String::from_utf8(bytes).unwrap();
        if let Ok(opened) = open(&text, &said) {
            assert_eq!(opened.public_key(), key.public_key());
        }
    }
}

#[test]
fn public_halves_are_read_where_private_ones_are() {
    let key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let read = |text: &str| {
        with_variable(Some(text), |context| {
            open_public_key(context, &"env://KEY".parse().unwrap())
        })
    };
    let public = read(&key.public_key().to_pem()).unwrap();
    assert_eq!(public.kind(), KeyKind::Ed25519);
    assert_eq!(code(read(&key.to_pkcs8_pem().unwrap())), "key.wrong-kind");
}

#[test]
fn a_keeper_that_makes_no_keys_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let files = KeyFiles {
        prefix: directory.path().join("x"),
        file_type: KeyFileType::default(),
        overwrite: Overwrite::Refused,
    };
    let made = with_variable(None, |context| {
        let keeper = "env://KEY".parse().unwrap();
        key_generate_kept(
            context,
            KeyAlgorithm::default(),
            &keeper,
            &files,
            &NoPassphrase,
        )
    });
    assert_eq!(code(made), "usage.key-keeper-unavailable");
    assert_eq!(directory.path().read_dir().unwrap().count(), 0);
}
