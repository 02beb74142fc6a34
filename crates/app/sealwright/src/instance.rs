//! Sigstore instances that a TUF repository speaks for: where it is, what is kept of it, and which
//! trusted root follows from that without asking anybody.
//!
//! ```text
//! tuf/NAME/instance.json   where the repository is, and the root that somebody vouched for
//! tuf/NAME/kept.json       what the last whole update brought, replaced as one
//! tuf/NAME/metadata/       the client's own files: what versions may not be undercut
//! ```
//!
//! `kept.json` holds metadata, not conclusions: whoever reads it goes the whole way of a client again,
//! from a root that came with the program or was vouched for, all but the expiry. So a data directory
//! that somebody planted, or changed, cannot speak for the public instance; and a process that was
//! stopped in the middle of an update leaves what was there before it.
//!
//! Expiry is told and not enforced here: what is known has not become wrong by it, and who has no
//! network must go on verifying. Enforcing it is what an update does.

mod kept;
mod known;
mod settings;
mod update;

pub(crate) use self::known::known;
pub(crate) use self::known::verifying;
pub(crate) use self::settings::Instance;
pub(crate) use self::settings::names;
pub use self::update::InitialRoot;
pub use self::update::RootInit;
pub use self::update::RootUpdate;
pub use self::update::root_init;
pub use self::update::root_update;

/// What the trusted root is called among a repository's targets.
const TRUSTED_ROOT: &str = "trusted_root.json";
/// What the signing configuration is called among a repository's targets.
const SIGNING_CONFIG: &str = "signing_config.v0.2.json";

#[cfg(test)]
mod tests;
