//! The last calls with a contact, and where their recordings can be heard: both from the relay.

use js_sys::Date;
use patchcord::failure::Failure;
use patchcord::js;
use patchcord_core::http::percent_encode;
use wasm_bindgen::JsValue;

use super::Panel;
use crate::texts::{Said, duration, joined};
use crate::ui::{Looking, PastRow, Tone, Way};
use crate::update::having;

impl Panel {
    pub(super) fn last_calls(&self, number: String) {
        let Some(panel) = self.me.upgrade() else {
            return;
        };
        let path = ["history?number=", &percent_encode(&number)].concat();
        let tell = move |got: Result<JsValue, Failure>| {
            let mut ui = panel.ui.borrow_mut();
            // It may have been closed since, or opened for somebody else.
            if ui.past.number != number {
                return;
            }
            let past = &mut ui.past;
            match got.and_then(told) {
                Ok(calls) => {
                    past.rows = calls.iter().map(|call| panel.last_call(call)).collect();
                    past.state = Looking::All;
                }
                Err(failure) => past.state = Looking::Failed(panel.said(&failure)),
            }
            drop(ui);
            panel.want();
        };
        self.desk.look_up(&path, Box::new(tell));
    }

    fn last_call(&self, call: &JsValue) -> PastRow {
        let text = |key| js::text(call, key).unwrap_or_default();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // This century's milliseconds, or a small count of seconds; what is no number becomes 0.
        let whole = |number: f64| number as u64;
        let seconds = |key| whole(js::get(call, key).as_f64().unwrap_or_default());
        let end = text("end");
        let ended = match &*end {
            "talked" => duration(seconds("duration").saturating_sub(seconds("answered_after"))),
            "other" => text("reason"),
            end => self.texts.word("desk.end.", end),
        };
        let who = text("agent");
        let who = if who.is_empty() { text("team") } else { who };
        let recordings = js::list(&js::get(call, "recordings"));
        let recording = recordings.first().and_then(|one| js::text(one, "id"));
        PastRow {
            when: self.clock(whole(Date::parse(&text("started_at")))),
            note: joined(&[&ended, &self.texts.apart(&who)], " · "),
            way: match &*text("direction") {
                "inbound" => Way::In,
                "outbound" => Way::Out,
                _ => Way::None,
            },
            recording: recording.unwrap_or_default(),
            link: String::new(),
        }
    }

    pub(super) fn ask_recording(&self, id: String) {
        let Some(panel) = self.me.upgrade() else {
            return;
        };
        let path = ["recordings/", &percent_encode(&id)].concat();
        let tell = move |got: Result<JsValue, Failure>| {
            let link = got.and_then(|object| match Failure::read(&object) {
                Some(failure) => Err(failure),
                None => Ok(js::text(&object, "link")),
            });
            let mut ui = panel.ui.borrow_mut();
            match link {
                Ok(Some(link)) => {
                    let mut rows = ui.past.rows.iter_mut();
                    if let Some(row) = rows.find(|row| row.recording == id) {
                        row.link = link;
                        panel.focus.set(Some(having("data-heard", &id)));
                    }
                }
                Ok(None) => {
                    let headline = panel.texts.get("desk.hear.none").to_owned();
                    let said = Said {
                        headline,
                        ..Said::default()
                    };
                    ui.notice("", Tone::Plain, said);
                }
                Err(failure) => {
                    let said = panel.said(&failure);
                    ui.notice("", Tone::Bad, said);
                }
            }
            drop(ui);
            panel.want();
        };
        self.desk.look_up(&path, Box::new(tell));
    }
}

/// The calls of the reply; or, where there are none, why a platform did not tell them.
fn told(reply: JsValue) -> Result<Vec<JsValue>, Failure> {
    let calls = js::list(&js::get(&reply, "calls"));
    let unread = js::list(&js::get(&reply, "unread"));
    match unread.first().and_then(Failure::read) {
        Some(failure) if calls.is_empty() => Err(failure),
        _ => Ok(calls),
    }
}
