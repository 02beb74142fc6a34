//! Which Sigstore is meant.

use std::fmt;
use std::str::FromStr;

use sealwright_sigstore::TrustProfile;

/// A Sigstore instance by its short name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Profile {
    /// One that was made known by `root init`.
    Custom(InstanceName),
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
    pub fn name(&self) -> &str {
        match self {
            Self::Custom(name) => name.as_str(),
            Self::Github => "github",
            Self::Local => "local",
            Self::Public => "public",
        }
    }

    /// How much of which evidence its bundles have.
    pub(crate) const fn thresholds(self) -> TrustProfile {
        match self {
            Self::Github => TrustProfile::GITHUB,
            Self::Custom(_) | Self::Local => TrustProfile::DEFAULT,
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
            .or_else(|| InstanceName::new(name).map(Self::Custom))
            .ok_or_else(|| UnknownProfile(name.to_owned()))
    }
}

/// The name of an instance that somebody made known: at most 40 lower-case letters, digits, dots,
/// hyphens and underscores, of which the first is a letter or digit.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct InstanceName {
    bytes: [u8; MAX_NAME],
    length: usize,
}

impl InstanceName {
    /// The name, if it can be one; those of the instances that are known anyway cannot.
    fn new(name: &str) -> Option<Self> {
        let may_stand = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let first = name.bytes().next()?;
        let all = name
            .bytes()
            .all(|byte| may_stand(byte) || b"._-".contains(&byte));
        let mut bytes = [0; MAX_NAME];
        bytes
            .get_mut(..name.len())?
            .copy_from_slice(name.as_bytes());
        (may_stand(first) && all).then_some(Self {
            bytes,
            length: name.len(),
        })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.length).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Debug for InstanceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

/// A name that is no profile's.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "profile is {0:?}, wanted github, local, public or the name of another instance: lower-case \
     letters, digits, dots, hyphens and underscores"
)]
pub struct UnknownProfile(String);

const MAX_NAME: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_written_the_same() {
        let long = "x".repeat(MAX_NAME);
        for name in [
            "github",
            "local",
            "public",
            "corp",
            "tuf.example.com",
            "9",
            &long,
        ] {
            let profile: Profile = name.parse().unwrap();
            assert_eq!(profile.to_string(), name);
            let custom = matches!(profile, Profile::Custom(_));
            assert_eq!(
                custom,
                !["github", "local", "public"].contains(&name),
                "{name}"
            );
        }
    }

    /// A name is that of a directory.
    #[test]
    fn what_is_no_name_is_refused() {
        let long = "x".repeat(MAX_NAME + 1);
        for name in [
            "", ".", "..", "../x", "a/b", "-x", ".x", "_x", "Corp", "a b", "ä", &long,
        ] {
            assert!(name.parse::<Profile>().is_err(), "{name}");
        }
    }
}
