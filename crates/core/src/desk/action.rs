//! Everything a person can do at a desk.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::view::Private;
use super::words::words;
use crate::call::CallRequest;
use crate::capability::Capability;
use crate::error::{Code, Error};
use crate::number::PhoneNumber;
use crate::payload::Payload;

/// What a desk sends to its platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// What a person did.
    Act(Arc<Action>),
    /// Says that the desk is there, and asks for what the account has switched on. A part of setting up.
    Announce,
    /// The answer to the platform's question whether the desk is still there.
    Pong(u64),
}

impl From<Action> for Command {
    fn from(action: Action) -> Self {
        Command::Act(Arc::new(action))
    }
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Switch {
    /// Whether it is on.
    pub const fn is_on(self) -> bool {
        matches!(self, Switch::On)
    }
}

impl From<bool> for Switch {
    fn from(on: bool) -> Self {
        if on { Switch::On } else { Switch::Off }
    }
}

/// Somebody to talk with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    /// A number.
    Number(PhoneNumber),
    /// An agent of the account, by the platform's id.
    Agent(String),
}

/// Where a call is transferred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Somebody.
    Party(Party),
    /// An application of the platform (a queue, a menu), by its id.
    Application(String),
}

/// The most digits that may wait to be played in one call (the platform's limit).
pub const MAX_DIGITS: usize = 64;

/// Digits to play into a call: `0`–`9`, `*`, `#` and `A`–`D`, at most [`MAX_DIGITS`]. They may be a PIN, so
/// `Debug` shows their number only.
#[derive(Clone, PartialEq, Eq)]
pub struct Digits(String);

impl Digits {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Digits {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = |byte| matches!(byte, b'0'..=b'9' | b'*' | b'#' | b'A'..=b'D');
        if (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(known) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::of(
                Code::InvalidField,
                "digits",
                "Digits are 1 to 64 of 0–9, *, # and A–D.",
            ))
        }
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digits({})", self.0.len())
    }
}

/// What a person does. `call`, `member` and other ids are the platform's, as they stand in the
/// [`View`](super::view::View).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Dials.
    PlaceCall(Box<CallRequest>),
    /// Answers a call that rings.
    Answer {
        /// Which.
        call: String,
        /// The answer of a phone in the browser (SDP); `None` where the agent's own phone rings.
        sdp: Option<Private>,
    },
    /// Ends a call, or turns it away.
    HangUp {
        /// Which.
        call: String,
    },
    /// Makes the other party wait, or takes the call back.
    Hold {
        /// Which.
        call: String,
        /// On is waiting.
        to: Switch,
    },
    /// Keeps the agent from being heard.
    Mute {
        /// Which.
        call: String,
        /// On is not heard.
        to: Switch,
    },
    /// Plays digits.
    SendDigits {
        /// Into which call.
        call: String,
        /// Which digits.
        digits: Digits,
    },
    /// Hands a call over without asking first.
    TransferBlind {
        /// Which.
        call: String,
        /// To whom.
        to: Target,
    },
    /// Hands a call over to somebody who was asked: who is in the conference with it.
    TransferWarm {
        /// Which.
        call: String,
        /// To whom.
        to: Party,
    },
    /// Makes the call a conference.
    StartConference {
        /// On: the other party waits while somebody is called.
        hold: Switch,
    },
    /// Calls somebody into the conference; makes the call one where there is none, and then the other party
    /// waits.
    AddMember {
        /// Whom.
        who: Party,
        /// On: the others wait until they are there.
        hold_others: Switch,
    },
    /// Makes a member of the conference wait.
    HoldMember {
        /// Whom.
        member: String,
        /// On is waiting.
        to: Switch,
    },
    /// Keeps a member of the conference from being heard.
    MuteMember {
        /// Whom.
        member: String,
        /// On is not heard.
        to: Switch,
    },
    /// Removes a member of the conference.
    KickMember {
        /// Whom.
        member: String,
    },
    /// Leaves the conference; the others go on.
    LeaveConference,
    /// Ends the conference for everybody.
    EndConference,
    /// Begins to record.
    StartRecording {
        /// Which call.
        call: String,
    },
    /// Stops recording.
    StopRecording {
        /// Which call.
        call: String,
    },
    /// Flags the recording, or takes the flag away.
    FlagRecording {
        /// Of which call.
        call: String,
        /// On is flagged. The platform has only a toggle, so it is sent only where the flag is another.
        to: Switch,
    },
    /// Replaces the recording's tags.
    TagRecording {
        /// Of which call.
        call: String,
        /// All of them.
        tags: Vec<String>,
    },
    /// Chooses a presence.
    SetPresence {
        /// Its name.
        name: String,
    },
    /// Chooses the number that called parties see.
    SetDisplayAs {
        /// As the platform lists it.
        number: Private,
    },
    /// Says which phone calls are connected to.
    SetNumber(PhoneNumber),
    /// Turns a phone in the browser on or off. Turning it off is a part of setting up; turning it on is for
    /// later.
    SetBrowserPhone(Switch),
    /// Lets calls through again that the platform has stopped.
    ResetLine,
    /// Makes the time for notes longer.
    ExtendWrapUp {
        /// By so many seconds.
        seconds: u16,
    },
    /// Ends the time for notes.
    CancelWrapUp,
    /// Sends a text message. For later.
    SendText {
        /// To whom.
        to: PhoneNumber,
        /// From which of the agent's numbers, as the platform lists them; the default for `None`.
        from: Option<Private>,
        /// What.
        text: Private,
        /// What travels with it.
        payload: Payload,
    },
    /// Opens or settles a conversation. For later.
    OpenConversation {
        /// Which.
        conversation: String,
        /// On is open.
        to: Switch,
    },
    /// Says that a conversation was read. For later.
    ReadConversation {
        /// Which.
        conversation: String,
    },
    /// Enters a campaign. For later.
    JoinCampaign {
        /// Which.
        campaign: String,
        /// On: with a break at once.
        paused: Switch,
    },
    /// Leaves the campaign. For later.
    LeaveCampaign,
    /// Takes a break from the campaign, or ends it. For later.
    PauseCampaign(Switch),
    /// Says what came of a campaign's call. For later.
    DisposeCall {
        /// The platform's word.
        code: String,
        /// When to call again, as `YYYY-MM-DDTHH:mmZZ`, where the code is the one for that.
        callback: Option<String>,
    },
    /// Ends a campaign's call. For later.
    EndCampaignCall,
}

words! {
    /// The kinds of [`Action`].
    Kind {
        /// [`Action::PlaceCall`]
        PlaceCall = "place_call",
        /// [`Action::Answer`]
        Answer = "answer",
        /// [`Action::HangUp`]
        HangUp = "hang_up",
        /// [`Action::Hold`]
        Hold = "hold",
        /// [`Action::Mute`]
        Mute = "mute",
        /// [`Action::SendDigits`]
        SendDigits = "send_digits",
        /// [`Action::TransferBlind`]
        TransferBlind = "transfer_blind",
        /// [`Action::TransferWarm`]
        TransferWarm = "transfer_warm",
        /// [`Action::StartConference`]
        StartConference = "start_conference",
        /// [`Action::AddMember`]
        AddMember = "add_member",
        /// [`Action::HoldMember`]
        HoldMember = "hold_member",
        /// [`Action::MuteMember`]
        MuteMember = "mute_member",
        /// [`Action::KickMember`]
        KickMember = "kick_member",
        /// [`Action::LeaveConference`]
        LeaveConference = "leave_conference",
        /// [`Action::EndConference`]
        EndConference = "end_conference",
        /// [`Action::StartRecording`]
        StartRecording = "start_recording",
        /// [`Action::StopRecording`]
        StopRecording = "stop_recording",
        /// [`Action::FlagRecording`]
        FlagRecording = "flag_recording",
        /// [`Action::TagRecording`]
        TagRecording = "tag_recording",
        /// [`Action::SetPresence`]
        SetPresence = "set_presence",
        /// [`Action::SetDisplayAs`]
        SetDisplayAs = "set_display_as",
        /// [`Action::SetNumber`]
        SetNumber = "set_number",
        /// [`Action::SetBrowserPhone`]
        SetBrowserPhone = "set_browser_phone",
        /// [`Action::ResetLine`]
        ResetLine = "reset_line",
        /// [`Action::ExtendWrapUp`]
        ExtendWrapUp = "extend_wrap_up",
        /// [`Action::CancelWrapUp`]
        CancelWrapUp = "cancel_wrap_up",
        /// [`Action::SendText`]
        SendText = "send_text",
        /// [`Action::OpenConversation`]
        OpenConversation = "open_conversation",
        /// [`Action::ReadConversation`]
        ReadConversation = "read_conversation",
        /// [`Action::JoinCampaign`]
        JoinCampaign = "join_campaign",
        /// [`Action::LeaveCampaign`]
        LeaveCampaign = "leave_campaign",
        /// [`Action::PauseCampaign`]
        PauseCampaign = "pause_campaign",
        /// [`Action::DisposeCall`]
        DisposeCall = "dispose_call",
        /// [`Action::EndCampaignCall`]
        EndCampaignCall = "end_campaign_call",
    }
}

impl Kind {
    /// What a platform has to be able to do for it.
    pub const fn capability(self) -> Capability {
        match self {
            Kind::PlaceCall => Capability::Dial,
            Kind::Answer => Capability::Answer,
            Kind::HangUp => Capability::Hangup,
            Kind::Hold => Capability::Hold,
            Kind::Mute => Capability::Mute,
            Kind::SendDigits => Capability::Dtmf,
            Kind::TransferBlind => Capability::TransferBlind,
            Kind::TransferWarm => Capability::TransferWarm,
            Kind::StartConference
            | Kind::AddMember
            | Kind::HoldMember
            | Kind::MuteMember
            | Kind::KickMember
            | Kind::LeaveConference
            | Kind::EndConference => Capability::Conference,
            Kind::StartRecording
            | Kind::StopRecording
            | Kind::FlagRecording
            | Kind::TagRecording => Capability::Record,
            Kind::SetPresence | Kind::SetNumber | Kind::ResetLine => Capability::Presence,
            Kind::SetDisplayAs => Capability::CallerId,
            Kind::SetBrowserPhone => Capability::Media,
            Kind::ExtendWrapUp | Kind::CancelWrapUp => Capability::WrapUp,
            Kind::SendText | Kind::OpenConversation | Kind::ReadConversation => Capability::Sms,
            Kind::JoinCampaign
            | Kind::LeaveCampaign
            | Kind::PauseCampaign
            | Kind::DisposeCall
            | Kind::EndCampaignCall => Capability::Campaign,
        }
    }
}

impl Action {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Action::PlaceCall(_) => Kind::PlaceCall,
            Action::Answer { .. } => Kind::Answer,
            Action::HangUp { .. } => Kind::HangUp,
            Action::Hold { .. } => Kind::Hold,
            Action::Mute { .. } => Kind::Mute,
            Action::SendDigits { .. } => Kind::SendDigits,
            Action::TransferBlind { .. } => Kind::TransferBlind,
            Action::TransferWarm { .. } => Kind::TransferWarm,
            Action::StartConference { .. } => Kind::StartConference,
            Action::AddMember { .. } => Kind::AddMember,
            Action::HoldMember { .. } => Kind::HoldMember,
            Action::MuteMember { .. } => Kind::MuteMember,
            Action::KickMember { .. } => Kind::KickMember,
            Action::LeaveConference => Kind::LeaveConference,
            Action::EndConference => Kind::EndConference,
            Action::StartRecording { .. } => Kind::StartRecording,
            Action::StopRecording { .. } => Kind::StopRecording,
            Action::FlagRecording { .. } => Kind::FlagRecording,
            Action::TagRecording { .. } => Kind::TagRecording,
            Action::SetPresence { .. } => Kind::SetPresence,
            Action::SetDisplayAs { .. } => Kind::SetDisplayAs,
            Action::SetNumber(_) => Kind::SetNumber,
            Action::SetBrowserPhone(_) => Kind::SetBrowserPhone,
            Action::ResetLine => Kind::ResetLine,
            Action::ExtendWrapUp { .. } => Kind::ExtendWrapUp,
            Action::CancelWrapUp => Kind::CancelWrapUp,
            Action::SendText { .. } => Kind::SendText,
            Action::OpenConversation { .. } => Kind::OpenConversation,
            Action::ReadConversation { .. } => Kind::ReadConversation,
            Action::JoinCampaign { .. } => Kind::JoinCampaign,
            Action::LeaveCampaign => Kind::LeaveCampaign,
            Action::PauseCampaign(_) => Kind::PauseCampaign,
            Action::DisposeCall { .. } => Kind::DisposeCall,
            Action::EndCampaignCall => Kind::EndCampaignCall,
        }
    }

    /// The call that it is about, where it names one.
    pub fn call(&self) -> Option<&str> {
        match self {
            Action::Answer { call, .. }
            | Action::HangUp { call }
            | Action::Hold { call, .. }
            | Action::Mute { call, .. }
            | Action::SendDigits { call, .. }
            | Action::TransferBlind { call, .. }
            | Action::TransferWarm { call, .. }
            | Action::StartRecording { call }
            | Action::StopRecording { call }
            | Action::FlagRecording { call, .. }
            | Action::TagRecording { call, .. } => Some(call),
            _ => None,
        }
    }

    /// What it is about: the call, member, conversation or campaign that it names, or nothing.
    pub fn subject(&self) -> Option<&str> {
        match self {
            Action::HoldMember { member, .. }
            | Action::MuteMember { member, .. }
            | Action::KickMember { member } => Some(member),
            Action::OpenConversation { conversation, .. }
            | Action::ReadConversation { conversation } => Some(conversation),
            Action::JoinCampaign { campaign, .. } => Some(campaign),
            _ => self.call(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_what_a_keypad_has_and_are_not_shown() {
        let digits: Digits = "0123456789*#ABCD".parse().unwrap();
        assert_eq!(digits.as_str(), "0123456789*#ABCD");
        assert_eq!(format!("{digits:?}"), "Digits(16)");
        for text in ["", "E", "a", "1 2", "+", "é", &"1".repeat(65)] {
            let error = text.parse::<Digits>().expect_err(text);
            assert_eq!(error.code, Code::InvalidField);
        }
        assert!("1".repeat(64).parse::<Digits>().is_ok());
    }

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        let mut words: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Kind::ALL.len());
    }
}
