//! Dials: decided and stored first, then asked for once.

use std::sync::Arc;
use std::time::Instant;

use patchcord_core::call::{CallRequest, Mode, Progress, Recording};
use patchcord_core::capability::Capability;
use patchcord_core::error::Code;
use patchcord_core::http::Reply as ProviderReply;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::{Dialled, REGISTRY};
use patchcord_core::secret::Secret;
use serde_json::json;
use tracing::Instrument;

use crate::accounts::Account;
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::{Agent, Identity};
use crate::http::problem::Problem;
use crate::http::request_id::RequestId;
use crate::idempotent::{self, By, Given, Turn};
use crate::notice::Channels;
use crate::policy::admission::Admission;
use crate::relay::Relay;
use crate::store::alert::{self, Decision, Kind};
use crate::store::call::{self, Call, Via};
use crate::store::idempotency::{self, Claim, Reply};
use crate::store::{Conn, DAY, Store, delivery, without_nul};
use crate::wakes::Wake;
use crate::{crash, policy, polling, random};

/// Dials, unless this request was answered before.
///
/// # Errors
/// What the relay itself refuses.
pub async fn place(
    relay: &Arc<Relay>,
    agent: &Agent,
    request: CallRequest,
    provider: Option<&str>,
    claim: Claim,
    request_id: &RequestId,
) -> Result<Given, Problem> {
    policy::check_number(&relay.config, &request.number)?;
    if let Some(caller_id) = &request.caller_id {
        policy::check_caller_id(agent, caller_id)?;
    }
    let (identity, account) = identity(relay, agent, provider)?;
    check_capabilities(account, &request)?;

    let row = row(relay, agent, identity, account, &request, Via::Calls)?;
    let placing = take_and_dial(relay.clone(), row, request, claim, request_id.clone());
    // A task of its own: from the moment that the call is stored, it goes on when the browser goes away.
    let placing = relay.tasks.spawn(placing.in_current_span());
    placing
        .await
        .unwrap_or_else(|error| Err(Problem::internal(&error)))
}

/// Stores the call and dials, unless this request was answered before.
async fn take_and_dial(
    relay: Arc<Relay>,
    row: Call,
    request: CallRequest,
    claim: Claim,
    request_id: RequestId,
) -> Result<Given, Problem> {
    Ok(
        match take(&relay, row, &request, claim, &request_id).await? {
            Taken::Answered(reply) => Given::Again(reply),
            Taken::First(row, until) => Given::First(dial(relay, *row, request, until).await),
        },
    )
}

/// A call that is asked for now.
///
/// # Errors
/// The random source failed.
pub fn row(
    relay: &Relay,
    agent: &Agent,
    identity: &Identity,
    account: &Account,
    request: &CallRequest,
    via: Via,
) -> Result<Call, Problem> {
    Ok(Call {
        id: random::id("call")?,
        org: agent.id.org.clone(),
        sub: agent.id.sub.clone(),
        account: identity.account.clone(),
        provider: account.provider.name().to_owned(),
        agent: identity.agent.clone(),
        number: request.number.as_e164().to_owned(),
        provider_call: None,
        outcome: None,
        state: "requested".to_owned(),
        code: None,
        message: None,
        notice: request.notice().map(|notice| notice.as_str().to_owned()),
        reason: None,
        duration: None,
        created_at: 0,
        event: 0,
        run: relay.run.clone(),
        via,
    })
}

/// Whether a call is to be dialled now.
pub enum Taken {
    /// It is stored, and may be asked for until then.
    First(Box<Call>, Instant),
    /// The same request was answered before.
    Answered(Reply),
}

/// Decides about a call and stores it: from then on it counts as possibly dialled.
///
/// # Errors
/// What the relay itself refuses.
pub async fn take(
    relay: &Relay,
    row: Call,
    request: &CallRequest,
    claim: Claim,
    request_id: &RequestId,
) -> Result<Taken, Problem> {
    let window = i64::try_from(relay.config.duplicate_window.as_millis()).unwrap_or(i64::MAX);
    let admission = Admission::of_dial(relay, &row.owner(), &row.account, &request.number);
    let by = By::Call(row.id.clone());
    let request_id = request_id.clone();
    let turn = idempotent::once(relay, claim, by, move |tx, now| {
        Box::pin(async move { take_down(tx, row, &admission, window, &request_id, now).await })
    });
    let row = match turn.await? {
        Turn::Answered(reply) => return Ok(Taken::Answered(reply)),
        Turn::First(taken) => taken?,
    };
    let until = Instant::now() + relay.config.liveness.send_within();
    crash::point("call taken");
    relay.wakes.wake(Wake::Agent(row.owner()));
    tracing::info!(call = row.id, provider = row.provider, number = ?request.number, "dialling");
    Ok(Taken::First(Box::new(row), until))
}

/// Stores the call, unless the same agent asked for this number a moment ago: then that answer is kept, because
/// the same key must not dial later.
async fn take_down(
    tx: &mut Conn,
    mut row: Call,
    admission: &Admission,
    window: Millis,
    request_id: &RequestId,
    now: Millis,
) -> Result<Result<Call, Problem>, Problem> {
    let owner = row.owner();
    // What the number is called in the request.
    let field = match row.via {
        Via::Calls => "number",
        Via::Desk => "to",
    };
    let pair = format!("{}\n{}\n{}", owner.org, owner.sub, row.number);
    Store::lock(tx, &pair).await?;
    if call::dialled_since(tx, &owner, &row.number, now.saturating_sub(window)).await? {
        let problem = Problem::of(
            Code::DuplicateCall,
            field,
            "This number was dialled a moment ago.",
        )
        .with_remedy("Wait for the first call; to dial again, click again in a few seconds.");
        let reply = reply_of_problem(&problem, request_id)?;
        idempotency::answer(tx, &row.id, &reply).await?;
        return Ok(Err(problem));
    }
    let admitted = admission.check(tx).await;
    admitted.map_err(|problem| problem.renamed("number", field))?;
    row.created_at = now;
    call::write(tx, &mut row, now).await?;
    let detail = json!({ "number": audit::masked(&row.number), "provider": row.provider });
    audit::write(
        tx,
        Actor::Agent(&owner),
        Action::CallDialled,
        &row.id,
        detail,
        now,
    )
    .await?;
    admission.count(tx, now).await?;
    Ok(Ok(row))
}

/// Who an agent is at a provider, or at the first that they have.
///
/// # Errors
/// [`Code::ProviderUnknown`], [`Code::ProviderNotAvailable`].
pub fn identity<'a>(
    relay: &'a Relay,
    agent: &'a Agent,
    provider: Option<&str>,
) -> Result<(&'a Identity, &'a Account), Problem> {
    let mut identities = agent
        .identities
        .iter()
        .filter_map(|identity| Some((identity, relay.accounts.get(&identity.account)?)));
    let found = match provider {
        None => identities.next(),
        Some(name) => identities.find(|(_, account)| account.provider.name() == name),
    };
    found.ok_or_else(|| match provider {
        Some(name) if !REGISTRY.iter().any(|entry| entry.name == name) => Problem::of(
            Code::ProviderUnknown,
            "provider",
            "There is no such provider.",
        )
        .with_remedy("Leave `provider` out to use the agent's default."),
        _ => Problem::of(
            Code::ProviderNotAvailable,
            "provider",
            "The agent has no identity at this provider.",
        )
        .with_remedy("Add one to the agent's `identities` in the relay's configuration."),
    })
}

/// Who an agent is at the first account of theirs that `has` something, of the provider that is named or of any; `None`
/// where no account has it.
///
/// # Errors
/// As [`identity`].
pub fn identity_with<'a, T>(
    relay: &'a Relay,
    agent: &'a Agent,
    provider: Option<&str>,
    has: impl Fn(&'a Account) -> Option<T>,
) -> Result<Option<(&'a Identity, &'a Account, T)>, Problem> {
    identity(relay, agent, provider)?;
    Ok(agent.identities.iter().find_map(|identity| {
        let account = relay.accounts.get(&identity.account)?;
        if provider.is_some_and(|name| account.provider.name() != name) {
            return None;
        }
        Some((identity, account, has(account)?))
    }))
}

fn check_capabilities(account: &Account, request: &CallRequest) -> Result<(), Problem> {
    let needed = [
        (Capability::Dial, "provider", request.mode == Mode::Dial),
        (
            Capability::Prefill,
            "prefill",
            request.mode == Mode::Prefill,
        ),
        (
            Capability::CallerId,
            "caller_id",
            request.caller_id.is_some(),
        ),
        (
            Capability::Record,
            "auto_record",
            request.recording == Recording::Always,
        ),
    ];
    for (capability, field, is_needed) in needed {
        if is_needed && !account.provider.can(capability) {
            return Err(Problem::from(account.provider.cannot(capability).at(field))
                .with_remedy("Leave it out, or use a provider that can."));
        }
    }
    Ok(())
}

/// Asks the provider and stores what became of it, with the reply to this request.
async fn dial(relay: Arc<Relay>, mut row: Call, request: CallRequest, until: Instant) -> Reply {
    let Some(account) = relay.accounts.get(&row.account) else {
        // Accounts do not change while the relay runs.
        let dialled = refused(Because::code(Code::ProviderNotAvailable));
        return finish(&relay, row, dialled, None).await;
    };
    let agent = row.agent.clone();
    let build = |token: Option<&Secret>| account.provider.dial(&agent, &request, token);
    let read = |reply: ProviderReply| account.provider.read_dial(reply);
    let dialled = account
        .ask_until(until, build, read)
        .await
        .unwrap_or_else(refused);
    crash::point("call answered");
    row.provider_call = dialled.call.clone().map(without_nul);
    finish(&relay, row, dialled, None).await
}

fn refused(because: Because) -> Dialled {
    Dialled {
        outcome: Outcome::Refused(because),
        call: None,
        progress: None,
    }
}

/// Stores what became of a dial, and the reply to whoever asked: `reply`, or the call itself.
pub async fn finish(
    relay: &Arc<Relay>,
    mut row: Call,
    dialled: Dialled,
    reply: Option<Reply>,
) -> Reply {
    set_outcome(&mut row, &dialled.outcome);
    if let (Outcome::Accepted, Some(progress)) = (&dialled.outcome, &dialled.progress) {
        set_progress(&mut row, progress);
    }
    relay.metrics.call(&row);
    tracing::info!(
        call = row.id,
        outcome = dialled.outcome.as_str(),
        code = row.code,
        "dialled"
    );
    let reply = match store_outcome(relay, &mut row, reply.clone()).await {
        Ok(reply) => reply,
        Err(error) => {
            // The provider was asked, so this is no problem document. The row stays in flight; after a restart
            // it is unknown.
            tracing::error!(call = row.id, %error, "the outcome of a call cannot be stored");
            reply.unwrap_or_else(|| Reply {
                status: 200,
                body: row.to_json().unwrap_or_default(),
            })
        }
    };
    crash::point("call settled");
    relay.wakes.delivery.notify_waiters();
    relay.wakes.wake(Wake::Answered);
    relay.wakes.wake(Wake::Agent(row.owner()));
    polling::start(relay, row);
    reply
}

async fn store_outcome(
    relay: &Relay,
    row: &mut Call,
    reply: Option<Reply>,
) -> Result<Reply, sqlx::Error> {
    let (mut stored, now) = (row.clone(), relay.clock.now());
    let channels = relay.channels.clone();
    let (stored, reply) = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let reply = answer(tx, &channels, &mut stored, reply, now).await?;
                Ok::<_, sqlx::Error>((stored, reply))
            })
        })
        .await?;
    *row = stored;
    Ok(reply)
}

/// Stores a call whose outcome is known, and the reply to whoever asked for it: the call, if it is no other. An unknown outcome raises an
/// alert; an answer after all settles it.
async fn answer(
    tx: &mut Conn,
    channels: &Channels,
    row: &mut Call,
    reply: Option<Reply>,
    now: Millis,
) -> Result<Reply, sqlx::Error> {
    call::write(tx, row, now).await?;
    let reply = match reply {
        Some(reply) => reply,
        None => Reply {
            status: 200,
            body: row.to_json()?,
        },
    };
    let is_first = idempotency::answer(tx, &row.id, &reply).await?;
    delivery::of_call(tx, channels, row, now).await?;
    if row.outcome.as_deref() == Some("unknown") {
        alert::open(
            tx,
            channels,
            Kind::CallUnknown,
            &row.id,
            row.code.as_deref(),
            now,
        )
        .await?;
    } else if !is_first {
        // It was taken for interrupted, and somebody was told.
        alert::settle(tx, &row.id, Decision::Answered, "relay", now).await?;
    }
    Ok(reply)
}

fn set_outcome(row: &mut Call, outcome: &Outcome) {
    row.outcome = Some(outcome.as_str().to_owned());
    row.state = match outcome {
        Outcome::Accepted => "handed_over",
        Outcome::Refused(_) => "refused",
        Outcome::Unknown(_) => "unknown",
    }
    .to_owned();
    row.code = outcome
        .because()
        .map(|because| because.code.as_str().to_owned());
    row.message = outcome
        .because()
        .and_then(|because| because.message.clone())
        .map(without_nul);
}

/// Takes over what the provider tells. `true` if it is news.
pub fn set_progress(row: &mut Call, progress: &Progress) -> bool {
    let state = progress.state.as_str();
    let duration = progress
        .duration
        .and_then(|seconds| i64::try_from(seconds).ok());
    let reason = progress.reason.clone().map(without_nul);
    let news = row.state != state || row.reason != reason || row.duration != duration;
    row.state = state.to_owned();
    row.reason = reason;
    row.duration = duration;
    news
}

/// An agent's call.
///
/// # Errors
/// [`Code::NotFound`], also for the call of somebody else.
pub async fn find(relay: &Relay, agent: &Agent, id: &str) -> Result<Call, Problem> {
    relay
        .store
        .call(id, &agent.id)
        .await?
        .ok_or_else(|| Problem::new(Code::NotFound, "There is no such call of yours."))
}

/// Hangs up, or calls off what has not begun. The reply has the provider's refusal in `code` and `message`; the
/// call itself stays as it is.
///
/// # Errors
/// [`Code::CapabilityMissing`] where the provider cannot, or gave no id to do it by.
pub async fn hang_up(relay: &Arc<Relay>, agent: &Agent, id: &str) -> Result<Call, Problem> {
    let mut row = find(relay, agent, id).await?;
    let account = relay
        .accounts
        .get(&row.account)
        .filter(|account| account.provider.can(Capability::Hangup));
    let (Some(account), Some(call)) = (account, row.provider_call.clone()) else {
        return Err(Problem::new(
            Code::CapabilityMissing,
            "This call cannot be ended from here.",
        )
        .with_remedy("End it where it rings."));
    };
    if row.state == "ended" {
        return Ok(row);
    }
    let build = |token: Option<&Secret>| account.provider.hang_up(&call, token);
    let outcome = match account
        .ask(build, |reply| account.provider.read_hang_up(reply))
        .await
    {
        Ok(outcome) => outcome,
        Err(because) => Outcome::Refused(because),
    };
    if let Some(because) = outcome.because() {
        row.code = Some(because.code.as_str().to_owned());
        row.message.clone_from(&because.message);
        return Ok(row);
    }
    polling::look(relay, &row.id).await;
    find(relay, agent, id).await
}

/// What a relay that is no more was dialling may have rung. Each call gets its outcome, an event and its reply.
///
/// # Errors
/// A database that does not answer.
pub async fn interrupt(
    tx: &mut Conn,
    channels: &Channels,
    run: &str,
    now: Millis,
) -> Result<Vec<Call>, sqlx::Error> {
    let mut calls = call::in_flight(tx, run).await?;
    for row in &mut calls {
        set_outcome(row, &Outcome::Unknown(Because::code(Code::Interrupted)));
        let reply = match row.via {
            Via::Calls => None,
            Via::Desk => Some(interrupted()?),
        };
        answer(tx, channels, row, reply, now).await?;
    }
    Ok(calls)
}

/// Takes over the calls of relays that are no more and may still be under way.
///
/// # Errors
/// A database that does not answer.
pub async fn adopt(tx: &mut Conn, own: &str, now: Millis) -> Result<Vec<Call>, sqlx::Error> {
    call::adopt(tx, own, now.saturating_sub(DAY)).await
}

fn interrupted() -> Result<Reply, sqlx::Error> {
    let problem = Problem::new(
        Code::Interrupted,
        "The relay stopped while it was asking; it is not known whether the call was placed.",
    );
    let reply = RequestId::new()
        .map_err(Problem::from)
        .and_then(|id| reply_of_problem(&problem, &id));
    reply.map_err(|problem| sqlx::Error::Encode(problem.detail().into()))
}

/// A problem document, as a reply that is kept.
///
/// # Errors
/// None that is known: all of it is text and numbers.
pub fn reply_of_problem(problem: &Problem, request_id: &RequestId) -> Result<Reply, Problem> {
    let body = serde_json::to_string(&problem.document(request_id))
        .map_err(|error| Problem::internal(&error))?;
    Ok(Reply {
        status: problem.status().as_u16(),
        body,
    })
}
