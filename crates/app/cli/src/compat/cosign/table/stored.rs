//! Flags of the commands about what is stored with images.

use super::Flag;
use super::slice;
use super::switch;
use super::text;

/// Of `attach signature`.
pub(super) const ATTACH_SIGNATURE: &[Flag] = &[
    text(
        "signature",
        "the signature, or a file with it; - is standard input",
    )
    .native("attach signature FILE IMAGE"),
    text("payload", "the file with what was signed").native("attach signature --payload"),
    text("certificate", "the file with the signer's certificate")
        .native("attach signature --certificate"),
    text(
        "certificate-chain",
        "the file with the certificates above it",
    )
    .native("attach signature --certificate-chain"),
    text("bundle", "the file with the log's promise").native("attach signature --rekor-bundle"),
    text("tsr", "the file with the timestamp").native("attach signature --timestamp"),
    text("rekor-response", "the file with the log's answer")
        .refused("give the log's promise with --bundle"),
];

/// Of `attach sbom`.
pub(super) const ATTACH_SBOM: &[Flag] = &[
    text("sbom", "the file with the SBOM; - is standard input").native("attach sbom FILE IMAGE"),
    text("type", "its format: spdx, cyclonedx or syft")
        .default("spdx")
        .native("attach sbom --media-type"),
    text("input-format", "how it is written: json, xml or text").native("attach sbom --media-type"),
];

/// Of `attach attestation`.
pub(super) const ATTACH_ATTESTATION: &[Flag] =
    &[super::list("attestation", "the file with the envelope")
        .native("attach attestation FILE IMAGE")];

/// Of `copy`.
pub(super) const COPY: &[Flag] = &[
    switch("force", "overwrite signatures at the destination")
        .short('f')
        .accepted("what the destination has stays, and what it lacks is added"),
    slice("only", "copy these alone: sig, att, sbom").native("copy --only"),
    switch("sig-only", "copy signatures alone").native("copy --only"),
    text("platform", "copy the image of this platform alone").native("copy --platform"),
];

/// Of `download attestation`.
pub(super) const DOWNLOAD_ATTESTATION: &[Flag] = &[
    text("platform", "the image of this platform").native("download attestation --platform"),
    text("predicate-type", "attestations of this type alone")
        .native("download attestation --predicate-type"),
];

/// Of `download sbom`.
pub(super) const DOWNLOAD_SBOM: &[Flag] =
    &[text("platform", "the image of this platform").native("download sbom --platform")];

/// Of `tree`, beside how attachments are stored.
pub(super) const TREE: &[Flag] =
    &[
        super::switch_on("experimental-oci11", "look for OCI 1.1 referrers")
            .deprecated()
            .accepted("tags and referrers are shown"),
    ];

/// Of `triangulate`.
pub(super) const TRIANGULATE: &[Flag] =
    &[
        text("type", "of what: signature, attestation, sbom or digest")
            .default("signature")
            .here("the tag, or the digest, is printed"),
    ];

/// Of `clean`.
pub(super) const CLEAN: &[Flag] = &[
    text(
        "type",
        "what to remove: signature, attestation, sbom, referrer or all",
    )
    .default("all")
    .native("clean --type"),
    switch("force", "ask nothing")
        .short('f')
        .native("clean --yes"),
];

/// Of `save` and `load`.
pub(super) const DIRECTORY: &[Flag] = &[text("dir", "the directory").native("save DIR")];

/// Of `generate`.
pub(super) const GENERATE: &[Flag] = &[slice("annotations", "annotations to put in, as KEY=VALUE")
    .short('a')
    .here("stand in the payload")];

/// Of `upload blob`.
pub(super) const UPLOAD_BLOB: &[Flag] = &[
    slice("files", "the files").short('f').refused(UPLOADS),
    text("ct", "the media type").refused(UPLOADS),
    slice("annotation", "annotations, as KEY=VALUE")
        .short('a')
        .refused(UPLOADS),
];

/// Of `upload wasm`.
pub(super) const UPLOAD_WASM: &[Flag] = &[text("file", "the file").short('f').refused(UPLOADS)];

pub(super) const UPLOADS: &str =
    "files are put into registries with oras; sign them there by digest";
