//! Parts of a trusted root that are named one by one, in files, as cosign 1 and 2 took them.

use std::path::Path;
use std::path::PathBuf;

use sealwright_core::Timestamp;
use sealwright_crypto::Certificate;
use sealwright_crypto::PublicKey;
use sealwright_sigstore::Authority;
use sealwright_sigstore::TransparencyLog;
use sealwright_sigstore::TrustRoot;

use crate::Failure;
use crate::failure::About as _;

/// Most bytes of a file of certificates or of a key.
const MAX_SIZE: u64 = 1 << 20;

/// Parts that take the place of those of the root, as files in PEM.
#[derive(Clone, Debug, Default)]
pub struct TrustParts {
    /// Root certificates, each an authority.
    pub authority_roots: Option<PathBuf>,
    /// Certificates between these and the signers'.
    pub authority_intermediates: Option<PathBuf>,
    /// One certificate authority: its certificates, root last.
    pub authority_chain: Option<PathBuf>,
    /// The key of the log of signatures.
    pub log_key: Option<PathBuf>,
    /// The key of the log of certificates.
    pub certificate_log_key: Option<PathBuf>,
    /// One timestamp authority: its certificates, root last.
    pub timestamp_chain: Option<PathBuf>,
}

impl TrustParts {
    /// Whether none is named.
    pub const fn is_empty(&self) -> bool {
        self.authority_roots.is_none()
            && self.authority_chain.is_none()
            && self.authority_intermediates.is_none()
            && self.log_key.is_none()
            && self.certificate_log_key.is_none()
            && self.timestamp_chain.is_none()
    }

    pub(super) fn apply(&self, root: &mut TrustRoot) -> Result<(), Failure> {
        let between = match &self.authority_intermediates {
            Some(path) => certificates(path)?,
            None => Vec::new(),
        };
        let mut authorities = Vec::new();
        if let Some(path) = &self.authority_roots {
            for anchor in certificates(path)? {
                let mut chain = between.clone();
                chain.push(anchor);
                authorities.push(authority(path, chain));
            }
        }
        if let Some(path) = &self.authority_chain {
            authorities.push(authority(path, certificates(path)?));
        }
        if !authorities.is_empty() {
            root.certificate_authorities = authorities;
        }
        if let Some(path) = &self.log_key {
            root.logs = vec![log(path)?];
        }
        if let Some(path) = &self.certificate_log_key {
            root.ct_logs = vec![log(path)?];
        }
        if let Some(path) = &self.timestamp_chain {
            root.timestamp_authorities = vec![authority(path, certificates(path)?)];
        }
        Ok(())
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let bytes = sealwright_files::read_limited_or_pipe(path, MAX_SIZE)?;
    let text = String::from_utf8_lossy(&bytes);
    Certificate::list_from_pem(&text).about(path.display())
}

fn authority(path: &Path, chain: Vec<Certificate>) -> Authority {
    let name = path.display().to_string();
    Authority::new(name.clone(), String::new(), name, chain, BEGINNING)
}

fn log(path: &Path) -> Result<TransparencyLog, Failure> {
    let bytes = sealwright_files::read_limited_or_pipe(path, MAX_SIZE)?;
    let key = PublicKey::import(&bytes).about(path.display())?;
    Ok(TransparencyLog::new(
        path.display().to_string(),
        key,
        BEGINNING,
    ))
}

/// What is named alone says nothing of since when it is good.
const BEGINNING: Timestamp = Timestamp::from_seconds(0);
