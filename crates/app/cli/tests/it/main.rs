//! The binary, run as a person runs it: one module a verb.

mod explain;
mod harness;
mod image;
mod log;
mod root;
mod sbom;
mod seal;
mod verify;
