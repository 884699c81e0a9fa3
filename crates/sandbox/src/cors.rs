//! Which pages of other origins may speak to which part.
//!
//! Of the vendors' documents only babelforce's say anything: its Agent API "allows listed origins". That it
//! grants these methods and headers and exposes no header is inferred. Samespace says nothing: it allows nobody,
//! until somebody wishes it.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header, request};
use serde::{Deserialize, Serialize};

use crate::settings::set;

/// The demo's pages, and the desk's own in development.
const LISTED: [&str; 3] = [
    "http://127.0.0.1:4102",
    "http://localhost:4102",
    "http://127.0.0.1:4103",
];

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST");
/// What a desk sends.
const HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, content-type, connect-protocol-version");
const ANY: HeaderValue = HeaderValue::from_static("*");

/// An origin as a browser names it: a scheme, a host and perhaps a port.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Origin(String);

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

impl TryFrom<String> for Origin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let host = text
            .strip_prefix("http://")
            .or_else(|| text.strip_prefix("https://"));
        let is_host = |host: &str| {
            !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || "/?#@*".contains(c))
        };
        if host.is_some_and(is_host) {
            Ok(Self(text))
        } else {
            Err(format!(
                "{text:?} is no origin such as \"http://127.0.0.1:4102\""
            ))
        }
    }
}

/// Who may speak to the platforms from a page.
#[derive(Clone, Serialize)]
pub(crate) struct Origins {
    /// To the Agent API, and to what its agents sign in and out with.
    pub agent_api: Vec<Origin>,
    pub samespace: Vec<Origin>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OriginsChange {
    agent_api: Option<Vec<Origin>>,
    samespace: Option<Vec<Origin>>,
}

impl Origins {
    pub fn seed() -> Self {
        Self {
            agent_api: LISTED.map(|origin| Origin(origin.to_owned())).into(),
            samespace: Vec::new(),
        }
    }

    pub fn apply(&mut self, change: OriginsChange) {
        set(&mut self.agent_api, change.agent_api);
        set(&mut self.samespace, change.samespace);
    }

    /// What a page of the origin that a request names may do at `path`.
    pub fn grant(&self, path: &str, headers: &HeaderMap) -> Grant {
        let listed = match part(path) {
            Part::Own => return Grant::Everybody,
            Part::AgentApi => &self.agent_api,
            Part::Samespace => &self.samespace,
            Part::Closed => return Grant::Nobody,
        };
        let named = headers.get(header::ORIGIN);
        let is_listed = |origin: &HeaderValue| listed.iter().any(|one| *origin == one.0);
        match named.filter(|origin| is_listed(origin)) {
            Some(origin) => Grant::One(origin.clone()),
            None => Grant::NotListed,
        }
    }
}

enum Part {
    /// The sandbox itself.
    Own,
    AgentApi,
    Samespace,
    /// What no page may speak to, the Manager API above all.
    Closed,
}

fn part(path: &str) -> Part {
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match *segments.as_slice() {
        ["" | "favicon.ico"] | ["_sandbox", ..] => Part::Own,
        ["babelconnect.v1.Agent", ..]
        | ["v1", "agent", ..]
        | ["oauth", "token" | "revoke" | "logout"]
        | ["auth", "sso", ..] => Part::AgentApi,
        ["apiv1", "make_call"]
        | ["apiv1", "team", "make_call"]
        | ["router", "api", "v2", "token", "reset"] => Part::Samespace,
        _ => Part::Closed,
    }
}

/// Whether a path is the sandbox's own.
pub(crate) fn is_own(path: &str) -> bool {
    matches!(part(path), Part::Own)
}

/// What a page may do.
pub(crate) enum Grant {
    /// Every page may do everything.
    Everybody,
    /// The page of this origin may.
    One(HeaderValue),
    /// Pages of other origins may.
    NotListed,
    /// No page may.
    Nobody,
}

impl Grant {
    /// Says so in a reply.
    pub fn say(&self, headers: &mut HeaderMap) {
        match self {
            Self::Everybody => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY);
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, ANY);
            }
            Self::One(origin) => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                headers.append(header::VARY, VARY);
            }
            Self::NotListed => {
                headers.append(header::VARY, VARY);
            }
            Self::Nobody => {}
        }
    }

    /// Whether a page of the origin that asked may go on.
    pub fn is_given(&self) -> bool {
        !matches!(self, Self::NotListed | Self::Nobody)
    }

    /// The answer to a question of a browser.
    pub fn preflight(&self, asked: &HeaderMap) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        self.say(headers);
        match self {
            Self::Everybody => {
                headers.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS);
                // `*` does not stand for `Authorization`: the wish is repeated instead.
                for (wish, grant) in [
                    (
                        header::ACCESS_CONTROL_REQUEST_METHOD,
                        header::ACCESS_CONTROL_ALLOW_METHODS,
                    ),
                    (
                        header::ACCESS_CONTROL_REQUEST_HEADERS,
                        header::ACCESS_CONTROL_ALLOW_HEADERS,
                    ),
                ] {
                    if let Some(wish) = asked.get(wish) {
                        headers.insert(grant, wish.clone());
                    }
                }
            }
            Self::One(_) => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
                headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
            }
            Self::NotListed | Self::Nobody => {}
        }
        response
    }
}

const VARY: HeaderValue = HeaderValue::from_static("origin");

/// Whether this is a browser's question, and not a request.
pub(crate) fn is_preflight(head: &request::Parts) -> bool {
    head.method == Method::OPTIONS
        && head.headers.contains_key(header::ORIGIN)
        && head
            .headers
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}
