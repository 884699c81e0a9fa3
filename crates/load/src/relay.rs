//! Relays as processes, to be killed.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long a relay may take to start.
const START: Duration = Duration::from_secs(30);

/// A relay that runs.
pub struct Relay {
    pub url: String,
    child: Child,
}

/// Where a relay is to die by itself: a named place, the how-many-th time it comes by.
#[derive(Debug, Clone)]
pub struct CrashAt {
    pub point: &'static str,
    pub time: u64,
}

impl Relay {
    /// Starts one, in the folder of its configuration.
    pub async fn start(program: &Path, folder: &Path, crash: Option<&CrashAt>) -> Result<Self> {
        let mut command = Command::new(program);
        command
            .args(["--config", "relay.toml"])
            .current_dir(folder)
            .env("PATCHCORD_LOG", "warn")
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
        let mut lines = BufReader::new(out).lines();
        let first = tokio::time::timeout(START, lines.next_line()).await;
        let Ok(Ok(Some(line))) = first else {
            // It may have come by its place while starting.
            bail!("the relay does not listen");
        };
        let url = line
            .strip_prefix("listening on ")
            .context("the relay says something else")?;
        Ok(Self {
            url: url.to_owned(),
            child,
        })
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
    pub async fn kill(mut self) -> Result<()> {
        // It may be gone already.
        let _ = self.child.start_kill();
        self.child.wait().await?;
        Ok(())
    }

    /// Waits until it has ended by itself, at most so long.
    pub async fn ended(&mut self, within: Duration) -> bool {
        tokio::time::timeout(within, self.child.wait())
            .await
            .is_ok()
    }
}
