//! What the relay must not forget: an SQLite file, or a PostgreSQL database that several relays share.
//!
//! One SQL text for both, with `$1` placeholders, 64-bit integers, text and bytes. [`Store::write`] takes a job
//! that reads, decides and changes in one transaction; what is committed survives a crash and a power cut.
//!
//! - **SQLite** has one writer at a time, so jobs run one after the other ([`batch`]): what a job has read stays
//!   true until it is over. Jobs that arrive together share one transaction and so one fsync.
//! - **PostgreSQL** runs jobs side by side and shares fsyncs by itself. There a job has to take what it decides
//!   by: by a unique key, an `UPDATE … WHERE` that names what was seen, [`Store::lock`] or `FOR UPDATE`. Rows
//!   are locked in one order everywhere, so that no two jobs wait for each other: idempotency key, proof,
//!   tallies (sorted), callback or call, event number.

pub mod admin_session;
pub mod alert;
mod backup;
mod batch;
mod beside;
pub mod call;
pub mod callback;
mod checkpoint;
pub mod consent;
pub mod delivery;
pub mod do_not_call;
pub mod erase;
pub mod erase_person;
pub mod event;
mod gauge;
pub mod host;
pub mod idempotency;
pub mod mapping;
mod measures;
mod own_thread;
pub mod person;
pub mod person_group;
pub mod platform_hours;
pub mod proof;
pub mod refusal;
pub mod review;
pub mod run;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod statistics;
pub mod switch;
pub mod tally;
pub mod tidy;
pub mod token;

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::BoxFuture;
use patchcord_core::secret::Secret;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyConnection, AnyPool, ConnectOptions, Executor};

use crate::clock::Millis;
use crate::crash;
use batch::Writer;
use checkpoint::Checkpoints;
pub use measures::Measures;

/// A connection to either database.
pub type Conn = AnyConnection;

/// Connections that only read, for each relay. SQLite.
const READERS: u32 = 4;
/// Connections in all, for each relay. PostgreSQL.
const POOL: u32 = 16;
/// Connections that count, for each relay. PostgreSQL.
const COUNTERS: u32 = 2;
/// How long idempotency keys and events are kept.
pub const DAY: Millis = 24 * 60 * 60 * 1000;

/// Which database, as it is configured.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A server's address, `postgres://…`; it may hold a password.
    Postgres(Secret),
}

/// The database.
#[derive(Clone)]
pub struct Store {
    engine: Engine,
    readers: AnyPool,
    measures: Measures,
}

#[derive(Clone)]
enum Engine {
    Sqlite {
        writer: Writer,
        /// Held as long as the relay runs: a second one on the same file would settle what the first has in
        /// flight. A command beside a relay has none.
        _lock: Option<Arc<File>>,
        checkpoints: Option<Arc<Checkpoints>>,
    },
    Postgres {
        /// What many count in at once is not counted in their own transactions, where one would wait for the
        /// commit of the other.
        counters: AnyPool,
    },
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
    /// The lock file cannot be made.
    #[error("the lock file {0} cannot be made")]
    LockFile(PathBuf, #[source] std::io::Error),
    /// Another relay has it.
    #[error(
        "another relay works on {0}; stop it first, or use a PostgreSQL database, which relays can share"
    )]
    InUse(PathBuf),
    /// A relay of another version has it.
    #[error(
        "the relay that works on this database is of another version; use its own patchcord-relay, or restart it"
    )]
    OtherVersion,
}

impl Store {
    /// Opens the database, creates an SQLite file where it is missing, and brings it to this version (under a
    /// lock, where several relays start at once).
    ///
    /// # Errors
    /// A folder or server that does not exist, what is no database, one of a newer version, or an SQLite file
    /// that another relay works on.
    pub async fn open(database: &Database) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        match database {
            Database::Sqlite(path) => Self::open_sqlite(path).await,
            Database::Postgres(url) => Self::open_postgres(url).await,
        }
    }

    async fn open_sqlite(path: &Path) -> Result<Self, OpenError> {
        let lock = lock(path)?;
        make_private(path).map_err(sqlx::Error::Io)?;
        let options = SqliteConnectOptions::new().filename(path);
        let writing = options.clone().create_if_missing(true).to_url_lossy();
        let pool = AnyPoolOptions::new()
            .max_connections(2)
            .after_connect(|conn, _| {
                Box::pin(async move {
                    conn.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY;")
                        .await?;
                    Ok(())
                })
            })
            .connect_with(AnyConnectOptions::from_url(&writing)?)
            .await?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await?;
        let reading = options.read_only(true).to_url_lossy();
        let readers = AnyPoolOptions::new()
            .max_connections(READERS)
            // A file does not hang up.
            .test_before_acquire(false)
            .connect_with(AnyConnectOptions::from_url(&reading)?)
            .await?;
        let conn = pool.acquire().await?.detach();
        let checkpoints = Checkpoints::start(pool.acquire().await?.detach());
        let measures = Measures::default();
        Ok(Self {
            engine: Engine::Sqlite {
                writer: Writer::start(conn, measures.clone()),
                _lock: Some(Arc::new(lock)),
                checkpoints: Some(Arc::new(checkpoints)),
            },
            readers,
            measures,
        })
    }

    async fn open_postgres(url: &Secret) -> Result<Self, OpenError> {
        let pool = AnyPoolOptions::new()
            .max_connections(POOL)
            .connect_with(url.expose().parse()?)
            .await?;
        // Takes a lock of its own: of several relays that start at once, one migrates and the others wait.
        sqlx::migrate!("migrations/postgres").run(&pool).await?;
        let counters = AnyPoolOptions::new()
            .max_connections(COUNTERS)
            .after_connect(|conn, _| {
                Box::pin(async move {
                    // A count is of use at once; that it outlives a crash of the server is not worth an fsync.
                    conn.execute("SET synchronous_commit = off").await?;
                    Ok(())
                })
            })
            .connect_lazy_with(url.expose().parse()?);
        Ok(Self {
            engine: Engine::Postgres { counters },
            readers: pool,
            measures: Measures::default(),
        })
    }

    /// Runs a job in one transaction. When this returns `Ok`, what the job changed is on the disk; after an
    /// `Err` of the job nothing of it is. The job runs to its end even if nobody waits for it any more.
    ///
    /// # Errors
    /// What the job returns, or a database that does not answer.
    pub async fn write<T, E, J>(&self, job: J) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<sqlx::Error> + Send + 'static,
        J: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        match &self.engine {
            Engine::Sqlite { writer, .. } => writer.write(job).await,
            Engine::Postgres { .. } => {
                let mut tx = self.readers.begin().await?;
                // Dropped after an error, it rolls back.
                let done = job(&mut tx).await?;
                crash::point("before the commit");
                let began = Instant::now();
                tx.commit().await?;
                self.measures.commit.observe(began.elapsed().as_secs_f64());
                crash::point("after the commit");
                Ok(done)
            }
        }
    }

    /// Connections to read with, outside of any transaction.
    pub fn read(&self) -> &AnyPool {
        &self.readers
    }

    /// Connections on which what many share is counted at once, outside of their transactions; `None` where
    /// transactions share their commit anyway.
    pub fn counters(&self) -> Option<&AnyPool> {
        match &self.engine {
            Engine::Sqlite { .. } => None,
            Engine::Postgres { counters } => Some(counters),
        }
    }

    /// What it measures of itself.
    pub fn measures(&self) -> &Measures {
        &self.measures
    }

    /// Makes the jobs that name the same thing wait for each other, until the end of their transactions. SQLite's
    /// jobs never run side by side.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn lock(tx: &mut Conn, thing: &str) -> Result<(), sqlx::Error> {
        if is_postgres(tx) {
            sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                .bind(thing)
                .execute(tx)
                .await?;
        }
        Ok(())
    }

    /// Whether other relays may work on this database.
    pub fn sharing(&self) -> Sharing {
        match &self.engine {
            Engine::Sqlite { .. } => Sharing::Alone,
            Engine::Postgres { .. } => Sharing::Shared,
        }
    }

    /// Whether the database answers, for readiness.
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn ping(&self) -> Result<(), sqlx::Error> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }

    /// Ends what is being written, writes an SQLite log into its file, and closes everything.
    pub async fn close(&self) {
        self.readers.close().await;
        match &self.engine {
            Engine::Sqlite {
                writer,
                checkpoints,
                ..
            } => {
                if let Some(checkpoints) = checkpoints {
                    checkpoints.stop();
                }
                writer.close().await;
            }
            Engine::Postgres { counters } => counters.close().await,
        }
    }
}

/// Whether a relay has its database for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// SQLite: one relay on one file.
    Alone,
    /// PostgreSQL: any number of relays.
    Shared,
}

/// A text as it can be stored: PostgreSQL has no U+0000, and a platform's words must not keep a call from being
/// settled.
pub fn without_nul(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "")
    } else {
        text
    }
}

/// For the few places where the two speak differently.
pub fn is_postgres(conn: &Conn) -> bool {
    conn.backend_name() == "PostgreSQL"
}

/// The end of a `SELECT` that takes rows to change them: on PostgreSQL, rows that another relay is taking are
/// left to it.
pub fn skip_locked(conn: &Conn) -> &'static str {
    if is_postgres(conn) {
        " FOR UPDATE SKIP LOCKED"
    } else {
        ""
    }
}

/// Makes the file where it is missing, readable by its owner alone; SQLite gives its log the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map(drop)
}

/// Locks `<file>.lock`, for as long as the process lives.
fn lock(path: &Path) -> Result<File, OpenError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let name = PathBuf::from(name);
    let failed = |error| OpenError::LockFile(name.clone(), error);
    let file = File::create(&name).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
