//! A client that talks to the server of tests.

use std::time::Duration;

pub(crate) use sealwright_testkit::stub::Reply;
pub(crate) use sealwright_testkit::stub::Seen;
pub(crate) use sealwright_testkit::stub::Stub;

use crate::Client;
use crate::Options;

/// A client that does not wait long between attempts.
pub(crate) fn client() -> Client {
    Client::new(Options {
        retry_wait: Duration::from_millis(1),
        timeout: Duration::from_secs(20),
        ..Options::default()
    })
}
