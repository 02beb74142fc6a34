//! The log's own files: what a crash, a full disk or another program may have left there.

mod memory;

use sealwright_core::Digest;
use sealwright_store::DurableLog;
use sealwright_store::Entry;
use sealwright_store::Geometry;

use self::memory::Memory;

/// The bytes are records, each a kind, a length of two bytes and a payload; they get the checksums
/// that only the log itself could give them. A record of kind `C` is the checkpoint file instead,
/// one of kind `N` begins the next segment.
pub(super) fn log_records(data: &[u8]) {
    let memory = Memory::default();
    let (mut segment, mut block, mut chain) = (Vec::new(), 0, [0; 32]);
    let mut rest = data;
    while let Some(([kind, high, low], after)) = rest.split_first_chunk::<3>() {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (payload, after) = after.split_at(length);
        rest = after;
        match kind {
            b'C' => memory.put("checkpoint", payload),
            b'N' => {
                memory.put(
                    &format!("segment/{block:016}"),
                    &std::mem::take(&mut segment),
                );
                block += 1;
                chain = [0; 32];
            }
            kind => {
                let mut record = vec![*kind];
                record.extend((length as u32).to_be_bytes());
                record.extend(payload);
                chain = Digest::sha256(&[&chain[..], &record].concat()).first32();
                segment.extend(record);
                segment.extend(chain);
            }
        }
    }
    memory.put(&format!("segment/{block:016}"), &segment);
    check(memory);
}

/// The bytes are the first segment file.
pub(super) fn log_file(data: &[u8]) {
    let memory = Memory::default();
    memory.put("segment/0000000000000000", data);
    check(memory);
}

fn check(memory: Memory) {
    let geometry = Geometry { segment_entries: 4 };
    let log = DurableLog::new(memory, geometry, Box::new(|_| None));
    let sound = log
        .fsck(&mut |_, _| {})
        .is_ok_and(|report| report.faults.is_empty());
    let before = log.head();
    let entry = Entry {
        body: b"body".to_vec(),
        note: b"note".to_vec(),
    };
    let appended = log.append(vec![entry.clone()]);
    if let (true, Ok(before), Ok(_)) = (sound, before, appended) {
        let index = before.head().size;
        assert_eq!(
            log.entry(index).expect("what was acknowledged is there"),
            entry
        );
        let report = log.fsck(&mut |_, _| {}).expect("readable");
        assert!(
            report.faults.is_empty(),
            "an append broke a sound log: {:?}",
            report.faults
        );
        assert_eq!(report.head.size, index + 1);
    }
}
