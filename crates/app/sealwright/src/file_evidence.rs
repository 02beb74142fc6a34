//! Where the evidence of a file, directory or standard input lies: beside it.
//!
//! `F.sigstore.json` is the signature's bundle, which Sigstore clients look for by that name;
//! `F.sigstore.jsonl` has all bundles, one a line; `F.spdx.json` or `F.cdx.json` is the SBOM as a
//! plain document.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_files as files;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::LegacyParts;

use crate::Error;
use crate::Failure;
use crate::SbomFormat;

/// Size limit of a file of bundles.
pub(crate) const MAX_BUNDLES_SIZE: u64 = 64 << 20;
/// Size limit of a signature or a certificate by itself. What is larger is something else.
const MAX_DETACHED_SIZE: u64 = 64 << 10;
/// How many bundles one file may have.
const MAX_BUNDLES: usize = 4096;

/// The evidence files of one artifact, which need not exist.
#[derive(Clone, Debug)]
pub(crate) struct FileEvidence {
    /// Directory and first part of the names: the artifact's own path, unless put elsewhere.
    base: PathBuf,
}

/// A bundle and where it was found; perhaps unreadable.
#[derive(Debug)]
pub(crate) struct FoundBundle {
    pub(crate) location: String,
    pub(crate) bundle: Result<Bundle, sealwright_sigstore::Error>,
}

impl FoundBundle {
    /// Reads a bundle, or what cosign wrote before there were any.
    ///
    /// The root certificate that a chain of version 0.1 may end with is left out. The specification
    /// refuses such bundles, but npm's registry serves them for what was published early
    /// (`npm/v0.2-cli-gha-v0.attestations.json` among the provenance samples), and
    /// slsa-github-generator 1.7 attached them to releases
    /// (`slsa-github-generator/v1-container-based-v1.7.0.sigstore.json` there). Nothing is trusted for
    /// standing in a bundle, with or without it.
    pub(crate) fn new(location: String, json: &[u8]) -> Self {
        let bundle = Bundle::parse_without_root(json);
        Self {
            location,
            bundle: match &bundle {
                Err(_) => Bundle::parse_signed_payload(json).unwrap_or(bundle),
                Ok(_) => bundle,
            },
        }
    }

    /// A signature that stands by itself in a file, with a certificate in another; `None` when it
    /// is no Base64, as signatures of other tools go by the same name.
    fn detached(location: &Path, signature: &[u8], certificate: Option<&str>) -> Option<Self> {
        let signature = std::str::from_utf8(signature).ok()?.trim();
        let signature = Base64::decode(signature).ok()?;
        let parts = LegacyParts {
            certificate,
            ..LegacyParts::default()
        };
        Some(Self {
            location: location.display().to_string(),
            bundle: Bundle::from_detached(signature, &parts),
        })
    }
}

impl FileEvidence {
    /// Beside a file or directory, or under its name in another directory.
    pub(crate) fn beside(path: &Path, out: Option<&Path>) -> Self {
        let base = match (out, path.file_name()) {
            (Some(out), Some(name)) => out.join(name),
            _ => path.to_owned(),
        };
        Self { base }
    }

    /// For content without a name: named by digest, in the current or another directory.
    pub(crate) fn of_digest(digest: &Digest, out: Option<&Path>) -> Self {
        let name = format!("{}-{}", digest.algorithm().name(), digest.to_hex());
        Self {
            base: out.map_or_else(|| PathBuf::from(&name), |out| out.join(&name)),
        }
    }

    pub(crate) fn signature(&self) -> PathBuf {
        self.with_suffix(".sigstore.json")
    }

    pub(crate) fn all_bundles(&self) -> PathBuf {
        self.with_suffix(".sigstore.jsonl")
    }

    pub(crate) fn sbom(&self, format: SbomFormat) -> PathBuf {
        self.with_suffix(&format!(".{}", format.extension()))
    }

    /// Every bundle found, each once. Looks at `F.sigstore.jsonl`, `F.sigstore.json` and the older
    /// name `F.sigstore`; none existing is no failure.
    pub(crate) fn find(&self) -> Result<Vec<FoundBundle>, Failure> {
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        for path in [
            self.all_bundles(),
            self.signature(),
            self.with_suffix(".sigstore"),
        ] {
            let content = match files::read_limited(&path, MAX_BUNDLES_SIZE) {
                Err(files::Error::NotFound { .. }) => continue,
                result => result?,
            };
            for (location, json) in split(&path, &content)? {
                if seen.insert(Digest::sha256(json)) {
                    found.push(FoundBundle::new(location, json));
                }
            }
        }
        Ok(found)
    }

    /// The same, and a signature that stands by itself.
    pub(crate) fn find_in_any_form(&self) -> Result<Vec<FoundBundle>, Failure> {
        let mut found = self.find()?;
        found.extend(self.find_detached()?);
        Ok(found)
    }

    /// What `cosign sign-blob --output-signature` and `--output-certificate` wrote, by the names
    /// that are usual: `F.sig` and `F.pem`, `F.crt` or `F.cert`.
    fn find_detached(&self) -> Result<Option<FoundBundle>, Failure> {
        let path = self.with_suffix(".sig");
        let Some(signature) = read_if_there(&path)? else {
            return Ok(None);
        };
        let mut certificate = None;
        for suffix in [".pem", ".crt", ".cert"] {
            if certificate.is_none() {
                certificate = read_if_there(&self.with_suffix(suffix))?;
            }
        }
        let certificate = certificate
            .as_deref()
            .and_then(|pem| std::str::from_utf8(pem).ok());
        Ok(FoundBundle::detached(&path, &signature, certificate))
    }

    fn with_suffix(&self, suffix: &str) -> PathBuf {
        let mut path = self.base.clone().into_os_string();
        path.push(suffix);
        path.into()
    }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match files::read_limited(path, MAX_DETACHED_SIZE) {
        Ok(content) => Ok(Some(content)),
        Err(files::Error::NotFound { .. } | files::Error::TooLarge { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A signature that stands by itself, with what else belongs to it. Untrusted.
#[derive(Clone, Debug)]
pub struct DetachedEvidence {
    /// Where it comes from.
    pub location: String,
    /// What stands there.
    pub content: DetachedContent,
    /// The signer's certificate (PEM).
    pub certificate: Option<String>,
    /// The certificates above it (PEM).
    pub chain: Option<String>,
    /// A timestamp, as the JSON that cosign keeps it in.
    pub timestamp: Option<String>,
}

/// What stands by itself.
#[derive(Clone, Debug)]
pub enum DetachedContent {
    /// A statement in an envelope (JSON).
    Envelope(Vec<u8>),
    /// The signature of a file, as a log has it.
    Logged(Box<Bundle>),
    /// The raw signature of a file.
    Signature(Vec<u8>),
}

impl DetachedEvidence {
    fn read(&self) -> FoundBundle {
        let parts = LegacyParts {
            certificate: self.certificate.as_deref(),
            chain: self.chain.as_deref(),
            rekor_bundle: None,
            timestamp: self.timestamp.as_deref(),
        };
        FoundBundle {
            location: self.location.clone(),
            bundle: match &self.content {
                DetachedContent::Envelope(json) => Bundle::from_envelope(json, &parts),
                DetachedContent::Logged(bundle) => Ok(bundle.as_ref().clone()),
                DetachedContent::Signature(signature) => {
                    Bundle::from_detached(Base64::from(signature.as_slice()), &parts)
                }
            },
        }
    }
}

/// Evidence that was named: one JSON document, or one a line. Read once, as a pipe must be.
#[derive(Debug)]
pub(crate) struct NamedBundles<'a> {
    path: Option<&'a Path>,
    content: OnceCell<Vec<u8>>,
    detached: Option<&'a DetachedEvidence>,
}

impl<'a> NamedBundles<'a> {
    pub(crate) fn new(path: Option<&'a Path>) -> Self {
        Self {
            path,
            content: OnceCell::new(),
            detached: None,
        }
    }

    /// The same, and a signature that stands by itself.
    pub(crate) const fn beside(mut self, detached: Option<&'a DetachedEvidence>) -> Self {
        self.detached = detached;
        self
    }

    /// The signature that stands by itself.
    pub(crate) fn detached(&self) -> Option<FoundBundle> {
        self.detached.map(DetachedEvidence::read)
    }

    /// Whether any was named.
    pub(crate) fn is_some(&self) -> bool {
        self.path.is_some()
    }

    /// The bundles; `None` when none was named.
    pub(crate) fn find(&self) -> Result<Option<Vec<FoundBundle>>, Failure> {
        let Some(path) = self.path else {
            return Ok(None);
        };
        let content = match self.content.get() {
            Some(content) => content,
            None => {
                let read = files::read_limited_or_pipe(path, MAX_BUNDLES_SIZE)?;
                self.content.get_or_init(|| read)
            }
        };
        let pieces = split(path, content)?.into_iter();
        Ok(Some(
            pieces
                .map(|(location, json)| FoundBundle::new(location, json))
                .collect(),
        ))
    }
}

/// Splits JSON lines; a document that spreads over lines is one piece. A location is the path, and
/// the line's number where there are several.
pub(crate) fn split<'a>(
    path: &Path,
    content: &'a [u8],
) -> Result<Vec<(String, &'a [u8])>, Failure> {
    let lines: Vec<(usize, &[u8])> = content
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
        .collect();
    let is_lines = lines.len() > 1
        && lines
            .iter()
            .all(|(_, line)| line.starts_with(b"{") && line.ends_with(b"}"));
    if is_lines && lines.len() > MAX_BUNDLES {
        return Err(
            Failure::from(Error::TooManyBundles { found: MAX_BUNDLES }).about(path.display())
        );
    }
    Ok(if is_lines {
        lines
            .into_iter()
            .map(|(index, line)| (format!("{}:{}", path.display(), index + 1), line))
            .collect()
    } else {
        vec![(path.display().to_string(), content.trim_ascii())]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_lines_from_one_spread_document() {
        let pieces = |text: &'static str| {
            split(Path::new("f"), text.as_bytes())
                .unwrap()
                .into_iter()
                .map(|(location, _)| location)
                .collect::<Vec<_>>()
        };
        assert_eq!(pieces("{}\n"), ["f"]);
        assert_eq!(pieces("{}\n\n{}\n"), ["f:1", "f:3"]);
        assert_eq!(pieces("{\n  \"a\": {}\n}\n"), ["f"]);
        assert_eq!(pieces("{}\nnonsense\n"), ["f"]);
    }

    #[test]
    fn names_evidence_after_the_artifact() {
        let beside = FileEvidence::beside(Path::new("a/b.tar"), None);
        assert_eq!(beside.signature(), Path::new("a/b.tar.sigstore.json"));
        let elsewhere = FileEvidence::beside(Path::new("a/b.tar"), Some(Path::new("out")));
        assert_eq!(
            elsewhere.all_bundles(),
            Path::new("out/b.tar.sigstore.jsonl")
        );
    }
}
