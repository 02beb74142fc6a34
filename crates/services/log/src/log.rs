//! Adding to the log and reading from it.

use std::path::Path;
use std::sync::Arc;

use sealwright_core::Timestamp;
use sealwright_sigstore::InclusionProof;
use sealwright_sigstore::LogEntry;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::ProposedEntry;
use sealwright_sigstore::entry::EntryKind;
use sealwright_sigstore::entry::parse_body;
use sealwright_sigstore::promise_payload;
use sealwright_store::Disk;
use sealwright_store::DurableLog;
use sealwright_store::Entry;
use sealwright_store::FileLayer;
use sealwright_store::Geometry;
use sealwright_tlog::ConsistencyProof;
use sealwright_tlog::DurableHead;
use sealwright_tlog::Hash;
use sealwright_tlog::TreeHead;

use crate::error::Error;
use crate::keys::Keys;
use crate::proposal;
use crate::public::PublicLog;
use crate::stored::Taken;

/// A signature log in a directory of its own.
///
/// Threads may share one, and processes may open the same directory.
#[derive(Debug)]
pub struct Log<L = Disk> {
    pub(crate) tree: DurableLog<L>,
    pub(crate) keys: Arc<Keys>,
}

impl Log {
    /// Opens the log in `directory`, which is its own, under a host name; makes directory and keys
    /// on first use.
    ///
    /// # Errors
    /// `log.lost`, `log.key-missing`, `log.key-mismatch`, `log.name-invalid`,
    /// `log.description-malformed`, and the codes of the stored log and of keys (`store.…`) and of
    /// reading and writing files.
    pub fn open(directory: &Path, host: &str) -> Result<Self, Error> {
        if let Some(log) = Self::existing(directory, host)? {
            return log.usable();
        }
        sealwright_files::create_private_directory(directory)?;
        Self::make(directory, host, Disk::create(directory.join(TREE))?)
    }

    /// Opens a log that was in use, and so must be there.
    ///
    /// # Errors
    /// `log.lost` when it is not, and those of [`Log::open`].
    pub fn reopen(directory: &Path, host: &str) -> Result<Self, Error> {
        match Self::existing(directory, host)? {
            Some(log) => log.usable(),
            None => Err(Error::Lost {
                path: PublicLog::description(directory),
            }),
        }
    }

    /// Whether there is a log in `directory`, of whatever name.
    pub fn is_in(directory: &Path) -> bool {
        PublicLog::description(directory).exists()
    }

    /// The log in `directory` as it is, `None` when there is none: for showing and checking. What is
    /// stored is looked at when it is first used.
    ///
    /// # Errors
    /// `log.description-malformed`, `log.name-invalid`, and the codes of reading files.
    pub fn existing(directory: &Path, host: &str) -> Result<Option<Self>, Error> {
        let keys = Keys::existing(directory, host)?;
        Ok(keys.map(|keys| Self::with_keys(Disk::at(directory.join(TREE)), keys)))
    }
}

impl<L: FileLayer> Log<L> {
    /// Opens the log whose keys are in `directory` and whose tree is on another file layer: for
    /// tests.
    ///
    /// # Errors
    /// As [`Log::open`].
    pub fn on(directory: &Path, host: &str, layer: L) -> Result<Self, Error> {
        match Keys::existing(directory, host)? {
            Some(keys) => Self::with_keys(layer, keys).usable(),
            None => Self::make(directory, host, layer),
        }
    }

    /// Adds entries in their order. When this returns they are durable, and each answer is all a
    /// bundle needs: body, index, inclusion proof, checkpoint, and for version 1 time and signed
    /// entry timestamp.
    ///
    /// All are checked before any is added. What fits into one batch is added whole or not at all,
    /// next to each other; more goes in as several batches, of which the first stay when a later one
    /// fails.
    ///
    /// # Errors
    /// `log.entry-refused`, `log.entry-unverifiable`, `log.entry-other-version`, `entry.malformed`,
    /// and the codes of keys and certificates for what is proposed; `tlog.entry-too-large` for too
    /// much of it; `log.key-missing`, `log.key-mismatch`; and the codes of the stored log: then the
    /// entries may have been added.
    pub fn add(
        &self,
        entries: &[ProposedEntry],
        version: LogVersion,
        now: Timestamp,
    ) -> Result<Vec<LogEntry>, Error> {
        let mut checked = Vec::with_capacity(entries.len());
        for (place, entry) in entries.iter().enumerate() {
            checked.push((proposal::checked_body(entry, place, version)?, entry.kind()));
        }
        self.append(checked, version, now)
    }

    /// Adds bodies that were checked.
    pub(crate) fn append(
        &self,
        checked: Vec<(Vec<u8>, EntryKind)>,
        version: LogVersion,
        now: Timestamp,
    ) -> Result<Vec<LogEntry>, Error> {
        // Before anything is appended: an answer that cannot be signed must leave no entry, nor may
        // the stored checkpoint, which version 2 signs, remain behind.
        self.keys.all()?;
        let taken = Taken::new(version, now);
        let (bodies, kinds): (Vec<_>, Vec<_>) = checked.into_iter().unzip();
        let entry = |body| Entry {
            body,
            note: taken.to_bytes(),
        };
        let mut answers = Vec::with_capacity(kinds.len());
        let mut kinds = kinds.into_iter();
        for batch in Geometry::batches(bodies.into_iter().map(entry).collect())? {
            let bodies: Vec<_> = batch.iter().map(|entry| entry.body.clone()).collect();
            let appended = self.tree.append(batch)?;
            self.keys.answering()?;
            let head = appended.head();
            let checkpoint = self.keys.checkpoint(&head, version)?;
            for ((index, body), kind) in (appended.first_index()..).zip(bodies).zip(&mut kinds) {
                let proof = appended.proof(index)?;
                answers.push(self.answer(taken, kind, body, &proof, &head, &checkpoint)?);
            }
        }
        Ok(answers)
    }

    /// The entry at an index, with a proof in the newest tree and that tree's checkpoint.
    ///
    /// # Errors
    /// `store.no-entry`, `log.stored-entry-malformed`, `log.key-missing`, `log.key-mismatch`, and the
    /// codes of the stored log.
    pub fn get(&self, index: u64) -> Result<LogEntry, Error> {
        let (entry, proof, head) = self.tree.entry_with_proof(index)?;
        let taken = Taken::read(&entry, index)?;
        let kind = parse_body(&entry.body)
            .map_err(|_| Error::StoredEntry { index })?
            .kind;
        let checkpoint = self.keys.checkpoint(&head, taken.version())?;
        self.answer(taken, kind, entry.body, &proof, &head, &checkpoint)
    }

    /// The canonical body at an index, and when a version 1 entry was added. Signs nothing.
    ///
    /// # Errors
    /// `store.no-entry`, `log.stored-entry-malformed`, and the codes of the stored log.
    pub fn body(&self, index: u64) -> Result<(Vec<u8>, Option<Timestamp>), Error> {
        let entry = self.tree.entry(index)?;
        let taken = Taken::read(&entry, index)?;
        Ok((entry.body, taken.integrated_time()))
    }

    /// The signed checkpoint of the newest tree, as a version signs it.
    ///
    /// # Errors
    /// `log.key-missing`, `log.key-mismatch`, and the codes of the stored log.
    pub fn checkpoint(&self, version: LogVersion) -> Result<String, Error> {
        self.keys.checkpoint(&self.tree.head()?, version)
    }

    /// The newest tree with its checkpoint.
    #[cfg(any(test, feature = "http"))]
    pub(crate) fn signed_head(&self, version: LogVersion) -> Result<SignedHead, Error> {
        let head = self.tree.head()?;
        Ok(SignedHead {
            checkpoint: self.keys.checkpoint(&head, version)?,
            head: *head.head(),
        })
    }

    /// The proof that the tree of the first `old_size` entries is the beginning of that of the first
    /// `new_size`, and the latter's root.
    ///
    /// # Errors
    /// `tlog.consistency-invalid` when there are fewer entries, and the codes of the stored log.
    pub fn consistency_between(
        &self,
        old_size: u64,
        new_size: u64,
    ) -> Result<(ConsistencyProof, Hash), Error> {
        Ok(self.tree.consistency_between(old_size, new_size)?)
    }

    /// Size and root of the newest tree.
    ///
    /// # Errors
    /// The codes of the stored log.
    pub fn head(&self) -> Result<TreeHead, Error> {
        Ok(*self.tree.head()?.head())
    }

    /// The proof that the tree of the first `old_size` entries is the beginning of the newest one,
    /// and that tree.
    ///
    /// # Errors
    /// `tlog.consistency-invalid` when there are fewer entries, and the codes of the stored log.
    pub fn consistency(&self, old_size: u64) -> Result<(ConsistencyProof, TreeHead), Error> {
        let (proof, head) = self.tree.consistency_proof(old_size)?;
        Ok((proof, *head.head()))
    }

    /// Names and public keys.
    pub fn public(&self) -> &PublicLog {
        self.keys.public()
    }

    fn make(directory: &Path, host: &str, layer: L) -> Result<Self, Error> {
        let tree = DurableLog::open(layer, Geometry::default(), Box::new(|_| None))?;
        // The description is durable before any entry is: it did not get lost by a crash.
        if tree.head()?.head().size != 0 {
            return Err(Error::Lost {
                path: PublicLog::description(directory),
            });
        }
        let keys = Keys::make(directory, host)?;
        Ok(Self::with_keys(tree.into_layer(), keys))
    }

    /// The log, if it can go on: with all its keys, and with what it answered before.
    fn usable(self) -> Result<Self, Error> {
        self.keys.all()?;
        if let Some((_, note)) = self.tree.published()?
            && !self.public().is_named_in(&note, LogVersion::V2)
        {
            // Description and key alike are another log's.
            return Err(Error::KeyMismatch { version: 2 });
        }
        match self.lost_entries(&self.head()?) {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// What is wrong with a tree of this head: it must not be empty once somebody was answered.
    pub(crate) fn lost_entries(&self, head: &TreeHead) -> Option<Error> {
        (head.size == 0 && self.keys.has_answered()).then(|| Error::EntriesLost {
            path: self.keys.directory().join(TREE),
        })
    }

    fn with_keys(layer: L, keys: Keys) -> Self {
        let keys = Arc::new(keys);
        let signer = Arc::clone(&keys);
        let publish = move |head: &DurableHead| signer.checkpoint(head, LogVersion::V2).ok();
        Self {
            tree: DurableLog::new(layer, Geometry::default(), Box::new(publish)),
            keys,
        }
    }

    fn answer(
        &self,
        taken: Taken,
        kind: EntryKind,
        body: Vec<u8>,
        proof: &sealwright_tlog::InclusionProof,
        head: &DurableHead,
        checkpoint: &str,
    ) -> Result<LogEntry, Error> {
        let log_id = self.public().log_id(taken.version());
        let promise = match taken.integrated_time() {
            Some(time) => {
                let payload = promise_payload(&body, time, &log_id, proof.index);
                Some(self.keys.sign(taken.version(), &payload)?.into())
            }
            None => None,
        };
        Ok(LogEntry {
            log_index: proof.index,
            log_id,
            kind,
            integrated_time: taken.integrated_time(),
            inclusion_promise: promise,
            inclusion_proof: Some(InclusionProof {
                log_index: proof.index,
                root_hash: head.head().root,
                tree_size: proof.tree_size,
                hashes: proof.hashes.clone(),
                checkpoint: Some(checkpoint.to_owned()),
            }),
            canonicalized_body: body.into(),
        })
    }
}

/// A tree and what a version says of it.
#[cfg(any(test, feature = "http"))]
pub(crate) struct SignedHead {
    pub(crate) head: TreeHead,
    pub(crate) checkpoint: String,
}

const TREE: &str = "tree";

#[cfg(test)]
mod tests;
