//! Keys that somebody else keeps: in the key management services of AWS, Azure, Google Cloud and
//! HashiCorp Vault, or in a secret of a Kubernetes cluster.
//!
//! The services are asked by the REST calls they document, through Sealwright's one HTTP client. Where
//! credentials come from (profiles, single sign-on, workload identity, metadata servers) is what each
//! vendor's own crate knows, behind a feature of its own: `kms-aws`, `kms-azure`, `kms-gcp`; Vault, with
//! `kms-vault`, has a token and nothing else.
//!
//! *Invariant:* a service is not believed. What it signed is verified with the public key it gave
//! before anybody sees it.

#![cfg_attr(
    not(any(
        feature = "kms-aws",
        feature = "kms-azure",
        feature = "kms-gcp",
        feature = "kms-vault"
    )),
    expect(dead_code, reason = "what services share, where there is none")
)]

#[cfg(feature = "kms-aws")]
mod aws;
#[cfg(feature = "kms-azure")]
mod azure;
mod error;
mod exchange;
#[cfg(feature = "kms-gcp")]
mod google;
mod key;
mod kubernetes;
mod pkcs11;
mod reference;
#[cfg(test)]
mod testing;
#[cfg(feature = "kms-vault")]
mod vault;

pub use crate::error::CODES;
pub use crate::error::Error;
pub use crate::error::TokenFault;
pub use crate::exchange::Surroundings;
pub use crate::key::Existing;
pub use crate::key::KmsKey;
pub use crate::key::NewKey;
pub use crate::kubernetes::Cluster;
pub use crate::kubernetes::KeySecret;
pub use crate::pkcs11::HelperPlaces;
pub use crate::pkcs11::InvalidPkcs11Uri;
pub use crate::pkcs11::Pkcs11Key;
pub use crate::pkcs11::Pkcs11Uri;
pub use crate::reference::InvalidKmsReference;
pub use crate::reference::KeyService;
pub use crate::reference::KmsReference;
