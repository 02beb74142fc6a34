//! The sources, and how each is asked.

use std::fmt;
use std::path::Path;
use std::path::PathBuf;

use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::StatusCode;
use sealwright_core::Timestamp;
use sealwright_core::canonical_json;
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;
use url::Url;
use zeroize::Zeroizing;

use super::IdentityToken;
use super::token::MAX_TOKEN_BYTES;
use crate::Answer;
use crate::Client;
use crate::Error;
use crate::Request;
use crate::error::TokenSourceFault as Fault;
use crate::http_service;
use crate::http_service::ServerMessage;

/// Where a token comes from.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TokenSource {
    /// Buildkite's agent API.
    Buildkite,
    /// The variable CircleCI sets.
    CircleCi,
    /// A file that somebody keeps fresh.
    File,
    /// GitHub Actions.
    GithubActions,
    /// The metadata server of Google's cloud.
    Google,
    /// A SPIFFE Workload API. Only builds with the feature `spiffe` ask one.
    Spiffe,
    /// `SIGSTORE_ID_TOKEN`.
    Variable,
}

impl TokenSource {
    /// All, in the order in which they are looked for.
    pub const ALL: [Self; SOURCES] = [
        Self::Variable,
        Self::GithubActions,
        Self::Buildkite,
        Self::CircleCi,
        Self::File,
        #[cfg(feature = "spiffe")]
        Self::Spiffe,
        Self::Google,
    ];

    /// The source of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }

    /// Its name, as cosign has it where cosign has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Buildkite => "buildkite-agent",
            Self::CircleCi => "circleci",
            Self::File => "filesystem",
            Self::GithubActions => "github-actions",
            Self::Google => "google-workload-identity",
            Self::Spiffe => "spiffe",
            Self::Variable => "envvar",
        }
    }

    pub(crate) fn all_names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The surroundings tokens may come from.
pub struct Ambient<'a> {
    variable: &'a (dyn Fn(&str) -> Option<String> + Send + Sync),
    token_file: PathBuf,
    product_name_file: PathBuf,
}

impl<'a> Ambient<'a> {
    /// The surroundings in which variables have the values that `variable` gives.
    pub fn new(variable: &'a (dyn Fn(&str) -> Option<String> + Send + Sync)) -> Self {
        Self {
            variable,
            token_file: PathBuf::from(TOKEN_FILE),
            product_name_file: PathBuf::from(PRODUCT_NAME_FILE),
        }
    }

    /// The same with the token in another file.
    #[must_use]
    pub fn with_token_file(mut self, path: PathBuf) -> Self {
        self.token_file = path;
        self
    }

    /// The same with the machine's name in another file.
    #[must_use]
    pub fn with_product_name_file(mut self, path: PathBuf) -> Self {
        self.product_name_file = path;
        self
    }

    /// The first source that is there. Nobody is asked for it.
    pub async fn detect(&self) -> Option<TokenSource> {
        for source in TokenSource::ALL {
            if self.has(source).await {
                return Some(source);
            }
        }
        None
    }

    /// A token from the first source that is there.
    ///
    /// # Errors
    /// `token.missing` when there is none; else as [`Ambient::token_from`].
    pub async fn token(
        &self,
        client: &Client,
        audience: &str,
        now: Timestamp,
    ) -> Result<(TokenSource, IdentityToken), Error> {
        let missing = || Error::TokenMissing {
            in_github_actions: self.value("GITHUB_ACTIONS").is_some(),
        };
        let source = self.detect().await.ok_or_else(missing)?;
        match self.token_from(source, client, audience, now).await {
            // A machine without a service account.
            Err(Error::TokenSourceFailed {
                from: TokenSource::Google,
                fault: Fault::Refused { status: 404, .. },
            }) => Err(missing()),
            token => Ok((source, token?)),
        }
    }

    /// A token from this source.
    ///
    /// # Errors
    /// `token.source-failed`, `token.malformed`, `token.expired`, and those of
    /// [`Client::exchange`].
    pub async fn token_from(
        &self,
        source: TokenSource,
        client: &Client,
        audience: &str,
        now: Timestamp,
    ) -> Result<IdentityToken, Error> {
        let token = match source {
            TokenSource::Buildkite => self.buildkite(client, audience).await?,
            TokenSource::CircleCi => {
                IdentityToken::parse(&self.wanted(source, CIRCLECI, A_TOKEN)?)?
            }
            TokenSource::File => return IdentityToken::from_file(&self.token_file, now).await,
            TokenSource::GithubActions => self.github_actions(client, audience).await?,
            TokenSource::Google => self.google(client, audience).await?,
            TokenSource::Spiffe => self.spiffe(client, audience).await?,
            TokenSource::Variable => {
                IdentityToken::parse(&self.wanted(source, VARIABLE, A_TOKEN)?)?
            }
        };
        token.check_unexpired(now)?;
        Ok(token)
    }

    async fn has(&self, source: TokenSource) -> bool {
        match source {
            TokenSource::Buildkite => self.value(BUILDKITE_TOKEN).is_some(),
            TokenSource::CircleCi => self.value(CIRCLECI).is_some(),
            TokenSource::File => tokio::fs::metadata(&self.token_file).await.is_ok(),
            TokenSource::GithubActions => {
                self.value(GITHUB_URL).is_some() && self.value(GITHUB_TOKEN).is_some()
            }
            TokenSource::Google => {
                self.value(GOOGLE_HOST).is_some() || self.is_google_machine().await
            }
            TokenSource::Spiffe => self.value(SPIFFE_SOCKET).is_some(),
            TokenSource::Variable => self.value(VARIABLE).is_some(),
        }
    }

    async fn is_google_machine(&self) -> bool {
        let name = read_file(&self.product_name_file).await;
        name.is_ok_and(|name| matches!(name.trim(), "Google" | "Google Compute Engine"))
    }

    async fn github_actions(
        &self,
        client: &Client,
        audience: &str,
    ) -> Result<IdentityToken, Error> {
        const FROM: TokenSource = TokenSource::GithubActions;
        let mut url = self.url(FROM, GITHUB_URL)?;
        url.query_pairs_mut().append_pair("audience", audience);
        let request = Request::new(Method::GET, url).header(
            http_service::AUTHORIZATION,
            self.credential(FROM, GITHUB_TOKEN, "bearer")?,
        );
        let answer = ask(client, FROM, &request).await?;
        json_token(FROM, &answer)
    }

    async fn buildkite(&self, client: &Client, audience: &str) -> Result<IdentityToken, Error> {
        const FROM: TokenSource = TokenSource::Buildkite;
        let endpoint = match self.value(BUILDKITE_ENDPOINT) {
            None => BUILDKITE_API
                .parse()
                .map_err(|_| unset(FROM, BUILDKITE_ENDPOINT, "a URL"))?,
            Some(_) => self.url(FROM, BUILDKITE_ENDPOINT)?,
        };
        let job = self.wanted(FROM, BUILDKITE_JOB, "the id of a job")?;
        if !job.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            return Err(unset(FROM, BUILDKITE_JOB, "the id of a job"));
        }
        let url = http_service::endpoint(&endpoint, &format!("jobs/{}/oidc/tokens", *job));
        let body = serde_json::json!({ "audience": audience }).to_string();
        let request = http_service::post(url, http_service::JSON, body).header(
            http_service::AUTHORIZATION,
            self.credential(FROM, BUILDKITE_TOKEN, "Token")?,
        );
        let answer = ask(client, FROM, &request).await?;
        json_token(FROM, &answer)
    }

    async fn google(&self, client: &Client, audience: &str) -> Result<IdentityToken, Error> {
        const FROM: TokenSource = TokenSource::Google;
        const FLAVOR: HeaderName = HeaderName::from_static("metadata-flavor");
        let host = self.value(GOOGLE_HOST);
        let host = host.as_deref().map_or(GOOGLE_ADDRESS, |host| host);
        let mut url: Url = format!("http://{host}{GOOGLE_PATH}")
            .parse()
            .map_err(|_| unset(FROM, GOOGLE_HOST, "a host, perhaps with a port"))?;
        url.query_pairs_mut()
            .append_pair("audience", audience)
            // With the email address, which is what Google's identities are known by.
            .append_pair("format", "full");
        let google = HeaderValue::from_static("Google");
        let request = Request::new(Method::GET, url)
            .header(FLAVOR, google.clone())
            .allowing_metadata_server();
        let answer = ask(client, FROM, &request).await?;
        if answer.headers.get(FLAVOR) != Some(&google) {
            let (found, wanted) = ("not of a metadata server", "`Metadata-Flavor: Google`");
            return Err(failed(FROM, Fault::Answer { found, wanted }));
        }
        let text = std::str::from_utf8(&answer.body).unwrap_or_default();
        IdentityToken::parse(text)
    }

    #[cfg(feature = "spiffe")]
    async fn spiffe(&self, client: &Client, audience: &str) -> Result<IdentityToken, Error> {
        const FROM: TokenSource = TokenSource::Spiffe;
        let endpoint = self.wanted(FROM, SPIFFE_SOCKET, A_SOCKET)?;
        let asked = super::spiffe::token(&endpoint, audience, client.options().timeout).await;
        let token = asked.map_err(|reason| failed(FROM, Fault::WorkloadApi { reason }))?;
        IdentityToken::parse(&token)
    }

    #[cfg(not(feature = "spiffe"))]
    #[expect(clippy::unused_async, reason = "as with the feature")]
    async fn spiffe(&self, _: &Client, _: &str) -> Result<IdentityToken, Error> {
        let reason = "this program was built without the feature `spiffe`".to_owned();
        Err(failed(TokenSource::Spiffe, Fault::WorkloadApi { reason }))
    }

    /// The value of a variable that is set to something.
    fn value(&self, name: &str) -> Option<Zeroizing<String>> {
        let value = (self.variable)(name).map(Zeroizing::new)?;
        (!value.trim().is_empty()).then_some(value)
    }

    fn wanted(
        &self,
        from: TokenSource,
        name: &'static str,
        wanted: &'static str,
    ) -> Result<Zeroizing<String>, Error> {
        self.value(name).ok_or_else(|| unset(from, name, wanted))
    }

    fn url(&self, from: TokenSource, name: &'static str) -> Result<Url, Error> {
        let text = self.wanted(from, name, "a URL")?;
        text.parse().map_err(|_| unset(from, name, "a URL"))
    }

    fn credential(
        &self,
        from: TokenSource,
        name: &'static str,
        scheme: &str,
    ) -> Result<HeaderValue, Error> {
        let secret = self.wanted(from, name, A_CREDENTIAL)?;
        http_service::secret_header(scheme, &secret).ok_or_else(|| unset(from, name, A_CREDENTIAL))
    }
}

impl IdentityToken {
    /// Reads a token from a file.
    ///
    /// # Errors
    /// `token.source-failed`, `token.malformed`, `token.expired`.
    pub async fn from_file(path: &Path, now: Timestamp) -> Result<Self, Error> {
        let text = read_file(path).await.map_err(|source| {
            let path = path.to_owned();
            failed(TokenSource::File, Fault::File { path, source })
        })?;
        let token = Self::parse(&text)?;
        token.check_unexpired(now)?;
        Ok(token)
    }

    /// What a person gave for a token: the token itself, or the name of a file that holds it. It is
    /// the token if it could be one.
    ///
    /// # Errors
    /// As [`IdentityToken::from_file`].
    pub async fn given(text: &str, now: Timestamp) -> Result<Self, Error> {
        match Self::parse(text) {
            Ok(token) => {
                token.check_unexpired(now)?;
                Ok(token)
            }
            // All tokens begin so: `{"` in base64url.
            Err(malformed) if text.starts_with("eyJ") => Err(malformed),
            Err(_) => Self::from_file(Path::new(text), now).await,
        }
    }
}

async fn ask(client: &Client, from: TokenSource, request: &Request) -> Result<Answer, Error> {
    let answer = client.exchange(request, MAX_ANSWER_BYTES).await?;
    if answer.status == StatusCode::OK || answer.status == StatusCode::CREATED {
        return Ok(answer);
    }
    let fault = Fault::Refused {
        status: answer.status.as_u16(),
        message: ServerMessage::of(&answer.body),
    };
    Err(failed(from, fault))
}

/// GitHub calls it `value`, Buildkite `token`.
fn json_token(from: TokenSource, answer: &Answer) -> Result<IdentityToken, Error> {
    #[derive(Deserialize)]
    struct Wire {
        #[serde(alias = "token")]
        value: String,
    }
    let wire: Wire = canonical_json::from_slice(&answer.body).map_err(|_| {
        let (found, wanted) = ("something else", "JSON with a token");
        failed(from, Fault::Answer { found, wanted })
    })?;
    IdentityToken::parse(&Zeroizing::new(wire.value))
}

/// A file with one more byte than a token may have, at most, so that it is found to be none.
async fn read_file(path: &Path) -> std::io::Result<Zeroizing<String>> {
    let file = tokio::fs::File::open(path).await?;
    let mut text = Zeroizing::new(String::new());
    file.take(MAX_TOKEN_BYTES as u64 + 1)
        .read_to_string(&mut text)
        .await?;
    Ok(text)
}

const fn failed(from: TokenSource, fault: Fault) -> Error {
    Error::TokenSourceFailed { from, fault }
}

const fn unset(from: TokenSource, name: &'static str, wanted: &'static str) -> Error {
    failed(from, Fault::Variable { name, wanted })
}

const A_CREDENTIAL: &str = "a credential";
#[cfg(feature = "spiffe")]
const A_SOCKET: &str = "the Workload API, such as unix:///run/spire/agent.sock";
const A_TOKEN: &str = "a token";
const BUILDKITE_API: &str = "https://agent.buildkite.com/v3";
const BUILDKITE_ENDPOINT: &str = "BUILDKITE_AGENT_ENDPOINT";
const BUILDKITE_JOB: &str = "BUILDKITE_JOB_ID";
const BUILDKITE_TOKEN: &str = "BUILDKITE_AGENT_ACCESS_TOKEN";
const CIRCLECI: &str = "CIRCLE_OIDC_TOKEN_V2";
const GITHUB_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
const GITHUB_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const SOURCES: usize = if cfg!(feature = "spiffe") { 7 } else { 6 };
const SPIFFE_SOCKET: &str = "SPIFFE_ENDPOINT_SOCKET";
/// Where `metadata.google.internal` is; so no name server is asked.
const GOOGLE_ADDRESS: &str = "169.254.169.254";
const GOOGLE_HOST: &str = "GCE_METADATA_HOST";
const GOOGLE_PATH: &str = "/computeMetadata/v1/instance/service-accounts/default/identity";
const MAX_ANSWER_BYTES: u64 = 64 << 10;
const PRODUCT_NAME_FILE: &str = "/sys/class/dmi/id/product_name";
const TOKEN_FILE: &str = "/var/run/sigstore/cosign/oidc-token";
const VARIABLE: &str = "SIGSTORE_ID_TOKEN";

#[cfg(test)]
mod tests;
