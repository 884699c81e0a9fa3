//! What can be set while the sandbox runs.

use std::num::NonZeroU64;

use serde::{Deserialize, Deserializer, Serialize};

use crate::babelforce::CallState;
use crate::cors::{Origins, OriginsChange};

/// The life of a babelforce access token, in seconds: 12 hours, as the vendor's article says.
const TWELVE_HOURS: i64 = 43_200;

/// As published: "the server sends one every ~15s".
const FIFTEEN_SECONDS: u64 = 15_000;

#[derive(Clone, Serialize)]
pub(crate) struct Settings {
    /// `expires_in` of the tokens issued from now on. `None`: the reply leaves it out, and the
    /// token does not end; nor does it where the number is 0 or below.
    pub expires_in: Option<i64>,
    /// `None`: babelforce's calls ring until somebody acts.
    pub auto_progress: Option<AutoProgress>,
    /// Milliseconds between two signs of life on a stream of the Agent API.
    pub heartbeat_ms: u64,
    /// A stream whose client has left so many pings unanswered is ended. `None`: never.
    pub unanswered_pings: Option<u32>,
    pub features: Features,
    pub wrap_up: WrapUpRules,
    pub origins: Origins,
    /// A page of Samespace's sessions has at most so many, whatever is asked for. `None`: as many as are.
    pub sessions_page: Option<usize>,
}

/// What the Agent API's clients may show and its server does.
#[derive(Clone, Serialize)]
pub(crate) struct Features {
    pub calls: bool,
    pub transfer: bool,
    pub conference: bool,
    pub messaging: bool,
    pub history: bool,
    pub phonebook: bool,
    pub outbound: bool,
    pub device_switch: bool,
    pub status_change: bool,
    pub screen_pop: bool,
}

/// After-call work.
#[derive(Clone, Serialize)]
pub(crate) struct WrapUpRules {
    /// Its length after a call that came out of no queue (a queue has its own); 0 for none.
    pub seconds: u32,
    pub can_cancel: bool,
    /// The seconds by which one may be put off in all. `None`: not at all.
    pub extension: Option<u32>,
}

/// Moves a placed call on by itself, one state at each step.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AutoProgress {
    /// Milliseconds between two states.
    pub step_ms: u64,
    /// The last state it enters.
    #[serde(default = "completed")]
    pub until: CallState,
}

fn completed() -> CallState {
    CallState::Completed
}

/// A change of settings. What is absent stays; `null` is a value.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    #[serde(default, deserialize_with = "present")]
    expires_in: Option<Option<i64>>,
    #[serde(default, deserialize_with = "present")]
    auto_progress: Option<Option<AutoProgress>>,
    heartbeat_ms: Option<NonZeroU64>,
    #[serde(default, deserialize_with = "present")]
    unanswered_pings: Option<Option<u32>>,
    #[serde(default)]
    features: FeatureChange,
    #[serde(default)]
    wrap_up: WrapUpChange,
    #[serde(default)]
    origins: OriginsChange,
    #[serde(default, deserialize_with = "present")]
    sessions_page: Option<Option<usize>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct FeatureChange {
    calls: Option<bool>,
    transfer: Option<bool>,
    conference: Option<bool>,
    messaging: Option<bool>,
    history: Option<bool>,
    phonebook: Option<bool>,
    outbound: Option<bool>,
    device_switch: Option<bool>,
    status_change: Option<bool>,
    screen_pop: Option<bool>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrapUpChange {
    seconds: Option<u32>,
    can_cancel: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    extension: Option<Option<u32>>,
}

/// A field that is there, though it may be `null`.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

impl Settings {
    pub fn seed() -> Self {
        Self {
            expires_in: Some(TWELVE_HOURS),
            auto_progress: None,
            heartbeat_ms: FIFTEEN_SECONDS,
            unanswered_pings: Some(3),
            features: Features {
                calls: true,
                transfer: true,
                conference: true,
                messaging: true,
                history: true,
                phonebook: true,
                outbound: true,
                device_switch: true,
                status_change: true,
                screen_pop: true,
            },
            wrap_up: WrapUpRules {
                seconds: 20,
                can_cancel: true,
                extension: Some(60),
            },
            origins: Origins::seed(),
            sessions_page: None,
        }
    }

    pub fn apply(&mut self, change: Change) {
        let features = &mut self.features;
        let wished = change.features;
        let rules = &mut self.wrap_up;
        set(&mut self.expires_in, change.expires_in);
        set(&mut self.auto_progress, change.auto_progress);
        set(
            &mut self.heartbeat_ms,
            change.heartbeat_ms.map(NonZeroU64::get),
        );
        set(&mut self.unanswered_pings, change.unanswered_pings);
        set(&mut features.calls, wished.calls);
        set(&mut features.transfer, wished.transfer);
        set(&mut features.conference, wished.conference);
        set(&mut features.messaging, wished.messaging);
        set(&mut features.history, wished.history);
        set(&mut features.phonebook, wished.phonebook);
        set(&mut features.outbound, wished.outbound);
        set(&mut features.device_switch, wished.device_switch);
        set(&mut features.status_change, wished.status_change);
        set(&mut features.screen_pop, wished.screen_pop);
        set(&mut rules.seconds, change.wrap_up.seconds);
        set(&mut rules.can_cancel, change.wrap_up.can_cancel);
        set(&mut rules.extension, change.wrap_up.extension);
        self.origins.apply(change.origins);
        set(&mut self.sessions_page, change.sessions_page);
    }
}

pub(crate) fn set<T>(value: &mut T, wish: Option<T>) {
    if let Some(wish) = wish {
        *value = wish;
    }
}
