//! Mappings from a CSV file, and from a platform that knows its agents' ids in the CRM.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use patchcord_core::outcome::Outcome;
use serde::Deserialize;
use serde_json::json;

use super::{listed, resolve};
use crate::accounts::Account;
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::{AgentId, Config};
use crate::store::Store;
use crate::store::mapping::{self, Mapping, Replaced};

/// The source of what comes from a file.
pub const CSV: &str = "csv";
/// The most pages that are read; more agents than that are no list to map by hand either.
const MOST_PAGES: u32 = 1000;

/// Why nothing was imported: every line that is wrong, for a person.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Nothing was changed.
    #[error("nothing was imported:\n  {}", .0.join("\n  "))]
    Lines(Vec<String>),
    /// The database.
    #[error("the database does not answer")]
    Store(#[from] sqlx::Error),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    org: String,
    sub: String,
    account: String,
    agent: String,
    name: Option<String>,
}

/// Reads a file with the columns `org`, `sub`, `account`, `agent` and, where wanted, `name`.
///
/// # Errors
/// Every line that is wrong.
pub fn read_csv(
    text: impl Read,
    config: &Config,
    now: Millis,
) -> Result<Vec<Mapping>, ImportError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text);
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    for line in reader.deserialize::<Line>() {
        let line = match line {
            Ok(line) => line,
            Err(error) => {
                wrong.push(error.to_string());
                continue;
            }
        };
        let checked = match config.accounts.get(&line.account) {
            _ if line.org.is_empty() || line.sub.is_empty() => {
                Err("`org` or `sub` is empty".to_owned())
            }
            None => Err(format!("there is no account `{}`", line.account)),
            Some(account) => account
                .provider
                .check_agent(&line.agent)
                .map_err(|error| error.to_string()),
        };
        if let Err(problem) = checked {
            wrong.push(format!("{} of {}: {problem}", line.sub, line.org));
            continue;
        }
        lines.push(Mapping {
            org: line.org,
            sub: line.sub,
            account: line.account,
            agent: line.agent,
            name: line.name.filter(|name| !name.is_empty()),
            source: CSV.to_owned(),
            updated_at: now,
        });
    }
    finish(lines, wrong, |account, one, other| {
        config.agent_ids.are_same(account, one, other)
    })
}

/// Reads the agents of an account that have an id in the CRM, for one organisation; of one `system`, where an
/// account has agents of several.
///
/// # Errors
/// What the platform says, or every agent whose id is there twice.
pub async fn read_account(
    name: &str,
    account: &Account,
    org: &str,
    system: Option<&str>,
    now: Millis,
) -> Result<Vec<Mapping>, ImportError> {
    let mut lines = Vec::new();
    let listed = listed(account, MOST_PAGES)
        .await
        .map_err(|outcome| ImportError::Lines(vec![said(name, &outcome)]))?;
    if listed.cut {
        return Err(ImportError::Lines(vec![format!(
            "{name}: the list of agents never ends"
        )]));
    }
    for agent in listed.items {
        let of_system = system.is_none_or(|system| agent.system.as_deref() == Some(system));
        let Some(sub) = agent.source_id.filter(|_| of_system) else {
            continue;
        };
        lines.push(Mapping {
            org: org.to_owned(),
            sub,
            account: name.to_owned(),
            agent: agent.id,
            name: agent.name,
            source: name.to_owned(),
            updated_at: now,
        });
    }
    finish(lines, Vec::new(), |_, one, other| {
        account.provider.is_same_agent(one, other)
    })
}

fn said(name: &str, outcome: &Outcome) -> String {
    let because = outcome.because();
    let code = because.map_or("", |because| because.code.as_str());
    let message = because.and_then(|because| because.message.as_deref());
    format!("{name}: {code} {}", message.unwrap_or_default())
}

/// One agent for each person and account. `same` says whether two ids of an account are the same agent's.
fn finish(
    mut lines: Vec<Mapping>,
    mut wrong: Vec<String>,
    same: impl Fn(&str, &str, &str) -> bool,
) -> Result<Vec<Mapping>, ImportError> {
    lines.sort();
    // The same under two names, or in two spellings, is one agent, not two.
    lines.dedup_by(|line, kept| {
        let same = (&line.org, &line.sub, &line.account) == (&kept.org, &kept.sub, &kept.account)
            && same(&line.account, &line.agent, &kept.agent);
        if same && kept.name.is_none() {
            kept.name = line.name.take();
        }
        same
    });
    let mut agents: BTreeMap<(&str, &str, &str), BTreeSet<&str>> = BTreeMap::new();
    for line in &lines {
        agents
            .entry((&line.org, &line.sub, &line.account))
            .or_default()
            .insert(&line.agent);
    }
    for ((org, sub, account), agents) in agents.iter().filter(|(_, agents)| agents.len() > 1) {
        let agents: Vec<_> = agents.iter().copied().collect();
        wrong.push(format!(
            "{sub} of {org} would be several agents at {account}: {}",
            agents.join(", ")
        ));
    }
    if wrong.is_empty() {
        Ok(lines)
    } else {
        Err(ImportError::Lines(wrong))
    }
}

/// Replaces what a source said before by these lines, all of them or none. Nobody may be two agents afterwards,
/// also together with the configuration and other sources.
///
/// # Errors
/// Everybody who would be ambiguous.
pub async fn store(
    store: &Store,
    config: &Config,
    source: &str,
    org: Option<&str>,
    lines: Vec<Mapping>,
    now: Millis,
) -> Result<Replaced, ImportError> {
    let replaced_ones =
        |line: &Mapping| line.source == source && org.is_none_or(|org| line.org == org);
    let mut all = store.mappings().await?;
    all.retain(|line| !replaced_ones(line));
    all.extend(lines.iter().cloned());
    let mut people: BTreeMap<AgentId, Vec<Mapping>> = BTreeMap::new();
    for line in all {
        people.entry(line.id()).or_default().push(line);
    }
    let touched: BTreeSet<AgentId> = lines.iter().map(Mapping::id).collect();
    let wrong: Vec<String> = touched
        .iter()
        .filter_map(|id| {
            let problem = resolve(config, id, people.get(id)?).err()?;
            Some(format!(
                "{} of {}: {} (also configured, or from another source)",
                id.sub,
                id.org,
                problem.code()
            ))
        })
        .collect();
    if !wrong.is_empty() {
        return Err(ImportError::Lines(wrong));
    }
    let (source, org) = (source.to_owned(), org.map(str::to_owned));
    let replaced = store
        .write(move |tx| {
            Box::pin(async move {
                let replaced = mapping::replace(tx, &source, org.as_deref(), &lines).await?;
                let detail =
                    json!({ "agents": replaced.now, "sessions_ended_of": replaced.ended.len() });
                audit::write(tx, Actor::Command, Action::Imported, &source, detail, now).await?;
                Ok::<_, sqlx::Error>(replaced)
            })
        })
        .await?;
    Ok(replaced)
}
