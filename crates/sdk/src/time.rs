//! The clock and the timer.

use js_sys::{Array, Date, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(done: &Function, milliseconds: f64);
}

/// Milliseconds since the epoch. Unlike `performance.now()` it goes on while the machine sleeps.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // After 1970, and whole.
pub fn now() -> u64 {
    Date::now() as u64
}

/// Waits.
pub async fn sleep(milliseconds: u64) {
    // Waiting never fails: the promise is only ever resolved.
    let _ = JsFuture::from(after(milliseconds)).await;
}

/// Waits for `value`, but no longer than `milliseconds`; `Ok(undefined)` where it took longer.
///
/// # Errors
/// What it was rejected with.
pub fn within(value: Result<JsValue, JsValue>, milliseconds: u64) -> JsFuture {
    match value {
        Ok(value) => JsFuture::from(Promise::race(&Array::of2(&value, &after(milliseconds)))),
        Err(thrown) => JsFuture::from(Promise::reject(&thrown)),
    }
}

#[allow(clippy::cast_precision_loss)] // Seconds, not centuries.
fn after(milliseconds: u64) -> Promise {
    Promise::new(&mut |resolve, _| set_timeout(&resolve, milliseconds as f64))
}
