//! What the CRM of a story was told: at least once, and nothing that is not so.

use std::collections::{BTreeMap, BTreeSet};

use patchcord_relay::store::delivery::Delivery;
use serde_json::Value;

use super::promises::Promises;

/// The states that are told.
const TOLD: [&str; 6] = [
    "queued",
    "handed_over",
    "refused",
    "unknown",
    "cancelled",
    "expired",
];

/// What arrived.
#[derive(Debug, Default)]
pub struct Told {
    /// The bodies, by the ids of the messages.
    bodies: BTreeMap<String, String>,
    /// The types and subjects.
    events: BTreeSet<(String, String)>,
    /// The ids of the alerts.
    alerts: BTreeSet<String>,
}

impl Told {
    /// A message arrives, perhaps not for the first time.
    pub fn arrive(&mut self, delivery: &Delivery, promises: &Promises) {
        let before = self
            .bodies
            .insert(delivery.id.clone(), delivery.body.clone());
        assert!(
            before.is_none_or(|before| before == delivery.body),
            "{} says something else than before",
            delivery.id
        );
        let event: Value = serde_json::from_str(&delivery.body).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (kind, subject) = (text(&event["type"]), text(&event["subject"]));
        let kind = kind.strip_prefix("patchcord.").unwrap();
        if let Some(state) = kind.strip_prefix("callback.") {
            let so = promises
                .iter()
                .any(|(id, promise)| *id == subject && promise.seen.contains(state));
            assert!(so, "{subject} is told to be {state}, and never was");
            assert_eq!(event["data"]["state"], state);
        } else {
            self.alerts.insert(text(&event["data"]["alert"]));
        }
        self.events.insert((kind.to_owned(), subject));
    }

    /// Everything that happened was told, and each alert.
    pub fn is_whole(&self, promises: &Promises, alerts: &BTreeSet<String>) {
        for (id, promise) in promises.iter() {
            for state in promise.seen.iter().filter(|state| TOLD.contains(state)) {
                assert!(
                    self.events
                        .contains(&(format!("callback.{state}"), id.clone())),
                    "nobody was told that {id} was {state}"
                );
            }
        }
        assert_eq!(
            &self.alerts, alerts,
            "alerts that were told, and all alerts"
        );
    }
}
