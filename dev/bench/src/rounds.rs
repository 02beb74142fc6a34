//! Takes things in turn, round by round, so that a machine whose speed drifts slows all of them.

use crate::child::CommandLine;
use crate::child::Sample;

/// One thing to be measured.
pub(crate) struct Subject<'a>(Box<dyn FnMut(usize) -> anyhow::Result<Sample> + 'a>);

/// What each subject took in each round.
pub(crate) struct Rounds<const N: usize>(Vec<[Sample; N]>);

impl<'a> Subject<'a> {
    /// A command, run `runs` times a round; the round's sample is the median of each value.
    pub(crate) fn command(command: &'a CommandLine, runs: usize) -> Self {
        Self(Box::new(move |round| {
            let samples = command.measure(round * runs, runs)?;
            Ok(Sample {
                cpu: median(samples.iter().map(|it| it.cpu)),
                wall: median(samples.iter().map(|it| it.wall)),
                peak: samples.iter().map(|it| it.peak).fold(0.0, f64::max),
            })
        }))
    }

    /// Anything that measures itself.
    pub(crate) fn function(function: impl FnMut(usize) -> anyhow::Result<Sample> + 'a) -> Self {
        Self(Box::new(function))
    }
}

impl<const N: usize> Rounds<N> {
    /// Measures all subjects in turn, `count` times, after one round that is thrown away.
    pub(crate) fn measure(count: usize, mut subjects: [Subject<'_>; N]) -> anyhow::Result<Self> {
        let mut rounds = Vec::with_capacity(count);
        for round in 0..=count {
            let mut samples = [Sample::default(); N];
            for (sample, Subject(measure)) in samples.iter_mut().zip(&mut subjects) {
                *sample = measure(round)?;
            }
            if round > 0 {
                rounds.push(samples);
            }
        }
        Ok(Self(rounds))
    }

    /// The median over the rounds of a value made from one round's samples.
    pub(crate) fn median(&self, value: impl Fn(&[Sample; N]) -> f64) -> f64 {
        median(self.0.iter().map(value))
    }

    /// The largest such value.
    pub(crate) fn largest(&self, value: impl Fn(&[Sample; N]) -> f64) -> f64 {
        self.0.iter().map(value).fold(0.0, f64::max)
    }
}

fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    if values.len().is_multiple_of(2) {
        f64::midpoint(at(half.wrapping_sub(1)), at(half))
    } else {
        at(half)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_middle() {
        assert!((median([3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median([4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median([]).is_nan());
    }

    #[test]
    fn measures_in_turn_and_throws_the_first_round_away() {
        let order = std::cell::RefCell::new(Vec::new());
        let subject = |name: char, cpu: f64| {
            let order = &order;
            Subject::function(move |round| {
                order.borrow_mut().push((name, round));
                Ok(Sample {
                    cpu: if round == 0 { 1000.0 } else { cpu },
                    ..Sample::default()
                })
            })
        };
        let rounds = Rounds::measure(2, [subject('a', 6.0), subject('b', 2.0)]).unwrap();
        assert!((rounds.median(|[a, b]| a.cpu / b.cpu) - 3.0).abs() < f64::EPSILON);
        let wanted = [('a', 0), ('b', 0), ('a', 1), ('b', 1), ('a', 2), ('b', 2)];
        assert_eq!(*order.borrow(), wanted);
    }
}
