use sealwright_core::Diagnostic as _;
use sealwright_testkit::registry::Access;
use sealwright_testkit::registry::FakeRegistry;
use sealwright_testkit::registry::FaultKind;
use sealwright_testkit::registry::Referrers;

use super::*;
use crate::HeaderValue;
use crate::Method;

fn options() -> Options {
    Options {
        retry_wait: Duration::from_millis(1),
        timeout: Duration::from_secs(20),
        ..Options::default()
    }
}

fn server() -> FakeRegistry {
    FakeRegistry::start(Referrers::None, Access::Open)
}

fn url(server: &FakeRegistry, path: &str) -> Url {
    format!("http://{}{path}", server.host()).parse().unwrap()
}

async fn get(options: Options, url: Url, limit: u64) -> Result<Answer, Error> {
    let request = Request::new(Method::GET, url);
    Client::new(options).exchange(&request, limit).await
}

fn answer(status: u16, headers: &[(&'static str, &str)]) -> FaultKind {
    FaultKind::Answer {
        status,
        headers: headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
        body: b"body".to_vec(),
    }
}

async fn code(options: Options, url: Url, limit: u64) -> &'static str {
    let error = get(options, url, limit).await.unwrap_err();
    error.code().as_str()
}

#[test]
fn builds_nothing_before_the_first_request() {
    let client = Client::new(options());
    assert!(client.inner.plain.get().is_none());
    assert!(client.inner.secure.get().is_none());
}

#[tokio::test]
async fn plain_requests_need_no_certificate_store() {
    let server = server();
    let client = Client::new(options());
    let request = Request::new(Method::GET, url(&server, "/x"));
    assert_eq!(client.exchange(&request, 1000).await.unwrap().status, 404);
    assert!(client.inner.secure.get().is_none());
}

#[tokio::test]
async fn refuses_plain_http_to_another_machine() {
    let url: Url = "http://user:secret@192.0.2.1/x?token=secret"
        .parse()
        .unwrap();
    let error = get(options(), url, 10).await.unwrap_err();
    assert_eq!(error.code().as_str(), "net.insecure-refused");
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn repeats_while_the_server_is_busy() {
    for status in [429, 502, 503, 504] {
        let server = server();
        server.fail("GET", "/x", 2, answer(status, &[("Retry-After", "0")]));
        let answer = get(options(), url(&server, "/x"), 1000).await.unwrap();
        assert_eq!((answer.status.as_u16(), server.requests().len()), (404, 3));
    }
}

#[tokio::test]
async fn hands_over_the_last_busy_answer() {
    let server = server();
    server.fail("GET", "/x", 100, answer(503, &[]));
    let answer = get(options(), url(&server, "/x"), 1000).await.unwrap();
    assert_eq!(answer.status, 503);
    assert_eq!(server.requests().len(), 1 + options().max_retries);
}

#[tokio::test]
async fn does_not_wait_beyond_its_deadline() {
    let server = server();
    server.fail("GET", "/x", 100, answer(429, &[("Retry-After", "3600")]));
    let answer = get(options(), url(&server, "/x"), 1000).await.unwrap();
    assert_eq!((answer.status.as_u16(), server.requests().len()), (429, 1));
}

/// What an attempt comes to, in how much time.
type Scripted = (Duration, Result<u16, Failure<u16>>);

fn busy(status: u16) -> Result<u16, Failure<u16>> {
    Err(Failure::Busy {
        answer: status,
        after: None,
    })
}

/// Lets attempts come to what is scripted for them within 10 s, one after the other, and further
/// ones to nothing at all. Time is not the system's: it passes when everybody waits.
async fn scripted(attempts: Vec<Scripted>) -> (Result<(u16, bool), &'static str>, u128) {
    let client = Client::new(Options {
        max_retries: 10,
        retry_wait: Duration::from_secs(1),
        ..Options::default()
    });
    let request = Request::new(Method::GET, "http://localhost/x".parse().unwrap());
    let start = Instant::now();
    let allowed = Duration::from_secs(10);
    let mut attempts = attempts.into_iter();
    let outcome = client
        .repeated(&request, start + allowed, allowed, || {
            let next = attempts.next();
            async {
                let Some((takes, outcome)) = next else {
                    return std::future::pending().await;
                };
                tokio::time::sleep(takes).await;
                outcome
            }
        })
        .await
        .map(|outcome| (outcome.answer, outcome.out_of_time == Some(allowed)))
        .map_err(|error| error.code().as_str());
    (outcome, start.elapsed().as_secs().into())
}

#[tokio::test(start_paused = true)]
async fn a_refusal_stands_when_no_better_answer_comes_in_time() {
    let now = Duration::ZERO;
    for status in [429, 503] {
        let (outcome, seconds) = scripted(vec![(now, busy(status))]).await;
        assert_eq!((outcome, seconds), (Ok((status, true)), 10));
    }
    let slow = (Duration::from_secs(60), Ok(200));
    let (outcome, seconds) = scripted(vec![(now, busy(503)), (now, busy(429)), slow]).await;
    assert_eq!((outcome, seconds), (Ok((429, true)), 10));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_stands_when_a_repetition_falls_silent() {
    let silent = Failure::from_error(Error::Timeout {
        url: ShownUrl::from_text("http://localhost/x"),
        after: Duration::from_secs(1),
    });
    let attempts = vec![(Duration::ZERO, busy(429)), (Duration::ZERO, Err(silent))];
    assert_eq!(scripted(attempts).await.0, Ok((429, true)));
}

#[tokio::test(start_paused = true)]
async fn a_better_answer_replaces_a_refusal() {
    let attempts = vec![(Duration::ZERO, busy(429)), (Duration::ZERO, Ok(200))];
    assert_eq!(scripted(attempts).await.0, Ok((200, false)));
    let attempts = vec![(Duration::ZERO, busy(429)), (Duration::ZERO, Ok(404))];
    assert_eq!(scripted(attempts).await.0, Ok((404, false)));
}

#[tokio::test(start_paused = true)]
async fn silence_alone_is_a_timeout() {
    assert_eq!(scripted(Vec::new()).await, (Err("net.timeout"), 10));
    let slow = vec![(Duration::from_secs(60), busy(429))];
    assert_eq!(scripted(slow).await, (Err("net.timeout"), 10));
}

#[tokio::test(start_paused = true)]
async fn does_not_wait_for_a_repetition_past_the_deadline() {
    let asks = |seconds| {
        Err(Failure::Busy {
            answer: 429,
            after: Some(Duration::from_secs(seconds)),
        })
    };
    let (outcome, seconds) = scripted(vec![(Duration::from_secs(4), asks(6))]).await;
    assert_eq!((outcome, seconds), (Ok((429, true)), 4));
    let late = vec![(Duration::from_millis(9_900), asks(0))];
    assert_eq!(scripted(late).await.0, Ok((429, true)));
}

#[tokio::test]
async fn tells_a_refusal_for_want_of_time_from_the_last_of_many() {
    let server = server();
    server.fail("GET", "/x", 100, answer(429, &[("Retry-After", "3600")]));
    let refused = get(options(), url(&server, "/x"), 1000).await.unwrap();
    assert_eq!(refused.out_of_time, Some(options().timeout));
    let server = self::server();
    server.fail("GET", "/x", 100, answer(429, &[]));
    let refused = get(options(), url(&server, "/x"), 1000).await.unwrap();
    assert_eq!(refused.out_of_time, None);
}

#[tokio::test]
async fn does_not_repeat_what_must_not_be() {
    let server = server();
    server.fail("POST", "/x", 100, answer(503, &[]));
    let request = Request::new(Method::POST, url(&server, "/x"));
    let client = Client::new(options());
    assert_eq!(client.exchange(&request, 1000).await.unwrap().status, 503);
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn reports_a_server_that_never_answers() {
    let server = server();
    server.fail("GET", "/x", 100, FaultKind::Hang);
    let options = Options {
        timeout: Duration::from_millis(100),
        ..options()
    };
    assert_eq!(code(options, url(&server, "/x"), 1000).await, "net.timeout");
}

#[tokio::test]
async fn reports_a_server_that_falls_silent() {
    let server = server();
    server.fail("GET", "/x", 100, FaultKind::Hang);
    let options = Options {
        idle_timeout: Duration::from_millis(50),
        max_retries: 0,
        ..options()
    };
    assert_eq!(code(options, url(&server, "/x"), 1000).await, "net.timeout");
}

#[tokio::test]
async fn asks_a_silent_server_again_when_it_may() {
    let server = server();
    server.fail("GET", "/x", 2, FaultKind::Hang);
    let options = Options {
        idle_timeout: Duration::from_millis(50),
        retry_wait: Duration::from_millis(1),
        ..Options::until(Duration::from_secs(20))
    };
    let answer = get(options, url(&server, "/x"), 1000).await.unwrap();
    assert_eq!((answer.status.as_u16(), server.requests().len()), (404, 3));
}

#[tokio::test]
async fn rides_out_an_outage_of_any_length_until_time_is_up() {
    let server = server();
    server.fail("GET", "/x", 20, answer(503, &[("Retry-After", "0")]));
    let options = Options {
        retry_wait: Duration::from_nanos(1),
        ..Options::until(Duration::from_secs(20))
    };
    let answer = get(options, url(&server, "/x"), 1000).await.unwrap();
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn repeats_a_broken_answer_and_reports_it_at_last() {
    let server = server();
    server.fail("GET", "/x", 1, FaultKind::Truncate(3));
    let answer = get(options(), url(&server, "/x"), 1000).await.unwrap();
    assert_eq!((answer.status.as_u16(), server.requests().len()), (404, 2));
    server.fail("GET", "/x", 100, FaultKind::Truncate(3));
    assert_eq!(
        code(options(), url(&server, "/x"), 1000).await,
        "net.interrupted"
    );
}

#[tokio::test]
async fn refuses_an_answer_that_is_too_large() {
    let server = server();
    server.fail("GET", "/x", 100, answer(200, &[]));
    assert!(get(options(), url(&server, "/x"), 4).await.is_ok());
    assert_eq!(
        code(options(), url(&server, "/x"), 3).await,
        "net.answer-too-large"
    );
}

#[tokio::test]
async fn reports_a_closed_port() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(
        code(options(), url.parse().unwrap(), 10).await,
        "net.unreachable"
    );
}

#[tokio::test]
async fn reports_a_client_that_cannot_be_made() {
    let server = server();
    let options = Options {
        user_agent: "two\nlines".to_owned(),
        ..options()
    };
    assert_eq!(
        code(options, url(&server, "/x"), 10).await,
        "net.client-unavailable"
    );
}

#[tokio::test]
async fn follows_redirects_and_keeps_credentials_at_home() {
    let access = Access::Basic("user".to_owned(), "secret".to_owned());
    let authorization = HeaderValue::from_static("Basic dXNlcjpzZWNyZXQ=");
    let digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let path = format!("/v2/a/blobs/{digest}");
    let status = async |from: &FakeRegistry, to: &FakeRegistry| {
        let there = url(to, &path).to_string();
        from.fail("GET", "/start", 1, answer(307, &[("Location", &there)]));
        let request = Request::new(Method::GET, url(from, "/start"))
            .header(header::AUTHORIZATION, authorization.clone());
        let answer = Client::new(options()).exchange(&request, 1000).await;
        answer.unwrap().status.as_u16()
    };
    let one = FakeRegistry::start(Referrers::None, access.clone());
    let other = FakeRegistry::start(Referrers::None, access);
    one.put_blob("a", b"{}");
    other.put_blob("a", b"{}");
    assert_eq!(status(&one, &one).await, 200);
    assert_eq!(status(&one, &other).await, 401);
}

#[tokio::test]
async fn refuses_redirects_that_lead_astray() {
    let server = server();
    for (location, times) in [
        ("http://192.0.2.1/", 1),
        ("file:///etc/passwd", 1),
        ("/loop", 100),
        ("http://", 1),
    ] {
        server.fail(
            "GET",
            "/loop",
            times,
            answer(302, &[("Location", location)]),
        );
        assert_eq!(
            code(options(), url(&server, "/loop"), 10).await,
            "net.redirect-refused",
            "{location}"
        );
    }
}

#[tokio::test]
async fn leaves_bytes_as_they_were_sent() {
    let server = server();
    let encoded = answer(200, &[("Content-Encoding", "gzip")]);
    server.fail("GET", "/x", 1, encoded);
    let answer = get(options(), url(&server, "/x"), 1000).await.unwrap();
    assert_eq!(answer.body.as_ref(), b"body");
}

#[tokio::test]
async fn hands_over_a_download_piece_by_piece() {
    let server = server();
    let content = vec![7; 1 << 20];
    let digest = server.put_blob("a", &content);
    let url = url(&server, &format!("/v2/a/blobs/{digest}"));
    let client = Client::new(options());
    let request = Request::new(Method::GET, url);
    let mut download = client.download(&request).await.unwrap();
    let mut received = Vec::new();
    while let Some(chunk) = download.chunk().await.unwrap() {
        received.extend_from_slice(&chunk);
    }
    assert_eq!(received, content);
    server.fail("GET", "/v2/a", 1, FaultKind::Truncate(1000));
    let mut download = client.download(&request).await.unwrap();
    let error = loop {
        match download.chunk().await {
            Ok(chunk) => assert!(chunk.is_some()),
            Err(error) => break error,
        }
    };
    assert_eq!(error.code().as_str(), "net.interrupted");
}
