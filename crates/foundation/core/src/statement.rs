//! In-toto statements: a claim about artifacts.
//!
//! Source: in-toto attestation framework v1.1, spec/v1/statement.md and resource_descriptor.md.
//! Version 0.1 is read as well; version 1 is what is written.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::Digest;
use crate::canonical_json;
use crate::uris;

/// How many subjects one statement may have.
const MAX_SUBJECTS: usize = 10_000;

/// A claim about subjects: its type says what the predicate means.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Statement<P = Box<RawValue>> {
    /// `_type`: the version of the statement format.
    #[serde(rename = "_type")]
    pub statement_type: String,
    /// The artifacts the claim is about.
    pub subject: Vec<ResourceDescriptor>,
    /// What kind of claim this is, a URI.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// The claim itself.
    pub predicate: P,
}

/// An artifact or other resource by name, digest or both.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceDescriptor {
    /// A name for people; matching goes by digest.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where it came from or can be found.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uri: String,
    /// Digests by algorithm name, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digest: BTreeMap<String, String>,
    /// What kind of bytes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    /// Further facts about the resource.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, Value>,
}

impl ResourceDescriptor {
    /// An artifact with a name and one digest.
    pub fn named(name: impl Into<String>, digest: &Digest) -> Self {
        let mut descriptor = Self::with_digest(digest);
        descriptor.name = name.into();
        descriptor
    }

    /// An artifact known by its digest alone.
    pub fn with_digest(digest: &Digest) -> Self {
        let name = digest.algorithm().name().to_owned();
        Self {
            digest: BTreeMap::from([(name, digest.to_hex())]),
            ..Self::default()
        }
    }

    /// Whether this descriptor names the artifact with this digest. Compares digests as values: a
    /// digest that is not one never matches.
    pub fn matches(&self, digest: &Digest) -> bool {
        self.digest
            .get(digest.algorithm().name())
            .and_then(|digits| Digest::from_hex(digest.algorithm(), digits).ok())
            .is_some_and(|found| found == *digest)
    }
}

impl<P> Statement<P> {
    /// A version 1 statement.
    pub fn new(
        subject: Vec<ResourceDescriptor>,
        predicate_type: impl Into<String>,
        predicate: P,
    ) -> Self {
        Self {
            statement_type: uris::STATEMENT_V1.to_owned(),
            subject,
            predicate_type: predicate_type.into(),
            predicate,
        }
    }

    /// Whether any subject is the artifact with this digest.
    pub fn is_about(&self, digest: &Digest) -> bool {
        self.subject.iter().any(|subject| subject.matches(digest))
    }
}

impl Statement {
    /// Reads a statement whose predicate is left unread.
    ///
    /// # Errors
    /// When the bytes are no JSON, repeat a key, are no statement of version 1 or 0.1, or have no
    /// subject or more than 10 000.
    pub fn parse(payload: &[u8]) -> Result<Self, InvalidStatement> {
        let statement: Self =
            canonical_json::from_slice(payload).map_err(InvalidStatement::Json)?;
        if statement.statement_type != uris::STATEMENT_V1
            && statement.statement_type != uris::STATEMENT_V01
        {
            return Err(InvalidStatement::Type(statement.statement_type));
        }
        match statement.subject.len() {
            1..=MAX_SUBJECTS => Ok(statement),
            found => Err(InvalidStatement::Subjects(found)),
        }
    }
}

/// Why some bytes are no in-toto statement.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidStatement {
    /// Not JSON, or not of a statement's shape.
    #[error("statement is not valid JSON of an in-toto statement: {0}")]
    Json(serde_json::Error),
    /// Too many subjects, or none.
    #[error("statement has {0} subjects, wanted 1 to {MAX_SUBJECTS}")]
    Subjects(usize),
    /// A version this one does not know.
    #[error("statement type is {0:?}, wanted https://in-toto.io/Statement/v1 (or v0.1)")]
    Type(String),
}
