//! OAuth 2.0: tokens issued, rotated and revoked.

use std::collections::{BTreeMap, HashMap};

use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::Moment;
use super::sign_in;
use super::users::{Login, MANAGER, login};
use crate::exchange::{Millis, Reply, Request};
use crate::ids::Ids;

/// A registered application. One without a secret is public and has to use PKCE.
struct Client {
    id: &'static str,
    secret: Option<&'static str>,
}

const CLIENTS: [Client; 4] = [
    Client {
        id: "patchcord",
        secret: Some("sandbox-client-secret"),
    },
    Client {
        id: "patchcord-web",
        secret: None,
    },
    Client {
        id: AGENT_CLIENT,
        secret: None,
    },
    Client {
        id: DEFAULT_CLIENT,
        secret: None,
    },
];

/// The public client of the Agent API, with which agents sign in as themselves.
pub(super) const AGENT_CLIENT: &str = "babelconnect";

/// The client of a password grant that names none.
const DEFAULT_CLIENT: &str = "manager";

/// Inferred: how long an authorization code can be redeemed ("short-lived").
const CODE_LIFETIME: Millis = 60_000;

/// Every code and token that is still good.
#[derive(Default)]
pub(crate) struct Tokens {
    codes: HashMap<String, Code>,
    access: HashMap<String, Access>,
    refresh: HashMap<String, Refresh>,
    /// Counts the sign-ins.
    sign_ins: u64,
}

/// A good access token, as it came with a request.
#[derive(Clone)]
pub(crate) struct Bearer {
    pub token: String,
    /// The sign-in it came out of, at first or by refreshes.
    pub sign_in: u64,
    pub login: &'static Login,
    /// The agent it belongs to.
    pub agent: Option<&'static str>,
}

struct Access {
    /// `None` for never.
    ends: Option<Millis>,
    sign_in: u64,
    login: &'static Login,
}

impl Access {
    fn is_good(&self, at: Millis) -> bool {
        self.ends.is_none_or(|ends| at < ends)
    }
}

struct Code {
    client_id: &'static str,
    redirect_uri: String,
    scope: String,
    challenge: Option<Challenge>,
    good_until: Millis,
    login: &'static Login,
}

enum Challenge {
    S256(String),
    Plain(String),
}

impl Challenge {
    fn is_met_by(&self, verifier: &str) -> bool {
        match self {
            Self::S256(challenge) => *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
            Self::Plain(challenge) => challenge == verifier,
        }
    }
}

struct Refresh {
    client_id: &'static str,
    scope: String,
    /// The access token issued with it.
    access: String,
    sign_in: u64,
    login: &'static Login,
}

type Form = BTreeMap<String, String>;

/// An OAuth error, always with status 400: no other is published.
struct OAuthError {
    error: &'static str,
    description: String,
}

fn fail<T>(error: &'static str, description: impl Into<String>) -> Result<T, OAuthError> {
    Err(OAuthError {
        error,
        description: description.into(),
    })
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'a str,
    error_description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
}

impl OAuthError {
    fn reply(&self, state: Option<&str>) -> Reply {
        let body = ErrorBody {
            error: self.error,
            error_description: &self.description,
            state,
        };
        Reply::json(400, &body)
    }
}

#[derive(Serialize)]
struct TokenReply {
    access_token: String,
    token_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: String,
    client_id: &'static str,
}

/// What a grant gives.
pub(crate) struct Grant {
    pub client_id: &'static str,
    pub scope: String,
    pub with_refresh: WithRefresh,
    pub login: &'static Login,
    /// The sign-in it goes on with; `None` for a new one.
    pub sign_in: Option<u64>,
}

/// Whether a refresh token comes with the access token.
pub(crate) enum WithRefresh {
    Yes,
    No,
}

impl Tokens {
    pub fn answer(
        &mut self,
        method: &str,
        path: &[&str],
        request: &Request,
        moment: &mut Moment,
    ) -> Reply {
        let answered = match (method, path) {
            ("GET", ["authorize", rest @ ..]) => {
                let state = request.query("state");
                return self
                    .authorize(rest, request, moment.ids)
                    .unwrap_or_else(|error| error.reply(state));
            }
            ("POST", ["token"]) => form(request)
                .and_then(|form| self.grant(&form, request.at))
                .map(|grant| self.issue(grant, moment)),
            ("POST", ["revoke"]) => form(request).and_then(|form| self.revoke(&form)),
            ("POST", ["logout"]) => return self.log_out(request),
            _ => return super::not_found("OAuth endpoint"),
        };
        answered.unwrap_or_else(|error| error.reply(None))
    }

    /// What a good `Authorization: Bearer` says. The `Authentication` header that one of the
    /// vendor's articles names is a slip there, and is not looked at.
    pub fn bearer(&self, request: &Request) -> Option<Bearer> {
        let header = request.headers.get("authorization")?;
        let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        self.bearer_of(token.trim(), request.at)
    }

    pub fn bearer_of(&self, token: &str, at: Millis) -> Option<Bearer> {
        let access = self.access.get(token).filter(|access| access.is_good(at))?;
        Some(Bearer {
            token: token.to_owned(),
            sign_in: access.sign_in,
            login: access.login,
            agent: access.login.agent,
        })
    }

    /// When a token ends, if ever; nothing for one that has.
    pub fn life(&self, token: &str, at: Millis) -> Option<Option<Millis>> {
        let access = self.access.get(token).filter(|access| access.is_good(at))?;
        Some(access.ends)
    }

    /// Whether a sign-in has a token left.
    pub fn is_signed_in(&self, sign_in: u64, at: Millis) -> bool {
        let mut access = self.access.values();
        let mut refresh = self.refresh.values();
        access.any(|access| access.sign_in == sign_in && access.is_good(at))
            || refresh.any(|refresh| refresh.sign_in == sign_in)
    }

    /// Ends every access token; refresh tokens stay good.
    pub fn expire(&mut self) {
        self.access.clear();
    }

    /// Ends the access tokens of one agent.
    pub fn expire_of(&mut self, agent: &str) {
        self.access
            .retain(|_, access| access.login.agent != Some(agent));
    }

    /// Approves at once, as the account's own user. For the Agent API's client it shows a page
    /// first, on which a person says which agent they are.
    fn authorize(
        &mut self,
        path: &[&str],
        request: &Request,
        ids: &mut Ids,
    ) -> Result<Reply, OAuthError> {
        let required = |name: &str| match request.query(name) {
            Some(value) => Ok(value),
            None => fail("invalid_request", format!("{name} is required")),
        };
        if required("response_type")? != "code" {
            return fail("unsupported_response_type", "response_type must be code");
        }
        let client = client(required("client_id")?)?;
        let redirect_uri = required("redirect_uri")?;
        let scope = required("scope")?.to_owned();
        if !is_url(redirect_uri) {
            return fail("redirect_uri_mismatch", "redirect_uri is not registered");
        }
        let challenge = match (
            request.query("code_challenge"),
            request.query("code_challenge_method").unwrap_or("S256"),
        ) {
            (Some(challenge), "S256") => Some(Challenge::S256(challenge.to_owned())),
            (Some(challenge), "plain") => Some(Challenge::Plain(challenge.to_owned())),
            (Some(_), _) => {
                return fail(
                    "invalid_request",
                    "code_challenge_method must be S256 or plain",
                );
            }
            (None, _) if client.secret.is_none() => {
                return fail(
                    "invalid_request",
                    "code_challenge is required for public clients",
                );
            }
            (None, _) => None,
        };
        let login = match path {
            [] if client.id == AGENT_CLIENT => {
                return Ok(sign_in::page("/oauth/authorize/grant", &request.query));
            }
            [] => &MANAGER,
            ["grant"] => match login(required("username")?) {
                Some(login) => login,
                None => return fail("access_denied", "there is no such user"),
            },
            _ => return fail("invalid_request", "there is no such page"),
        };
        let code = ids.hex();
        let mut answer = vec![("code", code.as_str())];
        if let Some(state) = request.query("state") {
            answer.push(("state", state));
        }
        let Some(reply) = sign_in::back_to(redirect_uri, &answer) else {
            return fail("redirect_uri_mismatch", "redirect_uri is no URL");
        };
        self.codes.insert(
            code,
            Code {
                client_id: client.id,
                redirect_uri: redirect_uri.to_owned(),
                scope,
                challenge,
                good_until: request.at.saturating_add(CODE_LIFETIME),
                login,
            },
        );
        Ok(reply)
    }

    fn grant(&mut self, form: &Form, now: Millis) -> Result<Grant, OAuthError> {
        match field(form, "grant_type")? {
            "password" => password(form),
            "client_credentials" => client_credentials(form),
            "authorization_code" => self.redeem(form, now),
            "refresh_token" => self.rotate(form),
            other => fail(
                "unsupported_grant_type",
                format!("{other} is not supported"),
            ),
        }
    }

    /// A code is good once, also when the attempt fails.
    fn redeem(&mut self, form: &Form, now: Millis) -> Result<Grant, OAuthError> {
        let client = client(field(form, "client_id")?)?;
        let Some(code) = self.codes.remove(field(form, "code")?) else {
            return fail("invalid_grant", "the code is unknown or was used before");
        };
        if code.client_id != client.id || now > code.good_until {
            return fail(
                "invalid_grant",
                "the code has expired or is another client's",
            );
        }
        if code.redirect_uri != field(form, "redirect_uri")? {
            return fail("invalid_grant", "redirect_uri differs from the first step");
        }
        match (&code.challenge, form.get("code_verifier")) {
            (Some(challenge), Some(verifier)) if challenge.is_met_by(verifier) => {}
            (Some(_), _) => return fail("invalid_grant", "code_verifier does not match"),
            (None, _) => {}
        }
        // A confidential client that used PKCE may leave its secret out.
        if code.challenge.is_none() || form.contains_key("client_secret") {
            authenticate(&client, form)?;
        }
        Ok(Grant {
            client_id: client.id,
            scope: code.scope,
            with_refresh: with_refresh(form),
            login: code.login,
            sign_in: None,
        })
    }

    /// A refresh token is good once.
    fn rotate(&mut self, form: &Form) -> Result<Grant, OAuthError> {
        let token = field(form, "refresh_token")?;
        if let Some(id) = form.get("client_id") {
            let client = client(id)?;
            if form.contains_key("client_secret") {
                authenticate(&client, form)?;
            }
        }
        let named = form.get("client_id").map(String::as_str);
        let Some(old) = self.refresh.remove(token) else {
            return fail(
                "invalid_grant",
                "the refresh token is unknown or was used before",
            );
        };
        if named.is_some_and(|named| named != old.client_id) {
            return fail("invalid_grant", "the refresh token is another client's");
        }
        Ok(Grant {
            client_id: old.client_id,
            scope: old.scope,
            with_refresh: WithRefresh::Yes,
            login: old.login,
            sign_in: Some(old.sign_in),
        })
    }

    pub fn issue(&mut self, grant: Grant, moment: &mut Moment) -> Reply {
        let access = moment.ids.hex();
        let expires_in = moment.settings.expires_in;
        let lifetime = expires_in.and_then(|secs| u64::try_from(secs).ok());
        let ends = lifetime
            .filter(|seconds| *seconds > 0)
            .map(|seconds| moment.at.saturating_add(seconds.saturating_mul(1000)));
        let (login, sign_in) = (grant.login, grant.sign_in);
        let sign_in = sign_in.unwrap_or_else(|| {
            self.sign_ins += 1;
            self.sign_ins
        });
        let kept = Access {
            ends,
            sign_in,
            login,
        };
        self.access.insert(access.clone(), kept);
        let refresh = match grant.with_refresh {
            WithRefresh::Yes => Some(moment.ids.hex()),
            WithRefresh::No => None,
        };
        if let Some(refresh) = &refresh {
            let kept = Refresh {
                client_id: grant.client_id,
                scope: grant.scope.clone(),
                access: access.clone(),
                sign_in,
                login,
            };
            self.refresh.insert(refresh.clone(), kept);
        }
        let reply = TokenReply {
            access_token: access,
            token_type: "bearer",
            expires_in,
            refresh_token: refresh,
            scope: grant.scope,
            client_id: grant.client_id,
        };
        Reply::json(200, &reply).with_header("cache-control", HeaderValue::from_static("no-store"))
    }

    /// Ends every token of the sign-in that asks.
    fn log_out(&mut self, request: &Request) -> Reply {
        let Some(bearer) = self.bearer(request) else {
            return super::unauthorized();
        };
        self.access
            .retain(|_, access| access.sign_in != bearer.sign_in);
        self.refresh
            .retain(|_, refresh| refresh.sign_in != bearer.sign_in);
        Reply::empty(200)
    }

    /// Good also for a token nobody knows. A refresh token takes its access token with it.
    fn revoke(&mut self, form: &Form) -> Result<Reply, OAuthError> {
        let token = field(form, "token")?;
        if let Some(id) = form.get("client_id") {
            authenticate(&client(id)?, form)?;
        }
        self.access.remove(token);
        if let Some(refresh) = self.refresh.remove(token) {
            self.access.remove(&refresh.access);
        }
        Ok(Reply::new(200, "application/json", "{}"))
    }
}

pub(super) fn is_url(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

fn form(request: &Request) -> Result<Form, OAuthError> {
    request
        .form()
        .or_else(|error| fail("invalid_request", error.to_string()))
}

fn field<'a>(form: &'a Form, name: &str) -> Result<&'a str, OAuthError> {
    match form.get(name).filter(|value| !value.is_empty()) {
        Some(value) => Ok(value),
        None => fail("invalid_request", format!("{name} is required")),
    }
}

fn client(id: &str) -> Result<Client, OAuthError> {
    match CLIENTS.into_iter().find(|client| client.id == id) {
        Some(client) => Ok(client),
        None => fail("invalid_client", "client_id is unknown"),
    }
}

fn authenticate(client: &Client, form: &Form) -> Result<(), OAuthError> {
    let secret = form.get("client_secret").map(String::as_str);
    if client.secret == secret {
        return Ok(());
    }
    fail("invalid_client", "client_secret is missing or wrong")
}

fn password(form: &Form) -> Result<Grant, OAuthError> {
    let id = form.get("client_id").map_or(DEFAULT_CLIENT, String::as_str);
    let client = client(id)?;
    authenticate(&client, form)?;
    let (username, password) = (field(form, "username")?, field(form, "password")?);
    let Some(login) = login(username).filter(|login| login.password == password) else {
        return fail("invalid_grant", "username or password is wrong");
    };
    Ok(Grant {
        client_id: client.id,
        scope: scope(form),
        with_refresh: with_refresh(form),
        login,
        sign_in: None,
    })
}

fn client_credentials(form: &Form) -> Result<Grant, OAuthError> {
    let client = client(field(form, "client_id")?)?;
    if client.secret.is_none() {
        return fail("unauthorized_client", "a public client has no credentials");
    }
    authenticate(&client, form)?;
    Ok(Grant {
        client_id: client.id,
        scope: scope(form),
        with_refresh: WithRefresh::No,
        login: &MANAGER,
        sign_in: None,
    })
}

fn scope(form: &Form) -> String {
    form.get("scope").map_or("*", String::as_str).to_owned()
}

/// Inferred: `offline` is what a password grant means too when it says nothing.
fn with_refresh(form: &Form) -> WithRefresh {
    match form.get("access_type").map(String::as_str) {
        Some("online") => WithRefresh::No,
        _ => WithRefresh::Yes,
    }
}
