//! One desk at work: takes in what happens, carries out what is decided about it, and tells who looks.

use std::cell::Cell;
use std::rc::Rc;

use patchcord_core::desk::fault::{Fault, Trouble};
use patchcord_core::desk::link::Moment;
use patchcord_core::desk::session::{Effect, Event, Piece, Role, Session};
use patchcord_core::desk::set_up::Progress;
use patchcord_core::desk::state::{Patch, Update};
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;

use super::about::Abouts;
use super::access::Access;
use super::blame::{self, Blamed};
use super::handle::News;
use super::life::Listener;
use super::requests;
use super::sign_in::SigningIn;
use super::stream::{Open, why_no_stream};
use super::tabs::{Message, Tabs};
use crate::failure::Failure;
use crate::held::Held;
use crate::{js, random, time};

/// What there is of a desk once. What it does stands here and, by what it is about, in the other files of this folder.
pub struct Inner {
    pub(super) options: JsValue,
    tell: Box<dyn Fn(News)>,
    pub(super) session: Held<Session>,
    pub(super) access: Held<Option<Rc<Access>>>,
    pub(super) streams: Held<Vec<Open>>,
    pub(super) tabs: Held<Option<Tabs>>,
    pub(super) abouts: Held<Abouts>,
    /// Why there is no desk, or no token.
    pub(super) failure: Held<Option<Failure>>,
    pub(super) signing_in: Held<SigningIn>,
    pub(super) sign_in_turn: Cell<u32>,
    /// Counts tries to begin: a newer one replaces an older.
    pub(super) tries: Cell<u32>,
    pub(super) closed: Cell<bool>,
    /// What the tabs that follow were told last: the stream that counts, or why there is none.
    said: Cell<(Option<u32>, Option<Trouble>)>,
    /// The same of setting up: why it failed, as in [`Message::SetUp`].
    said_set_up: Held<String>,
    pub(super) blamed: Blamed,
    shown: Cell<u64>,
    timer: Cell<u64>,
    /// Keeps the page's events coming.
    pub(super) listener: Held<Option<Listener>>,
}

impl Inner {
    /// One that has not begun.
    pub(super) fn new(options: &JsValue, tell: Box<dyn Fn(News)>) -> Self {
        Self {
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

    pub(super) fn carry_out(self: &Rc<Self>, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Open { stream } => self.open(stream),
                Effect::Close { stream } => self.shut(stream),
                Effect::Token { turn } => js::spawn(requests::fresh_token(self.clone(), turn)),
                Effect::Poll { turn } => js::spawn(requests::poll(self.clone(), turn)),
                Effect::Send { id, command } => {
                    js::spawn(requests::send(self.clone(), id, command))
                }
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
    pub(super) fn after(self: &Rc<Self>) {
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
}

/// This moment, and some chance for what is decided in it.
pub(super) fn moment() -> Moment {
    Moment {
        now: time::now(),
        // Below 2^32.
        chance: u32::try_from(random::below(1 << 32)).unwrap_or(0),
    }
}
