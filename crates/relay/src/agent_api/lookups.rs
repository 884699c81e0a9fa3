//! What an agent's desk asks for beside its stream: passed on, with the agent's own token.

use std::time::{Duration, Instant};

use axum::response::Response;
use patchcord_core::http::Request;
use patchcord_core::provider::desk::{Desk, Page};
use patchcord_core::secret::Secret;

use super::{said, seat};
use crate::config::Agent;
use crate::http::passed;
use crate::http::problem::Problem;
use crate::relay::Relay;

/// How long a question may wait for its turn: it does no harm late.
const PATIENCE: Duration = Duration::from_secs(60);

/// What can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Who the agent is.
    Who,
    /// Everything that their desk shows.
    State,
    /// What a call can be transferred to.
    Targets(String),
    /// Calls of the past.
    History(Page),
    /// Contacts.
    Phonebook(String, Page),
}

impl Question {
    fn request(&self, desk: &dyn Desk, token: &Secret) -> Request {
        match self {
            Question::Who => desk.who(token),
            Question::State => desk.state(token),
            Question::Targets(query) => desk.targets(query, token),
            Question::History(page) => desk.history(*page, token),
            Question::Phonebook(query, page) => desk.phonebook(query, *page, token),
        }
    }
}

/// Asks; the reply is the platform's own.
///
/// # Errors
/// Where there is no seat, no token, or no reply.
pub async fn ask(
    relay: &Relay,
    agent: &Agent,
    provider: &str,
    question: &Question,
) -> Result<Response, Problem> {
    let seat = seat::at(relay, agent, provider)?;
    let until = Instant::now() + PATIENCE;
    let desk = seat.api.desk.as_ref();
    let reply = seat
        .ask(until, |token| Ok(question.request(desk, token)))
        .await?;
    Ok(passed::reply(said(reply)?))
}
