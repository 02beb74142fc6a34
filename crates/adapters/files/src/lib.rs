//! Files on the local disk: read with a limit, written whole or not at all, locked, hashed, walked.
//!
//! Everything here says which path it was about and which of a few stable codes applies. This crate
//! makes no trust decision and knows no Sigstore format; what stands in a file is its callers'
//! business. [`SystemClock`] is the one place in the workspace that reads the system's clock.

mod clock;
mod count;
mod data_directory;
mod directory;
mod error;
mod export;
mod hash;
mod lock;
mod open;
mod private;
mod read;
mod spool;
mod tree;
mod write;

pub use crate::clock::SystemClock;
pub use crate::count::ByteCount;
pub use crate::count::Counting;
pub use crate::data_directory::DataDirectory;
pub use crate::data_directory::Locations;
pub use crate::directory::directory_names;
pub use crate::directory::remove_directory;
pub use crate::directory::replace_directory;
pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::hash::hash_file;
pub use crate::hash::hash_open_file;
pub use crate::hash::hash_reader;
pub use crate::lock::LockFile;
pub use crate::open::open_file;
pub use crate::open::open_file_or_pipe;
pub use crate::private::PRIVATE_DIRECTORY;
pub use crate::private::PRIVATE_FILE;
pub use crate::private::create_private_directory;
pub use crate::read::read_limited;
pub use crate::read::read_limited_or_pipe;
pub use crate::read::read_limited_text;
pub use crate::spool::Spooled;
pub use crate::spool::spool;
pub use crate::tree::DirectoryTree;
pub use crate::tree::TreeLimits;
pub use crate::tree::tree_digest;
pub use crate::write::PUBLIC_FILE;
pub use crate::write::check_writable;
pub use crate::write::remove;
pub use crate::write::sync_directory;
pub use crate::write::write_all_atomic;
pub use crate::write::write_atomic;
pub use crate::write::write_derived;
pub use crate::write::write_new;
pub use crate::write::write_new_with;
