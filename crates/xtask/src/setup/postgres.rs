//! A PostgreSQL server for tests and measurements: a folder of its own, gone afterwards.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::debian;
use crate::process;
use crate::scratch::Scratch;

/// How long the server may take to start.
const START: Duration = Duration::from_secs(30);

/// Whether what is committed survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// It does, as in production: for measurements.
    Full,
    /// It does not: tests do not cut the power, and are faster so.
    None,
}

/// A server. It ends with this value.
pub struct Postgres {
    child: Child,
    port: u16,
    _folder: Scratch,
}

impl Postgres {
    /// Starts a server, installing PostgreSQL where it is missing.
    pub fn start(durability: Durability) -> Result<Self> {
        let programs = programs()?;
        let user = user()?;
        // Not below the checkout: the server runs as another user, who may not get there.
        let folder = Scratch::new(
            std::env::temp_dir().join(format!("patchcord-postgres-{}", std::process::id())),
        )?;
        if let Some(user) = user {
            process::run(Command::new("chown").arg(user).arg(folder.path()))?;
        }
        let data = folder.path().join("data");
        process::output(
            as_user(user, &programs.join("initdb"))
                .args([
                    "--auth=trust",
                    "--username=postgres",
                    "--no-sync",
                    "--encoding=UTF8",
                    "--locale=C",
                ])
                .arg("-D")
                .arg(&data),
        )?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let mut server = as_user(user, &programs.join("postgres"));
        server
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(folder.path())
            .args(["-p", &port.to_string()])
            .args([
                "-c",
                "listen_addresses=127.0.0.1",
                "-c",
                "max_connections=400",
            ]);
        if durability == Durability::None {
            server.args([
                "-c",
                "fsync=off",
                "-c",
                "synchronous_commit=off",
                "-c",
                "full_page_writes=off",
            ]);
        }
        let log = fs::File::create(folder.path().join("log"))?;
        let child = server
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start PostgreSQL")?;
        let mut running = Self {
            child,
            port,
            _folder: folder,
        };
        running.wait(&programs.join("pg_isready"))?;
        Ok(running)
    }

    /// Its address, with the database that is always there.
    pub fn address(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn wait(&mut self, is_ready: &Path) -> Result<()> {
        let start = Instant::now();
        loop {
            let answer = Command::new(is_ready)
                .args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()])
                .status()?;
            if answer.success() {
                return Ok(());
            }
            if self.child.try_wait()?.is_some() || start.elapsed() > START {
                let log = fs::read_to_string(self._folder.path().join("log")).unwrap_or_default();
                bail!("PostgreSQL does not start\n{log}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGQUIT: at once. Its data goes with the folder.
        let _ = process::output(Command::new("kill").args(["-QUIT", &self.child.id().to_string()]));
        let _ = self.child.wait();
    }
}

/// The folder of the server's programs: PostgreSQL 14 or later.
fn programs() -> Result<PathBuf> {
    if let Some(folder) = find() {
        return Ok(folder);
    }
    debian::install(
        &["postgresql"],
        "the tests on PostgreSQL",
        "install a PostgreSQL server whose `initdb` is on PATH",
    )?;
    find().context("postgresql is installed, but its programs are not found")
}

fn find() -> Option<PathBuf> {
    // What is on PATH may be a link to one of the programs only.
    let linked = process::on_path(&["initdb"]).and_then(|file| fs::canonicalize(file).ok());
    if let Some(file) = linked {
        return file.parent().map(Path::to_owned);
    }
    // Debian keeps each version in a folder of its own, none of them on PATH.
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<(u32, PathBuf)> = versions
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let folder = entry.path().join("bin");
            folder.join("initdb").is_file().then_some((version, folder))
        })
        .collect();
    folders.sort();
    folders.pop().map(|(_, folder)| folder)
}

/// Who the server runs as: it refuses to be root.
fn user() -> Result<Option<&'static str>> {
    if !debian::is_root()? {
        return Ok(None);
    }
    let known = |user: &&str| process::output(Command::new("id").arg(user)).is_ok();
    ["postgres", "nobody"]
        .into_iter()
        .find(known)
        .map(Some)
        .context("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`")
}

fn as_user(user: Option<&str>, program: &Path) -> Command {
    let Some(user) = user else {
        return Command::new(program);
    };
    // Becomes the program, so that its process is ours to stop.
    let mut command = Command::new("setpriv");
    command
        .args([&format!("--reuid={user}"), "--clear-groups", "--"])
        .arg(program);
    command
}
