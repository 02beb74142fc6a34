use sealwright_core::Diagnostic as _;

use super::*;
use crate::fixture::Pki;
use crate::fixture::now;
use crate::fixture::p256;
use crate::issue::TransparencyLog;
use crate::mutation;

#[test]
fn an_embedded_promise_verifies() {
    let pki = Pki::new();
    let leaf = pki.leaf();
    let [sct] = &leaf.scts().unwrap()[..] else {
        panic!("one SCT");
    };
    assert_eq!(sct.log_id, pki.log_key.public_key().key_id());
    assert_eq!(sct.timestamp, now());
    assert_eq!(
        sct.verify(&leaf, &pki.intermediate, pki.log_key.public_key()),
        Ok(())
    );
}

#[test]
fn a_promise_with_extensions_covers_them() {
    let pki = Pki::new();
    let leaf = pki.leaf_by(
        pki.issuer(),
        Some(TransparencyLog {
            extensions: &[0, 0, 5, 0, 0, 0, 0, 7],
            ..pki.log()
        }),
    );
    let mut sct = leaf.scts().unwrap().remove(0);
    assert_eq!(sct.extensions, [0, 0, 5, 0, 0, 0, 0, 7]);
    let log_key = pki.log_key.public_key();
    assert_eq!(sct.verify(&leaf, &pki.intermediate, log_key), Ok(()));
    sct.extensions[7] = 8;
    assert!(sct.verify(&leaf, &pki.intermediate, log_key).is_err());
    sct.extensions.clear();
    assert!(sct.verify(&leaf, &pki.intermediate, log_key).is_err());
}

#[test]
fn a_promise_is_bound_to_certificate_issuer_log_and_time() {
    let pki = Pki::new();
    let leaf = pki.leaf();
    let log_key = pki.log_key.public_key();
    let good = leaf.scts().unwrap().remove(0);
    let other = pki.leaf();
    assert!(good.verify(&other, &pki.intermediate, log_key).is_err());
    assert!(good.verify(&leaf, &pki.root, log_key).is_err());
    assert!(
        good.verify(&leaf, &pki.intermediate, p256().public_key())
            .is_err()
    );
    let mut later = good.clone();
    later.timestamp = Timestamp::from_milliseconds(now().milliseconds() + 1);
    assert!(later.verify(&leaf, &pki.intermediate, log_key).is_err());
    let mut unsupported = good.clone();
    unsupported.algorithm = [2, 3];
    assert!(matches!(
        unsupported.verify(&leaf, &pki.intermediate, log_key),
        Err(BadSignature::UnsupportedAlgorithm { .. })
    ));
    for position in 0..good.signature.len() {
        let mut flipped = good.clone();
        flipped.signature[position] ^= 1;
        assert!(flipped.verify(&leaf, &pki.intermediate, log_key).is_err());
    }
}

#[test]
fn lists_are_read_back_and_damaged_ones_refused() {
    let pki = Pki::new();
    let sct = pki.leaf().scts().unwrap().remove(0);
    let list = vec![sct.clone(), sct];
    let extension = compose_extension(&list).unwrap();
    assert_eq!(read_extension(&extension).unwrap(), list);
    mutation::refuses_every_truncation(&extension, read_extension);
    mutation::each_bit_flipped(&extension, |_, bytes| {
        let _ = read_extension(bytes);
    });
    let crowd = vec![list[0].clone(); MAX_TIMESTAMPS + 1];
    let error = read_extension(&compose_extension(&crowd).unwrap()).unwrap_err();
    assert_eq!(error.code().as_str(), "sct.malformed");
    assert_eq!(
        read_extension(&compose_extension(&[]).unwrap()).unwrap(),
        []
    );
}
