//! How a desk begins, takes its place among the tabs, keeps its token fresh, and ends.

use std::rc::Rc;

use patchcord_core::desk::session::{Event, Session};
use patchcord_core::number::PhoneNumber;
use wasm_bindgen::prelude::*;

use super::access::Access;
use super::handle::News;
#[cfg(feature = "direct")]
use super::tabs::Message;
use super::tabs::Tabs;
use super::work::{Inner, moment};
use crate::pause::Pause;
use crate::{js, time};

/// A token is renewed this long before it ends.
const RENEW_BEFORE: u64 = 60_000;
/// The longest that a timer is set for: a browser's own cannot wait for a month.
const LONGEST_SLEEP: u64 = 3_600_000;

/// Hears of the page's events.
pub(super) type Listener = Closure<dyn FnMut(JsValue)>;

/// The events of the page that a desk listens to.
const PAGE_EVENTS: [&str; 2] = ["online", "focus"];

impl Inner {
    /// Has the session of the agent, then opens the desk.
    pub(super) fn begin(self: &Rc<Self>) {
        let turn = self.tries.get().wrapping_add(1);
        self.tries.set(turn);
        // Shown as starting meanwhile; there is nothing to carry out yet.
        self.session.borrow_mut().handle(Event::Start, moment());
        self.after();
        let inner = self.clone();
        js::spawn(async move {
            let mut pause = Pause::first();
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
                time::sleep(pause.next()).await;
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
        if let Some(direct) = access.direct() {
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
        if let Some(direct) = self.access().as_deref().and_then(Access::direct) {
            direct.lead();
        }
        self.renew();
    }

    /// Renews the token in time, as long as this tab leads.
    fn renew(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        js::spawn(async move {
            let mut pause = Pause::first();
            // Nothing is held while it sleeps: a desk that was closed is forgotten.
            while let Some(access) = weak.upgrade().and_then(|inner| inner.access()) {
                if !access.has_tokens() {
                    return;
                }
                let ends_at = access.ends_at();
                drop(access);
                let shortest = pause.milliseconds();
                let left = ends_at.map_or(shortest, |at| at.saturating_sub(time::now()));
                let sleep = left
                    .saturating_sub(RENEW_BEFORE)
                    .clamp(shortest, LONGEST_SLEEP);
                time::sleep(sleep).await;
                let Some(inner) = weak.upgrade() else {
                    return;
                };
                let Some(access) = inner.access() else {
                    return;
                };
                match access.token().await {
                    Ok(_) => {
                        pause = Pause::first();
                        if access.renews_streams && ends_at.is_some() && access.ends_at() != ends_at
                        {
                            inner.handle(Event::Renewed);
                        }
                    }
                    // Told by whoever needs one now.
                    Err(_) => pause.grow(),
                }
            }
        });
    }

    pub(super) fn listen(self: &Rc<Self>) {
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

    pub(super) fn close(self: &Rc<Self>) {
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
