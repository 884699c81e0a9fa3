//! What changes while it is shared.

use std::cell::{Ref, RefCell, RefMut};

/// A [`RefCell`] whose panics do not say who called: a hundred places in the source, each with its line, are a part of
/// every download, and nobody reads them.
#[derive(Debug, Default)]
pub struct Held<T>(RefCell<T>);

impl<T> Held<T> {
    /// Holds `value`.
    pub fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    /// Looks at it.
    pub fn borrow(&self) -> Ref<'_, T> {
        self.0.borrow()
    }

    /// Changes it.
    pub fn borrow_mut(&self) -> RefMut<'_, T> {
        self.0.borrow_mut()
    }

    /// Puts another in its place, and gives what it was.
    pub fn replace(&self, value: T) -> T {
        self.0.replace(value)
    }
}

impl<T: Default> Held<T> {
    /// Takes it away.
    pub fn take(&self) -> T {
        self.0.take()
    }
}
