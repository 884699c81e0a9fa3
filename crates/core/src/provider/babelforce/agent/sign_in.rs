//! Signing in: authorization code with PKCE, or single sign-on.

use super::{AgentApi, entity, read, unreadable};
use crate::http::{Method, Reply, Request, percent_encode};
use crate::json::{self, Field};
use crate::outcome::Outcome;
use crate::provider::babelforce::{TOKEN_LIFETIME, sign_in};
use crate::provider::desk::SignIn;
use crate::secret::Secret;
use crate::token;

/// The platform's client for agents who sign in themselves. It has no secret.
const CLIENT: &str = "babelconnect";

impl SignIn for AgentApi {
    fn sign_in_page(&self, redirect_uri: &str, verifier: &Secret, state: &str) -> String {
        let challenge = sign_in::challenge(verifier);
        sign_in::page(&self.origin, CLIENT, redirect_uri, &challenge, state)
    }

    fn sign_in(&self, code: Secret, redirect_uri: &str, verifier: Secret) -> token::Config {
        self.tokens(token::Grant::AuthorizationCode {
            code,
            redirect_uri: redirect_uri.to_owned(),
            verifier,
        })
    }

    fn sso(&self, tenant: &str, redirect_uri: Option<&str>) -> Request {
        let path = format!("/auth/sso/init/{}/babelconnect", percent_encode(tenant));
        let field = redirect_uri.map(|uri| ("redirect_uri", Field::Text(uri)));
        let body = json::object(field.as_slice());
        Request::json(Method::Post, self.origin.url(&path), body)
    }

    fn read_sso(&self, reply: Reply) -> Result<String, Outcome> {
        let url = read(reply, |json| json.text("url"))?;
        entity::is_web_address(&url)
            .then_some(url)
            .ok_or_else(unreadable)
    }

    fn sso_token(&self, tenant: &str, code: &Secret) -> Request {
        let (tenant, code) = (percent_encode(tenant), percent_encode(code.expose()));
        Request::post(self.origin.url(&format!("/auth/sso/{tenant}?code={code}")))
    }

    fn read_sso_token(&self, reply: Reply, now: u64) -> Result<token::Tokens, Outcome> {
        let stored = token::read_granted(reply, now, TOKEN_LIFETIME)?;
        let refresh_token = stored.refresh.clone().unwrap_or_default();
        let config = self.tokens(token::Grant::RefreshToken { refresh_token });
        Ok(token::Tokens::resume(config, stored))
    }

    /// The refresh token first, while the access token still says who asks.
    fn sign_out(&self, tokens: &token::Stored) -> Vec<Request> {
        let revoke = |token: &Secret, hint: &str| {
            let fields = [
                ("token", token.expose()),
                ("token_type_hint", hint),
                ("client_id", CLIENT),
            ];
            Request::form(self.origin.url("/oauth/revoke"), &fields).with_bearer(&tokens.access)
        };
        let refresh = tokens.refresh.as_ref();
        let mut requests: Vec<Request> = refresh
            .map(|refresh| revoke(refresh, "refresh_token"))
            .into_iter()
            .collect();
        requests.push(revoke(&tokens.access, "access_token"));
        requests.push(Request::post(self.origin.url("/oauth/logout")).with_bearer(&tokens.access));
        requests
    }
}

impl AgentApi {
    fn tokens(&self, grant: token::Grant) -> token::Config {
        token::Config {
            token_url: self.origin.url("/oauth/token"),
            revoke_url: self.origin.url("/oauth/revoke"),
            client_id: Some(CLIENT.to_owned()),
            client_secret: None,
            grant,
            lifetime_if_unsaid: TOKEN_LIFETIME,
        }
    }
}
