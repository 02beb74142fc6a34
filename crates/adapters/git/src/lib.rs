//! What a Git repository says about the files in it: which commit, from where, changed or not.
//!
//! Repositories are read, never written to, and as if they were hostile: no hook, filter, credential
//! helper or other program is run, no configuration outside the repository is looked at, no variable
//! of the environment counts, and there is no network. What is found is a claim for provenance, not
//! proof of anything.

mod describe;
mod error;

pub use crate::describe::Description;
pub use crate::describe::Options;
pub use crate::describe::Ownership;
pub use crate::describe::WorkTree;
pub use crate::describe::WorkTreeCheck;
pub use crate::describe::describe;
pub use crate::error::CODES;
pub use crate::error::Error;
