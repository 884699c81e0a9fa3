//! Calls of the past, as the platforms tell them: for a contact's history and for figures about teams.

use crate::error::Error;
use crate::http::{Reply, Request};
use crate::number::PhoneNumber;
use crate::outcome::Outcome;
use crate::provider::page::Page;
use crate::secret::Secret;

/// Which calls are asked for. All conditions hold at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Begun at or after this time (milliseconds since the epoch).
    pub since: u64,
    /// Begun before this time.
    pub until: u64,
    /// With this number at one of the two ends.
    pub with: Option<With>,
    /// The most calls of a page.
    pub size: u32,
}

/// A number at one end of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum With {
    /// It called.
    From(PhoneNumber),
    /// It was called.
    To(PhoneNumber),
}

/// Who began a call, as seen from the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Somebody called the company.
    Inbound,
    /// The company called.
    Outbound,
}

/// How a call ended, in the words of people who look at figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It has not ended yet.
    Open,
    /// Both talked.
    Talked,
    /// Nobody answered, or they declined: with the platform's own word.
    Missed(String),
    /// It could not be made: with the platform's own word.
    Failed(String),
    /// What the platform says is not known, and kept.
    Other(String),
}

/// An agent or a team: what of id and name the platform tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// The platform's id.
    pub id: Option<String>,
    /// What people call it.
    pub name: Option<String>,
}

/// A recording of a call. Who may hear it is for the caller to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The platform's id.
    pub id: String,
    /// Seconds.
    pub duration: Option<u64>,
}

/// One call. What the platform does not tell is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastCall {
    /// The platform's id.
    pub id: String,
    /// Who began it; `None` for a word that is not known.
    pub direction: Option<Direction>,
    /// The calling number, as the platform writes it.
    pub from: Option<String>,
    /// The called number, as the platform writes it.
    pub to: Option<String>,
    /// The agent who talked, or was to.
    pub agent: Option<Named>,
    /// The queue or team.
    pub team: Option<Named>,
    /// When it began (milliseconds since the epoch).
    pub started: Option<u64>,
    /// Seconds from the beginning until somebody answered; `None` where nobody did.
    pub answered_after: Option<u64>,
    /// Seconds from the beginning to the end.
    pub duration: Option<u64>,
    /// How it ended.
    pub end: End,
    /// Its recordings.
    pub recordings: Vec<Recorded>,
}

/// A platform that tells its past calls (capability `history`).
pub trait PastCalls: Sync {
    /// The request for a page of calls: 1, then what the page before said is next.
    ///
    /// # Errors
    /// What of the question the platform cannot answer, with the field: `with`, or a time `since` that is too long
    /// before `until`.
    fn ask(&self, asked: &Asked, page: u32, token: Option<&Secret>) -> Result<Request, Error>;

    /// The calls of a page. `page` is the one that was asked for.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read(&self, asked: &Asked, page: u32, reply: Reply) -> Result<Page<PastCall>, Outcome>;

    /// The longest time between `since` and `until`, in milliseconds, where the platform has a limit.
    fn longest(&self) -> Option<u64> {
        None
    }
}
