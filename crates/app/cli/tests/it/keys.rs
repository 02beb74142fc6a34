//! `sealwright keys …`: key files made, taken over, shown; passphrases from everywhere they come from.

use std::fs::File;
use std::fs::OpenOptions;
use std::io::Read as _;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use rustix::pty::OpenptFlags;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SigningKey;
use sealwright_testkit::stub::Reply;
use sealwright_testkit::stub::Stub;

use crate::harness::Run;
use crate::harness::Sandbox;

fn with(sandbox: &Sandbox, environment: &[(&str, &str)], arguments: &[&str]) -> Run {
    let mut command = sandbox.command(arguments);
    Run::of(command.envs(environment.iter().copied()).output().unwrap())
}

/// Makes a key whose passphrase is `open`.
fn generate(sandbox: &Sandbox, more: &[&str]) -> Run {
    let arguments = [&["keys", "generate"][..], more].concat();
    with(
        sandbox,
        &[("SEALWRIGHT_KEY_PASSPHRASE", "open")],
        &arguments,
    )
}

#[test]
fn every_algorithm_and_type_is_made_and_read_back() {
    let sandbox = Sandbox::new();
    for algorithm in [
        "ecdsa-p256",
        "ecdsa-p384",
        "ecdsa-p521",
        "ed25519",
        "rsa-2048",
    ] {
        for file_type in ["cosign", "pkcs8"] {
            let prefix = format!("{algorithm}-{file_type}");
            let arguments = [
                "--algorithm",
                algorithm,
                "--type",
                file_type,
                "--out",
                &prefix,
                "-o",
                "json",
            ];
            let made = generate(&sandbox, &arguments);
            assert_eq!(made.code, 0, "{}", made.stderr);
            let document = made.json();
            assert_eq!(document["schema"], "sealwright.dev/key/v1");
            assert_eq!(document["encrypted"], true);
            let private = sandbox.path(&format!("{prefix}.key"));
            let mode = private.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let bytes = std::fs::read(&private).unwrap();
            let key = SigningKey::import(&bytes, Some(b"open")).unwrap();
            let public = PublicKey::import(&sandbox.read(&format!("{prefix}.pub"))).unwrap();
            assert_eq!(*key.public_key(), public);
            assert_eq!(document["publicKey"], public.to_pem());
        }
    }
}

#[test]
fn nothing_is_overwritten_unless_it_is_forced() {
    let sandbox = Sandbox::new();
    assert_eq!(generate(&sandbox, &[]).code, 0);
    let before = sandbox.work();
    generate(&sandbox, &[]).fails_with(2, "files.exists");
    assert_eq!(sandbox.work(), before);
    // One of the two is enough to stop both.
    std::fs::remove_file(sandbox.path("sealwright.key")).unwrap();
    let before = sandbox.work();
    generate(&sandbox, &[]).fails_with(2, "files.exists");
    assert_eq!(sandbox.work(), before);
    assert_eq!(generate(&sandbox, &["--force"]).code, 0);
    let key = SigningKey::import(&sandbox.read("sealwright.key"), Some(b"open")).unwrap();
    let public = PublicKey::import(&sandbox.read("sealwright.pub")).unwrap();
    assert_eq!(*key.public_key(), public);
    assert_eq!(sandbox.files(), ["sealwright.key", "sealwright.pub"]);
}

#[test]
fn of_two_processes_one_makes_the_pair() {
    let sandbox = Sandbox::new();
    let start = || {
        let mut command = sandbox.command(&["keys", "generate", "--type", "pkcs8"]);
        command.env("COSIGN_PASSWORD", "open");
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let mut children: Vec<_> = (0..4).map(|_| start()).collect();
    let codes: Vec<_> = children
        .iter_mut()
        .map(|child| child.wait().unwrap().code())
        .collect();
    assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1);
    let key = SigningKey::import(&sandbox.read("sealwright.key"), Some(b"open")).unwrap();
    let public = PublicKey::import(&sandbox.read("sealwright.pub")).unwrap();
    assert_eq!(*key.public_key(), public);
    assert_eq!(sandbox.files(), ["sealwright.key", "sealwright.pub"]);
}

#[test]
fn keys_of_other_tools_are_taken_over() {
    let sandbox = Sandbox::new();
    let other = SigningKey::generate(sealwright_crypto::SignatureScheme::Ed25519).unwrap();
    sandbox.write("other.pem", other.to_pkcs8_pem().unwrap().as_bytes());
    let environment = [("COSIGN_PASSWORD", "open")];
    let run = with(&sandbox, &environment, &["keys", "import", "other.pem"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let key = SigningKey::import(&sandbox.read("sealwright.key"), Some(b"open")).unwrap();
    assert_eq!(key.public_key(), other.public_key());
    let public = with(
        &sandbox,
        &environment,
        &["keys", "public", "sealwright.key"],
    );
    assert_eq!(public.stdout, other.public_key().to_pem());
    let pem = other.to_pkcs8_pem().unwrap();
    let public = with(
        &sandbox,
        &[("MINE", &pem)],
        &["keys", "public", "env://MINE"],
    );
    assert_eq!(public.stdout, other.public_key().to_pem());
    // And what is no private key is not.
    let run = with(
        &sandbox,
        &environment,
        &["keys", "import", "sealwright.pub", "--out", "x"],
    );
    run.fails_with(2, "key.wrong-kind");
}

#[test]
fn passphrases_come_from_three_variables() {
    let sandbox = Sandbox::new();
    assert_eq!(generate(&sandbox, &[]).code, 0);
    sandbox.write("passphrase", "open\n");
    sandbox.write("wrong", "opem\n");
    let public = |environment: &[(&str, &str)]| {
        with(&sandbox, environment, &["keys", "public", "sealwright.key"])
    };
    for environment in [
        &[
            ("SEALWRIGHT_KEY_PASSPHRASE", "open"),
            ("COSIGN_PASSWORD", "no"),
        ][..],
        &[("SEALWRIGHT_KEY_PASSPHRASE_FILE", "passphrase")],
        &[("COSIGN_PASSWORD", "open")],
    ] {
        let run = public(environment);
        assert_eq!(run.code, 0, "{environment:?} {}", run.stderr);
        assert_eq!(run.stdout.as_bytes(), sandbox.read("sealwright.pub"));
    }
    public(&[("SEALWRIGHT_KEY_PASSPHRASE_FILE", "wrong")]).fails_with(2, "key.wrong-password");
    public(&[("COSIGN_PASSWORD", "")]).fails_with(2, "key.wrong-password");
    public(&[("SEALWRIGHT_KEY_PASSPHRASE_FILE", "absent")]).fails_with(3, "files.not-found");
    public(&[]).fails_with(2, "key.password-needed");
}

#[test]
fn a_key_without_passphrase_has_to_be_wanted() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["keys", "generate"]);
    run.fails_with(2, "usage.passphrase-missing");
    assert!(sandbox.work().len() <= 1, "{:?}", sandbox.files());
    let empty = [("COSIGN_PASSWORD", "")];
    let run = with(&sandbox, &empty, &["keys", "generate", "--type", "pkcs8"]);
    assert_eq!(run.code, 0);
    assert!(run.stderr.contains("not encrypted"), "{}", run.stderr);
    assert!(SigningKey::import(&sandbox.read("sealwright.key"), None).is_ok());
}

#[test]
fn shows_what_a_key_is() {
    let sandbox = Sandbox::new();
    generate(&sandbox, &[]);
    let closed = sandbox.run(&["keys", "show", "sealwright.key", "-o", "json"]);
    assert_eq!(closed.code, 0, "{}", closed.stderr);
    assert_eq!(closed.json()["form"], "private key, encrypted (cosign)");
    assert_eq!(closed.json().get("fingerprint"), None);
    let environment = [("COSIGN_PASSWORD", "open")];
    let open = with(
        &sandbox,
        &environment,
        &["keys", "show", "sealwright.key", "-o", "json"],
    );
    let public = sandbox.run(&["keys", "show", "sealwright.pub", "-o", "json"]);
    assert_eq!(open.json()["fingerprint"], public.json()["fingerprint"]);
    assert_eq!(open.json()["algorithm"], "ECDSA P-256");
    assert_eq!(public.json()["private"], false);
    sandbox.write("text", "no key");
    sandbox
        .run(&["keys", "show", "text"])
        .fails_with(3, "key.malformed");
}

#[test]
fn a_key_is_named_in_a_form_that_is_known() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["keys", "public", "gitlab://group/project"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("hashivault://"), "{}", run.stderr);
    sandbox
        .run(&["keys", "public", "env://UNSET"])
        .fails_with(2, "usage.variable-unset");
}

#[test]
fn no_key_is_fetched_offline() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    for key in ["k8s://ns/name", "awskms:///alias/x"] {
        sandbox
            .run(&["verify", "app.txt", "--key", key, "--offline"])
            .fails_with(2, "usage.offline-key");
    }
}

/// What `verify --key` takes from a file it takes from a variable, too.
#[test]
fn verify_takes_a_public_key_from_a_variable() {
    let sandbox = Sandbox::new();
    generate(&sandbox, &[]);
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let pem = String::from_utf8(sandbox.read("sealwright.pub")).unwrap();
    let run = with(
        &sandbox,
        &[("PUBLIC", &pem)],
        &["verify", "app.txt", "--key", "env://PUBLIC"],
    );
    // The key was read; it is not the one that signed.
    assert_eq!(run.code, 1, "{}", run.stderr);
    let run = with(
        &sandbox,
        &[("PUBLIC", &pem[..40])],
        &["verify", "app.txt", "--key", "env://PUBLIC"],
    );
    run.fails_with(3, "key.malformed");
}

/// Runs the binary at a terminal of its own and types at each question.
fn at_a_terminal(sandbox: &Sandbox, arguments: &[&str], typed: &[&str]) -> (i32, String) {
    let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    rustix::pty::grantpt(&master).unwrap();
    rustix::pty::unlockpt(&master).unwrap();
    let name = rustix::pty::ptsname(&master, Vec::new()).unwrap();
    let name = Path::new(std::ffi::OsStr::from_bytes(name.as_bytes()));
    let slave = OpenOptions::new()
        .read(true)
        .write(true)
        .open(name)
        .unwrap();
    let binary = sandbox.command(arguments);
    let mut command = Command::new("setsid");
    command
        .args(["--ctty", "--wait"])
        .arg(binary.get_program())
        .args(arguments)
        .env_clear()
        .env("HOME", sandbox.home())
        .current_dir(sandbox.path(""))
        .stdin(slave.try_clone().unwrap())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    drop(command);
    let mut master = File::from(master);
    let mut shown = String::new();
    let mut buffer = [0; 256];
    // Each question ends in a colon and a blank.
    for (place, answer) in typed.iter().enumerate() {
        while shown.matches(": ").count() <= place {
            let count = master.read(&mut buffer).unwrap();
            shown.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        master.write_all(answer.as_bytes()).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    shown.push_str(&String::from_utf8_lossy(&output.stderr));
    (output.status.code().unwrap_or(-1), shown)
}

#[test]
fn a_person_is_asked_twice_and_nothing_is_shown() {
    let sandbox = Sandbox::new();
    sandbox.write("x", "");
    let generate = ["keys", "generate", "--type", "pkcs8"];
    let (code, shown) = at_a_terminal(&sandbox, &generate, &["secret\n", "secreT\n"]);
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("usage.passphrase-mismatch"), "{shown}");
    assert_eq!(sandbox.files(), ["x"]);
    let (code, shown) = at_a_terminal(&sandbox, &generate, &["sec\u{3}"]);
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("usage.interrupted"), "{shown}");
    let (code, shown) = at_a_terminal(&sandbox, &generate, &["secret\n", "secret\n"]);
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("secret"), "{shown}");
    assert!(SigningKey::import(&sandbox.read("sealwright.key"), Some(b"secret")).is_ok());
    let public = ["keys", "public", "sealwright.key"];
    let (code, shown) = at_a_terminal(&sandbox, &public, &["secret\n"]);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("Passphrase of sealwright.key: "), "{shown}");
}

/// A cluster that gives these answers; the environment that leads to it.
fn cluster(sandbox: &Sandbox, replies: Vec<Reply>) -> (Stub, [(&'static str, String); 2]) {
    let stub = Stub::start(replies);
    let config = format!(
        "current-context: c\ncontexts: [{{name: c, context: {{cluster: k, user: u}}}}]\nclusters: \
         [{{name: k, cluster: {{server: '{}'}}}}]\nusers: [{{name: u, user: {{token: t}}}}]\n",
        stub.url("/")
    );
    sandbox.write("kubeconfig", config);
    let kubeconfig = sandbox.path("kubeconfig").display().to_string();
    let environment = [
        ("KUBECONFIG", kubeconfig),
        ("COSIGN_PASSWORD", "open".to_owned()),
    ];
    (stub, environment)
}

fn secret(data: &serde_json::Value) -> Reply {
    let body = serde_json::json!({ "metadata": { "name": "name" }, "data": data });
    Reply::new(200, body.to_string())
}

#[test]
fn a_cluster_keeps_keys_as_cosign_wants_them() {
    let sandbox = Sandbox::new();
    let made = secret(&serde_json::json!({}));
    let (stub, environment) = cluster(&sandbox, vec![Reply::new(404, "{}"), made]);
    let mut command = sandbox.command(&["keys", "generate", "k8s://ns/name", "--out", "x"]);
    let run = Run::of(command.envs(environment).output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let written = stub.seen()[1].json()["data"].clone();
    let (_stub, environment) = cluster(&sandbox, vec![secret(&written)]);
    let mut command = sandbox.command(&["keys", "public", "k8s://ns/name"]);
    let run = Run::of(command.envs(environment).output().unwrap());
    assert_eq!(run.stdout.as_bytes(), sandbox.read("x.pub"));
    let empty = secret(&serde_json::json!({ "other": "eA==" }));
    let (_stub, environment) = cluster(&sandbox, vec![empty]);
    let mut command = sandbox.command(&["keys", "public", "k8s://ns/name"]);
    let run = Run::of(command.envs(environment).output().unwrap());
    run.fails_with(3, "key.secret-without-key");
}

#[test]
fn a_keeper_that_cannot_be_reached_is_said() {
    let sandbox = Sandbox::new();
    let helper = [("SEALWRIGHT_PKCS11_HELPER", "/bin/true")];
    let uri = "pkcs11:object=a?module-path=/absent.so";
    with(&sandbox, &helper, &["keys", "public", uri]).fails_with(3, "pkcs11.helper-failed");
    if !cfg!(feature = "kms-aws") {
        sandbox
            .run(&["keys", "public", "awskms:///alias/x"])
            .fails_with(2, "kms.not-built-in");
    }
}
