//! What the holder of a callback's manage token is told, and the page where they use it.

use patchcord_core::callback::CallbackState;
use serde::Serialize;
use utoipa::ToSchema;

use crate::config::{Config, SiteKey};
use crate::store::callback::{Callback, View};

/// How many of a number's last digits are told to whoever has the link.
const LAST_DIGITS: usize = 3;

/// The answer to a wish: with what lets its holder manage it, told once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CallbackTaken)]
pub struct Taken<'a> {
    /// The callback.
    #[serde(flatten)]
    callback: View<'a>,
    /// Lets its holder read, change and cancel this callback.
    manage_token: &'a str,
    /// The address of a page that does it, to keep. Absent where neither the key nor the relay has such a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    manage_url: Option<String>,
}

impl<'a> Taken<'a> {
    /// Of a callback that was just taken by this key.
    pub fn of(
        config: &Config,
        key: &SiteKey,
        callback: &'a Callback,
        manage_token: &'a str,
    ) -> Self {
        Self {
            manage_url: manage_url(config, key, &callback.id, manage_token),
            callback: callback.view(),
            manage_token,
        }
    }
}

/// Where a callback can be managed. The token is in the fragment, which no browser sends to a server.
fn manage_url(config: &Config, key: &SiteKey, id: &str, token: &str) -> Option<String> {
    if let Some(page) = &key.manage_page {
        return Some(format!("{page}#patchcord={id}.{token}"));
    }
    let origin = own_page(config)?;
    Some(format!("{origin}/callback#{id}.{token}"))
}

/// The relay's origin, where it has a page of its own for callbacks: it serves the widget, and knows where it is.
pub fn own_page(config: &Config) -> Option<&str> {
    config
        .public_origin
        .as_deref()
        .filter(|_| config.web.is_some())
}

/// A callback, as the holder of its token sees it: enough to show it, and no more of the number than to know it by.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ManagedCallback)]
pub struct Managed<'a> {
    /// The callback.
    #[serde(flatten)]
    callback: View<'a>,
    /// The end of the number, as `…678`.
    number: String,
    /// What it is about, for people.
    topic_label: &'a str,
    /// The IANA time zone of the business; null where it is called around the clock, or nobody knows yet.
    zone: Option<String>,
    /// Whether a time can be chosen.
    schedule: bool,
    /// Whether it can still be changed and called off.
    changeable: bool,
    /// The publishable key it came by, for `GET /v1/slots`.
    site_key: &'a str,
}

impl<'a> Managed<'a> {
    /// As it is told in a language.
    pub fn of(config: &'a Config, callback: &'a Callback, lang: &str) -> Self {
        let topic = config.topics.get(&callback.topic);
        let hours = topic.and_then(|topic| topic.times.hours.hours().ok().flatten());
        Self {
            number: shortened(&callback.number),
            topic_label: topic.map_or(&callback.topic, |topic| topic.label.pick(lang)),
            zone: hours.map(|hours| hours.zone().to_owned()),
            schedule: topic.is_some_and(|topic| topic.schedule),
            changeable: is_waiting(callback.state),
            site_key: &callback.site_key,
            callback: callback.view(),
        }
    }
}

/// Whether nobody has begun to hand it over.
pub const fn is_waiting(state: CallbackState) -> bool {
    matches!(state, CallbackState::Queued | CallbackState::Due)
}

fn shortened(number: &str) -> String {
    let digits = number.chars().count();
    let end: String = number
        .chars()
        .skip(digits.saturating_sub(LAST_DIGITS))
        .collect();
    format!("…{end}")
}
