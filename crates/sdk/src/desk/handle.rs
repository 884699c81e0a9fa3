//! What an owner does with a desk.

use std::rc::Rc;

use patchcord_core::capability::Capability;
use patchcord_core::desk::action::Action;
use patchcord_core::desk::allowed::Refusal;
use patchcord_core::desk::fault::Fault;
use patchcord_core::desk::lookup::{Found, PastCall};
use patchcord_core::desk::session::{Event, Role, Session};
use patchcord_core::desk::view::{Contact, Notification};
#[cfg(not(feature = "direct"))]
use patchcord_core::error::Code;
use patchcord_core::http::Reply;
#[cfg(not(feature = "direct"))]
use patchcord_core::http::Request;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::desk::{Desk as Platform, Page};
use wasm_bindgen::JsValue;

use super::about::About;
use super::access::{self, Access};
use super::sign_in::SigningIn;
use super::tabs::Message;
use super::work::{Inner, moment};
use crate::failure::Failure;
use crate::{js, time};

/// How many calls or contacts are asked for at once.
const PAGE: u32 = 25;

/// What a desk tells its owner.
#[derive(Debug)]
pub enum News {
    /// Something that is shown may be another: look at everything again.
    Changed,
    /// Something went wrong at the platform.
    Fault {
        /// The command that it is about.
        id: Option<u32>,
        /// What.
        fault: Fault,
    },
    /// The platform tells something once.
    Notification(Box<Notification>),
    /// What the person wanted did not work: signing out.
    Failed(Failure),
}

/// A desk. Cloning gives the same one.
#[derive(Clone)]
pub struct Desk(Rc<Inner>);

impl Desk {
    /// A desk by these options (`relay`, `assertion` or `sessionUrl`, `provider`, `phone`); begins at once. `tell`
    /// is told what happens; never from within a call of the desk's own functions that takes `&self` for looking.
    pub fn open(options: &JsValue, tell: Box<dyn Fn(News)>) -> Self {
        let inner = Rc::new(Inner::new(options, tell));
        inner.listen();
        inner.begin();
        Self(inner)
    }

    /// Looks at the session.
    pub fn session<T>(&self, look: impl FnOnce(&Session) -> T) -> T {
        look(&self.0.session.borrow())
    }

    /// What the platform can do.
    pub fn can(&self, capability: Capability) -> bool {
        self.session(|session| session.capabilities().contains(&capability))
    }

    /// Why there is no desk, or no connection, where it is known.
    pub fn failure(&self) -> Option<Failure> {
        self.0.failure.borrow().clone()
    }

    /// Whose desk it is, once that is known: the same text for the same agent of the same platform, and for nobody else.
    pub fn owner(&self) -> Option<String> {
        Some(self.0.access()?.name.clone())
    }

    /// Does something; it is sent once.
    ///
    /// # Errors
    /// Why it is not allowed; nothing is sent then.
    pub fn act(&self, action: Action) -> Result<(), Refusal> {
        let inner = &self.0;
        if let Action::PlaceCall(call) = &action {
            let about = About::of(call);
            inner.session.borrow().allowed(&action)?;
            let number = call.number.as_e164().to_owned();
            inner.say(&Message::Dialled {
                number: number.clone(),
                about: about.clone(),
            });
            let mut abouts = inner.abouts.borrow_mut();
            abouts.dialled(number, about, time::now());
        }
        let effect = inner.session.borrow_mut().act(action, moment())?;
        inner.carry_out(vec![effect]);
        inner.after();
        Ok(())
    }

    /// Begins, tries again now, or takes the desk back from another window.
    pub fn start(&self) {
        let inner = &self.0;
        if inner.access().is_none() {
            return inner.begin();
        }
        inner.say(&Message::Start);
        inner.handle_all(vec![Event::Start, Event::Online]);
    }

    /// Sets the desk up again, after it failed.
    pub fn set_up(&self) {
        // The tab that leads does it.
        self.0.say(&Message::SetUpAgain);
        self.0.handle(Event::SetUp);
    }

    /// The person has read what became of a command.
    pub fn dismiss(&self, id: u32) {
        self.0.handle(Event::Dismissed { id });
    }

    /// What a call can be transferred to.
    pub fn targets(&self, query: String, then: Box<dyn FnOnce(Result<Vec<Found>, Failure>)>) {
        self.0.ask(
            Box::new(move |platform, token| Ok(platform.targets(&query, token))),
            Box::new(|got| then(read(got, |platform, reply| platform.read_targets(reply)))),
        );
    }

    /// A page of calls of the past, from 1; 25 on each.
    pub fn history(&self, page: u32, then: Box<dyn FnOnce(Result<Vec<PastCall>, Failure>)>) {
        let page = Page {
            number: page,
            size: PAGE,
        };
        self.0.ask(
            Box::new(move |platform, token| Ok(platform.history(page, token))),
            Box::new(|got| then(read(got, |platform, reply| platform.read_history(reply)))),
        );
    }

    /// A page of contacts, from 1; 25 on each.
    pub fn phonebook(
        &self,
        query: String,
        page: u32,
        then: Box<dyn FnOnce(Result<Vec<Contact>, Failure>)>,
    ) {
        let page = Page {
            number: page,
            size: PAGE,
        };
        self.0.ask(
            Box::new(move |platform, token| Ok(platform.phonebook(&query, page, token))),
            Box::new(|got| then(read(got, |platform, reply| platform.read_phonebook(reply)))),
        );
    }

    /// What the relay tells at a path of its own; `path` stands behind `/v1/`. Gives the reply's object.
    #[cfg(not(feature = "direct"))]
    pub fn look_up(&self, path: &str, then: Box<dyn FnOnce(Result<JsValue, Failure>)>) {
        let origin = js::text(&self.0.options, "relay").unwrap_or_default();
        let url = [&origin, "/v1/", path].concat();
        self.0.ask(
            Box::new(move |_, token| Ok(Request::get(url).with_bearer(token))),
            Box::new(|got| {
                then(got.and_then(|(_, reply)| {
                    let unread = || Failure::of(Code::RelayUnreadable);
                    access::object(&reply).ok_or_else(unread)
                }));
            }),
        );
    }

    /// Opens the platform's sign-in page; in a click.
    pub fn sign_in(&self) {
        self.0.sign_in();
    }

    /// The person does not want to sign in any more.
    pub fn cancel_sign_in(&self) {
        self.0.cancel_sign_in();
    }

    /// How signing in goes.
    pub fn signing_in(&self) -> SigningIn {
        self.0.signing_in.borrow().clone()
    }

    /// Whether the person signs in and out at the platform.
    pub fn may_sign_out(&self) -> bool {
        self.0.access().is_some_and(|access| access.has_sign_in())
    }

    /// Signs the person out at the platform.
    pub fn sign_out(&self) {
        let inner = self.0.clone();
        let Some(access) = inner.access() else {
            return;
        };
        js::spawn(async move {
            match access.sign_out().await {
                Ok(()) => {
                    // The platform's word is asked for again: that a person has to sign in.
                    inner.handle_all(vec![Event::Stop, Event::Start]);
                    inner.say(&Message::Start);
                }
                Err(failure) => inner.tell(News::Failed(failure)),
            }
        });
    }

    /// What travels with a call that was placed from this browser.
    pub fn about(&self, call: &str) -> Option<About> {
        let abouts = self.0.abouts.borrow();
        abouts.of(call).filter(|about| !about.is_empty()).cloned()
    }

    /// Whether another tab has the connection.
    pub fn is_follower(&self) -> bool {
        self.session(|session| session.role() == Role::Follower)
    }

    /// Ends it here; another tab goes on.
    pub fn close(&self) {
        self.0.close();
    }
}

/// What a desk reads in a reply.
fn read<T>(
    got: Result<(Rc<Access>, Reply), Failure>,
    read: fn(&dyn Platform, Reply) -> Result<T, Outcome>,
) -> Result<T, Failure> {
    let (access, reply) = got?;
    read(&*access.desk, reply).map_err(access::failure)
}
