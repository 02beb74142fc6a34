//! The transit engine of HashiCorp Vault (and OpenBao, which has the same API): keys read, signed
//! with and made.
//!
//! `VAULT_ADDR` says where it is, `VAULT_TOKEN` or the file that `vault login` writes who we are,
//! `VAULT_NAMESPACE` in which namespace, `TRANSIT_SECRET_ENGINE_PATH` under which path.

use std::collections::BTreeMap;
use std::path::Path;

use sealwright_core::Base64;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::RsaSize;
use sealwright_crypto::SignatureScheme;
use sealwright_net::Answer;
use sealwright_net::Client;
use sealwright_net::HeaderName;
use sealwright_net::HeaderValue;
use sealwright_net::Method;
use sealwright_net::Repeat;
use sealwright_net::Request;
use sealwright_net::Url;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::Error;
use crate::NewKey;
use crate::Surroundings;
use crate::exchange;
use crate::exchange::MAKE;
use crate::exchange::Purpose;
use crate::exchange::READ;
use crate::exchange::SIGN;
use crate::key::Found;
use crate::key::Handed;
use crate::reference::KeyService;

/// One transit engine.
pub(crate) struct Service {
    client: Client,
    address: Url,
    token: String,
    namespace: Option<String>,
    engine: String,
}

/// A version of a key.
pub(crate) struct VaultKey {
    service: Service,
    name: String,
    version: u64,
}

#[derive(Deserialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
struct KeyAnswer {
    #[serde(rename = "type")]
    kind: String,
    latest_version: u64,
    keys: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
struct SignAnswer {
    signature: String,
}

impl Service {
    pub(crate) fn connect(surroundings: &Surroundings<'_>) -> Result<Self, Error> {
        let missing = |reason: &str| Error::CredentialsMissing {
            service: KeyService::Vault,
            reason: reason.into(),
        };
        let address = surroundings
            .variable("VAULT_ADDR")
            .ok_or_else(|| missing("VAULT_ADDR is not set"))?;
        let address = Url::parse(&address)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
            .ok_or(Error::SettingInvalid {
                name: "VAULT_ADDR".into(),
                found: "no URL of a server",
                wanted: "such as https://vault.example.com:8200",
            })?;
        let token = surroundings
            .variable("VAULT_TOKEN")
            .or_else(|| token_file(surroundings.variable("HOME")?.as_ref()))
            .ok_or_else(|| missing("VAULT_TOKEN is not set, and there is no ~/.vault-token"))?;
        let engine = surroundings
            .variable("TRANSIT_SECRET_ENGINE_PATH")
            .unwrap_or_else(|| "transit".to_owned());
        if !engine.split('/').all(is_path_part) {
            return Err(Error::SettingInvalid {
                name: "TRANSIT_SECRET_ENGINE_PATH".into(),
                found: "no path",
                wanted: "the path of a transit engine, such as transit",
            });
        }
        Ok(Self {
            client: surroundings.client.clone(),
            address,
            token: token.trim().to_owned(),
            namespace: surroundings.variable("VAULT_NAMESPACE"),
            engine,
        })
    }

    /// Reads the public half of the newest version.
    pub(crate) async fn open(self, name: &str) -> Result<Found<VaultKey>, Error> {
        let purpose = purpose(READ, name);
        let answer = self
            .ask(Method::GET, &format!("keys/{name}"), None, Repeat::Allowed)
            .await?;
        let key: Envelope<KeyAnswer> = exchange::accept(purpose, &answer, "a key")?;
        let key = key.data;
        let version = key.latest_version;
        let text = key
            .keys
            .get(&version.to_string())
            .and_then(|found| found.get("public_key"))
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| Error::UnsupportedKey {
                service: KeyService::Vault,
                found: format!("of the type {}", key.kind).into(),
                wanted: "one with a public half",
            })?;
        let public_key = match key.kind.as_str() {
            // The 32 bytes alone.
            "ed25519" => {
                let raw = Base64::decode(text).map_err(|_| Error::MalformedAnswer {
                    service: KeyService::Vault,
                    found: "a key that is no Base64",
                    wanted: "a key",
                })?;
                PublicKey::from_raw(KeyKind::Ed25519, raw.as_bytes())
            }
            _ => PublicKey::from_pem(text),
        };
        let public_key = public_key.map_err(|source| Error::Key {
            service: KeyService::Vault,
            source,
        })?;
        let schemes = match public_key.kind() {
            KeyKind::Rsa => vec![
                SignatureScheme::RsaPkcs1Sha256,
                SignatureScheme::RsaPkcs1Sha384,
                SignatureScheme::RsaPkcs1Sha512,
                SignatureScheme::RsaPssSha256,
                SignatureScheme::RsaPssSha384,
                SignatureScheme::RsaPssSha512,
            ],
            _ => vec![public_key.default_scheme()],
        };
        Ok(Found {
            keeper: VaultKey {
                service: self,
                name: name.to_owned(),
                version,
            },
            public_key,
            schemes,
        })
    }

    /// Makes a key. Of one that is there already nothing is changed, and nothing is said.
    pub(crate) async fn create(&self, name: &str, kind: NewKey) -> Result<(), Error> {
        let kind = match kind {
            NewKey::Kind(KeyKind::EcdsaP256) => "ecdsa-p256",
            NewKey::Kind(KeyKind::EcdsaP384) => "ecdsa-p384",
            NewKey::Kind(KeyKind::EcdsaP521) => "ecdsa-p521",
            NewKey::Kind(KeyKind::Ed25519) => "ed25519",
            NewKey::Rsa(RsaSize::Bits2048) => "rsa-2048",
            NewKey::Rsa(RsaSize::Bits4096) => "rsa-4096",
            NewKey::Rsa(RsaSize::Bits3072) | NewKey::Kind(_) => "rsa-3072",
        };
        let body = json!({ "type": kind });
        let answer = self
            .ask(
                Method::POST,
                &format!("keys/{name}"),
                Some(body),
                Repeat::Never,
            )
            .await?;
        match answer.status.is_success() {
            true => Ok(()),
            false => Err(exchange::refusal(
                purpose(MAKE, name),
                answer.status.as_u16(),
                exchange::message(&answer.body),
            )),
        }
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        repeat: Repeat,
    ) -> Result<Answer, Error> {
        let mut url = self.address.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/v1/{}/{path}", self.engine));
        let request = exchange::json_request(method, url, body, repeat);
        let request = request.header(
            HeaderName::from_static("x-vault-request"),
            HeaderValue::from_static("true"),
        );
        let token = HeaderName::from_static("x-vault-token");
        let mut request = exchange::secret(request, token, &self.token, KeyService::Vault)?;
        if let Some(namespace) = &self.namespace {
            let name = HeaderName::from_static("x-vault-namespace");
            request = header(request, name, namespace)?;
        }
        exchange::send(&self.client, KeyService::Vault, &request).await
    }
}

impl VaultKey {
    pub(crate) async fn sign(
        &self,
        scheme: SignatureScheme,
        handed: Handed<'_>,
    ) -> Result<Vec<u8>, Error> {
        let (input, prehashed) = match handed {
            Handed::Digest(digest) => (digest.as_bytes(), true),
            Handed::Message(message) => (message, false),
        };
        let hash = match scheme.digest_algorithm().map(|algorithm| algorithm.size()) {
            Some(32) => "sha2-256",
            Some(48) => "sha2-384",
            Some(64) => "sha2-512",
            // Pure Ed25519: not looked at.
            _ => "none",
        };
        let mut body = json!({
            "input": Base64::encode(input),
            "key_version": self.version,
            "prehashed": prehashed,
        });
        let mut set = |name: &str, value: &str| {
            if let Some(body) = body.as_object_mut() {
                body.insert(name.to_owned(), value.into());
            }
        };
        if prehashed {
            set("hash_algorithm", hash);
        }
        match scheme {
            SignatureScheme::RsaPkcs1Sha256
            | SignatureScheme::RsaPkcs1Sha384
            | SignatureScheme::RsaPkcs1Sha512 => set("signature_algorithm", "pkcs1v15"),
            SignatureScheme::RsaPssSha256
            | SignatureScheme::RsaPssSha384
            | SignatureScheme::RsaPssSha512 => {
                set("signature_algorithm", "pss");
                set("salt_length", "hash");
            }
            _ => set("marshaling_algorithm", "asn1"),
        }
        let path = format!("sign/{}", self.name);
        let answer = self
            .service
            .ask(Method::POST, &path, Some(body), Repeat::Allowed)
            .await?;
        let wanted = "vault:vN:SIGNATURE of the version that was asked";
        let answer: Envelope<SignAnswer> =
            exchange::accept(purpose(SIGN, &self.name), &answer, wanted)?;
        let prefix = format!("vault:v{}:", self.version);
        let signature = answer.data.signature;
        signature
            .strip_prefix(&prefix)
            .and_then(|text| Base64::decode(text).ok())
            .map(|bytes| bytes.as_bytes().to_vec())
            .ok_or(Error::MalformedAnswer {
                service: KeyService::Vault,
                found: "something else",
                wanted,
            })
    }
}

fn header(request: Request, name: HeaderName, value: &str) -> Result<Request, Error> {
    let value = HeaderValue::try_from(value).map_err(|_| Error::SettingInvalid {
        name: "VAULT_NAMESPACE".into(),
        found: "no namespace",
        wanted: "a namespace of Vault",
    })?;
    Ok(request.header(name, value))
}

/// What `vault login` leaves.
fn token_file(home: &Path) -> Option<String> {
    let text = std::fs::read_to_string(home.join(".vault-token")).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty() && text.len() < 16 << 10)
}

fn is_path_part(part: &str) -> bool {
    !part.is_empty()
        && !part.starts_with('.')
        && part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

const fn purpose<'a>(action: &'static str, key: &'a str) -> Purpose<'a> {
    Purpose {
        service: KeyService::Vault,
        action,
        key,
    }
}

#[cfg(test)]
mod tests;
