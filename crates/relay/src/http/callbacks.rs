//! `/v1/callbacks`

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::address::ClientAddress;
use super::body::JsonBytes;
use super::client_config::language;
use super::cors;
use super::credentials::Visitor;
use super::path::Id;
use super::problem::{Document, Problem};
use crate::callbacks::{self, Change};
use crate::idempotent::{self, Given};
use crate::kept_reply;
use crate::manage::{self, Managed, Taken};
use crate::relay::Relay;
use crate::store::callback::Callback;
use crate::store::idempotency::{Claim, Known};

/// A visitor's wish to be called.
#[derive(ToSchema)]
#[schema(as = CallbackRequest)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member"
)]
pub struct CallbackBody {
    /// In E.164 form.
    number: String,
    /// 1 to 11 digits; no provider has a field for it, so it is not sent.
    extension: Option<String>,
    /// One of the key's topics.
    topic: String,
    /// RFC 3339; as soon as possible where it is left out.
    at: Option<String>,
    /// The form's fields, as the key's configuration names them.
    fields: Option<Map<String, Value>>,
    /// Any JSON object of at most 16384 bytes and 16 levels.
    payload: Option<Map<String, Value>>,
    /// What the visitor agreed to.
    consent: Option<ConsentBody>,
    /// Where a proof of work is asked for: the base64 of an ALTCHA payload.
    proof: Option<String>,
    /// Where a captcha is asked for: its answer.
    captcha: Option<String>,
    /// The page's address.
    page: Option<String>,
}

/// What a visitor agreed to.
#[derive(ToSchema)]
#[schema(as = ConsentGiven)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member"
)]
pub struct ConsentBody {
    /// The version of the text.
    version: String,
    /// Has to be true.
    given: bool,
}

/// What can be changed.
#[derive(ToSchema)]
#[schema(as = CallbackChange)]
#[expect(
    dead_code,
    reason = "describes the body, which is read member by member"
)]
pub struct ChangeBody {
    /// The new time, RFC 3339; null is as soon as possible.
    #[schema(required = true)]
    at: Option<String>,
}

/// Takes a wish to be called down. When this is answered, it is kept.
#[utoipa::path(
    post, path = "/v1/callbacks", tag = "visitors", request_body = CallbackBody, security(("key" = [])),
    params(("Idempotency-Key" = String, Header, description = "16 to 128 characters of A-Z a-z 0-9 - _, new for each wish")),
    responses(
        (status = 201, body = Taken<'static>, headers(("Idempotent-Replay" = String, description = "`true` if this is the first reply again"))),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn take(
    State(relay): State<Arc<Relay>>,
    Visitor(key): Visitor,
    ClientAddress(visitor): ClientAddress,
    headers: HeaderMap,
    JsonBytes(body): JsonBytes,
) -> Result<Given, Problem> {
    let claim = idempotent::claim(&headers, format!("key {}", key.key), &body)?;
    let wish = match callbacks::read(&relay, &key, &body) {
        Ok(wish) => wish,
        // What was good when it was first sent, such as a proof, may be too old when it is sent again.
        Err(problem) => return again(&relay, &claim).await?.ok_or(problem),
    };
    if let Some(captcha) = &key.captcha {
        // An answer can be checked once.
        if let Some(given) = again(&relay, &claim).await? {
            return Ok(given);
        }
        let answer = wish.captcha.as_deref();
        relay.captchas.check(captcha, answer).await?;
    }
    callbacks::take(&relay, &key, visitor, wish, claim).await
}

/// The first reply to this request, if there was one.
async fn again(relay: &Relay, claim: &Claim) -> Result<Option<Given>, Problem> {
    match relay.store.known(claim, relay.clock.now()).await? {
        Known::Answered(kept) => {
            let reply = kept_reply::open(relay, claim, kept)?;
            Ok(Some(Given::Again(reply)))
        }
        _ => Ok(None),
    }
}

/// A callback, for whoever has its manage token.
#[utoipa::path(
    get, path = "/v1/callbacks/{id}", tag = "visitors", security(("manage_token" = [])),
    params(
        ("id" = String, Path, description = "The relay's id of the callback"),
        ("lang" = Option<String>, Query, description = "The language of texts for people, as `de`"),
    ),
    responses(
        (status = 200, body = Managed<'static>),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn get(
    State(relay): State<Arc<Relay>>,
    Id(id): Id,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = language(query.as_deref())?;
    let callback = managed(&relay, &id, &headers).await?;
    Ok(view(&relay, &callback, &lang))
}

/// Gives a callback another time, as long as nobody has begun to hand it over.
#[utoipa::path(
    patch, path = "/v1/callbacks/{id}", tag = "visitors", request_body = ChangeBody, security(("manage_token" = [])),
    params(
        ("id" = String, Path, description = "The relay's id of the callback"),
        ("lang" = Option<String>, Query, description = "The language of texts for people, as `de`"),
    ),
    responses(
        (status = 200, body = Managed<'static>),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn change(
    State(relay): State<Arc<Relay>>,
    Id(id): Id,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    JsonBytes(body): JsonBytes,
) -> Result<Response, Problem> {
    let lang = language(query.as_deref())?;
    let callback = managed(&relay, &id, &headers).await?;
    let change = callbacks::read_change(&relay, &callback, &body)?;
    let callback = callbacks::change(&relay, &callback, change).await?;
    Ok(view(&relay, &callback, &lang))
}

/// Calls a callback off, as long as nobody has begun to hand it over.
#[utoipa::path(
    delete, path = "/v1/callbacks/{id}", tag = "visitors", security(("manage_token" = [])),
    params(
        ("id" = String, Path, description = "The relay's id of the callback"),
        ("lang" = Option<String>, Query, description = "The language of texts for people, as `de`"),
    ),
    responses(
        (status = 200, body = Managed<'static>),
        (status = "4XX", body = Document, content_type = "application/problem+json", description = "Refused"),
        (status = "5XX", body = Document, content_type = "application/problem+json", description = "The relay failed"),
    ),
)]
pub async fn cancel(
    State(relay): State<Arc<Relay>>,
    Id(id): Id,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lang = language(query.as_deref())?;
    let callback = managed(&relay, &id, &headers).await?;
    let callback = callbacks::change(&relay, &callback, Change::Cancel).await?;
    Ok(view(&relay, &callback, &lang))
}

/// The callback of this manage token, asked for from a page of its key or the relay's own.
async fn managed(relay: &Relay, id: &str, headers: &HeaderMap) -> Result<Callback, Problem> {
    let token = headers
        .get("patchcord-manage")
        .and_then(|value| value.to_str().ok());
    let callback = callbacks::find(
        relay,
        id,
        token.ok_or_else(callbacks::manage_token_invalid)?,
    )
    .await?;
    if let Some(key) = relay.config.keys.get(&callback.site_key) {
        let own = manage::own_page(&relay.config);
        cors::require(headers, |origin| {
            key.origins.contains(origin) || own == Some(origin)
        })?;
    }
    Ok(callback)
}

fn view(relay: &Relay, callback: &Callback, lang: &str) -> Response {
    (
        [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))],
        Json(Managed::of(&relay.config, callback, lang)),
    )
        .into_response()
}
