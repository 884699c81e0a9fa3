use proptest::prelude::*;

use super::*;

const HOUR: u64 = 3_600_000;

fn config(grant: Grant) -> Config {
    Config {
        token_url: "https://x.example/oauth/token".into(),
        revoke_url: "https://x.example/oauth/revoke".into(),
        client_id: Some("patchcord".into()),
        client_secret: Some("client-canary".into()),
        grant,
        lifetime_if_unsaid: 12 * HOUR,
    }
}

fn password() -> Grant {
    Grant::Password {
        username: "u".into(),
        password: "pw-canary".into(),
    }
}

fn refresh_only() -> Grant {
    Grant::RefreshToken {
        refresh_token: "r0".into(),
    }
}

fn granted(access: &str, expires_in: Option<i64>, refresh: Option<&str>) -> Reply {
    let body = serde_json::json!({
        "access_token": access, "token_type": "bearer", "expires_in": expires_in, "refresh_token": refresh,
    });
    Ok(Response::json(200, &body.to_string()))
}

fn form(request: &Request) -> String {
    request.body.as_ref().unwrap().text().to_owned()
}

fn sent(next: Next) -> Request {
    match next {
        Next::Send(request) => request,
        other => panic!("expected a request, got {other:?}"),
    }
}

#[test]
fn one_request_goes_out_however_many_ask_and_the_token_is_used_only_once_stored() {
    let mut tokens = Tokens::new(config(password()));
    let request = sent(tokens.next(0));
    assert_eq!(
        form(&request),
        "grant_type=password&username=u&password=pw-canary&client_id=patchcord&client_secret=client-canary"
    );
    assert_eq!(tokens.next(0), Next::Wait);
    let Replied::Store(stored) = tokens.replied(0, granted("a1", Some(3_600), Some("r1"))) else {
        panic!()
    };
    assert_eq!(stored.expires_at, HOUR);
    assert_eq!(tokens.next(0), Next::Wait, "not before it is stored");
    tokens.stored();
    assert_eq!(tokens.next(0), Next::Use("a1".into()));
}

#[test]
fn a_token_is_renewed_thirty_seconds_early_and_the_old_one_serves_meanwhile() {
    let mut tokens = Tokens::new(config(password()));
    tokens.next(0);
    tokens.replied(0, granted("a1", Some(3_600), Some("r1")));
    tokens.stored();
    assert_eq!(tokens.next(HOUR - SKEW - 1), Next::Use("a1".into()));
    let request = sent(tokens.next(HOUR - SKEW));
    assert!(form(&request).starts_with("grant_type=refresh_token&refresh_token=r1&"));
    assert_eq!(tokens.next(HOUR - 1), Next::Use("a1".into()));
    assert_eq!(tokens.next(HOUR), Next::Wait);
    tokens.replied(HOUR, granted("a2", Some(3_600), Some("r2")));
    tokens.stored();
    assert_eq!(tokens.next(HOUR), Next::Use("a2".into()));
    assert!(form(&sent(tokens.next(2 * HOUR))).contains("refresh_token=r2"));
}

#[test]
fn a_token_without_a_lifetime_is_used_for_the_configured_time() {
    for unsaid in [None, Some(0), Some(-1)] {
        let mut tokens = Tokens::new(config(password()));
        tokens.next(0);
        tokens.replied(0, granted("a1", unsaid, None));
        tokens.stored();
        assert_eq!(tokens.expires_at(), Some(12 * HOUR));
    }
}

#[test]
fn a_refused_refresh_token_falls_back_to_the_password_or_asks_for_a_sign_in() {
    let refused = || {
        Ok(Response::json(
            400,
            r#"{"error":"invalid_grant","error_description":"r0 is used"}"#,
        ))
    };
    let stored = Stored {
        access: "a0".into(),
        expires_at: 0,
        refresh: Some("r0".into()),
    };

    let mut tokens = Tokens::new(config(password()));
    tokens.restore(stored.clone());
    assert!(form(&sent(tokens.next(1))).contains("refresh_token=r0"));
    tokens.replied(1, refused());
    assert!(form(&sent(tokens.next(1))).starts_with("grant_type=password"));

    let mut tokens = Tokens::new(config(refresh_only()));
    tokens.restore(stored);
    tokens.next(1);
    tokens.replied(1, refused());
    let Next::SignInNeeded(because) = tokens.next(1) else {
        panic!()
    };
    assert_eq!(because.message.as_deref(), Some("invalid_grant"));
}

#[test]
fn a_refresh_token_whose_reply_was_lost_is_never_sent_again() {
    let mut tokens = Tokens::new(config(refresh_only()));
    tokens.next(0);
    tokens.replied(0, Err(Failure::Lost("reset".into())));
    assert!(matches!(tokens.next(HOUR), Next::SignInNeeded(_)));

    let mut tokens = Tokens::new(config(password()));
    tokens.restore(Stored {
        access: "a0".into(),
        expires_at: 0,
        refresh: Some("r0".into()),
    });
    tokens.next(1);
    tokens.replied(1, Err(Failure::Lost("reset".into())));
    let Next::RetryAt(at, _) = tokens.next(1) else {
        panic!()
    };
    assert!(form(&sent(tokens.next(at))).starts_with("grant_type=password"));
}

#[test]
fn what_was_not_sent_is_tried_again_after_a_pause() {
    let mut tokens = Tokens::new(config(refresh_only()));
    tokens.next(0);
    tokens.replied(0, Err(Failure::NotSent("refused".into())));
    let Next::RetryAt(at, because) = tokens.next(0) else {
        panic!()
    };
    assert_eq!((at, because.code), (1_000, Code::ProviderUnreachable));
    assert!(form(&sent(tokens.next(at))).contains("refresh_token=r0"));
    tokens.replied(
        at,
        Ok(Response {
            status: 429,
            retry_after: Some(20),
            body: vec![],
        }),
    );
    assert!(matches!(tokens.next(at), Next::RetryAt(21_000, _)));
}

#[test]
fn a_rejected_token_is_not_given_out_again_but_a_newer_one_is() {
    let mut tokens = Tokens::new(config(password()));
    tokens.next(0);
    tokens.replied(0, granted("a1", Some(3_600), None));
    tokens.stored();
    tokens.rejected(&"older".into());
    assert_eq!(tokens.next(0), Next::Use("a1".into()));
    tokens.rejected(&"a1".into());
    assert!(matches!(tokens.next(0), Next::Send(_)));
}

#[test]
fn a_code_is_exchanged_once() {
    let mut tokens = Tokens::new(config(Grant::AuthorizationCode {
        code: "c".into(),
        redirect_uri: "https://a/b".into(),
        verifier: "v".into(),
    }));
    assert!(form(&sent(tokens.next(0))).starts_with(
        "grant_type=authorization_code&code=c&redirect_uri=https%3A%2F%2Fa%2Fb&code_verifier=v"
    ));
    tokens.replied(0, granted("a1", Some(60), None));
    tokens.stored();
    assert_eq!(tokens.next(29_000), Next::Use("a1".into()));
    assert_eq!(tokens.next(59_000), Next::Use("a1".into()));
    assert!(matches!(tokens.next(60_000), Next::SignInNeeded(_)));
}

#[test]
fn revoking_ends_the_refresh_token_first_and_leaves_nothing() {
    let mut tokens = Tokens::new(config(password()));
    assert_eq!(tokens.revoke(), None);
    tokens.next(0);
    tokens.replied(0, granted("a1", Some(60), Some("r1")));
    tokens.stored();
    let request = tokens.revoke().unwrap();
    assert_eq!(request.url, "https://x.example/oauth/revoke");
    assert!(form(&request).starts_with("token=r1&token_type_hint=refresh_token"));
    assert!(matches!(tokens.next(0), Next::SignInNeeded(_)));
}

#[test]
fn nothing_secret_is_in_debug() {
    let mut tokens = Tokens::new(config(password()));
    let next = tokens.next(0);
    let replied = tokens.replied(
        0,
        granted("access-canary", Some(60), Some("refresh-canary")),
    );
    let shown = format!("{tokens:?} {next:?} {replied:?}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[derive(Debug, Clone)]
enum Event {
    Next(u64),
    Reply(u8),
    Stored,
    Rejected,
}

proptest! {
    /// A server that lets each refresh token be used once, and a caller that may crash between reply and
    /// storage: whatever happens, no refresh token is sent twice and no two requests are out together.
    #[test]
    fn no_refresh_token_is_ever_sent_twice(events in proptest::collection::vec(prop_oneof![
        (0u64..5_000_000).prop_map(Event::Next), (0u8..5).prop_map(Event::Reply), Just(Event::Stored), Just(Event::Rejected),
    ], 0..60), repeatable in any::<bool>()) {
        let mut tokens = Tokens::new(config(if repeatable { password() } else { refresh_only() }));
        let (mut now, mut out, mut serial) = (0, None::<String>, 0);
        let mut used = std::collections::HashSet::new();
        for event in events {
            match event {
                Event::Next(later) => {
                    now += later;
                    if let Next::Send(request) = tokens.next(now) {
                        prop_assert!(out.is_none(), "two requests are out");
                        out = Some(form(&request));
                    }
                }
                Event::Reply(kind) => {
                    let Some(request) = out.take() else { continue };
                    let reply = match kind {
                        0 => Err(Failure::NotSent(String::new())),
                        1 => Err(Failure::Lost(String::new())),
                        2 => Ok(Response::json(400, r#"{"error":"invalid_grant"}"#)),
                        _ => { serial += 1; granted(&format!("a{serial}"), Some(3_600), Some(&format!("r{serial}"))) }
                    };
                    if kind != 0 && request.contains("grant_type=refresh_token") {
                        let token = request.split('&').nth(1).unwrap().to_owned();
                        prop_assert!(used.insert(token), "a refresh token was sent twice");
                    }
                    tokens.replied(now, reply);
                }
                Event::Stored => tokens.stored(),
                Event::Rejected => if let Next::Use(token) = tokens.clone().next(now) { tokens.rejected(&token) },
            }
        }
    }
}
