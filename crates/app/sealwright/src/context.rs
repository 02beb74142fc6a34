//! What a workflow knows about the world it runs in; read once, by the caller.

use std::path::PathBuf;
use std::time::Duration;

use sealwright_core::Clock;
use sealwright_core::Timestamp;
use sealwright_files::ByteCount;
use sealwright_slsa::Environment;

use crate::Announcement;
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
    /// Looks up a variable of the environment: what names keys, and opens what keeps them.
    pub variable: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
    /// What a CI system says about the run.
    pub ci: Environment,
    /// The time to write into documents, when the user fixed one.
    pub source_date_epoch: Option<Timestamp>,
    /// A directory that exists, for temporary files.
    pub temporary: PathBuf,
    /// How long registries may take.
    pub timeout: Duration,
    /// Where long work is shown.
    pub progress: &'a dyn Progress,
}

impl<'a> Context<'a> {
    /// Shows some work until what is returned is dropped. One at a time.
    pub(crate) fn show(&self, what: &str, total: Option<u64>) -> Shown<'a> {
        self.progress.count().reset();
        self.progress.start(what, total);
        Shown(self.progress)
    }
}

/// Work that is shown as long as this lives.
pub(crate) struct Shown<'a>(&'a dyn Progress);

impl Shown<'_> {
    /// Where the bytes that are done are counted.
    pub(crate) fn count(&self) -> &ByteCount {
        self.0.count()
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        self.0.finish();
    }
}

/// Shows long work. Only one piece of work is shown at a time.
pub trait Progress: Sync {
    /// Something starts; `total` bytes when known.
    fn start(&self, what: &str, total: Option<u64>);
    /// Where the bytes that are done are counted, from any thread, since the start of the work.
    fn count(&self) -> &ByteCount;
    /// It ended.
    fn finish(&self);
    /// Something that the user should know and that stops nothing.
    fn warn(&self, _: &str) {}
    /// Says something a person should know now.
    fn say(&self, _: &Announcement<'_>) {}
    /// Whether somebody is there who can do something about it.
    fn is_interactive(&self) -> bool {
        false
    }
}

/// Shows nothing.
#[derive(Clone, Debug, Default)]
pub struct Silent(ByteCount);

impl Progress for Silent {
    fn start(&self, _: &str, _: Option<u64>) {}
    fn count(&self) -> &ByteCount {
        &self.0
    }
    fn finish(&self) {}
}
