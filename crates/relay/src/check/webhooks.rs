//! Whether the hosts of webhooks answer: their names resolve, and TLS is spoken there. No request is sent.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio::net::{TcpStream, lookup_host};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{self, ClientConfig};

use super::Finding;
use crate::config::Webhook;
use crate::http::problem::chain;

/// How long a name, a connection and a handshake may take, each.
const PATIENCE: Duration = Duration::from_secs(5);

/// Connects to each host and closes the connection.
pub async fn webhooks(list: &[Webhook]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for webhook in list {
        let subject = format!("webhook {}", webhook.name);
        findings.push(Finding::new(subject, reach(&webhook.url).await));
    }
    findings
}

/// Only the host is named: the path of such an address may be a secret.
async fn reach(url: &Url) -> Result<String, String> {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = url.port_or_known_default().unwrap_or(443);
    let addresses = within(lookup_host((host, port))).await.map_err(|why| {
        format!("the name {host} does not resolve ({why}); compare `url`, and this machine's DNS")
    })?;
    let mut refused = format!("{host} has no address; compare `url`");
    for address in addresses {
        let stream = match within(TcpStream::connect(address)).await {
            Ok(stream) => stream,
            Err(why) => {
                refused = format!(
                    "{host} takes no connection at {address} ({why}); compare `url`, and what lies between (firewall)"
                );
                continue;
            }
        };
        if url.scheme() == "http" {
            return Ok(format!("{host} takes connections"));
        }
        return match shake_hands(host, stream).await {
            Ok(()) => Ok(format!("{host} answers over TLS")),
            Err(why) => Err(format!(
                "no TLS with {host}:{port} ({why}); its certificate has to be of this name, valid today, and of an authority that this machine trusts"
            )),
        };
    }
    Err(refused)
}

async fn shake_hands(host: &str, stream: TcpStream) -> Result<(), String> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
    let config = client().map_err(|error| error.to_string())?;
    let connector = TlsConnector::from(Arc::new(config));
    within(connector.connect(name, stream)).await.map(drop)
}

/// A client that trusts whom the relay trusts when it sends a webhook.
fn client() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth())
}

async fn within<T>(doing: impl Future<Output = std::io::Result<T>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, doing).await {
        Ok(done) => done.map_err(|error| chain(&error)),
        Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
    }
}
