//! `GET /metrics`, on an address of its own: it is nobody's business but the operator's.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;

use crate::config::MetricsConfig;
use crate::random;
use crate::relay::Relay;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// A socket that metrics will be served on.
pub struct Endpoint {
    listener: TcpListener,
    token: Option<random::Hash>,
}

/// Why metrics cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {0} for metrics")]
pub struct MetricsError(SocketAddr, #[source] std::io::Error);

impl Endpoint {
    /// Listens.
    ///
    /// # Errors
    /// An address that cannot be listened on.
    pub async fn bind(config: &MetricsConfig) -> Result<Self, MetricsError> {
        let listener = TcpListener::bind(config.listen)
            .await
            .map_err(|error| MetricsError(config.listen, error))?;
        let token = config.token.as_ref();
        Ok(Self {
            listener,
            token: token.map(|token| random::hash(token.expose().as_bytes())),
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// A socket that has gone.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the relay goes down.
    pub async fn serve(self, relay: Arc<Relay>) {
        let stopping = relay.stopping.clone();
        let app = Router::new()
            .route("/metrics", get(text))
            .with_state((relay, self.token));
        let serving = axum::serve(self.listener, app)
            .with_graceful_shutdown(async move { stopping.cancelled().await });
        if let Err(error) = serving.await {
            tracing::error!(%error, "metrics can no longer be served");
        }
    }
}

async fn text(
    State((relay, token)): State<(Arc<Relay>, Option<random::Hash>)>,
    headers: HeaderMap,
) -> Response {
    if token.is_some_and(|token| bearer(&headers).map(random::hash) != Some(token)) {
        return (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, "Bearer")],
        )
            .into_response();
    }
    match relay.metrics.text(&relay.store, relay.clock.now()).await {
        Ok(text) => ([(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the database cannot be read for metrics");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    headers
        .get(header::AUTHORIZATION)?
        .as_bytes()
        .strip_prefix(b"Bearer ")
}
