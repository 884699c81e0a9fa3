//! `GET /v1/statistics`

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use patchcord_core::error::Code;

use super::credentials::AgentSession;
use super::problem::{Document, Problem};
use super::query::Asked;
use crate::config::Permission;
use crate::policy::look_up::{self, Kind};
use crate::relay::Relay;
use crate::statistics::period::Period;
use crate::statistics::told::View;
use crate::statistics::whose::Whose;
use crate::statistics::{self, Figures};

/// The longest parameter that is read.
const MOST: usize = 32;

/// Figures about some days: calls, callbacks, answer times. For agents who may see them (`may = ["supervisor"]`), and of
/// their organisation alone.
#[utoipa::path(
    get, path = "/v1/statistics", tag = "agents", security(("session" = [])),
    params(
        ("from" = Option<String>, Query, description = "The first day, as 2026-11-26, in the zone of the admin pages; today by default"),
        ("to" = Option<String>, Query, description = "The last day; `from` by default, at most 31 days in all"),
        ("format" = Option<String>, Query, description = "`csv` for a file; `json` by default. `Accept: text/csv` does the same"),
    ),
    responses(
        (status = 200, content((View = "application/json"), (String = "text/csv"))),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused; `not_permitted` for who may not see them, `too_many_requests` (429) for who asked more often than they may dial"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn get(
    State(relay): State<Arc<Relay>>,
    AgentSession(asker): AgentSession,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    if !asker.agent.may.contains(&Permission::Supervisor) {
        return Err(Problem::new(
            Code::NotPermitted,
            "Statistics are for agents who may see them.",
        )
        .with_remedy(
            "Add may = [\"supervisor\"] to the agent's entry in the relay's configuration.",
        ));
    }
    let mut asked = Asked::read(query.as_deref())?;
    let (from, to) = (asked.text("from", MOST)?, asked.text("to", MOST)?);
    let format = format(&asked.text("format", MOST)?, &headers)?;
    asked.finish()?;
    let zone = statistics::zone(&relay);
    let period = Period::read(&from, &to, &zone, relay.clock.now())?;
    look_up::count(&relay, &asker.agent.id, Kind::Statistics).await?;
    let figures = Figures::read(&relay, Whose::Org(&asker.agent.id.org), period).await?;
    match format {
        Format::Csv => csv(&figures),
        Format::Json => Ok(([no_store()], Json(figures.view())).into_response()),
    }
}

/// The figures as a file with a name.
///
/// # Errors
/// They cannot be written, which no figures are known to cause.
pub fn csv(figures: &Figures) -> Result<Response, Problem> {
    let file = figures.csv().map_err(|error| Problem::internal(&error))?;
    let (from, to) = (figures.period.from(), figures.period.to());
    let name = format!("attachment; filename=\"patchcord-statistics-{from}-{to}.csv\"");
    let name = HeaderValue::try_from(name).map_err(|error| Problem::internal(&error))?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
        no_store(),
    ];
    Ok((headers, file).into_response())
}

const fn no_store() -> (header::HeaderName, HeaderValue) {
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Csv,
}

fn format(asked: &str, headers: &HeaderMap) -> Result<Format, Problem> {
    match asked {
        "csv" => Ok(Format::Csv),
        "json" => Ok(Format::Json),
        "" => Ok(preferred(headers)),
        _ => Err(Problem::of(
            Code::InvalidField,
            "format",
            "`format` is neither `json` nor `csv`.",
        )),
    }
}

/// CSV where that is accepted by name and JSON is not.
fn preferred(headers: &HeaderMap) -> Format {
    let accepts = |wanted: &str| {
        headers
            .get_all(header::ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(|kind| kind.split(';').next())
            .any(|kind| kind.trim().eq_ignore_ascii_case(wanted))
    };
    if accepts("text/csv") && !accepts("application/json") {
        Format::Csv
    } else {
        Format::Json
    }
}
