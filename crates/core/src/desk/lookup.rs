//! What a desk asks for beside its state: whom to transfer to, calls of the past, the phonebook.

use super::action::{Party, Target};
use super::view::{Direction, Private};
use super::words::open_words;

/// Who the agent is, as the platform reads it from the token.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The platform's id of the agent.
    pub agent: String,
    /// What they sign in as.
    pub username: Private,
    /// Their account's id.
    pub account: String,
    /// What that account is called.
    pub account_name: String,
    /// Their number.
    pub number: Private,
}

/// Somebody, or something, that a call can be transferred to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub kind: FoundKind,
    /// The platform's id.
    pub id: String,
    /// What people call it.
    pub label: Private,
    /// The number, where there is one.
    pub number: Private,
    /// For an application: its kind, in the platform's word.
    pub category: String,
    /// An agent that has no phone but the one in their browser.
    pub browser_only: bool,
}

open_words! {
    /// What can be transferred to.
    FoundKind {
        /// An agent.
        Agent = "agent",
        /// A number.
        Number = "number",
        /// An application of the platform.
        Application = "application",
    }
}

impl Found {
    /// Where a transfer goes; `None` for what this version does not know, what has no id, and a number that is none.
    pub fn target(&self) -> Option<Target> {
        match self.kind {
            FoundKind::Agent | FoundKind::Application if self.id.is_empty() => None,
            FoundKind::Agent => Some(Target::Party(Party::Agent(self.id.clone()))),
            FoundKind::Application => Some(Target::Application(self.id.clone())),
            // The id of a number is only what was looked for.
            FoundKind::Number => {
                let number = self.number.parse().ok()?;
                Some(Target::Party(Party::Number(number)))
            }
            FoundKind::Other(_) => None,
        }
    }
}

/// A call of the past.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PastCall {
    /// The platform's id.
    pub id: String,
    /// Who began.
    pub direction: Direction,
    /// The caller's number.
    pub from: Private,
    /// The called number.
    pub to: Private,
    /// What the phonebook calls the other party.
    pub contact: Private,
    /// When, in milliseconds since the epoch.
    pub at: u64,
    /// How long, in milliseconds.
    pub duration: u64,
    /// Whether it was recorded.
    pub recorded: bool,
    /// Where the recording can be heard: an address with `https`, or `http`.
    pub recording_url: Option<Private>,
}
