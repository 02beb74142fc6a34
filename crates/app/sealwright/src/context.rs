//! What a workflow knows about the world it runs in; read once, by the caller.

use std::path::PathBuf;
use std::time::Duration;

use sealwright_core::Clock;
use sealwright_core::Timestamp;
use sealwright_slsa::Environment;

use crate::Profile;

/// The surroundings of one run.
pub struct Context<'a> {
    /// The Sigstore that was named. By default the local one signs, and all that are known are
    /// trusted.
    pub profile: Option<Profile>,
    /// The data directory of the local profile; it may not exist yet. Empty when nothing says where
    /// it is: only what needs none works then.
    pub home: PathBuf,
    /// The time.
    pub clock: &'a dyn Clock,
    /// The user's name, for the local identity when the data directory is made.
    pub user: String,
    /// Directory of docker's `config.json`.
    pub docker_config: Option<PathBuf>,
    /// What a CI system says about the run.
    pub ci: Environment,
    /// The time to write into documents, when the user fixed one.
    pub source_date_epoch: Option<Timestamp>,
    /// A directory that exists, for temporary files.
    pub temporary: PathBuf,
    /// How long registries may take.
    pub timeout: Duration,
    /// Where long work is reported.
    pub progress: &'a dyn Progress,
}

/// Receives news of long work. Every method may be called from any thread.
pub trait Progress: Sync {
    /// Something starts; `total` bytes when known.
    fn start(&self, what: &str, total: Option<u64>);
    /// So many more bytes are done.
    fn advance(&self, bytes: u64);
    /// It ended.
    fn finish(&self);
}

/// Reports to nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _: &str, _: Option<u64>) {}
    fn advance(&self, _: u64) {}
    fn finish(&self) {}
}
