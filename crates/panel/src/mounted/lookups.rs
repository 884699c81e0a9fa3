//! What is looked up: whom to transfer to, calls of the past, the phonebook.

use std::rc::Rc;

use js_sys::Object;
use patchcord::failure::Failure;
use patchcord::{js, time};
use patchcord_core::desk::lookup::PastCall;
use patchcord_core::desk::view::{Contact, Direction};
use patchcord_core::text::digits;
use wasm_bindgen::JsValue;

use super::Panel;
use crate::texts::duration;
use crate::ui::{List, Looking, Row, Ui, Way};

/// How many rows are asked for at once; the sdk's.
const PAGE: usize = 25;
/// Looking something up begins when nothing was typed for so many milliseconds.
const TYPING_MS: u64 = 200;

impl Panel {
    /// Runs `then` once nothing was typed for a moment.
    pub(super) fn once_typed(&self, query: &str, then: impl FnOnce(Rc<Self>) + 'static) {
        let turn = self.typed.get().wrapping_add(1);
        self.typed.set(turn);
        let Some(panel) = self.me.upgrade() else {
            return;
        };
        let pause = if query.is_empty() { 0 } else { TYPING_MS };
        js::spawn(async move {
            time::sleep(pause).await;
            if panel.typed.get() == turn {
                then(panel);
            }
        });
    }

    pub(super) fn look_for(&self, query: String) {
        self.once_typed(&query.clone(), move |panel| {
            let told = panel.clone();
            let desk = panel.desk.clone();
            desk.targets(
                query.clone(),
                Box::new(move |found| {
                    let failure = found.as_ref().err().map(|failure| told.said(failure));
                    if let Some(pick) = told.ui.borrow_mut().pick()
                        && pick.query == query
                    {
                        pick.state = failure.map_or(Looking::All, Looking::Failed);
                        pick.found = found.unwrap_or_default();
                    }
                    told.want();
                }),
            );
        });
    }

    pub(super) fn recent(&self, page: u32) {
        let Some(panel) = self.me.upgrade() else {
            return;
        };
        self.desk.history(
            page,
            Box::new(move |got| {
                let rows = got.map(|calls| {
                    let rows = calls.iter().map(|call| panel.past(call));
                    rows.collect()
                });
                panel.take_rows(page, rows, |ui| &mut ui.recent);
            }),
        );
    }

    pub(super) fn phonebook(&self, page: u32) {
        let query = self.ui.borrow().query.clone();
        self.once_typed(&query.clone(), move |panel| {
            let told = panel.clone();
            let desk = panel.desk.clone();
            desk.phonebook(
                query.clone(),
                page,
                Box::new(move |got| {
                    if told.ui.borrow().query == query {
                        let rows = got.map(|all| all.iter().map(contact).collect());
                        told.take_rows(page, rows, |ui| &mut ui.phonebook);
                    }
                }),
            );
        });
    }

    pub(super) fn take_rows(
        &self,
        page: u32,
        rows: Result<Vec<Row>, Failure>,
        list: fn(&mut Ui) -> &mut List,
    ) {
        let mut ui = self.ui.borrow_mut();
        match rows {
            Ok(rows) => list(&mut ui).take(page, rows, PAGE),
            Err(failure) => list(&mut ui).state = Looking::Failed(self.said(&failure)),
        }
        drop(ui);
        self.want();
    }

    pub(super) fn past(&self, call: &PastCall) -> Row {
        let (way, number) = match call.direction {
            Direction::Outbound => (Way::Out, &call.to),
            Direction::Inbound => (Way::In, &call.from),
            Direction::Other(_) => (Way::None, &call.from),
        };
        let number = number.to_string();
        let label = if call.contact.is_empty() {
            number.clone()
        } else {
            call.contact.to_string()
        };
        let mut note = self.clock(call.at);
        if call.duration > 0 {
            note = [&note, " · ", &duration(call.duration / 1_000)].concat();
        }
        Row {
            label,
            number,
            note,
            way,
        }
    }

    /// So many seconds, with the plural that they have in the panel's language.
    pub(super) fn seconds(&self, count: u64) -> String {
        let said = js::invoke(&self.host, "seconds", &[digits(count).into()]);
        said.unwrap_or_default().as_string().unwrap_or_default()
    }

    /// A time of day, with the date where it is another day.
    pub(super) fn clock(&self, at: u64) -> String {
        #[allow(clippy::cast_precision_loss)] // This century's milliseconds are whole.
        let date = js_sys::Date::new(&JsValue::from_f64(at as f64));
        let local = |date: &js_sys::Date, method: &str, style: &str| {
            let options = Object::new();
            js::set_text(&options, style, Some("short"));
            // A language that the browser does not know makes it throw: then its own.
            let said = js::invoke(date, method, &[self.lang.clone(), options.clone().into()])
                .or_else(|_| js::invoke(date, method, &[JsValue::UNDEFINED, options.into()]));
            said.unwrap_or_default().as_string().unwrap_or_default()
        };
        let time = local(&date, "toLocaleTimeString", "timeStyle");
        let day = local(&date, "toLocaleDateString", "dateStyle");
        if day == local(&js_sys::Date::new_0(), "toLocaleDateString", "dateStyle") {
            time
        } else {
            [&day, " ", &*time].concat()
        }
    }
}

fn contact(contact: &Contact) -> Row {
    Row {
        label: contact.label.to_string(),
        number: contact.number.to_string(),
        ..Row::default()
    }
}
