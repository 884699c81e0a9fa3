//! What may be dialled: closed by default.

use patchcord_core::error::Code;
use patchcord_core::number::PhoneNumber;
use rlibphonenumber::{PhoneNumberType, Region};

use crate::config::{Agent, Config};
use crate::http::problem::Problem;

/// Refuses every number but an ordinary one of a configured country.
///
/// The number plans come from libphonenumber's data, so +1 is told apart by area code. Premium, shared-cost
/// and all other special types are refused, and what no plan has.
///
/// # Errors
/// [`Code::InvalidNumber`] for a number that cannot exist, [`Code::NumberNotAllowed`] for one that may not be
/// dialled.
pub fn check_number(config: &Config, number: &PhoneNumber) -> Result<(), Problem> {
    let known = rlibphonenumber::PhoneNumber::parse(number.as_e164(), None::<Region>)
        .ok()
        .filter(rlibphonenumber::PhoneNumber::is_valid);
    let Some(known) = known else {
        return Err(Problem::of(
            Code::InvalidNumber,
            "number",
            "No country has such a number.",
        )
        .with_remedy("Compare the number digit by digit."));
    };
    let Some(region) = known
        .get_region_code()
        .filter(|region| config.countries.contains(region))
    else {
        return Err(Problem::of(
            Code::NumberNotAllowed,
            "number",
            "Numbers of this country are not dialled here.",
        )
        .with_remedy("Whoever runs the relay can add the country to `countries`."));
    };
    match known.get_type() {
        PhoneNumberType::FixedLine
        | PhoneNumberType::Mobile
        | PhoneNumberType::FixedLineOrMobile
        | PhoneNumberType::VoIP => Ok(()),
        kind => {
            tracing::info!(?kind, ?region, "number of a special type refused");
            Err(Problem::of(
                Code::NumberNotAllowed,
                "number",
                "Only ordinary fixed and mobile numbers are dialled here, no special or premium ones.",
            )
            .with_remedy("Use another number of the same person."))
        }
    }
}

/// Refuses a caller id that is not the agent's.
///
/// # Errors
/// [`Code::CallerIdNotAllowed`].
pub fn check_caller_id(agent: &Agent, caller_id: &PhoneNumber) -> Result<(), Problem> {
    if agent.caller_ids.contains(caller_id) {
        return Ok(());
    }
    Err(Problem::of(
        Code::CallerIdNotAllowed,
        "caller_id",
        "This caller id is not on the agent's list.",
    )
    .with_remedy("Whoever runs the relay can add it to the agent's `caller_ids`."))
}
