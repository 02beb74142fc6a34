//! `sealwright up`: served to other clients, stopped, killed and started again.

use std::io::BufRead as _;
use std::io::BufReader;
use std::net::TcpListener;
use std::process::Child;
use std::process::Stdio;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use rustix::process::Signal;
use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use sealwright_net::AuthorityClient;
use sealwright_net::Client;
use sealwright_net::LogClient;
use sealwright_net::Method;
use sealwright_net::Request;
use sealwright_net::StatusCode;
use sealwright_net::TimestampClient;
use sealwright_net::Url;
use sealwright_net::oidc::IdentityToken;
use sealwright_sigstore::CertificateRequest;
use sealwright_sigstore::KeyDetails;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::HashedRekord;
use serde_json::Value;
use serde_json::json;
use tokio::runtime::Runtime;

use crate::harness::Sandbox;

/// A server that answers.
pub(crate) struct Up {
    child: Child,
    /// What it said first.
    pub(crate) said: Value,
}

impl Up {
    pub(crate) fn start(sandbox: &Sandbox, more: &[&str]) -> Self {
        let mut arguments = vec!["up", "--dev", "-o", "json"];
        arguments.extend(more);
        let mut child = sandbox
            .command(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let Ok(said) = serde_json::from_str(&line) else {
            let output = child.wait_with_output().unwrap();
            panic!("{}", String::from_utf8_lossy(&output.stderr))
        };
        Self { child, said }
    }

    fn url(&self, path: &str) -> Url {
        let base = self.said["url"].as_str().unwrap();
        Url::parse(&format!("{base}{path}")).unwrap()
    }

    /// Tells it to stop, and takes its exit code.
    pub(crate) fn stop(mut self, signal: Signal) -> i32 {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, signal).unwrap();
        self.child.wait().unwrap().code().unwrap()
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Up {
    /// No server outlives its test, also when that fails.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn client() -> Client {
    Client::new(sealwright_net::Options {
        max_retries: 0,
        ..sealwright_net::Options::default()
    })
}

fn get(runtime: &Runtime, url: Url) -> (StatusCode, Vec<u8>) {
    let request = Request::new(Method::GET, url);
    let answer = runtime.block_on(client().exchange(&request, 1 << 20));
    let answer = answer.unwrap();
    (answer.status, answer.body.to_vec())
}

fn runtime() -> Runtime {
    Runtime::new().unwrap()
}

/// An entry that nobody has proposed before.
fn entry(key: &SigningKey, number: u64) -> ProposedEntry {
    let message = number.to_string();
    ProposedEntry::HashedRekordV002(HashedRekord {
        digest: Digest::sha256(message.as_bytes()),
        signature: key.sign(message.as_bytes()).unwrap().into(),
        verifier: Verifier::PublicKey(key.public_key().der().to_vec()),
        key_details: KeyDetails::PkixEcdsaP256Sha256,
    })
}

fn p256() -> SigningKey {
    SigningKey::generate(SignatureScheme::EcdsaP256Sha256).unwrap()
}

fn unpadded(bytes: &[u8]) -> String {
    let text = Base64::encode(bytes).replace('+', "-").replace('/', "_");
    text.trim_end_matches('=').to_owned()
}

/// A key set, and a token that its key signed.
fn issuer(claims: &Value) -> (String, IdentityToken) {
    let key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
    let x = unpadded(key.public_key().raw());
    let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "1"}]});
    let header = unpadded(br#"{"alg":"EdDSA","kid":"1"}"#);
    let message = format!("{header}.{}", unpadded(claims.to_string().as_bytes()));
    let signature = unpadded(&key.sign(message.as_bytes()).unwrap());
    let token = IdentityToken::parse(&format!("{message}.{signature}")).unwrap();
    (keys.to_string(), token)
}

#[test]
fn serves_certificates_entries_timestamps_and_documents() {
    let sandbox = Sandbox::new();
    let claims = json!({
        "iss": "https://issuer.example", "aud": "sigstore", "sub": "1", "exp": 4_000_000_000_u64,
        "email": "dev@example.com", "email_verified": true,
    });
    let (keys, token) = issuer(&claims);
    sandbox.write("keys.json", keys);
    let up = Up::start(
        &sandbox,
        &[
            "--oidc-issuer",
            "https://issuer.example=keys.json",
            "--write",
            "documents",
        ],
    );
    assert_eq!(up.said["schema"], "sealwright.dev/up/v1");
    let runtime = runtime();

    let key = p256();
    let request = CertificateRequest {
        public_key: key.public_key().clone(),
        proof: key.sign(b"dev@example.com").unwrap().into(),
        subject: "dev@example.com".to_owned(),
    };
    let authority = AuthorityClient::new(client(), up.url(""));
    let issued = runtime.block_on(authority.certify(&token, &request));
    let leaf = issued.unwrap().leaf;
    assert_eq!(leaf.identity().unwrap().value(), "dev@example.com");
    // Another key's token.
    let (_, other) = issuer(&claims);
    let refused = runtime.block_on(authority.certify(&other, &request));
    assert!(refused.unwrap_err().to_string().contains("identity token"));

    let log = LogClient::new(client(), up.url(""));
    let added = runtime.block_on(log.add(&entry(&key, 0))).unwrap();
    assert_eq!(added.log_version(), LogVersion::V2);
    let stamps = TimestampClient::new(client(), up.url("/api/v1/timestamp"));
    runtime.block_on(stamps.timestamp(b"signature")).unwrap();

    for name in [
        "trust_config.json",
        "trusted_root.json",
        "signing_config.json",
        "root.json",
    ] {
        let (status, served) = get(&runtime, up.url(&format!("/{name}")));
        assert_eq!(status, StatusCode::OK);
        assert_eq!(sandbox.read(&format!("documents/{name}")), served, "{name}");
    }
    let written = sandbox.read("documents/url");
    assert_eq!(
        String::from_utf8(written).unwrap().trim_end(),
        up.said["url"]
    );
    let (status, root) = get(&runtime, up.url("/tuf/1.root.json"));
    assert_eq!(status, StatusCode::OK);
    assert_eq!(root, sandbox.read("documents/root.json"));
    for absent in ["/tuf/2.root.json", "/tuf/..%2fkeys%2froot.pem", "/other"] {
        let (status, _) = get(&runtime, up.url(absent));
        assert_eq!(status, StatusCode::NOT_FOUND, "{absent}");
    }

    // Others use the data directory meanwhile.
    sandbox.write("app.bin", "app");
    sandbox.seal("app.bin");
    assert_eq!(sandbox.verify("app.bin", &[]).code, 0);
    let logged = sandbox.log_size();
    let added = runtime.block_on(log.add(&entry(&key, 1))).unwrap();
    assert_eq!(added.log_index, logged);

    assert_eq!(up.stop(Signal::TERM), 0);
    // Nobody answers there any more.
    assert!(!sandbox.path("documents/url").exists());
    assert_eq!(sandbox.log_size(), logged + 1);
}

#[test]
fn is_an_update_repository_that_goes_on_after_a_restart() {
    let sandbox = Sandbox::new();
    let first = Up::start(&sandbox, &[]);
    let root = std::fs::read(sandbox.home().join("up/root.json")).unwrap();
    sandbox.write("root.json", &root);
    let init = ["tuf-client", "--metadata-dir", "tuf", "init", "root.json"];
    assert_eq!(sandbox.run(&init).code, 0);
    let refresh = |up: &Up| {
        let base = up.said["repositoryUrl"].as_str().unwrap();
        let run = sandbox.run(&[
            "tuf-client",
            "--metadata-dir",
            "tuf",
            "--metadata-url",
            base,
            "--target-name",
            "signing_config.v0.2.json",
            "--target-base-url",
            &format!("{base}/targets"),
            "--target-dir",
            ".",
            "download",
        ]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        sandbox.read("signing_config.v0.2.json")
    };
    let served = |up: &Up| get(&runtime(), up.url("/signing_config.json")).1;
    assert_eq!(refresh(&first), served(&first));
    assert_eq!(first.stop(Signal::INT), 0);
    // On another port, most likely, and so with another configuration.
    let second = Up::start(&sandbox, &[]);
    assert_eq!(refresh(&second), served(&second));
    let again = std::fs::read(sandbox.home().join("up/root.json")).unwrap();
    assert_eq!(again, root);
    assert_eq!(second.stop(Signal::TERM), 0);
}

#[test]
fn what_was_answered_survives_a_kill() {
    let sandbox = Sandbox::new();
    let key = p256();
    let mut answered = 0;
    for round in 0..3 {
        let up = Up::start(&sandbox, &[]);
        let highest = AtomicU64::new(0);
        let log = LogClient::new(client(), up.url(""));
        let runtime = runtime();
        std::thread::scope(|scope| {
            let proposers: Vec<_> = (0..4_u64)
                .map(|thread| {
                    let (log, runtime, key, highest) = (&log, &runtime, &key, &highest);
                    scope.spawn(move || {
                        let mut done = 0_u64;
                        // Until the server is gone.
                        for number in 0.. {
                            let number = round * 1_000_000 + thread * 100_000 + number;
                            match runtime.block_on(log.add(&entry(key, number))) {
                                Ok(_) => done += 1,
                                Err(_) => break,
                            }
                            highest.fetch_max(done, Ordering::SeqCst);
                        }
                        done
                    })
                })
                .collect();
            while highest.load(Ordering::SeqCst) < 5 {
                std::thread::yield_now();
            }
            up.kill();
            for proposer in proposers {
                answered += proposer.join().unwrap();
            }
        });
    }
    assert!(answered >= 15);
    // Entries whose answers were lost may be there besides.
    assert!(sandbox.log_size() >= answered);
    let up = Up::start(&sandbox, &[]);
    let log = LogClient::new(client(), up.url(""));
    assert!(runtime().block_on(log.add(&entry(&key, 0))).is_ok());
    assert_eq!(up.stop(Signal::TERM), 0);
}

#[test]
fn one_data_directory_is_served_once() {
    let sandbox = Sandbox::new();
    let up = Up::start(&sandbox, &[]);
    let second = sandbox.run(&["up", "--dev"]);
    second.fails_with(3, "up.already-running");
    assert!(std::fs::read(sandbox.home().join("up/url")).is_ok());
    // A killed one leaves nothing that hinders the next.
    up.kill();
    assert_eq!(Up::start(&sandbox, &[]).stop(Signal::TERM), 0);
}

#[test]
fn refuses_what_it_cannot_serve() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    sandbox
        .run(&["up", "--dev", "--listen", &address])
        .fails_with(3, "up.listen-failed");
    for outside in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        sandbox
            .run(&["up", "--dev", "--listen", outside])
            .fails_with(2, "usage.listen-not-loopback");
    }
    // The only way to serve is said in so many words.
    assert_eq!(sandbox.run(&["up"]).code, 2);
    assert_eq!(sandbox.run(&["up", "--dev", "--oidc-issuer", "x"]).code, 2);
    sandbox.write("keys.json", r#"{"keys": []}"#);
    let with_issuer = |issuer: &str| sandbox.run(&["up", "--dev", "--oidc-issuer", issuer]);
    with_issuer("https://a.example=keys.json").fails_with(2, "authority.issuer-unusable");
    with_issuer("https://a.example=absent.json").fails_with(3, "files.not-found");
    // Nothing was made for any of them.
    assert!(!sandbox.home().join("authority").exists());

    // Somebody who is no issuer.
    let up = Up::start(&sandbox, &[]);
    let other = Sandbox::new();
    other
        .run(&["up", "--dev", "--oidc-issuer", up.url("").as_str()])
        .fails_with(3, "up.issuer-unusable");
    assert_eq!(up.stop(Signal::TERM), 0);
}
