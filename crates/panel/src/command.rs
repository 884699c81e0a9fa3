//! What a control sends to the platform.

use patchcord_core::desk::action::{Action, Party, Switch};
use patchcord_core::desk::view::{Private, View};
use patchcord_core::number::Dialable;

use crate::act::What;

/// By how many seconds the time for notes is made longer.
pub const EXTEND_SECONDS: u16 = 30;

/// The action of a control; `value` is what stands in it or is typed. `None` where it sends nothing, or where what
/// it is about is not there any more.
pub fn action(what: What, on: &str, value: &str, view: &View) -> Option<Action> {
    let id = || on.to_owned();
    let name = || value.to_owned();
    Some(match what {
        What::Answer => Action::Answer {
            call: id(),
            sdp: None,
        },
        What::HangUp => Action::HangUp { call: id() },
        What::Hold | What::Unhold => Action::Hold {
            call: id(),
            to: (what == What::Hold).into(),
        },
        What::Mute | What::Unmute => Action::Mute {
            call: id(),
            to: (what == What::Mute).into(),
        },
        What::Digit => Action::SendDigits {
            call: id(),
            digits: value.parse().ok()?,
        },
        What::Record => Action::StartRecording { call: id() },
        What::Unrecord => Action::StopRecording { call: id() },
        What::Flag | What::Unflag => Action::FlagRecording {
            call: id(),
            to: (what == What::Flag).into(),
        },
        What::Tag => {
            let mut tags = view.call(on)?.recording_tags.clone();
            match tags.iter().position(|tag| tag == value) {
                Some(place) => drop(tags.remove(place)),
                None => tags.push(name()),
            }
            Action::TagRecording { call: id(), tags }
        }
        What::StartConference => Action::StartConference { hold: Switch::Off },
        What::HoldMember | What::UnholdMember => Action::HoldMember {
            member: id(),
            to: (what == What::HoldMember).into(),
        },
        What::MuteMember | What::UnmuteMember => Action::MuteMember {
            member: id(),
            to: (what == What::MuteMember).into(),
        },
        What::Kick => Action::KickMember { member: id() },
        What::HandOver => {
            let conference = view.conference()?;
            let member = conference.member(on)?;
            let to = if member.agent.is_empty() {
                Party::Number(member.number.parse().ok()?)
            } else {
                Party::Agent(member.agent.clone())
            };
            let mine = conference.members.iter().find(|one| conference.is_me(one));
            let call = mine.and_then(|mine| view.call(&mine.call));
            let call = call.or_else(|| view.live_calls().next())?.id.clone();
            Action::TransferWarm { call, to }
        }
        What::Leave => Action::LeaveConference,
        What::End => Action::EndConference,
        What::Presence => Action::SetPresence { name: name() },
        What::DisplayAs => Action::SetDisplayAs {
            number: Private::new(value),
        },
        What::SetNumber => Action::SetNumber(value.parse::<Dialable>().ok()?.number),
        What::ResetLine => Action::ResetLine,
        What::Extend => Action::ExtendWrapUp {
            seconds: EXTEND_SECONDS,
        },
        What::Finish => Action::CancelWrapUp,
        _ => return None,
    })
}
