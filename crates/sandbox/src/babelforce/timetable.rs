//! What happens by itself, and when.

use super::acts::Act;
use super::calls::CallState;
use crate::exchange::Millis;

/// Something that is to be done at its time. Each looks first whether it is still wanted.
#[derive(Clone)]
pub(crate) enum Due {
    /// Moves a call on, unless somebody else has moved it from `from`.
    Progress { call: String, from: CallState },
    /// A step of a script.
    Act { call: String, act: Act },
    /// The wrap-up of an agent ends, unless its end was put off.
    EndWrapUp { agent: &'static str, ends: Millis },
    /// A sign of life on a stream.
    Beat { agent: &'static str, stream: u64 },
    /// Streams whose token has ended are closed.
    CheckTokens,
    /// A schedule's time has come; `made` tells it from an earlier one of the same name.
    Schedule {
        name: String,
        made: Millis,
        at: Millis,
    },
}

/// The tasks, by their time and then by when they were put in.
#[derive(Default)]
pub(crate) struct Timetable {
    entries: Vec<(Millis, Due)>,
}

impl Timetable {
    pub fn put(&mut self, at: Millis, task: Due) {
        let place = self.entries.partition_point(|(other, _)| *other <= at);
        self.entries.insert(place, (at, task));
    }

    /// The first task that is due.
    pub fn take_due(&mut self, now: Millis) -> Option<Due> {
        let due = self.entries.first().is_some_and(|(at, _)| *at <= now);
        due.then(|| self.entries.remove(0).1)
    }

    /// When the next task is due.
    pub fn next(&self) -> Option<Millis> {
        self.entries.first().map(|(at, _)| *at)
    }

    /// Takes out every task that `unwanted` names.
    pub fn drop_where(&mut self, unwanted: impl Fn(&Due) -> bool) {
        self.entries.retain(|(_, task)| !unwanted(task));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_come_in_the_order_of_their_times_and_then_of_their_putting_in() {
        let mut table = Timetable::default();
        let end = |ends| Due::EndWrapUp { agent: "a", ends };
        for (at, name) in [(30, 1), (10, 2), (30, 3), (20, 4)] {
            table.put(at, end(name));
        }
        assert_eq!(table.next(), Some(10));
        let mut order = Vec::new();
        while let Some(Due::EndWrapUp { ends, .. }) = table.take_due(30) {
            order.push(ends);
        }
        assert_eq!(order, [2, 4, 1, 3]);
    }
}
