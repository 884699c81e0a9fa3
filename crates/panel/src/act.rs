//! What a control does, written into the page as a short text: one listener reads it back, instead of one for each.

use patchcord_core::text::split;

/// What a control does, and on what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// What.
    pub what: What,
    /// On which call, member, number or row; empty where there is only one.
    pub on: String,
}

macro_rules! whats {
    ($($(#[$doc:meta])* $variant:ident = $word:literal,)*) => {
        /// Everything that a control can do.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum What { $($(#[$doc])* $variant,)* }

        impl What {
            /// Every one.
            pub const ALL: &'static [What] = &[$(What::$variant,)*];

            /// Its word.
            pub const fn word(self) -> &'static str {
                match self { $(What::$variant => $word,)* }
            }
        }
    };
}

whats! {
    // What is done with a call; on which.
    /// Answers it.
    Answer = "answer",
    /// Ends it, or turns it away.
    HangUp = "hangup",
    /// Makes the other party wait.
    Hold = "hold",
    /// Takes it back.
    Unhold = "unhold",
    /// Keeps the agent from being heard.
    Mute = "mute",
    /// Has the agent heard again.
    Unmute = "unmute",
    /// Plays the digit that the control stands for.
    Digit = "digit",
    /// Begins to record.
    Record = "record",
    /// Stops recording.
    Unrecord = "unrecord",
    /// Flags the recording.
    Flag = "flag",
    /// Takes the flag away.
    Unflag = "unflag",
    /// Gives the recording the tag that the control stands for, or takes it away.
    Tag = "tag",

    // What is done with a conference; on which member.
    /// Makes the call a conference without calling anybody yet.
    StartConference = "conference",
    /// Makes a member wait.
    HoldMember = "holdmember",
    /// Takes them back.
    UnholdMember = "unholdmember",
    /// Keeps a member from being heard.
    MuteMember = "mutemember",
    /// Has them heard again.
    UnmuteMember = "unmutemember",
    /// Removes a member.
    Kick = "kick",
    /// Hands the call over to a member and leaves.
    HandOver = "handover",
    /// Leaves.
    Leave = "leave",
    /// Ends it for everybody.
    End = "end",

    // What is done at the desk.
    /// Dials what is in the dialler.
    Dial = "dial",
    /// Dials a number of a list.
    DialTo = "dialto",
    /// Chooses a presence.
    Presence = "presence",
    /// Chooses the number that called parties see.
    DisplayAs = "displayas",
    /// Sets the number that calls are connected to.
    SetNumber = "setnumber",
    /// Lets calls through again.
    ResetLine = "resetline",
    /// Makes the time for notes longer.
    Extend = "extend",
    /// Ends the time for notes.
    Finish = "finish",

    // What is done with the connection.
    /// Opens the desk, tries again at once, or takes it back.
    Start = "start",
    /// Sets the desk up again.
    SetUp = "setup",
    /// Signs in.
    SignIn = "signin",
    /// Gives up signing in.
    CancelSignIn = "cancelsignin",
    /// Signs out.
    SignOut = "signout",

    // What is shown; nothing is sent.
    /// Shows the dialler.
    ShowDialler = "dialler",
    /// Shows the calls of the past.
    ShowRecent = "recent",
    /// Shows the phonebook.
    ShowPhonebook = "phonebook",
    /// Shows the settings.
    ShowSettings = "settings",
    /// Looks for whom to transfer a call to.
    PickTransfer = "transfer",
    /// Looks for whom to add to a conference.
    PickMember = "add",
    /// Transfers without asking first.
    Blind = "blind",
    /// Asks first.
    Ask = "ask",
    /// Takes the row of that number.
    Choose = "choose",
    /// Closes what is open.
    Close = "close",
    /// Shows a call's keypad, or hides it.
    Keypad = "keypad",
    /// Shows a call's tags, or hides them.
    Tags = "tags",
    /// Shows everything that travels with a call, or only the first of it.
    Details = "details",
    /// Shows the last calls with a number, or hides them.
    ShowHistory = "history",
    /// Asks where a recording can be heard.
    Hear = "hear",
    /// What is typed into the dialler.
    Number = "number",
    /// Puts a digit into the dialler.
    Key = "key",
    /// Takes the last one out.
    Erase = "erase",
    /// The number to show for the next call.
    CallAs = "callas",
    /// What is typed as the number of the agent's phone.
    Phone = "phone",
    /// What is looked for in the picker.
    Search = "search",
    /// What is looked for in the phonebook.
    SearchPhonebook = "searchphonebook",
    /// Asks for more of the list.
    More = "more",
    /// Asks for the list again.
    Again = "again",
    /// The person has read what became of a command.
    Dismiss = "dismiss",
    /// The person has read a notice.
    Read = "read",
}

impl Act {
    /// As it is written into the page.
    #[inline(never)]
    pub fn write(what: What, on: &str) -> String {
        if on.is_empty() {
            what.word().to_owned()
        } else {
            [what.word(), " ", on].concat()
        }
    }

    /// Reads it back; `None` for what no control has.
    pub fn read(text: &str) -> Option<Self> {
        let (word, on) = split(text, b' ').unwrap_or((text, ""));
        let what = What::ALL.iter().find(|what| what.word() == word)?;
        Some(Self {
            what: *what,
            on: on.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_act_is_read_as_it_was_written_and_nothing_else_is_one() {
        for &what in What::ALL {
            for on in ["", "c1", "a call with spaces", "+4930", " ", "é\"'"] {
                let act = Act {
                    what,
                    on: on.to_owned(),
                };
                assert_eq!(Act::read(&Act::write(what, on)), Some(act));
            }
        }
        for text in ["", " ", "nothing", "Hold", "hold-", " hold"] {
            assert_eq!(Act::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn every_act_has_a_word_of_its_own() {
        let mut words: Vec<&str> = What::ALL.iter().map(|what| what.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), What::ALL.len());
    }
}
