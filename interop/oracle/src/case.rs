//! One case: a bundle and the changes made to it, all from a seed and a number.

use serde_json::Value;

use crate::base::Bases;
use crate::der;
use crate::forge::Forge;
use crate::json;
use crate::random::Random;

/// A changed bundle.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) number: u64,
    pub(crate) context: usize,
    pub(crate) origin: String,
    start: Value,
    /// The seeds of the changes of the document, and of the text.
    edits: Vec<u64>,
    text: Option<u64>,
    pub(crate) bytes: Vec<u8>,
}

impl Case {
    pub(crate) fn make(seed: u64, number: u64, bases: &Bases, forge: &Forge) -> Self {
        let mut random = Random::of(seed, number);
        let (context, origin, start, most) = if random.once_in(2) {
            let forged = forge.make(&mut random);
            // Mostly as it was made.
            (
                forged.context,
                format!("forged {}", forged.how),
                forged.document,
                [0, 0, 0, 1][random.below(4)],
            )
        } else {
            let base = &bases.bases[random.below(bases.bases.len())];
            (
                base.context,
                base.name.clone(),
                base.document.clone(),
                [1, 1, 1, 2, 3][random.below(5)],
            )
        };
        let edits = (0..most).map(|_| random.next()).collect();
        let text = random.once_in(12).then(|| random.next());
        let mut case = Self {
            number,
            context,
            origin,
            start,
            edits,
            text,
            bytes: Vec::new(),
        };
        case.write(bases);
        case
    }

    /// Without one of the changes; `None` when there are not so many.
    fn without(&self, change: usize, bases: &Bases) -> Option<Self> {
        let mut case = self.clone();
        if change < case.edits.len() {
            case.edits.remove(change);
        } else if change == case.edits.len() && case.text.is_some() {
            case.text = None;
        } else {
            return None;
        }
        case.write(bases);
        Some(case)
    }

    /// The case with the fewest changes that still is of interest.
    pub(crate) fn minimised(
        mut self,
        bases: &Bases,
        mut interesting: impl FnMut(&Self) -> bool,
    ) -> Self {
        let mut change = 0;
        while let Some(smaller) = self.without(change, bases) {
            if interesting(&smaller) {
                self = smaller;
            } else {
                change += 1;
            }
        }
        self
    }

    fn write(&mut self, bases: &Bases) {
        let mut document = self.start.clone();
        for edit in &self.edits {
            let mut random = Random::of(*edit, 1);
            // Parts of two bundles are exchanged mostly between those that the same things judge.
            let donor = match random.below(3) {
                0 => random.pick(&bases.bases).map(|it| it.document.clone()),
                _ => {
                    let same: Vec<&Value> = bases
                        .bases
                        .iter()
                        .filter(|it| it.context == self.context)
                        .map(|it| &it.document)
                        .collect();
                    random
                        .pick(&same)
                        .map_or_else(|| Some(self.start.clone()), |it| Some((*it).clone()))
                }
            };
            let donors: Vec<Value> = donor.into_iter().collect();
            json::edit(&mut document, &donors, &mut random, 0);
        }
        self.bytes = document.to_string().into_bytes();
        if let Some(text) = self.text {
            let mut random = Random::of(text, 2);
            self.bytes = if random.once_in(2) {
                json::written(&document, &mut random)
            } else {
                damaged(&self.bytes, &mut random)
            };
        }
    }
}

/// Bytes cut out, put in, written twice or changed.
fn damaged(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let (a, b) = (random.below(bytes.len()), random.below(bytes.len()));
    let (from, to) = (a.min(b), a.max(b).min(a.min(b) + 64));
    let (before, cut, after) = (&bytes[..from], &bytes[from..to], &bytes[to..]);
    match random.below(6) {
        0 => before.to_vec(),
        1 => [before, after].concat(),
        2 => [before, cut, cut, after].concat(),
        3 => [before, &[random.byte()], cut, after].concat(),
        4 => [before, b" \n\t", cut, after].concat(),
        _ => der::flip(bytes, random),
    }
}
