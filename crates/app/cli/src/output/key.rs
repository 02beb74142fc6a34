//! `sealwright.dev/key/v1`.

use std::fmt::Write as _;

use schemars::JsonSchema;
use sealwright::ShownKey;
use sealwright_core::terminal;
use serde::Serialize;

/// What `keys show -o json`, `keys generate -o json` and `keys import -o json` print.
#[derive(Debug, JsonSchema, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeyDocument {
    /// Always `sealwright.dev/key/v1`.
    schema: &'static str,
    /// What holds the key, for people.
    form: &'static str,
    /// Whether the private half is there.
    private: bool,
    /// Whether it takes a passphrase to use it.
    encrypted: bool,
    /// Such as `ECDSA P-256`; absent when it cannot be known without the passphrase, as all below.
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<String>,
    /// SHA-256 of the public half (SubjectPublicKeyInfo, DER).
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    /// The same in Base64: how bundles name a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    /// The public half as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
    /// Where the private half was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    private_file: Option<String>,
    /// Where the public half was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_file: Option<String>,
}

impl KeyDocument {
    pub(crate) fn new(key: &ShownKey) -> Self {
        let public = key.public.as_ref();
        let path = |path: &std::path::PathBuf| path.display().to_string();
        Self {
            schema: "sealwright.dev/key/v1",
            form: key.form,
            private: key.is_private,
            encrypted: key.is_encrypted,
            algorithm: public.map(|public| public.algorithm.clone()),
            fingerprint: public.map(|public| public.fingerprint.to_string()),
            key_id: public.map(|public| public.key_id.clone()),
            public_key: public.map(|public| public.pem.clone()),
            private_file: key.private_file.as_ref().map(path),
            public_file: key.public_file.as_ref().map(path),
        }
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(text, "form         {}", self.form);
        let lines = [
            ("algorithm", &self.algorithm),
            ("fingerprint", &self.fingerprint),
            ("key id", &self.key_id),
            ("private", &self.private_file),
            ("public", &self.public_file),
        ];
        for (name, value) in lines {
            if let Some(value) = value {
                let _ = writeln!(text, "{name:<12} {}", terminal::escape(value));
            }
        }
        if self.fingerprint.is_none() {
            let _ = writeln!(text, "fingerprint  not known without the passphrase");
        }
        text
    }
}
