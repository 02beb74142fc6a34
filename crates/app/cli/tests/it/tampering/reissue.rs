//! Certificates that the authority's own keys issue, with one thing changed.

use sealwright_core::Identity;
use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_crypto::issue;
use sealwright_crypto::issue::Issuer;
use sealwright_crypto::issue::LeafRequest;
use sealwright_crypto::issue::TransparencyLog;
use sealwright_crypto::issue::Validity;
use serde_json::Value;

use super::World;
use super::changes::CERTIFICATE;
use super::changes::at;
use super::changes::bytes;
use super::changes::set_bytes;

/// What a certificate is issued with.
pub(super) struct Issued {
    pub(super) identity: Identity,
    pub(super) issuer_url: String,
    pub(super) validity: Validity,
    pub(super) ca_key: SigningKey,
    pub(super) ct_key: Option<SigningKey>,
}

/// Puts a certificate into a bundle that the authority's own key issues for the same signing key,
/// with one thing changed.
pub(super) fn reissue(bundle: &mut Value, world: &World, change: impl FnOnce(&mut Issued)) {
    let leaf = Certificate::from_der(&bytes(at(bundle, CERTIFICATE))).unwrap();
    let mut issued = Issued {
        identity: leaf.identity().unwrap(),
        issuer_url: leaf.issuer_claim().unwrap(),
        validity: validity(leaf.not_before(), leaf.not_after()),
        ca_key: world.key("ca-intermediate-1"),
        ct_key: Some(world.key("ct-log")),
    };
    change(&mut issued);
    let named = world.certificate("/certificate_authorities/0/intermediate");
    // The issuing function wants the certificate of its key: one of the same name will do.
    let issuer = match issued.ca_key.public_key() == named.public_key() {
        true => named,
        false => issue::root_certificate(
            issue::AuthorityName {
                organization: &world.domain(),
                common_name: "sealwright intermediate",
            },
            issued.validity,
            &issued.ca_key,
        )
        .unwrap(),
    };
    let request = LeafRequest {
        public_key: leaf.public_key(),
        identity: &issued.identity,
        issuer_url: &issued.issuer_url,
        fulcio_extensions: &[],
        validity: issued.validity,
    };
    let log = issued.ct_key.as_ref().map(|key| TransparencyLog {
        key,
        now: leaf.not_before(),
        extensions: &[],
    });
    let issuer = Issuer {
        certificate: &issuer,
        key: &issued.ca_key,
    };
    let made = issue::code_signing_leaf(&request, issuer, log).unwrap();
    set_bytes(at(bundle, CERTIFICATE), made.der());
}

pub(super) fn validity(not_before: Timestamp, not_after: Timestamp) -> Validity {
    Validity {
        not_before,
        not_after,
    }
}

pub(super) fn new_key() -> SigningKey {
    SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap()
}
