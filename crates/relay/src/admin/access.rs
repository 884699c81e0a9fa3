//! Who may open the admin pages: signing in and out, sessions, and where a form comes from.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use maud::html;
use patchcord_core::error::Code;
use serde::Deserialize;
use serde_json::Value;

use super::asked::{Fields, Query};
use super::attempts::{self, Turn};
use super::failure::Failure;
use super::page;
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::{self, Person, Role};
use crate::http::address::ClientAddress;
use crate::http::problem::Problem;
use crate::random::{self, Hash};
use crate::relay::Relay;
use crate::store::admin_session;

/// What the audit log calls the pages.
const PAGES: &str = "admin pages";
const COOKIE: &str = "patchcord_admin";
/// The page of the statistics.
pub const STATISTICS: &str = "/admin/statistics";
/// The same as a file.
pub const STATISTICS_CSV: &str = "/admin/statistics.csv";
/// Where a session ends.
pub const SIGN_OUT: &str = "/admin/sign-out";
/// How long somebody stays signed in: a working day.
const LIFETIME: Millis = 8 * 60 * 60 * 1000;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Admin {
    /// What the audit log calls them.
    pub name: String,
    /// What their forms have to say.
    pub word: String,
    /// What they may do.
    pub role: Role,
    session: Hash,
}

/// Where somebody of this role begins.
pub const fn home(role: Role) -> &'static str {
    match role {
        Role::Operator => "/admin",
        Role::Supervisor => STATISTICS,
    }
}

/// Whether somebody of this role may ask for this address, to see it or to change something. What is not named is
/// not allowed, so a page that is added is the operators' alone.
pub fn may_open(role: Role, path: &str) -> bool {
    match role {
        Role::Operator => true,
        Role::Supervisor => [STATISTICS, STATISTICS_CSV, SIGN_OUT].contains(&path),
    }
}

impl FromRequestParts<Arc<Relay>> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, relay: &Arc<Relay>) -> Result<Self, Response> {
        let secret = secret(&parts.headers);
        let session = random::hash(secret.as_bytes());
        let known = relay.store.admin(&session, relay.clock.now()).await;
        let name = known.map_err(|error| Failure::from(error).into_response())?;
        // Who is no longer in the configuration is out at once.
        let people = relay.config.admin.iter().flat_map(|admin| &admin.people);
        let person = name.and_then(|name| people.into_iter().find(|person| person.name == name));
        let path = parts.uri.path();
        match person {
            Some(person) if !may_open(person.role, path) => {
                Err(Failure::NotPermitted.into_response())
            }
            Some(person) => Ok(Self {
                name: person.name.clone(),
                word: word(secret),
                role: person.role,
                session,
            }),
            None => {
                let target = if parts.method == axum::http::Method::GET && path != "/admin" {
                    format!("/admin/sign-in?to={path}")
                } else {
                    "/admin/sign-in".to_owned()
                };
                Err(Redirect::to(&target).into_response())
            }
        }
    }
}

/// What somebody who is signed in wants done: a form from a page of their own session.
pub struct Order {
    /// Who.
    pub admin: Admin,
    fields: Fields,
}

impl Order {
    /// A field, empty where it is missing.
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name)
    }
}

impl Order {
    /// Who asks is known, and that they do from a page of their own session, before a form is believed.
    async fn read<F: Future<Output = Result<Fields, Problem>>>(
        request: Request,
        relay: &Arc<Relay>,
        read: impl FnOnce(Request) -> F,
    ) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        same_origin(&parts.headers, relay).map_err(IntoResponse::into_response)?;
        let admin = Admin::from_request_parts(&mut parts, relay).await?;
        let request = Request::from_parts(parts, body);
        let fields = read(request).await.map_err(IntoResponse::into_response)?;
        let said = fields.get("word");
        if verify_slices_are_equal(said.as_bytes(), admin.word.as_bytes()).is_err() {
            return Err(Failure::OtherSession.into_response());
        }
        Ok(Self { admin, fields })
    }
}

impl FromRequest<Arc<Relay>> for Order {
    type Rejection = Response;

    async fn from_request(request: Request, relay: &Arc<Relay>) -> Result<Self, Response> {
        Self::read(request, relay, |request| {
            Fields::from_request(request, relay)
        })
        .await
    }
}

/// The same, by a form that may have a file.
pub struct FileOrder(pub Order);

impl FromRequest<Arc<Relay>> for FileOrder {
    type Rejection = Response;

    async fn from_request(request: Request, relay: &Arc<Relay>) -> Result<Self, Response> {
        Order::read(request, relay, Fields::with_file)
            .await
            .map(Self)
    }
}

/// What signing in has to know.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    to: String,
}

/// `GET /admin/sign-in`
pub async fn ask(Query(wanted): Query<Wanted>) -> Response {
    form(StatusCode::OK, &wanted.to, None)
}

enum Tried {
    Welcome { secret: String },
    Wrong,
    TooOften,
}

/// `POST /admin/sign-in`
pub async fn sign_in(
    State(relay): State<Arc<Relay>>,
    headers: HeaderMap,
    ClientAddress(address): ClientAddress,
    given: Fields,
) -> Result<Response, Failure> {
    same_origin(&headers, &relay)?;
    let Some(admin) = &relay.config.admin else {
        return Err(Failure::NotFound);
    };
    let person = recognise(admin, given.get("token"));
    let to = person.map_or("/admin", |person| inside(given.get("to"), person.role));
    let person = person.map(|person| person.name.clone());
    let (address, now) = (relay.fingerprints.visitor(address), relay.clock.now());
    let secret = random::bearer("pca")?;
    let (turn, tried) = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let turn = attempts::turn(tx, &address, now).await?;
                if turn == Turn::None {
                    return Ok((turn, Tried::TooOften));
                }
                let Some(name) = person else {
                    attempts::count(tx, &address, now).await?;
                    // Where many fail, they must not fill the log; refusals are counted by the day.
                    if turn == Turn::Quick {
                        let (who, what) = (Actor::Relay, Action::SignInFailed);
                        audit::write(tx, who, what, PAGES, Value::Null, now).await?;
                    }
                    return Ok((turn, Tried::Wrong));
                };
                let session = random::hash(secret.as_bytes());
                admin_session::insert(tx, &session, &name, now, now + LIFETIME).await?;
                let (who, what) = (Actor::Admin(&name), Action::SessionOpened);
                audit::write(tx, who, what, PAGES, Value::Null, now).await?;
                Ok::<_, sqlx::Error>((turn, Tried::Welcome { secret }))
            })
        })
        .await?;
    if turn == Turn::Slow {
        tokio::time::sleep(attempts::LATER).await;
    }
    Ok(match tried {
        Tried::Welcome { secret } => {
            let cookie = cookie(&relay, &secret, LIFETIME / 1000);
            ([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response()
        }
        Tried::Wrong => again(
            given.get("to"),
            Problem::new(
                Code::SignInFailed,
                "That is no token that this relay knows.",
            ),
        ),
        Tried::TooOften => again(
            given.get("to"),
            Problem::new(
                Code::TooManyRequests,
                "Too many attempts failed from where you are. Wait a quarter of an hour.",
            ),
        ),
    })
}

/// The form of signing in once more, with why.
fn again(to: &str, problem: Problem) -> Response {
    let mut response = form(problem.status(), to, Some(problem.detail()));
    response.extensions_mut().insert(problem);
    response
}

/// `POST /admin/sign-out`
pub async fn sign_out(
    State(relay): State<Arc<Relay>>,
    Order { admin, .. }: Order,
) -> Result<Response, Failure> {
    let now = relay.clock.now();
    relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                admin_session::end(tx, &admin.session).await?;
                let (who, what) = (Actor::Admin(&admin.name), Action::SessionEnded);
                audit::write(tx, who, what, PAGES, Value::Null, now).await
            })
        })
        .await?;
    let cookie = cookie(&relay, "", 0);
    Ok((
        [(header::SET_COOKIE, cookie)],
        Redirect::to("/admin/sign-in"),
    )
        .into_response())
}

/// Whose token this is. Every one is compared, by their hashes, so that the time tells nothing.
fn recognise<'a>(admin: &'a config::Admin, token: &str) -> Option<&'a Person> {
    let given = random::hash(token.as_bytes());
    let mut found = None;
    for person in &admin.people {
        let known = random::hash(person.token.expose().as_bytes());
        if verify_slices_are_equal(&given, &known).is_ok() {
            found = Some(person);
        }
    }
    found
}

/// What the forms of a session have to say: only its holder can know it, and it does not tell the secret.
fn word(secret: &str) -> String {
    random::hex(&random::hash(format!("form {secret}").as_bytes()))
}

fn secret(headers: &HeaderMap) -> &str {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
        .unwrap_or_default()
}

fn cookie(relay: &Relay, secret: &str, seconds: Millis) -> HeaderValue {
    let admin = relay.config.admin.as_ref();
    let secure = if admin.is_some_and(|admin| admin.origin.starts_with("https:")) {
        "; Secure"
    } else {
        ""
    };
    let text = format!(
        "{COOKIE}={secret}; Path=/admin; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
    );
    // Hex and digits: always a header.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// Every form comes from a page of the configured origin. Browsers say so with each of them.
fn same_origin(headers: &HeaderMap, relay: &Relay) -> Result<(), Failure> {
    let wanted = relay.config.admin.as_ref().map(|admin| &admin.origin);
    let said = headers
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok());
    if said.is_some() && said == wanted.map(String::as_str) {
        return Ok(());
    }
    tracing::warn!("a form for the admin pages came from another origin than `admin.origin`");
    Err(Failure::OtherSite)
}

/// A page of ours that somebody of this role may open, else their first one: nobody is sent elsewhere.
fn inside(path: &str, role: Role) -> &str {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/_-".contains(&b);
    let ours = path.starts_with("/admin/") && !path.contains("//") && path.bytes().all(plain);
    if ours && may_open(role, path) {
        path
    } else {
        home(role)
    }
}

fn form(status: StatusCode, to: &str, wrong: Option<&str>) -> Response {
    let body = html! {
        @if let Some(wrong) = wrong {
            p.bad role="alert" { (wrong) }
        }
        form.stack method="post" action="/admin/sign-in" {
            input type="hidden" name="to" value=(inside(to, Role::Operator));
            label for="token" { "Your token" }
            input id="token" type="password" name="token" required autocomplete="current-password" autofocus;
            button.main { "Sign in" }
        }
        p.quiet {
            "Signed in already, and came here by a link? "
            a href=(inside(to, Role::Operator)) { "Go on" }
        }
    };
    (status, page::bare("Sign in", &body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_to_a_page_of_ours_alone() {
        let inside = |path| inside(path, Role::Operator);
        assert_eq!(inside("/admin/alerts/al_1"), "/admin/alerts/al_1");
        for elsewhere in [
            "",
            "https://evil.example",
            "//evil.example",
            "/admin//evil.example",
            "/admin/../v1/calls",
            "/admin/\\evil.example",
            "/admin/x\r\nSet-Cookie: a=b",
            "/administrator",
        ] {
            assert_eq!(inside(elsewhere), "/admin", "{elsewhere:?}");
        }
    }

    #[test]
    fn a_supervisor_begins_with_the_statistics_and_opens_nothing_else() {
        for (wanted, led) in [
            ("", STATISTICS),
            (STATISTICS, STATISTICS),
            ("/admin/outbox", STATISTICS),
            ("/admin", STATISTICS),
        ] {
            assert_eq!(inside(wanted, Role::Supervisor), led, "{wanted}");
        }
        assert!(may_open(Role::Supervisor, SIGN_OUT));
        for closed in ["/admin", "/admin/statistics/x", "/admin/dialling", ""] {
            assert!(!may_open(Role::Supervisor, closed), "{closed}");
        }
    }

    #[test]
    fn a_forms_word_does_not_tell_the_session() {
        assert_ne!(word("pca_1"), word("pca_2"));
        assert!(!word("pca_1").contains("pca_1"));
        assert_ne!(
            word("pca_1"),
            random::hex(&random::hash(b"pca_1")),
            "the database holds that hash"
        );
    }
}
