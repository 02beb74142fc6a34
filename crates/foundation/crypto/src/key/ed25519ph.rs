//! Ed25519ph (RFC 8032 section 5.1), which AWS-LC's Rust interface lacks and ed25519-dalek has.

use aws_lc_rs::signature::Ed25519KeyPair;
use ed25519_dalek::ed25519::signature::digest;
use ed25519_dalek::ed25519::signature::digest::Output;

/// Signs the message whose SHA-512 is `digest`.
pub(super) fn sign(pair: &Ed25519KeyPair, digest: &[u8]) -> Option<Vec<u8>> {
    // The seed stands last. PKCS#8 is wiped when it is dropped, unlike what `seed` gives.
    let document = pair.to_pkcs8v1().ok()?;
    let seed = document.as_ref().last_chunk()?;
    let signature = ed25519_dalek::SigningKey::from_bytes(seed)
        .sign_prehashed(Hashed::new(digest)?, None)
        .ok()?;
    Some(signature.to_bytes().to_vec())
}

/// Whether `signature` is over the message whose SHA-512 is `digest`.
pub(super) fn verify(key: &[u8], digest: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = <&[u8; 32]>::try_from(key) else {
        return false;
    };
    let (Ok(key), Ok(signature), Some(digest)) = (
        ed25519_dalek::VerifyingKey::from_bytes(key),
        ed25519_dalek::Signature::from_slice(signature),
        Hashed::new(digest),
    ) else {
        return false;
    };
    !key.is_weak() && key.verify_prehashed(digest, None, &signature).is_ok()
}

/// A SHA-512 that was computed elsewhere, in the shape in which ed25519-dalek takes one.
#[derive(Clone, Default)]
struct Hashed(Output<Self>);

impl Hashed {
    fn new(digest: &[u8]) -> Option<Self> {
        let digest: [u8; 64] = digest.try_into().ok()?;
        Some(Self(digest.into()))
    }
}

impl digest::HashMarker for Hashed {}

impl digest::OutputSizeUser for Hashed {
    type OutputSize = digest::consts::U64;
}

/// Never called: the hash is complete.
impl digest::Update for Hashed {
    fn update(&mut self, _: &[u8]) {}
}

impl digest::FixedOutput for Hashed {
    fn finalize_into(self, out: &mut Output<Self>) {
        *out = self.0;
    }
}
