//! What is no HTTP request never reaches the application: hyper answers it with a bare status. Here it gets its
//! problem document and its id, like every other refusal.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::body::Bytes;
use patchcord_core::error::Code;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::http::problem::Problem;
use crate::http::request_id::RequestId;
use crate::relay::Relay;

/// hyper's own replies are shorter.
const LONGEST: usize = 256;

/// A connection on which hyper's bare refusals become problem documents.
pub struct Documented<S> {
    stream: S,
    relay: Arc<Relay>,
    /// A document that is being written.
    document: Bytes,
}

impl<S> Documented<S> {
    pub fn new(stream: S, relay: Arc<Relay>) -> Self {
        Self {
            stream,
            relay,
            document: Bytes::new(),
        }
    }
}

impl<S: AsyncWrite + Unpin> Documented<S> {
    /// Writes what is left of a document.
    fn poll_document(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.document.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.document))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            drop(self.document.split_to(written));
        }
        Poll::Ready(Ok(()))
    }

    fn refuse(&mut self, why: Why) {
        let (detail, remedy) = match why {
            Why::Long => (
                "The request's line and headers are longer, or more, than is allowed.",
                "Send at most 64 headers and 32 kB.",
            ),
            Why::Malformed => (
                "This is no HTTP request that can be read.",
                "Compare the request's line and headers with RFC 9112.",
            ),
        };
        let problem = Problem::new(Code::InvalidHeader, detail).with_remedy(remedy);
        tracing::info!(code = %problem.code(), "refused before it was a request");
        self.relay.metrics.refused(problem.code());
        let now = self.relay.clock.now();
        self.relay.refusals.count(problem.code(), now);
        self.document = document(&problem).unwrap_or_default();
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Documented<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Documented<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        ready!(self.poll_document(cx))?;
        match bare(buf) {
            None => Pin::new(&mut self.stream).poll_write(cx, buf),
            Some(Bare { before: 0, why }) => {
                self.refuse(why);
                Poll::Ready(Ok(buf.len()))
            }
            // First the end of the reply before it; the rest is offered again.
            Some(Bare { before, .. }) => {
                let before = buf.get(..before).unwrap_or(buf);
                Pin::new(&mut self.stream).poll_write(cx, before)
            }
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        // A bare refusal is the last thing on its connection.
        match bufs.iter().rfind(|buf| !buf.is_empty()) {
            Some(last) if bare(last).is_some() => {
                let first = bufs.iter().find(|buf| !buf.is_empty()).unwrap_or(last);
                self.poll_write(cx, first)
            }
            _ => {
                ready!(self.poll_document(cx))?;
                Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
            }
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_document(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_document(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// A bare refusal of hyper's at the end of what is to be written.
#[derive(Debug, PartialEq, Eq)]
struct Bare {
    /// How many bytes of something else come first.
    before: usize,
    why: Why,
}

/// What hyper found.
#[derive(Debug, PartialEq, Eq)]
enum Why {
    /// It is no HTTP.
    Malformed,
    /// It is over [`super::connections`]' limits.
    Long,
}

/// Finds it. The application's own replies all have an id, hyper's has none, and no body.
fn bare(bytes: &[u8]) -> Option<Bare> {
    let tail = bytes.get(bytes.len().saturating_sub(LONGEST)..)?;
    if !tail.ends_with(b"\r\n\r\n") {
        return None;
    }
    let start = tail.windows(9).rposition(|part| part == b"HTTP/1.1 ")?;
    let head = std::str::from_utf8(tail.get(start..)?).ok()?;
    let why = match head.get(9..13)? {
        "400 " => Why::Malformed,
        "414 " | "431 " => Why::Long,
        _ => return None,
    };
    let own = head.contains("\r\ncontent-length: 0\r\n") && !head.contains("\r\nx-request-id:");
    own.then_some(Bare {
        before: bytes.len() - tail.len() + start,
        why,
    })
}

/// The whole reply.
fn document(problem: &Problem) -> Option<Bytes> {
    let id = RequestId::new().ok()?;
    let body = serde_json::to_string(&problem.document(&id)).ok()?;
    let status = problem.status();
    Some(Bytes::from(format!(
        "HTTP/1.1 {} {}\r\ncontent-type: application/problem+json\r\nx-request-id: {}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
        status.as_u16(),
        status.canonical_reason().unwrap_or_default(),
        id.as_str(),
        body.len(),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &[u8] =
        b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: x\r\n\r\n";

    #[test]
    fn a_refusal_without_an_id_and_a_body_is_hypers() {
        let at = |before, why| Some(Bare { before, why });
        assert_eq!(bare(OWN), at(0, Why::Malformed));
        let long = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n\r\n";
        assert_eq!(bare(long), at(0, Why::Long));
        let after = [b"HTTP/1.1 204 No Content\r\n\r\n".as_slice(), OWN].concat();
        assert_eq!(bare(&after), at(27, Why::Malformed));
    }

    #[test]
    fn replies_of_the_application_are_left_alone() {
        for reply in [
            b"HTTP/1.1 400 Bad Request\r\nx-request-id: req_1\r\ncontent-length: 0\r\n\r\n"
                .as_slice(),
            b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}",
            b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            b"",
            b"\r\n\r\n",
            b"HTTP/1.1 \r\n\r\n",
        ] {
            assert_eq!(bare(reply), None, "{}", String::from_utf8_lossy(reply));
        }
    }
}
