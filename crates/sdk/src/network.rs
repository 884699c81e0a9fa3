//! Whether there is a network at all, and somebody who looks.

use js_sys::{Object, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::js;

/// `false` only where the browser is sure that there is no network.
pub fn is_online() -> bool {
    js::get(&js::get(&js::global(), "navigator"), "onLine") != JsValue::FALSE
}

/// Waits until there is a network.
pub async fn online() {
    if is_online() {
        return;
    }
    let once = Object::new();
    js::set(&once, "once", &JsValue::TRUE);
    let online = Promise::new(&mut |resolve, _| {
        let arguments = ["online".into(), resolve.into(), once.clone().into()];
        // A global without events is never offline.
        let _ = js::invoke(&js::global(), "addEventListener", &arguments);
    });
    let _ = JsFuture::from(online).await;
}

/// Waits until the page is shown: what nobody sees need not be asked for.
pub async fn seen() {
    let document = js::get(&js::global(), "document");
    while js::get(&document, "hidden").is_truthy() {
        let once = Object::new();
        js::set(&once, "once", &JsValue::TRUE);
        let changed = Promise::new(&mut |resolve, _| {
            let arguments = [
                "visibilitychange".into(),
                resolve.into(),
                once.clone().into(),
            ];
            // A document has events.
            let _ = js::invoke(&document, "addEventListener", &arguments);
        });
        let _ = JsFuture::from(changed).await;
    }
}
