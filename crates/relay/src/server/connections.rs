//! Connections: how many, how long they may take to say what they want, and how they end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_service::Service;

use super::tls::Tls;
use super::unparsed::Documented;
use crate::relay::Relay;

/// How long a TLS handshake, a request's header, and an idle connection may take.
const HEADER: Duration = Duration::from_secs(10);
/// The most bytes of a request's line and headers.
const HEADER_BYTES: usize = 32 * 1024;
/// The most headers.
const HEADERS: usize = 64;
/// How many requests one HTTP/2 connection may have open.
const STREAMS: u32 = 64;
/// After which silence an HTTP/2 connection is asked whether it lives.
const PING: Duration = Duration::from_secs(30);
/// The pause after a connection that could not be accepted, as where there are no more file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Accepts connections until `stop`; comes back when all of them have ended.
pub async fn serve(
    listener: TcpListener,
    relay: &Arc<Relay>,
    app: Router,
    tls: Option<Arc<Tls>>,
    most: usize,
    stop: CancellationToken,
) {
    let (slots, open) = (Arc::new(Semaphore::new(most)), GracefulShutdown::new());
    loop {
        // Beyond that many, clients wait in the system's queue.
        let slot = tokio::select! {
            () = stop.cancelled() => break,
            Ok(slot) = slots.clone().acquire_owned() => slot,
        };
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        // Small writes are events; they must not wait for each other. A socket that is gone already ends below.
        let _ = stream.set_nodelay(true);
        let (relay, app, tls, watcher) = (relay.clone(), app.clone(), tls.clone(), open.watcher());
        tokio::spawn(async move {
            match tls {
                None => talk(stream, peer, relay, app, watcher).await,
                Some(tls) => match tokio::time::timeout(HEADER, tls.accept(stream)).await {
                    Ok(Ok(stream)) => talk(stream, peer, relay, app, watcher).await,
                    Ok(Err(error)) => tracing::debug!(%error, "no TLS"),
                    Err(_) => tracing::debug!("no TLS in time"),
                },
            }
            drop(slot);
        });
    }
    drop(listener);
    open.shutdown().await;
}

async fn talk<S>(stream: S, peer: SocketAddr, relay: Arc<Relay>, app: Router, watcher: Watcher)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER)
        .max_headers(HEADERS)
        .max_buf_size(HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEADER_BYTES as u32)
        .keep_alive_interval(PING)
        .keep_alive_timeout(HEADER);
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        app.clone().call(request)
    });
    let connection = builder
        .serve_connection(TokioIo::new(Documented::new(stream, relay)), service)
        .into_owned();
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(error, "a connection broke");
    }
}
