//! `attach`: evidence that was made elsewhere, put beside its image in the form it has.

use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Base64;
use sealwright_core::Digest;
use sealwright_core::MediaType;
use sealwright_core::Statement;
use sealwright_core::Target;
use sealwright_core::canonical_json;
use sealwright_files as files;
use sealwright_oci::BundleContent;
use sealwright_oci::CosignAnnotations;
use sealwright_oci::LegacyLayer;
use sealwright_oci::ReferrerManifest;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::BundleVersion;
use sealwright_sigstore::Content;
use sealwright_sigstore::LegacyParts;
use sealwright_sigstore::SimpleSigning;
use serde_json::json;

use super::platform;
use crate::Context;
use crate::Error;
use crate::Failure;
use crate::failure::About as _;
use crate::file_evidence::MAX_BUNDLES_SIZE;
use crate::file_evidence::split;
use crate::target::ImageSubject;
use crate::target::Images;
use crate::verify::judge::said;

/// How evidence is attached.
#[derive(Clone, Debug, Default)]
pub struct AttachOptions {
    /// One image of an index, as `os/architecture[/variant]`.
    pub platform: Option<String>,
    /// Whether it must be about the image.
    pub subject: SubjectCheck,
}

/// Whether evidence must be about what it is attached to. Nothing of it is verified either way.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum SubjectCheck {
    /// It must name the image's digest.
    #[default]
    Require,
    /// Whatever is given is attached.
    Skip,
}

/// What `cosign attach signature` is given.
#[derive(Clone, Debug, Default)]
pub struct LegacySignatureFiles {
    /// The signature in Base64, or a bundle, which is attached as one.
    pub signature: PathBuf,
    /// What was signed; by default what cosign signs for this digest and no more.
    pub payload: Option<PathBuf>,
    /// The signer's certificate (PEM).
    pub certificate: Option<PathBuf>,
    /// Those above it (PEM).
    pub chain: Option<PathBuf>,
    /// The log's promise: JSON with `SignedEntryTimestamp` and `Payload`, or with these in
    /// `rekorBundle`.
    pub rekor_bundle: Option<PathBuf>,
    /// An RFC 3161 timestamp response.
    pub timestamp: Option<PathBuf>,
}

/// An SBOM that nobody signed.
#[derive(Clone, Debug)]
pub struct SbomAttachment {
    /// The document.
    pub document: PathBuf,
    /// Its format.
    pub media_type: String,
}

/// What was attached.
#[derive(Clone, Debug)]
pub struct Attached {
    /// To which image.
    pub image: String,
    /// Its digest.
    pub digest: Digest,
    /// Where the evidence is now.
    pub locations: Vec<String>,
}

/// Attaches a signature that stands in files, under the image's `.sig` tag; a bundle as a referrer.
///
/// # Errors
/// `usage.evidence-of-another`, `bundle.malformed`, `claim.malformed`, `files.…`, any `registry.…`,
/// `layout.…`; `usage.no-image`, `usage.no-platform`.
pub fn attach_signature(
    context: &Context<'_>,
    image: &Target,
    given: &LegacySignatureFiles,
    options: &AttachOptions,
) -> Result<Attached, Failure> {
    let content = read(&given.signature)?;
    if content.trim_ascii_start().starts_with(b"{") {
        return attach_bundle(context, image, &given.signature, options);
    }
    let place = Place::find(context, image, options)?;
    let malformed = |path: &Path, reason: String| {
        Failure::from(sealwright_sigstore::Error::PayloadMalformed { reason }).about(path.display())
    };
    let base64 = String::from_utf8_lossy(content.trim_ascii()).into_owned();
    let signature =
        Base64::decode(&base64).map_err(|error| malformed(&given.signature, error.to_string()))?;
    let payload = match &given.payload {
        Some(path) => read(path)?,
        None => place.default_payload(),
    };
    let about = SimpleSigning::parse(&payload).map(|payload| payload.manifest_digest.to_string());
    place.check(about.as_deref().ok(), options)?;
    let pem = |path: &Option<PathBuf>| -> Result<Option<String>, Failure> {
        let Some(path) = path else { return Ok(None) };
        let text = files::read_limited_text(path, MAX_BUNDLES_SIZE)?;
        sealwright_crypto::Certificate::list_from_pem(&text).about(path.display())?;
        Ok(Some(text))
    };
    let parts = CosignAnnotations {
        certificate: pem(&given.certificate)?,
        chain: pem(&given.chain)?,
        rekor_bundle: given.rekor_bundle.as_deref().map(promise).transpose()?,
        timestamp: match &given.timestamp {
            Some(path) => {
                let response = Base64::encode(&read(path)?);
                Some(json!({"SignedRFC3161Timestamp": response}).to_string())
            }
            None => None,
        },
    };
    place.append(&[LegacyLayer::signature(payload, &signature, &parts)])
}

/// Attaches statements in envelopes, one JSON document or one a line, under the image's `.att` tag;
/// bundles among them as referrers.
///
/// # Errors
/// As [`attach_signature`].
pub fn attach_attestation(
    context: &Context<'_>,
    image: &Target,
    file: &Path,
    options: &AttachOptions,
) -> Result<Attached, Failure> {
    let content = read(file)?;
    let place = Place::find(context, image, options)?;
    let mut layers = Vec::new();
    let mut bundles = Vec::new();
    for (location, json) in split(file, &content)? {
        if Bundle::parse_without_root(json).is_ok() {
            bundles.push((location, json));
            continue;
        }
        let read = Bundle::from_envelope(json, &LegacyParts::default()).about(&location)?;
        let statement = match &read.content {
            Content::Dsse(envelope) => Statement::parse(envelope.payload.as_bytes()).ok(),
            _ => None,
        };
        let subjects = statement.iter().flat_map(digests);
        place.check_any(subjects, options).about(&location)?;
        let predicate_type = statement
            .as_ref()
            .map(|found| found.predicate_type.as_str());
        let parts = CosignAnnotations::default();
        layers.push(LegacyLayer::attestation(
            json.to_vec(),
            predicate_type,
            &parts,
        ));
    }
    let mut attached = Attached {
        image: place.target.clone(),
        digest: place.subject.descriptor.digest,
        locations: Vec::new(),
    };
    if !layers.is_empty() {
        let under_tag = place.append(&layers)?;
        attached.locations.extend(under_tag.locations);
    }
    if !bundles.is_empty() {
        let referring = place.refer(&bundles, options)?;
        attached.locations.extend(referring.locations);
    }
    Ok(attached)
}

/// Attaches bundles, one JSON document or one a line, as referrers.
///
/// # Errors
/// As [`attach_signature`]; `bundle.not-upgradable` for a bundle that cosign would not read: it
/// reads none but version 0.3 there.
pub fn attach_bundle(
    context: &Context<'_>,
    image: &Target,
    file: &Path,
    options: &AttachOptions,
) -> Result<Attached, Failure> {
    let content = read(file)?;
    let place = Place::find(context, image, options)?;
    place.refer(&split(file, &content)?, options)
}

/// Attaches a document that nobody signed under the image's `.sbom` tag; one that was there goes.
///
/// # Errors
/// As [`attach_signature`].
pub fn attach_sbom(
    context: &Context<'_>,
    image: &Target,
    sbom: &SbomAttachment,
    options: &AttachOptions,
) -> Result<Attached, Failure> {
    let document = read(&sbom.document)?;
    let place = Place::find(context, image, options)?;
    let media_type = MediaType::new(sbom.media_type.clone());
    place.replace(&LegacyLayer::sbom(document, media_type))
}

/// Where evidence goes.
struct Place<'a> {
    context: &'a Context<'a>,
    images: Images<'a>,
    subject: ImageSubject,
    target: String,
}

impl<'a> Place<'a> {
    fn find(
        context: &'a Context<'a>,
        image: &Target,
        options: &AttachOptions,
    ) -> Result<Self, Failure> {
        let images = Images::new(context);
        let subject = platform::resolve(&images, image, options.platform.as_deref())?;
        subject.store.check_writable()?;
        Ok(Self {
            context,
            subject,
            target: image.to_string(),
            images,
        })
    }

    /// What cosign 1 and 2 sign for an image without annotations.
    fn default_payload(&self) -> Vec<u8> {
        let digest = self.subject.descriptor.digest;
        let text = format!(
            r#"{{"critical":{{"identity":{{"docker-reference":{}}},"image":{{"docker-manifest-digest":"{digest}"}},"type":"cosign container image signature"}},"optional":null}}"#,
            json!(self.subject.name)
        );
        text.into_bytes()
    }

    fn check(&self, about: Option<&str>, options: &AttachOptions) -> Result<(), Failure> {
        self.check_any(about.map(str::to_owned), options)
    }

    fn check_any(
        &self,
        about: impl IntoIterator<Item = String>,
        options: &AttachOptions,
    ) -> Result<(), Failure> {
        let wanted = self.subject.descriptor.digest;
        let found: Vec<String> = about.into_iter().collect();
        if options.subject == SubjectCheck::Skip || found.contains(&wanted.to_string()) {
            return Ok(());
        }
        Err(Error::OtherSubject {
            found: match found.is_empty() {
                true => "nothing that can be read".to_owned(),
                false => found.join(", "),
            },
            wanted: wanted.into(),
        }
        .into())
    }

    fn append(&self, layers: &[LegacyLayer]) -> Result<Attached, Failure> {
        let digest = self.subject.descriptor.digest;
        let store = &self.subject.store;
        let mut tags = self
            .images
            .drive(store.append_legacy(&digest, layers, None))?;
        tags.dedup();
        Ok(self.under(&tags))
    }

    fn replace(&self, layer: &LegacyLayer) -> Result<Attached, Failure> {
        let digest = self.subject.descriptor.digest;
        let store = &self.subject.store;
        let tag = self.images.drive(store.replace_under_tag(&digest, layer))?;
        Ok(self.under(&[tag]))
    }

    fn under(&self, tags: &[String]) -> Attached {
        Attached {
            image: self.target.clone(),
            digest: self.subject.descriptor.digest,
            locations: tags.iter().map(|tag| self.subject.tagged(tag)).collect(),
        }
    }

    fn refer(
        &self,
        pieces: &[(String, &[u8])],
        options: &AttachOptions,
    ) -> Result<Attached, Failure> {
        let now = self.context.clock.now();
        let mut referrers = Vec::new();
        for (location, json) in pieces {
            let bundle = Bundle::parse_without_root(json).about(location)?;
            if bundle.version != BundleVersion::V0_3 {
                let reason =
                    "it is an older bundle: `sealwright bundle upgrade` may help".to_owned();
                return Err(Failure::from(Error::NotUpgradable { reason }).about(location));
            }
            let (content, about) = match &bundle.content {
                Content::Dsse(envelope) => {
                    let statement = Statement::parse(envelope.payload.as_bytes()).ok();
                    let about = statement.iter().flat_map(digests).collect();
                    (BundleContent::DsseEnvelope, about)
                }
                Content::MessageSignature { digest, .. } => {
                    let about: Vec<String> = digest.iter().map(ToString::to_string).collect();
                    (BundleContent::MessageSignature, about)
                }
                Content::SimpleSigning { .. } => continue,
            };
            self.check_any(about, options).about(location)?;
            let predicate_type = said(&bundle).predicate_type;
            referrers.push(ReferrerManifest::sigstore_bundle(
                json.to_vec(),
                content,
                predicate_type.as_deref(),
                now,
            ));
        }
        let store = &self.subject.store;
        let attach = store.attach(&self.subject.descriptor, &referrers);
        let stored = self.images.drive(attach)?;
        Ok(Attached {
            image: self.target.clone(),
            digest: self.subject.descriptor.digest,
            locations: stored
                .iter()
                .map(|one| self.subject.location(one))
                .collect(),
        })
    }
}

fn digests(statement: &Statement) -> Vec<String> {
    let subjects = statement.subject.iter();
    subjects
        .flat_map(|subject| subject.digest.iter())
        .map(|(algorithm, hex)| format!("{algorithm}:{hex}"))
        .collect()
}

/// The log's promise by itself, also out of what `cosign sign-blob --bundle` wrote.
fn promise(path: &Path) -> Result<String, Failure> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Written {
        rekor_bundle: serde_json::Value,
    }
    let text = files::read_limited_text(path, MAX_BUNDLES_SIZE)?;
    let json = match canonical_json::from_slice::<Written>(text.as_bytes()) {
        Ok(written) => written.rekor_bundle.to_string(),
        Err(_) => text,
    };
    LegacyParts {
        rekor_bundle: Some(&json),
        ..LegacyParts::default()
    }
    .check()
    .about(path.display())?;
    Ok(json)
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(files::read_limited_or_pipe(path, MAX_BUNDLES_SIZE)?)
}
