//! Agents sign in at the provider: authorization code with PKCE (RFC 7636, S256), or single sign-on
//! ([`single_sign_on`]), or whichever of the two the person chooses.
//!
//! An agent without a CRM backend begins from their page and gets a session ([`begin`]). One whom a CRM vouches for has
//! a session already, and begins with a ticket of it ([`ticket`]), to give the relay a token of their own.
//!
//! What belongs to one attempt (state, verifier, what it is for) travels sealed in a cookie of the browser that began
//! it, so that nobody can finish another person's attempt, and nothing is kept for attempts that nobody finishes. Each
//! is finished once. The page gets a code in the fragment, which no server sees and no log has; it exchanges the code for a session, once,
//! within a minute, from the same origin.
//!
//! The person's own token at the provider says who they are. Where the account has an Agent API it is kept
//! ([`crate::tokens::agents`]), if the platform's agent is the one whom the relay takes the person for; it is given
//! back everywhere else.

pub mod single_sign_on;
pub mod ticket;
mod token;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use patchcord_core::error::Code;
use patchcord_core::outcome::Because;
use patchcord_core::secret::Secret;
use patchcord_core::token::Stored;
use reqwest::Url;
use serde::{Deserialize, Serialize};
use tracing::Instrument;

use crate::agents;
use crate::clock::Millis;
use crate::config::{AgentId, SignIn, Ways};
use crate::http::problem::Problem;
use crate::random;
use crate::relay::Relay;
use crate::seal::Place;
use crate::store::sign_in;
use token::{Kept, exchange, give_back, keep, own_identity};

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
    /// The hash of the `state` that the browser has to come back with, in hex: an identity provider's may be long.
    state_hash: String,
    purpose: Purpose,
    /// What the `state` belongs to.
    way: Way,
    expires_at: Millis,
}

/// A way to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Way {
    /// The provider's own page.
    Page,
    /// Single sign-on.
    SingleSignOn,
}

/// What somebody signs in for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Purpose {
    /// For a session, on this page.
    Session { back: String },
    /// For a token of their own, beside a session.
    Token(Holder),
}

/// Who gets a token: the person of a session, as long as that (or what it was renewed to) holds.
#[derive(Clone, Serialize, Deserialize)]
struct Holder {
    id: AgentId,
    lineage: String,
}

#[derive(Serialize, Deserialize)]
struct Done {
    org: String,
    sub: String,
    origin: String,
}

/// An attempt that begins.
pub struct Begun {
    /// Where the browser goes on.
    pub next: Next,
    /// What its cookie holds.
    pub cookie: String,
}

/// Where a browser goes on.
pub enum Next {
    /// To this page.
    Page(String),
    /// To the provider's own page, which this is, or to single sign-on: the person chooses.
    Choice(String),
}

/// Why an attempt did not end well.
#[derive(Debug, Clone)]
pub enum NotSignedIn {
    /// Somebody signed in as another agent than the one whom the relay takes them for.
    SomebodyElse,
    /// Everything else.
    Problem(Problem),
}

impl From<Problem> for NotSignedIn {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<sqlx::Error> for NotSignedIn {
    fn from(error: sqlx::Error) -> Self {
        Self::Problem(error.into())
    }
}

impl From<NotSignedIn> for Problem {
    fn from(why: NotSignedIn) -> Self {
        match why {
            NotSignedIn::SomebodyElse => Problem::new(
                Code::SignInFailed,
                "You signed in as somebody else than the one whom the relay takes you for.",
            )
            .with_remedy("Sign in as yourself, or have the relay's mapping corrected."),
            NotSignedIn::Problem(problem) => problem,
        }
    }
}

/// How an attempt ended well.
pub enum Finished {
    /// The browser goes on to this page, with a code of the relay's own in the fragment.
    Page(String),
    /// The token is kept: there is nothing more to do.
    SignedIn,
}

/// Begins an attempt for a page of the agents' origins, or for a host's frame.
///
/// # Errors
/// [`Code::NotFound`] for an account without sign-in, [`Code::OriginNotAllowed`] for another page.
pub async fn begin(
    relay: &Relay,
    account: &str,
    back: &str,
    from: IpAddr,
) -> Result<Begun, Problem> {
    rules(relay, account)?;
    allowed_origin(relay, account, back)?;
    let back = back.to_owned();
    attempt(relay, account, Purpose::Session { back }, from).await
}

async fn attempt(
    relay: &Relay,
    name: &str,
    purpose: Purpose,
    from: IpAddr,
) -> Result<Begun, Problem> {
    let rules = rules(relay, name)?;
    let account = relay.accounts.get(name).ok_or_else(no_sign_in)?;
    let expires_at = relay.clock.now() + ATTEMPT;
    if let Ways::SingleSignOn(tenant) = &rules.ways {
        return single_sign_on::attempt(relay, name, tenant, purpose, expires_at, from).await;
    }
    let verifier = random::hex(&random::bytes::<32>()?);
    let state = random::hex(&random::bytes::<32>()?);
    let page = account.provider.sign_in_page(
        &rules.client_id,
        &rules.redirect_uri,
        &Secret::new(verifier.clone()),
        &state,
    )?;
    let attempt = Attempt {
        account: name.to_owned(),
        verifier,
        state_hash: hash_of(&state),
        purpose,
        way: Way::Page,
        expires_at,
    };
    Ok(Begun {
        next: match rules.ways {
            Ways::Either(_) => Next::Choice(page),
            Ways::Page | Ways::SingleSignOn(_) => Next::Page(page),
        },
        cookie: seal(relay, "attempt", &attempt)?,
    })
}

/// What of a `state` is kept in the browser's cookie: it is only compared.
fn hash_of(state: &str) -> String {
    random::hex(&random::hash(state.as_bytes()))
}

/// The provider sent the browser back with a code.
///
/// # Errors
/// [`Code::SignInFailed`], or why the person is nobody here.
pub async fn finish(
    relay: &Arc<Relay>,
    cookie: Option<&str>,
    state: &str,
    code: &str,
) -> Result<Finished, NotSignedIn> {
    let now = relay.clock.now();
    let attempt: Attempt = cookie
        .and_then(|cookie| open(relay, "attempt", cookie))
        .ok_or_else(|| failed("This browser has not begun to sign in."))?;
    let same = aws_lc_rs::constant_time::verify_slices_are_equal(
        attempt.state_hash.as_bytes(),
        hash_of(state).as_bytes(),
    );
    if same.is_err() || attempt.expires_at <= now {
        return Err(failed("It took too long, or belongs to another attempt.").into());
    }
    let (used, until) = (random::hash(state.as_bytes()), attempt.expires_at);
    let first = relay
        .store
        .write(move |tx| Box::pin(async move { sign_in::use_up(tx, &used, until).await }))
        .await?;
    if !first {
        return Err(failed("This attempt was finished before.").into());
    }
    let (finishing, code) = (relay.clone(), code.to_owned());
    let finishing = async move { take_token(&finishing, &attempt, &code).await };
    // A task of its own: a token that was given is kept or given back, also when the browser goes away.
    let finished = relay.tasks.spawn(finishing.in_current_span()).await;
    finished.unwrap_or_else(|error| Err(Problem::internal(&error).into()))
}

/// Exchanges the code, and sees what becomes of the token.
async fn take_token(
    relay: &Arc<Relay>,
    attempt: &Attempt,
    code: &str,
) -> Result<Finished, NotSignedIn> {
    let rules = rules(relay, &attempt.account)?;
    let account = relay
        .accounts
        .get(&attempt.account)
        .ok_or_else(no_sign_in)?;
    let stored = match attempt.way {
        Way::Page => exchange(relay, account, rules, attempt, code).await?,
        Way::SingleSignOn => single_sign_on::exchange(relay, account, rules, attempt, code).await?,
    };
    let finished = match &attempt.purpose {
        Purpose::Session { back } => {
            for_session(relay, &attempt.account, rules, back, &stored).await
        }
        Purpose::Token(holder) => for_token(relay, &attempt.account, holder, &stored).await,
    };
    match finished {
        Ok((finished, Kept::Yes)) => Ok(finished),
        Ok((finished, Kept::No)) => {
            give_back(relay, &attempt.account, stored);
            Ok(finished)
        }
        Err(why) => {
            give_back(relay, &attempt.account, stored);
            Err(why)
        }
    }
}

/// Somebody without a CRM backend: the platform says who they are, and the page gets a code for a session.
async fn for_session(
    relay: &Arc<Relay>,
    name: &str,
    rules: &SignIn,
    back: &str,
    stored: &Stored,
) -> Result<(Finished, Kept), NotSignedIn> {
    let account = relay.accounts.get(name).ok_or_else(no_sign_in)?;
    let origin = allowed_origin(relay, name, back)?;
    let who = account
        .provider
        .who(&stored.access)
        .map_err(Problem::from)?;
    let reply = relay.outbound.send(who, TIMEOUT).await;
    let sub = account.provider.read_who(reply);
    let sub = sub.map_err(|outcome| not_had(name, outcome.because()))?;
    let id = AgentId {
        org: rules.org.clone(),
        sub,
    };
    tracing::info!(org = id.org, sub = id.sub, "signed in at the provider");
    let agent = agents::of(relay, &id).await?;
    let kept = match &account.agents {
        // Who dials with another identity than their own has no desk; a session they have all the same.
        Some(desk) => match own_identity(relay, name, account, desk, &agent, stored).await {
            Ok(identity) => keep(relay, name, id.clone(), identity, stored, None).await?,
            Err(_) => {
                tracing::info!(sub = id.sub, "the token is not of the agent's own identity");
                Kept::No
            }
        },
        None => Kept::No,
    };
    let own = random::bearer("pcc").map_err(Problem::from)?;
    let hash = random::hash(own.as_bytes());
    let done = Done {
        org: id.org,
        sub: id.sub,
        origin,
    };
    let sealed = seal(relay, "code", &done)?;
    let expires_at = relay.clock.now() + CODE;
    relay
        .store
        .write(move |tx| {
            Box::pin(async move { sign_in::insert(tx, &hash, &sealed, expires_at).await })
        })
        .await?;
    let page = format!("{back}#patchcord_code={own}");
    Ok((Finished::Page(page), kept))
}

/// Somebody with a session: the platform has to say that they are who the relay takes them for. So a ticket that
/// somebody else opens is of no use to them, nor to whoever made them open it.
async fn for_token(
    relay: &Arc<Relay>,
    name: &str,
    holder: &Holder,
    stored: &Stored,
) -> Result<(Finished, Kept), NotSignedIn> {
    let account = relay.accounts.get(name).ok_or_else(no_sign_in)?;
    let desk = account.agents.as_ref().ok_or_else(no_sign_in)?;
    let agent = agents::of(relay, &holder.id).await?;
    let identity = own_identity(relay, name, account, desk, &agent, stored).await?;
    let (id, lineage) = (holder.id.clone(), Some(holder.lineage.clone()));
    match keep(relay, name, id, identity, stored, lineage).await? {
        Kept::Yes => Ok((Finished::SignedIn, Kept::Yes)),
        Kept::No => Err(failed("Your session has ended in the meantime.").into()),
    }
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

/// The provider has not given the token, or has not said whose it is. Why is in the log: whoever signs in can do nothing
/// about it.
fn not_had(account: &str, because: Option<&Because>) -> Problem {
    let code = because.map_or(Code::SignInFailed, |because| because.code);
    let said = because.and_then(|because| because.message.as_deref());
    tracing::warn!(
        account,
        code = code.as_str(),
        said,
        "a sign-in at the provider failed"
    );
    match code {
        Code::ProviderUnreachable
        | Code::ProviderBusy
        | Code::ProviderError
        | Code::NoReply
        | Code::UnreadableReply => failed("The provider has not answered as it should."),
        _ => failed("The provider did not accept it."),
    }
}

fn rules<'a>(relay: &'a Relay, account: &str) -> Result<&'a SignIn, Problem> {
    relay.config.sign_ins.get(account).ok_or_else(no_sign_in)
}

/// The origin of a page, if agents may work there. The page's own fragment would get in the way of the code. At the
/// relay itself it is the page of a host whose agents sign in at this account, and no other.
fn allowed_origin(relay: &Relay, account: &str, back: &str) -> Result<String, Problem> {
    let own = relay.config.public_origin.as_deref();
    let fits = |origin: &String| match own {
        Some(own) if origin == own => relay.hosts.signed_in(back, account).is_some(),
        _ => relay.hosts.serves_agents_at(origin),
    };
    Url::parse(back)
        .ok()
        .filter(|url| back.len() <= MAX_RETURN && url.fragment().is_none() && url.as_str() == back)
        .map(|url| url.origin().ascii_serialization())
        .filter(fits)
        .ok_or_else(|| {
            Problem::of(
                Code::OriginNotAllowed,
                "return",
                "This page is not one that agents work on.",
            )
            .with_remedy("Give the page's whole address, without a fragment; its origin has to be one of `agent_origins`, or the page that of a [[host]] with `sign_in`.")
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
