//! `<patchcord-callback>`.

use std::rc::{Rc, Weak};

use js_sys::Object;
use leptos::prelude::*;
use patchcord::button::{Button, Order, Progress};
use patchcord::failure::Failure;
use patchcord::held::Held;
use patchcord::relay::{Credential, Relay};
use patchcord::{js, network, random, time};
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;

use crate::face::{Face, Place, Shown, find, put};
use crate::host::{Host, copy, with_more};
use crate::mounted::{Element, button};
use crate::questions::Questions;

/// The markup. The hidden rows are models: the form has copies of them.
pub fn view() -> impl Render {
    view! {
        <div class="box callback">
            <form novalidate part="form">
                <div class="field text" hidden>
                    <label part="label"><span class="label"></span><small class="optional"></small></label>
                    <input type="text" part="input"/>
                    <small class="hint"></small>
                    <small class="wrong" part="error"></small>
                </div>
                <div class="field choice" hidden>
                    <label part="label"><span class="label"></span></label>
                    <select part="input"><option hidden></option></select>
                    <small class="hint"></small>
                    <small class="wrong" part="error"></small>
                </div>
                <div class="field box-line" hidden>
                    <label class="consent" part="label"><input type="checkbox"/><span class="label"></span></label>
                    <small class="hint"></small>
                    <small class="wrong" part="error"></small>
                </div>
                <div class="rows"></div>
                <button class="main" part="button" type="submit"><span part="label"></span></button>
                <button class="plain cancel" part="button" type="button"></button>
                <span class="status" part="status" role="status"><b></b><span></span></span>
            </form>
            <div class="done" part="status" tabindex="-1">
                <span class="tick" aria-hidden="true"></span>
                <b></b>
                <span class="number"></span>
                <span class="reference"></span>
            </div>
        </div>
    }
}

/// What changes.
const PLACES: &[Place] = &[
    Place {
        node: "form",
        property: "hidden",
        read: |face| (face.state == "accepted").into(),
    },
    Place {
        node: ".done",
        property: "hidden",
        read: |face| (face.state != "accepted").into(),
    },
    Place {
        node: ".done b",
        property: "textContent",
        read: |face| face.headline.clone(),
    },
    Place {
        node: ".done .number",
        property: "textContent",
        read: |face| face.advice.clone(),
    },
    Place {
        node: ".done .reference",
        property: "textContent",
        read: |face| face.reference.clone(),
    },
];

/// One callback form.
pub struct CallbackForm {
    shown: Shown,
    questions: Questions,
    host: Host,
    button: Button,
    detail: Held<Object>,
    /// Body and key of the newest attempt: the same request goes out under the same key, so that sending it
    /// again does not count twice.
    last: Held<(String, String)>,
}

impl Element for CallbackForm {
    fn update(&self) {
        // The options are read when the form is sent.
    }

    fn on_event(&self, event: &JsValue) {
        let (kind, target) = (js::text(event, "type"), js::get(event, "target"));
        match kind.as_deref() {
            Some("submit") => {
                // Our own form's event: it can be prevented.
                let _ = js::invoke(event, "preventDefault", &[]);
                self.submit();
            }
            Some("click") if target == find(&self.host.root, ".cancel") => self.close(),
            _ => {}
        }
    }

    fn on_progress(&self, progress: Progress) {
        let texts = &self.host.texts;
        let detail = with_more(&self.detail.borrow());
        let (state, headline, advice) = match progress {
            Progress::Waiting => {
                let key = if network::is_online() {
                    "call.waiting"
                } else {
                    "call.offline"
                };
                ("waiting", texts.get(key), JsValue::UNDEFINED)
            }
            Progress::Working => ("working", texts.get("callback.working"), JsValue::UNDEFINED),
            Progress::Accepted(callback) => {
                for key in ["at", "reference"] {
                    js::set(&detail, key, &js::get(&callback, key));
                }
                // The next request is another one, also with the same words.
                self.last.take();
                self.host.emit("callbackqueued", &detail);
                if let Some(reference) = js::text(&callback, "reference") {
                    let text = texts.fill("callback.reference", "reference", &reference);
                    self.shown.change(|face| face.reference = text);
                }
                self.host.focus(".done");
                let passed_on = js::text(&callback, "state").as_deref() == Some("handed_over");
                let number = js::text(&detail, "number").unwrap_or_default();
                let key = if passed_on {
                    "callback.passed"
                } else {
                    "callback.queued"
                };
                (
                    "accepted",
                    texts.get(key),
                    texts.fill("callback.queued.number", "number", &number),
                )
            }
            Progress::Refused(failure, _) => {
                self.last.take();
                self.host.emit_failure("callbackrefused", &detail, &failure);
                if failure.is(Code::Cancelled) {
                    // Whoever called it off knows.
                    ("idle", JsValue::UNDEFINED, JsValue::UNDEFINED)
                } else {
                    let text = texts.failure(&failure);
                    if let Some(index) = failure
                        .field()
                        .and_then(|field| self.questions.index(&field))
                    {
                        self.shown.change(|face| {
                            if let Some(wrong) = face.wrong.get_mut(index) {
                                wrong.clone_from(&text);
                            }
                        });
                        self.host.focus("[aria-invalid]");
                    }
                    ("refused", text, texts.remedy(&failure))
                }
            }
            Progress::Unknown(failure, _) => {
                self.host.emit_failure("callbackunknown", &detail, &failure);
                (
                    "unknown",
                    texts.get("callback.unknown"),
                    texts.get("callback.unknown.remedy"),
                )
            }
        };
        self.shown.change(|face| face.say(state, headline, advice));
    }

    fn close(&self) {
        self.button.cancel();
    }
}

impl CallbackForm {
    /// The form for `host`, whose markup is there; puts the fields into it.
    pub fn new(host: Host) -> Rc<Self> {
        let form = find(&host.root, "form");
        let config = js::get(&host.object, "config");
        let questions = Questions::ask(&form, &config, &host.options(), &host.texts);
        let face = Face {
            state: "idle",
            label: host.texts.get("callback.submit"),
            ..Face::default()
        };
        Rc::new_cyclic(|me: &Weak<Self>| Self {
            shown: Shown::new(&host.root, PLACES, questions.fields(), face),
            questions,
            host,
            button: button(me.clone()),
            detail: Held::default(),
            last: Held::default(),
        })
    }

    /// Puts in what the visitor had filled in before, and says that it is ready.
    pub fn start(&self) {
        let Host {
            object,
            root,
            texts,
        } = &self.host;
        put(&find(root, ".cancel"), "textContent", &texts.get("cancel"));
        self.questions
            .fill_in(&js::get(&js::get(object, "pending"), "fields"));
        self.host.emit("patchcordready", &Object::new());
    }

    fn submit(&self) {
        if self.button.is_busy() {
            return;
        }
        let (wrong, number) = self.questions.check(&self.host.texts);
        let is_wrong = wrong.iter().any(|text| !text.is_undefined());
        self.shown.change(|face| {
            face.say("idle", JsValue::UNDEFINED, JsValue::UNDEFINED);
            face.wrong = wrong;
        });
        let Some(number) = number.filter(|_| !is_wrong) else {
            return self.host.focus("[aria-invalid]");
        };
        let options = self.host.options();
        let given = js::get(&options, "payload");
        let payload = copy(&given);
        let body = js::stringify(&self.questions.body(&number, &payload)).unwrap_or_default();
        let key = self.key(&body);
        let detail = Object::new();
        js::set_text(&detail, "id", Some(&key));
        js::set_text(&detail, "number", Some(number.number.as_e164()));
        js::set(&detail, "provider", &JsValue::UNDEFINED);
        if payload.is_object() {
            js::set(&detail, "payload", &payload);
        }
        self.detail.replace(detail.clone());
        if !self.host.emit("callbackrequested", &detail) {
            return;
        }
        if given.is_truthy() && payload.is_undefined() {
            let failure = Failure::about("payload", Code::PayloadInvalid);
            return self.on_progress(Progress::Refused(failure, JsValue::UNDEFINED));
        }
        let relay = Relay {
            origin: js::text(&options, "relay").unwrap_or_default().into(),
            credential: Credential::Visitor(js::get(&options, "siteKey")),
        };
        self.button.press(Order {
            relay,
            path: "/v1/callbacks",
            body,
            key,
            at: time::now(),
            proof: js::get(&self.host.object, "proof"),
        });
    }

    fn key(&self, body: &str) -> String {
        let mut last = self.last.borrow_mut();
        if last.0 != body {
            *last = (body.to_owned(), random::key());
        }
        last.1.clone()
    }
}
