//! A server on loopback that gives the answers a test wrote down, one after the other, and keeps the
//! requests with headers and bodies.

#![expect(
    clippy::expect_used,
    reason = "a test server that cannot go on must say so"
)]

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use url::Url;

/// What comes back.
pub enum Reply {
    /// Status, headers, body.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// What is made of the request.
    Made(Box<dyn FnOnce(&Seen) -> Self + Send>),
    /// The connection is closed without a word.
    Close,
    /// Nothing, for as long as the server lives.
    Silence,
}

impl Reply {
    /// An answer.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer(status, Vec::new(), body.into())
    }

    /// The answer with one header more.
    #[must_use]
    pub fn header(self, name: &'static str, value: &str) -> Self {
        match self {
            Self::Answer(status, mut headers, body) => {
                headers.push((name, value.to_owned()));
                Self::Answer(status, headers, body)
            }
            other => other,
        }
    }
}

/// What was asked.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `GET /path?query`
    pub line: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Seen {
    /// A header by its lower-case name; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the request is JSON")
    }
}

/// The server.
pub struct Stub {
    address: std::net::SocketAddr,
    ended: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<Seen>>>,
    thread: Option<JoinHandle<()>>,
}

impl Stub {
    /// Starts it; after the last reply it answers 599.
    pub fn start(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let ended = Arc::new(AtomicBool::new(false));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (over, log) = (Arc::clone(&ended), Arc::clone(&seen));
        let thread = std::thread::spawn(move || {
            let mut silent = Vec::new();
            let mut replies = replies.into_iter();
            for stream in listener.incoming() {
                if over.load(Ordering::SeqCst) {
                    break;
                }
                let Ok(stream) = stream else { continue };
                let Some(request) = read(&stream) else {
                    continue;
                };
                let reply = match replies.next() {
                    Some(Reply::Made(make)) => Some(make(&request)),
                    other => other,
                };
                log.lock().expect("no thread panicked").push(request);
                match reply {
                    Some(Reply::Answer(status, headers, body)) => {
                        answer(&stream, status, &headers, &body);
                    }
                    Some(Reply::Silence) => silent.push(stream),
                    Some(Reply::Close | Reply::Made(_)) => {}
                    None => answer(&stream, 599, &[], b"no reply is left"),
                }
            }
        });
        Self {
            address,
            ended,
            seen,
            thread: Some(thread),
        }
    }

    /// A URL of it.
    pub fn url(&self, path: &str) -> Url {
        format!("http://{}{path}", self.address)
            .parse()
            .expect("an address and a path are a URL")
    }

    /// What was asked so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no thread panicked").clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the acceptor, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let line = line.trim_end().strip_suffix(" HTTP/1.1")?.to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let mut seen = Seen {
        line,
        headers,
        body: Vec::new(),
    };
    let length: usize = seen.header("content-length").parse().unwrap_or(0);
    seen.body.resize(length, 0);
    reader.read_exact(&mut seen.body).ok()?;
    Some(seen)
}

fn answer(mut stream: &TcpStream, status: u16, headers: &[(&str, String)], body: &[u8]) {
    let mut head = format!("HTTP/1.1 {status} x\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}
