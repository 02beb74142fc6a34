//! A directory and a data directory of its own for each test, and the binary run in it.

use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

/// A place of its own.
pub(crate) struct Sandbox {
    directory: TempDir,
}

/// Every file below a directory with its bytes, every directory and everything else with none.
pub(crate) type Snapshot = BTreeMap<PathBuf, Vec<u8>>;

/// What one run did.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            directory: TempDir::new().unwrap(),
        }
    }

    /// A path in the working directory.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join("work").join(name)
    }

    /// Writes a file into the working directory.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// The names in the working directory, sorted.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.path(""))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// What stands in the working directory.
    pub(crate) fn work(&self) -> Snapshot {
        snapshot(&self.path(""))
    }

    /// What stands in the working directory and in the data directory.
    pub(crate) fn everything(&self) -> Snapshot {
        snapshot(self.directory.path())
    }

    /// The data directory.
    pub(crate) fn home(&self) -> PathBuf {
        self.directory.path().join("home")
    }

    /// The binary in a clean environment, to be completed.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        std::fs::create_dir_all(self.path("")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_sealwright"));
        command
            .args(arguments)
            .env_clear()
            .env("SEALWRIGHT_HOME", self.home())
            .env("HOME", self.directory.path())
            .env("USER", "tester")
            .current_dir(self.path(""));
        command
    }

    /// Runs the binary to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs the binary as somebody whom permissions stop: they stop neither root nor whoever has
    /// root's capabilities.
    pub(crate) fn run_stoppable(&self, arguments: &[&str]) -> Run {
        let command = self.command(arguments);
        match Stoppable::here() {
            Stoppable::Anyway => self.run(arguments),
            Stoppable::AsNobody => self.run_as_nobody(command),
            Stoppable::Without(wrapper) => Run::of(wrapped(wrapper, &command).output().unwrap()),
        }
    }

    fn run_as_nobody(&self, mut command: Command) -> Run {
        give(self.directory.path()).unwrap();
        match command.uid(NOBODY).gid(NOBODY).output() {
            Ok(output) => Run::of(output),
            // That user cannot reach the build directory.
            Err(_) => {
                let copy = self.directory.path().join("sealwright");
                // By another process: a descriptor that is open for writing here could get into a
                // child of another test, and a file that is being written cannot be run.
                let copied = Command::new("cp")
                    .arg(env!("CARGO_BIN_EXE_sealwright"))
                    .arg(&copy)
                    .status();
                assert!(copied.unwrap().success());
                let mut reachable = Command::new(copy);
                reachable.args(command.get_args()).env_clear();
                for (name, value) in command.get_envs() {
                    reachable.env(name, value.unwrap());
                }
                reachable.current_dir(self.path(""));
                Run::of(reachable.uid(NOBODY).gid(NOBODY).output().unwrap())
            }
        }
    }

    /// Runs something while a path has other permissions.
    pub(crate) fn with_mode<T>(&self, path: &Path, mode: u32, run: impl FnOnce() -> T) -> T {
        let before = std::fs::metadata(path).unwrap().permissions();
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
        let result = run();
        std::fs::set_permissions(path, before).unwrap();
        result
    }

    /// How many entries the log has.
    pub(crate) fn log_size(&self) -> u64 {
        let run = self.run(&["log", "fsck", "-o", "json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.json()["size"].as_u64().unwrap()
    }

    /// Seals a target and returns the JSON about it.
    pub(crate) fn seal(&self, target: &str) -> Value {
        let run = self.run(&["seal", target, "-o", "json"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        run.json()["targets"][0].clone()
    }

    /// Verifies a target under the identity that sealed here.
    pub(crate) fn verify(&self, target: &str, more: &[&str]) -> Run {
        let (identity, issuer) = self.signer();
        let mut arguments = vec![
            "verify",
            target,
            "--identity",
            &identity,
            "--issuer",
            &issuer,
        ];
        arguments.extend(more);
        self.run(&arguments)
    }

    /// The identity and issuer of this data directory, as a seal of something small states them.
    pub(crate) fn signer(&self) -> (String, String) {
        let instance = std::fs::read(self.home().join("authority/instance.json")).unwrap();
        let instance: Value = serde_json::from_slice(&instance).unwrap();
        let text = |name: &str| instance[name].as_str().unwrap().to_owned();
        (text("identity"), text("issuer"))
    }
}

impl Run {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| {
            panic!("{error} in {:?}, stderr {:?}", self.stdout, self.stderr)
        })
    }

    /// Checks the exit code and that stderr carries exactly this code.
    #[track_caller]
    pub(crate) fn fails_with(&self, exit: i32, code: &str) {
        assert_eq!(
            self.code, exit,
            "stdout {} stderr {}",
            self.stdout, self.stderr
        );
        let wanted = format!("error[{code}]:");
        assert!(
            self.stderr.contains(&wanted),
            "wanted {wanted} in {}",
            self.stderr
        );
        assert_eq!(self.stderr.matches("error[").count(), 1, "{}", self.stderr);
    }
}

/// Names the case that is looked at.
#[expect(clippy::print_stdout, reason = "shown when its test fails")]
pub(crate) fn case(what: &str) {
    println!("case: {what}");
}

/// Turns a bit in a file.
pub(crate) fn flip(path: &Path, place: usize) {
    let mut content = std::fs::read(path).unwrap();
    content[place] ^= 1;
    std::fs::write(path, content).unwrap();
}

/// Copies a directory with everything in it, permissions too.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
    let mode = std::fs::metadata(from).unwrap().permissions();
    std::fs::set_permissions(to, mode).unwrap();
}

fn snapshot(directory: &Path) -> Snapshot {
    let mut found = Snapshot::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            found.extend(snapshot(&path));
        }
        let content = match kind.is_file() {
            true => std::fs::read(&path).unwrap(),
            false => Vec::new(),
        };
        found.insert(path, content);
    }
    found
}

/// How a process is started that permissions stop.
#[derive(Clone, Copy)]
enum Stoppable {
    /// As every other.
    Anyway,
    /// As a user to whom the files are given.
    AsNobody,
    /// By a program that takes root's capabilities away: where there is but one user, as in a user
    /// namespace, nobody else can be become.
    Without(&'static [&'static str]),
}

impl Stoppable {
    /// What works here, which a file that nobody may read shows.
    fn here() -> Self {
        static FOUND: OnceLock<Stoppable> = OnceLock::new();
        *FOUND.get_or_init(|| {
            let ways = [
                Self::Anyway,
                Self::AsNobody,
                Self::Without(&["setpriv", "--bounding-set=-all", "--inh-caps=-all"]),
                Self::Without(&["unshare", "--user"]),
            ];
            ways.into_iter().find(|way| way.works()).unwrap_or_else(|| {
                panic!("permissions stop nobody here: that they stop somebody cannot be tested")
            })
        })
    }

    fn works(self) -> bool {
        let place = TempDir::new().unwrap();
        let file = place.path().join("file");
        std::fs::write(&file, "").unwrap();
        let reads = |mode| {
            std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let mut command = Command::new("cat");
            command.arg(&file);
            match self {
                Self::Anyway => {}
                Self::AsNobody => {
                    give(place.path()).ok()?;
                    command.uid(NOBODY).gid(NOBODY);
                }
                Self::Without(wrapper) => command = wrapped(wrapper, &command),
            }
            Some(command.output().ok()?.status.success())
        };
        reads(0o400) == Some(true) && reads(0o000) == Some(false)
    }
}

/// The command as another program is to start it, in the same environment.
fn wrapped(wrapper: &[&str], command: &Command) -> Command {
    let mut outer = Command::new(wrapper[0]);
    outer
        .args(&wrapper[1..])
        .env_clear()
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        outer.env(name, value.unwrap());
    }
    if let Some(directory) = command.get_current_dir() {
        outer.current_dir(directory);
    }
    outer
}

fn give(path: &Path) -> std::io::Result<()> {
    std::os::unix::fs::lchown(path, Some(NOBODY), Some(NOBODY))?;
    if std::fs::symlink_metadata(path)?.is_dir() {
        for entry in std::fs::read_dir(path)? {
            give(&entry?.path())?;
        }
    }
    Ok(())
}

const NOBODY: u32 = 65534;
