//! Relays as processes, to be killed.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout, Command};

/// How long a relay may take to start.
const START: Duration = Duration::from_secs(30);
/// The signal by which a relay dies at its point, and the one by which it is killed.
const SIGABRT: i32 = 6;
const SIGKILL: i32 = 9;

/// A relay that runs.
pub struct Relay {
    pub url: String,
    child: Child,
}

/// A relay that starts.
pub struct Starting {
    child: Child,
    out: ChildStdout,
}

/// Where a relay is to die by itself: a named place, the how-many-th time it comes by.
#[derive(Debug, Clone)]
pub struct CrashAt {
    pub point: &'static str,
    pub time: u64,
}

impl Starting {
    /// Begins to start one, in the folder of its configuration; `variables` override it.
    pub fn new(
        program: &Path,
        folder: &Path,
        crash: Option<&CrashAt>,
        variables: &[(&str, String)],
    ) -> Result<Self> {
        let mut command = Command::new(program);
        command
            .args(["--config", "relay.toml"])
            .current_dir(folder)
            .env("PATCHCORD_LOG", "warn")
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(
                std::fs::File::options()
                    .create(true)
                    .append(true)
                    .open(folder.join("log"))?,
            )
            .kill_on_drop(true);
        if let Some(CrashAt { point, time }) = crash {
            command.env("CRASH_AT", format!("{point}:{time}"));
        }
        let mut child = command.spawn().context("cannot start the relay")?;
        let out = child.stdout.take().context("no output of the relay")?;
        Ok(Self { child, out })
    }

    /// Waits until it listens. `None` if it came by its point before.
    pub async fn listening(mut self) -> Result<Option<Relay>> {
        let mut lines = BufReader::new(self.out).lines();
        let line = tokio::time::timeout(START, lines.next_line())
            .await
            .context("the relay does not listen")??;
        let Some(line) = line else {
            died(self.child.wait().await?)?;
            return Ok(None);
        };
        let url = line
            .strip_prefix("listening on ")
            .context("the relay says something else")?;
        Ok(Some(Relay {
            url: url.to_owned(),
            child: self.child,
        }))
    }

    /// Kills it with SIGKILL, wherever it is, and waits until it is gone.
    pub async fn kill(self) -> Result<()> {
        kill(self.child).await
    }
}

impl Relay {
    /// Starts one that lives.
    pub async fn start(program: &Path, folder: &Path, crash: Option<&CrashAt>) -> Result<Self> {
        let starting = Starting::new(program, folder, crash, &[])?;
        starting
            .listening()
            .await?
            .context("the relay died while it started")
    }

    /// Its resident memory, in bytes.
    pub fn resident(&self) -> Result<f64> {
        let id = self.child.id().context("the relay is gone")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let kilobytes: f64 = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse().ok())
            .context("the system does not tell the memory of a process")?;
        Ok(kilobytes * 1024.0)
    }

    /// Kills it with SIGKILL and waits until it is gone.
    pub async fn kill(self) -> Result<()> {
        kill(self.child).await
    }

    /// Waits until it has died by itself, at most so long.
    pub async fn ended(&mut self, within: Duration) -> Result<bool> {
        match tokio::time::timeout(within, self.child.wait()).await {
            Ok(status) => died(status?).map(|()| true),
            Err(_) => Ok(false),
        }
    }
}

async fn kill(mut child: Child) -> Result<()> {
    // It may be gone already.
    let _ = child.start_kill();
    died(child.wait().await?)
}

/// A relay that ends in any other way has gone wrong: nothing asks it to.
fn died(status: ExitStatus) -> Result<()> {
    ensure!(
        matches!(status.signal(), Some(SIGABRT | SIGKILL)),
        "the relay ended by itself: {status}"
    );
    Ok(())
}
