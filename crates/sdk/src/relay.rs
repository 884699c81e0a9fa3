//! One relay, as one page sees it.

use std::rc::Rc;

use js_sys::Object;
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;

use crate::failure::Failure;
use crate::fetch::{self, Reach, Request};
use crate::session::{Session, Sessions};
use crate::{answer, js};

/// A relay's address, and who the page is there.
#[derive(Clone)]
pub struct Relay {
    /// The origin, without a slash at the end.
    pub origin: Rc<str>,
    /// Who asks.
    pub credential: Credential,
}

/// Who asks.
#[derive(Clone)]
pub enum Credential {
    /// An agent.
    Agent(Rc<Sessions>),
    /// A visitor, with the site's publishable key.
    Visitor(JsValue),
}

/// A credential in the form in which it is sent.
#[derive(Clone)]
pub enum Pass {
    /// An agent's session.
    Session(Rc<Session>),
    /// A site's publishable key.
    Key(JsValue),
}

impl Pass {
    /// The header that says who asks.
    pub fn headers(&self) -> Object {
        let headers = Object::new();
        match self {
            Pass::Session(session) => {
                js::set_text(&headers, "Authorization", Some(&session.bearer))
            }
            Pass::Key(key) => js::set(&headers, "Patchcord-Key", key),
        }
        headers
    }
}

impl Credential {
    /// The pass, if it needs no waiting.
    pub fn at_hand(&self) -> Option<Pass> {
        match self {
            Credential::Agent(sessions) => Some(Pass::Session(sessions.at_hand()?)),
            Credential::Visitor(key) => Some(Pass::Key(key.clone())),
        }
    }

    /// The pass; waits for a session if there is none.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn get(&self) -> Result<Pass, Failure> {
        match self {
            Credential::Agent(sessions) => Ok(Pass::Session(sessions.get().await?)),
            Credential::Visitor(key) => Ok(Pass::Key(key.clone())),
        }
    }

    /// Forgets a pass that was refused. A key stays: it cannot be had anew.
    pub fn forget(&self, pass: &Pass) {
        if let (Credential::Agent(sessions), Pass::Session(session)) = (self, pass) {
            sessions.forget(session);
        }
    }
}

impl Relay {
    /// Asks something that changes nothing, once more with a new session if the one at hand is refused.
    ///
    /// # Errors
    /// The problem, or why there was no readable reply.
    pub async fn ask(self, path: String, signal: JsValue) -> Result<JsValue, Failure> {
        let url = [&self.origin, path.as_str()].concat();
        let mut tries = 0;
        loop {
            let pass = self.credential.get().await?;
            let reply = fetch::send(Request {
                method: "GET",
                url: &url,
                headers: pass.headers(),
                body: None,
                reach: Reach::Relay,
                signal: signal.clone(),
            });
            let answer = answer::object(reply.await);
            tries += 1;
            match answer {
                Err(failure) if tries == 1 && failure.is(Code::SessionExpired) => {
                    self.credential.forget(&pass);
                }
                answer => return answer,
            }
        }
    }
}
