//! One button at work: carries out what [`patchcord_core::click`] decides.

use std::cell::Cell;
use std::rc::Rc;

use patchcord_core::click::{
    Before, Click, Effect, Event, Obstacle, Phase, Reason, Reply, Verdict,
};
use patchcord_core::error::Code;
use wasm_bindgen::JsValue;

use crate::answer::Told;
use crate::failure::Failure;
use crate::fetch::{self, Reach, Request};
use crate::held::Held;
use crate::kept::{Kept, Sent};
use crate::relay::{Credential, Pass, Relay};
use crate::{js, network, time};

/// What a click sends: written down when it is clicked, sent as it is, also when it is sent again.
pub struct Order {
    /// Where to.
    pub relay: Relay,
    /// `/v1/calls` or `/v1/callbacks`.
    pub path: &'static str,
    /// The JSON body.
    pub body: String,
    /// The idempotency key.
    pub key: String,
    /// When it was clicked, in milliseconds since the epoch.
    pub at: u64,
    /// Gives what goes with the body, `(key) => promise` of members in JSON: the proof of work, the answer of a captcha;
    /// `undefined` where neither is asked for.
    pub proof: JsValue,
    /// Where the request is kept while it is not answered, for whoever sends the same one again under the same key.
    /// Whoever takes the answer forgets it.
    pub kept: Option<Kept>,
}

/// How a click is getting on.
#[derive(Debug, Clone)]
pub enum Progress {
    /// Kept: network or session are not there yet. It can be called off.
    Waiting,
    /// Sent.
    Working,
    /// Accepted: the call or callback, as the relay told it.
    Accepted(JsValue),
    /// Refused, with the call or callback if there is one.
    Refused(Failure, JsValue),
    /// It may have been carried out.
    Unknown(Failure, JsValue),
}

/// A button. Dropping it does not stop a request that is on its way.
pub struct Button(Rc<Inner>);

struct Inner {
    click: Held<Click>,
    order: Held<Option<Rc<Order>>>,
    /// What the newest request was sent with.
    pass: Held<Option<Pass>>,
    /// The proof of work of this click, if there is one.
    proof: Held<JsValue>,
    /// Why not, and the object, from the newest reply.
    failure: Held<Failure>,
    object: Held<JsValue>,
    shown: Cell<Phase>,
    wakes: Cell<u32>,
    tell: Box<dyn Fn(Progress)>,
}

impl Button {
    /// A button that tells `tell` how it is getting on.
    pub fn new(tell: Box<dyn Fn(Progress)>) -> Self {
        Self(Rc::new(Inner {
            click: Held::default(),
            order: Held::default(),
            pass: Held::default(),
            proof: Held::default(),
            failure: Held::default(),
            object: Held::default(),
            shown: Cell::new(Phase::Idle),
            wakes: Cell::new(0),
            tell,
        }))
    }

    /// Whether a press would do nothing: a click is at work, or one was accepted a moment ago.
    pub fn is_busy(&self) -> bool {
        self.0.click.borrow().is_busy(time::now())
    }

    /// Takes a click. Does nothing while [`Button::is_busy`].
    pub fn press(&self, order: Order) {
        if self.is_busy() {
            return;
        }
        let (key, at) = (order.key.clone(), order.at);
        let before = if order.was_sent() {
            Before::Perhaps
        } else {
            Before::Nothing
        };
        self.0.order.replace(Some(Rc::new(order)));
        self.0.failure.take();
        self.0.object.take();
        self.0.proof.take();
        self.0.shown.set(Phase::Idle);
        step(&self.0, Event::Pressed { key, at, before });
    }

    /// Calls off a click that is still kept; does nothing once it was sent.
    pub fn cancel(&self) {
        step(&self.0, Event::Cancelled);
    }
}

impl Order {
    /// Whether it is kept as one that was sent and not answered.
    fn was_sent(&self) -> bool {
        let sent = self.kept.as_ref().and_then(Kept::sent);
        sent.is_some_and(|sent| sent.key == self.key)
    }
}

fn step(inner: &Rc<Inner>, event: Event) {
    let mut next = Some(event);
    while let Some(event) = next {
        let effect = inner.click.borrow_mut().handle(event, time::now());
        next = effect.and_then(|effect| carry_out(inner, effect));
    }
    wake(inner);
    let phase = inner.click.borrow().phase();
    if inner.shown.replace(phase) != phase {
        inner.show(phase);
    }
}

/// Carries out one effect; gives the answer at once where nothing has to be waited for.
fn carry_out(inner: &Rc<Inner>, effect: Effect) -> Option<Event> {
    let order = inner.order.borrow().clone()?;
    let credential = &order.relay.credential;
    match effect {
        Effect::Renew { turn } => {
            if let Credential::Visitor(_) = credential {
                // A key cannot be had anew: the relay's no stands.
                return Some(Event::NotPrepared {
                    turn,
                    obstacle: Obstacle::Refused,
                });
            }
            if let Some(refused) = inner.pass.take() {
                credential.forget(&refused);
            }
            js::spawn(prepare(inner.clone(), order, turn));
            None
        }
        Effect::Prepare { turn } => {
            let is_ready = order.proof.is_undefined() && credential.at_hand().is_some();
            if is_ready && network::is_online() {
                return Some(Event::Prepared { turn });
            }
            js::spawn(prepare(inner.clone(), order, turn));
            None
        }
        Effect::Send { turn, key } => {
            // The session ended in this very moment: nothing is sent, the click gets a new one.
            let Some(pass) = credential.at_hand() else {
                return Some(Event::Replied {
                    turn,
                    reply: Reply::Unauthorized,
                });
            };
            let headers = pass.headers();
            inner.pass.replace(Some(pass));
            js::set_text(&headers, "Idempotency-Key", Some(&key));
            let proof = inner.proof.borrow().as_string().map(|proof| {
                // The body is an object with members, and so is what goes with it.
                let rest = order.body.strip_suffix('}').unwrap_or_default();
                [rest, ",", &proof, "}"].concat()
            });
            let body = proof.as_ref().unwrap_or(&order.body);
            if let Some(kept) = &order.kept
                && !order.was_sent()
            {
                kept.put(&Sent::written(&key, body, order.at));
            }
            let reply = fetch::send(Request {
                method: "POST",
                url: &[&order.relay.origin, order.path].concat(),
                headers,
                body: Some(body),
                reach: Reach::Relay,
                signal: JsValue::UNDEFINED,
            });
            js::spawn(replied(inner.clone(), reply, turn));
            None
        }
        Effect::Settle(_) => None,
    }
}

async fn prepare(inner: Rc<Inner>, order: Rc<Order>, turn: u32) {
    network::online().await;
    // Nobody waits any more: do not ask the page for an assertion.
    if !inner.click.borrow().awaits(turn) {
        return;
    }
    let event = match inner.get_ready(&order).await {
        Ok(()) => Event::Prepared { turn },
        Err(failure) => {
            let is_lost = failure.is(Code::RelayUnreachable);
            inner.failure.replace(failure);
            let obstacle = if is_lost {
                Obstacle::Lost
            } else {
                Obstacle::Refused
            };
            Event::NotPrepared { turn, obstacle }
        }
    };
    step(&inner, event);
}

async fn replied(inner: Rc<Inner>, reply: fetch::Pending<fetch::Reply>, turn: u32) {
    let path = inner.order.borrow().as_ref().map(|order| order.path);
    let told = Told::read(reply.await, path.unwrap_or_default());
    if inner.click.borrow().awaits(turn) {
        inner.failure.replace(told.failure);
        inner.object.replace(told.object);
        step(
            &inner,
            Event::Replied {
                turn,
                reply: told.reply,
            },
        );
    }
}

/// Sets the timer for when the click next has to be looked at.
fn wake(inner: &Rc<Inner>) {
    let Some(at) = inner.click.borrow().wake_at() else {
        return;
    };
    let number = inner.wakes.get().wrapping_add(1);
    inner.wakes.set(number);
    let inner = inner.clone();
    js::spawn(async move {
        time::sleep(at.saturating_sub(time::now())).await;
        if inner.wakes.get() == number {
            step(&inner, Event::Tick);
        }
    });
}

impl Inner {
    async fn get_ready(&self, order: &Order) -> Result<(), Failure> {
        order.relay.credential.get().await?;
        if !order.proof.is_undefined() {
            let key = JsValue::from_str(&order.key);
            let proof = js::settled(js::call(&order.proof, &JsValue::UNDEFINED, &[key])).await;
            self.proof.replace(proof.map_err(|problem| {
                Failure::read(&problem).unwrap_or_else(|| Failure::of(Code::RelayUnreachable))
            })?);
        }
        Ok(())
    }

    fn show(&self, phase: Phase) {
        let failure = |reason| match reason {
            Reason::Reply => self.failure.take(),
            // One by one, so that only these codes are in the module.
            Reason::Found(Code::Expired) => Failure::of(Code::Expired),
            Reason::Found(Code::Cancelled) => Failure::of(Code::Cancelled),
            Reason::Found(Code::RelayUnreachable) => Failure::of(Code::RelayUnreachable),
            Reason::Found(_) => Failure::of(Code::NoReply),
        };
        (self.tell)(match phase {
            Phase::Idle => return,
            Phase::Waiting => Progress::Waiting,
            Phase::Working => Progress::Working,
            Phase::Settled(Verdict::Accepted) => Progress::Accepted(self.object.take()),
            Phase::Settled(Verdict::Refused(reason)) => {
                Progress::Refused(failure(reason), self.object.take())
            }
            Phase::Settled(Verdict::Unknown(reason)) => {
                Progress::Unknown(failure(reason), self.object.take())
            }
        });
    }
}
