//! `/admin/outbox`: the callbacks, the newest first.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use patchcord_core::callback::CallbackState;
use serde::Deserialize;

use super::access::Admin;
use super::asked::Query;
use super::failure::Failure;
use super::page;
use crate::relay::Relay;
use crate::store::review::{Filter, Listed};

/// So many on a page.
const MOST: usize = 50;

/// Which callbacks.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    state: String,
    #[serde(default)]
    topic: String,
    /// `<time>-<id>` of the last one on the page before.
    #[serde(default)]
    after: String,
}

/// `GET /admin/outbox`
pub async fn get(
    State(relay): State<Arc<Relay>>,
    admin: Admin,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let after = wanted
        .after
        .split_once('-')
        .and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    let filter = Filter {
        state: given(&wanted.state),
        topic: given(&wanted.topic),
        after,
    };
    let most = i64::try_from(MOST + 1).unwrap_or(i64::MAX);
    let mut callbacks = relay.store.callbacks(&filter, most).await?;
    let is_more = callbacks.len() > MOST;
    callbacks.truncate(MOST);
    // State and topic are words of the configuration's; what a person types into the address stays there.
    let next = callbacks.last().filter(|_| is_more).map(|last| {
        let query = [
            ("state", wanted.state.as_str()),
            ("topic", &wanted.topic),
            ("after", &format!("{}-{}", last.created_at, last.id)),
        ];
        format!("/admin/outbox?{}", encode(&query))
    });
    let body = html! {
        form.filter method="get" action="/admin/outbox" {
            div {
                label for="state" { "State" }
                select id="state" name="state" {
                    option value="" { "all" }
                    @for state in CallbackState::ALL {
                        option value=(state.as_str()) selected[state.as_str() == wanted.state] { (page::words(state.as_str())) }
                    }
                }
            }
            div {
                label for="topic" { "Topic" }
                select id="topic" name="topic" {
                    option value="" { "all" }
                    @for topic in relay.config.topics.values() {
                        option value=(topic.topic) selected[topic.topic == wanted.topic] { (topic.label.usual()) }
                    }
                }
            }
            button { "Show" }
        }
        @if callbacks.is_empty() {
            p { "No callbacks." }
        } @else {
            ul.rows aria-label="Callbacks" {
                @for callback in &callbacks { (row(&relay, &admin, callback)) }
            }
        }
        (page::more(next.as_deref()))
    };
    Ok(page::page(&relay, &admin, "/admin/outbox", "Outbox", &body))
}

fn row(relay: &Relay, admin: &Admin, callback: &Listed) -> Markup {
    let address = format!("/admin/callbacks/{}", callback.id);
    let topic = relay.config.topics.get(&callback.topic);
    let waits = matches!(callback.state.as_str(), "queued" | "due");
    html! {
        li {
            a.first href=(address) { (callback.reference) }
            span { (topic.map_or(callback.topic.as_str(), |topic| topic.label.usual())) }
            span {
                (page::state(&callback.state))
                @if let Some(code) = &callback.code { " " span.quiet { (page::words(code)) } }
            }
            span {
                @if waits { "at " (page::time(relay, callback.dispatch_at)) }
                @else { (page::time(relay, callback.created_at)) }
            }
            form.last method="post" action=(address) {
                (page::word(admin))
                (page::masked(&callback.digits))
                button.small { "Show" span.unseen { " the number of " (callback.reference) } }
            }
        }
    }
}

/// A query of these pairs, those that are empty left out.
pub(super) fn encode(pairs: &[(&str, &str)]) -> String {
    let mut query = reqwest::Url::parse("http://relay.invalid/").ok();
    if let Some(url) = &mut query {
        url.query_pairs_mut()
            .extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
    }
    query
        .and_then(|url| url.query().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn what_was_asked_for_stays_one_value_in_the_next_address() {
        let query = encode(&[("state", ""), ("topic", "a&after=1 ü"), ("after", "1-cb_2")]);
        assert_eq!(query, "topic=a%26after%3D1+%C3%BC&after=1-cb_2");
    }
}
