//! What a certificate must say of the build, as `--require-claim` puts it.

use std::str::FromStr;

use sealwright_sigstore::ExtensionName;
use sealwright_sigstore::TextMatch;

/// A name out of those that Fulcio's certificates know, and the value it must have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CertificateClaim {
    name: ExtensionName,
    value: String,
}

impl CertificateClaim {
    pub(crate) fn wanted(&self) -> (ExtensionName, TextMatch) {
        (self.name, TextMatch::Exact(self.value.clone()))
    }
}

impl FromStr for CertificateClaim {
    type Err = InvalidCertificateClaim;

    fn from_str(text: &str) -> Result<Self, InvalidCertificateClaim> {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| InvalidCertificateClaim::NoValue(text.to_owned()))?;
        let name = ExtensionName::from_name(name).ok_or_else(|| InvalidCertificateClaim::Name {
            found: name.to_owned(),
            wanted: ExtensionName::ALL
                .iter()
                .map(|known| known.name())
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        Ok(Self {
            name,
            value: value.to_owned(),
        })
    }
}

/// Why a text requires nothing of a certificate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCertificateClaim {
    /// The name is not known.
    #[error("name is {found:?}, wanted one of {wanted}")]
    Name {
        /// The name.
        found: String,
        /// All that are known.
        wanted: String,
    },
    /// There is no `=`.
    #[error("{0:?} has no value, wanted NAME=VALUE")]
    NoValue(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_a_known_name_and_any_value() {
        let claim: CertificateClaim = "source-repository-ref=refs/heads/a=b".parse().unwrap();
        assert_eq!(claim.name, ExtensionName::SourceRepositoryRef);
        assert_eq!(claim.value, "refs/heads/a=b");
        for text in ["source-repository-ref", "ref=main", "=x", ""] {
            assert!(text.parse::<CertificateClaim>().is_err(), "{text}");
        }
    }
}
