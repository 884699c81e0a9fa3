//! What a person does: read from the page, carried out.

use js_sys::Object;
use patchcord::{js, random, time};
use patchcord_core::call::CallRequest;
use patchcord_core::desk::action::{Action, Kind};
use wasm_bindgen::JsValue;

use super::{Panel, closest};
use crate::act::{Act, What};
use crate::keys::{self, Press};
use crate::update::{Around, Todo, update};
use patchcord_core::text::digits;

/// A click so many milliseconds after cards came or went was meant for what stood there before.
const MOVED_MS: u64 = 350;

impl Panel {
    pub(super) fn on_event(&self, event: &JsValue) {
        let target = js::get(event, "target");
        let kind = js::text(event, "type").unwrap_or_default();
        if kind == "keydown" {
            return self.on_key(event, &target);
        }
        let control = closest(&target, "[data-act]");
        let Some(act) = read_act(&control) else {
            return;
        };
        let tag = js::text(&control, "localName").unwrap_or_default();
        let fits = match &*kind {
            "click" => !matches!(&*tag, "input" | "select" | "form"),
            "submit" => {
                let _ = js::invoke(event, "preventDefault", &[]);
                tag == "form"
            }
            "input" => tag == "input",
            _ => tag == "select",
        };
        // Which of several clicks it is; none of a pointer for 0.
        let clicks = js::get(event, "detail").as_f64().unwrap_or_default();
        // The second click of a double one would hit what the first has put in its place …
        let again = clicks > 1.0 && !matches!(act.what, What::Digit | What::Key | What::Erase);
        // … and one that was meant for something else what a call has just pushed there.
        let moved = kind == "click"
            && clicks > 0.0
            // A time to come is one of a clock that was set back since.
            && time::now().checked_sub(self.ui.borrow().cards.1).is_some_and(|ago| ago < MOVED_MS);
        if fits && !again && !moved {
            let value = js::text(&control, "value").unwrap_or_default();
            self.act(&act, &value, "");
        }
    }

    pub(super) fn on_key(&self, event: &JsValue, target: &JsValue) {
        let modified = ["ctrlKey", "altKey", "metaKey", "isComposing"];
        if modified.iter().any(|key| js::get(event, key).is_truthy()) {
            return;
        }
        let key = js::text(event, "key").unwrap_or_default();
        let tag = js::text(target, "localName").unwrap_or_default();
        let card = closest(target, "[data-call]");
        let place = keys::Place {
            act: read_act(&closest(target, "[data-act]")),
            call: js::text(&js::get(&card, "dataset"), "call").unwrap_or_default(),
            types: matches!(&*tag, "input" | "select"),
            rows: closest(target, "[data-rove]").is_object(),
        };
        let press = self
            .desk
            .session(|session| self.with_scene(session, |scene| keys::press(scene, &key, &place)));
        let repeats = js::get(event, "repeat").is_truthy();
        // A held key clicks again and again: only its first press counts.
        if press.is_some() || (repeats && matches!(&*tag, "button" | "input") && key == "Enter") {
            let _ = js::invoke(event, "preventDefault", &[]);
        }
        match press {
            Some(Press::Do(act, value)) if !repeats => {
                self.act(&act, &value, "");
                // The focus goes along the tabs.
                if act.on.is_empty() && closest(target, "[role=tablist]").is_object() {
                    let tab = ["#tab-", act.what.word()].concat();
                    self.focus.set(Some(tab));
                }
            }
            Some(Press::Row(row)) => {
                let mut ui = self.ui.borrow_mut();
                if let Some(pick) = ui.pick() {
                    pick.row = row;
                } else if let Some(list) = ui.list() {
                    list.row = row;
                    self.focus.set(Some(["#r-", &digits(row as u64)].concat()));
                }
                drop(ui);
                self.want();
            }
            Some(Press::Do(..)) | None => {}
        }
    }

    /// Does it, and says whether anything came of it. What is dialled is known to the page by `id`, or by a fresh one.
    pub(super) fn act(&self, act: &Act, value: &str, id: &str) -> bool {
        let todos = self.desk.session(|session| {
            let around = Around {
                session,
                outside: &self.outside.borrow(),
                texts: &self.texts,
            };
            update(&mut self.ui.borrow_mut(), around, act, value)
        });
        let mut done = false;
        for todo in todos {
            done |= self.carry_out(todo, id);
        }
        // Also where nothing follows: a choice that was refused goes back to what is so.
        self.want();
        done
    }

    fn carry_out(&self, todo: Todo, id: &str) -> bool {
        match todo {
            Todo::Send(action) => self.send(action),
            Todo::Dial(request) => return self.dial(*request, id),
            Todo::Start => self.desk.start(),
            Todo::SetUp => self.desk.set_up(),
            Todo::Dismiss(id) => self.desk.dismiss(id),
            Todo::SignIn => self.desk.sign_in(),
            Todo::CancelSignIn => self.desk.cancel_sign_in(),
            Todo::SignOut => self.desk.sign_out(),
            Todo::Targets(query) => self.look_for(query),
            Todo::Recent(page) => self.recent(page),
            Todo::Phonebook(page) => self.phonebook(page),
            #[cfg(not(feature = "direct"))]
            Todo::LastCalls(number) => self.last_calls(number),
            #[cfg(not(feature = "direct"))]
            Todo::Hear(recording) => self.ask_recording(recording),
            // Without a relay there is nobody to ask, and no control for it.
            #[cfg(feature = "direct")]
            Todo::LastCalls(_) | Todo::Hear(_) => return false,
            Todo::Focus(selector) => self.focus.set(Some(selector)),
            Todo::Say(text) => {
                self.spoken.borrow_mut().politely(&text);
                return false;
            }
        }
        true
    }

    pub(super) fn send(&self, action: Action) {
        if let Err(why) = self.desk.act(action) {
            // It was allowed a moment ago: the button shows by now why it is not.
            let why = self.texts.word("desk.refusal.", why.as_str());
            self.spoken.borrow_mut().politely(&why);
        }
    }

    /// Dials, unless a listener prevents it.
    fn dial(&self, request: CallRequest, id: &str) -> bool {
        let id = if id.is_empty() {
            random::key()
        } else {
            id.to_owned()
        };
        let number = request.number.as_e164().to_owned();
        let detail = Object::new();
        js::set_text(&detail, "id", Some(&id));
        js::set_text(&detail, "number", Some(&number));
        let options = js::invoke(&self.host, "options", &[]).unwrap_or_default();
        js::set(&detail, "provider", &js::get(&options, "provider"));
        if request.record.is_some() {
            js::set(&detail, "record", &js::get(&options, "record"));
        }
        if !request.payload.is_empty() {
            let payload = js::parse_object(&request.payload.as_json().into());
            js::set(&detail, "payload", &payload.unwrap_or_default());
        }
        if !self.emit("callrequested", &detail) {
            return false;
        }
        let mut details = self.details.borrow_mut();
        // The newest are enough: a call is over some time.
        if details.len() >= 16 {
            details.remove(0);
        }
        details.push((id.clone(), detail));
        drop(details);
        self.send(Action::PlaceCall(Box::new(request)));
        let asked = self.desk.session(|session| {
            let dials = session
                .asked()
                .filter(|asked| asked.action.kind() == Kind::PlaceCall);
            dials.last().map(|asked| asked.id)
        });
        if let Some(asked) = asked {
            self.told.borrow_mut().placed(id, asked, number);
            self.tell_page();
        }
        true
    }
}

fn read_act(control: &JsValue) -> Option<Act> {
    Act::read(&js::text(&js::get(control, "dataset"), "act")?)
}
