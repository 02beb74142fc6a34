//! Cuts seeds out of public corpora: every interesting value of every JSON document there.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::Decode as _;
use sealwright_core::Digest;
use serde_json::Value;

/// Writes the seeds and says how many there are.
pub(crate) fn collect(corpora: PathBuf, seeds: PathBuf) -> io::Result<usize> {
    let mut collector = Collector { seeds, count: 0 };
    for corpus in CORPORA {
        collector.directory(&corpora.join(corpus))?;
    }
    Ok(collector.count)
}

fn is_cyclonedx(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(bytes.get(..256).unwrap_or(bytes));
    head.contains("\"bomFormat\"")
}

const CORPORA: &[&str] = &[
    "bench-sbom",
    "cyclonedx/documents",
    "provenance-samples",
    "sigstore-conformance",
    "spdx/examples",
    "tuf-root-signing/metadata",
    "tuf-root-signing/targets",
];
/// Larger documents make slow seeds.
const MAX_SEED: usize = 256 * 1024;

struct Collector {
    seeds: PathBuf,
    count: usize,
}

impl Collector {
    fn directory(&mut self, path: &Path) -> io::Result<()> {
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                self.directory(&entry.path())?;
            } else {
                let name = entry.file_name().to_string_lossy().into_owned();
                self.file(&name, &fs::read(entry.path())?)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        match name {
            "Cargo.lock" => self.seed("cargo_lock", bytes)?,
            "package-lock.json" => self.seed("package_lock", bytes)?,
            _ if name.ends_with(".pub") || name.ends_with(".pem") => self.seed("key", bytes)?,
            _ if name.contains("trusted_root") => self.seed("trusted_root", bytes)?,
            _ if name.ends_with(".jsonl") => self.seed("bundle_lines", bytes)?,
            _ if name.ends_with("manifest.json") => self.seed("registry", bytes)?,
            _ if name.ends_with(".sigstore.json") => self.seed("bundle", bytes)?,
            _ if name.ends_with(".spdx.json") => self.seed("sbom_document", bytes)?,
            _ if name.ends_with(".json") && is_cyclonedx(bytes) => {
                self.seed("sbom_document", bytes)?;
            }
            _ if name.ends_with("root.json") || name == "timestamp.json" => {
                self.seed("tuf_metadata", bytes)?;
            }
            _ if name.ends_with(".json") => self.seed("statement", bytes)?,
            _ => return Ok(()),
        }
        for line in bytes.split(|byte| *byte == b'\n') {
            if let Ok(document) = serde_json::from_slice(line) {
                self.value("", &document)?;
            }
        }
        match serde_json::from_slice(bytes) {
            Ok(document) => self.value("", &document),
            Err(_) => Ok(()),
        }
    }

    fn value(&mut self, key: &str, value: &Value) -> io::Result<()> {
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.value(key, item)),
            Value::Object(members) => members
                .iter()
                .try_for_each(|(key, item)| self.value(key, item)),
            Value::String(text) if key == "envelope" => self.seed("checkpoint", text.as_bytes()),
            Value::String(text) => match STANDARD.decode(text) {
                Ok(bytes) => self.encoded(key, &bytes),
                Err(_) => Ok(()),
            },
            _ => Ok(()),
        }
    }

    fn encoded(&mut self, key: &str, bytes: &[u8]) -> io::Result<()> {
        match key {
            "rawBytes" => match x509_cert::Certificate::from_der(bytes) {
                Ok(certificate) => {
                    let extensions = certificate.tbs_certificate().extensions();
                    for extension in extensions.into_iter().flatten() {
                        if extension.extn_id.to_string() == "1.3.6.1.4.1.11129.2.4.2" {
                            self.seed("sct", extension.extn_value.as_bytes())?;
                        }
                    }
                    self.seed("certificate", bytes)
                }
                Err(_) => self.seed("key", bytes),
            },
            "canonicalizedBody" => self.seed("log_entry_body", bytes),
            "payload" => self.seed("statement", bytes),
            "signedTimestamp" => self.seed("timestamp", bytes),
            _ => Ok(()),
        }
    }

    fn seed(&mut self, target: &str, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() > MAX_SEED {
            return Ok(());
        }
        let directory = self.seeds.join(target);
        fs::create_dir_all(&directory)?;
        let name: String = Digest::sha256(bytes).to_hex().chars().take(16).collect();
        let path = directory.join(name);
        if !path.exists() {
            fs::write(path, bytes)?;
            self.count += 1;
        }
        Ok(())
    }
}
