//! OAuth 2.0: tokens issued, rotated and revoked.

use std::collections::{BTreeMap, HashMap};

use axum::http::HeaderValue;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::users::{PASSWORD, USERNAME};
use crate::exchange::{Millis, Reply, Request};
use crate::ids::Ids;
use crate::settings::Settings;

/// A registered application. One without a secret is public and has to use PKCE.
struct Client {
    id: &'static str,
    secret: Option<&'static str>,
}

const CLIENTS: [Client; 3] = [
    Client {
        id: "patchcord",
        secret: Some("sandbox-client-secret"),
    },
    Client {
        id: "patchcord-web",
        secret: None,
    },
    Client {
        id: DEFAULT_CLIENT,
        secret: None,
    },
];

/// The client of a password grant that names none.
const DEFAULT_CLIENT: &str = "manager";

/// Inferred: how long an authorization code can be redeemed ("short-lived").
const CODE_LIFETIME: Millis = 60_000;

/// Every code and token that is still good.
#[derive(Default)]
pub(crate) struct Tokens {
    codes: HashMap<String, Code>,
    /// By access token, when it ends; `None` for never.
    access: HashMap<String, Option<Millis>>,
    refresh: HashMap<String, Refresh>,
}

struct Code {
    client_id: &'static str,
    redirect_uri: String,
    scope: String,
    challenge: Option<Challenge>,
    good_until: Millis,
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
struct Grant {
    client_id: &'static str,
    scope: String,
    with_refresh: WithRefresh,
}

/// Whether a refresh token comes with the access token.
enum WithRefresh {
    Yes,
    No,
}

impl Tokens {
    pub fn answer(
        &mut self,
        method: &str,
        path: &[&str],
        request: &Request,
        settings: &Settings,
        ids: &mut Ids,
    ) -> Reply {
        let answered = match (method, path) {
            ("GET", ["authorize"]) => {
                let state = request.query("state");
                return self
                    .authorize(request, ids)
                    .unwrap_or_else(|error| error.reply(state));
            }
            ("POST", ["token"]) => form(request)
                .and_then(|form| self.grant(&form, request.at))
                .map(|grant| self.issue(grant, request.at, settings, ids)),
            ("POST", ["revoke"]) => form(request).and_then(|form| self.revoke(&form)),
            _ => return super::not_found("OAuth endpoint"),
        };
        answered.unwrap_or_else(|error| error.reply(None))
    }

    /// Whether a request carries a good `Authorization: Bearer`. The `Authentication` header that
    /// one of the vendor's articles names is a slip there, and is not looked at.
    pub fn admits(&self, request: &Request) -> bool {
        let header = request.headers.get("authorization");
        let Some(token) = header
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
        else {
            return false;
        };
        match self.access.get(token) {
            Some(Some(ends)) => request.at < *ends,
            Some(None) => true,
            None => false,
        }
    }

    /// Ends every access token; refresh tokens stay good.
    pub fn expire(&mut self) {
        self.access.clear();
    }

    /// Approves without asking: the sandbox has one user, and that one is always signed in.
    fn authorize(&mut self, request: &Request, ids: &mut Ids) -> Result<Reply, OAuthError> {
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
        if !(redirect_uri.starts_with("http://") || redirect_uri.starts_with("https://")) {
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
        let code = ids.hex();
        let mut answer = form_urlencoded::Serializer::new(String::new());
        answer.append_pair("code", &code);
        if let Some(state) = request.query("state") {
            answer.append_pair("state", state);
        }
        let separator = if redirect_uri.contains('?') { '&' } else { '?' };
        let location = format!("{redirect_uri}{separator}{}", answer.finish());
        let Ok(location) = HeaderValue::from_str(&location) else {
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
            },
        );
        Ok(Reply::empty(302).with_header("location", location))
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
        })
    }

    fn issue(&mut self, grant: Grant, now: Millis, settings: &Settings, ids: &mut Ids) -> Reply {
        let access = ids.hex();
        let lifetime = settings
            .expires_in
            .and_then(|secs| u64::try_from(secs).ok());
        let ends = lifetime
            .filter(|seconds| *seconds > 0)
            .map(|seconds| now.saturating_add(seconds.saturating_mul(1000)));
        self.access.insert(access.clone(), ends);
        let refresh = match grant.with_refresh {
            WithRefresh::Yes => Some(ids.hex()),
            WithRefresh::No => None,
        };
        if let Some(refresh) = &refresh {
            let kept = Refresh {
                client_id: grant.client_id,
                scope: grant.scope.clone(),
                access: access.clone(),
            };
            self.refresh.insert(refresh.clone(), kept);
        }
        let reply = TokenReply {
            access_token: access,
            token_type: "bearer",
            expires_in: settings.expires_in,
            refresh_token: refresh,
            scope: grant.scope,
            client_id: grant.client_id,
        };
        Reply::json(200, &reply).with_header("cache-control", HeaderValue::from_static("no-store"))
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
    if (username, password) != (USERNAME, PASSWORD) {
        return fail("invalid_grant", "username or password is wrong");
    }
    Ok(Grant {
        client_id: client.id,
        scope: scope(form),
        with_refresh: with_refresh(form),
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
