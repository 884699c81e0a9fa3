//! What the relay must not forget: one SQLite file.
//!
//! Write-ahead log with `synchronous = FULL`: a committed row survives a crash and a power cut. SQLite has one
//! writer at a time, so there is one connection that writes (no `SQLITE_BUSY` in the middle of a decision)
//! and a few that read.

pub mod call;
pub mod callback;
pub mod event;
pub mod idempotency;
pub mod session;
pub mod token;

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};

use crate::clock::Millis;

const READERS: u32 = 4;
/// How long idempotency keys and events are kept.
pub const DAY: Millis = 24 * 60 * 60 * 1000;

/// The database.
#[derive(Debug, Clone)]
pub struct Store {
    writer: SqlitePool,
    readers: SqlitePool,
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be opened.
    #[error("the database cannot be opened")]
    Open(#[from] sqlx::Error),
    /// It cannot be brought to this version.
    #[error("the database cannot be brought to this version")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl Store {
    /// Opens the file, creates it where it is missing, and brings it to this version.
    ///
    /// # Errors
    /// A folder that does not exist, a file that is no database, or one of a newer version.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(options.clone())
            .await?;
        sqlx::migrate!().run(&writer).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self { writer, readers })
    }

    /// Begins to write. Nobody else writes until the transaction is over, so what is read in it stays true.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn begin(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    /// Whether the database answers, for readiness.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }

    /// Forgets what has no more use: ended sessions, used assertions, idempotency keys and events after a day.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn tidy(&self, now: Millis) -> Result<(), sqlx::Error> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM session WHERE expires_at <= ?")
            .bind(now)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM used_jti WHERE expires_at <= ?")
            .bind(now)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM idempotency WHERE created_at <= ?")
            .bind(now - DAY)
            .execute(&mut *tx)
            .await?;
        sqlx::query("DELETE FROM event WHERE created_at <= ?")
            .bind(now - DAY)
            .execute(&mut *tx)
            .await?;
        tx.commit().await
    }

    /// Writes what is in the log into the file and closes it.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
