//! The module's exports: mounting, updating, and what happens when it dies.

use std::cell::RefCell;
use std::panic;
use std::rc::{Rc, Weak};

use leptos::prelude::*;
use patchcord::button::{Button, Progress};
use patchcord::js;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::call::{self, CallButton};
use crate::callback::{self, CallbackForm};
use crate::host::Host;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("../types/patchcord-widget.d.ts");

/// A mounted component. Freeing it unmounts it.
#[wasm_bindgen(skip_typescript)]
pub struct Mounted {
    element: Rc<dyn Element>,
    view: Box<dyn Mountable>,
    _listener: Closure<dyn FnMut(JsValue)>,
}

/// What a mounted component can be told.
pub trait Element {
    /// The host's options changed.
    fn update(&self);
    /// Something happened on the page.
    fn on_event(&self, event: &JsValue);
    /// Its button is getting on.
    fn on_progress(&self, progress: Progress);
    /// It is going: what was not sent yet is not sent any more.
    fn close(&self);
}

#[wasm_bindgen]
impl Mounted {
    /// The host's options changed: reads them again.
    #[wasm_bindgen(skip_typescript)]
    pub fn update(&self) {
        self.element.update();
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        self.element.close();
        self.view.unmount();
    }
}

/// Renders a call button into `root`.
#[wasm_bindgen(js_name = mountCall, skip_typescript)]
pub fn mount_call(root: HtmlElement, host: JsValue) -> Mounted {
    let view = show(&root, call::view());
    let button = CallButton::new(Host::new(host, root.clone().into()));
    button.start();
    finish(&root, button, view)
}

/// Renders a callback form into `root`.
#[wasm_bindgen(js_name = mountCallback, skip_typescript)]
pub fn mount_callback(root: HtmlElement, host: JsValue) -> Mounted {
    let view = show(&root, callback::view());
    let form = CallbackForm::new(Host::new(host, root.clone().into()));
    form.start();
    finish(&root, form, view)
}

fn show<V: Render<State: 'static>>(root: &HtmlElement, view: V) -> Box<dyn Mountable> {
    let mut view = view.build();
    view.mount(root, None);
    Box::new(view)
}

/// A button that tells `element` how it is getting on.
pub fn button(element: Weak<dyn Element>) -> Button {
    Button::new(Box::new(move |progress| {
        if let Some(element) = element.upgrade() {
            element.on_progress(progress);
        }
    }))
}

/// Listens for everything in one place: a listener for each node is code for each node.
fn finish(root: &JsValue, element: Rc<dyn Element>, view: Box<dyn Mountable>) -> Mounted {
    let told = Rc::downgrade(&element);
    let listener = Closure::new(move |event: JsValue| {
        if let Some(element) = told.upgrade() {
            element.on_event(&event);
        }
    });
    for event in ["click", "keydown", "pointerover", "focusin", "submit"] {
        // The root is an element: it can be listened to. It goes, and its listeners with it.
        let _ = js::invoke(
            root,
            "addEventListener",
            &[event.into(), listener.as_ref().clone()],
        );
    }
    Mounted {
        element,
        view,
        _listener: listener,
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
        let place = info.location();
        let line = |line: u32| js::digits(&line.into()).unwrap_or_default();
        let place = place.map(|at| [at.file(), ":", &line(at.line())].concat());
        let text = ["The module stopped at ", &place.unwrap_or_default(), "."].concat();
        // Nobody is left to tell if this fails too.
        let _ = js::call(&MOURNER.take(), &JsValue::UNDEFINED, &[text.into()]);
    }));
}
