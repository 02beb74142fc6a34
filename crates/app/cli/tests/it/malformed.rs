//! Input that cannot be read or is not what it should be: nothing is decided, nothing half-written
//! remains, and what went wrong has a code.

use std::fs::File;

use serde_json::Value;
use serde_json::json;

use crate::harness::Run;
use crate::harness::Sandbox;

fn sealed() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    sandbox
}

/// Changes the signature's bundle.
type Change = fn(&str) -> Vec<u8>;

const BUNDLES: &[(&str, &str, Change)] = &[
    ("a key twice", "bundle.duplicate-key", |good| {
        good.replacen('{', r#"{"mediaType":"x","#, 1).into()
    }),
    ("a key twice, deep inside", "bundle.duplicate-key", |good| {
        good.replacen(r#""algorithm""#, r#""algorithm":"SHA2_512","algorithm""#, 1)
            .into()
    }),
    ("half of it", "bundle.malformed", |good| {
        good[..good.len() / 2].into()
    }),
    ("nothing", "bundle.malformed", |_| Vec::new()),
    ("white space", "bundle.malformed", |_| b" \n\n".into()),
    ("something else in JSON", "bundle.malformed", |_| {
        b"null".into()
    }),
    ("brackets", "bundle.malformed", |_| vec![b'['; 1 << 20]),
    ("braces", "bundle.malformed", |_| {
        r#"{"a":"#.repeat(1 << 18).into()
    }),
    ("zeros", "bundle.malformed", |_| vec![0; 100]),
    ("UTF-16", "bundle.malformed", |good| {
        good.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }),
    ("no UTF-8", "bundle.malformed", |good| {
        let place = good.find("sigstore").unwrap();
        let mut bytes = good.as_bytes().to_vec();
        bytes[place] = 0xff;
        bytes
    }),
    ("two on one line", "bundle.malformed", |good| {
        good.repeat(2).into()
    }),
    ("more than one may have", "bundle.too-large", |good| {
        good.replacen('{', &format!("{{{}", " ".repeat(17 << 20)), 1)
            .into()
    }),
    ("an unknown field", "bundle.malformed", |good| {
        good.replacen('{', r#"{"unknown":1,"#, 1).into()
    }),
    ("another version", "bundle.unsupported", |good| {
        good.replacen("v0.3+json", "v0.4+json", 1).into()
    }),
    ("no certificate", "bundle.malformed", |good| {
        without(good, "/verificationMaterial", "certificate")
    }),
    ("no proof", "bundle.malformed", |good| {
        without(
            good,
            "/verificationMaterial/tlogEntries/0",
            "inclusionProof",
        )
    }),
    ("no signature", "bundle.malformed", |good| {
        without(good, "", "messageSignature")
    }),
    ("a certificate that is none", "bundle.malformed", |good| {
        let mut bundle: Value = serde_json::from_str(good).unwrap();
        bundle["verificationMaterial"]["certificate"]["rawBytes"] = json!("AAAA");
        bundle.to_string().into()
    }),
    ("33 entries", "bundle.too-large", |good| {
        let mut bundle: Value = serde_json::from_str(good).unwrap();
        let entries = &mut bundle["verificationMaterial"]["tlogEntries"];
        *entries = vec![entries[0].clone(); 33].into();
        bundle.to_string().into()
    }),
];

fn without(good: &str, pointer: &str, member: &str) -> Vec<u8> {
    let mut bundle: Value = serde_json::from_str(good).unwrap();
    let object = bundle.pointer_mut(pointer).unwrap();
    object.as_object_mut().unwrap().remove(member).unwrap();
    bundle.to_string().into()
}

#[test]
fn cannot_decide_by_a_bundle_that_cannot_be_read() {
    let sandbox = sealed();
    std::fs::remove_file(sandbox.path("app.txt.sigstore.jsonl")).unwrap();
    let good = String::from_utf8(sandbox.read("app.txt.sigstore.json")).unwrap();
    for (what, code, change) in BUNDLES {
        println!("case: {what}");
        // Found beside the artifact, and named.
        sandbox.write("app.txt.sigstore.json", change(&good));
        let before = sandbox.everything();
        sandbox.verify("app.txt", &[]).fails_with(3, code);
        sandbox
            .verify("app.txt", &["--bundle", "app.txt.sigstore.json"])
            .fails_with(3, code);
        assert_eq!(sandbox.everything(), before);
    }
    sandbox.write("app.txt.sigstore.json", &good);
    assert_eq!(sandbox.verify("app.txt", &[]).code, 0);
}

/// Rubbish beside good evidence does not block it, and is not counted.
#[test]
fn good_evidence_counts_beside_rubbish() {
    let sandbox = sealed();
    let good = String::from_utf8(sandbox.read("app.txt.sigstore.jsonl")).unwrap();
    sandbox.write("app.txt.sigstore.jsonl", format!("{{}}\n{good}"));
    assert_eq!(sandbox.verify("app.txt", &[]).code, 0);
    sandbox.write("app.txt.sigstore.jsonl", "{}\n{}\n");
    assert_eq!(sandbox.verify("app.txt", &[]).code, 0);
    let require = ["--require", "sbom"];
    sandbox
        .verify("app.txt", &require)
        .fails_with(3, "bundle.malformed");
}

#[test]
fn refuses_more_bundles_than_anybody_would_look_at() {
    let sandbox = sealed();
    sandbox.write("many", "{}\n".repeat(5000));
    sandbox
        .verify("app.txt", &["--bundle", "many"])
        .fails_with(3, "evidence.too-many");
}

/// Refused by its size, without reading it: the memory is limited to a fraction of it.
#[test]
fn refuses_huge_files_at_once() {
    let sandbox = sealed();
    let (identity, issuer) = sandbox.signer();
    for (size, megabytes) in [(100 << 20, "400"), (100 << 30, "400")] {
        let huge = File::create(sandbox.path("huge")).unwrap();
        huge.set_len(size).unwrap();
        for option in ["--bundle", "--trusted-root"] {
            let mut shell = sandbox.command(&[]);
            let program = shell.get_program().to_owned();
            let run = {
                let mut limited = std::process::Command::new("sh");
                limited
                    .args(["-c", r#"ulimit -v $(($1 * 1024)); shift; exec "$@""#, "sh"])
                    .arg(megabytes)
                    .arg(program)
                    .args(["verify", "app.txt", option, "huge"])
                    .args(["--identity", &identity, "--issuer", &issuer])
                    .env("SEALWRIGHT_HOME", sandbox.home())
                    .current_dir(sandbox.path(""));
                Run::of(limited.output().unwrap())
            };
            run.fails_with(3, "files.too-large");
            shell.env_clear();
        }
    }
}

#[test]
fn cannot_decide_by_a_root_that_cannot_be_read() {
    let sandbox = sealed();
    let good = sandbox.run(&["root", "show"]).stdout;
    let cases: &[(&str, &str, Change)] = &[
        ("nothing", "trust.malformed", |_| Vec::new()),
        ("half of it", "trust.malformed", |good| {
            good[..good.len() / 2].into()
        }),
        ("a key twice", "trust.malformed", |good| {
            good.replacen('{', r#"{"mediaType":"x","#, 1).into()
        }),
        ("no type", "trust.unsupported", |_| b"{}".into()),
        ("another version", "trust.unsupported", |good| {
            good.replacen("version=0.1", "version=9", 1).into()
        }),
        ("an unknown kind of key", "trust.unsupported", |good| {
            good.replacen("PKIX_ECDSA_P256_SHA_256", "PKIX_NEW", 1)
                .into()
        }),
        ("a key that is none", "trust.malformed", |good| {
            let mut root: Value = serde_json::from_str(good).unwrap();
            root["tlogs"][0]["publicKey"]["rawBytes"] = json!("AAAA");
            root.to_string().into()
        }),
        ("a certificate that is none", "trust.malformed", |good| {
            let mut root: Value = serde_json::from_str(good).unwrap();
            let chain = &mut root["certificateAuthorities"][0]["certChain"];
            chain["certificates"][0]["rawBytes"] = json!("AAAA");
            root.to_string().into()
        }),
        ("more than a root may have", "files.too-large", |good| {
            format!("{good}{}", " ".repeat(5 << 20)).into()
        }),
    ];
    for (what, code, change) in cases {
        println!("case: {what}");
        sandbox.write("root.json", change(&good));
        let before = sandbox.everything();
        sandbox
            .verify("app.txt", &["--trusted-root", "root.json"])
            .fails_with(3, code);
        assert_eq!(sandbox.everything(), before);
    }
    sandbox.write("root.json", good);
    let named = ["--trusted-root", "root.json"];
    assert_eq!(sandbox.verify("app.txt", &named).code, 0);
}

/// Every place where a file or directory is named, and something else stands there.
#[test]
fn says_what_stands_where_a_file_was_named() {
    let sandbox = sealed();
    sandbox.write("directory/file", "x");
    sandbox.write("special/file", "x");
    let made = std::process::Command::new("mkfifo")
        .arg(sandbox.path("special/pipe"))
        .status();
    assert!(made.unwrap().success());
    let cases: &[(&[&str], i32, &str)] = &[
        (&["verify", "missing"], 3, "files.not-found"),
        (&["verify", "directory"], 3, "files.is-directory"),
        (&["verify", "./app.txt/file"], 3, "files.not-a-directory"),
        (&["verify", "dir:missing"], 3, "files.not-found"),
        (&["verify", "dir:app.txt"], 3, "files.not-a-directory"),
        (&["verify", "oci:missing"], 3, "files.not-found"),
        (&["verify", "oci:app.txt"], 3, "files.not-a-directory"),
        (&["verify", "oci:directory"], 3, "layout.malformed"),
        (&["verify", "oci:"], 2, "usage.invalid-target"),
        (&["verify", ""], 2, "usage.invalid-target"),
        (&["verify", "a.example/b:c:d"], 2, "usage.invalid-target"),
        (
            &["verify", "app.txt", "--bundle", "missing"],
            3,
            "files.not-found",
        ),
        (
            &["verify", "app.txt", "--bundle", "directory"],
            3,
            "files.is-directory",
        ),
        (
            &["verify", "app.txt", "--bundle", "/dev/zero"],
            3,
            "files.special-file",
        ),
        (
            &["verify", "app.txt", "--trusted-root", "missing"],
            3,
            "files.not-found",
        ),
        (
            &["verify", "app.txt", "--trusted-root", "."],
            3,
            "files.is-directory",
        ),
        (
            &["verify", "app.txt", "--bundle", "/proc/self/mem"],
            3,
            "files.read-failed",
        ),
        (&["seal", "dir:special"], 3, "files.special-file"),
        (&["seal", "missing"], 3, "files.not-found"),
        (&["seal", "directory"], 3, "files.is-directory"),
        (&["seal", "dir:app.txt"], 3, "files.not-a-directory"),
        (&["seal", "oci:directory"], 3, "layout.malformed"),
        (
            &["seal", "directory/file", "--out", "app.txt"],
            3,
            "files.not-a-directory",
        ),
        (
            &["seal", "directory/file", "--out", "missing"],
            3,
            "files.not-found",
        ),
        (&["sbom", "show", "missing"], 3, "files.not-found"),
        (&["sbom", "show", "directory/file"], 1, "evidence.missing"),
        (&["sbom", "generate", "directory"], 3, "files.is-directory"),
        (&["root", "export", "directory"], 2, "files.exists"),
        (&["root", "export", "missing/file"], 3, "files.write-failed"),
        (&["root", "import", "app.txt"], 2, "files.exists"),
        (&["log", "show", "3"], 2, "store.no-entry"),
        (&["man", "app.txt"], 3, "output.write-failed"),
    ];
    let (identity, issuer) = sandbox.signer();
    let before = sandbox.work();
    for (arguments, exit, code) in cases {
        println!("case: {arguments:?}");
        let mut command = sandbox.command(arguments);
        if arguments[0] == "verify" {
            command.args(["--identity", &identity, "--issuer", &issuer]);
        }
        Run::of(command.output().unwrap()).fails_with(*exit, code);
        assert_eq!(sandbox.work(), before);
    }
    // None of these got as far as signing.
    assert_eq!(sandbox.log_size(), 3);
}

#[test]
fn imports_nothing_but_a_whole_export() {
    let sandbox = sealed();
    assert_eq!(sandbox.run(&["root", "export", "good.tar"]).code, 0);
    let good = sandbox.read("good.tar");
    let half = good.len() / 2;
    let mut turned = good.clone();
    turned[half] ^= 1;
    for (what, content, code) in [
        ("half of it", &good[..half], "files.bad-export"),
        ("a turned bit", &turned, "files.bad-export"),
        ("something else", b"hello".as_slice(), "files.bad-export"),
        ("nothing", b"", "files.bad-export"),
    ] {
        println!("case: {what}");
        let elsewhere = Sandbox::new();
        elsewhere.write("bad.tar", content);
        elsewhere
            .run(&["root", "import", "bad.tar"])
            .fails_with(3, code);
        elsewhere
            .run(&["root", "show"])
            .fails_with(3, "trust.no-root");
        elsewhere.write("good.tar", &good);
        let run = elsewhere.run(&["root", "import", "good.tar"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    Sandbox::new()
        .run(&["root", "import", "missing.tar"])
        .fails_with(3, "files.not-found");
}

#[test]
fn says_what_is_wrong_with_the_arguments() {
    let sandbox = sealed();
    for arguments in [
        &["verify"][..],
        &["seal"],
        &["nonsense"],
        &["verify", "app.txt", "--nonsense"],
        &["verify", "app.txt", "--require", "everything"],
        &["verify", "app.txt", "--timeout", "0"],
        &[
            "verify",
            "app.txt",
            "--identity",
            "a",
            "--identity-regexp",
            "b",
        ],
        &["seal", "app.txt", "--annotation", "no-value"],
        &["seal", "app.txt", "--rekor-version", "3"],
        &["seal", "app.txt", "--sbom", "excel"],
        &["seal", "app.txt", "--profile", ".."],
        &["seal", "app.txt", "-q", "-v"],
        &["log", "show", "minus-one"],
        &["completions", "cmd.exe"],
    ] {
        let before = sandbox.everything();
        let run = sandbox.run(arguments);
        assert_eq!(run.code, 2, "{arguments:?}: {}", run.stderr);
        assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
        assert_eq!(run.stdout, "");
        assert_eq!(sandbox.everything(), before);
    }
}
