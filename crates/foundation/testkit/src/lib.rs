//! What tests need: a clock that stands still, corpora that may be absent, small fixtures.
//!
//! A dev-dependency only; `core`'s own tests do not use it.

mod clock;
mod corpora;
pub mod registry;
pub mod stub;

pub use crate::clock::FakeClock;
pub use crate::corpora::corpus;
