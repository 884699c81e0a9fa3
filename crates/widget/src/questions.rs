//! What a callback form asks for, and what was answered.

use js_sys::Object;
use patchcord::js;
use patchcord_core::number::Dialable;
use wasm_bindgen::JsValue;

use crate::texts::Texts;

/// A line of the form that takes text.
pub struct Line {
    /// Its name in the form. Configured fields are prefixed: one of them may be called `number`.
    pub id: String,
    pub label: String,
    /// The input's type.
    pub kind: &'static str,
    pub autocomplete: &'static str,
    pub required: bool,
    pub max: Option<String>,
    pub hint: String,
}

/// What the form asks for.
pub struct Questions {
    /// The configured fields, then the number.
    pub lines: Vec<Line>,
    /// Topic and label; a choice only if there is more than one.
    pub topics: Vec<(String, String)>,
    /// Version and text.
    pub consent: Option<(String, String)>,
}

impl Questions {
    /// Reads the relay's configuration and the element's options.
    pub fn read(config: &JsValue, options: &JsValue, texts: &Texts) -> Self {
        let chosen = js::text(options, "fields");
        let chosen: Option<Vec<&str>> = chosen
            .as_deref()
            .map(|names| names.split([' ', ',']).collect());
        let mut lines = Vec::new();
        for field in js::list(&js::get(config, "fields")) {
            let Some(name) = js::text(&field, "name") else {
                continue;
            };
            let required = js::get(&field, "required").is_truthy();
            if !required
                && chosen
                    .as_ref()
                    .is_some_and(|chosen| !chosen.contains(&name.as_str()))
            {
                continue;
            }
            let (kind, autocomplete) = match name.as_str() {
                "name" => ("text", "name"),
                "email" => ("email", "email"),
                "company" => ("text", "organization"),
                _ => ("text", "on"),
            };
            lines.push(Line {
                id: ["fields.", &name].concat(),
                label: js::text(&field, "label").unwrap_or(name),
                kind,
                autocomplete,
                required,
                max: js::digits(&js::get(&field, "max")),
                hint: String::new(),
            });
        }
        let region = js::text(options, "region")
            .or_else(|| js::text(config, "region"))
            .unwrap_or_default();
        let hint = texts.find("callback.number.hint.", &region);
        lines.push(Line {
            id: "number".to_owned(),
            label: texts.get("callback.number"),
            kind: "tel",
            autocomplete: "tel",
            required: true,
            max: None,
            hint: hint.unwrap_or_else(|| texts.get("callback.number.hint")),
        });
        let mut topics = Vec::new();
        for entry in js::list(&js::get(config, "topics")) {
            if let Some(topic) = js::text(&entry, "topic") {
                let label = js::text(&entry, "label").unwrap_or_else(|| topic.clone());
                topics.push((topic, label));
            }
        }
        if let Some(topic) = js::text(options, "topic") {
            topics = vec![(topic, String::new())];
        }
        let consent = js::get(config, "consent");
        let consent = js::text(&consent, "version").zip(js::text(&consent, "text"));
        Self {
            lines,
            topics,
            consent,
        }
    }

    /// The form's fields, in the order of the page: the lines, the topic, the consent.
    pub fn index(&self, id: &str) -> Option<usize> {
        match id {
            "topic" => Some(self.topic_index()),
            "consent" => Some(self.topic_index() + 1),
            _ => self.lines.iter().position(|line| line.id == id),
        }
    }

    /// Where the topic stands.
    pub fn topic_index(&self) -> usize {
        self.lines.len()
    }

    /// What is wrong, by field in the order of the page (empty where nothing is), and the number if it is
    /// right.
    pub fn check(&self, form: &JsValue, texts: &Texts) -> (Vec<String>, Option<Dialable>) {
        let mut wrong = vec![String::new(); self.lines.len() + 2];
        let mut number = None;
        for (note, line) in wrong.iter_mut().zip(&self.lines) {
            let (text, is_number) = (answer(form, &line.id), line.kind == "tel");
            if is_number {
                number = text.parse().ok();
            }
            let key = match (text.is_empty() && line.required, is_number) {
                (true, true) => "callback.number.missing",
                (true, false) => "callback.missing",
                (false, true) if number.is_none() => "callback.number.invalid",
                _ => continue,
            };
            *note = texts.get(key);
        }
        let given = js::get(&field(form, "consent"), "checked").is_truthy();
        if let (Some(_), false, Some(note)) = (&self.consent, given, wrong.last_mut()) {
            *note = texts.get("callback.consent.missing");
        }
        (wrong, number)
    }

    /// The request's body.
    pub fn body(
        &self,
        form: &JsValue,
        number: &Dialable,
        payload: Option<&JsValue>,
    ) -> Option<String> {
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
        let topic = match self.topics.as_slice() {
            [(topic, _)] => topic.clone(),
            _ => answer(form, "topic"),
        };
        js::set_text(&body, "topic", Some(&topic));
        let fields = Object::new();
        for line in &self.lines {
            let text = answer(form, &line.id);
            if let (Some(name), false) = (line.id.strip_prefix("fields."), text.is_empty()) {
                js::set_text(&fields, name, Some(&text));
            }
        }
        js::set(&body, "fields", &fields);
        if let Some(payload) = payload {
            js::set(&body, "payload", payload);
        }
        if let Some((version, _)) = &self.consent {
            let consent = Object::new();
            js::set_text(&consent, "version", Some(version));
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
        js::stringify(&body)
    }
}

/// A field of a form.
pub fn field(form: &JsValue, id: &str) -> JsValue {
    js::get(&js::get(form, "elements"), id)
}

fn answer(form: &JsValue, id: &str) -> String {
    js::text(&field(form, id), "value")
        .unwrap_or_default()
        .trim()
        .to_owned()
}
