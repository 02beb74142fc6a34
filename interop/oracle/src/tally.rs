//! What was counted.

use std::collections::BTreeMap;

use crate::classes::Class;
use crate::judges::Judge;

/// Counts of verdicts.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) cases: u64,
    pub(crate) accepted: u64,
    /// Each judge's: cases, both accept, both refuse, crashes.
    pub(crate) judged: BTreeMap<Judge, [u64; 4]>,
    pub(crate) classes: BTreeMap<(Judge, Class), u64>,
    /// Accepted by a peer alone, by our code, with the number of the first.
    pub(crate) stricter: BTreeMap<(Judge, String), (u64, u64)>,
    /// How many of our refusals have which code.
    pub(crate) codes: BTreeMap<String, u64>,
    /// Accepted by us alone, and in no class.
    pub(crate) findings: Vec<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Self) {
        self.cases += other.cases;
        self.accepted += other.accepted;
        for (judge, counts) in other.judged {
            let own = self.judged.entry(judge).or_default();
            for (own, count) in own.iter_mut().zip(counts) {
                *own += count;
            }
        }
        for (class, count) in other.classes {
            *self.classes.entry(class).or_default() += count;
        }
        for (code, count) in other.codes {
            *self.codes.entry(code).or_default() += count;
        }
        for (code, (count, first)) in other.stricter {
            let own = self.stricter.entry(code).or_insert((0, first));
            own.0 += count;
            own.1 = own.1.min(first);
        }
        self.findings.extend(other.findings);
    }

    pub(crate) fn print(&self) {
        println!("{} cases, {} accepted by us", self.cases, self.accepted);
        for (judge, [cases, accepted, refused, crashes]) in &self.judged {
            println!(
                "{}: {cases} cases, both accept {accepted}, both refuse {refused}, crashes of the peer {crashes}",
                judge.name()
            );
        }
        println!("accepted by us alone, by class:");
        for ((judge, class), count) in &self.classes {
            println!(
                "  {:>8}  {} {}: {}",
                count,
                judge.name(),
                class.name(),
                class.because()
            );
        }
        println!("accepted by the peer alone, by our code (first case):");
        for ((judge, code), (count, first)) in &self.stricter {
            println!("  {count:>8}  {} {code} (case {first})", judge.name());
        }
        println!("refused by us, by code:");
        for (code, count) in &self.codes {
            println!("  {count:>8}  {code}");
        }
        for finding in &self.findings {
            println!("FINDING {finding}");
        }
    }
}
