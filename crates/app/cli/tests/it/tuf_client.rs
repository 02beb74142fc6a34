//! `sealwright tuf-client`, against a repository that a few lines of HTTP serve.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;

use crate::harness::Run;
use crate::harness::Sandbox;

/// Serves the repository that the fuzz targets begin with, which expires in 2100.
fn serve(changes: &[(&str, Option<&[u8]>)]) -> String {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../fuzz/fixtures/tuf");
    let mut files: BTreeMap<String, Vec<u8>> = std::fs::read_dir(fixtures)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            (format!("/metadata/{name}"), std::fs::read(&path).unwrap())
        })
        .collect();
    let digest = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73";
    files.insert(format!("/targets/dir/{digest}.file"), b"content".to_vec());
    for (path, bytes) in changes {
        match bytes {
            Some(bytes) => drop(files.insert((*path).to_owned(), bytes.to_vec())),
            None => drop(files.remove(*path).unwrap()),
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
                head.extend(byte);
            }
            let head = String::from_utf8(head).unwrap();
            let file = head.split(' ').nth(1).and_then(|path| files.get(path));
            let status = match file {
                Some(file) if file.is_empty() => "410 Gone",
                Some(_) => "200 OK",
                None => "404 Not Found",
            };
            let body = file.cloned().unwrap_or_default();
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

/// A sandbox with the first root in `metadata`.
fn trusting() -> Sandbox {
    let sandbox = Sandbox::new();
    let root = include_bytes!("../../../../../fuzz/fixtures/tuf/1.root.json");
    sandbox.write("root.json", root);
    let run = sandbox.run(&[
        "tuf-client",
        "--metadata-dir",
        "metadata",
        "init",
        "root.json",
    ]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert_eq!(sandbox.read("metadata/root.json"), root);
    sandbox
}

fn refresh(sandbox: &Sandbox, url: &str) -> Run {
    let url = format!("{url}/metadata");
    let dir = ["tuf-client", "--metadata-dir", "metadata"];
    sandbox.run(&[&dir[..], &["--metadata-url", &url, "refresh"]].concat())
}

#[test]
fn refreshes_and_downloads() {
    let sandbox = trusting();
    let url = serve(&[]);
    assert_eq!(refresh(&sandbox, &url).code, 0);
    for role in ["root", "timestamp", "snapshot", "targets"] {
        assert!(
            sandbox.path(&format!("metadata/{role}.json")).exists(),
            "{role}"
        );
    }
    std::fs::create_dir(sandbox.path("targets")).unwrap();
    let (metadata, targets) = (format!("{url}/metadata/"), format!("{url}/targets"));
    let download = |name: &str| {
        sandbox.run(&[
            "tuf-client",
            "--metadata-dir",
            "metadata",
            "--metadata-url",
            &metadata,
            "--target-name",
            name,
            "--target-base-url",
            &targets,
            "--target-dir",
            "targets",
            "download",
        ])
    };
    assert_eq!(download("dir/file").code, 0);
    assert_eq!(sandbox.read("targets/dir%2Ffile"), b"content");
    download("dir/other").fails_with(1, "tuf.missing-target");
}

#[test]
fn every_failure_is_a_1() {
    for (change, code) in [
        (("/metadata/2.root.json", Some(&b""[..])), "tuf.refused"),
        (("/metadata/timestamp.json", None), "tuf.missing-metadata"),
        (
            ("/metadata/3.targets.json", Some(&b"{}"[..])),
            "tuf.malformed",
        ),
    ] {
        let sandbox = trusting();
        refresh(&sandbox, &serve(&[change])).fails_with(1, code);
    }
    refresh(&trusting(), "nowhere").fails_with(1, "usage.invalid-url");
}

#[test]
fn it_is_not_among_the_verbs() {
    let help = Sandbox::new().run(&["--help"]).stdout;
    assert!(!help.contains("tuf-client"), "{help}");
}
