//! The database for a command that runs beside a relay: `tokens`, `erase`, `audit` and the like.

use sqlx::Row;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Executor};

use super::{Database, Engine, Measures, OpenError, Store, Writer};

impl Store {
    /// The run of the relay that works on this SQLite file, where this is a command beside it.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn neighbour(&self) -> Result<Option<String>, sqlx::Error> {
        match &self.engine {
            Engine::Sqlite { _lock: None, .. } => {
                sqlx::query_scalar("SELECT id FROM run ORDER BY seen_at DESC LIMIT 1")
                    .fetch_optional(self.read())
                    .await
            }
            Engine::Sqlite { .. } | Engine::Postgres { .. } => Ok(None),
        }
    }

    /// Opens the database as [`Store::open`] does. Where a relay works on the SQLite file, it is opened beside that
    /// relay: nothing is migrated, and jobs of both wait for each other's transactions.
    ///
    /// # Errors
    /// As for [`Store::open`]; and a relay of another version that works on it.
    pub async fn open_beside(database: &Database) -> Result<Self, OpenError> {
        match (database, Self::open(database).await) {
            (Database::Sqlite(path), Err(OpenError::InUse(_))) => {
                let options = SqliteConnectOptions::new().filename(path);
                let writing = AnyConnectOptions::from_url(&options.clone().to_url_lossy())?;
                let pool = AnyPoolOptions::new()
                    .max_connections(1)
                    .after_connect(|conn, _| {
                        Box::pin(async move {
                            conn.execute("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 10000;")
                                .await?;
                            Ok(())
                        })
                    })
                    .connect_with(writing)
                    .await?;
                let newest = sqlx::query("SELECT max(version) FROM _sqlx_migrations WHERE success")
                    .fetch_one(&pool)
                    .await?
                    .try_get::<i64, _>(0)?;
                let ours = sqlx::migrate!("migrations/sqlite")
                    .iter()
                    .map(|step| step.version)
                    .max();
                if ours != Some(newest) {
                    return Err(OpenError::OtherVersion);
                }
                let reading = AnyConnectOptions::from_url(&options.read_only(true).to_url_lossy())?;
                Ok(Self {
                    readers: AnyPoolOptions::new()
                        .max_connections(1)
                        .connect_with(reading)
                        .await?,
                    engine: Engine::Sqlite {
                        writer: Writer::start(pool.acquire().await?.detach(), Measures::default()),
                        _lock: None,
                        checkpoints: None,
                    },
                    measures: Measures::default(),
                })
            }
            (_, opened) => opened,
        }
    }
}
