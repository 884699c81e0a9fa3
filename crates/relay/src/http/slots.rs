//! `GET /v1/slots`

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::credentials::Visitor;
use super::problem::{Document, Problem};
use crate::callbacks;
use crate::clock::{self, Millis};
use crate::hours::Hours;
use crate::relay::Relay;
use crate::schedule;

const DAY: Millis = 24 * 60 * 60 * 1000;
/// The most days to look ahead.
const MAX_DAYS: u16 = 31;

/// What is asked for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// One of the key's topics.
    topic: String,
    /// RFC 3339; now where it is left out.
    from: Option<String>,
    /// 1 to 31; 7 where it is left out.
    days: Option<u16>,
}

/// The times at which a callback can be had.
#[derive(Debug, Serialize, ToSchema)]
pub struct Slots {
    /// The IANA time zone of the business; UTC where the topic has no opening hours.
    zone: String,
    /// From one to the next, in minutes.
    minutes: u16,
    /// RFC 3339 in UTC, in order.
    slots: Vec<String>,
}

/// The times at which a callback can be had: open, and not quiet for the numbers of the key's region; those of another
/// country may be refused. None where no time can be chosen for the topic.
#[utoipa::path(
    get, path = "/v1/slots", tag = "visitors", security(("key" = [])), params(Asked),
    responses(
        (status = 200, body = Slots),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn get(
    State(relay): State<Arc<Relay>>,
    Visitor(key): Visitor,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|rejection| {
        Problem::of(Code::InvalidField, "query", rejection.body_text())
            .with_remedy("Ask with `topic`, and if need be `from` and `days`.")
    })?;
    let topic = callbacks::topic_of(&relay, &key, &asked.topic)?;
    let now = relay.clock.now();
    let days = asked.days.unwrap_or(7);
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(Problem::of(
            Code::InvalidField,
            "days",
            format!("`days` is not between 1 and {MAX_DAYS}."),
        ));
    }
    let from = match &asked.from {
        None => now,
        Some(text) => clock::from_rfc3339(text).ok_or_else(|| {
            Problem::of(
                Code::InvalidField,
                "from",
                "`from` has to be a time in RFC 3339, as 2026-11-22T10:30:00Z.",
            )
        })?,
    };
    let hours = schedule::hours(topic)?.unwrap_or_else(|| Arc::new(Hours::around_the_clock()));
    let lead = Millis::try_from(topic.times.lead.as_millis()).unwrap_or(Millis::MAX);
    let until = from
        .saturating_add(Millis::from(days) * DAY)
        .min(now.saturating_add(callbacks::MAX_AHEAD));
    let first = from.max(now.saturating_add(lead));
    let slots = if topic.schedule {
        let slots = hours.slots(first, until, topic.times.slot);
        schedule::without_quiet(&relay.config, &key.region, slots)
    } else {
        Default::default()
    };
    Ok((
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(Slots {
            zone: hours.zone().to_owned(),
            minutes: topic.times.slot.minutes(),
            slots: slots.into_iter().map(clock::to_rfc3339).collect(),
        }),
    )
        .into_response())
}
