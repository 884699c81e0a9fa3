//! What the relay tells others about: something that happened, in the form of a CloudEvent.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::clock::{self, Millis};
use crate::random::{self, NoRandomness};

/// What CloudEvents' `type` begins with.
const PREFIX: &str = "patchcord.";

/// Everything that can be told.
pub const TYPES: &[&str] = &[
    "callback.queued",
    "callback.handed_over",
    "callback.refused",
    "callback.unknown",
    "callback.cancelled",
    "callback.expired",
    "call.handed_over",
    "call.ringing",
    "call.connecting",
    "call.connected",
    "call.ended",
    "call.refused",
    "call.unknown",
    "alert.callback_refused",
    "alert.callback_unknown",
    "alert.callback_overdue",
    "alert.call_unknown",
    "alert.token_rotation_unknown",
];

/// Whether a configured event, as `callback.queued` or `callback.*`, covers a type.
pub fn covers(event: &str, kind: &str) -> bool {
    match event.strip_suffix(".*") {
        Some(sort) => kind
            .strip_prefix(sort)
            .is_some_and(|rest| !sort.is_empty() && rest.starts_with('.')),
        None => event == kind,
    }
}

/// Something that happened.
pub struct Notice {
    /// One of [`TYPES`].
    pub kind: String,
    /// The id of the callback or call, or the name of the account.
    pub subject: String,
    /// When.
    pub at: Millis,
    /// What is told about it, a JSON object.
    pub data: Box<RawValue>,
}

impl std::fmt::Debug for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notice")
            .field("kind", &self.kind)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: String,
    source: &'a str,
    r#type: String,
    subject: &'a str,
    time: String,
    datacontenttype: &'static str,
    data: &'a RawValue,
}

impl Notice {
    /// A notice about `data`.
    ///
    /// # Errors
    /// Data that cannot be JSON.
    pub fn new(
        kind: impl Into<String>,
        subject: impl Into<String>,
        at: Millis,
        data: &impl Serialize,
    ) -> Result<Self, serde_json::Error> {
        Ok(Self {
            kind: kind.into(),
            subject: subject.into(),
            at,
            data: serde_json::value::to_raw_value(data)?,
        })
    }

    /// CloudEvents 1.0, structured JSON. `source` names this relay, or the relays of one database.
    ///
    /// # Errors
    /// The random source failed.
    pub fn cloud_event(&self, source: &str) -> Result<String, NoRandomness> {
        let event = CloudEvent {
            specversion: "1.0",
            id: random::id("ev")?,
            source,
            r#type: format!("{PREFIX}{}", self.kind),
            subject: &self.subject,
            time: clock::to_rfc3339(self.at),
            datacontenttype: "application/json",
            data: &self.data,
        };
        // Texts and JSON: writing it cannot fail.
        Ok(serde_json::to_string(&event).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_sort_of_events_covers_its_own_alone() {
        assert!(covers("call.*", "call.ended") && covers("call.ended", "call.ended"));
        for event in ["call.*", "call", "*", ".*", "callback", "callback.queue"] {
            assert!(!covers(event, "callback.queued"), "{event}");
        }
    }

    #[test]
    fn a_notice_is_a_cloud_event_with_its_data_word_for_word() {
        let data = RawValue::from_string(r#"{"score":1.50,"id":"cb_1"}"#.into()).unwrap();
        let notice = Notice::new("callback.queued", "cb_1", 1_764_000_000_000, &data).unwrap();
        let text = notice.cloud_event("https://relay.example").unwrap();
        assert!(
            text.contains(r#""data":{"score":1.50,"id":"cb_1"}"#),
            "{text}"
        );
        let mut event: Value = serde_json::from_str(&text).unwrap();
        let id = event.as_object_mut().unwrap().remove("id").unwrap();
        assert!(id.as_str().unwrap().starts_with("ev_"));
        assert_eq!(
            event,
            json!({
                "specversion": "1.0", "source": "https://relay.example", "type": "patchcord.callback.queued",
                "subject": "cb_1", "time": "2025-11-24T16:00:00Z", "datacontenttype": "application/json",
                "data": { "score": 1.5, "id": "cb_1" },
            })
        );
    }
}
