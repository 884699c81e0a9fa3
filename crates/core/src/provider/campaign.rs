//! Campaigns: numbers that the platform's own dialler calls, when it gets to them.

use crate::error::Error;
use crate::http::{Reply, Request};
use crate::number::PhoneNumber;
use crate::outcome::Outcome;
use crate::payload::Payload;
use crate::secret::Secret;

/// Somebody to be called by a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The number to call.
    pub number: PhoneNumber,
    /// What the agent who gets the call is to see.
    pub payload: Payload,
}

/// A platform that takes contacts into a campaign (capability `campaign`). When it calls is its own affair: nothing is
/// told of a call, and nothing that was added can be taken out again from here.
pub trait Campaign: Sync {
    /// The request that adds a contact. `token` is the account's own token (see
    /// [`Provider::reset_token`](super::Provider::reset_token)). Never send it again by itself: a contact could be
    /// called twice.
    ///
    /// # Errors
    /// What of the contact the platform cannot take, with the field.
    fn add(&self, contact: &Contact, token: &Secret) -> Result<Request, Error>;

    /// What became of it: accepted is "in the list", not "called".
    fn read_added(&self, reply: Reply) -> Outcome;
}
