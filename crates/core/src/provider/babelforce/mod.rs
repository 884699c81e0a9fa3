//! babelforce: OAuth, Manager API v2 and Task Automations v3.
//!
//! Source: the vendor's OpenAPI files (auth, manager, task-automation) and its SDKs. Not documented there, so
//! inferred and kept in this folder: which call states are final, what they mean to a person, and that a
//! callback at a time is a task of the account's own type.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::past_calls::PastCalls;
use super::recordings::Recordings;
use super::reply::{self, Read};
use super::tasks::{Style, Tasks, Template};
use super::variables::CallVariables;
use super::{Dialled, Provider, people::People, read_config};
use crate::call::{CallRequest, Mode, Progress};
use crate::callback::CallbackRequest;
use crate::capability::Capability;
use crate::error::{Code, Error};
use crate::http::{Method, Reply, Request};
use crate::outcome::{Because, Outcome};
use crate::payload::Payload;
use crate::poll::PollPlan;
use crate::secret::Secret;
use crate::token;

pub mod agent;
pub mod calls;
pub mod conferences;
pub mod environment;
pub mod figures;
pub mod id;
pub mod opening;
mod paging;
mod past_calls;
pub mod people;
pub mod queues;
mod recordings;
pub mod sign_in;
pub mod tasks;
mod variables;

use environment::Environment;
use id::Id;
use tasks::template::{Places, Said};

/// The provider's name.
pub const NAME: &str = "babelforce";

/// What the Manager API and Task Automations can do. Hold, mute, transfer and conference are in the Agent
/// API alone.
pub const CAPABILITIES: &[Capability] = &[
    Capability::Dial,
    Capability::CallerId,
    Capability::Callback,
    Capability::Schedule,
    Capability::Cancel,
    Capability::CallState,
    Capability::Hangup,
    Capability::Statistics,
    Capability::Record,
    Capability::Presence,
    Capability::History,
    Capability::Push,
];

/// The vendor's help article says that a token lives 12 hours.
const TOKEN_LIFETIME: u64 = 12 * 3_600_000;

/// One babelforce account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Babelforce {
    environment: Environment,
    tokens: token::Config,
    condensed: figures::Condensed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    environment: String,
    grant: token::Grant,
    client_id: Option<String>,
    client_secret: Option<Secret>,
    /// Seconds; for tokens without `expires_in`.
    token_lifetime: Option<u32>,
}

pub(super) fn configure(config: Value) -> Result<Box<dyn Provider>, Error> {
    Ok(Box::new(Babelforce::from_config(config)?))
}

/// Where callbacks go.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    queue_id: Id,
    /// Caller id that the visitor sees.
    display_as: Option<String>,
    /// The task type of callbacks at a time, as the account has automations for it.
    task_type: Option<String>,
    /// The template of the account that makes a task of every callback, now or at a time.
    template: Option<String>,
    template_style: Option<Style>,
    /// Where in the task what of a callback goes.
    template_fields: Option<BTreeMap<String, String>>,
}

/// The task type of callbacks at a time where the configuration says none.
const TASK_TYPE: &str = "patchcord.callback";

/// How a target hands callbacks over.
enum Way {
    /// To the queue at once, or at a time as a task of this type.
    Queue { task_type: String },
    /// As a task out of a template.
    Template {
        template: Template,
        style: Style,
        places: Places,
    },
}

impl Target {
    fn read(target: &Value) -> Result<(Self, Way), Error> {
        let mut target: Self = read_config(target.clone())?;
        let odd = |field, message| Err(Error::of(Code::InvalidField, field, message));
        let way =
            match target.template.take() {
                None if target.template_style.is_some() => {
                    return odd(
                        "template_style",
                        "There is no template that it could be the style of.",
                    );
                }
                None if target.template_fields.is_some() => {
                    return odd(
                        "template_fields",
                        "There is no template that they could be the fields of.",
                    );
                }
                None => {
                    let task_type = target.task_type.take();
                    let task_type = task_type.unwrap_or_else(|| TASK_TYPE.to_owned());
                    tasks::check_type(&task_type, "task_type")?;
                    Way::Queue { task_type }
                }
                Some(_) if target.task_type.is_some() => {
                    return odd("task_type", "With a template, the template says the type.");
                }
                Some(template) => {
                    let places = target.template_fields.take();
                    let places = places.map_or_else(|| Ok(Places::usual()), |places| {
                    let places = Places::read(&places)?;
                    if places.want_display_as() && target.display_as.is_none() {
                        return Err(Error::of(
                            Code::MissingField,
                            "display_as",
                            "template_fields have a place for display_as, and there is none.",
                        ));
                    }
                    Ok(places)
                })?;
                    Way::Template {
                        template: Template::parse(&template)?,
                        style: target.template_style.unwrap_or_default(),
                        places,
                    }
                }
            };
        Ok((target, way))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct QueueCallback<'a> {
    to: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_as: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a Payload>,
}

impl Babelforce {
    /// Reads an account from `{environment, grant, client_id?, client_secret?, token_lifetime?}`.
    ///
    /// # Errors
    /// What is wrong with the configuration, with the field.
    pub fn from_config(config: Value) -> Result<Self, Error> {
        let config: Config = read_config(config)?;
        let environment = Environment::parse(&config.environment)?;
        let has_client = config.client_id.is_some() && config.client_secret.is_some();
        if matches!(config.grant, token::Grant::ClientCredentials) && !has_client {
            return Err(Error::of(
                Code::MissingField,
                "client_secret",
                "The client_credentials grant needs client_id and client_secret.",
            ));
        }
        // "Legacy first-party" clients sign in as `manager`; a server that wants none ignores it.
        let client_id = match (&config.grant, config.client_id) {
            (token::Grant::Password { .. }, None) => Some("manager".to_owned()),
            (_, client_id) => client_id,
        };
        let lifetime = config
            .token_lifetime
            .map_or(TOKEN_LIFETIME, |s| u64::from(s) * 1_000);
        let tokens = token::Config {
            token_url: environment.url("/oauth/token"),
            revoke_url: environment.url("/oauth/revoke"),
            client_id,
            client_secret: config.client_secret,
            grant: config.grant,
            lifetime_if_unsaid: lifetime,
        };
        Ok(Self {
            condensed: figures::Condensed::of(environment.clone()),
            environment,
            tokens,
        })
    }

    /// The condensed reporting, for a part of the calls alone.
    pub const fn condensed(&self) -> &figures::Condensed {
        &self.condensed
    }

    /// An account address, with a bearer token where there is one.
    fn request(&self, request: Request, token: Option<&Secret>) -> Request {
        match token {
            Some(token) => request.with_bearer(token),
            None => request,
        }
    }
}

impl Provider for Babelforce {
    fn name(&self) -> &'static str {
        NAME
    }

    fn capabilities(&self) -> &[Capability] {
        CAPABILITIES
    }

    fn tokens(&self) -> Option<token::Config> {
        Some(self.tokens.clone())
    }

    fn figures(&self) -> Option<&dyn super::past_calls::PastCalls> {
        Some(&self.condensed)
    }

    fn check_agent(&self, agent: &str) -> Result<(), Error> {
        Id::parse(agent).map(drop).map_err(|e| e.at("agent"))
    }

    fn is_same_agent(&self, one: &str, other: &str) -> bool {
        matches!((Id::parse(one), Id::parse(other)), (Ok(one), Ok(other)) if one == other)
    }

    fn dial(
        &self,
        agent: &str,
        call: &CallRequest,
        token: Option<&Secret>,
    ) -> Result<Request, Error> {
        if call.mode == Mode::Prefill {
            return Err(self.cannot(Capability::Prefill).at("prefill"));
        }
        let agent = Id::parse(agent).map_err(|e| e.at("agent"))?;
        let url = self
            .environment
            .url(&format!("/api/v2/agents/{agent}/calls"));
        let request = Request::json(Method::Post, url, calls::dial_body(call)?);
        Ok(self.request(request, token))
    }

    fn read_dial(&self, reply: Reply) -> Dialled {
        match reply::read(reply) {
            // A call item with an id counts as success even where the word is missing.
            Read::Yes(json) | Read::NoWord(json) if calls::id(&json).is_some() => Dialled {
                outcome: Outcome::Accepted,
                call: calls::id(&json),
                progress: Some(calls::progress(&json)),
            },
            Read::Yes(_) => Dialled {
                outcome: Outcome::Accepted,
                call: None,
                progress: None,
            },
            Read::NoWord(_) => Dialled {
                outcome: Outcome::Unknown(Because::code(Code::SuccessMissing)),
                call: None,
                progress: None,
            },
            Read::No(outcome) => Dialled {
                outcome,
                call: None,
                progress: None,
            },
        }
    }

    fn check_target(&self, target: &Value) -> Result<(), Error> {
        Target::read(target).map(drop)
    }

    fn callback(
        &self,
        target: &Value,
        callback: &CallbackRequest,
        token: Option<&Secret>,
    ) -> Result<Request, Error> {
        let (target, way) = Target::read(target)?;
        let (path, body) = match (way, callback.at) {
            (
                Way::Template {
                    template,
                    style,
                    places,
                },
                _,
            ) => {
                let said = Said {
                    queue: &target.queue_id,
                    display_as: target.display_as.as_deref(),
                };
                let body = places.fill(style, &said, callback)?;
                (tasks::template_path(&template, style), body)
            }
            (Way::Queue { task_type }, Some(at)) => (
                "/api/v3/tasks".to_owned(),
                tasks::callback_body(&task_type, &target.queue_id, at, callback)?,
            ),
            (Way::Queue { .. }, None) => {
                let body = QueueCallback {
                    to: callback.number.as_e164(),
                    display_as: target.display_as.as_deref(),
                    session: (!callback.payload.is_empty()).then_some(&callback.payload),
                };
                (
                    format!("/api/v2/queues/{}/callback", target.queue_id),
                    json_text(&body)?,
                )
            }
        };
        Ok(self.request(
            Request::json(Method::Post, self.environment.url(&path), body),
            token,
        ))
    }

    fn read_callback(&self, reply: Reply) -> Outcome {
        match tasks::read(reply) {
            Read::Yes(_) => Outcome::Accepted,
            // A task (v3) is answered with the task itself, without an envelope.
            Read::NoWord(json) if calls::id(&json).is_some() || tasks::id(&json).is_some() => {
                Outcome::Accepted
            }
            Read::NoWord(_) => Outcome::Unknown(Because::code(Code::SuccessMissing)),
            Read::No(outcome) => outcome,
        }
    }

    fn call_state(&self, call: &str, token: Option<&Secret>) -> Result<Request, Error> {
        let call = Id::parse(call)?;
        let url = self.environment.url(&format!("/api/v2/calls/{call}"));
        Ok(self.request(Request::get(url), token))
    }

    fn read_call_state(&self, reply: Reply) -> Result<Progress, Outcome> {
        match reply::read(reply) {
            Read::Yes(json) | Read::NoWord(json) if calls::id(&json).is_some() => {
                Ok(calls::progress(&json))
            }
            Read::Yes(_) | Read::NoWord(_) => {
                Err(Outcome::Unknown(Because::code(Code::UnreadableReply)))
            }
            Read::No(outcome) => Err(outcome),
        }
    }

    /// Hangs up; the vendor's text: "If the call is a pending callback it is cancelled instead".
    fn sign_in_page(
        &self,
        client_id: &str,
        redirect_uri: &str,
        verifier: &Secret,
        state: &str,
    ) -> Result<String, Error> {
        let challenge = sign_in::challenge(verifier);
        Ok(self.sign_in_url(client_id, redirect_uri, &challenge, state))
    }

    fn who(&self, token: &Secret) -> Result<Request, Error> {
        Ok(Request::get(self.environment.url("/api/v2/user/me")).with_bearer(token))
    }

    fn read_who(&self, reply: Reply) -> Result<String, Outcome> {
        let json = match reply::read(reply) {
            Read::Yes(json) | Read::NoWord(json) => json,
            Read::No(outcome) => return Err(outcome),
        };
        // With the envelope of the other v2 calls or without: the document shows both (inferred).
        let id = json.pointer("/item/id").or_else(|| json.get("id"));
        id.and_then(Value::as_str)
            .filter(|id| !id.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| Outcome::Unknown(Because::code(Code::UnreadableReply)))
    }

    fn people(&self) -> Option<&dyn People> {
        Some(self)
    }

    fn hang_up(&self, call: &str, token: Option<&Secret>) -> Result<Request, Error> {
        let call = Id::parse(call)?;
        let url = self
            .environment
            .url(&format!("/api/v2/calls/{call}/hangup"));
        Ok(self.request(Request::post(url), token))
    }

    fn read_hang_up(&self, reply: Reply) -> Outcome {
        match reply::read(reply) {
            Read::Yes(_) => Outcome::Accepted,
            Read::NoWord(json) if calls::id(&json).is_some() => Outcome::Accepted,
            Read::NoWord(_) => Outcome::Unknown(Because::code(Code::SuccessMissing)),
            Read::No(outcome) => outcome,
        }
    }

    fn past_calls(&self) -> Option<&dyn PastCalls> {
        Some(self)
    }

    fn recordings(&self) -> Option<&dyn Recordings> {
        Some(self)
    }

    fn variables(&self) -> Option<&dyn CallVariables> {
        Some(self)
    }

    fn opening(&self) -> Option<&dyn super::opening::Opening> {
        Some(self)
    }

    fn queues(&self) -> Option<&dyn super::queues::Queues> {
        Some(self)
    }

    fn conferences(&self) -> Option<&dyn super::conferences::Conferences> {
        Some(self)
    }

    fn tasks(&self) -> Option<&dyn Tasks> {
        Some(self)
    }

    /// One second after a change, then slower up to ten; a call that shows nothing new for two hours is left.
    fn poll_plan(&self) -> Option<PollPlan> {
        Some(PollPlan {
            first: 1_000,
            longest: 10_000,
            patience: 7_200_000,
            failures: 20,
        })
    }
}

fn json_text(body: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(body).map_err(|e| {
        Error::new(
            Code::Internal,
            format!("The request could not be written: {e}."),
        )
    })
}

#[cfg(test)]
mod company_tests;
#[cfg(test)]
mod history_tests;
#[cfg(test)]
mod tests;
