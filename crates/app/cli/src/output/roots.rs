//! `sealwright.dev/roots/v1`: instances, and where their trusted roots come from.

use std::fmt::Write as _;

use schemars::JsonSchema;
use sealwright::Failure;
use sealwright::ListedRoot;
use sealwright::Profile;
use sealwright::RootOrigin;
use sealwright::RootUpdate;
use sealwright_core::Timestamp;
use sealwright_core::terminal;
use serde::Serialize;

use crate::output::verify::FailureBody;
use crate::printer::BAD;
use crate::printer::BOLD;
use crate::printer::DIM;
use crate::printer::WARN;

/// What `root list`, `root update` and `root init` print with `-o json`.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct RootsDocument {
    /// Always `sealwright.dev/roots/v1`.
    schema: &'static str,
    pub(crate) roots: Vec<Root>,
}

/// One instance.
#[derive(Debug, Default, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Root {
    /// The name that `--profile` takes.
    profile: String,
    /// `data-directory`, `embedded`, `tuf`, or `none` when no root is to be had.
    source: &'static str,
    /// The day on which an embedded root was taken from its publisher.
    #[serde(skip_serializing_if = "Option::is_none")]
    taken: Option<&'static str>,
    /// Base URL of the TUF repository that was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    mirror: Option<String>,
    /// The version of the repository's root.
    #[serde(skip_serializing_if = "Option::is_none")]
    root_version: Option<u64>,
    /// The version of the repository's list of targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    targets_version: Option<u64>,
    /// When it was asked, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    /// When the first of its metadata expires, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    /// Whether that has passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    expired: Option<bool>,
    /// Whether it is known where to sign with it.
    signs: bool,
    /// Whether an update brought another trusted root than was used before.
    #[serde(skip_serializing_if = "Option::is_none")]
    changed: Option<bool>,
    /// Why there is no root, or no newer one.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureBody>,
}

impl RootsDocument {
    pub(crate) fn new(roots: Vec<Root>) -> Self {
        Self {
            schema: "sealwright.dev/roots/v1",
            roots,
        }
    }

    pub(crate) fn to_text(&self) -> String {
        self.roots.iter().map(Root::to_text).collect()
    }
}

impl Root {
    pub(crate) fn listed(listed: &ListedRoot, now: Timestamp) -> Self {
        match &listed.origin {
            Ok(origin) => Self {
                signs: listed.has_signing_config,
                ..Self::shown(listed.profile, origin, now)
            },
            Err(failure) => Self::failed(listed.profile, failure),
        }
    }

    pub(crate) fn updated(updated: &RootUpdate, now: Timestamp) -> Self {
        Self {
            signs: updated.has_signing_config,
            changed: Some(updated.changed),
            ..Self::shown(updated.profile, &updated.origin, now)
        }
    }

    pub(crate) fn failed(profile: Profile, failure: &Failure) -> Self {
        Self {
            profile: profile.to_string(),
            source: "none",
            failure: Some(FailureBody::new(failure)),
            ..Self::default()
        }
    }

    pub(crate) fn shown(profile: Profile, origin: &RootOrigin, now: Timestamp) -> Self {
        let root = Self {
            profile: profile.to_string(),
            ..Self::default()
        };
        match origin {
            RootOrigin::DataDirectory => Self {
                source: "data-directory",
                ..root
            },
            RootOrigin::Embedded { taken } => Self {
                source: "embedded",
                taken: Some(taken),
                ..root
            },
            RootOrigin::Tuf {
                mirror,
                root_version,
                targets_version,
                updated,
                expires,
            } => Self {
                source: "tuf",
                mirror: Some(mirror.clone()),
                root_version: Some(*root_version),
                targets_version: Some(*targets_version),
                updated: Some(updated.to_string()),
                expires: Some(expires.to_string()),
                expired: Some(*expires < now),
                ..root
            },
            _ => root,
        }
    }

    fn to_text(&self) -> String {
        let mut text = format!("{BOLD}{:<12}{BOLD:#} ", terminal::escape(&self.profile));
        text.push_str(&self.source_text());
        match self.changed {
            Some(true) => text.push_str("; the trusted root is a new one"),
            Some(false) => text.push_str("; the trusted root is unchanged"),
            None => {}
        }
        text.push('\n');
        text
    }

    /// Where the root comes from, in one line for people.
    pub(crate) fn source_text(&self) -> String {
        let mut text = String::new();
        if let Some(failure) = &self.failure {
            let _ = write!(
                text,
                "{BAD}none{BAD:#}  {}",
                terminal::escape(failure.code())
            );
            return text;
        }
        match (self.source, self.taken, &self.mirror) {
            ("data-directory", ..) => text.push_str("this machine's data directory"),
            (_, Some(day), _) => {
                let _ = write!(
                    text,
                    "came with this program, taken from its publisher on {day}; newer keys are not in it"
                );
            }
            (_, _, Some(mirror)) => {
                let _ = write!(
                    text,
                    "TUF repository {}, root {}, targets {}, updated {}, ",
                    terminal::escape(mirror),
                    self.root_version.unwrap_or_default(),
                    self.targets_version.unwrap_or_default(),
                    self.updated.as_deref().unwrap_or_default(),
                );
                let expires = self.expires.as_deref().unwrap_or_default();
                let _ = match self.expired {
                    Some(true) => write!(text, "{WARN}expired{WARN:#} {expires}"),
                    _ => write!(text, "{DIM}expires{DIM:#} {expires}"),
                };
            }
            _ => {}
        }
        text
    }
}
