//! Agents: who they are, their status and presence, their groups and tags, and messages to them (CTI push).
//!
//! Inferred, because the document does not say: that `sourceId` and `source` together name a CRM's user; that a
//! filter of several groups or tags wants one of them; and which member of a tag has its name.

use serde::Serialize;
use serde_json::Value;

use super::reply::{self, Read};
use super::{Babelforce, Id, json_text, paging};
use crate::error::{Code, Error};
use crate::http::{Method, Reply, Request, percent_encode};
use crate::outcome::{Because, Outcome};
use crate::payload::Payload;
use crate::provider::page::Page;
use crate::provider::people::{
    Agent, Asked, Change, Choice, Group, Line, People, Presence, Push, Status, To,
};
use crate::secret::Secret;

/// Agents may have tags of this category.
const TAGS: &str = "agent";

#[derive(Serialize)]
struct PushBody<'a> {
    message: &'a str,
    #[serde(rename = "agentId", skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    broadcast: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Payload>,
}

impl People for Babelforce {
    fn list(&self, asked: &Asked, page: u32, token: Option<&Secret>) -> Result<Request, Error> {
        let mut query = format!("page={page}&max={}", asked.size.clamp(1, paging::LARGEST));
        let mut add = |name: &str, value: &str| {
            query.push_str(&format!("&{name}={}", percent_encode(value)));
        };
        let one = [
            ("q", asked.text.as_deref()),
            (
                "enabled",
                asked.enabled.map(|is| if is { "true" } else { "false" }),
            ),
            ("name", asked.name.as_deref()),
            ("number", asked.number.as_deref()),
            ("sourceId", asked.source_id.as_deref()),
            ("state", asked.line.as_ref().map(Line::as_str)),
            ("source", asked.system.as_deref()),
        ];
        for (name, value) in one {
            if let Some(value) = value {
                add(name, value);
            }
        }
        for group in &asked.group_ids {
            let group = Id::parse(group).map_err(|error| error.at("group_ids"))?;
            add("groupIds", group.as_str());
        }
        for (name, values) in [("groups", &asked.groups), ("tags", &asked.tags)] {
            for value in values {
                add(name, value);
            }
        }
        Ok(self.read_at(&format!("/api/v2/agents?{query}"), token))
    }

    fn read_list(&self, page: u32, reply: Reply) -> Result<Page<Agent>, Outcome> {
        paging::read(page, reply, agent)
    }

    fn agent(&self, agent: &str, token: Option<&Secret>) -> Result<Request, Error> {
        Ok(self.read_at(&of_agent(agent, "")?, token))
    }

    fn read_agent(&self, reply: Reply) -> Result<Agent, Outcome> {
        let json = json(reply)?;
        let item = json.get("item").unwrap_or(&json);
        agent(item).ok_or_else(unreadable)
    }

    fn status(&self, agent: &str, token: Option<&Secret>) -> Result<Request, Error> {
        Ok(self.read_at(&of_agent(agent, "/status")?, token))
    }

    /// The item is an array of one, says the document.
    fn read_status(&self, reply: Reply) -> Result<Status, Outcome> {
        let json = json(reply)?;
        let item = json.get("item").unwrap_or(&json);
        let item = item.get(0).unwrap_or(item);
        if !item.is_object() {
            return Err(unreadable());
        }
        Ok(Status {
            enabled: flag(item, "enabled"),
            available: flag(item, "available"),
            line: text(item, "line_status").map(|word| Line::from(word.as_str())),
            presence: item.get("presence").and_then(presence),
            outbound: text(item, "outbound_status"),
            shown: text(item, "display_status"),
        })
    }

    fn presences(&self, token: Option<&Secret>) -> Request {
        self.read_at("/api/v2/agents/presence/available", token)
    }

    fn read_presences(&self, reply: Reply) -> Result<Vec<Presence>, Outcome> {
        paging::read(1, reply, presence).map(|page| page.items)
    }

    fn choices(&self, token: Option<&Secret>) -> Request {
        self.read_at("/api/v2/agents/status/available", token)
    }

    fn read_choices(&self, reply: Reply) -> Result<Vec<Choice>, Outcome> {
        paging::read(1, reply, choice).map(|page| page.items)
    }

    fn change(
        &self,
        agent: &str,
        change: &Change,
        token: Option<&Secret>,
    ) -> Result<Request, Error> {
        let request = match change {
            Change::Presence(name) if name.is_empty() => {
                return Err(Error::of(
                    Code::InvalidField,
                    "presence",
                    "A presence has a name.",
                ));
            }
            Change::Presence(name) => {
                let body = json_text(&serde_json::json!({ "presence": { "name": name } }))?;
                let path = of_agent(agent, "/status")?;
                Request::json(Method::Put, self.environment.url(&path), body)
            }
            Change::Enable => self.put(&of_agent(agent, "/enable")?),
            Change::Disable => self.put(&of_agent(agent, "/disable")?),
        };
        Ok(self.request(request, token))
    }

    /// A presence is answered 201 with the status itself, without an envelope; a busy one that says of itself that
    /// it is available with 501.
    fn read_change(&self, change: &Change, reply: Reply) -> Outcome {
        let is_presence = matches!(change, Change::Presence(_));
        let not_implemented = reply.as_ref().is_ok_and(|response| response.status == 501);
        match reply::read(reply) {
            Read::Yes(_) => Outcome::Accepted,
            Read::NoWord(json) if is_presence && json.is_object() => Outcome::Accepted,
            Read::NoWord(_) if is_presence => unreadable(),
            Read::NoWord(_) => Outcome::Unknown(Because::code(Code::SuccessMissing)),
            Read::No(outcome) if is_presence && not_implemented => Outcome::Refused(Because {
                code: Code::CapabilityMissing,
                message: outcome
                    .because()
                    .and_then(|because| because.message.clone()),
                retry_after: None,
            }),
            Read::No(outcome) => outcome,
        }
    }

    fn groups(&self, page: u32, token: Option<&Secret>) -> Request {
        let path = format!("/api/v2/agents/groups?page={page}&max={}", paging::LARGEST);
        self.read_at(&path, token)
    }

    fn read_groups(&self, page: u32, reply: Reply) -> Result<Page<Group>, Outcome> {
        paging::read(page, reply, group)
    }

    fn members(&self, group: &str, page: u32, token: Option<&Secret>) -> Result<Request, Error> {
        let group = Id::parse(group).map_err(|error| error.at("group"))?;
        let max = paging::LARGEST;
        let path = format!("/api/v2/agents/groups/{group}/agents?page={page}&max={max}");
        Ok(self.read_at(&path, token))
    }

    fn tags(&self, token: Option<&Secret>) -> Request {
        self.read_at(&format!("/api/v2/tags/{TAGS}"), token)
    }

    /// The document says that a tag here is an object, and nothing about what is in it; one that is a text is read
    /// as well.
    fn read_tags(&self, reply: Reply) -> Result<Vec<String>, Outcome> {
        let name = |tag: &Value| match tag {
            Value::String(tag) => Some(tag.clone()),
            tag => ["name", "tag", "label"]
                .iter()
                .find_map(|name| text(tag, name)),
        };
        paging::read(1, reply, name).map(|page| page.items)
    }

    fn push(&self, push: &Push, token: Option<&Secret>) -> Result<Request, Error> {
        let agent = match &push.to {
            To::Agent(agent) => Some(Id::parse(agent).map_err(|error| error.at("agent"))?),
            To::Everybody => None,
        };
        let body = PushBody {
            message: push.message.as_str(),
            agent_id: agent.as_ref().map(Id::as_str),
            broadcast: agent.is_none(),
            data: (!push.data.is_empty()).then_some(&push.data),
        };
        let url = self.environment.url("/api/v2/agents/push");
        let request = Request::json(Method::Post, url, json_text(&body)?);
        Ok(self.request(request, token))
    }

    fn read_push(&self, reply: Reply) -> Outcome {
        match reply::read(reply) {
            Read::Yes(_) => Outcome::Accepted,
            Read::NoWord(_) => Outcome::Unknown(Because::code(Code::SuccessMissing)),
            Read::No(outcome) => outcome,
        }
    }
}

impl Babelforce {
    fn read_at(&self, path: &str, token: Option<&Secret>) -> Request {
        self.request(Request::get(self.environment.url(path)), token)
    }

    fn put(&self, path: &str) -> Request {
        Request {
            method: Method::Put,
            ..Request::post(self.environment.url(path))
        }
    }
}

fn of_agent(agent: &str, rest: &str) -> Result<String, Error> {
    let agent = Id::parse(agent).map_err(|error| error.at("agent"))?;
    Ok(format!("/api/v2/agents/{agent}{rest}"))
}

fn json(reply: Reply) -> Result<Value, Outcome> {
    match reply::read(reply) {
        Read::Yes(json) | Read::NoWord(json) => Ok(json),
        Read::No(outcome) => Err(outcome),
    }
}

fn unreadable() -> Outcome {
    Outcome::Unknown(Because::code(Code::UnreadableReply))
}

/// A member that is a text and not empty.
fn text(json: &Value, name: &str) -> Option<String> {
    let text = json.get(name)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}

fn flag(json: &Value, name: &str) -> Option<bool> {
    json.get(name).and_then(Value::as_bool)
}

/// The platform's id as it is written elsewhere; one that is none is kept as it is.
fn id(json: &Value) -> Option<String> {
    let text = text(json, "id")?;
    Some(Id::parse(&text).map_or(text, |id| id.to_string()))
}

/// An agent. What has no id is none.
fn agent(json: &Value) -> Option<Agent> {
    let listed = |name: &str| {
        json.get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    Some(Agent {
        id: id(json)?,
        name: text(json, "name"),
        email: text(json, "email"),
        number: text(json, "number"),
        system: text(json, "agentSource"),
        source_id: text(json, "sourceId"),
        enabled: flag(json, "enabled"),
        line: text(json, "state").map(|word| Line::from(word.as_str())),
        presence: json.get("presence").and_then(presence),
        shown: text(json, "display_status"),
        groups: listed("groups").filter_map(group).collect(),
        tags: listed("tags")
            .filter_map(|tag| tag.as_str().map(str::to_owned))
            .collect(),
    })
}

fn group(json: &Value) -> Option<Group> {
    Some(Group {
        id: id(json)?,
        name: text(json, "name"),
    })
}

/// A presence. Without a name nobody can choose it.
fn presence(json: &Value) -> Option<Presence> {
    let name = text(json, "name")?;
    Some(Presence {
        label: text(json, "label").unwrap_or_else(|| name.clone()),
        available: flag(json, "available"),
        name,
    })
}

fn choice(json: &Value) -> Option<Choice> {
    let name = text(json, "name")?;
    Some(Choice {
        id: text(json, "id").unwrap_or_else(|| name.clone()),
        kind: text(json, "type"),
        label: text(json, "label").unwrap_or_else(|| name.clone()),
        available: flag(json, "available"),
        name,
    })
}

#[cfg(test)]
mod tests;
