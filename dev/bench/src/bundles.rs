//! How much cryptography a sealed file needs, counted in its bundles and the trusted root.

use std::collections::BTreeSet;

use serde_json::Value;

/// The operations that cannot be left out, each counted once however often it is needed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Work {
    /// Public-key verifications when verifying.
    pub(crate) verifications: usize,
    /// Signatures when sealing.
    pub(crate) signatures: usize,
    /// Bytes that are hashed.
    pub(crate) hashed: usize,
    /// Bundles.
    pub(crate) bundles: usize,
}

impl Work {
    /// Counts for a file of `size` bytes with these JSON lines of bundles.
    ///
    /// Verifying: per bundle its signature, the log's promise and each timestamp; per distinct
    /// checkpoint its signature; per distinct leaf its certificate timestamp and the chain to the
    /// root; the timestamp authority's chain once. Sealing signs all of these except the chains
    /// above the leaf, and a proof of possession.
    pub(crate) fn of(lines: &[u8], trusted_root: &[u8], size: usize) -> anyhow::Result<Self> {
        let root: Value = serde_json::from_slice(trusted_root)?;
        let authority_links = chain_length(&root, "certificateAuthorities");
        let timestamp_links = chain_length(&root, "timestampAuthorities").saturating_sub(1);
        let (mut leaves, mut checkpoints) = (BTreeSet::new(), BTreeSet::new());
        let (mut bundles, mut signed, mut timestamps) = (0, 0, 0);
        for line in lines
            .split(|byte| *byte == b'\n')
            .filter(|it| !it.is_empty())
        {
            let bundle: Value = serde_json::from_slice(line)?;
            let material = &bundle["verificationMaterial"];
            bundles += 1;
            signed += 1;
            leaves.insert(material["certificate"]["rawBytes"].to_string());
            timestamps += array(&material["timestampVerificationData"]["rfc3161Timestamps"]).len();
            for entry in array(&material["tlogEntries"]) {
                signed += usize::from(entry.get("inclusionPromise").is_some());
                checkpoints.insert(entry["inclusionProof"]["checkpoint"]["envelope"].to_string());
            }
        }
        let shared = signed + timestamps + checkpoints.len() + leaves.len();
        let timestamp_chain = if timestamps > 0 { timestamp_links } else { 0 };
        Ok(Self {
            verifications: shared + leaves.len() * authority_links + timestamp_chain,
            signatures: shared + leaves.len() * 2,
            hashed: size + lines.len(),
            bundles,
        })
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Certificates of the first authority's chain in the trusted root.
fn chain_length(root: &Value, authorities: &str) -> usize {
    array(&root[authorities][0]["certChain"]["certificates"]).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_shared_once() {
        let bundle = r#"{"verificationMaterial":{"certificate":{"rawBytes":"AA=="},"tlogEntries":[{"inclusionPromise":{},"inclusionProof":{"checkpoint":{"envelope":"c"}}}],"timestampVerificationData":{"rfc3161Timestamps":[{}]}}}"#;
        let root = r#"{"certificateAuthorities":[{"certChain":{"certificates":[1,2]}}],"timestampAuthorities":[{"certChain":{"certificates":[1,2,3]}}]}"#;
        let lines = format!("{bundle}\n{bundle}\n{bundle}\n");
        let work = Work::of(lines.as_bytes(), root.as_bytes(), 10).unwrap();
        // 3 signatures, 3 promises, 3 timestamps, 1 checkpoint, 1 SCT, 2 + 2 chain links.
        assert_eq!(work.verifications, 15);
        // 11 of these, the leaf, the proof of possession.
        assert_eq!(work.signatures, 13);
        assert_eq!((work.bundles, work.hashed), (3, 10 + lines.len()));
    }
}
