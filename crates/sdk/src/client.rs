//! The JavaScript class `Client`, for pages that bring their own interface.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Object, Promise};
use patchcord_core::error::Code;
use wasm_bindgen::prelude::*;

use crate::button::{Button, Order, Progress};
use crate::failure::Failure;
use crate::held::Held;
use crate::managed::{Ask, Managed};
use crate::relay::{Credential, Relay};
use crate::session::{Assertion, Sessions};
use crate::stream::{self, Watch};
use crate::{js, random, time};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("../types/patchcord.d.ts");

/// A relay, for a page's own interface.
#[wasm_bindgen(skip_typescript)]
pub struct Client {
    agent: Relay,
    sessions: Rc<Sessions>,
    visitor: Option<Relay>,
    watches: Held<Vec<(u32, Watch)>>,
    next: Cell<u32>,
}

#[wasm_bindgen]
impl Client {
    /// `{relay, assertion | sessionUrl, siteKey}`.
    ///
    /// # Errors
    /// `missing_attribute` without a relay.
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new(options: &JsValue) -> Result<Client, JsValue> {
        let Some(origin) = js::text(options, "relay") else {
            return Err(Failure::about("relay", Code::MissingAttribute).into_js());
        };
        let origin = origin.strip_suffix('/').unwrap_or(&origin);
        let sessions = Sessions::shared(origin, Assertion::read(options));
        let relay = |credential| Relay {
            origin: sessions.origin.clone(),
            credential,
        };
        let key = js::get(options, "siteKey");
        Ok(Client {
            agent: relay(Credential::Agent(sessions.clone())),
            visitor: key.is_string().then(|| relay(Credential::Visitor(key))),
            sessions,
            watches: Held::default(),
            next: Cell::new(0),
        })
    }

    /// `GET /v1/config`, as the visitor where there is a site key, else as the agent.
    #[wasm_bindgen(skip_typescript)]
    pub fn config(&self, options: &JsValue) -> Promise {
        ask(
            self.visitor.as_ref().unwrap_or(&self.agent),
            "/v1/config".to_owned(),
            options,
        )
    }

    /// `GET /v1/calls/{id}`.
    #[wasm_bindgen(js_name = getCall, skip_typescript)]
    pub fn get_call(&self, id: &str, options: &JsValue) -> Promise {
        let id: String = js_sys::encode_uri_component(id).into();
        ask(&self.agent, ["/v1/calls/", &id].concat(), options)
    }

    /// `POST /v1/calls`, as one click.
    #[wasm_bindgen(skip_typescript)]
    pub fn call(&self, request: &JsValue, options: &JsValue) -> Promise {
        send(&self.agent, "/v1/calls", request, options)
    }

    /// `POST /v1/callbacks`, as one click.
    #[wasm_bindgen(skip_typescript)]
    pub fn callback(&self, request: &JsValue, options: &JsValue) -> Promise {
        match &self.visitor {
            Some(visitor) => send(visitor, "/v1/callbacks", request, options),
            None => rejected(Failure::about("siteKey", Code::MissingAttribute)),
        }
    }

    /// `GET /v1/slots`: `{topic, from?, days?}`.
    #[wasm_bindgen(skip_typescript)]
    pub fn slots(&self, asked: &JsValue, options: &JsValue) -> Promise {
        let Some(visitor) = &self.visitor else {
            return rejected(Failure::about("siteKey", Code::MissingAttribute));
        };
        let mut path = "/v1/slots?".to_owned();
        for key in ["topic", "from", "days"] {
            let value = js::get(asked, key);
            if let Some(text) = value.as_string().or_else(|| js::digits(&value)) {
                let text: String = js_sys::encode_uri_component(&text).into();
                path = [&path, key, "=", &text, "&"].concat();
            }
        }
        ask(visitor, path, options)
    }

    /// A callback as it is now: one that has its `manage_token`.
    #[wasm_bindgen(js_name = getCallback, skip_typescript)]
    pub fn get_callback(&self, callback: &JsValue, options: &JsValue) -> Promise {
        self.manage(callback, Ask::Read, options)
    }

    /// Gives a callback another time; `null` is as soon as possible.
    #[wasm_bindgen(js_name = changeCallback, skip_typescript)]
    pub fn change_callback(&self, callback: &JsValue, at: &JsValue, options: &JsValue) -> Promise {
        self.manage(callback, Ask::Change(at.clone()), options)
    }

    /// Calls a callback off.
    #[wasm_bindgen(js_name = cancelCallback, skip_typescript)]
    pub fn cancel_callback(&self, callback: &JsValue, options: &JsValue) -> Promise {
        self.manage(callback, Ask::Cancel, options)
    }

    /// Tells `listener` about every change of a call that was accepted, until it is over.
    #[wasm_bindgen(skip_typescript)]
    pub fn watch(&self, call: &JsValue, listener: JsValue) -> u32 {
        let tell = Rc::new(move |call: &JsValue| {
            // A listener that throws is the page's own affair.
            let _ = js::call(&listener, &JsValue::UNDEFINED, std::slice::from_ref(call));
        });
        let number = self.next.get();
        self.next.set(number.wrapping_add(1));
        let watch = stream::watch(&self.sessions, call, tell);
        self.watches.borrow_mut().push((number, watch));
        number
    }

    /// Ends a watch.
    #[wasm_bindgen(skip_typescript)]
    pub fn unwatch(&self, watch: u32) {
        self.watches
            .borrow_mut()
            .retain(|(number, _)| *number != watch);
    }
}

impl Client {
    fn manage(&self, callback: &JsValue, what: Ask, options: &JsValue) -> Promise {
        let signal = js::get(options, "signal");
        match Managed::read(&self.agent.origin, callback) {
            Ok(managed) => {
                js::promise(
                    async move { managed.ask(what, signal).await.map_err(Failure::into_js) },
                )
            }
            Err(failure) => Promise::reject(&failure.into_js()),
        }
    }
}

fn ask(relay: &Relay, path: String, options: &JsValue) -> Promise {
    let asked = relay.clone().ask(path, js::get(options, "signal"));
    js::promise(async move { asked.await.map_err(Failure::into_js) })
}

/// Sends a request as one click: kept until ready, at most 10 s, sent once.
fn send(relay: &Relay, path: &'static str, request: &JsValue, options: &JsValue) -> Promise {
    let Some(body) = js::stringify(request).filter(|_| js::is_object(request)) else {
        return rejected(Failure::of(Code::PayloadInvalid));
    };
    let key = js::text(options, "idempotencyKey").unwrap_or_else(random::key);
    let signal = js::get(options, "signal");
    if js::get(&signal, "aborted").is_truthy() {
        return rejected(Failure::of(Code::Cancelled));
    }
    let ends = Object::new();
    let promise = Promise::new(&mut |resolve, reject| {
        js::set(&ends, "resolve", &resolve);
        js::set(&ends, "reject", &reject);
    });
    let button = Rc::new(Button::new(Box::new(move |progress| {
        let (end, value) = match progress {
            Progress::Waiting | Progress::Working => return,
            Progress::Accepted(object) => ("resolve", object),
            // The provider was asked and the reply has an outcome: that is a result, not an error.
            Progress::Refused(_, object) | Progress::Unknown(_, object) if object.is_object() => {
                ("resolve", object)
            }
            Progress::Refused(failure, _) => ("reject", with_outcome(failure, "refused")),
            Progress::Unknown(failure, _) => ("reject", with_outcome(failure, "unknown")),
        };
        // Settling a promise does not throw.
        let _ = js::invoke(&ends, end, &[value]);
    })));
    button.press(Order {
        relay: relay.clone(),
        path,
        body,
        key,
        at: time::now(),
        // In the request already, where the page's own interface asks for one.
        proof: JsValue::UNDEFINED,
        // The page's own interface knows what it wants to keep.
        kept: None,
    });
    if signal.is_object() {
        let cancel = Closure::once_into_js(move || button.cancel());
        let once = Object::new();
        js::set(&once, "once", &JsValue::TRUE);
        // What is no signal calls nothing off.
        let _ = js::invoke(
            &signal,
            "addEventListener",
            &["abort".into(), cancel, once.into()],
        );
    }
    promise
}

fn with_outcome(failure: Failure, outcome: &str) -> JsValue {
    let error = failure.into_js();
    js::set_text(error.unchecked_ref(), "outcome", Some(outcome));
    error
}

fn rejected(failure: Failure) -> Promise {
    Promise::reject(&with_outcome(failure, "refused"))
}
