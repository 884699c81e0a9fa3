//! A copy of the database while it is being worked on.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::{Engine, Store};

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file.
    #[error("{0} cannot be written")]
    File(PathBuf, #[source] std::io::Error),
    /// The database.
    #[error("the database cannot be copied")]
    Copy(#[from] sqlx::Error),
    /// A server has tools of its own.
    #[error(
        "a PostgreSQL database is backed up by its own tools: pg_dump, or continuous archiving"
    )]
    Postgres,
}

impl Store {
    /// Copies an SQLite database, as it is after the last commit, into a file that is not there yet. Readable by
    /// its owner alone; on the disk when this returns.
    ///
    /// # Errors
    /// A file that is there or cannot be written; PostgreSQL.
    pub async fn backup(&self, path: &Path) -> Result<(), BackupError> {
        if matches!(self.engine, Engine::Postgres { .. }) {
            return Err(BackupError::Postgres);
        }
        let failed = |error| BackupError::File(path.to_owned(), error);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        let name = path
            .to_str()
            .ok_or_else(|| failed(std::io::Error::other("the name is not UTF-8")))?;
        // Takes an empty file for none.
        sqlx::query("VACUUM INTO $1")
            .bind(name)
            .execute(self.read())
            .await?;
        File::open(path)
            .and_then(|file| file.sync_all())
            .map_err(failed)
    }
}
