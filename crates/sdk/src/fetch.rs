//! One HTTP request with `fetch`.
//!
//! `fetch` may be patched by a page and may reject with anything, also with something that is no `Error`:
//! all of it is [`Lost`].

use std::pin::Pin;

use js_sys::Object;
use wasm_bindgen::JsValue;

use crate::js;

/// How long a reply is waited for, in milliseconds.
pub const TIMEOUT_MS: u64 = patchcord_core::click::REPLY_MS;

/// A request.
#[derive(Default)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// The address.
    pub url: String,
    /// Headers. `Debug` is missing on purpose: one of them may be a session.
    pub headers: Vec<(&'static str, String)>,
    /// A JSON body.
    pub body: Option<String>,
    /// Whose address it is.
    pub reach: Reach,
    /// An `AbortSignal`; without one the request ends after [`TIMEOUT_MS`].
    pub signal: Option<JsValue>,
}

/// Whose address a request goes to.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// The relay's: no cookies.
    #[default]
    Relay,
    /// The page's own server: with its cookies, and nowhere else.
    SameOrigin,
}

/// A reply, read to its end.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Whether it calls itself JSON.
    pub is_json: bool,
    /// The body.
    pub body: String,
}

/// No reply: the request may or may not have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

/// Sends a request and reads the reply.
///
/// # Errors
/// [`Lost`] for whatever keeps a reply from arriving whole.
pub fn send(request: Request) -> Pending<Reply> {
    Box::pin(read(request))
}

/// Sends a request and gives the `Response`, its body unread.
///
/// # Errors
/// [`Lost`] for whatever keeps a response from arriving.
pub fn open(request: Request) -> Pending<JsValue> {
    Box::pin(response(request))
}

/// What becomes of a request. Boxed, so that its machinery is compiled once and not into every caller.
pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T, Lost>>>>;

async fn read(request: Request) -> Result<Reply, Lost> {
    let response = open(request).await?;
    let body = js::invoke(&response, "text", &[]).map_err(|_| Lost)?;
    let body = js::settled(&body).await.map_err(|_| Lost)?;
    Ok(Reply {
        status: status(&response),
        is_json: content_type(&response).is_some_and(|kind| is_json(&kind)),
        body: body.as_string().ok_or(Lost)?,
    })
}

async fn response(request: Request) -> Result<JsValue, Lost> {
    let headers = Object::new();
    for (name, value) in &request.headers {
        js::set_text(&headers, name, Some(value));
    }
    if request.body.is_some() {
        js::set_text(&headers, "Content-Type", Some("application/json"));
    }
    let init = Object::new();
    let (mode, credentials) = match request.reach {
        Reach::Relay => ("cors", "omit"),
        Reach::SameOrigin => ("same-origin", "same-origin"),
    };
    js::set_text(&init, "method", Some(request.method));
    js::set_text(&init, "body", request.body.as_deref());
    js::set_text(&init, "mode", Some(mode));
    js::set_text(&init, "credentials", Some(credentials));
    js::set(&init, "headers", &headers);
    js::set(&init, "signal", &request.signal.unwrap_or_else(timeout));
    let response = js::invoke(&js::global(), "fetch", &[request.url.into(), init.into()]);
    js::settled(&response.map_err(|_| Lost)?)
        .await
        .map_err(|_| Lost)
}

/// A response's status, 0 where it has none.
pub fn status(response: &JsValue) -> u16 {
    // Saturates, and what is no number becomes 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let status = js::get(response, "status").as_f64().unwrap_or_default() as u16;
    status
}

/// A response's content type.
pub fn content_type(response: &JsValue) -> Option<String> {
    js::invoke(
        &js::get(response, "headers"),
        "get",
        &["content-type".into()],
    )
    .ok()?
    .as_string()
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
        || essence.eq_ignore_ascii_case("application/problem+json")
}

/// A signal that aborts after [`TIMEOUT_MS`]; `undefined` in a browser without `AbortSignal.timeout`.
fn timeout() -> JsValue {
    #[allow(clippy::cast_precision_loss)]
    let milliseconds = JsValue::from_f64(TIMEOUT_MS as f64);
    js::invoke(
        &js::get(&js::global(), "AbortSignal"),
        "timeout",
        &[milliseconds],
    )
    .unwrap_or(JsValue::UNDEFINED)
}
