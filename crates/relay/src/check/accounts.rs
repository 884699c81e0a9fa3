//! Whether the platforms answer, and what time it is there.

use patchcord_core::http::Failure;
use patchcord_core::outcome::Because;

use super::{Finding, skew};
use crate::accounts::Account;
use crate::config::Target;
use crate::relay::Relay;

/// Asks each account for a token where it needs one, and for its host's front page.
pub async fn accounts(relay: &Relay) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, account) in &relay.accounts {
        let agents = relay.config.agents.values().flatten();
        let mut identities = agents.flat_map(|agent| &agent.identities);
        let agent = identities.find(|identity| identity.account == *name);
        let mut topics = relay.config.topics.values();
        let target = topics.find_map(|topic| match &topic.target {
            Target::Agents(target) if topic.account == *name => Some(target),
            _ => None,
        });
        let host = account.host(agent.map(|identity| identity.agent.as_str()), target);
        let (result, clock) = look(relay, name, account, host.as_deref()).await;
        findings.push(Finding::new(format!("account {name}"), result));
        findings.extend(clock.map(|result| Finding::new("clock", result)));
        if let Some(api) = &account.agents {
            let seen = account.look(&api.origin).await;
            let result = match seen {
                Ok(_) => Ok("answers".into()),
                Err(failure) => Err(does_not_answer(&api.origin, &failure)),
            };
            findings.push(Finding::new(format!("account {name}, agent_api"), result));
        }
    }
    findings
}

type Found = Result<String, String>;

async fn look(
    relay: &Relay,
    name: &str,
    account: &Account,
    host: Option<&str>,
) -> (Found, Option<Found>) {
    let token = match account.token().await {
        Ok(token) => token,
        Err(because) => return (Err(explain(&because)), None),
    };
    let Some(host) = host else {
        return (
            Ok("is not asked: no agent and no topic uses it".into()),
            None,
        );
    };
    let sent = relay.clock.now();
    let seen = account.look(host).await;
    let received = relay.clock.now();
    let clock = match &seen {
        Ok(Some(said)) => Some(skew::judge(skew::skew(sent, *said, received), name)),
        Ok(None) | Err(_) => None,
    };
    let result = match (token, seen) {
        (Some(_), _) => Ok("gives a token".into()),
        (None, Ok(_)) => Ok("answers".into()),
        (None, Err(failure)) => Err(does_not_answer(host, &failure)),
    };
    (result, clock)
}

fn does_not_answer(host: &str, failure: &Failure) -> String {
    format!("{host} does not answer ({failure}); compare the address in the configuration")
}

/// What a platform said, for a person.
pub(super) fn explain(because: &Because) -> String {
    match &because.message {
        Some(message) => format!("{}: {message}", because.code),
        None => format!(
            "{}; compare address and credentials in the configuration",
            because.code
        ),
    }
}
