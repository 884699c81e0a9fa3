//! The outbox under a virtual clock: two relays that crash, sleep and wake, a platform that answers or does not,
//! a database that fails, visitors who call off, people who decide. Every seed is one story, always the same.
//!
//! `SIMULATION_SEED=7` tells the story of one seed, `SIMULATION_SEEDS=5000` those of so many.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use fastrand::Rng;
use patchcord_core::callback::CallbackState;
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_relay::config::CallbackPolicy;
use patchcord_relay::notice::Channels;
use patchcord_relay::outbox::{self, Decided, Verdict};
use patchcord_relay::store::alert::Decision;
use patchcord_relay::store::callback::{self, Callback, Changed};
use patchcord_relay::store::run::Liveness;
use patchcord_relay::store::{Database, Store};
use tempfile::TempDir;

/// So many fit into every test run; `cargo xtask test --all` tells thousands.
const SEEDS: u64 = 300;
const STEPS: usize = 60;
const POLICY: CallbackPolicy = CallbackPolicy {
    attempts: 3,
    backoff: Duration::from_secs(2),
    at_once: 4,
    overdue: Duration::from_secs(1800),
};
const LIVENESS: Liveness = Liveness {
    dead_after: Duration::from_secs(20),
};

#[tokio::test]
async fn nothing_is_lost_or_doubled_in_any_story() {
    let folder = fast_folder();
    let store = Store::open(&Database::Sqlite(folder.path().join("simulation.db")))
        .await
        .unwrap();
    let seeds = match std::env::var("SIMULATION_SEED") {
        Ok(seed) => {
            let seed = seed.parse().unwrap();
            seed..seed + 1
        }
        Err(_) => {
            let most = std::env::var("SIMULATION_SEEDS").map(|text| text.parse().unwrap());
            0..most.unwrap_or(SEEDS)
        }
    };
    let mut seen = BTreeMap::new();
    for seed in seeds {
        let story = Story::new(&store, seed);
        for state in story.run().await {
            *seen.entry(state.as_str()).or_insert(0) += 1;
        }
    }
    // A simulation in which something never happens says nothing about it.
    if std::env::var("SIMULATION_SEED").is_err() {
        for state in ["handed_over", "refused", "unknown", "cancelled", "expired"] {
            assert!(seen.get(state).copied().unwrap_or(0) > 30, "{seen:?}");
        }
    }
    store.close().await;
}

/// In memory where there is such a folder: no power is cut here.
fn fast_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let base: PathBuf = if memory.is_dir() {
        memory.into()
    } else {
        std::env::temp_dir()
    };
    TempDir::new_in(base).unwrap()
}

/// The fault that a database step meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    None,
    /// It fails, and nothing is kept.
    Fails,
    /// It is kept, and the relay dies before it knows.
    DiesAfter,
}

/// What a relay has in its hands.
#[derive(Debug)]
struct Held {
    callback: Callback,
    taken_at: i64,
    outcome: Option<Outcome>,
}

#[derive(Debug)]
struct Relay {
    run: String,
    beat: i64,
    held: Vec<Held>,
}

struct Story<'a> {
    store: &'a Store,
    seed: u64,
    rng: Rng,
    now: i64,
    relays: [Relay; 2],
    runs: u64,
    /// Of runs that are no more: since when they are silent.
    dead: BTreeMap<String, i64>,
    /// Visitors who were thanked.
    thanked: BTreeSet<String>,
    /// What the platform did, for each callback.
    acted: BTreeMap<String, u32>,
    /// How often a person had it handed over again.
    again: BTreeMap<String, u32>,
    count: u64,
    quiet: bool,
}

impl<'a> Story<'a> {
    fn new(store: &'a Store, seed: u64) -> Self {
        let relay = |name: &str| Relay {
            run: format!("{name}-{seed}"),
            beat: 0,
            held: Vec::new(),
        };
        Self {
            store,
            seed,
            rng: Rng::with_seed(seed),
            now: 1_800_000_000_000,
            relays: [relay("one"), relay("two")],
            runs: 0,
            dead: BTreeMap::new(),
            thanked: BTreeSet::new(),
            acted: BTreeMap::new(),
            again: BTreeMap::new(),
            count: 0,
            quiet: false,
        }
    }

    async fn run(mut self) -> Vec<CallbackState> {
        self.relays[0].beat = self.now;
        self.relays[1].beat = self.now;
        for _ in 0..STEPS {
            self.step().await;
            self.check().await;
        }
        self.heal().await;
        let states = self.rows().await.iter().map(|row| row.state).collect();
        self.forget().await;
        states
    }

    async fn step(&mut self) {
        let relay = self.rng.usize(0..2);
        match self.rng.u32(0..100) {
            0..20 => self.intake().await,
            20..40 => self.take(relay).await,
            40..60 => self.send(relay),
            60..78 => self.settle(relay).await,
            78..84 => self.beat(relay).await,
            84..87 => self.die(relay),
            87..90 => self.cancel().await,
            90..94 => self.decide().await,
            94..98 => self.now += self.rng.i64(0..9_000),
            _ => self.now += self.rng.i64(0..90_000),
        }
    }

    fn fault(&mut self) -> Fault {
        match self.rng.u32(0..10) {
            _ if self.quiet => Fault::None,
            0 => Fault::Fails,
            1 => Fault::DiesAfter,
            _ => Fault::None,
        }
    }

    async fn intake(&mut self) {
        self.count += 1;
        let id = format!("cb_{}_{}", self.seed, self.count);
        let row = Callback {
            id: id.clone(),
            reference: "TEST-0000".into(),
            site_key: "pk".into(),
            topic: "sales".into(),
            number: "+493012345678".into(),
            at: None,
            payload: "{}".into(),
            fields: "{}".into(),
            consent: None,
            page: None,
            state: CallbackState::Queued,
            dispatch_at: self.now + self.rng.i64(0..3) * 20_000,
            attempts: 0,
            code: None,
            message: None,
            manage_hash: vec![0; 32],
            created_at: self.now,
            run: None,
        };
        let fault = self.fault();
        let kept = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    callback::insert(tx, &row).await?;
                    broken(fault)
                })
            })
            .await;
        // A relay that dies here has thanked nobody; the row may stay.
        if kept.is_ok() && fault == Fault::None {
            self.thanked.insert(id);
        }
    }

    async fn take(&mut self, place: usize) {
        let (now, run) = (self.now, self.relays[place].run.clone());
        let fault = self.fault();
        let verdicts: Vec<Verdict> = (0..4).map(|_| self.verdict()).collect();
        let taken = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    let mut taken = Vec::new();
                    let due = callback::take_due(tx, now, 4).await?;
                    for (mut row, verdict) in due.into_iter().zip(verdicts) {
                        if outbox::take(tx, &Channels::default(), &mut row, verdict, &run, now)
                            .await?
                        {
                            taken.push(row);
                        }
                    }
                    broken(fault)?;
                    Ok::<_, sqlx::Error>(taken)
                })
            })
            .await;
        match (taken, fault) {
            (Ok(_), Fault::DiesAfter) => self.die(place),
            (Ok(taken), _) => self.relays[place]
                .held
                .extend(taken.into_iter().map(|callback| Held {
                    callback,
                    taken_at: now,
                    outcome: None,
                })),
            (Err(_), _) => assert_eq!(fault, Fault::Fails, "seed {}", self.seed),
        }
    }

    fn verdict(&mut self) -> Verdict {
        match self.rng.u32(0..20) {
            _ if self.quiet => Verdict::Go,
            0 => Verdict::Refuse(Because::code(Code::DoNotCall)),
            1 => Verdict::Overdue,
            2 | 3 => Verdict::Wait(self.now + self.rng.i64(1..60_000)),
            _ => Verdict::Go,
        }
    }

    fn send(&mut self, place: usize) {
        let chosen = self.rng.u32(0..12);
        let dies = !self.quiet && self.rng.u32(0..15) == 0;
        let relay = &mut self.relays[place];
        let Some(held) = relay.held.iter_mut().find(|held| held.outcome.is_none()) else {
            return;
        };
        let within = i64::try_from(LIVENESS.send_within().as_millis()).unwrap();
        let id = held.callback.id.clone();
        let (acted, outcome) = if self.now - held.taken_at > within {
            (false, refused(Code::ProviderUnreachable))
        } else if self.quiet {
            (true, Outcome::Accepted)
        } else {
            match chosen {
                0 => (true, unknown(Code::NoReply)),
                1 => (false, unknown(Code::NoReply)),
                2 => (true, unknown(Code::ProviderError)),
                3 => (false, refused(Code::ProviderRefused)),
                4 => (false, refused(Code::ProviderBusy)),
                5 => (false, refused(Code::ProviderUnreachable)),
                _ => (true, Outcome::Accepted),
            }
        };
        if acted {
            *self.acted.entry(id).or_insert(0) += 1;
        }
        held.outcome = Some(outcome);
        if dies {
            self.die(place);
        }
    }

    async fn settle(&mut self, place: usize) {
        let fault = self.fault();
        let relay = &mut self.relays[place];
        let Some(at) = relay.held.iter().position(|held| held.outcome.is_some()) else {
            return;
        };
        let held = relay.held.swap_remove(at);
        let (now, mut row) = (self.now, held.callback);
        let Some(outcome) = held.outcome else {
            return;
        };
        let stored = self
            .store
            .write(move |tx| {
                Box::pin(async move {
                    outbox::settle(tx, &Channels::default(), &mut row, &outcome, POLICY, now)
                        .await?;
                    broken(fault)
                })
            })
            .await;
        // After a failure it stays as it is in the database, until this run is over.
        assert_eq!(stored.is_err(), fault == Fault::Fails, "seed {}", self.seed);
        if fault == Fault::DiesAfter {
            self.die(place);
        }
    }

    fn die(&mut self, place: usize) {
        self.runs += 1;
        let fresh = format!("run-{}-{}", self.seed, self.runs);
        let relay = &mut self.relays[place];
        self.dead.insert(relay.run.clone(), relay.beat);
        *relay = Relay {
            run: fresh,
            beat: self.now,
            held: Vec::new(),
        };
    }

    /// Says that it lives, and settles what those had in flight who are silent for too long: dead, or asleep.
    async fn beat(&mut self, place: usize) {
        let now = self.now;
        let silent = i64::try_from(LIVENESS.dead_after.as_millis()).unwrap();
        self.relays[place].beat = now;
        let mut gone: Vec<String> = Vec::new();
        for (run, beat) in &self.dead {
            if now - beat > silent {
                gone.push(run.clone());
            }
        }
        let other = &self.relays[1 - place];
        if now - other.beat > silent {
            gone.push(other.run.clone());
        }
        for run in &gone {
            self.dead.remove(run);
        }
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    for run in gone {
                        outbox::interrupt(tx, &Channels::default(), &run, now).await?;
                    }
                    Ok::<_, sqlx::Error>(())
                })
            })
            .await
            .unwrap();
    }

    async fn cancel(&mut self) {
        let rows = self.rows().await;
        let Some(row) = self.choice(&rows) else {
            return;
        };
        let id = row.id.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let mut row = callback::find(tx, &id).await?.unwrap();
                    if matches!(row.state, CallbackState::Queued | CallbackState::Due) {
                        let changed = callback::change(tx, &mut row, CallbackState::Cancelled);
                        assert_eq!(changed.await?, Changed::Yes);
                    }
                    Ok::<_, sqlx::Error>(())
                })
            })
            .await
            .unwrap();
    }

    async fn decide(&mut self) {
        let open = self.store.open_alerts(50).await.unwrap();
        let Some(alert) = self.choice(&open) else {
            return;
        };
        let decision = match self.rng.u32(0..3) {
            0 => Decision::Called,
            1 => Decision::Again,
            _ => Decision::Dropped,
        };
        let (id, now) = (alert.subject.clone(), self.now);
        let decided = self
            .store
            .write(move |tx| {
                Box::pin(async move { outbox::decide(tx, &id, decision, "test", now).await })
            })
            .await
            .unwrap();
        if decided == Decided::Yes && decision == Decision::Again {
            *self.again.entry(alert.subject.clone()).or_insert(0) += 1;
        }
    }

    fn choice<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        if of.is_empty() {
            return None;
        }
        Some(of[self.rng.usize(0..of.len())].clone())
    }

    /// No more faults: everything comes to its end.
    async fn heal(&mut self) {
        self.quiet = true;
        for turn in 0..40 {
            self.now += 10_000;
            for place in 0..2 {
                self.beat(place).await;
                self.take(place).await;
                while self.relays[place]
                    .held
                    .iter()
                    .any(|held| held.outcome.is_none())
                {
                    self.send(place);
                }
                while !self.relays[place].held.is_empty() {
                    self.settle(place).await;
                }
            }
            if self.rows().await.iter().all(|row| !is_open(row.state)) {
                break;
            }
            // A relay whose database failed it leaves something in flight, until it is started again.
            if turn % 6 == 0 {
                self.die(0);
                self.die(1);
            }
        }
        self.check().await;
        for row in self.rows().await {
            assert!(
                !is_open(row.state),
                "seed {}: {row:?} never came to its end",
                self.seed
            );
        }
    }

    async fn rows(&self) -> Vec<Callback> {
        sqlx::query_as("SELECT * FROM callback ORDER BY id")
            .fetch_all(self.store.read())
            .await
            .unwrap()
    }

    async fn check(&self) {
        let seed = self.seed;
        let rows = self.rows().await;
        let alerts: BTreeMap<String, i64> =
            sqlx::query_as("SELECT subject, count(*) FROM alert GROUP BY subject")
                .fetch_all(self.store.read())
                .await
                .unwrap()
                .into_iter()
                .collect();
        let there: BTreeSet<&String> = rows.iter().map(|row| &row.id).collect();
        for id in &self.thanked {
            assert!(there.contains(id), "seed {seed}: {id} is lost");
        }
        for row in &rows {
            let acted = self.acted.get(&row.id).copied().unwrap_or(0);
            let again = self.again.get(&row.id).copied().unwrap_or(0);
            assert!(
                acted <= 1 + again,
                "seed {seed}: {row:?} reached the platform {acted} times, a person wanted it again {again} times"
            );
            let alerted = alerts.contains_key(&row.id);
            match row.state {
                CallbackState::HandedOver => {
                    assert!(acted > 0, "seed {seed}: {row:?} never reached the platform");
                }
                CallbackState::Unknown | CallbackState::Refused | CallbackState::Expired => {
                    assert!(alerted, "seed {seed}: nobody was told about {row:?}");
                }
                CallbackState::Queued
                | CallbackState::Due
                | CallbackState::Cancelled
                | CallbackState::Dispatching => {}
            }
            if again == 0
                && !matches!(
                    row.state,
                    CallbackState::HandedOver | CallbackState::Unknown | CallbackState::Dispatching
                )
            {
                assert_eq!(acted, 0, "seed {seed}: {row:?} reached the platform");
            }
        }
    }

    async fn forget(&self) {
        self.store
            .write(|tx| {
                Box::pin(async move {
                    sqlx::query("DELETE FROM callback")
                        .execute(&mut *tx)
                        .await?;
                    sqlx::query("DELETE FROM alert").execute(&mut *tx).await?;
                    Ok::<_, sqlx::Error>(())
                })
            })
            .await
            .unwrap();
    }
}

fn is_open(state: CallbackState) -> bool {
    matches!(
        state,
        CallbackState::Queued | CallbackState::Due | CallbackState::Dispatching
    )
}

fn broken(fault: Fault) -> Result<(), sqlx::Error> {
    match fault {
        Fault::Fails => Err(sqlx::Error::WorkerCrashed),
        Fault::None | Fault::DiesAfter => Ok(()),
    }
}

fn refused(code: Code) -> Outcome {
    Outcome::Refused(Because::code(code))
}

fn unknown(code: Code) -> Outcome {
    Outcome::Unknown(Because::code(code))
}
