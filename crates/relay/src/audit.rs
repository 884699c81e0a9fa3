//! Who did what, and when: written in the transaction of the thing itself, never changed, never without it.
//!
//! No secret, no payload and no plain number is here: a number is [`masked`], so that the log may outlive the data
//! it is about.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::clock::{self, Millis};
use crate::config::AgentId;
use crate::store::{Conn, Store};

/// Who did it.
#[derive(Debug, Clone, Copy)]
pub enum Actor<'a> {
    /// An agent, in their session.
    Agent(&'a AgentId),
    /// A visitor, by the publishable key of the page.
    Visitor(&'a str),
    /// Somebody on the admin pages, by their name.
    Admin(&'a str),
    /// Somebody at the command line.
    Command,
    /// The identity provider of an organisation.
    Directory(&'a str),
    /// The relay by itself.
    Relay,
}

impl fmt::Display for Actor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Agent(id) => write!(f, "agent {}/{}", id.org, id.sub),
            Actor::Visitor(key) => write!(f, "visitor {key}"),
            Actor::Admin(name) => write!(f, "admin {name}"),
            Actor::Command => f.write_str("command"),
            Actor::Directory(org) => write!(f, "identity provider of {org}"),
            Actor::Relay => f.write_str("relay"),
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// An agent or an administrator signed in.
    SessionOpened,
    /// A session was given up, or taken away.
    SessionEnded,
    /// A number was dialled.
    CallDialled,
    /// A visitor's wish was taken down.
    CallbackTaken,
    /// Its time was changed.
    CallbackChanged,
    /// It was called off.
    CallbackCancelled,
    /// A person decided about an alert.
    AlertSettled,
    /// Somebody looked at a whole number on the admin pages.
    NumberShown,
    /// Somebody could not sign in to the admin pages.
    SignInFailed,
    /// Something was switched off, as by the kill switch.
    SwitchedOff,
    /// It was switched on again.
    SwitchedOn,
    /// A relay started with this configuration.
    ConfigLoaded,
    /// A one-time token was used and replaced.
    TokenRotated,
    /// An agent signed in at a platform, and the relay has a token of theirs.
    TokenKept,
    /// The relay has it no more.
    TokenForgotten,
    /// An agent's call was transferred to a number.
    CallTransferred,
    /// A number was called into an agent's conference.
    MemberCalled,
    /// An agent's calls are connected to this number from now on.
    AgentNumberSet,
    /// A list was read in.
    Imported,
    /// A list was given out.
    Exported,
    /// A CRM was set up to have the panel in a frame.
    HostMade,
    /// It was set up otherwise.
    HostChanged,
    /// It was removed.
    HostRemoved,
    /// The fields of a CRM's record were asked for, with the relay's own credential.
    RecordRead,
    /// Somebody on the admin pages had opening hours read from their platform.
    HoursRead,
    /// A CRM's users were compared with an account's agents, and the plan applied.
    AgentsSynchronised,
    /// An agent's presence at their platform was to be changed.
    PresenceSet,
    /// An agent was to be given calls by their platform.
    AgentEnabled,
    /// An agent was to be given none.
    AgentDisabled,
    /// A message was pushed to an agent.
    MessagePushed,
    /// An agent looked up the last calls with a contact.
    HistoryRead,
    /// An agent asked for the link of a recording.
    RecordingAsked,
    /// An agent set variables of a call.
    VariablesSet,
    /// Somebody on the admin pages asked for a call in an agent's name.
    TestCallAsked,
    /// An identity provider provisioned somebody.
    PersonAdded,
    /// It says something else about them, as that they are not active.
    PersonChanged,
    /// It removed them.
    PersonRemoved,
    /// It provisioned a group.
    GroupAdded,
    /// It named it anew, or has other members in it.
    GroupChanged,
    /// It removed it.
    GroupRemoved,
    /// Somebody on the admin pages had a platform end a task.
    TaskEndAsked,
    /// Somebody on the admin pages had a platform make tasks by a schedule.
    ScheduleAsked,
    /// Somebody on the admin pages had a platform delete a schedule.
    ScheduleDeletionAsked,
    /// An agent took, declined or completed a task.
    TaskActionAsked,
    /// An agent asked to be offered tasks again.
    UnlockAsked,
    /// Everything about a number, or a person who dials, was deleted.
    Erased,
}

impl Action {
    /// As it is written down. Stable.
    pub const fn as_str(self) -> &'static str {
        match self {
            Action::SessionOpened => "session_opened",
            Action::SessionEnded => "session_ended",
            Action::CallDialled => "call_dialled",
            Action::CallbackTaken => "callback_taken",
            Action::CallbackChanged => "callback_changed",
            Action::CallbackCancelled => "callback_cancelled",
            Action::AlertSettled => "alert_settled",
            Action::NumberShown => "number_shown",
            Action::SignInFailed => "sign_in_failed",
            Action::SwitchedOff => "switched_off",
            Action::SwitchedOn => "switched_on",
            Action::ConfigLoaded => "config_loaded",
            Action::TokenRotated => "token_rotated",
            Action::TokenKept => "token_kept",
            Action::TokenForgotten => "token_forgotten",
            Action::CallTransferred => "call_transferred",
            Action::MemberCalled => "member_called",
            Action::AgentNumberSet => "agent_number_set",
            Action::Imported => "imported",
            Action::Exported => "exported",
            Action::HostMade => "host_made",
            Action::HostChanged => "host_changed",
            Action::HostRemoved => "host_removed",
            Action::RecordRead => "record_read",
            Action::HoursRead => "hours_read",
            Action::AgentsSynchronised => "agents_synchronised",
            Action::PresenceSet => "presence_set",
            Action::AgentEnabled => "agent_enabled",
            Action::AgentDisabled => "agent_disabled",
            Action::MessagePushed => "message_pushed",
            Action::HistoryRead => "history_read",
            Action::RecordingAsked => "recording_asked",
            Action::VariablesSet => "variables_set",
            Action::TestCallAsked => "test_call_asked",
            Action::PersonAdded => "person_added",
            Action::PersonChanged => "person_changed",
            Action::PersonRemoved => "person_removed",
            Action::GroupAdded => "group_added",
            Action::GroupChanged => "group_changed",
            Action::GroupRemoved => "group_removed",
            Action::TaskEndAsked => "task_end_asked",
            Action::ScheduleAsked => "schedule_asked",
            Action::ScheduleDeletionAsked => "schedule_deletion_asked",
            Action::TaskActionAsked => "task_action_asked",
            Action::UnlockAsked => "unlock_asked",
            Action::Erased => "erased",
        }
    }
}

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Entry {
    /// Its place.
    pub id: i64,
    /// When.
    pub at: Millis,
    /// Who, as [`Actor`] is written.
    pub actor: String,
    /// What, as [`Action::as_str`].
    pub action: String,
    /// To what: an id, a name.
    pub subject: String,
    /// More about it, JSON.
    pub detail: Option<String>,
}

impl Entry {
    /// As a line of JSON.
    ///
    /// # Errors
    /// Never for a line that [`write`] wrote.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        #[derive(Serialize)]
        struct Line<'a> {
            at: String,
            actor: &'a str,
            action: &'a str,
            subject: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            detail: Option<Value>,
        }
        serde_json::to_string(&Line {
            at: clock::to_rfc3339(self.at),
            actor: &self.actor,
            action: &self.action,
            subject: &self.subject,
            detail: self
                .detail
                .as_deref()
                .map(serde_json::from_str)
                .transpose()?,
        })
    }
}

/// A person who dials, as the subject of a line: an erasure counts the lines about them by it.
pub fn subject(who: &AgentId) -> String {
    format!("{}/{}", who.org, who.sub)
}

/// Writes a line. `detail` is null or a JSON object.
///
/// # Errors
/// A database that does not answer.
pub async fn write(
    tx: &mut Conn,
    actor: Actor<'_>,
    action: Action,
    subject: &str,
    detail: Value,
    now: Millis,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(now)
    .bind(actor.to_string())
    .bind(action.as_str())
    .bind(subject)
    .bind((!detail.is_null()).then(|| detail.to_string()))
    .execute(tx)
    .await?;
    Ok(())
}

/// A number as far as it helps to recognise one that is known: its beginning and its last two digits.
pub fn masked(number: &str) -> String {
    let digits: Vec<char> = number.chars().collect();
    let begin: String = digits.iter().take(4).collect();
    let end: String = digits
        .iter()
        .skip(digits.len().saturating_sub(2).max(4))
        .collect();
    format!("{begin}…{end}")
}

impl Store {
    /// Up to `most` lines from a time on, after a line (0 for the first).
    ///
    /// # Errors
    /// A database that does not answer.
    pub async fn audit(
        &self,
        since: Millis,
        after: i64,
        most: i64,
    ) -> Result<Vec<Entry>, sqlx::Error> {
        sqlx::query_as("SELECT id, at, actor, action, subject, detail FROM audit WHERE at >= $1 AND id > $2 ORDER BY id LIMIT $3")
            .bind(since)
            .bind(after)
            .bind(most)
            .fetch_all(self.read())
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_number_cannot_be_dialled() {
        assert_eq!(masked("+493012345678"), "+493…78");
        assert_eq!(masked("+12345"), "+123…45");
        assert_eq!(masked("+1"), "+1…");
    }
}
