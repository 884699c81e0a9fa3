//! Requests and replies as values.

use std::fmt;

use crate::secret::Secret;

/// The HTTP methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads; may be repeated.
    Get,
    /// Acts.
    Post,
    /// Replaces.
    Put,
    /// Ends.
    Delete,
}

impl Method {
    /// The method as it is sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// What a request does at the platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// What its method says: a `GET` reads, everything else acts.
    OfMethod,
    /// It only reads, whatever its method is.
    Reads,
}

/// A request to a provider. `Debug` shows neither body nor credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole address. Holds no secret, but for one: the code of a single sign-on, which its platform wants
    /// there. So `Debug` leaves the query out.
    pub url: String,
    /// Headers beside those that the other fields stand for.
    pub headers: &'static [(&'static str, &'static str)],
    /// Sent as `Authorization: Bearer …`.
    ///
    /// babelforce's help article writes the header as "Authentication"; that is a slip, its OpenAPI, its SDK
    /// and its other articles have `Authorization`.
    pub bearer: Option<Secret>,
    /// Sent as `X-Api-Key`. For servers alone: no browser has such a key.
    pub api_key: Option<Secret>,
    /// The body, with its content type.
    pub body: Option<Body>,
    /// What it does.
    pub effect: Effect,
}

/// The body of a request.
#[derive(Clone, PartialEq, Eq)]
pub enum Body {
    /// `application/json`
    Json(String),
    /// `application/x-www-form-urlencoded`. Token requests only, so it is secret as a whole.
    Form(Secret),
}

impl Body {
    /// The value of the `Content-Type` header.
    pub const fn content_type(&self) -> &'static str {
        match self {
            Body::Json(_) => "application/json",
            Body::Form(_) => "application/x-www-form-urlencoded",
        }
    }

    /// The text to send.
    pub fn text(&self) -> &str {
        match self {
            Body::Json(text) => text,
            Body::Form(text) => text.expose(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} bytes)", self.content_type(), self.text().len())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &without_query(&self.url))
            .field("bearer", &self.bearer)
            .field("api_key", &self.api_key)
            .field("body", &self.body)
            .finish()
    }
}

impl Request {
    /// A request without a body.
    pub fn get(url: String) -> Self {
        Self {
            method: Method::Get,
            url,
            headers: &[],
            bearer: None,
            api_key: None,
            body: None,
            effect: Effect::OfMethod,
        }
    }

    /// A request with a JSON body.
    pub fn json(method: Method, url: String, body: String) -> Self {
        Self {
            method,
            url,
            headers: &[],
            bearer: None,
            api_key: None,
            body: Some(Body::Json(body)),
            effect: Effect::OfMethod,
        }
    }

    /// A request with a form body, for a token endpoint.
    pub fn form(url: String, fields: &[(&str, &str)]) -> Self {
        let mut text = String::new();
        for (name, value) in fields {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(&percent_encode(name));
            text.push('=');
            text.push_str(&percent_encode(value));
        }
        Self {
            method: Method::Post,
            url,
            headers: &[],
            bearer: None,
            api_key: None,
            body: Some(Body::Form(Secret::new(text))),
            effect: Effect::OfMethod,
        }
    }

    /// A request that acts, without a body.
    pub fn post(url: String) -> Self {
        Self {
            method: Method::Post,
            ..Self::get(url)
        }
    }

    /// Whether it does nothing at the platform, so that it may be asked again.
    pub fn only_reads(&self) -> bool {
        self.method == Method::Get || self.effect == Effect::Reads
    }

    /// The same request with a bearer token.
    pub fn with_bearer(mut self, token: &Secret) -> Self {
        self.bearer = Some(token.clone());
        self
    }
}

/// A request whose reply is read while it comes. `Debug` shows neither body nor credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct StreamRequest {
    /// The method; a `GET` has no body.
    pub method: Method,
    /// The whole address.
    pub url: String,
    /// Sent as `Authorization: Bearer …`.
    pub bearer: Secret,
    /// Headers beside `Content-Type`.
    pub headers: &'static [(&'static str, &'static str)],
    /// Sent as `Last-Event-ID`: what was heard last of a stream of events.
    pub after: Option<String>,
    /// The value of the `Content-Type` header. A reply that is no stream has another one.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

impl fmt::Debug for StreamRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "StreamRequest {} ({} bytes)",
            without_query(&self.url),
            self.body.len()
        )
    }
}

fn without_query(url: &str) -> &str {
    url.split('?').next().unwrap_or_default()
}

/// A provider's reply. `Debug` shows the body's size only.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Seconds from a `Retry-After` header, where there is one.
    pub retry_after: Option<u32>,
    /// The body as it came.
    pub body: Vec<u8>,
}

impl Response {
    /// A reply with a JSON body.
    pub fn json(status: u16, body: &str) -> Self {
        Self {
            status,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        }
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response {} ({} bytes)", self.status, self.body.len())
    }
}

/// Why there is no reply.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It is certain that nothing was sent: no connection could be made.
    #[error("nothing was sent: {0}")]
    NotSent(String),
    /// The request may have arrived: the connection broke, or no reply came in time.
    #[error("no reply: {0}")]
    Lost(String),
}

/// A reply, or why there is none.
pub type Reply = Result<Response, Failure>;

/// Percent-encodes everything but RFC 3986's unreserved characters.
pub fn percent_encode(text: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.extend(HEX.get(usize::from(digit)).map(|&c| char::from(c)));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_body_nor_token() {
        let request = Request::form(
            "https://x.example/oauth/token".into(),
            &[("password", "hunter2")],
        )
        .with_bearer(&Secret::new("canary"));
        let shown = format!("{request:?}");
        assert!(
            !shown.contains("hunter2") && !shown.contains("canary"),
            "{shown}"
        );
        let request = Request::post("https://x.example/sso?code=canary".into());
        assert!(!format!("{request:?}").contains("canary"));
        let reply = Response::json(200, r#"{"access_token":"canary"}"#);
        assert_eq!(format!("{reply:?}"), "Response 200 (25 bytes)");
    }

    #[test]
    fn form_fields_are_percent_encoded() {
        let request = Request::form("u".into(), &[("a b", "c&d=é~"), ("e", "")]);
        assert_eq!(request.body.unwrap().text(), "a%20b=c%26d%3D%C3%A9~&e=");
    }
}
