//! The local profile: an embedded Sigstore in the data directory.

use sealwright_core::Identity;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::ClaimInput;
use sealwright_sigstore::ClientTrustConfig;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::TrustRoot;

use crate::Context;
use crate::Failure;
use crate::Signer;

pub(crate) struct LocalSigstore {}


impl LocalSigstore {
    pub(crate) fn open(_context: &Context<'_>) -> Result<Self, Failure> { todo!() }
    pub(crate) fn existing(_context: &Context<'_>) -> Result<Option<Self>, Failure> { todo!() }
    pub(crate) fn existing_root(_context: &Context<'_>) -> Result<TrustRoot, Failure> { todo!() }
    pub(crate) fn identity(&self) -> Identity { todo!() }
    pub(crate) fn issuer(&self) -> String { todo!() }
    pub(crate) fn signer(&self) -> Signer { todo!() }
    pub(crate) fn trust_root(&self, _context: &Context<'_>) -> Result<TrustRoot, Failure> { todo!() }
    pub(crate) fn client_trust_config(&self, _context: &Context<'_>) -> Result<ClientTrustConfig, Failure> { todo!() }
    pub(crate) fn sign(&self, _claims: Vec<ClaimInput>, _version: LogVersion, _context: &Context<'_>) -> Result<Vec<Bundle>, Failure> { todo!() }
}
