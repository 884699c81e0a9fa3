//! What all pages have in common: the frame, the style, times, states, forms.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};

use super::access::{self, Admin};
use super::tasks;
use crate::clock::{self, Millis};
use crate::random;
use crate::relay::Relay;

const STYLE: &str = include_str!("admin.css");
/// Where the style is.
pub const STYLE_PATH: &str = "/admin/style.css";
/// Tells one version's style from another's.
static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let hash = random::hex(&random::hash(STYLE.as_bytes()));
    format!("{STYLE_PATH}?{}", hash.get(..12).unwrap_or_default())
});

/// The pages, by their address and name.
const PAGES: &[(&str, &str)] = &[
    ("/admin", "Overview"),
    (access::STATISTICS, "Statistics"),
    ("/admin/alerts", "To settle"),
    ("/admin/outbox", "Outbox"),
    ("/admin/refusals", "Refusals"),
    ("/admin/agents", "Agents"),
    ("/admin/provisioning", "Provisioned"),
    ("/admin/hosts", "CRMs"),
    ("/admin/hours", "Opening hours"),
    ("/admin/queues", "Queues"),
    (tasks::TASKS, "Tasks"),
    (tasks::SCHEDULES, "Schedules"),
    ("/admin/keys", "Keys"),
    ("/admin/tokens", "Tokens"),
    ("/admin/audit", "Audit log"),
];

/// `GET /admin/style.css`
pub async fn style() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/css; charset=utf-8"),
            (
                header::CACHE_CONTROL,
                "private, max-age=31536000, immutable",
            ),
        ],
        STYLE,
    )
        .into_response()
}

/// Whose midnight the days of a page begin at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// Universal time's.
    Utc,
    /// The configured zone's.
    Zone,
}

/// A page for somebody who is signed in. `at` is the address that stands for it in the navigation.
pub fn page(relay: &Relay, admin: &Admin, at: &str, title: &str, body: &Markup) -> Response {
    page_by(Days::Utc, relay, admin, at, title, body)
}

/// The same, where the page says itself by which days it counts.
pub fn page_by(
    days: Days,
    relay: &Relay,
    admin: &Admin,
    at: &str,
    title: &str,
    body: &Markup,
) -> Response {
    let zone = relay.config.admin.as_ref().map(|admin| &admin.zone);
    let zone = zone.and_then(|zone| zone.iana_name()).unwrap_or("UTC");
    let head = html! {
        a.skip href="#main" { "To the content" }
        header {
            div.wide {
                p.brand { "Patchcord relay" }
                form method="post" action=(access::SIGN_OUT) {
                    (word(admin))
                    span.who { (admin.name) }
                    button { "Sign out" }
                }
            }
            nav.wide aria-label="Pages" {
                ul {
                    @for (address, name) in PAGES.iter().filter(|(address, _)| is_shown(relay, admin, address)) {
                        li { a href=(address) aria-current=[(*address == at).then_some("page")] { (name) } }
                    }
                }
            }
        }
    };
    let foot = html! {
        footer.wide {
            p.quiet {
                @match days {
                    Days::Utc => { "Times are " (zone) ". Days are counted in UTC." }
                    Days::Zone => { "Times and days are those of " (zone) "." }
                }
            }
        }
    };
    Html(document(title, &head, body, &foot).into_string()).into_response()
}

/// Whether a page is in the navigation: for them, and about something that there is.
fn is_shown(relay: &Relay, admin: &Admin, address: &str) -> bool {
    let of_tasks = [tasks::TASKS, tasks::SCHEDULES].contains(&address);
    access::may_open(admin.role, address) && (!of_tasks || tasks::are_there(relay))
}

/// A page for whoever it may be.
pub fn bare(title: &str, body: &Markup) -> Html<String> {
    let head = html! { header { div.wide { p.brand { "Patchcord relay" } } } };
    Html(document(title, &head, body, &html! {}).into_string())
}

fn document(title: &str, head: &Markup, body: &Markup, foot: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) " · Patchcord relay" }
                link rel="icon" href="data:,";
                link rel="stylesheet" href=(*STYLE_ADDRESS);
            }
            body {
                (head)
                main #main.wide tabindex="-1" {
                    h1 { (title) }
                    (body)
                }
                (foot)
            }
        }
    }
}

/// What every form of a session has to say.
pub fn word(admin: &Admin) -> Markup {
    html! { input type="hidden" name="word" value=(admin.word); }
}

/// A moment, by the configured zone's clock.
pub fn time(relay: &Relay, at: Millis) -> Markup {
    let zone = relay.config.admin.as_ref().map(|admin| admin.zone.clone());
    let shown = Timestamp::from_millisecond(at).ok().zip(zone).map_or_else(
        || clock::to_rfc3339(at),
        |(at, zone)| {
            zone.to_datetime(at)
                .strftime("%-d %b %Y, %H:%M")
                .to_string()
        },
    );
    html! { time datetime=(clock::to_rfc3339(at)) { (shown) } }
}

/// How long ago, in one unit.
pub fn age(now: Millis, since: Millis) -> String {
    let seconds = (now - since).max(0) / 1000;
    match seconds {
        0..=89 => format!("{seconds} s"),
        90..=5_399 => format!("{} min", seconds / 60),
        5_400..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// The day in UTC, as `2026-11-24`.
pub fn day(at: Millis) -> String {
    let mut text = clock::to_rfc3339(at);
    text.truncate(10);
    text
}

/// The beginning of the day in UTC.
pub fn midnight(now: Millis) -> Millis {
    const DAY: Millis = 24 * 60 * 60 * 1000;
    now.div_euclid(DAY) * DAY
}

/// The last digits of a number, which tell callbacks apart and nobody whose they are.
pub fn digits(number: &str) -> String {
    let start = number.len().saturating_sub(3);
    number.get(start..).unwrap_or_default().to_owned()
}

/// A number of which only the last digits are shown.
pub fn masked(digits: &str) -> Markup {
    html! {
        span.number {
            span aria-hidden="true" { "•••" }
            span.unseen { "number ending in " }
            (digits)
        }
    }
}

/// A state, in words and in a colour.
pub fn state(state: &str) -> Markup {
    let kind = match state {
        "handed_over" | "accepted" | "open" => "good",
        "refused" | "expired" => "bad",
        "unknown" => "doubt",
        _ => "plain",
    };
    html! { span class={ "state " (kind) } { (words(state)) } }
}

/// A stable word as people write it.
pub fn words(word: &str) -> String {
    word.replace('_', " ")
}

/// A table, which is scrolled by itself where the page is narrow.
pub fn table(caption: &str, columns: &[&str], rows: &[Vec<Markup>]) -> Markup {
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table {
                thead { tr { @for column in columns { th scope="col" { (column) } } } }
                tbody {
                    @for row in rows {
                        tr { @for cell in row { td { (cell) } } }
                    }
                }
            }
        }
    }
}

/// A link to the next part of a list, where there is more.
pub fn more(address: Option<&str>) -> Markup {
    html! {
        @if let Some(address) = address {
            p { a.button href=(address) rel="next" { "Older ones" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_one_unit_that_fits() {
        let ages = [
            (0, "0 s"),
            (89, "89 s"),
            (90, "1 min"),
            (5_400, "1 h"),
            (172_800, "2 days"),
        ];
        for (seconds, text) in ages {
            assert_eq!(age(seconds * 1000, 0), text);
        }
        assert_eq!(age(0, 5_000), "0 s", "a clock that was put back");
    }

    #[test]
    fn a_masked_number_shows_three_digits() {
        let shown = masked(&digits("+493012345678")).into_string();
        assert!(shown.contains("678") && !shown.contains("5678"), "{shown}");
        assert_eq!(digits("1"), "1");
    }

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        let now = 1_795_476_123_456;
        assert_eq!(day(now), day(midnight(now)));
        assert_ne!(day(now), day(midnight(now) - 1));
    }
}
