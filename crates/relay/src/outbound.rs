//! The one place that sends a request to a provider.
//!
//! [`Outbound::send`] sends once, whatever comes back. [`Outbound::ask`] does the same with everything that acts; a
//! read that a platform was too busy for is asked again ([`again`]).

use std::time::Duration;

use axum::body::Bytes;
use patchcord_core::http::{Failure, Method, Reply, Request, Response, StreamRequest};
use reqwest::Client;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderValue};

use crate::{again, client};

/// The most bytes of a reply that are read. More is no reply of these platforms; what is cut off cannot be read
/// as JSON, and so counts as unreadable.
const MAX_REPLY: usize = 1024 * 1024;
/// The same of a reply to what only reads: a page of a list may have a hundred payloads of 16 KiB, each character of
/// them written as `\u….`
const MAX_READ: usize = 8 * 1024 * 1024;
/// The longest a connection may take; a failure up to here proves that nothing was sent.
const MAX_CONNECT: Duration = Duration::from_secs(5);

/// Sends requests.
#[derive(Debug, Clone)]
pub struct Outbound(Client);

impl Outbound {
    /// A client that follows no redirect and repeats nothing: either could dial twice. It uses no proxy either,
    /// because behind one a refused connection no longer proves that nothing was sent.
    ///
    /// # Errors
    /// A system without usable TLS roots.
    pub fn new() -> Result<Self, reqwest::Error> {
        client::builder()
            .connect_timeout(MAX_CONNECT)
            .build()
            .map(Self)
    }

    /// Sends a request. A read ([`Request::only_reads`]) that is answered with 429, 502, 503 or 504 is asked again, at most twice and not
    /// at once; everything else is sent exactly once. `timeout` is for each time.
    pub async fn ask(&self, request: Request, timeout: Duration) -> Reply {
        if !request.only_reads() {
            return self.send(request, timeout).await;
        }
        let mut nth = 0;
        loop {
            let reply = self.send(request.clone(), timeout).await;
            let Some(pause) = again::after(&reply, nth) else {
                return reply;
            };
            tokio::time::sleep(pause).await;
            nth += 1;
        }
    }

    /// Sends a request, once, and waits for the whole reply, at most `timeout`.
    pub async fn send(&self, request: Request, timeout: Duration) -> Reply {
        let most = match request.only_reads() {
            true => MAX_READ,
            false => MAX_REPLY,
        };
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut outgoing = self
            .0
            .request(method, &request.url)
            .timeout(timeout)
            .header("accept", "application/json");
        for (name, value) in request.headers {
            outgoing = outgoing.header(*name, *value);
        }
        if let Some(token) = &request.bearer {
            outgoing = outgoing.bearer_auth(token.expose());
        }
        if let Some(key) = &request.api_key {
            // Not to be written into any log on the way.
            let value = HeaderValue::from_str(key.expose()).map(|mut value| {
                value.set_sensitive(true);
                value
            });
            match value {
                Ok(value) => outgoing = outgoing.header("x-api-key", value),
                Err(_) => {
                    return Err(Failure::NotSent("the key is no header value".to_owned()));
                }
            }
        }
        if let Some(body) = &request.body {
            outgoing = outgoing
                .header("content-type", body.content_type())
                .body(body.text().to_owned());
        }
        whole(outgoing.send().await.map_err(failure)?, most).await
    }

    /// Sends a request whose reply is read while it comes, and waits at most `timeout` for its head.
    ///
    /// # Errors
    /// There is no reply.
    pub async fn open(
        &self,
        request: StreamRequest,
        timeout: Duration,
    ) -> Result<Incoming, Failure> {
        let mut outgoing = self
            .0
            .post(&request.url)
            .bearer_auth(request.bearer.expose())
            .header(CONTENT_TYPE, request.content_type);
        for (name, value) in request.headers {
            outgoing = outgoing.header(*name, *value);
        }
        match tokio::time::timeout(timeout, outgoing.body(request.body).send()).await {
            Ok(reply) => reply.map(Incoming).map_err(failure),
            Err(_) => Err(Failure::Lost("no reply in time".to_owned())),
        }
    }
}

/// A reply that is still coming.
#[derive(Debug)]
pub struct Incoming(reqwest::Response);

impl Incoming {
    /// Whether it is a successful one of this media type.
    pub fn is(&self, media_type: &str) -> bool {
        let declared = self.0.headers().get(CONTENT_TYPE);
        let declared = declared
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let kind = declared.split(';').next().unwrap_or_default();
        self.0.status().as_u16() == 200 && kind.trim().eq_ignore_ascii_case(media_type)
    }

    /// The next bytes, as they come; `None` at the end. Nothing is lost where the wait is given up.
    ///
    /// # Errors
    /// The connection broke.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        self.0.chunk().await.map_err(failure)
    }

    /// The whole reply, within `timeout`.
    pub async fn whole(self, timeout: Duration) -> Reply {
        match tokio::time::timeout(timeout, whole(self.0, MAX_REPLY)).await {
            Ok(reply) => reply,
            Err(_) => Err(Failure::Lost("no whole reply in time".to_owned())),
        }
    }
}

async fn whole(mut reply: reqwest::Response, most: usize) -> Reply {
    let status = reply.status().as_u16();
    let retry_after = again::retry_after(reply.headers());
    let mut body = Vec::new();
    while let Some(chunk) = reply.chunk().await.map_err(failure)? {
        let room = most.saturating_sub(body.len());
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if body.len() >= most {
            break;
        }
    }
    Ok(Response {
        status,
        retry_after,
        body,
    })
}

impl Outbound {
    /// Asks for a page and reads nothing of it but its `Date`, whatever the answer is.
    ///
    /// # Errors
    /// No answer.
    pub async fn look(&self, url: &str, timeout: Duration) -> Result<Option<String>, Failure> {
        let reply = self.0.get(url).timeout(timeout).send().await;
        let reply = reply.map_err(failure)?;
        let date = reply.headers().get(DATE);
        Ok(date.and_then(|date| date.to_str().ok()).map(str::to_owned))
    }
}

/// Only a connection that never came about proves that nothing was sent. Addresses are left out of the text.
fn failure(error: reqwest::Error) -> Failure {
    let not_sent = error.is_connect() || error.is_builder();
    let text = crate::http::problem::chain(&error.without_url());
    if not_sent {
        Failure::NotSent(text)
    } else {
        Failure::Lost(text)
    }
}
