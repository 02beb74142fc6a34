use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use gix::bstr::BString;
use gix::objs::Tree;
use gix::objs::tree::Entry;
use gix::objs::tree::EntryKind;
use gix::refs::transaction::PreviousValue;
use sealwright_core::Diagnostic as _;
use tempfile::TempDir;

use super::*;

#[test]
fn says_commit_branch_time_and_that_nothing_changed() {
    let example = Example::new();
    let found = example.describe();
    assert_eq!(found.commit, example.commit.to_string());
    assert_eq!(found.reference.as_deref(), Some("refs/heads/main"));
    assert_eq!(
        found.committed_on,
        Some(Timestamp::from_seconds(1_700_000_000))
    );
    assert_eq!(found.work_tree, WorkTree::Clean);
    assert_eq!(found.repository, None);
    let root = found.root.unwrap();
    assert_eq!(
        root.canonicalize().unwrap(),
        example.path(".").canonicalize().unwrap()
    );
}

#[test]
fn finds_the_repository_from_a_file_below_it() {
    let example = Example::new();
    let found = describe(&example.path("bin/run"), Options::default()).unwrap();
    assert_eq!(found.unwrap().commit, example.commit.to_string());
}

#[test]
fn there_may_be_no_repository_or_no_commit() {
    let place = TempDir::new().unwrap();
    assert_eq!(describe(place.path(), Options::default()).unwrap(), None);
    init(place.path());
    assert_eq!(describe(place.path(), Options::default()).unwrap(), None);
}

#[test]
fn each_kind_of_change_to_a_tracked_file_counts() {
    let after = |change: &dyn Fn(&Example)| {
        let example = Example::new();
        change(&example);
        example.describe().work_tree
    };
    let mode = |path: PathBuf, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    assert_eq!(
        after(&|e| fs::write(e.path("a"), "longer content").unwrap()),
        WorkTree::Modified
    );
    assert_eq!(
        after(&|e| fs::write(e.path("a"), "othe").unwrap()),
        WorkTree::Modified
    );
    assert_eq!(
        after(&|e| fs::remove_file(e.path("a")).unwrap()),
        WorkTree::Modified
    );
    assert_eq!(
        after(&|e| mode(e.path("bin/run"), 0o644)),
        WorkTree::Modified
    );
    assert_eq!(
        after(&|e| {
            fs::remove_file(e.path("a")).unwrap();
            std::os::unix::fs::symlink("bin/run", e.path("a")).unwrap();
        }),
        WorkTree::Modified
    );
    // An index that no longer is the commit's tree: something was staged.
    assert_eq!(
        after(&|e| e.write_index(&[("a", "text", EntryKind::Blob)])),
        WorkTree::Modified
    );
}

#[test]
fn untracked_files_and_times_do_not_count() {
    let example = Example::new();
    fs::write(example.path("new"), "x").unwrap();
    let file = fs::File::open(example.path("a")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(example.describe().work_tree, WorkTree::Clean);
}

#[test]
fn nobody_looks_when_told_not_to() {
    let options = Options {
        work_tree: WorkTreeCheck::Skip,
        ..Options::default()
    };
    let example = Example::new();
    let found = describe(&example.path("."), options).unwrap().unwrap();
    assert_eq!(found.work_tree, WorkTree::Unknown);
}

#[test]
fn a_configured_filter_is_never_run() {
    let example = Example::new();
    let trace = example.path("trace");
    let touch = format!("touch {}; cat", trace.display());
    example.configure(&format!(
        "[filter \"evil\"]\n clean = {touch}\n smudge = {touch}\n process = {touch}\n required = true\n\
         [core]\n fsmonitor = {touch}\n hooksPath = {}\n",
        example.path(".").display()
    ));
    example.commit(&[
        (".gitattributes", "*.big filter=evil\n", EntryKind::Blob),
        ("x.big", "stored", EntryKind::Blob),
        ("a", "text", EntryKind::Blob),
    ]);
    assert_eq!(example.describe().work_tree, WorkTree::Clean);
    fs::write(example.path("x.big"), "edited").unwrap();
    // Only the filter could tell whether this is a change.
    assert_eq!(example.describe().work_tree, WorkTree::Unknown);
    fs::write(example.path("a"), "edited").unwrap();
    assert_eq!(example.describe().work_tree, WorkTree::Modified);
    assert!(!trace.exists());
}

#[test]
fn configuration_outside_the_repository_is_not_included() {
    let example = Example::new();
    let outside = TempDir::new().unwrap();
    let path = outside.path().join("config");
    fs::write(
        &path,
        "[remote \"origin\"]\n url = https://evil.example/o/r\n",
    )
    .unwrap();
    example.configure(&format!("[include]\n path = {}\n", path.display()));
    assert_eq!(example.describe().repository, None);
}

#[test]
fn the_remote_is_named_without_credentials_or_local_paths() {
    let check = |config: &str, wanted: Option<&str>| {
        let example = Example::new();
        example.configure(config);
        let found = example.describe().repository;
        assert_eq!(
            found.as_ref().map(RepositoryUrl::as_str),
            wanted,
            "{config}"
        );
    };
    check(
        "[remote \"origin\"]\n url = https://user:token@h.example/o/r.git\n",
        Some("https://h.example/o/r.git"),
    );
    check(
        "[remote \"up\"]\n url = git@h.example:o/r\n",
        Some("ssh://git@h.example/o/r"),
    );
    check("[remote \"origin\"]\n url = /srv/secret/project\n", None);
    check(
        "[remote \"a\"]\n url = https://a.example/r\n[remote \"b\"]\n url = https://b.example/r\n",
        None,
    );
    check(
        "[remote \"a\"]\n url = https://a.example/r\n[remote \"origin\"]\n url = https://b.example/r\n",
        Some("https://b.example/r"),
    );
}

#[test]
fn a_detached_head_is_named_by_its_tag() {
    let example = Example::new();
    fs::write(example.path(".git/HEAD"), format!("{}\n", example.commit)).unwrap();
    assert_eq!(example.describe().reference, None);
    example
        .repository
        .tag_reference("v1.0", example.commit, PreviousValue::MustNotExist)
        .unwrap();
    assert_eq!(
        example.describe().reference.as_deref(),
        Some("refs/tags/v1.0")
    );
}

#[test]
fn damage_is_an_error_and_never_clean() {
    let damaged = |path: &str, content: &str| {
        let example = Example::new();
        fs::write(example.path(path), content).unwrap();
        match describe(&example.path("."), Options::default()) {
            Ok(found) => Ok(found.unwrap().work_tree),
            Err(error) => Err(error.code().as_str()),
        }
    };
    assert_eq!(
        damaged(".git/HEAD", "junk"),
        Err("git.unreadable-repository")
    );
    assert_eq!(
        damaged(".git/config", "junk ["),
        Err("git.unreadable-repository")
    );
    assert_eq!(damaged(".git/index", "junk"), Ok(WorkTree::Unknown));
    let gone = format!("{:040}\n", 1);
    assert_eq!(
        damaged(".git/refs/heads/main", &gone),
        Err("git.unreadable-repository")
    );
}

#[test]
fn a_pipe_in_place_of_a_file_is_an_error_and_nobody_waits_for_it() {
    let piped = |path: &str| {
        let example = Example::new();
        let path = example.path(path);
        let _ = fs::remove_file(&path);
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        match describe(&example.path("."), Options::default()) {
            Ok(_) => panic!("{} was not noticed", path.display()),
            Err(error) => error.code().as_str(),
        }
    };
    for path in [
        ".git/HEAD",
        ".git/config",
        ".git/index",
        ".git/refs/heads/main",
    ] {
        assert_eq!(piped(path), "git.unreadable-repository", "{path}");
    }
    let linked = tempfile::tempdir().unwrap();
    let example = Example::new();
    let pointer = format!("gitdir: {}\n", example.path(".git").display());
    fs::write(linked.path().join(".git"), pointer).unwrap();
    assert!(pipes::find(linked.path()).is_none());
    let (head, mode) = (example.path(".git/HEAD"), rustix::fs::Mode::RUSR);
    fs::remove_file(&head).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &head, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    assert_eq!(pipes::find(linked.path()), Some(head));
}

#[test]
fn another_users_repository_does_not_count_unless_asked_for() {
    let example = Example::new();
    if std::os::unix::fs::chown(example.path(".git"), Some(12_345), None).is_err() {
        eprintln!("skipped: only root can give files away");
        return;
    }
    let error = describe(&example.path("."), Options::default()).unwrap_err();
    assert_eq!(error.code().as_str(), "git.foreign-repository");
    let options = Options {
        ownership: Ownership::Anyone,
        ..Options::default()
    };
    let found = describe(&example.path("."), options).unwrap().unwrap();
    assert_eq!(found.commit, example.commit.to_string());
}

#[test]
fn a_submodule_counts_by_its_commit() {
    let example = Example::new();
    let inner = Example::at(example.path("sub"));
    let gitmodules = "[submodule \"sub\"]\n path = sub\n url = ./sub\n";
    let place = |commit: &str| {
        example.commit(&[
            (".gitmodules", gitmodules, EntryKind::Blob),
            ("sub", commit, EntryKind::Commit),
        ]);
        example.describe().work_tree
    };
    assert_eq!(place(&inner.commit.to_string()), WorkTree::Clean);
    assert_eq!(place(&format!("{:040}", 1)), WorkTree::Modified);
    fs::remove_dir_all(example.path("sub/.git")).unwrap();
    assert_eq!(example.describe().work_tree, WorkTree::Clean);
}

/// A repository with one commit, made without Git.
struct Example {
    root: PathBuf,
    repository: gix::Repository,
    commit: gix::ObjectId,
    _place: Option<TempDir>,
}

impl Example {
    fn new() -> Self {
        let place = TempDir::new().unwrap();
        let mut example = Self::at(place.path().to_owned());
        example._place = Some(place);
        example
    }

    fn at(root: PathBuf) -> Self {
        let mut example = Self {
            repository: init(&root),
            root,
            commit: gix::ObjectId::null(gix::hash::Kind::Sha1),
            _place: None,
        };
        example.commit = example.commit(&[
            ("a", "text", EntryKind::Blob),
            ("bin/run", "#!/bin/sh\n", EntryKind::BlobExecutable),
        ]);
        example
    }

    fn path(&self, inner: &str) -> PathBuf {
        self.root.join(inner)
    }

    fn describe(&self) -> Description {
        describe(&self.root, Options::default()).unwrap().unwrap()
    }

    fn configure(&self, more: &str) {
        let path = self.path(".git/config");
        let config = fs::read_to_string(&path).unwrap();
        fs::write(path, format!("{config}\n{more}")).unwrap();
    }

    /// Writes files, an index and a commit of exactly them.
    fn commit(&self, files: &[(&str, &str, EntryKind)]) -> gix::ObjectId {
        for (name, content, kind) in files {
            let path = self.path(name);
            if *kind == EntryKind::Commit {
                continue;
            }
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            let mode = if *kind == EntryKind::BlobExecutable {
                0o755
            } else {
                0o644
            };
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        self.write_index(files);
        let signature = gix::actor::SignatureRef {
            name: "Test".into(),
            email: "test@example.com".into(),
            time: "1700000000 +0200",
        };
        let _ = fs::remove_file(self.path(".git/refs/heads/main"));
        let no_parents: [gix::ObjectId; 0] = [];
        let tree = self.write_tree("", files);
        let commit = self.repository.commit_as(
            signature,
            signature,
            "refs/heads/main",
            "x",
            tree,
            no_parents,
        );
        commit.unwrap().detach()
    }

    fn write_index(&self, files: &[(&str, &str, EntryKind)]) {
        let tree = self.write_tree("", files);
        let mut index = self.repository.index_from_tree(&tree).unwrap();
        index.write(gix::index::write::Options::default()).unwrap();
    }

    fn write_tree(&self, prefix: &str, files: &[(&str, &str, EntryKind)]) -> gix::ObjectId {
        let mut entries = std::collections::BTreeMap::<BString, Entry>::new();
        for (path, content, kind) in files {
            let Some(rest) = path.strip_prefix(prefix) else {
                continue;
            };
            let (name, oid, kind) = match rest.split_once('/') {
                Some((directory, _)) => {
                    let inner = self.write_tree(&format!("{prefix}{directory}/"), files);
                    (directory, inner, EntryKind::Tree)
                }
                None if *kind == EntryKind::Commit => (
                    rest,
                    gix::ObjectId::from_hex(content.as_bytes()).unwrap(),
                    *kind,
                ),
                None => (
                    rest,
                    self.repository.write_blob(content).unwrap().detach(),
                    *kind,
                ),
            };
            let filename = BString::from(name);
            let mode = kind.into();
            entries.insert(
                filename.clone(),
                Entry {
                    mode,
                    filename,
                    oid,
                },
            );
        }
        let entries = entries.into_values().collect();
        self.repository
            .write_object(Tree { entries })
            .unwrap()
            .detach()
    }
}

fn init(path: &Path) -> gix::Repository {
    let repository = gix::ThreadSafeRepository::init_opts(
        path,
        gix::create::Kind::WithWorktree,
        gix::create::Options::default(),
        gix::open::Options::isolated(),
    );
    repository.unwrap().to_thread_local()
}
