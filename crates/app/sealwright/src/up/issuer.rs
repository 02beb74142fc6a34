//! Issuers of identity tokens: whose tokens are believed, and where their keys come from.
//!
//! Nothing is fetched to judge a token. Keys come from a file, or are asked for once, at the start, under
//! the issuer's URL (OpenID Connect Discovery 1.0 section 4).

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sealwright_authority::oidc::IssuerKind;
use sealwright_authority::oidc::TrustedIssuer;
use sealwright_core::canonical_json;
use sealwright_net::Client;
use sealwright_net::Method;
use sealwright_net::Request;
use sealwright_net::StatusCode;
use sealwright_net::Url;
use sealwright_net::check_hop;
use serde::Deserialize;

use crate::Error;
use crate::Failure;

/// An issuer, and where its keys come from.
///
/// As text: `URL[=FILE][,kind=KIND]`. `FILE` holds its JWK set; without one the issuer is asked. `KIND`
/// says what its tokens are about: `email`, `github-actions`, `gitlab`, `buildkite` or `uri`; without one,
/// issuers that are known by their URL have theirs, and all others are about e-mail addresses.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IssuerSource {
    url: String,
    keys: Option<PathBuf>,
    kind: IssuerKind,
}

/// A text that names no issuer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{found:?} names no issuer: wanted URL[=FILE][,kind=KIND], and {wanted}")]
pub struct InvalidIssuer {
    found: String,
    wanted: &'static str,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl IssuerSource {
    /// Its URL, word for word as its tokens say it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Gets its keys.
    ///
    /// # Errors
    /// `up.issuer-unusable`, `authority.issuer-unusable`; the codes of reading files or of asking.
    pub(super) async fn load(&self, timeout: Duration) -> Result<TrustedIssuer, Failure> {
        let keys = match &self.keys {
            Some(file) => sealwright_files::read_limited_or_pipe(file, MAX_KEYS)?,
            None => self.discover(timeout).await?,
        };
        let kind = self.kind.clone();
        Ok(TrustedIssuer::new(&self.url, AUDIENCE, kind, &keys)?)
    }

    async fn discover(&self, timeout: Duration) -> Result<Vec<u8>, Failure> {
        let client = Client::new(sealwright_net::Options {
            timeout,
            ..sealwright_net::Options::default()
        });
        let document = format!("{}{WELL_KNOWN}", self.url.trim_end_matches('/'));
        let answer = self.get(&client, &document).await?;
        let found: Discovery = canonical_json::from_slice(&answer)
            .map_err(|error| self.unusable(format!("{document} is no configuration: {error}")))?;
        if found.issuer != self.url {
            let other = found.issuer;
            return Err(self.unusable(format!("it says that it is {other:?}")));
        }
        let parse = |url: &str| {
            Url::parse(url).map_err(|error| self.unusable(format!("{url:?} is no URL: {error}")))
        };
        // As with redirects: nobody else makes us ask this machine, or in the clear.
        check_hop(&parse(&document)?, &parse(&found.jwks_uri)?)?;
        self.get(&client, &found.jwks_uri).await
    }

    async fn get(&self, client: &Client, url: &str) -> Result<Vec<u8>, Failure> {
        let url = Url::parse(url).map_err(|error| self.unusable(format!("{url:?}: {error}")))?;
        let request = Request::new(Method::GET, url.clone());
        let answer = client.exchange(&request, MAX_KEYS).await?;
        match answer.status {
            StatusCode::OK => Ok(answer.body.to_vec()),
            status => Err(self.unusable(format!("{url} answers with status {}", status.as_u16()))),
        }
    }

    fn unusable(&self, reason: String) -> Failure {
        let url = self.url.clone();
        Error::IssuerUnusable { url, reason }.into()
    }
}

impl FromStr for IssuerSource {
    type Err = InvalidIssuer;

    fn from_str(text: &str) -> Result<Self, InvalidIssuer> {
        let invalid = |wanted| InvalidIssuer {
            found: text.to_owned(),
            wanted,
        };
        let (rest, kind) = match text.rsplit_once(",kind=") {
            Some((rest, kind)) => (rest, Some(kind)),
            None => (text, None),
        };
        let (url, keys) = match rest.split_once('=') {
            Some((_, "")) => return Err(invalid("a file after `=`")),
            Some((url, file)) => (url, Some(PathBuf::from(file))),
            None => (rest, None),
        };
        let parsed = Url::parse(url).map_err(|_| invalid("a whole URL, with its scheme"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(invalid("a URL of http or https"));
        }
        let kind = match kind {
            None => known_kind(url),
            Some("buildkite") => IssuerKind::Buildkite,
            Some("email") => IssuerKind::Email,
            Some("github-actions") => github(),
            Some("gitlab") => IssuerKind::GitLab {
                url: url.to_owned(),
            },
            Some("uri") => IssuerKind::Uri {
                subject_domain: parsed.origin().ascii_serialization(),
            },
            Some(_) => {
                return Err(invalid(
                    "one of the kinds email, github-actions, gitlab, buildkite, uri",
                ));
            }
        };
        Ok(Self {
            url: url.to_owned(),
            keys,
            kind,
        })
    }
}

/// What issuers that everybody knows are about.
fn known_kind(url: &str) -> IssuerKind {
    match url {
        "https://agent.buildkite.com" => IssuerKind::Buildkite,
        "https://gitlab.com" => IssuerKind::GitLab {
            url: url.to_owned(),
        },
        "https://token.actions.githubusercontent.com" => github(),
        _ => IssuerKind::Email,
    }
}

fn github() -> IssuerKind {
    IssuerKind::GitHubActions {
        url: "https://github.com".to_owned(),
    }
}

const AUDIENCE: &str = "sigstore";
const WELL_KNOWN: &str = "/.well-known/openid-configuration";
const MAX_KEYS: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_url_a_file_and_a_kind() {
        let parse = |text: &str| text.parse::<IssuerSource>().unwrap();
        let github = parse("https://token.actions.githubusercontent.com=keys.json");
        assert_eq!(github.url(), "https://token.actions.githubusercontent.com");
        assert_eq!(github.keys, Some("keys.json".into()));
        assert_eq!(github.kind, super::github());
        assert_eq!(parse("https://accounts.example").kind, IssuerKind::Email);
        let gitlab = parse("https://git.example=a=b.json,kind=gitlab");
        assert_eq!(gitlab.keys, Some("a=b.json".into()));
        let url = "https://git.example".to_owned();
        assert_eq!(gitlab.kind, IssuerKind::GitLab { url });
        let uri = parse("http://127.0.0.1:8080/dex,kind=uri");
        assert_eq!(uri.keys, None);
        let subject_domain = "http://127.0.0.1:8080".to_owned();
        assert_eq!(uri.kind, IssuerKind::Uri { subject_domain });
    }

    #[test]
    fn what_is_no_issuer_is_refused() {
        for text in [
            "",
            "accounts.example",
            "file:///etc/passwd",
            "https://a.example=",
            "https://a.example,kind=saml",
        ] {
            assert!(text.parse::<IssuerSource>().is_err(), "{text:?}");
        }
    }
}
