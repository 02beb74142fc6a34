//! How a key is named on the command line: the forms of cosign.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sealwright_kms::InvalidKmsReference;
use sealwright_kms::InvalidPkcs11Uri;
use sealwright_kms::KmsReference;
use sealwright_kms::Pkcs11Uri;

/// Where a key is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyReference {
    /// A file: anything without a scheme.
    File(PathBuf),
    /// `awskms://`, `azurekms://`, `gcpkms://`, `hashivault://`: a key management service.
    Kms(KmsReference),
    /// `k8s://NAMESPACE/NAME`: a secret of a Kubernetes cluster.
    Kubernetes {
        /// The namespace.
        namespace: String,
        /// The secret's name.
        name: String,
    },
    /// `pkcs11:…` (RFC 7512): a token that the helper program talks to.
    Pkcs11(Pkcs11Uri),
    /// `env://NAME`: a variable of the environment that holds what a file would.
    Variable(String),
}

impl KeyReference {
    /// What keeps the key, for people.
    pub const fn keeper(&self) -> &'static str {
        match self {
            Self::File(_) => "a file",
            Self::Kms(_) => "a key management service",
            Self::Kubernetes { .. } => "a secret of a Kubernetes cluster",
            Self::Pkcs11(_) => "a PKCS#11 token",
            Self::Variable(_) => "a variable of the environment",
        }
    }

    /// Whether the key is reached over a network, which `--offline` forbids.
    pub const fn is_remote(&self) -> bool {
        matches!(self, Self::Kms(_) | Self::Kubernetes { .. })
    }
}

impl FromStr for KeyReference {
    type Err = InvalidKeyReference;

    fn from_str(text: &str) -> Result<Self, InvalidKeyReference> {
        let invalid = |wanted| InvalidKeyReference {
            text: text.to_owned(),
            wanted,
        };
        if text.is_empty() {
            return Err(invalid("a file, or one of the forms that --help lists"));
        }
        if text.starts_with("pkcs11:") {
            return match text.parse() {
                Ok(uri) => Ok(Self::Pkcs11(uri)),
                Err(InvalidPkcs11Uri(wanted)) => Err(InvalidKeyReference {
                    // Whatever stands there may be a PIN.
                    text: text.split('?').next().unwrap_or_default().to_owned(),
                    wanted,
                }),
            };
        }
        let Some((scheme, rest)) = text
            .split_once("://")
            .filter(|(scheme, _)| is_scheme(scheme))
        else {
            return Ok(Self::File(PathBuf::from(text)));
        };
        match scheme {
            "env" if is_variable(rest) => Ok(Self::Variable(rest.to_owned())),
            "env" => Err(invalid("env://NAME")),
            "k8s" => match rest.split_once('/') {
                Some((namespace, name)) if is_label(namespace) && is_label(name) => {
                    Ok(Self::Kubernetes {
                        namespace: namespace.to_owned(),
                        name: name.to_owned(),
                    })
                }
                _ => Err(invalid("k8s://NAMESPACE/NAME")),
            },
            kms if KmsReference::is_scheme(kms) => match text.parse() {
                Ok(reference) => Ok(Self::Kms(reference)),
                Err(InvalidKmsReference(wanted)) => Err(invalid(wanted)),
            },
            _ => Err(invalid(
                "a file (./NAME when it looks like a URL), env://, k8s://, awskms://, azurekms://, \
                 gcpkms://, hashivault:// or pkcs11:",
            )),
        }
    }
}

impl fmt::Display for KeyReference {
    /// As it was written, without the PIN that a PKCS#11 URI may hold.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Kms(reference) => reference.fmt(f),
            Self::Kubernetes { namespace, name } => write!(f, "k8s://{namespace}/{name}"),
            Self::Pkcs11(uri) => uri.fmt(f),
            Self::Variable(name) => write!(f, "env://{name}"),
        }
    }
}

/// Text that names no key.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("key is {text:?}, wanted {wanted}")]
pub struct InvalidKeyReference {
    text: String,
    wanted: &'static str,
}

/// RFC 3986 section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// The characters of names in Kubernetes (RFC 1123), which fit into a path as they are.
fn is_label(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 253
        && !name.starts_with('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<KeyReference> {
        text.parse().ok()
    }

    #[test]
    fn reads_every_form() {
        assert_eq!(parse("a/b.key"), Some(KeyReference::File("a/b.key".into())));
        assert_eq!(parse("C:x"), Some(KeyReference::File("C:x".into())));
        assert_eq!(
            parse("./env://x"),
            Some(KeyReference::File("./env://x".into()))
        );
        assert_eq!(
            parse("env://KEY"),
            Some(KeyReference::Variable("KEY".into()))
        );
        assert_eq!(
            parse("k8s://ns/name"),
            Some(KeyReference::Kubernetes {
                namespace: "ns".into(),
                name: "name".into()
            })
        );
        for kms in [
            "awskms:///alias/x",
            "awskms://localhost:4566/1234abcd-12ab-34cd-56ef-1234567890ab",
            "azurekms://v.vault.azure.net/k",
            "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k",
            "hashivault://k",
        ] {
            assert_eq!(parse(kms), Some(KeyReference::Kms(kms.parse().unwrap())));
        }
        assert_eq!(
            parse("pkcs11:token=a;object=b").map(|reference| reference.keeper()),
            Some("a PKCS#11 token")
        );
    }

    #[test]
    fn refuses_what_is_none() {
        for text in [
            "",
            "env://",
            "env://A=B",
            "k8s://ns",
            "k8s://ns/",
            "k8s://ns/a/b",
            "k8s://../name",
            "k8s://ns/Name",
            "https://example.com/key.pub",
            "gitlab://group/project",
            "hashivault://a/b",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn never_shows_a_pin() {
        let uri = parse("pkcs11:token=a;object=b?pin-value=1234&module-path=/x.so").unwrap();
        assert_eq!(uri.to_string(), "pkcs11:token=a;object=b");
    }
}
