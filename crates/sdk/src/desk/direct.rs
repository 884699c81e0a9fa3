//! Without a relay: an agent who signs in at the platform themselves (authorization code with PKCE, or single
//! sign-on), and Samespace behind `trusted`.
//!
//! The agent's tokens are in the memory of the page's tabs and nowhere else. The tab that leads renews them, so that
//! a token that can be used once is used once; it gives them to the tabs that follow.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use patchcord_core::error::Code;
use patchcord_core::provider;
use patchcord_core::provider::desk::SignIn;
use patchcord_core::provider::samespace::{Samespace, SamespaceDesk};
use patchcord_core::secret::Secret;
use patchcord_core::token::{Next, Replied, Stored, Tokens};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::access::{self, Access, Way};
use super::tabs::{Message, Tabs};
use super::wire;
use crate::failure::Failure;
use crate::held::Held;
use crate::{js, random, time};

/// Who is told of the newest tokens.
pub type Changed = Box<dyn Fn(Option<&Stored>)>;

/// The tokens of one agent at one platform.
pub struct Direct {
    platform: Box<dyn SignIn>,
    origin: String,
    /// Where the platform's page sends the popup back to.
    redirect_uri: String,
    /// For single sign-on: the tenant.
    tenant: Option<String>,
    /// The newest tokens; the same in all tabs.
    stored: Held<Option<Stored>>,
    /// What renews them; in the tab that leads.
    tokens: Held<Option<Tokens>>,
    /// What everybody waits for while a token is asked for.
    asking: Held<Option<Promise>>,
    leads: Cell<bool>,
    /// Told of new tokens, and that there are none any more.
    changed: Held<Option<Changed>>,
}

/// One attempt to sign in.
pub struct Attempt {
    /// The platform's page.
    pub page: String,
    verifier: Secret,
    state: Option<String>,
}

impl Attempt {
    /// What comes back with the code, and tells this attempt from others. A platform's single sign-on may have none;
    /// its codes are of no use without the tenant's own check.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}

/// The way by the options `direct` (an origin), `provider`, and `tenant`, `redirectUri` or `account`, `agent`.
///
/// # Errors
/// What is missing or wrong.
pub fn access(origin: &str, options: &JsValue) -> Result<Access, Failure> {
    let wrong =
        |error: patchcord_core::error::Error| Failure::of(error.code).saying(&error.message);
    let name = js::text(options, "provider").unwrap_or_default();
    if let Ok(platform) = provider::sign_in(&name, origin) {
        let location = js::get(&js::global(), "location");
        let here = ["origin", "pathname"].map(|key| js::text(&location, key).unwrap_or_default());
        return Ok(Access {
            desk: provider::desk(&name, origin).map_err(wrong)?,
            name: [
                "patchcord direct ",
                origin,
                " ",
                &name,
                " ",
                &js::text(options, "tenant").unwrap_or_default(),
            ]
            .concat(),
            renews_streams: true,
            way: Way::Direct(Box::new(Direct {
                platform,
                origin: origin.to_owned(),
                redirect_uri: js::text(options, "redirectUri").unwrap_or_else(|| here.concat()),
                tenant: js::text(options, "tenant"),
                stored: Held::default(),
                tokens: Held::default(),
                asking: Held::default(),
                leads: Cell::new(false),
                changed: Held::default(),
            })),
        });
    }
    // Its requests carry no credential: whoever reaches it can ring an agent.
    if !js::get(options, "trusted").is_truthy() {
        return Err(Failure::about("trusted", Code::MissingAttribute));
    }
    let text = |key| js::text(options, key).unwrap_or_default();
    let account = Samespace::at(origin, &text("account")).map_err(wrong)?;
    let agent = text("agent");
    Ok(Access {
        desk: Box::new(SamespaceDesk::new(account, &agent).map_err(wrong)?),
        name: ["patchcord", "trusted", origin, &agent].join(" "),
        renews_streams: false,
        way: Way::Trusted,
    })
}

impl Direct {
    /// Tells `changed` of new tokens (`None`: there are none any more), for the other tabs.
    pub fn on_change(&self, changed: Changed) {
        self.changed.replace(Some(changed));
    }

    /// This tab renews the tokens from now on.
    pub fn lead(&self) {
        self.leads.set(true);
    }

    /// The tokens of all tabs.
    pub fn stored(&self) -> Option<Stored> {
        self.stored.borrow().clone()
    }

    /// Another tab has new tokens, or none.
    pub fn share(&self, stored: Option<Stored>) {
        self.tokens.take();
        self.stored.replace(stored);
    }

    /// Until when the access token holds.
    pub fn ends_at(&self) -> Option<u64> {
        Some(self.stored.borrow().as_ref()?.expires_at)
    }

    /// The access token was refused.
    pub fn refuse(&self) {
        let Some(mut stored) = self.stored() else {
            return;
        };
        if let Some(tokens) = &mut *self.tokens.borrow_mut() {
            tokens.rejected(&stored.access);
        }
        stored.expires_at = 0;
        self.stored.replace(Some(stored));
    }

    /// A token that holds.
    ///
    /// # Errors
    /// `sign_in_needed`, or why the platform gives none for the time being.
    pub async fn token(&self) -> Result<Secret, Failure> {
        let needed = || Failure::of(Code::SignInNeeded);
        if !self.leads.get() {
            let stored = self.stored().ok_or_else(needed)?;
            return if time::now() < stored.expires_at {
                Ok(stored.access)
            } else {
                // The tab that leads is at it.
                Err(Failure::of(Code::ProviderUnreachable))
            };
        }
        loop {
            let next = {
                let mut tokens = self.tokens.borrow_mut();
                if tokens.is_none() {
                    *tokens = self.stored().map(|stored| self.resume(stored));
                }
                tokens.as_mut().map(|tokens| tokens.next(time::now()))
            };
            match next.ok_or_else(needed)? {
                Next::Use(token) => return Ok(token),
                Next::Send(request) => self.ask(request).await,
                Next::Wait => {
                    let asking = self.asking.borrow().clone();
                    if let Some(asking) = asking {
                        // Settled when there is an answer; what it was is asked in the next round.
                        let _ = JsFuture::from(asking).await;
                    }
                }
                Next::RetryAt(_, because) => {
                    return Err(access::failure(patchcord_core::outcome::Outcome::Refused(
                        because,
                    )));
                }
                Next::SignInNeeded(_) => {
                    self.forget();
                    return Err(needed());
                }
            }
        }
    }

    /// What is waited for while a token is asked for.
    pub fn asking(&self) -> Option<Promise> {
        self.asking.borrow().clone()
    }

    async fn ask(&self, request: patchcord_core::http::Request) {
        let mut done = None;
        let asking =
            Promise::new(&mut |resolve, _| done = Some(resolve.unchecked_into::<Function>()));
        self.asking.replace(Some(asking));
        // A token that can be used once is not spent on a network that is only waking up.
        let reply = if wire::is_there(&self.origin).await {
            // From here on it is nobody else's to use: a tab that takes over now wants a person instead.
            self.announce_without_refresh();
            wire::send(request, None).await.reply
        } else {
            Err(patchcord_core::http::Failure::NotSent(String::new()))
        };
        let mut tokens = self.tokens.borrow_mut();
        let replied = tokens
            .as_mut()
            .map(|tokens| tokens.replied(time::now(), reply));
        if replied == Some(Replied::Done) {
            // What is left: perhaps the token that was not sent.
            self.announce();
        }
        if let Some(Replied::Store(stored)) = replied {
            self.keep(stored);
            if let Some(tokens) = tokens.as_mut() {
                tokens.stored();
            }
        }
        drop(tokens);
        self.asking.take();
        if let Some(done) = done {
            // It only settles the promise.
            let _ = js::call(&done, &JsValue::UNDEFINED, &[]);
        }
    }

    /// The grant is used up: only the refresh token counts.
    fn resume(&self, stored: Stored) -> Tokens {
        let config = self
            .platform
            .sign_in(Secret::default(), "", Secret::default());
        Tokens::resume(config, stored)
    }

    fn keep(&self, stored: Stored) {
        self.stored.replace(Some(stored));
        self.announce();
    }

    fn forget(&self) {
        self.tokens.take();
        self.stored.take();
        self.announce();
    }

    fn announce(&self) {
        let stored = self.stored();
        if let Some(changed) = &*self.changed.borrow() {
            changed(stored.as_ref());
        }
    }

    fn announce_without_refresh(&self) {
        if let (Some(stored), Some(changed)) = (self.stored(), &*self.changed.borrow()) {
            changed(Some(&Stored {
                refresh: None,
                ..stored
            }));
        }
    }

    /// Begins to sign in.
    ///
    /// # Errors
    /// The platform does not answer, or this browser has no source of randomness.
    pub async fn begin(&self) -> Result<Attempt, Failure> {
        let secret = || random::secret().ok_or_else(|| Failure::of(Code::SignInFailed));
        let (verifier, state) = (Secret::new(secret()?), secret()?);
        match &self.tenant {
            None => Ok(Attempt {
                page: self
                    .platform
                    .sign_in_page(&self.redirect_uri, &verifier, &state),
                verifier,
                state: Some(state),
            }),
            Some(tenant) => {
                let request = self.platform.sso(tenant, Some(&self.redirect_uri));
                let got = wire::send(request, None).await;
                let page = self
                    .platform
                    .read_sso(access::answer(got)?)
                    .map_err(access::failure)?;
                // The platform's own.
                let query = page.split_once('?').map(|(_, query)| query);
                let state = query.and_then(|query| find(query, "state"));
                Ok(Attempt {
                    page,
                    verifier,
                    state,
                })
            }
        }
    }

    /// The popup came back with `query`, which has this attempt's state: exchanges its code, once.
    ///
    /// # Errors
    /// `sign_in_failed`, with the platform's word.
    pub async fn finish(&self, attempt: Attempt, query: &str) -> Result<(), Failure> {
        let failed = |why: &str| Failure::of(Code::SignInFailed).saying(why);
        if let Some(error) = find(query, "error") {
            return Err(failed(&error));
        }
        let code = find(query, "code").ok_or_else(|| failed(""))?;
        let stored = match &self.tenant {
            None => {
                let config =
                    self.platform
                        .sign_in(Secret::new(code), &self.redirect_uri, attempt.verifier);
                let mut tokens = Tokens::new(config);
                let Next::Send(request) = tokens.next(time::now()) else {
                    return Err(failed(""));
                };
                let got = wire::send(request, None).await;
                match tokens.replied(time::now(), got.reply) {
                    Replied::Store(stored) => stored,
                    Replied::Done => return Err(failed("")),
                }
            }
            Some(tenant) => {
                let request = self.platform.sso_token(tenant, &Secret::new(code));
                let got = wire::send(request, None).await;
                let tokens = self
                    .platform
                    .read_sso_token(access::answer(got)?, time::now())
                    .map_err(access::failure)?;
                tokens.current().cloned().ok_or_else(|| failed(""))?
            }
        };
        self.tokens.take();
        self.keep(stored);
        Ok(())
    }

    /// Revokes the tokens and forgets them; forgotten they are in any case.
    pub async fn sign_out(&self) {
        let stored = self.stored();
        self.forget();
        for request in stored
            .iter()
            .flat_map(|stored| self.platform.sign_out(stored))
        {
            // In their order: the last one uses what the first ones do not revoke.
            wire::send(request, None).await;
        }
    }
}

/// A tab leaves the others. A token that is being used must not be used by the next tab too: that one waits, and is
/// told what became of it.
pub fn leave(tabs: Tabs, access: Rc<Access>) {
    let Some((direct, asking)) = access
        .direct()
        .and_then(|direct| Some((direct, direct.asking()?)))
    else {
        return;
    };
    let tabs = Rc::new(tabs);
    let telling = tabs.clone();
    direct.on_change(Box::new(move |stored| {
        telling.say(&Message::Tokens(stored.cloned()));
    }));
    js::spawn(async move {
        // It is only ever resolved.
        let _ = JsFuture::from(asking).await;
        if let Some(direct) = access.direct() {
            direct.on_change(Box::new(|_| {}));
        }
        drop(tabs);
    });
}

/// A value of a query, decoded.
pub fn find(query: &str, key: &str) -> Option<String> {
    let class: Function = js::get(&js::global(), "URLSearchParams").dyn_into().ok()?;
    let query = js_sys::Reflect::construct(&class, &Array::of1(&query.into())).ok()?;
    js::invoke(&query, "get", &[key.into()]).ok()?.as_string()
}
