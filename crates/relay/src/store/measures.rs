//! What the store measures of itself, for the metrics.

use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};

/// Told by [`crate::metrics`].
#[derive(Debug, Clone)]
pub struct Measures {
    /// Jobs of a transaction.
    pub jobs: Histogram,
    /// Seconds of a commit.
    pub commit: Histogram,
}

impl Default for Measures {
    fn default() -> Self {
        Self {
            jobs: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            // From 0.1 ms (no fsync at all) to 3.3 s.
            commit: Histogram::new(exponential_buckets(0.0001, 2.0, 16)),
        }
    }
}
