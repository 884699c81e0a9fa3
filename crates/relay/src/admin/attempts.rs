//! How often signing in may fail: counted in the database, for all relays together, in a window that slides.
//!
//! The limit is each address's own, so that a stranger who fails keeps nobody else out. Where many addresses fail,
//! every attempt is answered late, and failures are counted but no longer written down one by one.

use std::time::Duration;

use crate::clock::Millis;
use crate::random::{self, Hash};
use crate::store::{Conn, Store};

const SCOPE: &str = "admin sign-in";
const MINUTE: Millis = 60 * 1000;
/// The window, in minutes.
const WINDOW: Millis = 15;
/// So many failures of one address in the window are one too many.
const MOST: i64 = 10;
/// From so many failures of all addresses on, nobody is answered quickly.
const MANY: i64 = 100;
/// How much later everybody is answered then.
pub const LATER: Duration = Duration::from_secs(2);

/// How an attempt is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// As usual.
    Quick,
    /// Taken, but answered [`LATER`].
    Slow,
    /// Not at all: this address failed too often.
    None,
}

/// Whether an attempt of this address (its keyed hash) is taken. Others of the same address are not counted until
/// the end of the transaction.
///
/// # Errors
/// A database that does not answer.
pub async fn turn(tx: &mut Conn, address: &Hash, now: Millis) -> Result<Turn, sqlx::Error> {
    let own = scope(address);
    Store::lock(tx, &own).await?;
    if failures(tx, &own, now).await? >= MOST {
        return Ok(Turn::None);
    }
    if failures(tx, SCOPE, now).await? >= MANY {
        return Ok(Turn::Slow);
    }
    Ok(Turn::Quick)
}

/// Counts a failure of this address.
///
/// # Errors
/// A database that does not answer.
pub async fn count(tx: &mut Conn, address: &Hash, now: Millis) -> Result<(), sqlx::Error> {
    // The address first, everywhere: no two transactions wait for each other.
    for scope in [scope(address).as_str(), SCOPE] {
        sqlx::query(
            "INSERT INTO tally (scope, bucket, count, expires_at) VALUES ($1, $2, 1, $3)
             ON CONFLICT (scope, bucket) DO UPDATE SET count = tally.count + 1",
        )
        .bind(scope)
        .bind(now / MINUTE)
        .bind(now + WINDOW * MINUTE)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

fn scope(address: &Hash) -> String {
    format!("{SCOPE}/{}", random::hex(address))
}

async fn failures(tx: &mut Conn, scope: &str, now: Millis) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT CAST(coalesce(sum(count), 0) AS BIGINT) FROM tally WHERE scope = $1 AND bucket > $2",
    )
    .bind(scope)
    .bind(now / MINUTE - WINDOW)
    .fetch_one(tx)
    .await
}
