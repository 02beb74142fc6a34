//! What lasts: the durable log of one tree, and the keys of the local services.
//!
//! [`DurableLog`] appends entries so that no crash loses what was acknowledged, and no size ever gets
//! two roots; it works over a [`FileLayer`], of which [`Disk`] is the real one and `model::Model` one
//! that tests crash at every step. [`KeyStore`] keeps private keys, one file a role.
//!
//! This crate makes no trust decision: it neither signs nor verifies, and what an entry says is its
//! callers' business.

mod disk;
mod durable_log;
mod error;
mod frame;
mod fsck;
mod key_store;
mod layer;
#[cfg(any(test, feature = "model"))]
pub mod model;
mod queue;
mod segment;
mod stored_tiles;
mod tail;

pub use crate::disk::Disk;
pub use crate::durable_log::Appended;
pub use crate::durable_log::DurableLog;
pub use crate::durable_log::Geometry;
pub use crate::durable_log::Publish;
pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::error::code;
pub use crate::frame::Entry;
pub use crate::fsck::Fault;
pub use crate::fsck::Report;
pub use crate::key_store::KeyStore;
pub use crate::layer::FileLayer;
