//! The element, as a component sees it.

use js_sys::Object;
use patchcord::failure::Failure;
use patchcord::{js, time};
use wasm_bindgen::JsValue;

use crate::face::find;
use crate::texts::Texts;

/// The plain object that the loader hands over, and the element that is rendered into.
pub struct Host {
    /// The contract describes it.
    pub object: JsValue,
    /// Inside the shadow root.
    pub root: JsValue,
    /// The texts of the chosen language.
    pub texts: Texts,
}

impl Host {
    /// A host and its root.
    pub fn new(object: JsValue, root: JsValue) -> Self {
        let texts = Texts(js::get(&object, "texts"));
        Self {
            object,
            root,
            texts,
        }
    }

    /// What the element's attributes and properties say now.
    pub fn options(&self) -> JsValue {
        // A host that throws here has no options; the loader's does not.
        js::invoke(&self.object, "options", &[]).unwrap_or_default()
    }

    /// Dispatches an event; `false` if a listener prevented it.
    pub fn emit(&self, name: &str, detail: &Object) -> bool {
        js::invoke(&self.object, "emit", &[name.into(), detail.into()]) != Ok(JsValue::FALSE)
    }

    /// Dispatches an event about something that did not work.
    pub fn emit_failure(&self, name: &str, detail: &Object, failure: &Failure) {
        js::set_text(detail, "code", Some(&failure.code()));
        let message = failure
            .message()
            .map_or_else(|| self.texts.failure(failure), JsValue::from);
        js::set(detail, "message", &message);
        self.emit(name, detail);
    }

    /// Puts the focus on what `selector` finds, once the change at hand is on the page.
    pub fn focus(&self, selector: &'static str) {
        let root = self.root.clone();
        js::spawn(async move {
            // What is still hidden cannot take the focus.
            time::sleep(0).await;
            // Nothing found, or nothing that takes the focus: it stays where it is.
            let _ = js::invoke(&find(&root, selector), "focus", &[]);
        });
    }
}

/// A copy of an object as it is now, so that later changes do not reach what was clicked; `undefined` for what
/// is no object or has no JSON.
pub fn copy(object: &JsValue) -> JsValue {
    let text = js::stringify(object).map(JsValue::from);
    text.and_then(|text| js::parse_object(&text))
        .unwrap_or_default()
}

/// A copy of an event's detail, to add to.
pub fn with_more(detail: &Object) -> Object {
    Object::assign(&Object::new(), detail)
}
