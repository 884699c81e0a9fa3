//! One desk at work.

use std::cell::Cell;
use std::rc::Rc;

use patchcord_core::capability::Capability;
use patchcord_core::desk::action::{Action, Command};
use patchcord_core::desk::allowed::{Refusal, Standing, Stopped};
use patchcord_core::desk::fault::{Fault, Trouble};
use patchcord_core::desk::link::Moment;
use patchcord_core::desk::lookup::{Found, PastCall};
use patchcord_core::desk::session::{Effect, Event, Piece, Role, Sent, Session};
use patchcord_core::desk::set_up::Progress;
use patchcord_core::desk::state::{Patch, Update};
use patchcord_core::desk::view::{Contact, Notification};
use patchcord_core::error::Code;
use patchcord_core::http::Reply;
#[cfg(not(feature = "direct"))]
use patchcord_core::http::Request;
use patchcord_core::number::PhoneNumber;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::desk::{Desk as Platform, Page};
use patchcord_core::secret::Secret;
use patchcord_core::text;
use wasm_bindgen::prelude::*;

use super::about::{About, Abouts};
#[cfg(feature = "direct")]
use super::access::Way;
use super::access::{self, Access, Build};
use super::blame::{self, Blamed};
use super::sign_in::SigningIn;
use super::stream::Open;
use super::tabs::{Message, Tabs};
use crate::failure::Failure;
use crate::held::Held;
use crate::{js, random, time};

/// A command that could not be sent for so long is not sent any more, in milliseconds.
const SEND_WITHIN: u64 = 10_000;
/// What is sent within so many milliseconds is sent to what was clicked on; later that is looked at again.
const AT_ONCE: u64 = 500;
/// A token is renewed this long before it ends.
const RENEW_BEFORE: u64 = 60_000;
/// The longest that a timer is set for: a browser's own cannot wait for a month.
const LONGEST_SLEEP: u64 = 3_600_000;
/// The first pause before a session is tried for again; it doubles …
const FIRST_PAUSE: u64 = 500;
/// … up to this.
const LONGEST_PAUSE: u64 = 30_000;
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

/// What there is of it once; the other files of this folder add to it.
pub struct Inner {
    options: JsValue,
    tell: Box<dyn Fn(News)>,
    pub(super) session: Held<Session>,
    access: Held<Option<Rc<Access>>>,
    pub(super) streams: Held<Vec<Open>>,
    tabs: Held<Option<Tabs>>,
    abouts: Held<Abouts>,
    /// Why there is no desk, or no token.
    failure: Held<Option<Failure>>,
    pub(super) signing_in: Held<SigningIn>,
    pub(super) sign_in_turn: Cell<u32>,
    /// Counts tries to begin: a newer one replaces an older.
    tries: Cell<u32>,
    closed: Cell<bool>,
    /// What the tabs that follow were told last: the stream that counts, or why there is none.
    said: Cell<(Option<u32>, Option<Trouble>)>,
    /// The same of setting up: why it failed, as in [`Message::SetUp`].
    said_set_up: Held<String>,
    blamed: Blamed,
    shown: Cell<u64>,
    timer: Cell<u64>,
    /// Keeps the page's events coming.
    listener: Held<Option<Listener>>,
}

type Listener = Closure<dyn FnMut(JsValue)>;
/// Takes the reply to a question.
type Then = Box<dyn FnOnce(Result<(Rc<Access>, Reply), Failure>)>;

/// The events of the page that a desk listens to.
const PAGE_EVENTS: [&str; 2] = ["online", "focus"];

impl Desk {
    /// A desk by these options (`relay`, `assertion` or `sessionUrl`, `provider`, `phone`); begins at once. `tell`
    /// is told what happens; never from within a call of the desk's own functions that takes `&self` for looking.
    pub fn open(options: &JsValue, tell: Box<dyn Fn(News)>) -> Self {
        let inner = Rc::new(Inner {
            options: options.clone(),
            tell,
            session: Held::new(Session::new(Vec::new(), Vec::new())),
            access: Held::default(),
            streams: Held::default(),
            tabs: Held::default(),
            abouts: Held::default(),
            failure: Held::default(),
            signing_in: Held::default(),
            sign_in_turn: Cell::new(0),
            tries: Cell::new(0),
            closed: Cell::new(false),
            said: Cell::default(),
            said_set_up: Held::default(),
            blamed: Blamed::default(),
            shown: Cell::new(u64::MAX),
            timer: Cell::new(u64::MAX),
            listener: Held::default(),
        });
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

impl Inner {
    /// Has the session of the agent, then opens the desk.
    fn begin(self: &Rc<Self>) {
        let turn = self.tries.get().wrapping_add(1);
        self.tries.set(turn);
        // Shown as starting meanwhile; there is nothing to carry out yet.
        self.session.borrow_mut().handle(Event::Start, moment());
        self.after();
        let inner = self.clone();
        js::spawn(async move {
            let mut pause = FIRST_PAUSE;
            loop {
                let access = Access::new(&inner.options).await;
                if inner.closed.get() || inner.tries.get() != turn {
                    return;
                }
                match access {
                    Ok(access) => return inner.join(access),
                    Err(failure) => {
                        inner.failure.replace(Some(failure));
                        inner.tell(News::Changed);
                    }
                }
                time::sleep(pause / 2 + random::below(pause / 2)).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
                if inner.closed.get() || inner.tries.get() != turn {
                    return;
                }
            }
        });
    }

    /// Takes a place among the tabs.
    fn join(self: &Rc<Self>, access: Access) {
        self.failure.take();
        let phone: Option<PhoneNumber> =
            js::text(&self.options, "phone").and_then(|phone| phone.parse().ok());
        let platform = &access.desk;
        let session = Session::new(platform.capabilities(), platform.set_up(phone.as_ref()));
        let (hearing, leading) = (Rc::downgrade(self), Rc::downgrade(self));
        let tabs = Tabs::join(
            &access.name,
            move |message| {
                if let Some(inner) = hearing.upgrade() {
                    inner.heard_from_tab(message);
                }
            },
            move || {
                if let Some(inner) = leading.upgrade() {
                    inner.lead();
                }
            },
        );
        let alone = tabs.is_none();
        let session = if alone { session } else { session.following() };
        self.session.replace(session);
        #[cfg(feature = "direct")]
        if let Way::Direct(direct) = &access.way {
            let telling = Rc::downgrade(self);
            direct.on_change(Box::new(move |stored| {
                if let Some(inner) = telling.upgrade() {
                    inner.say(&Message::Tokens(stored.cloned()));
                }
            }));
        }
        self.access.replace(Some(Rc::new(access)));
        self.tabs.replace(tabs);
        if alone {
            self.lead_tokens();
        }
        self.handle(Event::Start);
    }

    /// This tab has the connection from now on.
    fn lead(self: &Rc<Self>) {
        if !self.closed.get() {
            self.lead_tokens();
            self.handle(Event::Lead);
        }
    }

    /// The token is this tab's to renew.
    fn lead_tokens(self: &Rc<Self>) {
        #[cfg(feature = "direct")]
        if let Some(Way::Direct(direct)) = self.access().as_deref().map(|access| &access.way) {
            direct.lead();
        }
        self.renew();
    }

    /// Renews the token in time, as long as this tab leads.
    fn renew(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        js::spawn(async move {
            let mut pause = FIRST_PAUSE;
            // Nothing is held while it sleeps: a desk that was closed is forgotten.
            while let Some(access) = weak.upgrade().and_then(|inner| inner.access()) {
                if !access.has_tokens() {
                    return;
                }
                let ends_at = access.ends_at();
                drop(access);
                let left = ends_at.map_or(pause, |at| at.saturating_sub(time::now()));
                let sleep = left
                    .saturating_sub(RENEW_BEFORE)
                    .clamp(pause, LONGEST_SLEEP);
                time::sleep(sleep).await;
                let Some(inner) = weak.upgrade() else {
                    return;
                };
                let Some(access) = inner.access() else {
                    return;
                };
                match access.token().await {
                    Ok(_) => {
                        pause = FIRST_PAUSE;
                        if access.renews_streams && ends_at.is_some() && access.ends_at() != ends_at
                        {
                            inner.handle(Event::Renewed);
                        }
                    }
                    // Told by whoever needs one now.
                    Err(_) => pause = (pause * 2).min(LONGEST_PAUSE),
                }
            }
        });
    }

    fn heard_from_tab(self: &Rc<Self>, message: Message) {
        let leads = self.session.borrow().role() == Role::Leader;
        match message {
            Message::Want { from, stream } if leads => {
                #[cfg(feature = "direct")]
                if let Some(Way::Direct(direct)) = self.access().as_deref().map(|one| &one.way) {
                    self.say(&Message::Tokens(direct.stored()));
                }
                self.tell_late_tab(from, stream);
            }
            #[cfg(feature = "direct")]
            Message::Tokens(stored) => {
                let Some(access) = self.access() else {
                    return;
                };
                let Way::Direct(direct) = &access.way else {
                    return;
                };
                let signed_out = stored.is_none() && direct.stored().is_some();
                direct.share(stored);
                match (leads, signed_out) {
                    // What the stream still tells is nobody's any more.
                    (true, true) => self.handle_all(vec![Event::Stop, Event::Start]),
                    (true, false) => {}
                    (false, _) => self.handle(Event::Renewed),
                }
            }
            #[cfg(feature = "direct")]
            Message::Refused if leads => {
                let Some(access) = self.access() else {
                    return;
                };
                access.refuse();
                js::spawn(async move {
                    // New ones are told to all tabs, and that there are none.
                    let _ = access.token().await;
                });
            }
            Message::Start if leads => self.handle_all(vec![Event::Start, Event::Online]),
            Message::Start => self.handle(Event::Start),
            Message::SetUp(why) => {
                let progress = match text::split(&why, b' ') {
                    None => Progress::Waiting,
                    Some((code, message)) => Progress::Failed(Because {
                        message: Some(message.to_owned()),
                        // A newer tab may say what this one does not know.
                        ..Because::code(Code::parse(code).unwrap_or(Code::ProviderRefused))
                    }),
                };
                self.handle(Event::SetUpThere(progress));
            }
            Message::SetUpAgain if leads => self.handle(Event::SetUp),
            Message::Heard { to, stream, pieces } if self.tab_id().is_some_and(|id| id == to) => {
                self.heard(stream, pieces);
            }
            Message::More(bytes) if !leads => self.more(&bytes),
            Message::Begun if !leads => self.begun(),
            Message::Ended(why) if !leads => self.ended(why),
            Message::Dialled { number, about } => {
                let mut abouts = self.abouts.borrow_mut();
                abouts.dialled(number, about, time::now());
            }
            Message::Blamed(fault) => self.blamed.heard(fault, time::now()),
            _ => {}
        }
    }

    /// Takes in what happened and carries out what is to be done.
    pub(super) fn handle(self: &Rc<Self>, event: Event) {
        self.handle_all(vec![event]);
    }

    /// The same for several. What each has changed is told before the next one changes it again: a call that has
    /// failed and is gone with the same piece of a stream has failed.
    pub(super) fn handle_all(self: &Rc<Self>, events: Vec<Event>) {
        for event in events {
            if self.closed.get() {
                return;
            }
            let is_step = self.is_step(&event);
            let effects = self.session.borrow_mut().handle(event, moment());
            self.carry_out(effects);
            if is_step {
                self.tell_changes();
            }
        }
        self.after();
    }

    /// Whether a call goes on to another state, or away: each of these steps is told. What else changes is told once
    /// for all of a piece, because telling takes longer than taking in.
    fn is_step(&self, event: &Event) -> bool {
        let Event::Piece {
            piece: Piece::Update(numbered),
            ..
        } = event
        else {
            return true;
        };
        match &numbered.update {
            Update::Patch(Patch::Call(call)) => {
                let session = self.session.borrow();
                let known = session.view().call(&call.id);
                known.is_none_or(|known| known.state != call.state)
            }
            Update::Patch(Patch::CallGone(_)) | Update::Snapshot(_) => true,
            _ => false,
        }
    }

    /// Takes in what a stream tells.
    pub(super) fn take_in(self: &Rc<Self>, stream: u32, pieces: Vec<Piece>) {
        let pieces = pieces.into_iter();
        self.handle_all(pieces.map(|piece| Event::Piece { stream, piece }).collect());
    }

    /// Takes in what another tab heard before.
    pub(super) fn replay(self: &Rc<Self>, stream: u32, pieces: Vec<(u64, Piece)>) {
        for (age, piece) in pieces {
            let effects = self
                .session
                .borrow_mut()
                .replay(stream, piece, age, moment());
            self.carry_out(effects);
        }
        self.after();
    }

    fn carry_out(self: &Rc<Self>, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Open { stream } => self.open(stream),
                Effect::Close { stream } => self.shut(stream),
                Effect::Token { turn } => js::spawn(fresh_token(self.clone(), turn)),
                Effect::Poll { turn } => js::spawn(poll(self.clone(), turn)),
                Effect::Send { id, command } => js::spawn(send(self.clone(), id, command)),
                Effect::Notify(notification) => self.tell(News::Notification(notification)),
                Effect::Fault { id, fault } => self.fault(id, fault),
            }
        }
    }

    /// Tells what went wrong, once among all tabs, where one of them knows the command.
    fn fault(self: &Rc<Self>, id: Option<u32>, fault: Fault) {
        let name = Blamed::name(&fault);
        if id.is_some() || !self.has_tabs() {
            self.say(&Message::Blamed(name));
            return self.tell(News::Fault { id, fault });
        }
        let inner = self.clone();
        js::spawn(async move {
            time::sleep(blame::WAIT_MS).await;
            if !inner.blamed.take(&name, time::now()) {
                inner.tell(News::Fault { id, fault });
            }
        });
    }

    /// Something may be another: tells the owner and the other tabs, and sets the timer.
    fn after(self: &Rc<Self>) {
        let session = self.session.borrow();
        let (stream, leads) = (session.stream(), session.role() == Role::Leader);
        let why = why_no_stream(session.standing());
        let set_up = match session.set_up() {
            Progress::Failed(because) => {
                let message = because.message.as_deref().unwrap_or_default();
                [because.code.as_str(), " ", message].concat()
            }
            _ => String::new(),
        };
        drop(session);
        if leads && self.said.replace((stream, why)) != (stream, why) {
            self.say(&match stream {
                Some(_) => Message::Begun,
                None => Message::Ended(why.unwrap_or(Trouble::Lost)),
            });
        }
        if leads && *self.said_set_up.borrow() != set_up {
            self.said_set_up.replace(set_up);
            self.say_set_up();
        }
        if stream.is_some() {
            self.failure.take();
        }
        self.wake();
        self.tell_changes();
    }

    /// Tells the other tabs how setting up goes.
    pub(super) fn say_set_up(&self) {
        self.say(&Message::SetUp(self.said_set_up.borrow().clone()));
    }

    /// Tells the owner, if anything is another since it was told last.
    fn tell_changes(&self) {
        let session = self.session.borrow();
        let revision = session.revision();
        if self.shown.replace(revision) == revision {
            return;
        }
        self.abouts.borrow_mut().review(session.view(), time::now());
        drop(session);
        self.tell(News::Changed);
    }

    /// Sets the timer for when the session next has to be looked at.
    fn wake(self: &Rc<Self>) {
        let now = time::now();
        let at = self.session.borrow().wake_at(now).unwrap_or(u64::MAX);
        // One that goes off earlier looks again.
        if at >= self.timer.get() {
            return;
        }
        self.timer.set(at);
        let inner = self.clone();
        js::spawn(async move {
            time::sleep(at.saturating_sub(now)).await;
            // Another one goes off earlier.
            if inner.timer.get() != at || inner.closed.get() {
                return;
            }
            inner.timer.set(u64::MAX);
            inner.handle(Event::Tick);
        });
    }

    pub(super) fn access(&self) -> Option<Rc<Access>> {
        self.access.borrow().clone()
    }

    pub(super) fn tell(&self, news: News) {
        if !self.closed.get() {
            (self.tell)(news);
        }
    }

    pub(super) fn say(&self, message: &Message) {
        if let Some(tabs) = &*self.tabs.borrow() {
            tabs.say(message);
        }
    }

    pub(super) fn has_tabs(&self) -> bool {
        self.tabs.borrow().is_some()
    }

    pub(super) fn tab_id(&self) -> Option<String> {
        Some(self.tabs.borrow().as_ref()?.id.clone())
    }

    #[cfg(feature = "direct")]
    fn role(&self) -> Role {
        self.session.borrow().role()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// There is no token: why, and what that means for the connection.
    pub(super) fn no_token(&self, failure: Failure) -> Trouble {
        if failure.is(Code::SignInNeeded) {
            return Trouble::SignInNeeded;
        }
        self.failure.replace(Some(failure));
        self.tell(News::Changed);
        Trouble::Lost
    }

    /// Asks the platform.
    fn ask(self: &Rc<Self>, build: Build, then: Then) {
        let inner = self.clone();
        js::spawn(async move {
            let Some(access) = inner.access() else {
                return then(Err(Failure::of(Code::RelayUnreachable)));
            };
            let answer = access.send(build, None).await.and_then(access::answer);
            if !inner.closed.get() {
                then(answer.map(|reply| (access, reply)));
            }
        });
    }

    fn listen(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let listener = Closure::new(move |event: JsValue| {
            let Some(inner) = weak.upgrade() else {
                return;
            };
            if js::text(&event, "type").as_deref() == Some("online") {
                inner.handle(Event::Online);
            } else {
                inner.look_for_sign_in();
                // Timers sleep with the machine.
                inner.handle(Event::Tick);
            }
        });
        self.page_events("addEventListener", &listener);
        self.listener.replace(Some(listener));
    }

    fn page_events(&self, method: &str, listener: &Listener) {
        for event in PAGE_EVENTS {
            // A global without events has no network that comes and goes.
            let _ = js::invoke(
                &js::global(),
                method,
                &[event.into(), listener.as_ref().clone()],
            );
        }
    }

    fn close(self: &Rc<Self>) {
        let effects = self.session.borrow_mut().handle(Event::Stop, moment());
        self.carry_out(effects);
        self.closed.set(true);
        // Nothing is said: the next tab in the queue takes over from what it has heard.
        let (tabs, access) = (self.tabs.take(), self.access.take());
        #[cfg(feature = "direct")]
        if let (Some(tabs), Some(access)) = (tabs, access) {
            super::direct::leave(tabs, access);
        }
        #[cfg(not(feature = "direct"))]
        drop((tabs, access));
        if let Some(listener) = self.listener.take() {
            self.page_events("removeEventListener", &listener);
        }
    }
}

/// Why there is no stream, where it is no passing matter.
pub(super) fn why_no_stream(standing: Standing) -> Option<Trouble> {
    match standing {
        Standing::Stopped(Stopped::Taken) => Some(Trouble::Taken),
        Standing::Stopped(Stopped::SignInNeeded) => Some(Trouble::SignInNeeded),
        Standing::Stopped(Stopped::NotAnAgent) => Some(Trouble::NotAnAgent),
        Standing::Polling => Some(Trouble::NoStream),
        _ => None,
    }
}

async fn fresh_token(inner: Rc<Inner>, turn: u32) {
    let Some(access) = inner.access() else {
        return;
    };
    access.refuse();
    #[cfg(feature = "direct")]
    if let (Way::Direct(_), Role::Follower) = (&access.way, inner.role()) {
        inner.say(&Message::Refused);
    }
    let event = match access.token().await {
        Ok(_) => Event::Token { turn },
        Err(failure) => Event::NoToken {
            turn,
            why: inner.no_token(failure),
        },
    };
    inner.handle(event);
}

async fn poll(inner: Rc<Inner>, turn: u32) {
    let Some(access) = inner.access() else {
        return;
    };
    let state = access.send(Box::new(|desk, token| Ok(desk.state(token))), None);
    let answer = match state.await {
        Ok(got) => access.desk.read_state(got.reply),
        Err(failure) => Err(inner.no_token(failure)),
    };
    inner.handle(Event::Polled { turn, answer });
}

/// Sends a command once, or not at all.
async fn send(inner: Rc<Inner>, id: u32, command: Command) {
    let Some(access) = inner.access() else {
        return;
    };
    let (asked, sent, sender) = (time::now(), command.clone(), inner.clone());
    let build = move |desk: &dyn Platform, token: &Secret| {
        let request = desk.send(&sent, token);
        let request = request.map_err(|error| Failure::of(error.code))?;
        // Whoever clicked has gone on: it would come as a surprise.
        let waited = time::now().saturating_sub(asked);
        // Of what the person did; setting up is the desk's own.
        let still = || {
            let session = sender.session.borrow();
            let asked = session.asked().find(|asked| asked.id == id);
            asked.is_none_or(|asked| session.still_allowed(&asked.action).is_ok())
        };
        if waited > SEND_WITHIN || (waited > AT_ONCE && !still()) {
            return Err(Failure::of(Code::Expired));
        }
        Ok(request)
    };
    let key = access.is_keyed().then(random::key);
    let (sent, reply) = match access.send(Box::new(build), key).await {
        Ok(got) => (access.desk.read_sent(got.reply.clone()), Some(got.reply)),
        Err(failure) => {
            let code = Code::parse(&failure.code()).unwrap_or(Code::RelayUnreachable);
            let sent = Sent {
                outcome: Outcome::Refused(Because::code(code)),
                trouble: None,
            };
            (sent, None)
        }
    };
    let accepted = sent.outcome == Outcome::Accepted;
    inner.handle(Event::Replied { id, sent });
    if let (true, Some(reply)) = (accepted, reply) {
        inner.told(&command, &reply);
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

fn moment() -> Moment {
    Moment {
        now: time::now(),
        // Below 2^32.
        chance: u32::try_from(random::below(1 << 32)).unwrap_or(0),
    }
}
