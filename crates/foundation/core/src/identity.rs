//! Who signed: the subject alternative name of a signing certificate.

use std::fmt;

use serde::Serialize;

/// Which kind of subject alternative name carries an identity.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum IdentityKind {
    /// rfc822Name.
    Email,
    /// otherName of type 1.3.6.1.4.1.57264.1.7 (Fulcio, `docs/oid-info.md`).
    OtherName,
    /// uniformResourceIdentifier.
    Uri,
}

/// An identity as a certificate states it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Identity {
    kind: IdentityKind,
    value: String,
}

impl Identity {
    /// Takes an identity of a kind.
    pub fn new(kind: IdentityKind, value: impl Into<String>) -> Self {
        Self {
            kind,
            value: value.into(),
        }
    }

    /// The kind of name.
    pub const fn kind(&self) -> IdentityKind {
        self.kind
    }

    /// The name itself. Untrusted text: escape it before showing it on a terminal.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}
