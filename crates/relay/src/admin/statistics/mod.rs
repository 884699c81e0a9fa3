//! `/admin/statistics`: what there was to do in some days, for those who look after others' work. No numbers of
//! callers are on it, and nothing can be changed.

mod chart;
mod numbers;
mod sections;

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::access::{Admin, STATISTICS, STATISTICS_CSV};
use super::failure::Failure;
use super::page::{self, Days};
use crate::http::problem::Problem;
use crate::http::query::Asked;
use crate::http::statistics::csv;
use crate::relay::Relay;
use crate::statistics::period::{MOST_DAYS, Period};
use crate::statistics::whose::Whose;
use crate::statistics::{self, Figures};

/// The longest parameter that is read.
const MOST: usize = 32;

/// `GET /admin/statistics`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let zone = statistics::zone(&relay);
    let (period, wrong) = match read(&relay, &zone, query.as_deref()) {
        Ok(period) => (period, None),
        // The form is there again, with today.
        Err(problem) => (Period::last(1, &zone, relay.clock.now()), Some(problem)),
    };
    let figures = Figures::read(&relay, Whose::Relay, period).await?;
    let body = html! {
        @if let Some(problem) = &wrong {
            p.wrong role="alert" { (problem.detail()) " These are the figures of today." }
        }
        (picker(&relay, &zone, &figures.period))
        (sections::all(&relay, &figures))
    };
    let mut page = page::page_by(Days::Zone, &relay, &admin, STATISTICS, "Statistics", &body);
    if let Some(problem) = wrong {
        *page.status_mut() = problem.status();
        page.extensions_mut().insert(problem);
    }
    Ok(page)
}

/// `GET /admin/statistics.csv`
pub async fn file(
    State(relay): State<Arc<Relay>>,
    _: Admin,
    RawQuery(query): RawQuery,
) -> Result<Response, Response> {
    let zone = statistics::zone(&relay);
    let period = read(&relay, &zone, query.as_deref()).map_err(IntoResponse::into_response)?;
    let figures = Figures::read(&relay, Whose::Relay, period)
        .await
        .map_err(|error| Failure::from(error).into_response())?;
    csv(&figures).map_err(IntoResponse::into_response)
}

fn read(relay: &Relay, zone: &TimeZone, query: Option<&str>) -> Result<Period, Problem> {
    let mut asked = Asked::read(query)?;
    let (from, to) = (asked.text("from", MOST)?, asked.text("to", MOST)?);
    asked.finish()?;
    Period::read(&from, &to, zone, relay.clock.now())
}

/// Which days: a form, and links to the usual ones.
fn picker(relay: &Relay, zone: &TimeZone, period: &Period) -> Markup {
    let now = relay.clock.now();
    let usual = [
        ("Today", Period::last(1, zone, now)),
        ("Yesterday", Period::yesterday(zone, now)),
        ("7 days", Period::last(7, zone, now)),
        ("31 days", Period::last(MOST_DAYS, zone, now)),
    ];
    let today = Period::last(1, zone, now).to();
    html! {
        form.filter.days method="get" action=(STATISTICS) {
            div {
                label for="from" { "From" }
                input id="from" type="date" name="from" value=(period.from()) max=(today) required;
            }
            div {
                label for="to" { "To" }
                input id="to" type="date" name="to" value=(period.to()) max=(today) required;
            }
            button { "Show" }
            ul.usual aria-label="Usual days" {
                @for (name, days) in &usual {
                    li {
                        a.button href=(address(STATISTICS, days)) aria-current=[(days == period).then_some("true")] { (name) }
                    }
                }
            }
            a.button.file href=(address(STATISTICS_CSV, period)) download { "Download CSV" }
        }
    }
}

fn address(path: &str, period: &Period) -> String {
    // Digits and hyphens.
    format!("{path}?from={}&to={}", period.from(), period.to())
}
