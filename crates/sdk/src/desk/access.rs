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
use patchcord_core::secret::Secret;
use wasm_bindgen::JsValue;

use super::calls::RelayDesk;
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
    /// Whose token it is, and where it comes from.
    pub way: Way,
}

/// Where tokens come from.
pub enum Way {
    /// A relay: the agent's session there.
    Relay(Through),
    /// The platform itself.
    #[cfg(feature = "direct")]
    Direct(Box<super::direct::Direct>),
    /// A platform that asks nobody who they are.
    #[cfg(feature = "direct")]
    Trusted,
}

/// A relay.
pub struct Through {
    sessions: Rc<Sessions>,
    /// What the newest request was sent with.
    used: RefCell<Option<Rc<Session>>>,
    /// Where the agent's sign-in at the platform begins and ends; empty where there is none.
    sign_in: String,
}

impl Access {
    /// The way that the options say; waits for what it needs.
    ///
    /// # Errors
    /// What is missing, or wrong with the options.
    pub async fn new(options: &JsValue) -> Result<Self, Failure> {
        #[cfg(feature = "direct")]
        if let Some(origin) = js::text(options, "direct") {
            return super::direct::access(&origin, options);
        }
        Self::relay(options).await
    }

    async fn relay(options: &JsValue) -> Result<Self, Failure> {
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
            way: Way::Relay(Through {
                sessions,
                used: RefCell::default(),
                sign_in: own.as_ref().map_or(String::new(), |_| base + "/sign-in"),
            }),
            desk: own.unwrap_or_else(|| {
                let person = Private::new(who("name"));
                Box::new(RelayDesk::new(&origin, &name, &capabilities, person))
            }),
        })
    }

    /// A token that holds.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn token(&self) -> Result<Secret, Failure> {
        match &self.way {
            Way::Relay(relay) => {
                let session = relay.sessions.get().await?;
                let secret = session.secret();
                relay.used.replace(Some(session));
                Ok(secret)
            }
            #[cfg(feature = "direct")]
            Way::Direct(direct) => direct.token().await,
            #[cfg(feature = "direct")]
            Way::Trusted => Ok(Secret::default()),
        }
    }

    /// Until when the newest token holds, in milliseconds since the epoch.
    pub fn ends_at(&self) -> Option<u64> {
        match &self.way {
            Way::Relay(relay) => Some(relay.used.borrow().as_ref()?.ends_at()),
            #[cfg(feature = "direct")]
            Way::Direct(direct) => direct.ends_at(),
            #[cfg(feature = "direct")]
            Way::Trusted => None,
        }
    }

    /// The newest token was refused.
    pub fn refuse(&self) {
        match &self.way {
            Way::Relay(relay) => {
                if let Some(session) = relay.used.take() {
                    relay.sessions.forget(&session);
                }
            }
            #[cfg(feature = "direct")]
            Way::Direct(direct) => direct.refuse(),
            #[cfg(feature = "direct")]
            Way::Trusted => {}
        }
    }

    /// Whether commands carry a key of their own, by which they are known if they come twice.
    pub fn is_keyed(&self) -> bool {
        matches!(self.way, Way::Relay(_))
    }

    /// Whether the person signs in at the platform, and out.
    pub fn has_sign_in(&self) -> bool {
        match &self.way {
            Way::Relay(relay) => !relay.sign_in.is_empty(),
            #[cfg(feature = "direct")]
            Way::Direct(_) => true,
            #[cfg(feature = "direct")]
            Way::Trusted => false,
        }
    }

    /// Signs the person out at the platform.
    ///
    /// # Errors
    /// The relay's problem.
    pub async fn sign_out(&self) -> Result<(), Failure> {
        match &self.way {
            Way::Relay(relay) => {
                let request = Request {
                    method: Method::Delete,
                    ..Request::get(relay.sign_in.clone())
                };
                let got = wire::send(request.with_bearer(&self.token().await?), None).await;
                match got.reply {
                    Ok(response) if response.status < 300 => Ok(()),
                    reply => Err(problem(&reply)),
                }
            }
            #[cfg(feature = "direct")]
            Way::Direct(direct) => {
                direct.sign_out().await;
                Ok(())
            }
            #[cfg(feature = "direct")]
            Way::Trusted => Ok(()),
        }
    }
}

impl Through {
    /// The address of the page where the person signs in at the platform.
    ///
    /// # Errors
    /// The relay's problem.
    pub async fn sign_in_page(&self) -> Result<String, Failure> {
        let token = self.sessions.get().await?.secret();
        let request = Request::post(self.sign_in.clone()).with_bearer(&token);
        let got = wire::send(request, None).await;
        let page = object(&got.reply).and_then(|object| js::text(&object, "page"));
        page.ok_or_else(|| problem(&got.reply))
    }
}

/// A relay's problem.
fn problem(reply: &Reply) -> Failure {
    object(reply)
        .and_then(|object| Failure::read(&object))
        .unwrap_or_else(|| Failure::of(Code::RelayUnreachable))
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
