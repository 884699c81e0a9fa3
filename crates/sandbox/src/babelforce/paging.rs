//! The v2 envelope of a list.

use serde::Serialize;

use crate::exchange::{Reply, Request};

/// Inferred: the page size when `max` is absent, and the largest one.
const DEFAULT_MAX: usize = 50;
const LARGEST_MAX: usize = 100;

#[derive(Serialize)]
struct Paginated<T> {
    items: Vec<T>,
    pagination: Pagination,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pagination {
    pages: usize,
    total: usize,
    current: usize,
    max_results: usize,
    max: usize,
}

/// One page of `all`, chosen by the query parameters `page` (1-based) and `max`.
pub(super) fn page<T: Serialize>(all: Vec<T>, request: &Request) -> Reply {
    let (items, pagination) = cut(all, request);
    Reply::json(200, &Paginated { items, pagination })
}

/// The same, for a list that has more around it.
pub(super) fn cut<T>(all: Vec<T>, request: &Request) -> (Vec<T>, Pagination) {
    let number = |name: &str| request.query(name).and_then(|value| value.parse().ok());
    let current = number("page").unwrap_or(1).max(1);
    let max = number("max").unwrap_or(DEFAULT_MAX).clamp(1, LARGEST_MAX);
    let total = all.len();
    let items: Vec<T> = all
        .into_iter()
        .skip((current - 1).saturating_mul(max))
        .take(max)
        .collect();
    let pagination = Pagination {
        pages: total.div_ceil(max).max(1),
        total,
        current,
        max_results: items.len(),
        max,
    };
    (items, pagination)
}
