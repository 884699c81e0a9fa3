//! How often an agent may ask a platform for something: as often as they may dial, so that whoever stole a session learns
//! and does no more;
//! their own tasks as often as a page that is left open asks.

use patchcord_core::error::Code;
use serde_json::Value;

use super::mode::Mode;
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::AgentId;
use crate::http::problem::Problem;
use crate::relay::Relay;
use crate::store::Conn;
use crate::store::tally::{self, Limit, Window};

/// What is looked up.
#[derive(Debug, Clone)]
pub struct LookUp {
    /// What is counted together.
    pub kind: Kind,
    /// What it is written down as.
    pub action: Action,
    /// Of what: an id, a name. No number in clear.
    pub subject: String,
    /// More about it, as [`audit::write`] takes it.
    pub detail: Value,
}

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Records of a CRM.
    Record,
    /// A contact's calls.
    History,
    /// Recordings.
    Recording,
    /// The agent's own tasks.
    Tasks,
    /// Figures of their organisation.
    Statistics,
    /// Setting variables of their calls.
    Variables,
}

/// How often in an hour what a page that is left open asks for: every six seconds.
const OPEN_PAGE_PER_HOUR: u32 = 600;

impl Kind {
    const fn counted(self) -> &'static str {
        match self {
            Kind::Record => "record",
            Kind::History => "history",
            Kind::Recording => "recording",
            Kind::Tasks => "tasks",
            Kind::Statistics => "statistics",
            Kind::Variables => "variables",
        }
    }

    const fn too_many(self) -> &'static str {
        match self {
            Kind::Record => "This agent has had too many records read.",
            Kind::History => "This agent has looked up too many contacts' calls.",
            Kind::Recording => "This agent has asked for too many recordings.",
            Kind::Tasks => "This agent has asked for their tasks too often.",
            Kind::Statistics => "This agent has asked for statistics too often.",
            Kind::Variables => "This agent has set variables of calls too often.",
        }
    }
}

/// Writes down who looks what up, and counts it, before anybody is asked.
///
/// # Errors
/// [`Code::TooManyRequests`], or a database that does not answer.
pub async fn take_down(relay: &Relay, agent: &AgentId, look_up: LookUp) -> Result<(), Problem> {
    let (mode, now) = (relay.config.policy, relay.clock.now());
    let limits = limits(relay, agent, look_up.kind);
    let agent = agent.clone();
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let LookUp {
                    kind,
                    action,
                    subject,
                    detail,
                } = look_up;
                audit::write(tx, Actor::Agent(&agent), action, &subject, detail, now).await?;
                taken(tx, &limits, kind, mode, now).await
            })
        })
        .await
}

/// Counts what names no contact, before anybody is asked; it is not written down.
///
/// # Errors
/// As [`take_down`].
pub async fn count(relay: &Relay, agent: &AgentId, kind: Kind) -> Result<(), Problem> {
    let (mode, now) = (relay.config.policy, relay.clock.now());
    let limits = limits(relay, agent, kind);
    relay
        .store
        .write(move |tx| Box::pin(async move { taken(tx, &limits, kind, mode, now).await }))
        .await
}

fn limits(relay: &Relay, agent: &AgentId, kind: Kind) -> Vec<Limit> {
    let limit = |window, most| Limit {
        what: kind.counted(),
        which: format!("{}\n{}", agent.org, agent.sub),
        window,
        most,
    };
    let dials = &relay.config.limits;
    match kind {
        Kind::Record | Kind::History | Kind::Recording | Kind::Statistics | Kind::Variables => {
            vec![
                limit(Window::Hour, dials.agent_per_hour),
                limit(Window::Day, dials.agent_per_day),
            ]
        }
        Kind::Tasks => vec![limit(Window::Hour, OPEN_PAGE_PER_HOUR)],
    }
}

async fn taken(
    tx: &mut Conn,
    limits: &[Limit],
    kind: Kind,
    mode: Mode,
    now: Millis,
) -> Result<(), Problem> {
    if tally::count(tx, limits, now).await?.is_empty() {
        return Ok(());
    }
    let problem = Problem::new(Code::TooManyRequests, kind.too_many());
    mode.refuse(problem.with_remedy("Try again later."))
}
