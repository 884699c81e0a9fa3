//! Whether somebody who is provisioned can sign in, as the relay decides it at that moment: provisioning knows only
//! what the identity provider and the platform said; the configuration and imports have a say, too.

use std::collections::BTreeMap;
use std::sync::Arc;

use patchcord_core::error::Code;

use crate::agents;
use crate::config::{Agent, AgentId, Config};
use crate::store::Store;
use crate::store::mapping::Mapping;
use crate::store::person::{Person, State};

/// Whether they can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// They can, as this agent.
    In(Arc<Agent>),
    /// The identity provider says that they may not.
    Off,
    /// They should, and cannot.
    Kept {
        /// Why: a state of provisioning, or the code with which a session is refused.
        why: &'static str,
        /// For a person, with what to do.
        detail: String,
    },
}

/// What was imported, by whom it is about.
pub type Imported = BTreeMap<AgentId, Vec<Mapping>>;

/// Everything that was imported.
///
/// # Errors
/// A database that does not answer.
pub async fn imported(store: &Store) -> Result<Imported, sqlx::Error> {
    let mut imported = Imported::new();
    for line in store.mappings().await? {
        imported.entry(line.id()).or_default().push(line);
    }
    Ok(imported)
}

/// Whether this person can sign in.
pub fn of(config: &Config, person: &Person, imported: &Imported) -> Verdict {
    let state = person.standing();
    let by_state = || Verdict::Kept {
        why: state.as_str(),
        detail: state.detail().to_owned(),
    };
    if state == State::Inactive {
        return Verdict::Off;
    }
    let Some(who) = person.who() else {
        return by_state();
    };
    let lines = imported.get(&who).map_or(&[][..], Vec::as_slice);
    match agents::resolve(config, &who, lines) {
        Ok(agent) => Verdict::In(agent),
        // Then provisioning knows more about why.
        Err(problem) if problem.code() == Code::AgentUnknown && state != State::Ready => by_state(),
        Err(problem) => Verdict::Kept {
            why: problem.code().as_str(),
            detail: [problem.detail(), problem.remedy().unwrap_or_default()].join(" "),
        },
    }
}
