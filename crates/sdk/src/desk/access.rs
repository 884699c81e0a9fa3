//! Where a desk's requests go, and with which token.

use std::pin::Pin;
use std::rc::Rc;

use patchcord_core::capability::Capability;
#[cfg(feature = "calls")]
use patchcord_core::desk::view::Private;
use patchcord_core::error::Code;
use patchcord_core::http::{Method, Reply, Request};
use patchcord_core::outcome::Outcome;
#[cfg(not(feature = "calls"))]
use patchcord_core::provider;
use patchcord_core::provider::desk::Desk;
use patchcord_core::secret::Secret;
use wasm_bindgen::JsValue;

#[cfg(feature = "calls")]
use super::calls::RelayDesk;
use super::wire::{self, Got};
use crate::failure::Failure;
use crate::held::Held;
use crate::js;
use crate::session::{Assertion, Session, Sessions};

/// What is waited for. Boxed, so that its machinery is compiled once and not into everything that waits.
pub type Pending<T> = Pin<Box<dyn Future<Output = Result<T, Failure>>>>;

/// Makes a request, with a token that holds.
pub type Build = Box<dyn FnOnce(&dyn Desk, &Secret) -> Result<Request, Failure>>;

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
    used: Held<Option<Rc<Session>>>,
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
        let agent = js::get(session.info(), "agent");
        let who = |key| js::text(&agent, key).unwrap_or_default();
        let capabilities = js::list(&js::get(entry, "capabilities"));
        let (desk, sign_in) = desk(&origin, &name, &capabilities, &who("name"))?;
        let place = ["patchcord ", &origin, " ", &name, " "].concat();
        Ok(Self {
            name: [&place, &*who("org"), " ", &who("sub")].concat(),
            renews_streams: !sign_in.is_empty(),
            way: Way::Relay(Through {
                sessions,
                used: Held::default(),
                sign_in,
            }),
            desk,
        })
    }

    /// A token that holds.
    ///
    /// # Errors
    /// Why there is none.
    pub fn token(self: &Rc<Self>) -> Pending<Secret> {
        let this = self.clone();
        Box::pin(async move { this.had().await })
    }

    async fn had(&self) -> Result<Secret, Failure> {
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
                    // A platform that gave the agent another token ends what the old one opened: then the session is
                    // as good as before, and asking for a new one would be asking the person.
                    Sessions::doubt(&session);
                }
            }
            #[cfg(feature = "direct")]
            Way::Direct(direct) => direct.refuse(),
            #[cfg(feature = "direct")]
            Way::Trusted => {}
        }
    }

    /// The way of an agent who signs in at the platform themselves, if it is this one.
    #[cfg(feature = "direct")]
    pub fn direct(&self) -> Option<&super::direct::Direct> {
        match &self.way {
            Way::Direct(direct) => Some(direct),
            Way::Relay(_) | Way::Trusted => None,
        }
    }

    /// Whether requests carry a token, which ends some time.
    pub fn has_tokens(&self) -> bool {
        match &self.way {
            Way::Relay(_) => true,
            #[cfg(feature = "direct")]
            Way::Direct(_) => true,
            #[cfg(feature = "direct")]
            Way::Trusted => false,
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

    /// Sends a request once; `key` is its idempotency key.
    ///
    /// # Errors
    /// Why there is no token, or no request.
    pub fn send(self: &Rc<Self>, build: Build, key: Option<String>) -> Pending<Got> {
        let this = self.clone();
        Box::pin(async move {
            let token = this.token().await?;
            let request = build(&*this.desk, &token)?;
            Ok(wire::send(request, key.as_deref()).await)
        })
    }

    /// Begins the agent's sign-in at a relay (`POST`) or ends it (`DELETE`); gives the reply's object.
    ///
    /// # Errors
    /// The relay's problem.
    async fn at_sign_in(
        self: &Rc<Self>,
        relay: &Through,
        method: Method,
    ) -> Result<JsValue, Failure> {
        let url = relay.sign_in.clone();
        let build = move |_: &dyn Desk, token: &Secret| {
            let request = Request {
                method,
                ..Request::get(url)
            };
            Ok(request.with_bearer(token))
        };
        let reply = self.send(Box::new(build), None).await?.reply;
        match &reply {
            Ok(response) if response.status < 300 => Ok(object(&reply).unwrap_or_default()),
            _ => Err(problem(&reply)),
        }
    }

    /// The address of the page where the person signs in at the platform.
    ///
    /// # Errors
    /// The relay's problem.
    pub async fn sign_in_page(self: &Rc<Self>, relay: &Through) -> Result<String, Failure> {
        let object = self.at_sign_in(relay, Method::Post).await?;
        js::text(&object, "page").ok_or_else(|| Failure::of(Code::RelayUnreachable))
    }

    /// Signs the person out at the platform.
    ///
    /// # Errors
    /// The relay's problem.
    pub async fn sign_out(self: &Rc<Self>) -> Result<(), Failure> {
        match &self.way {
            Way::Relay(relay) => self.at_sign_in(relay, Method::Delete).await.map(drop),
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

/// A relay's problem.
fn problem(reply: &Reply) -> Failure {
    object(reply)
        .and_then(|object| Failure::read(&object))
        .unwrap_or_else(|| Failure::of(Code::RelayUnreachable))
}

/// The platform's own desk behind a relay, and where its agents sign in.
#[cfg(not(feature = "calls"))]
fn desk(
    origin: &str,
    name: &str,
    capabilities: &[JsValue],
    _: &str,
) -> Result<(Box<dyn Desk>, String), Failure> {
    // Only a desk of the platform's own can hold a call.
    if !capabilities.contains(&Capability::Hold.as_str().into()) {
        return Err(Failure::about("desk", Code::CapabilityMissing));
    }
    let base = [origin, "/v1/agent/", name].concat();
    let desk = provider::desk(name, &base).map_err(|error| Failure::of(error.code))?;
    Ok((desk, base + "/sign-in"))
}

/// The relay's own calls as a desk; nobody signs in.
#[cfg(feature = "calls")]
fn desk(
    origin: &str,
    name: &str,
    capabilities: &[JsValue],
    person: &str,
) -> Result<(Box<dyn Desk>, String), Failure> {
    let capabilities: Vec<Capability> = capabilities
        .iter()
        .filter_map(|word| Capability::parse(&word.as_string()?))
        .collect();
    let desk = RelayDesk::new(origin, name, &capabilities, Private::new(person));
    Ok((Box::new(desk), String::new()))
}

/// The object of a reply.
pub fn object(reply: &Reply) -> Option<JsValue> {
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

/// The reply to a question, or the relay's own problem.
///
/// # Errors
/// Why there is none.
pub fn answer(got: Got) -> Result<Reply, Failure> {
    if got.is_problem
        && let Some(problem) = object(&got.reply).and_then(|object| Failure::read(&object))
    {
        return Err(problem);
    }
    if got.reply.is_err() {
        return Err(Failure::of(Code::RelayUnreachable));
    }
    Ok(got.reply)
}
