//! The accept loop. It owns the raw connections, so that a fault can end one.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::{future, io};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tower_service::Service;

use crate::front::{self, Abort};
use crate::shared::Shared;
use crate::{clockwork, control, cors, pages};

/// A running sandbox. Dropping it stops it.
pub struct Sandbox {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox with its seed data at `listen`; port 0 takes any free port.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(listen: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(accept(listener, Shared::new(), stopped));
        Ok(Self {
            address,
            stop: Some(stop),
            task: Some(task),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The base URL of both platforms, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops it: open connections are closed, and the port is free afterwards.
    pub async fn stop(mut self) {
        self.stop.take();
        if let Some(task) = self.task.take() {
            // The only error is that the task was cancelled: then it has stopped too.
            let _ = task.await;
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, mut stopped: oneshot::Receiver<()>) {
    let router = control::router(shared.clone()).merge(pages::router());
    let mut connections = JoinSet::new();
    connections.spawn(clockwork::run(shared.clone()));
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, shared.clone(), router.clone()));
                }
                // Out of file descriptors, or a connection that went away at once.
                Err(_) => tokio::task::yield_now().await,
            },
            Some(_) = connections.join_next() => {}
            _ = &mut stopped => return,
        }
    }
}

/// Serves one connection until it ends, or until a fault ends it.
async fn serve(stream: TcpStream, shared: Arc<Shared>, router: Router) {
    // Only speed: without it a reply in two parts can wait 40 ms for an acknowledgement.
    let _ = stream.set_nodelay(true);
    let (abort, mut aborted) = mpsc::channel(1);
    let service = service_fn(move |request| {
        let (shared, router, abort) = (shared.clone(), router.clone(), abort.clone());
        async move { Ok::<_, Infallible>(dispatch(request, shared, router, abort).await) }
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let how = tokio::select! {
        // An error here is the client's (it went away), or a reply cut on purpose.
        _ = &mut connection => return,
        how = aborted.recv() => how,
    };
    let stream = connection.into_parts().io.into_inner();
    if let Some(Abort::Reset) = how {
        // Without it the close is an ordinary one; the client sees no reply either way.
        let _ = stream.set_zero_linger();
    }
}

async fn dispatch(
    request: Request<Incoming>,
    shared: Arc<Shared>,
    mut router: Router,
    abort: mpsc::Sender<Abort>,
) -> Response<Body> {
    let (head, body) = request.map(Body::new).into_parts();
    let path = head.uri.path();
    let grant = shared.world().settings.origins.grant(path, &head.headers);
    if cors::is_preflight(&head) {
        if !cors::is_own(path) {
            shared.log().note_preflight(&head, &grant);
        }
        return grant.preflight(&head.headers);
    }
    let mut response = if cors::is_own(path) {
        let ready =
            future::poll_fn(|context| Service::<Request<Body>>::poll_ready(&mut router, context));
        let Ok(()) = ready.await;
        let Ok(response) = router.call(Request::from_parts(head, body)).await;
        response
    } else {
        front::answer(shared, head, body, abort).await
    };
    grant.say(response.headers_mut());
    response
}
