//! The module's exports: mounting, updating, and what happens when it dies.

use std::any::Any;
use std::cell::RefCell;
use std::panic;
use std::rc::Rc;

use leptos::mount::mount_to;
use leptos::prelude::*;
use patchcord::js;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use crate::call::{self, CallButton};
use crate::callback::{self, CallbackForm};
use crate::face::{COMMON, bind};
use crate::host::Host;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("../types/patchcord-widget.d.ts");

/// A mounted component. Freeing it unmounts it.
#[wasm_bindgen(skip_typescript)]
pub struct Mounted {
    element: Rc<dyn Element>,
    // Dropped in this order: the page first, then what it stands for.
    _effect: Box<dyn Any>,
    _view: Box<dyn Any>,
    _listener: Closure<dyn FnMut(JsValue)>,
    owner: Owner,
}

/// What a mounted component can be told.
pub trait Element {
    /// The host's options changed.
    fn update(&self);
    /// Something happened on the page.
    fn on_event(&self, event: &JsValue);
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
        self.owner.cleanup();
    }
}

/// Renders a call button into `root`.
#[wasm_bindgen(js_name = mountCall, skip_typescript)]
pub fn mount_call(root: HtmlElement, host: JsValue) -> Mounted {
    let owner = Owner::new();
    owner.with(|| {
        let button = CallButton::new(Host::new(host, root.clone().into()));
        let view = Box::new(mount_to(root.clone(), call::view));
        let effect = bind(&root, button.shown, &[COMMON, call::PLACES], Vec::new());
        button.start();
        finish(owner.clone(), &root, button, Box::new(effect), view)
    })
}

/// Renders a callback form into `root`.
#[wasm_bindgen(js_name = mountCallback, skip_typescript)]
pub fn mount_callback(root: HtmlElement, host: JsValue) -> Mounted {
    let owner = Owner::new();
    owner.with(|| {
        let view = Box::new(mount_to(root.clone(), callback::view));
        let form = CallbackForm::new(Host::new(host, root.clone().into()));
        let effect = bind(
            &root,
            form.shown,
            &[COMMON, callback::PLACES],
            form.questions.fields(),
        );
        form.start();
        finish(owner.clone(), &root, form, Box::new(effect), view)
    })
}

/// Listens for everything in one place: a listener for each node is code for each node.
fn finish(
    owner: Owner,
    root: &JsValue,
    element: Rc<dyn Element>,
    effect: Box<dyn Any>,
    view: Box<dyn Any>,
) -> Mounted {
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
        _effect: effect,
        _view: view,
        _listener: listener,
        owner,
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
            .map(|at| format!("{}:{}", at.file(), at.line()));
        let text = ["The module stopped at ", &place.unwrap_or_default(), "."].concat();
        // Nobody is left to tell if this fails too.
        let _ = js::call(&MOURNER.take(), &JsValue::UNDEFINED, &[text.into()]);
    }));
}
