//! Where which entry stands: in memory, made from the entries.

use std::collections::HashMap;
use std::collections::HashSet;

use sealwright_core::Digest;
use sealwright_crypto::Certificate;
use sealwright_sigstore::LogVersion;
use sealwright_sigstore::Verifier;
use sealwright_sigstore::entry::EntrySubject;
use sealwright_sigstore::entry::parse_body;
use sealwright_store::Entry;
use sealwright_tlog::Hash;
use sealwright_tlog::leaf_hash;

use crate::stored::Taken;

/// Of some first entries of the log.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// How many entries are in it.
    size: u64,
    by_leaf: HashMap<Hash, u64>,
    /// Entries of version 1 by what may be searched for.
    by_key: HashMap<Key, Vec<u64>>,
    /// Leaves that are on their way into the log.
    pub(super) pending: HashSet<Hash>,
}

/// The beginning of the SHA-256 of what is searched for: a search that hits by chance shows an entry
/// too many, and every entry says itself what it is about.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
struct Key([u8; 16]);

impl Key {
    fn of(text: &str) -> Self {
        let [first @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            Digest::sha256(text.as_bytes()).first32();
        Self(first)
    }
}

impl Index {
    pub(super) const fn size(&self) -> u64 {
        self.size
    }

    /// Takes up the next entry.
    pub(super) fn push(&mut self, index: u64, entry: &Entry) {
        self.size = index + 1;
        // The first of equal ones counts.
        self.by_leaf.entry(leaf_hash(&entry.body)).or_insert(index);
        let is_v1 = Taken::read(entry, index).is_ok_and(|taken| taken.version() == LogVersion::V1);
        if is_v1 {
            for key in keys(&entry.body) {
                self.by_key.entry(Key::of(&key)).or_default().push(index);
            }
        }
    }

    pub(super) fn place(&self, leaf: &Hash) -> Option<u64> {
        self.by_leaf.get(leaf).copied()
    }

    /// The entries that are found under a text, ascending.
    pub(super) fn search(&self, key: &str) -> &[u64] {
        self.by_key
            .get(&Key::of(key))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// The text under which a digest is found.
pub(super) fn digest_key(digest: &Digest) -> String {
    format!("{}:{}", digest.algorithm().name(), digest.to_hex())
}

/// The text under which a key or certificate is found.
pub(super) fn verifier_key(verifier: &Verifier) -> String {
    Digest::sha256(verifier.to_pem().as_bytes()).to_hex()
}

/// The text under which an identity is found.
pub(super) fn identity_key(identity: &str) -> String {
    identity.to_lowercase()
}

fn keys(body: &[u8]) -> Vec<String> {
    let Ok(body) = parse_body(body) else {
        return Vec::new();
    };
    let (EntrySubject::Envelope(digest)
    | EntrySubject::Message(digest)
    | EntrySubject::Payload(digest)) = body.subject;
    let mut keys = vec![digest_key(&digest), verifier_key(&body.verifier)];
    if let Verifier::Certificate(der) = &body.verifier {
        let identity = Certificate::from_der(der)
            .ok()
            .and_then(|leaf| leaf.identity());
        keys.extend(identity.map(|identity| identity_key(identity.value())));
    }
    keys
}
