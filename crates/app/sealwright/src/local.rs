//! The local profile: an embedded Sigstore in the data directory.
//!
//! ```text
//! authority/   certificates, keys, the instance's names
//! log/         the transparency log with its keys
//! locks/       by which processes take turns
//! ```

use std::io;
use std::time::Duration;

use sealwright_authority::Authority;
use sealwright_authority::InstanceConfig;
use sealwright_core::Digest;
use sealwright_core::Identity;
use sealwright_crypto::Certificate;
use sealwright_crypto::TimestampRequest;
use sealwright_files as files;
use sealwright_files::DataDirectory;
use sealwright_files::LockFile;
use sealwright_log::Log;
use sealwright_sigstore::CertificateRequest;
use sealwright_sigstore::ClientTrustConfig;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::TransparencyLog;
use sealwright_sigstore::TrustRoot;

use crate::Context;
use crate::Error;
use crate::Failure;
use crate::Signer;

/// How long other processes may take to leave the data directory alone.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The embedded authority and log of a data directory.
pub(crate) struct LocalSigstore {
    authority: Authority,
    log: Log,
    /// Held while anything may be written, so that an export sees no half of anything.
    _shared: Option<LockFile>,
}

impl LocalSigstore {
    /// Opens it, and makes it when there is none.
    pub(crate) fn open(context: &Context<'_>) -> Result<Self, Failure> {
        let home = directory(context)?;
        home.create()?;
        let shared = home.lock_shared(context.timeout)?;
        let config = InstanceConfig {
            user: &context.user,
            identity: None,
        };
        let directory = home.join("authority");
        // Looked at first: an authority is made before its log.
        if Log::is_in(&home.join("log")) && Authority::existing(&directory)?.is_none() {
            return Err(sealwright_authority::Error::InstanceMissing { path: directory }.into());
        }
        let authority = Authority::open(&directory, context.clock, config)?;
        let name = authority.instance().log_name();
        // A log is made before its authority issues anything.
        let log = match authority.has_issued()? {
            true => Log::reopen(&home.join("log"), &name)?,
            false => Log::open(&home.join("log"), &name)?,
        };
        Ok(Self {
            authority,
            log,
            _shared: Some(shared),
        })
    }

    /// Opens it as it is, changing nothing; `None` when there is none.
    pub(crate) fn existing(context: &Context<'_>) -> Result<Option<Self>, Failure> {
        let home = directory(context)?;
        if !home.exists()? {
            return Ok(None);
        }
        let Some(authority) = Authority::existing(&home.join("authority"))? else {
            return Ok(None);
        };
        let name = authority.instance().log_name();
        let log = match Log::existing(&home.join("log"), &name)? {
            Some(log) => log,
            // A log is made before its authority issues anything.
            None if authority.has_issued()? => Log::reopen(&home.join("log"), &name)?,
            None => return Ok(None),
        };
        Ok(Some(Self {
            authority,
            log,
            _shared: None,
        }))
    }

    /// Opens it for reading the log, which finishes what a crashed process left over and makes derived
    /// files again: like everything that writes, under the data directory's lock, unless nothing can
    /// be written there anyway.
    pub(crate) fn existing_for_the_log(context: &Context<'_>) -> Result<Option<Self>, Failure> {
        // Where there is nothing, no lock is made either.
        if Self::existing(context)?.is_none() {
            return Ok(None);
        }
        let shared = match directory(context)?.lock_shared(PATIENCE) {
            Ok(shared) => Some(shared),
            Err(files::Error::Write { source, .. }) if is_unwritable(&source) => None,
            Err(error) => return Err(error.into()),
        };
        let existing = Self::existing(context)?;
        Ok(existing.map(|sigstore| Self {
            _shared: shared,
            ..sigstore
        }))
    }

    /// The one identity it certifies.
    pub(crate) fn identity(&self) -> Identity {
        self.authority.instance().identity().clone()
    }

    /// Who vouches for the identity.
    pub(crate) fn issuer(&self) -> String {
        self.authority.instance().issuer()
    }

    /// Its own identity, as what must have signed.
    pub(crate) fn signer(&self) -> Signer {
        Signer::exactly(self.identity().value(), &self.issuer())
    }

    /// What verifiers must trust.
    pub(crate) fn trust_root(&self) -> TrustRoot {
        self.authority.trust_root(self.logs())
    }

    /// The same, for clients that take where to sign in the same file.
    pub(crate) fn client_trust_config(&self) -> ClientTrustConfig {
        self.authority.client_trust_config(self.logs())
    }

    /// Its parts, for whoever uses them in other ways, and the lock that is to be held meanwhile.
    pub(crate) fn into_parts(self) -> (Authority, Log, Option<LockFile>) {
        (self.authority, self.log, self._shared)
    }

    /// The authority.
    pub(crate) const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The log.
    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    pub(crate) fn certificate(
        &self,
        request: &CertificateRequest,
        context: &Context<'_>,
    ) -> Result<Certificate, Failure> {
        let now = context.clock.now();
        let proof = request.proof.as_bytes();
        let chain = self.authority.issue(&request.public_key, proof, now)?;
        match chain.into_iter().next() {
            Some(leaf) => Ok(leaf),
            None => Err(Error::SigningStuck(0).into()),
        }
    }

    pub(crate) fn timestamp(
        &self,
        signature: &[u8],
        context: &Context<'_>,
    ) -> Result<Vec<u8>, Failure> {
        let request = TimestampRequest::new(Digest::sha256(signature))?;
        Ok(self.authority.timestamp(&request, context.clock.now())?)
    }

    pub(crate) fn add(
        &self,
        entries: &[ProposedEntry],
        log_version: LogVersion,
        context: &Context<'_>,
    ) -> Result<Vec<LogEntry>, Failure> {
        Ok(self.log.add(entries, log_version, context.clock.now())?)
    }

    fn logs(&self) -> Vec<TransparencyLog> {
        let start = self.authority.instance().created();
        self.log.public().transparency_logs(start).into()
    }
}

fn is_unwritable(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
    )
}

/// Where the data directory is, or would be.
pub(crate) fn directory(context: &Context<'_>) -> Result<DataDirectory, Failure> {
    if context.home.as_os_str().is_empty() {
        return Err(files::Error::NoDataDirectory.into());
    }
    Ok(DataDirectory::at(&context.home))
}
