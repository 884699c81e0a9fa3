//! The agent's session: had once for all who ask at the same time, renewed before it ends, forgotten when the
//! relay refuses it.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::{Rc, Weak};

use js_sys::{Object, Promise};
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::fetch::{self, Reach, Request};
use crate::relay::bearer;
use crate::stream::Stream;
use crate::{js, time};

/// A session with less than this left is renewed before it is used.
const MARGIN_MS: u64 = 60_000;

/// Where the CRM's signed word about the agent comes from.
#[derive(Clone)]
pub enum Assertion {
    /// A function that gives it, or a promise of it.
    Function(JsValue),
    /// A same-origin address that answers `{assertion}` to a POST.
    Url(String),
    /// The page names neither.
    Missing,
}

impl Assertion {
    /// Reads `{assertion, sessionUrl}`; the function comes first.
    pub fn read(options: &JsValue) -> Self {
        let function = js::get(options, "assertion");
        if function.is_function() {
            return Assertion::Function(function);
        }
        js::text(options, "sessionUrl").map_or(Assertion::Missing, Assertion::Url)
    }
}

impl PartialEq for Assertion {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Assertion::Function(a), Assertion::Function(b)) => Object::is(a, b),
            (Assertion::Url(a), Assertion::Url(b)) => a == b,
            (Assertion::Missing, Assertion::Missing) => true,
            _ => false,
        }
    }
}

/// A session. It has no `Debug`: its token is never printed.
pub struct Session {
    pub(crate) token: String,
    ends_at: u64,
    info: JsValue,
}

impl Session {
    /// The agent's default provider.
    pub fn provider(&self) -> Option<String> {
        js::text(&js::get(&js::get(&self.info, "providers"), "0"), "provider")
    }

    /// Whether a provider can do something.
    pub fn can(&self, provider: &str, capability: &str) -> bool {
        let capability = JsValue::from_str(capability);
        js::list(&js::get(&self.info, "providers"))
            .iter()
            .any(|entry| {
                js::text(entry, "provider").as_deref() == Some(provider)
                    && js::list(&js::get(entry, "capabilities")).contains(&capability)
            })
    }
}

/// One agent's sessions at one relay, and the stream of call states.
pub struct Sessions {
    origin: String,
    assertion: Assertion,
    current: RefCell<Option<Rc<Session>>>,
    /// The promise that everyone waits for while a session is being had.
    opening: RefCell<Option<Promise>>,
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
            let known = all.iter().filter_map(Weak::upgrade);
            let mut same =
                known.filter(|known| known.origin == origin && known.assertion == assertion);
            if let Some(sessions) = same.next() {
                return sessions;
            }
            drop(same);
            let sessions = Rc::new(Self {
                origin: origin.to_owned(),
                assertion,
                current: RefCell::new(None),
                opening: RefCell::new(None),
                stream: Stream::default(),
            });
            all.push(Rc::downgrade(&sessions));
            sessions
        })
    }

    /// The relay's origin.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The session, if it is good for a while.
    pub fn at_hand(&self) -> Option<Rc<Session>> {
        let session = self.current.borrow().clone()?;
        (time::now() + MARGIN_MS < session.ends_at).then_some(session)
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
            let promise = js::promise(async move {
                let session = this.open().await;
                this.opening.replace(None);
                this.current.replace(session.as_ref().ok().cloned());
                session
                    .map(|_| JsValue::UNDEFINED)
                    .map_err(Failure::into_object)
            });
            self.opening.replace(Some(promise.clone()));
            promise
        });
        if let Err(error) = JsFuture::from(promise).await {
            return Err(
                Failure::read(&error).unwrap_or_else(|| Failure::of(Code::RelayUnreachable))
            );
        }
        self.current
            .borrow()
            .clone()
            .ok_or_else(|| Failure::of(Code::SessionExpired))
    }

    /// Has a session ready before it is needed. What keeps it from coming is told when it is needed.
    pub fn warm(self: &Rc<Self>) {
        if self.assertion != Assertion::Missing && self.at_hand().is_none() {
            let this = self.clone();
            js::spawn(async move {
                let _ = this.get().await;
            });
        }
    }

    /// Forgets the session that was refused with this `Authorization` header, unless there is a newer one.
    pub fn forget(&self, header: &str) {
        let mut current = self.current.borrow_mut();
        if current
            .as_ref()
            .is_some_and(|session| bearer(&session.token).1 == header)
        {
            *current = None;
        }
    }

    async fn open(&self) -> Result<Rc<Session>, Failure> {
        let old = self
            .current
            .borrow()
            .clone()
            .filter(|session| time::now() < session.ends_at);
        if let Some(old) = old {
            let renewed = self
                .post("/v1/sessions/renew", vec![bearer(&old.token)], None)
                .await;
            if renewed.is_ok() {
                return renewed;
            }
        }
        let body = Object::new();
        js::set(&body, "assertion", &self.assert().await?.into());
        self.post("/v1/sessions", Vec::new(), js::stringify(&body))
            .await
    }

    async fn post(
        &self,
        path: &str,
        headers: Vec<(&'static str, String)>,
        body: Option<String>,
    ) -> Result<Rc<Session>, Failure> {
        let url = format!("{}{path}", self.origin);
        let request = Request {
            method: "POST",
            url,
            headers,
            body,
            ..Request::default()
        };
        let info = Answer::object(fetch::send(request).await)?;
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
        Ok(Rc::new(Session {
            token,
            ends_at,
            info,
        }))
    }

    /// Asks the page who the agent is.
    async fn assert(&self) -> Result<String, Failure> {
        let missing = |words: &str| Failure::of(Code::SessionMissing).saying(words);
        match &self.assertion {
            Assertion::Function(function) => {
                let given = js::call(function, &JsValue::UNDEFINED, &[]);
                let given = match given {
                    Ok(promise) => time::within(&promise, fetch::TIMEOUT_MS).await,
                    Err(thrown) => Err(thrown),
                };
                let given = given.map_err(|thrown| missing(&js::words(&thrown)))?;
                given.as_string().ok_or_else(|| missing(""))
            }
            Assertion::Url(url) => {
                let request = Request {
                    method: "POST",
                    url: url.clone(),
                    body: Some("{}".to_owned()),
                    reach: Reach::SameOrigin,
                    ..Request::default()
                };
                let reply = fetch::send(request).await;
                let status = reply.as_ref().map_or(0, |reply| reply.status);
                let object = Answer::object(reply).ok();
                object
                    .and_then(|object| js::text(&object, "assertion"))
                    .ok_or_else(|| {
                        missing(&format!(
                            "{url} did not answer with an assertion (status {status})."
                        ))
                    })
            }
            Assertion::Missing => Err(missing("")),
        }
    }
}
