//! Whether one more callback or dial is taken: the kill switch, the do-not-call list and the limits, in the
//! transaction that takes it.

use std::net::IpAddr;

use patchcord_core::error::Code;
use patchcord_core::number::PhoneNumber;
use sqlx::AnyPool;

use crate::clock::Millis;
use crate::config::{AgentId, SiteKey};
use crate::http::problem::Problem;
use crate::policy::mode::Mode;
use crate::random::{self, Hash};
use crate::relay::Relay;
use crate::store::tally::{self, Limit, Window};
use crate::store::{Conn, do_not_call, switch};

/// What has to be asked before one is taken.
#[derive(Debug, Clone)]
pub struct Admission {
    /// The keyed hash of the number.
    pub number: Hash,
    /// Of this visitor, number or agent.
    own: Vec<Limit>,
    /// Of what many share.
    shared: Vec<Limit>,
    /// Where those are counted, if not in the transaction.
    counters: Option<AnyPool>,
    mode: Mode,
}

impl Admission {
    /// Of a callback.
    pub fn of_callback(
        relay: &Relay,
        key: &SiteKey,
        account: &str,
        visitor: IpAddr,
        number: &PhoneNumber,
    ) -> Self {
        let limits = &relay.config.limits;
        let hash = relay.fingerprints.number(number);
        let (to, from) = (
            random::hex(&hash),
            random::hex(&relay.fingerprints.visitor(visitor)),
        );
        Self {
            number: hash,
            own: vec![
                limit("visitor", &from, Window::Hour, limits.visitor_per_hour),
                limit("visitor", &from, Window::Day, limits.visitor_per_day),
                limit("number", &to, Window::Hour, limits.number_per_hour),
                limit("number", &to, Window::Day, limits.number_per_day),
            ],
            shared: vec![
                limit("key", &key.key, Window::Day, key.per_day),
                of_account(relay, account),
                limit("relay", "", Window::Day, limits.relay_per_day),
            ],
            counters: relay.store.counters().cloned(),
            mode: relay.config.policy,
        }
    }

    /// Of a dial.
    pub fn of_dial(relay: &Relay, agent: &AgentId, account: &str, number: &PhoneNumber) -> Self {
        let limits = &relay.config.limits;
        let who = format!("{}\n{}", agent.org, agent.sub);
        Self {
            number: relay.fingerprints.number(number),
            own: vec![
                limit("agent", &who, Window::Hour, limits.agent_per_hour),
                limit("agent", &who, Window::Day, limits.agent_per_day),
            ],
            shared: vec![
                of_account(relay, account),
                limit("relay", "", Window::Day, limits.relay_per_day),
            ],
            counters: relay.store.counters().cloned(),
            mode: relay.config.policy,
        }
    }

    /// Whether it may be dialled at all.
    ///
    /// # Errors
    /// [`Code::SwitchedOff`], [`Code::DoNotCall`], both also where policy only logs.
    pub async fn check(&self, tx: &mut Conn) -> Result<(), Problem> {
        let (off, listed) = do_not_call::off_or_has(tx, switch::DIALLING, &self.number).await?;
        if off {
            return Err(
                Problem::new(Code::SwitchedOff, "Calling is switched off at the moment.")
                    .with_remedy("Whoever runs the relay can switch it on again."),
            );
        }
        if listed {
            return Err(Problem::of(
                Code::DoNotCall,
                "number",
                "This number is not to be called.",
            )
            .with_remedy("Whoever runs the relay can take it off the do-not-call list."));
        }
        Ok(())
    }

    /// Counts it; the last thing in the transaction ([`tally::count`]).
    ///
    /// # Errors
    /// [`Code::TooManyRequests`] or [`Code::CapReached`].
    pub async fn count(&self, tx: &mut Conn, now: Millis) -> Result<(), Problem> {
        let Some(counters) = &self.counters else {
            let all = [self.own.as_slice(), self.shared.as_slice()].concat();
            return self.refuse(&tally::count(tx, &all, now).await?);
        };
        self.refuse(&tally::count(tx, &self.own, now).await?)?;
        let mut counter = counters.acquire().await?;
        let over = tally::count(&mut counter, &self.shared, now).await?;
        let taken = self.refuse(&over);
        if taken.is_err() {
            tally::give_back(&mut counter, &self.shared, now).await?;
        }
        taken
    }

    fn refuse(&self, over: &[&Limit]) -> Result<(), Problem> {
        over.iter()
            .try_for_each(|limit| self.mode.refuse(refusal(limit)))
    }
}

fn limit(what: &'static str, which: &str, window: Window, most: u32) -> Limit {
    Limit {
        what,
        which: which.to_owned(),
        window,
        most,
    }
}

fn of_account(relay: &Relay, account: &str) -> Limit {
    let most = relay
        .config
        .account_per_day
        .get(account)
        .copied()
        .unwrap_or(relay.config.limits.account_per_day);
    limit("account", account, Window::Day, most)
}

fn refusal(over: &Limit) -> Problem {
    let (code, detail) = match over.what {
        "visitor" => (
            Code::TooManyRequests,
            "Too many callbacks were asked for from here.",
        ),
        "number" => (
            Code::TooManyRequests,
            "This number was asked to be called too often.",
        ),
        "agent" => (Code::TooManyRequests, "This agent has dialled too often."),
        _ => (
            Code::CapReached,
            "As much as may be called in a day was called.",
        ),
    };
    Problem::new(code, detail).with_remedy("Try again later.")
}
