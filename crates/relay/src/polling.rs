//! The state of calls, where a provider can only be asked: an event for each change.

use std::sync::Arc;
use std::time::Duration;

use patchcord_core::call::{CallState, Progress};
use patchcord_core::outcome::Outcome;
use patchcord_core::poll::{Poll, Poller};
use patchcord_core::secret::Secret;

use crate::calls;
use crate::clock::Millis;
use crate::relay::Relay;
use crate::store::call::{self, Call};
use crate::store::delivery;
use crate::wakes::Wake;

/// Follows an accepted call until nothing more will come, where its provider can be polled.
pub fn start(relay: &Arc<Relay>, row: Call) {
    let plan = relay
        .accounts
        .get(&row.account)
        .and_then(|account| account.provider.poll_plan());
    let (Some(plan), Some("accepted"), Some(_)) =
        (plan, row.outcome.as_deref(), &row.provider_call)
    else {
        return;
    };
    let relay = relay.clone();
    // Not tracked: a question can be dropped at any time, it is asked again after the next start.
    tokio::spawn(async move {
        let mut poller = Poller::new(plan, CallState::parse(&row.state), now(&relay));
        while let Poll::After(pause) = poller.next(now(&relay)) {
            tokio::select! {
                () = relay.stopping.cancelled() => return,
                () = tokio::time::sleep(Duration::from_millis(pause)) => {}
            }
            match ask(&relay, &row).await {
                Ok(progress) => {
                    poller.answered(progress.state.clone(), now(&relay));
                    store(&relay, &row.id, &progress).await;
                }
                Err(outcome) => {
                    tracing::warn!(
                        call = row.id,
                        code = outcome.because().map(|b| b.code.as_str()),
                        "the call's state is not told"
                    );
                    poller.failed();
                }
            }
        }
    });
}

/// Asks once for the state of a call, now.
pub async fn look(relay: &Relay, id: &str) {
    match relay.store.call_by_id(id).await {
        Ok(Some(row)) => {
            if let Ok(progress) = ask(relay, &row).await {
                store(relay, id, &progress).await;
            }
        }
        Ok(None) => {}
        Err(error) => tracing::error!(call = id, %error, "a call cannot be read"),
    }
}

async fn ask(relay: &Relay, row: &Call) -> Result<Progress, Outcome> {
    let (Some(account), Some(call)) = (relay.accounts.get(&row.account), &row.provider_call) else {
        return Err(Outcome::Refused(patchcord_core::outcome::Because::code(
            patchcord_core::error::Code::CapabilityMissing,
        )));
    };
    let build = |token: Option<&Secret>| account.provider.call_state(call, token);
    match account
        .ask(build, |reply| account.provider.read_call_state(reply))
        .await
    {
        Ok(read) => read,
        Err(because) => Err(Outcome::Refused(because)),
    }
}

/// Stores what is news. A call that has ended stays ended, whatever comes late.
async fn store(relay: &Relay, id: &str, progress: &Progress) {
    let (now, id_, progress) = (relay.clock.now(), id.to_owned(), progress.clone());
    let channels = relay.channels.clone();
    let stored = relay.store.write(move |tx| {
        Box::pin(async move {
            let Some(mut row) = call::find(tx, &id_).await? else {
                return Ok(None);
            };
            if row.state == CallState::Ended.as_str() || !calls::set_progress(&mut row, &progress) {
                return Ok(None);
            }
            call::write(tx, &mut row, now).await?;
            delivery::of_call(tx, &channels, &row, now).await?;
            Ok::<_, sqlx::Error>(Some(row))
        })
    });
    match stored.await {
        Ok(Some(row)) => {
            tracing::info!(call = row.id, state = row.state, "call state");
            relay.wakes.wake(Wake::Agent(row.owner()));
        }
        Ok(None) => {}
        Err(error) => tracing::error!(call = id, %error, "a call's state cannot be stored"),
    }
}

fn now(relay: &Relay) -> u64 {
    let now: Millis = relay.clock.now();
    u64::try_from(now).unwrap_or(0)
}
