//! `resolveEntity`: an entity mapping applied to a record, without copying the values.

use js_sys::Object;
use patchcord_core::error::Code;
use wasm_bindgen::prelude::*;

use crate::failure::Failure;
use crate::js;

/// Which number to dial and which payload to send for a record of type `kind` with these `fields`.
///
/// # Errors
/// `invalid_field` where the mapping is malformed or does not know the type.
#[wasm_bindgen(js_name = resolveEntity, skip_typescript)]
pub fn resolve_entity(mapping: &JsValue, kind: &str, fields: &JsValue) -> Result<JsValue, JsValue> {
    resolve(mapping, kind, fields).map_err(Failure::into_js)
}

fn resolve(mapping: &JsValue, kind: &str, fields: &JsValue) -> Result<JsValue, Failure> {
    let rules = js::get(mapping, kind);
    if !js::is_object(&rules) {
        let message = ["The entity mapping has no type \"", kind, "\"."].concat();
        return Err(invalid("type", message));
    }
    let text = |value: JsValue| {
        value.as_string().ok_or_else(|| {
            let message = [
                "The entity mapping of \"",
                kind,
                "\" names a field that is no text.",
            ];
            invalid("mapping", message.concat())
        })
    };
    let mut number = Vec::new();
    for name in js::list(&js::get(&rules, "number")) {
        number.push(text(name)?);
    }
    let mut payload = Vec::new();
    for (key, name) in js::entries(&js::get(&rules, "payload")) {
        payload.push((key, text(name)?));
    }
    let resolved = patchcord_core::entity::resolve(
        number.iter().map(String::as_str),
        payload
            .iter()
            .map(|(key, name)| (key.as_str(), name.as_str())),
        |name| Some(js::get(fields, name)).filter(|value| !value.is_undefined()),
        |value| value.as_string().or_else(|| js::digits(value)),
    );
    let payload = Object::new();
    for (key, value) in resolved.payload {
        js::set(&payload, &key, &value);
    }
    let result = Object::new();
    js::set_text(&result, "number", resolved.number.as_deref());
    js::set(&result, "payload", &payload);
    Ok(result.into())
}

fn invalid(field: &str, message: String) -> Failure {
    Failure::about(field, Code::InvalidField).saying(&message)
}
