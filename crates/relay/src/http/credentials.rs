//! Who asks: a session or a publishable key, and from which page.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header;
use axum::http::request::Parts;
use patchcord_core::error::Code;

use super::cors;
use super::problem::Problem;
use super::request_id::RequestId;
use crate::config::SiteKey;
use crate::relay::Relay;
use crate::sessions::{self, Asker};

/// An agent, by their session.
pub struct AgentSession(pub Asker);

/// A visitor, by the key of the page they are on.
pub struct Visitor(pub Arc<SiteKey>);

/// Either.
pub enum Credential {
    /// An agent.
    Agent(Asker),
    /// A visitor.
    Visitor(Arc<SiteKey>),
}

impl FromRequestParts<Arc<Relay>> for AgentSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, relay: &Arc<Relay>) -> Result<Self, Problem> {
        cors::require(&parts.headers, |origin| {
            relay.hosts.serves_agents_at(origin)
        })?;
        let secret = bearer(&parts.headers).ok_or_else(|| {
            Problem::new(Code::SessionMissing, "The request has no session.")
                .with_remedy("Send Authorization: Bearer with the session of POST /v1/sessions.")
        })?;
        sessions::find(relay, secret).await.map(Self)
    }
}

impl FromRequestParts<Arc<Relay>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, relay: &Arc<Relay>) -> Result<Self, Problem> {
        let key = parts
            .headers
            .get("patchcord-key")
            .and_then(|value| relay.config.keys.get(value.to_str().ok()?));
        let key = key.ok_or_else(|| {
            Problem::new(
                Code::KeyUnknown,
                "The request has no publishable key that is known here.",
            )
            .with_remedy("Send a [[key]] of the relay's configuration in the header Patchcord-Key.")
        })?;
        cors::require(&parts.headers, |origin| key.origins.contains(origin))?;
        Ok(Self(key.clone()))
    }
}

impl FromRequestParts<Arc<Relay>> for Credential {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, relay: &Arc<Relay>) -> Result<Self, Problem> {
        if parts.headers.contains_key("patchcord-key") {
            return Visitor::from_request_parts(parts, relay)
                .await
                .map(|visitor| Self::Visitor(visitor.0));
        }
        AgentSession::from_request_parts(parts, relay)
            .await
            .map(|session| Self::Agent(session.0))
    }
}

/// The page of an agent who has no session yet.
pub struct AgentPage;

impl FromRequestParts<Arc<Relay>> for AgentPage {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, relay: &Arc<Relay>) -> Result<Self, Problem> {
        let allowed = |origin: &str| relay.hosts.serves_agents_at(origin);
        cors::require(&parts.headers, allowed).map(|()| Self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for RequestId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Every route is behind the layer that gives the id.
        parts
            .extensions
            .get::<RequestId>()
            .cloned()
            .ok_or_else(|| Problem::new(Code::Internal, "The request has no id."))
    }
}

/// What is behind `Authorization: Bearer`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, secret) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(secret.trim())
}
