//! What stands before the platforms: the request log and the faults.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, Response, header, request};
use tokio::sync::mpsc;
use tokio_stream::Stream;

use crate::babelforce::{Piece, Pieces, Streamed};
use crate::clock;
use crate::exchange::{Reply, Request};
use crate::fault::{Action, CannedReply, Fault};
use crate::shared::Shared;

/// The largest body that is read, in bytes.
const BODY_LIMIT: usize = 1 << 20;

/// How a connection ends before its time.
#[derive(Clone, Copy)]
pub(crate) enum Abort {
    /// The socket is closed.
    Close,
    /// The socket is closed with a TCP RST.
    Reset,
}

/// What to do with a request once the platform is through with it.
enum Outcome {
    Reply(Streamed),
    HalfOf(Reply),
    NoReply,
}

/// Answers a request to one of the platforms. `abort` ends the connection it came over.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    head: request::Parts,
    body: Body,
    abort: mpsc::Sender<Abort>,
) -> Response<Body> {
    let method = head.method.as_str();
    let fault = shared.faults().take(method, head.uri.path());
    if let Some(
        fault @ Fault {
            action: Some(Action::Reset),
            ..
        },
    ) = &fault
    {
        shared
            .log()
            .note(&request(head, Bytes::new()), Some(fault.name()));
        tokio::time::sleep(fault.delay()).await;
        return end(abort, Abort::Reset).await;
    }
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        let text = "the body is over 1 MiB, or did not arrive";
        return respond(
            Reply::new(413, "text/plain; charset=utf-8", text).into(),
            &shared,
        );
    };
    let request = request(head, body);
    let id = shared.log().note(&request, fault.as_ref().map(Fault::name));
    // Its own task: a platform finishes what has reached it, also when the client goes away.
    let work = tokio::spawn(carry_out(shared.clone(), request, id, fault));
    match work.await {
        Ok(Outcome::Reply(answered)) => {
            shared.log().note_status(id, answered.reply.status);
            respond(answered, &shared)
        }
        Ok(Outcome::HalfOf(reply)) => {
            shared.log().note_status(id, reply.status);
            respond_half(reply)
        }
        Ok(Outcome::NoReply) => end(abort, Abort::Close).await,
        Err(error) => {
            let text = format!("the sandbox itself failed: {error}");
            respond(
                Reply::new(500, "text/plain; charset=utf-8", text).into(),
                &shared,
            )
        }
    }
}

fn request(head: request::Parts, body: Bytes) -> Request {
    let query = head.uri.query().unwrap_or_default();
    Request {
        method: head.method,
        path: head.uri.path().to_owned(),
        query: form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        headers: head.headers,
        body,
        at: clock::now(),
    }
}

async fn carry_out(
    shared: Arc<Shared>,
    mut request: Request,
    id: u64,
    fault: Option<Fault>,
) -> Outcome {
    let mut resets = shared.resets();
    let mut releases = shared.releases();
    if let Some(delay) = fault.as_ref().map(Fault::delay)
        && !delay.is_zero()
    {
        tokio::select! {
            () = tokio::time::sleep(delay) => request.at = clock::now(),
            _ = resets.changed() => return Outcome::NoReply,
        }
    }
    let handle = || handle(&shared, &request, id);
    match fault.and_then(|fault| fault.action) {
        None => Outcome::Reply(handle()),
        Some(Action::Status(canned)) => Outcome::Reply(canned_reply(&canned).into()),
        Some(Action::WrongContentType) => Outcome::Reply(page().into()),
        Some(Action::Reset) => Outcome::NoReply,
        Some(Action::CloseBeforeReply) => {
            handle();
            Outcome::NoReply
        }
        Some(Action::CloseHalfWay) => Outcome::HalfOf(handle().reply),
        Some(Action::Garbage) => {
            handle();
            Outcome::Reply(garbage().into())
        }
        Some(Action::Duplicate) => {
            let first = handle();
            handle();
            Outcome::Reply(first)
        }
        Some(Action::Hold) => {
            let reply = handle();
            // An error would mean that the sandbox is gone, and with it the wait.
            let _ = releases.changed().await;
            Outcome::Reply(reply)
        }
    }
}

fn handle(shared: &Arc<Shared>, request: &Request, id: u64) -> Streamed {
    shared.log().note_handled(id);
    let answered = shared.world().answer(request);
    shared.changed();
    answered
}

fn canned_reply(canned: &CannedReply) -> Reply {
    canned
        .reply()
        .unwrap_or_else(|problem| Reply::new(500, "text/plain; charset=utf-8", problem))
}

fn garbage() -> Reply {
    Reply::new(200, "application/json", "{\"success\": tru\u{fffd}<<<")
}

fn page() -> Reply {
    let page = "<!doctype html><title>Welcome</title><p>Please sign in to the network.</p>";
    Reply::new(200, "text/html; charset=utf-8", page)
}

/// Ends the connection; nothing is sent any more.
async fn end(abort: mpsc::Sender<Abort>, how: Abort) -> Response<Body> {
    // If the connection is gone already, there is nothing to end.
    let _ = abort.send(how).await;
    std::future::pending().await
}

fn respond(Streamed { reply, pieces }: Streamed, shared: &Arc<Shared>) -> Response<Body> {
    let body = match pieces {
        Some(pieces) => Body::from_stream(Piecewise {
            pieces,
            next: Next::Piece,
            shared: shared.clone(),
        }),
        None => Body::from(reply.body),
    };
    response(reply.status, reply.headers, body)
}

/// A reply that announces its whole length and breaks off in the middle.
fn respond_half(reply: Reply) -> Response<Body> {
    let length = HeaderValue::from(reply.body.len().max(2));
    let half = reply.body.slice(..reply.body.len() / 2);
    let mut headers = reply.headers;
    headers.push((header::CONTENT_LENGTH, length));
    let body = Body::from_stream(Broken::Start(half));
    response(reply.status, headers, body)
}

fn response(
    status: u16,
    headers: Vec<(header::HeaderName, HeaderValue)>,
    body: Body,
) -> Response<Body> {
    let mut response = Response::new(body);
    if let Ok(status) = status.try_into() {
        *response.status_mut() = status;
    }
    response.headers_mut().extend(headers);
    response
}

/// A body that yields what it has, lets it be written, and then fails, upon which hyper closes
/// the connection.
enum Broken {
    Start(Bytes),
    Written,
    Failed,
}

impl Stream for Broken {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut *self {
            Self::Start(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = Self::Written;
                Poll::Ready(Some(Ok(bytes)))
            }
            // hyper writes out what it has while a body is pending.
            Self::Written => {
                *self = Self::Failed;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Self::Failed => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
        }
    }
}

/// A body that arrives in pieces, each written before the next one is looked at.
struct Piecewise {
    pieces: Pieces,
    next: Next,
    shared: Arc<Shared>,
}

enum Next {
    Piece,
    /// hyper writes out what it has while a body is pending.
    Pause,
    Failure,
}

impl Stream for Piecewise {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match self.next {
            Next::Pause => {
                self.next = Next::Piece;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Next::Failure => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
            Next::Piece => match self.pieces.poll_recv(context) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(None) => Poll::Ready(None),
                Poll::Ready(Some(Piece::Bytes(bytes))) => {
                    self.next = Next::Pause;
                    Poll::Ready(Some(Ok(bytes)))
                }
                Poll::Ready(Some(Piece::Cut)) => {
                    self.next = Next::Failure;
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
            },
        }
    }
}

/// The desk shows who is connected.
impl Drop for Piecewise {
    fn drop(&mut self) {
        self.pieces.close();
        self.shared.changed();
    }
}
