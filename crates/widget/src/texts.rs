//! The texts of the chosen language, by key. They stay the browser's own strings.

use js_sys::JsString;
use patchcord::failure::Failure;
use patchcord::js;
use wasm_bindgen::{JsCast, JsValue};

/// A plain object of strings.
#[derive(Clone)]
pub struct Texts(pub JsValue);

impl Texts {
    /// The text of a key, `undefined` if there is none.
    pub fn find(&self, group: &str, name: &str, end: &str) -> JsValue {
        js::get(&self.0, &[group, name, end].concat())
    }

    /// The text of a key; the key itself shows that one is missing.
    pub fn get(&self, key: &str) -> JsValue {
        let text = js::get(&self.0, key);
        if text.is_string() { text } else { key.into() }
    }

    /// A text with `{name}` filled in.
    pub fn fill(&self, key: &str, name: &str, value: &str) -> JsValue {
        fill(&self.get(key), name, value)
    }

    /// What happened: the text for the code, else the relay's own words, else that nobody has words for it.
    pub fn failure(&self, failure: &Failure) -> JsValue {
        let (code, message) = (failure.code(), failure.message());
        let text = self.find("code.", &code, "");
        match (text.is_string(), message) {
            (true, Some(message)) => fill(&text, "message", &message),
            // A text that quotes the provider needs something to quote.
            (true, None) => {
                let silent = self.find("code.", &code, ".silent");
                if silent.is_string() { silent } else { text }
            }
            (false, Some(message)) => message.into(),
            (false, None) => self.fill("code.other", "code", &code),
        }
    }

    /// What to do about it, in the words of who said what happened: the relay's are English, and for developers.
    pub fn remedy(&self, failure: &Failure) -> JsValue {
        let code = failure.code();
        if self.find("code.", &code, "").is_string() {
            self.find("code.", &code, ".remedy")
        } else {
            failure.remedy()
        }
    }
}

/// Fills in a placeholder. Not with `replace`: that would read a `$` in the value as a pattern.
fn fill(text: &JsValue, name: &str, value: &str) -> JsValue {
    let text: &JsString = text.unchecked_ref();
    text.split(&["{", name, "}"].concat()).join(value).into()
}
