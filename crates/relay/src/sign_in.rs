//! Agents without a CRM backend sign in at the provider itself: authorization code with PKCE (RFC 7636, S256).
//!
//! What belongs to one attempt (state, verifier, the page to go back to) travels sealed in a cookie of the browser
//! that began it, so that nobody can finish another person's attempt, and nothing is kept for attempts that
//! nobody finishes. The page gets a code in the fragment, which no server sees and no log has; it exchanges the
//! code for a session, once, within a minute, from the same origin. The person's own token at the provider is used
//! for one question, who they are, and then revoked.

use std::time::Duration;

use patchcord_core::error::Code;
use patchcord_core::http::Request;
use patchcord_core::secret::Secret;
use patchcord_core::token::{Grant, Next, Replied, Tokens};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::accounts::Account;
use crate::agents;
use crate::clock::Millis;
use crate::config::{AgentId, SignIn};
use crate::http::problem::Problem;
use crate::random;
use crate::relay::Relay;
use crate::seal::Place;
use crate::store::sign_in;

/// How long an attempt may take, in milliseconds.
pub const ATTEMPT: Millis = 10 * 60 * 1000;
/// How long the page has to exchange its code, in milliseconds.
const CODE: Millis = 60 * 1000;
/// How long the provider may take for one answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The longest address of a page.
const MAX_RETURN: usize = 2048;

#[derive(Serialize, Deserialize)]
struct Attempt {
    account: String,
    verifier: String,
    state: String,
    back: String,
    expires_at: Millis,
}

#[derive(Serialize, Deserialize)]
struct Done {
    org: String,
    sub: String,
    origin: String,
}

/// An attempt that begins.
pub struct Begun {
    /// The provider's page.
    pub page: String,
    /// What the browser's cookie holds.
    pub cookie: String,
    /// Whether the cookie is for TLS alone.
    pub redirect_uri: String,
}

/// Begins an attempt for a page of the agents' origins.
///
/// # Errors
/// [`Code::NotFound`] for an account without sign-in, [`Code::OriginNotAllowed`] for another page.
pub fn begin(relay: &Relay, account: &str, back: &str) -> Result<Begun, Problem> {
    let (account_name, rules) = (account, rules(relay, account)?);
    let account = relay.accounts.get(account).ok_or_else(no_sign_in)?;
    allowed_origin(relay, back)?;
    let verifier = random::hex(&random::bytes::<32>()?);
    let state = random::hex(&random::bytes::<32>()?);
    let page = account.provider.sign_in_page(
        &rules.client_id,
        &rules.redirect_uri,
        &Secret::new(verifier.clone()),
        &state,
    )?;
    let attempt = Attempt {
        account: account_name.to_owned(),
        verifier,
        state,
        back: back.to_owned(),
        expires_at: relay.clock.now() + ATTEMPT,
    };
    Ok(Begun {
        page,
        cookie: seal(relay, "attempt", &attempt)?,
        redirect_uri: rules.redirect_uri.clone(),
    })
}

/// The provider sent the browser back with a code. Gives the address of the page, with a code of the relay's own
/// in its fragment.
///
/// # Errors
/// [`Code::SignInFailed`], or why the person is nobody here.
pub async fn finish(
    relay: &Relay,
    cookie: Option<&str>,
    state: &str,
    code: &str,
) -> Result<String, Problem> {
    let now = relay.clock.now();
    let attempt: Attempt = cookie
        .and_then(|cookie| open(relay, "attempt", cookie))
        .ok_or_else(|| failed("This browser has not begun to sign in."))?;
    let same = aws_lc_rs::constant_time::verify_slices_are_equal(
        attempt.state.as_bytes(),
        state.as_bytes(),
    );
    if same.is_err() || attempt.expires_at <= now {
        return Err(failed("It took too long, or belongs to another attempt."));
    }
    let rules = rules(relay, &attempt.account)?;
    let account = relay
        .accounts
        .get(&attempt.account)
        .ok_or_else(no_sign_in)?;
    let origin = allowed_origin(relay, &attempt.back)?;
    let sub = ask_who(relay, account, rules, &attempt, code).await?;
    let id = AgentId {
        org: rules.org.clone(),
        sub,
    };
    tracing::info!(org = id.org, sub = id.sub, "signed in at the provider");
    agents::of(relay, &id).await?;
    let own = random::bearer("pcc")?;
    let hash = random::hash(own.as_bytes());
    let done = Done {
        org: id.org,
        sub: id.sub,
        origin,
    };
    let sealed = seal(relay, "code", &done)?;
    relay
        .store
        .write(move |tx| {
            Box::pin(async move { sign_in::insert(tx, &hash, &sealed, now + CODE).await })
        })
        .await?;
    Ok(format!("{}#patchcord_code={own}", attempt.back))
}

/// Who a code is for; once, and from the page's own origin.
///
/// # Errors
/// [`Code::SignInFailed`].
pub async fn redeem(relay: &Relay, code: &str, origin: Option<&str>) -> Result<AgentId, Problem> {
    let (hash, now) = (random::hash(code.as_bytes()), relay.clock.now());
    let sealed = relay
        .store
        .write(move |tx| Box::pin(async move { sign_in::take(tx, &hash, now).await }))
        .await?;
    let done: Option<Done> = sealed.and_then(|sealed| open(relay, "code", &sealed));
    match done {
        Some(done) if origin == Some(&done.origin) => Ok(AgentId {
            org: done.org,
            sub: done.sub,
        }),
        _ => Err(failed(
            "The code was used, is too old, or belongs to another page.",
        )),
    }
}

async fn ask_who(
    relay: &Relay,
    account: &Account,
    rules: &SignIn,
    attempt: &Attempt,
    code: &str,
) -> Result<String, Problem> {
    let mut config = account.provider.tokens().ok_or_else(no_sign_in)?;
    config.client_id = Some(rules.client_id.clone());
    config.client_secret = None;
    config.grant = Grant::AuthorizationCode {
        code: Secret::new(code),
        redirect_uri: rules.redirect_uri.clone(),
        verifier: Secret::new(attempt.verifier.clone()),
    };
    let mut tokens = Tokens::new(config);
    let now = u64::try_from(relay.clock.now()).unwrap_or(0);
    let refused = || failed("The provider did not accept it.");
    let Next::Send(request) = tokens.next(now) else {
        return Err(refused());
    };
    let reply = relay.outbound.send(request, TIMEOUT).await;
    let Replied::Store(stored) = tokens.replied(now, reply) else {
        return Err(refused());
    };
    tokens.stored();
    let who = account.provider.who(&stored.access)?;
    let reply = relay.outbound.send(who, TIMEOUT).await;
    // Whatever the answer was: nobody needs this token any more.
    if let Some(revoke) = tokens.revoke() {
        let outbound = relay.outbound.clone();
        relay
            .tasks
            .spawn(async move { send_and_forget(&outbound, revoke).await });
    }
    account.provider.read_who(reply).map_err(|_| refused())
}

async fn send_and_forget(outbound: &crate::outbound::Outbound, request: Request) {
    if let Err(failure) = outbound.send(request, TIMEOUT).await {
        tracing::warn!(%failure, "a person's token could not be revoked; it ends by itself");
    }
}

fn rules<'a>(relay: &'a Relay, account: &str) -> Result<&'a SignIn, Problem> {
    relay.config.sign_ins.get(account).ok_or_else(no_sign_in)
}

/// The origin of a page, if agents may work there. The page's own fragment would get in the way of the code.
fn allowed_origin(relay: &Relay, back: &str) -> Result<String, Problem> {
    Url::parse(back)
        .ok()
        .filter(|url| back.len() <= MAX_RETURN && url.fragment().is_none() && url.as_str() == back)
        .map(|url| url.origin().ascii_serialization())
        .filter(|origin| relay.config.agent_origins.contains(origin))
        .ok_or_else(|| {
            Problem::of(
                Code::OriginNotAllowed,
                "return",
                "This page is not one that agents work on.",
            )
            .with_remedy("Give the page's whole address, without a fragment; its origin has to be one of `agent_origins`.")
        })
}

fn seal(relay: &Relay, what: &str, value: &impl Serialize) -> Result<String, Problem> {
    let text = serde_json::to_string(value).map_err(|error| Problem::internal(&error))?;
    relay
        .keyring
        .seal(&text, place(what))
        .map_err(|error| Problem::internal(&error))
}

fn open<T: serde::de::DeserializeOwned>(relay: &Relay, what: &str, sealed: &str) -> Option<T> {
    let text = relay.keyring.open(sealed, place(what)).ok()?;
    serde_json::from_str(text.expose()).ok()
}

fn place(what: &str) -> Place<'_> {
    Place {
        table: "sign_in",
        row: what,
        column: "sealed",
    }
}

fn no_sign_in() -> Problem {
    Problem::of(
        Code::NotFound,
        "account",
        "Nobody can sign in at this account.",
    )
    .with_remedy("Add `sign_in` to the [[account]] in the relay's configuration.")
}

fn failed(detail: &'static str) -> Problem {
    Problem::new(Code::SignInFailed, detail).with_remedy("Begin again from the page.")
}
