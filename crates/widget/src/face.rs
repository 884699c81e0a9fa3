//! What an element shows, and where on the page it stands.
//!
//! Leptos compiles an element with its attributes, a listener, a reactive text each into types of their own,
//! and every kilobyte is downloaded by every visitor. So the markup here is static, which Leptos turns into
//! one template, and what changes is painted by hand, after a table of [`Place`]s: Leptos' signals and effects
//! are 10 kB of the download, and here one signal would drive one effect.

use patchcord::held::Held;
use patchcord::js;
use wasm_bindgen::{JsCast, JsValue};

/// What stands on the page now. Texts are the browser's own strings, on their way from the texts to the page.
#[derive(Default)]
pub struct Face {
    /// For `data-state`: `idle`, `asking`, `waiting`, `working`, `accepted`, `ended`, `invalid`, `refused`,
    /// `unknown`.
    pub state: &'static str,
    /// The words on the button.
    pub label: JsValue,
    /// What is asked before a call.
    pub question: JsValue,
    /// What happened.
    pub headline: JsValue,
    /// What to do about it, or what else to know.
    pub advice: JsValue,
    /// The element's `disabled`.
    pub disabled: bool,
}

impl Face {
    /// Shows a state with its words.
    pub fn say(&mut self, state: &'static str, headline: JsValue, advice: JsValue) {
        self.state = state;
        self.headline = headline;
        self.advice = advice;
    }
}

/// One property of one node.
pub struct Place {
    /// Which node, as a selector within the root.
    pub node: &'static str,
    /// Which of its properties.
    pub property: &'static str,
    /// What it says.
    pub read: fn(&Face) -> JsValue,
}

/// What both elements have.
const COMMON: &[Place] = &[
    Place {
        node: ".box",
        property: "dataset.state",
        read: |face| face.state.into(),
    },
    Place {
        node: ".main",
        property: "ariaDisabled",
        read: busy,
    },
    Place {
        node: ".main :last-child",
        property: "textContent",
        read: |face| face.label.clone(),
    },
    Place {
        node: ".cancel",
        property: "hidden",
        read: |face| (face.state != "waiting").into(),
    },
    Place {
        node: ".status",
        property: "part",
        read: status_part,
    },
    Place {
        node: ".status b",
        property: "textContent",
        read: |face| face.headline.clone(),
    },
    Place {
        node: ".status b + *",
        property: "textContent",
        read: |face| face.advice.clone(),
    },
];

/// A button at work stays focusable.
fn busy(face: &Face) -> JsValue {
    if matches!(face.state, "waiting" | "working") {
        "true".into()
    } else {
        JsValue::NULL
    }
}

fn status_part(face: &Face) -> JsValue {
    let is_bad = matches!(face.state, "refused" | "unknown");
    JsValue::from_str(if is_bad { "status error" } else { "status" })
}

/// An element's face, and the page that shows it.
pub struct Shown {
    face: Held<Face>,
    spots: Vec<Spot>,
}

/// A [`Place`], found.
struct Spot {
    node: JsValue,
    property: &'static str,
    read: fn(&Face) -> JsValue,
}

impl Shown {
    /// Shows `face` in `root`, in the common places and the element's own.
    pub fn new(root: &JsValue, places: &'static [Place], face: Face) -> Self {
        let mut spots = Vec::new();
        for place in COMMON.iter().chain(places) {
            let node = find(root, place.node);
            let (node, property) = match place.property.strip_prefix("dataset.") {
                Some(key) => (js::get(&node, "dataset"), key),
                None => (node, place.property),
            };
            spots.push(Spot {
                node,
                property,
                read: place.read,
            });
        }
        let shown = Self {
            face: Held::new(face),
            spots,
        };
        shown.paint();
        shown
    }

    /// Changes what is shown. Harmless where the element was removed meanwhile: its request may outlive it.
    pub fn change(&self, how: impl FnOnce(&mut Face)) {
        how(&mut self.face.borrow_mut());
        self.paint();
    }

    /// The state now.
    pub fn state(&self) -> &'static str {
        self.face.borrow().state
    }

    #[inline(never)]
    fn paint(&self) {
        let face = self.face.borrow();
        for spot in &self.spots {
            put(&spot.node, spot.property, &(spot.read)(&face));
        }
    }
}

/// Sets a property if it changes: a live region is read out again for every change.
pub fn put(node: &JsValue, property: &str, value: &JsValue) {
    let value = if value.is_undefined() {
        &JsValue::from_str("")
    } else {
        value
    };
    if js::get(node, property) != *value {
        js::set(node.unchecked_ref(), property, value);
    }
}

/// The first node that a selector finds within `root`.
pub fn find(root: &JsValue, selector: &str) -> JsValue {
    js::invoke(root, "querySelector", &[selector.into()]).unwrap_or_default()
}
