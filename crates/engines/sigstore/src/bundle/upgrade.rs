//! Older bundles as bundles of version 0.3. Nothing is invented: what that version requires must be
//! there.

use sealwright_core::Digest;
use sealwright_core::DigestAlgorithm;

use super::Bundle;
use super::BundleVersion;
use super::Content;
use super::VerificationMaterial;
use crate::entry::EntrySubject;
use crate::entry::parse_body;
use crate::error::BundleFault;

impl Bundle {
    /// The same evidence as a bundle of version 0.3. Of a chain only the signing certificate
    /// remains: those above it are in the verifier's trusted root.
    ///
    /// The digest that a message's signature lacks is taken from `artifact`, else from a log entry
    /// over the same signature. Neither is verified here.
    ///
    /// # Errors
    /// What is missing: a proof of inclusion, the message's digest; or that there is no such form
    /// for a simple signing payload.
    pub fn upgraded(self, artifact: Option<Digest>) -> Result<Self, BundleFault> {
        let content = match self.content {
            Content::MessageSignature { digest, signature } => {
                let logged = || {
                    self.log_entries.iter().find_map(|entry| {
                        let body = parse_body(entry.canonicalized_body.as_bytes()).ok()?;
                        match body.subject {
                            EntrySubject::Message(found) if body.signature == signature => {
                                Some(found)
                            }
                            _ => None,
                        }
                    })
                };
                let digest = digest.or(artifact).or_else(logged).ok_or({
                    let field = "messageSignature.messageDigest";
                    BundleFault::Missing { field }
                })?;
                if digest.algorithm() == DigestAlgorithm::TreeV1 {
                    let field = "messageSignature.messageDigest";
                    return Err(BundleFault::OutOfRange { field });
                }
                Content::MessageSignature {
                    digest: Some(digest),
                    signature,
                }
            }
            content @ Content::Dsse(_) => content,
            Content::SimpleSigning { .. } => return Err(BundleFault::Content),
        };
        let material = match self.material {
            VerificationMaterial::Chain { leaf, .. } => VerificationMaterial::Certificate(leaf),
            material => material,
        };
        let bundle = Self {
            version: BundleVersion::V0_3,
            material,
            content,
            log_entries: self.log_entries,
            timestamps: self.timestamps,
            stored_envelope: None,
        };
        bundle.check()?;
        Ok(bundle)
    }
}
