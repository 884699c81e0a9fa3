//! Randomness.

use std::fmt::Write;

use js_sys::{Math, Uint8Array};

use crate::js;

/// A fresh idempotency key.
pub fn key() -> String {
    let crypto = js::get(&js::global(), "crypto");
    // Only secure contexts have `randomUUID`; an intranet page over plain HTTP is none.
    if let Ok(uuid) = js::invoke(&crypto, "randomUUID", &[])
        && let Some(uuid) = uuid.as_string()
    {
        return uuid;
    }
    let bytes = Uint8Array::new_with_length(16);
    let _ = js::invoke(&crypto, "getRandomValues", &[bytes.clone().into()]);
    let mut key = String::with_capacity(32);
    for byte in bytes.to_vec() {
        let _ = write!(key, "{byte:02x}");
    }
    key
}

/// A fraction from 0 to 1, for jitter.
pub fn fraction() -> f64 {
    Math::random()
}
