//! Keys in the secrets of a Kubernetes cluster, as cosign keeps them there: `cosign.key`, `cosign.pub` and
//! `cosign.password` of one secret (Kubernetes API, core version 1).
//!
//! The cluster is the one of the kubeconfig's current context, or the one this process runs in.

mod access;

use std::collections::BTreeMap;
use std::fmt;

use sealwright_core::Base64;
use sealwright_net::Answer;
use sealwright_net::Client;
use sealwright_net::HeaderValue;
use sealwright_net::Method;
use sealwright_net::Options;
use sealwright_net::Repeat;
use sealwright_net::Url;
use sealwright_net::header;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use self::access::Access;
use crate::Error;
use crate::Existing;
use crate::Surroundings;
use crate::exchange;
use crate::exchange::Purpose;
use crate::reference::KeyService;

/// A cluster that we may talk to.
pub struct Cluster {
    client: Client,
    server: Url,
    authorization: Option<String>,
}

/// What cosign keeps in a secret. Never shown by `Debug`.
#[derive(Clone, Default)]
pub struct KeySecret {
    /// The private key, encrypted.
    pub key: Option<Vec<u8>>,
    /// The public key.
    pub public: Option<Vec<u8>>,
    /// The passphrase of the private key.
    pub password: Option<Vec<u8>>,
}

#[derive(Deserialize)]
struct Secret {
    metadata: Metadata,
    #[serde(default)]
    data: Option<BTreeMap<String, Base64>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    #[serde(default)]
    resource_version: String,
}

impl Cluster {
    /// Reads who and where from the kubeconfig, or from what a pod is given.
    ///
    /// # Errors
    /// `kms.credentials-missing`, `kms.setting-invalid`, `files.…` of a file that the kubeconfig names.
    pub fn connect(surroundings: &Surroundings<'_>) -> Result<Self, Error> {
        let access = access::find(surroundings)?;
        Ok(Self::with(access, surroundings.client.options()))
    }

    fn with(access: Access, options: &Options) -> Self {
        Self {
            client: Client::new(Options {
                tls: access.tls,
                ..options.clone()
            }),
            server: access.server,
            authorization: access.authorization,
        }
    }

    /// Reads a secret.
    ///
    /// # Errors
    /// `kms.no-key`, `kms.denied`, `kms.…`, `net.…`
    pub async fn read(&self, namespace: &str, name: &str) -> Result<KeySecret, Error> {
        let purpose = purpose("read the secret", name);
        let path = format!("api/v1/namespaces/{namespace}/secrets/{name}");
        let answer = self.ask(Method::GET, &path, None, JSON).await?;
        let secret = accept(purpose, &answer)?;
        Ok(of(secret))
    }

    /// Writes a key into a secret: makes the secret, or adds the key to one that is there.
    ///
    /// # Errors
    /// `kms.key-exists` when it holds a key that is not to be replaced, or somebody else writes at the
    /// same time; as [`Cluster::read`].
    pub async fn write(
        &self,
        namespace: &str,
        name: &str,
        content: &KeySecret,
        existing: Existing,
    ) -> Result<(), Error> {
        let purpose = purpose("write the secret", name);
        let mut data = serde_json::Map::new();
        let parts = [
            (KEY, &content.key),
            (PUBLIC, &content.public),
            (PASSWORD, &content.password),
        ];
        for (part, bytes) in parts {
            if let Some(bytes) = bytes {
                data.insert(part.to_owned(), Base64::encode(bytes).into());
            }
        }
        let secrets = format!("api/v1/namespaces/{namespace}/secrets");
        let path = format!("{secrets}/{name}");
        let found = self.ask(Method::GET, &path, None, JSON).await?;
        let answer = if found.status.as_u16() == 404 {
            let secret = json!({
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": { "name": name, "namespace": namespace },
                "type": "Opaque",
                "data": data,
            });
            self.ask(Method::POST, &secrets, Some(secret), JSON).await?
        } else {
            let found = accept(purpose, &found)?;
            let version = found.metadata.resource_version.clone();
            if existing == Existing::Refused && of(found).key.is_some() {
                return Err(Error::KeyExists {
                    service: KeyService::Kubernetes,
                    key: format!("k8s://{namespace}/{name}").into(),
                });
            }
            // Only as it was read: whoever wrote meanwhile is not overwritten.
            let patch = json!({ "metadata": { "resourceVersion": version }, "data": data });
            self.ask(Method::PATCH, &path, Some(patch), MERGE_PATCH)
                .await?
        };
        accept(purpose, &answer).map(|_| ())
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
        media_type: &'static str,
    ) -> Result<Answer, Error> {
        let mut url = self.server.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        let repeat = match method {
            Method::GET => Repeat::Allowed,
            _ => Repeat::Never,
        };
        let mut request = exchange::json_request(method, url, None, repeat);
        if let Some(body) = body {
            let media_type = HeaderValue::from_static(media_type);
            request = request.body(media_type, body.to_string().into());
        }
        request = request.header(header::ACCEPT, HeaderValue::from_static(JSON));
        if let Some(value) = &self.authorization {
            let name = header::AUTHORIZATION;
            request = exchange::secret(request, name, value, KeyService::Kubernetes)?;
        }
        exchange::send(&self.client, KeyService::Kubernetes, &request).await
    }
}

/// Takes a secret of the name that was asked for.
fn accept(purpose: Purpose<'_>, answer: &Answer) -> Result<Secret, Error> {
    let secret: Secret = exchange::accept(purpose, answer, "a secret")?;
    match secret.metadata.name == purpose.key {
        true => Ok(secret),
        false => Err(Error::MalformedAnswer {
            service: KeyService::Kubernetes,
            found: "another secret",
            wanted: "the one that was asked for",
        }),
    }
}

fn of(secret: Secret) -> KeySecret {
    let mut data = secret.data.unwrap_or_default();
    let mut part = |name: &str| data.remove(name).map(|bytes| bytes.as_bytes().to_vec());
    KeySecret {
        key: part(KEY),
        public: part(PUBLIC),
        password: part(PASSWORD),
    }
}

impl fmt::Debug for KeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySecret([redacted])")
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").finish_non_exhaustive()
    }
}

const fn purpose<'a>(action: &'static str, key: &'a str) -> Purpose<'a> {
    Purpose {
        service: KeyService::Kubernetes,
        action,
        key,
    }
}

const KEY: &str = "cosign.key";
const PUBLIC: &str = "cosign.pub";
const PASSWORD: &str = "cosign.password";
const JSON: &str = "application/json";
const MERGE_PATCH: &str = "application/merge-patch+json";

#[cfg(test)]
mod tests;
