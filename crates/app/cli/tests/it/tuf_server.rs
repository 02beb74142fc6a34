//! A TUF repository on loopback.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::Receiver;
use std::sync::mpsc::Sender;
use std::sync::mpsc::channel;

use sealwright_core::Timestamp;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_tuf::editor::CurrentMetadata;
use sealwright_tuf::editor::Editor;
use sealwright_tuf::editor::Lifetimes;
use sealwright_tuf::editor::TopLevelRole;

/// What is served, by path.
pub(crate) type Files = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// A repository that expires when none of us is there any more.
pub(crate) struct TufServer {
    pub(crate) url: String,
    pub(crate) files: Files,
    key: SigningKey,
    stop: Stop,
}

/// The file that is asked for and not answered, and who hears of that.
type Stop = Arc<Mutex<Option<(String, Sender<()>)>>>;

impl TufServer {
    pub(crate) fn new(targets: &[(&str, &[u8])]) -> Self {
        let key = SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap();
        let mut editor = Editor::create();
        for role in [
            TopLevelRole::Root,
            TopLevelRole::Targets,
            TopLevelRole::Snapshot,
            TopLevelRole::Timestamp,
        ] {
            editor.set_keys(role, &[key.public_key()], 1).unwrap();
        }
        for (path, bytes) in targets {
            editor.set_target(path, bytes.to_vec(), None);
        }
        let (files, stop) = (Files::default(), Stop::default());
        let server = Self {
            url: serve(Arc::clone(&files), Arc::clone(&stop)),
            files,
            key,
            stop,
        };
        server.publish(editor, CENTURY);
        server
    }

    /// Publishes with a timestamp that is valid so long.
    pub(crate) fn publish(&self, editor: Editor, timestamp: i64) {
        let lifetimes = Lifetimes {
            root: CENTURY,
            targets: CENTURY,
            snapshot: CENTURY,
            timestamp,
        };
        let published = editor.publish(&[&self.key], lifetimes, MADE).unwrap();
        let entry = |file: sealwright_tuf::editor::PublishedFile| (file.path, file.bytes);
        self.files
            .lock()
            .unwrap()
            .extend(published.into_iter().map(entry));
    }

    /// Leaves the next one who asks for a file without an answer, and says when that has come.
    pub(crate) fn stop_at(&self, path: &str) -> Receiver<()> {
        let (sender, receiver) = channel();
        *self.stop.lock().unwrap() = Some((path.to_owned(), sender));
        receiver
    }

    pub(crate) fn edit(&self) -> Editor {
        let newest = |role: &str| {
            let path = |version: &i32| format!("{version}.{role}.json");
            let there = |version: &i32| self.files.lock().unwrap().contains_key(&path(version));
            self.file(&path(&(1..).take_while(there).last().unwrap()))
        };
        Editor::open(CurrentMetadata {
            root: &self.file("root.json"),
            targets: &newest("targets"),
            snapshot: &newest("snapshot"),
            timestamp: &self.file("timestamp.json"),
        })
        .unwrap()
    }

    pub(crate) fn file(&self, path: &str) -> Vec<u8> {
        self.files.lock().unwrap()[path].clone()
    }

    /// Writes it all below a directory.
    pub(crate) fn copy_to(&self, directory: &Path) {
        for (path, bytes) in self.files.lock().unwrap().iter() {
            let path = directory.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
}

/// Serves files until the process ends.
fn serve(files: Files, stop: Stop) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut unanswered = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
                head.extend(byte);
            }
            let head = String::from_utf8(head).unwrap();
            let path = head
                .split(' ')
                .nth(1)
                .unwrap_or("/")
                .trim_start_matches('/');
            if let Some((_, heard)) = stop.lock().unwrap().take_if(|(at, _)| at == path) {
                unanswered.push(stream);
                heard.send(()).unwrap();
                continue;
            }
            let file = files.lock().unwrap().get(path).cloned();
            let status = match &file {
                Some(file) if file.is_empty() => "410 Gone",
                Some(_) => "200 OK",
                None => "404 Not Found",
            };
            let body = file.unwrap_or_default();
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
            );
            let _ = stream.write_all(&body);
        }
    });
    url
}

const MADE: Timestamp = Timestamp::from_seconds(1_750_000_000);
/// In seconds.
pub(crate) const CENTURY: i64 = 100 * 365 * 24 * 60 * 60;
