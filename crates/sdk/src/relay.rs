//! One relay, as one page sees it.

use std::rc::Rc;

use patchcord_core::error::Code;
use wasm_bindgen::JsValue;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::fetch::{self, Request};
use crate::session::Sessions;

/// A relay's address, and who the page is there.
#[derive(Clone)]
pub struct Relay {
    /// The origin, without a slash at the end.
    pub origin: String,
    /// Who asks.
    pub credential: Credential,
}

/// Who asks.
#[derive(Clone)]
pub enum Credential {
    /// An agent.
    Agent(Rc<Sessions>),
    /// A visitor, with the site's publishable key.
    Visitor(String),
}

impl Relay {
    /// The header that says who asks.
    ///
    /// # Errors
    /// Why there is no session.
    pub async fn header(&self) -> Result<(&'static str, String), Failure> {
        match self.header_at_hand() {
            Some(header) => Ok(header),
            None => match &self.credential {
                Credential::Agent(sessions) => Ok(bearer(&sessions.get().await?.token)),
                Credential::Visitor(_) => Err(Failure::of(Code::KeyUnknown)),
            },
        }
    }

    /// The header, if it needs no waiting.
    pub fn header_at_hand(&self) -> Option<(&'static str, String)> {
        match &self.credential {
            Credential::Agent(sessions) => Some(bearer(&sessions.at_hand()?.token)),
            Credential::Visitor(key) => Some(("Patchcord-Key", key.clone())),
        }
    }

    /// Asks something that changes nothing, once more with a new session if the one at hand is refused.
    ///
    /// # Errors
    /// The problem, or why there was no readable reply.
    pub async fn ask(&self, path: &str, signal: Option<JsValue>) -> Result<JsValue, Failure> {
        let mut retried = false;
        loop {
            let header = self.header().await?;
            let request = Request {
                method: "GET",
                url: format!("{}{path}", self.origin),
                headers: vec![header.clone()],
                signal: signal.clone(),
                ..Request::default()
            };
            let reply = fetch::send(request).await;
            if let (Ok(reply), Credential::Agent(sessions), false) =
                (&reply, &self.credential, retried)
                && reply.status == 401
            {
                sessions.forget(&header.1);
                retried = true;
                continue;
            }
            return Answer::object(reply);
        }
    }
}

/// A session as a header.
pub(crate) fn bearer(token: &str) -> (&'static str, String) {
    ("Authorization", format!("Bearer {token}"))
}
