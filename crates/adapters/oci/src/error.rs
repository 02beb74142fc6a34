//! What can go wrong with images in registries and layouts, by stable code.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use http::StatusCode;
use sealwright_core::Class;
use sealwright_core::Code;
use sealwright_core::Diagnostic;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_core::terminal::escape;

const IMAGE_SPOOL_FAILED: Code = Code::new("image.spool-failed");
const IMAGE_TAG_TAKEN: Code = Code::new("image.tag-taken");
const IMAGE_TOO_LARGE: Code = Code::new("image.too-large");
const IMAGE_UNSUPPORTED: Code = Code::new("image.unsupported");
const LAYOUT_AMBIGUOUS: Code = Code::new("layout.ambiguous");
const LAYOUT_BLOB_MISSING: Code = Code::new("layout.blob-missing");
const LAYOUT_DIGEST_MISMATCH: Code = Code::new("layout.digest-mismatch");
const LAYOUT_MALFORMED: Code = Code::new("layout.malformed");
const LAYOUT_TAG_MISSING: Code = Code::new("layout.tag-missing");
const REGISTRY_CREDENTIALS_UNUSABLE: Code = Code::new("registry.credentials-unusable");
const REGISTRY_DELETION_REFUSED: Code = Code::new("registry.deletion-refused");
const REGISTRY_DIGEST_MISMATCH: Code = Code::new("registry.digest-mismatch");
const REGISTRY_FORBIDDEN: Code = Code::new("registry.forbidden");
const REGISTRY_INSECURE_REFUSED: Code = Code::new("registry.insecure-refused");
const REGISTRY_MALFORMED_ANSWER: Code = Code::new("registry.malformed-answer");
const REGISTRY_NOT_FOUND: Code = Code::new("registry.not-found");
const REGISTRY_RATE_LIMITED: Code = Code::new("registry.rate-limited");
const REGISTRY_REFERRERS_CONTENDED: Code = Code::new("registry.referrers-contended");
const REGISTRY_REFUSED: Code = Code::new("registry.refused");
const REGISTRY_TIMEOUT: Code = Code::new("registry.timeout");
const REGISTRY_UNAUTHORIZED: Code = Code::new("registry.unauthorized");
const REGISTRY_UNAVAILABLE: Code = Code::new("registry.unavailable");

/// All codes of this crate.
pub const CODES: &[Code] = &[
    IMAGE_SPOOL_FAILED,
    IMAGE_TAG_TAKEN,
    IMAGE_TOO_LARGE,
    IMAGE_UNSUPPORTED,
    LAYOUT_AMBIGUOUS,
    LAYOUT_BLOB_MISSING,
    LAYOUT_DIGEST_MISMATCH,
    LAYOUT_MALFORMED,
    LAYOUT_TAG_MISSING,
    REGISTRY_CREDENTIALS_UNUSABLE,
    REGISTRY_DELETION_REFUSED,
    REGISTRY_DIGEST_MISMATCH,
    REGISTRY_FORBIDDEN,
    REGISTRY_INSECURE_REFUSED,
    REGISTRY_MALFORMED_ANSWER,
    REGISTRY_NOT_FOUND,
    REGISTRY_RATE_LIMITED,
    REGISTRY_REFERRERS_CONTENDED,
    REGISTRY_REFUSED,
    REGISTRY_TIMEOUT,
    REGISTRY_UNAUTHORIZED,
    REGISTRY_UNAVAILABLE,
];

/// Where images are kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Place {
    /// An OCI image layout directory.
    Layout(PathBuf),
    /// A repository in a registry: `host/name`.
    Repository(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layout(path) => write!(f, "layout {}", path.display()),
            Self::Repository(name) => f.write_str(name),
        }
    }
}

/// An image or its evidence that could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A layout holds several images and none was chosen.
    #[error("{place} holds {} images, wanted one: {}", found.len(), list(found))]
    Ambiguous {
        /// The layout.
        place: Place,
        /// Their tags, or digests where they have none.
        found: Vec<String>,
    },
    /// A layout lacks a blob that something in it names.
    #[error("{place} has no blob {digest}")]
    BlobMissing {
        /// The layout.
        place: Place,
        /// The blob.
        digest: Box<Digest>,
    },
    /// Credentials are configured but cannot be had.
    #[error("credentials for {registry} cannot be read: {}", escape(reason))]
    Credentials {
        /// The registry.
        registry: String,
        /// Why.
        reason: String,
    },
    /// The registry deletes nothing, or not this way.
    #[error(
        "{registry} answers {status} to the request to delete{}",
        said(message)
    )]
    DeletionRefused {
        /// The registry.
        registry: String,
        /// Its status.
        status: StatusCode,
        /// What the registry said.
        message: String,
    },
    /// Content has another digest than it was asked for by.
    #[error("content in {place} has digest {found}, wanted {wanted}")]
    DigestMismatch {
        /// Where it is kept.
        place: Place,
        /// Its digest.
        found: Box<Digest>,
        /// The digest it was asked for by.
        wanted: Box<Digest>,
    },
    /// A file could not be read, written or locked.
    #[error(transparent)]
    Files(sealwright_files::Error),
    /// The registry knows who asks and does not let them.
    #[error("{registry} forbids to {action}{}", said(message))]
    Forbidden {
        /// The registry.
        registry: String,
        /// What we wanted to do.
        action: String,
        /// What the registry said.
        message: String,
    },
    /// Bytes that are not what the specification says they are.
    #[error("{what} in {place} is malformed: {}", escape(reason))]
    Malformed {
        /// Where it is kept.
        place: Place,
        /// What: `index.json`, `manifest sha256:…`.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// The registry has no such thing, or does not admit that it has.
    #[error("{registry} has no {what}{}", said(message))]
    NotFound {
        /// The registry.
        registry: String,
        /// What we wanted.
        what: String,
        /// What the registry said.
        message: String,
    },
    /// The registry wants fewer requests.
    #[error("{registry} limits the rate of requests{}", again(*retry_after))]
    RateLimited {
        /// The registry.
        registry: String,
        /// How long it wants to be left alone.
        retry_after: Option<Duration>,
        /// The time allowed, when there was too little of it to ask again.
        out_of_time: Option<Duration>,
    },
    /// Other writers kept removing our entry from the list of referrers.
    #[error("{place}: entries in tag {tag} were overwritten by other writers {attempts} times")]
    ReferrersContended {
        /// The repository.
        place: Place,
        /// The fallback tag.
        tag: String,
        /// How often we wrote it.
        attempts: usize,
    },
    /// The registry refuses a request for a reason of its own.
    #[error(
        "{registry} answers {status} to the request to {action}{}",
        said(message)
    )]
    Refused {
        /// The registry.
        registry: String,
        /// What we wanted to do.
        action: String,
        /// Its status.
        status: StatusCode,
        /// What the registry said.
        message: String,
    },
    /// Content is longer or shorter than its descriptor says.
    #[error("content {digest} in {place} has {} {found} bytes, wanted {wanted}", if *more { "at least" } else { "only" })]
    SizeMismatch {
        /// Where it is kept.
        place: Place,
        /// The digest it was asked for by.
        digest: Box<Digest>,
        /// How many bytes were read.
        found: u64,
        /// How many its descriptor names.
        wanted: u64,
        /// Whether there is more than wanted.
        more: bool,
    },
    /// A layer could not be kept on disk while it is read.
    #[error("a layer cannot be kept in {}: {source}", directory.display())]
    Spool {
        /// The directory for temporary files.
        directory: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A layout has no image of that tag.
    #[error("{place} has no tag {tag:?}, it has {}", list(found))]
    TagMissing {
        /// The layout.
        place: Place,
        /// The tag.
        tag: String,
        /// The tags it has.
        found: Vec<String>,
    },
    /// A tag names something else, and is not to be replaced.
    #[error("tag {tag} in {place} names {found}, wanted {wanted}")]
    TagTaken {
        /// Where.
        place: Place,
        /// The tag.
        tag: String,
        /// What it names.
        found: Box<Digest>,
        /// What it was to name.
        wanted: Box<Digest>,
    },
    /// More of something than is read.
    #[error("{place} has more than {limit} {what}")]
    TooMany {
        /// Where.
        place: Place,
        /// Of what.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// No answer.
    #[error("{registry}: {source}")]
    Transport {
        /// The registry.
        registry: String,
        /// Why.
        source: sealwright_net::Error,
    },
    /// The registry wants credentials, or other ones.
    #[error("{registry} wants {} to {action}{}", if *known { "other credentials" } else { "credentials" }, said(message))]
    Unauthorized {
        /// The registry.
        registry: String,
        /// What we wanted to do.
        action: String,
        /// Whether credentials were found and sent.
        known: bool,
        /// What the registry said.
        message: String,
    },
    /// The registry fails.
    #[error(
        "{registry} answers {status} to the request to {action}{}",
        said(message)
    )]
    Unavailable {
        /// The registry.
        registry: String,
        /// What we wanted to do.
        action: String,
        /// Its status.
        status: StatusCode,
        /// What the registry said.
        message: String,
        /// The time allowed, when there was too little of it to ask again.
        out_of_time: Option<Duration>,
    },
    /// A kind of content that is not understood here.
    #[error("{digest} in {place} is of type {:?}, wanted an image manifest or index", media_type.as_str())]
    Unsupported {
        /// Where it is kept.
        place: Place,
        /// The content.
        digest: Box<Digest>,
        /// Its media type.
        media_type: MediaType,
    },
}

impl Diagnostic for Error {
    fn code(&self) -> Code {
        match self {
            Self::Ambiguous { .. } => LAYOUT_AMBIGUOUS,
            Self::BlobMissing { .. } => LAYOUT_BLOB_MISSING,
            Self::Credentials { .. } => REGISTRY_CREDENTIALS_UNUSABLE,
            Self::DeletionRefused { .. } => REGISTRY_DELETION_REFUSED,
            Self::DigestMismatch { place, .. } | Self::SizeMismatch { place, .. } => match place {
                Place::Layout(_) => LAYOUT_DIGEST_MISMATCH,
                Place::Repository(_) => REGISTRY_DIGEST_MISMATCH,
            },
            Self::Files(source) => source.code(),
            Self::Forbidden { .. } => REGISTRY_FORBIDDEN,
            Self::Malformed { place, .. } => match place {
                Place::Layout(_) => LAYOUT_MALFORMED,
                Place::Repository(_) => REGISTRY_MALFORMED_ANSWER,
            },
            Self::NotFound { .. } => REGISTRY_NOT_FOUND,
            Self::RateLimited { .. } => REGISTRY_RATE_LIMITED,
            Self::ReferrersContended { .. } => REGISTRY_REFERRERS_CONTENDED,
            Self::Refused { .. } => REGISTRY_REFUSED,
            Self::Spool { .. } => IMAGE_SPOOL_FAILED,
            Self::TagMissing { .. } => LAYOUT_TAG_MISSING,
            Self::TagTaken { .. } => IMAGE_TAG_TAKEN,
            Self::TooMany { .. } => IMAGE_TOO_LARGE,
            Self::Transport { source, .. } => match source {
                sealwright_net::Error::Interrupted { .. }
                | sealwright_net::Error::Unreachable { .. } => REGISTRY_UNAVAILABLE,
                sealwright_net::Error::AnswerTooLarge { .. } => REGISTRY_MALFORMED_ANSWER,
                sealwright_net::Error::InsecureRefused { .. }
                | sealwright_net::Error::RedirectRefused { .. } => REGISTRY_INSECURE_REFUSED,
                sealwright_net::Error::Timeout { .. } => REGISTRY_TIMEOUT,
                other => other.code(),
            },
            Self::Unauthorized { .. } => REGISTRY_UNAUTHORIZED,
            Self::Unavailable { .. } => REGISTRY_UNAVAILABLE,
            Self::Unsupported { .. } => IMAGE_UNSUPPORTED,
        }
    }

    fn class(&self) -> Class {
        match self {
            Self::Credentials { .. } | Self::Forbidden { .. } | Self::Unauthorized { .. } => {
                Class::Auth
            }
            Self::Ambiguous { .. } | Self::TagMissing { .. } | Self::TagTaken { .. } => {
                Class::Usage
            }
            // What is kept here is not what it is called; a server may only have answered badly.
            Self::DigestMismatch { place, .. } | Self::SizeMismatch { place, .. } => match place {
                Place::Layout(_) => Class::Rejected,
                Place::Repository(_) => Class::Undecided,
            },
            Self::Files(source) => source.class(),
            Self::Transport { source, .. } => source.class(),
            _ => Class::Undecided,
        }
    }

    fn help(&self) -> Option<Cow<'static, str>> {
        let help = match self {
            Self::Ambiguous { .. } => "name one as oci:DIR:TAG",
            Self::DeletionRefused { .. } => {
                "deleting must be allowed where the registry is run (docker-registry: \
                 storage.delete.enabled), or done in the registry's own interface"
            }
            Self::Files(source) => return source.help(),
            Self::Forbidden { .. } => {
                "ask the repository's owner for this permission, or log in as somebody who has it"
            }
            Self::NotFound { .. } => {
                "check the name; some registries say this of private repositories too: then log in"
            }
            Self::RateLimited { out_of_time, .. } => {
                let help = "wait, or log in: most registries allow users more";
                return Some(in_time(help, *out_of_time));
            }
            Self::ReferrersContended { .. } => "run the same command again when others have ended",
            Self::TagTaken { .. } => "name another tag, or let this one be replaced",
            Self::Transport { source, .. } => return source.help(),
            Self::Unauthorized { registry, .. } => {
                return Some(Cow::Owned(format!("log in with `docker login {registry}`")));
            }
            Self::Unavailable { out_of_time, .. } => {
                let help = "try again later, or ask whoever runs the registry";
                return Some(in_time(help, *out_of_time));
            }
            _ => return None,
        };
        Some(Cow::Borrowed(help))
    }
}

impl From<sealwright_files::Error> for Error {
    fn from(source: sealwright_files::Error) -> Self {
        Self::Files(source)
    }
}

/// Names written by strangers, few and harmless.
fn list(names: &[String]) -> String {
    const MOST: usize = 10;
    if names.is_empty() {
        return "none".to_owned();
    }
    let mut shown: Vec<_> = names.iter().take(MOST).map(|name| escape(name)).collect();
    if names.len() > MOST {
        shown.push(Cow::Borrowed("…"));
    }
    shown.join(", ")
}

/// What a registry said, when it said anything.
fn said(message: &str) -> String {
    if message.is_empty() {
        return String::new();
    }
    format!(": {}", escape(message))
}

/// The help for a server that is busy, where it matters with what else would have helped.
fn in_time(help: &'static str, out_of_time: Option<Duration>) -> Cow<'static, str> {
    match out_of_time {
        None => Cow::Borrowed(help),
        Some(allowed) => Cow::Owned(format!(
            "{help}; within the {} s allowed there was no time for a better answer: give it longer \
             with --timeout",
            allowed.as_secs_f32()
        )),
    }
}

fn again(after: Option<Duration>) -> String {
    after.map_or_else(String::new, |after| {
        format!(" and asks to wait {} s", after.as_secs())
    })
}
