//! A clock that tests set.

use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;

use sealwright_core::Clock;
use sealwright_core::Timestamp;

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct FakeClock {
    milliseconds: AtomicI64,
}

impl FakeClock {
    /// A clock that says `now`.
    pub const fn at(now: Timestamp) -> Self {
        Self {
            milliseconds: AtomicI64::new(now.milliseconds()),
        }
    }

    /// Moves it forward, or back when negative.
    pub fn advance_seconds(&self, seconds: i64) {
        self.milliseconds
            .fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.milliseconds.load(Ordering::SeqCst))
    }
}
