//! URIs that name things Sealwright defines, and predicate types others defined.

/// Predicate type of a cosign v3 image signature (cosign v3, `pkg/types/predicate.go`).
pub const PREDICATE_COSIGN_SIGN: &str = "https://sigstore.dev/cosign/sign/v1";
/// Predicate type of a CycloneDX document (in-toto attestation, predicate `cyclonedx`).
pub const PREDICATE_CYCLONEDX: &str = "https://cyclonedx.org/bom";
/// Predicate type of SLSA provenance v1.
pub const PREDICATE_SLSA_PROVENANCE_V1: &str = "https://slsa.dev/provenance/v1";
/// Predicate type of SLSA provenance v0.2.
pub const PREDICATE_SLSA_PROVENANCE_V02: &str = "https://slsa.dev/provenance/v0.2";
/// Predicate type of an SPDX document (in-toto attestation, predicate `spdx`).
pub const PREDICATE_SPDX: &str = "https://spdx.dev/Document";
/// Type of an in-toto statement, version 1.
pub const STATEMENT_V1: &str = "https://in-toto.io/Statement/v1";
/// Type of an in-toto statement, version 0.1: read, never written.
pub const STATEMENT_V01: &str = "https://in-toto.io/Statement/v0.1";

/// Build type of the provenance `seal` makes outside a CI system.
pub const BUILD_TYPE_LOCAL: &str = "https://sealwright.dev/buildtypes/local/v1";
/// Builder id of the provenance `seal` makes outside a CI system: nobody vouches for this machine.
pub const BUILDER_LOCAL: &str = "https://sealwright.dev/builders/local/v1";
/// Builder id of provenance whose fields come from GitHub Actions' environment variables: claimed by
/// whoever ran Sealwright, attested by nobody.
pub const BUILDER_GITHUB_CLAIMED: &str =
    "https://sealwright.dev/builders/github-actions-claimed/v1";
/// Builder id of provenance whose fields come from GitLab's environment variables: claimed by
/// whoever ran Sealwright, attested by nobody.
pub const BUILDER_GITLAB_CLAIMED: &str = "https://sealwright.dev/builders/gitlab-ci-claimed/v1";
/// Key of Sealwright's directory tree digest in an in-toto digest set.
pub const TREE_DIGEST_NAME: &str = "sealwrightTreeV1";
