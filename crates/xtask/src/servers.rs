//! The three servers of the demo, as child processes.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{process, web};

/// A development build starts in far less; a busy machine gets time.
const START: Duration = Duration::from_secs(30);
/// A graceful end takes a moment at most; after this it is not asked again.
const STOP: Duration = Duration::from_secs(5);

/// The ports that `web/demo/relay.toml` is written for: relay, sandbox, demo.
const USUAL: Ports = Ports {
    relay: 4100,
    sandbox: 4101,
    demo: 4102,
};

/// Where each server listens, on 127.0.0.1.
#[derive(Clone, Copy)]
pub struct Ports {
    pub relay: u16,
    pub sandbox: u16,
    pub demo: u16,
}

impl Ports {
    /// The ones people know; an error names the first that is taken, and by whom.
    pub fn usual() -> Result<Self> {
        for port in [USUAL.sandbox, USUAL.relay, USUAL.demo] {
            if TcpListener::bind(("127.0.0.1", port)).is_err() {
                bail!(
                    "port {port} is taken{}. The demo needs 4100, 4101 and 4102: stop that program and try again",
                    holder(port)
                );
            }
        }
        Ok(USUAL)
    }

    /// Three that nobody uses.
    pub fn free() -> Result<Self> {
        // All three are held before any is let go, so that they differ.
        let held = (bind_any()?, bind_any()?, bind_any()?);
        Ok(Self {
            relay: held.0.local_addr()?.port(),
            sandbox: held.1.local_addr()?.port(),
            demo: held.2.local_addr()?.port(),
        })
    }

    /// The demo's configuration for these ports.
    fn written_into(self, config: &str) -> String {
        config
            .replace(&port(USUAL.relay), &port(self.relay))
            .replace(&port(USUAL.sandbox), &port(self.sandbox))
            .replace(&port(USUAL.demo), &port(self.demo))
    }
}

fn bind_any() -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", 0)).context("no free port on 127.0.0.1")
}

fn port(number: u16) -> String {
    format!(":{number}")
}

/// An address for a browser.
pub fn address(number: u16) -> String {
    format!("http://127.0.0.1:{number}")
}

/// Builds the three programs.
pub fn build(ws: &Workspace) -> Result<()> {
    process::progress("building the relay, the sandbox and the demo");
    process::run(&mut ws.cargo(&[
        "build",
        "--package",
        "patchcord-relay",
        "--package",
        "patchcord-sandbox",
        "--package",
        "patchcord-demo",
        "--bins",
    ]))
}

/// The running servers. They end with this value.
pub struct Servers {
    running: Vec<Server>,
}

impl Servers {
    /// Starts all three and waits until each listens. `folder` gets the database and the logs.
    pub fn start(ws: &Workspace, ports: Ports, folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let config = folder.join("relay.toml");
        let source = fs::read_to_string(ws.at("web/demo/relay.toml"))?;
        fs::write(&config, ports.written_into(&source))?;

        let listen = |number| format!("127.0.0.1:{number}");
        let mut servers = Self {
            running: Vec::new(),
        };
        servers.add(ws, folder, "patchcord-sandbox", |command| {
            command.args(["--listen", &listen(ports.sandbox)]);
        })?;
        servers.add(ws, folder, "patchcord-relay", |command| {
            command.arg("--config").arg(&config);
            command.env("PATCHCORD_DATABASE", folder.join("relay.db"));
            command.env("PATCHCORD_WEB", web::folder(ws));
        })?;
        servers.add(ws, folder, "patchcord-demo", |command| {
            command.args(["--listen", &listen(ports.demo)]);
            command.args(["--relay", &address(ports.relay)]);
            command.args(["--sandbox", &address(ports.sandbox)]);
        })?;
        Ok(servers)
    }

    fn add(
        &mut self,
        ws: &Workspace,
        folder: &Path,
        name: &'static str,
        arguments: impl FnOnce(&mut Command),
    ) -> Result<()> {
        let mut command = Command::new(ws.binaries().join(name));
        command.current_dir(ws.root());
        // The relay reads every such variable; a developer's own must not change the demo.
        for (variable, _) in std::env::vars_os() {
            if variable.as_encoded_bytes().starts_with(b"PATCHCORD_") {
                command.env_remove(variable);
            }
        }
        arguments(&mut command);
        self.running.push(Server::start(name, command, folder)?);
        Ok(())
    }

    /// The first server that has ended by itself, with the end of its log.
    pub fn ended(&mut self) -> Result<Option<String>> {
        for server in &mut self.running {
            if let Some(status) = server.child.try_wait()? {
                return Ok(Some(format!(
                    "{} ended ({status})\n{}",
                    server.name,
                    server.end_of_log()
                )));
            }
        }
        Ok(None)
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        // All are asked before any is waited for.
        for server in &self.running {
            server.ask_to_stop();
        }
        for server in &mut self.running {
            server.wait_or_kill();
        }
    }
}

struct Server {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Server {
    fn start(name: &'static str, mut command: Command, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        let first_line = child.stdout.take().map(first_line);
        let mut server = Self { name, child, log };
        let said = first_line.and_then(|line| line.recv_timeout(START).ok());
        if said.is_some_and(|line| line.starts_with("listening on ")) {
            return Ok(server);
        }
        server.ask_to_stop();
        server.wait_or_kill();
        bail!("{name} does not listen\n{}", server.end_of_log())
    }

    fn ask_to_stop(&self) {
        // Without `kill`, `wait_or_kill` ends it the hard way.
        let _ = process::output(Command::new("kill").args(["-TERM", &self.child.id().to_string()]));
    }

    fn wait_or_kill(&mut self) {
        let start = Instant::now();
        while start.elapsed() < STOP {
            match self.child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(20)),
                _ => return,
            }
        }
        // Fails only if it ended just now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn end_of_log(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let skip = lines.len().saturating_sub(20);
        let end: Vec<&str> = lines.into_iter().skip(skip).collect();
        end.join("\n")
    }
}

/// The first line, then reads on, so that the program can go on writing.
fn first_line(out: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines() {
            let Ok(line) = line else { return };
            // Only the first is waited for.
            let _ = sender.send(line);
        }
    });
    receiver
}

/// ` by <program> (process <id>)`, where Linux tells.
fn holder(port: u16) -> String {
    let Some(socket) = listening_socket(port) else {
        return String::new();
    };
    let Ok(processes) = fs::read_dir("/proc") else {
        return String::new();
    };
    for process in processes.flatten() {
        let id = process.file_name().to_string_lossy().into_owned();
        // `self` and others stand beside the processes.
        if !id.bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let Ok(files) = fs::read_dir(process.path().join("fd")) else {
            continue;
        };
        let link = format!("socket:[{socket}]");
        if files
            .flatten()
            .any(|file| fs::read_link(file.path()).is_ok_and(|target| target == Path::new(&link)))
        {
            let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return format!(" by {} (process {id})", name.trim());
        }
    }
    String::new()
}

/// The inode of the IPv4 socket that listens on this port, from `/proc/net/tcp`.
fn listening_socket(port: u16) -> Option<String> {
    const LISTEN: &str = "0A";
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    let ending = format!(":{port:04X}");
    table.lines().find_map(|line| {
        let mut fields = line.split_whitespace();
        let local = fields.nth(1)?;
        let state = fields.nth(1)?;
        let inode = fields.nth(5)?;
        (local.ends_with(&ending) && state == LISTEN).then(|| inode.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_of_the_configuration_is_replaced() {
        let ports = Ports {
            relay: 1,
            sandbox: 2,
            demo: 3,
        };
        assert_eq!(
            ports.written_into("a:4100 b:4101 c:4102 d:4102"),
            "a:1 b:2 c:3 d:3"
        );
    }

    #[test]
    fn free_ports_differ() {
        let ports = Ports::free().unwrap();
        assert_ne!(ports.relay, ports.sandbox);
        assert_ne!(ports.sandbox, ports.demo);
        assert_ne!(ports.relay, ports.demo);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_program_that_holds_a_port_is_named() {
        let held = bind_any().unwrap();
        let holder = holder(held.local_addr().unwrap().port());
        assert!(holder.contains(&std::process::id().to_string()), "{holder}");
    }
}
