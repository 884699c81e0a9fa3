//! What the database says about a round, against what visitors, agents and platforms saw.

use std::collections::BTreeMap;

use anyhow::Result;
use sqlx::AnyPool;

use crate::visitors::Asked;

/// Something that was promised and not kept.
pub type Violation = String;

/// What is being asked of the platforms at this moment.
pub async fn in_flight(database: &AnyPool) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM callback WHERE state = 'dispatching')
              + (SELECT count(*) FROM call WHERE outcome IS NULL)",
    )
    .fetch_one(database)
    .await?)
}

/// What still waits or is being asked.
pub async fn unsettled(database: &AnyPool) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM callback WHERE state IN ('queued', 'due', 'dispatching'))
              + (SELECT count(*) FROM call WHERE outcome IS NULL)",
    )
    .fetch_one(database)
    .await?)
}

/// Unknown outcomes in all, and those of them without an open alert.
pub async fn unknown(database: &AnyPool) -> Result<(i64, i64)> {
    let unknown = "SELECT id FROM callback WHERE state = 'unknown' UNION ALL SELECT id FROM call WHERE outcome = 'unknown'";
    let all = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "SELECT count(*) FROM ({unknown}) AS unknown"
    )))
    .fetch_one(database)
    .await?;
    let silent = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
        "SELECT count(*) FROM ({unknown}) AS unknown
         WHERE NOT EXISTS (SELECT 1 FROM alert WHERE subject = unknown.id AND settled_at IS NULL)"
    )))
    .fetch_one(database)
    .await?;
    Ok((all, silent))
}

/// Compares a round's callbacks and calls with what reached the platforms.
pub async fn compare(
    database: &AnyPool,
    callbacks: &[Asked],
    calls: &[Asked],
    reached: &BTreeMap<String, usize>,
) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();
    for asked in callbacks {
        let rows: Vec<(String, String)> =
            sqlx::query_as("SELECT id, state FROM callback WHERE payload LIKE $1")
                .bind(format!("%{}%", asked.mark))
                .fetch_all(database)
                .await?;
        let state = match rows.as_slice() {
            [] if asked.reply.is_some() => {
                violations.push(format!("{} was accepted and is lost", asked.mark));
                continue;
            }
            [] => "nothing",
            [(_, state)] => state,
            _ => {
                violations.push(format!("{} is there {} times", asked.mark, rows.len()));
                continue;
            }
        };
        judge(&mut violations, asked, state, "handed_over", reached);
    }
    for asked in calls {
        let Some(key): Option<Option<String>> =
            sqlx::query_scalar("SELECT call FROM idempotency WHERE key = $1")
                .bind(&asked.key)
                .fetch_optional(database)
                .await?
        else {
            if asked.reply.is_some() {
                violations.push(format!("the call {} was answered and is lost", asked.mark));
            }
            judge(&mut violations, asked, "nothing", "accepted", reached);
            continue;
        };
        let outcome: Option<String> = sqlx::query_scalar("SELECT outcome FROM call WHERE id = $1")
            .bind(key)
            .fetch_one(database)
            .await?;
        judge(
            &mut violations,
            asked,
            outcome.as_deref().unwrap_or("null"),
            "accepted",
            reached,
        );
    }
    Ok(violations)
}

/// How often each state may have reached the platform.
fn judge(
    violations: &mut Vec<Violation>,
    asked: &Asked,
    state: &str,
    done: &str,
    reached: &BTreeMap<String, usize>,
) {
    let times = reached.get(&asked.mark).copied().unwrap_or(0);
    let right = match state {
        _ if times > 1 => false,
        state if state == done => times == 1,
        "unknown" => true,
        "nothing" => times == 0,
        _ => false,
    };
    if !right {
        violations.push(format!(
            "{} is {state}, and reached the platform {times} times",
            asked.mark
        ));
    }
}
