//! Randomness.

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
    digits(&bytes)
}

/// 256 bits by chance, as 64 hexadecimal digits; `None` where the browser has no source of them.
#[cfg(feature = "direct")]
pub fn secret() -> Option<String> {
    let bytes = Uint8Array::new_with_length(32);
    let crypto = js::get(&js::global(), "crypto");
    js::invoke(&crypto, "getRandomValues", &[bytes.clone().into()]).ok()?;
    Some(digits(&bytes))
}

fn digits(bytes: &Uint8Array) -> String {
    let mut digits = String::new();
    for byte in bytes.to_vec() {
        digits.push(hex(byte >> 4));
        digits.push(hex(byte & 15));
    }
    digits
}

fn hex(digit: u8) -> char {
    char::from_digit(digit.into(), 16).unwrap_or('0')
}

/// Some number below `limit`, for jitter.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss
)]
pub fn below(limit: u64) -> u64 {
    (Math::random() * limit as f64) as u64
}
