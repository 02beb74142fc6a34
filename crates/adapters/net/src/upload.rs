//! Sending a body that is longer than memory should hold: the content of a file.
//!
//! Such a request is sent once. How long it may take is bounded by the transfer timeout, and by the
//! idle timeout in which something must be taken or answered.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use futures_util::stream;
use http::HeaderValue;
use http::header;
use tokio::time::Instant;
use tokio::time::timeout_at;

use crate::Answer;
use crate::Client;
use crate::Error;
use crate::Request;
use crate::client::Waits;
use crate::client::complete;

/// The content of a file as a request's body.
#[derive(Clone)]
pub struct FileBody {
    file: Arc<File>,
    length: u64,
    sent: Arc<dyn Fn(u64) + Send + Sync>,
}

impl FileBody {
    /// The first `length` bytes of a file; `sent` hears of each piece that is on its way.
    pub fn new(file: Arc<File>, length: u64, sent: Arc<dyn Fn(u64) + Send + Sync>) -> Self {
        Self { file, length, sent }
    }
}

impl fmt::Debug for FileBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileBody")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Sends a request once, with a file's content as its body, and takes the whole answer, of
    /// whatever status, with at most `limit` bytes of body. Redirects are not followed.
    ///
    /// # Errors
    /// `net.answer-too-large`, `net.client-unavailable`, `net.insecure-refused`,
    /// `net.interrupted`, `net.timeout`, `net.unreachable`.
    pub async fn upload(
        &self,
        request: &Request,
        body: &FileBody,
        limit: u64,
    ) -> Result<Answer, Error> {
        let options = self.options();
        let end = Instant::now() + options.transfer_timeout;
        let taken = Arc::new(AtomicU64::new(0));
        let sending = self
            .transport(&request.url, request.plain, Waits::ForUploads)?
            .request(request.method.clone(), request.url.clone())
            .headers(request.headers.clone())
            .header(header::CONTENT_LENGTH, HeaderValue::from(body.length))
            .body(reqwest::Body::wrap_stream(pieces(body, &taken)))
            .send();
        let timeout = |after| Error::Timeout {
            url: (&request.url).into(),
            after,
        };
        tokio::pin!(sending);
        let mut before = None;
        let response = loop {
            let step = end.min(Instant::now() + options.idle_timeout);
            match timeout_at(step, &mut sending).await {
                Ok(Ok(response)) => break response,
                Ok(Err(source)) if source.is_connect() || source.is_builder() => {
                    return Err(self.failed(&request.url, source));
                }
                Ok(Err(source)) => {
                    return Err(Error::Interrupted {
                        url: (&request.url).into(),
                        source,
                    });
                }
                Err(_) if Instant::now() >= end => return Err(timeout(options.transfer_timeout)),
                Err(_) => {
                    let now = taken.load(Ordering::Relaxed);
                    if before == Some(now) {
                        return Err(timeout(options.idle_timeout));
                    }
                    before = Some(now);
                }
            }
        };
        timeout_at(end, complete(response, limit, options.idle_timeout))
            .await
            .unwrap_or_else(|_| Err(timeout(options.transfer_timeout)))
    }
}

/// The file in pieces, read as they are wanted.
fn pieces(
    body: &FileBody,
    taken: &Arc<AtomicU64>,
) -> impl stream::Stream<Item = io::Result<Bytes>> + Send + use<> {
    let (body, taken) = (body.clone(), Arc::clone(taken));
    stream::try_unfold(0_u64, move |offset| {
        let (body, taken) = (body.clone(), Arc::clone(&taken));
        async move {
            let wanted = PIECE.min(body.length.saturating_sub(offset));
            if wanted == 0 {
                return Ok(None);
            }
            let file = Arc::clone(&body.file);
            let read = tokio::task::spawn_blocking(move || {
                let mut piece = vec![0; usize::try_from(wanted).unwrap_or_default()];
                file.read_exact_at(&mut piece, offset).map(|()| piece)
            });
            let piece = read.await.map_err(io::Error::other)??;
            taken.fetch_add(wanted, Ordering::Relaxed);
            (body.sent)(wanted);
            Ok(Some((Bytes::from(piece), offset + wanted)))
        }
    })
}

const PIECE: u64 = 256 << 10;
