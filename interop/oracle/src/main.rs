//! The differential fuzzer: changes bundles and compares our verdicts with those of peers.
//!
//! What we accept and a peer refuses must fall in a class of `classes.rs`; anything else fails, and the
//! case is saved with as few changes as it takes. What we refuse and a peer accepts is counted by our code.
//! See `interop/README.md`.

#[expect(
    dead_code,
    reason = "shared with the engine's own tests, which use more of it"
)]
#[path = "../../../crates/engines/sigstore/tests/it/authority.rs"]
mod authority;
mod base;
mod case;
mod classes;
mod der;
mod forge;
mod json;
mod judges;
mod note;
mod options;
mod peer;
mod random;
mod tally;
mod work;

use std::process::ExitCode;

fn main() -> ExitCode {
    let options = match options::Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("error: {problem}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    match work::run(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
