//! Drives the signing state machine with the embedded authority and log.

use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::ClaimInput;
use sealwright_sigstore::Input;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::SigningMachine;
use sealwright_sigstore::SigningOptions;
use sealwright_sigstore::SigningWith;
use sealwright_sigstore::Step;

use super::LocalSigstore;
use crate::Context;
use crate::Error;
use crate::Failure;

/// More steps than signing takes, even when certificates have to be renewed.
const MAX_STEPS: usize = 64;

/// Signs claims with one fresh key, which is gone when this returns.
pub(super) fn sign(
    sigstore: &LocalSigstore,
    claims: Vec<ClaimInput>,
    log_version: LogVersion,
    context: &Context<'_>,
) -> Result<Vec<Bundle>, Failure> {
    let scheme = SignatureScheme::EcdsaP256Sha256;
    let key = SigningKey::generate(scheme)?;
    let mut machine = SigningMachine::new(
        claims,
        SigningOptions {
            logs: vec![log_version],
            timestamp_authorities: 1,
            with: SigningWith::Certificate,
        },
    );
    let mut input = Input::Start;
    for _ in 0..MAX_STEPS {
        input = match machine.step(input)? {
            Step::NeedIdentityToken => Input::IdentityToken {
                subject: sigstore.identity().value().to_owned(),
            },
            Step::NeedPublicKey => Input::PublicKey {
                key: key.public_key().clone(),
                scheme,
            },
            Step::NeedSignatures(requests) => Input::Signatures(
                requests
                    .iter()
                    .map(|request| request.sign_with(&key))
                    .collect::<Result<_, _>>()?,
            ),
            Step::NeedCertificate(request) => {
                Input::Certificate(Box::new(sigstore.certificate(&request, context)?))
            }
            Step::NeedTimestamps(messages) => Input::Timestamps(vec![
                messages
                    .iter()
                    .map(|message| sigstore.timestamp(message.as_bytes(), context))
                    .collect::<Result<_, _>>()?,
            ]),
            Step::NeedLogEntries(batches) => Input::LogEntries(
                batches
                    .iter()
                    .map(|entries| sigstore.add(entries, log_version, context))
                    .collect::<Result<_, _>>()?,
            ),
            Step::Done(bundles) => return Ok(bundles),
        };
    }
    Err(Error::SigningStuck(MAX_STEPS).into())
}
