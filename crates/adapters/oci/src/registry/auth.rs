//! Convincing a registry: basic credentials, and tokens from where it sends us
//! (distribution-spec's companion "Token Authentication Specification").

use std::collections::HashMap;

use bytes::Bytes;
use docker_credential::DockerCredential;
use http::HeaderValue;
use sealwright_core::Base64;
use sealwright_core::canonical_json;
use sealwright_net::Answer;
use sealwright_net::Method;
use sealwright_net::Repeat;
use sealwright_net::Request;
use sealwright_net::Url;
use sealwright_net::header;
use serde::Deserialize;
use tokio::sync::Mutex;

use super::Registry;
use super::challenge;
use super::challenge::Challenge;
use super::credentials;
use crate::Error;

/// What one wants to do in a repository.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Access {
    Delete,
    Pull,
    Push,
}

/// What convinced registries before, by registry, repository and access.
#[derive(Debug, Default)]
pub(super) struct Authorizations {
    known: Mutex<HashMap<(String, String, Access), Authorization>>,
}

/// A header that convinces, and whether somebody's credentials are behind it.
#[derive(Clone, Debug)]
pub(super) struct Authorization {
    pub(super) header: Option<HeaderValue>,
    pub(super) known: bool,
}

/// A place to authorise for.
#[derive(Clone, Copy)]
pub(super) struct Wish<'a> {
    pub(super) access: Access,
    pub(super) action: &'a str,
    pub(super) registry: &'a str,
    pub(super) repository: &'a str,
    /// Another repository of the registry, to read from.
    pub(super) source: Option<&'a str>,
}

impl Wish<'_> {
    fn key(&self, access: Access) -> (String, String, Access) {
        let mut repository = self.repository.to_owned();
        if let Some(source) = self.source {
            repository.push(' ');
            repository.push_str(source);
        }
        (self.registry.to_owned(), repository, access)
    }

    fn scopes(&self) -> Vec<String> {
        let actions = match self.access {
            Access::Delete => "pull,delete",
            Access::Pull => "pull",
            Access::Push => "pull,push",
        };
        let own = format!("repository:{}:{actions}", self.repository);
        let source = self
            .source
            .map(|source| format!("repository:{source}:pull"));
        [own].into_iter().chain(source).collect()
    }
}

impl Registry {
    /// What convinced the registry last time. A permission to push includes that to pull.
    pub(super) async fn remembered(&self, wish: &Wish<'_>) -> Option<Authorization> {
        let known = self.inner.authorizations.known.lock().await;
        let own = known.get(&wish.key(wish.access));
        match wish.access {
            Access::Delete => own,
            Access::Pull | Access::Push => known.get(&wish.key(Access::Push)).or(own),
        }
        .cloned()
    }

    /// Finds out what convinces the registry, given its refusal of `used`. Holds everybody else up
    /// meanwhile: they want the same token.
    pub(super) async fn authorize(
        &self,
        wish: &Wish<'_>,
        used: Option<&Authorization>,
        refusal: &http::HeaderMap,
        from: &Url,
    ) -> Result<Option<Authorization>, Error> {
        let mut known = self.inner.authorizations.known.lock().await;
        let own = known.get(&wish.key(wish.access));
        let current = match wish.access {
            Access::Delete => own,
            Access::Pull | Access::Push => known.get(&wish.key(Access::Push)).or(own),
        };
        if let Some(current) = current
            && current.header != used.and_then(|used| used.header.clone())
        {
            return Ok(Some(current.clone()));
        }
        let Some(challenge) = challenge::read(refusal) else {
            return Ok(None);
        };
        let files = self.inner.options.credential_files.clone();
        let credential = credentials::find(files, wish.registry).await?;
        let known_user = credential.is_some();
        let header = match (challenge, credential) {
            (Challenge::Basic, Some(DockerCredential::UsernamePassword(user, password))) => {
                basic(&user, &password)
            }
            (Challenge::Basic, _) => None,
            (
                Challenge::Bearer {
                    realm,
                    service,
                    scope,
                },
                credential,
            ) => {
                let realm = from.join(&realm).map_err(|_| {
                    self.malformed_answer(wish, "its token realm is no URL".to_owned())
                })?;
                sealwright_net::check_hop(from, &realm)
                    .map_err(|source| self.transport_error(wish.registry, source))?;
                let scopes = match scope {
                    // Whatever this registry calls it.
                    Some(scope) if wish.access != Access::Push => vec![scope],
                    _ => wish.scopes(),
                };
                let token = self
                    .token(wish, realm, service.as_deref(), &scopes, credential)
                    .await?;
                sensitive(format!("Bearer {token}"))
            }
        };
        let authorization = Authorization {
            header,
            known: known_user,
        };
        known.insert(wish.key(wish.access), authorization.clone());
        Ok(Some(authorization))
    }

    async fn token(
        &self,
        wish: &Wish<'_>,
        mut realm: Url,
        service: Option<&str>,
        scopes: &[String],
        credential: Option<DockerCredential>,
    ) -> Result<String, Error> {
        let known = credential.is_some();
        let joined = scopes.join(" ");
        let mut fields = match &credential {
            // OAuth 2 has one field for all.
            Some(DockerCredential::IdentityToken(_)) => vec![("scope", joined.as_str())],
            _ => scopes
                .iter()
                .map(|scope| ("scope", scope.as_str()))
                .collect(),
        };
        fields.extend(service.map(|service| ("service", service)));
        let request = match &credential {
            Some(DockerCredential::IdentityToken(refresh_token)) => {
                fields.push(("client_id", "sealwright"));
                fields.push(("grant_type", "refresh_token"));
                fields.push(("refresh_token", refresh_token));
                let form = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(fields)
                    .finish();
                Request::new(Method::POST, realm)
                    .body(FORM, Bytes::from(form))
                    .repeat(Repeat::Allowed)
            }
            Some(DockerCredential::UsernamePassword(user, password)) => {
                fields.push(("account", user));
                realm.query_pairs_mut().extend_pairs(fields);
                let request = Request::new(Method::GET, realm);
                match basic(user, password) {
                    Some(header) => request.header(header::AUTHORIZATION, header),
                    None => request,
                }
            }
            None => {
                realm.query_pairs_mut().extend_pairs(fields);
                Request::new(Method::GET, realm)
            }
        };
        let answer = self
            .inner
            .client
            .exchange(&request, TOKEN_BYTES)
            .await
            .map_err(|source| self.transport_error(wish.registry, source))?;
        if !answer.status.is_success() {
            return Err(self.refusal(wish, known, "token", &answer));
        }
        read_token(&answer).ok_or_else(|| {
            self.malformed_answer(wish, "its token service answered no token".to_owned())
        })
    }
}

fn read_token(answer: &Answer) -> Option<String> {
    let tokens: Tokens = canonical_json::from_slice(&answer.body).ok()?;
    let found = tokens.token.or(tokens.access_token)?;
    (!found.is_empty()).then_some(found)
}

fn basic(user: &str, password: &str) -> Option<HeaderValue> {
    sensitive(format!(
        "Basic {}",
        Base64::encode(format!("{user}:{password}").as_bytes())
    ))
}

fn sensitive(text: String) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[derive(Deserialize)]
struct Tokens {
    access_token: Option<String>,
    token: Option<String>,
}

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const TOKEN_BYTES: u64 = 1 << 20;
