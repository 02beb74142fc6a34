//! Flags of the commands that verify.

use super::Flag;
use super::Kind;
use super::flag;
use super::slice;
use super::switch;
use super::switch_on;
use super::text;

/// Who must have signed, and by what that is judged.
pub(super) const SIGNER: &[Flag] = &[
    text(
        "key",
        "the public key that must have signed: a file, env://, k8s:// or a KMS",
    )
    .narrows()
    .native("verify --key"),
    text("certificate-identity", "the identity that must have signed")
        .narrows()
        .native("verify --identity"),
    text(
        "certificate-identity-regexp",
        "a regular expression for the identity, unanchored",
    )
    .narrows()
    .native("verify --identity-regexp"),
    text(
        "certificate-oidc-issuer",
        "the issuer that must have vouched for the identity",
    )
    .narrows()
    .native("verify --issuer"),
    text(
        "certificate-oidc-issuer-regexp",
        "a regular expression for the issuer, unanchored",
    )
    .narrows()
    .native("verify --issuer-regexp"),
    text(
        "certificate-github-workflow-name",
        "the name the workflow must have",
    )
    .narrows()
    .native("verify --require-claim"),
    text(
        "certificate-github-workflow-ref",
        "the ref the workflow must have run on",
    )
    .narrows()
    .native("verify --require-claim"),
    text(
        "certificate-github-workflow-repository",
        "the repository the workflow must have run in",
    )
    .narrows()
    .native("verify --require-claim"),
    text(
        "certificate-github-workflow-sha",
        "the commit the workflow must have run on",
    )
    .narrows()
    .native("verify --require-claim"),
    text(
        "certificate-github-workflow-trigger",
        "the event that must have started the workflow",
    )
    .narrows()
    .native("verify --require-claim"),
    text(
        "certificate-chain",
        "the certificate authorities to trust, root last",
    )
    .deprecated()
    .narrows()
    .here("these authorities are trusted instead of those of the trusted root"),
    text("ca-roots", "the root certificates to trust")
        .deprecated()
        .narrows()
        .here("these authorities are trusted instead of those of the trusted root"),
    text(
        "ca-intermediates",
        "certificates between the roots and the signer's",
    )
    .deprecated()
    .narrows()
    .here("goes with --ca-roots"),
    text("sct", "a file with the certificate log's promise")
        .deprecated()
        .narrows()
        .refused("the promise is read out of the certificate, where Fulcio puts it"),
    switch(
        "insecure-ignore-sct",
        "do without the certificate log's promise",
    )
    .widens()
    .here("certificates need no promise of a certificate log; said once"),
    switch("sk", "use the key of a hardware token")
        .narrows()
        .refused("name the token's key by a pkcs11: URI with --key, or export its public key"),
    text("slot", "the slot of the hardware token")
        .narrows()
        .refused("name the token's key by a pkcs11: URI with --key"),
];

/// What 1.13 had to say of the signer.
pub(super) const SIGNER_OF_VERSION_1: &[Flag] = &[
    text(
        "certificate-email",
        "the e-mail address the certificate must have",
    )
    .until("1.13")
    .narrows()
    .native("verify --identity"),
    switch("enforce-sct", "want the certificate log's promise")
        .until("1.13")
        .accepted("the promise is always wanted unless --insecure-ignore-sct is given"),
];

/// What is trusted and checked.
pub(super) const CHECKS: &[Flag] = &[
    text("trusted-root", "the trusted root to judge by")
        .narrows()
        .native("verify --trusted-root"),
    switch("insecure-ignore-tlog", "accept what no transparency log holds")
        .widens()
        .native("verify --insecure-ignore-tlog"),
    switch("private-infrastructure", "accept what no transparency log holds")
        .deprecated()
        .widens()
        .native("verify --insecure-ignore-tlog"),
    switch("use-signed-timestamps", "want a timestamp of a timestamp authority")
        .narrows()
        .here("a timestamp of a trusted authority is wanted of each signature by certificate"),
    text(
        "timestamp-certificate-chain",
        "the timestamp authority to trust, root last",
    )
    .deprecated()
    .narrows()
    .here("this authority is trusted instead of those of the trusted root, and its timestamp wanted"),
    switch("offline", "ask no log")
        .deprecated()
        .narrows()
        .here("nothing is looked up in a log; images are read from their registry"),
    switch(
        "allow-certificate-chain",
        "accept bundles of version 0.3 with a chain of certificates",
    )
    .widens()
    .accepted("the specification of version 0.3 has one certificate, and such bundles are refused"),
    switch_on("new-bundle-format", "expect a Sigstore bundle")
        .deprecated()
        .accepted("every form is found, whatever it says"),
    switch("experimental-oci11", "look for OCI 1.1 referrers")
        .deprecated()
        .accepted("every form is found, referrers too"),
    flag("max-workers", Kind::Integer, "10", "how much is done at once")
        .accepted("what is fetched at once is decided by what there is"),
    text("rekor-url", "the transparency log")
        .default("https://rekor.sigstore.dev")
        .deprecated()
        .here("evidence is judged by the log's key alone; verify-blob asks this log for an entry when none is at hand"),
    text("signature-digest-algorithm", "the digest that was signed")
        .default("sha256")
        .deprecated()
        .narrows()
        .here("sha256 alone; what else a key or bundle needs, it says itself"),
];

/// Of images.
pub(super) const IMAGE: &[Flag] = &[
    text("certificate", "the certificate of the signer")
        .deprecated()
        .narrows()
        .refused("certificates are read from where the image is; say whose they must be with --certificate-identity"),
    switch_on("check-claims", "want the claims to name the image")
        .widens()
        .accepted("the claims must always name the image"),
    switch("local-image", "the image is in a directory that `save` wrote")
        .native("verify TARGET"),
    text("output", "the form of the result: json or text")
        .default("json")
        .short('o')
        .here("as cosign prints it; natively verify -o json has more"),
];

/// Of `verify`.
pub(super) const VERIFY: &[Flag] = &[
    slice(
        "annotations",
        "annotations the signature must have, as KEY=VALUE",
    )
    .short('a')
    .narrows()
    .here("only signatures that have all of them count"),
    text("attachment", "verify the signature of an attachment: sbom")
        .deprecated()
        .narrows()
        .here("sbom: the image under the tag of the SBOM is verified"),
    text("signature", "the signature, or a file with it")
        .deprecated()
        .narrows()
        .refused("signatures are read from where the image is; attach it with `attach signature`"),
    text("payload", "a file with what was signed")
        .deprecated()
        .narrows()
        .refused("payloads are read from where the image is; attach it with `attach signature`"),
];

/// Of the commands about attestations.
pub(super) const PREDICATE_TYPE: &[Flag] =
    &[
        text("type", "the type of the predicate: a short name or a URI")
            .default("custom")
            .narrows()
            .native("verify --require"),
    ];

/// Of `verify-attestation`.
pub(super) const POLICY: &[Flag] = &[slice(
    "policy",
    "files of CUE or Rego that statements must satisfy",
)
.narrows()
.native("verify --policy")];

/// Of the commands about files.
pub(super) const BLOB: &[Flag] = &[
    text("certificate", "the certificate of the signer")
        .deprecated()
        .narrows()
        .here("it must be the signer's, and certify the identity that is required"),
    text("bundle", "the bundle, new or old")
        .narrows()
        .native("verify --bundle"),
    text("signature", "the signature, or a file with it")
        .deprecated()
        .narrows()
        .here("with --key or --certificate; else what belongs to it is looked for"),
    text("rfc3161-timestamp", "a file with a timestamp")
        .deprecated()
        .narrows()
        .here("goes with --signature"),
];

/// Of `verify-blob-attestation`.
pub(super) const BLOB_ATTESTATION: &[Flag] = &[
    switch_on("check-claims", "want the claims to name the file")
        .widens()
        .here("false: the digest is taken from the statement itself; said once"),
    text(
        "digest",
        "the digest the statement must name, instead of a file",
    )
    .narrows()
    .native("verify TARGET"),
    text("digestAlg", "the algorithm of the digest")
        .narrows()
        .here("sha256, sha384 or sha512"),
];

/// Of `dockerfile verify`.
pub(super) const DOCKERFILE: &[Flag] =
    &[
        switch("base-image-only", "verify the last base image alone")
            .widens()
            .refused("Dockerfiles are not read yet"),
    ];
