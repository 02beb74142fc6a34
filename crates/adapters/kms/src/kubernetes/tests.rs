use sealwright_testkit::stub::Reply;
use sealwright_testkit::stub::Stub;

use super::*;
use crate::testing;
use crate::testing::code;

/// A cluster by a kubeconfig with these parts.
fn connect(config: &str) -> Result<Cluster, Error> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config");
    std::fs::write(&path, config).unwrap();
    std::fs::write(directory.path().join("token"), "from-file\n").unwrap();
    let path = path.display().to_string();
    let variable = move |name: &str| (name == "KUBECONFIG").then(|| format!("/absent:{path}"));
    Cluster::connect(&testing::surroundings(&variable))
}

fn config(server: &str, cluster: &str, user: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts:\n- name: c\n  context:\n    cluster: k\n    \
         user: u\n    namespace: other\nclusters:\n- name: k\n  cluster:\n    server: {server}\n{cluster}users:\n\
         - name: u\n  user:\n{user}"
    )
}

const TOKEN: &str = "    token: t0ken\n";

fn secret(data: &Value) -> Reply {
    let body = json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": { "name": "name", "namespace": "ns", "resourceVersion": "41" },
        "data": data,
    });
    Reply::new(200, body.to_string())
}

fn with_key() -> Value {
    json!({ "cosign.key": "a2V5", "cosign.pub": "cHVi", "cosign.password": "" })
}

fn status(code: u16) -> Reply {
    let body = json!({ "kind": "Status", "message": "because", "code": code });
    Reply::new(code, body.to_string())
}

#[tokio::test]
async fn reads_what_cosign_keeps_in_a_secret() {
    let stub = Stub::start(vec![secret(&with_key())]);
    let cluster = connect(&config(stub.url("/base").as_str(), "", TOKEN)).unwrap();
    let found = cluster.read("ns", "name").await.unwrap();
    assert_eq!(found.key.as_deref(), Some(&b"key"[..]));
    assert_eq!(found.public.as_deref(), Some(&b"pub"[..]));
    assert_eq!(found.password.as_deref(), Some(&b""[..]));
    let seen = stub.seen();
    assert_eq!(seen[0].line, "GET /base/api/v1/namespaces/ns/secrets/name");
    assert_eq!(seen[0].header("authorization"), "Bearer t0ken");
}

#[tokio::test]
async fn a_token_may_stand_in_a_file_beside() {
    let stub = Stub::start(vec![secret(&with_key())]);
    let server = stub.url("/");
    let cluster = connect(&config(server.as_str(), "", "    tokenFile: token\n")).unwrap();
    cluster.read("ns", "name").await.unwrap();
    assert_eq!(stub.seen()[0].header("authorization"), "Bearer from-file");
}

#[tokio::test]
async fn refusals_are_told_apart() {
    for (reply, wanted) in [
        (status(403), "kms.denied"),
        (status(401), "kms.denied"),
        (status(404), "kms.no-key"),
        (status(500), "kms.refused"),
        (Reply::new(200, "{}"), "kms.malformed-answer"),
        (Reply::new(200, vec![b' '; 1 << 20]), "net.answer-too-large"),
    ] {
        let stub = Stub::start(vec![reply]);
        let cluster = connect(&config(stub.url("/").as_str(), "", TOKEN)).unwrap();
        assert_eq!(code(cluster.read("ns", "name").await), wanted);
    }
    // Another secret than the one that was asked for.
    let stub = Stub::start(vec![secret(&with_key())]);
    let cluster = connect(&config(stub.url("/").as_str(), "", TOKEN)).unwrap();
    let read = cluster.read("ns", "another").await;
    assert_eq!(code(read), "kms.malformed-answer");
    // 429, then well again.
    let busy = status(429).header("Retry-After", "0");
    let stub = Stub::start(vec![busy, secret(&with_key())]);
    let cluster = connect(&config(stub.url("/").as_str(), "", TOKEN)).unwrap();
    assert!(cluster.read("ns", "name").await.is_ok());
}

#[tokio::test]
async fn writes_a_new_secret_or_adds_to_one() {
    let content = KeySecret {
        key: Some(b"key".to_vec()),
        public: Some(b"pub".to_vec()),
        password: Some(Vec::new()),
    };
    let write = async |replies: Vec<Reply>, existing| {
        let stub = Stub::start(replies);
        let cluster = connect(&config(stub.url("/").as_str(), "", TOKEN)).unwrap();
        let written = cluster.write("ns", "name", &content, existing).await;
        (written, stub.seen())
    };
    let made = vec![status(404), secret(&with_key())];
    let (written, seen) = write(made, Existing::Refused).await;
    written.unwrap();
    assert_eq!(seen[1].line, "POST /api/v1/namespaces/ns/secrets");
    assert_eq!(seen[1].json()["data"], with_key());
    // Beside what others keep in it, and only as it was read.
    let other = json!({ "other": "eA==" });
    let (written, seen) = write(vec![secret(&other), secret(&with_key())], Existing::Refused).await;
    written.unwrap();
    assert_eq!(seen[1].line, "PATCH /api/v1/namespaces/ns/secrets/name");
    assert_eq!(
        seen[1].header("content-type"),
        "application/merge-patch+json"
    );
    assert_eq!(seen[1].json()["metadata"]["resourceVersion"], "41");
    // A key that is there stays, unless it is said otherwise.
    let (written, seen) = write(vec![secret(&with_key())], Existing::Refused).await;
    assert_eq!(code(written), "kms.key-exists");
    assert_eq!(seen.len(), 1);
    let (written, _) = write(
        vec![secret(&with_key()), secret(&with_key())],
        Existing::Used,
    )
    .await;
    written.unwrap();
    // Somebody else was faster.
    let (written, _) = write(vec![secret(&with_key()), status(409)], Existing::Used).await;
    assert_eq!(code(written), "kms.key-exists");
}

#[test]
fn kubeconfigs_that_weaken_or_lack_something_are_refused() {
    let server = "https://127.0.0.1:1";
    for (cluster, user, wanted) in [
        (
            "    insecure-skip-tls-verify: true\n",
            TOKEN,
            "kms.setting-invalid",
        ),
        ("    proxy-url: http://p\n", TOKEN, "kms.setting-invalid"),
        ("    tls-server-name: other\n", TOKEN, "kms.setting-invalid"),
        (
            "    certificate-authority-data: '*'\n",
            TOKEN,
            "kms.setting-invalid",
        ),
        (
            "    certificate-authority: absent\n",
            TOKEN,
            "files.not-found",
        ),
        ("", "    exec: {command: x}\n", "kms.credentials-missing"),
        ("", "    username: x\n", "kms.credentials-missing"),
        ("", "    {}\n", "kms.credentials-missing"),
    ] {
        let connected = connect(&config(server, cluster, user));
        assert_eq!(code(connected), wanted, "{cluster}{user}");
    }
    let connected = connect(&config("ftp://x", "", TOKEN));
    assert_eq!(code(connected), "kms.setting-invalid");
    let dangling = config(server, "", TOKEN).replace("cluster: k\n", "cluster: gone\n");
    assert_eq!(code(connect(&dangling)), "kms.setting-invalid");
    assert_eq!(code(connect("- no\n")), "kms.setting-invalid");
    let nothing = Cluster::connect(&testing::surroundings(&|_: &str| None));
    assert_eq!(code(nothing), "kms.credentials-missing");
}

#[test]
fn nothing_of_a_secret_is_shown() {
    let secret = KeySecret {
        key: Some(b"key".to_vec()),
        ..KeySecret::default()
    };
    assert_eq!(format!("{secret:?}"), "KeySecret([redacted])");
}
