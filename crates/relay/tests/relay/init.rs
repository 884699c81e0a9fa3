//! `patchcord-relay init`: what it writes can be used as it is.

use std::fs::Permissions;
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt, PermissionsExt};

use jsonwebtoken::{Algorithm, EncodingKey};
use patchcord_relay::clock;
use patchcord_sandbox::Sandbox;
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;

use crate::command::{Process, command, relay};
use crate::support::{Ask, NUMBER, World, fresh_key, now, on_its_database, sign};

const SAMESPACE: &[&str] = &[
    "--origin",
    "https://relay.acme.example",
    "--region",
    "DE",
    "--crm",
    "https://crm.acme.example",
    "--org",
    "acme",
    "--site",
    "https://www.acme.example",
    "--provider",
    "samespace",
    "--cluster-id",
    "ph1c",
    "--cloud-id",
    "acme",
    "--team",
    "help \"desk\"",
];

async fn init(folder: &TempDir, arguments: &[&str]) -> std::process::Output {
    let mut command = relay();
    command
        .arg("init")
        .arg("--folder")
        .arg(folder.path())
        .args(arguments);
    command
        .stdin(std::process::Stdio::null())
        .output()
        .await
        .unwrap()
}

#[tokio::test]
async fn what_it_writes_serves_an_agent_of_the_crm_and_passes_check() {
    let sandbox = Sandbox::start(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    let folder = TempDir::new().unwrap();
    let output = init(&folder, SAMESPACE).await;
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    for name in ["encryption.key", "admin.token", "issuer.pem"] {
        let path = folder.path().join(name);
        assert_eq!(
            std::fs::metadata(&path).unwrap().mode() & 0o777,
            0o600,
            "{name}"
        );
        let secret = std::fs::read_to_string(&path).unwrap();
        assert!(
            secret.len() > 40 && !told.contains(secret.lines().nth(1).unwrap_or(&secret).trim()),
            "{name}"
        );
    }
    // What a person adds: an agent; and the sandbox instead of the platform.
    let path = folder.path().join("relay.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    assert!(config.contains("proof = {") && config.contains("quiet_hours = {"));
    let config = config.replace("127.0.0.1:4100", "127.0.0.1:0").replace(
        "cloud_id =",
        &format!("base_url = \"{}\"\ncloud_id =", sandbox.url()),
    );
    let agent = "[[agent]]\norg = \"acme\"\nsub = \"005ALEX\"\nidentities = [{ account = \"main\", agent = \"alex@acme\" }]\n";
    std::fs::write(&path, format!("{config}\n{agent}")).unwrap();

    let output = command(folder.path()).arg("check").output().await.unwrap();
    assert!(output.status.success(), "{output:?}");

    let process = Process::start(command(folder.path())).await;
    let claims = json!({
        "iss": "https://crm.acme.example", "aud": "https://relay.acme.example", "org": "acme", "sub": "005ALEX",
        "iat": now(), "exp": now() + 60, "jti": fresh_key(),
    });
    let pem = std::fs::read(folder.path().join("issuer.pem")).unwrap();
    let assertion = sign(
        &claims,
        "acme-1",
        Algorithm::ES256,
        &EncodingKey::from_ec_pem(&pem).unwrap(),
    );
    let answer = Ask::new(Method::POST, format!("{}/v1/sessions", process.url))
        .json(&json!({ "assertion": assertion }))
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    process.end("-TERM").await;
}

#[tokio::test]
async fn every_time_that_its_website_offers_is_accepted() {
    let sandbox = Sandbox::start(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    let folder = TempDir::new().unwrap();
    let output = init(&folder, SAMESPACE).await;
    assert!(output.status.success(), "{output:?}");
    let config = std::fs::read_to_string(folder.path().join("relay.toml")).unwrap();
    let key = config.split('"').find(|text| text.starts_with("pk_"));
    let key = key.unwrap().to_owned();
    // As it is, but for what would be in the way of a hundred wishes at once.
    let limits = "limits = { visitor_per_hour = 10000, visitor_per_day = 10000, number_per_hour = 10000, number_per_day = 10000 }";
    let config: Vec<_> = config
        .lines()
        .filter(|line| !line.starts_with("proof = "))
        .map(|line| {
            if line.starts_with("limits = ") {
                return limits.to_owned();
            }
            let line = line.replace("127.0.0.1:4100", "127.0.0.1:0");
            line.replace(
                "cloud_id =",
                &format!("base_url = \"{}\"\ncloud_id =", sandbox.url()),
            )
        })
        .collect();
    let config = on_its_database(&config.join("\n")).await;
    let world = World::of(sandbox, folder, config).await;
    // A Friday evening in Berlin: a night, a Sunday, and the days around it.
    world
        .relay
        .clock
        .set(clock::from_rfc3339("2030-01-11T18:00:00Z").unwrap());
    let answer = world
        .ask(Method::GET, "/v1/slots?topic=callback&days=4")
        .header("Patchcord-Key", &key)
        .send()
        .await;
    let slots = answer.json["slots"].as_array().unwrap().clone();
    assert!(slots.len() > 100, "{}", answer.body);
    for slot in slots {
        let body = json!({
            "number": NUMBER, "topic": "callback", "at": slot, "fields": { "name": "Ada" },
            "consent": { "version": "1", "given": true },
        });
        let answer = world
            .ask(Method::POST, "/v1/callbacks")
            .header("Patchcord-Key", &key)
            .header("Idempotency-Key", &fresh_key())
            .json(&body)
            .send()
            .await;
        assert_eq!(answer.status, 201, "{slot}: {}", answer.body);
    }
}

#[tokio::test]
async fn nothing_is_written_over_and_half_of_it_is_not_written() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("issuer.pem"), "mine").unwrap();
    let output = init(&folder, SAMESPACE).await;
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("issuer.pem"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(
        std::fs::read(folder.path().join("issuer.pem")).unwrap(),
        b"mine"
    );
}

#[tokio::test]
async fn without_a_terminal_a_missing_answer_is_named() {
    let folder = TempDir::new().unwrap();
    let output = init(
        &folder,
        &[
            "--origin",
            "https://relay.example",
            "--region",
            "DE",
            "--provider",
            "babelforce",
        ],
    )
    .await;
    assert!(!output.status.success());
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("--environment"),
        "{output:?}"
    );
    // babelforce, too, is written so that it can be read.
    let output = init(
        &folder,
        &[
            "--origin",
            "https://relay.example",
            "--region",
            "DE",
            "--provider",
            "babelforce",
            "--environment",
            "services",
            "--username",
            "relay@acme.example",
            "--crm",
            "https://crm.example",
            "--org",
            "acme",
        ],
    )
    .await;
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn what_it_leaves_as_comments_is_a_configuration_too_and_passes_check() {
    let sandbox = Sandbox::start(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .unwrap();
    let babelforce = [
        "--provider",
        "babelforce",
        "--environment",
        &sandbox.url(),
        "--username",
        "relay@acme.example",
        "--queue-id",
        "9f8e7d6c5b4a39281706f5e4d3c2b1a0",
    ];
    for (platform, has_more) in [(&SAMESPACE[10..], false), (&babelforce[..], true)] {
        let folder = TempDir::new().unwrap();
        let output = init(&folder, &[&SAMESPACE[..10], platform].concat()).await;
        assert!(output.status.success(), "{output:?}");
        let path = folder.path().join("relay.toml");
        let config = std::fs::read_to_string(&path).unwrap();
        let begins = [
            "# { name = \"supervisor\"",
            "# sign_in",
            "# [[scim]]",
            "# org =",
            "# token =",
            "# account =",
            "# others =",
            "# look_up =",
            "# groups =",
        ];
        let mut found = 0;
        let mut section = "";
        let lines: Vec<String> = config
            .lines()
            .map(|line| {
                if line.starts_with("# [[") {
                    section = line;
                }
                let is_meant = begins.iter().any(|begin| line.trim().starts_with(begin));
                // An agent is left as it is: it has ids that nobody has.
                if !is_meant || section == "# [[agent]]" {
                    return line.to_owned();
                }
                found += 1;
                line.replacen("# ", "", 1)
            })
            .collect();
        assert_eq!(found, if has_more { 9 } else { 7 }, "{config}");
        for name in ["supervisor.token", "scim.token"] {
            let token = format!("canary-{name}-of-at-least-32-characters");
            let file = folder.path().join(name);
            std::fs::write(&file, token).unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        }
        if has_more {
            std::fs::write(
                folder.path().join("babelforce.password"),
                "sandbox-password",
            )
            .unwrap();
        }
        let base = format!("base_url = \"{}\"\ncloud_id =", sandbox.url());
        let config = lines.join("\n").replace("cloud_id =", &base);
        std::fs::write(&path, config).unwrap();
        let output = command(folder.path()).arg("check").output().await.unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{told}");
        assert!(
            told.contains("ok     scim acme takes people at https://relay.acme.example/scim/v2")
        );
        assert!(
            told.contains("for 1 with everything and 1 with the statistics alone"),
            "{told}"
        );
        assert_eq!(
            told.contains("account main, sign_in comes back to"),
            has_more
        );
        assert_eq!(told.contains("scim acme, look_up can be asked"), has_more);
        assert!(!told.contains("canary"), "{told}");
    }
}
