//! Sending requests.

use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use backon::BackoffBuilder as _;
use backon::ExponentialBuilder;
use bytes::Bytes;
use bytes::BytesMut;
use http::HeaderMap;
use http::StatusCode;
use http::header;
use tokio::time::Instant;
use tokio::time::timeout_at;
use url::Url;

use crate::Answer;
use crate::Error;
use crate::Repeat;
use crate::Request;
use crate::error::ShownUrl;
use crate::redirect;
use crate::request::PlainHttp;
use crate::retry;
use crate::retry::Failure;
use crate::tls::Tls;

/// Whether HTTPS requests go through the proxy the system names.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Proxy {
    /// Never.
    None,
    /// As `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say. Loopback is always reached directly.
    System,
}

/// How patient a client is, and how it introduces itself.
#[derive(Clone, Debug)]
pub struct Options {
    /// For a connection to come about, TLS included.
    pub connect_timeout: Duration,
    /// Between two pieces of an answer.
    pub idle_timeout: Duration,
    /// How many redirects are followed.
    pub max_redirects: usize,
    /// How often a request is repeated.
    pub max_retries: usize,
    /// Whether the system's proxy is used.
    pub proxy: Proxy,
    /// Whether a server that falls silent for the idle timeout is asked again.
    pub repeat_silence: Repeat,
    /// The first wait before a repetition; each further one doubles, with jitter, up to 10 s.
    pub retry_wait: Duration,
    /// For a whole exchange: retries, redirects and the body.
    pub timeout: Duration,
    /// Whom it trusts and who it is, where that is not the system's business.
    pub tls: Tls,
    /// For a whole download.
    pub transfer_timeout: Duration,
    /// The `User-Agent`.
    pub user_agent: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(30),
            max_redirects: 5,
            max_retries: 4,
            proxy: Proxy::System,
            repeat_silence: Repeat::Never,
            retry_wait: Duration::from_millis(200),
            timeout: Duration::from_secs(60),
            tls: Tls::default(),
            transfer_timeout: Duration::from_secs(3600),
            user_agent: concat!("sealwright/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

impl Options {
    /// Options that ride out an outage: a request that may be repeated is, until this time is over,
    /// also when the server falls silent.
    pub fn until(timeout: Duration) -> Self {
        Self {
            max_retries: usize::MAX,
            repeat_silence: Repeat::Allowed,
            timeout,
            ..Self::default()
        }
    }
}

/// An HTTP client. Making one costs nothing; connections and the system's certificate store come
/// with the first request that needs them. Clones share them.
#[derive(Clone, Debug)]
pub struct Client {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    options: Options,
    /// Speaks plain HTTP to this machine; trusts no certificate, so reads no store.
    plain: OnceLock<reqwest::Client>,
    /// As `plain`, without an idle timeout.
    plain_uploads: OnceLock<reqwest::Client>,
    /// Speaks HTTPS only.
    secure: OnceLock<reqwest::Client>,
    /// As `secure`, without an idle timeout.
    secure_uploads: OnceLock<reqwest::Client>,
}

/// Whether silence ends an exchange.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Waits {
    /// It does after the idle timeout.
    ForAnswers,
    /// The server is silent as long as it takes a body: whoever sends it looks at the time.
    ForUploads,
}

impl Client {
    /// Makes a client.
    pub fn new(options: Options) -> Self {
        Self {
            inner: Arc::new(Inner {
                options,
                plain: OnceLock::new(),
                plain_uploads: OnceLock::new(),
                secure: OnceLock::new(),
                secure_uploads: OnceLock::new(),
            }),
        }
    }

    /// How patient it is.
    pub fn options(&self) -> &Options {
        &self.inner.options
    }

    /// Sends a request and takes the whole answer, of whatever status, with at most `limit` bytes
    /// of body. A request that may be repeated is, when the connection fails or the server is busy
    /// (429, 502, 503, 504); the last busy answer is returned, also when time is up
    /// before there is another one.
    ///
    /// # Errors
    /// `net.answer-too-large`, `net.client-unavailable`, `net.insecure-refused`,
    /// `net.interrupted`, `net.redirect-refused`, `net.timeout`, `net.unreachable`.
    pub async fn exchange(&self, request: &Request, limit: u64) -> Result<Answer, Error> {
        let deadline = Instant::now() + self.options().timeout;
        let attempt = || async {
            let response = self.attempt(request).await.map_err(Failure::from_error)?;
            let answer = complete(response, limit, self.options().idle_timeout)
                .await
                .map_err(Failure::from_error)?;
            if retry::is_busy(answer.status) {
                return Err(Failure::Busy {
                    after: retry::retry_after(&answer.headers),
                    answer,
                });
            }
            Ok(answer)
        };
        let outcome = self
            .repeated(request, deadline, self.options().timeout, attempt)
            .await?;
        Ok(Answer {
            out_of_time: outcome.out_of_time,
            ..outcome.answer
        })
    }

    /// Sends a request and hands over the answer's body as it comes. Retried like
    /// [`Client::exchange`] until the headers are there.
    ///
    /// # Errors
    /// As [`Client::exchange`].
    pub async fn download(&self, request: &Request) -> Result<Download, Error> {
        let deadline = Instant::now() + self.options().timeout;
        let end = Instant::now() + self.options().transfer_timeout;
        let attempt = || async {
            let response = self.attempt(request).await.map_err(Failure::from_error)?;
            let download = Download {
                url: response.url().clone(),
                response,
                end,
                idle: self.options().idle_timeout,
                after: self.options().transfer_timeout,
                out_of_time: None,
            };
            if retry::is_busy(download.status()) {
                return Err(Failure::Busy {
                    after: retry::retry_after(download.headers()),
                    answer: download,
                });
            }
            Ok(download)
        };
        let outcome = self
            .repeated(request, deadline, self.options().timeout, attempt)
            .await?;
        Ok(Download {
            out_of_time: outcome.out_of_time,
            ..outcome.answer
        })
    }

    /// Makes attempts until one ends it. What the server said before time was up is worth more than
    /// that it is up: a refusal is the outcome when a repetition of the request has no answer in
    /// time, or there is no time left for one.
    async fn repeated<T, F>(
        &self,
        request: &Request,
        deadline: Instant,
        after: Duration,
        mut attempt: impl FnMut() -> F,
    ) -> Result<Outcome<T>, Error>
    where
        F: Future<Output = Result<T, Failure<T>>>,
    {
        let options = self.options();
        let mut waits = ExponentialBuilder::new()
            .with_min_delay(options.retry_wait)
            .with_max_delay(MAX_WAIT.max(options.retry_wait))
            .with_max_times(match request.repeat {
                Repeat::Allowed => options.max_retries,
                Repeat::Never => 0,
            })
            .with_jitter()
            .build();
        let mut refusal = None;
        loop {
            let failure = match timeout_at(deadline, attempt()).await {
                Ok(Ok(answer)) => return Ok(Outcome::of(answer)),
                Ok(Err(Failure::Fatal(error @ Error::Timeout { .. })))
                    if options.repeat_silence == Repeat::Allowed =>
                {
                    Failure::Broken(error)
                }
                Ok(Err(failure)) => failure,
                Err(_) => Failure::Fatal(Error::Timeout {
                    url: (&request.url).into(),
                    after,
                }),
            };
            let planned = waits.next();
            let wait = failure.wait(planned, deadline.saturating_duration_since(Instant::now()));
            match (failure, wait) {
                (Failure::Busy { answer, .. }, Some(_)) => refusal = Some(answer),
                (Failure::Broken(_), Some(_)) => {}
                (Failure::Busy { answer, .. }, None) => {
                    let out_of_time = planned.map(|_| after);
                    return Ok(Outcome {
                        answer,
                        out_of_time,
                    });
                }
                (Failure::Broken(error @ Error::Timeout { .. }), None)
                | (Failure::Fatal(error @ Error::Timeout { .. }), _) => {
                    return refusal
                        .map(|answer| Outcome {
                            answer,
                            out_of_time: Some(after),
                        })
                        .ok_or(error);
                }
                (Failure::Broken(error) | Failure::Fatal(error), _) => return Err(error),
            }
            tokio::time::sleep(wait.unwrap_or_default()).await;
        }
    }

    /// Sends a request once, following redirects.
    async fn attempt(&self, request: &Request) -> Result<reqwest::Response, Error> {
        let mut url = request.url.clone();
        let mut headers = request.headers.clone();
        let mut redirects = 0;
        loop {
            let response = self
                .transport(&url, request.plain, Waits::ForAnswers)?
                .request(request.method.clone(), url.clone())
                .headers(headers.clone())
                .body(request.body.clone())
                .send()
                .await
                .map_err(|source| self.failed(&url, source))?;
            if !redirect::is_redirect(&request.method, response.status()) {
                return Ok(response);
            }
            let Some(location) = response.headers().get(header::LOCATION) else {
                return Ok(response);
            };
            let refused = |to: &str, reason| Error::RedirectRefused {
                from: (&url).into(),
                to: ShownUrl::from_text(to),
                reason,
            };
            let location = location
                .to_str()
                .map_err(|_| refused("", "its address is no text"))?;
            let next = url
                .join(location)
                .map_err(|_| refused(location, "its address is no URL"))?;
            redirect::check(&url, &next).map_err(|reason| refused(next.as_str(), reason))?;
            if redirects == self.options().max_redirects {
                return Err(refused(next.as_str(), "it is one redirect too many"));
            }
            redirects += 1;
            redirect::drop_credentials(&url, &next, &mut headers);
            url = next;
        }
    }

    pub(crate) fn failed(&self, url: &Url, source: reqwest::Error) -> Error {
        let url = ShownUrl::from(url);
        if source.is_timeout() && !source.is_connect() {
            let after = self.options().idle_timeout;
            return Error::Timeout { url, after };
        }
        if source.is_builder() {
            return Error::ClientUnavailable { source };
        }
        Error::Unreachable { url, source }
    }

    pub(crate) fn transport(
        &self,
        url: &Url,
        plain: PlainHttp,
        waits: Waits,
    ) -> Result<&reqwest::Client, Error> {
        let is_metadata_server =
            || plain == PlainHttp::MetadataServer && redirect::is_metadata_server(url);
        let cell = match (url.scheme(), waits) {
            ("https", Waits::ForAnswers) => &self.inner.secure,
            ("https", Waits::ForUploads) => &self.inner.secure_uploads,
            ("http", waits) if redirect::is_loopback(url) || is_metadata_server() => match waits {
                Waits::ForAnswers => &self.inner.plain,
                Waits::ForUploads => &self.inner.plain_uploads,
            },
            _ => return Err(Error::InsecureRefused { url: url.into() }),
        };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let options = self.options();
        let builder = match url.scheme() {
            "https" => secure_builder(options.proxy, &options.tls)?,
            _ => plain_builder(),
        };
        let builder = match waits {
            Waits::ForAnswers => builder.read_timeout(options.idle_timeout),
            Waits::ForUploads => builder,
        };
        let client = builder
            .user_agent(&options.user_agent)
            .connect_timeout(options.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            // Digests are of the bytes as they are sent.
            .no_gzip()
            .build()
            .map_err(|source| Error::ClientUnavailable { source })?;
        Ok(cell.get_or_init(|| client))
    }
}

fn secure_builder(proxy: Proxy, tls: &Tls) -> Result<reqwest::ClientBuilder, Error> {
    let builder = tls.apply(reqwest::Client::builder().https_only(true));
    let builder = builder.map_err(|source| Error::ClientUnavailable { source })?;
    Ok(match proxy {
        Proxy::None => builder.no_proxy(),
        Proxy::System => builder,
    })
}

fn plain_builder() -> reqwest::ClientBuilder {
    // `localhost` is this machine whatever a name server says.
    let here = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
    ];
    reqwest::Client::builder()
        .tls_certs_only([])
        .no_proxy()
        .resolve_to_addrs("localhost", &here)
}

/// What an exchange came to.
struct Outcome<T> {
    answer: T,
    /// The time allowed for it, when that is why the server was not asked again.
    out_of_time: Option<Duration>,
}

impl<T> Outcome<T> {
    const fn of(answer: T) -> Self {
        Self {
            answer,
            out_of_time: None,
        }
    }
}

/// An answer whose body is still coming.
#[derive(Debug)]
pub struct Download {
    after: Duration,
    end: Instant,
    idle: Duration,
    out_of_time: Option<Duration>,
    response: reqwest::Response,
    url: Url,
}

impl Download {
    /// The status.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Where it comes from, after redirects.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// `net.interrupted` when the connection breaks, `net.timeout` when no piece comes for the idle
    /// timeout or the whole takes longer than the transfer timeout.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        match timeout_at(self.end, self.response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(source)) => Err(interrupted(&self.url, source, self.idle)),
            Err(_) => Err(Error::Timeout {
                url: (&self.url).into(),
                after: self.after,
            }),
        }
    }

    /// Takes the whole rest, at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Download::chunk`], and `net.answer-too-large`.
    pub async fn complete(self, limit: u64) -> Result<Answer, Error> {
        let url = self.url.clone();
        let answer = timeout_at(self.end, complete(self.response, limit, self.idle))
            .await
            .unwrap_or_else(|_| {
                Err(Error::Timeout {
                    url: (&url).into(),
                    after: self.after,
                })
            })?;
        Ok(Answer {
            out_of_time: self.out_of_time,
            ..answer
        })
    }
}

pub(crate) async fn complete(
    mut response: reqwest::Response,
    limit: u64,
    idle: Duration,
) -> Result<Answer, Error> {
    let url = response.url().clone();
    let too_large = || Error::AnswerTooLarge {
        url: (&url).into(),
        limit,
    };
    if response
        .content_length()
        .is_some_and(|length| length > limit)
    {
        return Err(too_large());
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|source| interrupted(&url, source, idle))?
    {
        if (body.len() as u64).saturating_add(chunk.len() as u64) > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status: response.status(),
        headers: std::mem::take(response.headers_mut()),
        body: body.freeze(),
        url,
        out_of_time: None,
    })
}

fn interrupted(url: &Url, source: reqwest::Error, idle: Duration) -> Error {
    let url = url.into();
    if source.is_timeout() {
        return Error::Timeout { url, after: idle };
    }
    Error::Interrupted { url, source }
}

/// Between two attempts, however many there were.
const MAX_WAIT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
