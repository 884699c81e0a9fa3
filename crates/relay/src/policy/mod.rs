//! What may be dialled: closed by default.

pub mod admission;
pub mod look_up;
pub mod mode;
pub mod number;

use patchcord_core::error::Code;
use patchcord_core::number::PhoneNumber;

use crate::config::{Agent, Config};
use crate::http::problem::Problem;
use number::Refusal;

/// Refuses every number but an ordinary one of a configured country.
///
/// # Errors
/// [`Code::InvalidNumber`] for a number that cannot exist, [`Code::NumberNotAllowed`] for one that may not be
/// dialled.
pub fn check_number(config: &Config, number: &PhoneNumber) -> Result<(), Problem> {
    let refusal = match config.numbers.judge(number) {
        Ok(()) => return Ok(()),
        Err(refusal) => refusal,
    };
    tracing::info!(?number, ?refusal, "number refused");
    let not_allowed = |detail| Problem::of(Code::NumberNotAllowed, "number", detail);
    Err(match refusal {
        Refusal::NoSuchNumber => Problem::of(
            Code::InvalidNumber,
            "number",
            "No country has such a number.",
        )
        .with_remedy("Compare the number digit by digit."),
        Refusal::Country => not_allowed("Numbers of this country are not dialled here.")
            .with_remedy("Whoever runs the relay can add the country to `countries`."),
        Refusal::Kind(_) | Refusal::Service => not_allowed(
            "Only ordinary fixed and mobile numbers are dialled here, no special or premium ones.",
        )
        .with_remedy("Use another number of the same person."),
        Refusal::Prefix => not_allowed("Numbers that begin like this one are not dialled here.")
            .with_remedy("Use another number of the same person."),
    })
}

/// Refuses a caller id that is not the agent's.
///
/// # Errors
/// [`Code::CallerIdNotAllowed`].
pub fn check_caller_id(agent: &Agent, caller_id: &PhoneNumber) -> Result<(), Problem> {
    if agent.caller_ids.contains(caller_id) {
        return Ok(());
    }
    Err(not_of_agent("caller_id"))
}

/// The refusal of a caller id that is not the agent's, in this field.
pub fn not_of_agent(field: &'static str) -> Problem {
    Problem::of(
        Code::CallerIdNotAllowed,
        field,
        "This caller id is not on the agent's list.",
    )
    .with_remedy("Whoever runs the relay can add it to the agent's `caller_ids`.")
}
