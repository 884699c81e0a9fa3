//! How an agent signs in where there is a page to do it on: the consent page of the authorization
//! code flow, and single sign-on with an identity provider that believes everybody.

use axum::http::HeaderValue;
use serde::Serialize;

use super::oauth::{AGENT_CLIENT, Grant, WithRefresh, is_url};
use super::users::{ACCOUNT_NAME, LOGINS, Login, login};
use super::{Babelforce, Moment, error, not_found};
use crate::exchange::{Millis, Reply, Request};

/// The accounts that sign on here, by their names in a path. The first is the one that everything else here is of.
const TENANTS: [&str; 2] = ["acme", "globex"];
/// Inferred: how long the code of an identity provider can be redeemed.
const CODE_LIFETIME: Millis = 60_000;

/// Who came back from the identity provider, and where to.
pub(super) struct SignedOn {
    tenant: &'static str,
    login: &'static Login,
    at: Millis,
}

#[derive(Serialize)]
struct Begun {
    url: String,
}

/// A page on which a person says who they are. Each choice leads to `target` with the query that
/// led here and a `username`.
pub(super) fn page(target: &str, query: &[(String, String)]) -> Reply {
    let agents = LOGINS.iter().filter(|login| login.agent.is_some());
    let choices: String = agents
        .map(|Login { username, .. }| {
            let mut choice = form_urlencoded::Serializer::new(String::new());
            choice.extend_pairs(query);
            choice.append_pair("username", username);
            // Nothing of an encoded query but `&` means anything in HTML.
            let query = choice.finish().replace('&', "&amp;");
            format!("<li><a class=\"plain\" href=\"{target}?{query}\">{username}</a></li>")
        })
        .collect();
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>Sign in · babelforce sandbox</title>\
         <link rel=\"icon\" href=\"/_sandbox/icon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"/_sandbox/page.css\"></head>\
         <body><main class=\"sign-in\"><h1>Sign in to {ACCOUNT_NAME}</h1>\
         <p class=\"quiet\">A stand-in for babelforce: nobody asks for a password.</p>\
         <ul>{choices}</ul></main></body></html>"
    );
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'";
    Reply::new(200, "text/html; charset=utf-8", page)
        .with_header("content-security-policy", HeaderValue::from_static(policy))
        .with_header("cache-control", HeaderValue::from_static("no-store"))
}

/// Sends the browser back to where it came from with an answer. Nothing for an address that
/// cannot be one.
pub(super) fn back_to(redirect_uri: &str, answer: &[(&str, &str)]) -> Option<Reply> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer);
    let separator = if redirect_uri.contains('?') { '&' } else { '?' };
    let location = format!("{redirect_uri}{separator}{}", query.finish());
    let location = HeaderValue::from_str(&location).ok()?;
    Some(Reply::empty(302).with_header("location", location))
}

impl Babelforce {
    /// `/auth/sso/…`. The identity provider's page is at a path of its own, which a client only
    /// learns from the first reply.
    pub(super) fn sign_on(
        &mut self,
        method: &str,
        path: &[&str],
        request: &Request,
        moment: &mut Moment,
    ) -> Reply {
        let tenant = |name: &str| TENANTS.into_iter().find(|tenant| *tenant == name);
        match (method, path) {
            ("POST", ["sso", "init", name, "babelconnect"]) => match tenant(name) {
                Some(tenant) => begin(tenant, request),
                None => not_found("tenant"),
            },
            ("GET", ["sso", name, "provider"]) => match tenant(name) {
                Some(tenant) => self.identity_provider(tenant, request, moment),
                None => not_found("tenant"),
            },
            ("POST", ["sso", name]) => match tenant(name) {
                Some(tenant) => self.redeem(tenant, request, moment),
                None => not_found("tenant"),
            },
            _ => not_found("tenant"),
        }
    }

    /// Whoever is chosen is believed, and comes back with a code that is good once. A `state` comes back as it was
    /// sent (OpenID Connect Core, 3.1.2.5).
    fn identity_provider(
        &mut self,
        tenant: &'static str,
        request: &Request,
        moment: &mut Moment,
    ) -> Reply {
        let redirect_uri = request.query("redirect_uri").unwrap_or_default();
        let Some(username) = request.query("username") else {
            return page(&request.path, &request.query);
        };
        let Some(login) = login(username) else {
            return not_found("user");
        };
        let code = moment.ids.hex();
        let mut answer = vec![("code", code.as_str())];
        answer.extend(request.query("state").map(|state| ("state", state)));
        let back = back_to(redirect_uri, &answer);
        let at = request.at;
        self.sso_codes.insert(code, SignedOn { tenant, login, at });
        back.unwrap_or_else(|| error(400, "invalid_parameter", "redirect_uri is no URL"))
    }

    /// As published, without a refresh token. A code is of one account, and is used up whoever tries it.
    fn redeem(&mut self, tenant: &'static str, request: &Request, moment: &mut Moment) -> Reply {
        let code = request.query("code").unwrap_or_default();
        let signed_on = self.sso_codes.remove(code).filter(|signed_on| {
            signed_on.tenant == tenant && request.at < signed_on.at + CODE_LIFETIME
        });
        let Some(SignedOn { login, .. }) = signed_on else {
            return error(
                400,
                "invalid_grant",
                "the code is unknown, too old, or was used before",
            );
        };
        let grant = Grant {
            client_id: AGENT_CLIENT,
            scope: "*".to_owned(),
            with_refresh: WithRefresh::No,
            login,
            sign_in: None,
        };
        self.tokens.issue(grant, moment)
    }
}

#[derive(serde::Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Begin {
    redirect_uri: Option<String>,
}

/// Inferred: without a `redirect_uri` the browser comes back to the origin itself, where the
/// vendor's own application is.
fn begin(tenant: &str, request: &Request) -> Reply {
    let asked = if request.body.is_empty() {
        Ok(Begin::default())
    } else {
        serde_json::from_slice::<Begin>(&request.body)
    };
    let host = request
        .headers
        .get("host")
        .and_then(|host| host.to_str().ok());
    let origin = format!("http://{}", host.unwrap_or("localhost"));
    let redirect_uri = match asked {
        Ok(asked) => asked.redirect_uri.unwrap_or_else(|| format!("{origin}/")),
        Err(problem) => return error(400, "invalid_json", &problem.to_string()),
    };
    if !is_url(&redirect_uri) {
        return error(400, "invalid_parameter", "redirect_uri must be a URL");
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("redirect_uri", &redirect_uri);
    let url = format!("{origin}/auth/sso/{tenant}/provider?{}", query.finish());
    Reply::json(200, &Begun { url })
}
