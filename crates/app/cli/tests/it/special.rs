//! Pipes, sockets and devices where files are wanted: nobody waits for them.

use std::os::unix::net::UnixListener;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use crate::harness::Run;
use crate::harness::Sandbox;
use crate::harness::case;

const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a command that may wait for ever if something is wrong.
fn end(mut command: Command) -> Run {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let id = child.id().to_string();
    let (say, ended) = mpsc::channel();
    let waiting = std::thread::spawn(move || {
        let output = child.wait_with_output().unwrap();
        let _ = say.send(());
        output
    });
    let waited = ended.recv_timeout(PATIENCE);
    if waited.is_err() {
        Command::new("kill").arg(id).status().unwrap();
    }
    let run = Run::of(waiting.join().unwrap());
    assert!(waited.is_ok(), "still waiting: {:?}", command.get_args());
    run
}

fn with_special_files() -> (Sandbox, UnixListener) {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let made = Command::new("mkfifo").arg(sandbox.path("pipe")).status();
    assert!(made.unwrap().success());
    let listener = UnixListener::bind(sandbox.path("socket")).unwrap();
    (sandbox, listener)
}

#[test]
fn no_pipe_socket_or_device_is_waited_for() {
    let (sandbox, _listener) = with_special_files();
    let (identity, issuer) = sandbox.signer();
    let signer = ["--identity", &identity, "--issuer", &issuer];
    let before = sandbox.everything();
    for name in ["pipe", "socket", "/dev/zero"] {
        for arguments in [
            &["seal", name][..],
            &["verify", name],
            &["sbom", "generate", name],
            &["sbom", "show", name],
            &["verify", "app.txt", "--bundle", name],
            &["verify", "app.txt", "--trusted-root", name],
            &["root", "import", name, "--home", "elsewhere"],
        ] {
            case(&format!("{arguments:?}"));
            let signer: &[&str] = match arguments[0] {
                "verify" => &signer,
                _ => &[],
            };
            let arguments = [arguments, signer].concat();
            end(sandbox.command(&arguments)).fails_with(3, "files.special-file");
        }
    }
    assert_eq!(sandbox.everything(), before);
}

#[test]
fn no_pipe_in_the_place_of_evidence_is_waited_for() {
    let (sandbox, _listener) = with_special_files();
    let (identity, issuer) = sandbox.signer();
    let signer = ["--identity", &identity, "--issuer", &issuer];
    std::fs::remove_file(sandbox.path("app.txt.sigstore.json")).unwrap();
    std::fs::rename(sandbox.path("pipe"), sandbox.path("app.txt.sigstore.json")).unwrap();
    let before = sandbox.everything();
    let verify = [&["verify", "app.txt"][..], &signer].concat();
    for arguments in [&verify[..], &["seal", "app.txt", "--again"]] {
        end(sandbox.command(arguments)).fails_with(3, "files.special-file");
    }
    assert_eq!(sandbox.everything(), before);
}

/// What people write in a shell that can.
#[test]
fn options_may_name_pipes_that_the_shell_opened() {
    let (sandbox, _listener) = with_special_files();
    let (identity, issuer) = sandbox.signer();
    std::fs::rename(
        sandbox.path("app.txt.sigstore.jsonl"),
        sandbox.path("elsewhere.jsonl"),
    )
    .unwrap();
    std::fs::remove_file(sandbox.path("app.txt.sigstore.json")).unwrap();
    sandbox.write("copy.txt", "hello");
    let bash = |script: &str| {
        let mut command = sandbox.command(&[]);
        let program = command.get_program().to_owned();
        let mut bash = Command::new("bash");
        bash.args(["-c", script, "bash"])
            .arg(&program)
            .args([&identity, &issuer])
            .env("SEALWRIGHT_HOME", sandbox.home())
            .current_dir(sandbox.path(""));
        command = bash;
        end(command)
    };
    for script in [
        r#""$1" verify app.txt --identity "$2" --issuer "$3" --bundle <(cat elsewhere.jsonl)"#,
        r#"cat elsewhere.jsonl | "$1" verify app.txt --identity "$2" --issuer "$3" --bundle /dev/stdin"#,
        // What a pipe gives serves all targets.
        r#""$1" verify app.txt copy.txt --identity "$2" --issuer "$3" --bundle <(cat elsewhere.jsonl)"#,
        r#""$1" verify app.txt --identity "$2" --issuer "$3" --bundle elsewhere.jsonl --trusted-root <("$1" root show)"#,
        r#""$1" root export backup.tar && "$1" root import <(cat backup.tar) --home imported"#,
    ] {
        case(script);
        let run = bash(script);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    // A writer that gave up has written nothing.
    bash(r#""$1" verify app.txt --identity "$2" --issuer "$3" --bundle <(true)"#)
        .fails_with(3, "bundle.malformed");
    // A target is read twice, and a pipe only once.
    bash(r#""$1" seal <(cat app.txt)"#).fails_with(3, "files.special-file");
}
