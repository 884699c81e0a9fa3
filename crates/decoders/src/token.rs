//! Token endpoints' replies: one request at a time, and a refresh token that was used is never sent again.

use std::collections::BTreeSet;

use patchcord_core::http::{Failure, Reply, Request, percent_encode};
use patchcord_core::secret::Secret;
use patchcord_core::token::{Config, Grant, Next, Replied, Tokens};

use crate::reply;

/// Takes any replies (see [`reply`]), with a line `---` between two, as those of a token endpoint.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return check_grants(&[reply::read(data)]);
    };
    let replies: Vec<Reply> = text
        .split("\n---\n")
        .take(16)
        .map(|part| reply::read(part.as_bytes()))
        .collect();
    check_grants(&replies);
}

fn check_grants(replies: &[Reply]) {
    let secret = |text: &str| Secret::new(text);
    for grant in [
        Grant::Password {
            username: "relay".into(),
            password: secret("password"),
        },
        Grant::ClientCredentials,
        Grant::RefreshToken {
            refresh_token: secret("first"),
        },
        Grant::AuthorizationCode {
            code: secret("code"),
            redirect_uri: "https://relay.example/".into(),
            verifier: secret("verifier"),
        },
    ] {
        Run::new(grant).through(replies);
    }
}

struct Run {
    tokens: Tokens,
    now: u64,
    /// Refresh tokens and codes that the platform may have used up.
    used: BTreeSet<String>,
    /// The access token that was stored last.
    stored: Option<Secret>,
}

impl Run {
    fn new(grant: Grant) -> Self {
        Self {
            tokens: Tokens::new(Config {
                token_url: "https://x.example/token".into(),
                revoke_url: "https://x.example/revoke".into(),
                client_id: Some("id".into()),
                client_secret: None,
                grant,
                lifetime_if_unsaid: 3_600_000,
            }),
            now: 1_700_000_000_000,
            used: BTreeSet::new(),
            stored: None,
        }
    }

    fn through(mut self, replies: &[Reply]) {
        for reply in replies {
            let Some(request) = self.next_request() else {
                return;
            };
            let again = self.tokens.next(self.now);
            assert!(!matches!(again, Next::Send(_)), "two requests at once");
            self.answer(single_use(&request), reply);
            self.now += 1_000;
        }
    }

    /// Uses up what there is, until something has to be sent.
    fn next_request(&mut self) -> Option<Request> {
        for _ in 0..4 {
            match self.tokens.next(self.now) {
                Next::Send(request) => return Some(request),
                Next::Use(token) => {
                    assert!(!token.expose().is_empty());
                    assert_eq!(
                        Some(&token),
                        self.stored.as_ref(),
                        "a token that is not stored"
                    );
                    self.tokens.rejected(&token);
                    let again = self.tokens.next(self.now);
                    assert_ne!(
                        again,
                        Next::Use(token),
                        "a rejected token is not used again"
                    );
                    if let Next::Send(request) = again {
                        return Some(request);
                    }
                }
                Next::RetryAt(at, _) => {
                    assert!(at > self.now);
                    self.now = at;
                }
                Next::Wait => panic!("nothing is under way"),
                Next::SignInNeeded(_) => return None,
            }
        }
        panic!("it never comes to a request");
    }

    fn answer(&mut self, sent: Option<String>, reply: &Reply) {
        if let Some(sent) = &sent {
            assert!(!self.used.contains(sent), "{sent} is sent a second time");
        }
        // Nothing was used up where nothing arrived, or was not even looked at.
        let untouched = match reply {
            Ok(response) => response.status == 429,
            Err(failure) => matches!(failure, Failure::NotSent(_)),
        };
        let replied = self.tokens.replied(self.now, reply.clone());
        if !untouched {
            self.used.extend(sent);
        }
        if let Replied::Store(stored) = replied {
            let response = reply.as_ref().expect("a token without a reply");
            assert!((200..300).contains(&response.status));
            assert!(stored.expires_at > self.now);
            match self.tokens.next(self.now) {
                Next::Wait => {}
                // The old one may hold a little longer.
                Next::Use(early) => assert_eq!(Some(early), self.stored, "not stored yet"),
                other => panic!("it is being stored: {other:?}"),
            }
            // What the platform gives is good, even if it is the old one.
            if let Some(refresh) = &stored.refresh {
                self.used.remove(&percent_encode(refresh.expose()));
            }
            let shown = format!("{:?}", stored.access);
            assert_eq!(shown, format!("{:?}", Secret::new("another")));
            self.stored = Some(stored.access);
            self.tokens.stored();
        }
    }
}

/// What a request uses up.
fn single_use(request: &Request) -> Option<String> {
    let body = request.body.as_ref().expect("a form").text();
    body.split('&')
        .filter_map(|field| field.split_once('='))
        .find(|(name, _)| matches!(*name, "refresh_token" | "code"))
        .map(|(_, value)| value.to_owned())
}
