//! `<patchcord-call>`.

use std::cell::Cell;
use std::rc::{Rc, Weak};

use js_sys::Object;
use leptos::prelude::*;
use patchcord::button::{Button, Order, Progress};
use patchcord::failure::Failure;
use patchcord::held::Held;
use patchcord::relay::{Credential, Relay};
use patchcord::session::{Assertion, Sessions};
use patchcord::stream::{self, Watch};
use patchcord::{js, network, random, time};
use patchcord_core::error::Code;
use patchcord_core::number::Dialable;
use patchcord_core::text;
use wasm_bindgen::JsValue;

use crate::face::{Face, Place, Shown, find, put};
use crate::host::{Host, copy, with_more};
use crate::mounted::{Element, button};

/// The markup.
pub fn view() -> impl Render {
    view! {
        <div class="box call">
            <button class="main" part="button" type="button" data-act="call">
                <span class="icon" aria-hidden="true"></span>
                <span part="label"></span>
            </button>
            <span class="ask" role="group">
                <span class="question" part="question"></span>
                <button class="main yes" part="button" type="button" data-act="confirm"></button>
                <button class="plain no" part="button" type="button" data-act="cancel"></button>
            </span>
            <button class="plain cancel" part="button" type="button" data-act="cancel"></button>
            <span class="status" part="status" role="status">
                <b></b>
                <span></span>
            </span>
        </div>
    }
}

/// What changes.
const PLACES: &[Place] = &[
    Place {
        node: ".main",
        property: "hidden",
        read: |face| (face.state == "asking").into(),
    },
    Place {
        node: ".main",
        property: "disabled",
        read: |face| face.disabled.into(),
    },
    Place {
        node: ".ask",
        property: "hidden",
        read: |face| (face.state != "asking").into(),
    },
    Place {
        node: ".question",
        property: "textContent",
        read: |face| face.question.clone(),
    },
];

/// One call button.
pub struct CallButton {
    shown: Shown,
    host: Host,
    button: Button,
    /// The event detail of the click at work, and the extension it was to reach.
    detail: Held<Object>,
    extension: Held<Option<String>>,
    sessions: Held<Option<Rc<Sessions>>>,
    watch: Held<Option<Watch>>,
    warmed: Cell<bool>,
    me: Weak<CallButton>,
}

/// Whether `callrequested` was dispatched already.
#[derive(PartialEq, Eq)]
enum Announced {
    No,
    Yes,
}

impl Element for CallButton {
    fn update(&self) {
        // What was clicked goes on as it was clicked.
        let options = self.host.options();
        let texts = &self.host.texts;
        let number = js::text(&options, "number").unwrap_or_default();
        let spoken = match text::split(&number, b';') {
            Some((number, extension)) => {
                let extension = extension.strip_prefix("ext=").unwrap_or(extension);
                let with = texts
                    .fill("call.extension", "extension", extension)
                    .as_string();
                [number, " ", &with.unwrap_or_default()].concat()
            }
            None => number,
        };
        let key = if js::get(&options, "prefill").is_truthy() {
            "call.prefill"
        } else {
            "call.label"
        };
        let label = js::get(&options, "label");
        self.shown.change(|face| {
            face.label = if label.is_truthy() {
                label
            } else {
                texts.fill(key, "number", &spoken)
            };
            face.question = texts.fill("call.confirm", "number", &spoken);
            face.disabled = js::get(&options, "disabled").is_truthy();
        });
    }

    fn on_event(&self, event: &JsValue) {
        let kind = js::text(event, "type");
        match kind.as_deref() {
            Some("click") => {
                let target = js::get(event, "target");
                let button =
                    js::invoke(&target, "closest", &["[data-act]".into()]).unwrap_or_default();
                match js::text(&js::get(&button, "dataset"), "act").as_deref() {
                    Some("call") => self.click(),
                    Some("confirm") => self.confirm(),
                    Some("cancel") => self.cancel(),
                    _ => {}
                }
            }
            Some("keydown") => {
                if js::get(event, "repeat").is_truthy() {
                    // A held Enter clicks again and again: only its first press counts.
                    let _ = js::invoke(event, "preventDefault", &[]);
                } else if js::text(event, "key").as_deref() == Some("Escape") {
                    self.cancel();
                }
            }
            Some("pointerover" | "focusin") => self.warm(),
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
            Progress::Working => ("working", texts.get("call.working"), JsValue::UNDEFINED),
            Progress::Accepted(call) => {
                name_call(&detail, &call);
                self.detail.replace(detail.clone());
                self.host.emit("callaccepted", &detail);
                let extension = self.extension.borrow().clone();
                self.show_call(&call, extension.as_deref());
                return self.follow(&call, extension);
            }
            Progress::Refused(failure, call) => {
                name_call(&detail, &call);
                self.host.emit_failure("callrefused", &detail, &failure);
                if failure.is(Code::Cancelled) {
                    // Whoever called it off knows.
                    ("idle", JsValue::UNDEFINED, JsValue::UNDEFINED)
                } else {
                    ("refused", texts.failure(&failure), texts.remedy(&failure))
                }
            }
            Progress::Unknown(failure, call) => {
                name_call(&detail, &call);
                self.host.emit_failure("callunknown", &detail, &failure);
                (
                    "unknown",
                    texts.get("call.unknown"),
                    texts.get("call.unknown.remedy"),
                )
            }
        };
        self.shown.change(|face| face.say(state, headline, advice));
    }

    fn close(&self) {
        self.call_off();
        self.watch.take();
    }
}

impl CallButton {
    /// A button for `host`, whose markup is there.
    pub fn new(host: Host) -> Rc<Self> {
        let face = Face {
            state: "idle",
            ..Face::default()
        };
        let this = Rc::new_cyclic(|me: &Weak<Self>| Self {
            shown: Shown::new(&host.root, PLACES, face),
            host,
            button: button(me.clone()),
            detail: Held::default(),
            extension: Held::default(),
            sessions: Held::default(),
            watch: Held::default(),
            warmed: Cell::new(false),
            me: me.clone(),
        });
        this.update();
        this
    }

    /// Shows the words, says that it is ready, and takes over a click from before.
    pub fn start(&self) {
        let Host {
            root,
            texts,
            object,
            ..
        } = &self.host;
        put(
            &find(root, ".yes"),
            "textContent",
            &texts.get("call.confirm.yes"),
        );
        put(&find(root, ".no"), "textContent", &texts.get("cancel"));
        put(&find(root, ".cancel"), "textContent", &texts.get("cancel"));
        self.host.emit("patchcordready", &Object::new());
        let pending = js::get(object, "pending");
        if let Some(id) = js::text(&pending, "id") {
            // After 1970, and whole.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let at = js::get(&pending, "at")
                .as_f64()
                .map_or_else(time::now, |at| at as u64);
            self.send(id, at, &pending, &Announced::Yes);
        }
    }

    fn click(&self) {
        let options = self.host.options();
        if js::get(&options, "disabled").is_truthy() || self.is_busy() {
            return;
        }
        if js::get(&options, "confirm").is_truthy() {
            self.shown
                .change(|face| face.say("asking", JsValue::UNDEFINED, JsValue::UNDEFINED));
            self.host.focus(".yes");
        } else {
            self.send(random::key(), time::now(), &options, &Announced::No);
        }
    }

    fn confirm(&self) {
        self.shown.change(|face| face.state = "idle");
        if !self.is_busy() {
            self.send(
                random::key(),
                time::now(),
                &self.host.options(),
                &Announced::No,
            );
        }
        self.host.focus(".main");
    }

    /// The question was answered with no, or a kept click is called off.
    fn cancel(&self) {
        match self.shown.state() {
            "asking" => self.shown.change(|face| face.state = "idle"),
            "waiting" => self.call_off(),
            _ => return,
        }
        self.host.focus(".main");
    }

    fn call_off(&self) {
        self.button.cancel();
    }

    /// A pointer or the focus is here: have the session ready by the time of the click.
    fn warm(&self) {
        if !self.warmed.replace(true) {
            sessions(&self.host.options()).warm();
        }
    }

    fn is_busy(&self) -> bool {
        self.button.is_busy()
    }

    fn send(&self, key: String, at: u64, source: &JsValue, announced: &Announced) {
        let detail = Object::new();
        js::set_text(&detail, "id", Some(&key));
        for key in ["number", "provider"] {
            js::set(&detail, key, &js::get(source, key));
        }
        let body = self.body(&detail, source);
        self.detail.replace(detail.clone());
        if *announced == Announced::No && !self.host.emit("callrequested", &detail) {
            return;
        }
        // A new call: the one before is no longer this button's.
        self.watch.take();
        match body {
            Ok(body) => {
                let sessions = sessions(&self.host.options());
                self.sessions.replace(Some(sessions.clone()));
                let origin = sessions.origin.clone();
                let relay = Relay {
                    origin,
                    credential: Credential::Agent(sessions),
                };
                self.button.press(Order {
                    relay,
                    path: "/v1/calls",
                    body,
                    key,
                    at,
                    proof: JsValue::UNDEFINED,
                    // A call that was not answered is not placed again by a page that is loaded later.
                    kept: None,
                });
            }
            Err(failure) => self.on_progress(Progress::Refused(failure, JsValue::UNDEFINED)),
        }
    }

    /// The request's body, written down at the click; puts what it is about into the detail.
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
        js::set(&body, "provider", &js::get(source, "provider"));
        js::set(&body, "caller_id", &js::get(source, "callerId"));
        if js::get(source, "prefill").is_truthy() {
            js::set(&body, "prefill", &JsValue::TRUE);
        }
        for key in ["record", "payload"] {
            let given = js::get(source, key);
            if given.is_truthy() {
                let copy = copy(&given);
                if copy.is_undefined() {
                    return Err(Failure::about(key, Code::PayloadInvalid));
                }
                js::set(&body, key, &copy);
                js::set(detail, key, &copy);
            }
        }
        self.extension
            .replace(extension.map(|extension| extension.as_str().to_owned()));
        js::stringify(&body).ok_or_else(|| Failure::about("payload", Code::PayloadInvalid))
    }

    /// Watches a call whose provider tells its state.
    fn follow(&self, call: &JsValue, extension: Option<String>) {
        let sessions = self.sessions.borrow();
        let Some(sessions) = sessions.as_ref() else {
            return;
        };
        let provider = js::get(call, "provider");
        let tells = sessions
            .at_hand()
            .is_some_and(|session| session.can(&provider, "call_state"));
        if !tells || stream::is_over(call) {
            return;
        }
        // Of this call: the next click has a detail and an extension of its own.
        let detail = self.detail.borrow().clone();
        let me = self.me.clone();
        let tell = move |call: &JsValue| {
            if let Some(this) = me.upgrade() {
                this.on_state(call, with_more(&detail), extension.as_deref());
            }
        };
        self.watch
            .replace(Some(stream::watch(sessions, call, Rc::new(tell))));
    }

    fn on_state(&self, call: &JsValue, detail: Object, extension: Option<&str>) {
        let is_ended = js::text(call, "state").as_deref() == Some("ended");
        let keys: &[&str] = if is_ended {
            &["state", "reason", "duration"]
        } else {
            &["state", "held", "muted", "recording"]
        };
        for key in keys {
            js::set(&detail, key, &js::get(call, key));
        }
        let name = if is_ended { "callended" } else { "callstate" };
        self.host.emit(name, &detail);
        self.show_call(call, extension);
    }

    /// What a person reads about a call: never more than the platform said.
    fn show_call(&self, call: &JsValue, extension: Option<&str>) {
        let texts = &self.host.texts;
        let word = js::text(call, "state").unwrap_or_default();
        let state = match word.as_str() {
            "ended" => "ended",
            "refused" => "refused",
            "unknown" => "unknown",
            _ => "accepted",
        };
        let mut line = texts.find("state.", &word, "");
        if line.is_undefined() {
            // A state from a newer relay: accepted is what is certain.
            line = texts.get("state.accepted");
        }
        match (state, js::get(call, "duration").as_f64()) {
            ("ended", Some(seconds)) => {
                // Saturates.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                let seconds = seconds as u32;
                let digits = |count: u32| js::digits(&count.into()).unwrap_or_default();
                let colon = if seconds % 60 < 10 { ":0" } else { ":" };
                let duration = [&digits(seconds / 60), colon, &digits(seconds % 60)].concat();
                line = texts.fill("state.ended.after", "duration", &duration);
            }
            ("accepted", _) => {
                let mut words = line.as_string().unwrap_or_default();
                for flag in ["held", "muted", "recording"] {
                    let word = texts.find("flag.", flag, "").as_string();
                    if js::get(call, flag).is_truthy()
                        && let Some(word) = word
                    {
                        words = [&words, " · ", &word].concat();
                    }
                }
                line = words.into();
            }
            _ => {}
        }
        let notice = js::text(call, "notice").unwrap_or_default();
        let advice = match extension {
            Some(extension) if !notice.is_empty() && state == "accepted" => {
                texts.fill(&["notice.", &notice].concat(), "extension", extension)
            }
            _ => JsValue::UNDEFINED,
        };
        self.shown.change(|face| face.say(state, line, advice));
    }
}

fn sessions(options: &JsValue) -> Rc<Sessions> {
    let origin = js::text(options, "relay").unwrap_or_default();
    Sessions::shared(&origin, Assertion::read(options))
}

/// From here on the event's detail names the relay's call, and how it stands.
fn name_call(detail: &Object, call: &JsValue) {
    for (key, from) in [("call", "id"), ("provider", "provider"), ("state", "state")] {
        let value = js::get(call, from);
        if value.is_string() {
            js::set(detail, key, &value);
        }
    }
}
