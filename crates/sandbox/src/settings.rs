//! What can be set while the sandbox runs.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::babelforce::CallState;

/// The life of a babelforce access token, in seconds: 12 hours, as the vendor's article says.
const TWELVE_HOURS: i64 = 43_200;

#[derive(Clone, Serialize)]
pub(crate) struct Settings {
    /// `expires_in` of the tokens issued from now on. `None`: the reply leaves it out, and the
    /// token does not end; nor does it where the number is 0 or below.
    pub expires_in: Option<i64>,
    /// `None`: babelforce's calls ring until somebody acts.
    pub auto_progress: Option<AutoProgress>,
}

/// Moves a placed call on by itself, one state at each step.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AutoProgress {
    /// Milliseconds between two states.
    step_ms: u64,
    /// The last state it enters.
    #[serde(default = "completed")]
    pub until: CallState,
}

fn completed() -> CallState {
    CallState::Completed
}

impl AutoProgress {
    pub fn step(self) -> Duration {
        Duration::from_millis(self.step_ms)
    }
}

/// A change of settings. What is absent stays; `null` is a value.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    #[serde(default, deserialize_with = "present")]
    expires_in: Option<Option<i64>>,
    #[serde(default, deserialize_with = "present")]
    auto_progress: Option<Option<AutoProgress>>,
}

fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
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
        }
    }

    pub fn apply(&mut self, change: Change) {
        if let Some(expires_in) = change.expires_in {
            self.expires_in = expires_in;
        }
        if let Some(auto_progress) = change.auto_progress {
            self.auto_progress = auto_progress;
        }
    }
}
