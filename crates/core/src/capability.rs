//! What a provider can do.

use std::fmt;

macro_rules! capabilities {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// Something a provider can do. The interface shows a control only where its capability is there.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Capability { $($(#[$doc])* $variant,)* }

        impl Capability {
            /// Every capability.
            pub const ALL: &'static [Capability] = &[$(Capability::$variant,)*];

            /// As it is written in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Capability::$variant => $text,)* }
            }

            /// Reads one; `None` for what this version does not know.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == text)
            }
        }
    };
}

capabilities! {
    /// Start a call for an agent.
    Dial = "dial",
    /// Fill in the number for the agent to dial.
    Prefill = "prefill",
    /// Choose the caller id for each call.
    CallerId = "caller_id",
    /// Take a visitor's wish to be called.
    Callback = "callback",
    /// Take it for a given time.
    Schedule = "schedule",
    /// Call off what has not begun.
    Cancel = "cancel",
    /// Tell the state of a call.
    CallState = "call_state",
    /// Answer.
    Answer = "answer",
    /// Hang up.
    Hangup = "hangup",
    /// Hold and resume.
    Hold = "hold",
    /// Mute and unmute.
    Mute = "mute",
    /// Send digits.
    Dtmf = "dtmf",
    /// Transfer without asking first.
    TransferBlind = "transfer_blind",
    /// Transfer after asking first.
    TransferWarm = "transfer_warm",
    /// Talk with several.
    Conference = "conference",
    /// Record.
    Record = "record",
    /// Read and set an agent's presence.
    Presence = "presence",
    /// Time for notes after a call.
    WrapUp = "wrap_up",
    /// Calls of the past.
    History = "history",
    /// Figures about agents and teams.
    Statistics = "statistics",
    /// Outbound campaigns.
    Campaign = "campaign",
    /// Push a message to an agent.
    Push = "push",
    /// Text messages.
    Sms = "sms",
    /// Speech in the browser.
    Media = "media",
    /// Exchange the account's token for a new one.
    RotateToken = "rotate_token",
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
