//! `<patchcord-callback>`: what it does.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use js_sys::Object;
use leptos::prelude::*;
use patchcord::button::{Button, Order, Progress};
use patchcord::failure::Failure;
use patchcord::relay::{Credential, Relay};
use patchcord::{js, network, random, time};
use patchcord_core::error::Code;
use wasm_bindgen::{JsCast, JsValue};

use crate::face::{Face, Shown, change};
use crate::host::{Host, copy, with_more};
use crate::questions::{Questions, field};

/// One callback form.
pub struct CallbackForm {
    /// What it shows.
    pub shown: Shown,
    /// The element.
    pub host: Host,
    /// What it asks for.
    pub questions: Questions,
    button: OnceCell<Button>,
    detail: RefCell<Object>,
    /// Body and key of the newest attempt: the same request goes out under the same key, so that sending it
    /// again does not count twice.
    last: RefCell<(String, String)>,
}

impl CallbackForm {
    /// A form for `host`, not rendered yet.
    pub fn new(host: Host) -> Rc<Self> {
        let config = js::get(&host.object, "config");
        let questions = Questions::read(&config, &host.options(), &host.texts);
        let label = host.texts.get("callback.submit");
        let this = Rc::new(Self {
            shown: RwSignal::new_local(Face {
                state: "idle",
                label,
                ..Face::default()
            }),
            host,
            questions,
            button: OnceCell::new(),
            detail: RefCell::default(),
            last: RefCell::default(),
        });
        let weak = Rc::downgrade(&this);
        this.button.get_or_init(|| {
            Button::new(move |progress| {
                if let Some(this) = weak.upgrade() {
                    this.on_progress(progress);
                }
            })
        });
        this
    }

    /// Puts in what the visitor had filled in before, and says that it is ready.
    pub fn start(&self) {
        let form = self.form();
        for (id, value) in js::entries(&js::get(&self.host.pending(), "fields")) {
            let input = field(&form, &id);
            if input.is_object() {
                let is_box = js::text(&input, "type").as_deref() == Some("checkbox");
                js::set(
                    input.unchecked_ref(),
                    if is_box { "checked" } else { "value" },
                    &value,
                );
            }
        }
        self.host.emit("patchcordready", &Object::new());
    }

    /// The form was submitted.
    pub fn submit(&self) {
        let Some(button) = self.button.get().filter(|button| !button.is_busy()) else {
            return;
        };
        let form = self.form();
        let (wrong, number) = self.questions.check(&form, &self.host.texts);
        let is_wrong = wrong.iter().any(|text| !text.is_empty());
        change(self.shown, |face| {
            face.say("idle", String::new(), String::new());
            face.wrong = wrong;
        });
        let Some(number) = number.filter(|_| !is_wrong) else {
            self.host.focus("[aria-invalid]");
            return;
        };
        let options = self.host.options();
        let given = js::get(&options, "payload");
        let payload = copy(&given);
        let body = match &payload {
            None if given.is_truthy() => None,
            payload => self.questions.body(&form, &number, payload.as_ref()),
        };
        let detail = Object::new();
        js::set_text(&detail, "number", Some(number.number.as_e164()));
        js::set(&detail, "provider", &JsValue::UNDEFINED);
        if let Some(payload) = payload {
            js::set(&detail, "payload", &payload);
        }
        let key = self.key(body.as_deref().unwrap_or_default());
        js::set_text(&detail, "id", Some(&key));
        self.detail.replace(detail.clone());
        if !self.host.emit("callbackrequested", &detail) {
            return;
        }
        let Some(body) = body else {
            let failure = Failure::of(Code::PayloadInvalid);
            return self.on_progress(Progress::Refused(failure, JsValue::UNDEFINED));
        };
        let relay = Relay {
            origin: js::text(&options, "relay").unwrap_or_default(),
            credential: Credential::Visitor(js::text(&options, "siteKey").unwrap_or_default()),
        };
        button.press(Order {
            relay,
            path: "/v1/callbacks",
            body,
            key,
            at: time::now(),
        });
    }

    /// A request that is still kept is called off.
    pub fn cancel(&self) {
        if let Some(button) = self.button.get() {
            button.cancel();
        }
    }

    fn form(&self) -> JsValue {
        js::invoke(&self.host.root, "querySelector", &["form".into()]).unwrap_or(JsValue::UNDEFINED)
    }

    fn key(&self, body: &str) -> String {
        let mut last = self.last.borrow_mut();
        if last.0 != body {
            *last = (body.to_owned(), random::key());
        }
        last.1.clone()
    }

    fn on_progress(&self, progress: Progress) {
        let texts = &self.host.texts;
        let detail = with_more(&self.detail.borrow());
        let say = |state, headline, advice| {
            change(self.shown, |face| face.say(state, headline, advice));
        };
        match progress {
            Progress::Waiting => {
                let key = if network::is_online() {
                    "call.waiting"
                } else {
                    "call.offline"
                };
                say("waiting", texts.get(key), String::new());
            }
            Progress::Working => say("working", texts.get("callback.working"), String::new()),
            Progress::Accepted(object) => {
                for key in ["at", "reference"] {
                    js::set(&detail, key, &js::get(&object, key));
                }
                // The next request is another one, also with the same words.
                self.last.take();
                self.host.emit("callbackqueued", &detail);
                let passed_on = js::text(&object, "state").as_deref() == Some("handed_over");
                let number = js::text(&detail, "number").unwrap_or_default();
                let headline = texts.get(if passed_on {
                    "callback.passed"
                } else {
                    "callback.queued"
                });
                say(
                    "accepted",
                    headline,
                    texts.fill("callback.queued.number", "number", &number),
                );
                if let Some(reference) = js::text(&object, "reference") {
                    let text = texts.fill("callback.reference", "reference", &reference);
                    change(self.shown, |face| face.reference = text);
                }
                self.host.focus(".done");
            }
            Progress::Refused(failure, _) => {
                self.last.take();
                self.host.emit_failure("callbackrefused", &detail, &failure);
                if failure.is(Code::Cancelled) {
                    // Whoever called it off knows.
                    return say("idle", String::new(), String::new());
                }
                let text = texts.failure(&failure);
                if let Some(index) = self.field_of(&failure) {
                    change(self.shown, |face| {
                        if let Some(wrong) = face.wrong.get_mut(index) {
                            wrong.clone_from(&text);
                        }
                    });
                    self.host.focus("[aria-invalid]");
                }
                say("refused", text, texts.remedy(&failure));
            }
            Progress::Unknown(failure, _) => {
                self.host.emit_failure("callbackunknown", &detail, &failure);
                say(
                    "unknown",
                    texts.get("callback.unknown"),
                    texts.get("callback.unknown.remedy"),
                );
            }
        }
    }

    /// The form's field that a problem is about: `number`, `topic`, `fields.name`, `consent.version`.
    fn field_of(&self, failure: &Failure) -> Option<usize> {
        let field = failure.field()?;
        self.questions.index(&field).or_else(|| {
            self.questions
                .index(field.split('.').next().unwrap_or_default())
        })
    }
}
