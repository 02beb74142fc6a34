//! What is worth trying again, and when.

use std::time::Duration;

use http::HeaderMap;
use http::StatusCode;
use http::header;

use crate::Error;

/// Why an attempt is repeated. The last one becomes the outcome.
pub(crate) enum Failure<T> {
    /// The server said that it cannot answer now.
    Busy {
        /// Its whole answer.
        answer: T,
        /// How long it asks us to stay away.
        after: Option<Duration>,
    },
    /// There was no answer.
    Broken(Error),
    /// There was none, and there is no point in asking again.
    Fatal(Error),
}

impl<T> Failure<T> {
    pub(crate) fn from_error(error: Error) -> Self {
        match error {
            Error::Interrupted { .. } | Error::Unreachable { .. } => Self::Broken(error),
            other => Self::Fatal(other),
        }
    }

    /// The wait before the next attempt: the planned one, or what the server asked for if that is
    /// longer; `None` (give up) when there is no point or no time, `most`, for another attempt.
    pub(crate) fn wait(&self, planned: Option<Duration>, most: Duration) -> Option<Duration> {
        let wait = match self {
            Self::Busy { after, .. } => planned?.max(after.unwrap_or_default()),
            Self::Broken(_) => planned?,
            Self::Fatal(_) => return None,
        };
        // Past the deadline nobody would wait for it: the outcome so far says more than that time
        // is up.
        (wait < most).then_some(wait)
    }
}

/// Whether a status says "not now" (RFC 9110 section 15.6, RFC 6585 section 4).
pub(crate) fn is_busy(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

/// How long `Retry-After` asks to wait (RFC 9110, section 10.2.3). A date is measured against the
/// server's own `Date`, so that no clock is needed here.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let then = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    let now = headers.get(header::DATE)?.to_str().ok()?;
    let now = jiff::fmt::rfc2822::parse(now).ok()?.timestamp();
    let seconds = then.as_second().checked_sub(now.as_second())?;
    Some(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(retry_after_text: &str, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(header::RETRY_AFTER, retry_after_text.parse().unwrap());
        if let Some(date) = date {
            headers.insert(header::DATE, date.parse().unwrap());
        }
        retry_after(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn reads_seconds_and_dates() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(read("7", None), Some(7));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:42 GMT", Some(date)), Some(5));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:00 GMT", Some(date)), Some(0));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:42 GMT", None), None);
        assert_eq!(read("soon", Some(date)), None);
        assert_eq!(read("-1", None), None);
    }

    #[test]
    fn gives_up_when_asked_to_wait_too_long() {
        let busy = |after| Failure::Busy {
            answer: (),
            after: Some(Duration::from_secs(after)),
        };
        let planned = Some(Duration::from_secs(1));
        let most = Duration::from_secs(10);
        assert_eq!(busy(5).wait(planned, most), Some(Duration::from_secs(5)));
        assert_eq!(busy(0).wait(planned, most), planned);
        assert_eq!(busy(11).wait(planned, most), None);
        assert_eq!(busy(10).wait(planned, most), None);
        assert_eq!(busy(0).wait(Some(most), most), None);
        assert_eq!(busy(5).wait(None, most), None);
        let unhurried = Failure::Busy {
            answer: (),
            after: None,
        };
        assert_eq!(unhurried.wait(planned, most), planned);
        assert_eq!(unhurried.wait(planned, Duration::from_millis(500)), None);
    }
}
