//! One HTTP request with `fetch`.
//!
//! `fetch` may be patched by a page and may reject with anything, also with something that is no `Error`:
//! all of it is [`Lost`].

use std::pin::Pin;

use js_sys::{Object, Uint8Array};
use patchcord_core::click::REPLY_MS;
use patchcord_core::text;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::js;

/// A request. It has no `Debug`: a header may be a session.
pub struct Request<'a> {
    /// The method.
    pub method: &'static str,
    /// The address.
    pub url: &'a str,
    /// Headers by name.
    pub headers: Object,
    /// A JSON body.
    pub body: Option<&'a str>,
    /// Whose address it is.
    pub reach: Reach,
    /// An `AbortSignal`; `undefined` for one that ends the request after [`REPLY_MS`].
    pub signal: JsValue,
}

/// Whose address a request goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The relay's, or a platform's: no cookies.
    Relay,
    /// The page's own server: with its cookies, and nowhere else.
    SameOrigin,
    /// Anybody's: no cookies, and what the reply says cannot be read.
    #[cfg(feature = "direct")]
    Unread,
}

/// A reply, read to its end.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body, where the reply is a JSON object and says so.
    pub object: Option<JsValue>,
}

/// No reply: the request may or may not have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lost;

/// What becomes of a request. Boxed, so that its machinery is compiled once and not into every caller.
pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T, Lost>>>>;

/// Sends a request at once and reads the reply.
///
/// # Errors
/// [`Lost`] for whatever keeps a reply from arriving whole.
pub fn send(request: Request<'_>) -> Pending<Reply> {
    Box::pin(read(start(request)))
}

/// Sends a request at once and gives the `Response`, its body unread.
///
/// # Errors
/// [`Lost`] for whatever keeps a response from arriving.
pub fn open(request: Request<'_>) -> Pending<JsValue> {
    Box::pin(response(start(request)))
}

fn start(request: Request<'_>) -> Result<JsValue, JsValue> {
    if request.body.is_some() {
        js::set_text(&request.headers, "Content-Type", Some("application/json"));
    }
    let signal = if request.signal.is_undefined() {
        timeout(REPLY_MS)
    } else {
        request.signal
    };
    let body = request.body.map(JsValue::from_str).unwrap_or_default();
    let (method, url) = (request.method, request.url);
    begin(method, url, &request.headers, &body, request.reach, &signal)
}

/// Starts a request: what it gives is a promise of a `Response`.
///
/// # Errors
/// What `fetch` threw.
#[inline(never)]
pub fn begin(
    method: &str,
    url: &str,
    headers: &Object,
    body: &JsValue,
    reach: Reach,
    signal: &JsValue,
) -> Result<JsValue, JsValue> {
    let init = Object::new();
    let (mode, credentials) = match reach {
        Reach::Relay => ("cors", "omit"),
        Reach::SameOrigin => ("same-origin", "same-origin"),
        #[cfg(feature = "direct")]
        Reach::Unread => ("no-cors", "omit"),
    };
    js::set_text(&init, "method", Some(method));
    js::set_text(&init, "mode", Some(mode));
    js::set_text(&init, "credentials", Some(credentials));
    js::set_text(&init, "cache", Some("no-store"));
    js::set(&init, "headers", headers);
    js::set(&init, "body", body);
    js::set(&init, "signal", signal);
    js::invoke(&js::global(), "fetch", &[url.into(), init.into()])
}

async fn response(started: Result<JsValue, JsValue>) -> Result<JsValue, Lost> {
    js::settled(started).await.map_err(|_| Lost)
}

async fn read(started: Result<JsValue, JsValue>) -> Result<Reply, Lost> {
    let response = response(started).await?;
    let body = body(&response).await.map_err(|_| Lost)?;
    let object = if is(&response, "json") {
        js::parse_object(&body)
    } else {
        None
    };
    Ok(Reply {
        status: status(&response),
        object,
    })
}

/// Reads a response's body, as text of the browser.
pub fn body(response: &JsValue) -> JsFuture {
    js::settled(js::invoke(response, "text", &[]))
}

/// What to call `read()` on, for a body that is read while it comes.
///
/// # Errors
/// In a browser that cannot.
pub fn reader(response: &JsValue) -> Result<JsValue, JsValue> {
    js::invoke(&js::get(response, "body"), "getReader", &[])
}

/// The bytes of what `read()` gave; `None` at the end.
pub fn bytes(piece: &JsValue) -> Option<Vec<u8>> {
    let bytes = js::get(piece, "value");
    (!bytes.is_undefined()).then(|| Uint8Array::new(&bytes).to_vec())
}

/// A response's header, where it has it.
pub fn header(response: &JsValue, name: &str) -> Option<String> {
    let value = js::invoke(&js::get(response, "headers"), "get", &[name.into()]);
    value.ok()?.as_string()
}

/// A response's status, 0 where it has none.
pub fn status(response: &JsValue) -> u16 {
    // Saturates, and what is no number becomes 0.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let status = js::get(response, "status").as_f64().unwrap_or_default() as u16;
    status
}

/// Whether a response's content type ends in `kind`: `application/json`, `application/problem+json`,
/// `text/event-stream`.
pub fn is(response: &JsValue, kind: &str) -> bool {
    let header = header(response, "content-type").unwrap_or_default();
    let essence = text::split(&header, b';').map_or(&*header, |(essence, _)| essence);
    essence.trim_ascii().ends_with(kind)
}

/// A signal that aborts after so long; `undefined` in a browser without `AbortSignal.timeout`.
pub fn timeout(milliseconds: u64) -> JsValue {
    #[allow(clippy::cast_precision_loss)] // Seconds, not centuries.
    let milliseconds = JsValue::from_f64(milliseconds as f64);
    js::invoke(
        &js::get(&js::global(), "AbortSignal"),
        "timeout",
        &[milliseconds],
    )
    .unwrap_or(JsValue::UNDEFINED)
}
