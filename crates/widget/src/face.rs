//! What an element shows, as plain text, and how the page reads it.
//!
//! One signal of one type for both elements, read by closures of three types: Leptos compiles its machinery
//! anew for every type of signal and closure, and every kilobyte is downloaded by every visitor.

use leptos::prelude::*;

/// What stands on the page now.
#[derive(Default)]
pub struct Face {
    /// For `data-state`: `idle`, `asking`, `waiting`, `working`, `accepted`, `ended`, `refused`, `unknown`.
    pub state: &'static str,
    /// The words on the button.
    pub label: String,
    /// What is asked before a call.
    pub question: String,
    /// What happened.
    pub headline: String,
    /// What to do about it, or what else to know.
    pub advice: String,
    /// What to quote.
    pub reference: String,
    /// What is wrong with each field of the form.
    pub wrong: Vec<String>,
    /// The element's `disabled`.
    pub disabled: bool,
}

/// The signal.
pub type Shown = RwSignal<Face, LocalStorage>;

impl Face {
    /// Shows a state with its words.
    pub fn say(&mut self, state: &'static str, headline: String, advice: String) {
        self.state = state;
        self.headline = headline;
        self.advice = advice;
    }

    /// Whether a request is kept or on its way.
    pub fn is_at_work(&self) -> bool {
        matches!(self.state, "waiting" | "working")
    }
}

/// Changes what is shown; nothing if the element was removed meanwhile.
pub fn change(shown: Shown, how: impl FnOnce(&mut Face)) {
    // `None`: the request outlived its element.
    let _ = shown.try_update(how);
}

/// A text on the page.
pub fn text(shown: Shown, read: fn(&Face) -> &str) -> impl Fn() -> String + Copy + Send + 'static {
    move || shown.with(|face| read(face).to_owned())
}

/// What is wrong with one field.
pub fn wrong(shown: Shown, field: usize) -> impl Fn() -> String + Copy + Send + 'static {
    move || shown.with(|face| face.wrong.get(field).cloned().unwrap_or_default())
}

/// An attribute that is there or not.
pub fn flag(shown: Shown, read: fn(&Face) -> bool) -> impl Fn() -> bool + Copy + Send + 'static {
    move || shown.with(read)
}

/// An attribute with one of a few values.
pub fn word(
    shown: Shown,
    read: fn(&Face) -> Option<&'static str>,
) -> impl Fn() -> Option<&'static str> + Copy + Send + 'static {
    move || shown.with(read)
}

/// `aria-invalid` of one field.
pub fn invalid(
    shown: Shown,
    field: usize,
) -> impl Fn() -> Option<&'static str> + Copy + Send + 'static {
    move || {
        shown.with(|face| {
            face.wrong
                .get(field)
                .is_some_and(|text| !text.is_empty())
                .then_some("true")
        })
    }
}

/// The parts of a status line.
pub fn status_part(face: &Face) -> Option<&'static str> {
    Some(if matches!(face.state, "refused" | "unknown") {
        "status error"
    } else {
        "status"
    })
}

/// `aria-disabled` of a button that is at work: it stays focusable.
pub fn busy(face: &Face) -> Option<&'static str> {
    face.is_at_work().then_some("true")
}
