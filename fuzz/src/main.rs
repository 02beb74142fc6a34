//! Every parser of bytes from outside, under libFuzzer, in one binary.
//!
//! `FUZZ_TARGET` names the parser; `FUZZ_TARGET=list` prints their names, and `FUZZ_TARGET=collect`
//! cuts seeds for all of them out of the public corpora in `SEALWRIGHT_CORPORA` into the directory
//! `FUZZ_SEEDS`. `fuzz/run` does all that; see `README.md`.

#![no_main]

#[forbid(unsafe_code)]
mod collect;
#[forbid(unsafe_code)]
mod scratch;
#[forbid(unsafe_code)]
mod targets;

use std::process;
use std::sync::OnceLock;

use crate::targets::TARGETS;
use crate::targets::Target;

libfuzzer_sys::fuzz_target!(init: choose(), |data: &[u8]| {
    if let Some(target) = CHOSEN.get() {
        (target.run)(data);
    }
});

static CHOSEN: OnceLock<&'static Target> = OnceLock::new();

fn choose() {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    match name.as_str() {
        "list" => {
            for target in TARGETS {
                println!("{}", target.name);
            }
            process::exit(0);
        }
        "collect" => {
            let path = |name| std::env::var_os(name).unwrap_or_default().into();
            match collect::collect(path("SEALWRIGHT_CORPORA"), path("FUZZ_SEEDS")) {
                Ok(count) => println!("{count} seeds from the corpora"),
                Err(error) => fail(&format!("cannot collect seeds: {error}")),
            }
            process::exit(0);
        }
        name => match TARGETS.iter().find(|target| target.name == name) {
            Some(target) => _ = CHOSEN.set(target),
            None => fail(&format!(
                "FUZZ_TARGET={name:?}: FUZZ_TARGET=list prints the names"
            )),
        },
    }
}

fn fail(message: &str) {
    eprintln!("error: {message}");
    process::exit(2);
}
