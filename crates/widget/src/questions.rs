//! What a callback form asks for, and what was answered.

use js_sys::Object;
use patchcord::js;
use patchcord_core::number::Dialable;
use patchcord_core::text;
use wasm_bindgen::JsValue;

use crate::face::{find, put};
use crate::texts::Texts;

/// A field of the form.
struct Field {
    /// Its name in the form. Configured fields are prefixed: one of them may be called `number`.
    id: String,
    input: JsValue,
    note: JsValue,
    required: bool,
}

/// The form's fields, in the order of the page.
pub struct Questions {
    fields: Vec<Field>,
    /// What the element, or the configuration with its one topic, chose for the visitor.
    topic: JsValue,
    /// The version of the consent text, `undefined` where there is none.
    consent: JsValue,
}

impl Questions {
    /// Puts the fields into the form: what the relay's configuration asks for, as far as the element's
    /// options want it.
    pub fn ask(form: &JsValue, config: &JsValue, options: &JsValue, texts: &Texts) -> Self {
        let chosen = js::text(options, "fields");
        let mut rows = Rows {
            form,
            texts,
            fields: Vec::new(),
        };
        for field in js::list(&js::get(config, "fields")) {
            let name = js::text(&field, "name").unwrap_or_default();
            let required = js::get(&field, "required").is_truthy();
            let hidden = js::get(&field, "hidden");
            let is_chosen = |names: &String| {
                names
                    .as_bytes()
                    .split(|byte| matches!(byte, b' ' | b','))
                    .any(|chosen| chosen == name.as_bytes())
            };
            if !required && !hidden.is_truthy() && !chosen.as_ref().is_none_or(is_chosen) {
                continue;
            }
            let input = rows.add(
                &["fields.", &name].concat(),
                &js::get(&field, "label"),
                required,
                ".text",
            );
            let max = js::get(&field, "max");
            if max.is_truthy() {
                put(&input, "maxLength", &max);
            }
            put(&input, "autocomplete", &js::get(&field, "autocomplete"));
            put(&js::get(&input, "parentNode"), "hidden", &hidden);
        }
        let input = rows.add("number", &texts.get("callback.number"), true, ".text");
        put(&input, "type", &"tel".into());
        put(&input, "autocomplete", &"tel".into());
        let region = js::text(options, "region").or_else(|| js::text(config, "region"));
        let hint = texts.find("callback.number.hint.", &region.unwrap_or_default(), "");
        let hint = if hint.is_string() {
            hint
        } else {
            texts.get("callback.number.hint")
        };
        put(&find(form, "#number-hint"), "textContent", &hint);
        let topic = rows.topic(
            &js::list(&js::get(config, "topics")),
            js::get(options, "topic"),
        );
        let consent = js::get(config, "consent");
        if consent.is_object() {
            rows.add("consent", &js::get(&consent, "text"), true, ".box-line");
        }
        // The models have served: only copies of them are part of the form.
        for model in [".text", ".choice", ".box-line"] {
            let _ = js::invoke(&find(form, model), "remove", &[]);
        }
        Self {
            fields: rows.fields,
            topic,
            consent: js::get(&consent, "version"),
        }
    }

    /// The inputs, each with its note.
    pub fn fields(&self) -> Vec<(JsValue, JsValue)> {
        self.fields
            .iter()
            .map(|field| (field.input.clone(), field.note.clone()))
            .collect()
    }

    /// Where the field is that a problem is about: `number`, `topic`, `fields.name`, `consent.version`.
    pub fn index(&self, about: &str) -> Option<usize> {
        let group = text::split(about, b'.').map(|(group, _)| group);
        self.fields
            .iter()
            .position(|field| field.id == about || Some(field.id.as_str()) == group)
    }

    /// Puts in what the visitor had filled in before.
    pub fn fill_in(&self, values: &JsValue) {
        for field in &self.fields {
            let value = js::get(values, &field.id);
            if field.id == "consent" {
                put(&field.input, "checked", &value.is_truthy().into());
            } else if value.is_string() {
                put(&field.input, "value", &value);
            }
        }
    }

    /// What is wrong with each field, `undefined` where nothing is, and the number if it is right.
    pub fn check(&self, texts: &Texts) -> (Vec<JsValue>, Option<Dialable>) {
        let mut number = None;
        let mut wrong = Vec::new();
        for field in &self.fields {
            let text = field.answer();
            // What a phone field has found out.
            let said = js::get(&field.input, "validationMessage");
            if said.is_truthy() {
                wrong.push(said);
                continue;
            }
            let key = match (field.id.as_str(), text.as_str()) {
                ("consent", "") => "callback.consent.missing",
                ("number", "") => "callback.number.missing",
                ("number", text) => {
                    // What a phone field has read; what was typed where none has come.
                    let read = js::text(&js::get(&field.input, "dataset"), "number");
                    number = read.as_deref().unwrap_or(text).parse().ok();
                    if number.is_some() {
                        ""
                    } else {
                        "callback.number.invalid"
                    }
                }
                (_, "") if field.required => "callback.missing",
                _ => "",
            };
            wrong.push(if key.is_empty() {
                JsValue::UNDEFINED
            } else {
                texts.get(key)
            });
        }
        (wrong, number)
    }

    /// The request's body.
    pub fn body(&self, number: &Dialable, payload: &JsValue) -> Object {
        let body = Object::new();
        js::set_text(&body, "number", Some(number.number.as_e164()));
        js::set_text(
            &body,
            "extension",
            number
                .extension
                .as_ref()
                .map(|extension| extension.as_str()),
        );
        js::set(&body, "topic", &self.topic);
        let fields = Object::new();
        for field in &self.fields {
            let answer = field.answer();
            match field.id.strip_prefix("fields.") {
                Some(name) if !answer.is_empty() => js::set_text(&fields, name, Some(&answer)),
                None if field.id == "topic" => js::set_text(&body, "topic", Some(&answer)),
                _ => {}
            }
        }
        js::set(&body, "fields", &fields);
        js::set(&body, "payload", payload);
        if self.consent.is_string() {
            let consent = Object::new();
            js::set(&consent, "version", &self.consent);
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
}

impl Field {
    /// What was answered; `on` for a box that is ticked.
    fn answer(&self) -> String {
        if self.id == "consent" && !js::get(&self.input, "checked").is_truthy() {
            return String::new();
        }
        js::text(&self.input, "value")
            .unwrap_or_default()
            .trim_ascii()
            .to_owned()
    }
}

/// The fields while they are put into the form.
struct Rows<'a> {
    form: &'a JsValue,
    texts: &'a Texts,
    fields: Vec<Field>,
}

impl Rows<'_> {
    /// Adds a copy of one of the markup's model rows, and gives its input.
    fn add(&mut self, id: &str, label: &JsValue, required: bool, model: &str) -> JsValue {
        let model = find(self.form, model);
        let row = js::invoke(&model, "cloneNode", &[JsValue::TRUE]).unwrap_or_default();
        put(&row, "hidden", &JsValue::FALSE);
        put(&row, "className", &"field".into());
        // The markup has a place for them.
        let _ = js::invoke(
            &find(self.form, ".rows"),
            "append",
            std::slice::from_ref(&row),
        );
        let (input, note) = (find(&row, "input,select"), find(&row, ".wrong"));
        put(&find(&row, ".label"), "textContent", label);
        if !required {
            put(
                &find(&row, ".optional"),
                "textContent",
                &self.texts.get("callback.optional"),
            );
        }
        let described = [id, "-hint ", id, "-error"].concat();
        for (node, property, value) in [
            (&input, "id", &id.into()),
            (&input, "name", &id.into()),
            (&find(&row, "label"), "htmlFor", &id.into()),
            (&note, "id", &[id, "-error"].concat().into()),
            (&find(&row, ".hint"), "id", &[id, "-hint"].concat().into()),
        ] {
            put(node, property, value);
        }
        let described = ["aria-describedby".into(), described.into()];
        // An element: it has attributes.
        let _ = js::invoke(&input, "setAttribute", &described);
        if required {
            put(&input, "ariaRequired", &"true".into());
        }
        self.fields.push(Field {
            id: id.to_owned(),
            input: input.clone(),
            note,
            required,
        });
        input
    }

    /// Lets the visitor choose where there is something to choose; gives what is chosen already.
    fn topic(&mut self, topics: &[JsValue], chosen: JsValue) -> JsValue {
        if chosen.is_string() || topics.len() < 2 {
            return if chosen.is_string() {
                chosen
            } else {
                topics
                    .first()
                    .map(|only| js::get(only, "topic"))
                    .unwrap_or_default()
            };
        }
        let select = self.add("topic", &self.texts.get("callback.topic"), true, ".choice");
        for topic in topics {
            let model = find(&select, "option");
            let option = js::invoke(&model, "cloneNode", &[]).unwrap_or_default();
            put(&option, "value", &js::get(topic, "topic"));
            put(&option, "textContent", &js::get(topic, "label"));
            put(&option, "hidden", &JsValue::FALSE);
            let _ = js::invoke(&select, "append", &[option]);
        }
        // The model itself is no answer.
        let _ = js::invoke(&find(&select, "option"), "remove", &[]);
        JsValue::UNDEFINED
    }
}
