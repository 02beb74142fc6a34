//! Services to sign with, an issuer of tokens they believe, and a proxy before them that tampers.

use std::io::Read as _;
use std::io::Write as _;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;

use sealwright_authority::Authority;
use sealwright_authority::KeyProof;
use sealwright_authority::Subject;
use sealwright_core::Base64;
use sealwright_core::Clock as _;
use sealwright_core::Identity;
use sealwright_core::IdentityKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::SigningKey;
use serde_json::Value;
use serde_json::json;

use crate::harness::Sandbox;
use crate::up::Up;

pub(super) const ISSUER: &str = "https://issuer.example";
pub(super) const PERSON: &str = "dev@example.com";

/// Services in a data directory of their own.
pub(super) struct Instance {
    pub(super) place: Sandbox,
    up: Up,
    key: SigningKey,
}

impl Instance {
    pub(super) fn start() -> Self {
        let place = Sandbox::new();
        let key = SigningKey::generate(SignatureScheme::Ed25519).unwrap();
        let x = unpadded(key.public_key().raw());
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x, "kid": "1"}]});
        place.write("keys.json", keys.to_string());
        let issuer = format!("{ISSUER}=keys.json");
        let up = Up::start(&place, &["--oidc-issuer", &issuer, "--write", "documents"]);
        Self { place, up, key }
    }

    /// A token that is in order, with some claims changed.
    pub(super) fn token(&self, changed: &Value) -> String {
        let mut claims = json!({
            "iss": ISSUER, "aud": "sigstore", "sub": "4711", "exp": 4_000_000_000_u64,
            "email": PERSON, "email_verified": true,
        });
        for (name, value) in changed.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let header = unpadded(br#"{"alg":"EdDSA","kid":"1"}"#);
        let message = format!("{header}.{}", unpadded(claims.to_string().as_bytes()));
        let signature = unpadded(&self.key.sign(message.as_bytes()).unwrap());
        format!("{message}.{signature}")
    }

    pub(super) fn url(&self) -> String {
        self.up.said["url"].as_str().unwrap().to_owned()
    }

    /// Somebody who knows where to sign, as whom, and whom to trust.
    pub(super) fn client(&self) -> Sandbox {
        self.client_by(&self.url())
    }

    /// The same, who finds the services under another URL.
    pub(super) fn client_by(&self, url: &str) -> Sandbox {
        let client = Sandbox::new();
        for name in [
            "trust_config.json",
            "trusted_root.json",
            "signing_config.json",
        ] {
            let document =
                String::from_utf8(self.place.read(&format!("documents/{name}"))).unwrap();
            client.write(name, document.replace(&self.url(), url));
        }
        client.write("token", self.token(&json!({})));
        client.write("app.txt", "hello");
        client
    }

    /// A certificate for this key that names somebody else, as the authority's own keys would have
    /// made it.
    pub(super) fn certificate_of_a_stranger(&self, request: &Value) -> Vec<u8> {
        let directory = self.place.home().join("authority");
        let authority = Authority::existing(&directory).unwrap().unwrap();
        let text = |pointer: &str| {
            request
                .pointer(pointer)
                .unwrap()
                .as_str()
                .unwrap()
                .to_owned()
        };
        let key =
            PublicKey::import(text("/publicKeyRequest/publicKey/content").as_bytes()).unwrap();
        let proof = Base64::decode(&text("/publicKeyRequest/proofOfPossession")).unwrap();
        let stranger = Identity::new(IdentityKind::Email, "stranger@example.com");
        let subject = Subject {
            identity: &stranger,
            issuer: ISSUER,
            challenge: PERSON,
            extensions: &[],
        };
        let proof = KeyProof::Challenge {
            public_key: &key,
            signature: proof.as_bytes(),
        };
        let now = sealwright::SystemClock.now();
        let chain = authority.issue_to(&subject, &proof, now).unwrap();
        let chain: Vec<String> = chain.iter().map(|one| one.to_pem()).collect();
        json!({"signedCertificateEmbeddedSct": {"chain": {"certificates": chain}}})
            .to_string()
            .into_bytes()
    }
}

fn unpadded(bytes: &[u8]) -> String {
    let text = Base64::encode(bytes).replace('+', "-").replace('/', "_");
    text.trim_end_matches('=').to_owned()
}

/// A request as it passes by.
pub(super) struct Passing {
    pub(super) path: String,
    pub(super) body: Vec<u8>,
}

/// What becomes of it.
pub(super) enum Fate {
    /// It is passed on, and its answer back.
    Pass,
    /// It is answered so.
    Answer(u16, Vec<u8>),
    /// It gets the first answer that anybody got under its path.
    Replay,
}

/// The first answer under each path.
type Answers = Mutex<Vec<(String, Vec<u8>)>>;
type Rule = dyn Fn(&Passing) -> Fate + Send + Sync;

/// Starts a proxy and gives its URL. It ends with the test.
pub(super) fn proxy(to: &str, rule: impl Fn(&Passing) -> Fate + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let to = to.strip_prefix("http://").unwrap().to_owned();
    let rule: Arc<Rule> = Arc::new(rule);
    let first: Arc<Answers> = Arc::default();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (to, rule, first) = (to.clone(), Arc::clone(&rule), Arc::clone(&first));
            std::thread::spawn(move || serve(stream.unwrap(), &to, &*rule, &first));
        }
    });
    url
}

/// One request on one connection, and no more.
fn serve(mut stream: TcpStream, to: &str, rule: &Rule, first: &Answers) -> Option<()> {
    let (head, body) = read(&mut stream)?;
    let path = head.split(' ').nth(1)?.to_owned();
    let passing = Passing { path, body };
    let answer = match rule(&passing) {
        Fate::Answer(status, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} so\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
                 connection: close\r\n\r\n"
            );
            [head.as_bytes(), &body].concat()
        }
        fate => {
            let mut server = TcpStream::connect(to).ok()?;
            let head = head.replacen("\r\n", "\r\nconnection: close\r\n", 1);
            server.write_all(head.as_bytes()).ok()?;
            server.write_all(&passing.body).ok()?;
            let mut answer = Vec::new();
            server.read_to_end(&mut answer).ok()?;
            let mut first = first.lock().unwrap();
            match (fate, first.iter().find(|(path, _)| *path == passing.path)) {
                (Fate::Replay, Some((_, earlier))) => earlier.clone(),
                (_, known) => {
                    if known.is_none() {
                        first.push((passing.path, answer.clone()));
                    }
                    answer
                }
            }
        }
    };
    stream.write_all(&answer).ok()?;
    stream.shutdown(Shutdown::Write).ok()
}

fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(at) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..at + 4]).into_owned();
            let length = head
                .lines()
                .filter_map(|line| line.split_once(':'))
                .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                .map_or(0, |(_, value)| value.trim().parse().unwrap());
            if bytes.len() >= at + 4 + length {
                return Some((head, bytes[at + 4..].to_vec()));
            }
        }
        let count = stream.read(&mut piece).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&piece[..count]);
    }
}
