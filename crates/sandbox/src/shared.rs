//! What every connection shares.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::clock;
use crate::fault::Faults;
use crate::log::Log;
use crate::world::World;

pub(crate) struct Shared {
    world: Mutex<World>,
    log: Mutex<Log>,
    faults: Mutex<Faults>,
    /// Counts the changes of the world; the pages listen to it.
    changes: watch::Sender<u64>,
    /// Counts the changes of the faults; held replies wait for it.
    releases: watch::Sender<u64>,
    /// Counts the resets; what was under way before one must not act after it.
    resets: watch::Sender<u64>,
}

impl Shared {
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            world: Mutex::new(World::seed(clock::now())),
            log: Mutex::default(),
            faults: Mutex::default(),
            changes: watch::Sender::new(0),
            releases: watch::Sender::new(0),
            resets: watch::Sender::new(0),
        })
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.world)
    }

    pub fn log(&self) -> MutexGuard<'_, Log> {
        lock(&self.log)
    }

    pub fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    /// Says that the world has changed.
    pub fn changed(&self) {
        self.changes.send_modify(|count| *count += 1);
    }

    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Lets go of every held reply.
    pub fn release(&self) {
        self.releases.send_modify(|count| *count += 1);
    }

    pub fn releases(&self) -> watch::Receiver<u64> {
        self.releases.subscribe()
    }

    pub fn resets(&self) -> watch::Receiver<u64> {
        self.resets.subscribe()
    }

    /// Puts everything back to the seed.
    pub fn reset(&self) {
        self.resets.send_modify(|count| *count += 1);
        self.faults().clear();
        self.release();
        self.world().reset();
        let mut log = self.log();
        log.clear();
        log.clear_preflights();
        drop(log);
        self.changed();
    }
}

/// A panic elsewhere leaves the data as it is: still the best there is to show.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
