//! What the page around the panel says, and what it is told.

use js_sys::Object;
use patchcord::{js, time};
use patchcord_core::call::CallRequest;
use patchcord_core::error::Error;
use patchcord_core::payload::Payload;
use patchcord_core::record::Record;
use wasm_bindgen::JsValue;

use super::Panel;
use crate::scene::Offer;
use crate::told::{Detail, Event};

impl Panel {
    pub(super) fn tell_page(&self) {
        let events = self.desk.session(|session| {
            let mut told = self.told.borrow_mut();
            told.listen(session, time::now())
        });
        for event in events {
            self.tell(&event);
        }
        let agent = self.desk.session(|session| {
            let mut told = self.told.borrow_mut();
            self.with_scene(session, |scene| told.agent(scene))
        });
        if agent.is_some() {
            let detail = Object::new();
            js::set_text(&detail, "state", agent);
            self.emit("agentstate", &detail);
        }
    }

    pub(super) fn tell(&self, event: &Event) {
        let detail = Object::new();
        let details = self.details.borrow();
        let placed = details.iter().find(|(id, _)| *id == event.id);
        if let Some((_, placed)) = placed {
            Object::assign(&detail, placed);
        } else {
            js::set_text(&detail, "id", Some(&event.id));
            js::set_text(&detail, "number", Some(&event.number));
            let options = js::invoke(&self.host, "options", &[]).unwrap_or_default();
            js::set(&detail, "provider", &js::get(&options, "provider"));
        }
        drop(details);
        let call = Some(&*event.call).filter(|call| !call.is_empty());
        js::set_text(&detail, "call", call);
        for (key, value) in &event.more {
            #[allow(clippy::cast_precision_loss)] // Seconds.
            let value = match value {
                Detail::Word(word) => (*word).into(),
                Detail::Text(text) => text.into(),
                Detail::Flag(on) => (*on).into(),
                Detail::Number(number) => JsValue::from_f64(*number as f64),
            };
            js::set(&detail, key, &value);
        }
        self.emit(event.name, &detail);
    }

    pub(super) fn complain(&self, error: &Error) {
        let detail = Object::new();
        js::set_text(&detail, "code", Some(error.code.as_str()));
        js::set_text(&detail, "field", error.field.as_deref());
        let said = self.texts.of_code(error.code.as_str(), None);
        js::set_text(&detail, "message", Some(&said.headline));
        self.emit("patchcorderror", &detail);
    }

    /// Dispatches an event; `false` if a listener prevented it.
    pub(super) fn emit(&self, name: &str, detail: &Object) -> bool {
        js::invoke(&self.host, "emit", &[name.into(), detail.into()]) != Ok(JsValue::FALSE)
    }
}

/// What the page offers to dial.
pub(super) fn read_offer(options: &JsValue) -> Result<Offer, Error> {
    let text = |object: &JsValue, key| js::text(object, key);
    let record = js::get(options, "record");
    let record = text(&record, "id").map(|id| Record {
        system: text(&record, "system").unwrap_or_default(),
        kind: text(&record, "type").unwrap_or_default(),
        id,
        name: text(&record, "name"),
        url: text(&record, "url"),
    });
    let payload = js::get(options, "payload");
    let payload = if js::is_object(&payload) {
        // Without JSON (a cycle) it is no payload: that is said as for any other text that is none.
        Payload::from_json(&js::stringify(&payload).unwrap_or_default())?
    } else {
        Payload::default()
    };
    let mut offer = Offer {
        number: text(options, "number").unwrap_or_default(),
        record,
        payload,
        about: None,
    };
    let about = patchcord::desk::About::of(&CallRequest {
        record: offer.record.clone(),
        payload: offer.payload.clone(),
        // About what is dialled, whoever is called.
        ..CallRequest::to("+10000000".parse()?)
    });
    offer.about = (!about.is_empty()).then_some(about);
    Ok(offer)
}
