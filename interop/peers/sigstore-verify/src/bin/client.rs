//! Verifies one bundle of one file: what anybody would write over the crate sigstore-verify.
//!
//! Usage: client --trusted-root FILE --identity ID --issuer URL --bundle FILE ARTIFACT
//!
//! Exit status 0 when it is accepted, 1 when it is refused, 2 when the arguments are wrong.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::process::ExitCode;

use sigstore_trust_root::TrustedRoot;
use sigstore_types::Bundle;
use sigstore_verify::VerificationPolicy;
use sigstore_verify::Verifier;

fn main() -> ExitCode {
    let Some(options) = Options::read() else {
        eprintln!(
            "usage: client --trusted-root FILE --identity ID --issuer URL --bundle FILE ARTIFACT"
        );
        return ExitCode::from(2);
    };
    match verify(&options) {
        Ok(()) => {
            println!("accepted");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("refused: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Options {
    flags: BTreeMap<String, String>,
    artifact: String,
}

impl Options {
    fn read() -> Option<Self> {
        let mut flags = BTreeMap::new();
        let mut arguments = std::env::args().skip(1);
        loop {
            let argument = arguments.next()?;
            match argument.strip_prefix("--") {
                Some(name) => flags.insert(name.to_owned(), arguments.next()?),
                None if flags.len() == 4 => {
                    return Some(Self {
                        flags,
                        artifact: argument,
                    });
                }
                None => return None,
            };
        }
    }
}

fn verify(Options { flags, artifact }: &Options) -> Result<(), Box<dyn Error>> {
    let flag = |name: &str| {
        flags
            .get(name)
            .ok_or_else(|| format!("--{name} is missing"))
    };
    let trusted_root = TrustedRoot::from_file(flag("trusted-root")?)?;
    let bundle = Bundle::from_json(&std::fs::read_to_string(flag("bundle")?)?)?;
    let policy = VerificationPolicy::new(flag("identity")?, flag("issuer")?.as_str());
    Verifier::new(&trusted_root)?.verify_reader(File::open(artifact)?, &bundle, &policy)?;
    Ok(())
}
