use serde_json::json;

use super::*;
use crate::http::Failure;
use crate::provider::desk::SignIn;
use crate::token::{Next, Replied, Stored, Tokens};

#[test]
fn an_agent_signs_in_with_a_code_and_the_public_client() {
    let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let page = api().sign_in_page("https://app/cb", &verifier, "s&");
    assert!(page.starts_with("https://agent.example.com/oauth/authorize?response_type=code&"));
    assert!(page.contains("client_id=babelconnect&redirect_uri=https%3A%2F%2Fapp%2Fcb"));
    assert!(page.contains("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    let config = api().sign_in(Secret::new("code"), "https://app/cb", verifier);
    let mut tokens = Tokens::new(config);
    let Next::Send(request) = tokens.next(0) else {
        panic!("no request");
    };
    assert_eq!(request.url, "https://agent.example.com/oauth/token");
    let form = request.body.unwrap();
    assert!(
        form.text()
            .starts_with("grant_type=authorization_code&code=code&")
    );
    assert!(form.text().ends_with("&client_id=babelconnect"));
    assert!(!form.text().contains("client_secret"));
}

#[test]
fn single_sign_on_gives_an_address_and_then_tokens() {
    let request = api().sso("acme", Some("https://app/cb"));
    assert_eq!(
        request.url,
        "https://agent.example.com/auth/sso/init/acme/babelconnect"
    );
    assert_eq!(
        request.body.unwrap().text(),
        r#"{"redirect_uri":"https://app/cb"}"#
    );
    assert_eq!(api().sso("acme", None).body.unwrap().text(), "{}");
    let address = |url: &str| api().read_sso(reply(200, &json!({ "url": url })));
    assert_eq!(address("https://idp/x").unwrap(), "https://idp/x");
    for wrong in ["javascript:alert(1)", "", "/x", "https://", "https://a b"] {
        let refused = address(wrong).unwrap_err();
        assert_eq!(refused.because().unwrap().code, Code::UnreadableReply);
    }

    let request = api().sso_token("acme", &Secret::new("a canary"));
    assert!(request.url.ends_with("/auth/sso/acme?code=a%20canary"));
    assert!(!format!("{request:?}").contains("canary"));
    let granted = json!({"access_token": "a", "token_type": "bearer", "expires_in": 60});
    let mut tokens = api().read_sso_token(reply(200, &granted), 1_000).unwrap();
    assert_eq!(tokens.expires_at(), Some(61_000));
    assert_eq!(tokens.next(60_000), Next::Use("a".into()));
    assert!(matches!(tokens.next(61_000), Next::SignInNeeded(_)));

    let granted = json!({"access_token": "a", "expires_in": 60, "refresh_token": "r"});
    let mut tokens = api().read_sso_token(reply(200, &granted), 0).unwrap();
    let Next::Send(request) = tokens.next(40_000) else {
        panic!("no request");
    };
    let form = request.body.unwrap();
    assert!(
        form.text()
            .starts_with("grant_type=refresh_token&refresh_token=r&")
    );
    let renewed = json!({"access_token": "b", "expires_in": 60, "refresh_token": "s"});
    let Replied::Store(stored) = tokens.replied(40_000, reply(200, &renewed)) else {
        panic!("not stored");
    };
    assert_eq!(stored.refresh, Some("s".into()));

    let refused = api().read_sso_token(reply(400, &json!({"error": "invalid_grant"})), 0);
    assert_eq!(refused.unwrap_err().as_str(), "refused");
    let lost = api().read_sso_token(Err(Failure::Lost("reset".into())), 0);
    assert_eq!(lost.unwrap_err().as_str(), "unknown");
}

#[test]
fn signing_out_revokes_what_there_is() {
    let stored = |refresh: Option<&str>| Stored {
        access: token(),
        expires_at: 0,
        refresh: refresh.map(Secret::from),
    };
    let paths = |stored| -> Vec<String> {
        let requests = api().sign_out(&stored);
        assert!(requests.iter().all(|one| one.bearer == Some(token())));
        let address = |one: &Request| one.url.replace("https://agent.example.com", "");
        requests.iter().map(address).collect()
    };
    let both = ["/oauth/revoke", "/oauth/revoke", "/oauth/logout"];
    assert_eq!(paths(stored(Some("r"))), both);
    assert_eq!(paths(stored(None)), both[1..]);
    let first = &api().sign_out(&stored(Some("r")))[0];
    let form = first.body.as_ref().unwrap().text();
    assert!(form.starts_with("token=r&token_type_hint=refresh_token"));
}
