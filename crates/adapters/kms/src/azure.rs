//! Azure Key Vault and Managed HSM, REST API version 7.4: `Get Key`, `Sign`, `Create Key`.
//!
//! Credentials: a client's secret or a workload's federated token where the environment names them, a
//! managed identity, else what the developer tools (`az`, `azd`) are logged in as.

use std::sync::Arc;

use azure_core::credentials::Secret;
use azure_core::credentials::TokenCredential;
use sealwright_core::Base64;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::RsaSize;
use sealwright_crypto::SignatureScheme;
use sealwright_crypto::ecdsa_der;
use sealwright_net::Answer;
use sealwright_net::Client;
use sealwright_net::Method;
use sealwright_net::Repeat;
use sealwright_net::Url;
use sealwright_net::header;
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

/// One vault.
pub(crate) struct Service {
    client: Client,
    url: Url,
    scope: String,
    token: Token,
}

/// Where access tokens come from, the first that gives one.
enum Token {
    Chain(Vec<Arc<dyn TokenCredential>>),
    #[cfg(test)]
    Fixed(&'static str),
}

/// A version of a key.
pub(crate) struct AzureKey {
    service: Service,
    /// `KEY/VERSION`
    name: String,
    kind: KeyKind,
}

#[derive(Deserialize)]
struct KeyAnswer {
    key: JsonWebKey,
}

#[derive(Deserialize)]
struct JsonWebKey {
    kid: String,
    kty: String,
    #[serde(default)]
    crv: String,
    #[serde(default)]
    key_ops: Vec<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct SignAnswer {
    #[serde(default)]
    kid: String,
    value: String,
}

impl Service {
    pub(crate) fn connect(vault: &str, surroundings: &Surroundings<'_>) -> Result<Self, Error> {
        // A token for vaults goes to vaults alone, whatever host a reference names.
        let suffix = SUFFIXES
            .iter()
            .find(|suffix| vault.ends_with(**suffix))
            .ok_or_else(|| Error::SettingInvalid {
                name: format!("azurekms://{vault}").into(),
                found: "no vault of Azure",
                wanted: "NAME.vault.azure.net, or the same of managed HSMs and of national clouds",
            })?;
        let url = Url::parse(&format!("https://{vault}/")).map_err(|_| Error::SettingInvalid {
            name: format!("azurekms://{vault}").into(),
            found: "no host",
            wanted: "NAME.vault.azure.net",
        })?;
        Ok(Self {
            client: surroundings.client.clone(),
            url,
            scope: format!("https://{}/.default", suffix.trim_start_matches('.')),
            token: Token::Chain(chain(surroundings)?),
        })
    }

    /// Reads the public half of a version, or of the newest.
    pub(crate) async fn open(
        self,
        key: &str,
        version: Option<&str>,
    ) -> Result<Found<AzureKey>, Error> {
        let path = match version {
            Some(version) => format!("{key}/{version}"),
            None => key.to_owned(),
        };
        let answer = self.ask(Method::GET, &path, None, Repeat::Allowed).await?;
        let found: KeyAnswer = exchange::accept(purpose(READ, key), &answer, "a key")?;
        let found = found.key;
        let public_key = public_key(&found)?;
        if !found.key_ops.is_empty() && !found.key_ops.iter().any(|allowed| allowed == "sign") {
            return Err(Error::UnsupportedKey {
                service: KeyService::Azure,
                found: "not for signing".into(),
                wanted: "one with the operation sign",
            });
        }
        let name = name(&found.kid, key, version)?;
        let kind = public_key.kind();
        let schemes: Vec<_> = ALGORITHMS
            .iter()
            .map(|(_, scheme)| *scheme)
            .filter(|scheme| scheme.key_kind() == kind)
            .collect();
        Ok(Found {
            keeper: AzureKey {
                service: self,
                name,
                kind,
            },
            public_key,
            schemes,
        })
    }

    /// Makes a key.
    pub(crate) async fn create(&self, key: &str, kind: NewKey) -> Result<(), Error> {
        let curve = |name: &str| json!({ "kty": "EC", "crv": name, "key_ops": ["sign", "verify"] });
        let rsa =
            |bits: u32| json!({ "kty": "RSA", "key_size": bits, "key_ops": ["sign", "verify"] });
        let body = match kind {
            NewKey::Kind(KeyKind::EcdsaP256) => curve("P-256"),
            NewKey::Kind(KeyKind::EcdsaP384) => curve("P-384"),
            NewKey::Kind(KeyKind::EcdsaP521) => curve("P-521"),
            NewKey::Rsa(RsaSize::Bits2048) => rsa(2048),
            NewKey::Rsa(RsaSize::Bits3072) => rsa(3072),
            NewKey::Rsa(RsaSize::Bits4096) => rsa(4096),
            NewKey::Kind(other) => {
                return Err(Error::UnsupportedKey {
                    service: KeyService::Azure,
                    found: other.name().into(),
                    wanted: "ECDSA P-256, P-384 or P-521, or RSA",
                });
            }
        };
        let path = format!("{key}/create");
        let answer = self
            .ask(Method::POST, &path, Some(body), Repeat::Never)
            .await?;
        let _: KeyAnswer = exchange::accept(purpose(MAKE, key), &answer, "a key")?;
        Ok(())
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        repeat: Repeat,
    ) -> Result<Answer, Error> {
        let mut url = self.url.clone();
        url.set_path(&format!("/keys/{path}"));
        url.set_query(Some("api-version=7.4"));
        let token = self.token().await?;
        let request = exchange::json_request(method, url, body, repeat);
        let value = format!("Bearer {token}");
        let request = exchange::secret(request, header::AUTHORIZATION, &value, KeyService::Azure)?;
        exchange::send(&self.client, KeyService::Azure, &request).await
    }

    async fn token(&self) -> Result<String, Error> {
        #[cfg_attr(
            not(test),
            expect(
                clippy::infallible_destructuring_match,
                reason = "tests have another source"
            )
        )]
        let chain = match &self.token {
            Token::Chain(chain) => chain,
            #[cfg(test)]
            Token::Fixed(token) => return Ok((*token).to_owned()),
        };
        let mut reason = String::from("no source of tokens is set up");
        for source in chain {
            match source.get_token(&[&self.scope], None).await {
                Ok(token) => return Ok(token.token.secret().to_owned()),
                // The first line: what follows is the answer of a login page.
                Err(error) => {
                    let text = error.to_string();
                    reason = text.lines().next().unwrap_or_default().to_owned();
                }
            }
        }
        Err(missing(&reason))
    }
}

impl AzureKey {
    pub(crate) async fn sign(
        &self,
        scheme: SignatureScheme,
        handed: Handed<'_>,
    ) -> Result<Vec<u8>, Error> {
        let algorithm = ALGORITHMS.iter().find(|(_, known)| *known == scheme);
        let (Some((algorithm, _)), Handed::Digest(digest)) = (algorithm, handed) else {
            return Err(Error::UnsupportedKey {
                service: KeyService::Azure,
                found: "one that signs digests alone".into(),
                wanted: "ECDSA or RSA",
            });
        };
        let body = json!({ "alg": algorithm, "value": to_base64url(digest.as_bytes()) });
        let path = format!("{}/sign", self.name);
        let answer = self
            .service
            .ask(Method::POST, &path, Some(body), Repeat::Allowed)
            .await?;
        let wanted = "a signature by the version that was asked";
        let malformed = Error::MalformedAnswer {
            service: KeyService::Azure,
            found: "something else",
            wanted,
        };
        let answer: SignAnswer = exchange::accept(purpose(SIGN, &self.name), &answer, wanted)?;
        if !answer.kid.is_empty() && !answer.kid.ends_with(&format!("/keys/{}", self.name)) {
            return Err(malformed);
        }
        let Some(raw) = from_base64url(&answer.value) else {
            return Err(malformed);
        };
        match self.kind {
            KeyKind::Rsa => Ok(raw),
            kind => ecdsa_der(kind, &raw).ok_or(malformed),
        }
    }
}

/// `KEY/VERSION` of a key's identifier, which is the key that was asked for.
fn name(kid: &str, key: &str, version: Option<&str>) -> Result<String, Error> {
    let found = Url::parse(kid).ok();
    let path = found.as_ref().map_or("", |url| url.path());
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["", "keys", found, number]
            if found.eq_ignore_ascii_case(key)
                && version.is_none_or(|version| version == *number)
                && !number.is_empty() =>
        {
            Ok(format!("{found}/{number}"))
        }
        _ => Err(Error::MalformedAnswer {
            service: KeyService::Azure,
            found: "about another key",
            wanted: "one about the key that was asked for",
        }),
    }
}

fn public_key(found: &JsonWebKey) -> Result<PublicKey, Error> {
    let number = |text: &Option<String>| text.as_deref().and_then(from_base64url);
    let malformed = Error::MalformedAnswer {
        service: KeyService::Azure,
        found: "a key without its numbers",
        wanted: "a JSON Web Key",
    };
    let unsupported = |what: &str| Error::UnsupportedKey {
        service: KeyService::Azure,
        found: sealwright_core::terminal::escape(what).to_string().into(),
        wanted: "EC on P-256, P-384 or P-521, or RSA",
    };
    let key = match found.kty.as_str() {
        "EC" | "EC-HSM" => {
            let (kind, size) = match found.crv.as_str() {
                "P-256" => (KeyKind::EcdsaP256, 32),
                "P-384" => (KeyKind::EcdsaP384, 48),
                "P-521" => (KeyKind::EcdsaP521, 66),
                other => return Err(unsupported(other)),
            };
            let (Some(x), Some(y)) = (number(&found.x), number(&found.y)) else {
                return Err(malformed);
            };
            if x.len() != size || y.len() != size {
                return Err(malformed);
            }
            PublicKey::from_raw(kind, &[&[4], x.as_slice(), y.as_slice()].concat())
        }
        "RSA" | "RSA-HSM" => {
            let (Some(n), Some(e)) = (number(&found.n), number(&found.e)) else {
                return Err(malformed);
            };
            PublicKey::from_rsa_numbers(&n, &e)
        }
        other => return Err(unsupported(other)),
    };
    key.map_err(|source| Error::Key {
        service: KeyService::Azure,
        source,
    })
}

/// Who we may be, in this order.
fn chain(surroundings: &Surroundings<'_>) -> Result<Vec<Arc<dyn TokenCredential>>, Error> {
    let failed = |error: azure_core::Error| missing(&error.to_string());
    let tenant = surroundings.variable("AZURE_TENANT_ID");
    let client = surroundings.variable("AZURE_CLIENT_ID");
    let secret = surroundings.variable("AZURE_CLIENT_SECRET");
    if let (Some(tenant), Some(client), Some(secret)) = (&tenant, &client, secret) {
        let secret = Secret::new(secret);
        let source =
            azure_identity::ClientSecretCredential::new(tenant, client.clone(), secret, None);
        return Ok(vec![source.map_err(failed)?]);
    }
    if surroundings
        .variable("AZURE_FEDERATED_TOKEN_FILE")
        .is_some()
    {
        let source = azure_identity::WorkloadIdentityCredential::new(None);
        return Ok(vec![source.map_err(failed)?]);
    }
    let options = client.map(|client| azure_identity::ManagedIdentityCredentialOptions {
        user_assigned_id: Some(azure_identity::UserAssignedId::ClientId(client)),
        ..Default::default()
    });
    let tools = azure_identity::DeveloperToolsCredential::new(None).map_err(failed)?;
    let managed = azure_identity::ManagedIdentityCredential::new(options).map_err(failed)?;
    // Where there is no metadata server, asking it takes long: the tools answer at once.
    Ok(vec![tools, managed])
}

fn missing(reason: &str) -> Error {
    Error::CredentialsMissing {
        service: KeyService::Azure,
        reason: sealwright_core::terminal::escape(reason).to_string().into(),
    }
}

/// RFC 4648 section 5, without padding, as JOSE writes it.
fn to_base64url(bytes: &[u8]) -> String {
    let text = Base64::encode(bytes);
    text.trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_")
}

fn from_base64url(text: &str) -> Option<Vec<u8>> {
    if text.contains(['+', '/', '=']) {
        return None;
    }
    let mut text = text.replace('-', "+").replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    let bytes = Base64::decode(&text).ok()?;
    Some(bytes.as_bytes().to_vec())
}

const fn purpose<'a>(action: &'static str, key: &'a str) -> Purpose<'a> {
    Purpose {
        service: KeyService::Azure,
        action,
        key,
    }
}

/// The first of each kind is the default.
const ALGORITHMS: &[(&str, SignatureScheme)] = &[
    ("ES256", SignatureScheme::EcdsaP256Sha256),
    ("ES384", SignatureScheme::EcdsaP384Sha384),
    ("ES512", SignatureScheme::EcdsaP521Sha512),
    ("RS256", SignatureScheme::RsaPkcs1Sha256),
    ("RS384", SignatureScheme::RsaPkcs1Sha384),
    ("RS512", SignatureScheme::RsaPkcs1Sha512),
    ("PS256", SignatureScheme::RsaPssSha256),
    ("PS384", SignatureScheme::RsaPssSha384),
    ("PS512", SignatureScheme::RsaPssSha512),
];
const SUFFIXES: &[&str] = &[
    ".vault.azure.net",
    ".vault.azure.cn",
    ".vault.usgovcloudapi.net",
    ".managedhsm.azure.net",
    ".managedhsm.azure.cn",
    ".managedhsm.usgovcloudapi.net",
];

#[cfg(test)]
mod tests;
