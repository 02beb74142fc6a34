//! How much an update may cost.

/// Limits on what a repository can make a client read. The specification leaves them to whoever uses
/// it (sections 5.3.3, 5.4.1, 5.5.1, 5.6.1, 5.6.7.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of a root.
    pub root_bytes: u64,
    /// New roots in one update.
    pub root_rotations: u64,
    /// Bytes of a snapshot for which the timestamp gives no length.
    pub snapshot_bytes: u64,
    /// Bytes of targets metadata for which the snapshot gives no length.
    pub targets_bytes: u64,
    /// Bytes of a timestamp.
    pub timestamp_bytes: u64,
    /// Roles that are searched for one target, the top-level targets role among them.
    pub visited_roles: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            root_bytes: 512 * 1024,
            root_rotations: 256,
            snapshot_bytes: 2 * 1024 * 1024,
            targets_bytes: 5 * 1024 * 1024,
            timestamp_bytes: 16 * 1024,
            visited_roles: 33,
        }
    }
}

impl Limits {
    /// No metadata is larger, whatever says so.
    pub(crate) const MAX_LISTED_BYTES: u64 = 64 * 1024 * 1024;

    /// What a length given by metadata is worth: no more than the most any metadata may have.
    pub(crate) fn listed(listed: Option<u64>, unlisted: u64) -> u64 {
        listed.map_or(unlisted, |length| length.min(Self::MAX_LISTED_BYTES))
    }
}
