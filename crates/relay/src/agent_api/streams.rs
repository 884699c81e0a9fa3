//! `Subscribe`: the platform's stream, byte for byte as it comes.
//!
//! Only the beginning is looked at: a platform may answer 200 and say at once that the token does not hold, and then it
//! is opened anew with a fresh one. A task of its own reads it, so that it ends when it has to, also where the browser
//! does not read.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::stream::{self, Stream};
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::session::Piece;
use patchcord_core::error::Code;
use patchcord_core::http::{Failure, Response};
use tokio::sync::futures::OwnedNotified;
use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::open_streams::Entered;
use super::{Seat, said, seat};
use crate::clock::Millis;
use crate::http::problem::Problem;
use crate::metrics::OpenStream;
use crate::outbound::Incoming;
use crate::relay::Relay;
use crate::sessions::{self, Asker};
use crate::tokens::agents::Held;

/// How long a token should last when a stream is opened with it: longer than a session, so that the stream which the
/// browser opens beside it at the session's renewal is there before this one ends.
const LASTING: Millis = 16 * 60 * 1000;
/// How often a stream looks whether it may go on: a wake from another relay may be lost with that relay.
const LOOK: Duration = Duration::from_secs(30);
/// How much of a stream's beginning is held back at most, until its first message is there: enough for one that says
/// why there is no stream.
const BEGINNING: usize = 4096;

/// How many pieces of a stream wait for a browser that reads slowly; further ones wait at the platform.
const AHEAD: usize = 4;

/// What came of opening a stream.
pub enum Opened {
    /// A stream.
    Stream(Box<Passing>),
    /// What the platform said instead.
    Reply(Response),
}

/// Opens the agent's stream. `body` is what a desk sends to open one.
///
/// # Errors
/// Where there is no seat, no token, or no reply; [`Code::InvalidField`] for another body.
pub async fn open(
    relay: &Arc<Relay>,
    asker: &Asker,
    provider: &str,
    media_type: &str,
    body: &[u8],
) -> Result<Opened, Problem> {
    let seat = seat::at(relay, &asker.agent, provider)?;
    let until = Instant::now() + seat.account.timeout() * 2;
    for _ in 0..2 {
        let held = seat.token(LASTING).await?;
        let request = seat.api.desk.stream(&held.access);
        if media_type != request.content_type {
            return Err(Problem::new(
                Code::UnsupportedMediaType,
                format!("The body has to be {}.", request.content_type),
            ));
        }
        if body != request.body {
            return Err(Problem::of(
                Code::InvalidField,
                "body",
                "The body has to be the one message that opens a stream.",
            ));
        }
        let wanted = request.content_type;
        let timeout = until.saturating_duration_since(Instant::now());
        let timeout = timeout.min(seat.account.timeout());
        let incoming = match relay.outbound.open(request, timeout).await {
            Ok(incoming) => incoming,
            Err(failure) => return said(Err(failure)).map(Opened::Reply),
        };
        if !incoming.is(wanted) {
            let reply = incoming.whole(timeout).await;
            if !seat.is_rejected(&reply) {
                return said(reply).map(Opened::Reply);
            }
            seat.rejected(&held);
            continue;
        }
        if let Some(beginning) = begin(&seat, incoming, &held, until).await {
            let passing = Passing::new(relay, asker, &seat, beginning);
            return Ok(Opened::Stream(Box::new(passing)));
        }
    }
    Err(seat.distrusted())
}

/// A stream of which the first bytes are here.
struct Beginning {
    incoming: Incoming,
    first: VecDeque<Bytes>,
    /// It broke already.
    broken: Option<Failure>,
}

/// Waits for the first message. `None` if it says that the token does not hold.
async fn begin(
    seat: &Seat<'_>,
    incoming: Incoming,
    held: &Held,
    until: Instant,
) -> Option<Beginning> {
    let until = until.min(Instant::now() + seat.account.timeout());
    let mut beginning = Beginning {
        incoming,
        first: VecDeque::new(),
        broken: None,
    };
    let mut reader = seat.api.desk.reader();
    let mut size = 0;
    while size < BEGINNING {
        // A platform that says nothing for so long says it later.
        let chunk = beginning.incoming.chunk();
        let chunk = match tokio::time::timeout_at(until, chunk).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) | Err(_) => break,
            Ok(Err(failure)) => {
                beginning.broken = Some(failure);
                break;
            }
        };
        size += chunk.len();
        let pieces = reader.read(&chunk);
        beginning.first.push_back(chunk);
        match pieces.first() {
            Some(Piece::Broken(Trouble::Unauthenticated)) => {
                seat.rejected(held);
                return None;
            }
            Some(_) => break,
            None => {}
        }
    }
    Some(beginning)
}

/// A stream that is passed on. It ends with the browser, the platform, the relay, the agent's session (and what that
/// is renewed to), when the agent signs out at the platform, and when they have opened too many newer ones.
pub struct Passing {
    relay: Arc<Relay>,
    asker: Asker,
    account: String,
    beginning: Beginning,
    /// Until when the session holds, as far as is known.
    until: Millis,
    look_at: Instant,
    woken: Arc<Notify>,
    /// Made before anything is looked at, and again after each wake: none is missed.
    waiting: Pin<Box<OwnedNotified>>,
    checked: bool,
    entered: Entered,
    _open: OpenStream,
}

impl Passing {
    fn new(relay: &Arc<Relay>, asker: &Asker, seat: &Seat<'_>, beginning: Beginning) -> Self {
        let woken = relay.wakes.of_agent(&asker.agent.id);
        Self {
            relay: relay.clone(),
            asker: asker.clone(),
            account: seat.identity.account.clone(),
            beginning,
            until: asker.session.expires_at,
            look_at: Instant::now(),
            waiting: wait(&woken),
            woken,
            checked: false,
            entered: relay.desk_streams.enter(&asker.agent.id),
            _open: relay.metrics.desk_stream_opened(),
        }
    }

    /// The bytes, as they come.
    pub fn bytes(self) -> impl Stream<Item = Result<Bytes, Failure>> {
        let (browser, bytes) = mpsc::channel(AHEAD);
        let tasks = self.relay.tasks.clone();
        tasks.spawn(async move { self.pump(&browser).await });
        stream::unfold(bytes, |mut bytes| async move {
            let next = bytes.recv().await?;
            Some((next, bytes))
        })
    }

    /// Passes the stream on until it ends. The platform's connection ends with it.
    async fn pump(mut self, browser: &mpsc::Sender<Result<Bytes, Failure>>) {
        let mut next = None;
        loop {
            if !self.checked {
                self.checked = true;
                if Box::pin(self.may_go_on()).await.is_none() {
                    return;
                }
            }
            if next.is_none() {
                next = self.begun();
            }
            tokio::select! {
                biased;
                () = self.relay.stopping.cancelled() => return,
                () = self.entered.superseded() => return,
                () = browser.closed() => return,
                () = &mut self.waiting => {
                    self.waiting = wait(&self.woken);
                    self.checked = false;
                }
                () = tokio::time::sleep_until(self.look_at) => self.checked = false,
                room = browser.reserve(), if next.is_some() => {
                    let (Ok(room), Some(piece)) = (room, next.take()) else {
                        return;
                    };
                    // Cut off, so that it is seen as cut off.
                    let is_over = piece.is_err();
                    room.send(piece);
                    if is_over {
                        return;
                    }
                }
                chunk = self.beginning.incoming.chunk(), if next.is_none() => {
                    next = chunk.transpose();
                    if next.is_none() {
                        return;
                    }
                }
            }
        }
    }

    /// What is here of the beginning.
    fn begun(&mut self) -> Option<Result<Bytes, Failure>> {
        let first = self.beginning.first.pop_front().map(Ok);
        first.or_else(|| self.beginning.broken.take().map(Err))
    }

    async fn may_go_on(&mut self) -> Option<()> {
        self.until = sessions::holds_until(&self.relay, &self.asker.session).await?;
        let account = self.relay.accounts.get(&self.account)?;
        let tokens = &account.agents.as_ref()?.tokens;
        if !tokens.has(&self.asker.agent.id).await {
            return None;
        }
        let left = self.until.saturating_sub(self.relay.clock.now());
        let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
        self.look_at = Instant::now() + left.min(LOOK);
        Some(())
    }
}

fn wait(woken: &Arc<Notify>) -> Pin<Box<OwnedNotified>> {
    let mut waiting = Box::pin(woken.clone().notified_owned());
    waiting.as_mut().enable();
    waiting
}
