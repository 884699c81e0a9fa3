//! What was asked for and has not shown yet, and what became of it.
//!
//! Nothing is flipped here: a command is done when the view shows it. An error arrives on the stream, perhaps
//! long after the command was taken, and is tied to the command that it is about.

use std::sync::Arc;

use super::action::{Action, Kind, Party, Switch};
use super::fault::Fault;
use super::view::View;
use crate::call::CallState;
use crate::error::Code;
use crate::outcome::{Because, Outcome};

/// A reply that has not come after so many milliseconds will not come.
const REPLY_MS: u64 = 30_000;
/// What the view does not show so many milliseconds after the platform took it counts as not seen …
const PATIENCE_MS: u64 = 12_000;
/// … a transfer, whose target has to answer first, after so many.
const TRANSFER_PATIENCE_MS: u64 = 90_000;
/// What is over is kept so many milliseconds, in case an error comes late.
const KEEP_MS: u64 = 120_000;
/// The most that are kept.
const MAX: usize = 64;

/// One command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its number.
    pub id: u32,
    /// What was asked for.
    pub action: Arc<Action>,
    /// What became of it.
    pub progress: Progress,
    /// When it was asked for, then when that became of it.
    at: u64,
    /// For a call that is placed: the calls that were there before.
    before: Vec<String>,
}

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It is on its way.
    Sent,
    /// The platform took it; the view does not show it yet.
    Taken,
    /// The view shows it, or there is nothing to show and the platform took it.
    Done,
    /// The platform took it and the view does not show it: perhaps it did nothing.
    NotSeen,
    /// The platform refused it, or it is proven that it did not arrive.
    Refused(Because),
    /// Nobody knows whether it arrived. It is not sent again.
    Unknown(Because),
    /// The platform took it and then told what went wrong.
    Failed(Fault),
}

impl Asked {
    /// Whether something may still become of it.
    pub fn is_open(&self) -> bool {
        matches!(self.progress, Progress::Sent | Progress::Taken)
    }

    /// Whether a person has to be told.
    pub fn is_bad(&self) -> bool {
        matches!(
            self.progress,
            Progress::NotSeen | Progress::Refused(_) | Progress::Unknown(_) | Progress::Failed(_)
        )
    }

    fn becomes(&mut self, progress: Progress, now: u64) {
        self.progress = progress;
        self.at = now;
    }

    fn ends_at(&self) -> Option<u64> {
        let patience = match (&self.progress, self.action.kind()) {
            (Progress::Sent, _) => REPLY_MS,
            (Progress::Taken, Kind::TransferBlind | Kind::TransferWarm) => TRANSFER_PATIENCE_MS,
            (Progress::Taken, _) => PATIENCE_MS,
            (Progress::Done, _) => KEEP_MS,
            _ => return None,
        };
        Some(self.at.saturating_add(patience))
    }
}

/// The commands of one desk, the oldest first.
#[derive(Debug, Clone, Default)]
pub struct Commands {
    all: Vec<Asked>,
}

impl Commands {
    /// Everything that is kept.
    pub fn all(&self) -> impl Iterator<Item = &Asked> {
        self.all.iter()
    }

    /// Whether the same is asked for already. Digits may follow each other.
    pub fn is_asked(&self, action: &Action) -> bool {
        let (kind, subject) = (action.kind(), action.subject());
        kind != Kind::SendDigits
            && self.all.iter().any(|asked| {
                asked.is_open() && asked.action.kind() == kind && asked.action.subject() == subject
            })
    }

    /// Takes up a command that is sent now.
    pub fn begin(&mut self, id: u32, action: Arc<Action>, view: &View, now: u64) {
        if self.all.len() >= MAX {
            self.all.remove(0);
        }
        let before = match *action {
            Action::PlaceCall(_) => view.calls.iter().map(|call| call.id.clone()).collect(),
            _ => Vec::new(),
        };
        self.all.push(Asked {
            id,
            action,
            progress: Progress::Sent,
            at: now,
            before,
        });
    }

    /// What became of sending it.
    pub fn replied(&mut self, id: u32, outcome: Outcome, view: &View, now: u64) {
        let Some(asked) = self.all.iter_mut().find(|asked| asked.id == id) else {
            return;
        };
        // A fault, or the view, was quicker.
        if asked.progress != Progress::Sent {
            return;
        }
        let progress = match outcome {
            Outcome::Accepted if shows(asked, view) == Some(false) => Progress::Taken,
            Outcome::Accepted => Progress::Done,
            Outcome::Refused(because) => Progress::Refused(because),
            Outcome::Unknown(because) => Progress::Unknown(because),
        };
        asked.becomes(progress, now);
    }

    /// The view has changed.
    pub fn review(&mut self, view: &View, now: u64) {
        for asked in &mut self.all {
            let waits = match asked.progress {
                Progress::Sent | Progress::Taken | Progress::NotSeen | Progress::Unknown(_) => true,
                Progress::Done | Progress::Refused(_) | Progress::Failed(_) => false,
            };
            if waits && shows(asked, view) == Some(true) {
                asked.becomes(Progress::Done, now);
            }
        }
    }

    /// Ties a fault to the command that it is about, and gives its number. `None` where there is none: it is a
    /// warning, or about another window's command.
    ///
    /// The platform names the call and, by its code, the kind of command; never the command itself (inferred).
    /// What is still open is blamed first, the oldest of it; else the newest of what looked done.
    pub fn blame(&mut self, fault: &Fault, now: u64) -> Option<u32> {
        let mut fitting: Vec<&mut Asked> = self
            .all
            .iter_mut()
            .filter(|asked| !matches!(asked.progress, Progress::Refused(_) | Progress::Failed(_)))
            .filter(|asked| fits(asked, fault))
            .collect();
        let open = fitting.iter().filter(|asked| asked.is_open()).count();
        let place = match fitting.iter().position(|asked| asked.is_open()) {
            // Neither kind nor call is told: only a single open command can be meant.
            _ if fault.kinds.is_empty() && fault.call.is_none() && open != 1 => return None,
            Some(place) => place,
            None => fitting.len().checked_sub(1)?,
        };
        let asked = fitting.get_mut(place)?;
        asked.becomes(Progress::Failed(fault.clone()), now);
        Some(asked.id)
    }

    /// Time has passed.
    pub fn tick(&mut self, now: u64) {
        for asked in &mut self.all {
            if asked.is_open() && asked.ends_at().is_some_and(|end| now >= end) {
                let progress = match asked.progress {
                    Progress::Sent => Progress::Unknown(Because::code(Code::NoReply)),
                    _ => Progress::NotSeen,
                };
                asked.becomes(progress, now);
            }
        }
        self.all
            .retain(|asked| asked.ends_at().is_none_or(|end| now < end));
    }

    /// When [`Commands::tick`] has something to do.
    pub fn wake_at(&self) -> Option<u64> {
        self.all.iter().filter_map(Asked::ends_at).min()
    }

    /// Forgets a command that a person was told about.
    pub fn dismiss(&mut self, id: u32) {
        self.all.retain(|asked| asked.id != id || asked.is_open());
    }
}

fn fits(asked: &Asked, fault: &Fault) -> bool {
    let kind = asked.action.kind();
    let same_kind = fault.kinds.is_empty() || fault.kinds.contains(&kind);
    let same_call = match (&fault.call, asked.action.call()) {
        (Some(about), Some(call)) => about == call,
        // What names no call is about the one that there is; the code has to say that it can be meant.
        (Some(_), None) => !fault.kinds.is_empty(),
        (None, _) => true,
    };
    same_kind && same_call
}
/// Whether the view shows what was asked for; `None` where no view can show it.
fn shows(asked: &Asked, view: &View) -> Option<bool> {
    let agent = &view.agent;
    let call = |id: &str| view.call(id).filter(|call| call.state != CallState::Ended);
    // A call that is gone is no reason to wait any longer.
    let on_call = |id: &str, shown: fn(&crate::desk::view::Call, bool) -> bool, to: Switch| {
        Some(call(id).is_none_or(|call| shown(call, to.is_on())))
    };
    let member = |id: &str| view.conference()?.member(id).filter(|one| !one.is_gone());
    match &*asked.action {
        Action::PlaceCall(request) => {
            Some(view.calls.iter().any(|call| {
                *call.to == *request.number.as_e164() && !asked.before.contains(&call.id)
            }))
        }
        Action::Answer { call: id, .. } => {
            Some(call(id).is_none_or(|call| call.state != CallState::Ringing))
        }
        Action::HangUp { call: id }
        | Action::TransferBlind { call: id, .. }
        | Action::TransferWarm { call: id, .. } => Some(call(id).is_none()),
        Action::Hold { call, to } => on_call(call, |call, on| call.held == on, *to),
        Action::Mute { call, to } => on_call(call, |call, on| call.muted == on, *to),
        Action::StartRecording { call } => {
            on_call(call, |call, on| call.recording == on, Switch::On)
        }
        Action::StopRecording { call } => {
            on_call(call, |call, on| call.recording == on, Switch::Off)
        }
        Action::FlagRecording { call, to } => {
            on_call(call, |call, on| call.recording_flagged == on, *to)
        }
        Action::TagRecording { call: id, tags } => {
            Some(call(id).is_none_or(|call| call.recording_tags == *tags))
        }
        Action::StartConference { .. } => Some(view.conference().is_some()),
        Action::AddMember { who, .. } => {
            let mut members = view.conference().into_iter().flat_map(|one| &one.members);
            Some(members.any(|member| {
                !member.is_gone()
                    && match who {
                        Party::Agent(id) => member.agent == *id,
                        Party::Number(number) => *member.number == *number.as_e164(),
                    }
            }))
        }
        Action::HoldMember { member: id, to } => {
            Some(member(id).is_none_or(|member| member.held == to.is_on()))
        }
        Action::KickMember { member: id } => Some(member(id).is_none()),
        Action::LeaveConference => Some(view.conference().is_none_or(|conference| {
            let mut members = conference.members.iter();
            !members.any(|member| conference.is_me(member) && !member.is_gone())
        })),
        Action::EndConference => Some(view.conference().is_none()),
        Action::SetPresence { name } => Some(agent.presence == *name),
        Action::SetDisplayAs { number } => Some(agent.display_as == *number),
        Action::SetNumber(number) => Some(*agent.number == *number.as_e164()),
        Action::SetBrowserPhone(to) => Some(agent.browser_phone == to.is_on()),
        Action::ResetLine => Some(!agent.line_blocked),
        Action::CancelWrapUp => Some(!view.wrap_up.active),
        Action::SendDigits { .. }
        | Action::MuteMember { .. }
        | Action::ExtendWrapUp { .. }
        | Action::SendText { .. }
        | Action::OpenConversation { .. }
        | Action::ReadConversation { .. }
        | Action::JoinCampaign { .. }
        | Action::LeaveCampaign
        | Action::PauseCampaign(_)
        | Action::DisposeCall { .. }
        | Action::EndCampaignCall => None,
    }
}
