//! The signature log: one tree that answers as a Rekor v1 and as a Rekor v2 log.
//!
//! [`Log::add`] checks proposed entries as Rekor does, puts their canonical bodies into the durable
//! log of the `store` crate, and answers what a bundle needs: index, inclusion proof, signed
//! checkpoint, and for version 1 the time and the signed entry timestamp. Both versions' entries are
//! leaves of one tree; each version has a key of its own and signs the same tree under its own name:
//!
//! | version | key | checkpoint's first line | name of its signature | log id |
//! |---|---|---|---|---|
//! | 1 | ECDSA P-256 | `HOST - TREE` | `HOST` | SHA-256 of the key's DER |
//! | 2 | Ed25519 | `HOST` | `HOST` | SHA-256 of `HOST`, 0x0A, 0x01 and the raw key |
//!
//! # Layout of the directory
//!
//! ```text
//! log.json         the public keys, and whether the log has answered; its appearance completes
//!                  the making
//! keys/            v1.pem and v2.pem, private
//! tree/            see `sealwright_store::DurableLog`
//! ```
//!
//! With feature `http`, module `http` answers Rekor's clients.
//!
//! What it deliberately does not do: refuse an entry it holds already (sealing makes a new key each
//! time, so there are none; module `http` does), or decide whom to trust.

mod error;
mod fsck;
#[cfg(any(test, feature = "http"))]
pub mod http;
mod keys;
mod log;
mod proposal;
mod public;
mod stored;

pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::error::code;
pub use crate::log::Log;
pub use crate::public::PublicLog;

pub use sealwright_store::Fault;
pub use sealwright_store::Report;
