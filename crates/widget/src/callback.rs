//! `<patchcord-callback>`: a form until a request was taken, then the request.

use std::cell::Cell;
use std::rc::{Rc, Weak};

use js_sys::Object;
use leptos::prelude::*;
use patchcord::button::{Button, Order, Progress};
use patchcord::failure::Failure;
use patchcord::held::Held;
use patchcord::kept::{Kept, Sent};
use patchcord::managed::{self, Ask, Managed};
use patchcord::relay::{Credential, Relay};
use patchcord::{js, network, random, time};
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;

use crate::done::{self, Below};
use crate::face::{Face, Place, Shown, find, put};
use crate::host::{Host, copy, with_more};
use crate::mounted::{Element, button};
use crate::questions::Questions;

/// How long the relay is left alone before it is asked how a request stands, in milliseconds; it doubles each time.
const FIRST_LOOK: u64 = 2_000;
/// And no longer than this.
const LAST_LOOK: u64 = 300_000;

/// The markup. The host's rows take their place in it.
pub fn view() -> impl Render {
    view! {
        <div class="box callback">
            <form novalidate part="form">
                <div class="place"></div>
                <span class="status" part="status" role="status"><b></b><span></span></span>
                <button class="main" part="button" type="submit"><span part="label"></span></button>
                <button class="plain cancel" part="button" type="button"></button>
            </form>
            <div class="done" part="status" tabindex="-1">
                <span class="tick" aria-hidden="true"></span>
                <b></b>
                <span class="number"></span>
                <span class="time" part="time"></span>
                <span class="reference" part="reference"></span>
                <div class="acts">
                    <button class="plain" part="calendar" type="button" data-act="calendar"></button>
                    <button class="plain" part="change" type="button" data-act="change"></button>
                    <button class="plain" part="cancel" type="button" data-act="cancel"></button>
                    <a class="link" part="link"></a>
                    <button class="plain" part="again" type="button" data-act="again"></button>
                </div>
                <div class="other">
                    <div class="choice"></div>
                    <button class="main" part="button" type="button" data-act="save"></button>
                    <button class="plain" type="button" data-act="back"></button>
                </div>
                <div class="sure" role="group" aria-labelledby="sure">
                    <span id="sure"></span>
                    <button class="main" part="button" type="button" data-act="yes"></button>
                    <button class="plain" type="button" data-act="no"></button>
                </div>
                <span class="news" role="status"></span>
                <span class="said" role="status"></span>
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
];

/// One callback form.
pub struct CallbackForm {
    shown: Shown,
    questions: Questions,
    host: Host,
    button: Button,
    detail: Held<Object>,
    /// What is kept for this tab: the request until it is answered, then the callback. The same request goes out under
    /// the same key, so that sending it again does not count twice.
    kept: Kept,
    /// What the form asks for after a request was filled in that was kept across a reload. It may be less than that one
    /// has, which is still the one that is sent again: times come later, and cannot be filled in.
    filled: Held<String>,
    /// The callback that is shown.
    callback: Held<JsValue>,
    /// Counts what is shown, so that nobody follows what is not shown any more.
    turn: Cell<u32>,
    /// Whether the relay is being asked to change the callback.
    is_asking: Cell<bool>,
    /// Whether what is said is that there was no reply: the next reply takes that back.
    is_lost: Cell<bool>,
    me: Weak<CallbackForm>,
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
            Some("click") => {
                if let Some(act) = js::text(&js::get(&target, "dataset"), "act") {
                    self.act(&act);
                }
            }
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
                self.host.emit("callbackqueued", &detail);
                // The number in full: what the relay tells later is its end.
                let known = Object::new();
                js::set(&known, "number", &js::get(&detail, "number"));
                js::set(&known, "topic_label", &self.topic_label(&callback));
                self.take(&callback, &known);
                self.read_out();
                return self.follow(FIRST_LOOK);
            }
            Progress::Refused(failure, _) => {
                // Of another one that may have arrived the key stays.
                let sent = self.kept.sent();
                if sent.is_none_or(|sent| js::text(&detail, "id") == Some(sent.key)) {
                    self.kept.forget();
                }
                self.host.emit_failure("callbackrefused", &detail, &failure);
                if failure.is(Code::Cancelled) {
                    // Whoever called it off knows.
                    ("idle", JsValue::UNDEFINED, JsValue::UNDEFINED)
                } else {
                    let text = texts.failure(&failure);
                    if let Some(field) = failure.field()
                        && self.questions.mark(&field, &text)
                    {
                        self.host.focus("[aria-invalid]");
                    }
                    ("refused", text, texts.remedy(&failure))
                }
            }
            Progress::Unknown(failure, _) => {
                self.host.emit_failure("callbackunknown", &detail, &failure);
                return self.say_unknown();
            }
        };
        self.shown.change(|face| face.say(state, headline, advice));
    }

    fn close(&self) {
        self.button.cancel();
    }
}

impl CallbackForm {
    /// The form for `host`, whose markup is there; takes the host's rows into it.
    pub fn new(host: Host) -> Rc<Self> {
        let face = Face {
            state: "idle",
            label: host.texts.get("callback.submit"),
            ..Face::default()
        };
        Rc::new_cyclic(|me: &Weak<Self>| Self {
            shown: Shown::new(&host.root, PLACES, face),
            questions: Questions::take(&host),
            kept: Kept::of(&host.object),
            host,
            button: button(me.clone()),
            detail: Held::default(),
            filled: Held::default(),
            callback: Held::default(),
            turn: Cell::default(),
            is_asking: Cell::default(),
            is_lost: Cell::default(),
            me: me.clone(),
        })
    }

    /// Says that it is ready, and goes on with what there is already: a request that the page's address names, one
    /// that was not answered before the page was loaded again, or one that was.
    pub fn start(&self) {
        let Host {
            object,
            root,
            texts,
        } = &self.host;
        put(&find(root, ".cancel"), "textContent", &texts.get("cancel"));
        done::prepare(&self.host);
        self.host.emit("patchcordready", &Object::new());
        let named = js::get(object, "managed");
        if named.is_object() {
            self.take(&named, &Object::new());
            return self.follow(0);
        }
        let Some(kept) = self.kept.read() else {
            return;
        };
        if let Some(sent) = Sent::read(&kept) {
            self.kept.put(&kept);
            self.go_on(sent);
        } else if js::get(&kept, "key").is_string() {
            // The relay does not know it any more: sent again, it would be another one.
            self.kept.forget();
        } else {
            self.take(&kept, &Object::new());
            self.follow(0);
        }
    }

    fn submit(&self) {
        if self.button.is_busy() {
            return;
        }
        let Some(number) = self.questions.check(&self.host) else {
            let words = self.host.texts.get("callback.check");
            self.shown
                .change(|face| face.say("invalid", words, JsValue::UNDEFINED));
            return self.host.focus("[aria-invalid]");
        };
        self.shown
            .change(|face| face.say("idle", JsValue::UNDEFINED, JsValue::UNDEFINED));
        let given = js::get(&self.host.options(), "payload");
        let payload = copy(&given);
        let body = self.questions.body(&number, &self.host, &payload);
        let body = js::stringify(&body).unwrap_or_default();
        let sent = self.kept.sent();
        let sent = sent.filter(|sent| sent.is_of(&body) || *self.filled.borrow() == body);
        let (key, body, proof) = match sent {
            // Whole: with another proof it would be another request.
            Some(sent) => (sent.key, sent.body, JsValue::UNDEFINED),
            None => (random::key(), body, js::get(&self.host.object, "proof")),
        };
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
        self.press(key, body, proof);
    }

    /// Goes on with a request from before the page was loaded: it is in the form again. It is sent again, as it was,
    /// its proof with it, under its own key, unless that was so long ago that nobody waits for it any more.
    fn go_on(&self, sent: Sent) {
        let given = js::parse_object(&JsValue::from_str(&sent.body)).unwrap_or_default();
        self.questions.fill_in(&given);
        if let Some(Ok(number)) = js::text(&given, "number").map(|number| number.parse()) {
            let payload = copy(&js::get(&self.host.options(), "payload"));
            let body = self.questions.body(&number, &self.host, &payload);
            self.filled
                .replace(js::stringify(&body).unwrap_or_default());
        }
        if !sent.is_fresh() {
            return self.say_unknown();
        }
        let detail = Object::new();
        js::set_text(&detail, "id", Some(&sent.key));
        for name in ["number", "provider", "payload"] {
            js::set(&detail, name, &js::get(&given, name));
        }
        self.detail.replace(detail);
        self.press(sent.key, sent.body, JsValue::UNDEFINED);
    }

    fn say_unknown(&self) {
        let texts = &self.host.texts;
        let words = texts.get("callback.unknown");
        let advice = texts.get("callback.unknown.remedy");
        self.shown.change(|face| face.say("unknown", words, advice));
    }

    fn press(&self, key: String, body: String, proof: JsValue) {
        let options = self.host.options();
        self.button.press(Order {
            relay: Relay {
                origin: js::text(&options, "relay").unwrap_or_default().into(),
                credential: Credential::Visitor(js::get(&options, "siteKey")),
            },
            path: "/v1/callbacks",
            body,
            key,
            at: time::now(),
            proof,
            kept: Some(self.kept.clone()),
        });
    }

    fn topic_label(&self, callback: &JsValue) -> JsValue {
        js::get(&done::topic_of(&self.host, callback), "label")
    }

    /// Shows a callback as the relay tells it now: what it does not tell again stays, and `known` is known better
    /// here.
    fn take(&self, told: &JsValue, known: &Object) {
        let before = self.callback.borrow().clone();
        let callback = Object::new();
        for part in [&before, told, known.as_ref()] {
            for (key, value) in js::entries(part) {
                js::set(&callback, &key, &value);
            }
        }
        let number = js::get(&before, "number");
        if number.is_string() {
            js::set(&callback, "number", &number);
        }
        let callback = JsValue::from(callback);
        let words = done::show(&self.host, &callback);
        if !managed::is_waiting(&callback) {
            // What somebody was about to change is not theirs to change any more.
            done::open(&self.host, Below::Acts);
        }
        let is_new =
            !before.is_undefined() && js::get(&before, "state") != js::get(&callback, "state");
        if is_new {
            // The headline is no live region: it is read out when the focus comes to it first.
            put(&find(&self.host.root, ".said"), "textContent", &words);
        }
        if !js::get(&self.host.object, "managed").is_truthy() {
            self.kept.put(&callback);
        }
        self.callback.replace(callback);
        self.shown.change(|face| {
            face.say("accepted", JsValue::UNDEFINED, JsValue::UNDEFINED);
        });
    }

    fn managed(&self) -> Result<Managed, Failure> {
        let origin = js::text(&self.host.options(), "relay").unwrap_or_default();
        Managed::read(&origin, &self.callback.borrow())
    }

    /// Follows the callback that is shown until nothing more will be told, while somebody looks.
    fn follow(&self, first: u64) {
        let turn = self.turn.get().wrapping_add(1);
        self.turn.set(turn);
        let Ok(managed) = self.managed() else {
            return;
        };
        let me = self.me.clone();
        js::spawn(async move {
            let mut wait = first;
            loop {
                time::sleep(wait).await;
                network::seen().await;
                let is_shown = |this: &Rc<Self>| this.turn.get() == turn;
                if me.upgrade().is_none_or(|this| !is_shown(&this)) {
                    return;
                }
                let told = managed.clone().ask(Ask::Read, JsValue::UNDEFINED).await;
                let Some(this) = me.upgrade().filter(is_shown) else {
                    return;
                };
                match told {
                    Ok(callback) => {
                        this.take(&callback, &Object::new());
                        if this.is_lost.get() {
                            this.say_news(&JsValue::UNDEFINED);
                        }
                        if managed::is_over(&callback) {
                            return;
                        }
                    }
                    Err(failure) if failure.is(Code::ManageTokenInvalid) => {
                        // Kept for longer than the relay keeps it: there is nothing to follow.
                        this.kept.forget();
                        return this.none(&failure);
                    }
                    // Lost on the way: what is shown was true, and is asked for again.
                    Err(failure) if wait == 0 => this.news(&failure),
                    Err(_) => {}
                }
                wait = (wait * 2).clamp(FIRST_LOOK, LAST_LOOK);
            }
        });
    }

    /// What a button below the request does.
    fn act(&self, act: &str) {
        if self.is_asking.get() {
            return;
        }
        self.say_news(&JsValue::UNDEFINED);
        match act {
            "calendar" => {
                let callback = self.callback.borrow().clone();
                // The loader's: what it throws, such as a script that did not come, is nothing that a visitor can mend.
                let _ = js::invoke(&self.host.object, "calendar", &[callback]);
            }
            "change" => {
                let root = &self.host.root;
                let callback = self.callback.borrow().clone();
                let topic = Object::new();
                js::set(&topic, "topic", &js::get(&callback, "topic"));
                js::set(&topic, "schedule", &JsValue::TRUE);
                let hours = Object::new();
                js::set(&hours, "open", &JsValue::TRUE);
                js::set(&hours, "zone", &js::get(&callback, "zone"));
                js::set(&topic, "hours", &hours);
                let key = js::get(&callback, "site_key");
                let arguments = [find(root, ".choice"), topic.into(), key];
                // The loader's; without its times there is nothing to choose, and nothing to save.
                let _ = js::invoke(&self.host.object, "choose", &arguments);
                self.open(Below::Change, ".choice select");
            }
            "cancel" => self.open(Below::Cancel, "[data-act=no]"),
            "back" | "no" => {
                done::open(&self.host, Below::Acts);
                self.read_out();
            }
            "yes" => self.ask(Ask::Cancel, None),
            "save" => {
                let time = find(&self.host.root, ".choice [name=at]:enabled");
                let at = js::text(&time, "value").map_or(JsValue::NULL, JsValue::from);
                self.ask(Ask::Change(at), Some("callback.changed"));
            }
            "again" => {
                self.turn.set(self.turn.get().wrapping_add(1));
                self.kept.forget();
                self.callback.take();
                self.shown
                    .change(|face| face.say("idle", JsValue::UNDEFINED, JsValue::UNDEFINED));
                self.host.focus(".rows :is(input, select)");
            }
            _ => {}
        }
    }

    fn open(&self, below: Below, focus: &'static str) {
        done::open(&self.host, below);
        self.host.focus(focus);
    }

    /// Has the relay change the request, and shows what it says.
    fn ask(&self, what: Ask, done: Option<&'static str>) {
        let me = self.me.clone();
        let managed = self.managed();
        self.is_asking.set(true);
        // What was asked before is not shown any more.
        self.turn.set(self.turn.get().wrapping_add(1));
        js::spawn(async move {
            let told = match managed {
                Ok(managed) => managed.ask(what, JsValue::UNDEFINED).await,
                Err(failure) => Err(failure),
            };
            let Some(this) = me.upgrade() else {
                return;
            };
            this.is_asking.set(false);
            done::open(&this.host, Below::Acts);
            match told {
                Ok(callback) => {
                    this.take(&callback, &Object::new());
                    if let Some(done) = done {
                        this.say_news(&this.host.texts.get(done));
                    }
                }
                Err(failure) => this.news(&failure),
            }
            this.read_out();
            this.follow(FIRST_LOOK);
        });
    }

    /// Says why something did not work, and what to do.
    fn news(&self, failure: &Failure) {
        let texts = &self.host.texts;
        let words = [texts.failure(failure), texts.remedy(failure)];
        let words: Vec<String> = words.iter().filter_map(JsValue::as_string).collect();
        self.say_news(&words.join(" ").into());
        self.is_lost
            .set(failure.is(Code::NoReply) || failure.is(Code::RelayUnreachable));
    }

    /// Says that there is no such request: where one was looked for, in the place of its headline.
    fn none(&self, failure: &Failure) {
        if js::text(&self.callback.borrow(), "state").is_some() {
            return self.news(failure);
        }
        let (root, texts) = (&self.host.root, &self.host.texts);
        let words = texts.failure(failure);
        for node in [".done b", ".said"] {
            put(&find(root, node), "textContent", &words);
        }
        self.say_news(&texts.remedy(failure));
    }

    /// Goes to the request, which is read out by that, and not by its live region as well.
    fn read_out(&self) {
        put(
            &find(&self.host.root, ".said"),
            "textContent",
            &JsValue::UNDEFINED,
        );
        self.host.focus(".done");
    }

    fn say_news(&self, words: &JsValue) {
        self.is_lost.set(false);
        put(&find(&self.host.root, ".news"), "textContent", words);
    }
}
