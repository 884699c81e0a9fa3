//! The popup in which a person signs in at the platform.

use std::rc::Rc;

use patchcord_core::desk::allowed::{Standing, Stopped};
use patchcord_core::desk::session::Event;
use wasm_bindgen::JsValue;

use super::access;
use super::client::{Inner, News};
use super::tabs::Message;
use super::wire;
use crate::failure::Failure;
use crate::{js, time};

/// How often it is asked whether the person has signed in, in milliseconds.
const LOOK_MS: u64 = 1_500;
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
            match access.sign_in_page().await {
                Ok(page) if popup.is_object() => {
                    let location = js::get(&popup, "location");
                    // A popup that was closed at once: waiting ends below.
                    let _ = js::invoke(&location, "replace", &[page.into()]);
                    inner.wait_for_sign_in(&popup, turn).await;
                }
                // A popup that is blocked: the page's address is of no use later, so it is said.
                Ok(_) => inner.set_signing_in(SigningIn::Failed(
                    Failure::of(patchcord_core::error::Code::SignInFailed).saying("popup"),
                )),
                Err(failure) => {
                    let _ = js::invoke(&popup, "close", &[]);
                    inner.set_signing_in(SigningIn::Failed(failure));
                }
            }
        });
    }

    /// The person does not want to any more.
    pub fn cancel_sign_in(&self) {
        self.sign_in_turn
            .set(self.sign_in_turn.get().wrapping_add(1));
        self.set_signing_in(SigningIn::Idle);
    }

    async fn wait_for_sign_in(self: &Rc<Self>, popup: &JsValue, turn: u32) {
        let until = time::now() + PATIENCE_MS;
        // Some platforms' pages cut the tie to their opener, which looks like a popup that was closed: so a closed
        // one is looked for a while longer.
        let mut closed = 0;
        while time::now() < until && closed < 3 {
            time::sleep(LOOK_MS).await;
            if self.sign_in_turn.get() != turn || self.is_closed() {
                return;
            }
            closed += u32::from(js::get(popup, "closed").is_truthy());
            if self.is_signed_in().await {
                self.set_signing_in(SigningIn::Idle);
                self.say(&Message::Start);
                return self.handle(Event::Start);
            }
        }
        if self.sign_in_turn.get() == turn {
            self.set_signing_in(SigningIn::Idle);
        }
    }

    /// The person is back in this window: perhaps they have signed in meanwhile.
    pub fn look_for_sign_in(self: &Rc<Self>) {
        let standing = self.session.borrow().standing();
        if standing == Standing::Stopped(Stopped::SignInNeeded) {
            let inner = self.clone();
            js::spawn(async move {
                if inner.is_signed_in().await {
                    inner.handle(Event::Start);
                }
            });
        }
    }

    async fn is_signed_in(&self) -> bool {
        let Some(access) = self.access() else {
            return false;
        };
        let Ok(token) = access.token().await else {
            return false;
        };
        let got = wire::send(access.desk.who(&token), None).await;
        access::answer(got, |reply| access.desk.read_who(reply)).is_ok()
    }

    fn set_signing_in(&self, signing_in: SigningIn) {
        self.signing_in.replace(signing_in);
        self.tell(News::Changed);
    }
}
