//! A good bundle that was changed must not be accepted, unless it still says the same.
//!
//! The input is a program of edits on the JSON of one of six good bundles: values are removed,
//! replaced, moved between bundles and places, decoded, flipped and encoded again, and objects are
//! written as arrays.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealwright_core::Timestamp;
use sealwright_sigstore::Artifact;
use sealwright_sigstore::Bundle;
use sealwright_sigstore::Expected;
use sealwright_sigstore::TrustRoot;
use sealwright_sigstore::Verified;
use sealwright_sigstore::verify;
use serde_json::Value;

const ARTIFACT: &[u8] = include_bytes!("../../fixtures/artifact");
const BUNDLES: &[u8] = include_bytes!("../../fixtures/bundles.jsonl");
const TRUSTED_ROOT: &[u8] = include_bytes!("../../fixtures/trusted_root.json");
const IDENTITY: &str = "fuzz@c5j37e6c2inz.sealwright.invalid";
const ISSUER: &str = "https://c5j37e6c2inz.sealwright.invalid";
/// Any moment after the bundles were made.
const NOW: Timestamp = Timestamp::from_seconds(1_900_000_000);
/// More edits than this make nothing new.
const MAX_EDITS: usize = 8;

struct Good {
    documents: Vec<Value>,
    said: Vec<Verified<sealwright_sigstore::Claim>>,
    trust_root: TrustRoot,
    expected: Expected,
}

pub(super) fn tampered_bundle(data: &[u8]) {
    static GOOD: OnceLock<Good> = OnceLock::new();
    let good = GOOD.get_or_init(Good::read);
    let Some((first, edits)) = data.split_first() else {
        return;
    };
    let mut document = good.documents[usize::from(*first) % good.documents.len()].clone();
    for edit in edits.chunks_exact(6).take(MAX_EDITS) {
        let [operation, place @ .., operand_high, operand_low] = edit else {
            return;
        };
        let operand = u16::from_be_bytes([*operand_high, *operand_low]);
        good.edit(&mut document, *operation, place, operand);
    }
    let text = document.to_string();
    if let Some(accepted) = good.verify(text.as_bytes()) {
        let same = good.said.iter().any(|said| says_the_same(said, &accepted));
        assert!(
            same,
            "accepted, and says something else: {accepted:?}\n{text}"
        );
        assert!(
            has_lists_where_they_belong(&document),
            "accepted with an array for an object: {text}"
        );
    }
}

impl Good {
    fn read() -> Self {
        let lines = || {
            BUNDLES
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
        };
        let mut good = Self {
            documents: lines()
                .map(|it| serde_json::from_slice(it).expect("JSON"))
                .collect(),
            said: Vec::new(),
            trust_root: TrustRoot::parse(TRUSTED_ROOT).expect("a trusted root"),
            expected: Expected::exactly(IDENTITY, ISSUER),
        };
        good.said = lines()
            .map(|it| good.verify(it).expect("a good bundle"))
            .collect();
        good
    }

    fn verify(&self, bundle: &[u8]) -> Option<Verified<sealwright_sigstore::Claim>> {
        let bundle = Bundle::parse(bundle).ok()?;
        let artifact = Artifact::from_bytes(ARTIFACT);
        verify(&bundle, &artifact, &self.trust_root, &self.expected, NOW).into_accepted()
    }

    fn edit(&self, document: &mut Value, operation: u8, place: &[u8], operand: u16) {
        let pointers = pointers(document);
        let pick = |selector: &[u8], among: &[String]| {
            let selector = selector
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            among[selector % among.len()].clone()
        };
        let at = pick(&place[..2], &pointers);
        let replacement = match operation % 11 {
            0 => return remove(document, &at),
            1 => Value::Null,
            2 => Value::String(String::new()),
            3 => Value::from(operand),
            4 => Value::from(operand.to_string()),
            // The same place in another bundle, any place there, any place here.
            5 | 6 => {
                let other = &self.documents[usize::from(place[2]) % self.documents.len()];
                let from = match operation % 11 {
                    5 => at.clone(),
                    _ => pick(&operand.to_be_bytes(), &self::pointers(other)),
                };
                match other.pointer(&from) {
                    Some(value) => value.clone(),
                    None => return,
                }
            }
            7 => {
                let from = pick(&operand.to_be_bytes(), &pointers);
                document.pointer(&from).cloned().unwrap_or_default()
            }
            // Twice in its list.
            8 => match document.pointer(&at) {
                Some(Value::Array(items)) => {
                    let twice = items.iter().chain(items.first()).cloned();
                    Value::Array(twice.collect())
                }
                _ => return,
            },
            9 => match document.pointer(&at) {
                Some(Value::Object(members)) => {
                    let mut values: Vec<Value> = members.values().cloned().collect();
                    if !values.is_empty() {
                        let first = usize::from(operand) % values.len();
                        values.rotate_left(first);
                    }
                    Value::Array(values)
                }
                _ => return,
            },
            // One bit of what is encoded, or of the text.
            _ => match document.pointer(&at) {
                Some(Value::String(text)) if !text.is_empty() => match STANDARD.decode(text) {
                    Ok(bytes) if !bytes.is_empty() => STANDARD.encode(flip(bytes, operand)).into(),
                    _ => String::from_utf8_lossy(&flip(text.clone().into(), operand)).into(),
                },
                _ => return,
            },
        };
        if let Some(value) = document.pointer_mut(&at) {
            *value = replacement;
        }
    }
}

/// Whether a claim, its signer and all evidence that was counted are those of a good bundle.
fn says_the_same(
    good: &Verified<sealwright_sigstore::Claim>,
    accepted: &Verified<sealwright_sigstore::Claim>,
) -> bool {
    format!("{:?}", accepted.claim()) == format!("{:?}", good.claim())
        && accepted.identity() == good.identity()
        && accepted.issuer() == good.issuer()
        && !accepted.times().is_empty()
        && accepted
            .times()
            .iter()
            .all(|time| good.times().contains(time))
        && !accepted.log_entries().is_empty()
        && accepted.log_entries().iter().all(|entry| {
            // The index is authenticated by the log's promise alone, which may be gone.
            good.log_entries()
                .iter()
                .any(|said| said.log_id == entry.log_id)
        })
}

/// Whether whatever is an array is one in good bundles, too.
fn has_lists_where_they_belong(document: &Value) -> bool {
    const LISTS: [&str; 5] = [
        "certificates",
        "hashes",
        "rfc3161Timestamps",
        "signatures",
        "tlogEntries",
    ];
    pointers(document).iter().all(|at| {
        let name = at.rsplit('/').next().unwrap_or_default();
        LISTS.contains(&name) || !matches!(document.pointer(at), Some(Value::Array(_)))
    })
}

/// All places in a document, the root first.
fn pointers(document: &Value) -> Vec<String> {
    fn walk(at: String, value: &Value, found: &mut Vec<String>) {
        found.push(at.clone());
        match value {
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    walk(format!("{at}/{index}"), item, found);
                }
            }
            Value::Object(members) => {
                for (key, item) in members {
                    walk(format!("{at}/{key}"), item, found);
                }
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    walk(String::new(), document, &mut found);
    found
}

fn remove(document: &mut Value, at: &str) {
    let Some((parent, name)) = at.rsplit_once('/') else {
        return;
    };
    match document.pointer_mut(parent) {
        Some(Value::Array(items)) => {
            if let Ok(index) = name.parse::<usize>() {
                items.remove(index);
            }
        }
        Some(Value::Object(members)) => {
            members.remove(name);
        }
        _ => {}
    }
}

fn flip(mut bytes: Vec<u8>, operand: u16) -> Vec<u8> {
    let bit = usize::from(operand) % (bytes.len() * 8);
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}
