//! Evidence by the log alone: what it holds about a file that has a signature beside it, and neither
//! certificate nor bundle.
//!
//! Nothing is believed for standing in a log. What is found is evidence like any other, and verified
//! like any other.

use std::time::Duration;

use futures_util::future::try_join_all;
use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_net::Client;
use sealwright_net::LogClient;
use sealwright_net::Options;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::LegacyParts;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::parse_body;

use crate::Context;
use crate::DetachedContent;
use crate::DetachedEvidence;
use crate::Failure;
use crate::signing::runtime;
use crate::signing::service_url;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks a log of version 1 for the entry of a signature over the file with this digest; `None` when
/// it has none by a certified key.
///
/// # Errors
/// `service.…`, `http.…`
pub fn log_search(
    context: &Context<'_>,
    log: &str,
    digest: &Digest,
    signature: &[u8],
) -> Result<Option<DetachedEvidence>, Failure> {
    // Somebody waits, and may not even have a network.
    let client = Client::new(Options {
        timeout: context.timeout.min(PATIENCE),
        ..Options::default()
    });
    let client = LogClient::new(client, service_url(log)?);
    let entries = runtime()?.block_on(async {
        let ids = client.search(digest).await?;
        try_join_all(ids.iter().map(|id| client.entry(id))).await
    })?;
    let found = entries
        .into_iter()
        .find_map(|entry| bundle_of(entry, signature));
    Ok(found.map(|bundle| DetachedEvidence {
        location: log.to_owned(),
        content: DetachedContent::Logged(Box::new(bundle)),
        certificate: None,
        chain: None,
        timestamp: None,
    }))
}

/// The entry with the signature and the certificate that stand in it, when it is that signature.
fn bundle_of(entry: LogEntry, signature: &[u8]) -> Option<Bundle> {
    let body = parse_body(entry.canonicalized_body.as_bytes()).ok()?;
    if body.signature.as_bytes() != signature || !matches!(body.verifier, Verifier::Certificate(_))
    {
        return None;
    }
    let parts = LegacyParts {
        certificate: Some(&body.verifier.to_pem()),
        ..LegacyParts::default()
    };
    let mut bundle = Bundle::from_detached(Base64::from(signature), &parts).ok()?;
    bundle.log_entries = vec![entry];
    Some(bundle)
}
