//! What the relay tells others about: something that happened, in the form of a CloudEvent.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::clock::{self, Millis};
use crate::config::{Config, Mail, Webhook};
use crate::mail::Letter;
use crate::random::{self, NoRandomness};
use crate::store::alert::Alert;
use crate::store::call::{self, Call};
use crate::store::callback::Callback;

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
    "alert.token_rotation_refused",
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

/// Whom this relay tells, by the configuration.
#[derive(Debug, Default)]
pub struct Channels {
    /// What CloudEvents' `source` is: this relay, or the relays of one database.
    pub source: String,
    /// The webhooks.
    pub webhooks: Vec<Webhook>,
    /// Where alerts are mailed to.
    pub mail: Option<Mail>,
}

impl Channels {
    /// Those of the configuration.
    pub fn of(config: &Config) -> Self {
        Self {
            source: config.audience.clone(),
            webhooks: config.webhooks.clone(),
            mail: config.mail.clone(),
        }
    }

    /// The webhooks that are told this type.
    pub fn told<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Webhook> {
        self.webhooks
            .iter()
            .filter(move |webhook| webhook.events.iter().any(|event| covers(event, kind)))
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

/// A callback, as a CRM needs it.
#[derive(Serialize)]
struct CallbackData<'a> {
    id: &'a str,
    reference: &'a str,
    state: &'a str,
    topic: &'a str,
    number: &'a str,
    at: Option<String>,
    fields: Box<RawValue>,
    payload: Box<RawValue>,
    consent: Option<&'a str>,
    page: Option<&'a str>,
    site_key: &'a str,
    code: Option<&'a str>,
    message: Option<&'a str>,
    created_at: String,
}

#[derive(Serialize)]
struct CallData<'a> {
    #[serde(flatten)]
    call: call::View<'a>,
    org: &'a str,
    sub: &'a str,
}

#[derive(Serialize)]
struct AlertData<'a> {
    alert: &'a str,
    kind: &'a str,
    subject: &'a str,
    code: Option<&'a str>,
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
    /// A callback came into its state.
    ///
    /// # Errors
    /// A row that this relay did not write.
    pub fn callback(callback: &Callback, now: Millis) -> Result<Self, serde_json::Error> {
        let data = CallbackData {
            id: &callback.id,
            reference: &callback.reference,
            state: callback.state.as_str(),
            topic: &callback.topic,
            number: &callback.number,
            at: callback.at.map(clock::to_rfc3339),
            fields: RawValue::from_string(callback.fields.clone())?,
            payload: RawValue::from_string(callback.payload.clone())?,
            consent: callback.consent.as_deref(),
            page: callback.page.as_deref(),
            site_key: &callback.site_key,
            code: callback.code.as_deref(),
            message: callback.message.as_deref(),
            created_at: clock::to_rfc3339(callback.created_at),
        };
        let kind = format!("callback.{}", callback.state.as_str());
        Self::new(kind, &callback.id, now, &data)
    }

    /// A call came into its state.
    ///
    /// # Errors
    /// None that is known: all of it is text and numbers.
    pub fn call(call: &Call, now: Millis) -> Result<Self, serde_json::Error> {
        let data = CallData {
            call: call.view(),
            org: &call.org,
            sub: &call.sub,
        };
        Self::new(format!("call.{}", call.state), &call.id, now, &data)
    }

    /// A person has to look at something.
    ///
    /// # Errors
    /// None that is known: all of it is text.
    pub fn alert(alert: &Alert) -> Result<Self, serde_json::Error> {
        let data = AlertData {
            alert: &alert.id,
            kind: &alert.kind,
            subject: &alert.subject,
            code: alert.code.as_deref(),
        };
        let kind = format!("alert.{}", alert.kind);
        Self::new(kind, &alert.subject, alert.opened_at, &data)
    }

    fn new(
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

    /// CloudEvents 1.0, structured JSON.
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

/// The mail about an alert. It says where to look, and nothing about anybody.
pub fn letter(alert: &Alert, source: &str) -> Letter {
    let (what, to_do) = match alert.kind.as_str() {
        "callback_refused" => (
            "A callback was refused",
            "Nobody was called. Decide on the relay's admin page whether it is tried again.",
        ),
        "callback_unknown" => (
            "A callback may or may not have arrived",
            "The relay does not repeat it by itself. Look whether the visitor was called, and settle it on the relay's admin page.",
        ),
        "callback_overdue" => (
            "A callback is overdue",
            "It could not be handed over in time. Decide on the relay's admin page whether it is still wanted.",
        ),
        "call_unknown" => (
            "A call may or may not have rung",
            "The relay does not repeat it by itself. Settle it on the relay's admin page.",
        ),
        "token_rotation_refused" => (
            "A token was not renewed",
            "Its time had come, and the platform refused to exchange it. The relay tries again in a day. If the platform does not know the token any more, look the new one up there and configure it.",
        ),
        "token_rotation_unknown" => (
            "A token may or may not have been renewed",
            "The relay stopped, or got no answer, while a one-time token was being used. If the account does not work any more, sign in again as the relay's documentation says under \"Tokens\".",
        ),
        _ => ("Something needs a look", "See the relay's admin page."),
    };
    let code = alert.code.as_deref().unwrap_or("none");
    Letter {
        subject: format!("Patchcord: {} ({})", what, alert.subject),
        text: format!(
            "{what}: {}.\nReason: {code}. Since: {}. Relay: {source}.\n\n{to_do}\n",
            alert.subject,
            clock::to_rfc3339(alert.opened_at),
        ),
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
