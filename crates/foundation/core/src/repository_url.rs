//! Where a source repository can be found, without anybody's credentials in it.

use std::fmt;

use serde::Serialize;

/// The URL of a source repository on a network: no password, token, query or fragment, and no
/// path on somebody's machine. A user name stays only where it is part of the address, in `ssh`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct RepositoryUrl(String);

impl RepositoryUrl {
    /// Takes a URL as Git's configuration and CI systems spell it: `https`, `http`, `ssh` or `git`
    /// with or without `git+` before it, or `[user@]host:path`. Credentials, query and fragment are
    /// dropped.
    ///
    /// # Errors
    /// When the text is none of these; a local path is not.
    pub fn parse(text: &str) -> Result<Self, InvalidRepositoryUrl> {
        Self::read(text).ok_or(InvalidRepositoryUrl)
    }

    fn read(text: &str) -> Option<Self> {
        if text.len() > MAX_LENGTH || text.contains(|c: char| c.is_control() || c == ' ') {
            return None;
        }
        let (scheme, authority, path) = match text.split_once("://") {
            Some((scheme, rest)) => {
                let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
                let (authority, path) = rest.split_at(end);
                (scheme.to_ascii_lowercase(), authority, path)
            }
            None => {
                let (authority, path) = text.split_once(':')?;
                ("ssh".to_owned(), authority, path)
            }
        };
        let scheme = scheme.strip_prefix("git+").unwrap_or(&scheme);
        // The last @ ends the user information: whatever stands before it is not the host.
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        let is_host =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':' | '[' | ']');
        // One letter before the colon is a Windows drive.
        if host.len() < 2 || host.starts_with('-') || !host.chars().all(is_host) {
            return None;
        }
        let user = match scheme {
            "ssh" => user.and_then(|user| user.split(':').next()),
            "git" | "http" | "https" => None,
            _ => return None,
        };
        let is_user = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let user = user.filter(|user| !user.is_empty() && user.chars().all(is_user));
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = path.trim_start_matches('/').trim_end_matches('/');
        // `ext::command` would make Git run the command.
        if path.is_empty() || path.starts_with(':') {
            return None;
        }
        let at = if user.is_some() { "@" } else { "" };
        Some(Self(format!(
            "{scheme}://{}{at}{}/{path}",
            user.unwrap_or_default(),
            host.to_ascii_lowercase()
        )))
    }

    /// The URL, such as `https://github.com/o/r`. Untrusted text: escape it before showing it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URL as a package or dependency locator names it, such as
    /// `git+https://github.com/o/r@refs/heads/main`.
    pub fn locator(&self, reference: Option<&str>) -> String {
        let prefix = if self.0.starts_with("git:") {
            ""
        } else {
            "git+"
        };
        match reference {
            Some(reference) => format!("{prefix}{}@{reference}", self.0),
            None => format!("{prefix}{}", self.0),
        }
    }
}

impl fmt::Display for RepositoryUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Text that names no repository on a network. It is not repeated: it may hold a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "not the URL of a repository on a network, wanted such as https://host/path or git@host:path"
)]
pub struct InvalidRepositoryUrl;

const MAX_LENGTH: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_every_credential() {
        let check = |text: &str, wanted: &str| {
            assert_eq!(
                RepositoryUrl::parse(text).unwrap().as_str(),
                wanted,
                "{text}"
            );
        };
        check("https://github.com/o/r", "https://github.com/o/r");
        check("https://github.com/o/r.git/", "https://github.com/o/r.git");
        check("HTTPS://GitHub.com/O/r", "https://github.com/O/r");
        check("https://token@github.com/o/r", "https://github.com/o/r");
        check("https://u:p%40ss@github.com/o/r", "https://github.com/o/r");
        check("https://u:p@ss@github.com/o/r", "https://github.com/o/r");
        check(
            "git+https://u:p@host:8443/o/r?private_token=x#y",
            "https://host:8443/o/r",
        );
        check("https://host/o/r#u:p@x", "https://host/o/r");
        check("ssh://git:secret@host:22/o/r", "ssh://git@host:22/o/r");
        check("git@github.com:o/r.git", "ssh://git@github.com/o/r.git");
        check("host:/o/r", "ssh://host/o/r");
        check("git://host/o/r", "git://host/o/r");
    }

    #[test]
    fn refuses_local_paths_and_what_is_no_url() {
        for text in [
            "",
            "/srv/r.git",
            "../r",
            "file:///srv/r",
            "C:/r",
            "C:\\r",
            "host",
            "https://",
            "https:///o",
            "https://host",
            "https://host/",
            "https://ho st/o",
            "ext::sh -c x",
            "ext::sh",
            "javascript:x/y z",
            "https://host\n/o",
            "http://a@/o",
            "-oProxyCommand=x:/o",
            "-o:/o",
        ] {
            let parsed = RepositoryUrl::parse(text);
            assert!(parsed.is_err(), "{text}: {parsed:?}");
        }
    }

    #[test]
    fn names_a_reference_in_a_locator() {
        let url = RepositoryUrl::parse("https://host/o/r").unwrap();
        assert_eq!(
            url.locator(Some("refs/heads/main")),
            "git+https://host/o/r@refs/heads/main"
        );
        let url = RepositoryUrl::parse("git://host/o/r").unwrap();
        assert_eq!(url.locator(None), "git://host/o/r");
    }
}
