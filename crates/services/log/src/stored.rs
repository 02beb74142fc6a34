//! What the log remembers with each entry, outside the tree: which version took it, and when.
//!
//! ```text
//! 1 | seconds since 1970, i64 big-endian      an entry of version 1, with its integrated time
//! 2                                           an entry of version 2, which has none
//! ```

use sealwright_core::Timestamp;
use sealwright_sigstore::LogVersion;
use sealwright_store::Entry;

use crate::error::Error;

/// How an entry came into the log.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Taken {
    V1 { integrated_time: Timestamp },
    V2,
}

impl Taken {
    pub(crate) const fn new(version: LogVersion, now: Timestamp) -> Self {
        match version {
            LogVersion::V1 => Self::V1 {
                integrated_time: now.truncated_to_second(),
            },
            LogVersion::V2 => Self::V2,
        }
    }

    pub(crate) fn read(entry: &Entry, index: u64) -> Result<Self, Error> {
        match entry.note.split_first() {
            Some((1, seconds)) => match <[u8; 8]>::try_from(seconds) {
                Ok(seconds) => Ok(Self::V1 {
                    integrated_time: Timestamp::from_seconds(i64::from_be_bytes(seconds)),
                }),
                Err(_) => Err(Error::StoredEntry { index }),
            },
            Some((2, [])) => Ok(Self::V2),
            _ => Err(Error::StoredEntry { index }),
        }
    }

    pub(crate) fn to_bytes(self) -> Vec<u8> {
        match self {
            Self::V1 { integrated_time } => {
                let mut bytes = vec![1];
                bytes.extend_from_slice(&integrated_time.seconds().to_be_bytes());
                bytes
            }
            Self::V2 => vec![2],
        }
    }

    pub(crate) const fn version(self) -> LogVersion {
        match self {
            Self::V1 { .. } => LogVersion::V1,
            Self::V2 => LogVersion::V2,
        }
    }

    pub(crate) const fn integrated_time(self) -> Option<Timestamp> {
        match self {
            Self::V1 { integrated_time } => Some(integrated_time),
            Self::V2 => None,
        }
    }
}
