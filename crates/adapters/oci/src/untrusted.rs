//! Every parser of what registries and layouts say, behind one door for the fuzzer.

use bytes::Bytes;
use sealwright_core::Digest;
use sealwright_core::MediaType;

use crate::Descriptor;
use crate::Manifest;
use crate::error::Place;
use crate::evidence::bundle_layer;
use crate::legacy::LegacyManifest;
use crate::referrer::ReferrerList;
use crate::stored::LegacyKind;
use crate::stored::pieces;

/// Reads the bytes as a manifest, a list of referrers, an error, a challenge and a `Link`.
///
/// # Panics
/// When an invariant does not hold: a list that was read must be read again from what is written,
/// with one entry more.
#[expect(clippy::expect_used, reason = "the fuzzer wants to see it")]
pub fn parse_untrusted(bytes: &[u8]) {
    let content = Bytes::copy_from_slice(bytes);
    let place = Place::Repository(String::new());
    for media_type in [
        MediaType::OCI_MANIFEST,
        MediaType::OCI_INDEX,
        MediaType::new(""),
    ] {
        let descriptor = Descriptor::of(media_type, bytes);
        if let Ok(manifest) = Manifest::read(&place, descriptor, content.clone()) {
            let _ = (bundle_layer(&manifest), manifest.is_container_image());
            for known in LegacyKind::ALL.map(Some).into_iter().chain([None]) {
                let _ = pieces(&place, &manifest, known);
            }
        }
    }
    if let Ok(mut list) = ReferrerList::read(bytes) {
        let before = list.len();
        let added = list.add(&Descriptor::new(
            MediaType::OCI_MANIFEST,
            Digest::sha256(b"fuzz"),
            4,
        ));
        let again = ReferrerList::read(&list.to_tagged_bytes()).expect("reads what it wrote");
        assert_eq!(again.len(), before + usize::from(added));
    }
    if let Ok(mut legacy) = LegacyManifest::read(bytes) {
        let layer = serde_json::json!({"digest": Digest::sha256(b"fuzz")});
        legacy.add_as_it_is(&layer);
        assert!(!legacy.add_as_it_is(&layer), "it is there");
        let written = legacy.write(&MediaType::OCI_EMPTY);
        LegacyManifest::read(&written.manifest).expect("reads what it wrote");
    }
    crate::registry::parse_untrusted(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::fixture::SmallImage;
    use crate::fixture::bundle;

    #[test]
    fn survives_truncations_and_flipped_bits() {
        let image = SmallImage::new(&[&[("a", "b")]]);
        let referrer = bundle(1).encode(&image.descriptor()).unwrap();
        let mut list = ReferrerList::empty();
        list.add(&referrer.descriptor);
        let signatures = fixture::legacy("sig", None, &[fixture::signature(b"payload")]);
        let headers = br#"Bearer realm="https://a",scope="x\"", </n>; rel="next""#.to_vec();
        for good in [
            image.manifest,
            referrer.manifest.to_vec(),
            signatures.manifest,
            list.to_tagged_bytes(),
            headers,
        ] {
            for end in 0..=good.len() {
                parse_untrusted(&good[..end]);
            }
            for position in 0..good.len() * 8 {
                let mut bad = good.clone();
                bad[position / 8] ^= 1 << (position % 8);
                parse_untrusted(&bad);
            }
        }
    }
}
