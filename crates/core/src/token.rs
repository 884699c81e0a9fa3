//! Access tokens: a state machine that the caller drives.
//!
//! [`Tokens::next`] says what to do: use a token, send a request, wait for the one that is out, or give up
//! until a time. The caller sends what it is told to send, hands the reply to [`Tokens::replied`], and where
//! that asks for it, stores the new refresh token and confirms with [`Tokens::stored`] — only then is the new
//! access token given out. So a refresh token that can be used once is never lost to a crash between use and
//! storage, and there is never more than one request out, however many ask (single flight).
//!
//! Sources: RFC 6749, RFC 7009 and babelforce's OpenAPI (refresh tokens rotate and are single use).

use serde::Deserialize;

use crate::error::Code;
use crate::http::{Failure, Reply, Request, Response};
use crate::json::Json;
use crate::outcome::{Because, Outcome};
use crate::secret::Secret;

/// A token is renewed this many milliseconds before it ends.
pub const SKEW: u64 = 30_000;
/// After a failure the next try is this many milliseconds later; doubled with each failure …
const FIRST_PAUSE: u64 = 1_000;
/// … up to this.
const LONGEST_PAUSE: u64 = 60_000;

/// How to get tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The token endpoint.
    pub token_url: String,
    /// The revocation endpoint (RFC 7009).
    pub revoke_url: String,
    /// The client, where the grant wants one.
    pub client_id: Option<String>,
    /// The client's secret, where it has one.
    pub client_secret: Option<Secret>,
    /// How to begin.
    pub grant: Grant,
    /// How long a token without `expires_in` (or with one of 0 or less) is used, in milliseconds. The
    /// platform's two SDKs disagree about such tokens (for ever, one hour); one configured rule is better
    /// than either.
    pub lifetime_if_unsaid: u64,
}

/// How to get the first token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Grant {
    /// A user's name and password (RFC 6749 §4.3).
    Password {
        /// The user.
        username: String,
        /// The password.
        password: Secret,
    },
    /// The client's own credentials (§4.4).
    ClientCredentials,
    /// A refresh token from an earlier sign-in (§6).
    RefreshToken {
        /// The token.
        refresh_token: Secret,
    },
    /// A code from the sign-in page, with PKCE (RFC 7636).
    AuthorizationCode {
        /// The code.
        code: Secret,
        /// The address that the code was sent to.
        redirect_uri: String,
        /// The verifier behind the challenge.
        verifier: Secret,
    },
}

impl Grant {
    /// The name, as it is written in the configuration.
    pub const fn name(&self) -> &'static str {
        match self {
            Grant::Password { .. } => "password",
            Grant::ClientCredentials => "client_credentials",
            Grant::RefreshToken { .. } => "refresh_token",
            Grant::AuthorizationCode { .. } => "authorization_code",
        }
    }

    /// Whether it works again and again.
    const fn is_repeatable(&self) -> bool {
        matches!(self, Grant::Password { .. } | Grant::ClientCredentials)
    }
}

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Use this token.
    Use(Secret),
    /// Send this, then call [`Tokens::replied`]. Nobody else is told to send until then.
    Send(Request),
    /// A request is out, or a token is being stored: ask again when that is done.
    Wait,
    /// The last try failed: ask again at this time (milliseconds since the epoch).
    RetryAt(u64, Because),
    /// Only a person can help: a new sign-in, other credentials.
    SignInNeeded(Because),
}

/// What to do with a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replied {
    /// Nothing; ask [`Tokens::next`].
    Done,
    /// Store this durably, then call [`Tokens::stored`].
    Store(Stored),
}

/// What has to survive a restart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The access token.
    pub access: Secret,
    /// When it ends, in milliseconds since the epoch.
    pub expires_at: u64,
    /// The refresh token for the next time.
    pub refresh: Option<Secret>,
}

/// The tokens of one account.
#[derive(Debug, Clone)]
pub struct Tokens {
    config: Config,
    /// The token in use, while it holds.
    current: Option<Stored>,
    /// A refresh token that has not been used yet.
    refresh: Option<Secret>,
    /// Whether the configured grant may be used (a code is used once).
    grant_is_fresh: bool,
    step: Step,
    pause: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Idle,
    Asking(Means),
    Storing(Stored),
    Paused(u64, Because),
    SignInNeeded(Because),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Means {
    Grant,
    Refresh,
}

impl Tokens {
    /// No token yet.
    pub fn new(config: Config) -> Self {
        let refresh = match &config.grant {
            Grant::RefreshToken { refresh_token } => Some(refresh_token.clone()),
            _ => None,
        };
        Self {
            grant_is_fresh: refresh.is_none(),
            config,
            current: None,
            refresh,
            step: Step::Idle,
            pause: FIRST_PAUSE,
        }
    }

    /// Tokens that were had by other means. The grant of `config` is not used, unless it works again and again:
    /// when the tokens end, their refresh token helps, or a person.
    pub fn resume(config: Config, stored: Stored) -> Self {
        let mut tokens = Self::new(config);
        tokens.grant_is_fresh = false;
        tokens.refresh = None;
        tokens.restore(stored);
        tokens
    }

    /// Takes up what an earlier run stored; it is newer than the configuration.
    pub fn restore(&mut self, stored: Stored) {
        if stored.refresh.is_some() {
            self.refresh.clone_from(&stored.refresh);
        }
        self.current = Some(stored);
    }

    /// What to do at `now`.
    pub fn next(&mut self, now: u64) -> Next {
        let holding = self
            .current
            .as_ref()
            .filter(|current| now < current.expires_at);
        match &self.step {
            Step::Asking(_) | Step::Storing(_) => match holding {
                Some(current) => return Next::Use(current.access.clone()),
                None => return Next::Wait,
            },
            Step::SignInNeeded(because) => match holding {
                Some(current) => return Next::Use(current.access.clone()),
                None => return Next::SignInNeeded(because.clone()),
            },
            Step::Paused(until, because) if now < *until => match holding {
                Some(current) => return Next::Use(current.access.clone()),
                None => return Next::RetryAt(*until, because.clone()),
            },
            Step::Paused(..) | Step::Idle => {}
        }
        if let Some(current) = holding.filter(|current| now + SKEW < current.expires_at) {
            return Next::Use(current.access.clone());
        }
        if let Some(refresh) = &self.refresh {
            let request =
                self.token_request("refresh_token", &[("refresh_token", refresh.expose())]);
            self.step = Step::Asking(Means::Refresh);
            return Next::Send(request);
        }
        if self.grant_is_fresh || self.config.grant.is_repeatable() {
            let request = self.grant_request();
            self.grant_is_fresh = false;
            self.step = Step::Asking(Means::Grant);
            return Next::Send(request);
        }
        if let Some(current) = holding {
            return Next::Use(current.access.clone());
        }
        Next::SignInNeeded(Because::code(Code::ProviderRejectedCredentials))
    }

    /// The request of [`Next::Send`] was answered at `now`.
    ///
    /// A reply that nobody asked for is ignored.
    pub fn replied(&mut self, now: u64, reply: Reply) -> Replied {
        let Step::Asking(means) = self.step else {
            return Replied::Done;
        };
        match read(reply) {
            Answer::Granted(grant) => {
                let kept = self.refresh.take().filter(|_| means == Means::Refresh);
                let mut stored = grant.stored(now, self.config.lifetime_if_unsaid);
                // A server that does not rotate sends no new one: the old one stays good (RFC 6749 §6).
                stored.refresh = stored.refresh.or(kept);
                self.pause = FIRST_PAUSE;
                self.step = Step::Storing(stored.clone());
                Replied::Store(stored)
            }
            Answer::Denied(because) => {
                if means == Means::Refresh {
                    self.refresh = None;
                    if self.config.grant.is_repeatable() {
                        self.step = Step::Idle;
                        return Replied::Done;
                    }
                }
                self.step = Step::SignInNeeded(because);
                Replied::Done
            }
            Answer::NotSent(because) => {
                // Nothing was used up, not even a code.
                self.grant_is_fresh |= means == Means::Grant;
                self.pause_until(now, because);
                Replied::Done
            }
            Answer::Lost(because) => {
                let used_up = match means {
                    Means::Refresh => {
                        // The platform may have used it: sending it again could end the whole family of
                        // tokens.
                        self.refresh = None;
                        !self.config.grant.is_repeatable()
                    }
                    Means::Grant => !self.config.grant.is_repeatable(),
                };
                if used_up {
                    self.step = Step::SignInNeeded(because);
                } else {
                    self.pause_until(now, because);
                }
                Replied::Done
            }
        }
    }

    /// What [`Replied::Store`] asked for is stored.
    pub fn stored(&mut self) {
        if let Step::Storing(stored) = &self.step {
            self.refresh.clone_from(&stored.refresh);
            self.current = Some(stored.clone());
            self.step = Step::Idle;
        }
    }

    /// The platform did not accept this token: it is not given out again.
    pub fn rejected(&mut self, token: &Secret) {
        if self
            .current
            .as_ref()
            .is_some_and(|current| current.access == *token)
        {
            self.current = None;
        }
    }

    /// The token in use, with what renews it.
    pub fn current(&self) -> Option<&Stored> {
        self.current.as_ref()
    }

    /// When the token in use ends, in milliseconds since the epoch.
    pub fn expires_at(&self) -> Option<u64> {
        self.current.as_ref().map(|current| current.expires_at)
    }

    /// The request that revokes what there is; afterwards there is nothing. The reply need not be read
    /// (RFC 7009: 200 also for a token that the server does not know).
    pub fn revoke(&mut self) -> Option<Request> {
        let current = self.current.take();
        let (token, hint) = match (self.refresh.take(), current) {
            (Some(refresh), _) => (refresh, "refresh_token"),
            (None, Some(current)) => (current.access, "access_token"),
            (None, None) => return None,
        };
        self.step = Step::SignInNeeded(Because::code(Code::SessionExpired));
        let mut fields = vec![("token", token.expose()), ("token_type_hint", hint)];
        self.add_client(&mut fields);
        Some(Request::form(self.config.revoke_url.clone(), &fields))
    }

    fn pause_until(&mut self, now: u64, because: Because) {
        let asked = because
            .retry_after
            .map(|seconds| u64::from(seconds) * 1_000);
        self.step = Step::Paused(
            now.saturating_add(asked.unwrap_or(self.pause).max(self.pause)),
            because,
        );
        self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE);
    }

    fn grant_request(&self) -> Request {
        match &self.config.grant {
            Grant::Password { username, password } => self.token_request(
                "password",
                &[
                    ("username", username.as_str()),
                    ("password", password.expose()),
                ],
            ),
            Grant::ClientCredentials => self.token_request("client_credentials", &[]),
            Grant::RefreshToken { refresh_token } => self.token_request(
                "refresh_token",
                &[("refresh_token", refresh_token.expose())],
            ),
            Grant::AuthorizationCode {
                code,
                redirect_uri,
                verifier,
            } => self.token_request(
                "authorization_code",
                &[
                    ("code", code.expose()),
                    ("redirect_uri", redirect_uri.as_str()),
                    ("code_verifier", verifier.expose()),
                ],
            ),
        }
    }

    fn token_request(&self, grant_type: &str, more: &[(&str, &str)]) -> Request {
        let mut fields = vec![("grant_type", grant_type)];
        fields.extend_from_slice(more);
        self.add_client(&mut fields);
        Request::form(self.config.token_url.clone(), &fields)
    }

    fn add_client<'a>(&'a self, fields: &mut Vec<(&'a str, &'a str)>) {
        if let Some(id) = &self.config.client_id {
            fields.push(("client_id", id));
        }
        if let Some(secret) = &self.config.client_secret {
            fields.push(("client_secret", secret.expose()));
        }
    }
}

struct Granted {
    access: Secret,
    expires_in: Option<u64>,
    refresh: Option<Secret>,
}

impl Granted {
    fn stored(self, now: u64, lifetime_if_unsaid: u64) -> Stored {
        let lifetime = match self.expires_in {
            Some(seconds) if seconds > 0 => seconds.saturating_mul(1_000),
            _ => lifetime_if_unsaid,
        };
        Stored {
            access: self.access,
            expires_at: now.saturating_add(lifetime),
            refresh: self.refresh,
        }
    }
}

/// Reads a reply with tokens that no [`Tokens`] asked for, as of a single sign-on. `lifetime_if_unsaid` as in
/// [`Config`].
///
/// # Errors
/// Why there are none.
pub fn read_granted(reply: Reply, now: u64, lifetime_if_unsaid: u64) -> Result<Stored, Outcome> {
    match read(reply) {
        Answer::Granted(grant) => Ok(grant.stored(now, lifetime_if_unsaid)),
        Answer::Denied(because) | Answer::NotSent(because) => Err(Outcome::Refused(because)),
        Answer::Lost(because) => Err(Outcome::Unknown(because)),
    }
}

enum Answer {
    Granted(Granted),
    /// The platform said no, in OAuth's words.
    Denied(Because),
    /// Nothing was used up.
    NotSent(Because),
    /// A single-use token may have been used up.
    Lost(Because),
}

fn read(reply: Reply) -> Answer {
    let response = match reply {
        Ok(response) => response,
        Err(Failure::NotSent(_)) => {
            return Answer::NotSent(Because::code(Code::ProviderUnreachable));
        }
        Err(Failure::Lost(_)) => return Answer::Lost(Because::code(Code::NoReply)),
    };
    let Response {
        status,
        retry_after,
        body,
    } = response;
    let json = Json::read(&body).unwrap_or(Json::Null);
    let text = |name: &str| Some(json.text(name)).filter(|text| !text.is_empty());
    match status {
        200..=299 => match text("access_token") {
            Some(access) => Answer::Granted(Granted {
                access: Secret::new(access),
                expires_in: json.at("expires_in").as_whole(),
                refresh: text("refresh_token").map(Secret::new),
            }),
            None => Answer::Lost(Because::code(Code::UnreadableReply)),
        },
        429 => Answer::NotSent(Because {
            code: Code::ProviderBusy,
            message: None,
            retry_after,
        }),
        408 | 425 => Answer::Lost(Because::code(Code::ProviderError)),
        400..=499 => Answer::Denied(Because {
            code: Code::ProviderRejectedCredentials,
            // `error_description` may repeat what was sent; `error` is one of OAuth's words.
            message: text("error"),
            retry_after: None,
        }),
        _ => Answer::Lost(Because::code(Code::ProviderError)),
    }
}

#[cfg(test)]
mod tests;
