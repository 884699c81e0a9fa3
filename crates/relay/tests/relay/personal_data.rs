//! Personal data: how long it stays, that it goes when somebody asks, and where it may be.

use std::path::Path;

use patchcord_relay::config::{Config, Environment};
use patchcord_relay::store::erase::Erased;
use patchcord_relay::store::{DAY, Store};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::Row;

use crate::browser::{Browser, TOKEN, with_admin};
use crate::command::{Process, command, prepare};
use crate::forms::{KEY, fields};
use crate::scim::{ACME, ask, provisioned, scim, user};
use crate::support::{NUMBER, World, config, eventually, fresh_key};

const OTHER: &str = "+493012345679";
const DIGITS: &str = "3012345678";

/// Every row of every table, as text.
pub async fn everything(store: &Store, folder: &Path) -> String {
    let mut text = String::new();
    let tables = match std::env::var(crate::support::SERVER) {
        Ok(_) => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
        Err(_) => "SELECT name FROM sqlite_master WHERE type = 'table'",
    };
    for table in sqlx::query(tables).fetch_all(store.read()).await.unwrap() {
        let table: String = table.get::<Option<String>, _>(0).unwrap();
        if std::env::var(crate::support::SERVER).is_ok() {
            let sql = format!("SELECT t::text FROM \"{table}\" t");
            let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
                .fetch_all(store.read())
                .await
                .unwrap();
            text.extend(rows.iter().map(|row| row.get::<String, _>(0) + "\n"));
        }
    }
    // SQLite: what is in the files, used or not.
    for file in ["relay.db", "relay.db-wal"] {
        let bytes = std::fs::read(folder.join(file)).unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&bytes));
    }
    text
}

async fn count(store: &Store, table: &str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(sql)
        .fetch_one(store.read())
        .await
        .unwrap()
}

fn wish(world: &World, body: &Value) -> crate::support::Ask {
    world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_plain")
        .header("Idempotency-Key", &fresh_key())
        .json(body)
}

#[tokio::test]
async fn erasure_leaves_no_trace_of_the_number_and_spares_the_others() {
    let world = World::new().await;
    let session = world.session().await;
    let key = fresh_key();
    let dial = |number: &str, key: &str| {
        let ask = world.ask(Method::POST, "/v1/calls").bearer(&session);
        ask.header("Idempotency-Key", key)
            .json(&json!({ "number": number }))
    };
    dial(NUMBER, &key).send().await.is_outcome("accepted", None);
    let tomorrow = patchcord_relay::clock::to_rfc3339(world.relay.clock.now() + DAY);
    let mut taken = Vec::new();
    for (number, at) in [
        (NUMBER, Value::Null),
        (NUMBER, json!(tomorrow)),
        (OTHER, json!(tomorrow)),
    ] {
        let body = json!({
            "number": number, "at": at, "topic": "sales", "payload": { "mobile": NUMBER },
            "page": format!("https://www.example/?tel={NUMBER}"),
        });
        let answer = wish(&world, &body).send().await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        taken.push(answer.json);
    }
    world.until_state(&taken[0], "handed_over").await;
    let store = &world.relay.shared().store;
    let folder = world.folder.path();
    assert!(everything(store, folder).await.contains(DIGITS));

    let erased = store
        .erase(&NUMBER.parse().unwrap(), world.relay.clock.now())
        .await
        .unwrap();
    assert_eq!(
        (
            erased.callbacks,
            erased.calls,
            erased.mentions,
            erased.in_flight
        ),
        (2, 1, 1, 0)
    );
    assert!(
        patchcord_relay::store::erase::empty_log(&world.relay.shared().config.database)
            .await
            .unwrap()
    );
    let left = everything(store, folder).await;
    assert!(!left.contains(DIGITS), "found {:?}", around(&left));
    assert!(left.contains("3012345679"));

    world
        .managed(Method::GET, &taken[1])
        .send()
        .await
        .is_problem("manage_token_invalid");
    let other = world.managed(Method::GET, &taken[2]).send().await;
    assert_eq!(other.json["state"], "queued");
    // A repeated request still does not ring again.
    let dials = world.dials().await.len();
    let again = dial(NUMBER, &key).send().await;
    assert_eq!(again.header("idempotent-replay"), "true", "{}", again.body);
    assert_eq!(world.dials().await.len(), dials);
    // Nothing is left to erase.
    let none = store
        .erase(&NUMBER.parse().unwrap(), world.relay.clock.now())
        .await
        .unwrap();
    assert_eq!(none, Erased::default());
}

#[tokio::test]
async fn what_a_visitor_filled_in_goes_with_the_number_or_when_its_time_is_over() {
    // The receiver of the messages is down, so that they wait.
    let webhook = r#"
[[webhook]]
name = "crm"
url = "http://127.0.0.1:1/hook"
secret = "whsec_CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk="
events = ["callback.*"]
"#;
    let world = World::with(|config| config + KEY + webhook).await;
    let canary = "ada.canary@acme.example";
    let filled = fields(
        json!({ "mail": canary, "company": "canary-co", "utm": "canary-utm", "customer": true }),
    );
    let take = async |number: &str| {
        let mut body = filled.clone();
        body["number"] = json!(number);
        let answer = wish(&world, &body)
            .replace("Patchcord-Key", "pk_form")
            .send()
            .await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        world.until_state(&answer.json, "handed_over").await;
    };
    let store = &world.relay.shared().store;
    let config = &world.relay.shared().config;
    let folder = world.folder.path();
    let empty = async || {
        let database = &config.database;
        assert!(
            patchcord_relay::store::erase::empty_log(database)
                .await
                .unwrap()
        );
    };
    take(NUMBER).await;
    assert!(everything(store, folder).await.contains(canary));
    store
        .erase(&NUMBER.parse().unwrap(), world.relay.clock.now())
        .await
        .unwrap();
    empty().await;
    assert!(!everything(store, folder).await.contains("canary"));

    take(OTHER).await;
    let later = world.relay.clock.now() + config.retention.requests + DAY;
    // What still waits to be told goes with the number alone, or when it was given up.
    store
        .write(|tx| {
            Box::pin(async move {
                let given_up = sqlx::query("UPDATE delivery SET state = 'failed'");
                given_up.execute(tx).await
            })
        })
        .await
        .unwrap();
    store.tidy(config.retention, later).await.unwrap();
    empty().await;
    assert!(!everything(store, folder).await.contains("canary"));
}

#[tokio::test]
async fn what_a_visitor_filled_in_is_shown_to_an_operator_who_asks_and_is_in_no_log_of_that() {
    let world = World::with(|config| with_admin(config + KEY)).await;
    let filled = fields(
        json!({ "mail": "ada.canary@acme.example", "utm": "canary-utm", "customer": false }),
    );
    let taken = wish(&world, &filled)
        .replace("Patchcord-Key", "pk_form")
        .send()
        .await;
    assert_eq!(taken.status, 201, "{}", taken.body);
    let browser = Browser::signed_in(&world, TOKEN).await;
    let page = format!("/admin/callbacks/{}", taken.json["id"].as_str().unwrap());
    for path in [
        page.as_str(),
        "/admin/outbox",
        "/admin",
        "/admin/keys",
        "/admin/audit",
    ] {
        let shown = browser.get(path).await.body;
        assert!(!shown.contains("canary"), "{path}");
    }
    let shown = browser.post(&page, &[]).await.body;
    assert!(shown.contains("ada.canary@acme.example") && shown.contains("canary-utm"));
    // A checkbox is told as a person says it.
    assert!(shown.contains("<dt>terms</dt><dd>yes</dd>"), "{shown}");
    assert!(shown.contains("<dt>customer</dt><dd>no</dd>"), "{shown}");
    assert!(!browser.audit().await.contains("canary"));
}

#[tokio::test]
async fn of_a_provisioned_person_only_what_is_needed_is_kept_and_no_name_when_they_are_removed() {
    let world = World::with(|config| scim(&config)).await;
    let body = user("canary-name@acme.example", "005ALEX");
    let (path, _) = provisioned(&world, ACME, &body).await;
    let store = &world.relay.shared().store;
    let database = &world.relay.shared().config.database;
    let folder = world.folder.path();
    let kept = everything(store, folder).await;
    assert!(kept.contains("canary-name@acme.example"));
    for needless in ["canary-mail", "5556667"] {
        assert!(!kept.contains(needless), "{needless}");
    }
    let gone = ask(&world, ACME, Method::DELETE, &path).send().await;
    assert_eq!(gone.status, 204);
    let emptied = patchcord_relay::store::erase::empty_log(database).await;
    assert!(emptied.unwrap());
    let left = everything(store, folder).await;
    assert!(!left.to_lowercase().contains("canary"));
}

fn around(text: &str) -> String {
    let at = text.find(DIGITS).unwrap_or(0);
    text.chars()
        .skip(at.saturating_sub(100))
        .take(200)
        .collect()
}

#[tokio::test]
async fn what_a_provider_is_asked_for_right_now_stays_until_it_is_over() {
    let world = World::new().await;
    world.fault("/apiv1/*", json!("hold")).await;
    let taken = wish(&world, &json!({ "number": NUMBER, "topic": "sales" }))
        .send()
        .await
        .json;
    eventually(async || (world.seen("/apiv1/*").await.len() == 1).then_some(())).await;
    let store = &world.relay.shared().store;
    let erased = store
        .erase(&NUMBER.parse().unwrap(), world.relay.clock.now())
        .await
        .unwrap();
    assert_eq!((erased.callbacks, erased.in_flight), (0, 1));
    world.fault("/nothing", json!("hold")).await;
    world.until_state(&taken, "handed_over").await;
    let erased = store
        .erase(&NUMBER.parse().unwrap(), world.relay.clock.now())
        .await
        .unwrap();
    assert_eq!((erased.callbacks, erased.in_flight), (1, 0));
}

#[tokio::test]
async fn a_number_is_erased_at_the_command_line_while_the_relay_runs() {
    let (_sandbox, folder) = prepare().await;
    let process = Process::start(command(folder.path())).await;
    let session = process.session().await;
    process
        .dial(&session, &fresh_key())
        .await
        .is_outcome("accepted", None);
    let output = command(folder.path())
        .args(["erase", "--number", NUMBER])
        .output()
        .await
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("1 calls") && !out.contains(DIGITS), "{out}");
    for file in ["relay.db", "relay.db-wal"] {
        let bytes = std::fs::read(folder.path().join(file)).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(DIGITS), "{file}");
    }
    process.end("-TERM").await;
}

#[tokio::test]
async fn each_kind_of_data_goes_when_its_time_is_over_and_not_before() {
    let world =
        World::with(|config| config + "\n[retention]\nrequests = 10\nconsent = 20\naudit = 40\n")
            .await;
    let relay = world.relay.shared();
    let (store, now) = (&relay.store, relay.clock.now());
    // More than one batch of rows.
    for (place, age) in [8, 12].into_iter().enumerate() {
        let channels = relay.channels.clone();
        store
            .write(move |tx| {
                Box::pin(async move {
                    for nth in 0..600_i64 {
                        let id = format!("cb_{place}_{nth}");
                        sqlx::query(
                            "INSERT INTO callback (id, reference, site_key, topic, number, payload, fields, state,
                                 dispatch_at, manage_hash, created_at)
                             VALUES ($1, $1, 'pk', 'sales', '+493012345678', '{}', '{}', $2, $5, $4, $3)",
                        )
                        .bind(&id)
                        .bind(if nth == 0 { "queued" } else { "unknown" })
                        .bind(now - age * DAY)
                        .bind(vec![0_u8; 32])
                        .bind(if nth == 0 { now + DAY } else { now - age * DAY })
                        .execute(&mut *tx)
                        .await?;
                        if nth == 1 {
                            use patchcord_relay::store::alert::{Kind, open};
                            open(tx, &channels, Kind::CallbackUnknown, &id, None, now - age * DAY).await?;
                        }
                    }
                    sqlx::query("INSERT INTO consent_proof (callback, site_key, number_hash, version, text_hash, given_at) VALUES ($1, 'pk', $2, '1', $2, $3)")
                        .bind(format!("cb_{place}"))
                        .bind(vec![0_u8; 32])
                        .bind(now - (age + 10) * DAY)
                        .execute(&mut *tx)
                        .await?;
                    sqlx::query("INSERT INTO audit (at, actor, action, subject) VALUES ($1, 'relay', 'erased', 'x')")
                        .bind(now - (age + 30) * DAY)
                        .execute(&mut *tx)
                        .await?;
                    Ok::<_, sqlx::Error>(())
                })
            })
            .await
            .unwrap();
    }
    let audit = count(store, "audit").await;
    store.tidy(relay.config.retention, now).await.unwrap();
    // Of the older ones: what still waits, and what a person has to settle.
    assert_eq!(
        count(store, "callback WHERE id LIKE 'cb\\_1\\_%' ESCAPE '\\'").await,
        2
    );
    assert_eq!(
        count(store, "callback WHERE id LIKE 'cb\\_0\\_%' ESCAPE '\\'").await,
        600
    );
    assert_eq!(count(store, "consent_proof").await, 1);
    assert_eq!(count(store, "audit").await, audit - 1);
}

#[test]
fn a_key_that_is_pinned_to_a_region_gets_no_relay_or_account_elsewhere() {
    let parse = |ours: &str, account: &str| {
        let text = config("http://127.0.0.1:1")
            .replace("audience =", &format!("{ours}\naudience ="))
            .replace(
                "key = \"pk_plain\"",
                "key = \"pk_plain\"\ndata_region = \"eu\"",
            )
            .replace("timeout = 2", &format!("timeout = 2\n{account}"));
        Config::parse(&text, Path::new("."), &Environment::default()).map(|_| ())
    };
    let (eu, us) = ("data_region = \"eu\"", "data_region = \"us\"");
    parse(eu, eu).unwrap();
    for (ours, account, says) in [
        ("", eu, "relay"),
        (us, eu, "relay"),
        (eu, us, "account"),
        (eu, "", "account"),
    ] {
        let error = parse(ours, account).unwrap_err();
        assert_eq!(error.path, "key[1].data_region");
        assert!(error.problem.contains(says), "{error}");
    }
}

/// Nothing but these files can begin a connection, and each does so only for what is configured: the accounts,
/// and where they are configured webhooks, mail, captchas and issuers' key sets. `check` connects to the hosts of the
/// webhooks.
#[test]
fn nothing_else_than_what_is_configured_can_be_reached() {
    let connecting = [
        "Client::builder",
        "Client::new",
        // Ours, without redirects and proxies.
        "client::builder",
        "reqwest::get",
        "TcpStream::connect",
        "UdpSocket",
        "lookup_host",
        "SmtpTransport",
    ];
    let mut found = Vec::new();
    let mut made = Vec::new();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![source.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                let inside = path.strip_prefix(&source).unwrap().display().to_string();
                if text.contains("Client::builder") || text.contains("Client::new") {
                    made.push(inside.clone());
                }
                if connecting.iter().any(|word| text.contains(word)) {
                    found.push(inside);
                }
            }
        }
    }
    found.sort();
    assert_eq!(
        found,
        [
            "captcha.rs",
            "check/webhooks.rs",
            "client.rs",
            "issuers.rs",
            "mail.rs",
            "outbound.rs",
            "webhook.rs"
        ]
    );
    assert_eq!(
        made,
        ["client.rs"],
        "no redirect is followed, no proxy used"
    );
}
