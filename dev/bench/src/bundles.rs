//! How much cryptography a sealed file needs, counted in its bundles and the trusted root.

use std::collections::BTreeSet;

use serde_json::Value;

/// Public-key operations and bytes to hash.
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
    /// Verifications of what is above in the authorities' chains.
    pub(crate) links: usize,
}

impl Work {
    /// Counts for a file of `size` bytes with these JSON lines of bundles.
    ///
    /// Verifying takes each bundle on its own: its signature, its certificate and the promise in it,
    /// and per log entry the log's promise and checkpoint, and each timestamp; what is above in the
    /// two authorities' chains is checked once. Sealing signs the same things, but one certificate
    /// and one checkpoint serve all bundles; and it proves possession of the key.
    pub(crate) fn of(lines: &[u8], trusted_root: &[u8], size: usize) -> anyhow::Result<Self> {
        let root: Value = serde_json::from_slice(trusted_root)?;
        let (mut leaves, mut checkpoints) = (BTreeSet::new(), BTreeSet::new());
        let (mut bundles, mut promises, mut entries, mut timestamps) = (0, 0, 0, 0);
        for line in lines
            .split(|byte| *byte == b'\n')
            .filter(|it| !it.is_empty())
        {
            let bundle: Value = serde_json::from_slice(line)?;
            let material = &bundle["verificationMaterial"];
            bundles += 1;
            leaves.insert(material["certificate"]["rawBytes"].to_string());
            timestamps += array(&material["timestampVerificationData"]["rfc3161Timestamps"]).len();
            for entry in array(&material["tlogEntries"]) {
                entries += 1;
                promises += usize::from(entry.get("inclusionPromise").is_some());
                checkpoints.insert(entry["inclusionProof"]["checkpoint"]["envelope"].to_string());
            }
        }
        // The signature, the leaf's and that of the certificate transparency log.
        let own = 3 * bundles;
        let above = links(&root, "certificateAuthorities") + links(&root, "timestampAuthorities");
        let per_key = 3 * leaves.len();
        Ok(Self {
            verifications: own + promises + entries + timestamps + above,
            signatures: bundles + promises + timestamps + checkpoints.len() + per_key,
            hashed: size + lines.len(),
            bundles,
            links: above,
        })
    }

    /// The same where the authorities' chains were checked before.
    pub(crate) const fn without_links(mut self) -> Self {
        self.verifications = self.verifications.saturating_sub(self.links);
        self.links = 0;
        self
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Links between the certificates of the first authority's chain in the trusted root.
fn links(root: &Value, authorities: &str) -> usize {
    array(&root[authorities][0]["certChain"]["certificates"])
        .len()
        .saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_bundles_share_once() {
        let bundle = r#"{"verificationMaterial":{"certificate":{"rawBytes":"AA=="},"tlogEntries":[{"inclusionPromise":{},"inclusionProof":{"checkpoint":{"envelope":"c"}}}],"timestampVerificationData":{"rfc3161Timestamps":[{}]}}}"#;
        let root = r#"{"certificateAuthorities":[{"certChain":{"certificates":[1,2]}}],"timestampAuthorities":[{"certChain":{"certificates":[1,2,3]}}]}"#;
        let lines = format!("{bundle}\n{bundle}\n{bundle}\n");
        let work = Work::of(lines.as_bytes(), root.as_bytes(), 10).unwrap();
        // Each bundle: signature, certificate, its promise, the log's promise, checkpoint, timestamp.
        assert_eq!(work.verifications, 3 * 6 + 1 + 2);
        // 3 signatures, 3 promises, 3 timestamps, a checkpoint; certificate, its promise, the proof.
        assert_eq!(work.signatures, 13);
        assert_eq!((work.bundles, work.hashed), (3, 10 + lines.len()));
    }
}
