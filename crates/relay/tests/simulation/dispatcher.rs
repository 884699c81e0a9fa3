//! What the relays do: take up, ask, store, live and die, tell.

use patchcord_core::callback::CallbackState;
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_relay::store::callback::Callback;
use patchcord_relay::store::delivery::{self, Settled};
use patchcord_relay::{dispatch, outbox};

use super::faults::{Fault, Post};
use super::judge::shown;
use super::office::CRM;
use super::relays::Held;
use super::story::Story;

/// How long a message is left to the relay that took it, and how long until it is tried again.
const LEASE: i64 = 60_000;
const AGAIN: i64 = 5_000;

impl Story<'_> {
    pub(super) async fn take(&mut self, place: usize) {
        let relay = self.relays.at(place);
        let (now, run, free) = (
            self.now + relay.ahead,
            relay.run.clone(),
            usize::from(self.office.policy().at_once).saturating_sub(relay.held.len()),
        );
        if free == 0 {
            return;
        }
        let due = |row: &&Callback| {
            matches!(row.state, CallbackState::Queued | CallbackState::Due)
                && row.dispatch_at <= now
        };
        let mut waiting: Vec<Callback> = self.rows.iter().filter(due).cloned().collect();
        waiting.sort_by_key(|row| (row.dispatch_at, row.id.clone()));
        waiting.truncate(free);
        let office = self.office.clone();
        let most = i64::try_from(free).unwrap();
        let (kept, fault) = self
            .write(move |tx| {
                Box::pin(async move {
                    let (rules, channels) = (office.rules(), &office.channels);
                    dispatch::take_up(tx, &rules, channels, &run, most, now).await
                })
            })
            .await;
        let taken = match kept {
            None => return,
            Some(None) => {
                assert!(
                    self.judge.off,
                    "nothing is taken up though it is switched on"
                );
                self.happened("switched off");
                return;
            }
            Some(Some(taken)) => taken,
        };
        for verdict in self.judge.taken_up(&waiting, &taken, now) {
            self.happened(&format!("{verdict:?}"));
        }
        for row in taken {
            self.line(format!("relay {place} takes {}", shown(&row)));
            if row.state != CallbackState::Dispatching {
                continue;
            }
            let begun = self.promises.begin(&row.id);
            if fault == Fault::None {
                self.relays.at(place).held.push(Held {
                    callback: row,
                    begun,
                    taken_at: self.now,
                    outcome: None,
                });
            }
        }
        self.after(fault, place);
    }

    pub(super) fn after(&mut self, fault: Fault, place: usize) {
        if fault == Fault::Dies {
            self.die(place);
        }
    }

    pub(super) fn send(&mut self, place: usize) {
        let chosen = self.rng.u32(0..12);
        let dies = !self.healing && self.rng.u32(0..15) == 0;
        let within = i64::try_from(self.office.liveness().send_within().as_millis()).unwrap();
        let (now, healing) = (self.now, self.healing);
        let held = &mut self.relays.at(place).held;
        let Some(held) = held.iter_mut().find(|held| held.outcome.is_none()) else {
            return;
        };
        let (acted, outcome) = if now - held.taken_at > within {
            (false, refused(Code::ProviderUnreachable))
        } else if healing {
            (true, Outcome::Accepted)
        } else {
            match chosen {
                0 => (true, unknown(Code::NoReply)),
                1 => (false, unknown(Code::NoReply)),
                2 => (true, unknown(Code::ProviderError)),
                3 => (false, refused(Code::ProviderRefused)),
                4 | 5 => (false, refused(Code::ProviderBusy)),
                6 => (false, refused(Code::ProviderUnreachable)),
                _ => (true, Outcome::Accepted),
            }
        };
        let id = held.callback.id.clone();
        let line = format!("relay {place} asks for {id}: {outcome:?}, done: {acted}");
        held.outcome = Some(outcome);
        self.line(line);
        if acted {
            self.promises.of(&id).acted += 1;
        }
        if dies {
            self.die(place);
        }
    }

    pub(super) async fn settle(&mut self, place: usize) {
        let policy = self.office.policy();
        let relay = self.relays.at(place);
        let Some(at) = relay.held.iter().position(|held| held.outcome.is_some()) else {
            return;
        };
        let (now, held) = (self.now + relay.ahead, relay.held.remove(at));
        let (mut row, office) = (held.callback, self.office.clone());
        let Some(outcome) = held.outcome else { return };
        let (kept, fault) = self
            .write(move |tx| {
                Box::pin(async move {
                    outbox::settle(tx, &office.channels, &mut row, &outcome, policy, now).await?;
                    Ok(row)
                })
            })
            .await;
        // After a failure it stays as it is in the database, until this run is over.
        if let Some(row) = kept {
            self.line(format!("relay {place} stores {}", shown(&row)));
            if row.state == CallbackState::Due {
                self.judge.tried_again(&row, now);
                self.promises.did_nothing(&row.id, held.begun);
                self.happened("tried again");
            }
        }
        self.after(fault, place);
    }

    pub(super) fn die(&mut self, place: usize) {
        self.line(format!("relay {place} dies"));
        self.relays.die(place, self.now);
    }

    /// Says that it lives, and settles what those had in flight who are silent for too long: dead, or asleep.
    pub(super) async fn beat(&mut self, place: usize) {
        let silent = i64::try_from(self.office.liveness().dead_after.as_millis()).unwrap();
        let gone = self.relays.silent(place, self.now - silent);
        let now = self.now + self.relays.at(place).ahead;
        self.line(format!("relay {place} lives, and buries {gone:?}"));
        if gone.is_empty() {
            self.relays.at(place).beat = self.now;
            return;
        }
        let (office, runs) = (self.office.clone(), gone.clone());
        let (kept, fault) = self
            .write(move |tx| {
                Box::pin(async move {
                    for run in runs {
                        outbox::interrupt(tx, &office.channels, &run, now).await?;
                        delivery::interrupt(tx, &run).await?;
                    }
                    Ok(())
                })
            })
            .await;
        if kept.is_some() {
            self.relays.buried(&gone);
            self.relays.at(place).beat = self.now;
        }
        self.after(fault, place);
    }

    /// Tells the CRM what is to be told.
    pub(super) async fn deliver(&mut self, place: usize) {
        let relay = self.relays.at(place);
        let (now, run) = (self.now + relay.ahead, relay.run.clone());
        let (kept, fault) = self
            .write(move |tx| {
                Box::pin(async move { delivery::take(tx, CRM, &run, 1000, now, now + LEASE).await })
            })
            .await;
        let mut taken = kept.unwrap_or_default();
        if taken.is_empty() {
            return self.after(fault, place);
        }
        assert!(
            taken.is_sorted_by_key(|message| (message.due_at, message.created_at)),
            "alerts come first, then what waits longest"
        );
        if fault != Fault::None {
            return self.after(fault, place);
        }
        // Their ids are not of the story.
        taken.sort_by_key(|message| {
            let (kind, subject) = (message.r#type.clone(), message.subject.clone());
            (kind, subject, message.created_at)
        });
        let mut settled = Vec::new();
        let mut dies = false;
        for message in taken {
            let post = self.post();
            self.line(format!(
                "relay {place} tells {} of {}: {post:?}",
                message.r#type, message.subject
            ));
            self.happened(&format!("message: {post:?}"));
            if post != Post::Lost {
                self.told.arrive(&message, &self.promises);
            }
            match post {
                Post::Arrives => settled.push((message, Settled::Sent)),
                Post::Unheard | Post::Lost => {
                    settled.push((message, Settled::Again(now + AGAIN, "no answer".into())));
                }
                Post::Dies => {
                    dies = true;
                    break;
                }
            }
        }
        let (_, fault) = self
            .write(move |tx| {
                Box::pin(async move {
                    for (message, settled) in settled {
                        delivery::settle(tx, &message, &settled).await?;
                    }
                    Ok(())
                })
            })
            .await;
        if dies || fault == Fault::Dies {
            self.die(place);
        }
    }

    pub(super) fn post(&mut self) -> Post {
        match self.rng.u32(0..12) {
            _ if self.healing => Post::Arrives,
            0 => Post::Unheard,
            1 | 2 => Post::Lost,
            3 => Post::Dies,
            _ => Post::Arrives,
        }
    }
}

fn refused(code: Code) -> Outcome {
    Outcome::Refused(Because::code(code))
}

fn unknown(code: Code) -> Outcome {
    Outcome::Unknown(Because::code(code))
}
