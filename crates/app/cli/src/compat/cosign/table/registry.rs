//! Flags about registries.

use super::Flag;
use super::switch;
use super::text;

/// How registries are talked to.
pub(super) const REGISTRY: &[Flag] = &[
    switch(
        "allow-http-registry",
        "speak plain HTTP to registries",
    )
    .widens()
    .accepted("plain HTTP is spoken to registries on this machine, and to no other"),
    switch(
        "allow-insecure-registry",
        "take registries at their word, whatever their certificate",
    )
    .widens()
    .accepted(
        "plain HTTP is spoken to registries on this machine; the certificates of all others are checked",
    ),
    text("attachment-tag-prefix", "what tags of attachments begin with")
        .deprecated()
        .narrows()
        .refused("evidence is looked for under the tags that cosign uses by default, and as referrers"),
    switch(
        "k8s-keychain",
        "use the credentials of the Kubernetes workload",
    )
    .accepted("docker's config.json and the helpers it names are asked, as always"),
    text("registry-cacert", "a file of certificate authorities to trust for registries")
        .narrows()
        .refused("set SSL_CERT_FILE to the file instead"),
    text("registry-client-cert", "a client certificate for registries")
        .refused("registries are asked without client certificates; use a password or a token"),
    text("registry-client-key", "the key of the client certificate")
        .refused("registries are asked without client certificates; use a password or a token"),
    text("registry-password", "a password for the registry")
        .refused("log in with `cosign login`: docker's config.json and its helpers are asked"),
    text("registry-server-name", "the name the registry's certificate must have")
        .narrows()
        .refused("the certificate must have the name the registry is asked by"),
    text("registry-token", "a bearer token for the registry")
        .refused("log in with `cosign login`: docker's config.json and its helpers are asked"),
    text("registry-username", "a user name for the registry")
        .refused("log in with `cosign login`: docker's config.json and its helpers are asked"),
];

/// The registry flags that 1.13 had on the commands about files.
pub(super) const REGISTRY_OF_FILES: &[Flag] = &[
    switch("allow-http-registry", "speak plain HTTP to registries")
        .until("1.13")
        .accepted("files need no registry"),
    switch("allow-insecure-registry", "take registries at their word")
        .until("1.13")
        .accepted("files need no registry"),
    text(
        "attachment-tag-prefix",
        "what tags of attachments begin with",
    )
    .until("1.13")
    .accepted("files need no registry"),
    switch(
        "k8s-keychain",
        "use the credentials of the Kubernetes workload",
    )
    .until("1.13")
    .accepted("files need no registry"),
];

/// How attachments are stored.
pub(super) const REFERRERS_MODE: &[Flag] = &[text(
    "registry-referrers-mode",
    "how attachments are stored: legacy or oci-1-1",
)
.here("legacy: under tags; oci-1-1: as referrers; reading finds both")];
