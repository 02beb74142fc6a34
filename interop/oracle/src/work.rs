//! Judging many cases on several threads, each with peers of its own.

use std::fs;
use std::io;
use std::panic;
use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sealwright_core::Timestamp;
use serde_json::Value;

use crate::base::Bases;
use crate::base::Context;
use crate::base::Ours;
use crate::case::Case;
use crate::classes::Class;
use crate::classes::Difference;
use crate::forge::Forge;
use crate::judges::Judge;
use crate::options::Options;
use crate::peer::Peer;
use crate::peer::Theirs;
use crate::tally::Tally;

/// Cases that a thread takes at once.
const BATCH: u64 = 32;
/// So many of each kind of what we alone refuse are kept, when that is wanted.
const KEPT: u64 = 20;
/// More findings than this help nobody.
const MAX_FINDINGS: usize = 50;

/// Runs it; whether nothing was found.
pub(crate) fn run(options: &Options) -> io::Result<bool> {
    if !options.replay.is_empty() {
        return replay(options);
    }
    let mut bases = Bases::default();
    bases.conformance(&options.corpus, &fs::read(&options.public_root)?)?;
    for directory in &options.recorded {
        bases.recorded(directory)?;
    }
    let forge = Forge::new(&mut bases);
    println!(
        "{} bundles, {} contexts, seed {}",
        bases.bases.len(),
        bases.contexts.len(),
        options.seed
    );
    panic::set_hook(Box::new(|_| {}));
    let started = Instant::now();
    let next = AtomicU64::new(options.first);
    let tally = Mutex::new(Tally::default());
    let shared = Shared {
        options,
        bases: &bases,
        forge: &forge,
        next: &next,
        started,
        now: now(),
    };
    thread::scope(|scope| -> io::Result<()> {
        let threads: Vec<_> = (0..options.jobs)
            .map(|_| scope.spawn(|| shared.work(&tally)))
            .collect();
        for thread in threads {
            thread
                .join()
                .map_err(|_| io::Error::other("a thread panicked"))??;
        }
        Ok(())
    })?;
    let tally = tally
        .into_inner()
        .map_err(|_| io::Error::other("a thread panicked"))?;
    tally.print();
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{seconds:.0} s, {:.0} cases a second",
        tally.cases as f64 / seconds
    );
    if tally.cases * 2 < options.cases {
        println!(
            "FINDING only {} of {} cases were judged in time",
            tally.cases, options.cases
        );
        return Ok(false);
    }
    Ok(tally.findings.is_empty())
}

fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_seconds(i64::try_from(since.as_secs()).unwrap_or(0))
}

struct Shared<'a> {
    options: &'a Options,
    bases: &'a Bases,
    forge: &'a Forge,
    next: &'a AtomicU64,
    started: Instant,
    now: Timestamp,
}

impl Shared<'_> {
    fn work(&self, total: &Mutex<Tally>) -> io::Result<()> {
        let contexts = &self.bases.contexts;
        let mut rust = Peer::start(&self.options.judge, contexts)?;
        let mut python = self
            .options
            .python
            .as_ref()
            .map(|it| Peer::start(it, contexts))
            .transpose()?;
        let end = self.options.first + self.options.cases;
        let mut tally = Tally::default();
        loop {
            let first = self.next.fetch_add(BATCH, Ordering::Relaxed);
            let budget = self.options.budget.map(Duration::from_secs);
            let late = budget.is_some_and(|it| self.started.elapsed() > it);
            if first >= end || late || tally.findings.len() >= MAX_FINDINGS {
                break;
            }
            let cases: Vec<Case> = (first..end.min(first + BATCH))
                .map(|number| Case::make(self.options.seed, number, self.bases, self.forge))
                .collect();
            let asked: Vec<(usize, &[u8])> = cases
                .iter()
                .map(|it| (it.context, it.bytes.as_slice()))
                .collect();
            rust.ask(&asked);
            let ours: Vec<Option<Ours>> = cases.iter().map(|it| self.ours(it)).collect();
            let theirs = rust.verdicts(&asked)?;
            for ((case, ours), theirs) in cases.iter().zip(ours).zip(theirs) {
                let Some(ours) = ours else {
                    let why = "we panic";
                    let small = case
                        .clone()
                        .minimised(self.bases, |it| self.ours(it).is_none());
                    tally.findings.push(self.save(&small, why));
                    continue;
                };
                tally.cases += 1;
                let one_in = match &ours {
                    Ours::Accepted => self.options.sample_accepted,
                    Ours::Refused(_) => self.options.sample,
                };
                match &ours {
                    Ours::Accepted => tally.accepted += 1,
                    Ours::Refused(it) => *tally.codes.entry(it.code.clone()).or_default() += 1,
                }
                self.compare(Judge::Rust, case, &ours, &theirs, &mut rust, &mut tally)?;
                if let Some(python) = &mut python
                    && case.number % one_in == 0
                {
                    let theirs = python.judge(case.context, &case.bytes)?;
                    self.compare(Judge::Python, case, &ours, &theirs, python, &mut tally)?;
                }
            }
        }
        total
            .lock()
            .map_err(|_| io::Error::other("a thread panicked"))?
            .add(tally);
        Ok(())
    }

    /// Our verdict; `None` when we panic.
    fn ours(&self, case: &Case) -> Option<Ours> {
        let context = self.bases.contexts.get(case.context)?;
        panic::catch_unwind(|| context.judge(&case.bytes, self.now)).ok()
    }

    fn compare(
        &self,
        judge: Judge,
        case: &Case,
        ours: &Ours,
        theirs: &Theirs,
        peer: &mut Peer<'_>,
        tally: &mut Tally,
    ) -> io::Result<()> {
        let counts = tally.judged.entry(judge).or_default();
        counts[0] += 1;
        match (ours, theirs) {
            (_, Theirs::Crashed) => counts[3] += 1,
            (_, Theirs::Skipped) => counts[0] -= 1,
            (Ours::Accepted, Theirs::Accepted) => counts[1] += 1,
            (Ours::Refused(_), Theirs::Refused(_)) => counts[2] += 1,
            (Ours::Refused(refusal), Theirs::Accepted) => {
                let entry = (judge, refusal.code.clone());
                let counted = tally.stricter.entry(entry).or_insert((0, case.number));
                counted.0 += 1;
                if self.options.keep_stricter && counted.0 <= KEPT {
                    self.save(case, &format!("{}: {}", refusal.code, refusal.message));
                }
            }
            (Ours::Accepted, Theirs::Refused(why)) => {
                if let Some(class) = self.class(judge, case, why, peer) {
                    *tally.classes.entry((judge, class)).or_default() += 1;
                    return Ok(());
                }
                let mut smallest = why.clone();
                let small = case.clone().minimised(self.bases, |it| {
                    if self.ours(it) != Some(Ours::Accepted) {
                        return false;
                    }
                    match peer.judge(it.context, &it.bytes) {
                        Ok(Theirs::Refused(why)) => {
                            let of_interest = self.class(judge, it, &why, peer).is_none();
                            if of_interest {
                                smallest = why;
                            }
                            of_interest
                        }
                        _ => false,
                    }
                });
                let finding = self.save(&small, &format!("{} refuses: {smallest}", judge.name()));
                tally.findings.push(finding);
            }
        }
        Ok(())
    }

    fn class(&self, judge: Judge, case: &Case, why: &str, peer: &mut Peer<'_>) -> Option<Class> {
        let context = self.bases.contexts.get(case.context)?;
        classify(judge, context, (case.context, &case.bytes), why, peer)
    }

    /// Writes a case down, and says where.
    fn save(&self, case: &Case, why: &str) -> String {
        let path = self
            .options
            .save
            .join(format!("case-{}-{}.json", self.options.seed, case.number));
        if let Some(context) = self.bases.contexts.get(case.context) {
            let mut saved = context.to_json(0);
            saved["bundle"] = STANDARD.encode(&case.bytes).into();
            saved["origin"] = case.origin.as_str().into();
            saved["why"] = why.into();
            if let Err(error) = fs::write(&path, saved.to_string()) {
                return format!(
                    "case {} of {} cannot be saved ({error}): {why}",
                    case.number, case.origin
                );
            }
        }
        format!("{} ({}): {why}", path.display(), case.origin)
    }
}

fn classify(
    judge: Judge,
    context: &Context,
    (number, bytes): (usize, &[u8]),
    why: &str,
    peer: &mut Peer<'_>,
) -> Option<Class> {
    let difference = Difference {
        judge,
        context,
        bytes,
        why,
    };
    Class::of(&difference, |bundle| {
        peer.judge(number, bundle).unwrap_or(Theirs::Crashed)
    })
}

/// Judges saved cases again.
fn replay(options: &Options) -> io::Result<bool> {
    let mut good = true;
    for path in &options.replay {
        let invalid = || io::Error::other(format!("{} is no saved case", path.display()));
        let saved: Value = serde_json::from_slice(&fs::read(path)?)?;
        let context = Context::from_json(&saved).ok_or_else(invalid)?;
        let bundle = saved["bundle"]
            .as_str()
            .and_then(|it| STANDARD.decode(it).ok())
            .ok_or_else(invalid)?;
        let ours = context.judge(&bundle, now());
        println!(
            "{}: {}",
            path.display(),
            saved["origin"].as_str().unwrap_or_default()
        );
        println!("  ours             {ours:?}");
        let contexts = [context];
        let peers = [
            (Judge::Rust, Some(&options.judge)),
            (Judge::Python, options.python.as_ref()),
        ];
        for (judge, command) in peers {
            let Some(command) = command else { continue };
            let mut peer = Peer::start(command, &contexts)?;
            let theirs = peer.judge(0, &bundle)?;
            let class = match (&ours, &theirs) {
                (Ours::Accepted, Theirs::Refused(why)) => {
                    let class = classify(judge, &contexts[0], (0, &bundle), why, &mut peer);
                    good &= class.is_some();
                    class.map_or_else(
                        || " IN NO CLASS".to_owned(),
                        |it| format!(" ({})", it.name()),
                    )
                }
                _ => String::new(),
            };
            println!("  {:<16} {theirs:?}{class}", judge.name());
        }
    }
    Ok(good)
}
