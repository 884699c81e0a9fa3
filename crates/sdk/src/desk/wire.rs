//! Sends what [`patchcord_core`] has written down, with `fetch`, and gives back what came.

use js_sys::{Object, Uint8Array};
use patchcord_core::http::{Failure, Method, Reply, Request, Response, StreamRequest};
use wasm_bindgen::JsValue;
use web_sys::AbortController;

use crate::fetch::{self, Reach};
use crate::{js, network};

/// A request that has no reply after so many milliseconds has none.
const REPLY_MS: u64 = 30_000;

/// A reply, with whether it is a problem document.
pub struct Got {
    /// Status and body.
    pub reply: Reply,
    /// The relay itself refused it.
    pub is_problem: bool,
}

/// Sends a request once and reads the whole reply. `key` is its idempotency key, for a relay.
pub async fn send(request: Request, key: Option<&str>) -> Got {
    let headers = headers(request.headers, request.bearer.as_ref());
    js::set_text(&headers, "Idempotency-Key", key);
    js::set_text(&headers, "Accept", Some("application/json"));
    let body = request.body.as_ref().map(|body| {
        js::set_text(&headers, "Content-Type", Some(body.content_type()));
        JsValue::from_str(body.text())
    });
    // Sure that there is no network: then nothing leaves.
    if !network::is_online() {
        return Got::nothing(Failure::NotSent("offline".to_owned()));
    }
    let (method, signal) = (request.method.as_str(), fetch::timeout(REPLY_MS));
    let body = body.unwrap_or_default();
    let response = fetch::begin(method, &request.url, &headers, &body, Reach::Relay, &signal);
    match js::settled(response).await {
        Ok(response) => read(&response).await,
        Err(_) => Got::nothing(Failure::Lost("fetch".to_owned())),
    }
}

/// Whether an origin answers at all; what it says is not looked at, and nothing is asked of it.
#[cfg(feature = "direct")]
pub async fn is_there(origin: &str) -> bool {
    let (headers, nothing) = (Object::new(), JsValue::UNDEFINED);
    let asked = fetch::begin("GET", origin, &headers, &nothing, Reach::Unread, &nothing);
    js::settled(asked).await.is_ok()
}

/// What became of asking for a stream.
pub enum Opened {
    /// What to call `read()` on.
    Reader(JsValue),
    /// A reply that is no stream.
    Not(Got),
    /// This browser cannot read a reply while it comes.
    Impossible,
}

/// Asks for a stream.
pub async fn open(request: StreamRequest, controller: &AbortController) -> Opened {
    let headers = headers(request.headers, Some(&request.bearer));
    js::set_text(&headers, "Last-Event-ID", request.after.as_deref());
    let body = match request.method {
        Method::Get => {
            js::set_text(&headers, "Accept", Some(request.content_type));
            JsValue::UNDEFINED
        }
        Method::Post | Method::Put | Method::Delete => {
            js::set_text(&headers, "Content-Type", Some(request.content_type));
            Uint8Array::from(&*request.body).into()
        }
    };
    let (method, signal) = (request.method.as_str(), controller.signal().into());
    let response = fetch::begin(method, &request.url, &headers, &body, Reach::Relay, &signal);
    let Ok(response) = js::settled(response).await else {
        return Opened::Not(Got::nothing(Failure::Lost("fetch".to_owned())));
    };
    if fetch::status(&response) != 200 || !fetch::is(&response, request.content_type) {
        return Opened::Not(read(&response).await);
    }
    match fetch::reader(&response) {
        Ok(reader) => Opened::Reader(reader),
        Err(_) => Opened::Impossible,
    }
}

/// The next bytes; `None` at the end, and where the connection broke.
pub async fn next(reader: &JsValue) -> Option<Vec<u8>> {
    let piece = js::settled(js::invoke(reader, "read", &[])).await.ok()?;
    fetch::bytes(&piece)
}

fn headers(fixed: &[(&str, &str)], bearer: Option<&patchcord_core::secret::Secret>) -> Object {
    let headers = Object::new();
    for (name, value) in fixed {
        js::set_text(&headers, name, Some(value));
    }
    if let Some(bearer) = bearer.filter(|bearer| !bearer.is_empty()) {
        let value = ["Bearer ", bearer.expose()].concat();
        js::set_text(&headers, "Authorization", Some(&value));
    }
    headers
}

async fn read(response: &JsValue) -> Got {
    let Ok(body) = fetch::body(response).await else {
        return Got::nothing(Failure::Lost("body".to_owned()));
    };
    Got {
        reply: Ok(Response {
            status: fetch::status(response),
            retry_after: fetch::header(response, "retry-after")
                .and_then(|seconds| seconds.parse().ok()),
            body: body.as_string().unwrap_or_default().into_bytes(),
        }),
        is_problem: fetch::is(response, "problem+json"),
    }
}

impl Got {
    fn nothing(failure: Failure) -> Self {
        Self {
            reply: Err(failure),
            is_problem: false,
        }
    }
}
