//! The businesses of the stories: their configuration, read by the relay itself, and what a relay decides by.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use patchcord_relay::accounts::Account;
use patchcord_relay::clock::Clock;
use patchcord_relay::config::{CallbackPolicy, Config, Environment};
use patchcord_relay::dispatch::Rules;
use patchcord_relay::fingerprint::Fingerprints;
use patchcord_relay::key_file;
use patchcord_relay::notice::Channels;
use patchcord_relay::outbound::Outbound;
use patchcord_relay::store::Store;
use patchcord_relay::store::run::Liveness;
use patchcord_relay::tokens::Custody;
use patchcord_relay::wakes::Wakes;
use tokio_util::task::TaskTracker;

/// When a business works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    /// By day, with lunch, holidays and quiet hours.
    Day,
    /// Through the nights in which the clocks change; without quiet hours.
    Night,
}

/// The channel of the webhook that is told everything.
pub const CRM: &str = "crm";
/// Whom visitors ask for: by day and night with hours, kept by the relay or by the provider, and around the clock.
pub const TOPICS: [&str; 3] = ["sales", "support", "always"];

const DAY: &str = r#"
quiet_hours = { from = "20:00", to = "08:00", days = ["sunday"] }

[[hours]]
name = "sales"
zone = "Europe/Berlin"
monday = ["09:00-12:30", "13:30-18:00"]
tuesday = ["09:00-12:30", "13:30-18:00"]
wednesday = ["09:00-12:30", "13:30-18:00"]
thursday = ["09:00-12:30", "13:30-18:00"]
friday = ["09:00-12:30", "13:30-18:00"]
saturday = ["10:00-14:00"]
holidays = ["12-25", "12-26", "2027-03-26"]
exceptions = [{ date = "2026-12-24", open = ["09:00-12:00"] }, { date = "2026-12-26", open = ["10:00-11:00"] }]

[[hours]]
name = "support"
zone = "Europe/Berlin"
monday = ["07:00-22:00"]
tuesday = ["07:00-22:00"]
wednesday = ["07:00-22:00"]
thursday = ["07:00-22:00"]
friday = ["07:00-22:00"]
saturday = ["07:00-22:00"]
sunday = ["07:00-22:00"]
"#;

const NIGHT: &str = r#"
[[hours]]
name = "sales"
zone = "Europe/Berlin"
monday = ["22:00-24:00"]
saturday = ["22:00-24:00"]
sunday = ["00:00-02:30", "02:45-04:00"]

[[hours]]
name = "support"
zone = "Europe/Berlin"
saturday = ["20:00-24:00"]
sunday = ["01:30-02:15", "03:15-05:00", "23:00-24:00"]
"#;

const BOTH: &str = r#"
[callbacks]
attempts = 3
backoff = 2
at_once = 4
overdue = 30

[[encryption_key]]
id = "simulation"
key = "c2ltdWxhdGlvbnNpbXVsYXRpb25zaW11bGF0aW9uc2k="

[[account]]
name = "samespace"
provider = "samespace"
cluster_id = "ph1c"
cloud_id = "acme"
base_url = "http://127.0.0.1:9"

[[account]]
name = "babelforce"
provider = "babelforce"
environment = "http://127.0.0.1:9"
grant = { type = "password", username = "relay@acme.example", password = "no-password" }

[[topic]]
topic = "sales"
label = "Sales"
hours = "sales"
account = "samespace"
space_id = "acme"
team_name = "helpdesk"

[[topic]]
topic = "support"
label = "Support"
hours = "support"
account = "babelforce"
queue_id = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"

[[topic]]
topic = "always"
label = "Always"
account = "samespace"
space_id = "acme"
team_name = "helpdesk"

[[webhook]]
name = "crm"
url = "http://127.0.0.1:9/"
secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
events = ["callback.*", "alert.*"]
"#;

/// What the relays of a story decide by.
pub struct Office {
    pub shift: Shift,
    pub config: Config,
    pub channels: Channels,
    accounts: BTreeMap<String, Account>,
    fingerprints: Fingerprints,
}

impl Office {
    pub fn open(shift: Shift, store: &Store) -> Arc<Self> {
        let head = "audience = \"https://relay.acme.example\"\nregion = \"DE\"\ncountries = [\"DE\", \"US\"]\n";
        let hours = match shift {
            Shift::Day => DAY,
            Shift::Night => NIGHT,
        };
        let text = format!("{head}{hours}{BOTH}");
        let mut config =
            Config::parse(&text, Path::new("."), &Environment::default()).expect("a configuration");
        let custody = Custody {
            run: "simulation".into(),
            store: store.clone(),
            keyring: Arc::new(key_file::of(&config).unwrap()),
            clock: Clock::default(),
            wakes: Wakes::alone(),
            channels: Arc::default(),
            outbound: Outbound::new().unwrap(),
            tasks: TaskTracker::new(),
        };
        let accounts = std::mem::take(&mut config.accounts)
            .into_iter()
            .map(|(name, account)| {
                let account = Account::new(&name, account, &custody).unwrap();
                (name, account)
            })
            .collect();
        Arc::new(Self {
            shift,
            channels: Channels::of(&config),
            config,
            accounts,
            fingerprints: Fingerprints::with(b"simulation"),
        })
    }

    pub fn rules(&self) -> Rules<'_> {
        Rules {
            config: &self.config,
            accounts: &self.accounts,
            fingerprints: &self.fingerprints,
        }
    }

    pub fn policy(&self) -> CallbackPolicy {
        self.config.callbacks
    }

    pub fn liveness(&self) -> Liveness {
        self.config.liveness
    }
}
