use std::io::Read as _;
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixListener;

use rustix::fs::CWD;
use rustix::fs::FileType;
use sealwright_core::Diagnostic as _;
use tempfile::TempDir;

use super::*;

fn code(result: Result<File, Error>) -> (&'static str, String) {
    let error = result.unwrap_err();
    (error.code().as_str(), error.to_string())
}

#[test]
fn refuses_at_once_what_is_no_file() {
    let place = TempDir::new().unwrap();
    let pipe = place.path().join("pipe");
    rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let socket = place.path().join("socket");
    let _listener = UnixListener::bind(&socket).unwrap();
    let link = place.path().join("link");
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    for (path, wanted) in [
        (pipe.as_path(), "is a pipe"),
        (&link, "is a pipe"),
        (&socket, "is a socket"),
        (Path::new("/dev/zero"), "is a device"),
    ] {
        for open in [open_file, open_file_or_pipe] {
            let (code, message) = code(open(path));
            assert_eq!(code, "files.special-file");
            assert!(message.contains(wanted), "{message}");
        }
    }
    assert_eq!(code(open_file(place.path())).0, "files.is-directory");
}

#[test]
fn reads_a_pipe_that_this_process_has_to_its_end() {
    let (reader, mut writer) = io::pipe().unwrap();
    let path = format!("/dev/fd/{}", reader.as_raw_fd());
    let path = Path::new(&path);
    assert_eq!(code(open_file(path)).0, "files.special-file");
    let mut file = open_file_or_pipe(path).unwrap();
    let content = vec![7; 200_000];
    let wanted = content.clone();
    let writing = std::thread::spawn(move || writer.write_all(&content).unwrap());
    let mut found = Vec::new();
    file.read_to_end(&mut found).unwrap();
    writing.join().unwrap();
    assert_eq!(found, wanted);
}

#[test]
fn a_pipe_without_a_writer_is_at_its_end() {
    let (reader, writer) = io::pipe().unwrap();
    drop(writer);
    let path = format!("/proc/self/fd/{}", reader.as_raw_fd());
    let mut file = open_file_or_pipe(Path::new(&path)).unwrap();
    assert_eq!(file.read_to_end(&mut Vec::new()).unwrap(), 0);
}

#[test]
fn a_file_waits_as_others_do() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("a");
    std::fs::write(&path, "content").unwrap();
    let mut file = open_file(&path).unwrap();
    let flags = rustix::fs::fcntl_getfl(&file).unwrap();
    assert!(!flags.contains(OFlags::NONBLOCK));
    let mut found = String::new();
    file.read_to_string(&mut found).unwrap();
    assert_eq!(found, "content");
}
