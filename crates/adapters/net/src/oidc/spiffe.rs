//! A SPIFFE Workload API (SPIFFE standards, "The SPIFFE Workload API" and "JWT-SVID", version 1): gRPC
//! over a socket of this machine. It knows who asks by the socket, so there is no secret to give.

use std::time::Duration;

use spiffe::WorkloadApiClient;
use zeroize::Zeroizing;

/// Asks the Workload API at `endpoint` for a token of the default identity.
pub(super) async fn token(
    endpoint: &str,
    audience: &str,
    timeout: Duration,
) -> Result<Zeroizing<String>, String> {
    let exchange = async {
        let client = WorkloadApiClient::connect_to(endpoint).await?;
        client.fetch_jwt_token([audience], None).await
    };
    match tokio::time::timeout(timeout, exchange).await {
        Ok(Ok(token)) => Ok(Zeroizing::new(token)),
        Ok(Err(error)) => Err(chain(&error)),
        Err(_) => Err(format!("no answer within {} s", timeout.as_secs_f32())),
    }
}

/// An error with its causes, each said once.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests;
