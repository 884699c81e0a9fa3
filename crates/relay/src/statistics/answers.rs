//! How long callers wait for an answer.

use serde::Serialize;
use utoipa::ToSchema;

/// Who is answered within this time (seconds) is answered soon; what call centres mostly measure by.
pub const SOON: u64 = 20;

/// What is known of calls to the company.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Waits {
    /// Seconds until each answered call was.
    answered: Vec<u64>,
    /// How many nobody answered.
    missed: u64,
}

/// Answer times of calls to the company.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
#[schema(as = AnswerTimes)]
pub struct Answers {
    /// How many were answered, of those with a time.
    pub answered: u64,
    /// How many nobody answered.
    pub missed: u64,
    /// Half of the answered ones had to wait no longer than this, in seconds; null where none was.
    pub median: Option<u64>,
    /// Nine of ten had to wait no longer than this, in seconds.
    pub percentile_90: Option<u64>,
    /// How many were answered within 20 seconds.
    pub within_20_seconds: u64,
    /// Their share of all that were answered or missed, 0 to 1; null where there were none.
    pub share_within_20_seconds: Option<f64>,
}

impl Waits {
    /// A call that was answered after so many seconds.
    pub fn answered_after(&mut self, seconds: u64) {
        self.answered.push(seconds);
    }

    /// A call that nobody answered.
    pub const fn missed(&mut self) {
        self.missed += 1;
    }

    /// In figures.
    pub fn answers(mut self) -> Answers {
        self.answered.sort_unstable();
        let count = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        let answered = count(self.answered.len());
        let within = count(self.answered.partition_point(|seconds| *seconds <= SOON));
        let of = answered + self.missed;
        Answers {
            answered,
            missed: self.missed,
            median: at_rank(&self.answered, 50),
            percentile_90: at_rank(&self.answered, 90),
            within_20_seconds: within,
            #[expect(
                clippy::cast_precision_loss,
                reason = "counts of calls, shown in percent"
            )]
            share_within_20_seconds: (of > 0).then(|| within as f64 / of as f64),
        }
    }
}

/// The smallest of these, sorted, that so many percent of them do not exceed (the nearest rank).
fn at_rank(sorted: &[u64], percent: usize) -> Option<u64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(answered: &[u64], missed: u64) -> Answers {
        let mut waits = Waits::default();
        answered
            .iter()
            .for_each(|seconds| waits.answered_after(*seconds));
        (0..missed).for_each(|_| waits.missed());
        waits.answers()
    }

    #[test]
    fn ten_calls_give_the_figures_that_one_counts_by_hand() {
        let answers = of(&[30, 1, 20, 2, 21, 3, 4, 5, 6, 90], 2);
        assert_eq!((answers.median, answers.percentile_90), (Some(5), Some(30)));
        assert_eq!((answers.answered, answers.within_20_seconds), (10, 7));
        assert_eq!(answers.share_within_20_seconds, Some(7.0 / 12.0));
        assert_eq!(of(&[], 0), Answers::default());
        assert_eq!(of(&[], 3).share_within_20_seconds, Some(0.0));
        assert_eq!(
            (of(&[7], 0).median, of(&[7], 0).percentile_90),
            (Some(7), Some(7))
        );
    }

    proptest! {
        #[test]
        fn a_percentile_is_a_wait_that_so_many_did_not_exceed_and_no_smaller_one_is(
            waits in prop::collection::vec(0_u64..300, 1..200), missed in 0_u64..50,
        ) {
            let answers = of(&waits, missed);
            for (percent, found) in [(50, answers.median), (90, answers.percentile_90)] {
                let found = found.unwrap();
                prop_assert!(waits.contains(&found));
                let up_to = waits.iter().filter(|wait| **wait <= found).count();
                let below = waits.iter().filter(|wait| **wait < found).count();
                prop_assert!(up_to * 100 >= waits.len() * percent);
                prop_assert!(below * 100 < waits.len() * percent);
            }
            prop_assert!(answers.median <= answers.percentile_90);
            prop_assert!(answers.within_20_seconds <= answers.answered);
            let share = answers.share_within_20_seconds.unwrap();
            prop_assert!((0.0..=1.0).contains(&share));
        }
    }
}
