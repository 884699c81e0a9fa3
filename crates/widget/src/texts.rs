//! The texts of the chosen language, by key.

use patchcord::failure::Failure;
use patchcord::js;
use wasm_bindgen::JsValue;

/// A plain object of strings.
#[derive(Clone)]
pub struct Texts(pub JsValue);

impl Texts {
    /// The text of `<group><name>`, if there is one.
    pub fn find(&self, group: &str, name: &str) -> Option<String> {
        js::text(&self.0, &[group, name].concat())
    }

    /// The text of a key; the key itself shows that one is missing.
    pub fn get(&self, key: &str) -> String {
        js::text(&self.0, key).unwrap_or_else(|| key.to_owned())
    }

    /// A text with `{name}` filled in.
    pub fn fill(&self, key: &str, name: &str, value: &str) -> String {
        fill(&self.get(key), name, value)
    }

    /// What happened: the text for the code, else the relay's own words, else that nobody has words for it.
    pub fn failure(&self, failure: &Failure) -> String {
        let (code, message) = (failure.code(), failure.message().unwrap_or_default());
        match self.find("code.", &code) {
            // A text that quotes the provider needs something to quote.
            Some(text) if message.is_empty() && text.contains('{') => {
                self.get("code.provider_refused.silent")
            }
            Some(text) => fill(&text, "message", &message),
            None if message.is_empty() => self.fill("code.other", "code", &code),
            None => message,
        }
    }

    /// What to do about it.
    pub fn remedy(&self, failure: &Failure) -> String {
        let own = self.find("code.", &[&failure.code(), ".remedy"].concat());
        own.or_else(|| failure.remedy()).unwrap_or_default()
    }
}

/// Fills in the one placeholder of a text. By single characters: searching for text in text is 5 kB of code.
fn fill(text: &str, name: &str, value: &str) -> String {
    match text
        .split_once('{')
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        Some((before, (placeholder, after))) if placeholder == name => {
            [before, value, after].concat()
        }
        _ => text.to_owned(),
    }
}
