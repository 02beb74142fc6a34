//! `sealwright.dev/up/v1`.

use std::fmt::Write as _;

use schemars::JsonSchema;
use sealwright::Served;
use sealwright_core::terminal;
use serde::Serialize;

use crate::printer::BOLD;
use crate::printer::GOOD;

/// What `up -o json` prints, on one line, as soon as requests are answered.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpDocument {
    /// Always `sealwright.dev/up/v1`.
    schema: &'static str,
    /// The base URL of the certificate authority and of the logs.
    url: String,
    /// The whole URL of the timestamp authority.
    timestamp_url: String,
    /// The base URL of the update repository.
    repository_url: String,
    /// Where the documents for clients were written.
    documents: String,
    /// The issuers whose tokens are believed.
    issuers: Vec<String>,
    /// The data directory.
    home: String,
}

impl UpDocument {
    pub(crate) fn new(served: &Served) -> Self {
        Self {
            schema: "sealwright.dev/up/v1",
            url: served.url.clone(),
            timestamp_url: served.timestamp_url(),
            repository_url: served.repository_url(),
            documents: served.documents.display().to_string(),
            issuers: served.issuers.clone(),
            home: served.home.display().to_string(),
        }
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = format!(
            "{GOOD}serving{GOOD:#} {BOLD}{}{BOLD:#}  for development, on this machine alone\n",
            self.url
        );
        let documents = terminal::escape(&self.documents);
        let issuers: Vec<_> = self.issuers.iter().map(|it| terminal::escape(it)).collect();
        let rows = [
            ("Fulcio v1, v2", self.url.as_str()),
            ("Rekor v1, v2", &self.url),
            ("timestamps", &self.timestamp_url),
            ("TUF", &self.repository_url),
            ("documents", &documents),
            ("data", &terminal::escape(&self.home)),
            ("issuers", &issuers.join(" ")),
        ];
        for (name, value) in rows {
            let _ = writeln!(text, "  {name:<14} {value}");
        }
        text
    }
}
