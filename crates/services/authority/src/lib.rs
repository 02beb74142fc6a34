//! The embedded authority: a private certificate authority, certificate log key and timestamp
//! authority in one directory, made on first use and called in-process.
//!
//! It does for one data directory what Fulcio, a CT log and a timestamp authority do for the public
//! Sigstore, and its certificates, promises and timestamps have their formats, so that unmodified
//! clients verify them against the trusted root that [`Authority::trust_root`] gives.
//!
//! # What it vouches for, and what not
//!
//! **Identities are self-asserted.** Whoever can read the directory can sign as its one identity; the
//! authority asks for no proof of who that is. What a certificate of it proves is that the key was
//! certified by somebody with access to this directory at that time.
//!
//! **Promises of inclusion.** A signed certificate timestamp promises that a log will hold the
//! certificate. Here that is kept in two ways: each certificate is appended to `issued.pem` before it
//! is handed out (not synced to disk, so a power cut may lose the last ones), and every certificate
//! that signs something ends up in the signature log, durably, because the log's entries carry it. There
//! is no separate Merkle tree of certificates.
//!
//! # Layout of the directory
//!
//! ```text
//! instance.json    name, identity, certificates, public keys; its appearance completes the making
//! keys/            one PKCS#8 file a role: ca-root-N, ca-intermediate-N, ct-log, tsa-N
//! issued.pem       every signing certificate issued
//! lock             held while making and renewing
//! ```
//!
//! With feature `http`, module `http` answers clients of Fulcio and of timestamp authorities, for
//! identities that tokens of trusted issuers prove (module `oidc`).
//!
//! Directories are 0700, files 0600. Each role has its own key. The root key of a timestamp authority
//! signs one certificate and is never stored.

mod authority;
mod document;
mod error;
mod hierarchy;
#[cfg(any(test, feature = "http"))]
pub mod http;
mod instance;
mod issued;
#[cfg(any(test, feature = "http"))]
pub mod oidc;
#[cfg(any(test, feature = "http"))]
mod repository;
mod trust;

pub use crate::authority::Authority;
pub use crate::authority::KeyProof;
pub use crate::authority::Subject;
pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::hierarchy::CertificateAuthority;
pub use crate::hierarchy::TimestampAuthority;
pub use crate::instance::Instance;
pub use crate::instance::InstanceConfig;
#[cfg(any(test, feature = "http"))]
pub use crate::repository::Publication;
#[cfg(any(test, feature = "http"))]
pub use crate::repository::UpdateRepository;
#[cfg(any(test, feature = "http"))]
pub use crate::repository::UpdateTarget;
