//! What a tab keeps across a reload, in its `sessionStorage`. A page without one keeps nothing.

use wasm_bindgen::JsValue;

use crate::js;

/// One thing that is kept, by its name.
#[derive(Clone)]
pub struct Kept(JsValue);

impl Kept {
    /// By a name, a text of the browser; what is no text keeps nothing.
    pub fn named(name: JsValue) -> Self {
        Self(name)
    }

    /// What is kept, if it is an object.
    pub fn read(&self) -> Option<JsValue> {
        let text = self.storage("getItem", JsValue::UNDEFINED)?;
        js::parse_object(&text)
    }

    /// Keeps an object in the place of what was kept.
    pub fn put(&self, object: &JsValue) {
        if let Some(text) = js::stringify(object) {
            self.storage("setItem", text.into());
        }
    }

    /// Keeps nothing any more.
    pub fn forget(&self) {
        self.storage("removeItem", JsValue::UNDEFINED);
    }

    /// `None` where storage is refused, or full.
    fn storage(&self, method: &str, value: JsValue) -> Option<JsValue> {
        if !self.0.is_string() {
            return None;
        }
        let storage = js::get(&js::global(), "sessionStorage");
        js::invoke(&storage, method, &[self.0.clone(), value]).ok()
    }
}
