//! `placeCall`: a dial like any other, with the platform's own reply.

use std::sync::Arc;
use std::time::Instant;

use axum::http::HeaderMap;
use axum::response::Response;
use patchcord_core::call::CallRequest;
use patchcord_core::desk::action::{Action, Command};
use patchcord_core::provider::Dialled;
use tracing::Instrument;

use super::{commands, policy as desk_policy, said, seat};
use crate::calls::{self, Taken};
use crate::config::Agent;
use crate::crash;
use crate::http::passed;
use crate::http::problem::Problem;
use crate::http::request_id::RequestId;
use crate::idempotent::{self, Given};
use crate::policy;
use crate::relay::Relay;
use crate::store::call::{Call, Via};
use crate::store::idempotency::{Claim, Known, Reply};
use crate::store::without_nul;

/// How a command was asked for.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The request's headers: a dial has its idempotency key there.
    pub headers: &'a HeaderMap,
    /// The request's id.
    pub id: &'a RequestId,
}

/// Dials, unless this request was answered before.
///
/// # Errors
/// What the relay itself refuses.
pub async fn place(
    relay: &Arc<Relay>,
    agent: &Arc<Agent>,
    provider: &str,
    request: &CallRequest,
    body: &[u8],
    asked: Asked<'_>,
) -> Result<Response, Problem> {
    let claim = idempotent::claim(asked.headers, idempotent::scope(&agent.id), body)?;
    policy::check_number(&relay.config, &request.number)
        .map_err(|problem| problem.renamed("number", "to"))?;
    if request.caller_id.is_some() {
        desk_policy::check_shown(agent, &request.caller_id, "displayAsTo")?;
    }
    let seat = seat::at(relay, agent, provider)?;
    if is_new(relay, &claim).await? {
        // Whoever has to sign in first has not dialled.
        seat.token(0).await?;
    }
    let row = calls::row(
        relay,
        agent,
        seat.identity,
        seat.account,
        request,
        Via::Desk,
    )?;
    let placing = take_and_dial(
        relay.clone(),
        agent.clone(),
        provider.to_owned(),
        row,
        request.clone(),
        claim,
        asked.id.clone(),
    );
    // A task of its own: from the moment that the call is stored, it goes on when the browser goes away.
    match relay.tasks.spawn(placing.in_current_span()).await {
        Ok(given) => Ok(passed::given(given?)),
        Err(error) => Err(Problem::internal(&error)),
    }
}

/// Stores the call and dials, unless this request was answered before.
async fn take_and_dial(
    relay: Arc<Relay>,
    agent: Arc<Agent>,
    provider: String,
    row: Call,
    request: CallRequest,
    claim: Claim,
    id: RequestId,
) -> Result<Given, Problem> {
    let (row, until) = match calls::take(&relay, row, &request, claim, &id).await? {
        Taken::Answered(reply) => return Ok(Given::Again(reply)),
        Taken::First(row, until) => (*row, until),
    };
    let command = Command::from(Action::PlaceCall(Box::new(request)));
    let reply = dial(relay, agent, provider, row, command, until, id).await?;
    Ok(Given::First(reply))
}

async fn is_new(relay: &Relay, claim: &Claim) -> Result<bool, Problem> {
    let known = relay.store.known(claim, relay.clock.now()).await?;
    Ok(known == Known::New)
}

/// Asks the platform and stores what became of it, with the reply to this request.
async fn dial(
    relay: Arc<Relay>,
    agent: Arc<Agent>,
    provider: String,
    row: Call,
    command: Command,
    until: Instant,
    id: RequestId,
) -> Result<Reply, Problem> {
    let (outcome, reply) = commands::once(&relay, &agent, &provider, &command, until).await;
    crash::point("call answered");
    let reply = match reply.and_then(said) {
        Ok(response) => Reply {
            status: response.status,
            body: without_nul(String::from_utf8_lossy(&response.body).into_owned()),
        },
        Err(problem) => calls::reply_of_problem(&problem, &id)?,
    };
    let dialled = Dialled {
        outcome,
        // It names none: what the call becomes is told by the stream.
        call: None,
        progress: None,
    };
    Ok(calls::finish(&relay, row, dialled, Some(reply)).await)
}
