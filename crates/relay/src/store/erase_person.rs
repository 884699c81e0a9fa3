//! Erasure of a person: everything that is kept of somebody who dials goes, but for the audit log, which nobody can
//! change, and what keeps a dial from being sent twice or a limit from being got around, which goes by itself within a
//! day.

use serde_json::json;

use super::alert::Decision;
use super::token::{self, Row};
use super::{Conn, Store, is_postgres, person_group, session};
use crate::audit::{self, Action, Actor};
use crate::clock::Millis;
use crate::config::AgentId;
use crate::idempotent;

/// What an erasure found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErasedPerson {
    /// What an identity provider has said about them: 1 or 0.
    pub provisioned: u64,
    /// The groups that they were in.
    pub groups: u64,
    /// Who they were at platforms, from every source.
    pub mappings: u64,
    /// Sessions that have ended.
    pub sessions: u64,
    /// Their own tokens at platforms: nobody has them any more, and they are to be given back.
    pub tokens: Vec<Row>,
    /// Calls that are gone.
    pub calls: u64,
    /// Events of calls that are gone.
    pub events: u64,
    /// Messages about their calls that are gone, sent or not.
    pub deliveries: u64,
    /// Calls that a provider is being asked for right now: they stay until that is over.
    pub in_flight: u64,
    /// What is still there, and why.
    pub kept: Kept,
}

/// What an erasure leaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// Lines of the audit log that are theirs or about them, with their id and nothing else that names them. They go when their time
    /// is over.
    pub audit: u64,
    /// Replies to their requests, for a day: who repeats one must not ring twice.
    pub replies: u64,
}

impl Store {
    /// Deletes what is kept of a person. Streams, here and at other relays, look from time to time whether their session
    /// still holds.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn erase_person(
        &self,
        who: &AgentId,
        now: Millis,
    ) -> Result<ErasedPerson, sqlx::Error> {
        let erased = who.clone();
        let mut erased = self
            .write(move |tx| Box::pin(async move { erase(tx, &erased, now).await }))
            .await?;
        erased.kept = self.kept_of(who).await?;
        Ok(erased)
    }

    /// Outside of any transaction: the audit log is long.
    async fn kept_of(&self, who: &AgentId) -> Result<Kept, sqlx::Error> {
        let audit: i64 =
            sqlx::query_scalar("SELECT count(*) FROM audit WHERE actor = $1 OR subject = $2")
                .bind(Actor::Agent(who).to_string())
                .bind(audit::subject(who))
                .fetch_one(self.read())
                .await?;
        let replies: i64 = sqlx::query_scalar("SELECT count(*) FROM idempotency WHERE scope = $1")
            .bind(idempotent::scope(who))
            .fetch_one(self.read())
            .await?;
        Ok(Kept {
            audit: audit.unsigned_abs(),
            replies: replies.unsigned_abs(),
        })
    }
}

async fn erase(tx: &mut Conn, who: &AgentId, now: Millis) -> Result<ErasedPerson, sqlx::Error> {
    let people: Vec<String> =
        sqlx::query_scalar("SELECT id FROM person WHERE org = $1 AND sub = $2")
            .bind(&who.org)
            .bind(&who.sub)
            .fetch_all(&mut *tx)
            .await?;
    let mut groups = Vec::new();
    for person in &people {
        groups.extend(person_group::hold_of(tx, person).await?);
    }
    // With them goes that they are in groups.
    let provisioned = run(tx, "DELETE FROM person WHERE org = $1 AND sub = $2", who).await?;
    person_group::touch(tx, &groups, now).await?;
    let mut erased = ErasedPerson {
        groups: u64::try_from(groups.len()).unwrap_or(u64::MAX),
        provisioned,
        mappings: run(
            tx,
            "DELETE FROM agent_mapping WHERE org = $1 AND sub = $2",
            who,
        )
        .await?,
        ..ErasedPerson::default()
    };
    token::lock(tx, who).await?;
    erased.sessions = session::end_all(tx, who).await?;
    erased.tokens = token::forget(tx, who, None).await?;
    erase_calls(tx, who, &mut erased, now).await?;
    let detail = json!({
        "provisioned": erased.provisioned, "groups": erased.groups, "mappings": erased.mappings,
        "sessions": erased.sessions, "tokens": erased.tokens.len(), "calls": erased.calls,
        "events": erased.events, "deliveries": erased.deliveries, "in_flight": erased.in_flight,
    });
    let (actor, action) = (Actor::Command, Action::Erased);
    audit::write(tx, actor, action, &audit::subject(who), detail, now).await?;
    Ok(erased)
}

/// The calls whose outcome is known, with everything that hangs on them.
async fn erase_calls(
    tx: &mut Conn,
    who: &AgentId,
    erased: &mut ErasedPerson,
    now: Millis,
) -> Result<(), sqlx::Error> {
    // Whoever settles a call holds it first, too.
    let held = if is_postgres(tx) { " FOR UPDATE" } else { "" };
    let hold = format!("SELECT id FROM call WHERE org = $1 AND sub = $2 ORDER BY id{held}");
    sqlx::query(sqlx::AssertSqlSafe(hold))
        .bind(&who.org)
        .bind(&who.sub)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "UPDATE alert SET settled_at = $3, settled_by = 'erasure', decision = $4
         WHERE settled_at IS NULL
             AND subject IN (SELECT id FROM call WHERE org = $1 AND sub = $2 AND outcome IS NOT NULL)",
    )
    .bind(&who.org)
    .bind(&who.sub)
    .bind(now)
    .bind(Decision::Dropped.as_str())
    .execute(&mut *tx)
    .await?;
    erased.deliveries = run(
        tx,
        "DELETE FROM delivery
         WHERE subject IN (SELECT id FROM call WHERE org = $1 AND sub = $2 AND outcome IS NOT NULL)",
        who,
    )
    .await?;
    erased.calls = run(
        tx,
        "DELETE FROM call WHERE org = $1 AND sub = $2 AND outcome IS NOT NULL",
        who,
    )
    .await?;
    erased.events = run(tx, "DELETE FROM event WHERE org = $1 AND sub = $2", who).await?;
    run(tx, "DELETE FROM event_seq WHERE org = $1 AND sub = $2", who).await?;
    erased.in_flight = count(
        tx,
        "SELECT count(*) FROM call WHERE org = $1 AND sub = $2",
        who,
    )
    .await?;
    Ok(())
}

async fn run(tx: &mut Conn, sql: &'static str, who: &AgentId) -> Result<u64, sqlx::Error> {
    let query = sqlx::query(sql).bind(&who.org).bind(&who.sub);
    Ok(query.execute(tx).await?.rows_affected())
}

async fn count(tx: &mut Conn, sql: &'static str, who: &AgentId) -> Result<u64, sqlx::Error> {
    let query = sqlx::query_scalar(sql).bind(&who.org).bind(&who.sub);
    let count: i64 = query.fetch_one(tx).await?;
    Ok(count.unsigned_abs())
}
