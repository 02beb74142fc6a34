//! The vocabulary of Sealwright: the values every other crate speaks in.
//!
//! Digests, references, identities, statements, diagnostics, time and file trees, each a type that
//! cannot hold a wrong value once parsed. This crate computes on values it is given: it opens no
//! file and no socket, and reads no clock, environment or randomness.

pub mod canonical_json;
mod clock;
mod diagnostic;
mod digest;
pub mod dsse;
mod encoding;
pub mod file_tree;
mod identity;
mod media_type;
mod reference;
mod repository_url;
mod statement;
mod target;
pub mod terminal;
pub mod uris;

pub use crate::clock::Clock;
pub use crate::clock::InvalidTimestamp;
pub use crate::clock::Timestamp;
pub use crate::diagnostic::Class;
pub use crate::diagnostic::Code;
pub use crate::diagnostic::Diagnostic;
pub use crate::digest::Digest;
pub use crate::digest::DigestAlgorithm;
pub use crate::digest::Hasher;
pub use crate::digest::InvalidDigest;
pub use crate::encoding::Base64;
pub use crate::encoding::InvalidBase64;
pub use crate::file_tree::FileTree;
pub use crate::identity::Identity;
pub use crate::identity::IdentityKind;
pub use crate::media_type::MediaType;
pub use crate::reference::InvalidReference;
pub use crate::reference::Reference;
pub use crate::repository_url::InvalidRepositoryUrl;
pub use crate::repository_url::RepositoryUrl;
pub use crate::statement::InvalidStatement;
pub use crate::statement::ResourceDescriptor;
pub use crate::statement::Statement;
pub use crate::target::InvalidTarget;
pub use crate::target::Target;
