//! A stand-in for [wasm-streams](https://docs.rs/wasm-streams), put in its place by `[patch.crates-io]`.
//!
//! Leptos depends on `server_fn`, and that on wasm-streams, whose three JavaScript classes are exports: no
//! linker and no optimiser may remove them, so every visitor would download 15 kB that nothing calls. This has
//! the two conversions that `server_fn` names; a stream that went through them says that it is not there.

use futures_util::Stream;
use futures_util::future::ready;
use futures_util::stream::once;
use wasm_bindgen::JsValue;

/// A stream of the browser.
pub struct ReadableStream(web_sys::ReadableStream);

impl ReadableStream {
    /// Wraps a stream.
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self(raw)
    }

    /// The wrapped stream.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.0
    }

    /// A stream that ends at once: streams from Rust are not in this build.
    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        let body = web_sys::ReadableStream::new();
        // Only the constructor's absence makes this fail, and then there is nothing to stream either.
        Self(body.unwrap_or_else(|missing| missing.into()))
    }

    /// A stream of one error: streams to Rust are not in this build.
    pub fn into_stream(self) -> impl Stream<Item = Result<JsValue, JsValue>> {
        once(ready(Err(JsValue::from_str(
            "This build of Patchcord has no streams.",
        ))))
    }
}
