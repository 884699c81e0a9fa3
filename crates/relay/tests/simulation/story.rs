//! One story: a seed says what happens, in which order, and what goes wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fastrand::Rng;
use futures_util::future::BoxFuture;
use patchcord_core::callback::CallbackState;
use patchcord_core::error::Code;
use patchcord_core::number::PhoneNumber;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_relay::clock::{from_rfc3339, to_rfc3339};
use patchcord_relay::outbox::{self, Decided};
use patchcord_relay::store::alert::Decision;
use patchcord_relay::store::callback::{self, Callback, Changed};
use patchcord_relay::store::delivery::{self, Settled};
use patchcord_relay::store::{Conn, Store, do_not_call, switch};
use patchcord_relay::{dispatch, schedule};
use sqlx::Any;
use sqlx::pool::PoolConnection;

use super::faults::{Fault, Post};
use super::judge::{Judge, shown};
use super::office::{CRM, Office, Shift, TOPICS};
use super::promises::Promises;
use super::relays::{Held, Relays};
use super::told::Told;

const STEPS: usize = 64;
/// The most turns until everything has come to its end.
const TURNS: usize = 400;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// How long a message is left to the relay that took it, and how long until it is tried again.
const LEASE: i64 = 60_000;
const AGAIN: i64 = 5_000;
/// Whom visitors have called; the last in a country whose day is another.
const NUMBERS: [&str; 5] = [
    "+493012345670",
    "+493012345671",
    "+4915112345672",
    "+4915112345673",
    "+12025550143",
];
/// Around these days the stories begin: an ordinary one, holidays, and those on which clocks change.
const BEGINNINGS: [&str; 8] = [
    "2026-11-24T06:00:00Z",
    "2026-11-27T08:00:00Z",
    "2026-12-23T12:00:00Z",
    "2026-12-25T10:00:00Z",
    "2027-03-25T10:00:00Z",
    "2027-03-27T19:00:00Z",
    "2026-10-24T18:00:00Z",
    "2027-03-13T15:00:00Z",
];
const CLOCKS_CHANGE: [&str; 2] = ["2027-03-27T20:00:00Z", "2026-10-24T19:00:00Z"];

/// How often what happened.
pub type Counts = BTreeMap<String, u64>;

pub struct Story<'a> {
    store: &'a Store,
    /// To look with.
    reader: PoolConnection<Any>,
    office: Arc<Office>,
    seed: u64,
    rng: Rng,
    now: i64,
    relays: Relays,
    promises: Promises,
    told: Told,
    judge: Judge,
    /// What the database has, since the last check.
    rows: Vec<Callback>,
    /// Something was written since.
    changed: bool,
    count: u64,
    /// Nothing goes wrong any more.
    healing: bool,
    counts: Counts,
    /// What happened, to be compared and read.
    lines: Vec<String>,
}

/// Says which seed failed, and how it came to that.
impl Drop for Story<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let last = self.lines.len().saturating_sub(40);
            println!("{}", self.lines[last..].join("\n"));
            println!("SIMULATION_SEED={} tells it again", self.seed);
        }
    }
}

impl<'a> Story<'a> {
    pub async fn new(store: &'a Store, office: &Arc<Office>, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let beginnings: &[&str] = match office.shift {
            Shift::Day => &BEGINNINGS,
            Shift::Night => &CLOCKS_CHANGE,
        };
        let now = from_rfc3339(beginnings[rng.usize(0..beginnings.len())]).unwrap()
            + rng.i64(0..6 * 60 * MINUTE);
        let ahead = [rng.i64(-1500..1500), rng.i64(-1500..1500)];
        Self {
            store,
            reader: store.read().acquire().await.unwrap(),
            office: office.clone(),
            seed,
            rng,
            now,
            relays: Relays::new(seed, ahead, now),
            promises: Promises::default(),
            told: Told::default(),
            judge: Judge::new(office.shift, office.policy()),
            rows: Vec::new(),
            changed: false,
            count: 0,
            healing: false,
            counts: Counts::new(),
            lines: Vec::new(),
        }
    }

    /// Tells it to its end; how often what happened, and all of it.
    pub async fn tell(mut self) -> (Counts, Vec<String>) {
        for _ in 0..STEPS {
            self.step().await;
            self.check().await;
        }
        self.heal().await;
        self.forget().await;
        (
            std::mem::take(&mut self.counts),
            std::mem::take(&mut self.lines),
        )
    }

    fn happened(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_insert(0) += 1;
    }

    fn line(&mut self, text: impl Into<String>) {
        let line = format!("{} {}", to_rfc3339(self.now), text.into());
        self.lines.push(line);
    }

    async fn step(&mut self) {
        let relay = self.rng.usize(0..2);
        match self.rng.u32(0..100) {
            0..18 => self.intake().await,
            18..36 => self.take(relay).await,
            36..50 if self.asks(relay) => self.send(relay),
            36..64 if self.holds_answers(relay) => self.settle(relay).await,
            36..64 => self.take(relay).await,
            64..69 => self.beat(relay).await,
            69..75 => self.deliver(relay).await,
            75..77 => self.die(relay),
            77..79 => self.cancel().await,
            79..83 => self.decide().await,
            83..85 => self.list_a_number().await,
            // Not for long.
            85..91 if self.judge.off => self.flip_the_switch().await,
            85 => self.flip_the_switch().await,
            _ => self.time_passes().await,
        }
    }

    fn fault(&mut self) -> Fault {
        if self.healing {
            return Fault::None;
        }
        Fault::chosen(self.rng.u32(0..40))
    }

    /// A step of the database, with the fault that it meets: what was kept, if anything was.
    async fn write<T, J>(&mut self, job: J) -> (Option<T>, Fault)
    where
        T: Send + 'static,
        J: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + 'static,
    {
        let fault = self.fault();
        self.changed = true;
        let done = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let done = job(tx).await?;
                    fault.strike()?;
                    Ok::<_, sqlx::Error>(done)
                })
            })
            .await;
        if fault != Fault::None {
            self.line(format!("  the database: {fault:?}"));
            self.happened("fault of the database");
        }
        match fault {
            Fault::Fails => {
                assert!(done.is_err());
                (None, fault)
            }
            Fault::None | Fault::Unheard | Fault::Dies => (Some(done.unwrap()), fault),
        }
    }

    fn choice<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() {
            return None;
        }
        Some(of[self.rng.usize(0..of.len())].clone())
    }

    async fn time_passes(&mut self) {
        let by = match self.rng.u32(0..20) {
            0..8 => self.rng.i64(0..9_000),
            8..10 => self.rng.i64(0..90_000),
            10..13 => self.rng.i64(2..28) * MINUTE,
            13..17 => match self.store.next_dispatch().await.unwrap() {
                Some(next) if next > self.now => next - self.now + self.rng.i64(-2_000..4_000),
                _ => self.rng.i64(0..30) * MINUTE,
            },
            17 => self.rng.i64(0..4 * 60) * MINUTE,
            // Somebody sets the clock.
            18 => -self.rng.i64(0..20_000),
            _ => self.rng.i64(0..2 * DAY),
        };
        self.now += by;
        self.line("time passes");
    }

    async fn intake(&mut self) {
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

    async fn take(&mut self, place: usize) {
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

    fn after(&mut self, fault: Fault, place: usize) {
        if fault == Fault::Dies {
            self.die(place);
        }
    }

    fn send(&mut self, place: usize) {
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

    async fn settle(&mut self, place: usize) {
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

    fn die(&mut self, place: usize) {
        self.line(format!("relay {place} dies"));
        self.relays.die(place, self.now);
    }

    /// Says that it lives, and settles what those had in flight who are silent for too long: dead, or asleep.
    async fn beat(&mut self, place: usize) {
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
    async fn deliver(&mut self, place: usize) {
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

    fn post(&mut self) -> Post {
        match self.rng.u32(0..12) {
            _ if self.healing => Post::Arrives,
            0 => Post::Unheard,
            1 | 2 => Post::Lost,
            3 => Post::Dies,
            _ => Post::Arrives,
        }
    }

    async fn cancel(&mut self) {
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

    async fn decide(&mut self) {
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
    async fn list_a_number(&mut self) {
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

    async fn flip_the_switch(&mut self) {
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

    /// No more faults: everything comes to its end.
    async fn heal(&mut self) {
        self.line("nothing goes wrong any more");
        self.healing = true;
        if self.judge.off {
            self.flip_the_switch().await;
        }
        for turn in 0..TURNS {
            let next = self.store.next_dispatch().await.unwrap();
            self.now = next.map_or(0, |at| at + 2_000).max(self.now + 10_000);
            let place = turn % 2;
            self.beat(place).await;
            self.check().await;
            self.take(place).await;
            while self.asks(place) {
                self.send(place);
            }
            while !self.relays.at(place).held.is_empty() {
                self.settle(place).await;
            }
            self.check().await;
            self.deliver(place).await;
            if self.is_over().await {
                break;
            }
            // A relay whose database failed it leaves something in flight, until it is started again.
            if turn % 8 == 0 {
                self.die(0);
                self.die(1);
            }
        }
        assert!(self.is_over().await, "it never came to its end");
        let alerts: Vec<String> = sqlx::query_scalar("SELECT id FROM alert")
            .fetch_all(&mut *self.reader)
            .await
            .unwrap();
        self.told
            .is_whole(&self.promises, &alerts.into_iter().collect());
        for row in std::mem::take(&mut self.rows) {
            self.happened(row.state.as_str());
        }
    }

    fn asks(&mut self, place: usize) -> bool {
        let held = &self.relays.at(place).held;
        held.iter().any(|held| held.outcome.is_none())
    }

    fn holds_answers(&mut self, place: usize) -> bool {
        let held = &self.relays.at(place).held;
        held.iter().any(|held| held.outcome.is_some())
    }

    async fn is_over(&mut self) -> bool {
        let open: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM callback WHERE state IN ('queued', 'due', 'dispatching'))
                  + (SELECT count(*) FROM delivery WHERE state <> 'sent')",
        )
        .fetch_one(&mut *self.reader)
        .await
        .unwrap();
        open == 0
    }

    /// What holds at each moment.
    async fn check(&mut self) {
        if !std::mem::take(&mut self.changed) {
            return;
        }
        self.rows = sqlx::query_as("SELECT * FROM callback ORDER BY id")
            .fetch_all(&mut *self.reader)
            .await
            .unwrap();
        let alerts: BTreeSet<String> = sqlx::query_scalar("SELECT subject FROM alert")
            .fetch_all(&mut *self.reader)
            .await
            .unwrap()
            .into_iter()
            .collect();
        let there: BTreeSet<&String> = self.rows.iter().map(|row| &row.id).collect();
        for row in &self.rows {
            self.promises.saw(&row.id, row.state);
        }
        for (id, promise) in self.promises.iter() {
            assert!(!promise.thanked || there.contains(id), "{id} is lost");
            assert!(
                promise.acted <= 1 + promise.again,
                "{id} reached the platform too often: {promise:?}"
            );
        }
        for row in &self.rows {
            let promise = self.promises.of(&row.id);
            match row.state {
                CallbackState::HandedOver => {
                    assert!(promise.acted > 0, "{row:?} never reached the platform");
                }
                CallbackState::Unknown | CallbackState::Refused | CallbackState::Expired => {
                    assert!(alerts.contains(&row.id), "nobody is told about {row:?}");
                }
                CallbackState::Queued
                | CallbackState::Due
                | CallbackState::Cancelled
                | CallbackState::Dispatching => {}
            }
            let may_have_acted = matches!(
                row.state,
                CallbackState::HandedOver | CallbackState::Unknown | CallbackState::Dispatching
            );
            if promise.again == 0 && !may_have_acted {
                assert_eq!(promise.acted, 0, "{row:?} reached the platform");
            }
        }
    }

    async fn forget(&mut self) {
        self.store
            .write(|tx| {
                Box::pin(async move {
                    for table in ["callback", "alert", "delivery", "do_not_call", "switch"] {
                        let sql = format!("DELETE FROM {table}");
                        sqlx::query(sqlx::AssertSqlSafe(sql))
                            .execute(&mut *tx)
                            .await?;
                    }
                    Ok::<_, sqlx::Error>(())
                })
            })
            .await
            .unwrap();
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

fn refused(code: Code) -> Outcome {
    Outcome::Refused(Because::code(code))
}

fn unknown(code: Code) -> Outcome {
    Outcome::Unknown(Because::code(code))
}
