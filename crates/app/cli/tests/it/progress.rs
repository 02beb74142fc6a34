//! Progress bars, on a terminal as a person has it.

use std::fs::File;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use rustix::pty::OpenptFlags;

use crate::harness::Sandbox;

const PATIENCE: Duration = Duration::from_secs(60);

/// What a program writes to a terminal, and the terminal's other end for the program.
fn terminal() -> (Receiver<Vec<u8>>, File) {
    let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&master).unwrap();
    rustix::pty::unlockpt(&master).unwrap();
    let name = rustix::pty::ptsname(&master, Vec::new()).unwrap();
    let name = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
    let slave = OpenOptions::new().read(true).write(true).open(name);
    let (say, written) = mpsc::channel();
    std::thread::spawn(move || {
        let mut master = File::from(master);
        let mut buffer = vec![0; 4096];
        // Ends with an error when the program has.
        while let Ok(count) = master.read(&mut buffer) {
            if say.send(buffer[..count].to_vec()).is_err() {
                return;
            }
        }
    });
    (written, slave.unwrap())
}

/// Seals standard input that comes slowly; what reached the terminal until `wanted` did, and then
/// until the end. With nothing wanted, the input waits twice as long as a bar does.
fn seal_slowly(
    more: &[&str],
    environment: &[(&str, &str)],
    wanted: Option<&str>,
) -> (String, String) {
    let sandbox = Sandbox::new();
    sandbox.write("evidence/.keep", "");
    let (written, slave) = terminal();
    let arguments = [&["seal", "-", "--out", "evidence"][..], more].concat();
    let mut command = sandbox.command(&arguments);
    command
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(slave);
    let mut child = command.spawn().unwrap();
    drop(command);
    let mut input = child.stdin.take().unwrap();
    input.write_all(&vec![0; 3 << 20]).unwrap();
    let mut before = String::new();
    match wanted {
        None => assert!(written.recv_timeout(Duration::from_secs(1)).is_err()),
        Some(wanted) => {
            while !before.contains(wanted) {
                let more = written.recv_timeout(PATIENCE).unwrap();
                before.push_str(&String::from_utf8_lossy(&more));
            }
        }
    }
    drop(input);
    let mut after = String::new();
    while let Ok(more) = written.recv_timeout(PATIENCE) {
        after.push_str(&String::from_utf8_lossy(&more));
    }
    assert!(child.wait().unwrap().success(), "{after}");
    (before, after)
}

#[test]
fn shows_how_far_it_is_and_clears_that_at_the_end() {
    for colours in [&[][..], &[("NO_COLOR", "1")]] {
        let environment = [&[("TERM", "xterm-256color")], colours].concat();
        let (before, after) = seal_slowly(&[], &environment, Some("standard input 3.00 MiB"));
        assert!(!before.contains('\n'), "{before:?}");
        // The line is cleared, and the cursor stands at its beginning.
        assert!(after.ends_with("\r\u{1b}[2K"), "{after:?}");
        assert!(
            !format!("{before}{after}").contains("\u{1b}[3"),
            "{before:?}"
        );
    }
}

#[test]
fn shows_nothing_where_that_is_not_wanted() {
    let able = [("TERM", "xterm-256color")];
    for (more, environment) in [
        (&[][..], &[("TERM", "dumb")][..]),
        (&[], &[]),
        (&["--quiet"], &able),
    ] {
        let (before, after) = seal_slowly(more, environment, None);
        assert_eq!(format!("{before}{after}"), "", "{more:?} {environment:?}");
    }
}
