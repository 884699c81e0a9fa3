//! How often what was refused, by the day: for people who look later than Prometheus keeps its numbers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use patchcord_core::error::Code;

use super::Store;
use crate::clock::{self, Millis};

/// Refusals since they were written last. A refused request must not cost a write: that would be a way to keep
/// the disk busy.
#[derive(Default)]
pub struct Refusals(Mutex<BTreeMap<(String, &'static str), i64>>);

impl Refusals {
    /// Counts one.
    pub fn count(&self, code: Code, now: Millis) {
        let day = clock::to_rfc3339(now).chars().take(10).collect();
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((day, code.as_str())).or_default() += 1;
    }

    /// Writes what was counted; what cannot be written is counted on.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn write(&self, store: &Store) -> Result<(), sqlx::Error> {
        let counts = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if counts.is_empty() {
            return Ok(());
        }
        let rows = counts.clone();
        let written = store
            .write(move |tx| {
                Box::pin(async move {
                    // In their order, as every relay writes them.
                    for ((day, code), count) in rows {
                        sqlx::query(
                            "INSERT INTO refusal (day, code, count) VALUES ($1, $2, $3)
                             ON CONFLICT (day, code) DO UPDATE SET count = refusal.count + excluded.count",
                        )
                        .bind(day)
                        .bind(code)
                        .bind(count)
                        .execute(&mut *tx)
                        .await?;
                    }
                    Ok::<_, sqlx::Error>(())
                })
            })
            .await;
        if written.is_err() {
            let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            for (key, count) in counts {
                *since.entry(key).or_default() += count;
            }
        }
        written
    }
}

impl Store {
    /// How often what was refused on a day (`2026-11-24`, UTC).
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn refusals(&self, day: &str) -> Result<Vec<(String, i64)>, sqlx::Error> {
        sqlx::query_as("SELECT code, count FROM refusal WHERE day = $1 ORDER BY count DESC, code")
            .bind(day)
            .fetch_all(self.read())
            .await
    }
}
