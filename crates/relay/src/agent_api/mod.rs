//! A platform's Agent API through the relay: what an agent's desk in the browser sends is read, decided about and sent
//! anew with the agent's own token, which never leaves the relay.

pub mod commands;
mod ids;
pub mod lookups;
pub mod open_streams;
pub mod place;
mod policy;
mod seat;
pub mod sign_out;
pub mod streams;

use patchcord_core::error::Code;
use patchcord_core::http::{Failure, Reply, Response};

use crate::http::problem::Problem;

pub use seat::{Seat, at};

/// What the platform said, if it said anything.
///
/// # Errors
/// [`Code::ProviderUnreachable`] where nothing was sent, [`Code::NoReply`] where nobody knows.
fn said(reply: Reply) -> Result<Response, Problem> {
    reply.map_err(|failure| match failure {
        Failure::NotSent(_) => Problem::new(
            Code::ProviderUnreachable,
            "The telephone platform cannot be reached; nothing was sent.",
        )
        .with_remedy("Try again in a moment."),
        Failure::Lost(_) => Problem::new(
            Code::NoReply,
            "The telephone platform did not answer; it may have done what it was asked to.",
        )
        .with_remedy("Look at what it shows before you try again."),
    })
}
