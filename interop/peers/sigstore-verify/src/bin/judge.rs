//! Judges many bundles: what the differential fuzzer compares our verdicts with.
//!
//! Reads one JSON object a line and writes one line for each, in order:
//!
//! - `{"context": N, "root": B64, "artifact": B64, "identity": I, "issuer": U}`, or `"key": PEM`
//!   instead of identity and issuer, is remembered under N: `ready`, or `unusable WHY`
//! - `{"judge": N, "bundle": B64}`: `accepted`, or `refused WHY`

use std::collections::BTreeMap;
use std::error::Error;
use std::io::BufRead as _;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sigstore_trust_root::TrustedRoot;
use sigstore_types::Bundle;
use sigstore_types::DerPublicKey;
use sigstore_verify::Policy;
use sigstore_verify::PublicKeyVerificationPolicy;
use sigstore_verify::VerificationPolicy;
use sigstore_verify::Verifier;

struct Context {
    verifier: Verifier,
    artifact: Vec<u8>,
    policy: Box<dyn Policy>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut contexts = BTreeMap::new();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let answer = if let Some(number) = request["context"].as_u64() {
            match context(&request) {
                Ok(context) => {
                    contexts.insert(number, context);
                    "ready".to_owned()
                }
                Err(error) => format!("unusable {error}"),
            }
        } else {
            let number = request["judge"].as_u64().ok_or("no context is named")?;
            match judge(contexts.get(&number).ok_or("no such context")?, &request) {
                Ok(()) => "accepted".to_owned(),
                Err(error) => format!("refused {error}"),
            }
        };
        writeln!(out, "{}", answer.replace(['\n', '\r'], " "))?;
        out.flush()?;
    }
    Ok(())
}

fn context(request: &Value) -> Result<Context, Box<dyn Error>> {
    let root = TrustedRoot::from_json(&String::from_utf8(bytes(request, "root")?)?)?;
    let text = |name: &str| request[name].as_str().map(str::to_owned);
    Ok(Context {
        verifier: Verifier::new(&root)?,
        artifact: bytes(request, "artifact")?,
        policy: match text("key") {
            Some(key) => Box::new(PublicKeyVerificationPolicy::new(DerPublicKey::from_pem(
                &key,
            )?)),
            None => Box::new(VerificationPolicy::new(
                text("identity").ok_or("no identity")?,
                text("issuer").ok_or("no issuer")?,
            )),
        },
    })
}

fn judge(context: &Context, request: &Value) -> Result<(), Box<dyn Error>> {
    let bundle = Bundle::from_json(&String::from_utf8(bytes(request, "bundle")?)?)?;
    let artifact = context.artifact.as_slice();
    context
        .verifier
        .verify(artifact, &bundle, context.policy.as_ref())?;
    Ok(())
}

fn bytes(request: &Value, name: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let text = request[name].as_str().ok_or_else(|| format!("no {name}"))?;
    Ok(STANDARD.decode(text)?)
}
