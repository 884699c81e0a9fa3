//! The relay's parts, held together.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{Notify, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accounts::Account;
use crate::clock::Clock;
use crate::config::Config;
use crate::events::Wake;
use crate::outbound::Outbound;
use crate::store::{OpenError, Store};
use crate::{callbacks, calls, dispatch, polling};

/// How many wakes a slow stream may fall behind before it looks for itself.
const WAKES: usize = 256;

/// The relay: what its requests share.
pub struct Relay {
    /// The configuration.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The tenancies at the providers, by name.
    pub accounts: BTreeMap<String, Account>,
    /// Tells event streams that there is something to read.
    pub wakes: broadcast::Sender<Wake>,
    /// Tells those who wait for a first reply that one was given.
    pub answered: Notify,
    /// Tells the dispatcher that there may be something to do.
    pub due: Notify,
    /// What is at work and must not be dropped.
    pub tasks: TaskTracker,
    /// The relay is going down.
    pub stopping: CancellationToken,
}

/// Why the relay cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database, while reading.
    #[error("the database cannot be read")]
    Read(#[from] sqlx::Error),
    /// The HTTP client.
    #[error("no TLS roots for requests to the providers")]
    Outbound(#[from] reqwest::Error),
}

impl Relay {
    /// Opens the database, settles what an earlier run left behind, and starts to hand over callbacks.
    ///
    /// # Errors
    /// A database that cannot be opened, or no TLS roots.
    pub async fn start(mut config: Config, clock: Clock) -> Result<Arc<Self>, StartError> {
        let store = Store::open(&config.database).await?;
        let outbound = Outbound::new()?;
        let mut accounts = BTreeMap::new();
        for (name, account) in std::mem::take(&mut config.accounts) {
            let account = Account::new(&name, account, &outbound, &store, &clock).await?;
            accounts.insert(name, account);
        }
        let relay = Arc::new(Self {
            config,
            store,
            clock,
            accounts,
            wakes: broadcast::channel(WAKES).0,
            answered: Notify::new(),
            due: Notify::new(),
            tasks: TaskTracker::new(),
            stopping: CancellationToken::new(),
        });
        calls::settle_interrupted(&relay).await?;
        callbacks::settle_interrupted(&relay).await?;
        polling::resume(&relay).await?;
        dispatch::start(&relay);
        Ok(relay)
    }

    /// Wakes the event streams.
    pub fn wake(&self, wake: Wake) {
        // No receiver is no stream: nobody has to be woken.
        let _ = self.wakes.send(wake);
    }
}
