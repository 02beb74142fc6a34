//! Every environment variable Sealwright reads, declared once.
//!
//! Variables of CI systems that fill provenance are listed by `sealwright_slsa`; those of key management
//! services, clusters and PKCS#11 tokens stand in `sealwright_kms` and `sealwright::key`.

/// Data directory of the local profile.
pub(crate) const SEALWRIGHT_HOME: &str = "SEALWRIGHT_HOME";
/// Base of user data directories (XDG Base Directory Specification 0.8).
pub(crate) const XDG_DATA_HOME: &str = "XDG_DATA_HOME";
/// The user's home directory.
pub(crate) const HOME: &str = "HOME";
/// Directory of docker's config.json, for registry credentials.
pub(crate) const DOCKER_CONFIG: &str = "DOCKER_CONFIG";
/// Time written into documents that must not depend on when they were made
/// (reproducible-builds.org, SOURCE_DATE_EPOCH specification 1.1).
pub(crate) const SOURCE_DATE_EPOCH: &str = "SOURCE_DATE_EPOCH";
/// Where commands are looked for, to print a verify command that works as pasted.
pub(crate) const PATH: &str = "PATH";
/// The user's name, part of the local identity.
pub(crate) const USER: &str = "USER";
/// The user's name where `USER` is unset.
pub(crate) const LOGNAME: &str = "LOGNAME";
/// Set by CI systems: the machine is probably thrown away afterwards.
pub(crate) const CI: &str = "CI";

/// What the terminal can do; nothing can be drawn on `dumb` ones, or where nothing is said.
pub(crate) const TERM: &str = "TERM";

/// The passphrase of a private key, for reading and for writing one.
pub(crate) const SEALWRIGHT_KEY_PASSPHRASE: &str = "SEALWRIGHT_KEY_PASSPHRASE";
/// A file that holds the passphrase of a private key; a line end at its end does not count.
pub(crate) const SEALWRIGHT_KEY_PASSPHRASE_FILE: &str = "SEALWRIGHT_KEY_PASSPHRASE_FILE";
/// The passphrase of a private key where cosign looks for it.
pub(crate) const COSIGN_PASSWORD: &str = "COSIGN_PASSWORD";

/// What the names of variables begin with that give flags of the cosign personality their values:
/// `COSIGN_YES`, `COSIGN_KEY` and so on.
pub(crate) const COSIGN_: &str = "COSIGN_";
/// Accepted by the cosign personality, and changes nothing.
pub(crate) const COSIGN_EXPERIMENTAL: &str = "COSIGN_EXPERIMENTAL";
/// Whether the cosign personality writes docker's media types instead of OCI's.
pub(crate) const COSIGN_DOCKER_MEDIA_TYPES: &str = "COSIGN_DOCKER_MEDIA_TYPES";
/// Another repository for signatures.
pub(crate) const COSIGN_REPOSITORY: &str = "COSIGN_REPOSITORY";
/// The PIN of a PKCS#11 token, where cosign looks for it.
pub(crate) const COSIGN_PKCS11_PIN: &str = "COSIGN_PKCS11_PIN";
/// The PKCS#11 module, where cosign looks for it.
pub(crate) const COSIGN_PKCS11_MODULE_PATH: &str = "COSIGN_PKCS11_MODULE_PATH";
/// Whether certificates on PKCS#11 tokens are left alone; none is read.
pub(crate) const COSIGN_PKCS11_IGNORE_CERTIFICATE: &str = "COSIGN_PKCS11_IGNORE_CERTIFICATE";
/// How large attachments may be for cosign; here limits are fixed.
pub(crate) const COSIGN_MAX_ATTACHMENT_SIZE: &str = "COSIGN_MAX_ATTACHMENT_SIZE";
/// The certificate authority that the cosign personality trusts instead: its certificates, root last.
pub(crate) const SIGSTORE_ROOT_FILE: &str = "SIGSTORE_ROOT_FILE";
/// The key of the log that the cosign personality trusts instead.
pub(crate) const SIGSTORE_REKOR_PUBLIC_KEY: &str = "SIGSTORE_REKOR_PUBLIC_KEY";
/// The key of the certificate log that the cosign personality trusts instead.
pub(crate) const SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: &str = "SIGSTORE_CT_LOG_PUBLIC_KEY_FILE";
/// The timestamp authority that the cosign personality trusts instead.
pub(crate) const SIGSTORE_TSA_CERTIFICATE_FILE: &str = "SIGSTORE_TSA_CERTIFICATE_FILE";

/// The TUF repository that cosign would trust.
pub(crate) const TUF_MIRROR: &str = "TUF_MIRROR";
/// The root of the TUF repository that cosign would trust.
pub(crate) const TUF_ROOT_JSON: &str = "TUF_ROOT_JSON";

/// Reads a variable; empty and non-UTF-8 values count as unset.
#[expect(
    clippy::disallowed_methods,
    reason = "the environment is read here and nowhere else"
)]
pub(crate) fn read(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Reads a variable that may be empty; non-UTF-8 values count as unset.
#[expect(
    clippy::disallowed_methods,
    reason = "the environment is read here and nowhere else"
)]
pub(crate) fn read_even_empty(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
