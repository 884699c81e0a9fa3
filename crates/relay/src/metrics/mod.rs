//! What a monitoring system wants to know, in Prometheus' words. No number, no name, no payload is among it.
//!
//! Counters begin at nothing when the relay starts, as Prometheus expects; what is counted from the database
//! (ages, what waits) is the same at every relay that shares it.

mod serve;

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use patchcord_core::error::Code;
use patchcord_core::outcome::Outcome;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::clock::Millis;
use crate::store::Store;
use crate::store::call::Call;
use crate::store::callback::Callback;

pub use serve::{Endpoint, MetricsError};

/// From 0.5 ms to 16 s: an answer from memory, an fsync, a slow provider.
const SECONDS: fn() -> Histogram = || Histogram::new(exponential_buckets(0.0005, 2.0, 16));

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByState {
    state: String,
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByOutcome {
    provider: String,
    outcome: String,
    code: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCode {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByRoute {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByKind {
    kind: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByChannel {
    channel: String,
    state: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByAccount {
    account: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ByCommand {
    kind: &'static str,
    outcome: &'static str,
}

type Seconds = Gauge<f64, AtomicU64>;

/// What is counted.
pub struct Metrics {
    registry: Registry,
    callbacks: Family<ByState, Counter>,
    calls: Family<ByOutcome, Counter>,
    refusals: Family<ByCode, Counter>,
    requests: Family<ByRoute, Histogram, fn() -> Histogram>,
    streams: Gauge,
    desk_streams: Gauge,
    commands: Family<ByCommand, Counter>,
    oldest_due: Seconds,
    alerts: Family<ByKind, Gauge>,
    deliveries: Family<ByChannel, Gauge>,
    token_expiry: Family<ByAccount, Seconds>,
    /// One reading of the database at a time.
    reading: tokio::sync::Mutex<()>,
}

impl Metrics {
    /// Begins to count; what the store measures by itself is told too.
    pub fn new(store: &Store) -> Self {
        let mut registry = Registry::with_prefix("patchcord");
        let version = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("relay", "The relay's version", version);
        let callbacks = Family::<ByState, Counter>::default();
        registry.register(
            "callbacks",
            "Callbacks by what became of them: queued, handed_over, refused, unknown, cancelled, expired",
            callbacks.clone(),
        );
        let calls = Family::<ByOutcome, Counter>::default();
        registry.register("calls", "Dials by the provider's outcome", calls.clone());
        let refusals = Family::<ByCode, Counter>::default();
        registry.register(
            "refusals",
            "Requests that the relay itself refused",
            refusals.clone(),
        );
        let requests =
            Family::<ByRoute, Histogram, fn() -> Histogram>::new_with_constructor(SECONDS);
        registry.register_with_unit(
            "http_request_duration",
            "From the request's header to the reply's",
            Unit::Seconds,
            requests.clone(),
        );
        let streams = Gauge::default();
        registry.register(
            "event_streams",
            "Event streams that are open",
            streams.clone(),
        );
        let desk_streams = Gauge::default();
        registry.register(
            "agent_api_streams",
            "Streams of the platforms' Agent APIs that are passed on",
            desk_streams.clone(),
        );
        let commands = Family::<ByCommand, Counter>::default();
        registry.register(
            "agent_api_commands",
            "Commands of agents that were passed on, by the platform's outcome",
            commands.clone(),
        );
        let oldest_due = Seconds::default();
        registry.register_with_unit(
            "oldest_due_callback_age",
            "Since when the callback waits that should have been handed over first; 0 where none is overdue",
            Unit::Seconds,
            oldest_due.clone(),
        );
        let alerts = Family::<ByKind, Gauge>::default();
        registry.register(
            "open_alerts",
            "What a person has to look at",
            alerts.clone(),
        );
        let deliveries = Family::<ByChannel, Gauge>::default();
        registry.register(
            "deliveries",
            "Webhooks and mails that wait, are being sent, or failed for good",
            deliveries.clone(),
        );
        let token_expiry = Family::<ByAccount, Seconds>::default();
        registry.register_with_unit(
            "token_expiry_timestamp",
            "When the account's access token ends, since the Unix epoch",
            Unit::Seconds,
            token_expiry.clone(),
        );
        registry.register(
            "database_transaction_jobs",
            "How many jobs shared a transaction, and so an fsync (SQLite)",
            store.measures().jobs.clone(),
        );
        registry.register_with_unit(
            "database_commit",
            "How long a commit took, with its fsync",
            Unit::Seconds,
            store.measures().commit.clone(),
        );
        Self {
            registry,
            callbacks,
            calls,
            refusals,
            requests,
            streams,
            desk_streams,
            commands,
            oldest_due,
            alerts,
            deliveries,
            token_expiry,
            reading: tokio::sync::Mutex::default(),
        }
    }

    /// A callback was taken down, or is over.
    pub fn callback(&self, callback: &Callback) {
        self.callback_became(callback.state.as_str(), callback.code.as_deref(), 1);
    }

    /// So many callbacks came to this state at once.
    pub fn callback_became(&self, state: &str, code: Option<&str>, count: u64) {
        let labels = ByState {
            state: state.to_owned(),
            code: code.unwrap_or_default().to_owned(),
        };
        self.callbacks.get_or_create(&labels).inc_by(count);
    }

    /// A dial has its outcome.
    pub fn call(&self, call: &Call) {
        let labels = ByOutcome {
            provider: call.provider.clone(),
            outcome: call.outcome.clone().unwrap_or_default(),
            code: call.code.clone().unwrap_or_default(),
        };
        self.calls.get_or_create(&labels).inc();
    }

    /// A request was answered by a problem document.
    pub fn refused(&self, code: Code) {
        let code = code.as_str();
        self.refusals.get_or_create(&ByCode { code }).inc();
    }

    /// A request was answered.
    pub fn answered(&self, method: &axum::http::Method, route: &str, status: u16, took: Duration) {
        let labels = ByRoute {
            // A client can invent methods; a label for each would be memory without end.
            method: match method.as_str() {
                "GET" => "GET",
                "HEAD" => "HEAD",
                "POST" => "POST",
                "PATCH" => "PATCH",
                "DELETE" => "DELETE",
                "OPTIONS" => "OPTIONS",
                _ => "other",
            },
            route: route.to_owned(),
            status,
        };
        let requests = self.requests.get_or_create(&labels);
        requests.observe(took.as_secs_f64());
    }

    /// An event stream is open until this is dropped.
    pub fn stream_opened(&self) -> OpenStream {
        self.streams.inc();
        OpenStream(self.streams.clone())
    }

    /// A stream of an Agent API is open until this is dropped.
    pub fn desk_stream_opened(&self) -> OpenStream {
        self.desk_streams.inc();
        OpenStream(self.desk_streams.clone())
    }

    /// A command was passed on, or could not be.
    pub fn command(&self, kind: &'static str, outcome: &Outcome) {
        let outcome = outcome.as_str();
        self.commands
            .get_or_create(&ByCommand { kind, outcome })
            .inc();
    }

    /// Everything, as OpenMetrics text.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn text(&self, store: &Store, now: Millis) -> Result<String, sqlx::Error> {
        let _reading = self.reading.lock().await;
        let overdue = store
            .next_dispatch()
            .await?
            .map_or(0, |due| (now - due).max(0));
        self.oldest_due.set(seconds(overdue));
        self.alerts.clear();
        for (kind, count) in store.count_alerts().await? {
            self.alerts.get_or_create(&ByKind { kind }).set(count);
        }
        self.deliveries.clear();
        for (channel, state, count) in store.count_deliveries().await? {
            self.deliveries
                .get_or_create(&ByChannel { channel, state })
                .set(count);
        }
        self.token_expiry.clear();
        for (account, expiry) in store.token_expiries().await? {
            self.token_expiry
                .get_or_create(&ByAccount { account })
                .set(seconds(expiry));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).map_err(|error| sqlx::Error::Encode(error.into()))?;
        Ok(text)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a millisecond in 285,000 years")]
fn seconds(millis: Millis) -> f64 {
    millis as f64 / 1000.0
}

/// A stream that is open.
pub struct OpenStream(Gauge);

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}
