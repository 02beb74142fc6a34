//! What one authority is called: its id, the one identity it certifies, and the names of its
//! services, all in the reserved `.invalid` domain (RFC 2606), where nobody else can answer.

use sealwright_core::Identity;
use sealwright_core::IdentityKind;
use sealwright_core::Timestamp;

use crate::Error;

/// What the caller says about the authority when it is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct InstanceConfig<'a> {
    /// The user's name, which becomes part of the identity. Any text; what does not fit an e-mail
    /// address is replaced.
    pub user: &'a str,
    /// The whole identity instead: an e-mail address or a URI. It cannot be changed later.
    pub identity: Option<&'a str>,
}

impl InstanceConfig<'_> {
    /// Refuses an identity that no certificate can state, before anything is made.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.identity {
            Some(text) if parse_identity(text).is_none() => Err(Error::IdentityInvalid {
                found: text.to_owned(),
            }),
            _ => Ok(()),
        }
    }
}

/// One authority's names.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Instance {
    id: String,
    identity: Identity,
    created: Timestamp,
}

impl Instance {
    pub(crate) fn create(config: InstanceConfig<'_>, created: Timestamp) -> Result<Self, Error> {
        let mut bytes = [0; ID_LENGTH];
        sealwright_crypto::random_bytes(&mut bytes)
            .map_err(Error::composing("a name for the authority"))?;
        let id: String = bytes.iter().filter_map(|byte| letter(*byte)).collect();
        let identity = match config.identity {
            Some(text) => text.to_owned(),
            None => format!("{}@{id}.{DOMAIN}", local_part(config.user)),
        };
        Self::known(id, &identity, created).ok_or(Error::IdentityInvalid { found: identity })
    }

    /// An authority whose names are known; `None` when they could not be its names.
    pub(crate) fn known(id: String, identity: &str, created: Timestamp) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if !(1..=MAX_ID).contains(&id.len()) || !id.bytes().all(plain) {
            return None;
        }
        Some(Self {
            id,
            identity: parse_identity(identity)?,
            created,
        })
    }

    /// The random name that tells this authority from all others.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whom it certifies. Self-asserted: nobody checked it.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// When it was made, to the second.
    pub const fn created(&self) -> Timestamp {
        self.created
    }

    /// Its domain, `ID.sealwright.invalid`.
    pub fn domain(&self) -> String {
        format!("{}.{DOMAIN}", self.id)
    }

    /// Who vouches for the identity: the issuer in its certificates.
    pub fn issuer(&self) -> String {
        format!("https://{}", self.domain())
    }

    /// Base URL of the certificate authority.
    pub fn ca_url(&self) -> String {
        format!("https://ca.{}", self.domain())
    }

    /// Base URL of the certificate log.
    pub fn ct_url(&self) -> String {
        format!("https://ct.{}", self.domain())
    }

    /// The whole URL of the timestamp authority.
    pub fn tsa_url(&self) -> String {
        format!("https://tsa.{}/api/v1/timestamp", self.domain())
    }

    /// Base URL of the signature log.
    pub fn log_url(&self) -> String {
        format!("https://{}", self.log_name())
    }

    /// The name the signature log signs checkpoints with: its URL's host, as Go clients want.
    pub fn log_name(&self) -> String {
        format!("log.{}", self.domain())
    }
}

/// An e-mail address, or with a scheme a URI, in printable ASCII without spaces.
pub(crate) fn parse_identity(text: &str) -> Option<Identity> {
    if text.len() > MAX_IDENTITY || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        let scheme_fits = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric());
        return (scheme_fits && !rest.is_empty()).then(|| Identity::new(IdentityKind::Uri, text));
    }
    match text.split_once('@') {
        Some((user, domain)) if !user.is_empty() && !domain.is_empty() && !domain.contains('@') => {
            Some(Identity::new(IdentityKind::Email, text))
        }
        _ => None,
    }
}

/// A user's name as the part of an e-mail address before the `@`: RFC 5321's dot-string, narrowed.
fn local_part(user: &str) -> String {
    let fitted: String = user
        .chars()
        .take(MAX_USER)
        .map(|letter| match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '+' | '.' => letter,
            _ => '-',
        })
        .collect();
    let trimmed = fitted.trim_matches(['-', '.']);
    let mut parts = trimmed.split('.').filter(|part| !part.is_empty());
    match parts.next() {
        None => "user".to_owned(),
        Some(first) => parts.fold(first.to_owned(), |name, part| format!("{name}.{part}")),
    }
}

/// A letter or digit of RFC 4648's base32, in lower case, for the low five bits.
fn letter(byte: u8) -> Option<char> {
    let alphabet = b"abcdefghijklmnopqrstuvwxyz234567";
    alphabet
        .get(usize::from(byte & 31))
        .copied()
        .map(char::from)
}

const DOMAIN: &str = "sealwright.invalid";
/// 60 random bits.
const ID_LENGTH: usize = 12;
const MAX_ID: usize = 32;
const MAX_USER: usize = 64;
const MAX_IDENTITY: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_of_any_name_get_an_address() {
        for (user, address) in [
            ("root", "root"),
            ("Jane.Doe", "Jane.Doe"),
            ("a b\n@c", "a-b--c"),
            ("..x..y..", "x.y"),
            ("ünï", "n"),
            ("", "user"),
            ("@@@", "user"),
        ] {
            assert_eq!(local_part(user), address, "{user:?}");
        }
        assert_eq!(local_part(&"x".repeat(1000)).len(), MAX_USER);
    }

    #[test]
    fn identities_are_addresses_or_uris() {
        for (text, kind) in [
            ("a@b.example", IdentityKind::Email),
            ("https://b.example/x@y", IdentityKind::Uri),
            ("spiffe://b.example/x", IdentityKind::Uri),
        ] {
            assert_eq!(parse_identity(text).unwrap().kind(), kind);
        }
        for text in [
            "", "a", "@b", "a@", "a@b@c", "a b@c", "ä@c", "://x", "https://",
        ] {
            assert_eq!(parse_identity(text), None, "{text:?}");
        }
    }

    #[test]
    fn names_lie_in_the_instances_domain() {
        let instance = Instance::create(
            InstanceConfig {
                user: "root",
                identity: None,
            },
            Timestamp::EPOCH,
        )
        .unwrap();
        let id = instance.id();
        assert_eq!(id.len(), 12);
        assert_eq!(
            instance.identity().value(),
            format!("root@{id}.sealwright.invalid")
        );
        assert_eq!(
            instance.issuer(),
            format!("https://{id}.sealwright.invalid")
        );
        assert_eq!(
            instance.log_url(),
            format!("https://log.{id}.sealwright.invalid")
        );
        assert_eq!(
            instance.tsa_url(),
            format!("https://tsa.{id}.sealwright.invalid/api/v1/timestamp")
        );
    }
}
