//! A registry in memory, on loopback, that misbehaves when told to.
//!
//! It speaks as much of OCI distribution-spec v1.1 as clients need, over `std::net` with a thread
//! per connection, so that any test can use it. Faults are injected by method and path.

#![expect(
    clippy::expect_used,
    reason = "a test server that cannot go on must say so"
)]

mod http;
mod routes;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::thread::JoinHandle;

use sealwright_core::Digest;

/// How a registry lists what refers to a manifest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Referrers {
    /// It does not, like Debian's docker-registry: 404 in plain text.
    None,
    /// By the API, in pages of so many; a PUT with a subject is answered with `OCI-Subject`.
    Api {
        /// Entries of a page.
        page: usize,
    },
    /// By the API, but a PUT says nothing, and the configuration's type is listed as the
    /// artifact's: like go-containerregistry's.
    QuietApi,
}

/// Whom a registry lets in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Access {
    /// Everybody.
    Open,
    /// Who sends this user and password.
    Basic(String, String),
    /// Who brings a token from `/token`; anybody gets one to pull, this user one to push.
    Token(String, String),
    /// Who brings a token; only this user gets any.
    PrivateToken(String, String),
    /// As [`Access::PrivateToken`], where a refresh token stands for the user.
    RefreshToken(String),
}

/// Something that goes wrong.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The method it happens to; empty for all.
    pub method: &'static str,
    /// A part of the path it happens to.
    pub path: String,
    /// How often it happens.
    pub times: usize,
    /// What happens.
    pub kind: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub enum FaultKind {
    /// This answer instead of the right one.
    Answer {
        /// Its status.
        status: u16,
        /// Its headers.
        headers: Vec<(&'static str, String)>,
        /// Its body.
        body: Vec<u8>,
    },
    /// The right head with another body.
    Body(Vec<u8>),
    /// The right answer without a header.
    DropHeader(&'static str),
    /// No answer, as long as the registry lives.
    Hang,
    /// The right answer, broken off after so many bytes of body.
    Truncate(usize),
}

impl FaultKind {
    /// An answer with an error as registries write them.
    pub fn error(status: u16, code: &str) -> Self {
        let body = format!(r#"{{"errors":[{{"code":"{code}","message":"injected"}}]}}"#);
        Self::Answer {
            status,
            headers: vec![("Content-Type", "application/json".to_owned())],
            body: body.into_bytes(),
        }
    }
}

/// A registry that runs until it is dropped.
#[derive(Debug)]
pub struct FakeRegistry {
    acceptor: Option<JoinHandle<()>>,
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    access: Access,
    address: SocketAddr,
    referrers: Referrers,
    state: Mutex<State>,
    /// Signalled when the registry ends.
    ended: Condvar,
}

#[derive(Debug, Default)]
struct State {
    blobs: BTreeMap<(String, String), Vec<u8>>,
    connections: Vec<TcpStream>,
    ended: bool,
    faults: Vec<Fault>,
    /// By repository, then digest: media type and bytes.
    manifests: BTreeMap<String, BTreeMap<String, (String, Vec<u8>)>>,
    requests: Vec<String>,
    tags: BTreeMap<(String, String), String>,
    tokens: BTreeMap<String, String>,
    uploads: u64,
}

impl FakeRegistry {
    /// Starts one on a free port of 127.0.0.1.
    pub fn start(referrers: Referrers, access: Access) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared {
            access,
            address,
            referrers,
            state: Mutex::default(),
            ended: Condvar::new(),
        });
        let serving = Arc::clone(&shared);
        let acceptor = std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let mut state = serving.state();
                if state.ended {
                    return;
                }
                state.connections.extend(stream.try_clone());
                drop(state);
                let serving = Arc::clone(&serving);
                std::thread::spawn(move || routes::serve(&serving, &stream));
            }
        });
        Self {
            acceptor: Some(acceptor),
            address,
            shared,
        }
    }

    /// Injects a fault.
    pub fn fail(&self, method: &'static str, path: &str, times: usize, kind: FaultKind) {
        self.shared.state().faults.push(Fault {
            method,
            path: path.to_owned(),
            times,
            kind,
        });
    }

    /// Forgets all injected faults.
    pub fn heal(&self) {
        self.shared.state().faults.clear();
    }

    /// Stores a blob.
    pub fn put_blob(&self, repository: &str, content: &[u8]) -> Digest {
        let digest = Digest::sha256(content);
        let key = (repository.to_owned(), digest.to_string());
        self.shared.state().blobs.insert(key, content.to_vec());
        digest
    }

    /// Stores a manifest, under a tag too if one is given.
    pub fn put_manifest(
        &self,
        repository: &str,
        tag: Option<&str>,
        media_type: &str,
        content: &[u8],
    ) -> Digest {
        let digest = Digest::sha256(content);
        let mut state = self.shared.state();
        state.put_manifest(repository, &digest.to_string(), media_type, content);
        if let Some(tag) = tag {
            let key = (repository.to_owned(), tag.to_owned());
            state.tags.insert(key, digest.to_string());
        }
        digest
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The manifest a tag names.
    pub fn tagged(&self, repository: &str, tag: &str) -> Option<Vec<u8>> {
        let state = self.shared.state();
        let key = (repository.to_owned(), tag.to_owned());
        let digest = state.tags.get(&key)?;
        let (_, bytes) = state.manifests.get(repository)?.get(digest)?;
        Some(bytes.clone())
    }

    /// All requests so far: `GET /v2/…`, with queries.
    pub fn requests(&self) -> Vec<String> {
        self.shared.state().requests.clone()
    }
}

impl Drop for FakeRegistry {
    fn drop(&mut self) {
        let connections = {
            let mut state = self.shared.state();
            state.ended = true;
            std::mem::take(&mut state.connections)
        };
        self.shared.ended.notify_all();
        for connection in connections {
            let _ = connection.shutdown(std::net::Shutdown::Both);
        }
        // Wakes the acceptor, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl State {
    fn put_manifest(&mut self, repository: &str, digest: &str, media_type: &str, content: &[u8]) {
        let value = (media_type.to_owned(), content.to_vec());
        let repository = self.manifests.entry(repository.to_owned()).or_default();
        repository.insert(digest.to_owned(), value);
    }

    /// The next fault of a request, if there is one.
    fn fault(&mut self, method: &str, path: &str) -> Option<FaultKind> {
        let fault = self.faults.iter_mut().find(|fault| {
            fault.times > 0
                && (fault.method.is_empty() || fault.method == method)
                && path.contains(&fault.path)
        })?;
        fault.times -= 1;
        Some(fault.kind.clone())
    }
}
