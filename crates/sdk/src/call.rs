//! A call, as the relay tells it.

use patchcord_core::call::CallState;
use wasm_bindgen::JsValue;

use crate::js;

/// What a person is shown of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The relay's id.
    pub id: String,
    /// The provider that has it.
    pub provider: Option<String>,
    /// Its state.
    pub state: CallState,
    /// On hold.
    pub held: bool,
    /// The agent is muted.
    pub muted: bool,
    /// It is being recorded.
    pub recording: bool,
    /// Something to know, as `extension_not_sent`.
    pub notice: Option<String>,
    /// Why it ended, in the provider's word.
    pub reason: Option<String>,
    /// How long it lasted, in seconds.
    pub duration: Option<u32>,
}

impl Call {
    /// Reads a call. What is missing is left out; only the id has to be there.
    pub fn read(object: &JsValue) -> Option<Self> {
        let flag = |key| js::get(object, key) == JsValue::TRUE;
        // Saturates; a duration that is no number is none.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let duration = js::get(object, "duration")
            .as_f64()
            .map(|seconds| seconds as u32);
        Some(Self {
            id: js::text(object, "id")?,
            provider: js::text(object, "provider"),
            state: CallState::parse(&js::text(object, "state").unwrap_or_default()),
            held: flag("held"),
            muted: flag("muted"),
            recording: flag("recording"),
            notice: js::text(object, "notice"),
            reason: js::text(object, "reason"),
            duration,
        })
    }
}
