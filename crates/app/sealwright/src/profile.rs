//! Which Sigstore is meant.

use std::fmt;
use std::str::FromStr;

use sealwright_sigstore::TrustProfile;

/// A Sigstore instance by its short name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// GitHub's, which signs for private repositories: no public log, no promises of one, and the
    /// time by its own timestamp authority.
    Github,
    /// The private one in the data directory.
    Local,
    /// The public-good instance.
    Public,
}

impl Profile {
    /// The short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Github => "github",
            Self::Local => "local",
            Self::Public => "public",
        }
    }

    /// How much of which evidence its bundles have.
    pub(crate) const fn thresholds(self) -> TrustProfile {
        match self {
            Self::Github => TrustProfile::GITHUB,
            Self::Local => TrustProfile::DEFAULT,
            Self::Public => TrustProfile::PUBLIC_GOOD,
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = UnknownProfile;

    fn from_str(name: &str) -> Result<Self, UnknownProfile> {
        [Self::Github, Self::Local, Self::Public]
            .into_iter()
            .find(|profile| profile.name() == name)
            .ok_or_else(|| UnknownProfile(name.to_owned()))
    }
}

/// A name that is no profile's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("profile is {0:?}, wanted github, local or public")]
pub struct UnknownProfile(String);
