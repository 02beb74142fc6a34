//! The `sealwright` binary.
fn main() {}
