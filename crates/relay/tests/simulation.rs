//! The outbox and the scheduler under a virtual clock: two relays that crash, sleep and wake, a platform that
//! answers or does not, a database that fails, a CRM that is told or not, clocks that are set, visitors who call
//! off, numbers that are not to be called any more, a switch that is flipped, people who decide. What may be
//! handed over when is decided by the relay's own code, and judged by a wall clock of the test's own. Every seed
//! is one story, always the same.
//!
//! `SIMULATION_SEED=7` tells the story of one seed, `SIMULATION_SEEDS=5000` those of so many.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod simulation {
    mod dispatcher;
    pub mod faults;
    pub mod judge;
    pub mod office;
    pub mod promises;
    pub mod relays;
    pub mod story;
    pub mod told;
    mod visitors;
    pub mod wall;
}

use std::ops::Range;
use std::path::{Path, PathBuf};

use patchcord_relay::store::{Database, Store};
use simulation::office::{Office, Shift};
use simulation::story::{Counts, Story};
use tempfile::TempDir;

/// So many fit into every test run; `cargo xtask test --all` tells thousands.
const SEEDS: u64 = 300;
/// Stories that are told side by side, each of them with a database of its own.
const TELLERS: u64 = 2;
/// What has to happen at least so often, for each hundred stories.
const OFTEN: u64 = 10;
const EVERYTHING: &[&str] = &[
    "handed_over",
    "refused",
    "unknown",
    "cancelled",
    "expired",
    "Dialled",
    "Kept",
    "Waits",
    "NotCalled",
    "Overdue",
    "wish refused",
    "switched off",
    "tried again",
    "a person: again",
    "fault of the database",
    "message: Arrives",
    "message: Unheard",
    "message: Lost",
    "message: Dies",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_in_any_story() {
    if let Ok(seed) = std::env::var("SIMULATION_SEED") {
        let seed = seed.parse().unwrap();
        let folder = fast_folder();
        let (_, lines) = Teller::new(folder.path()).await.tell(seed).await;
        for line in lines {
            println!("{line}");
        }
        return;
    }
    let seeds = std::env::var("SIMULATION_SEEDS").map_or(SEEDS, |text| text.parse().unwrap());
    let tellers = (0..TELLERS).map(|teller| {
        let all = teller * seeds / TELLERS..(teller + 1) * seeds / TELLERS;
        tokio::spawn(tell_all(all))
    });
    let mut counts = Counts::new();
    for teller in tellers.collect::<Vec<_>>() {
        for (what, count) in teller.await.unwrap() {
            *counts.entry(what).or_insert(0) += count;
        }
    }
    // A simulation in which something never happens says nothing about it.
    for what in EVERYTHING {
        let count = counts.get(*what).copied().unwrap_or(0);
        assert!(
            count >= OFTEN * seeds / 100,
            "{what}: {count} times in {seeds} stories; {counts:?}"
        );
    }
}

async fn tell_all(seeds: Range<u64>) -> Counts {
    let folder = fast_folder();
    let teller = Teller::new(folder.path()).await;
    let mut counts = Counts::new();
    for seed in seeds {
        for (what, count) in teller.tell(seed).await.0 {
            *counts.entry(what).or_insert(0) += count;
        }
    }
    counts
}

#[tokio::test]
async fn a_seed_tells_the_same_story_again() {
    let (one, two) = (fast_folder(), fast_folder());
    let (one, two) = (Teller::new(one.path()).await, Teller::new(two.path()).await);
    for seed in 1000..1010 {
        let (first, again) = (one.tell(seed).await.1, two.tell(seed).await.1);
        assert!(first.len() > 20);
        assert_eq!(first, again, "seed {seed}");
    }
}

/// Tells stories, one after the other.
struct Teller {
    store: Store,
    day: std::sync::Arc<Office>,
    night: std::sync::Arc<Office>,
}

impl Teller {
    async fn new(folder: &Path) -> Self {
        let database = Database::Sqlite(folder.join("simulation.db"));
        let store = Store::open(&database).await.unwrap();
        Self {
            day: Office::open(Shift::Day, &store),
            night: Office::open(Shift::Night, &store),
            store,
        }
    }

    async fn tell(&self, seed: u64) -> (Counts, Vec<String>) {
        let office = if seed % 4 == 3 {
            &self.night
        } else {
            &self.day
        };
        let story = Story::new(&self.store, office, seed).await;
        story.tell().await
    }
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
