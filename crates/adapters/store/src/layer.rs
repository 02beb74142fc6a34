//! The few file operations a durable log is made of.

use std::io;

/// Files below one directory, with the promises that durability is built on.
///
/// Paths are relative, with `/` between names. What is written is visible to every process at once;
/// it survives a power cut only once it is synced: bytes by [`FileLayer::sync_file`], names by
/// [`FileLayer::sync_directory`] of the directory they stand in. Until then any part of it may
/// survive and any part be lost, in any order: bytes of one write too.
pub trait FileLayer: Send + Sync {
    /// A held lock; dropping it, or the end of the process, releases it.
    type Lock: Send;

    /// Reads at most `max` bytes from `offset` on; fewer only at the end of the file.
    ///
    /// # Errors
    /// `NotFound` when there is no such file, and whatever else the system says.
    fn read_at(&self, path: &str, offset: u64, max: usize) -> io::Result<Vec<u8>>;

    /// Writes bytes at `offset`, making the file if there is none, for its owner alone.
    ///
    /// # Errors
    /// What the system says; then any part may have been written.
    fn write_at(&self, path: &str, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// When this returns, the file's bytes survive a power cut.
    ///
    /// # Errors
    /// What the system says; then nothing is known about any write since the last sync.
    fn sync_file(&self, path: &str) -> io::Result<()>;

    /// When this returns, the names in this directory survive a power cut.
    ///
    /// # Errors
    /// What the system says.
    fn sync_directory(&self, path: &str) -> io::Result<()>;

    /// Makes a directory for its owner alone; one that exists is kept.
    ///
    /// # Errors
    /// What the system says.
    fn create_directory(&self, path: &str) -> io::Result<()>;

    /// Gives a file another name, replacing what had that name. No reader sees neither or both.
    ///
    /// # Errors
    /// What the system says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Takes a file's name away; one that does not exist counts as removed.
    ///
    /// # Errors
    /// What the system says.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// The names in a directory, in no order.
    ///
    /// # Errors
    /// `NotFound` when there is no such directory, and whatever else the system says.
    fn list(&self, path: &str) -> io::Result<Vec<String>>;

    /// Takes the lock of this name for this holder alone, waiting for others a bounded time.
    ///
    /// # Errors
    /// `WouldBlock` when another held it all the time, and whatever else the system says.
    fn lock(&self, path: &str) -> io::Result<Self::Lock>;

    /// Takes the lock of this name if it is free now.
    ///
    /// # Errors
    /// What the system says.
    fn try_lock(&self, path: &str) -> io::Result<Option<Self::Lock>>;
}
