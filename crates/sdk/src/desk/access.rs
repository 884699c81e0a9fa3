//! Where a desk's requests go, and with which token.

use std::cell::RefCell;
use std::rc::Rc;

use patchcord_core::capability::Capability;
use patchcord_core::desk::view::Private;
use patchcord_core::error::Code;
use patchcord_core::http::{Method, Reply, Request};
use patchcord_core::outcome::Outcome;
use patchcord_core::provider;
use patchcord_core::provider::desk::Desk;
use patchcord_core::relay_desk::RelayDesk;
use patchcord_core::secret::Secret;
use wasm_bindgen::JsValue;

use super::wire::{self, Got};
use crate::failure::Failure;
use crate::js;
use crate::session::{Assertion, Session, Sessions};

/// The way of one desk to its platform.
pub struct Access {
    /// What is sent, and how replies are read.
    pub desk: Box<dyn Desk>,
    /// The same for every tab of the same agent at the same place, and for nobody else.
    pub name: String,
    /// A stream ends with its token, so a new one is opened in time.
    pub renews_streams: bool,
    /// Where the agent's sign-in at the platform begins and ends; empty where there is none.
    sign_in: String,
    sessions: Rc<Sessions>,
    /// What the newest request was sent with.
    used: RefCell<Option<Rc<Session>>>,
}

impl Access {
    /// The way through a relay; waits for the agent's session.
    ///
    /// # Errors
    /// Why there is no session, or [`Code::ProviderNotAvailable`].
    pub async fn relay(options: &JsValue) -> Result<Self, Failure> {
        let origin = js::text(options, "relay").unwrap_or_default();
        let sessions = Sessions::shared(&origin, Assertion::read(options));
        let session = sessions.get().await?;
        let providers = js::list(&js::get(session.info(), "providers"));
        let wanted = js::get(options, "provider");
        let found = providers
            .iter()
            .find(|entry| !wanted.is_truthy() || js::get(entry, "provider") == wanted);
        let Some((name, entry)) = found.and_then(|one| Some((js::text(one, "provider")?, one)))
        else {
            return Err(Failure::about("provider", Code::ProviderNotAvailable));
        };
        let capabilities: Vec<Capability> = js::list(&js::get(entry, "capabilities"))
            .iter()
            .filter_map(|word| Capability::parse(&word.as_string()?))
            .collect();
        let agent = js::get(session.info(), "agent");
        let who = |key| js::text(&agent, key).unwrap_or_default();
        let base = [&origin, "/v1/agent/", &name].concat();
        // Only a desk of the platform's own can hold a call.
        let own = capabilities
            .contains(&Capability::Hold)
            .then(|| provider::desk(&name, &base).ok())
            .flatten();
        Ok(Self {
            name: ["patchcord", &*origin, &name, &who("org"), &who("sub")].join(" "),
            renews_streams: own.is_some(),
            sign_in: own.as_ref().map_or(String::new(), |_| base + "/sign-in"),
            desk: own.unwrap_or_else(|| {
                let person = Private::new(who("name"));
                Box::new(RelayDesk::new(&origin, &name, &capabilities, person))
            }),
            sessions,
            used: RefCell::default(),
        })
    }

    /// A token that holds.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn token(&self) -> Result<Secret, Failure> {
        let session = self.sessions.get().await?;
        let secret = session.secret();
        self.used.replace(Some(session));
        Ok(secret)
    }

    /// Until when the newest token holds, in milliseconds since the epoch.
    pub fn ends_at(&self) -> Option<u64> {
        Some(self.used.borrow().as_ref()?.ends_at())
    }

    /// The newest token was refused.
    pub fn refuse(&self) {
        if let Some(session) = self.used.take() {
            self.sessions.forget(&session);
        }
    }

    /// Whether the person signs in at the platform, and out.
    pub fn has_sign_in(&self) -> bool {
        !self.sign_in.is_empty()
    }

    /// The address of the page where the person signs in at the platform.
    ///
    /// # Errors
    /// The relay's problem.
    pub async fn sign_in_page(&self) -> Result<String, Failure> {
        let request = Request::post(self.sign_in.clone()).with_bearer(&self.token().await?);
        let got = wire::send(request, None).await;
        let object = object(&got.reply);
        match object.as_ref().and_then(|object| js::text(object, "page")) {
            Some(page) => Ok(page),
            None => Err(object
                .and_then(|object| Failure::read(&object))
                .unwrap_or_else(|| Failure::of(Code::RelayUnreachable))),
        }
    }

    /// Signs the person out at the platform.
    ///
    /// # Errors
    /// The relay's problem.
    pub async fn sign_out(&self) -> Result<(), Failure> {
        let request = Request {
            method: Method::Delete,
            ..Request::post(self.sign_in.clone())
        };
        let got = wire::send(request.with_bearer(&self.token().await?), None).await;
        match got.reply {
            Ok(response) if response.status < 300 => Ok(()),
            reply => Err(object(&reply)
                .and_then(|object| Failure::read(&object))
                .unwrap_or_else(|| Failure::of(Code::RelayUnreachable))),
        }
    }
}

/// The object of a reply.
fn object(reply: &Reply) -> Option<JsValue> {
    let text = std::str::from_utf8(&reply.as_ref().ok()?.body).ok()?;
    js::parse_object(&text.into())
}

/// What became of a question, for a person.
pub fn failure(outcome: Outcome) -> Failure {
    let because = outcome.because();
    let code = because.map_or(Code::UnreadableReply, |because| because.code);
    let message = because.and_then(|because| because.message.as_deref());
    Failure::of(code).saying(message.unwrap_or_default())
}

/// The reply to a question: the relay's own problem, or what the desk reads.
///
/// # Errors
/// Why there is no answer.
pub fn answer<T>(got: Got, read: impl FnOnce(Reply) -> Result<T, Outcome>) -> Result<T, Failure> {
    if got.is_problem
        && let Some(problem) = object(&got.reply).and_then(|object| Failure::read(&object))
    {
        return Err(problem);
    }
    if got.reply.is_err() {
        return Err(Failure::of(Code::RelayUnreachable));
    }
    read(got.reply).map_err(failure)
}
