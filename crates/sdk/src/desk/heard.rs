//! What a tab does about what another one says.

use std::rc::Rc;

use patchcord_core::desk::session::{Event, Role};
use patchcord_core::desk::set_up::Progress;
use patchcord_core::error::Code;
use patchcord_core::outcome::Because;
use patchcord_core::text;

#[cfg(feature = "direct")]
use super::access::Access;
use super::tabs::Message;
use super::work::Inner;
#[cfg(feature = "direct")]
use crate::js;
use crate::time;

impl Inner {
    /// Another tab says something.
    pub(super) fn heard_from_tab(self: &Rc<Self>, message: Message) {
        let leads = self.session.borrow().role() == Role::Leader;
        match message {
            Message::Want { from, stream } if leads => {
                #[cfg(feature = "direct")]
                if let Some(direct) = self.access().as_deref().and_then(Access::direct) {
                    self.say(&Message::Tokens(direct.stored()));
                }
                self.tell_late_tab(from, stream);
            }
            #[cfg(feature = "direct")]
            Message::Tokens(stored) => {
                let Some(access) = self.access() else {
                    return;
                };
                let Some(direct) = access.direct() else {
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
}
