//! Agent synchronization: the CRM's users are compared with an account's agents, the plan is shown, and what was
//! shown is applied.

mod plan;
pub mod text;
mod users;

use std::sync::Arc;

use patchcord_core::outcome::Outcome;
use patchcord_core::provider::people::Agent;
use serde_json::json;

pub use plan::{
    Ambiguous, By, Candidate, Change, Gone, Known, Matched, Person, Plan, Removed, Seat, Why,
};
pub use users::{Standing, User, Users, read};

use super::listed;
use crate::accounts::Account;
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::Config;
use crate::store::Store;
use crate::store::mapping::{self, Mapping, Replaced};

/// The most pages of agents that are read: 20,000 agents.
const MOST_PAGES: u32 = 200;
/// Who the configuration's own entries are from.
const CONFIGURATION: &str = "configuration";

/// Which users are compared with which agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Between {
    /// The account.
    pub account: String,
    /// The CRM's organisation.
    pub org: String,
    /// Only agents of this system have ids of the CRM.
    pub system: Option<String>,
}

impl Between {
    /// What the mapping calls the source.
    pub fn source(&self) -> String {
        format!("sync:{}", self.account)
    }

    fn about(&self) -> String {
        json!([self.account, self.org, self.system]).to_string()
    }

    /// What a plan between these is known by.
    pub fn fingerprint(&self, plan: &Plan) -> String {
        plan.fingerprint(&self.about())
    }
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The platform did not tell its agents.
    #[error("the platform did not tell its agents: {}", said(.0))]
    Platform(Outcome),
    /// Half a list would make people lose their agent.
    #[error("the platform's list of agents never ends")]
    Endless,
    /// The database.
    #[error("the database does not answer")]
    Store(#[from] sqlx::Error),
}

/// Why a platform did not do something, in words.
pub fn said(outcome: &Outcome) -> String {
    let because = outcome.because();
    let code = because.map_or("no_reply", |because| because.code.as_str());
    match because.and_then(|because| because.message.as_deref()) {
        Some(message) => format!("{message} ({code})"),
        None => code.replace('_', " "),
    }
}

/// Reads all agents of an account.
///
/// # Errors
/// Half a list is none.
pub async fn agents(account: &Account) -> Result<Vec<Agent>, SyncError> {
    let listed = listed(account, MOST_PAGES)
        .await
        .map_err(SyncError::Platform)?;
    if listed.cut {
        return Err(SyncError::Endless);
    }
    Ok(listed.items)
}

/// Everything that a plan is made of, but for what the database says.
#[derive(Clone)]
pub struct Lists {
    /// Between whom.
    pub between: Between,
    /// The CRM's users.
    pub users: Arc<[User]>,
    /// The account's agents.
    pub agents: Arc<[Agent]>,
    configured: Arc<[Known]>,
    region: Option<patchcord_phone::Region>,
    same: Same,
}

/// Whether two of a platform's ids are the same agent's, however they are spelled.
pub type Same = Arc<dyn Fn(&str, &str) -> bool + Send + Sync>;

impl Lists {
    /// Puts the lists together.
    pub fn of(
        config: &Config,
        between: Between,
        users: Vec<User>,
        agents: Vec<Agent>,
        same: Same,
    ) -> Self {
        let of_org = config.agents.iter().filter(|(id, _)| id.org == between.org);
        let configured = of_org.flat_map(|(id, entries)| {
            let identities = entries.iter().flat_map(|agent| &agent.identities);
            let here = identities.filter(|identity| identity.account == between.account);
            here.map(|identity| Known {
                sub: id.sub.clone(),
                agent: identity.agent.clone(),
                source: CONFIGURATION.to_owned(),
            })
        });
        Self {
            configured: configured.collect(),
            users: users.into(),
            agents: agents.into(),
            region: config.region.parse().ok(),
            same,
            between,
        }
    }

    /// The plan, with what was imported.
    pub fn plan(&self, imported: &[Mapping]) -> Plan {
        let imported = imported
            .iter()
            .filter(|line| line.org == self.between.org && line.account == self.between.account);
        let imported = imported.map(|line| Known {
            sub: line.sub.clone(),
            agent: line.agent.clone(),
            source: line.source.clone(),
        });
        let known: Vec<_> = self.configured.iter().cloned().chain(imported).collect();
        plan::plan(&plan::Given {
            users: &self.users,
            agents: &self.agents,
            known: &known,
            source: &self.between.source(),
            system: self.between.system.as_deref(),
            region: self.region,
            same: &*self.same,
        })
    }
}

/// What became of applying a plan.
#[derive(Debug)]
pub enum Applied {
    /// It was done.
    Done(Plan, Replaced),
    /// It is not the plan that was shown; nothing was changed.
    Otherwise(Plan),
}

/// Applies the plan that was shown, in one transaction: if it would be another one now, nothing is changed.
///
/// # Errors
/// A database that does not answer.
pub async fn apply(
    store: &Store,
    lists: Lists,
    shown: &str,
    admin: Option<&str>,
    now: Millis,
) -> Result<Applied, sqlx::Error> {
    let (shown, admin) = (shown.to_owned(), admin.map(str::to_owned));
    store
        .write(move |tx| {
            Box::pin(async move {
                let plan = lists.plan(&mapping::all(tx).await?);
                let between = &lists.between;
                if between.fingerprint(&plan) != shown {
                    return Ok(Applied::Otherwise(plan));
                }
                let source = between.source();
                let lines: Vec<_> = plan
                    .lines()
                    .map(|(user, agent)| Mapping {
                        org: between.org.clone(),
                        sub: user.sub.clone(),
                        account: between.account.clone(),
                        agent: agent.to_owned(),
                        name: user.name.clone(),
                        source: source.clone(),
                        updated_at: now,
                    })
                    .collect();
                let org = Some(between.org.as_str());
                let replaced = mapping::replace(tx, &source, org, &lines).await?;
                let detail = json!({
                    "org": between.org, "agents": replaced.now, "sessions_ended_of": replaced.ended.len(),
                    "ambiguous": plan.ambiguous.len(), "plan": shown,
                });
                let who = admin.as_deref().map_or(Actor::Command, Actor::Admin);
                audit::write(tx, who, Action::AgentsSynchronised, &source, detail, now).await?;
                Ok::<_, sqlx::Error>(Applied::Done(plan, replaced))
            })
        })
        .await
}
