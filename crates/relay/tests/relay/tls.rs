//! TLS by the relay itself.

use std::path::{Path, PathBuf};

use reqwest::{Certificate, Client, Version};
use tokio::process::Command;

use crate::command::{Process, command, prepare};
use crate::support::{PATIENCE, eventually};

fn key(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/relay/keys")
        .join(name)
}

fn install(folder: &Path, name: &str) {
    for part in ["cert", "key"] {
        std::fs::copy(
            key(&format!("{name}.{part}.pem")),
            folder.join(format!("{part}.pem")),
        )
        .unwrap();
    }
}

/// A client that trusts this certificate and no other.
fn client(name: &str) -> Client {
    let pem = std::fs::read(key(&format!("{name}.cert.pem"))).unwrap();
    Client::builder()
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(&pem).unwrap()])
        .timeout(PATIENCE)
        .build()
        .unwrap()
}

#[tokio::test]
async fn the_relay_speaks_tls_and_takes_a_new_certificate_without_a_pause() {
    let (_sandbox, folder) = prepare().await;
    install(folder.path(), "tls-1");
    let path = folder.path().join("relay.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        format!("tls = {{ cert = \"cert.pem\", key = \"key.pem\" }}\n{config}"),
    )
    .unwrap();
    let process = Process::start(command(folder.path())).await;
    assert!(process.url.starts_with("https://"), "{}", process.url);
    let url = format!("{}/healthz", process.url);

    let reply = client("tls-1").get(&url).send().await.unwrap();
    assert_eq!(
        (reply.status().as_u16(), reply.version()),
        (204, Version::HTTP_2)
    );
    // In clear there is nothing.
    assert!(
        client("tls-1")
            .get(url.replace("https", "http"))
            .send()
            .await
            .is_err()
    );
    assert!(client("tls-2").get(&url).send().await.is_err());

    install(folder.path(), "tls-2");
    let pid = process.child.id().unwrap().to_string();
    assert!(
        Command::new("kill")
            .args(["-HUP", &pid])
            .status()
            .await
            .unwrap()
            .success()
    );
    eventually(async || client("tls-2").get(&url).send().await.ok()).await;

    // A certificate without its key is not taken.
    std::fs::copy(key("tls-1.cert.pem"), folder.path().join("cert.pem")).unwrap();
    assert!(
        Command::new("kill")
            .args(["-HUP", &pid])
            .status()
            .await
            .unwrap()
            .success()
    );
    assert_eq!(
        client("tls-2")
            .get(&url)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16(),
        204
    );
    let (ended, log) = process.end("-TERM").await;
    assert!(
        ended && log.contains("the certificate stays as it was"),
        "{log}"
    );
}
