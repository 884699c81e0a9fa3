//! `/admin/conferences/…`: who is in a conference. They are listed with the queues.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};
use patchcord_core::http::percent_encode;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::conferences::{Conference, ConferenceState, Member, MemberState};

use super::access::{Admin, Order};
use super::failure::Failure;
use super::queues::{self, QUEUES};
use super::{page, show};
use crate::accounts::Listed;
use crate::clock::Millis;
use crate::relay::Relay;

/// The conferences of an account that are not over.
pub fn section(relay: &Relay, name: &str, told: &Result<Listed<Conference>, Outcome>) -> Markup {
    let listed = match told {
        Ok(listed) => listed,
        Err(outcome) => return queues::unread("The conferences", outcome),
    };
    let rows: Vec<_> = listed
        .items
        .iter()
        .map(|one| row(relay, name, one))
        .collect();
    html! {
        h3 { "Conferences" }
        @if rows.is_empty() { p { "None." } }
        @else { (page::table(&format!("Conferences of {name}"), &["Since", "State", "Members"], &rows)) }
        @if listed.cut { p.quiet { "The platform has more than were looked at." } }
    }
}

fn row(relay: &Relay, account: &str, conference: &Conference) -> Vec<Markup> {
    vec![
        html! {
            a href=(address(account, &conference.id)) {
                @match since(conference.since) {
                    Some(at) => (page::time(relay, at)),
                    None => "a time that is not told",
                }
            }
        },
        html! { (state(&conference.state)) },
        html! {
            @for (nth, member) in conference.members.iter().enumerate() {
                @if nth > 0 { ", " }
                (who(member, false))
                @if member.held == Some(true) { " " span.quiet { "(on hold)" } }
            }
        },
    ]
}

fn address(account: &str, id: &str) -> String {
    format!(
        "/admin/conferences/{}/{}",
        percent_encode(account),
        percent_encode(id)
    )
}

fn since(at: Option<u64>) -> Option<Millis> {
    Millis::try_from(at?).ok()
}

fn state(state: &ConferenceState) -> String {
    match state {
        ConferenceState::Open => "goes on".to_owned(),
        ConferenceState::Over => "over".to_owned(),
        ConferenceState::Other(word) if word.is_empty() => "not told".to_owned(),
        ConferenceState::Other(word) => page::words(word),
    }
}

fn membership(state: &MemberState) -> String {
    match state {
        MemberState::Coming => "being called".to_owned(),
        MemberState::In => "in it".to_owned(),
        MemberState::Gone => "gone".to_owned(),
        MemberState::Other(word) if word.is_empty() => "not told".to_owned(),
        MemberState::Other(word) => page::words(word),
    }
}

/// An agent by name, anybody else by number.
fn who(member: &Member, is_shown: bool) -> Markup {
    let agent = member.agent.as_ref();
    match agent.and_then(|agent| agent.name.as_ref().or(agent.id.as_ref())) {
        Some(name) => html! { (name) },
        None => queues::number(member.number.as_deref(), is_shown),
    }
}

/// `GET /admin/conferences/{account}/{conference}`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Path((account, conference)): Path<(String, String)>,
) -> Result<Response, Failure> {
    view(&relay, &admin, &account, &conference, None).await
}

/// `POST /admin/conferences/{account}/{conference}`: the same with the number of one member, and that somebody looked
/// is written down.
pub async fn show(
    State(relay): State<Arc<Relay>>,
    Path((account, conference)): Path<(String, String)>,
    order: Order,
) -> Result<Response, Failure> {
    let member = order.field("member").to_owned();
    if member.is_empty() {
        return Err(Failure::Malformed);
    }
    show::write_down(
        &relay,
        &order.admin,
        &format!("conference member {member} at {account}"),
    )
    .await?;
    view(&relay, &order.admin, &account, &conference, Some(&member)).await
}

async fn view(
    relay: &Relay,
    admin: &Admin,
    name: &str,
    id: &str,
    shown: Option<&str>,
) -> Result<Response, Failure> {
    let account = relay.accounts.get(name).ok_or(Failure::NotFound)?;
    let conferences = account.provider.conferences().ok_or(Failure::NotFound)?;
    let at = relay.clock.now();
    let read = account
        .ask(
            |token| conferences.conference(id, token),
            |reply| conferences.read_conference(reply),
        )
        .await
        .unwrap_or_else(|because| Err(Outcome::Refused(because)));
    let found = match read {
        Ok(conference) => members(relay, admin, &address(name, id), &conference, shown),
        Err(outcome) => queues::unread("The conference", &outcome),
    };
    let body = html! {
        (queues::read_at(relay, at))
        (found)
        p { a href=(QUEUES) { "To all queues and conferences" } }
    };
    Ok(page::page(relay, admin, QUEUES, "Conference", &body))
}

fn members(
    relay: &Relay,
    admin: &Admin,
    address: &str,
    conference: &Conference,
    shown: Option<&str>,
) -> Markup {
    let row = |member: &Member| {
        let is_shown = shown == Some(member.id.as_str());
        vec![
            html! {
                (who(member, is_shown))
                @if member.moderator == Some(true) { " " span.quiet { "(moderator)" } }
            },
            html! {
                (membership(&member.state))
                @if member.held == Some(true) { ", on hold" }
            },
            html! { @if let Some(at) = since(member.since) { (queues::since_when(relay, at)) } },
            html! {
                @if member.agent.is_none() && member.number.is_some() && !is_shown {
                    (queues::show_button(admin, address, "member", &member.id))
                }
            },
        ]
    };
    let rows: Vec<_> = conference.members.iter().map(row).collect();
    html! {
        p { "It " (match conference.state { ConferenceState::Open => "goes on".to_owned(), _ => format!("is: {}", state(&conference.state)) }) "." }
        @if rows.is_empty() { p { "Nobody is in it." } }
        @else { (page::table("Members", &["Who", "State", "Since", "Number"], &rows)) }
    }
}
