//! Images with what is attached to them: copied, saved, shown, cleaned, added to and read.
//!
//! Nothing here verifies a signature, and what is shown of evidence is what it says of itself.

mod attach;
mod clean;
mod copy;
mod download;
mod platform;
mod tree;

pub use self::attach::AttachOptions;
pub use self::attach::Attached;
pub use self::attach::LegacySignatureFiles;
pub use self::attach::SbomAttachment;
pub use self::attach::SubjectCheck;
pub use self::attach::attach_attestation;
pub use self::attach::attach_bundle;
pub use self::attach::attach_sbom;
pub use self::attach::attach_signature;
pub use self::clean::CleanOptions;
pub use self::clean::Cleaned;
pub use self::clean::Confirmation;
pub use self::clean::Removal;
pub use self::clean::RemovalOutcome;
pub use self::clean::clean;
pub use self::copy::Copied;
pub use self::copy::CopyOptions;
pub use self::copy::copy;
pub use self::copy::load;
pub use self::copy::save;
pub use self::download::DownloadOptions;
pub use self::download::DownloadedEvidence;
pub use self::download::DownloadedForm;
pub use self::download::Triangulated;
pub use self::download::download;
pub use self::download::triangulate;
pub use self::tree::ImageTree;
pub use self::tree::TreeNode;
pub use self::tree::TreePiece;
pub use self::tree::tree;
