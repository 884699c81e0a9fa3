//! Who a CRM user is at the providers: by the configuration and by what was imported, exactly one or nobody.

pub mod import;
mod listed;
pub mod sync;

use std::collections::BTreeSet;
use std::sync::Arc;

use patchcord_core::error::Code;

use crate::config::{Agent, AgentId, Config, Identity};
use crate::http::problem::Problem;
use crate::relay::Relay;
use crate::scim;
use crate::store::Conn;
use crate::store::mapping::{self, Mapping};
use crate::store::person::{self, Standing};

pub use listed::{listed, people};

/// The agent with this id.
///
/// # Errors
/// As [`resolve`], or a database that does not answer.
pub async fn of(relay: &Relay, id: &AgentId) -> Result<Arc<Agent>, Problem> {
    let standing = match is_provisioned(&relay.config, id) {
        true => relay.store.standing(id).await?,
        false => Standing::Unknown,
    };
    let imported = relay.store.mappings_of(id).await?;
    admit(&relay.config, id, standing, &imported)
}

/// As [`of`], as this transaction sees it.
///
/// # Errors
/// As [`of`].
pub async fn within(tx: &mut Conn, config: &Config, id: &AgentId) -> Result<Arc<Agent>, Problem> {
    let standing = match is_provisioned(config, id) {
        true => person::standing_of(tx, id).await?,
        false => Standing::Unknown,
    };
    let imported = mapping::of(tx, id).await?;
    admit(config, id, standing, &imported)
}

/// Whether an identity provider says who may dial: then its word goes before all others.
fn is_provisioned(config: &Config, id: &AgentId) -> bool {
    config.directories.contains_key(&id.org)
}

fn admit(
    config: &Config,
    id: &AgentId,
    standing: Standing,
    imported: &[Mapping],
) -> Result<Arc<Agent>, Problem> {
    let may = scim::admitted(config, id, standing)?;
    let agent = resolve(config, id, imported)?;
    if may.is_subset(&agent.may) {
        return Ok(agent);
    }
    let mut agent = Agent::clone(&agent);
    agent.may.extend(may);
    Ok(Arc::new(agent))
}

/// Puts the configuration and the imported lines together. An account that only one of them names is added to
/// what the other says (the configuration's identities first); for one account there may be one agent alone,
/// however its id is spelled.
///
/// # Errors
/// [`Code::AgentUnknown`], or [`Code::AgentAmbiguous`] where two entries or lines disagree.
pub fn resolve(config: &Config, id: &AgentId, imported: &[Mapping]) -> Result<Arc<Agent>, Problem> {
    let configured = match config.agents.get(id).map(Vec::as_slice) {
        None | Some([]) => None,
        Some([agent]) => Some(agent),
        Some([_, _, ..]) => return Err(ambiguous()),
    };
    // What is known of an account that is not configured any more is of no use.
    let mut imported = imported
        .iter()
        .filter(|line| config.agent_ids.know(&line.account))
        .peekable();
    if imported.peek().is_none() {
        return configured.cloned().ok_or_else(unknown);
    }
    let mut agent = configured.map_or_else(
        || Agent {
            id: id.clone(),
            name: None,
            identities: Vec::new(),
            caller_ids: Vec::new(),
            team: None,
            may: BTreeSet::new(),
        },
        |agent| Agent::clone(agent),
    );
    for line in imported {
        agent.name = agent.name.or_else(|| line.name.clone());
        let known = agent
            .identities
            .iter()
            .find(|identity| identity.account == line.account);
        match known {
            Some(identity)
                if config
                    .agent_ids
                    .are_same(&line.account, &identity.agent, &line.agent) => {}
            Some(_) => return Err(ambiguous()),
            None => agent.identities.push(Identity {
                account: line.account.clone(),
                agent: line.agent.clone(),
            }),
        }
    }
    Ok(Arc::new(agent))
}

fn ambiguous() -> Problem {
    Problem::new(
        Code::AgentAmbiguous,
        "More than one agent is configured or imported for this CRM user.",
    )
    .with_remedy("`patchcord-relay agents list` shows where; leave one for each account.")
}

fn unknown() -> Problem {
    Problem::new(
        Code::AgentUnknown,
        "No agent is configured or imported for this CRM user.",
    )
    .with_remedy(
        "Add an [[agent]] with this `org` and `sub` to the relay's configuration, or import one.",
    )
}
