//! `sign` and `attest`: a signature or a statement of one's own, with any key, by any instance.
//!
//! Both are `seal` with other claims: resolved, signed, verified and stored in the same way.

mod bundle;

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Target;
use sealwright_core::canonical_json;
use sealwright_core::uris;
use sealwright_files as files;
use sealwright_sigstore::LogVersion;
use serde_json::Value;
use serde_json::json;
use serde_json::value::RawValue;

use crate::Context;
use crate::Error;
use crate::Failure;
use crate::LogUse;
use crate::SealedTarget;
use crate::SigningOptions;
use crate::failure::About as _;
use crate::seal;
use crate::seal::Children;
use crate::seal::Claims;
use crate::seal::Making;

pub use self::bundle::BundleSource;
pub use self::bundle::sign_bundle;

/// How to sign artifacts.
#[derive(Clone, Debug, Default)]
pub struct SignOptions {
    /// With what, where and as whom.
    pub signing: SigningOptions,
    /// Signed notes on an image or directory.
    pub annotations: BTreeMap<String, String>,
    /// Whether the images of an index are signed, too.
    pub children: Children,
    /// Where the evidence goes.
    pub storage: StorageOptions,
}

/// How to state something about artifacts.
#[derive(Clone, Debug, Default)]
pub struct AttestOptions {
    /// With what, where and as whom.
    pub signing: SigningOptions,
    /// Where the evidence goes.
    pub storage: StorageOptions,
}

/// What becomes of earlier statements of the same predicate type.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Previous {
    /// They stay.
    #[default]
    Keep,
    /// They are taken away, whoever made them.
    Replace,
}

/// Where evidence goes, and in which form.
#[derive(Clone, Debug, Default)]
pub struct StorageOptions {
    /// How it is kept beside an image.
    pub form: StorageForm,
    /// Whether it is kept beside an image at all.
    pub attach: Attach,
    /// A directory for the evidence of files, directories and standard input.
    pub out: Option<PathBuf>,
    /// A file for the bundles, instead of the usual ones; of images besides them.
    pub bundle: Option<PathBuf>,
    /// Which bundle that file gets.
    pub bundle_form: BundleForm,
    /// A file for the signature alone, in base64.
    pub signature: Option<PathBuf>,
    /// A file for the certificate alone, or the public key, as PEM.
    pub certificate: Option<PathBuf>,
    /// What becomes of earlier statements of the same predicate type.
    pub previous: Previous,
}

/// How evidence is kept beside an image.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum StorageForm {
    /// As a bundle that refers to the image.
    #[default]
    Bundle,
    /// Under the tags `.sig` and `.att`, as cosign 1 and 2 did.
    LegacyTag,
    /// As cosign 2 did on registries with the referrers API.
    LegacyReferrer,
}

/// Whether evidence is kept beside an image.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Attach {
    /// It is.
    #[default]
    Yes,
    /// It goes into files alone.
    No,
}

/// Which bundle a file gets.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum BundleForm {
    /// What `cosign sign-blob --bundle` wrote before version 3.
    Legacy,
    /// A Sigstore bundle of version 0.3.
    #[default]
    Sigstore,
}

impl StorageForm {
    pub(crate) const fn is_legacy(self) -> bool {
        matches!(self, Self::LegacyReferrer | Self::LegacyTag)
    }
}

/// What is stated about an artifact.
#[derive(Clone, Debug)]
pub struct Predicate {
    pub(crate) predicate_type: String,
    pub(crate) json: Box<RawValue>,
}

impl Predicate {
    /// A predicate of a type: one of the short names, or a URI.
    ///
    /// # Errors
    /// `usage.invalid-predicate`.
    pub fn new(kind: &str, content: &[u8], context: &Context<'_>) -> Result<Self, Failure> {
        let predicate_type = predicate_type(kind).ok_or_else(|| Error::InvalidPredicate {
            reason: format!("its type is {kind:?}, wanted a URI or one of {}", names()),
        })?;
        let malformed = |reason: String| Failure::from(Error::InvalidPredicate { reason });
        let value = match kind {
            // cosign keeps whatever stands in the file as text, with the time.
            "custom" => json!({
                "Data": String::from_utf8_lossy(content),
                "Timestamp": context.clock.now().truncated_to_second().to_string(),
            })
            .to_string(),
            // Not JSON: the tag-value form.
            "spdx" => json!(String::from_utf8_lossy(content)).to_string(),
            _ => {
                let _: BTreeMap<String, Value> = canonical_json::from_slice(content)
                    .map_err(|error| malformed(format!("it is no JSON object: {error}")))?;
                let text = std::str::from_utf8(content);
                text.map_err(|error| malformed(error.to_string()))?
                    .trim()
                    .to_owned()
            }
        };
        Ok(Self {
            predicate_type: predicate_type.to_owned(),
            json: RawValue::from_string(value).map_err(Error::Encode)?,
        })
    }

    /// The same with the content of a file, which may be a pipe.
    ///
    /// # Errors
    /// `usage.invalid-predicate`, `files.…`.
    pub fn read(kind: &str, path: &Path, context: &Context<'_>) -> Result<Self, Failure> {
        let content = files::read_limited_or_pipe(path, MAX_PREDICATE)?;
        Self::new(kind, &content, context).about(path.display())
    }

    /// The URI of its type.
    pub fn predicate_type(&self) -> &str {
        &self.predicate_type
    }
}

/// The URI of a predicate type, which may be given by the short name that cosign has for it.
pub fn predicate_type(name: &str) -> Option<&str> {
    let known = NAMES.iter().find(|(known, _)| *known == name);
    match known {
        Some((_, uri)) => Some(uri),
        None => name.contains(':').then_some(name),
    }
}

fn names() -> String {
    let names: Vec<_> = NAMES.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

/// Source: cosign `pkg/cosign/attestation` and `cmd/cosign/cli/options/predicate.go`.
const NAMES: [(&str, &str); 10] = [
    ("custom", "https://cosign.sigstore.dev/attestation/v1"),
    ("cyclonedx", uris::PREDICATE_CYCLONEDX),
    ("link", "https://in-toto.io/Link/v1"),
    ("openvex", "https://openvex.dev/ns"),
    ("slsaprovenance", uris::PREDICATE_SLSA_PROVENANCE_V02),
    ("slsaprovenance02", uris::PREDICATE_SLSA_PROVENANCE_V02),
    ("slsaprovenance1", uris::PREDICATE_SLSA_PROVENANCE_V1),
    ("spdx", uris::PREDICATE_SPDX),
    ("spdxjson", uris::PREDICATE_SPDX),
    ("vuln", "https://cosign.sigstore.dev/attestation/vuln/v1"),
];
/// Most bytes of a predicate.
const MAX_PREDICATE: u64 = 128 << 20;

/// Signs targets. What fails for one does not stop the others.
pub fn sign(
    context: &Context<'_>,
    targets: &[Target],
    options: &SignOptions,
) -> Vec<Result<SealedTarget, Failure>> {
    run(
        context,
        targets,
        Claims::Signature(options.children),
        &options.annotations,
        &options.signing,
        &options.storage,
    )
}

/// States something about targets. What fails for one does not stop the others.
pub fn attest(
    context: &Context<'_>,
    targets: &[Target],
    predicate: &Predicate,
    options: &AttestOptions,
) -> Vec<Result<SealedTarget, Failure>> {
    run(
        context,
        targets,
        Claims::Statement(predicate),
        &BTreeMap::new(),
        &options.signing,
        &options.storage,
    )
}

fn run(
    context: &Context<'_>,
    targets: &[Target],
    claims: Claims<'_>,
    annotations: &BTreeMap<String, String>,
    signing: &SigningOptions,
    storage: &StorageOptions,
) -> Vec<Result<SealedTarget, Failure>> {
    let mut signing = signing.clone();
    let in_old_form = storage.form.is_legacy() || storage.bundle_form == BundleForm::Legacy;
    if in_old_form && signing.logs == LogUse::Configured {
        // The old forms have a place for a log's promise and none for a proof.
        signing.logs = LogUse::Version(LogVersion::V1);
    }
    let making = Making {
        claims,
        annotations,
        signing: &signing,
        storage,
        again: true,
        dry_run: false,
    };
    let refused = match () {
        () if in_old_form && signing.logs == LogUse::Version(LogVersion::V2) => {
            Some(Error::OldForm)
        }
        () if targets.len() > 1 && storage.names_files() => Some(Error::OneFileForSeveral),
        () => None,
    };
    match refused {
        Some(error) => {
            let failure = Failure::from(error);
            targets.iter().map(|_| Err(failure.repeat())).collect()
        }
        None => seal::make(context, targets, making),
    }
}

impl StorageOptions {
    /// Whether files are named, which hold what is made of one target.
    const fn names_files(&self) -> bool {
        self.bundle.is_some() || self.signature.is_some() || self.certificate.is_some()
    }
}

#[cfg(test)]
mod tests;
