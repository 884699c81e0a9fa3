//! Agents, their line and their presence.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::babelconnect::{Membership, WrapUp};
use super::calls::{CallState, DEFAULT_OUTBOUND, word};
use super::people::GROUPS;
use super::{Babelforce, FieldError, Moment, Rejection, error, item, not_found, paging};
use crate::exchange::{Fields, Reply, Request};

/// One agent.
#[derive(Clone, Serialize)]
pub(crate) struct Agent {
    pub id: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub source_id: &'static str,
    pub agent_source: &'static str,
    /// The agent's own telephone; empty for none.
    pub number: String,
    /// Logged in: able to be called.
    pub enabled: bool,
    pub presence: Presence,
    /// Calls ring in the browser, not at `number`.
    pub webrtc: bool,
    /// The platform has stopped routing calls to this agent.
    pub line_block: Option<LineBlock>,
    /// The service number shown to customers.
    pub display_as: String,
    pub can_record: bool,
    /// Every outbound call is recorded.
    pub always_record: bool,
    pub wrap_up: Option<WrapUp>,
    pub campaign: Option<Membership>,
    /// By id.
    pub groups: &'static [&'static str],
    pub tags: &'static [&'static str],
}

impl Agent {
    fn seed(id: &'static str, name: &'static str, email: &'static str) -> Self {
        Self {
            id,
            name,
            email,
            source_id: "",
            agent_source: "",
            number: String::new(),
            enabled: true,
            presence: AVAILABLE,
            webrtc: false,
            line_block: None,
            display_as: DEFAULT_OUTBOUND.to_owned(),
            can_record: true,
            always_record: false,
            wrap_up: None,
            campaign: None,
            groups: &[],
            tags: &[],
        }
    }

    /// Where a call for this agent rings.
    pub fn device(&self) -> Device {
        if self.webrtc {
            Device::Browser
        } else {
            Device::Phone
        }
    }

    /// An agent needs the browser's telephone or one of their own.
    pub fn has_telephone(&self) -> bool {
        self.webrtc || !self.number.is_empty()
    }
}

/// Where an agent's leg rings.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Device {
    Browser,
    Phone,
}

/// Why the platform has stopped routing calls to an agent.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LineBlock {
    Unreachable,
    Busy,
    Declined,
    Dnd,
}

/// A presence an agent can choose.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Presence {
    pub available: bool,
    pub label: &'static str,
    pub name: &'static str,
}

const AVAILABLE: Presence = Presence {
    available: true,
    label: "Available",
    name: "available",
};

/// The presences of the account; the first is the default.
pub(crate) const PRESENCES: [Presence; 3] = [
    AVAILABLE,
    Presence {
        available: false,
        label: "Busy",
        name: "busy",
    },
    Presence {
        available: false,
        label: "Lunch break",
        name: "lunch",
    },
];

/// Alex and Sam have a telephone on the desk; Kim has none and can only use the browser.
pub(super) fn seed() -> Vec<Agent> {
    vec![
        Agent {
            source_id: "005ALEX",
            agent_source: "salesforce",
            number: "+493012345678".to_owned(),
            groups: &[GROUPS[0].id, GROUPS[1].id],
            tags: &["english", "german"],
            ..Agent::seed(
                "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
                "Alex Adler",
                "alex@acme.example",
            )
        },
        Agent {
            source_id: "005SAM",
            agent_source: "salesforce",
            number: "+493012345679".to_owned(),
            groups: &[GROUPS[1].id],
            tags: &["german"],
            ..Agent::seed(
                "1b2c3d4e5f60718293a4b5c6d7e8f90a",
                "Sam Sommer",
                "sam@acme.example",
            )
        },
        Agent::seed(
            "3d4e5f60718293a4b5c6d7e8f90a1b2c",
            "Kim Kramer",
            "kim@acme.example",
        ),
    ]
}

/// What an agent's telephone is doing.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LineStatus {
    Available,
    Busy,
    Declined,
    Unreachable,
    Ringing,
    InCall,
    WrapUp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AgentBody<'a> {
    id: &'a str,
    source_id: &'a str,
    agent_source: &'a str,
    name: &'a str,
    email: &'a str,
    number: &'a str,
    enabled: bool,
    state: LineStatus,
    presence: Presence,
    status: Status,
    activity: &'a str,
    #[serde(rename = "display_status")]
    display_status: &'a str,
    available: bool,
    tags: &'static [&'static str],
    groups: Vec<GroupReference>,
    webrtc: bool,
    features: [&'a str; 0],
}

#[derive(Serialize)]
struct GroupReference {
    id: &'static str,
    name: &'static str,
}

/// The composite status inside an agent, and the reply to a change of it.
#[derive(Serialize)]
struct Status {
    enabled: bool,
    available: bool,
    outbound_status: &'static str,
    line_status: LineStatus,
    presence: Presence,
    activity: &'static str,
    display_status: &'static str,
}

#[derive(Serialize)]
struct TotalStatus {
    enabled: bool,
    outbound_status: &'static str,
    line_status: LineStatus,
    presence: Presence,
    activity: Option<Value>,
    display_status: &'static str,
    available: bool,
}

#[derive(Serialize)]
struct PresenceInfo {
    name: &'static str,
    label: &'static str,
    available: bool,
    count: usize,
    is_default: bool,
}

#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
    success: bool,
}

#[derive(Serialize)]
struct Message {
    message: &'static str,
    success: bool,
}

impl Babelforce {
    pub(crate) fn agent(&self, id: &str) -> Option<&Agent> {
        self.agents.iter().find(|agent| agent.id == id)
    }

    pub(crate) fn agent_mut(&mut self, id: &str) -> Option<&mut Agent> {
        self.agents.iter_mut().find(|agent| agent.id == id)
    }

    /// The line follows from the agent's live calls, then from what follows a call.
    pub(crate) fn line_status(&self, agent: &Agent) -> LineStatus {
        let mut line = match (&agent.wrap_up, agent.line_block) {
            (Some(_), _) => LineStatus::WrapUp,
            (None, Some(LineBlock::Unreachable)) => LineStatus::Unreachable,
            (None, Some(LineBlock::Declined)) => LineStatus::Declined,
            // Inferred: the Manager API has no word of its own for "do not disturb".
            (None, Some(LineBlock::Busy | LineBlock::Dnd)) => LineStatus::Busy,
            (None, None) => LineStatus::Available,
        };
        for call in &self.calls {
            if call.is_of(agent.id) {
                match call.state {
                    CallState::InProgress | CallState::Bridged => return LineStatus::InCall,
                    CallState::Ringing => line = LineStatus::Ringing,
                    _ => {}
                }
            }
        }
        line
    }

    fn status(&self, agent: &Agent) -> Status {
        let line_status = self.line_status(agent);
        let free = line_status == LineStatus::Available;
        Status {
            enabled: agent.enabled,
            available: agent.enabled && agent.presence.available && free,
            outbound_status: "offline",
            line_status,
            presence: agent.presence,
            activity: "",
            display_status: match (agent.enabled, line_status) {
                (false, _) => "Offline",
                (_, LineStatus::Ringing) => "Ringing",
                (_, LineStatus::InCall) => "In call",
                (_, LineStatus::WrapUp) => "Wrap-up",
                (_, LineStatus::Busy) => "Busy",
                (_, LineStatus::Declined) => "Declined",
                (_, LineStatus::Unreachable) => "Unreachable",
                (_, LineStatus::Available) => agent.presence.label,
            },
        }
    }

    pub(super) fn agent_body<'a>(&self, agent: &'a Agent) -> AgentBody<'a> {
        let status = self.status(agent);
        AgentBody {
            id: agent.id,
            source_id: agent.source_id,
            agent_source: agent.agent_source,
            name: agent.name,
            email: agent.email,
            number: &agent.number,
            enabled: agent.enabled,
            state: status.line_status,
            presence: agent.presence,
            activity: "",
            display_status: status.display_status,
            available: status.available,
            status,
            tags: agent.tags,
            groups: agent
                .groups()
                .map(|group| GroupReference {
                    id: group.id,
                    name: group.name,
                })
                .collect(),
            webrtc: agent.webrtc,
            features: [],
        }
    }

    pub(super) fn list_agents(&self, request: &Request) -> Reply {
        let lower = |name: &str| request.query(name).map(str::to_lowercase);
        let contains = |text: &str, part: &Option<String>| match part {
            Some(part) => text.to_lowercase().contains(part),
            None => true,
        };
        let equals = |name: &str, text: &str| request.query(name).is_none_or(|want| want == text);
        let (q, name) = (lower("q"), lower("name"));
        let found = self.agents.iter().filter(|agent| {
            let texts = [agent.name, &agent.number, agent.email, agent.source_id];
            let line = word(&self.line_status(agent)).unwrap_or_default();
            agent.is_among(request)
                && texts.iter().any(|text| contains(text, &q))
                && contains(agent.name, &name)
                && equals("number", &agent.number)
                && equals("sourceId", agent.source_id)
                && equals("source", agent.agent_source)
                && equals("enabled", if agent.enabled { "true" } else { "false" })
                && equals("state", &line)
        });
        paging::page(found.map(|agent| self.agent_body(agent)).collect(), request)
    }

    pub(super) fn get_agent(&self, id: &str) -> Reply {
        match self.agent(id) {
            Some(agent) => item(self.agent_body(agent)),
            None => not_found("agent"),
        }
    }

    /// The item is an array, as published.
    pub(super) fn get_status(&self, id: &str) -> Reply {
        let Some(agent) = self.agent(id) else {
            return not_found("agent");
        };
        let status = self.status(agent);
        item([TotalStatus {
            enabled: status.enabled,
            outbound_status: "offline",
            line_status: status.line_status,
            presence: status.presence,
            activity: None,
            display_status: status.display_status,
            available: status.available,
        }])
    }

    /// Answers 201 with the bare status, as published.
    pub(super) fn put_status(&mut self, id: &str, request: &Request) -> Reply {
        let change = request
            .object()
            .map_err(Rejection::from)
            .and_then(|fields| read_status(&fields).map_err(Rejection::from));
        let (enabled, presence) = match change {
            Ok(change) => change,
            Err(rejection) => return rejection.reply(),
        };
        let Some(agent) = self.agent_mut(id) else {
            return not_found("agent");
        };
        agent.enabled = enabled.unwrap_or(agent.enabled);
        agent.presence = presence.unwrap_or(agent.presence);
        match self.agent(id) {
            Some(agent) => Reply::json(201, &self.status(agent)),
            None => error(500, "internal", "the agent is gone"),
        }
    }

    pub(super) fn list_presences(&self) -> Reply {
        let items = PRESENCES.iter().enumerate().map(|(index, presence)| {
            let chosen = self
                .agents
                .iter()
                .filter(|agent| agent.presence == *presence);
            PresenceInfo {
                name: presence.name,
                label: presence.label,
                available: presence.available,
                count: chosen.count(),
                is_default: index == 0,
            }
        });
        Reply::json(
            200,
            &Items {
                items: items.collect(),
                success: true,
            },
        )
    }

    pub(super) fn hang_up_agent(&mut self, id: &str, moment: &mut Moment) -> Reply {
        if self.agent(id).is_none() {
            return not_found("agent");
        }
        let (message, success) = if self.hang_up_current(id, moment) {
            ("the call was hung up", true)
        } else {
            ("the agent is not in a call", false)
        };
        Reply::json(200, &Message { message, success })
    }
}

fn read_status(fields: &Fields) -> Result<(Option<bool>, Option<Presence>), FieldError> {
    let enabled = fields.flag("enabled")?;
    let Some(chosen) = fields.object("presence")? else {
        return Ok((enabled, None));
    };
    let unknown = FieldError {
        field: "presence.name",
        problem: "must be one of the account's presences",
    };
    let chosen: Value = serde_json::from_str(chosen.get()).unwrap_or_default();
    let name = chosen.get("name").and_then(Value::as_str);
    let presence = PRESENCES.iter().find(|known| Some(known.name) == name);
    presence.map_or(Err(unknown), |presence| Ok((enabled, Some(*presence))))
}
