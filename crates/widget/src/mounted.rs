//! The module's exports: mounting, updating, and what happens when it dies.

use std::any::Any;
use std::cell::RefCell;
use std::panic;
use std::rc::Rc;

use patchcord::js;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::call::CallButton;
use crate::callback::CallbackForm;
use crate::host::Host;
use crate::{call_view, callback_view};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("../types/patchcord-widget.d.ts");

/// A mounted component. Freeing it unmounts it.
#[wasm_bindgen(skip_typescript)]
pub struct Mounted {
    element: Element,
    _view: Box<dyn Any>,
}

enum Element {
    Call(Rc<CallButton>),
    Callback(Rc<CallbackForm>),
}

#[wasm_bindgen]
impl Mounted {
    /// The host's options changed: reads them again.
    #[wasm_bindgen(skip_typescript)]
    pub fn update(&self) {
        if let Element::Call(button) = &self.element {
            button.update();
        }
        // A form reads its options when it is sent.
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // What was not sent yet is not sent any more.
        match &self.element {
            Element::Call(button) => button.close(),
            Element::Callback(form) => form.cancel(),
        }
    }
}

/// Renders a call button into `root`.
#[wasm_bindgen(js_name = mountCall, skip_typescript)]
pub fn mount_call(root: HtmlElement, host: JsValue) -> Mounted {
    let button = CallButton::new(Host::new(host, root.clone().into()));
    let shown = button.clone();
    let view = leptos::mount::mount_to(root, move || call_view::view(&shown));
    button.start();
    Mounted {
        element: Element::Call(button),
        _view: Box::new(view),
    }
}

/// Renders a callback form into `root`.
#[wasm_bindgen(js_name = mountCallback, skip_typescript)]
pub fn mount_callback(root: HtmlElement, host: JsValue) -> Mounted {
    let form = CallbackForm::new(Host::new(host, root.clone().into()));
    let shown = form.clone();
    let view = leptos::mount::mount_to(root, move || callback_view::view(&shown));
    form.start();
    Mounted {
        element: Element::Callback(form),
        _view: Box::new(view),
    }
}

thread_local! {
    static MOURNER: RefCell<JsValue> = const { RefCell::new(JsValue::UNDEFINED) };
}

/// Calls `callback` once, with a text, if the module dies. The text says where, never with what data.
#[wasm_bindgen(js_name = onPanic, skip_typescript)]
pub fn on_panic(callback: JsValue) {
    MOURNER.set(callback);
    panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map(|at| format!("{}:{}", at.file(), at.line()))
            .unwrap_or_default();
        let text = JsValue::from_str(&format!("The module stopped at {place}."));
        // Nobody is left to tell if this fails too.
        let _ = js::call(&MOURNER.take(), &JsValue::UNDEFINED, &[text]);
    }));
}
