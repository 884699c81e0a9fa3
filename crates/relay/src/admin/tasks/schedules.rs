//! `/admin/schedules`: tasks that the platform makes again and again.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use jiff::ZonedDateTime;
use maud::{Markup, html};
use patchcord_core::http::percent_encode;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::tasks::{Cron, Schedule, ScheduleName, Style, Zone};
use serde::Deserialize;
use serde_json::json;

use super::draft::{Draft, SHOWN, Wrong};
use super::{At, SCHEDULES, answered, are_there, at, choice, trouble, unread, write_down};
use crate::admin::access::{Admin, Order};
use crate::admin::asked::Query;
use crate::admin::failure::Failure;
use crate::admin::outbox::encode;
use crate::admin::page;
use crate::audit::Action;
use crate::relay::Relay;
use crate::run_times;

/// So many on a page.
const SIZE: u32 = 50;
const NEW: &str = "/admin/new-schedule";

/// Which schedules, and what was just done.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    account: String,
    #[serde(default)]
    page: String,
    #[serde(default)]
    done: String,
}

/// `GET /admin/schedules`
pub async fn list(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    if !are_there(&relay) {
        let body = html! { p { "No account's platform has schedules." } };
        return Ok(page::page(&relay, &admin, SCHEDULES, "Schedules", &body));
    }
    let at = at(&relay, &wanted.account)?;
    let number = wanted.page.parse().unwrap_or(1).max(1);
    let asked = at.account.ask(
        |token| at.tasks.schedules(number, SIZE, token),
        |reply| at.tasks.read_schedules(number, reply),
    );
    let listed = answered(asked.await);
    let done = match wanted.done.as_str() {
        "made" => "The platform has the schedule.",
        "deleted" => "The platform has deleted the schedule. Tasks that it made are still there.",
        _ => "",
    };
    let several = choice(&relay, at.name);
    let body = html! {
        @if !done.is_empty() { p.note role="status" { (done) } }
        p { "The platform makes each of these tasks by itself, again and again, also while this relay is down." }
        @if !several.0.is_empty() {
            form.filter method="get" action=(SCHEDULES) { (several) button { "Show" } }
        }
        p { a.button href={ (NEW) "?" (encode(&[("account", at.name)])) } { "New schedule" } }
        @match &listed {
            Err(outcome) => (unread(outcome)),
            Ok(list) => {
                @if list.items.is_empty() { p { "No schedules." } }
                @for schedule in &list.items { (one(&relay, &at, schedule)) }
                @if let Some(next) = list.next {
                    @let query = encode(&[("account", at.name), ("page", &next.to_string())]);
                    p { a.button href={ (SCHEDULES) "?" (query) } rel="next" { "More" } }
                }
            }
        }
    };
    Ok(page::page(&relay, &admin, SCHEDULES, "Schedules", &body))
}

fn one(relay: &Relay, at: &At<'_>, schedule: &Schedule) -> Markup {
    html! {
        section aria-label=(schedule.name) {
            h2 { (schedule.name) }
            dl.facts {
                div { dt { "When" } dd { code { (schedule.cron) } " in " (schedule.zone) } }
                div { dt { "Next" } dd { (next(relay, schedule)) } }
                @if let Some(template) = &schedule.template {
                    div { dt { "Template" } dd { (template) @if let Some(style) = &schedule.style { ", " (style) } } }
                }
            }
            p { a href={ (address(at, &schedule.name)) "/delete" } { "Delete" span.unseen { " " (schedule.name) } } }
        }
    }
}

/// The next times, where the schedule can be read here.
fn next(relay: &Relay, schedule: &Schedule) -> Markup {
    let cron = Cron::parse(&schedule.cron).ok();
    let zone = Zone::parse(&schedule.zone).ok();
    let zone = zone.and_then(|zone| run_times::zone(&zone));
    let now = relay.clock.now();
    let times = cron.zip(zone);
    let times = times.map(|(cron, zone)| run_times::next(&cron, &zone, now, SHOWN));
    html! {
        @match times {
            None => span.doubt { "not known here: the platform reads it otherwise than this page" },
            Some(times) if times.is_empty() => { "never" },
            Some(times) => (written(&times)),
        }
    }
}

fn written(times: &[ZonedDateTime]) -> Markup {
    html! {
        ul.plain {
            @for at in times {
                @let form = if at.second() == 0 { "%a, %-d %b %Y, %H:%M" } else { "%a, %-d %b %Y, %H:%M:%S" };
                // What is within a time stays on one line.
                li { time datetime=(at.timestamp()) { (at.strftime(form)) } " " span.quiet { (at.strftime("%:z")) } }
            }
        }
    }
}

fn address(at: &At<'_>, name: &str) -> String {
    let (account, name) = (percent_encode(at.name), percent_encode(name));
    format!("{SCHEDULES}/{account}/{name}")
}

/// `GET /admin/new-schedule`
pub async fn new(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let at = at(&relay, &wanted.account)?;
    let zone = relay.config.admin.as_ref().map(|admin| &admin.zone);
    let zone = zone.and_then(|zone| zone.iana_name()).unwrap_or("UTC");
    let draft = Draft {
        timezone: zone.to_owned(),
        ..Draft::default()
    };
    Ok(form_page(&relay, &admin, &at, &draft, &Shown::Empty))
}

/// What is said above the form.
enum Shown {
    Empty,
    Wrong(Wrong),
    /// It can be made: when it is due.
    Due(Vec<ZonedDateTime>),
    Trouble(Outcome),
}

/// `POST /admin/new-schedule`: first its times are shown, then it is made.
pub async fn make(State(relay): State<Arc<Relay>>, order: Order) -> Result<Response, Failure> {
    let at = at(&relay, order.field("account"))?;
    let (draft, admin) = (Draft::of(&order), &order.admin);
    let shown = |shown: &Shown| form_page(&relay, admin, &at, &draft, shown);
    let (schedule, times) = match draft.read(relay.clock.now()) {
        Ok(read) => read,
        Err(wrong) => return Ok(shown(&Shown::Wrong(wrong))),
    };
    if order.field("do") != "make" {
        return Ok(shown(&Shown::Due(times)));
    }
    let detail = json!({
        "account": at.name, "cron": schedule.cron.as_str(), "timezone": schedule.zone.as_str(),
        "template": schedule.template.as_ref().map(|(template, _)| template.as_str()),
    });
    let name = schedule.name.as_str();
    write_down(&relay, admin, Action::ScheduleAsked, name, detail).await?;
    let asked = at.account.ask(
        |token| at.tasks.create_schedule(&schedule, token),
        |reply| at.tasks.read_done(reply),
    );
    match asked.await.unwrap_or_else(Outcome::Refused) {
        Outcome::Accepted => Ok(to_list(&at, "made")),
        outcome => Ok(shown(&Shown::Trouble(outcome))),
    }
}

fn to_list(at: &At<'_>, done: &str) -> Response {
    let query = encode(&[("account", at.name), ("done", done)]);
    Redirect::to(&format!("{SCHEDULES}?{query}")).into_response()
}

fn form_page(relay: &Relay, admin: &Admin, at: &At<'_>, draft: &Draft, shown: &Shown) -> Response {
    let wrong = match shown {
        Shown::Wrong(wrong) => Some(wrong),
        _ => None,
    };
    let body = html! {
        @match shown {
            Shown::Empty => {},
            Shown::Wrong(wrong) => div.wrong role="alert" { p { strong { "Nothing was made. " } (wrong.text) } },
            Shown::Due(times) => div.note role="status" {
                p { "It will be due at these times next, by the clock of " (draft.timezone) ":" }
                (written(times))
                p { "Make it below, if that is what you mean." }
            },
            Shown::Trouble(outcome) => (trouble(outcome)),
        }
        form.setup method="post" action=(NEW) {
            (page::word(admin))
            input type="hidden" name="account" value=(at.name);
            section aria-label="The schedule" {
                h2 { "When" }
                (field("name", "Name", "It stands in the platform's lists and cannot be changed later.", wrong, |about, invalid| html! {
                    input #name name="name" value=(draft.name) maxlength="100" required autocomplete="off" aria-describedby=(about) aria-invalid=[invalid];
                }))
                (field("cron", "Cron", "Minute, hour, day, month, weekday: 0 9 * * MON-FRI is 9:00 from Monday to Friday. A field before them is seconds, one after them the year.", wrong, |about, invalid| html! {
                    input #cron name="cron" value=(draft.cron) maxlength="200" required autocomplete="off" spellcheck="false" aria-describedby=(about) aria-invalid=[invalid];
                }))
                (field("timezone", "Time zone", "As Europe/Berlin. When its clocks change, the time of day stays; one between two and three at night may be left out, or come twice.", wrong, |about, invalid| html! {
                    input #timezone name="timezone" value=(draft.timezone) maxlength="64" required autocomplete="off" spellcheck="false" aria-describedby=(about) aria-invalid=[invalid];
                }))
            }
            section aria-label="The task" {
                h2 { "What" }
                (field("template", "Template", "The name of a template of the account. Empty where the task below is the whole task.", wrong, |about, invalid| html! {
                    input #template name="template" value=(draft.template) maxlength="255" autocomplete="off" spellcheck="false" aria-describedby=(about) aria-invalid=[invalid];
                }))
                (field("style", "Style", "How the template's open places are written below: objects within objects, or one object with paths as body.to.", wrong, |about, invalid| html! {
                    select #style name="style" aria-describedby=(about) aria-invalid=[invalid] {
                        @for style in Style::ALL { option value=(style.as_str()) selected[style.as_str() == draft.style] { (style.as_str()) } }
                    }
                }))
                (field("task", "Task", "A JSON object: what the template leaves open, or the whole task with its type.", wrong, |about, invalid| html! {
                    textarea #task name="task" rows="6" spellcheck="false" aria-describedby=(about) aria-invalid=[invalid] { (draft.task) }
                }))
            }
            p {
                button name="do" value="check" { "Check it" }
                @if matches!(shown, Shown::Due(_)) { " " button.main name="do" value="make" { "Make the schedule" } }
                " " a href={ (SCHEDULES) "?" (encode(&[("account", at.name)])) } { "To the list" }
            }
        }
    };
    page::page(relay, admin, SCHEDULES, "New schedule", &body)
}

fn field(
    name: &str,
    label: &str,
    hint: &str,
    wrong: Option<&Wrong>,
    control: impl Fn(&str, Option<&'static str>) -> Markup,
) -> Markup {
    let wrong = wrong.filter(|wrong| wrong.field == name);
    let about = format!("{name}-hint");
    html! {
        div.field {
            label for=(name) { (label) }
            (control(&about, wrong.map(|_| "true")))
            p.quiet id=(about) {
                @if let Some(wrong) = wrong { span.bad { (wrong.text) } " " }
                (hint)
            }
        }
    }
}

/// The schedule of this name, as the platform tells it.
async fn read(at: &At<'_>, name: &ScheduleName) -> Result<Schedule, Outcome> {
    let asked = at.account.ask(
        |token| at.tasks.schedule(name, token),
        |reply| at.tasks.read_schedule(reply),
    );
    answered(asked.await)
}

/// `GET /admin/schedules/{account}/{name}/delete`
pub async fn ask_to_delete(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path((account, name)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let at = at(&relay, &account)?;
    let name = ScheduleName::parse(&name).map_err(|_| Failure::NotFound)?;
    let body = html! {
        @match read(&at, &name).await {
            Err(outcome) => (unread(&outcome)),
            Ok(schedule) => {
                form.stack method="post" action={ (address(&at, &schedule.name)) "/delete" } {
                    (page::word(&admin))
                    p { "The platform makes no more tasks of “" (schedule.name) "”. Those that it made stay. There is no way back; it can be made anew." }
                    p { code { (schedule.cron) } " in " (schedule.zone) }
                    button.danger { "Delete the schedule" }
                    a href={ (SCHEDULES) "?" (encode(&[("account", at.name)])) } { "Leave it as it is" }
                }
            }
        }
    };
    let title = "Delete this schedule?";
    Ok(page::page(&relay, &admin, SCHEDULES, title, &body))
}

/// `POST /admin/schedules/{account}/{name}/delete`
pub async fn delete(
    State(relay): State<Arc<Relay>>,
    Path((account, name)): Path<(String, String)>,
    order: Order,
) -> Result<Response, Failure> {
    let at = at(&relay, &account)?;
    let name = ScheduleName::parse(&name).map_err(|_| Failure::NotFound)?;
    let detail = json!({ "account": at.name });
    let action = Action::ScheduleDeletionAsked;
    write_down(&relay, &order.admin, action, name.as_str(), detail).await?;
    let asked = at.account.ask(
        |token| at.tasks.delete_schedule(&name, token),
        |reply| at.tasks.read_done(reply),
    );
    match asked.await.unwrap_or_else(Outcome::Refused) {
        Outcome::Accepted => Ok(to_list(&at, "deleted")),
        outcome => {
            let body = html! {
                (trouble(&outcome))
                p { a href={ (SCHEDULES) "?" (encode(&[("account", at.name)])) } { "To the list" } }
            };
            let title = "Delete this schedule?";
            Ok(page::page(&relay, &order.admin, SCHEDULES, title, &body))
        }
    }
}
