//! One test call: as an agent of the host, by the way that their own click takes. Once, however often it is sent.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use maud::{Markup, html};
use patchcord_core::call::CallRequest;
use patchcord_core::error::Code;
use patchcord_core::number::PhoneNumber;
use serde::Deserialize;
use serde_json::json;

use super::people::{self, Person};
use crate::admin::access::{Admin, Order};
use crate::admin::page;
use crate::audit::{self, Action, Actor};
use crate::calls;
use crate::config::{Agent, AgentId};
use crate::hosts::Host;
use crate::http::problem::Problem;
use crate::http::request_id::RequestId;
use crate::idempotent::Given;
use crate::random::{self, NoRandomness};
use crate::relay::Relay;
use crate::store::idempotency::Claim;

/// Of a language's texts those of the elements.
#[derive(Default, Deserialize)]
struct Texts {
    elements: BTreeMap<String, String>,
}

/// What is said about a code, as the widget says it to agents.
static TEXTS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let texts: Texts =
        serde_json::from_str(include_str!("../../../../../web/texts/en.json")).unwrap_or_default();
    texts.elements
});

/// What became of a test call.
pub enum Placed {
    /// The platform took it.
    Accepted {
        /// The relay's id of the call.
        id: String,
        /// How far it is.
        state: String,
    },
    /// The relay or the platform refused it; nothing rings.
    Refused {
        /// Why, in one stable word.
        code: String,
        /// Why, in words.
        message: String,
        /// What to do.
        advice: Option<String>,
    },
    /// Nobody knows.
    Unknown {
        /// The relay's id of the call.
        id: String,
        /// Why, in one stable word.
        code: String,
    },
}

/// The form: who calls whom. `number` is what was written before.
///
/// # Errors
/// The random source failed.
pub fn section(
    relay: &Relay,
    admin: &Admin,
    host: &Host,
    people: &[Person],
    number: &str,
    placed: Option<&Placed>,
) -> Result<Markup, NoRandomness> {
    // The same form, sent twice, is the same call.
    let key = random::id("test")?;
    let callers: Vec<_> = people
        .iter()
        .filter_map(|(id, agent)| Some((id, agent.as_ref().ok()?)))
        .filter(|(_, agent)| people::can_call(relay, host, agent))
        .collect();
    Ok(html! {
        section #call aria-label="A test call" {
            h2 { "A test call" }
            @if let Some(placed) = placed { (show(placed)) }
            @if callers.is_empty() {
                p { "Nobody is mapped who could place it." }
            } @else {
                p.quiet { "It is a real call: the agent's phone may ring first, it costs, and it counts against the limits. The audit log says who asked for it." }
                form.filter method="post" action={ "/admin/hosts/" (host.name) "/call#call" } {
                    (page::word(admin))
                    input type="hidden" name="key" value=(key);
                    div {
                        label for="agent" { "As" }
                        select #agent name="agent" required {
                            @for (id, agent) in &callers {
                                option value=(choice(id)) { (agent.name.as_deref().unwrap_or(&id.sub)) " (" (id.sub) " of " (id.org) ")" }
                            }
                        }
                    }
                    div {
                        label for="to" { "The number" }
                        input #to name="number" type="tel" value=(number) required placeholder="+49 30 123456" autocomplete="off";
                    }
                    button.main { "Place one call" }
                }
            }
        }
    })
}

/// An agent in one field; neither part of it can hold a line end.
fn choice(id: &AgentId) -> String {
    json!([id.org, id.sub]).to_string()
}

fn show(placed: &Placed) -> Markup {
    match placed {
        Placed::Accepted { id, state } => html! {
            p.note role="status" {
                (page::state("accepted")) " " (words(&format!("state.{state}")).unwrap_or_default())
                " See whether the phones ring. " span.quiet { "Call " span.address { (id) } }
            }
        },
        Placed::Refused {
            code,
            message,
            advice,
        } => html! {
            div.note role="status" {
                p { (page::state("refused")) " " (message) " " span.quiet { "Code " code { (code) } } }
                @if let Some(advice) = advice { p { (advice) } }
            }
        },
        Placed::Unknown { id, code } => html! {
            div.note role="status" {
                p { (page::state("unknown")) " Nobody knows whether it was placed. " span.quiet { "Code " code { (code) } ", call " span.address { (id) } } }
                p { "See whether a phone rings before you try again, and settle it under " a href="/admin/alerts" { "To settle" } "." }
            }
        },
    }
}

fn words(name: &str) -> Option<&'static str> {
    TEXTS.get(name).map(String::as_str)
}

/// Places the call that the form asks for.
///
/// # Errors
/// A database that does not answer before anything was dialled.
pub async fn place(
    relay: &Arc<Relay>,
    order: &Order,
    host: &Host,
    request_id: &RequestId,
) -> Result<Placed, sqlx::Error> {
    let people = people::of(relay, host).await?;
    let wanted = order.field("agent");
    let found = people
        .into_iter()
        .find(|(id, _)| choice(id) == wanted)
        .map(|(_, agent)| agent);
    let agent = match found {
        Some(Ok(agent)) => agent,
        Some(Err(problem)) => return Ok(refused(&problem)),
        None => {
            let nobody = Problem::of(
                Code::AgentUnknown,
                "agent",
                "This host has no such agent any more.",
            );
            return Ok(refused(&nobody.with_remedy("Choose another one.")));
        }
    };
    let number = match number(order.field("number")) {
        Ok(number) => number,
        Err(problem) => return Ok(refused(&problem)),
    };
    note(relay, &order.admin, host, &agent, &number).await?;
    let body = format!("{wanted}\n{}", number.as_e164());
    let claim = Claim {
        scope: format!("test call by {}", order.admin.name),
        key: order.field("key").to_owned(),
        body: random::hash(body.as_bytes()),
    };
    let provider = host.provider.as_deref();
    let request = CallRequest::to(number);
    let given = calls::place(relay, &agent, request, provider, claim, request_id).await;
    Ok(match given {
        Ok(Given::First(reply) | Given::Again(reply)) => read(&reply.body),
        Err(problem) => refused(&problem),
    })
}

/// A number as people write it: with the plus, spaces and the like between the digits.
fn number(text: &str) -> Result<PhoneNumber, Problem> {
    let plain: String = text
        .chars()
        .filter(|c| !" -/().\u{a0}".contains(*c))
        .collect();
    plain.parse().map_err(|_| {
        Problem::of(
            Code::InvalidNumber,
            "number",
            format!("“{text}” is no whole number."),
        )
        .with_remedy("Write it with + and the country code, as +49 30 123456.")
    })
}

/// The call's own line in the audit log names the agent, who knows nothing of it.
async fn note(
    relay: &Relay,
    admin: &Admin,
    host: &Host,
    agent: &Agent,
    number: &PhoneNumber,
) -> Result<(), sqlx::Error> {
    let subject = format!("{}/{}", agent.id.org, agent.id.sub);
    let detail = json!({ "number": audit::masked(number.as_e164()), "host": host.name });
    let (name, now) = (admin.name.clone(), relay.clock.now());
    let job = relay.store.write(move |tx| {
        Box::pin(async move {
            let (who, what) = (Actor::Admin(&name), Action::TestCallAsked);
            audit::write(tx, who, what, &subject, detail, now).await
        })
    });
    job.await
}

fn refused(problem: &Problem) -> Placed {
    let code = problem.code().as_str();
    let advice = problem.remedy().map(str::to_owned);
    Placed::Refused {
        code: code.to_owned(),
        message: problem.detail().to_owned(),
        advice: advice.or_else(|| advice_about(code)),
    }
}

fn advice_about(code: &str) -> Option<String> {
    words(&format!("code.{code}.remedy")).map(str::to_owned)
}

/// What was answered: a call with its outcome, or what the relay refused when the same was asked before.
fn read(body: &str) -> Placed {
    #[derive(Deserialize)]
    struct Answer {
        #[serde(default)]
        id: String,
        outcome: Option<String>,
        #[serde(default)]
        state: String,
        code: Option<String>,
        message: Option<String>,
        detail: Option<String>,
        remedy: Option<String>,
    }
    let unknown = |id: String, code: Option<String>| Placed::Unknown {
        id,
        code: code.unwrap_or_else(|| Code::Internal.as_str().to_owned()),
    };
    let Ok(answer) = serde_json::from_str::<Answer>(body) else {
        return unknown(String::new(), None);
    };
    match (answer.outcome.as_deref(), answer.detail) {
        (Some("accepted"), _) => Placed::Accepted {
            id: answer.id,
            state: answer.state,
        },
        (Some("refused"), _) | (None, Some(_)) => {
            let code = answer.code.unwrap_or_default();
            let said = words(&format!("code.{code}")).map(str::to_owned);
            let message = answer.message.or(said).unwrap_or_default();
            let advice = answer.remedy.or_else(|| advice_about(&code));
            Placed::Refused {
                code,
                message,
                advice,
            }
        }
        _ => unknown(answer.id, answer.code),
    }
}
