//! The one place that changes a [`View`]: a snapshot, and then changes to it, in the platform's order.
//!
//! Snapshots and patches are numbered one after the other. A number that was seen is ignored, a missing one
//! means that the view is no longer right: only a new snapshot helps. Everything else a platform tells
//! (faults, signs of life) has no number of its own and changes nothing.

use super::fault::{Fault, Trouble};
use super::view::{Agent, Call, Conference, Conversation, Features, Notification, View, WrapUp};

/// What a platform tells, with its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// The number; means something for snapshots and patches only.
    pub seq: u64,
    /// What it tells.
    pub update: Update,
}

/// What a platform tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// Everything.
    Snapshot(Box<View>),
    /// One change.
    Patch(Patch),
    /// Something went wrong.
    Fault(Fault),
    /// The desk does not go on.
    Trouble(Trouble),
    /// A sign of life.
    Keepalive,
    /// A question whether the desk is still there, with a number to answer with.
    Ping(u64),
    /// Something that this version does not know.
    Other,
}

/// One change of a [`View`]. What is changed is replaced as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Patch {
    /// The agent.
    Agent(Box<Agent>),
    /// A call, by its id.
    Call(Box<Call>),
    /// A call is gone.
    CallGone(String),
    /// The time for notes.
    WrapUp(WrapUp),
    /// A conversation, by the other party's number.
    Conversation(Box<Conversation>),
    /// A conversation is gone; by the other party's number, or by its id (the platform's documents differ).
    ConversationGone(String),
    /// A conference, by its id.
    Conference(Box<Conference>),
    /// A conference is gone.
    ConferenceGone(String),
    /// What is switched on.
    Features(Box<Features>),
    /// Something that is told once and not kept.
    Notification(Box<Notification>),
    /// Something that this version does not know; it has a number all the same.
    Other,
}

/// What became of an update.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// The view was replaced or changed.
    Changed,
    /// Nothing to do: a repetition, or nothing that is kept.
    Same,
    /// Something is missing: the view is no longer right until there is a new snapshot.
    Gap,
    /// Something to tell the person once.
    Notification(Box<Notification>),
}

/// A view, and how far it has come. Times are milliseconds.
#[derive(Debug, Clone, Default)]
pub struct State {
    view: View,
    /// The number of the newest update that is in the view; `None` while the view cannot be trusted.
    seq: Option<u64>,
    /// When the platform last told the seconds left of the time for notes.
    wrap_up_at: u64,
}

impl State {
    /// The view.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Begins anew with the first snapshot of a stream: whatever was before is replaced, and so are its numbers.
    pub fn begin(&mut self, seq: u64, view: View, now: u64) {
        self.replace(view, now);
        self.seq = Some(seq);
    }

    /// Replaces the view by one that was asked for, outside of any stream.
    pub fn replace(&mut self, view: View, now: u64) {
        self.view = view;
        sort(&mut self.view.conversations);
        self.wrap_up_at = now;
        self.seq = None;
    }

    /// Takes in what the stream tells.
    pub fn take(&mut self, Numbered { seq, update }: Numbered, now: u64) -> Taken {
        match update {
            Update::Snapshot(view) => match self.seq {
                // A stream repeats its snapshot, or brings an older one: what came since is newer.
                Some(newest) if seq <= newest => Taken::Same,
                _ => {
                    self.begin(seq, *view, now);
                    Taken::Changed
                }
            },
            Update::Patch(patch) => match self.seq {
                // Without a snapshot there is nothing to change.
                None => Taken::Same,
                Some(newest) if seq <= newest => Taken::Same,
                Some(newest) if newest.checked_add(1) == Some(seq) => {
                    self.seq = Some(seq);
                    self.apply(patch, now)
                }
                Some(_) => {
                    self.seq = None;
                    Taken::Gap
                }
            },
            Update::Other => {
                // Whether it is numbered is not known: if it has the next number, it is.
                let next = self.seq.and_then(|newest| newest.checked_add(1));
                if next == Some(seq) {
                    self.seq = next;
                }
                Taken::Same
            }
            Update::Fault(_) | Update::Trouble(_) | Update::Keepalive | Update::Ping(_) => {
                Taken::Same
            }
        }
    }

    /// The whole seconds left of the time for notes at `now`, rounded up; `None` while there is none. Counted
    /// down here from what the platform told last. 0 says that the platform's word is waited for.
    pub fn wrap_up_left(&self, now: u64) -> Option<u32> {
        let wrap_up = &self.view.wrap_up;
        let gone = now.saturating_sub(self.wrap_up_at) / 1_000;
        let gone = u32::try_from(gone).unwrap_or(u32::MAX);
        wrap_up.active.then(|| wrap_up.seconds.saturating_sub(gone))
    }

    /// When [`State::wrap_up_left`] next says something else; `None` while it does not.
    pub fn wrap_up_ticks_at(&self, now: u64) -> Option<u64> {
        let left = self.wrap_up_left(now).filter(|&left| left > 0)?;
        let gone = u64::from(self.view.wrap_up.seconds - left);
        Some(self.wrap_up_at.saturating_add((gone + 1) * 1_000))
    }

    fn apply(&mut self, patch: Patch, now: u64) -> Taken {
        let view = &mut self.view;
        match patch {
            Patch::Agent(agent) => view.agent = *agent,
            Patch::Call(call) => upsert(&mut view.calls, *call, |old, new| old.id == new.id),
            Patch::CallGone(id) => view.calls.retain(|call| call.id != id),
            Patch::WrapUp(wrap_up) => {
                view.wrap_up = wrap_up;
                self.wrap_up_at = now;
            }
            Patch::Conversation(conversation) => {
                upsert(&mut view.conversations, *conversation, is_same);
                sort(&mut view.conversations);
            }
            Patch::ConversationGone(key) => view
                .conversations
                .retain(|conversation| *conversation.peer != *key && conversation.id != key),
            Patch::Conference(conference) => {
                upsert(&mut view.conferences, *conference, |old, new| {
                    old.id == new.id
                });
            }
            Patch::ConferenceGone(id) => view.conferences.retain(|conference| conference.id != id),
            Patch::Features(features) => view.features = Some(*features),
            Patch::Notification(notification) => return Taken::Notification(notification),
            Patch::Other => return Taken::Same,
        }
        Taken::Changed
    }
}

fn upsert<T>(all: &mut Vec<T>, new: T, is_same: impl Fn(&T, &T) -> bool) {
    match all.iter_mut().find(|old| is_same(old, &new)) {
        Some(old) => *old = new,
        None => all.push(new),
    }
}

/// There is one conversation for each number; its id may be given later.
fn is_same(old: &Conversation, new: &Conversation) -> bool {
    if new.peer.is_empty() {
        old.id == new.id
    } else {
        old.peer == new.peer
    }
}

/// The newest first; those of one time stay as they are. By insertion, because they are in order but for one,
/// and the library's sort costs 1 kB in the browser.
fn sort(conversations: &mut [Conversation]) {
    for end in 1..conversations.len() {
        for later in (1..=end).rev() {
            match conversations.get(later - 1..=later) {
                Some([one, other]) if one.last_at < other.last_at => {
                    conversations.swap(later - 1, later);
                }
                _ => break,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::CallState;
    use crate::desk::view::Private;

    fn call(id: &str, state: CallState) -> Call {
        Call {
            id: id.to_owned(),
            state,
            ..Call::default()
        }
    }

    fn upsert_call(seq: u64, id: &str, state: CallState) -> Numbered {
        let update = Update::Patch(Patch::Call(Box::new(call(id, state))));
        Numbered { seq, update }
    }

    fn patch(seq: u64, patch: Patch) -> Numbered {
        Numbered {
            seq,
            update: Update::Patch(patch),
        }
    }

    fn begun(seq: u64) -> State {
        let mut state = State::default();
        state.begin(seq, View::default(), 0);
        state
    }

    #[test]
    fn what_is_told_again_or_late_changes_nothing() {
        let mut state = begun(7);
        assert_eq!(
            state.take(upsert_call(8, "a", CallState::Ringing), 0),
            Taken::Changed
        );
        assert_eq!(
            state.take(upsert_call(9, "a", CallState::Connected), 0),
            Taken::Changed
        );
        for late in [7, 8, 9, 0] {
            let again = upsert_call(late, "a", CallState::Ringing);
            assert_eq!(state.take(again, 0), Taken::Same);
            let snapshot = Update::Snapshot(Box::default());
            let again = Numbered {
                seq: late,
                update: snapshot,
            };
            assert_eq!(state.take(again, 0), Taken::Same);
        }
        assert_eq!(state.view().calls, [call("a", CallState::Connected)]);
    }

    #[test]
    fn after_a_gap_only_a_snapshot_is_believed() {
        let mut state = begun(1);
        assert_eq!(
            state.take(upsert_call(3, "a", CallState::Ringing), 0),
            Taken::Gap
        );
        assert_eq!(
            state.take(upsert_call(2, "a", CallState::Ringing), 0),
            Taken::Same
        );
        assert_eq!(
            state.take(upsert_call(4, "a", CallState::Ringing), 0),
            Taken::Same
        );
        assert_eq!(state.view().calls, []);
        let view = View {
            calls: vec![call("b", CallState::Connected)],
            ..View::default()
        };
        let snapshot = Numbered {
            seq: 2,
            update: Update::Snapshot(Box::new(view)),
        };
        assert_eq!(state.take(snapshot, 0), Taken::Changed);
        assert_eq!(
            state.take(upsert_call(3, "b", CallState::Ended), 0),
            Taken::Changed
        );
    }

    #[test]
    fn a_number_that_cannot_grow_is_a_gap_and_no_panic() {
        let mut state = begun(u64::MAX);
        assert_eq!(
            state.take(upsert_call(0, "a", CallState::Ringing), 0),
            Taken::Same
        );
        let mut state = begun(0);
        assert_eq!(
            state.take(upsert_call(u64::MAX, "a", CallState::Ringing), 0),
            Taken::Gap
        );
    }

    #[test]
    fn faults_and_signs_of_life_have_no_number() {
        let mut state = begun(1);
        for update in [
            Update::Keepalive,
            Update::Ping(9),
            Update::Trouble(Trouble::Lost),
        ] {
            assert_eq!(state.take(Numbered { seq: 2, update }, 0), Taken::Same);
        }
        assert_eq!(
            state.take(upsert_call(2, "a", CallState::Ringing), 0),
            Taken::Changed
        );
    }

    #[test]
    fn what_is_not_known_counts_where_it_has_the_next_number() {
        let mut state = begun(1);
        assert_eq!(state.take(patch(2, Patch::Other), 0), Taken::Same);
        let unknown = |seq| Numbered {
            seq,
            update: Update::Other,
        };
        assert_eq!(state.take(unknown(3), 0), Taken::Same);
        assert_eq!(state.take(unknown(3), 0), Taken::Same);
        assert_eq!(
            state.take(upsert_call(4, "a", CallState::Ringing), 0),
            Taken::Changed
        );
    }

    #[test]
    fn a_notification_is_told_once_and_counts() {
        let mut state = begun(1);
        let told = Notification {
            kind: "cti.message".into(),
            ..Notification::default()
        };
        let update = || patch(2, Patch::Notification(Box::new(told.clone())));
        assert_eq!(
            state.take(update(), 0),
            Taken::Notification(Box::new(told.clone()))
        );
        assert_eq!(state.take(update(), 0), Taken::Same);
    }

    #[test]
    fn the_time_for_notes_is_counted_down_from_what_was_told_last() {
        let mut state = begun(1);
        assert_eq!(state.wrap_up_left(0), None);
        assert_eq!(state.wrap_up_ticks_at(0), None);
        let wrap_up = |seconds| {
            Patch::WrapUp(WrapUp {
                active: true,
                seconds,
                ..WrapUp::default()
            })
        };
        state.take(patch(2, wrap_up(30)), 10_000);
        assert_eq!(state.wrap_up_left(10_999), Some(30));
        assert_eq!(state.wrap_up_ticks_at(10_999), Some(11_000));
        assert_eq!(state.wrap_up_left(11_000), Some(29));
        assert_eq!(state.wrap_up_left(9_000), Some(30), "a clock set back");
        state.take(patch(3, wrap_up(45)), 20_000);
        assert_eq!(state.wrap_up_left(21_500), Some(44));
        assert_eq!(state.wrap_up_left(u64::MAX), Some(0), "not below nothing");
        assert_eq!(state.wrap_up_ticks_at(u64::MAX), None);
        state.take(patch(4, Patch::WrapUp(WrapUp::default())), 30_000);
        assert_eq!(state.wrap_up_left(30_000), None);
    }

    #[test]
    fn a_conversation_is_known_by_its_number_and_goes_by_number_or_id() {
        let conversation = |peer: &str, id: &str, last_at| {
            Box::new(Conversation {
                id: id.into(),
                peer: Private::new(peer),
                last_at,
                ..Conversation::default()
            })
        };
        let mut state = begun(0);
        state.take(patch(1, Patch::Conversation(conversation("+49", "", 1))), 0);
        state.take(
            patch(2, Patch::Conversation(conversation("+44", "c", 2))),
            0,
        );
        state.take(
            patch(3, Patch::Conversation(conversation("+49", "d", 3))),
            0,
        );
        let ids = |state: &State| -> Vec<String> {
            let all = state.view().conversations.iter();
            all.map(|conversation| conversation.id.clone()).collect()
        };
        assert_eq!(ids(&state), ["d", "c"], "the newest first");
        state.take(patch(4, Patch::ConversationGone("+49".into())), 0);
        assert_eq!(ids(&state), ["c"]);
        state.take(patch(5, Patch::ConversationGone("c".into())), 0);
        assert_eq!(ids(&state), [""; 0]);
    }
}
