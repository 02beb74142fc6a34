//! The binary, run as a person runs it: one module a verb, and one for each kind of bad input.
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod codes;
mod conformance;
mod cosign;
mod data_directory;
mod explain;
mod five_ways;
mod full_disk;
mod harness;
mod image;
mod instances;
mod keys;
mod log;
mod lost_log;
mod malformed;
mod policy;
mod progress;
mod registry;
mod root;
mod root_create;
mod sbom;
mod seal;
mod signing;
mod special;
mod storage;
mod tampering;
mod terminal;
mod together;
mod tuf_client;
mod tuf_server;
mod up;
mod verify;
