//! How protobuf writes JSON: 64-bit numbers are text, and a field with its zero value is left out.

use serde::Serialize;
use serde_json::Value;

use crate::exchange::Millis;

/// The JSON of something that has one. None of these shapes can fail to have one.
pub(super) fn value(shape: &impl Serialize) -> Value {
    serde_json::to_value(shape).unwrap_or_default()
}

pub(super) fn text(shape: &impl Serialize) -> String {
    serde_json::to_string(shape).unwrap_or_default()
}

pub(super) fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Seconds since 1970 as text, empty (and so left out) for zero.
pub(super) fn seconds(at: Millis) -> String {
    match at / 1000 {
        0 => String::new(),
        seconds => seconds.to_string(),
    }
}
