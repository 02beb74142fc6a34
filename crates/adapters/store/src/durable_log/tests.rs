//! The log against the model of a file system that forgets.

use std::collections::BTreeMap;
use std::sync::Arc;

use sealwright_core::Diagnostic as _;
use sealwright_tlog::NoteSignature;
use sealwright_tlog::SignedNote;
use sealwright_tlog::leaf_hash;

use super::*;
use crate::fsck::Report;
use crate::model::Access;
use crate::model::Fate;
use crate::model::Luck;
use crate::model::Model;
use crate::model::Process;
use crate::segment;

const GEOMETRY: Geometry = Geometry { segment_entries: 4 };

/// What the world has seen: every root that was signed, and every entry that was acknowledged.
#[derive(Clone, Debug, Default)]
struct World(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    roots: BTreeMap<u64, Hash>,
    acknowledged: BTreeMap<u64, Vec<u8>>,
}

impl World {
    fn sign(&self, head: &DurableHead) {
        let TreeHead { size, root } = *head.head();
        let before = self.0.lock().unwrap().roots.insert(size, root);
        assert!(
            before.is_none_or(|before| before == root),
            "two roots for {size}"
        );
    }

    fn open(&self, process: Process) -> Result<DurableLog<Process>, Error> {
        let world = self.clone();
        let publish = move |head: &DurableHead| {
            world.sign(head);
            Some(note(head))
        };
        DurableLog::open(process, GEOMETRY, Box::new(publish))
    }

    fn append(&self, log: &DurableLog<Process>, bodies: &[&str]) -> Result<(), Error> {
        let appended = log.append(bodies.iter().map(|body| entry(body)).collect())?;
        self.sign(&appended.head());
        let mut seen = self.0.lock().unwrap();
        for (index, body) in (appended.first_index()..).zip(bodies) {
            let proof = appended.proof(index).unwrap();
            let root = appended.head().head().root;
            proof.verify(leaf_hash(body.as_bytes()), &root).unwrap();
            let before = seen.acknowledged.insert(index, body.as_bytes().to_vec());
            assert!(before.is_none(), "index {index} was given twice");
        }
        Ok(())
    }

    /// Checks from a new process that nothing the world has seen is lost or contradicted.
    fn check(&self, model: &Model) {
        let log = self.open(model.process(Fate::default())).unwrap();
        let head = log.head().unwrap();
        self.sign(&head);
        let seen = self.0.lock().unwrap();
        for (index, body) in &seen.acknowledged {
            let (entry, proof, proven) = log.entry_with_proof(*index).unwrap();
            assert_eq!(&entry.body, body, "index {index}");
            assert_eq!(entry.note, note_of(body));
            assert_eq!(proven, head);
            assert_eq!(proof.index, *index);
        }
        for (size, root) in &seen.roots {
            // Checked there by a consistency proof.
            assert_eq!(log.root_of(*size).unwrap(), *root, "size {size}");
        }
        drop(seen);
        let report = fsck(&log);
        assert_eq!(report.faults, []);
        assert_eq!(&report.head, head.head());
    }
}

fn fsck(log: &DurableLog<Process>) -> Report {
    log.fsck(&mut |_, _| {}).unwrap()
}

fn note_of(body: &[u8]) -> Vec<u8> {
    [b"note of ", body].concat()
}

fn entry(body: &str) -> Entry {
    Entry {
        body: body.as_bytes().to_vec(),
        note: note_of(body.as_bytes()),
    }
}

fn note(head: &DurableHead) -> String {
    let text = Checkpoint::of("log.example", head).to_string();
    let mut note = SignedNote::new(text).unwrap();
    note.add(NoteSignature {
        name: "log.example".to_owned(),
        key_hint: [1; 4],
        signature: vec![7; 64],
    })
    .unwrap();
    note.to_string()
}

const HISTORY: &[&[&str]] = &[
    &["a"],
    &["b", "c"],
    &["d", "e"],
    &["f", "g", "h", "i", "j", "k", "l", "m", "n"],
    &["o"],
    &["p", "q"],
    &["r", "s", "t"],
];

/// Appends the history until something fails.
fn run(world: &World, process: Process) -> Result<DurableLog<Process>, Error> {
    let log = world.open(process)?;
    for bodies in HISTORY {
        world.append(&log, bodies)?;
    }
    Ok(log)
}

fn operations_of_history() -> u64 {
    let model = Model::new();
    let log = run(&World::default(), model.process(Fate::default())).unwrap();
    log.layer().operations()
}

fn lucks() -> impl Iterator<Item = Luck> {
    [Luck::LosesAll, Luck::LosesNothing]
        .into_iter()
        .chain((0..40).map(Luck::Random))
}

fn dying(at: u64) -> Fate {
    Fate {
        dies_at: Some(at),
        ..Fate::default()
    }
}

#[test]
fn a_power_cut_at_any_step_loses_nothing_that_was_acknowledged() {
    for step in 0..operations_of_history() {
        let model = Model::new();
        let world = World::default();
        let _ = run(&world, model.process(dying(step)));
        for mut luck in lucks() {
            let world = world.fork();
            let model = model.fork();
            model.cut_power(&mut luck);
            world.check(&model);
            let log = world.open(model.process(Fate::default())).unwrap();
            world.append(&log, &["after"]).unwrap();
            model.cut_power(&mut luck);
            world.check(&model);
        }
    }
}

#[test]
fn a_kill_at_any_step_loses_nothing_and_the_next_process_goes_on() {
    for step in 0..operations_of_history() {
        let model = Model::new();
        let world = World::default();
        let _ = run(&world, model.process(dying(step)));
        world.fork().check(&model.fork());
        let log = world.open(model.process(Fate::default())).unwrap();
        world.append(&log, &["after", "that"]).unwrap();
        world.check(&model);
    }
}

#[test]
fn a_second_crash_while_the_first_is_being_recovered_loses_nothing() {
    for first in 0..operations_of_history() {
        let model = Model::new();
        let world = World::default();
        let _ = run(&world, model.process(dying(first)));
        for second in 0..12 {
            for mut luck in [Luck::LosesAll, Luck::Random(first * 100 + second)] {
                let world = world.fork();
                let model = model.fork();
                let again = world.open(model.process(dying(second))).unwrap();
                let _ = world.append(&again, &["x", "y"]);
                let _ = world.append(&again, &["z"]);
                model.cut_power(&mut luck);
                world.check(&model);
                let log = world.open(model.process(Fate::default())).unwrap();
                world.append(&log, &["after"]).unwrap();
                model.cut_power(&mut Luck::LosesAll);
                world.check(&model);
            }
        }
    }
}

#[test]
fn an_operation_that_fails_is_an_error_and_the_process_goes_on() {
    for step in 0..operations_of_history() {
        let model = Model::new();
        let world = World::default();
        let log = world
            .open(model.process(Fate {
                fails_at: Some(step),
                ..Fate::default()
            }))
            .unwrap();
        let failed = HISTORY
            .iter()
            .filter_map(|bodies| world.append(&log, bodies).err())
            .inspect(|error| assert_eq!(error.code().as_str(), "store.no-space"))
            .count();
        assert!(failed <= 1, "step {step}");
        world.fork().check(&model.fork());
        for mut luck in lucks().take(8) {
            let model = model.fork();
            model.cut_power(&mut luck);
            world.fork().check(&model);
        }
    }
}

#[test]
fn two_processes_that_take_turns_and_die_see_each_other() {
    for first_dies in 0..40 {
        for second_dies in [3, 9, 17, 1000] {
            let model = Model::new();
            let world = World::default();
            let first = world.open(model.process(dying(first_dies))).unwrap();
            let second = world.open(model.process(dying(second_dies))).unwrap();
            for bodies in HISTORY {
                let _ = world.append(&first, bodies);
                let _ = world.append(&second, bodies);
                if let Ok(head) = second.head() {
                    world.sign(&head);
                }
            }
            for mut luck in lucks().take(6) {
                let (world, model) = (world.fork(), model.fork());
                model.cut_power(&mut luck);
                world.check(&model);
            }
            world.check(&model);
        }
    }
}

#[test]
fn random_histories_survive_random_crashes() {
    for seed in 0..12_u64 {
        let mut random = Luck::Random(seed);
        let mut draw = |bits: u32| (0..bits).fold(0, |n, _| 2 * n + u64::from(random.keeps()));
        let model = Model::new();
        let world = World::default();
        for life in 0..6 {
            let log = world.open(model.process(dying(draw(6)))).unwrap();
            loop {
                let count = 1 + draw(if life == 3 { 7 } else { 3 });
                let bodies: Vec<_> = (0..count).map(|n| format!("{seed}-{life}-{n}")).collect();
                let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
                if world.append(&log, &bodies).is_err() {
                    break;
                }
            }
            if draw(1) == 1 {
                model.cut_power(&mut Luck::Random(seed + life));
            }
            world.check(&model);
        }
    }
}

#[test]
fn an_append_costs_one_sync_and_two_where_a_segment_begins() {
    let model = Model::new();
    let world = World::default();
    let log = world.open(model.process(Fate::default())).unwrap();
    world.append(&log, &["first"]).unwrap();
    let mut costs = Vec::new();
    for _ in 0..12 {
        let before = log.layer().syncs();
        world.append(&log, &["x"]).unwrap();
        costs.push(log.layer().syncs() - before);
    }
    assert_eq!(costs, [1, 1, 1, 2, 1, 1, 1, 2, 1, 1, 1, 2]);
}

#[test]
fn opening_and_appending_reads_no_more_in_a_large_log() {
    let cost = |entries: usize| {
        let model = Model::new();
        let log = World::default()
            .open(model.process(Fate::default()))
            .unwrap();
        for chunk in (0..entries).collect::<Vec<_>>().chunks(100) {
            let bodies = chunk.iter().map(|n| entry(&n.to_string())).collect();
            log.append(bodies).unwrap();
        }
        for body in ["u", "v"] {
            log.append(vec![entry(body)]).unwrap();
        }
        let log = World::default()
            .open(model.process(Fate::default()))
            .unwrap();
        let bodies = ["x", "y", "z"].map(entry).to_vec();
        let appended = log.append(bodies).unwrap();
        appended.proof(appended.first_index()).unwrap();
        log.layer().reads()
    };
    assert_eq!(cost(200), cost(20_000));
    assert!(cost(20_000) < 12, "{}", cost(20_000));
}

#[test]
fn threads_share_syncs_and_get_their_own_proofs() {
    let model = Model::new();
    let world = World::default();
    let log = world.open(model.process(Fate::default())).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (log, world) = (&log, &world);
            scope.spawn(move || {
                for n in 0..20 {
                    let body = format!("{thread}-{n}");
                    world.append(log, &[&body, "second"]).unwrap();
                }
            });
        }
    });
    assert_eq!(log.head().unwrap().head().size, 320);
    world.check(&model);
}

#[test]
fn an_empty_append_answers_with_the_tree_as_it_is() {
    let model = Model::new();
    let world = World::default();
    let log = world.open(model.process(Fate::default())).unwrap();
    assert_eq!(
        log.append(Vec::new()).unwrap().head().head(),
        &TreeHead::EMPTY
    );
    world.append(&log, &["a"]).unwrap();
    let appended = log.append(Vec::new()).unwrap();
    assert_eq!((appended.first_index(), appended.count()), (1, 0));
    assert_eq!(appended.head(), log.head().unwrap());
}

#[test]
fn refuses_what_no_batch_takes() {
    let model = Model::new();
    let log = World::default()
        .open(model.process(Fate::default()))
        .unwrap();
    let code = |entries: Vec<Entry>| log.append(entries).unwrap_err().code().as_str();
    let sized = |body: usize, note: usize| Entry {
        body: vec![0; body],
        note: vec![0; note],
    };
    assert_eq!(code(vec![sized(65_536, 0)]), "tlog.entry-too-large");
    assert_eq!(code(vec![sized(0, 65_536)]), "tlog.entry-too-large");
    assert_eq!(code(vec![sized(0, 0); 4097]), "store.batch-too-large");
    assert_eq!(code(vec![sized(65_535, 0); 129]), "store.batch-too-large");
    assert_eq!(log.head().unwrap().head(), &TreeHead::EMPTY);
    log.append(vec![sized(65_535, 0); 128]).unwrap();
    log.append(vec![sized(0, 0); 4096]).unwrap();
    assert_eq!(log.head().unwrap().head().size, 128 + 4096);
    assert_eq!(
        log.entry(4224).unwrap_err().code().as_str(),
        "store.no-entry"
    );
}

#[test]
fn tiles_entries_and_proofs_between_sizes_can_be_read() {
    let model = Model::new();
    let world = World::default();
    let log = world.open(model.process(Fate::default())).unwrap();
    let bodies: Vec<String> = (0..600).map(|number| number.to_string()).collect();
    for chunk in bodies.chunks(7) {
        let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
        world.append(&log, &chunk).unwrap();
    }
    let leaves: Vec<Hash> = bodies
        .iter()
        .map(|body| leaf_hash(body.as_bytes()))
        .collect();
    let tile = |path: &str| log.tile(path.parse().unwrap()).unwrap();
    assert_eq!(tile("tile/0/000").unwrap(), leaves[..256]);
    assert_eq!(tile("tile/0/001").unwrap(), leaves[256..512]);
    assert_eq!(tile("tile/0/002.p/88").unwrap(), leaves[512..]);
    assert_eq!(tile("tile/0/002.p/5").unwrap(), leaves[512..517]);
    assert_eq!(tile("tile/0/001.p/5").unwrap(), leaves[256..261]);
    assert_eq!(tile("tile/1/000.p/2").unwrap().len(), 2);
    for absent in [
        "tile/0/002",
        "tile/0/002.p/89",
        "tile/1/000",
        "tile/2/000.p/1",
    ] {
        assert_eq!(tile(absent), None, "{absent}");
    }
    for first in [0, 1, 6, 255, 599, 600, 700] {
        let mut found = Vec::new();
        let mut visit = |index: u64, entry: Entry| {
            found.push((index, entry.body));
            ControlFlow::Continue(())
        };
        log.entries_from(first, &mut visit).unwrap();
        let wanted = bodies
            .iter()
            .enumerate()
            .skip(usize::try_from(first).unwrap());
        assert!(
            found
                .into_iter()
                .eq(wanted.map(|(index, body)| (index as u64, body.as_bytes().to_vec()))),
            "{first}"
        );
    }
    let mut count = 0;
    let mut three = |_, _| {
        count += 1;
        if count == 3 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    };
    log.entries_from(5, &mut three).unwrap();
    assert_eq!(count, 3);
    for (old, new) in [(0, 1), (1, 1), (3, 600), (256, 511), (599, 600)] {
        let (proof, root) = log.consistency_between(old, new).unwrap();
        assert_eq!(root, log.root_of(new).unwrap());
        proof.verify(&log.root_of(old).unwrap(), &root).unwrap();
    }
    for (old, new) in [(2, 1), (1, 601)] {
        let error = log.consistency_between(old, new).unwrap_err();
        assert_eq!(error.code().as_str(), "tlog.consistency-invalid");
    }
}

/// Without the checkpoint, which a power cut may take, the end of the log is where its records end.
#[test]
fn damage_before_the_last_record_is_noticed_without_a_checkpoint() {
    let model = Model::new();
    let world = World::default();
    let log = world.open(model.process(Fate::default())).unwrap();
    // Three records in the first segment, header and two records in the second.
    for bodies in [&["a"][..], &["b"], &["c", "d"], &["e"], &["f"]] {
        world.append(&log, bodies).unwrap();
    }
    model.cut_power(&mut Luck::LosesNothing);
    model.damage(CHECKPOINT, |bytes| bytes.truncate(10));
    let open = |model: &Model| {
        let log = world.open(model.process(Fate::default()))?;
        log.head().map(|head| head.head().size)
    };
    assert_eq!(open(&model.fork()).unwrap(), 6);
    let second = segment::path(1);
    let layer = model.process(Fate::default());
    let bytes = layer.read_at(&second, 0, 1 << 20).unwrap();
    let mut reader = segment::Reader::new(&layer, 1);
    reader.header().unwrap().unwrap();
    let first = usize::try_from(reader.offset()).unwrap();
    reader.batch().unwrap().unwrap();
    let last = usize::try_from(reader.offset()).unwrap();
    let prefix = crate::frame::PREFIX;
    for place in 0..bytes.len() {
        let damaged = model.fork();
        damaged.damage(&second, |bytes| bytes[place] ^= 1);
        let opened = open(&damaged).map_err(|error| error.code().as_str());
        let found = fsck(&DurableLog::new(
            damaged.process(Fate::default()),
            GEOMETRY,
            Box::new(|_| None),
        ));
        let is_sound = found.faults.is_empty();
        // What says how long a record is has no copy, and nothing follows the last one.
        let is_length = place < prefix || (first..first + prefix).contains(&place);
        if place >= last || is_length {
            continue;
        }
        assert_eq!(opened, Err("store.log-damaged"), "byte {place}");
        assert!(!is_sound, "byte {place}");
    }
}

#[test]
fn batches_are_as_few_as_the_limits_allow() {
    let sized = |body: usize, note: usize| Entry {
        body: vec![0; body],
        note: vec![0; note],
    };
    let lengths = |entries: Vec<Entry>| -> Vec<usize> {
        let batches = Geometry::batches(entries.clone()).unwrap();
        assert_eq!(batches.concat(), entries);
        for batch in &batches {
            measure(batch).unwrap();
        }
        batches.iter().map(Vec::len).collect()
    };
    assert_eq!(lengths(Vec::new()), [0; 0]);
    assert_eq!(lengths(vec![sized(1, 1)]), [1]);
    assert_eq!(lengths(vec![sized(1, 1); 4096]), [4096]);
    assert_eq!(lengths(vec![sized(1, 1); 4097]), [4096, 1]);
    assert_eq!(lengths(vec![sized(1 << 15, 1 << 15); 129]), [128, 1]);
    assert_eq!(lengths(vec![sized(1 << 15, 1 + (1 << 15)); 128]), [127, 1]);
    let error = Geometry::batches(vec![sized(1, 1), sized(65_536, 0)]).unwrap_err();
    assert_eq!(error.code().as_str(), "tlog.entry-too-large");
}

#[test]
fn a_lock_held_elsewhere_is_said() {
    let model = Model::new();
    let other = model.process(Fate::default());
    let _held = other.lock(LOCK).unwrap();
    let log = World::default()
        .open(model.process(Fate::default()))
        .unwrap();
    let error = log.append(vec![entry("a")]).unwrap_err();
    assert_eq!(error.code().as_str(), "store.locked");
}

impl World {
    fn fork(&self) -> Self {
        let seen = self.0.lock().unwrap();
        Self(Arc::new(Mutex::new(Seen {
            roots: seen.roots.clone(),
            acknowledged: seen.acknowledged.clone(),
        })))
    }
}

#[test]
fn refuses_to_go_on_where_acknowledged_entries_are_gone() {
    let model = Model::new();
    let world = World::default();
    drop(run(&world, model.process(Fate::default())).unwrap());
    let codes = |change: &dyn Fn(&Model)| {
        let model = model.fork();
        change(&model);
        let opened = world.fork().open(model.process(Fate::default()));
        let log = DurableLog::new(model.process(Fate::default()), GEOMETRY, Box::new(|_| None));
        let appended = log.append(vec![entry("after")]).unwrap_err();
        let code = appended.code().as_str();
        assert_eq!(opened.unwrap_err().code().as_str(), code);
        let faults = fsck(&log).faults;
        assert_eq!(faults.last().unwrap().code.as_str(), code);
        code
    };
    // The last segment holds entries 17 to 19.
    let last = segment::path(4);
    let cut = codes(&|model| model.damage(&last, |bytes| bytes.truncate(bytes.len() - 1)));
    assert_eq!(cut, "store.log-truncated");
    let emptied = codes(&|model| model.damage(&last, Vec::clear));
    assert_eq!(emptied, "store.log-truncated");
    let flipped = codes(&|model| {
        model.damage(&last, |bytes| {
            let end = bytes.len() - 40;
            bytes[end] ^= 1;
        });
    });
    assert_eq!(flipped, "store.log-truncated");
    // Another log's segment, whole in itself, under the right name.
    let foreign = codes(&|model| {
        let other = Model::new();
        let log = World::default()
            .open(other.process(Fate::default()))
            .unwrap();
        for (number, bodies) in HISTORY.iter().enumerate() {
            let bodies: Vec<_> = bodies
                .iter()
                .map(|body| format!("{number}{body}"))
                .collect();
            log.append(bodies.iter().map(|body| entry(body)).collect())
                .unwrap();
        }
        let bytes = log.layer().read_at(&last, 0, 1 << 20).unwrap();
        model.damage(&last, |to| *to = bytes);
    });
    assert_eq!(foreign, "store.log-forked");
}

#[test]
fn fsck_finds_what_an_append_does_not_look_at() {
    let model = Model::new();
    let world = World::default();
    drop(run(&world, model.process(Fate::default())).unwrap());
    model.damage(&segment::path(1), |bytes| {
        let end = bytes.len() - 40;
        bytes[end] ^= 1;
    });
    let log = world.open(model.process(Fate::default())).unwrap();
    let codes: Vec<_> = fsck(&log)
        .faults
        .iter()
        .map(|fault| fault.code.as_str())
        .collect();
    assert_eq!(codes, ["store.log-damaged"]);
    assert_eq!(
        log.entry(7).unwrap_err().code().as_str(),
        "store.log-damaged"
    );
    assert_eq!(log.entry(4).unwrap().body, b"e");
}

#[test]
fn a_log_is_opened_with_the_geometry_it_was_made_with() {
    let model = Model::new();
    drop(run(&World::default(), model.process(Fate::default())).unwrap());
    let other = Geometry { segment_entries: 5 };
    let opened = DurableLog::open(model.process(Fate::default()), other, Box::new(|_| None));
    assert_eq!(opened.unwrap_err().code().as_str(), "store.log-damaged");
}

#[test]
fn where_nothing_can_be_written_everything_whole_is_read() {
    for step in 0..operations_of_history() {
        let model = Model::new();
        let world = World::default();
        let _ = run(&world, model.process(dying(step)));
        let reader = Fate {
            access: Access::Read,
            ..Fate::default()
        };
        let log = DurableLog::open(model.process(reader), GEOMETRY, Box::new(|_| None)).unwrap();
        let head = log.head().unwrap();
        for (index, body) in &world.0.lock().unwrap().acknowledged {
            assert_eq!(&log.entry_with_proof(*index).unwrap().0.body, body);
        }
        if step > 8 {
            assert!(head.head().size > 0);
            let error = log.append(vec![entry("after")]).unwrap_err();
            assert_eq!(error.code().as_str(), "store.io-failed");
        }
        world.check(&model);
    }
}
