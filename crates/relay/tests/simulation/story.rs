//! One story: a seed says what happens, in which order, and what goes wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fastrand::Rng;
use futures_util::future::BoxFuture;
use patchcord_core::callback::CallbackState;
use patchcord_relay::clock::{from_rfc3339, to_rfc3339};
use patchcord_relay::store::callback::Callback;
use patchcord_relay::store::{Conn, Store};
use sqlx::Any;
use sqlx::pool::PoolConnection;

use super::faults::Fault;
use super::judge::Judge;
use super::office::{Office, Shift};
use super::promises::Promises;
use super::relays::Relays;
use super::told::Told;

const STEPS: usize = 64;
/// The most turns until everything has come to its end.
const TURNS: usize = 400;
pub(super) const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
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
    pub(super) store: &'a Store,
    /// To look with.
    pub(super) reader: PoolConnection<Any>,
    pub(super) office: Arc<Office>,
    pub(super) seed: u64,
    pub(super) rng: Rng,
    pub(super) now: i64,
    pub(super) relays: Relays,
    pub(super) promises: Promises,
    pub(super) told: Told,
    pub(super) judge: Judge,
    /// What the database has, since the last check.
    pub(super) rows: Vec<Callback>,
    /// Something was written since.
    pub(super) changed: bool,
    pub(super) count: u64,
    /// Nothing goes wrong any more.
    pub(super) healing: bool,
    pub(super) counts: Counts,
    /// What happened, to be compared and read.
    pub(super) lines: Vec<String>,
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

    pub(super) fn happened(&mut self, what: &str) {
        *self.counts.entry(what.to_owned()).or_insert(0) += 1;
    }

    pub(super) fn line(&mut self, text: impl Into<String>) {
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
    pub(super) async fn write<T, J>(&mut self, job: J) -> (Option<T>, Fault)
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

    pub(super) fn choice<T: Clone>(&mut self, of: &[T]) -> Option<T> {
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

    pub(super) fn asks(&mut self, place: usize) -> bool {
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
