//! A list that never grows.

use alloc::vec::Vec;
use core::ops::{Deref, DerefMut};

/// A list whose room is taken at once, because what makes one grow is code, and because the module that a page
/// downloads gives nothing back. What does not fit is left out.
pub(crate) struct List<T>(Vec<T>);

impl<T: 'static> List<T> {
    /// An empty one with room for so many.
    pub(crate) fn with_room(room: usize) -> Self {
        Self(Vec::with_capacity(room))
    }

    /// Adds one behind all others.
    pub(crate) fn push(&mut self, item: T) {
        if self.0.len() < self.0.capacity() {
            self.0.push(item);
        }
    }

    /// Keeps it until the program ends.
    pub(crate) fn leak(self) -> &'static [T] {
        self.0.leak()
    }
}

impl<T> Deref for List<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> DerefMut for List<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}
