//! `/admin/agents/sync`: the CRM's users are compared with an account's agents, the plan is shown, and what was shown
//! is applied.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;

use super::access::{Admin, FileOrder, Order};
use super::asked::Query;
use super::failure::Failure;
use super::{page, people};
use crate::agents::sync::text::{by, gone, why};
use crate::agents::sync::{
    self, Ambiguous, Applied, Between, Change, Lists, Matched, Person, Plan, Removed, Seat,
    SyncError, Users, said,
};
use crate::http::problem::chain;
use crate::relay::Relay;
use crate::store::mapping::Replaced;
use crate::store::token::Row;
use crate::wakes::Wake;

const AT: &str = "/admin/agents";
const HERE: &str = "/admin/agents/sync";
const TITLE: &str = "Compare with the CRM’s users";
/// The most bytes of a file.
const LARGEST: usize = 1024 * 1024;

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    /// How many are mapped now, and how many sessions' people ended, as `3-1`.
    #[serde(default)]
    done: String,
}

/// `GET /admin/agents/sync`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let done = wanted.done.split_once('-');
    let done = done.and_then(|(now, ended)| Some((now.parse().ok()?, ended.parse().ok()?)));
    let note = done.map(|(now, ended): (usize, usize)| {
        html! {
            p.note role="status" {
                "Done. Mapped by this now: " (now) ". Mapped otherwise before: " (ended) "; their sessions have ended."
            }
        }
    });
    let body = html! { @if let Some(note) = note { (note) } (form(&relay, &admin, None)) };
    Ok(page::page(&relay, &admin, AT, TITLE, &body))
}

/// `POST /admin/agents/sync`: shows the plan; where the form names the one that was shown, applies it.
pub async fn post(
    State(relay): State<Arc<Relay>>,
    FileOrder(order): FileOrder,
) -> Result<Response, Failure> {
    let again = |wrong: &[String]| {
        let body = html! {
            div.note role="alert" {
                p { (page::state("refused")) " Nothing was changed:" }
                ul { @for problem in wrong { li { (problem) } } }
            }
            (form(&relay, &order.admin, Some(&order)))
        };
        Ok(page::page(&relay, &order.admin, AT, TITLE, &body))
    };
    let system = order.field("system").to_owned();
    let between = Between {
        account: order.field("account").to_owned(),
        org: order.field("org").to_owned(),
        system: Some(system).filter(|system| !system.is_empty()),
    };
    if between.org.is_empty() {
        return again(&["the CRM organisation is missing".to_owned()]);
    }
    let account = relay.accounts.get(&between.account);
    let account = account.filter(|account| account.provider.people().is_some());
    let Some(account) = account else {
        return Err(Failure::Malformed);
    };
    let shown = order.field("plan");
    let file = [order.field("file"), order.field("users")];
    let file = file.into_iter().find(|text| !text.is_empty());
    let file = file.unwrap_or_default();
    // What was read once is longer when it comes back.
    if shown.is_empty() && file.len() > LARGEST {
        return again(&["the file has more than 1 MB; the command takes any".to_owned()]);
    }
    let users = match sync::read(file, relay.config.region.parse().ok()) {
        Ok(users) => users,
        Err(wrong) => return again(&wrong),
    };
    let agents = match sync::agents(account).await {
        Ok(agents) => agents,
        Err(SyncError::Store(error)) => return Err(error.into()),
        Err(error) => {
            let words = match &error {
                SyncError::Platform(outcome) => {
                    format!(
                        "{} did not tell its agents: {}",
                        between.account,
                        said(outcome)
                    )
                }
                other => chain(other),
            };
            return again(&[words]);
        }
    };
    let provider = relay.clone();
    let name = between.account.clone();
    let same = Arc::new(move |one: &str, other: &str| {
        let account = provider.accounts.get(&name);
        account.is_some_and(|account| account.provider.is_same_agent(one, other))
    });
    let lists = Lists::of(
        &relay.config,
        between.clone(),
        users.users.clone(),
        agents,
        same,
    );
    if shown.is_empty() {
        let plan = lists.plan(&relay.store.mappings().await?);
        let body = shown_plan(&order.admin, &between, &users, &plan);
        return Ok(page::page(&relay, &order.admin, AT, TITLE, &body));
    }
    let (admin, now) = (Some(order.admin.name.as_str()), relay.clock.now());
    match sync::apply(&relay.store, lists, shown, admin, now).await? {
        Applied::Done(_, replaced) => {
            let done = format!("{HERE}?done={}-{}", replaced.now, replaced.ended.len());
            leave(&relay, replaced);
            Ok(Redirect::to(&done).into_response())
        }
        Applied::Otherwise(plan) => {
            let body = html! {
                p.note role="alert" {
                    (page::state("refused")) " Nothing was changed: the platform’s list, or who is mapped, is not what it was. This is the plan now."
                }
                (shown_plan(&order.admin, &between, &users, &plan))
            };
            Ok(page::page(&relay, &order.admin, AT, TITLE, &body))
        }
    }
}

/// Streams of those who are somebody else now end at once, and what they signed in with is given back.
fn leave(relay: &Arc<Relay>, replaced: Replaced) {
    for agent in replaced.ended {
        relay.wakes.wake(Wake::Agent(agent));
    }
    let giving = relay.clone();
    relay.tasks.spawn(give_back(giving, replaced.tokens));
}

async fn give_back(relay: Arc<Relay>, tokens: Vec<Row>) {
    for row in &tokens {
        let account = relay.accounts.get(&row.account);
        if let Some(api) = account.and_then(|account| account.agents.as_ref())
            && let Some(stored) = api.tokens.open(row)
        {
            api.tokens.give_back(&stored).await;
        }
    }
}

fn form(relay: &Relay, admin: &Admin, given: Option<&Order>) -> Markup {
    let field = |name| given.map_or("", |order| order.field(name));
    let issuers = relay
        .config
        .issuers
        .iter()
        .map(|issuer| issuer.org.as_str());
    let agents = relay.config.agents.keys().map(|id| id.org.as_str());
    let orgs: BTreeSet<&str> = issuers.chain(agents).collect();
    let accounts: Vec<_> = people::accounts(relay).collect();
    html! {
        p {
            "Each user is looked for among the agents by the id that the platform has of the CRM, then by e-mail address, then by number. "
            "Before anything is changed, the plan is shown. " a href="/admin/agents" { "Who may dial now" }
        }
        @if accounts.is_empty() {
            p.doubt { "No account’s platform tells who its agents are." }
        } @else {
            form.stack method="post" action=(HERE) enctype="multipart/form-data" {
                (page::word(admin))
                label for="account" { "Account" }
                select #account name="account" {
                    @for account in &accounts { option selected[*account == field("account")] { (account) } }
                }
                label for="org" { "CRM organisation" }
                input #org name="org" list="orgs" value=(field("org")) required autocomplete="off";
                datalist #orgs { @for org in &orgs { option value=(org) {} } }
                label for="system" { "Only agents of this system have ids of the CRM (empty: all)" }
                input #system name="system" value=(field("system")) placeholder="salesforce" autocomplete="off";
                label for="file" { "A file with the CRM’s users" }
                input #file type="file" name="file" accept=".csv,.json,text/csv,application/json,application/scim+json" aria-describedby="columns";
                label for="users" { "or the same as text" }
                textarea #users name="users" rows="8" spellcheck="false" aria-describedby="columns" placeholder="id,email,phone,name,active" { (field("users")) }
                p.quiet #columns {
                    "CSV with the columns " code { "id" } ", " code { "email" } ", " code { "phone" } ", " code { "name" } ", " code { "active" }
                    "; or JSON in the shape of SCIM: a ListResponse, or an array of users. The whole list: who is not in it counts as gone."
                }
                button.main { "Show the plan" }
            }
        }
    }
}

fn shown_plan(admin: &Admin, between: &Between, users: &Users, plan: &Plan) -> Markup {
    let changes = |wanted: fn(&Change) -> bool| -> Vec<&Matched> {
        let some = plan.matched.iter().filter(|one| wanted(&one.change));
        some.collect()
    };
    let new = changes(|change| *change == Change::New);
    let changed = changes(|change| matches!(change, Change::From(_)));
    let before = changes(|change| *change == Change::None);
    let rows = |all: &[&Matched]| all.iter().map(|one| matched(one)).collect::<Vec<_>>();
    html! {
        p { "Users of " code { (between.org) } " as agents of " code { (between.account) } "." }
        dl.facts {
            div { dt { "New" } dd { (new.len()) } }
            div { dt { "Changed" } dd { (changed.len()) } }
            div { dt { "Removed" } dd { (plan.removed.len()) } }
            div { dt { "Ambiguous" } dd { (plan.ambiguous.len()) } }
            div { dt { "As before" } dd { (before.len()) } }
        }
        (part("New", &["User", "Agent", "By"], &rows(&new)))
        (part("Changed", &["User", "Agent", "By"], &rows(&changed)))
        (part("Removed: their sessions end", &["User", "Agent", "Why"], &plan.removed.iter().map(removed).collect::<Vec<_>>()))
        (part("Ambiguous: left as they are", &["User", "May be", "Until then"], &plan.ambiguous.iter().map(ambiguous).collect::<Vec<_>>()))
        (part("Users without an agent", &["User"], &plan.without_agent.iter().map(|one| vec![person(one)]).collect::<Vec<_>>()))
        (part("Agents without a user", &["Agent"], &plan.without_user.iter().map(|one| vec![seat(one)]).collect::<Vec<_>>()))
        (part("Gone from the CRM, but still mapped by another source", &["User", "Agent", "By"], &plan.still_known.iter().map(|one| vec![
            html! { span.address { (one.sub) } }, html! { span.address { (one.agent) } }, html! { (one.source) },
        ]).collect::<Vec<_>>()))
        (part("As before", &["User", "Agent", "By"], &rows(&before)))
        @if !users.remarks.is_empty() {
            h2 { "In the file" }
            ul { @for remark in &users.remarks { li { (remark) } } }
        }
        @if plan.is_idle() {
            p.note { "There is nothing to change." }
        } @else {
            form.stack method="post" action=(HERE) enctype="multipart/form-data" {
                (page::word(admin))
                input type="hidden" name="account" value=(between.account);
                input type="hidden" name="org" value=(between.org);
                input type="hidden" name="system" value=(between.system.as_deref().unwrap_or_default());
                input type="hidden" name="users" value=(users.to_json());
                input type="hidden" name="plan" value=(between.fingerprint(plan));
                p { "Applied is exactly this plan, all of it or nothing. It is plan " code { (between.fingerprint(plan)) } "." }
                button.danger { "Apply this plan" }
                a href=(HERE) { "Leave it as it is" }
            }
        }
    }
}

fn part(title: &str, columns: &[&str], rows: &[Vec<Markup>]) -> Markup {
    html! {
        @if !rows.is_empty() {
            h2 { (title) }
            (page::table(title, columns, rows))
        }
    }
}

fn matched(one: &Matched) -> Vec<Markup> {
    vec![
        person(&one.user),
        html! {
            (seat(&one.agent))
            @if let Change::From(before) = &one.change { br; span.quiet { "instead of " span.address { (before) } } }
        },
        html! {
            (by(one.by))
            @if let Some(source) = &one.said_by { br; span.quiet { "by " (source) ", too" } }
        },
    ]
}

fn removed(one: &Removed) -> Vec<Markup> {
    vec![
        person(&one.user),
        html! { span.address { (one.agent) } },
        html! { (gone(one.why)) },
    ]
}

fn ambiguous(one: &Ambiguous) -> Vec<Markup> {
    vec![
        person(&one.user),
        html! {
            ul.plain { @for candidate in &one.candidates { li { (seat(&candidate.agent)) " " span.quiet { (why(&candidate.why)) } } } }
        },
        html! {
            @match &one.stays {
                Some(agent) => { "stays " span.address { (agent) } }
                None => "no agent",
            }
        },
    ]
}

fn person(person: &Person) -> Markup {
    html! {
        @if let Some(name) = &person.name { (name) br; }
        span.address { (person.sub) }
        @if let Some(email) = &person.email { br; span.quiet { (email) } }
    }
}

fn seat(seat: &Seat) -> Markup {
    html! {
        @if let Some(name) = &seat.name { (name) " " }
        span.address { (seat.agent) }
        @if let Some(email) = &seat.email { " " span.quiet { (email) } }
    }
}
