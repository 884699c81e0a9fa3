//! Reads the opening hours that platforms keep: at the start, then again and again, and when somebody wants it.
//!
//! What was read is kept in the database, so that a relay that starts while the platform is down has the last that is
//! known. Relays of one database read for each other.

use std::ops::RangeBounds;
use std::sync::Arc;
use std::time::Duration;

use patchcord_core::error::Code;
use patchcord_core::http::{Reply, Request};
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::opening::Opening;
use patchcord_core::secret::Secret;

use super::platform::{Place, Told};
use super::source::{Known, PlatformHours};
use crate::accounts::Account;
use crate::clock::Millis;
use crate::random;
use crate::relay::Relay;

const SECOND: Millis = 1000;
const MINUTE: Millis = 60 * SECOND;
/// How often they are read.
const EVERY: Millis = 15 * MINUTE;
/// How soon they are read again where that went wrong; doubled each time, up to [`EVERY`].
const SOON: Millis = 30 * SECOND;
/// The longest sleep: a guard against a wall clock that was put back.
const MAX_SLEEP: Duration = Duration::from_secs(10);

/// Why they could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}: {code}{}", .message.as_deref().map(|text| format!(" ({text})")).unwrap_or_default())]
pub struct Trouble {
    /// What of them, with its id.
    pub what: String,
    /// The stable code.
    pub code: Code,
    /// The platform's own words, or the relay's.
    pub message: Option<String>,
    /// When.
    pub at: Millis,
}

/// Has what was read last, by whatever relay.
///
/// # Errors
/// A database that does not answer.
pub async fn load(relay: &Relay) -> Result<(), sqlx::Error> {
    for hours in relay.config.platform_hours() {
        adopt(relay, &hours, ..).await?;
    }
    Ok(())
}

/// Goes on until the relay goes down.
pub fn follow(relay: &Arc<Relay>) {
    for hours in relay.config.platform_hours() {
        // Not tracked: a question can be dropped at any time.
        tokio::spawn(run(relay.clone(), hours));
    }
}

async fn run(relay: Arc<Relay>, hours: Arc<PlatformHours>) {
    let mut jumps = relay.clock.jumps();
    let mut pause = SOON;
    let mut next = relay.clock.now();
    loop {
        let now = relay.clock.now();
        // Further off than it ever is: the clock was put back.
        if next > now + EVERY * 2 {
            next = now;
        }
        let left = u64::try_from(next - now).unwrap_or(0);
        if left > 0 {
            tokio::select! {
                () = relay.stopping.cancelled() => return,
                _ = jumps.changed() => {}
                () = tokio::time::sleep(Duration::from_millis(left).min(MAX_SLEEP)) => {}
            }
            continue;
        }
        // What was read later than now was read before the clock was put back.
        match adopt(&relay, &hours, now - EVERY / 2..=now).await {
            Ok(true) => {}
            Ok(false) => {
                tokio::select! {
                    () = relay.stopping.cancelled() => return,
                    () = read(&relay, &hours) => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "opening hours cannot be looked up in the database")
            }
        }
        let wait = if hours.state().trouble.is_none() {
            pause = SOON;
            EVERY
        } else {
            let wait = pause;
            pause = (pause * 2).min(EVERY);
            wait
        };
        // From when it began: the clock may have been put to another time meanwhile.
        next = now + jittered(wait);
    }
}

/// Nine to eleven tenths of it, so that relays that start together do not ask together for ever.
fn jittered(wait: Millis) -> Millis {
    let share = random::bytes::<1>().map_or(128, |[byte]| Millis::from(byte));
    wait * 9 / 10 + wait * share / (5 * 255)
}

/// Takes over what another relay has read in that time, if it is newer than what is known here.
async fn adopt(
    relay: &Relay,
    hours: &PlatformHours,
    within: impl RangeBounds<Millis>,
) -> Result<bool, sqlx::Error> {
    let Some(row) = relay.store.platform_hours(&hours.place.key()).await? else {
        return Ok(false);
    };
    let known = hours.state().known.map(|known| known.read_at);
    if !within.contains(&row.read_at) || known.is_some_and(|at| row.read_at <= at) {
        return Ok(false);
    }
    let told: Result<Told, _> = serde_json::from_str(&row.told);
    match told.map(|told| Known::of(told, row.read_at)) {
        Ok(Ok(known)) => {
            hours.is_known(known);
            Ok(true)
        }
        // Of another version: it is read anew.
        Ok(Err(_)) | Err(_) => Ok(false),
    }
}

/// Reads them now. What goes wrong is kept beside what was known.
pub async fn read(relay: &Relay, hours: &PlatformHours) {
    let _asking = hours.asking.lock().await;
    let place = &hours.place;
    let now = relay.clock.now();
    let read = match ask(relay, place).await {
        Ok(told) => Known::of(told, now).map_err(|error| {
            let because = Because {
                message: Some(error.to_string()),
                ..Because::code(Code::UnreadableReply)
            };
            trouble("business hours", &place.business_hours, because, now)
        }),
        Err(trouble) => Err(trouble),
    };
    let known = match read {
        Ok(known) => known,
        Err(trouble) => {
            tracing::warn!(account = place.account, %trouble, "opening hours cannot be read; those that are known stay");
            hours.is_in_trouble(trouble);
            return;
        }
    };
    if let Err(error) = keep(relay, place, &known).await {
        tracing::error!(%error, "opening hours cannot be kept in the database");
    }
    hours.is_known(known);
}

async fn keep(relay: &Relay, place: &Place, known: &Known) -> Result<(), sqlx::Error> {
    let told =
        serde_json::to_string(&known.told).map_err(|error| sqlx::Error::Encode(error.into()))?;
    relay
        .store
        .keep_platform_hours(place.key(), told, known.read_at)
        .await
}

fn trouble(kind: &str, id: &str, because: Because, at: Millis) -> Trouble {
    Trouble {
        what: format!("{kind} {id}"),
        code: because.code,
        message: because.message,
        at,
    }
}

async fn ask(relay: &Relay, place: &Place) -> Result<Told, Trouble> {
    let now = relay.clock.now();
    let account = relay.accounts.get(&place.account);
    let opening = account.and_then(|account| Some((account, account.provider.opening()?)));
    let (account, opening) = opening.ok_or_else(|| {
        let because = Because::code(Code::CapabilityMissing);
        trouble("account", &place.account, because, now)
    })?;
    let id = &place.business_hours;
    let of_hours = |because| trouble("business hours", id, because, now);
    let hours = one(
        account,
        |token| opening.hours(id, token),
        |reply| opening.read_hours(reply),
    );
    let hours = hours.await.map_err(of_hours)?;
    if !hours.enabled {
        return Err(of_hours(Because {
            message: Some("They are switched off at the platform.".to_owned()),
            ..Because::code(Code::ProviderRefused)
        }));
    }
    let ranges = one(
        account,
        |token| opening.ranges(id, token),
        |reply| opening.read_ranges(reply),
    );
    let ranges = ranges.await.map_err(of_hours)?;
    let mut calendars = Vec::new();
    for id in &place.calendars {
        let calendar = calendar(account, opening, id).await;
        calendars.push(calendar.map_err(|because| trouble("calendar", id, because, now))?);
    }
    Ok(Told::of(hours, &ranges, calendars))
}

type Dated = (
    patchcord_core::provider::opening::Calendar,
    Vec<patchcord_core::provider::opening::Blocked>,
);

async fn calendar(account: &Account, opening: &dyn Opening, id: &str) -> Result<Dated, Because> {
    let calendar = one(
        account,
        |token| opening.calendar(id, token),
        |reply| opening.read_calendar(reply),
    );
    let calendar = calendar.await?;
    let dates = one(
        account,
        |token| opening.dates(id, token),
        |reply| opening.read_dates(reply),
    );
    Ok((calendar, dates.await?))
}

/// Asks for one thing.
async fn one<T>(
    account: &Account,
    build: impl Fn(Option<&Secret>) -> Result<Request, patchcord_core::error::Error>,
    read: impl Fn(Reply) -> Result<T, Outcome>,
) -> Result<T, Because> {
    match account.ask(build, read).await? {
        Ok(read) => Ok(read),
        Err(Outcome::Refused(because) | Outcome::Unknown(because)) => Err(because),
        Err(Outcome::Accepted) => Err(Because::code(Code::UnreadableReply)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relays_that_start_together_do_not_ask_together() {
        let waits: std::collections::BTreeSet<_> = (0..64).map(|_| jittered(EVERY)).collect();
        assert!(waits.len() > 1, "{waits:?}");
        let most = EVERY * 11 / 10;
        assert!(
            waits
                .iter()
                .all(|wait| (EVERY * 9 / 10..=most).contains(wait)),
            "{waits:?}"
        );
    }
}
