//! References to images in registries: `registry/repository[:tag][@digest]`.
//!
//! Source: OCI distribution-spec v1.1, "Pulling manifests" (names, tags), and the defaults docker
//! gives (`docker.io`, `library/`, `latest`).

use std::fmt;
use std::str::FromStr;

use crate::Digest;

/// A reference to a manifest in a registry.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl Reference {
    /// Host and optional port, `docker.io` when none was written.
    pub fn registry(&self) -> &str {
        &self.registry
    }

    /// Repository name, `library/` added for one-part names of `docker.io`.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag written, or `latest` when neither tag nor digest was.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, when one was written.
    pub const fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The same repository at a digest, without a tag.
    #[must_use]
    pub fn at(&self, digest: Digest) -> Self {
        Self {
            tag: None,
            digest: Some(digest),
            ..self.clone()
        }
    }

    /// The same repository at a tag.
    ///
    /// # Errors
    /// When the text is no tag.
    pub fn tagged(&self, tag: &str) -> Result<Self, InvalidReference> {
        check_tag(tag)?;
        Ok(Self {
            tag: Some(tag.to_owned()),
            digest: None,
            ..self.clone()
        })
    }

    /// `registry/repository` without tag or digest.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// Whether the registry is this machine: `localhost`, 127.0.0.0/8 or `[::1]`. Only there may
    /// plain HTTP be spoken.
    pub fn is_loopback(&self) -> bool {
        let host = match self.registry.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => self.registry.split(':').next().unwrap_or_default(),
        };
        host == "localhost"
            || host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let invalid = |reason| InvalidReference {
            text: text.to_owned(),
            reason,
        };
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (
                rest,
                Some(
                    digest
                        .parse()
                        .map_err(|_| invalid("its digest is not sha256:<64 hex digits>"))?,
                ),
            ),
            None => (text, None),
        };
        let (name, mut tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') && !(name.is_empty()) => (name, Some(tag)),
            _ => (rest, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some((first, rest))
                if first.contains(['.', ':']) || first == "localhost" || first.starts_with('[') =>
            {
                (first, rest.to_owned())
            }
            Some(_) => ("docker.io", name.to_owned()),
            None => ("docker.io", format!("library/{name}")),
        };
        let registry = if registry == "index.docker.io" {
            "docker.io"
        } else {
            registry
        };
        check_registry(registry).map_err(invalid)?;
        check_repository(&repository).map_err(invalid)?;
        if tag.is_none() && digest.is_none() {
            tag = Some("latest");
        }
        if let Some(tag) = tag {
            check_tag(tag)?;
        }
        Ok(Self {
            registry: registry.to_owned(),
            repository,
            tag: tag.map(str::to_owned),
            digest,
        })
    }
}

fn check_registry(registry: &str) -> Result<(), &'static str> {
    let (host, port) = match registry.strip_prefix('[').and_then(|r| r.split_once(']')) {
        Some((address, port)) => {
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return Err("its registry is no IPv6 address");
            }
            ("ipv6", port.strip_prefix(':'))
        }
        None => match registry.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (registry, None),
        },
    };
    let host_ok = !host.is_empty()
        && host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
    if !host_ok {
        return Err("its registry is no host name");
    }
    match port {
        Some(port) if port.parse::<u16>().is_err() => Err("its registry's port is no number"),
        _ => Ok(()),
    }
}

fn check_repository(repository: &str) -> Result<(), &'static str> {
    if repository.len() > 255 {
        return Err("its repository name is longer than 255 characters");
    }
    let part_ok = |part: &str| {
        let ends_ok =
            |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        ends_ok(part.bytes().next())
            && ends_ok(part.bytes().last())
            && part.bytes().all(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-')
            })
            && !part.contains("..")
            && !part.contains("___")
            && !part.contains("._")
            && !part.contains("_.")
    };
    if repository.split('/').all(part_ok) {
        Ok(())
    } else {
        Err("its repository name is not lower-case letters, digits and single separators")
    }
}

fn check_tag(tag: &str) -> Result<(), InvalidReference> {
    let ok = (1..=128).contains(&tag.len())
        && !tag.starts_with(['.', '-'])
        && tag
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    if ok {
        Ok(())
    } else {
        Err(InvalidReference {
            text: tag.to_owned(),
            reason: "a tag is 1 to 128 letters, digits, `_`, `.` and `-`, not starting with `.` or `-`",
        })
    }
}

/// Why some text is no image reference.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{text:?} is no image reference: {reason}")]
pub struct InvalidReference {
    text: String,
    reason: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_in_what_docker_fills_in() {
        for (text, wanted) in [
            ("alpine", "docker.io/library/alpine:latest"),
            ("org/app:1", "docker.io/org/app:1"),
            ("localhost/app", "localhost/app:latest"),
            ("localhost:5000/app", "localhost:5000/app:latest"),
            ("[::1]:5000/a/b:t", "[::1]:5000/a/b:t"),
            ("ghcr.io/o/app:1.2", "ghcr.io/o/app:1.2"),
        ] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), wanted);
        }
    }

    #[test]
    fn keeps_tag_and_digest() {
        let digest = Digest::sha256(b"x");
        let text = format!("ghcr.io/o/app:1@{digest}");
        let reference: Reference = text.parse().unwrap();
        assert_eq!(reference.tag(), Some("1"));
        assert_eq!(reference.digest(), Some(&digest));
        assert_eq!(reference.to_string(), text);
    }

    #[test]
    fn refuses_what_is_no_reference() {
        for text in [
            "",
            "/",
            "ghcr.io/",
            "ghcr.io/UPPER",
            "ghcr.io/a//b",
            "ghcr.io/a:",
            "ghcr.io/a:-t",
            "ghcr.io/a@sha256:00",
            "exa mple.com/a",
            "ghcr.io:x/a",
            "a/../b",
            "ghcr.io/a:t/../x",
        ] {
            assert!(text.parse::<Reference>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn knows_this_machine() {
        let is_loopback = |text: &str| text.parse::<Reference>().unwrap().is_loopback();
        assert!(is_loopback("localhost:1/a"));
        assert!(is_loopback("127.3.2.1:1/a"));
        assert!(is_loopback("[::1]:1/a"));
        assert!(!is_loopback("localhost.example.com/a"));
        assert!(!is_loopback("10.0.0.1/a"));
    }
}
