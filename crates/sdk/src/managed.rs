//! A callback that was taken down, for whoever has its manage token: read, changed, called off, followed.

use std::rc::Rc;

use js_sys::Object;
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;

use crate::failure::Failure;
use crate::fetch::{self, Lost, Reach, Request};
use crate::{answer, js};

/// A callback and the right to it. It has no `Debug`: the token is a secret.
#[derive(Clone)]
pub struct Managed {
    url: Rc<str>,
    token: JsValue,
}

/// What is asked about a callback.
#[derive(Clone)]
pub enum Ask {
    /// How it stands.
    Read,
    /// Another time, RFC 3339; `null` for as soon as possible.
    Change(JsValue),
    /// Not to be called.
    Cancel,
}

impl Managed {
    /// The callback that an object names by `id` and `manage_token`.
    ///
    /// # Errors
    /// `missing_field` where one of them is no text.
    pub fn read(origin: &str, object: &JsValue) -> Result<Self, Failure> {
        let (id, token) = (js::text(object, "id"), js::get(object, "manage_token"));
        match id.filter(|_| token.is_string()) {
            Some(id) => {
                let id: String = js_sys::encode_uri_component(&id).into();
                Ok(Self {
                    url: [origin, "/v1/callbacks/", &id].concat().into(),
                    token,
                })
            }
            None => Err(Failure::about("manage_token", Code::MissingField)),
        }
    }

    /// Asks the relay, and gives the callback as it is then.
    ///
    /// # Errors
    /// The problem, such as `too_late`, or why there was no readable reply. A change may have been carried out then:
    /// without any reply it is `no_reply`, and a question `relay_unreachable`.
    pub async fn ask(self, what: Ask, signal: JsValue) -> Result<JsValue, Failure> {
        let headers = Object::new();
        js::set(&headers, "Patchcord-Manage", &self.token);
        let (method, body) = match what {
            Ask::Read => ("GET", None),
            Ask::Cancel => ("DELETE", None),
            Ask::Change(at) => {
                let change = Object::new();
                js::set(&change, "at", &at);
                ("PATCH", js::stringify(&change))
            }
        };
        let reply = fetch::send(Request {
            method,
            url: &self.url,
            headers,
            body: body.as_deref(),
            reach: Reach::Relay,
            signal,
        });
        match reply.await {
            Err(Lost) if method != "GET" => Err(Failure::of(Code::NoReply)),
            reply => answer::object(reply),
        }
    }
}

/// Whether nothing more will be told about a callback.
pub fn is_over(callback: &JsValue) -> bool {
    !is_waiting(callback) && js::text(callback, "state").as_deref() != Some("dispatching")
}

/// Whether a callback is still with the relay, so that it can be changed.
pub fn is_waiting(callback: &JsValue) -> bool {
    matches!(
        js::text(callback, "state").as_deref(),
        Some("queued" | "due")
    )
}
