//! Named places at which a test has the relay die, as a power cut would.
//!
//! In a build with the feature `crash` the process ends at the place that the environment names, at once and
//! without cleaning up. In every other build nothing of this is there.

/// Every place.
pub const POINTS: &[&str] = &[
    "callback queued",
    "callback taken",
    "before the provider is asked",
    "callback answered",
    "callback settled",
    "call taken",
    "call answered",
    "call settled",
    "before the commit",
    "after the commit",
    "token asked",
    "token answered",
    "delivery taken",
    "delivery sent",
];

/// A place. `CRASH_AT=name` ends the process there, `CRASH_AT=name:3` the third time it comes by.
#[cfg(feature = "crash")]
pub fn point(name: &str) {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    static AT: LazyLock<Option<(String, AtomicU64)>> = LazyLock::new(|| {
        let text = std::env::var("CRASH_AT").ok()?;
        let (name, times) = text.split_once(':').unwrap_or((&text, "1"));
        Some((name.to_owned(), AtomicU64::new(times.parse().ok()?)))
    });
    debug_assert!(POINTS.contains(&name), "{name} is not on the list");
    if let Some((place, left)) = &*AT
        && place == name
        && left.fetch_sub(1, Ordering::SeqCst) == 1
    {
        std::process::abort();
    }
}

/// Nothing.
#[cfg(not(feature = "crash"))]
#[inline(always)]
pub fn point(_name: &str) {}
