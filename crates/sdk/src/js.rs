//! The browser's own values: read by name, never by class, because under a CRM's sandbox they may come from
//! another realm, where `instanceof` fails.
//!
//! Never inlined: each is called from dozens of places, and its size counts more than its speed.

use std::pin::Pin;

use js_sys::{Array, JSON, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise, spawn_local};

/// A property, `undefined` where there is none.
#[inline(never)]
pub fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(key)).unwrap_or(JsValue::UNDEFINED)
}

/// A property that is text.
#[inline(never)]
pub fn text(object: &JsValue, key: &str) -> Option<String> {
    get(object, key).as_string()
}

/// The items of an array; none of anything else.
#[inline(never)]
pub fn list(value: &JsValue) -> Vec<JsValue> {
    // Asked first: `Array.from` throws on `undefined`.
    if Array::is_array(value) {
        Array::from(value).to_vec()
    } else {
        Vec::new()
    }
}

/// The own entries of an object; none of anything else.
#[inline(never)]
pub fn entries(value: &JsValue) -> Vec<(String, JsValue)> {
    if !is_object(value) {
        return Vec::new();
    }
    let entries = Object::entries(value.unchecked_ref());
    entries
        .iter()
        .filter_map(|entry| Some((text(&entry, "0")?, get(&entry, "1"))))
        .collect()
}

/// Sets a property of a plain object.
#[inline(never)]
pub fn set(object: &Object, key: &str, value: &JsValue) {
    // Fails on frozen objects and proxies only; these are our own.
    let _ = Reflect::set(object, &JsValue::from_str(key), value);
}

/// Sets a property where there is a value.
#[inline(never)]
pub fn set_text(object: &Object, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        set(object, key, &JsValue::from_str(value));
    }
}

/// The global object: a window or a worker.
pub fn global() -> JsValue {
    js_sys::global().into()
}

/// Calls a function.
///
/// # Errors
/// What it threw, or a `TypeError` if it is no function.
#[inline(never)]
pub fn call(function: &JsValue, this: &JsValue, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let list = Array::new();
    for argument in arguments {
        list.push(argument);
    }
    Reflect::apply(
        function.unchecked_ref::<js_sys::Function<fn() -> JsValue>>(),
        this,
        &list,
    )
}

/// Calls a method by its name.
///
/// # Errors
/// As [`call`].
#[inline(never)]
pub fn invoke(object: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    call(&get(object, method), object, arguments)
}

/// Waits for what a call gave: a promise, or a value.
///
/// # Errors
/// What was thrown, or what the promise was rejected with: anything at all, not only an `Error`.
pub fn settled(value: Result<JsValue, JsValue>) -> JsFuture {
    let promise = match value {
        Ok(value) => Promise::resolve(&value),
        Err(thrown) => Promise::reject(&thrown),
    };
    JsFuture::from(promise)
}

/// Runs a future to its end. Boxed, because every future spawned as itself costs a kilobyte of executor.
pub fn spawn(future: impl Future<Output = ()> + 'static) {
    let future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    spawn_local(future);
}

/// A promise of what a future comes to.
pub fn promise(future: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    let future: Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>> = Box::pin(future);
    future_to_promise(future)
}

/// Parses JSON that is an object; `text` is a string of the browser.
#[inline(never)]
pub fn parse_object(text: &JsValue) -> Option<JsValue> {
    let parsed = invoke(&get(&global(), "JSON"), "parse", std::slice::from_ref(text));
    parsed.ok().filter(is_object)
}

/// Writes JSON. `None` for what has none: a cycle, a `BigInt`, `undefined`.
#[inline(never)]
pub fn stringify(value: &JsValue) -> Option<String> {
    let text: JsValue = JSON::stringify(value).ok()?.into();
    text.as_string()
}

/// Whether the value is an object that is neither `null` nor an array.
#[inline(never)]
pub fn is_object(value: &JsValue) -> bool {
    value.is_object() && !Array::is_array(value)
}

/// A number's digits, as JavaScript writes them: Rust's own way of writing floats is 15 kB of code.
#[inline(never)]
pub fn digits(number: &JsValue) -> Option<String> {
    number.as_f64()?;
    stringify(number)
}

/// The words of something thrown: an `Error`'s message, or the text itself.
pub fn words(thrown: &JsValue) -> String {
    text(thrown, "message")
        .or_else(|| thrown.as_string())
        .unwrap_or_default()
}
