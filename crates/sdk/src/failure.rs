//! The typed error of the browser module.

use js_sys::{Error, Object};
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;

use crate::js;

/// What went wrong: the relay's problem document, a call that was refused, or what the browser found out
/// itself. It stays the browser's own object and is read where it is shown.
#[derive(Debug, Clone, Default)]
pub struct Failure(JsValue);

impl Failure {
    /// A failure with nothing but its code; the texts have words for it.
    // Inlined, so that only the codes that are used are in the module.
    #[inline(always)]
    pub fn of(code: Code) -> Self {
        Self::named(code.as_str())
    }

    /// A failure about one field, or one attribute.
    #[inline(always)]
    pub fn about(field: &str, code: Code) -> Self {
        let failure = Self::of(code);
        js::set_text(failure.object(), "field", Some(field));
        failure
    }

    /// The same failure with words of its own.
    pub fn saying(self, message: &str) -> Self {
        js::set_text(
            self.object(),
            "message",
            Some(message).filter(|text| !text.is_empty()),
        );
        self
    }

    /// A problem document, a call, a callback, or a `PatchcordError`; `None` without a code.
    pub fn read(object: &JsValue) -> Option<Self> {
        js::text(object, "code").map(|_| Self(object.clone()))
    }

    /// The stable code. Text, because a relay may be newer than this module.
    pub fn code(&self) -> String {
        js::text(&self.0, "code").unwrap_or_default()
    }

    /// Whether it is this code.
    #[inline(always)]
    pub fn is(&self, code: Code) -> bool {
        self.code() == code.as_str()
    }

    /// The field it is about, as it is named in the request.
    pub fn field(&self) -> Option<String> {
        js::text(&self.0, "field")
    }

    /// What happened: the relay's words, or the provider's.
    pub fn message(&self) -> Option<String> {
        let words = ["detail", "message", "title"];
        words
            .iter()
            .find_map(|key| js::text(&self.0, key))
            .filter(|text| !text.is_empty())
    }

    /// What to do about it, `undefined` if nobody said.
    pub fn remedy(&self) -> JsValue {
        js::get(&self.0, "remedy")
    }

    /// The JavaScript `Error`: `name` is `PatchcordError`, with `code`, `field` and `remedy`.
    pub fn into_js(self) -> JsValue {
        let error = Error::new(&self.message().unwrap_or_else(|| self.code()));
        error.set_name("PatchcordError");
        for key in ["code", "field", "remedy"] {
            js::set_text(&error, key, js::text(&self.0, key).as_deref());
        }
        error.into()
    }

    /// The object itself; [`Failure::read`] reads it again.
    pub fn into_object(self) -> JsValue {
        self.0
    }

    #[inline(never)]
    fn named(code: &str) -> Self {
        let object = Object::new();
        js::set_text(&object, "code", Some(code));
        Self(object.into())
    }

    fn object(&self) -> &Object {
        use wasm_bindgen::JsCast;
        self.0.unchecked_ref()
    }
}
