//! That log entries record what the bundle holds: digest, signature and certificate or key, always
//! all three (CVE-2022-36056, CVE-2026-22703).

use sealwright_core::Digest;
use sealwright_crypto::SignatureScheme;

use super::LoggedAt;
use super::Stop;
use super::check::Passed;
use super::log;
use super::log::Logged;
use super::signature::SignedBytes;
use crate::Bundle;
use crate::Content;
use crate::EntryPart;
use crate::Error;
use crate::Expected;
use crate::LogEntry;
use crate::Rejection;
use crate::TrustRoot;
use crate::VerificationMaterial;
use crate::Verifier;
use crate::entry::EntryBody;
use crate::entry::EntryKind;
use crate::entry::EntrySubject;
use crate::entry::parse_body;

/// What the entries say, and which they are.
#[derive(Default)]
pub(super) struct Recorded {
    /// The scheme, where the entry names one.
    pub(super) scheme: Option<SignatureScheme>,
    /// The digest of what was signed, where the entry holds it.
    pub(super) digest: Option<Digest>,
    /// The entries that hold.
    pub(super) places: Vec<LoggedAt>,
}

/// Compares every entry that a trusted log holds with the bundle.
pub(super) fn compare(
    bundle: &Bundle,
    expected: &Expected,
    logged: &[Logged<'_>],
    root: &TrustRoot,
    signed: &mut SignedBytes<'_>,
) -> Result<Passed<Recorded>, Stop> {
    let mut recorded = Recorded::default();
    let mut unread: Option<&LogEntry> = None;
    let mut read: Vec<Logged<'_>> = Vec::new();
    for entry in logged {
        match entry.body {
            Ok(body) => {
                compare_one(bundle, expected, entry, body, signed)?;
                recorded.scheme = recorded
                    .scheme
                    .or_else(|| body.key_details.and_then(|details| details.scheme()));
                if let EntrySubject::Message(digest) = body.subject {
                    recorded.digest.get_or_insert(digest);
                }
                read.push(entry.clone());
            }
            // Not counted: a newer client may read it.
            Err(_) => {
                unread.get_or_insert(entry.entry);
            }
        }
    }
    let wanted = root.profile.log_threshold;
    let found = log::distinct_logs(&read);
    if found < wanted {
        return Err(match unread.and_then(read_error) {
            Some(error) => error.into(),
            None => Rejection::LogMissing { found, wanted }.into(),
        });
    }
    recorded.places = read.iter().map(Logged::place).collect();
    Ok(if read.is_empty() {
        Passed::skipped(recorded, "the trust profile wants none")
    } else {
        Passed::new(recorded, "same digest, signature and certificate or key")
    })
}

/// Why an entry's body cannot be read, if it cannot.
pub(super) fn read_error(entry: &LogEntry) -> Option<Error> {
    parse_body(entry.canonicalized_body.as_bytes()).err()
}

fn compare_one(
    bundle: &Bundle,
    expected: &Expected,
    logged: &Logged<'_>,
    body: &EntryBody,
    signed: &mut SignedBytes<'_>,
) -> Result<(), Stop> {
    let log_index = logged.entry.log_index;
    let mismatch = |part| Stop::from(Rejection::LogEntryMismatch { log_index, part });
    if body.kind != logged.entry.kind {
        return Err(mismatch(EntryPart::Kind));
    }
    if !log::records_signature(body, bundle) {
        return Err(mismatch(EntryPart::Signature));
    }
    let key = match (&bundle.material, &body.verifier, expected) {
        (
            VerificationMaterial::Certificate(leaf) | VerificationMaterial::Chain { leaf, .. },
            Verifier::Certificate(der),
            _,
        ) if leaf.der() == der => leaf.public_key(),
        (VerificationMaterial::PublicKey { .. }, Verifier::PublicKey(der), Expected::Key(key)) => {
            if key.der() != der {
                let found = "another key, by its log entry";
                return Err(Rejection::SigKeyMismatch { found }.into());
            }
            key
        }
        _ => return Err(mismatch(EntryPart::Certificate)),
    };
    if let Some(details) = body.key_details
        && details
            .scheme()
            .is_none_or(|scheme| scheme.key_kind() != key.kind())
    {
        return Err(mismatch(EntryPart::KeyDetails));
    }
    let same = match (&bundle.content, body.subject) {
        (
            Content::MessageSignature { .. } | Content::SimpleSigning { .. },
            EntrySubject::Message(digest),
        ) => signed.require(digest.algorithm())? == digest,
        // The log of version 2 records envelopes as the digest of what is signed.
        (Content::Dsse(_), EntrySubject::Message(digest)) => {
            body.kind == EntryKind::HashedRekordV002
                && signed.require(digest.algorithm())? == digest
        }
        (Content::Dsse(envelope), EntrySubject::Payload(digest)) => {
            Digest::of(digest.algorithm(), envelope.payload.as_bytes()) == digest
        }
        // That is over signature and payload, and was compared above.
        (Content::Dsse(_), EntrySubject::Envelope(_)) => true,
        (
            Content::MessageSignature { .. } | Content::SimpleSigning { .. },
            EntrySubject::Envelope(_) | EntrySubject::Payload(_),
        ) => false,
    };
    if !same {
        return Err(mismatch(EntryPart::Digest));
    }
    Ok(())
}
