//! Identity tokens from the surroundings: what a build system gives its jobs, without a person.
//!
//! Sources: GitHub, "OpenID Connect reference"; Buildkite, agent API; CircleCI, "OpenID Connect
//! tokens in jobs"; Google Cloud, "Verify the identity of instances"; cosign's provider names. They
//! are looked for in this order, and the first that is there is asked; if it fails, so do we, since
//! another one would sign in another name:
//!
//! 1. `envvar`: `SIGSTORE_ID_TOKEN` holds the token. GitLab jobs get theirs so, by `id_tokens`.
//! 2. `github-actions`: `ACTIONS_ID_TOKEN_REQUEST_URL` is asked with `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
//! 3. `buildkite-agent`: the agent API is asked with `BUILDKITE_AGENT_ACCESS_TOKEN`.
//! 4. `circleci`: `CIRCLE_OIDC_TOKEN_V2` holds the token. Its audience is the organisation's id.
//! 5. `filesystem`: `/var/run/sigstore/cosign/oidc-token`, which Kubernetes projects.
//! 6. `spiffe`, in builds with that feature: the Workload API at `SPIFFE_ENDPOINT_SOCKET` is asked for a
//!    JWT-SVID of the default identity.
//! 7. `google-workload-identity`: the metadata server, on machines of Google's cloud and where
//!    `GCE_METADATA_HOST` is set. A machine without a service account has no token.
//!
//! The audience can be chosen with the sources that are asked; a variable or a file holds what it
//! holds. Nothing is verified. The environment is read through a function that is given.

mod ambient;
#[cfg(feature = "spiffe")]
mod spiffe;
mod token;

pub use self::ambient::Ambient;
pub use self::ambient::TokenSource;
pub use self::token::IdentityToken;
pub use self::token::TokenClaims;

/// The audience certificate authorities want unless they are configured otherwise.
pub const DEFAULT_AUDIENCE: &str = "sigstore";

#[cfg(test)]
pub(crate) use self::token::tests::GOOD;
#[cfg(test)]
pub(crate) use self::token::tests::token_text;
