//! The relay's parts, held together.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::accounts::Account;
use crate::admin::waiting::WaitingNow;
use crate::agent_api::open_streams::OpenStreams;
use crate::audit::{self, Action, Actor};
use crate::captcha::Captchas;
use crate::clock::Clock;
use crate::config::Config;
use crate::fingerprint::Fingerprints;
use crate::hosts::Hosts;
use crate::issuers::Issuers;
use crate::key_file::{self, KeyError};
use crate::metrics::Metrics;
use crate::notice::Channels;
use crate::outbound::Outbound;
use crate::proof::ProofSecrets;
use crate::pulse::Pulse;
use crate::random::{self, NoRandomness};
use crate::records::Records;
use crate::seal::{Keyring, SealError};
use crate::statistics::platforms::Platforms;
use crate::store::refusal::Refusals;
use crate::store::secret::SecretError;
use crate::store::{Database, OpenError, Store};
use crate::tokens::{Custody, schedule};
use crate::wakes::Wakes;
use crate::{deliveries, dispatch, hosts, hours, recovery};

/// The relay: what its requests share.
pub struct Relay {
    /// The name of this run, in the database.
    pub run: String,
    /// The configuration.
    pub config: Config,
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The tenancies at the providers, by name.
    pub accounts: BTreeMap<String, Account>,
    /// The CRMs and pages that have the panel in a frame.
    pub hosts: Hosts,
    /// Reads the fields of their records.
    pub records: Records,
    /// Who may sign assertions.
    pub issuers: Issuers,
    /// What seals secrets in the database.
    pub keyring: Arc<Keyring>,
    /// Keyed hashes of numbers and addresses.
    pub fingerprints: Fingerprints,
    /// What challenges for visitors are signed with.
    pub proofs: ProofSecrets,
    /// What asks providers.
    pub outbound: Outbound,
    /// Whom this relay tells what happened.
    pub channels: Arc<Channels>,
    /// Asks captcha services.
    pub captchas: Captchas,
    /// Tells whoever waits that there is something to read.
    pub wakes: Arc<Wakes>,
    /// What is counted.
    pub metrics: Metrics,
    /// What the platforms told lately, for statistics.
    pub platforms: Platforms,
    /// What the platforms told in the last seconds about queues and conferences.
    pub waiting: WaitingNow,
    /// Refused requests that are not written down yet.
    pub refusals: Refusals,
    /// When this relay last said in the database that it lives: it can be written.
    pub beat: Pulse,
    /// When the dispatcher was last at work.
    pub dispatcher: Pulse,
    /// The streams of agents' desks that are passed on.
    pub desk_streams: Arc<OpenStreams>,
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
    /// The encryption keys.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Webhooks and mail.
    #[error(transparent)]
    Deliveries(#[from] deliveries::StartError),
    /// A secret in the database.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The encryption library.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The random source.
    #[error(transparent)]
    Random(#[from] NoRandomness),
    /// The HTTP client.
    #[error("no TLS roots for requests to the providers")]
    Outbound(#[from] reqwest::Error),
}

impl Relay {
    /// Opens the database, settles what an earlier run left behind, and starts to hand over callbacks.
    ///
    /// # Errors
    /// A database that cannot be opened, or no TLS roots.
    pub async fn start(config: Config, clock: Clock) -> Result<Arc<Self>, StartError> {
        let store = Store::open(&config.database).await?;
        let stopping = CancellationToken::new();
        let run = random::id("run")?;
        let wakes = match &config.database {
            Database::Sqlite(_) => Wakes::alone(),
            Database::Postgres(url) => Wakes::shared(
                url.clone(),
                store.read().clone(),
                run.clone(),
                stopping.clone(),
            ),
        };
        let relay = Self::put_together(config, clock, store, run, wakes, stopping).await?;
        note_start(&relay).await?;
        hours::load(&relay).await?;
        recovery::first(&relay).await?;
        recovery::start(&relay);
        hosts::follow(&relay);
        hours::follow(&relay);
        deliveries::start(&relay).await?;
        dispatch::start(&relay);
        schedule::start(&relay);
        Ok(relay)
    }

    /// The same for a command, also beside a relay that works on the database: nothing is served, settled,
    /// dispatched or delivered. Its run is that of the relay it is beside (SQLite), or one of its own.
    ///
    /// # Errors
    /// As for [`Relay::start`].
    pub async fn beside(config: Config, clock: Clock) -> Result<Arc<Self>, StartError> {
        let store = Store::open_beside(&config.database).await?;
        let run = match store.neighbour().await? {
            Some(run) => run,
            None => random::id("command")?,
        };
        let stopping = CancellationToken::new();
        let relay = Self::put_together(config, clock, store, run, Wakes::alone(), stopping).await?;
        hours::load(&relay).await?;
        Ok(relay)
    }

    async fn put_together(
        mut config: Config,
        clock: Clock,
        store: Store,
        run: String,
        wakes: Arc<Wakes>,
        stopping: CancellationToken,
    ) -> Result<Arc<Self>, StartError> {
        let outbound = Outbound::new()?;
        let keyring = Arc::new(key_file::of(&config)?);
        let hosts = Hosts::of(&config, keyring.clone());
        hosts.load(&store).await?;
        let issuers = Issuers::new(&config.issuers)?;
        let fingerprints = Fingerprints::of(&store, &keyring).await?;
        let proofs = ProofSecrets::of(&keyring)?;
        let channels = Arc::new(Channels::of(&config));
        let metrics = Metrics::new(&store);
        let tasks = TaskTracker::new();
        let custody = Custody {
            run: run.clone(),
            store: store.clone(),
            keyring: keyring.clone(),
            clock: clock.clone(),
            wakes: wakes.clone(),
            channels: channels.clone(),
            outbound: outbound.clone(),
            tasks: tasks.clone(),
        };
        let mut accounts = BTreeMap::new();
        for (name, account) in std::mem::take(&mut config.accounts) {
            let account = Account::new(&name, account, &custody)?;
            accounts.insert(name, account);
        }
        let platforms = Platforms::of(accounts.keys());
        Ok(Arc::new(Self {
            run,
            config,
            store,
            clock,
            accounts,
            hosts,
            records: Records::new(outbound.clone()),
            issuers,
            keyring,
            fingerprints,
            proofs,
            channels,
            outbound,
            captchas: Captchas::new()?,
            wakes,
            metrics,
            platforms,
            waiting: WaitingNow::default(),
            refusals: Refusals::default(),
            beat: Pulse::default(),
            dispatcher: Pulse::default(),
            desk_streams: Arc::default(),
            tasks,
            stopping,
        }))
    }
}

/// With what configuration this run began.
async fn note_start(relay: &Relay) -> Result<(), sqlx::Error> {
    let (run, now) = (relay.run.clone(), relay.clock.now());
    let detail = json!({ "sha256": relay.config.hash, "version": env!("CARGO_PKG_VERSION") });
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                audit::write(tx, Actor::Relay, Action::ConfigLoaded, &run, detail, now).await
            })
        })
        .await
}
