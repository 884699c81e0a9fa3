//! `<patchcord-call>`: what it does.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use js_sys::Object;
use leptos::prelude::*;
use patchcord::button::{Button, Order, Progress};
use patchcord::call::Call;
use patchcord::failure::Failure;
use patchcord::relay::{Credential, Relay};
use patchcord::session::{Assertion, Sessions};
use patchcord::stream::{self, Watch};
use patchcord::{js, network, random, time};
use patchcord_core::call::CallState;
use patchcord_core::error::Code;
use patchcord_core::number::Dialable;
use wasm_bindgen::JsValue;

use crate::face::{Face, Shown, change};
use crate::host::{Host, copy, with_more};
use crate::texts::Texts;

/// One call button.
pub struct CallButton {
    /// What it shows.
    pub shown: Shown,
    /// The element.
    pub host: Host,
    button: OnceCell<Button>,
    /// The event detail of the click at work, and the extension it was to reach.
    detail: RefCell<Object>,
    extension: RefCell<Option<String>>,
    sessions: RefCell<Option<Rc<Sessions>>>,
    watch: RefCell<Option<Watch>>,
    warmed: Cell<bool>,
}

/// Whether `callrequested` was dispatched already.
#[derive(PartialEq, Eq)]
enum Announced {
    No,
    Yes,
}

impl CallButton {
    /// A button for `host`, not rendered yet.
    pub fn new(host: Host) -> Rc<Self> {
        let this = Rc::new(Self {
            shown: RwSignal::new_local(Face {
                state: "idle",
                ..Face::default()
            }),
            host,
            button: OnceCell::new(),
            detail: RefCell::default(),
            extension: RefCell::default(),
            sessions: RefCell::default(),
            watch: RefCell::default(),
            warmed: Cell::new(false),
        });
        let weak = Rc::downgrade(&this);
        this.button.get_or_init(|| {
            Button::new(move |progress| {
                if let Some(this) = weak.upgrade() {
                    this.on_progress(progress);
                }
            })
        });
        this.update();
        this
    }

    /// Reads the host's options again. What was clicked goes on as it was clicked.
    pub fn update(&self) {
        let options = self.host.options();
        let texts = &self.host.texts;
        let number = js::text(&options, "number").unwrap_or_default();
        // By a single character: searching for text in text is 3 kB of code.
        let spoken = match number.split_once(';') {
            Some((number, extension)) => {
                let extension = extension.trim().trim_start_matches("ext=");
                [
                    number.trim(),
                    " ",
                    &texts.fill("call.extension", "extension", extension),
                ]
                .concat()
            }
            None => number.trim().to_owned(),
        };
        let key = if js::get(&options, "prefill").is_truthy() {
            "call.prefill"
        } else {
            "call.label"
        };
        let label = js::text(&options, "label").filter(|label| !label.is_empty());
        change(self.shown, |face| {
            face.label = label.unwrap_or_else(|| texts.fill(key, "number", &spoken));
            face.question = texts.fill("call.confirm", "number", &spoken);
            face.disabled = js::get(&options, "disabled").is_truthy();
        });
    }

    /// Says that it is ready, and takes over a click from before.
    pub fn start(&self) {
        self.host.emit("patchcordready", &Object::new());
        let pending = self.host.pending();
        if let Some(id) = js::text(&pending, "id") {
            // After 1970, and whole.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let at = js::get(&pending, "at")
                .as_f64()
                .map_or_else(time::now, |at| at as u64);
            self.send(id, at, &pending, Announced::Yes);
        }
    }

    /// The button was clicked.
    fn click(&self) {
        if self.shown.with_untracked(|face| face.disabled) || self.is_busy() {
            return;
        }
        if js::get(&self.host.options(), "confirm").is_truthy() {
            change(self.shown, |face| {
                face.say("asking", String::new(), String::new())
            });
            self.host.focus(".ask .main");
        } else {
            self.dial();
        }
    }

    /// A click somewhere in the element: what it is for is written at the button, as `data-act`.
    pub fn act(&self, event: &JsValue) {
        let target = js::get(event, "target");
        let at =
            js::invoke(&target, "closest", &["[data-act]".into()]).unwrap_or(JsValue::UNDEFINED);
        match js::text(&js::get(&at, "dataset"), "act").as_deref() {
            Some("call") => self.click(),
            Some("confirm") => self.confirm(),
            Some("cancel") => self.cancel(),
            _ => {}
        }
    }

    /// A key: a held Enter clicks again and again, only its first press counts; Escape answers a question.
    pub fn key(&self, event: &JsValue) {
        if js::get(event, "repeat").is_truthy() {
            // An event of our own listener: it can be prevented.
            let _ = js::invoke(event, "preventDefault", &[]);
        } else if js::text(event, "key").as_deref() == Some("Escape") {
            self.cancel();
        }
    }

    /// The question was answered with yes.
    fn confirm(&self) {
        change(self.shown, |face| face.state = "idle");
        self.dial();
        self.host.focus(".main");
    }

    /// The question was answered with no, or a kept click is called off.
    fn cancel(&self) {
        match self.shown.with_untracked(|face| face.state) {
            "asking" => change(self.shown, |face| face.state = "idle"),
            "waiting" => self.call_off(),
            _ => return,
        }
        self.host.focus(".main");
    }

    /// The element is going: what was not sent yet is not sent any more, and nobody watches.
    pub fn close(&self) {
        self.call_off();
        self.watch.take();
    }

    /// A pointer or the focus is here: have the session ready by the time of the click.
    pub fn warm(&self) {
        if !self.warmed.replace(true) {
            sessions(&self.host.options()).warm();
        }
    }

    fn call_off(&self) {
        if let Some(button) = self.button.get() {
            button.cancel();
        }
    }

    fn is_busy(&self) -> bool {
        self.button.get().is_none_or(Button::is_busy)
    }

    fn dial(&self) {
        if !self.is_busy() {
            self.send(
                random::key(),
                time::now(),
                &self.host.options(),
                Announced::No,
            );
        }
    }

    fn send(&self, key: String, at: u64, source: &JsValue, announced: Announced) {
        let detail = Object::new();
        js::set_text(&detail, "id", Some(&key));
        js::set(&detail, "number", &js::get(source, "number"));
        js::set(&detail, "provider", &js::get(source, "provider"));
        for key in ["record", "payload"] {
            if let Some(copy) = copy(&js::get(source, key)) {
                js::set(&detail, key, &copy);
            }
        }
        let body = self.body(&detail, source);
        self.detail.replace(detail.clone());
        if announced == Announced::No && !self.host.emit("callrequested", &detail) {
            return;
        }
        // A new call: the one before is no longer this button's.
        self.watch.take();
        match (body, self.button.get()) {
            (Ok(body), Some(button)) => {
                let sessions = sessions(&self.host.options());
                self.sessions.replace(Some(sessions.clone()));
                let origin = sessions.origin().to_owned();
                let relay = Relay {
                    origin,
                    credential: Credential::Agent(sessions),
                };
                button.press(Order {
                    relay,
                    path: "/v1/calls",
                    body,
                    key,
                    at,
                });
            }
            (Err(failure), _) => self.on_progress(Progress::Refused(failure, JsValue::UNDEFINED)),
            (Ok(_), None) => {}
        }
    }

    /// The request's body, written down at the click; puts the plain number into the detail.
    fn body(&self, detail: &Object, source: &JsValue) -> Result<String, Failure> {
        let number = js::text(source, "number").unwrap_or_default();
        let Ok(Dialable { number, extension }) = number.parse() else {
            return Err(Failure::about("number", Code::InvalidNumber));
        };
        js::set_text(detail, "number", Some(number.as_e164()));
        let body = Object::new();
        js::set_text(&body, "number", Some(number.as_e164()));
        js::set_text(
            &body,
            "extension",
            extension.as_ref().map(|extension| extension.as_str()),
        );
        js::set_text(&body, "provider", js::text(source, "provider").as_deref());
        js::set_text(&body, "caller_id", js::text(source, "callerId").as_deref());
        if js::get(source, "prefill").is_truthy() {
            js::set(&body, "prefill", &JsValue::TRUE);
        }
        for key in ["record", "payload"] {
            let (given, copy) = (js::get(source, key), js::get(detail, key));
            if copy.is_object() {
                js::set(&body, key, &copy);
            } else if given.is_truthy() {
                return Err(Failure::about(key, Code::PayloadInvalid));
            }
        }
        self.extension
            .replace(extension.map(|extension| extension.as_str().to_owned()));
        js::stringify(&body).ok_or_else(|| Failure::about("payload", Code::PayloadInvalid))
    }

    fn on_progress(self: &CallButton, progress: Progress) {
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
            Progress::Working => say("working", texts.get("call.working"), String::new()),
            Progress::Accepted(object) => {
                let Some(call) = Call::read(&object) else {
                    return;
                };
                name_call(&detail, &object);
                self.detail.replace(detail.clone());
                self.host.emit("callaccepted", &detail);
                self.show_call(&call);
                self.follow(&object, &call);
            }
            Progress::Refused(failure, object) => {
                name_call(&detail, &object);
                self.host.emit_failure("callrefused", &detail, &failure);
                if failure.is(Code::Cancelled) {
                    // Whoever called it off knows.
                    say("idle", String::new(), String::new());
                } else {
                    say("refused", texts.failure(&failure), texts.remedy(&failure));
                }
            }
            Progress::Unknown(failure, object) => {
                name_call(&detail, &object);
                self.host.emit_failure("callunknown", &detail, &failure);
                say(
                    "unknown",
                    texts.get("call.unknown"),
                    texts.get("call.unknown.remedy"),
                );
            }
        }
    }

    fn show_call(&self, call: &Call) {
        let texts = &self.host.texts;
        let state = match call.state {
            CallState::Ended => "ended",
            CallState::Refused => "refused",
            CallState::Unknown => "unknown",
            _ => "accepted",
        };
        let advice = match (call.notice.as_deref(), self.extension.borrow().as_deref()) {
            (Some("extension_not_sent"), Some(extension)) => {
                texts.fill("notice.extension_not_sent", "extension", extension)
            }
            (Some(notice), _) => texts.find("notice.", notice).unwrap_or_default(),
            (None, _) => String::new(),
        };
        change(self.shown, |face| {
            face.say(state, call_line(call, texts), advice)
        });
    }

    /// Watches a call whose provider tells its state.
    fn follow(&self, object: &JsValue, call: &Call) {
        let sessions = self.sessions.borrow();
        let Some(sessions) = sessions.as_ref() else {
            return;
        };
        let provider = call.provider.as_deref().unwrap_or_default();
        let tells = sessions
            .at_hand()
            .is_some_and(|session| session.can(provider, "call_state"));
        if !tells || call.state.is_final() {
            return;
        }
        let detail = self.detail.borrow().clone();
        let (shown, texts) = (self.shown, self.host.texts.clone());
        let host = self.host.object.clone();
        let tell = move |object: &JsValue| {
            let Some(call) = Call::read(object) else {
                return;
            };
            let detail = with_more(&detail);
            let is_over = call.state == CallState::Ended;
            let keys: &[&str] = if is_over {
                &["reason", "duration"]
            } else {
                &["state", "held", "muted", "recording"]
            };
            for key in keys {
                js::set(&detail, key, &js::get(object, key));
            }
            let name = if is_over { "callended" } else { "callstate" };
            // The page's listeners cannot prevent what has happened.
            let _ = js::invoke(&host, "emit", &[name.into(), detail.into()]);
            change(shown, |face| {
                face.say(
                    if is_over { "ended" } else { "accepted" },
                    call_line(&call, &texts),
                    String::new(),
                );
            });
        };
        self.watch
            .replace(Some(stream::watch(sessions, object, Rc::new(tell))));
    }
}

fn sessions(options: &JsValue) -> Rc<Sessions> {
    let origin = js::text(options, "relay").unwrap_or_default();
    Sessions::shared(&origin, Assertion::read(options))
}

fn name_call(detail: &Object, object: &JsValue) {
    js::set_text(detail, "call", js::text(object, "id").as_deref());
    js::set_text(detail, "provider", js::text(object, "provider").as_deref());
}

/// What a person reads about a call: never more than the platform said.
fn call_line(call: &Call, texts: &Texts) -> String {
    if let (CallState::Ended, Some(seconds)) = (&call.state, call.duration) {
        let duration = format!("{}:{:02}", seconds / 60, seconds % 60);
        return texts.fill("state.ended.after", "duration", &duration);
    }
    // A state from a newer relay: accepted is what is certain.
    let mut line = texts
        .find("state.", call.state.as_str())
        .unwrap_or_else(|| texts.get("state.accepted"));
    let flags = [
        (call.held, "flag.held"),
        (call.muted, "flag.muted"),
        (call.recording, "flag.recording"),
    ];
    for (_, key) in flags
        .iter()
        .filter(|(is_set, _)| *is_set && call.state != CallState::Ended)
    {
        line.push_str(" · ");
        line.push_str(&texts.get(key));
    }
    line
}
