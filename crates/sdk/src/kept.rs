//! What a tab keeps: across a reload in its `sessionStorage`, and until then on the host, as `last`. A page without storage
//! keeps nothing across a reload.

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};

use crate::{js, time};

/// How long a relay knows a request by its key, in milliseconds. After that it would be another request.
const KNOWN_MS: f64 = 24.0 * 3_600_000.0;
/// For how long a request is sent again without anybody asking for it, in milliseconds.
const SENT_AGAIN_MS: f64 = 600_000.0;

/// What is kept for one host, under the name that it has for that; without a name nothing is stored.
#[derive(Clone)]
pub struct Kept {
    host: JsValue,
    name: JsValue,
}

/// A request that was sent and not answered.
pub struct Sent {
    /// Its idempotency key.
    pub key: String,
    /// Its body, with its proof.
    pub body: String,
    /// When it went out for the first time, in milliseconds since the epoch.
    at: f64,
}

impl Sent {
    /// As it is kept.
    #[allow(clippy::cast_precision_loss)] // Milliseconds since the epoch fit.
    pub fn written(key: &str, body: &str, at: u64) -> JsValue {
        let sent = Object::new();
        js::set_text(&sent, "key", Some(key));
        js::set_text(&sent, "body", Some(body));
        js::set(&sent, "at", &JsValue::from_f64(at as f64));
        sent.into()
    }

    /// A request that the relay still knows by its key, if this is one.
    pub fn read(kept: &JsValue) -> Option<Self> {
        let sent = Self {
            key: js::text(kept, "key")?,
            body: js::text(kept, "body")?,
            at: js::get(kept, "at").as_f64()?,
        };
        (sent.age() < KNOWN_MS).then_some(sent)
    }

    /// Whether it is young enough to be sent again by itself.
    pub fn is_fresh(&self) -> bool {
        self.age() < SENT_AGAIN_MS
    }

    /// Whether it asks for what `body`, which has no proof yet, asks for. The proof is the last member.
    pub fn is_of(&self, body: &str) -> bool {
        body.strip_suffix('}')
            .is_some_and(|body| self.body.starts_with(body))
    }

    #[allow(clippy::cast_precision_loss)] // As above.
    fn age(&self) -> f64 {
        time::now() as f64 - self.at
    }
}

impl Kept {
    /// What is kept for `host`.
    pub fn of(host: &JsValue) -> Self {
        Self {
            host: host.clone(),
            name: js::get(host, "kept"),
        }
    }

    /// What was kept across a reload, if it is an object.
    pub fn read(&self) -> Option<JsValue> {
        let text = self.storage("getItem", JsValue::UNDEFINED)?;
        js::parse_object(&text)
    }

    /// The request that was sent from this page last, and not answered.
    pub fn sent(&self) -> Option<Sent> {
        Sent::read(&js::get(&self.host, "last"))
    }

    /// Keeps an object in the place of what was kept.
    pub fn put(&self, object: &JsValue) {
        self.remember(object);
        if let Some(text) = js::stringify(object) {
            self.storage("setItem", text.into());
        }
    }

    /// Keeps nothing any more.
    pub fn forget(&self) {
        self.remember(&JsValue::UNDEFINED);
        self.storage("removeItem", JsValue::UNDEFINED);
    }

    fn remember(&self, object: &JsValue) {
        js::set(self.host.unchecked_ref(), "last", object);
    }

    /// `None` where storage is refused, or full.
    fn storage(&self, method: &str, value: JsValue) -> Option<JsValue> {
        if !self.name.is_string() {
            return None;
        }
        let storage = js::get(&js::global(), "sessionStorage");
        js::invoke(&storage, method, &[self.name.clone(), value]).ok()
    }
}
