//! `sealwright.dev/log-fsck/v1` and `sealwright.dev/log-entry/v1`.

use std::fmt::Write as _;

use schemars::JsonSchema;
use sealwright::Failure;
use sealwright::FsckSummary;
use sealwright::LoggedEntry;
use sealwright_core::terminal;
use serde::Serialize;

use crate::error::Error;

/// What `log fsck -o json` prints when the log is sound; otherwise the command fails.
#[derive(Debug, JsonSchema, Serialize)]
pub(crate) struct FsckDocument {
    /// Always `sealwright.dev/log-fsck/v1`.
    schema: &'static str,
    origin: String,
    /// How many entries the log has.
    size: u64,
    /// Root hash of the tree, hexadecimal.
    root: String,
}

impl FsckDocument {
    pub(crate) fn new(checked: &FsckSummary) -> Self {
        Self {
            schema: "sealwright.dev/log-fsck/v1",
            origin: checked.origin.clone(),
            size: checked.size,
            root: checked.root.clone(),
        }
    }
}

/// What `log show -o json` prints.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogEntryDocument {
    /// Always `sealwright.dev/log-entry/v1`.
    schema: &'static str,
    log_index: u64,
    /// RFC 3339; absent in version 2 entries.
    #[serde(skip_serializing_if = "Option::is_none")]
    integrated_at: Option<String>,
    /// The entry as it is hashed.
    body: serde_json::Value,
}

impl LogEntryDocument {
    pub(crate) fn new(entry: &LoggedEntry) -> Result<Self, Failure> {
        Ok(Self {
            schema: "sealwright.dev/log-entry/v1",
            log_index: entry.index,
            integrated_at: entry.integrated_at.map(|time| time.to_string()),
            body: serde_json::from_slice(&entry.body).map_err(|e| Error::stdout(e.into()))?,
        })
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "index       {}", self.log_index);
        if let Some(time) = &self.integrated_at {
            let _ = writeln!(text, "integrated  {time}");
        }
        let body = serde_json::to_string_pretty(&self.body).unwrap_or_default();
        for line in body.lines() {
            let _ = writeln!(text, "{}", terminal::escape(line));
        }
        text
    }
}
