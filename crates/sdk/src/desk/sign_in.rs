//! The popup in which a person signs in at the platform.

use std::rc::Rc;

use patchcord_core::desk::allowed::{Standing, Stopped};
use patchcord_core::desk::session::Event;
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;

use super::access::{self, Access, Way};
use super::handle::News;
use super::tabs::Message;
use super::work::Inner;
use crate::failure::Failure;
#[cfg(feature = "direct")]
use crate::held::Held;
use crate::{js, time};

/// How often it is asked whether the person has signed in, in milliseconds.
const LOOK_MS: u64 = 1_000;
/// How many looks a popup that seems closed is given.
const CLOSED_LOOKS: u32 = 4;
/// The same where only the popup's own page can tell how it went: some platforms' pages cut the tie to their opener,
/// and then a popup seems closed from the first look on.
#[cfg(feature = "direct")]
const CLOSED_LOOKS_DIRECT: u32 = 180;
/// How long a person may take.
const PATIENCE_MS: u64 = 10 * 60_000;
/// The popup's name and size: a sign-in page's.
const POPUP: [&str; 2] = ["patchcord-sign-in", "popup,width=480,height=640"];

/// How signing in goes.
#[derive(Debug, Clone, Default)]
pub enum SigningIn {
    /// It was not begun.
    #[default]
    Idle,
    /// The popup is open.
    Waiting,
    /// It did not work.
    Failed(Failure),
}

impl Inner {
    /// Opens the popup. In a click: browsers refuse popups at other times.
    pub fn sign_in(self: &Rc<Self>) {
        let Some(access) = self.access() else {
            return;
        };
        let [name, features] = POPUP;
        let popup = js::invoke(
            &js::global(),
            "open",
            &["about:blank".into(), name.into(), features.into()],
        );
        let popup = popup.unwrap_or(JsValue::NULL);
        let turn = self.sign_in_turn.get().wrapping_add(1);
        self.sign_in_turn.set(turn);
        self.set_signing_in(SigningIn::Waiting);
        let inner = self.clone();
        js::spawn(async move {
            let outcome = if popup.is_object() {
                inner.through_popup(&access, &popup, turn).await
            } else {
                // Blocked.
                Err(Failure::of(Code::SignInFailed).saying("popup"))
            };
            if inner.sign_in_turn.get() != turn || inner.is_closed() {
                return;
            }
            let signing_in = match outcome {
                Ok(is_signed_in) => {
                    if is_signed_in {
                        inner.say(&Message::Start);
                        inner.handle(Event::Start);
                    }
                    SigningIn::Idle
                }
                Err(failure) => SigningIn::Failed(failure),
            };
            // Closed by the person, or by its last page.
            let _ = js::invoke(&popup, "close", &[]);
            inner.set_signing_in(signing_in);
        });
    }

    /// Whether the person has signed in; `false` where they closed the popup.
    async fn through_popup(
        self: &Rc<Self>,
        access: &Rc<Access>,
        popup: &JsValue,
        turn: u32,
    ) -> Result<bool, Failure> {
        match &access.way {
            Way::Relay(relay) => {
                show(popup, &access.sign_in_page(relay).await?);
                let look = async || self.is_signed_in().await.then_some(());
                let found = self.wait(popup, CLOSED_LOOKS, turn, look).await;
                Ok(found.is_some())
            }
            #[cfg(feature = "direct")]
            Way::Direct(direct) => {
                let attempt = direct.begin().await?;
                let mail = Mailbox::open(attempt.state());
                show(popup, &attempt.page);
                let look = async || mail.taken();
                let found = self.wait(popup, CLOSED_LOOKS_DIRECT, turn, look).await;
                let Some(query) = found else {
                    return Ok(false);
                };
                direct.finish(attempt, &query).await.map(|()| true)
            }
            #[cfg(feature = "direct")]
            Way::Trusted => Ok(true),
        }
    }

    /// The person does not want to any more.
    pub fn cancel_sign_in(&self) {
        self.sign_in_turn
            .set(self.sign_in_turn.get().wrapping_add(1));
        self.set_signing_in(SigningIn::Idle);
    }

    /// Looks until there is something, the popup is closed, or nobody waits any more.
    async fn wait<T>(
        self: &Rc<Self>,
        popup: &JsValue,
        closed_looks: u32,
        turn: u32,
        look: impl AsyncFn() -> Option<T>,
    ) -> Option<T> {
        let until = time::now() + PATIENCE_MS;
        // One that is closed may have done its work in that moment.
        let mut closed = 0;
        while time::now() < until && closed < closed_looks {
            time::sleep(LOOK_MS).await;
            if self.sign_in_turn.get() != turn || self.is_closed() {
                return None;
            }
            closed += u32::from(js::get(popup, "closed").is_truthy());
            let found = look().await;
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// The person is back in this window: perhaps they have signed in meanwhile.
    pub fn look_for_sign_in(self: &Rc<Self>) {
        let standing = self.session.borrow().standing();
        if standing == Standing::Stopped(Stopped::SignInNeeded) {
            let inner = self.clone();
            js::spawn(async move {
                if inner.is_signed_in().await {
                    inner.say(&Message::Start);
                    inner.handle(Event::Start);
                }
            });
        }
    }

    async fn is_signed_in(&self) -> bool {
        let Some(access) = self.access() else {
            return false;
        };
        let who = access.send(Box::new(|desk, token| Ok(desk.who(token))), None);
        let reply = who.await.and_then(access::answer);
        reply.is_ok_and(|reply| access.desk.read_who(reply).is_ok())
    }

    fn set_signing_in(&self, signing_in: SigningIn) {
        self.signing_in.replace(signing_in);
        self.tell(News::Changed);
    }
}

/// Shows a page in the popup. One that was closed at once shows nothing; waiting ends then.
fn show(popup: &JsValue, page: &str) {
    let _ = js::invoke(&js::get(popup, "location"), "replace", &[page.into()]);
}

/// Where the page that the platform sends the popup back to puts its query (`web/panel/patchcord-panel.js`).
#[cfg(feature = "direct")]
struct Mailbox {
    channel: JsValue,
    query: Rc<Held<Option<String>>>,
    listener: wasm_bindgen::prelude::Closure<dyn FnMut(JsValue)>,
}

#[cfg(feature = "direct")]
impl Mailbox {
    /// Takes the query that has `state`, and says so, so that the popup closes. Empty, and stays so, where the browser
    /// has no `BroadcastChannel`.
    fn open(state: Option<&str>) -> Self {
        use js_sys::{Array, Function};
        use wasm_bindgen::JsCast;

        let [name, _] = POPUP;
        let class = js::get(&js::global(), "BroadcastChannel").dyn_into::<Function>();
        let channel = class
            .and_then(|class| js_sys::Reflect::construct(&class, &Array::of1(&name.into())))
            .unwrap_or_default();
        let query: Rc<Held<Option<String>>> = Rc::default();
        let (put, answer, state) = (query.clone(), channel.clone(), state.map(str::to_owned));
        let listener = wasm_bindgen::prelude::Closure::new(move |event: JsValue| {
            let own = js::get(&js::get(&js::global(), "location"), "origin");
            // Every window can send a message; this origin's alone is meant.
            if js::get(&event, "origin") != own {
                return;
            }
            let told = js::text(&event, "data").unwrap_or_default();
            let find = |key| super::direct::find(&told, key);
            let came = find("state");
            // Somebody else's is left alone.
            if let (true, Some(key)) = (came == state, came.or_else(|| find("code"))) {
                // Throws only on a closed channel; this one is open.
                let taken = ["taken ", &key].concat();
                let _ = js::invoke(&answer, "postMessage", &[taken.into()]);
                put.replace(Some(told));
            }
        });
        if channel.is_object() {
            js::set(channel.unchecked_ref(), "onmessage", listener.as_ref());
        }
        // In a page that is framed by another site's the channel reaches nobody; the opener is reached.
        let heard = listener.as_ref().clone();
        let _ = js::invoke(
            &js::global(),
            "addEventListener",
            &["message".into(), heard],
        );
        Self {
            channel,
            query,
            listener,
        }
    }

    fn taken(&self) -> Option<String> {
        self.query.take()
    }
}

#[cfg(feature = "direct")]
impl Drop for Mailbox {
    fn drop(&mut self) {
        // Throws only where there is none.
        let _ = js::invoke(&self.channel, "close", &[]);
        let heard = self.listener.as_ref().clone();
        let _ = js::invoke(
            &js::global(),
            "removeEventListener",
            &["message".into(), heard],
        );
    }
}
