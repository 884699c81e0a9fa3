//! Lists that come in pages.

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it, in the platform's order.
    pub items: Vec<T>,
    /// The page to ask for next; `None` on the last one. A platform that says nothing about pages has one.
    pub next: Option<u32>,
}

impl<T> Page<T> {
    /// A list that is there in one piece.
    pub const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}
