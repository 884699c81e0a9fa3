//! Visitors who ask to be called and call off, and people who decide, list numbers and flip the switch.

use patchcord_core::callback::CallbackState;
use patchcord_core::number::PhoneNumber;
use patchcord_relay::outbox::{self, Decided};
use patchcord_relay::schedule;
use patchcord_relay::store::alert::Decision;
use patchcord_relay::store::callback::{self, Callback, Changed};
use patchcord_relay::store::{delivery, do_not_call, switch};

use super::faults::Fault;
use super::judge::shown;
use super::office::TOPICS;
use super::story::{MINUTE, Story};

/// Whom visitors have called; the last in a country whose day is another.
const NUMBERS: [&str; 5] = [
    "+493012345670",
    "+493012345671",
    "+4915112345672",
    "+4915112345673",
    "+12025550143",
];

impl Story<'_> {
    pub(super) async fn intake(&mut self) {
        // So many zones take their time.
        let number = match self.rng.u32(0..30) {
            0 => NUMBERS[4],
            _ => NUMBERS[self.rng.usize(0..4)],
        };
        let topic = TOPICS[self.rng.usize(0..TOPICS.len())];
        let parsed: PhoneNumber = number.parse().unwrap();
        let (office, now) = (self.office.clone(), self.now);
        let entry = &office.config.topics[topic];
        let at = match self.rng.u32(0..10) {
            0..6 => None,
            6..8 => Some(now + self.rng.i64(-2..40 * 60) * MINUTE),
            _ => {
                let from = now + self.rng.i64(0..3 * 24 * 60) * MINUTE;
                schedule::earliest(&office.config, entry, &parsed, from).ok()
            }
        };
        self.count += 1;
        let id = format!("cb_{}_{:03}", self.seed, self.count);
        let mut row = wish(&id, topic, number, at, now);
        let rules = office.rules();
        match schedule::wished(rules.config, rules.accounts, entry, &parsed, at, now) {
            Ok(due) => row.dispatch_at = due,
            Err(_) => {
                self.judge.turned_away(&row, now);
                self.happened("wish refused");
                return;
            }
        }
        self.judge.taken_down(&row, now);
        self.line(format!("a visitor: {}", shown(&row)));
        let hash = rules.fingerprints.number(&parsed);
        let channels = office.clone();
        let (kept, fault) = self
            .write(move |tx| {
                Box::pin(async move {
                    let (off, listed) =
                        do_not_call::off_or_has(tx, switch::DIALLING, &hash).await?;
                    if off || listed {
                        return Ok(false);
                    }
                    callback::insert(tx, &row).await?;
                    delivery::of_callback(tx, &channels.channels, &row, now).await?;
                    Ok(true)
                })
            })
            .await;
        // A relay that does not hear of it has thanked nobody; the row may stay.
        if kept == Some(true) && fault == Fault::None {
            self.promises.of(&id).thanked = true;
        }
    }

    pub(super) async fn cancel(&mut self) {
        let rows = self.rows.clone();
        let Some(row) = self.choice(&rows) else {
            return;
        };
        self.line(format!(
            "the visitor of {} does not want it any more",
            row.id
        ));
        let (now, office) = (self.now, self.office.clone());
        self.write(move |tx| {
            Box::pin(async move {
                let mut row = callback::find(tx, &row.id).await?.unwrap();
                if matches!(row.state, CallbackState::Queued | CallbackState::Due) {
                    let changed = callback::change(tx, &mut row, CallbackState::Cancelled).await?;
                    assert_eq!(changed, Changed::Yes);
                    delivery::of_callback(tx, &office.channels, &row, now).await?;
                }
                Ok(())
            })
        })
        .await;
    }

    pub(super) async fn decide(&mut self) {
        let mut open = self.store.open_alerts(50).await.unwrap();
        // Their ids are not of the story.
        open.sort_by_key(|alert| alert.subject.clone());
        let Some(alert) = self.choice(&open) else {
            return;
        };
        let decision = match self.rng.u32(0..3) {
            0 => Decision::Called,
            1 => Decision::Again,
            _ => Decision::Dropped,
        };
        self.line(format!("a person about {}: {decision:?}", alert.subject));
        let (id, now) = (alert.subject.clone(), self.now);
        let (kept, _) = self
            .write(move |tx| {
                Box::pin(async move { outbox::decide(tx, &id, decision, "test", now).await })
            })
            .await;
        if kept == Some(Decided::Yes) && decision == Decision::Again {
            self.promises.again(&alert.subject);
            self.happened("a person: again");
        }
    }

    /// Somebody does not want to be called any more, or does again.
    pub(super) async fn list_a_number(&mut self) {
        let number = NUMBERS[self.rng.usize(0..NUMBERS.len())];
        let (wanted, now) = (self.rng.u32(0..5) < 3, self.now);
        let hash = self
            .office
            .rules()
            .fingerprints
            .number(&number.parse().unwrap());
        self.line(format!("{number} on the list: {}", !wanted));
        let (kept, _) = self
            .write(move |tx| {
                Box::pin(async move {
                    if wanted {
                        do_not_call::remove(tx, &hash).await
                    } else {
                        do_not_call::add(tx, &hash, "test", now).await
                    }
                })
            })
            .await;
        match kept {
            None => {}
            Some(_) if wanted => drop(self.judge.listed.remove(number)),
            Some(_) => drop(self.judge.listed.insert(number.to_owned())),
        }
    }

    pub(super) async fn flip_the_switch(&mut self) {
        let (off, now) = (!self.judge.off, self.now);
        self.line(format!("switched off: {off}"));
        let (kept, _) = self
            .write(move |tx| {
                Box::pin(async move {
                    if off {
                        switch::turn_off(tx, switch::DIALLING, "test", None, now).await
                    } else {
                        switch::turn_on(tx, switch::DIALLING).await
                    }
                })
            })
            .await;
        if kept.is_some() {
            self.judge.off = off;
        }
    }
}

fn wish(id: &str, topic: &str, number: &str, at: Option<i64>, now: i64) -> Callback {
    Callback {
        id: id.to_owned(),
        reference: "TEST-0000".into(),
        site_key: "pk".into(),
        topic: topic.into(),
        number: number.into(),
        at,
        payload: "{}".into(),
        fields: "{}".into(),
        consent: None,
        page: None,
        state: CallbackState::Queued,
        dispatch_at: now,
        attempts: 0,
        code: None,
        message: None,
        manage_hash: vec![0; 32],
        created_at: now,
        run: None,
    }
}
