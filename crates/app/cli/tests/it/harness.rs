//! A directory and a data directory of its own for each test, and the binary run in it.

use std::path::PathBuf;
use std::process::Command;
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

/// A place of its own.
pub(crate) struct Sandbox {
    directory: TempDir,
}

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
