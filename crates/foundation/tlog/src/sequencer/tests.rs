use super::*;
use crate::tree::tests::naive_root;

fn entry(number: usize) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

fn add(sequencer: &mut Sequencer, count: usize, from: usize) -> Sequenced {
    let entries: Vec<_> = (from..from + count).map(entry).collect();
    let plan = sequencer.plan(entries.iter().map(Vec::as_slice)).unwrap();
    sequencer.durable(plan).unwrap()
}

#[test]
fn every_entry_of_a_batch_gets_its_proof() {
    let mut sequencer = Sequencer::recovered(EdgeTiles::new());
    let mut all = Vec::new();
    for count in [1, 2, 3, 249, 1, 1, 300, 513, 4] {
        let sequenced = add(&mut sequencer, count, all.len());
        assert_eq!(sequenced.first_index(), all.len() as u64);
        all.extend_from_slice(sequenced.leaves());
        let head = *sequenced.head().head();
        assert_eq!(head.root, naive_root(&all));
        assert_eq!(head.size, all.len() as u64);
        for index in sequenced.first_index()..head.size {
            let proof = sequenced.proof(index).unwrap();
            proof.verify(all[index as usize], &head.root).unwrap();
        }
    }
}

#[test]
fn refuses_a_plan_from_another_tree() {
    let mut sequencer = Sequencer::recovered(EdgeTiles::new());
    let stale = sequencer.plan([b"stale".as_slice()]).unwrap();
    add(&mut sequencer, 1, 0);
    let head = sequencer.head();
    assert_eq!(
        sequencer.durable(stale).unwrap_err(),
        Error::PlanStale {
            planned: 0,
            found: 1
        }
    );
    assert_eq!(sequencer.head(), head);
}

#[test]
fn refuses_an_entry_one_byte_too_large() {
    let sequencer = Sequencer::recovered(EdgeTiles::new());
    let entry = vec![b'x'; MAX_ENTRY_BYTES + 1];
    assert!(sequencer.plan([&entry[1..]]).is_ok());
    assert_eq!(
        sequencer.plan([entry.as_slice()]).unwrap_err(),
        Error::EntryTooLarge { found: 65_536 }
    );
}

#[test]
fn a_checkpoint_says_what_is_durable() {
    let mut sequencer = Sequencer::recovered(EdgeTiles::new());
    let sequenced = add(&mut sequencer, 3, 0);
    let checkpoint = Checkpoint::of("log.example", &sequenced.head());
    assert_eq!(checkpoint.head(), *sequencer.head().head());
    assert_eq!(
        Checkpoint::parse(&checkpoint.to_string()).unwrap(),
        checkpoint
    );
}
