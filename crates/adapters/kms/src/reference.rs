//! How a key in a service is named: exactly as cosign names it.

use std::fmt;
use std::str::FromStr;

/// Who keeps a key.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyService {
    /// AWS Key Management Service.
    Aws,
    /// Azure Key Vault.
    Azure,
    /// Google Cloud Key Management Service.
    Google,
    /// The secrets of a Kubernetes cluster.
    Kubernetes,
    /// A PKCS#11 token.
    Token,
    /// The transit engine of HashiCorp Vault, and of OpenBao.
    Vault,
}

impl fmt::Display for KeyService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aws => "AWS KMS",
            Self::Azure => "Azure Key Vault",
            Self::Google => "Google Cloud KMS",
            Self::Kubernetes => "Kubernetes",
            Self::Token => "PKCS#11 token",
            Self::Vault => "Vault",
        })
    }
}

/// A key in a key management service.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KmsReference {
    /// `awskms://[ENDPOINT]/ID`
    Aws {
        /// `HOST[:PORT]` to ask instead of the region's own; empty for that.
        endpoint: String,
        /// Key id, `alias/NAME`, or the ARN of either.
        key: String,
    },
    /// `azurekms://VAULT/KEY[/VERSION]`
    Azure {
        /// The vault's host, such as `name.vault.azure.net`.
        vault: String,
        /// The key's name.
        key: String,
        /// Its version; the newest without one.
        version: Option<String>,
    },
    /// `gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K[/versions/V]`
    Google {
        /// `projects/P/locations/L/keyRings/R`
        ring: String,
        /// The key's name.
        key: String,
        /// Its version; the newest enabled one without one.
        version: Option<String>,
    },
    /// `hashivault://KEY`
    Vault {
        /// The key's name in the transit engine.
        key: String,
    },
}

impl KmsReference {
    /// Who keeps the key.
    pub const fn service(&self) -> KeyService {
        match self {
            Self::Aws { .. } => KeyService::Aws,
            Self::Azure { .. } => KeyService::Azure,
            Self::Google { .. } => KeyService::Google,
            Self::Vault { .. } => KeyService::Vault,
        }
    }

    /// Whether text begins as such a reference does.
    pub fn is_scheme(scheme: &str) -> bool {
        matches!(scheme, "awskms" | "azurekms" | "gcpkms" | "hashivault")
    }
}

impl FromStr for KmsReference {
    type Err = InvalidKmsReference;

    fn from_str(text: &str) -> Result<Self, InvalidKmsReference> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (read, wanted) = match scheme {
            "awskms" => (
                aws(rest),
                "awskms://[ENDPOINT]/KEY (an id, alias/NAME, or an ARN)",
            ),
            "azurekms" => (
                azure(rest),
                "azurekms://VAULT.vault.azure.net/KEY[/VERSION]",
            ),
            "gcpkms" => (
                google(rest),
                "gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K[/versions/V]",
            ),
            "hashivault" => (vault(rest), "hashivault://KEY"),
            _ => (None, "awskms://, azurekms://, gcpkms:// or hashivault://"),
        };
        read.ok_or(InvalidKmsReference(wanted))
    }
}

impl fmt::Display for KmsReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = |version: &Option<String>, before: &str| match version {
            Some(version) => format!("{before}{version}"),
            None => String::new(),
        };
        match self {
            Self::Aws { endpoint, key } => write!(f, "awskms://{endpoint}/{key}"),
            Self::Azure {
                vault,
                key,
                version: v,
            } => write!(f, "azurekms://{vault}/{key}{}", version(v, "/")),
            Self::Google {
                ring,
                key,
                version: v,
            } => write!(
                f,
                "gcpkms://{ring}/cryptoKeys/{key}{}",
                version(v, "/versions/")
            ),
            Self::Vault { key } => write!(f, "hashivault://{key}"),
        }
    }
}

/// Text that names no key; says what was wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("wanted {0}")]
pub struct InvalidKmsReference(pub &'static str);

fn aws(rest: &str) -> Option<KmsReference> {
    let (endpoint, key) = rest.split_once('/')?;
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-".contains(&byte);
    let is_key = match key.strip_prefix("arn:") {
        // arn:PARTITION:kms:REGION:ACCOUNT:key/ID or :alias/NAME
        Some(arn) => {
            let parts: Vec<&str> = arn.splitn(5, ':').collect();
            matches!(parts.as_slice(), [_, "kms", _, _, resource]
                if (resource.starts_with("key/") || resource.starts_with("alias/"))
                    && resource.bytes().all(is_name))
                && arn.bytes().all(|byte| is_name(byte) || byte == b':')
        }
        None => match key.strip_prefix("alias/") {
            Some(name) => !name.is_empty() && name.bytes().all(is_name),
            // `mrk-…` for keys of several regions, a UUID for others.
            None => {
                !key.is_empty()
                    && key
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            }
        },
    };
    (endpoint.bytes().all(is_host) && is_key).then(|| KmsReference::Aws {
        endpoint: endpoint.to_owned(),
        key: key.to_owned(),
    })
}

fn azure(rest: &str) -> Option<KmsReference> {
    let mut parts = rest.split('/');
    let (vault, key, version) = (parts.next()?, parts.next()?, parts.next());
    let is_name = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let fits = parts.next().is_none()
        && vault.split('.').count() >= 3
        && vault.split('.').all(is_name)
        && is_name(key)
        && version.is_none_or(is_name);
    fits.then(|| KmsReference::Azure {
        vault: vault.to_ascii_lowercase(),
        key: key.to_owned(),
        version: version.map(str::to_owned),
    })
}

fn google(rest: &str) -> Option<KmsReference> {
    let parts: Vec<&str> = rest.split('/').collect();
    let is_name = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-.:".contains(&byte))
            && text != ".."
            && text != "."
    };
    let (names, version) = match parts.as_slice() {
        [names @ .., "versions" | "cryptoKeyVersions", version] => (names, Some(*version)),
        names => (names, None),
    };
    let [
        "projects",
        p,
        "locations",
        l,
        "keyRings",
        r,
        "cryptoKeys",
        k,
    ] = names
    else {
        return None;
    };
    let fits = [p, l, r, k].into_iter().all(|name| is_name(name))
        && version.is_none_or(|version| version.bytes().all(|digit| digit.is_ascii_digit()));
    fits.then(|| KmsReference::Google {
        ring: format!("projects/{p}/locations/{l}/keyRings/{r}"),
        key: (*k).to_owned(),
        version: version.map(str::to_owned),
    })
}

fn vault(rest: &str) -> Option<KmsReference> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let fits = rest.bytes().next().is_some_and(is_word)
        && rest.bytes().next_back().is_some_and(is_word)
        && rest
            .bytes()
            .all(|byte| is_word(byte) || b"-.".contains(&byte));
    fits.then(|| KmsReference::Vault {
        key: rest.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_of_cosign_and_writes_them_back() {
        for text in [
            "awskms:///alias/release",
            "awskms:///1234abcd-12ab-34cd-56ef-1234567890ab",
            "awskms:///mrk-1234abcd12ab34cd56ef1234567890ab",
            "awskms:///arn:aws:kms:us-east-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "awskms:///arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/a_b/c",
            "awskms://localhost:4566/alias/release",
            "azurekms://v.vault.azure.net/key",
            "azurekms://v.vault.azure.net/key/0123456789abcdef0123456789abcdef",
            "gcpkms://projects/p-1/locations/global/keyRings/r/cryptoKeys/k",
            "gcpkms://projects/example.com:p/locations/eu/keyRings/r/cryptoKeys/k/versions/12",
            "hashivault://release",
            "hashivault://a.b-c_d",
        ] {
            let reference: KmsReference = text.parse().unwrap();
            assert_eq!(reference.to_string(), text);
        }
        let other: KmsReference =
            "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/3"
                .parse()
                .unwrap();
        assert!(other.to_string().ends_with("/versions/3"));
    }

    #[test]
    fn refuses_what_is_none() {
        for text in [
            "awskms://alias",
            "awskms:///",
            "awskms:///alias/",
            "awskms:///alias/a?b",
            "awskms://user@host/alias/a",
            "awskms:///arn:aws:s3:::bucket",
            "azurekms://vault/key",
            "azurekms://v.vault.azure.net/",
            "azurekms://v.vault.azure.net:8443/key",
            "azurekms://v.vault.azure.net/key/1/2",
            "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/..",
            "gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/versions/x",
            "gcpkms://projects/p/cryptoKeys/k",
            "hashivault://",
            "hashivault://a/b",
            "hashivault://../sys",
            "file:///x",
        ] {
            assert!(text.parse::<KmsReference>().is_err(), "{text}");
        }
    }
}
