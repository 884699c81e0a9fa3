//! What a desk asks of its platform, and how it sends a command: once, or not at all.

use std::rc::Rc;

use patchcord_core::desk::action::Command;
#[cfg(feature = "direct")]
use patchcord_core::desk::session::Role;
use patchcord_core::desk::session::{Event, Sent};
use patchcord_core::error::Code;
use patchcord_core::http::Reply;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::desk::Desk as Platform;
use patchcord_core::secret::Secret;

use super::access::{self, Access, Build};
#[cfg(feature = "direct")]
use super::tabs::Message;
use super::work::Inner;
use crate::failure::Failure;
use crate::{js, random, time};

/// A command that could not be sent for so long is not sent any more, in milliseconds.
const SEND_WITHIN: u64 = 10_000;
/// What is sent within so many milliseconds is sent to what was clicked on; later that is looked at again.
const AT_ONCE: u64 = 500;

/// Takes the reply to a question.
pub(super) type Then = Box<dyn FnOnce(Result<(Rc<Access>, Reply), Failure>)>;

impl Inner {
    /// Asks the platform.
    pub(super) fn ask(self: &Rc<Self>, build: Build, then: Then) {
        let inner = self.clone();
        js::spawn(async move {
            let Some(access) = inner.access() else {
                return then(Err(Failure::of(Code::RelayUnreachable)));
            };
            let answer = access.send(build, None).await.and_then(access::answer);
            if !inner.is_closed() {
                then(answer.map(|reply| (access, reply)));
            }
        });
    }
}

/// Carries out [`patchcord_core::desk::session::Effect::Token`].
pub(super) async fn fresh_token(inner: Rc<Inner>, turn: u32) {
    let Some(access) = inner.access() else {
        return;
    };
    access.refuse();
    #[cfg(feature = "direct")]
    if access.direct().is_some() && inner.session.borrow().role() == Role::Follower {
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

/// Carries out [`patchcord_core::desk::session::Effect::Poll`].
pub(super) async fn poll(inner: Rc<Inner>, turn: u32) {
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

/// Carries out [`patchcord_core::desk::session::Effect::Send`]: sends a command once, or not at all.
pub(super) async fn send(inner: Rc<Inner>, id: u32, command: Command) {
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
