//! Moves what is in SQLite's log into its file, beside the writer: done by the writer in the middle of a commit,
//! as SQLite does it by itself, it makes everybody who waits for that commit wait for it too.

use std::time::Duration;

use sqlx::Connection;
use tokio::task::JoinHandle;

use super::Conn;

/// How often the log is looked at.
const PAUSE: Duration = Duration::from_secs(1);
/// From so many pages of 4096 bytes on, the log has to begin anew, even if the writer waits for that.
const MOST: i64 = 16_384;

/// The task that does it. It ends with this value.
pub struct Checkpoints(JoinHandle<()>);

impl Checkpoints {
    /// Starts it on a connection of its own.
    pub fn start(conn: Conn) -> Self {
        Self(tokio::spawn(run(conn)))
    }

    /// Ends it. What is in the log stays there, and is as safe there.
    pub fn stop(&self) {
        self.0.abort();
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn run(mut conn: Conn) {
    loop {
        tokio::time::sleep(PAUSE).await;
        if let Err(error) = checkpoint(&mut conn).await {
            tracing::warn!(%error, "the database's log cannot be moved into its file");
            if conn.ping().await.is_err() {
                return;
            }
        }
    }
}

async fn checkpoint(conn: &mut Conn) -> Result<(), sqlx::Error> {
    let (_, log, _): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)")
        .fetch_one(&mut *conn)
        .await?;
    if log > MOST {
        let _: (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(RESTART)")
            .fetch_one(conn)
            .await?;
    }
    Ok(())
}
