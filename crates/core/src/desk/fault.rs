//! What goes wrong at a desk, in words of our own beside the platform's.

use super::action::Kind;
use super::words::words;

/// The platform did not do what it was asked to, or warns. It says so on the stream, after it has taken the
/// command; the state is as the view shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What went wrong.
    pub problem: Problem,
    /// The kinds of action that this can be about, as the platform's code says; none where it says nothing.
    pub kinds: &'static [Kind],
    /// The platform's code.
    pub code: String,
    /// The platform's own words.
    pub message: String,
    /// The call that it is about, where the platform names one.
    pub call: Option<String>,
    /// For [`Problem::WrapUpCapped`]: how many seconds are still to be had.
    pub seconds: Option<u32>,
}

words! {
    /// What went wrong, in one stable word.
    Problem {
        /// The platform said no; its own words are in the message.
        Refused = "refused",
        /// Something that has to be sent was not. A mistake of ours.
        Incomplete = "incomplete",
        /// The platform does not know the command.
        Unsupported = "unsupported",
        /// The call is over, or not the agent's.
        NoCall = "no_call",
        /// There are several calls, and the platform cannot tell which is meant.
        WhichCall = "which_call",
        /// The call waits.
        OnHold = "on_hold",
        /// Too many digits wait to be played.
        TooManyDigits = "too_many_digits",
        /// A digit that cannot be played.
        UnsupportedDigit = "unsupported_digit",
        /// The platform took the call and never rang the agent's phone.
        PhoneNotRung = "phone_not_rung",
        /// The number may not be shown to called parties.
        DisplayAsForbidden = "display_as_forbidden",
        /// No number to show to the called party.
        NoDisplayAs = "no_display_as",
        /// The agent's line is blocked, or their presence is none for calls.
        AgentNotAvailable = "agent_not_available",
        /// The call rings at the agent's own phone: it is answered there.
        AnswerOnPhone = "answer_on_phone",
        /// The call is over, but not as it should have ended (no survey).
        EndedBadly = "ended_badly",
        /// The call is on another window of the agent.
        OnAnotherWindow = "on_another_window",
        /// Who it was to be transferred to did not answer. The agent still has the call.
        TargetNoAnswer = "target_no_answer",
        /// … cannot be reached.
        TargetUnreachable = "target_unreachable",
        /// … is busy.
        TargetBusy = "target_busy",
        /// … turned it away.
        TargetDeclined = "target_declined",
        /// … cannot take calls.
        TargetUnavailable = "target_unavailable",
        /// … did not come, for no reason that is told.
        TargetRejected = "target_rejected",
        /// There is no conference to transfer in.
        NoConference = "no_conference",
        /// Nothing is being recorded.
        NotRecording = "not_recording",
        /// The time for notes cannot be made so much longer.
        WrapUpCapped = "wrap_up_capped",
        /// The platform took the wish for more time and has nothing to make longer.
        WrapUpNotExtended = "wrap_up_not_extended",
        /// A code that this version does not know.
        Other = "other",
    }
}

/// Why a stream, or a command, says that the desk as a whole does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The connection was cut, silent or refused for a while: try again.
    Lost,
    /// What came could not be read: try again from the start.
    Garbled,
    /// The token does not hold any more: a fresh one is needed.
    Unauthenticated,
    /// There is no fresh token: a person has to sign in.
    SignInNeeded,
    /// Another window has the desk now.
    Taken,
    /// Whose token it is, is no agent.
    NotAnAgent,
    /// The platform, or what lies between, has no stream.
    NoStream,
}
