//! Several tabs of one agent: one has the connection (it holds a Web Lock), the others follow it (over a
//! `BroadcastChannel`). When the leader is gone, the browser gives its lock to the next tab in the queue.
//!
//! Without Web Locks (an intranet page over plain HTTP) each tab is alone and leads.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Uint8Array};
use patchcord_core::desk::fault::Trouble;
#[cfg(feature = "direct")]
use patchcord_core::{secret::Secret, token::Stored};
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use super::about::About;
use crate::held::Held;
use crate::{js, random};

/// What tabs tell each other.
pub enum Message {
    /// A follower wants to hear what the leader heard, from the first byte on.
    Want {
        /// Who.
        from: String,
        /// Its own number for the stream.
        stream: u32,
    },
    /// That, for one follower.
    Heard {
        /// For whom.
        to: String,
        /// Its own number for the stream.
        stream: u32,
        /// When each piece came, in milliseconds since the epoch, and the piece.
        pieces: Vec<(u64, Vec<u8>)>,
    },
    /// The leader hears more.
    More(Vec<u8>),
    /// The leader has another stream from now on.
    Begun,
    /// The leader has none any more.
    Ended(Trouble),
    /// A person wants the connection tried again now.
    Start,
    /// How setting up goes in the tab that leads: why it failed, by its code, a space and the platform's words; empty
    /// if it did not.
    SetUp(String),
    /// A person wants the desk set up again.
    SetUpAgain,
    /// Something is dialled: the number, and what travels.
    Dialled {
        /// E.164.
        number: String,
        /// What travels.
        about: About,
    },
    /// A fault, by its name, is about a command of this tab.
    Blamed(String),
    /// The agent's own tokens, or that there are none any more.
    #[cfg(feature = "direct")]
    Tokens(Option<Stored>),
    /// The access token was refused; the tab that leads gets another one.
    #[cfg(feature = "direct")]
    Refused,
}

thread_local! {
    /// What ends the locks of this module.
    static HELD: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
}

/// Lets other tabs lead: for a module that is dying, whose own desks can do nothing any more.
pub fn let_go() {
    for release in HELD.take() {
        // It only settles a promise.
        let _ = js::call(&release, &JsValue::UNDEFINED, &[]);
    }
}

/// This tab among the others.
pub struct Tabs {
    /// This tab's name.
    pub id: String,
    channel: JsValue,
    queue: AbortController,
    /// Ends the lock.
    release: Rc<Held<Option<Function>>>,
    _listener: Closure<dyn FnMut(JsValue)>,
}

impl Tabs {
    /// Joins the tabs called `name`: `hear` is told what others say, `lead` when this tab has the connection.
    /// `None` where the browser has no Web Locks.
    pub fn join(
        name: &str,
        hear: impl Fn(Message) + 'static,
        lead: impl Fn() + 'static,
    ) -> Option<Self> {
        let locks = js::get(&js::get(&js::global(), "navigator"), "locks");
        let request = js::get(&locks, "request");
        let class: Function = js::get(&js::global(), "BroadcastChannel").dyn_into().ok()?;
        if !request.is_function() {
            return None;
        }
        let channel = js_sys::Reflect::construct(&class, &Array::of1(&name.into())).ok()?;
        let queue = AbortController::new().ok()?;
        let listener = Closure::new(move |event: JsValue| {
            if let Some(message) = Message::read(&js::get(&event, "data")) {
                hear(message);
            }
        });
        let ours = channel.unchecked_ref::<Object>();
        js::set(ours, "onmessage", listener.as_ref());

        let release: Rc<Held<Option<Function>>> = Rc::default();
        let held = release.clone();
        let lead = Rc::new(lead);
        let alone = lead.clone();
        let granted = Closure::once_into_js(move |_lock: JsValue| {
            // The lock is held until this promise is settled.
            let until = Promise::new(&mut |resolve, _| {
                let resolve: Function = resolve.unchecked_into();
                HELD.with_borrow_mut(|all| all.push(resolve.clone()));
                held.replace(Some(resolve));
            });
            lead();
            until
        });
        let options = Object::new();
        js::set(&options, "signal", &queue.signal());
        let asked = js::call(&request, &locks, &[name.into(), options.into(), granted]);
        let left = queue.signal();
        js::spawn(async move {
            // Rejected when this tab leaves the queue; else where a page may hold no locks: then it is alone.
            if js::settled(asked).await.is_err() && !left.aborted() {
                alone();
            }
        });
        Some(Self {
            id: random::key(),
            channel,
            queue,
            release,
            _listener: listener,
        })
    }

    /// Tells the other tabs.
    pub fn say(&self, message: &Message) {
        // Throws only when the channel is closed: then nobody listens.
        let _ = js::invoke(&self.channel, "postMessage", &[message.write().into()]);
    }
}

impl Drop for Tabs {
    fn drop(&mut self) {
        self.queue.abort();
        if let Some(release) = self.release.take() {
            HELD.with_borrow_mut(|all| all.retain(|held| *held != release));
            // It only settles a promise.
            let _ = js::call(&release, &JsValue::UNDEFINED, &[]);
        }
        js::set(self.channel.unchecked_ref(), "onmessage", &JsValue::NULL);
        let _ = js::invoke(&self.channel, "close", &[]);
    }
}

impl Message {
    fn write(&self) -> Object {
        let object = Object::new();
        let set = |key: &str, value: JsValue| js::set(&object, key, &value);
        match self {
            Message::Want { from, stream } => {
                set("kind", "want".into());
                set("from", from.into());
                set("stream", (*stream).into());
            }
            Message::Heard { to, stream, pieces } => {
                set("kind", "heard".into());
                set("to", to.into());
                set("stream", (*stream).into());
                let list = Array::new();
                for (at, piece) in pieces {
                    // Exact up to the year 287396.
                    #[allow(clippy::cast_precision_loss)]
                    let at = JsValue::from_f64(*at as f64);
                    list.push(&Array::of2(&at, &Uint8Array::from(&**piece)));
                }
                set("pieces", list.into());
            }
            Message::More(piece) => {
                set("kind", "more".into());
                set("piece", Uint8Array::from(&**piece).into());
            }
            Message::Begun => set("kind", "begun".into()),
            Message::Ended(why) => {
                set("kind", "ended".into());
                set("why", word(*why).into());
            }
            Message::Start => set("kind", "start".into()),
            Message::SetUp(why) => {
                set("kind", "setup".into());
                set("why", why.into());
            }
            Message::SetUpAgain => set("kind", "again".into()),
            Message::Dialled { number, about } => {
                set("kind", "dialled".into());
                set("number", number.into());
                set("about", about.write());
            }
            Message::Blamed(fault) => {
                set("kind", "blamed".into());
                set("fault", fault.into());
            }
            #[cfg(feature = "direct")]
            Message::Refused => set("kind", "refused".into()),
            #[cfg(feature = "direct")]
            Message::Tokens(stored) => {
                set("kind", "tokens".into());
                if let Some(stored) = stored {
                    set("access", stored.access.expose().into());
                    // Exact up to the year 287396.
                    #[allow(clippy::cast_precision_loss)]
                    set("until", JsValue::from_f64(stored.expires_at as f64));
                    let refresh = stored.refresh.as_ref().map(Secret::expose);
                    js::set_text(&object, "refresh", refresh);
                }
            }
        }
        object
    }

    /// `None` for what a newer version says.
    fn read(object: &JsValue) -> Option<Self> {
        let text = |key| js::text(object, key);
        // Whole, and written by `write`.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let stream = || Some(js::get(object, "stream").as_f64()? as u32);
        Some(match &*text("kind")? {
            "want" => Message::Want {
                from: text("from")?,
                stream: stream()?,
            },
            "heard" => Message::Heard {
                to: text("to")?,
                stream: stream()?,
                pieces: js::list(&js::get(object, "pieces"))
                    .iter()
                    .filter_map(|pair| {
                        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                        let at = js::get(pair, "0").as_f64()? as u64;
                        Some((at, Uint8Array::new(&js::get(pair, "1")).to_vec()))
                    })
                    .collect(),
            },
            "more" => Message::More(Uint8Array::new(&js::get(object, "piece")).to_vec()),
            "begun" => Message::Begun,
            "ended" => Message::Ended(trouble(&text("why")?)),
            "start" => Message::Start,
            "setup" => Message::SetUp(text("why").unwrap_or_default()),
            "again" => Message::SetUpAgain,
            "dialled" => Message::Dialled {
                number: text("number")?,
                about: About::read(&js::get(object, "about")),
            },
            "blamed" => Message::Blamed(text("fault")?),
            #[cfg(feature = "direct")]
            "refused" => Message::Refused,
            #[cfg(feature = "direct")]
            "tokens" => Message::Tokens(text("access").map(|access| Stored {
                access: Secret::new(access),
                // Whole, and written by `write`.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                expires_at: js::get(object, "until").as_f64().unwrap_or_default() as u64,
                refresh: text("refresh").map(Secret::new),
            })),
            _ => return None,
        })
    }
}

fn word(why: Trouble) -> &'static str {
    match why {
        Trouble::Taken => "taken",
        Trouble::SignInNeeded => "sign_in_needed",
        Trouble::NotAnAgent => "not_an_agent",
        Trouble::NoStream => "no_stream",
        Trouble::Lost | Trouble::Garbled | Trouble::Unauthenticated => "lost",
    }
}

fn trouble(word: &str) -> Trouble {
    match word {
        "taken" => Trouble::Taken,
        "sign_in_needed" => Trouble::SignInNeeded,
        "not_an_agent" => Trouble::NotAnAgent,
        "no_stream" => Trouble::NoStream,
        _ => Trouble::Lost,
    }
}
