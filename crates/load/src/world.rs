//! What stands around the relays: the sandbox, a configuration, a database.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use patchcord_sandbox::Sandbox;
use reqwest::Client;
use serde_json::json;
use sqlx::{AnyPool, Connection, Executor};

const SECRET: &str = "a-secret-of-the-load-test-with-32-bytes";
const AUDIENCE: &str = "https://relay.acme.example";

/// The sandbox and the database of one lane.
pub struct World {
    pub sandbox: Sandbox,
    pub config: String,
    pub client: Client,
    database: String,
    server: Server,
}

/// Whether the database is a server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Server {
    None,
    Postgres,
}

impl World {
    /// A fresh one; `postgres` names a server on which a database is made. `number` tells it from others of this
    /// program.
    pub async fn new(folder: &Path, postgres: Option<&str>, number: usize) -> Result<Self> {
        sqlx::any::install_default_drivers();
        let sandbox = Sandbox::start(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let (name, database) = match postgres {
            None => {
                let file = folder.join("relay.db").display().to_string();
                (file.clone(), format!("sqlite://{file}?mode=ro"))
            }
            Some(server) => {
                let name = format!("load_{}_{number}", std::process::id());
                let mut connection = sqlx::PgConnection::connect(server).await?;
                for sql in [
                    format!("DROP DATABASE IF EXISTS {name}"),
                    format!("CREATE DATABASE {name}"),
                ] {
                    connection.execute(sqlx::AssertSqlSafe(sql)).await?;
                }
                let (base, _) = server.rsplit_once('/').context("no server address")?;
                (format!("{base}/{name}"), format!("{base}/{name}"))
            }
        };
        Ok(Self {
            config: config(&name, &sandbox.url()),
            sandbox,
            client: Client::builder()
                .no_proxy()
                .timeout(Duration::from_secs(20))
                .build()?,
            database,
            server: match postgres {
                None => Server::None,
                Some(_) => Server::Postgres,
            },
        })
    }

    /// The database, to look at.
    pub async fn look(&self) -> Result<AnyPool> {
        Ok(sqlx::any::AnyPoolOptions::new()
            .max_connections(1)
            .connect(&self.database)
            .await?)
    }

    /// What a relay is told so that the server knows its connections by this name. Nothing for a file.
    pub fn database_by(&self, name: &str) -> Vec<(&'static str, String)> {
        match self.server {
            Server::None => Vec::new(),
            Server::Postgres => vec![(
                "PATCHCORD_DATABASE",
                format!("{}?application_name={name}", self.database),
            )],
        }
    }

    /// Whether a relay has made its tables yet.
    pub async fn has_tables(&self) -> Result<bool> {
        let sql = match self.server {
            Server::None => "SELECT count(*) FROM sqlite_master WHERE name = 'delivery'",
            Server::Postgres => "SELECT count(*) FROM pg_tables WHERE tablename = 'delivery'",
        };
        let Ok(database) = self.look().await else {
            return Ok(false);
        };
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&database).await?;
        database.close().await;
        Ok(count == 1)
    }

    /// Everything that waits has waited so much longer, as if nobody had been there.
    pub async fn let_time_pass(&self, by: Duration) -> Result<()> {
        if !self.has_tables().await? {
            return Ok(());
        }
        let writing = self.database.replace("?mode=ro", "?mode=rw");
        let database = sqlx::any::AnyPoolOptions::new()
            .max_connections(1)
            .connect(&writing)
            .await?;
        sqlx::query(
            "UPDATE callback SET dispatch_at = dispatch_at - $1 WHERE state IN ('queued', 'due')",
        )
        .bind(i64::try_from(by.as_millis())?)
        .execute(&database)
        .await?;
        database.close().await;
        Ok(())
    }
}

/// Now, in milliseconds since the Unix epoch.
pub fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| i64::try_from(now.as_millis()).unwrap_or(i64::MAX))
}

/// An assertion for the one agent.
pub fn assertion() -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let claims = json!({
        "iss": "https://crm.acme.example", "aud": AUDIENCE, "org": "acme", "sub": "005ALEX",
        "iat": now, "exp": now + 60, "jti": format!("{:032x}", fastrand::u128(..)),
    });
    let header = Header {
        kid: Some("load".to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    Ok(encode(
        &header,
        &claims,
        &EncodingKey::from_secret(SECRET.as_bytes()),
    )?)
}

/// This time tomorrow, RFC 3339.
pub fn tomorrow() -> Result<String> {
    Ok(patchcord_relay::clock::to_rfc3339(
        now() + 24 * 60 * 60 * 1000,
    ))
}

fn config(database: &str, sandbox: &str) -> String {
    format!(
        r#"
listen = "127.0.0.1:0"
database = "{database}"
dead_after = 1
audience = "{AUDIENCE}"
region = "DE"
countries = ["DE"]
duplicate_window = 0
callbacks = {{ attempts = 1000, backoff = 0 }}

# Relays that share a database share their key.
[[encryption_key]]
id = "load"
key = "bG9hZGxvYWRsb2FkbG9hZGxvYWRsb2FkbG9hZGxvYWQ="

# All of the load comes from one address and is about few numbers; it is counted all the same.
[limits]
visitor_per_hour = 4000000000
visitor_per_day = 4000000000
number_per_hour = 4000000000
number_per_day = 4000000000
agent_per_hour = 4000000000
agent_per_day = 4000000000
key_per_day = 4000000000
account_per_day = 4000000000
relay_per_day = 4000000000

[[account]]
name = "samespace"
provider = "samespace"
cluster_id = "ph1c"
cloud_id = "acme"
base_url = "{sandbox}"

[[account]]
name = "babelforce"
provider = "babelforce"
environment = "{sandbox}"
grant = {{ type = "password", username = "relay@acme.example", password = "sandbox-password" }}

[[issuer]]
iss = "https://crm.acme.example"
org = "acme"
kid = "load"
algorithm = "HS256"
secret = "{SECRET}"

[[agent]]
org = "acme"
sub = "005ALEX"
identities = [{{ account = "samespace", agent = "alex@acme" }}]

[[key]]
key = "pk_load"
origins = ["https://www.acme.example"]
topics = ["sales", "support"]

[[topic]]
topic = "sales"
label = "Sales"
account = "samespace"
space_id = "acme"
team_name = "helpdesk"

[[topic]]
topic = "support"
label = "Support"
account = "babelforce"
queue_id = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
"#
    )
}
