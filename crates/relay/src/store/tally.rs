//! What limits count: how often something was asked for, in the last hour or the last day.
//!
//! A window slides over buckets of a twelfth or a twenty-fourth of it. The oldest bucket counts in full for as
//! long as any of it is within the window, so that in no stretch of that length there is more than the limit.

use super::Conn;
use crate::clock::Millis;

const MINUTE: Millis = 60 * 1000;

/// A stretch of time that ends now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// 60 minutes, in buckets of five.
    Hour,
    /// 24 hours, in buckets of one.
    Day,
}

impl Window {
    const fn length(self) -> Millis {
        match self {
            Self::Hour => 60 * MINUTE,
            Self::Day => 24 * 60 * MINUTE,
        }
    }

    const fn bucket(self) -> Millis {
        match self {
            Self::Hour => 5 * MINUTE,
            Self::Day => 60 * MINUTE,
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Hour => 'h',
            Self::Day => 'd',
        }
    }
}

/// The most of something in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// What is counted, as `key`.
    pub what: &'static str,
    /// Which one of them; a number or address only as its keyed hash.
    pub which: String,
    /// In which time.
    pub window: Window,
    /// How often at most.
    pub most: u32,
}

impl Limit {
    fn scope(&self) -> String {
        format!("{}/{}:{}", self.what, self.window.letter(), self.which)
    }
}

/// Counts one for each of these limits; those that it went over. Whoever refuses for one of them has to roll the
/// transaction back, or [`give_back`], so that it is not counted.
///
/// In a transaction, others that count the same wait until it is over, so this is the last thing to do in one.
/// Outside of one (PostgreSQL) nobody waits, and whoever meets the limit sees at least everything that was counted
/// before: two that take the last place at the same moment may both be refused, never both be taken.
///
/// # Errors
/// A database that does not answer.
pub async fn count<'l>(
    tx: &mut Conn,
    limits: &'l [Limit],
    now: Millis,
) -> Result<Vec<&'l Limit>, sqlx::Error> {
    if limits.is_empty() {
        return Ok(Vec::new());
    }
    let sorted = sorted(limits);
    add(tx, &sorted, 1, now).await?;
    let sums = sums(tx, &sorted, now).await?;
    let over = |scope: &str, most: u32| {
        sums.iter()
            .any(|(name, sum)| name == scope && *sum > i64::from(most))
    };
    Ok(limits
        .iter()
        .filter(|limit| over(&limit.scope(), limit.most))
        .collect())
}

/// Takes back what was counted at that time.
///
/// # Errors
/// A database that does not answer. Then it stays counted.
pub async fn give_back(
    tx: &mut Conn,
    limits: &[Limit],
    counted_at: Millis,
) -> Result<(), sqlx::Error> {
    add(tx, &sorted(limits), -1, counted_at).await
}

/// In one order everywhere, so that no two transactions wait for each other.
fn sorted(limits: &[Limit]) -> Vec<(String, &Limit)> {
    let mut sorted: Vec<_> = limits.iter().map(|limit| (limit.scope(), limit)).collect();
    sorted.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    sorted
}

async fn add(
    tx: &mut Conn,
    sorted: &[(String, &Limit)],
    number: i32,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let rows: Vec<_> = (0..sorted.len())
        .map(|nth| {
            let place = nth * 3;
            format!("(${}, ${}, {number}, ${})", place + 1, place + 2, place + 3)
        })
        .collect();
    let sql = format!(
        "INSERT INTO tally (scope, bucket, count, expires_at) VALUES {}
         ON CONFLICT (scope, bucket) DO UPDATE SET count = tally.count + excluded.count",
        rows.join(", ")
    );
    let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
    for (scope, limit) in sorted {
        let (size, length) = (limit.window.bucket(), limit.window.length());
        let bucket = now.div_euclid(size);
        query = query
            .bind(scope.clone())
            .bind(bucket)
            .bind((bucket + 1) * size + length);
    }
    query.execute(tx).await?;
    Ok(())
}

async fn sums(
    tx: &mut Conn,
    sorted: &[(String, &Limit)],
    now: Millis,
) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let each: Vec<_> = (0..sorted.len())
        .map(|nth| format!("(scope = ${} AND bucket >= ${})", nth * 2 + 1, nth * 2 + 2))
        .collect();
    let sql = format!(
        "SELECT scope, CAST(sum(count) AS BIGINT) FROM tally WHERE {} GROUP BY scope",
        each.join(" OR ")
    );
    let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
    for (scope, limit) in sorted {
        let oldest = (now - limit.window.length()).div_euclid(limit.window.bucket());
        query = query.bind(scope.clone()).bind(oldest);
    }
    query.fetch_all(tx).await
}
