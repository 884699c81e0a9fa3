//! `patchcord-relay erase`

use patchcord_core::number::PhoneNumber;
use patchcord_relay::clock::Clock;
use patchcord_relay::config::{AgentId, Config};
use patchcord_relay::http::problem::chain;
use patchcord_relay::store::erase_person::ErasedPerson;
use patchcord_relay::store::{DAY, erase};

use super::{database, give_back, print};

#[derive(clap::Args)]
pub struct Arguments {
    /// The number, in E.164 form
    #[arg(long, required_unless_present = "sub", conflicts_with = "sub")]
    number: Option<PhoneNumber>,
    /// Of a person who dials: the CRM's organisation
    #[arg(long, requires = "sub")]
    org: Option<String>,
    /// The CRM's id of the person
    #[arg(long, requires = "org")]
    sub: Option<String>,
}

/// Deletes what is known about a number or a person.
pub async fn run(config: Config, arguments: Arguments) -> Result<(), String> {
    let Arguments { number, org, sub } = arguments;
    match (number, org, sub) {
        (Some(number), ..) => of_number(config, &number).await,
        (None, Some(org), Some(sub)) => of_person(config, AgentId { org, sub }).await,
        (None, ..) => Err("name a --number, or a person by --org and --sub".into()),
    }
}

async fn of_number(config: Config, number: &PhoneNumber) -> Result<(), String> {
    let store = database(&config).await?;
    let erased = store.erase(number, Clock::default().now()).await;
    store.close().await;
    let erased = erased.map_err(|error| chain(&error))?;
    let emptied = erase::empty_log(&config.database).await;
    print(&format!(
        "erased: {} callbacks, {} calls, {} messages; emptied {} payloads that mentioned the number\n",
        erased.callbacks, erased.calls, erased.deliveries, erased.mentions
    ))?;
    ended(erased.in_flight, emptied)
}

async fn of_person(config: Config, who: AgentId) -> Result<(), String> {
    let store = database(&config).await?;
    let erased = store.erase_person(&who, Clock::default().now()).await;
    let erased = match erased {
        Ok(erased) => erased,
        Err(error) => {
            store.close().await;
            return Err(chain(&error));
        }
    };
    // It is done: whatever goes wrong from here on, this is said.
    let mut report = told(&erased, config.retention.audit / DAY);
    for hint in comes_back(&config, &who) {
        report += hint;
        report += "\n";
    }
    let told = print(&report);
    let database = config.database.clone();
    let given_back = give_back(config, &store, &erased.tokens, None).await;
    store.close().await;
    let emptied = erase::empty_log(&database).await;
    told?;
    print(&format!(
        "{} of {} tokens signed out at platforms\n",
        given_back?,
        erased.tokens.len()
    ))?;
    ended(erased.in_flight, emptied)
}

fn told(erased: &ErasedPerson, days: i64) -> String {
    format!(
        "erased: {} provisioned (in {} groups), {} mappings to agents, {} sessions, {} tokens at platforms, {} calls, \
         {} events, {} messages\n\
         kept: {} lines of the audit log, with their id and without a name, each until it is {days} days old; {} replies \
         to their requests and what limits have counted, for a day\n",
        erased.provisioned,
        erased.groups,
        erased.mappings,
        erased.sessions,
        erased.tokens.len(),
        erased.calls,
        erased.events,
        erased.deliveries,
        erased.kept.audit,
        erased.kept.replies,
    )
}

/// What would bring them back.
fn comes_back(config: &Config, who: &AgentId) -> Vec<&'static str> {
    let mut hints = Vec::new();
    if config.agents.contains_key(who) {
        hints.push("the configuration still names them: take their [[agent]] out, and restart");
    }
    if config.directories.contains_key(&who.org) {
        hints.push("their identity provider sends them again, unless they are removed there, too");
    }
    hints.push("an import brings them back if its file or CRM still has them");
    hints
}

fn ended(in_flight: u64, emptied: Result<bool, sqlx::Error>) -> Result<(), String> {
    if in_flight > 0 {
        return Err(format!(
            "{in_flight} more are being handed over right now; run this again in a minute"
        ));
    }
    match emptied {
        Ok(true) => Ok(()),
        Ok(false) => Err(
            "the database's log is in use and still has traces; run this again in a minute".into(),
        ),
        Err(error) => Err(chain(&error)),
    }
}
