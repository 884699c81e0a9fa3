//! How often signing in may fail: counted in the database, for all relays together, in a window that slides.

use crate::clock::Millis;
use crate::store::{Conn, Store};

const SCOPE: &str = "admin sign-in";
const MINUTE: Millis = 60 * 1000;
/// The window, in minutes.
const WINDOW: Millis = 15;
/// So many failures in the window are one too many.
const MOST: i64 = 10;

/// Whether another attempt is taken. Nobody else is counted until the end of the transaction.
///
/// # Errors
/// A database that does not answer.
pub async fn may_try(tx: &mut Conn, now: Millis) -> Result<bool, sqlx::Error> {
    Store::lock(tx, SCOPE).await?;
    let failures: i64 = sqlx::query_scalar(
        "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM tally WHERE scope = $1 AND bucket > $2",
    )
    .bind(SCOPE)
    .bind(now / MINUTE - WINDOW)
    .fetch_one(tx)
    .await?;
    Ok(failures < MOST)
}

/// Counts a failure.
///
/// # Errors
/// A database that does not answer.
pub async fn count(tx: &mut Conn, now: Millis) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO tally (scope, bucket, count, expires_at) VALUES ($1, $2, 1, $3)
         ON CONFLICT (scope, bucket) DO UPDATE SET count = tally.count + 1",
    )
    .bind(SCOPE)
    .bind(now / MINUTE)
    .bind(now + WINDOW * MINUTE)
    .execute(tx)
    .await?;
    Ok(())
}
