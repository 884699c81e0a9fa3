//! `/admin/hosts`: setting a CRM up. Which ones there are, what to paste into each, who can come in by it, what goes
//! along with a call, and a test call.
//!
//! Those of the configuration are shown and cannot be changed here; the others are kept in the database.

mod call;
mod credential;
mod draft;
mod form;
mod paste;
mod people;
mod presets;
mod preview;
mod record;

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

use super::access::{Admin, Order};
use super::asked::Query;
use super::failure::Failure;
use super::page;
use crate::audit::{self, Action, Actor};
use crate::config::{RawHost, RawRecords};
use crate::hosts::{self, Host, Kind, StoredError};
use crate::http::request_id::RequestId;
use crate::relay::Relay;
use crate::store::host::{self, Row};
use call::Placed;
use draft::{Draft, Wrong};
use form::{Shown, Spare};
use preview::{Preview, Sample};

const AT: &str = "/admin/hosts";

/// `GET /admin/hosts`
pub async fn list(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let rows = relay.store.hosts().await?;
    let hosts = relay.hosts.all();
    let unserved = relay.hosts.unserved();
    let body = html! {
        p { "Where agents have the phone inside of another page. Each has an address of its own, which only the origins that are listed may have in a frame." }
        @if hosts.is_empty() { p { "None yet." } }
        @else {
            ul.rows.hosts {
                @for host in &hosts { (line(&relay, host, rows.iter().find(|row| row.name == host.name))) }
            }
        }
        @if !unserved.is_empty() {
            section aria-label="Not served" {
                h2 { "Not served" }
                ul.plain {
                    @for one in &unserved {
                        li {
                            span.address { (one.name) } " " span.bad { (one.problem) } " "
                            @if !relay.hosts.is_configured(&one.name) { a href={ (AT) "/" (one.name) "/edit" } { "Change" } " " }
                            a href={ (AT) "/" (one.name) "/remove" } { "Remove" }
                        }
                    }
                }
            }
        }
        section aria-label="Set up a CRM" {
            h2 { "Set up a CRM" }
            ul.kinds {
                @for kind in Kind::ALL {
                    @let words = presets::words(kind);
                    li {
                        a href={ "/admin/new-host?kind=" (kind.as_str()) } { (words.name) }
                        p.quiet { (words.what) }
                    }
                }
            }
        }
    };
    Ok(page::page(&relay, &admin, AT, "CRMs", &body))
}

fn line(relay: &Relay, host: &Host, row: Option<&Row>) -> Markup {
    html! {
        li {
            a.first href={ (AT) "/" (host.name) } { (host.name) }
            span { (presets::words(host.kind).name) }
            div.address { @for origin in &host.origins { div { (origin) } } }
            span.last.quiet {
                @match row.filter(|_| !relay.hosts.is_configured(&host.name)) {
                    Some(row) => { (row.updated_by) ", " (page::time(relay, row.updated_at)) }
                    None => "configuration",
                }
            }
        }
    }
}

/// Which kind is to be set up.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    kind: String,
}

/// `GET /admin/new-host`
pub async fn new(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let kind = Kind::named(&wanted.kind).ok_or(Failure::NotFound)?;
    let (sample, draft) = (sample(kind), presets::draft(&relay, kind));
    let shown = Shown {
        draft: &draft,
        action: AT,
        version: None,
        sample: &sample,
        preview: None,
        wrong: None,
        spare: Spare::None,
    };
    Ok(form_page(&relay, &admin, &shown))
}

fn sample(kind: Kind) -> Sample {
    let (kind, fields) = presets::sample(kind);
    Sample {
        kind: kind.to_owned(),
        fields: fields.to_owned(),
    }
}

fn form_page(relay: &Relay, admin: &Admin, shown: &Shown<'_>) -> Response {
    let title = match shown.version {
        None => format!("Set up {}", presets::words(shown.draft.kind).name),
        Some(_) => format!("Change {}", shown.draft.name),
    };
    let body = form::form(relay, admin, shown);
    page::page(relay, admin, AT, &title, &body)
}

/// `POST /admin/hosts`: a new host, or a look at what becomes of its form.
pub async fn make(State(relay): State<Arc<Relay>>, order: Order) -> Result<Response, Failure> {
    let kind = Kind::named(order.field("kind")).ok_or(Failure::Malformed)?;
    let draft = Draft::read(&order, kind, None, None);
    filled(&relay, &order, &draft, AT, None).await
}

/// `GET /admin/hosts/{name}/edit`
pub async fn ask(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let (row, raw) = kept(&relay, &name).await?;
    let draft = Draft::of(&raw);
    let mut sample = sample(raw.kind);
    if let Some(first) = draft.types.first()
        && draft.types.iter().all(|one| one.kind != sample.kind)
    {
        sample.kind.clone_from(&first.kind);
    }
    let shown = Shown {
        draft: &draft,
        action: &format!("{AT}/{name}/edit"),
        version: Some(row.version),
        sample: &sample,
        preview: None,
        wrong: None,
        spare: Spare::None,
    };
    Ok(form_page(&relay, &admin, &shown))
}

/// `POST /admin/hosts/{name}/edit`
pub async fn change(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    order: Order,
) -> Result<Response, Failure> {
    let (_, raw) = kept(&relay, &name).await?;
    let seen = order.field("version").parse();
    let seen = seen.map_err(|_| Failure::Malformed)?;
    let draft = Draft::read(&order, raw.kind, Some(&name), raw.records);
    filled(
        &relay,
        &order,
        &draft,
        &format!("{AT}/{name}/edit"),
        Some(seen),
    )
    .await
}

/// A host of the database that can be changed here.
async fn kept(relay: &Relay, name: &str) -> Result<(Row, RawHost), Failure> {
    if relay.hosts.is_configured(name) {
        return Err(Failure::NotFound);
    }
    let row = relay.store.host(name).await?.ok_or(Failure::NotFound)?;
    // Where its secret cannot be opened any more, it is asked for again.
    let raw = relay.hosts.stored(&row);
    let raw = match raw {
        Err(StoredError::Secret(_)) => {
            RawHost::stored(&row.settings).map_err(|_| Failure::NotFound)
        }
        raw => raw.map_err(|_| Failure::NotFound),
    }?;
    Ok((row, raw))
}

/// A form that was sent: what its button says is done.
async fn filled(
    relay: &Arc<Relay>,
    order: &Order,
    draft: &Draft,
    action: &str,
    seen: Option<i64>,
) -> Result<Response, Failure> {
    let sample = Sample {
        kind: order.field("sample_type").to_owned(),
        fields: order.field("sample").to_owned(),
    };
    let mut shown = Shown {
        draft,
        action,
        version: seen,
        sample: &sample,
        preview: None,
        wrong: None,
        spare: Spare::None,
    };
    let wrong = match order.field("do") {
        "add" => {
            shown.spare = Spare::One;
            return Ok(form_page(relay, &order.admin, &shown));
        }
        "preview" => match look(draft, &sample) {
            Ok(preview) => {
                shown.preview = Some(&preview);
                return Ok(form_page(relay, &order.admin, &shown));
            }
            Err(wrong) => wrong,
        },
        "save" => match save(relay, &order.admin, draft, seen).await? {
            Ok(()) => {
                let to = format!("{AT}/{}", draft.name);
                return Ok(Redirect::to(&to).into_response());
            }
            Err(wrong) => wrong,
        },
        _ => return Err(Failure::Malformed),
    };
    shown.wrong = Some(&wrong);
    let mut response = form_page(relay, &order.admin, &shown);
    *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

fn look(draft: &Draft, sample: &Sample) -> Result<Preview, Wrong> {
    preview::preview(&draft.mapping()?, sample)
}

/// Keeps a host, if it is right; every relay knows of it then.
async fn save(
    relay: &Arc<Relay>,
    admin: &Admin,
    draft: &Draft,
    seen: Option<i64>,
) -> Result<Result<(), Wrong>, Failure> {
    let taken = || Wrong {
        field: "name".to_owned(),
        problem: format!("there is a host `{}` already", draft.name),
        remedy: "Choose another name, or change that host.".to_owned(),
    };
    let raw = match draft.raw() {
        Ok(raw) => raw,
        Err(wrong) => return Ok(Err(wrong)),
    };
    if let Err(error) = relay.hosts.check(raw.clone()) {
        return Ok(Err(draft.wrong(error)));
    }
    if relay.hosts.is_configured(&raw.name) {
        return Ok(Err(taken()));
    }
    let settings = raw
        .to_store()
        .map_err(|error| sqlx::Error::Encode(error.into()))?;
    let secret = raw.records.as_ref().and_then(RawRecords::secret);
    let sealed = secret.map(|secret| relay.hosts.seal(&raw.name, secret));
    let sealed = sealed
        .transpose()
        .map_err(|error| sqlx::Error::Encode(error.into()))?;
    let (by, now) = (admin.name.clone(), relay.clock.now());
    let name = raw.name.clone();
    let detail = json!({
        "kind": raw.kind, "origins": raw.origins, "reads_records": raw.records.is_some(),
    });
    let done = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let kept = host::Kept {
                    settings: &settings,
                    secret: sealed.as_deref(),
                };
                let (done, action) = match seen {
                    None => (
                        host::insert(tx, &name, kept, &by, now).await?,
                        Action::HostMade,
                    ),
                    Some(seen) => (
                        host::update(tx, &name, seen, kept, &by, now).await?,
                        Action::HostChanged,
                    ),
                };
                if done {
                    audit::write(tx, Actor::Admin(&by), action, &name, detail, now).await?;
                }
                Ok::<_, sqlx::Error>(done)
            })
        })
        .await?;
    if !done {
        return Ok(Err(match seen {
            None => taken(),
            Some(_) => Wrong {
                field: "name".to_owned(),
                problem: "somebody else has changed this host since you opened it".to_owned(),
                remedy: "Open it again in another tab, and change what is there now.".to_owned(),
            },
        }));
    }
    hosts::changed(relay).await?;
    Ok(Ok(()))
}

/// `GET /admin/hosts/{name}`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let host = relay.hosts.get(&name).ok_or(Failure::NotFound)?;
    host_page(&relay, &admin, &host, Tried::Nothing).await
}

/// What was tried on a host's page.
enum Tried<'a> {
    Nothing,
    /// A test call to this number.
    Call(&'a str, Placed),
    /// A record.
    Record(record::Asked<'a>),
}

/// `POST /admin/hosts/{name}/record`
pub async fn record(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    order: Order,
) -> Result<Response, Failure> {
    let host = relay.hosts.get(&name).ok_or(Failure::NotFound)?;
    let asked = record::ask(&relay, &order, &host).await?;
    host_page(&relay, &order.admin, &host, Tried::Record(asked)).await
}

/// `POST /admin/hosts/{name}/call`
pub async fn call(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    request_id: RequestId,
    order: Order,
) -> Result<Response, Failure> {
    let host = relay.hosts.get(&name).ok_or(Failure::NotFound)?;
    let placed = call::place(&relay, &order, &host, &request_id).await?;
    let tried = Tried::Call(order.field("number"), placed);
    host_page(&relay, &order.admin, &host, tried).await
}

async fn host_page(
    relay: &Relay,
    admin: &Admin,
    host: &Host,
    tried: Tried<'_>,
) -> Result<Response, Failure> {
    let (number, placed, asked) = match &tried {
        Tried::Nothing => ("", None, None),
        Tried::Call(number, placed) => (*number, Some(placed), None),
        Tried::Record(asked) => ("", None, Some(asked)),
    };
    let own = relay.config.public_origin.as_deref().unwrap_or_default();
    let people = people::of(relay, host).await?;
    let body = html! {
        (facts(relay, host, own))
        (paste::values(relay, host))
        (record::section(admin, host, asked))
        (people::section(relay, host, &people))
        (call::section(relay, admin, host, &people, number, placed)?)
    };
    Ok(page::page(relay, admin, AT, &host.name, &body))
}

fn facts(relay: &Relay, host: &Host, own: &str) -> Markup {
    let is_configured = relay.hosts.is_configured(&host.name);
    html! {
        section aria-label="The host" {
            dl.facts {
                div { dt { "Kind" } dd { (presets::words(host.kind).name) } }
                div { dt { "The frame" } dd { code.copy { (own) "/hosts/" (host.name) } } }
                div { dt { "Origins" } dd.address { ul.plain { @for origin in &host.origins { li { (origin) } } } } }
                div { dt { "Who says who it is" } dd { @match &host.sign_in { Some(account) => { "each agent signs in at " (account) }, None => "the CRM signs assertions" } } }
                div { dt { "Platform" } dd { (host.provider.as_deref().unwrap_or("each agent's first identity")) } }
                div { dt { "Country" } dd { (host.region) } }
                div { dt { "Object types" } dd { (types(host)) } }
                @if credential::secret_field(host.kind).is_some() {
                    div { dt { "The record’s fields" } dd { @match &host.records {
                        Some(source) => { "the relay reads them in " (source.crm()) },
                        None => span.doubt { "nobody reads them: id and type go along alone" },
                    } } }
                }
            }
            @if is_configured {
                p.quiet { "From the configuration: it is changed there." }
            } @else {
                p {
                    a.button href={ (AT) "/" (host.name) "/edit" } { "Change, or try the mapping" } " "
                    a href={ (AT) "/" (host.name) "/remove" } { "Remove" }
                }
            }
        }
    }
}

fn types(host: &Host) -> Markup {
    let Some(entities) = &host.entities else {
        return html! { span.quiet { "none: only the record itself goes along" } };
    };
    html! {
        ul.plain {
            @for (kind, mapping) in entities.types() {
                li {
                    (kind)
                    @if !mapping.number.is_empty() { ": " span.address { (mapping.number.join(", ")) } }
                    @if !mapping.payload.is_empty() {
                        " " span.quiet { "with " (mapping.payload.keys().cloned().collect::<Vec<_>>().join(", ")) }
                    }
                }
            }
        }
    }
}

/// `GET /admin/hosts/{name}/unmapped`
pub async fn unmapped(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let host = relay.hosts.get(&name).ok_or(Failure::NotFound)?;
    let all = people::unmapped(&relay, &host).await?;
    let organisations = hosts::organisations(&relay.config, &host);
    let org = organisations.first().map_or("ORG", String::as_str);
    let body = html! {
        p { "Agents of the platforms to whom no person of " (host.name) " is mapped. " a href={ (AT) "/" (host.name) "#people" } { "Back" } }
        @for account in &all {
            section aria-label=(account.account) {
                h2 { (account.account) }
                @match &account.found {
                    Err(why) => p { "It was not told: " (why) },
                    Ok(agents) if agents.is_empty() => p { "Everybody is mapped." },
                    Ok(agents) => {
                        p { "Those with an id in the CRM are mapped all at once: " code.copy { "patchcord-relay agents import --from " (account.account) " --org " (org) } }
                        (page::table("Agents without a person", &["Name", "Agent", "Id in the CRM"], &agents.iter().map(|one| vec![
                            html! { (one.name.as_deref().unwrap_or_default()) },
                            html! { span.address { (one.id) } },
                            html! { @match &one.source_id { Some(id) => span.address { (id) }, None => span.quiet { "none" } } },
                        ]).collect::<Vec<_>>()))
                    }
                }
            }
        }
    };
    Ok(page::page(&relay, &admin, AT, "Not mapped", &body))
}

/// `GET /admin/hosts/{name}/remove`
pub async fn ask_to_remove(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    relay.store.host(&name).await?.ok_or(Failure::NotFound)?;
    let body = html! {
        form.stack method="post" action={ (AT) "/" (name) "/remove" } {
            (page::word(&admin))
            p { "From then on no page has the phone in a frame by this name, at any relay of this database. Calls that were placed go on." }
            button.danger { "Remove " (name) }
            a href=(AT) { "Leave it as it is" }
        }
    };
    let title = format!("Remove {name}?");
    Ok(page::page(&relay, &admin, AT, &title, &body))
}

/// `POST /admin/hosts/{name}/remove`
pub async fn remove(
    State(relay): State<Arc<Relay>>,
    Path(name): Path<String>,
    order: Order,
) -> Result<Response, Failure> {
    let (by, now) = (order.admin.name, relay.clock.now());
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                if host::remove(tx, &name).await? {
                    let (who, what) = (Actor::Admin(&by), Action::HostRemoved);
                    audit::write(tx, who, what, &name, serde_json::Value::Null, now).await?;
                }
                Ok::<_, sqlx::Error>(())
            })
        })
        .await?;
    hosts::changed(&relay).await?;
    Ok(Redirect::to(AT).into_response())
}
