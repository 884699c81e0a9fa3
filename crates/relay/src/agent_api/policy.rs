//! What of an agent's commands the relay decides about: numbers, and what is shown to whom.

use patchcord_core::desk::action::{Action, Party, Target};
use patchcord_core::number::PhoneNumber;
use serde_json::json;

use super::Seat;
use crate::audit::{self, Action as Done, Actor};
use crate::config::Agent;
use crate::http::problem::Problem;
use crate::policy;
use crate::policy::admission::Admission;
use crate::relay::Relay;

/// A number in a command other than a dial.
struct Named<'a> {
    number: &'a PhoneNumber,
    /// What it is called in the command.
    field: &'static str,
    effect: Effect,
    /// What is written down.
    done: Option<Done>,
}

/// What the platform does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It dials the number, now.
    Dials,
    /// It does not, or not now; the number has to be one that may be dialled.
    Names,
}

fn named(action: &Action) -> Option<Named<'_>> {
    let (number, field, effect, done) = match action {
        Action::TransferBlind {
            to: Target::Party(Party::Number(number)),
            ..
        } => (number, "to", Effect::Dials, Some(Done::CallTransferred)),
        // That they are in the conference already, which was the dial, only the browser says.
        Action::TransferWarm {
            to: Party::Number(number),
            ..
        } => (number, "to", Effect::Dials, Some(Done::CallTransferred)),
        Action::AddMember {
            who: Party::Number(number),
            ..
        } => (number, "number", Effect::Dials, Some(Done::MemberCalled)),
        // Dialled with each of the agent's calls.
        Action::SetNumber(number) => (number, "number", Effect::Names, Some(Done::AgentNumberSet)),
        Action::SendText { to, .. } => (to, "to", Effect::Names, None),
        _ => return None,
    };
    Some(Named {
        number,
        field,
        effect,
        done,
    })
}

/// Decides about a command that is no dial, and writes down what it may do.
///
/// # Errors
/// What policy refuses, and as [`Seat::token`].
pub async fn admit(relay: &Relay, seat: &Seat<'_>, action: &Action) -> Result<(), Problem> {
    if let Action::SetDisplayAs { number } = action {
        check_shown(seat.agent, &number.parse().ok(), "number")?;
    }
    let Some(Named {
        number,
        field,
        effect,
        done,
    }) = named(action)
    else {
        return Ok(());
    };
    let renamed = |problem: Problem| problem.renamed("number", field);
    policy::check_number(&relay.config, number).map_err(renamed)?;
    // Whoever has to sign in first has done nothing that counts.
    seat.token(0).await?;
    let (who, account) = (seat.agent.id.clone(), seat.identity.account.clone());
    let admission = Admission::of_dial(relay, &who, &account, number);
    let subject = action.call().unwrap_or(&account).to_owned();
    let detail = json!({
        "number": audit::masked(number.as_e164()),
        "provider": seat.account.provider.name(),
    });
    let now = relay.clock.now();
    let admitted = relay.store.write(move |tx| {
        Box::pin(async move {
            admission.check(tx).await?;
            if let Some(done) = done {
                audit::write(tx, Actor::Agent(&who), done, &subject, detail, now).await?;
            }
            match effect {
                Effect::Dials => admission.count(tx, now).await,
                Effect::Names => Ok(()),
            }
        })
    });
    admitted.await.map_err(renamed)
}

/// Refuses a number to show that is not the agent's, where the relay says which ones are. Where it says nothing, the
/// platform decides: it knows which of its numbers an agent may show.
///
/// # Errors
/// [`CallerIdNotAllowed`](patchcord_core::error::Code::CallerIdNotAllowed).
pub fn check_shown(
    agent: &Agent,
    shown: &Option<PhoneNumber>,
    field: &'static str,
) -> Result<(), Problem> {
    if agent.caller_ids.is_empty() || shown.as_ref().is_some_and(|n| agent.caller_ids.contains(n)) {
        return Ok(());
    }
    Err(policy::not_of_agent(field))
}
