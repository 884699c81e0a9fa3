//! Tells whoever waits that there is something to read: within this relay, and between the relays of one
//! PostgreSQL database by `NOTIFY`.
//!
//! A wake carries no data and may be lost: everything it is about is in the database, and who waits looks there
//! from time to time anyway.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use patchcord_core::secret::Secret;
use serde::{Deserialize, Serialize};
use sqlx::AnyPool;
use sqlx::postgres::PgListener;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::config::AgentId;

/// The channel of PostgreSQL.
const CHANNEL: &str = "patchcord";
/// How long to wait before a lost connection is made again.
const AGAIN: Duration = Duration::from_secs(1);

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wake {
    /// This agent has a new event, or a session of theirs ended.
    Agent(AgentId),
    /// A first reply was given.
    Answered,
    /// A callback was queued or changed.
    Due,
    /// There is something to deliver.
    Delivery,
    /// The tokens of this account changed.
    Token(String),
    /// A host was made, changed or removed.
    Hosts,
}

/// Those who wait.
#[derive(Default)]
pub struct Wakes {
    agents: Mutex<HashMap<AgentId, Weak<Notify>>>,
    /// For a first reply.
    pub answered: Notify,
    /// For a callback to hand over.
    pub due: Notify,
    /// For something to deliver.
    pub delivery: Notify,
    /// For a token.
    pub token: Notify,
    /// For a change of the hosts.
    pub hosts: Notify,
    others: Option<mpsc::UnboundedSender<Wake>>,
}

#[derive(Serialize, Deserialize)]
struct Told {
    run: String,
    wake: Wake,
}

impl Wakes {
    /// For a relay on its own.
    pub fn alone() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// For a relay that shares its database: what happens is told to the others, and heard from them, until
    /// `stop`.
    pub fn shared(url: Secret, pool: AnyPool, run: String, stop: CancellationToken) -> Arc<Self> {
        let (others, to_tell) = mpsc::unbounded_channel();
        let wakes = Arc::new(Self {
            others: Some(others),
            ..Self::default()
        });
        tokio::spawn(tell(pool, run.clone(), to_tell));
        let listening = listen(url, run, Arc::downgrade(&wakes));
        tokio::spawn(async move { stop.run_until_cancelled(listening).await });
        wakes
    }

    /// Wakes whoever waits for this, here and at the other relays.
    pub fn wake(&self, wake: Wake) {
        if let Some(others) = &self.others {
            // Going down: nobody has to be told.
            let _ = others.send(wake.clone());
        }
        self.here(&wake);
    }

    fn here(&self, wake: &Wake) {
        match wake {
            Wake::Agent(agent) => {
                let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
                match agents.get(agent).map(Weak::upgrade) {
                    Some(Some(waiting)) => waiting.notify_waiters(),
                    Some(None) => drop(agents.remove(agent)),
                    None => {}
                }
            }
            Wake::Answered => self.answered.notify_waiters(),
            Wake::Due => self.due.notify_one(),
            Wake::Delivery => self.delivery.notify_one(),
            Wake::Token(_) => self.token.notify_waiters(),
            Wake::Hosts => self.hosts.notify_one(),
        }
    }

    /// What an agent's streams wait for.
    pub fn of_agent(&self, agent: &AgentId) -> Arc<Notify> {
        let mut agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = agents.get(agent).and_then(Weak::upgrade) {
            return waiting;
        }
        // Now and then those that nobody waits for any more are let go.
        if agents.len() == agents.capacity() {
            agents.retain(|_, waiting| waiting.strong_count() > 0);
        }
        let waiting = Arc::new(Notify::new());
        agents.insert(agent.clone(), Arc::downgrade(&waiting));
        waiting
    }

    /// Something may have been missed: everybody is to look.
    fn all(&self) {
        let agents = self.agents.lock().unwrap_or_else(PoisonError::into_inner);
        for waiting in agents.values().filter_map(Weak::upgrade) {
            waiting.notify_waiters();
        }
        drop(agents);
        for wake in [
            Wake::Answered,
            Wake::Due,
            Wake::Delivery,
            Wake::Token(String::new()),
            Wake::Hosts,
        ] {
            self.here(&wake);
        }
    }
}

/// After the commit and in a statement of its own: `NOTIFY` within a transaction that writes makes all commits
/// of the database wait for each other.
async fn tell(pool: AnyPool, run: String, mut to_tell: mpsc::UnboundedReceiver<Wake>) {
    while let Some(wake) = to_tell.recv().await {
        let told = Told {
            run: run.clone(),
            wake,
        };
        let Ok(text) = serde_json::to_string(&told) else {
            continue;
        };
        let sent = sqlx::query("SELECT pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(text)
            .execute(&pool)
            .await;
        if let Err(error) = sent {
            // They look for themselves soon.
            tracing::debug!(%error, "other relays cannot be told");
        }
    }
}

async fn listen(url: Secret, run: String, waiting: Weak<Wakes>) {
    loop {
        let heard = async {
            let mut listener = PgListener::connect(url.expose()).await?;
            listener.listen(CHANNEL).await?;
            loop {
                let Some(wakes) = waiting.upgrade() else {
                    return Ok(());
                };
                wakes.all();
                drop(wakes);
                // `None`: the connection was lost and made again; something may have been missed.
                while let Some(heard) = listener.try_recv().await? {
                    let Some(wakes) = waiting.upgrade() else {
                        return Ok(());
                    };
                    // Of another version, or from somebody else on this channel: not for us.
                    if let Ok(told) = serde_json::from_str::<Told>(heard.payload())
                        && told.run != run
                    {
                        wakes.here(&told.wake);
                    }
                }
            }
        };
        match heard.await {
            Ok(()) => return,
            Err::<(), sqlx::Error>(error) => {
                tracing::warn!(%error, "other relays cannot be heard; trying again");
            }
        }
        tokio::time::sleep(AGAIN).await;
    }
}
