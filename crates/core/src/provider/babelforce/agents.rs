//! Agents: who they are, their status and presence.

use serde::Deserialize;
use serde_json::Value;

use super::reply::{self, Read};
use super::{Babelforce, Id, json_text};
use crate::error::{Code, Error};
use crate::http::{Method, Reply, Request, percent_encode};
use crate::outcome::{Because, Outcome};
use crate::provider::{AgentPage, ListedAgent};
use crate::secret::Secret;

/// An agent, as far as Patchcord needs to know. Unknown and missing fields are tolerated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agent {
    /// The agent's id.
    pub id: String,
    /// The agent's name.
    #[serde(default)]
    pub name: String,
    /// The agent's e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// The agent's id in the system it was synchronised from.
    #[serde(default)]
    pub source_id: Option<String>,
    /// That system.
    #[serde(default)]
    pub agent_source: Option<String>,
    /// Whether the agent may work.
    #[serde(default)]
    pub enabled: Option<bool>,
}

/// How to look for an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Find<'a> {
    /// By the id in the system that agents are synchronised from (inferred: `sourceId` and `source`).
    Source {
        /// That system, for example `salesforce`.
        system: Option<&'a str>,
        /// The id there.
        id: &'a str,
    },
    /// By e-mail address, compared without regard to case.
    Email(&'a str),
}

/// An agent's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Whether the agent may work.
    pub enabled: Option<bool>,
    /// The line: `available`, `busy`, `ringing`, `in-call`, `wrap-up` and others; open.
    pub line: Option<String>,
    /// The chosen presence.
    pub presence: Option<Presence>,
}

/// A presence that an agent can choose.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Presence {
    /// Its name, for [`Babelforce::set_presence`].
    #[serde(default)]
    pub name: String,
    /// What people call it.
    #[serde(default)]
    pub label: String,
    /// Whether calls come through.
    #[serde(default)]
    pub available: Option<bool>,
}

impl Babelforce {
    /// The request that looks for an agent. One page is enough: more than one match is an error anyway.
    pub fn find_agent(&self, find: Find<'_>, token: &Secret) -> Request {
        let query = match find {
            Find::Source {
                system: Some(system),
                id,
            } => {
                format!(
                    "sourceId={}&source={}",
                    percent_encode(id),
                    percent_encode(system)
                )
            }
            Find::Source { system: None, id } => format!("sourceId={}", percent_encode(id)),
            Find::Email(email) => format!("q={}", percent_encode(email)),
        };
        Request::get(self.environment.url(&format!("/api/v2/agents?{query}"))).with_bearer(token)
    }

    /// The one agent that was looked for.
    ///
    /// # Errors
    /// [`Code::AgentUnknown`] for none, [`Code::AgentAmbiguous`] for several, else the code of the reply.
    pub fn read_agent(&self, find: Find<'_>, reply: Reply) -> Result<Agent, Error> {
        let json = read_json(reply)?;
        let items = json
            .get("items")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let mut found = items
            .into_iter()
            .filter_map(|item| serde_json::from_value::<Agent>(item).ok())
            // The platform's search is wider than the question.
            .filter(|agent| match find {
                Find::Source { id, .. } => agent.source_id.as_deref() == Some(id),
                Find::Email(email) => agent
                    .email
                    .as_ref()
                    .is_some_and(|text| text.eq_ignore_ascii_case(email)),
            });
        match (found.next(), found.next()) {
            (Some(agent), None) => Ok(agent),
            (None, _) => Err(Error::new(Code::AgentUnknown, "No agent matches.")),
            (Some(_), Some(_)) => Err(Error::new(
                Code::AgentAmbiguous,
                "More than one agent matches.",
            )),
        }
    }

    /// The request for a page of agents. 100 a page: the largest that is known to work (inferred).
    pub(super) fn agents_page(&self, page: u32) -> Request {
        let path = format!("/api/v2/agents?page={page}&max=100");
        Request::get(self.environment.url(&path))
    }

    /// The agents of a page. What has no id is left out.
    pub(super) fn read_agents_page(reply: Reply) -> Result<AgentPage, Outcome> {
        let json = match reply::read(reply) {
            Read::Yes(json) | Read::NoWord(json) => json,
            Read::No(outcome) => return Err(outcome),
        };
        let Some(items) = json.get("items").and_then(Value::as_array) else {
            return Err(Outcome::Unknown(Because::code(Code::UnreadableReply)));
        };
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        let agents = items
            .iter()
            .filter_map(|item| Agent::deserialize(item).ok())
            .map(|agent| ListedAgent {
                agent: agent.id,
                name: filled(Some(agent.name)),
                system: filled(agent.agent_source),
                source_id: filled(agent.source_id),
            })
            .collect();
        let pages = json
            .pointer("/pagination/pages")
            .and_then(Value::as_u64)
            .and_then(|pages| u32::try_from(pages).ok());
        Ok(AgentPage {
            agents,
            pages: pages.unwrap_or(1),
        })
    }

    /// The request for an agent's status.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible id.
    pub fn agent_status(&self, agent: &str, token: &Secret) -> Result<Request, Error> {
        Ok(Request::get(self.status_url(agent)?).with_bearer(token))
    }

    /// An agent's status. The item is an array of one, says the OpenAPI.
    ///
    /// # Errors
    /// The code of the reply.
    pub fn read_status(&self, reply: Reply) -> Result<Status, Error> {
        let json = read_json(reply)?;
        let item = json.get("item").unwrap_or(&json);
        let item = item.get(0).unwrap_or(item);
        Ok(Status {
            enabled: item.get("enabled").and_then(Value::as_bool),
            line: item
                .get("line_status")
                .and_then(Value::as_str)
                .map(str::to_owned),
            presence: item
                .get("presence")
                .and_then(|presence| serde_json::from_value(presence.clone()).ok()),
        })
    }

    /// The request that sets an agent's presence; the platform answers 201.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible id.
    pub fn set_presence(&self, agent: &str, name: &str, token: &Secret) -> Result<Request, Error> {
        let body = json_text(&serde_json::json!({ "presence": { "name": name } }))?;
        Ok(Request::json(Method::Put, self.status_url(agent)?, body).with_bearer(token))
    }

    /// What became of [`Babelforce::set_presence`]: the reply is the status itself, without an envelope.
    pub fn read_set_presence(&self, reply: Reply) -> Outcome {
        match reply::read(reply) {
            Read::Yes(_) => Outcome::Accepted,
            Read::NoWord(json) if json.is_object() => Outcome::Accepted,
            Read::NoWord(_) => Outcome::Unknown(Because::code(Code::UnreadableReply)),
            Read::No(outcome) => outcome,
        }
    }

    fn status_url(&self, agent: &str) -> Result<String, Error> {
        let agent = Id::parse(agent).map_err(|e| e.at("agent"))?;
        Ok(self
            .environment
            .url(&format!("/api/v2/agents/{agent}/status")))
    }
}

fn read_json(reply: Reply) -> Result<Value, Error> {
    match reply::read(reply) {
        Read::Yes(json) | Read::NoWord(json) => Ok(json),
        Read::No(outcome) => {
            let (code, message) = match outcome.because() {
                Some(because) => (because.code, because.message.clone()),
                None => (Code::UnreadableReply, None),
            };
            Err(Error::new(
                code,
                message.unwrap_or_else(|| format!("babelforce: {code}.")),
            ))
        }
    }
}
