//! Changing one thing in a bundle or a trusted root.

use sealwright_core::Base64;
use serde_json::Value;

use super::World;

pub(super) fn at<'a>(value: &'a mut Value, pointer: &str) -> &'a mut Value {
    value
        .pointer_mut(pointer)
        .unwrap_or_else(|| panic!("nothing at {pointer}"))
}

pub(super) fn bytes(value: &Value) -> Vec<u8> {
    Base64::decode(value.as_str().unwrap()).unwrap().0
}

pub(super) fn set_bytes(value: &mut Value, bytes: &[u8]) {
    *value = Base64::encode(bytes).into();
}

/// Turns a bit of a byte in base64, counted from the end where negative.
pub(super) fn flip(bundle: &mut Value, pointer: &str, place: isize) {
    let value = at(bundle, pointer);
    let mut content = bytes(value);
    let index = match usize::try_from(place) {
        Ok(index) => index,
        Err(_) => content.len() - place.unsigned_abs(),
    };
    content[index] ^= 1;
    set_bytes(value, &content);
}

/// Changes a line of the checkpoint, from 0: origin, size, root, nothing, signature.
pub(super) fn change_checkpoint(
    bundle: &mut Value,
    line: usize,
    change: impl FnOnce(&str) -> String,
) {
    let value = at(bundle, CHECKPOINT);
    let mut lines: Vec<String> = value
        .as_str()
        .unwrap()
        .split('\n')
        .map(str::to_owned)
        .collect();
    lines[line] = change(&lines[line]);
    *value = lines.join("\n").into();
}

/// Turns a bit in the last word of a checkpoint's line, which is base64.
pub(super) fn flip_word(line: &str, from_end: usize) -> String {
    let (before, word) = line.rsplit_once(' ').unwrap_or(("", line));
    let mut content = Base64::decode(word).unwrap().0;
    let index = content.len() - from_end;
    content[index] ^= 1;
    let word = Base64::encode(&content);
    match before {
        "" => word,
        before => format!("{before} {word}"),
    }
}

pub(super) fn take(bundle: &mut Value, pointer: &str, from: &Value) {
    *at(bundle, pointer) = from.pointer(pointer).unwrap().clone();
}

/// Where the signature stands.
pub(super) fn signature(bundle: &Value) -> &'static str {
    match bundle.pointer(SIGNATURE) {
        Some(_) => SIGNATURE,
        None => DSSE_SIGNATURE,
    }
}

pub(super) fn take_signature(bundle: &mut Value, world: &World) {
    let place = signature(bundle);
    let theirs = world.theirs.iter().find(|one| one.pointer(place).is_some());
    take(bundle, place, theirs.unwrap());
}

pub(super) const SIGNATURE: &str = "/messageSignature/signature";
pub(super) const CERTIFICATE: &str = "/verificationMaterial/certificate/rawBytes";
pub(super) const ENTRIES: &str = "/verificationMaterial/tlogEntries";
pub(super) const BODY: &str = "/verificationMaterial/tlogEntries/0/canonicalizedBody";
pub(super) const PROMISE: &str =
    "/verificationMaterial/tlogEntries/0/inclusionPromise/signedEntryTimestamp";
pub(super) const PROOF: &str = "/verificationMaterial/tlogEntries/0/inclusionProof";
pub(super) const CHECKPOINT: &str =
    "/verificationMaterial/tlogEntries/0/inclusionProof/checkpoint/envelope";
pub(super) const TIMESTAMP: &str =
    "/verificationMaterial/timestampVerificationData/rfc3161Timestamps/0/signedTimestamp";
pub(super) const PAYLOAD: &str = "/dsseEnvelope/payload";
pub(super) const DSSE_SIGNATURE: &str = "/dsseEnvelope/signatures/0/sig";

/// Writes the payload anew with a change in it.
pub(super) fn change_payload(bundle: &mut Value, change: impl FnOnce(&mut Value)) {
    let payload = at(bundle, PAYLOAD);
    let mut statement: Value = serde_json::from_slice(&bytes(payload)).unwrap();
    change(&mut statement);
    set_bytes(payload, statement.to_string().as_bytes());
}
