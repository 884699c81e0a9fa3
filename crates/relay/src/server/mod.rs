//! Listens, serves, and goes down without dropping what it began.

mod connections;
mod tls;
mod unparsed;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;

use crate::clock::Clock;
use crate::config::Config;
use crate::http;
use crate::http::assets::{AssetError, Assets};
use crate::relay::{Relay, StartError};

use crate::{metrics, recovery};
use tls::Tls;
pub use tls::{TlsError, certified};

/// How long open requests and dials may take to end. Longer than any reasonable provider timeout; after it,
/// what is in flight counts as interrupted.
const GRACE: Duration = Duration::from_secs(30);

/// A relay that listens.
pub struct Server {
    relay: Arc<Relay>,
    assets: Assets,
    listener: TcpListener,
    metrics: Option<metrics::Endpoint>,
    tls: Option<Arc<Tls>>,
}

/// Why the relay cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Its parts.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The widget.
    #[error("the widget cannot be served")]
    Assets(#[from] AssetError),
    /// The socket.
    #[error("cannot listen on {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// The socket for metrics.
    #[error(transparent)]
    Metrics(#[from] metrics::MetricsError),
    /// The certificate.
    #[error("no TLS")]
    Tls(#[from] TlsError),
    /// The socket, later.
    #[error("the listening socket failed")]
    Socket(#[from] std::io::Error),
}

impl Server {
    /// Opens everything and listens; nothing is served yet.
    ///
    /// # Errors
    /// What cannot be opened.
    pub async fn bind(config: Config, clock: Clock) -> Result<Self, ServeError> {
        let assets = config
            .web
            .as_deref()
            .map(Assets::load)
            .transpose()?
            .unwrap_or_default();
        let tls = config.tls.as_ref().map(Tls::new).transpose()?.map(Arc::new);
        let address = config.listen;
        // First the socket: that fails at once where a relay runs here already.
        let listener = TcpListener::bind(address)
            .await
            .map_err(|error| ServeError::Listen(address, error))?;
        let metrics = match &config.metrics {
            Some(config) => Some(metrics::Endpoint::bind(config).await?),
            None => None,
        };
        let relay = Relay::start(config, clock).await?;
        Ok(Self {
            relay,
            assets,
            listener,
            metrics,
            tls,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// A socket that has gone.
    pub fn address(&self) -> Result<SocketAddr, ServeError> {
        Ok(self.listener.local_addr()?)
    }

    /// How it is spoken to: `http` or `https`.
    pub fn scheme(&self) -> &'static str {
        match self.tls {
            Some(_) => "https",
            None => "http",
        }
    }

    /// Where it serves metrics.
    ///
    /// # Errors
    /// A socket that has gone.
    pub fn metrics_address(&self) -> Result<Option<SocketAddr>, ServeError> {
        let address = self.metrics.as_ref().map(metrics::Endpoint::address);
        Ok(address.transpose()?)
    }

    /// What its requests share.
    pub fn relay(&self) -> &Arc<Relay> {
        &self.relay
    }

    /// Serves until `stop`, then takes nothing new, lets what it began end, and closes the database.
    ///
    /// # Errors
    /// A socket that failed.
    pub async fn serve(
        self,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), ServeError> {
        let Self {
            relay,
            assets,
            listener,
            metrics,
            tls,
        } = self;
        let stopping = relay.stopping.clone();
        if let Some(metrics) = metrics {
            tokio::spawn(metrics.serve(relay.clone()));
        }
        // Finished here; else it would be built anew for each connection: 10 kB that an idle stream keeps.
        let app = http::router(relay.clone(), assets).with_state(());
        if let Some(tls) = &tls {
            tokio::spawn(tls.clone().watch(stopping.clone()));
        }
        let signal = stopping.clone();
        tokio::spawn(async move {
            stop.await;
            // Ends event streams too, which would never end by themselves.
            signal.cancel();
        });
        let most = relay.config.connections;
        let serving = connections::serve(listener, &relay, app, tls, most, stopping.clone());
        let overdue = async {
            stopping.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            () = serving => {}
            () = overdue => tracing::warn!("some connections did not end in time"),
        }
        stopping.cancel();
        relay.tasks.close();
        if tokio::time::timeout(GRACE, relay.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!("some dials did not end in time; they count as interrupted");
        } else {
            recovery::end(&relay).await;
        }
        if let Err(error) = relay.refusals.write(&relay.store).await {
            tracing::warn!(%error, "refusals cannot be counted");
        }
        relay.store.close().await;
        Ok(())
    }
}
