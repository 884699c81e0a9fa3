//! `/admin/keys`: the publishable keys, what they may, and how much they are used.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::access::Admin;
use super::failure::Failure;
use super::page;
use crate::config::{Field, SiteKey};
use crate::relay::Relay;

/// `GET /admin/keys`
pub async fn get(State(relay): State<Arc<Relay>>, admin: Admin) -> Result<Response, Failure> {
    let today = page::midnight(relay.clock.now());
    let used = relay.store.callbacks_by_key(today).await?;
    let body = html! {
        p { "Publishable keys stand in web pages: everybody can read them. What they may do is limited by what stands here." }
        @for key in relay.config.keys.values() {
            @let count = used.iter().find(|used| used.name == key.key).map_or(0, |used| used.count);
            (section(&relay, key, count))
        }
    };
    Ok(page::page(&relay, &admin, "/admin/keys", "Keys", &body))
}

fn section(relay: &Relay, key: &SiteKey, today: i64) -> Markup {
    let labels = key.topics.iter().map(|name| {
        let topic = relay.config.topics.get(name);
        topic.map_or(name.as_str(), |topic| topic.label.usual())
    });
    html! {
        section aria-label=(key.key) {
            h2.address { (key.key) }
            dl.facts {
                div { dt { "Callbacks today" } dd { (today) " (in any 24 hours at most " (key.per_day) ")" } }
                div { dt { "Pages" } dd.address { (list(key.origins.iter().map(String::as_str))) } }
                div { dt { "Topics" } dd { (list(labels)) } }
                div { dt { "Country" } dd { (key.region) } }
                div {
                    dt { "Fields" }
                    dd { @if key.fields.is_empty() { "the number alone" } @else { (list(key.fields.iter().map(Field::usual_label))) } }
                }
                div { dt { "Consent text" } dd { @match &key.consent { Some(consent) => { "version " (consent.version) }, None => { "none" } } } }
                div {
                    dt { "Proof of work" }
                    dd {
                        @match &key.proof {
                            Some(proof) => { "up to " (proof.max) " hashes; open for at least " (proof.min_fill.as_secs()) " s" }
                            None => { span.doubt { "none" } }
                        }
                    }
                }
                div { dt { "Captcha" } dd { @if key.captcha.is_some() { "asked for" } @else { "none" } } }
                div { dt { "Hidden field" } dd { @match &key.honeypot { Some(name) => { code { (name) } }, None => { "none" } } } }
            }
        }
    }
}

fn list<'a>(items: impl Iterator<Item = &'a str>) -> Markup {
    html! { ul.plain { @for item in items { li { (item) } } } }
}
