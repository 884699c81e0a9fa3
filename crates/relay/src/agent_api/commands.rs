//! `Send`: one command of an agent's, sent once.

use std::sync::Arc;
use std::time::Instant;

use axum::response::Response;
use patchcord_core::desk::action::{Action, Command, Kind};
use patchcord_core::error::Code;
use patchcord_core::http::Reply;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::read_command;
use tracing::Instrument;

use super::place::{self, Asked};
use super::{Seat, ids, policy, said, seat};
use crate::config::Agent;
use crate::http::passed;
use crate::http::problem::Problem;
use crate::relay::Relay;

/// Sends the command in a body to the provider; the reply is the platform's own.
///
/// A dial goes by its idempotency key ([`place`]). Everything else is sent once for each request: a desk repeats
/// nothing, and what a key would protect from does not happen.
///
/// # Errors
/// What is wrong with the command, what policy refuses, and where there is no reply.
pub async fn send(
    relay: &Arc<Relay>,
    agent: &Arc<Agent>,
    provider: &str,
    body: &[u8],
    asked: Asked<'_>,
) -> Result<Response, Problem> {
    let seat = seat::at(relay, agent, provider)?;
    let command = read_command(provider, body)?;
    check_capability(&seat, &command)?;
    if let Command::Act(action) = &command {
        ids::check(seat.account.provider.as_ref(), action)?;
        if let Action::PlaceCall(request) = &**action {
            return place::place(relay, agent, provider, request, body, asked).await;
        }
    }
    // A task of its own: what is let through is not cut off when the browser goes away.
    let (relay, agent, provider) = (relay.clone(), agent.clone(), provider.to_owned());
    let tasks = relay.tasks.clone();
    let sent = tasks.spawn(
        async move {
            if let Command::Act(action) = &command {
                let seat = seat::at(&relay, &agent, &provider)?;
                policy::admit(&relay, &seat, action).await?;
            }
            let until = Instant::now() + relay.config.liveness.send_within();
            once(&relay, &agent, &provider, &command, until).await.1
        }
        .in_current_span(),
    );
    let reply = sent.await.map_err(|error| Problem::internal(&error))??;
    Ok(passed::reply(said(reply)?))
}

/// Sends a command: what became of it, and the reply. An `Err` proves that nothing was done.
pub(super) async fn once(
    relay: &Relay,
    agent: &Agent,
    provider: &str,
    command: &Command,
    until: Instant,
) -> (Outcome, Result<Reply, Problem>) {
    let (outcome, reply) = match seat::at(relay, agent, provider) {
        Ok(seat) => {
            let desk = &seat.api.desk;
            let reply = seat.ask(until, |token| desk.send(command, token)).await;
            let outcome = match &reply {
                Ok(reply) => desk.read_sent(reply.clone()).outcome,
                Err(problem) => Outcome::Refused(Because::code(problem.code())),
            };
            (outcome, reply)
        }
        Err(problem) => (
            Outcome::Refused(Because::code(problem.code())),
            Err(problem),
        ),
    };
    let kind = word(command);
    relay.metrics.command(kind, &outcome);
    tracing::info!(
        command = kind,
        outcome = outcome.as_str(),
        code = outcome.because().map(|because| because.code.as_str()),
        "command"
    );
    (outcome, reply)
}

/// A part of setting up may always be sent.
fn check_capability(seat: &Seat<'_>, command: &Command) -> Result<(), Problem> {
    let Some(kind) = kind(command) else {
        return Ok(());
    };
    let desk = &seat.api.desk;
    let capability = kind.capability();
    if desk.capabilities().contains(&capability) || desk.set_up(None).contains(command) {
        return Ok(());
    }
    Err(Problem::new(
        Code::CapabilityMissing,
        format!("Agents have no capability \"{capability}\" here."),
    )
    .with_remedy("`GET /v1/config` says what there is."))
}

fn kind(command: &Command) -> Option<Kind> {
    match command {
        Command::Act(action) => Some(action.kind()),
        Command::Announce | Command::Pong(_) => None,
    }
}

/// What a command is called in logs and metrics.
fn word(command: &Command) -> &'static str {
    match command {
        Command::Act(action) => action.kind().as_str(),
        Command::Announce => "announce",
        Command::Pong(_) => "pong",
    }
}
