//! A contact's last calls: what the platforms of an agent's accounts tell, both directions together, newest first.

use std::cmp::Reverse;

use futures_util::future::join_all;
use patchcord_core::capability::Capability;
use patchcord_core::error::Code;
use patchcord_core::number::PhoneNumber;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::past_calls::{Asked, PastCall, PastCalls, With};
use serde_json::json;

use crate::accounts::{Account, Listed};
use crate::audit::{self, Action};
use crate::config::Agent;
use crate::http::problem::Problem;
use crate::policy::look_up::{self, Kind, LookUp};
use crate::relay::Relay;
use crate::store::DAY;

/// How far back is looked, in milliseconds, where the platform does not want less.
const REACH: i64 = 365 * DAY;
/// How many calls a page has.
const PAGE: u32 = 100;
/// How many pages are read of each account and direction: in which order they come is the platform's.
const PAGES: u32 = 3;

/// A contact's calls.
#[derive(Debug)]
pub struct History {
    /// With the provider's name, the newest first.
    pub calls: Vec<(String, PastCall)>,
    /// There may be more.
    pub more: bool,
    /// The providers that did not tell, and why.
    pub unread: Vec<(String, Because)>,
}

/// The last calls with a number at the agent's accounts, at most so many.
///
/// # Errors
/// [`Code::CapabilityMissing`] where none of the agent's platforms tells its calls; [`Code::TooManyRequests`].
pub async fn with(
    relay: &Relay,
    agent: &Agent,
    number: &PhoneNumber,
    most: usize,
) -> Result<History, Problem> {
    let accounts: Vec<&Account> = agent
        .identities
        .iter()
        .filter_map(|identity| relay.accounts.get(&identity.account))
        .filter(|account| account.provider.past_calls().is_some())
        .collect();
    if accounts.is_empty() {
        let says = format!(
            "None of the agent's platforms has the capability \"{}\".",
            Capability::History
        );
        return Err(Problem::new(Code::CapabilityMissing, says).with_remedy(
            "Give the agent an identity at an account whose platform tells its calls.",
        ));
    }
    let providers: Vec<&str> = accounts.iter().map(|one| one.provider.name()).collect();
    let look_up = LookUp {
        kind: Kind::History,
        action: Action::HistoryRead,
        subject: audit::masked(number.as_e164()),
        detail: json!({ "providers": providers }),
    };
    look_up::take_down(relay, &agent.id, look_up).await?;
    let now = relay.clock.now();
    let told = join_all(
        accounts
            .iter()
            .map(|account| both_ways(account, number, now)),
    )
    .await;
    Ok(put_together(accounts, told, most))
}

/// What one account tells of both directions; a call that is in both lists is in it twice.
async fn both_ways(
    account: &Account,
    number: &PhoneNumber,
    now: i64,
) -> Result<Listed<PastCall>, Outcome> {
    let Some(past) = account.provider.past_calls() else {
        return Err(Outcome::Refused(Because::code(Code::CapabilityMissing)));
    };
    let (from, to) = tokio::join!(
        one_way(account, past, With::From(number.clone()), now),
        one_way(account, past, With::To(number.clone()), now),
    );
    let (mut all, to) = (from?, to?);
    all.items.extend(to.items);
    all.cut |= to.cut;
    Ok(all)
}

async fn one_way(
    account: &Account,
    past: &dyn PastCalls,
    with: With,
    now: i64,
) -> Result<Listed<PastCall>, Outcome> {
    let until = u64::try_from(now).unwrap_or_default().saturating_add(1);
    let reach = u64::try_from(REACH).unwrap_or_default();
    let reach = past.longest().map_or(reach, |longest| longest.min(reach));
    let asked = Asked {
        since: until.saturating_sub(reach),
        until,
        with: Some(with),
        size: PAGE,
    };
    account
        .ask_pages(
            PAGES,
            |page, token| past.ask(&asked, page, token),
            |page, reply| past.read(&asked, page, reply),
        )
        .await
}

fn put_together(
    accounts: Vec<&Account>,
    told: Vec<Result<Listed<PastCall>, Outcome>>,
    most: usize,
) -> History {
    let mut history = History {
        calls: Vec::new(),
        more: false,
        unread: Vec::new(),
    };
    for (account, told) in accounts.into_iter().zip(told) {
        let provider = account.provider.name().to_owned();
        match told {
            Ok(listed) => {
                history.more |= listed.cut;
                for call in listed.items {
                    let known =
                        |(of, one): &(String, PastCall)| *of == provider && one.id == call.id;
                    if !history.calls.iter().any(known) {
                        history.calls.push((provider.clone(), call));
                    }
                }
            }
            Err(outcome) => {
                let because = outcome.because().cloned();
                let because = because.unwrap_or(Because::code(Code::UnreadableReply));
                tracing::warn!(provider, code = %because.code, "past calls were not told");
                history.unread.push((provider, because));
            }
        }
    }
    history.calls.sort_by_key(|(_, call)| Reverse(call.started));
    history.more |= history.calls.len() > most;
    history.calls.truncate(most);
    history
}
