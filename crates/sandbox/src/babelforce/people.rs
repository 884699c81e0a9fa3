//! Groups and tags of agents, who may be given calls, and messages pushed to their desks (CTI).

use serde::Serialize;
use serde_json::value::RawValue;

use super::agents::{Agent, PRESENCES};
use super::{Babelforce, Rejection, error, item, not_found, paging};
use crate::exchange::{FieldError, Millis, Reply, Request};

/// A group of agents.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Group {
    pub id: &'static str,
    pub name: &'static str,
    tags: [&'static str; 0],
}

/// The groups of the account.
pub(crate) const GROUPS: [Group; 2] = [
    Group {
        id: "5e5f60718293a4b5c6d7e8f90a1b2c3d",
        name: "Sales",
        tags: [],
    },
    Group {
        id: "6f60718293a4b5c6d7e8f90a1b2c3d4e",
        name: "Helpdesk",
        tags: [],
    },
];

/// The most messages that are remembered, and the longest of them, in characters.
const MOST_PUSHED: usize = 100;
const LONGEST_MESSAGE: usize = 250;

/// A message that was pushed.
#[derive(Clone, Serialize)]
pub(crate) struct Pushed {
    id: String,
    at: Millis,
    /// Whom it is for; `None` for everybody.
    agent_id: Option<&'static str>,
    message: String,
    data: Option<Box<RawValue>>,
}

#[derive(Serialize)]
struct Choice {
    id: String,
    r#type: &'static str,
    name: &'static str,
    label: &'static str,
    enabled: bool,
    available: bool,
}

#[derive(Serialize)]
struct Tag {
    name: &'static str,
}

#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
    success: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    message: &'a str,
    success: bool,
}

fn items<T: Serialize>(items: Vec<T>) -> Reply {
    Reply::json(
        200,
        &Items {
            items,
            success: true,
        },
    )
}

fn done(message: &str) -> Reply {
    Reply::json(
        200,
        &Message {
            message,
            success: true,
        },
    )
}

impl Agent {
    /// The groups that they are in.
    pub fn groups(&self) -> impl Iterator<Item = &'static Group> + '_ {
        GROUPS
            .iter()
            .filter(|group| self.groups.contains(&group.id))
    }

    /// Whether they are in one of the groups, and have one of the tags, that are asked for: by id or name. That one
    /// is enough is inferred.
    pub fn is_among(&self, request: &Request) -> bool {
        let one_of = |filter: &str, has: &dyn Fn(&str) -> bool| {
            let mut wanted = request
                .query
                .iter()
                .filter(|(name, value)| name == filter && !value.is_empty())
                .flat_map(|(_, value)| value.split(','))
                .peekable();
            wanted.peek().is_none() || wanted.any(has)
        };
        one_of("groupIds", &|id| self.groups.contains(&id))
            && one_of("groups", &|name| {
                self.groups().any(|group| group.name == name)
            })
            && one_of("tags", &|tag| self.tags.contains(&tag))
    }
}

impl Babelforce {
    pub(super) fn list_groups(&self, request: &Request) -> Reply {
        paging::page(GROUPS.to_vec(), request)
    }

    pub(super) fn get_group(&self, id: &str) -> Reply {
        match GROUPS.iter().find(|group| group.id == id) {
            Some(group) => item(group),
            None => not_found("group"),
        }
    }

    pub(super) fn list_members(&self, id: &str, request: &Request) -> Reply {
        if !GROUPS.iter().any(|group| group.id == id) {
            return not_found("group");
        }
        let members = self
            .agents
            .iter()
            .filter(|agent| agent.groups.contains(&id));
        let bodies = members.map(|agent| self.agent_body(agent));
        paging::page(bodies.collect(), request)
    }

    /// The presences; activities are not played here.
    pub(super) fn list_choices(&self) -> Reply {
        let choices = PRESENCES.iter().map(|presence| Choice {
            id: format!("presence:{}", presence.name),
            r#type: "presence",
            name: presence.name,
            label: presence.label,
            enabled: true,
            available: presence.available,
        });
        items(choices.collect())
    }

    /// What is in a tag is inferred: the document says that it is an object.
    pub(super) fn list_tags(&self, category: Option<&str>) -> Reply {
        let mut tags: Vec<&'static str> = match category {
            None | Some("agent") => self
                .agents
                .iter()
                .flat_map(|agent| agent.tags)
                .copied()
                .collect(),
            Some(_) => Vec::new(),
        };
        tags.sort_unstable();
        tags.dedup();
        items(tags.into_iter().map(|name| Tag { name }).collect())
    }

    pub(super) fn set_enabled(&mut self, id: &str, enabled: bool) -> Reply {
        match self.agent_mut(id) {
            Some(agent) => {
                agent.enabled = enabled;
                done(if enabled {
                    "the agent is enabled"
                } else {
                    "the agent is disabled"
                })
            }
            None => not_found("agent"),
        }
    }

    /// Inferred: a message without a target is refused.
    pub(super) fn push_message(&mut self, request: &Request, id: String) -> Reply {
        let read = || -> Result<_, Rejection> {
            let fields = request.object()?;
            let message = fields.required_text("message")?;
            if message.chars().count() > LONGEST_MESSAGE {
                return Err(Rejection::Field(FieldError {
                    field: "message",
                    problem: "must have 1 to 250 characters",
                }));
            }
            let broadcast = fields.flag("broadcast")?.unwrap_or_default();
            Ok((
                message,
                fields.text("agentId")?,
                broadcast,
                fields.object("data")?,
            ))
        };
        let (message, agent, broadcast, data) = match read() {
            Ok(read) => read,
            Err(rejection) => return rejection.reply(),
        };
        let agent_id = match (agent, broadcast) {
            (Some(agent), _) => match self.agent(&agent) {
                Some(agent) => Some(agent.id),
                None => return not_found("agent"),
            },
            (None, true) => None,
            (None, false) => {
                return error(400, "invalid_parameter", "agentId or broadcast is required");
            }
        };
        self.pushed.push(Pushed {
            id,
            at: request.at,
            agent_id,
            message,
            data,
        });
        let beyond = self.pushed.len().saturating_sub(MOST_PUSHED);
        self.pushed.drain(..beyond);
        done("the message was pushed")
    }
}
