//! How often an agent may look something up: as often as they may dial. Whoever stole a session learns no more.

use patchcord_core::error::Code;
use serde_json::Value;

use crate::audit::{self, Action, Actor};
use crate::config::AgentId;
use crate::http::problem::Problem;
use crate::relay::Relay;
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
}

impl Kind {
    const fn counted(self) -> &'static str {
        match self {
            Kind::Record => "record",
            Kind::History => "history",
            Kind::Recording => "recording",
        }
    }

    const fn too_many(self) -> &'static str {
        match self {
            Kind::Record => "This agent has had too many records read.",
            Kind::History => "This agent has looked up too many contacts' calls.",
            Kind::Recording => "This agent has asked for too many recordings.",
        }
    }
}

/// Writes down who looks what up, and counts it, before anybody is asked.
///
/// # Errors
/// [`Code::TooManyRequests`], or a database that does not answer.
pub async fn take_down(relay: &Relay, agent: &AgentId, look_up: LookUp) -> Result<(), Problem> {
    let (limits, mode, now) = (&relay.config.limits, relay.config.policy, relay.clock.now());
    let limit = |window, most| Limit {
        what: look_up.kind.counted(),
        which: format!("{}\n{}", agent.org, agent.sub),
        window,
        most,
    };
    let limits = [
        limit(Window::Hour, limits.agent_per_hour),
        limit(Window::Day, limits.agent_per_day),
    ];
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
                if tally::count(tx, &limits, now).await?.is_empty() {
                    return Ok(());
                }
                let problem = Problem::new(Code::TooManyRequests, kind.too_many());
                mode.refuse(problem.with_remedy("Try again later."))
            })
        })
        .await
}
