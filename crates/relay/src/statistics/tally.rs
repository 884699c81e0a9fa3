//! Counting: how often which word, by group and by hour of the day.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use patchcord_core::callback::CallbackState;
use patchcord_core::provider::past_calls::End;

/// Hours that a clock shows.
pub const HOURS: usize = 24;

/// One of a few fixed words by which is counted.
pub trait Word: Copy + PartialEq + 'static {
    /// All of them, in the order in which they are shown.
    const ALL: &'static [Self];

    /// As it is written in JSON and CSV.
    fn as_str(self) -> &'static str;
}

/// What became of a call that somebody clicked: the relay's own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// The platform took it.
    Accepted,
    /// The platform did not.
    Refused,
    /// Nobody knows.
    Unknown,
    /// The platform is being asked.
    Asking,
}

impl Word for Placed {
    const ALL: &'static [Self] = &[Self::Accepted, Self::Refused, Self::Unknown, Self::Asking];

    fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Unknown => "unknown",
            Self::Asking => "asking",
        }
    }
}

/// How a call ended, as a platform tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Both talked.
    Talked,
    /// Nobody answered.
    Missed,
    /// It could not be made.
    Failed,
    /// It goes on.
    Open,
    /// A word that is not known here.
    Other,
}

impl Word for Ended {
    const ALL: &'static [Self] = &[
        Self::Talked,
        Self::Missed,
        Self::Failed,
        Self::Open,
        Self::Other,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Talked => "talked",
            Self::Missed => "missed",
            Self::Failed => "failed",
            Self::Open => "open",
            Self::Other => "other",
        }
    }
}

impl From<&End> for Ended {
    fn from(end: &End) -> Self {
        match end {
            End::Open => Self::Open,
            End::Talked => Self::Talked,
            End::Missed(_) => Self::Missed,
            End::Failed(_) => Self::Failed,
            End::Other(_) => Self::Other,
        }
    }
}

impl Word for CallbackState {
    const ALL: &'static [Self] = &[
        Self::HandedOver,
        Self::Queued,
        Self::Due,
        Self::Dispatching,
        Self::Refused,
        Self::Expired,
        Self::Unknown,
        Self::Cancelled,
    ];

    fn as_str(self) -> &'static str {
        self.as_str()
    }
}

/// How often each word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts<W> {
    /// By the word's place among all of them.
    each: Vec<u64>,
    words: PhantomData<W>,
}

impl<W: Word> Default for Counts<W> {
    fn default() -> Self {
        Self {
            each: vec![0; W::ALL.len()],
            words: PhantomData,
        }
    }
}

impl<W: Word> Counts<W> {
    /// How often this one.
    pub fn of(&self, word: W) -> u64 {
        self.iter()
            .find_map(|(known, count)| (known == word).then_some(count))
            .unwrap_or_default()
    }

    /// How often any.
    pub fn total(&self) -> u64 {
        self.each.iter().sum()
    }

    /// Each word, in order, with how often.
    pub fn iter(&self) -> impl Iterator<Item = (W, u64)> {
        W::ALL.iter().copied().zip(self.each.iter().copied())
    }

    fn add(&mut self, word: W, times: u64) {
        let place = W::ALL.iter().position(|known| *known == word);
        if let Some(count) = place.and_then(|place| self.each.get_mut(place)) {
            *count += times;
        }
    }

    fn add_all(&mut self, other: &Self) {
        for (word, times) in other.iter() {
            self.add(word, times);
        }
    }
}

/// How often each word in each group, and at which hour of the day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally<G, W> {
    groups: BTreeMap<G, Counts<W>>,
    /// [`HOURS`] of them.
    hours: Vec<Counts<W>>,
    total: Counts<W>,
}

impl<G: Ord, W: Word> Default for Tally<G, W> {
    fn default() -> Self {
        Self {
            groups: BTreeMap::new(),
            hours: (0..HOURS).map(|_| Counts::default()).collect(),
            total: Counts::default(),
        }
    }
}

impl<G: Ord, W: Word> Tally<G, W> {
    /// Counts. `hour` is 0 to 23; `None` where the time is not known, and then it is in no hour.
    pub fn add(&mut self, group: G, word: W, hour: Option<usize>, times: u64) {
        self.groups.entry(group).or_default().add(word, times);
        self.total.add(word, times);
        if let Some(counts) = hour.and_then(|hour| self.hours.get_mut(hour)) {
            counts.add(word, times);
        }
    }

    /// All groups together.
    pub const fn total(&self) -> &Counts<W> {
        &self.total
    }

    /// Each group.
    pub fn groups(&self) -> impl Iterator<Item = (&G, &Counts<W>)> {
        self.groups.iter()
    }

    /// Each hour of the day, from 0.
    pub fn hours(&self) -> &[Counts<W>] {
        &self.hours
    }

    /// The groups put together by something that some of them share; those with most first.
    pub fn by<'t, K: Ord>(&'t self, key: impl Fn(&'t G) -> K) -> Vec<(K, Counts<W>)> {
        let mut together: BTreeMap<K, Counts<W>> = BTreeMap::new();
        for (group, counts) in &self.groups {
            together.entry(key(group)).or_default().add_all(counts);
        }
        let mut sorted: Vec<_> = together.into_iter().collect();
        // Stable: equal ones stay in the order of their names.
        sorted.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.total()));
        sorted
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Which of what was seen.
    type Only<'o> = &'o dyn Fn(&(u8, u8), Option<usize>) -> bool;

    fn any_seen() -> impl Strategy<Value = ((u8, u8), Ended, Option<usize>, u64)> {
        let word = (0..Ended::ALL.len()).prop_map(|nth| Ended::ALL[nth]);
        let hour = prop::option::of(0..HOURS);
        ((0_u8..4, 0_u8..6), word, hour, 0_u64..50)
    }

    #[test]
    fn every_state_of_a_callback_is_counted() {
        for state in CallbackState::ALL {
            let mut tally = Tally::default();
            tally.add((), *state, None, 1);
            assert_eq!(tally.total().of(*state), 1, "{}", state.as_str());
        }
    }

    proptest! {
        #[test]
        fn however_it_is_put_together_the_sums_are_those_of_what_was_counted(
            seen in prop::collection::vec(any_seen(), 0..80),
        ) {
            let mut tally = Tally::default();
            for (group, word, hour, times) in seen.clone() {
                tally.add(group, word, hour, times);
            }
            for word in Ended::ALL.iter().copied() {
                let counted = |only: Only<'_>| -> u64 {
                    seen.iter()
                        .filter(|(group, said, hour, _)| *said == word && only(group, *hour))
                        .map(|(.., times)| times)
                        .sum()
                };
                prop_assert_eq!(tally.total().of(word), counted(&|_, _| true));
                let teams = tally.by(|group| group.0);
                for (team, counts) in &teams {
                    prop_assert_eq!(counts.of(word), counted(&|group, _| group.0 == *team));
                }
                let sum: u64 = tally.by(|group| group.1).iter().map(|(_, counts)| counts.of(word)).sum();
                prop_assert_eq!(sum, tally.total().of(word));
                for (hour, counts) in tally.hours().iter().enumerate() {
                    prop_assert_eq!(counts.of(word), counted(&|_, at| at == Some(hour)));
                }
            }
            let teams = tally.by(|group| group.0);
            prop_assert!(teams.is_sorted_by_key(|(_, counts)| std::cmp::Reverse(counts.total())));
            prop_assert_eq!(tally.total().total(), teams.iter().map(|(_, counts)| counts.total()).sum::<u64>());
        }
    }
}
