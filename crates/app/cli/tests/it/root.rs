//! `sealwright root …`.

use crate::harness::Sandbox;

#[test]
fn moves_a_data_directory() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let (identity, issuer) = sandbox.signer();
    let file = sandbox.path("backup.tar");
    let file = file.to_str().unwrap();
    assert_eq!(sandbox.run(&["root", "export", file]).code, 0);
    sandbox
        .run(&["root", "export", file])
        .fails_with(2, "files.exists");

    let elsewhere = Sandbox::new();
    let run = elsewhere.run(&["root", "import", file]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    for name in ["app.txt", "app.txt.sigstore.json"] {
        elsewhere.write(name, sandbox.read(name));
    }
    let verify = [
        "verify",
        "app.txt",
        "--identity",
        &identity,
        "--issuer",
        &issuer,
    ];
    assert_eq!(elsewhere.run(&verify).code, 0);
    elsewhere.write("new.txt", "new");
    assert_eq!(elsewhere.seal("new.txt")["identity"], identity);
    assert_eq!(elsewhere.run(&["log", "fsck"]).code, 0);
}

#[test]
fn shows_nothing_where_there_is_no_root() {
    Sandbox::new()
        .run(&["root", "show"])
        .fails_with(3, "trust.no-root");
}

#[test]
fn shows_a_client_trust_config() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox.seal("app.txt");
    let config = sandbox
        .run(&["root", "show", "--format", "trust-config"])
        .json();
    assert_eq!(
        config["mediaType"],
        "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
    );
    assert!(config["trustedRoot"]["certificateAuthorities"][0].is_object());
}

#[test]
fn shows_the_roots_that_come_with_the_program() {
    let sandbox = Sandbox::new();
    for profile in ["public", "github"] {
        let run = sandbox.run(&["root", "show", "--profile", profile]);
        assert!(run.stderr.contains("taken from its publisher on 20"));
        let authorities = &run.json()["certificateAuthorities"];
        assert!(authorities[0].is_object(), "{profile}");
    }
    let trust_config = ["root", "show", "--format", "trust-config", "--profile"];
    let config = sandbox
        .run(&[&trust_config[..], &["public"]].concat())
        .json();
    assert!(config["signingConfig"]["caUrls"][0].is_object());
    sandbox
        .run(&[&trust_config[..], &["github"]].concat())
        .fails_with(2, "usage.no-signing-config");
    assert!(!sandbox.home().exists());
}

#[test]
fn does_not_sign_for_others() {
    let sandbox = Sandbox::new();
    sandbox.write("app.txt", "hello");
    sandbox
        .run(&["seal", "app.txt", "--profile", "github"])
        .fails_with(2, "usage.profile-cannot-sign");
    assert_eq!(sandbox.files(), ["app.txt"]);
    assert!(!sandbox.home().exists());
}
