//! Damaged bundles: cut off anywhere, or with a bit turned anywhere. None panics, none is accepted
//! for anything else than what the whole one says.

use proptest::prelude::*;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Claim;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::Verified;

use crate::authority::*;

#[test]
fn no_part_of_a_bundle_is_one() {
    let world = World::new();
    let json = world.signing(LogVersion::V1).statement().to_json();
    for length in 0..json.len() {
        assert!(Bundle::parse(&json[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn no_part_of_a_trusted_root_is_one() {
    let json = World::new().trust_root().to_json();
    for length in 0..json.len() {
        assert!(TrustRoot::parse(&json[..length]).is_err(), "{length} bytes");
    }
}

#[test]
fn a_turned_bit_is_never_accepted() {
    let world = World::new();
    let root = world.trust_root();
    for bundle in [
        world.signing(LogVersion::V2).message(),
        world.signing(LogVersion::V2).statement(),
    ] {
        let whole = judge_by(&bundle, &root).into_accepted().unwrap();
        let json = bundle.to_json();
        for place in 0..json.len() {
            let mut damaged = json.clone();
            damaged[place] ^= 1 << (place % 7);
            let Ok(read) = Bundle::parse(&damaged) else {
                continue;
            };
            if let Some(verified) = judge_by(&read, &root).into_accepted() {
                // Parts of a timestamp that its authority did not sign say nothing either way.
                assert_eq!(facts(&verified), facts(&whole), "bit in byte {place}");
                assert_ne!(read.timestamps, bundle.timestamps, "bit in byte {place}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn rearranged_text_is_never_accepted_for_something_else(
        cuts in prop::collection::vec((0_usize..10_000, 0_usize..10_000, any::<u8>()), 1..4),
    ) {
        let world = World::new();
        let root = world.trust_root();
        let bundle = world.signing(LogVersion::V1).message();
        let whole = judge_by(&bundle, &root).into_accepted().unwrap();
        let mut json = bundle.to_json();
        for (from, to, byte) in cuts {
            let (from, to) = (from % json.len(), to % json.len());
            json.swap(from, to);
            json[to] = byte;
        }
        if let Ok(read) = Bundle::parse(&json)
            && let Some(verified) = judge_by(&read, &root).into_accepted()
        {
            prop_assert_eq!(facts(&verified).0, facts(&whole).0);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = Bundle::parse(&bytes);
        let _ = TrustRoot::parse(&bytes);
        let _ = sealwright_sigstore::entry::parse_body(&bytes);
    }
}

fn facts(verified: &Verified<Claim>) -> (String, String, String) {
    (
        format!("{:?} {:?}", verified.claim(), verified.signer()),
        format!("{:?}", verified.times()),
        format!("{:?}", verified.log_entries()),
    )
}
