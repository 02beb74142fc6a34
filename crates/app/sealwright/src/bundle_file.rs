//! Bundle files: made out of parts, described in words, brought to the newest version.
//!
//! Nothing here verifies a bundle.

mod create;
mod describe;
mod upgrade;

pub use self::create::BundleParts;
pub use self::create::bundle_create;
pub use self::describe::BundleDescription;
pub use self::describe::DescribedCertificate;
pub use self::describe::DescribedContent;
pub use self::describe::DescribedLogEntry;
pub use self::describe::DescribedTimestamp;
pub use self::describe::bundle_inspect;
pub use self::upgrade::Upgraded;
pub use self::upgrade::bundle_upgrade;
