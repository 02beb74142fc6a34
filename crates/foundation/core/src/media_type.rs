//! Media types, and the ones Sealwright writes.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// A media type, such as `application/vnd.oci.image.manifest.v1+json`.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct MediaType(Cow<'static, str>);

impl MediaType {
    /// CycloneDX JSON document.
    pub const CYCLONEDX_JSON: Self = Self::constant("application/vnd.cyclonedx+json");
    /// DSSE payload type of an in-toto statement.
    pub const IN_TOTO: Self = Self::constant("application/vnd.in-toto+json");
    /// OCI empty JSON (`{}`), image-spec v1.1.
    pub const OCI_EMPTY: Self = Self::constant("application/vnd.oci.empty.v1+json");
    /// OCI image index.
    pub const OCI_INDEX: Self = Self::constant("application/vnd.oci.image.index.v1+json");
    /// OCI image manifest.
    pub const OCI_MANIFEST: Self = Self::constant("application/vnd.oci.image.manifest.v1+json");
    /// Docker manifest list, version 2.
    pub const DOCKER_INDEX: Self =
        Self::constant("application/vnd.docker.distribution.manifest.list.v2+json");
    /// Docker image manifest, version 2 schema 2.
    pub const DOCKER_MANIFEST: Self =
        Self::constant("application/vnd.docker.distribution.manifest.v2+json");
    /// Sigstore bundle v0.3.
    pub const SIGSTORE_BUNDLE_V03: Self =
        Self::constant("application/vnd.dev.sigstore.bundle.v0.3+json");
    /// SPDX 2.x JSON document.
    pub const SPDX_JSON: Self = Self::constant("application/spdx+json");

    const fn constant(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// Takes any text as a media type.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Cow::Owned(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this names an image index or a Docker manifest list.
    pub fn is_index(&self) -> bool {
        *self == Self::OCI_INDEX || *self == Self::DOCKER_INDEX
    }

    /// Whether this names an image manifest, OCI's or Docker's.
    pub fn is_manifest(&self) -> bool {
        *self == Self::OCI_MANIFEST || *self == Self::DOCKER_MANIFEST
    }
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
