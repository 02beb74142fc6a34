//! The Update Framework: how a client learns what a repository says today, without trusting the
//! network, a mirror or any single key.
//!
//! Source: TUF specification 1.0.34 (<https://theupdateframework.github.io/specification/v1.0.34/>),
//! section 5, and for hash bins TAP 15. [`Updater`] walks through the whole client workflow as a
//! state machine: it says which file it wants from the cache or the repository and what to keep, and
//! whoever drives it does the reading and writing. Time comes in as a value and stands still during
//! an update (section 5.1).
//!
//! Where the specification leaves a choice:
//!
//! - A key's id is a name. It is not recomputed from the key, since repositories in the field have
//!   ids that do not match (the online key of the public-good Sigstore's root 11 is one). What the
//!   rule is for holds all the same: signatures are counted by distinct key, not by id.
//! - An unknown key type, scheme or hash algorithm makes a file no worse, but counts for nothing.
//! - A repository with more new roots, or more delegations on the way to a target, than the limits
//!   allow is an error, not a quiet end.
//! - When a root takes a key away from timestamp or snapshot, the cached files of both go (5.3.11).
//!
//! [`editor`] makes repositories.
//!
//! What it deliberately does not do: the mirrors role, and metadata in envelopes other than the
//! specification's JSON.

pub mod canonical_json;
pub mod editor;
mod error;
mod hashes;
mod key;
mod limits;
mod metadata;
mod pattern;
mod role_name;
mod succession;
mod target_file;
mod trusted;
mod updater;

pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::hashes::Hashes;
pub use crate::limits::Limits;
pub use crate::metadata::Inspection;
pub use crate::metadata::inspect;
pub use crate::role_name::RoleName;
pub use crate::succession::check_succession;
pub use crate::target_file::TargetFile;
pub use crate::target_file::TargetVerifier;
pub use crate::updater::Answer;
pub use crate::updater::Step;
pub use crate::updater::Updater;
pub use crate::updater::Wanted;
