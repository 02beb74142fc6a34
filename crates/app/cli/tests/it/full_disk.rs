//! A full disk: at whatever step the space ends, `seal` says so, leaves no evidence behind, and goes
//! through when there is space again.

use std::process::Command;
use std::process::Output;

use crate::harness::Sandbox;

/// Runs on a file system of `$2` bytes at `$1`, which is gone when it ends; `$3` is the binary.
const SCRIPT: &str = r#"
mount -t tmpfs -o "size=$2" none "$1" || exit 77
mkdir "$1/work" && cd "$1/work" && printf hello > app.txt
export SEALWRIGHT_HOME="$1/home" USER=tester
"$3" seal app.txt -o json > /dev/null
echo "first $?"
ls -A
mount -o remount,size=8m none "$1" || exit 77
"$3" seal app.txt -o json > /dev/null
echo "again $?"
"$3" log fsck > /dev/null
echo "fsck $?"
"$3" sbom show app.txt > /dev/null
echo "sbom $?"
"#;

fn run(kilobytes: u32) -> Output {
    let sandbox = Sandbox::new();
    let place = sandbox.path("full");
    std::fs::create_dir_all(&place).unwrap();
    Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh"])
        .arg(&place)
        .arg(format!("{kilobytes}k"))
        .arg(env!("CARGO_BIN_EXE_sealwright"))
        .output()
        .unwrap()
}

#[test]
fn seals_when_there_is_space_again() {
    let mut codes = Vec::new();
    let mut complete = false;
    // A page at a time, so that every file is once the one that does not fit.
    for kilobytes in (4..=256).step_by(4) {
        let output = run(kilobytes);
        if output.status.code() == Some(77) || output.status.code() == Some(1) {
            println!("no file system of a test's own can be mounted here: nothing is tested");
            return;
        }
        let stdout = String::from_utf8(output.stdout).unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let (first, rest) = stdout.split_once("again ").unwrap();
        assert_eq!(
            rest, "0\nfsck 0\nsbom 0\n",
            "{kilobytes} KiB: {stdout}{stderr}"
        );
        if first.starts_with("first 0\n") {
            complete = true;
            break;
        }
        assert_eq!(first, "first 3\napp.txt\n", "{kilobytes} KiB: {stderr}");
        let code = stderr.split(['[', ']']).nth(1).unwrap().to_owned();
        codes.push(code);
    }
    assert!(complete, "{codes:?}");
    codes.sort();
    codes.dedup();
    assert_eq!(codes, ["files.no-space", "store.no-space"]);
}

#[test]
fn says_that_standard_output_cannot_be_written() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    for arguments in [
        &["seal", "app.txt"][..],
        &["root", "show"],
        &["explain"],
        &["--version"],
    ] {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let mut command = sandbox.command(arguments);
        let output = command.stdout(full).output().unwrap();
        crate::harness::Run::of(output).fails_with(3, "output.write-failed");
    }
    // What could not be shown was done all the same.
    assert_eq!(sandbox.verify("app.txt", &[]).code, 0);
}
