//! Single sign-on: the platform says at which identity provider its tenant's people sign in (OpenID Connect), and
//! exchanges the code that comes back for a token.
//!
//! The platform's API takes no `state` of ours; the identity provider's address that it answers has one, or gets one
//! here (OpenID Connect Core, 3.1.2.1). Either way the browser has to come back with it, or nothing is exchanged. That
//! the code comes to our own address with its `state` is inferred from the published `redirect_uri` and `code`.

use std::net::IpAddr;

use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::secret::Secret;
use patchcord_core::token::Stored;
use reqwest::Url;

use super::{
    Attempt, Begun, Next, Purpose, TIMEOUT, Way, failed, hash_of, no_sign_in, not_had, open, seal,
};
use crate::accounts::{Account, AgentDesk};
use crate::clock::Millis;
use crate::config::SignIn;
use crate::config::address::https;
use crate::http::problem::Problem;
use crate::random;
use crate::relay::Relay;
use crate::store::tally::{self, Limit, Window};

/// How often somebody at one address may begin in an hour: each time the platform is asked, before anybody has shown
/// who they are. Enough for a whole office in the morning.
const MOST: u32 = 300;
/// The fewest characters of a `state`: 64 bits in hex. With fewer, somebody else's could be guessed.
const SHORTEST: usize = 16;

/// Goes on by single sign-on, with the attempt in a browser's cookie. The attempt is the same one: it lasts no longer.
///
/// # Errors
/// [`Code::SignInFailed`], [`Code::TooManyRequests`], [`Code::NotFound`] for an account without it.
pub async fn begin(relay: &Relay, cookie: Option<&str>, from: IpAddr) -> Result<Begun, Problem> {
    let attempt_begun: Attempt = cookie
        .and_then(|cookie| open(relay, "attempt", cookie))
        .filter(|attempt: &Attempt| attempt.expires_at > relay.clock.now())
        .ok_or_else(|| failed("This browser has not begun to sign in."))?;
    let Attempt {
        account,
        purpose,
        expires_at,
        ..
    } = attempt_begun;
    let rules = super::rules(relay, &account)?;
    let tenant = rules.ways.tenant().ok_or_else(no_sign_in)?;
    attempt(relay, &account, tenant, purpose, expires_at, from).await
}

/// Asks the platform where the tenant's people sign in, and begins an attempt there.
pub(super) async fn attempt(
    relay: &Relay,
    name: &str,
    tenant: &str,
    purpose: Purpose,
    expires_at: Millis,
    from: IpAddr,
) -> Result<Begun, Problem> {
    count(relay, from).await?;
    let rules = super::rules(relay, name)?;
    let desk = desk(relay.accounts.get(name))?;
    let address = asked(relay, desk, rules, tenant).await.map_err(|outcome| {
        let code = outcome.because().map(|because| because.code);
        tracing::warn!(account = name, ?code, "no single sign-on");
        failed("The provider did not say where to sign in.")
    })?;
    let (page, state) = with_state(&address, &random::hex(&random::bytes::<32>()?))
        .ok_or_else(|| failed("The provider sends people to sign in where it is not safe."))?;
    let attempt = Attempt {
        account: name.to_owned(),
        // Nothing here proves that who redeems the code has asked for it: the platform does that by itself.
        verifier: String::new(),
        state_hash: hash_of(&state),
        purpose,
        way: Way::SingleSignOn,
        expires_at,
    };
    Ok(Begun {
        next: Next::Page(page),
        cookie: seal(relay, "attempt", &attempt)?,
    })
}

/// Where the platform says that the tenant's people sign in.
async fn asked(
    relay: &Relay,
    desk: &AgentDesk,
    rules: &SignIn,
    tenant: &str,
) -> Result<String, Outcome> {
    let ask = desk.sign_in.sso(tenant, Some(&rules.redirect_uri));
    let reply = relay.outbound.send(ask, TIMEOUT).await;
    desk.sign_in.read_sso(reply)
}

/// Why single sign-on leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Nowhere {
    /// The platform does not say where; what it says instead.
    Unsaid(Option<Because>),
    /// To an address that no browser may be sent to.
    Unsafe,
}

/// To which host single sign-on leads; nobody is sent there.
///
/// # Errors
/// [`Nowhere`], also for an account without an Agent API.
pub async fn leads_to(
    relay: &Relay,
    account: &str,
    rules: &SignIn,
    tenant: &str,
) -> Result<String, Nowhere> {
    let desk = relay.accounts.get(account);
    let desk = desk.and_then(|account| account.agents.as_ref());
    let desk = desk.ok_or(Nowhere::Unsaid(None))?;
    let address = asked(relay, desk, rules, tenant).await;
    let address = address.map_err(|outcome| Nowhere::Unsaid(outcome.because().cloned()))?;
    let ours = "0".repeat(SHORTEST);
    let (page, _) = with_state(&address, &ours).ok_or(Nowhere::Unsafe)?;
    let page = https(&page).ok_or(Nowhere::Unsafe)?;
    page.host_str().map(str::to_owned).ok_or(Nowhere::Unsafe)
}

/// Exchanges the code for the person's token. There may be no refresh token: then they sign in again when it ends.
pub(super) async fn exchange(
    relay: &Relay,
    account: &Account,
    rules: &SignIn,
    attempt: &Attempt,
    code: &str,
) -> Result<Stored, Problem> {
    let tenant = rules.ways.tenant().ok_or_else(no_sign_in)?;
    let desk = desk(Some(account))?;
    let ask = desk.sign_in.sso_token(tenant, &Secret::new(code));
    let reply = relay.outbound.send(ask, TIMEOUT).await;
    let now = u64::try_from(relay.clock.now()).unwrap_or(0);
    let tokens = desk.sign_in.read_sso_token(reply, now);
    let tokens = tokens.map_err(|outcome| not_had(&attempt.account, outcome.because()))?;
    let stored = tokens.current().cloned();
    stored.ok_or_else(|| not_had(&attempt.account, None))
}

fn desk(account: Option<&Account>) -> Result<&AgentDesk, Problem> {
    account
        .and_then(|account| account.agents.as_ref())
        .ok_or_else(no_sign_in)
}

async fn count(relay: &Relay, from: IpAddr) -> Result<(), Problem> {
    let limit = Limit {
        what: "single sign-on",
        which: random::hex(&relay.fingerprints.visitor(from)),
        window: Window::Hour,
        most: MOST,
    };
    let now = relay.clock.now();
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let limits = [limit];
                if tally::count(tx, &limits, now).await?.is_empty() {
                    return Ok(());
                }
                let detail = "Too many attempts to sign in began where you are.";
                Err(Problem::new(Code::TooManyRequests, detail).with_remedy("Try again later."))
            })
        })
        .await
}

/// The identity provider's address with a `state`, and that: its own where it has one, else ours. `None` where the
/// address is not one to send a browser to, or its `state` protects nobody.
fn with_state(address: &str, ours: &str) -> Option<(String, String)> {
    let mut url: Url = https(address)?;
    let mut states = url
        .query_pairs()
        .filter_map(|(name, value)| (name == "state").then(|| value.into_owned()));
    let (own, second) = (states.next(), states.next());
    let state = match (own, second) {
        (None, _) => {
            url.query_pairs_mut().append_pair("state", ours);
            ours.to_owned()
        }
        (Some(own), None) if own.len() >= SHORTEST => own,
        _ => return None,
    };
    Some((url.into(), state))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_the_identity_provider_stays_and_else_there_is_ours() {
        let ours = "0123456789abcdef";
        assert_eq!(
            with_state("https://idp.example/authorize?client_id=a%20b", ours),
            Some((
                format!("https://idp.example/authorize?client_id=a%20b&state={ours}"),
                ours.to_owned()
            ))
        );
        let own = "https://idp.example/authorize?state=abcdefghijklmnop%3D&x=1";
        assert_eq!(
            with_state(own, ours),
            Some((own.to_owned(), "abcdefghijklmnop=".to_owned()))
        );
        for unsafe_ in [
            "https://idp.example/?state=short",
            "https://idp.example/?state=",
            "https://idp.example/?state=abcdefghijklmnop&state=abcdefghijklmnop",
            "http://idp.example/",
            "javascript:alert(1)",
            "https://user:secret@idp.example/",
        ] {
            assert_eq!(with_state(unsafe_, ours), None, "{unsafe_}");
        }
    }
}
