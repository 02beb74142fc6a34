//! A Workload API of a few lines on a socket: HTTP/2 and two messages, framed by hand.

use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderValue;
use http::Response;
use tokio::net::UnixListener;

use super::*;

/// What it is, is looked at by others.
const TOKEN: &str = "eyJhbGciOiJub25lIn0.e30.c2lnbmF0dXJl";

/// What the stub does.
#[derive(Clone, Copy)]
enum Answer {
    /// Gives a token.
    Token,
    /// Says that there is none for whoever asks (gRPC status 7).
    Denied,
    /// Gives an answer without any.
    Empty,
    /// Gives bytes that are no answer.
    Garbage,
    /// Says nothing.
    Silence,
}

/// What it was asked: path, whether the header was there that keeps others out, and the message.
type Heard = Arc<Mutex<Vec<(String, bool, Vec<u8>)>>>;

fn serve(path: &Path, answer: Answer) -> Heard {
    let listener = UnixListener::bind(path).unwrap();
    let heard = Heard::default();
    let told = Arc::clone(&heard);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let told = Arc::clone(&told);
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, respond))) = connection.accept().await {
                    tokio::spawn(exchange(request, respond, answer, Arc::clone(&told)));
                }
            });
        }
    });
    heard
}

async fn exchange(
    request: http::Request<h2::RecvStream>,
    mut respond: h2::server::SendResponse<Bytes>,
    answer: Answer,
    heard: Heard,
) {
    let path = request.uri().path().to_owned();
    let header = request.headers().get("workload.spiffe.io");
    let guarded = header.is_some_and(|value| value == "true");
    let mut body = request.into_body();
    let mut message = Vec::new();
    while let Some(Ok(data)) = body.data().await {
        message.extend_from_slice(&data);
    }
    heard.lock().unwrap().push((path, guarded, message));
    let svid = [
        field(1, b"spiffe://example.org/job"),
        field(2, TOKEN.as_bytes()),
    ]
    .concat();
    let (message, status) = match answer {
        Answer::Token => (framed(&field(1, &svid)), "0"),
        Answer::Denied => (Vec::new(), "7"),
        Answer::Empty => (framed(&[]), "0"),
        Answer::Garbage => (framed(b"\xff\xff\xff"), "0"),
        Answer::Silence => return std::future::pending().await,
    };
    let mut head = Response::new(());
    let grpc = HeaderValue::from_static("application/grpc");
    head.headers_mut().insert("content-type", grpc);
    let mut stream = respond.send_response(head, false).unwrap();
    stream.send_data(Bytes::from(message), false).unwrap();
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(status));
    stream.send_trailers(trailers).unwrap();
}

/// A field of a message that holds bytes.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut length = value.len();
    let mut bytes = vec![number << 3 | 2];
    while length >= 0x80 {
        bytes.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
        length >>= 7;
    }
    bytes.push(u8::try_from(length).unwrap());
    [&bytes, value].concat()
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], &length[..], message].concat()
}

async fn ask(endpoint: &str) -> Result<String, String> {
    let asked = token(endpoint, "sigstore", Duration::from_millis(500)).await;
    asked.map(|token| (*token).clone())
}

#[tokio::test]
async fn a_workload_api_gives_a_token() {
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("agent.sock");
    let heard = serve(&socket, Answer::Token);
    for scheme in ["unix:", "unix://"] {
        let asked = ask(&format!("{scheme}{}", socket.display())).await;
        assert_eq!(asked.unwrap(), TOKEN);
        let request = framed(&field(1, b"sigstore"));
        let wanted = ("/SpiffeWorkloadAPI/FetchJWTSVID".to_owned(), true, request);
        assert_eq!(heard.lock().unwrap().pop().unwrap(), wanted);
    }
}

#[tokio::test]
async fn a_workload_api_that_gives_none_is_a_failure() {
    let home = tempfile::tempdir().unwrap();
    for (name, answer, wanted) in [
        ("denied", Answer::Denied, ""),
        ("empty", Answer::Empty, ""),
        ("garbage", Answer::Garbage, ""),
        ("silence", Answer::Silence, "no answer within"),
    ] {
        let socket = home.path().join(name);
        serve(&socket, answer);
        let endpoint = format!("unix://{}", socket.display());
        let reason = ask(&endpoint).await.unwrap_err();
        assert!(reason.contains(wanted), "{name}: {reason}");
    }
    for endpoint in [
        "unix:///nowhere/agent.sock",
        "nowhere",
        "http://127.0.0.1:1",
    ] {
        assert!(ask(endpoint).await.is_err(), "{endpoint}");
    }
}
