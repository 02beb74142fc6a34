//! Google Cloud Key Management Service, version 1, over REST: `cryptoKeyVersions.getPublicKey`,
//! `cryptoKeyVersions.asymmetricSign`, `cryptoKeyVersions.list`, `cryptoKeys.create`.
//!
//! Credentials are what Google calls the application default ones.

use google_cloud_auth::credentials::AccessTokenCredentials;
use sealwright_core::Base64;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_crypto::RsaSize;
use sealwright_crypto::SignatureScheme;
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

/// The service.
pub(crate) struct Service {
    client: Client,
    url: Url,
    token: Token,
}

/// Where access tokens come from.
enum Token {
    Default(AccessTokenCredentials),
    #[cfg(test)]
    Fixed(&'static str),
}

/// A version of a key.
pub(crate) struct GoogleKey {
    service: Service,
    /// `projects/…/cryptoKeyVersions/N`
    name: String,
}

#[derive(Deserialize)]
struct PublicKeyAnswer {
    pem: String,
    algorithm: String,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct SignAnswer {
    signature: Base64,
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListAnswer {
    #[serde(default)]
    crypto_key_versions: Vec<Version>,
}

#[derive(Deserialize)]
struct Version {
    name: String,
    state: String,
}

impl Service {
    pub(crate) fn connect(surroundings: &Surroundings<'_>) -> Result<Self, Error> {
        let credentials = google_cloud_auth::credentials::Builder::default()
            .with_scopes(["https://www.googleapis.com/auth/cloudkms"])
            .build_access_token_credentials()
            .map_err(|error| missing(&error))?;
        let url = Url::parse(ADDRESS).map_err(|_| Error::SettingInvalid {
            name: ADDRESS.into(),
            found: "no URL",
            wanted: "a URL",
        })?;
        Ok(Self {
            client: surroundings.client.clone(),
            url,
            token: Token::Default(credentials),
        })
    }

    /// Reads the public half of a version, or of the newest enabled one.
    pub(crate) async fn open(
        self,
        ring: &str,
        key: &str,
        version: Option<&str>,
    ) -> Result<Found<GoogleKey>, Error> {
        let key_name = format!("{ring}/cryptoKeys/{key}");
        let version = match version {
            Some(version) => version.to_owned(),
            None => self.newest(&key_name).await?.to_string(),
        };
        let name = format!("{key_name}/cryptoKeyVersions/{version}");
        let answer = self
            .ask(
                Method::GET,
                &format!("{name}/publicKey"),
                &[],
                None,
                Repeat::Allowed,
            )
            .await?;
        let purpose = purpose(READ, &name);
        let answer: PublicKeyAnswer = exchange::accept(purpose, &answer, "a public key")?;
        check_name(&answer.name, &name)?;
        let public_key = PublicKey::from_pem(&answer.pem).map_err(|source| Error::Key {
            service: KeyService::Google,
            source,
        })?;
        let schemes: Vec<_> = scheme(&answer.algorithm).into_iter().collect();
        if schemes.is_empty() {
            return Err(Error::UnsupportedKey {
                service: KeyService::Google,
                found: sealwright_core::terminal::escape(&answer.algorithm)
                    .to_string()
                    .into(),
                wanted: "EC_SIGN_P256_SHA256, EC_SIGN_P384_SHA384, EC_SIGN_ED25519 or RSA_SIGN_…",
            });
        }
        Ok(Found {
            keeper: GoogleKey {
                service: self,
                name,
            },
            public_key,
            schemes,
        })
    }

    /// The highest number of an enabled version: names sort as text, where 10 is before 9.
    async fn newest(&self, key_name: &str) -> Result<u64, Error> {
        let query = [("filter", "state=ENABLED"), ("pageSize", "1000")];
        let path = format!("{key_name}/cryptoKeyVersions");
        let answer = self
            .ask(Method::GET, &path, &query, None, Repeat::Allowed)
            .await?;
        let purpose = purpose(READ, key_name);
        let list: ListAnswer = exchange::accept(purpose, &answer, "a list of versions")?;
        let before = format!("{key_name}/cryptoKeyVersions/");
        list.crypto_key_versions
            .iter()
            .filter(|version| version.state == "ENABLED")
            .filter_map(|version| version.name.strip_prefix(&before)?.parse().ok())
            .max()
            .ok_or_else(|| Error::UnsupportedKey {
                service: KeyService::Google,
                found: "without an enabled version".into(),
                wanted: "one that is enabled",
            })
    }

    /// Makes a key with its first version.
    pub(crate) async fn create(&self, ring: &str, key: &str, kind: NewKey) -> Result<(), Error> {
        let algorithm = match kind {
            NewKey::Kind(KeyKind::EcdsaP256) => "EC_SIGN_P256_SHA256",
            NewKey::Kind(KeyKind::EcdsaP384) => "EC_SIGN_P384_SHA384",
            NewKey::Kind(KeyKind::Ed25519) => "EC_SIGN_ED25519",
            NewKey::Rsa(RsaSize::Bits2048) => "RSA_SIGN_PKCS1_2048_SHA256",
            NewKey::Rsa(RsaSize::Bits3072) => "RSA_SIGN_PKCS1_3072_SHA256",
            NewKey::Rsa(RsaSize::Bits4096) => "RSA_SIGN_PKCS1_4096_SHA256",
            NewKey::Kind(_) => {
                return Err(Error::UnsupportedKey {
                    service: KeyService::Google,
                    found: "ECDSA P-521".into(),
                    wanted: "ECDSA P-256 or P-384, Ed25519, or RSA",
                });
            }
        };
        let body = json!({
            "purpose": "ASYMMETRIC_SIGN",
            "versionTemplate": { "algorithm": algorithm },
        });
        let path = format!("{ring}/cryptoKeys");
        let query = [("cryptoKeyId", key)];
        let answer = self
            .ask(Method::POST, &path, &query, Some(body), Repeat::Never)
            .await?;
        let purpose = purpose(MAKE, key);
        let _: Value = exchange::accept(purpose, &answer, "a key")?;
        // A version is generated after the key was made.
        let key_name = format!("{ring}/cryptoKeys/{key}");
        let mut wait = self.client.options().retry_wait;
        for _ in 0..GENERATION_TRIES {
            if self.newest(&key_name).await.is_ok() {
                return Ok(());
            }
            tokio::time::sleep(wait).await;
            wait = exchange::MAX_WAIT.min(wait * 2);
        }
        self.newest(&key_name).await.map(|_| ())
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<Value>,
        repeat: Repeat,
    ) -> Result<Answer, Error> {
        let mut url = self.url.clone();
        url.set_path(&format!("/v1/{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let token = match &self.token {
            Token::Default(credentials) => {
                let token = credentials.access_token().await;
                token.map_err(|error| missing(&error))?.token
            }
            #[cfg(test)]
            Token::Fixed(token) => (*token).to_owned(),
        };
        let request = exchange::json_request(method, url, body, repeat);
        let value = format!("Bearer {token}");
        let request = exchange::secret(request, header::AUTHORIZATION, &value, KeyService::Google)?;
        exchange::send(&self.client, KeyService::Google, &request).await
    }
}

impl GoogleKey {
    pub(crate) async fn sign(&self, handed: Handed<'_>) -> Result<Vec<u8>, Error> {
        let body = match handed {
            Handed::Digest(digest) => {
                let name = digest.algorithm().name();
                json!({ "digest": { name: Base64::encode(digest.as_bytes()) } })
            }
            Handed::Message(message) => json!({ "data": Base64::encode(message) }),
        };
        let path = format!("{}:asymmetricSign", self.name);
        let answer = self
            .service
            .ask(Method::POST, &path, &[], Some(body), Repeat::Allowed)
            .await?;
        let purpose = purpose(SIGN, &self.name);
        let answer: SignAnswer = exchange::accept(purpose, &answer, "a signature")?;
        check_name(&answer.name, &self.name)?;
        Ok(answer.signature.as_bytes().to_vec())
    }
}

/// What an answer is about, when it says so, is what was asked for.
fn check_name(found: &str, wanted: &str) -> Result<(), Error> {
    if found.is_empty() || found == wanted {
        return Ok(());
    }
    Err(Error::MalformedAnswer {
        service: KeyService::Google,
        found: "about another key",
        wanted: "one about the key that was asked for",
    })
}

/// A version has one algorithm, with its hash and padding.
fn scheme(algorithm: &str) -> Option<SignatureScheme> {
    Some(match algorithm {
        "EC_SIGN_P256_SHA256" => SignatureScheme::EcdsaP256Sha256,
        "EC_SIGN_P384_SHA384" => SignatureScheme::EcdsaP384Sha384,
        "EC_SIGN_ED25519" => SignatureScheme::Ed25519,
        "RSA_SIGN_PKCS1_2048_SHA256"
        | "RSA_SIGN_PKCS1_3072_SHA256"
        | "RSA_SIGN_PKCS1_4096_SHA256" => SignatureScheme::RsaPkcs1Sha256,
        "RSA_SIGN_PKCS1_4096_SHA512" => SignatureScheme::RsaPkcs1Sha512,
        "RSA_SIGN_PSS_2048_SHA256" | "RSA_SIGN_PSS_3072_SHA256" | "RSA_SIGN_PSS_4096_SHA256" => {
            SignatureScheme::RsaPssSha256
        }
        "RSA_SIGN_PSS_4096_SHA512" => SignatureScheme::RsaPssSha512,
        _ => return None,
    })
}

fn missing(error: &dyn std::error::Error) -> Error {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    Error::CredentialsMissing {
        service: KeyService::Google,
        reason: sealwright_core::terminal::escape(&cause.to_string())
            .to_string()
            .into(),
    }
}

const fn purpose<'a>(action: &'static str, key: &'a str) -> Purpose<'a> {
    Purpose {
        service: KeyService::Google,
        action,
        key,
    }
}

const ADDRESS: &str = "https://cloudkms.googleapis.com/";
/// Hardware keys take some ten seconds.
const GENERATION_TRIES: usize = 10;

#[cfg(test)]
mod tests;
