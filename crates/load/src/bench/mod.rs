//! What a callback, a dial and an event stream cost a relay, beside what the machine can do.

mod load;
mod wire;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::relay::Relay;
use crate::world::{self, World};
use load::{Measured, drive};
use wire::{Wire, request};

/// Visitors who ask at the same time.
const CONNECTIONS: usize = 32;
/// Callbacks in one measurement of the intake.
const CALLBACKS: usize = 20_000;
/// Callbacks after which the relay's memory is looked at.
const MANY: usize = 100_000;
const STREAMS: usize = 5_000;
const DIALS: usize = 300;

/// What to measure with.
pub struct Plan {
    /// The relay, as it is shipped.
    pub relay: PathBuf,
    pub nginx: Option<PathBuf>,
    pub postgres: Option<String>,
}

/// One figure; smaller is better.
#[derive(Serialize)]
struct Figure {
    name: &'static str,
    figure: f64,
    goal: f64,
    unit: &'static str,
    detail: String,
}

/// Measures everything; prints a JSON array of figures.
pub async fn run(plan: &Plan) -> Result<()> {
    let folder = TempDir::new()?;
    let world = World::new(folder.path(), plan.postgres.as_deref(), 0).await?;
    // Each of the visitors has an address of their own.
    let proxies = r#"trusted_proxies = ["127.0.0.1"]"#;
    let config = format!("{proxies}\n{}\n{BENCH}", world.config);
    std::fs::write(folder.path().join("relay.toml"), config)?;
    let fsync = fsync(folder.path())?;
    let relay = Relay::start(&plan.relay, folder.path(), None).await?;

    let mut figures = Vec::new();
    let yard = match &plan.nginx {
        Some(nginx) => Some(Nginx::start(nginx, folder.path()).await?),
        None => None,
    };
    let prepared = Arc::new(callbacks(&relay.url, CALLBACKS).await?);
    let static_page = match &yard {
        Some(nginx) => Some(drive(&[&nginx.url], prepared.clone(), CONNECTIONS, 201).await?),
        None => None,
    };
    let intake = drive(&[&relay.url], prepared, CONNECTIONS, 201).await?;
    figures.extend(of_intake(&intake, static_page.as_ref(), fsync));
    figures.push(dial(&world, &relay.url, fsync).await?);

    let mut taken = CALLBACKS;
    while taken < MANY {
        let more = Arc::new(callbacks(&relay.url, CALLBACKS).await?);
        drive(&[&relay.url], more, CONNECTIONS, 201).await?;
        taken += CALLBACKS;
    }
    let resident = relay.resident()?;
    figures.push(Figure {
        name: "relay memory",
        figure: resident / 1e6,
        goal: 60.0,
        unit: "MB",
        detail: format!("resident after {taken} callbacks"),
    });
    figures.push(streams(&relay, resident).await?);
    if plan.postgres.is_some() {
        figures.push(two_relays(plan, folder.path(), &relay).await?);
    }
    relay.kill().await?;
    std::io::stdout().write_all(&serde_json::to_vec(&figures)?)?;
    Ok(())
}

fn of_intake(intake: &Measured, static_page: Option<&Measured>, fsync: Duration) -> Vec<Figure> {
    let beside = static_page.map_or_else(String::new, |page| {
        format!(
            "; nginx answers the same requests with a fixed 201, {:.0}/s (1 : {:.1})",
            page.per_second,
            page.per_second / intake.per_second
        )
    });
    vec![
        Figure {
            name: "relay intake",
            figure: 1e6 / intake.per_second,
            goal: 1e6 / 2000.0,
            unit: "µs each",
            detail: format!(
                "{:.0} callbacks/s durable, proof of work and policy on, {CONNECTIONS} connections{beside}; one fsync {:.2} ms",
                intake.per_second,
                fsync.as_secs_f64() * 1000.0
            ),
        },
        Figure {
            name: "relay p99",
            figure: intake.within(0.99),
            goal: 50.0,
            unit: "ms",
            detail: format!("of the same requests; median {:.1} ms", intake.within(0.5)),
        },
    ]
}

/// A dial through the relay against the same request sent to the platform, in turn.
async fn dial(world: &World, relay: &str, fsync: Duration) -> Result<Figure> {
    let mut through = Wire::open(relay).await?;
    let mut straight = Wire::open(&world.sandbox.url()).await?;
    let session = session(&mut through).await?;
    let bearer = format!("Bearer {session}");
    let (mut dials, mut direct) = (Vec::new(), Vec::new());
    for turn in 0..DIALS {
        let number = 30_000_000 + turn;
        let key = format!("bench-{:032x}", fastrand::u128(..));
        let dialling = request(
            "POST",
            "/v1/calls",
            &[
                ("authorization", &bearer),
                ("content-type", "application/json"),
                ("idempotency-key", &key),
            ],
            &json!({ "number": format!("+4930{number}"), "payload": { "turn": turn } }).to_string(),
        );
        let begin = Instant::now();
        let reply = through.ask(&dialling).await?;
        dials.push(begin.elapsed());
        ensure!(
            reply.status == 200,
            "{}",
            String::from_utf8_lossy(&reply.body)
        );
        let same = request(
            "POST",
            "/apiv1/make_call",
            &[("content-type", "application/json")],
            &json!({ "username": "alex@acme", "number": format!("4930{number}"), "custom": { "turn": turn } })
                .to_string(),
        );
        let begin = Instant::now();
        straight.ask(&same).await?;
        direct.push(begin.elapsed());
    }
    dials.sort_unstable();
    direct.sort_unstable();
    let median = |times: &[Duration]| {
        times
            .get(times.len() / 2)
            .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    };
    let fsync = fsync.as_secs_f64() * 1000.0;
    let (dialled, direct) = (median(&dials), median(&direct));
    Ok(Figure {
        name: "relay dial",
        figure: dialled - direct,
        goal: 1.0 + fsync,
        unit: "ms",
        detail: format!(
            "median of {DIALS}: {dialled:.2} ms through the relay, {direct:.2} ms straight to the platform; one fsync {fsync:.2} ms"
        ),
    })
}

/// What an idle event stream takes.
async fn streams(relay: &Relay, before: f64) -> Result<Figure> {
    let mut wire = Wire::open(&relay.url).await?;
    let bearer = format!("Bearer {}", session(&mut wire).await?);
    let listening = request("GET", "/v1/events", &[("authorization", &bearer)], "");
    let mut open = Vec::with_capacity(STREAMS);
    for _ in 0..STREAMS {
        let mut stream = Wire::open(&relay.url).await?;
        let reply = stream.ask(&listening).await?;
        ensure!(reply.status == 200, "no stream: {}", reply.status);
        open.push(stream);
    }
    let after = relay.resident()?;
    drop(open);
    Ok(Figure {
        name: "relay stream",
        figure: (after - before) / STREAMS as f64 / 1000.0,
        goal: 30.0,
        unit: "kB",
        detail: format!("resident for each of {STREAMS} idle event streams"),
    })
}

/// The same load on two relays of one database. On one machine they share its cores too.
async fn two_relays(plan: &Plan, folder: &Path, first: &Relay) -> Result<Figure> {
    let second = Relay::start(&plan.relay, folder, None).await?;
    let prepared = Arc::new(callbacks(&first.url, CALLBACKS).await?);
    let both = drive(&[&first.url, &second.url], prepared, CONNECTIONS, 201).await?;
    second.kill().await?;
    Ok(Figure {
        name: "two relays",
        figure: 1e6 / both.per_second,
        goal: 1e6 / 2000.0,
        unit: "µs each",
        detail: format!(
            "{:.0} callbacks/s by two relays on one database, all on these cores; p99 {:.1} ms",
            both.per_second,
            both.within(0.99)
        ),
    })
}

async fn session(wire: &mut Wire) -> Result<String> {
    let reply = wire
        .ask(&request(
            "POST",
            "/v1/sessions",
            &[("content-type", "application/json")],
            &json!({ "assertion": world::assertion()? }).to_string(),
        ))
        .await?;
    let reply: Value = serde_json::from_slice(&reply.body)?;
    let session = reply.get("session").and_then(Value::as_str);
    session.map(str::to_owned).context("no session")
}

/// Prepared callbacks, each with a proof of its own, for tomorrow: so that nothing is dispatched meanwhile.
async fn callbacks(relay: &str, count: usize) -> Result<Vec<Vec<u8>>> {
    let mut wire = Wire::open(relay).await?;
    let asking = request("GET", "/v1/challenge", &[("patchcord-key", "pk_bench")], "");
    let at = world::tomorrow()?;
    let mut prepared = Vec::with_capacity(count);
    for turn in 0..count {
        let reply = wire.ask(&asking).await?;
        ensure!(
            reply.status == 200,
            "{}",
            String::from_utf8_lossy(&reply.body)
        );
        let proof = solve(&serde_json::from_slice(&reply.body)?)?;
        let random = fastrand::u128(..);
        let body = json!({
            "number": format!("+4930{}", 20_000_000 + fastrand::u32(0..70_000_000)),
            "topic": "later", "at": at, "proof": proof,
            "fields": { "name": "Vera Visitor" },
            "consent": { "version": "1", "given": true },
            "payload": { "campaign": "autumn", "turn": turn },
            "page": "https://www.acme.example/contact",
        });
        let address = format!(
            "10.{}.{}.{}",
            random as u8,
            (random >> 8) as u8,
            (random >> 16) as u8
        );
        prepared.push(request(
            "POST",
            "/v1/callbacks",
            &[
                ("patchcord-key", "pk_bench"),
                ("origin", "https://www.acme.example"),
                ("content-type", "application/json"),
                ("x-forwarded-for", &address),
                ("idempotency-key", &format!("bench-{random:032x}")),
            ],
            &body.to_string(),
        ));
    }
    Ok(prepared)
}

fn solve(challenge: &Value) -> Result<String> {
    let text = |name: &str| {
        let value = challenge.get(name).and_then(Value::as_str);
        value.context("no ALTCHA challenge")
    };
    let (salt, goal) = (text("salt")?, text("challenge")?);
    let most = challenge
        .get("maxnumber")
        .and_then(Value::as_u64)
        .unwrap_or(0);
    for number in 0..=most {
        let hash = Sha256::digest(format!("{salt}{number}").as_bytes());
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        if hex == goal {
            let solved = json!({
                "algorithm": text("algorithm")?, "challenge": goal, "number": number, "salt": salt,
                "signature": text("signature")?,
            });
            return Ok(STANDARD.encode(solved.to_string()));
        }
    }
    bail!("the challenge has no solution")
}

/// The median of writing and syncing one page, on the disk of the database.
fn fsync(folder: &Path) -> Result<Duration> {
    let mut file = std::fs::File::create(folder.join("fsync"))?;
    let mut times = Vec::new();
    for _ in 0..101 {
        file.write_all(&[0; 4096])?;
        let begin = Instant::now();
        file.sync_data()?;
        times.push(begin.elapsed());
    }
    times.sort_unstable();
    times.get(50).copied().context("nothing measured")
}

/// nginx that answers everything with 201.
struct Nginx {
    url: String,
    _child: Child,
}

impl Nginx {
    async fn start(program: &Path, folder: &Path) -> Result<Self> {
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let config = folder.join("nginx.conf");
        std::fs::write(
            &config,
            format!(
                "daemon off; master_process off; pid {0}/nginx.pid; error_log {0}/nginx.log;\n\
                 events {{ worker_connections 1024; }}\n\
                 http {{ access_log off; keepalive_requests 1000000; client_body_temp_path {0}/body;\n\
                 server {{ listen 127.0.0.1:{port}; location / {{ return 201 '{{}}'; }} }} }}\n",
                folder.display()
            ),
        )?;
        let child = Command::new(program)
            .arg("-c")
            .arg(&config)
            .arg("-p")
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("cannot start nginx")?;
        let url = format!("http://127.0.0.1:{port}");
        for _ in 0..200 {
            if Wire::open(&url).await.is_ok() {
                return Ok(Self { url, _child: child });
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        bail!("nginx does not listen")
    }
}

const BENCH: &str = r#"
[[key]]
key = "pk_bench"
origins = ["https://www.acme.example"]
topics = ["later"]
consent = { version = "1", text = "You may call me." }
fields = [{ name = "name", label = "Your name", required = true }]
proof = { max = 200, min_fill = 0 }

[[topic]]
topic = "later"
label = "Later"
account = "samespace"
space_id = "acme"
team_name = "helpdesk"
"#;
