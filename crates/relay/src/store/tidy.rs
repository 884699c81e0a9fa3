//! Forgets what has no more use.

use super::{DAY, Store, delivery};
use crate::clock::Millis;

impl Store {
    /// Deletes ended sessions, used assertions and proofs, tallies whose time is over, and idempotency keys and
    /// events after a day.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn tidy(&self, now: Millis) -> Result<(), sqlx::Error> {
        self.write(move |tx| {
            Box::pin(async move {
                for sql in [
                    "DELETE FROM session WHERE expires_at <= $1",
                    "DELETE FROM used_jti WHERE expires_at <= $1",
                    "DELETE FROM used_proof WHERE expires_at <= $1",
                    "DELETE FROM tally WHERE expires_at <= $1",
                    "DELETE FROM sign_in WHERE expires_at <= $1",
                    "DELETE FROM admin_session WHERE expires_at <= $1",
                ] {
                    sqlx::query(sql).bind(now).execute(&mut *tx).await?;
                }
                for sql in [
                    "DELETE FROM idempotency WHERE created_at <= $1",
                    "DELETE FROM event WHERE created_at <= $1",
                ] {
                    sqlx::query(sql).bind(now - DAY).execute(&mut *tx).await?;
                }
                // What failed is there for a person to see.
                delivery::tidy(tx, now - DAY, now - 30 * DAY).await
            })
        })
        .await
    }
}
