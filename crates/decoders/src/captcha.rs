//! Captcha services' replies: only the word `true` vouches.

use patchcord_relay::captcha::Verdict;
use serde_json::Value;

/// Takes any bytes as a service's reply.
pub fn check(data: &[u8]) {
    if Verdict::read(data).is_some_and(|verdict| verdict.success) {
        let said: Value = serde_json::from_slice(data).expect("JSON");
        assert_eq!(said["success"], true, "{said}");
    }
}
