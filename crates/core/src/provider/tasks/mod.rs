//! Tasks: work that a platform keeps, gives to an agent when its time has come, and repeats by a clock.

use crate::error::{Code, Error};
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::payload::Payload;
use crate::provider::page::Page;
use crate::secret::Secret;

mod cron;
mod schedule;

pub use cron::Cron;
pub use schedule::{NewSchedule, Schedule, ScheduleName, Zone};

/// The most characters of a [`Reason`].
pub const MAX_REASON: usize = 255;
/// The most characters of a [`Template`].
const MAX_TEMPLATE: usize = 255;

/// What has become of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Its time has not come.
    Scheduled,
    /// It was given back, and its new time has not come.
    Rescheduled,
    /// An agent is looked for.
    Selecting,
    /// An agent has taken it.
    Accepted,
    /// An agent has declined it.
    Rejected,
    /// It is an agent's.
    Assigned,
    /// What it does is being done.
    Processing,
    /// It waits for an agent, or the platform, to complete it.
    Pending,
    /// Done.
    Completed,
    /// Called off.
    Canceled,
    /// Not done.
    Failed,
    /// A word that is not known, kept.
    Other(String),
}

impl State {
    /// Every state that is known, in the order of a task's life.
    pub const ALL: [State; 11] = [
        State::Scheduled,
        State::Rescheduled,
        State::Selecting,
        State::Accepted,
        State::Rejected,
        State::Assigned,
        State::Processing,
        State::Pending,
        State::Completed,
        State::Canceled,
        State::Failed,
    ];

    /// The state that the platform calls `word`.
    pub fn parse(word: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == word)
            .unwrap_or_else(|| State::Other(word.to_owned()))
    }

    /// The platform's word.
    pub fn as_str(&self) -> &str {
        match self {
            State::Scheduled => "Scheduled",
            State::Rescheduled => "Rescheduled",
            State::Selecting => "Selecting",
            State::Accepted => "Accepted",
            State::Rejected => "Rejected",
            State::Assigned => "Assigned",
            State::Processing => "Processing",
            State::Pending => "Pending",
            State::Completed => "Completed",
            State::Canceled => "Canceled",
            State::Failed => "Failed",
            State::Other(word) => word,
        }
    }

    /// Whether nothing more becomes of it, by the states that an interruption can lead to.
    pub const fn is_over(&self) -> bool {
        matches!(self, State::Completed | State::Canceled | State::Failed)
    }
}

/// When a task's time is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// As soon as possible.
    Now,
    /// At this time, in milliseconds since the epoch.
    At(u64),
    /// So many seconds after the platform has heard of it.
    After(u64),
}

/// A task. What the platform does not tell is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// The platform's id, as it writes it.
    pub id: String,
    /// What kind of task it is, in the account's own words.
    pub kind: Option<String>,
    /// What has become of it.
    pub state: State,
    /// When it was made (milliseconds since the epoch).
    pub created: Option<u64>,
    /// When its time is.
    pub when: Option<When>,
    /// The queue it is for.
    pub queue: Option<String>,
    /// The agent it is for.
    pub agent: Option<String>,
    /// What it is about.
    pub body: Option<Payload>,
    /// Whether something went wrong while it was worked on.
    pub has_error: Option<bool>,
}

/// From one time (inclusive) until another (exclusive), each open where it is absent; milliseconds since the epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// From here on.
    pub since: Option<u64>,
    /// Until here.
    pub until: Option<u64>,
}

/// Which tasks are asked for. All conditions hold at once; what is empty is no condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// In one of these states.
    pub states: Vec<State>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Made then.
    pub created: Times,
    /// Their time is then.
    pub scheduled: Times,
}

/// A task to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTask {
    /// What kind of task it is.
    pub kind: String,
    /// The queue it is for.
    pub queue: Option<String>,
    /// When its time is.
    pub when: When,
    /// What it is about.
    pub body: Payload,
}

/// The name of a template that an account has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(String);

impl Template {
    /// Reads a name. It becomes a part of an address, so it has neither a slash nor a control character (inferred:
    /// the platform publishes no rule).
    ///
    /// # Errors
    /// [`Code::InvalidField`], with field `template`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if is_segment(text, MAX_TEMPLATE) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::of(
                Code::InvalidField,
                "template",
                "The name of a template has 1 to 255 characters and no slash.",
            ))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How what a template leaves open is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// One object, its keys are the whole paths: `{"body.to": "+49…"}`.
    Flat,
    /// Objects within objects: `{"body": {"to": "+49…"}}`. The platform's own default.
    #[default]
    Hierarchy,
}

impl Style {
    /// Both.
    pub const ALL: [Style; 2] = [Style::Hierarchy, Style::Flat];

    /// The platform's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Style::Flat => "flat",
            Style::Hierarchy => "hierarchy",
        }
    }

    /// The style that is written `word`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|style| style.as_str() == word)
    }
}

/// How a person ends a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It is done.
    Completed,
    /// It is called off.
    Canceled,
    /// It cannot be done.
    Failed,
}

impl End {
    /// All of them.
    pub const ALL: [End; 3] = [End::Completed, End::Canceled, End::Failed];

    /// The platform's word.
    pub const fn as_str(self) -> &'static str {
        match self {
            End::Completed => "Completed",
            End::Canceled => "Canceled",
            End::Failed => "Failed",
        }
    }

    /// The end that is written `word`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.as_str() == word)
    }
}

/// Why somebody does something about a task, 1 to [`MAX_REASON`] characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(String);

impl Reason {
    /// Reads a reason; white space around it is not part of it.
    ///
    /// # Errors
    /// [`Code::InvalidField`], with field `reason`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > MAX_REASON {
            return Err(Error::of(
                Code::InvalidField,
                "reason",
                "A reason has 1 to 255 characters.",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// The reason.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an agent does about a task of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AgentAction {
    /// They take it.
    Accept,
    /// They decline it.
    Reject,
    /// They have done it.
    Complete,
}

impl AgentAction {
    /// All of them.
    pub const ALL: [AgentAction; 3] = [
        AgentAction::Accept,
        AgentAction::Reject,
        AgentAction::Complete,
    ];

    /// As it is written in addresses of the relay.
    pub const fn as_str(self) -> &'static str {
        match self {
            AgentAction::Accept => "accept",
            AgentAction::Reject => "reject",
            AgentAction::Complete => "complete",
        }
    }

    /// The action that is written `word`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == word)
    }
}

/// Whether an agent is kept from further tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lock {
    /// They are.
    Locked,
    /// They are not.
    Unlocked,
    /// A word that is not known, kept.
    Other(String),
}

/// A platform with tasks.
///
/// What is not said to be an agent's own is asked with the account's token.
pub trait Tasks: Sync {
    /// The request that makes a task.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible kind (`type`) or queue (`queue_id`).
    fn submit(&self, task: &NewTask, token: Option<&Secret>) -> Result<Request, Error>;

    /// The request that makes a task out of a template and what it leaves open, written in `style`.
    ///
    /// # Errors
    /// None that a caller could mend.
    fn submit_by_template(
        &self,
        template: &Template,
        style: Style,
        overrides: &Payload,
        token: Option<&Secret>,
    ) -> Result<Request, Error>;

    /// The request for a task.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible id.
    fn get(&self, task: &str, token: Option<&Secret>) -> Result<Request, Error>;

    /// The task that was made, asked for or acted on.
    ///
    /// # Errors
    /// The outcome of the request, where it was not accepted.
    fn read_task(&self, reply: Reply) -> Result<Task, Outcome>;

    /// The request for a page of tasks, from 1, of at most `size` (1 to 100).
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible kind (`type`).
    fn list(
        &self,
        filter: &Filter,
        page: u32,
        size: u32,
        token: Option<&Secret>,
    ) -> Result<Request, Error>;

    /// The tasks of a page. What has no id is left out.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_list(&self, page: u32, reply: Reply) -> Result<Page<Task>, Outcome>;

    /// The request that ends a task.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible id.
    fn interrupt(
        &self,
        task: &str,
        end: End,
        reason: &Reason,
        token: Option<&Secret>,
    ) -> Result<Request, Error>;

    /// What became of a request that is answered without a body, or with one that says nothing:
    /// [`Tasks::interrupt`], [`Tasks::create_schedule`], [`Tasks::delete_schedule`].
    fn read_done(&self, reply: Reply) -> Outcome;

    /// The request for a page of schedules, from 1, of at most `size` (1 to 100).
    ///
    /// # Errors
    /// None that a caller could mend.
    fn schedules(&self, page: u32, size: u32, token: Option<&Secret>) -> Result<Request, Error>;

    /// The schedules of a page. What has neither a name nor a time is left out.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_schedules(&self, page: u32, reply: Reply) -> Result<Page<Schedule>, Outcome>;

    /// The request for a schedule.
    ///
    /// # Errors
    /// None that a caller could mend.
    fn schedule(&self, name: &ScheduleName, token: Option<&Secret>) -> Result<Request, Error>;

    /// The schedule that was asked for.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_schedule(&self, reply: Reply) -> Result<Schedule, Outcome>;

    /// The request that makes a schedule.
    ///
    /// # Errors
    /// None that a caller could mend.
    fn create_schedule(
        &self,
        schedule: &NewSchedule,
        token: Option<&Secret>,
    ) -> Result<Request, Error>;

    /// The request that deletes a schedule. What it has made is not touched by it.
    ///
    /// # Errors
    /// None that a caller could mend.
    fn delete_schedule(
        &self,
        name: &ScheduleName,
        token: Option<&Secret>,
    ) -> Result<Request, Error>;

    /// The request with which an agent acts on a task: with the agent's own token.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible id.
    fn act(
        &self,
        task: &str,
        action: AgentAction,
        reason: Option<&Reason>,
        token: &Secret,
    ) -> Result<Request, Error>;

    /// The request that lets an agent have tasks again: with the agent's own token.
    ///
    /// # Errors
    /// None that a caller could mend.
    fn unlock(&self, token: &Secret) -> Result<Request, Error>;

    /// What [`Tasks::unlock`] has led to.
    ///
    /// # Errors
    /// The outcome of the request, where it was not accepted.
    fn read_unlock(&self, reply: Reply) -> Result<Lock, Outcome>;
}

/// Whether a text can be one part of a path, `most` characters at most.
fn is_segment(text: &str, most: usize) -> bool {
    !text.is_empty()
        && text.chars().count() <= most
        && !text.contains(|c: char| c.is_control() || matches!(c, '/' | '\\'))
        && !matches!(text, "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_known_state_is_kept() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), state);
        }
        assert_eq!(State::parse("Parked"), State::Other("Parked".to_owned()));
        assert_eq!(State::parse("Parked").as_str(), "Parked");
        assert!(
            !State::parse("completed").is_over(),
            "words have their case"
        );
    }

    #[test]
    fn a_reason_has_1_to_255_characters() {
        assert_eq!(
            Reason::parse(" wrong number ").unwrap().as_str(),
            "wrong number"
        );
        assert!(Reason::parse(&"ü".repeat(255)).is_ok());
        for text in ["", "  \n", &"x".repeat(256)] {
            let error = Reason::parse(text).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("reason"));
        }
    }

    #[test]
    fn a_name_that_would_lead_elsewhere_is_refused() {
        for text in ["", "a/b", "..", ".", "a\\b", "a\nb", &"x".repeat(256)] {
            assert!(Template::parse(text).is_err(), "{text:?}");
            assert!(ScheduleName::parse(text).is_err(), "{text:?}");
        }
        assert!(Template::parse("callback %2F ü").is_ok());
    }
}
