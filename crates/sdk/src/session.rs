//! The agent's session: had once for all who ask at the same time, renewed before it ends, forgotten when the
//! relay refuses it.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::{Rc, Weak};

use js_sys::{Object, Promise};
use patchcord_core::click::REPLY_MS;
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::failure::Failure;
use crate::fetch::{self, Reach, Request};
use crate::held::Held;
use crate::relay::Pass;
use crate::stream::Stream;
use crate::{answer, js, time};

/// A session with less than this left is renewed before it is used.
const MARGIN_MS: u64 = 60_000;

/// Where the CRM's signed word about the agent comes from: a function that gives it, or a promise of it
/// (or `{code}` of a sign-in at the platform); the text of a same-origin address that answers `{assertion}` to a POST;
/// or `undefined`.
#[derive(Clone, PartialEq)]
pub struct Assertion(JsValue);

impl Assertion {
    /// Reads `{assertion, sessionUrl}`; the function comes first.
    pub fn read(options: &JsValue) -> Self {
        let function = js::get(options, "assertion");
        Self(if function.is_function() {
            function
        } else {
            js::get(options, "sessionUrl")
        })
    }
}

/// A session. It has no `Debug`: its token is never printed.
pub struct Session {
    pub(crate) bearer: String,
    ends_at: Cell<u64>,
    info: JsValue,
}

impl Session {
    /// Until when it is good, in milliseconds since the epoch.
    pub fn ends_at(&self) -> u64 {
        self.ends_at.get()
    }

    /// What the relay told about it: `{agent: {org, sub}, region, providers: [{provider, capabilities}]}`.
    pub fn info(&self) -> &JsValue {
        &self.info
    }

    /// The secret.
    #[cfg(feature = "desk")]
    pub fn secret(&self) -> patchcord_core::secret::Secret {
        patchcord_core::secret::Secret::new(self.bearer.strip_prefix("Bearer ").unwrap_or_default())
    }

    /// Whether a provider can do something.
    pub fn can(&self, provider: &JsValue, capability: &str) -> bool {
        let capability = JsValue::from_str(capability);
        js::list(&js::get(&self.info, "providers"))
            .iter()
            .any(|entry| {
                js::get(entry, "provider") == *provider
                    && js::list(&js::get(entry, "capabilities")).contains(&capability)
            })
    }
}

/// One agent's sessions at one relay, and the stream of call states.
pub struct Sessions {
    /// The relay's origin.
    pub origin: Rc<str>,
    assertion: Assertion,
    current: Held<Option<Rc<Session>>>,
    /// The promise that everyone waits for while a session is being had.
    opening: Held<Option<Promise>>,
    /// The call states of this agent.
    pub stream: Stream,
}

thread_local! {
    static SHARED: RefCell<Vec<Weak<Sessions>>> = const { RefCell::new(Vec::new()) };
}

impl Sessions {
    /// The sessions of this agent at this relay: the same for everyone on the page who asks with the same
    /// origin and assertion.
    pub fn shared(origin: &str, assertion: Assertion) -> Rc<Self> {
        SHARED.with_borrow_mut(|all| {
            all.retain(|sessions| sessions.strong_count() > 0);
            for known in all.iter().filter_map(Weak::upgrade) {
                if *known.origin == *origin && known.assertion == assertion {
                    return known;
                }
            }
            let sessions = Rc::new(Self {
                origin: origin.into(),
                assertion,
                current: Held::default(),
                opening: Held::default(),
                stream: Stream::default(),
            });
            all.push(Rc::downgrade(&sessions));
            sessions
        })
    }

    /// The session, if it is good for a while.
    pub fn at_hand(&self) -> Option<Rc<Session>> {
        let session = self.current.borrow().clone()?;
        (time::now() + MARGIN_MS < session.ends_at()).then_some(session)
    }

    /// The session; waits for one if there is none.
    ///
    /// # Errors
    /// Why there is none. `relay_unreachable` means that there was no reply and it may be tried again.
    pub fn get(self: &Rc<Self>) -> Pin<Box<dyn Future<Output = Result<Rc<Session>, Failure>>>> {
        // Boxed, so that its machinery is compiled once and not into every caller.
        Box::pin(Self::had(self.clone()))
    }

    async fn had(self: Rc<Self>) -> Result<Rc<Session>, Failure> {
        if let Some(session) = self.at_hand() {
            return Ok(session);
        }
        let opening = self.opening.borrow().clone();
        let promise = opening.unwrap_or_else(|| {
            let this = self.clone();
            // Resolved with what went wrong, or with nothing.
            let promise = Promise::new(&mut |resolve, _| {
                let this = this.clone();
                js::spawn(async move {
                    let session = this.open().await;
                    this.opening.replace(None);
                    let (session, failure) = match session {
                        Ok(session) => (Some(Rc::new(session)), JsValue::UNDEFINED),
                        Err(failure) => (None, failure.into_object()),
                    };
                    this.current.replace(session);
                    // It only settles the promise.
                    let _ = js::call(&resolve, &JsValue::UNDEFINED, &[failure]);
                });
            });
            self.opening.replace(Some(promise.clone()));
            promise
        });
        let failure = JsFuture::from(promise).await.unwrap_or_default();
        if let Some(failure) = Failure::read(&failure) {
            return Err(failure);
        }
        self.current
            .borrow()
            .clone()
            .ok_or_else(|| Failure::of(Code::SessionExpired))
    }

    /// Has a session ready before it is needed. What keeps it from coming is told when it is needed.
    pub fn warm(self: &Rc<Self>) {
        if !self.assertion.0.is_undefined() && self.at_hand().is_none() {
            let pending = self.get();
            js::spawn(async move {
                let _ = pending.await;
            });
        }
    }

    /// Forgets a session that was refused, unless there is a newer one.
    pub fn forget(&self, refused: &Rc<Session>) {
        let mut current = self.current.borrow_mut();
        if current
            .as_ref()
            .is_some_and(|session| Rc::ptr_eq(session, refused))
        {
            *current = None;
        }
    }

    /// A session is not used any more before it was renewed: something was refused, perhaps for another reason.
    #[cfg(feature = "desk")]
    pub fn doubt(session: &Session) {
        let soon = time::now() + MARGIN_MS / 2;
        session.ends_at.set(session.ends_at().min(soon));
    }

    async fn open(&self) -> Result<Session, Failure> {
        let old = self
            .current
            .borrow()
            .clone()
            .filter(|session| time::now() < session.ends_at());
        if let Some(old) = old {
            let renewed = self
                .post("/v1/sessions/renew", Pass::Session(old).headers(), None)
                .await;
            if renewed.is_ok() {
                return renewed;
            }
        }
        let body = self.assert().await?;
        self.post("/v1/sessions", Object::new(), js::stringify(&body))
            .await
    }

    async fn post(
        &self,
        path: &str,
        headers: Object,
        body: Option<String>,
    ) -> Result<Session, Failure> {
        let reply = fetch::send(Request {
            method: "POST",
            url: &[&self.origin, path].concat(),
            headers,
            body: body.as_deref(),
            reach: Reach::Relay,
            signal: JsValue::UNDEFINED,
        });
        let info = answer::object(reply.await)?;
        let (token, seconds) = (
            js::text(&info, "session"),
            js::get(&info, "expires_in").as_f64(),
        );
        let (Some(token), Some(seconds)) = (token, seconds) else {
            return Err(Failure::of(Code::RelayUnreadable));
        };
        // Saturates; a session of negative length has ended.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let ends_at = time::now().saturating_add((seconds * 1000.0) as u64);
        Ok(Session {
            bearer: ["Bearer ", &token].concat(),
            ends_at: Cell::new(ends_at),
            info,
        })
    }

    /// Asks the page who the agent is: what a session is asked for with.
    async fn assert(&self) -> Result<JsValue, Failure> {
        let source = &self.assertion.0;
        let (given, words) = if let Some(url) = source.as_string() {
            let reply = fetch::send(Request {
                method: "POST",
                url: &url,
                headers: Object::new(),
                body: Some("{}"),
                reach: Reach::SameOrigin,
                signal: JsValue::UNDEFINED,
            });
            let object = reply.await.ok().and_then(|reply| reply.object);
            (
                js::get(&object.unwrap_or_default(), "assertion"),
                String::new(),
            )
        } else {
            let given = js::call(source, &JsValue::UNDEFINED, &[]);
            match time::within(given, REPLY_MS).await {
                Ok(given) => (given, String::new()),
                Err(thrown) if source.is_undefined() => (thrown, String::new()),
                Err(thrown) => (JsValue::UNDEFINED, js::words(&thrown)),
            }
        };
        if given.is_string() {
            let body = Object::new();
            js::set(&body, "assertion", &given);
            Ok(body.into())
        } else if js::text(&given, "code").is_some() {
            // The agent has signed in at the platform.
            Ok(given)
        } else {
            Err(Failure::of(Code::SessionMissing).saying(&words))
        }
    }
}
