//! Every environment variable Sealwright reads, declared once.
//!
//! Variables of CI systems that fill provenance are listed by `sealwright_slsa`.

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
