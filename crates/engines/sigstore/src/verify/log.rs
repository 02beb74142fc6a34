//! That trusted logs hold the signature: promises, checkpoints and inclusion proofs.

use sealwright_core::Timestamp;
use sealwright_crypto::KeyKind;
use sealwright_crypto::PublicKey;
use sealwright_tlog::Checkpoint;
use sealwright_tlog::NoteSignature;
use sealwright_tlog::SignedNote;

use super::LoggedAt;
use super::Stop;
use super::VerifiedTime;
use super::check::Passed;
use super::time;
use crate::Bundle;
use crate::CheckpointFault;
use crate::EntryPart;
use crate::Error;
use crate::InclusionProof;
use crate::LogEntry;
use crate::LogVersion;
use crate::Rejection;
use crate::TransparencyLog;
use crate::TrustRoot;
use crate::Witness;
use crate::entry::EntryBody;
use crate::entry::EntrySubject;
use crate::entry::parse_body;

/// An entry of a bundle, with its log if the trusted root knows it.
pub(super) struct KnownEntry<'a> {
    pub(super) entry: &'a LogEntry,
    pub(super) log: Option<&'a TransparencyLog>,
    pub(super) promise: Promise,
    /// What its body says; not read unless the log is known.
    pub(super) body: Option<Result<EntryBody, Error>>,
}

impl KnownEntry<'_> {
    /// Whether it is of this signature: what its log promised says nothing about another one.
    pub(super) fn is_of(&self, bundle: &Bundle) -> bool {
        matches!(&self.body, Some(Ok(body))
            if body.kind == self.entry.kind && records_signature(body, bundle))
    }
}

/// Whether an entry records the bundle's signature, by itself or by a digest over all of it.
pub(super) fn records_signature(body: &EntryBody, bundle: &Bundle) -> bool {
    match body.subject {
        EntrySubject::Envelope(digest) => bundle.stored_envelope == Some(digest),
        EntrySubject::Message(_) | EntrySubject::Payload(_) => {
            body.signature.as_bytes() == bundle.signature()
        }
    }
}

/// What became of an entry's signed entry timestamp.
pub(super) enum Promise {
    /// There is none, or its log is unknown.
    Absent,
    /// It is not the log's.
    Broken,
    /// It is the log's, which took the entry at this time.
    Kept(Timestamp),
}

/// An entry that a trusted log holds.
#[derive(Clone)]
pub(super) struct Logged<'a> {
    pub(super) entry: &'a LogEntry,
    pub(super) log: &'a TransparencyLog,
    pub(super) body: &'a Result<EntryBody, Error>,
    /// The index that the log vouches for: by its promise, else by the proof of inclusion.
    log_index: u64,
    witnesses: Vec<&'a Witness>,
}

impl Logged<'_> {
    pub(super) fn place(&self) -> LoggedAt {
        LoggedAt {
            log_index: self.log_index,
            log_id: self.entry.log_id,
            base_url: self.log.base_url.clone(),
            witnesses: self
                .witnesses
                .iter()
                .map(|witness| witness.name().to_owned())
                .collect(),
        }
    }
}

/// Finds each entry's log, checks its promise and reads its body, which both the time and the
/// inclusion need.
pub(super) fn look_up<'a>(bundle: &'a Bundle, root: &'a TrustRoot) -> Vec<KnownEntry<'a>> {
    bundle
        .log_entries
        .iter()
        .map(|entry| {
            let log = root.log(&entry.log_id);
            let promise = log.map_or(Promise::Absent, |log| check_promise(entry, log));
            KnownEntry {
                entry,
                log,
                promise,
                body: log.map(|_| parse_body(entry.canonicalized_body.as_bytes())),
            }
        })
        .collect()
}

fn check_promise(entry: &LogEntry, log: &TransparencyLog) -> Promise {
    let (Some(promise), Some(time), Some(payload)) = (
        &entry.inclusion_promise,
        entry.integrated_time,
        entry.promise_payload(),
    ) else {
        return Promise::Absent;
    };
    let (Some(key), Some(scheme)) = (log.key.public_key(), log.key.details().scheme()) else {
        return Promise::Broken;
    };
    match key.verify(scheme, &payload, promise.as_bytes()) {
        Ok(()) if log.valid_for.contains(time) => Promise::Kept(time),
        _ => Promise::Broken,
    }
}

/// Wants as many logs as the profile does to hold an entry.
pub(super) fn verify<'a>(
    entries: &'a [KnownEntry<'a>],
    root: &'a TrustRoot,
    times: &[VerifiedTime],
    now: Timestamp,
) -> Result<Passed<Vec<Logged<'a>>>, Stop> {
    let wanted = root.profile.log_threshold;
    let mut logged = Vec::new();
    let mut refused = None;
    for known in entries {
        match verify_entry(known, root, times, now) {
            Ok(entry) => logged.push(entry),
            Err(rejection) => {
                refused.get_or_insert(rejection);
            }
        }
    }
    let found = distinct_logs(&logged);
    if found < wanted {
        return Err(refused
            .unwrap_or_else(|| Box::new(Rejection::LogMissing { found, wanted }))
            .into());
    }
    let detail: Vec<String> = logged
        .iter()
        .map(|entry| format!("index {} of {}", entry.log_index, entry.log.base_url))
        .collect();
    Ok(if logged.is_empty() {
        Passed::skipped(logged, "the trust profile wants none")
    } else {
        Passed::new(logged, detail.join(", "))
    })
}

/// How many different logs hold an entry.
pub(super) fn distinct_logs(logged: &[Logged<'_>]) -> usize {
    logged
        .iter()
        .enumerate()
        .filter(|(place, entry)| {
            !logged
                .iter()
                .take(*place)
                .any(|earlier| earlier.entry.log_id == entry.entry.log_id)
        })
        .count()
}

fn verify_entry<'a>(
    known: &'a KnownEntry<'a>,
    root: &'a TrustRoot,
    times: &[VerifiedTime],
    now: Timestamp,
) -> Result<Logged<'a>, Box<Rejection>> {
    let entry = known.entry;
    let log_index = entry.log_index;
    let untrusted = |at| {
        Box::new(Rejection::LogUntrusted {
            log_index,
            log_id: entry.log_id,
            at,
        })
    };
    let (Some(log), Some(body)) = (known.log, &known.body) else {
        return Err(untrusted(None));
    };
    let key = log.key.public_key().ok_or_else(|| untrusted(None))?;
    match known.promise {
        Promise::Broken => return Err(Box::new(Rejection::LogSetInvalid { log_index })),
        Promise::Kept(_) => {}
        Promise::Absent => check_log_validity(log, times, now).map_err(|at| untrusted(Some(at)))?,
    }
    let note = match &entry.inclusion_proof {
        Some(proof) => verify_inclusion(entry, proof, log, key)?,
        // Version 0.1 of bundles alone may come without a proof: its promise stands for it.
        None if matches!(known.promise, Promise::Kept(_)) => None,
        None => {
            return Err(Box::new(Rejection::LogMissing {
                found: 0,
                wanted: 1,
            }));
        }
    };
    let witnesses = witnesses(note.as_ref(), root, now);
    let wanted = root.profile.witness_threshold;
    if witnesses.len() < wanted {
        return Err(Box::new(Rejection::LogWitnessMissing {
            log_index,
            found: witnesses.len(),
            wanted,
        }));
    }
    let log_index = match (&known.promise, &entry.inclusion_proof) {
        (Promise::Kept(_), _) | (_, None) => entry.log_index,
        (Promise::Absent | Promise::Broken, Some(proof)) => proof.log_index,
    };
    Ok(Logged {
        entry,
        log,
        body,
        log_index,
        witnesses,
    })
}

/// The trusted witnesses that cosigned a checkpoint. One key is one witness, whatever its names.
fn witnesses<'a>(
    note: Option<&SignedNote>,
    root: &'a TrustRoot,
    now: Timestamp,
) -> Vec<&'a Witness> {
    let mut found: Vec<&Witness> = Vec::new();
    let Some(note) = note else {
        return found;
    };
    let latest = now.plus_seconds(time::CLOCK_SKEW_SECONDS);
    for witness in &root.witnesses {
        let is_new = found.iter().all(|known| known.key() != witness.key());
        if is_new && witness.vouches_for(note, latest) {
            found.push(witness);
        }
    }
    found
}

/// A log without promises says nothing about when it took an entry; the proven times of signing,
/// or now, have to do.
fn check_log_validity(
    log: &TransparencyLog,
    times: &[VerifiedTime],
    now: Timestamp,
) -> Result<(), Timestamp> {
    let latest = times.iter().map(|time| time.time).max().unwrap_or(now);
    let earliest = times.iter().map(|time| time.time).min().unwrap_or(now);
    if log.valid_for.start.is_some_and(|start| latest < start) {
        return Err(latest);
    }
    if log.valid_for.end.is_some_and(|end| end < earliest) {
        return Err(earliest);
    }
    Ok(())
}

fn verify_inclusion(
    entry: &LogEntry,
    proof: &InclusionProof,
    log: &TransparencyLog,
    key: &PublicKey,
) -> Result<Option<SignedNote>, Box<Rejection>> {
    let log_index = entry.log_index;
    // A log of version 2 is one tree, and nothing else vouches for the index. Version 1 signs it
    // in its promise, and it may count over several trees.
    if entry.log_version() == LogVersion::V2 && proof.log_index != log_index {
        let part = EntryPart::Index;
        return Err(Box::new(Rejection::LogEntryMismatch { log_index, part }));
    }
    let path = sealwright_tlog::InclusionProof {
        index: proof.log_index,
        tree_size: proof.tree_size,
        hashes: proof.hashes.clone(),
    };
    path.verify(
        sealwright_tlog::leaf_hash(entry.canonicalized_body.as_bytes()),
        &proof.root_hash,
    )
    .map_err(|source| Box::new(Rejection::LogInclusionInvalid { log_index, source }))?;
    let Some(checkpoint) = &proof.checkpoint else {
        // Version 0.1 of bundles alone; the promise vouches for the entry.
        return Ok(None);
    };
    verify_checkpoint(checkpoint, proof, entry.log_version(), log, key)
        .map(Some)
        .map_err(|fault| Box::new(Rejection::LogCheckpointInvalid { log_index, fault }))
}

fn verify_checkpoint(
    text: &str,
    proof: &InclusionProof,
    version: LogVersion,
    log: &TransparencyLog,
    key: &PublicKey,
) -> Result<SignedNote, CheckpointFault> {
    let note = SignedNote::parse(text).map_err(CheckpointFault::Malformed)?;
    let checkpoint = Checkpoint::parse(note.text()).map_err(CheckpointFault::Malformed)?;
    let mut seen = false;
    let signed = note.signatures().iter().any(|line| {
        let names_log = names_log(line, &checkpoint.origin, version, log, key);
        seen |= names_log;
        names_log
            && log.key.details().scheme().is_some_and(|scheme| {
                key.verify(scheme, note.text().as_bytes(), &line.signature)
                    .is_ok()
            })
    });
    match (signed, seen) {
        (true, _) => {}
        (false, true) => return Err(CheckpointFault::Signature),
        (false, false) => return Err(CheckpointFault::NoSignature),
    }
    if checkpoint.size != proof.tree_size || checkpoint.root != proof.root_hash {
        return Err(CheckpointFault::OtherTree);
    }
    Ok(note)
}

/// Whether a signature line claims to be by the log's key under the log's name.
///
/// The origin of a Rekor v2 checkpoint is the name itself; Rekor v1 appends ` - ` and a tree id, so
/// that one key may sign several trees. The name of an Ed25519 key is bound by its key id; for the
/// other kinds the id is of the key alone.
fn names_log(
    line: &NoteSignature,
    origin: &str,
    version: LogVersion,
    log: &TransparencyLog,
    key: &PublicKey,
) -> bool {
    let name_fits = origin == line.name
        || (version == LogVersion::V1
            && origin
                .strip_prefix(line.name.as_str())
                .and_then(|rest| rest.strip_prefix(" - "))
                .is_some_and(|tree| tree.bytes().all(|byte| byte.is_ascii_digit())));
    let id = match key.kind() {
        KeyKind::Ed25519 => match <&[u8; 32]>::try_from(key.raw()) {
            Ok(raw) => sealwright_tlog::ed25519_key_id(&line.name, raw),
            Err(_) => return false,
        },
        KeyKind::Rsa => sealwright_tlog::rsa_key_id(&line.name, key.der()),
        _ => sealwright_tlog::ecdsa_key_id(key.der()),
    };
    let hint_fits = sealwright_tlog::key_hint(&id) == line.key_hint
        // Rekor v1 signs under the hash of its key, whatever its kind.
        || (version == LogVersion::V1
            && sealwright_tlog::key_hint(&key.key_id()) == line.key_hint);
    // The id of an ECDSA key says nothing about the name.
    let id_binds_name = id == log.log_id.0 && matches!(key.kind(), KeyKind::Ed25519 | KeyKind::Rsa);
    name_fits && hint_fits && (id_binds_name || binds_url(&line.name, log, version))
}

/// Whether the name is that of the log's URL. Where the log's id already binds it this is not asked.
fn binds_url(name: &str, log: &TransparencyLog, version: LogVersion) -> bool {
    if version == LogVersion::V1 {
        // The id of a Rekor v1 log is of its key, and so is the hint; the name adds nothing.
        return true;
    }
    let without_scheme = log
        .base_url
        .split_once("://")
        .map_or(log.base_url.as_str(), |(_, rest)| rest);
    let whole = without_scheme.trim_end_matches('/');
    let authority = whole.split('/').next().unwrap_or_default();
    let host = authority
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
        .map_or(authority, |(host, _)| host);
    name == whole || name == host
}
