//! One writer for SQLite: jobs that arrive while it works share the next transaction, and so one fsync.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::{Connection, Executor};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use super::{Conn, Measures, own_thread};
use crate::crash;

/// The most jobs of one transaction. So many take a few milliseconds; more would make the first wait.
const MOST: usize = 256;
/// How many may wait; then askers wait for a place.
const QUEUE: usize = 4096;

/// The job before is undone, and the next one begins.
const UNDO: &str = "ROLLBACK TO job; RELEASE job; SAVEPOINT job";
/// The last job is undone, the others are kept.
const UNDO_AND_COMMIT: &str = "ROLLBACK TO job; RELEASE job; COMMIT";

/// Told after the commit, or why there was none.
type Tell = Box<dyn FnOnce(Result<(), sqlx::Error>) + Send>;
/// A job, with its asker.
type Job = Box<dyn for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Ran> + Send>;

/// What a job leaves.
enum Ran {
    /// Its changes are to be kept; then its asker is told.
    Keep(Tell),
    /// Its changes are to be undone; its asker has been told.
    Undo,
}

/// The writer of an SQLite database.
#[derive(Clone)]
pub struct Writer {
    jobs: Arc<Mutex<Option<mpsc::Sender<Job>>>>,
    task: Arc<Mutex<Option<JoinHandle<()>>>>,
}

impl Writer {
    /// Starts it on its connection.
    pub fn start(conn: Conn, measures: Measures) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let runtime = Handle::current();
        let task = tokio::task::spawn_blocking(move || {
            let _context = runtime.enter();
            own_thread::run(run(conn, receiver, measures));
        });
        Self {
            jobs: Arc::new(Mutex::new(Some(sender))),
            task: Arc::new(Mutex::new(Some(task))),
        }
    }

    /// See [`super::Store::write`].
    pub async fn write<T, E, J>(&self, job: J) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<sqlx::Error> + Send + 'static,
        J: for<'c> FnOnce(&'c mut Conn) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let (tell, told) = oneshot::channel::<Result<T, E>>();
        let job: Job = Box::new(move |conn| {
            Box::pin(async move {
                match job(conn).await {
                    Ok(done) => Ran::Keep(Box::new(move |committed| {
                        // Nobody waits any more: what was kept stays kept.
                        let _ = tell.send(committed.map(|()| done).map_err(E::from));
                    })),
                    Err(error) => {
                        let _ = tell.send(Err(error));
                        Ran::Undo
                    }
                }
            })
        });
        let jobs = self
            .jobs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let sent = match jobs {
            Some(jobs) => jobs.send(job).await.is_ok(),
            None => false,
        };
        if !sent {
            return Err(sqlx::Error::PoolClosed.into());
        }
        told.await
            .unwrap_or_else(|_| Err(sqlx::Error::WorkerCrashed.into()))
    }

    /// Takes no more jobs, and waits for those that it has.
    pub async fn close(&self) {
        drop(
            self.jobs
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take(),
        );
        let task = self
            .task
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the database's writer failed");
        }
    }
}

async fn run(mut conn: Conn, mut jobs: mpsc::Receiver<Job>, measures: Measures) {
    let mut batch = Vec::with_capacity(MOST);
    while jobs.recv_many(&mut batch, MOST).await > 0 {
        if let Err(error) = transaction(&mut conn, &mut batch, &measures).await {
            // Whoever was not told finds their channel closed.
            tracing::error!(%error, jobs = batch.len(), "the database cannot be written");
            batch.clear();
            // Fails where no transaction is open; either way none is afterwards.
            let _ = conn.execute("ROLLBACK").await;
        }
    }
    // Whoever copies the file of a relay that has ended has everything. It fails only where somebody else reads.
    if let Err(error) = conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").await {
        tracing::warn!(%error, "the database's log stays beside its file");
    }
    if let Err(error) = conn.close().await {
        tracing::error!(%error, "the database cannot be closed");
    }
}

async fn transaction(
    conn: &mut Conn,
    batch: &mut Vec<Job>,
    measures: &Measures,
) -> Result<(), sqlx::Error> {
    measures
        .jobs
        .observe(f64::from(u32::try_from(batch.len()).unwrap_or(u32::MAX)));
    let mut tell = Vec::with_capacity(batch.len());
    // What frames the jobs goes with what comes before and after it: each way to SQLite's thread costs more than
    // these statements.
    let mut before = "BEGIN IMMEDIATE; SAVEPOINT job";
    for job in batch.drain(..) {
        conn.execute(before).await?;
        // A job that panics is the fault of one request, and must not end the others.
        before = match AssertUnwindSafe(job(conn)).catch_unwind().await {
            Ok(Ran::Keep(told)) => {
                tell.push(told);
                "RELEASE job; SAVEPOINT job"
            }
            Ok(Ran::Undo) => UNDO,
            Err(_) => {
                tracing::error!("a job of the database panicked");
                UNDO
            }
        };
    }
    crash::point("before the commit");
    let began = Instant::now();
    let committed = conn
        .execute(if before == UNDO {
            UNDO_AND_COMMIT
        } else {
            "RELEASE job; COMMIT"
        })
        .await;
    measures.commit.observe(began.elapsed().as_secs_f64());
    crash::point("after the commit");
    match committed {
        Ok(_) => tell.into_iter().for_each(|tell| tell(Ok(()))),
        Err(error) => {
            let text = error.to_string();
            for tell in tell {
                tell(Err(sqlx::Error::Protocol(text.clone())));
            }
            return Err(error);
        }
    }
    Ok(())
}
