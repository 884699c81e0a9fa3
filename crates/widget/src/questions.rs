//! What a callback form asks for, and what was answered. The rows come with the host; they are the same in the plain
//! form, and look and say the same there.

use js_sys::Object;
use patchcord::js;
use patchcord_core::number::Dialable;
use patchcord_core::text;
use wasm_bindgen::JsValue;

use crate::face::{find, put};
use crate::host::Host;

/// The form's rows, as they are now: a page may change what is asked for at any time.
pub struct Questions {
    rows: JsValue,
}

/// A field of the form.
struct Field {
    /// Its name in the form. Configured fields are prefixed: one of them may be called `number`.
    name: String,
    input: JsValue,
}

impl Questions {
    /// Takes the host's rows, with what is filled in, into the place that the form has for them.
    pub fn take(host: &Host) -> Self {
        let rows = js::get(&host.object, "rows");
        // Both are elements.
        let _ = js::invoke(
            &find(&host.root, ".place"),
            "replaceWith",
            std::slice::from_ref(&rows),
        );
        Self { rows }
    }

    /// The fields that are asked for, in the order of the page.
    fn fields(&self) -> Vec<Field> {
        let selector = "[name]:not(:disabled)".into();
        let found = js::invoke(&self.rows, "querySelectorAll", &[selector]).unwrap_or_default();
        let found = js_sys::Array::from(&found).to_vec();
        found
            .into_iter()
            .map(|input| Field {
                name: js::text(&input, "name").unwrap_or_default(),
                input,
            })
            .collect()
    }

    /// Shows at the field that a problem is about (`number`, `topic`, `fields.name`, `consent.version`) what is wrong.
    /// `false` where there is no such field.
    pub fn mark(&self, about: &str, text: &JsValue) -> bool {
        let group = text::split(about, b'.').map_or(about, |(group, _)| group);
        let fields = self.fields();
        let field = fields
            .iter()
            .find(|field| field.name == about)
            .or_else(|| fields.iter().find(|field| field.name == group));
        if let Some(field) = field {
            field.mark(text);
        }
        field.is_some()
    }

    /// Says at each field what is wrong with it, and gives the number if nothing is.
    pub fn check(&self, host: &Host) -> Option<Dialable> {
        let mut number = None;
        let mut is_right = true;
        for field in self.fields() {
            let text = field.answer();
            if field.name == "number" {
                // What a phone field has read; what was typed where none has come.
                let read = js::text(&js::get(&field.input, "dataset"), "number");
                number = read.as_deref().unwrap_or(&text).parse().ok();
            }
            let wrong = match field.wrong(&text, number.as_ref()) {
                Wrong::Nothing => JsValue::UNDEFINED,
                Wrong::Said(words) => words,
                Wrong::Known(key) => host.texts.get(key),
            };
            is_right &= wrong.is_undefined();
            field.mark(&wrong);
        }
        number.filter(|_| is_right)
    }

    /// The request's body.
    pub fn body(&self, number: &Dialable, host: &Host, payload: &JsValue) -> Object {
        let body = Object::new();
        let config = js::get(&host.object, "config");
        js::set_text(&body, "number", Some(number.number.as_e164()));
        js::set_text(
            &body,
            "extension",
            number
                .extension
                .as_ref()
                .map(|extension| extension.as_str()),
        );
        let mut topic = js::get(&host.options(), "topic");
        if !topic.is_string() {
            topic = js::list(&js::get(&config, "topics"))
                .first()
                .map(|first| js::get(first, "topic"))
                .unwrap_or_default();
        }
        js::set(&body, "topic", &topic);
        let fields = Object::new();
        for field in self.fields() {
            let answer = field.answer();
            match field.name.strip_prefix("fields.") {
                Some(name) if field.is_box() => {
                    js::set(&fields, name, &js::get(&field.input, "checked"));
                }
                Some(name) if !answer.is_empty() => js::set_text(&fields, name, Some(&answer)),
                None if matches!(&*field.name, "topic" | "at") && !answer.is_empty() => {
                    js::set_text(&body, &field.name, Some(&answer));
                }
                _ => {}
            }
        }
        js::set(&body, "fields", &fields);
        js::set(&body, "payload", payload);
        let version = js::get(&js::get(&config, "consent"), "version");
        if version.is_string() {
            let consent = Object::new();
            js::set(&consent, "version", &version);
            js::set(&consent, "given", &JsValue::TRUE);
            js::set(&body, "consent", &consent);
        }
        // Without query and fragment: they may hold what is nobody's business.
        let location = js::get(&js::global(), "location");
        let page = js::text(&location, "origin").zip(js::text(&location, "pathname"));
        js::set_text(
            &body,
            "page",
            page.map(|(origin, path)| origin + &path).as_deref(),
        );
        body
    }

    /// Puts in what a request has that was sent before the page was loaded again.
    pub fn fill_in(&self, body: &JsValue) {
        let given = js::get(body, "fields");
        let (topic, at) = (js::get(body, "topic"), js::get(body, "at"));
        let choice = find(&self.rows, "[name=topic]");
        if choice.is_object() && topic.is_string() {
            put(&choice, "value", &topic);
            // The host's: what it asks for follows the topic.
            let _ = js::invoke(&choice, "onchange", &[]);
        }
        if at.is_string() {
            // The host's, too; it is absent where no time can be chosen.
            let _ = js::invoke(&find(&self.rows, ".when"), "take", &[at]);
        }
        for field in self.fields() {
            let value = match field.name.strip_prefix("fields.") {
                Some(name) => js::get(&given, name),
                None => js::get(body, &field.name),
            };
            if value.is_string() {
                put(&field.input, "value", &value);
            } else if field.is_box() {
                put(&field.input, "checked", &value.is_truthy().into());
            }
        }
    }
}

/// What is wrong with an answer.
enum Wrong {
    Nothing,
    /// In the words of the field itself.
    Said(JsValue),
    /// By the key of a text.
    Known(&'static str),
}

impl Field {
    /// What was answered; `on` for a box that is ticked.
    fn answer(&self) -> String {
        if self.is_box() && !js::get(&self.input, "checked").is_truthy() {
            return String::new();
        }
        js::text(&self.input, "value")
            .unwrap_or_default()
            .trim_ascii()
            .to_owned()
    }

    fn is_box(&self) -> bool {
        js::text(&self.input, "type").as_deref() == Some("checkbox")
    }

    /// What is wrong with an answer: by the browser's own check of the input, and of a number by ours.
    fn wrong(&self, answer: &str, number: Option<&Dialable>) -> Wrong {
        let validity = js::get(&self.input, "validity");
        let is = |what: &str| js::get(&validity, what).is_truthy();
        if is("customError") {
            return Wrong::Said(js::get(&self.input, "validationMessage"));
        }
        let is_needed = js::get(&self.input, "required").is_truthy();
        match &*self.name {
            "consent" if answer.is_empty() => Wrong::Known("callback.consent.missing"),
            "number" if answer.is_empty() => Wrong::Known("callback.number.missing"),
            "number" if number.is_none() => Wrong::Known("callback.number.invalid"),
            "number" => Wrong::Nothing,
            // A date that is half filled in has no value.
            _ if is("badInput") || is("rangeUnderflow") || is("rangeOverflow") => {
                Wrong::Known("callback.date")
            }
            _ if is_needed && answer.is_empty() => Wrong::Known("callback.missing"),
            _ if is("typeMismatch") => Wrong::Known("callback.email"),
            _ if is("tooLong") => Wrong::Known("callback.long"),
            _ => Wrong::Nothing,
        }
    }

    fn mark(&self, wrong: &JsValue) {
        let invalid = if wrong.is_undefined() {
            JsValue::NULL
        } else {
            "true".into()
        };
        put(&self.input, "ariaInvalid", &invalid);
        // Each input is in a row with a place for that.
        let row = js::invoke(&self.input, "closest", &[".field".into()]).unwrap_or_default();
        put(&find(&row, ".wrong"), "textContent", wrong);
    }
}
