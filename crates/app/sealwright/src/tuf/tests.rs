use std::collections::BTreeMap;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;

use sealwright_core::Timestamp;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_slsa::Environment;
use sealwright_testkit::FakeClock;
use sealwright_tuf::editor::CurrentMetadata;
use sealwright_tuf::editor::Editor;
use sealwright_tuf::editor::Lifetimes;
use sealwright_tuf::editor::PublishedFile;
use sealwright_tuf::editor::TopLevelRole;

use super::*;
use crate::Silent;

pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// A web server over a map, which says what it was asked for.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
    key: SigningKey,
}

impl Server {
    /// Serves a repository with one target.
    fn new() -> Self {
        Self::serving(&[("dir/file", b"content")])
    }

    /// Serves a repository with these targets.
    pub(crate) fn serving(targets: &[(&str, &[u8])]) -> Self {
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
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let files = Arc::new(Mutex::new(BTreeMap::new()));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (served, heard) = (Arc::clone(&files), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read(&mut byte).unwrap_or(0) == 0 {
                        break;
                    }
                    head.extend(byte);
                }
                let head = String::from_utf8(head).unwrap();
                let path = head
                    .split(' ')
                    .nth(1)
                    .unwrap_or("/")
                    .trim_start_matches('/');
                heard.lock().unwrap().push(path.to_owned());
                let body = served.lock().unwrap().get(path).cloned();
                let status = match &body {
                    Some(body) if body == b"500" => "500 Internal Server Error",
                    Some(_) => "200 OK",
                    None => "404 Not Found",
                };
                let body: Vec<u8> = body.unwrap_or_default();
                let length = body.len();
                let answer = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(answer.as_bytes());
                let _ = stream.write_all(&body);
            }
        });
        let server = Self {
            url,
            files,
            asked,
            key,
        };
        server.publish(editor);
        server
    }

    pub(crate) fn publish(&self, editor: Editor) {
        let files = editor
            .publish(&[&self.key], Lifetimes::default(), NOW)
            .unwrap();
        let entry = |file: PublishedFile| (file.path, file.bytes);
        self.files
            .lock()
            .unwrap()
            .extend(files.into_iter().map(entry));
    }

    pub(crate) fn edit(&self) -> Editor {
        let newest = |role: &str| {
            let files = self.files.lock().unwrap();
            let path = |version: &i32| format!("{version}.{role}.json");
            let version = (1..).take_while(|version| files.contains_key(&path(version)));
            files[&path(&version.last().unwrap())].clone()
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

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn repository(&self, directory: &Path) -> TufRepository {
        TufRepository {
            directory: directory.to_owned(),
            metadata_url: self.url.clone(),
            shipped_root: None,
        }
    }
}

fn with_context<T>(now: Timestamp, run: impl FnOnce(&Context<'_>) -> T) -> T {
    with_home(Path::new(""), now, run)
}

pub(crate) fn with_home<T>(home: &Path, now: Timestamp, run: impl FnOnce(&Context<'_>) -> T) -> T {
    let clock = FakeClock::at(now);
    let silent = Silent::default();
    run(&Context {
        profile: None,
        home: home.to_owned(),
        clock: &clock,
        user: String::new(),
        docker_config: None,
        variable: &|_| None,
        ci: Environment::from_lookup(|_| None),
        source_date_epoch: None,
        temporary: PathBuf::new(),
        timeout: Duration::from_secs(30),
        progress: &silent,
    })
}

/// Downloads the target, as `repository` and `mode` allow.
fn download(
    repository: &TufRepository,
    server: &Server,
    mode: TufMode,
    now: Timestamp,
) -> Result<Vec<u8>, Failure> {
    with_context(now, |context| {
        let mut session = repository.open(mode, context)?;
        let target = session.find("dir/file")?;
        session.fetch(&target, &format!("{}/targets/", server.url))
    })
}

fn init(repository: &TufRepository, root: &[u8]) {
    with_context(NOW, |context| repository.init(root, context)).unwrap();
}

#[test]
fn what_is_verified_is_kept() {
    let server = Server::new();
    let home = tempfile::tempdir().unwrap();
    let repository = server.repository(&home.path().join("tuf"));
    init(&repository, &server.file("1.root.json"));
    let found = download(&repository, &server, TufMode::Online, NOW).unwrap();
    assert_eq!(found, b"content");
    let asked = server.asked();
    let metadata = [
        "2.root.json",
        "timestamp.json",
        "1.snapshot.json",
        "1.targets.json",
    ];
    assert_eq!(asked.get(..4).unwrap(), metadata);
    for (file, path) in [
        ("timestamp.json", "timestamp.json"),
        ("snapshot.json", "1.snapshot.json"),
        ("targets.json", "1.targets.json"),
    ] {
        let kept = std::fs::read(repository.directory.join(file)).unwrap();
        assert_eq!(kept, server.file(path));
    }
    download(&repository, &server, TufMode::Online, NOW).unwrap();
    assert_eq!(
        server.asked().get(..2).unwrap(),
        ["2.root.json", "timestamp.json"]
    );
}

#[test]
fn offline_the_directory_serves_until_it_expires() {
    let server = Server::new();
    let home = tempfile::tempdir().unwrap();
    let repository = server.repository(&home.path().join("tuf"));
    init(&repository, &server.file("1.root.json"));
    let refresh = |mode, now| {
        with_context(now, |context| {
            let mut session = repository.open(mode, context).unwrap();
            session.find("dir/file").map(|target| target.length())
        })
    };
    let code = |result: Result<u64, Failure>| result.unwrap_err().code().as_str();
    assert_eq!(code(refresh(TufMode::Offline, NOW)), "tuf.missing-metadata");
    assert_eq!(refresh(TufMode::Online, NOW).unwrap(), 7);
    server.asked();
    assert_eq!(refresh(TufMode::Offline, NOW).unwrap(), 7);
    let late = NOW.plus_seconds(8 * 24 * 60 * 60);
    assert_eq!(code(refresh(TufMode::Offline, late)), "tuf.expired");
    assert_eq!(server.asked(), [""; 0]);
}

#[test]
fn a_directory_that_cannot_be_written_is_no_hindrance() {
    let server = Server::new();
    let home = tempfile::tempdir().unwrap();
    // Below a file there is no directory, not even for the superuser.
    let file = home.path().join("file");
    std::fs::write(&file, b"").unwrap();
    let mut repository = server.repository(&file.join("tuf"));
    let failure = download(&repository, &server, TufMode::Online, NOW).unwrap_err();
    assert_eq!(failure.class(), sealwright_core::Class::Undecided);
    repository.shipped_root = Some(server.file("1.root.json"));
    let found = download(&repository, &server, TufMode::Online, NOW).unwrap();
    assert_eq!(found, b"content");
    let read_only = |repository: &TufRepository| {
        let open = |context: &Context<'_>| repository.open(TufMode::Online, context).unwrap();
        with_context(NOW, |context| open(context).is_read_only())
    };
    assert!(read_only(&repository));
    repository.directory = home.path().join("tuf");
    assert!(!read_only(&repository));
}

#[test]
fn a_directory_is_believed_as_far_as_roots_lead_to_it() {
    let server = Server::new();
    let mut editor = server.edit();
    editor.renew(TopLevelRole::Root);
    server.publish(editor);
    let root = |version: i32| server.file(&format!("{version}.root.json"));
    let home = tempfile::tempdir().unwrap();
    let mut repository = server.repository(&home.path().join("tuf"));
    let first_asked = |repository: &TufRepository| {
        download(repository, &server, TufMode::Online, NOW).unwrap();
        server.asked().remove(0)
    };
    repository.shipped_root = Some(root(1));
    assert_eq!(first_asked(&repository), "2.root.json");
    assert_eq!(first_asked(&repository), "3.root.json");
    repository.shipped_root = Some(root(2));
    assert_eq!(first_asked(&repository), "3.root.json");

    // Somebody else's root, which the shipped one does not lead to.
    repository.shipped_root = Some(root(1));
    let other = Server::new();
    let kept = repository.directory.join("roots/2.root.json");
    std::fs::write(&kept, other.file("1.root.json")).unwrap();
    std::fs::write(
        repository.directory.join("root.json"),
        other.file("1.root.json"),
    )
    .unwrap();
    assert_eq!(first_asked(&repository), "2.root.json");
    assert_eq!(std::fs::read(&kept).unwrap(), root(2));

    // Without one, the directory is where trust begins.
    repository.shipped_root = None;
    assert_eq!(first_asked(&repository), "3.root.json");
}

#[test]
fn processes_that_share_a_directory_take_turns() {
    let server = Server::new();
    let home = tempfile::tempdir().unwrap();
    let repository = server.repository(&home.path().join("tuf"));
    init(&repository, &server.file("1.root.json"));
    std::thread::scope(|scope| {
        let run = || download(&repository, &server, TufMode::Online, NOW).unwrap();
        let runs: Vec<_> = (0..6).map(|_| scope.spawn(run)).collect();
        for run in runs {
            assert_eq!(run.join().unwrap(), b"content");
        }
    });
    let asked = server.asked();
    let snapshots = asked.iter().filter(|path| *path == "1.snapshot.json");
    assert_eq!(snapshots.count(), 1);
}

#[test]
fn what_a_server_says_is_told_apart() {
    let server = Server::new();
    let home = tempfile::tempdir().unwrap();
    let mut repository = server.repository(&home.path().join("tuf"));
    init(&repository, &server.file("1.root.json"));
    let code = |repository: &TufRepository| {
        let failure = download(repository, &server, TufMode::Online, NOW).unwrap_err();
        failure.code().as_str()
    };
    let put = |path: &str, bytes: &[u8]| {
        server
            .files
            .lock()
            .unwrap()
            .insert(path.to_owned(), bytes.to_vec());
    };
    put("2.root.json", b"500");
    assert_eq!(code(&repository), "tuf.refused");
    server.files.lock().unwrap().remove("2.root.json");
    let timestamp = server.file("timestamp.json");
    server.files.lock().unwrap().remove("timestamp.json");
    assert_eq!(code(&repository), "tuf.missing-metadata");
    put("timestamp.json", &timestamp);
    let target =
        "targets/dir/ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73.file";
    put(target, b"CONTENT");
    assert_eq!(code(&repository), "tuf.hash-mismatch");
    server.files.lock().unwrap().remove(target).unwrap();
    assert_eq!(code(&repository), "tuf.missing-metadata");
    repository.metadata_url = "no url".to_owned();
    assert_eq!(code(&repository), "usage.invalid-url");
}

#[test]
fn a_root_that_is_none_is_not_put_there() {
    let server = Server::new();
    let home = tempfile::tempdir().unwrap();
    let repository = server.repository(&home.path().join("tuf"));
    let timestamp = server.file("timestamp.json");
    let init = |context: &Context<'_>| repository.init(&timestamp, context);
    let failure = with_context(NOW, init).unwrap_err();
    assert_eq!(failure.code().as_str(), "tuf.wrong-type");
    assert!(!repository.directory.exists());
}
