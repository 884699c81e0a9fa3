//! Any telephony that takes calls over HTTP: a POST for a dial, one for a callback, their bodies written down as
//! templates. It tells nothing about a call after it took it.
//!
//! The third platform, and the smallest: `docs/third-platform.md` builds it step by step.

use serde::Deserialize;
use serde_json::Value;

use self::template::{TARGET, Template, Values, quoted};
use super::reply::{self, Read};
use super::{Dialled, Provider, read_config, whole_url};
use crate::call::{CallRequest, CallState, Mode, Progress, Recording};
use crate::callback::CallbackRequest;
use crate::capability::Capability;
use crate::error::{Code, Error};
use crate::http::{Method, Reply, Request};
use crate::number::PhoneNumber;
use crate::outcome::Outcome;
use crate::payload::Payload;
use crate::secret::Secret;
use crate::token;

mod template;

/// The provider's name.
pub const NAME: &str = "webhook";

/// What it can do at most, in this order; an account can do what its templates have a place for.
pub const CAPABILITIES: &[Capability] = &[
    Capability::Dial,
    Capability::CallerId,
    Capability::Callback,
    Capability::Schedule,
];

/// What a template of `dial` may name.
const OF_A_DIAL: &[&str] = &["agent", "number", "digits", "caller_id", "payload"];
/// What a template of `callback` may name; `target.queue` is the topic's `queue`.
const OF_A_CALLBACK: &[&str] = &["number", "digits", "at", "payload", TARGET];

/// One account: where its requests go and what is in them.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Webhook {
    dial: Option<Hook>,
    callback: Option<Hook>,
    /// Sent as `Authorization: Bearer …`.
    token: Option<Secret>,
    #[serde(skip)]
    capabilities: Vec<Capability>,
}

/// One request.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hook {
    /// The whole address.
    url: String,
    /// The JSON body, with `{number}` and the like in its texts.
    body: Template,
}

impl Hook {
    /// Checks what an administrator wrote under `field`.
    fn check(&self, field: &'static str, known: &[&str]) -> Result<(), Error> {
        whole_url(&self.url, field)?;
        let wrong = |problem| format!("{field}.body: {problem}");
        let checked = self.body.check(known).map_err(wrong);
        checked.map_err(|problem| Error::of(Code::InvalidField, field, problem))
    }

    fn names(&self, name: &str) -> bool {
        self.body.names().contains(&name)
    }

    fn request(&self, values: &Values, token: Option<&Secret>) -> Request {
        let mut request = Request::json(Method::Post, self.url.clone(), self.body.fill(values));
        request.bearer = token.cloned();
        request
    }
}

pub(super) fn configure(config: Value) -> Result<Box<dyn Provider>, Error> {
    let mut account: Webhook = read_config(config)?;
    let Webhook { dial, callback, .. } = &account;
    if let Some(dial) = dial {
        dial.check("dial", OF_A_DIAL)?;
    }
    if let Some(callback) = callback {
        callback.check("callback", OF_A_CALLBACK)?;
    }
    let names = |hook: &Option<Hook>, name| hook.as_ref().is_some_and(|h| h.names(name));
    let can = [
        dial.is_some(),
        names(dial, "caller_id"),
        callback.is_some(),
        names(callback, "at"),
    ];
    let able = CAPABILITIES.iter().zip(can).filter(|(_, can)| *can);
    account.capabilities = able.map(|(capability, _)| *capability).collect();
    if account.capabilities.is_empty() {
        let problem = "An account of this provider has `dial`, `callback` or both.";
        return Err(Error::of(Code::MissingField, "dial", problem));
    }
    Ok(Box::new(account))
}

impl Webhook {
    fn callback_hook(&self) -> Result<&Hook, Error> {
        let hook = self.callback.as_ref();
        hook.ok_or_else(|| self.cannot(Capability::Callback))
    }
}

/// A topic's target for the places of a template, if it has what is named there and nothing else.
fn target_values(hook: &Hook, target: &Value) -> Result<Values, Error> {
    let mut values = Values::new();
    let says = |name: &str, problem| format!("`{name}` {problem}.");
    let wrong = |code, name: &str, what| Error::of(code, name.to_owned(), says(name, what));
    for (name, value) in target.as_object().into_iter().flatten() {
        let place = [TARGET, name].concat();
        if !hook.names(&place) {
            let problem = "is not named by the account's template";
            return Err(wrong(Code::UnknownField, name, problem));
        }
        let text = value.as_str();
        let text = text.ok_or_else(|| wrong(Code::InvalidField, name, "is no text"))?;
        values.insert(place, quoted(text));
    }
    let names = hook.body.names();
    let mut wanted = names.iter().filter(|name| name.starts_with(TARGET));
    match wanted.find(|name| !values.contains_key(**name)) {
        Some(name) => {
            let problem = "is missing: the account's template names it";
            let name = name.trim_start_matches(TARGET);
            Err(wrong(Code::MissingField, name, problem))
        }
        None => Ok(values),
    }
}

/// What both requests can name.
fn common(number: &PhoneNumber, payload: &Payload) -> Values {
    Values::from([
        ("number".to_owned(), quoted(number.as_e164())),
        ("digits".to_owned(), quoted(number.digits())),
        ("payload".to_owned(), payload.as_json().to_owned()),
    ])
}

impl Provider for Webhook {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> &[Capability] {
        &self.capabilities
    }

    fn tokens(&self) -> Option<token::Config> {
        None
    }

    fn check_agent(&self, agent: &str) -> Result<(), Error> {
        let problem = "An agent has a name or an id at the platform.";
        match agent.trim() {
            "" => Err(Error::of(Code::InvalidField, "agent", problem)),
            _ => Ok(()),
        }
    }

    fn dial(&self, agent: &str, call: &CallRequest, _: Option<&Secret>) -> Result<Request, Error> {
        self.check_agent(agent)?;
        let Some(hook) = &self.dial else {
            return Err(self.cannot(Capability::Dial));
        };
        if call.mode == Mode::Prefill {
            return Err(self.cannot(Capability::Prefill).at("prefill"));
        }
        if call.recording == Recording::Always {
            return Err(self.cannot(Capability::Record).at("auto_record"));
        }
        if call.caller_id.is_some() && !self.can(Capability::CallerId) {
            return Err(self.cannot(Capability::CallerId).at("caller_id"));
        }
        let payload = call.travelling_payload();
        let mut values = common(&call.number, &payload);
        values.insert("agent".to_owned(), quoted(agent.trim()));
        if let Some(number) = &call.caller_id {
            values.insert("caller_id".to_owned(), quoted(number.as_e164()));
        }
        Ok(hook.request(&values, self.token.as_ref()))
    }

    fn read_dial(&self, reply: Reply) -> Dialled {
        let outcome = read(reply);
        let progress = (outcome == Outcome::Accepted).then(|| Progress::of(CallState::HandedOver));
        Dialled {
            outcome,
            call: None,
            progress,
        }
    }

    fn check_target(&self, target: &Value) -> Result<(), Error> {
        target_values(self.callback_hook()?, target).map(drop)
    }

    fn callback(
        &self,
        target: &Value,
        callback: &CallbackRequest,
        _: Option<&Secret>,
    ) -> Result<Request, Error> {
        let hook = self.callback_hook()?;
        if callback.at.is_some() && !self.can(Capability::Schedule) {
            return Err(self.cannot(Capability::Schedule).at("at"));
        }
        let mut values = common(&callback.number, &callback.payload);
        values.extend(callback.at.map(|at| ("at".to_owned(), at.to_string())));
        values.extend(target_values(hook, target)?);
        Ok(hook.request(&values, self.token.as_ref()))
    }

    fn read_callback(&self, reply: Reply) -> Outcome {
        read(reply)
    }
}

/// 2xx is accepted, also without a body, unless it says `"success": false`; everything else by the common rule.
fn read(reply: Reply) -> Outcome {
    let is_good = matches!(&reply, Ok(response) if (200..=299).contains(&response.status));
    match reply::read(reply) {
        Read::Yes(_) | Read::NoWord(_) => Outcome::Accepted,
        Read::No(Outcome::Unknown(_)) if is_good => Outcome::Accepted,
        Read::No(outcome) => outcome,
    }
}

#[cfg(test)]
mod tests;
