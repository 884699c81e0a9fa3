//! What is dialled.

use patchcord_core::call::CallRequest;
use patchcord_core::desk::action::Action;
use patchcord_core::desk::allowed::Refusal;
use patchcord_core::error::Error;
use patchcord_core::number::{Dialable, PhoneNumber};

use crate::scene::{Offer, Outside, Scene};
use crate::ui::Ui;

/// The request to dial `number`, with what travels with it.
///
/// # Errors
/// The number, or the one to show, is none.
pub fn request(ui: &Ui, outside: &Outside, number: &str) -> Result<CallRequest, Error> {
    let Dialable { number, extension } = number.parse()?;
    let offer = offered(outside, number.as_e164());
    let caller_id: Option<PhoneNumber> = match &*ui.call_as {
        "" => None,
        chosen => Some(chosen.parse()?),
    };
    Ok(CallRequest {
        extension,
        caller_id,
        record: offer.and_then(|offer| offer.record.clone()),
        payload: offer.map(|offer| offer.payload.clone()).unwrap_or_default(),
        ..CallRequest::to(number)
    })
}

/// What the page offers, if it is meant for this number: a record must not travel with a call to somebody else.
pub fn offered<'a>(outside: &'a Outside, number: &str) -> Option<&'a Offer> {
    let offer = &outside.offer;
    let same = |offered: &str| match (offered.parse::<Dialable>(), number.parse::<Dialable>()) {
        (Ok(offered), Ok(typed)) => offered.number == typed.number,
        _ => false,
    };
    (offer.number.is_empty() || same(&offer.number)).then_some(offer)
}

/// Why nothing can be dialled now, whatever the number.
pub fn refusal(scene: &Scene<'_>) -> Option<Refusal> {
    // Any number will do: what is allowed does not depend on it.
    let probe = request(scene.ui, scene.outside, "+10000000").ok()?;
    scene.refusal(&Action::PlaceCall(Box::new(probe)))
}
