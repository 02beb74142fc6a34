//! Checking proposed entries, as Rekor does before it takes them: the signature must be the key's
//! over what the entry says was signed. Whether anybody should trust the key is not asked.

#[cfg(any(test, feature = "http"))]
use sealwright_core::Digest;
#[cfg(any(test, feature = "http"))]
use sealwright_core::canonical_json;
use sealwright_crypto::BadSignature;
use sealwright_crypto::Certificate;
use sealwright_crypto::PublicKey;
use sealwright_sigstore::KeyDetails;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::DsseEntry;
#[cfg(any(test, feature = "http"))]
use sealwright_sigstore::entry::EntryKind;
use sealwright_sigstore::entry::HashedRekord;

use crate::error::Error;

/// Checks an entry, the `index`th of those proposed; gives its canonical body.
pub(crate) fn checked_body(
    entry: &ProposedEntry,
    index: usize,
    wanted: LogVersion,
) -> Result<Vec<u8>, Error> {
    let found = entry.log_version();
    if found != wanted {
        return Err(Error::EntryVersion {
            index,
            found,
            wanted,
        });
    }
    match entry {
        ProposedEntry::DsseV001(entry)
        | ProposedEntry::DsseV002(entry)
        | ProposedEntry::IntotoV002(entry) => check_envelope(entry, index)?,
        ProposedEntry::HashedRekordV001(entry) | ProposedEntry::HashedRekordV002(entry) => {
            check_digest(entry, index)?;
        }
    }
    Ok(entry.canonical_body()?)
}

/// The same body with the hash of the envelope as its client wrote it, which nobody else can know
/// from the envelope's fields. `None` where the kind records none.
#[cfg(any(test, feature = "http"))]
pub(crate) fn with_envelope_hash(body: &[u8], kind: &EntryKind, hash: &Digest) -> Option<Vec<u8>> {
    let place = match kind {
        EntryKind::DsseV001 => "/spec/envelopeHash/value",
        EntryKind::IntotoV002 => "/spec/content/hash/value",
        _ => return None,
    };
    let mut body: serde_json::Value = serde_json::from_slice(body).ok()?;
    *body.pointer_mut(place)? = hash.to_hex().into();
    canonical_json::to_vec(&body).ok()
}

fn check_digest(entry: &HashedRekord, index: usize) -> Result<(), Error> {
    let key = key(&entry.verifier)?;
    let unverifiable = || unverifiable(entry.key_details, index);
    let scheme = entry.key_details.scheme().ok_or_else(unverifiable)?;
    match key.verify_digest(scheme, &entry.digest, entry.signature.as_bytes()) {
        Err(BadSignature::NeedsMessage { .. }) => Err(unverifiable()),
        other => other.map_err(|source| Error::EntrySignature { index, source }),
    }
}

fn check_envelope(entry: &DsseEntry, index: usize) -> Result<(), Error> {
    let key = key(&entry.verifier)?;
    let scheme = entry
        .key_details
        .scheme()
        .ok_or_else(|| unverifiable(entry.key_details, index))?;
    let message = entry.envelope.signed_bytes();
    // That there is exactly one is checked where the canonical body is made.
    for signature in &entry.envelope.signatures {
        key.verify(scheme, &message, signature.sig.as_bytes())
            .map_err(|source| Error::EntrySignature { index, source })?;
    }
    Ok(())
}

fn key(verifier: &Verifier) -> Result<PublicKey, Error> {
    Ok(match verifier {
        Verifier::Certificate(der) => Certificate::from_der(der)?.public_key().clone(),
        Verifier::PublicKey(der) => PublicKey::from_der(der)?,
    })
}

fn unverifiable(details: KeyDetails, index: usize) -> Error {
    Error::EntryUnverifiable {
        index,
        details: details.name(),
    }
}
