//! Conferences, as the Manager API shows them. They are made by agents at their desks.
//!
//! Inferred: that a conference which is ending is still `created`, that a membership which is ending is still `added`
//! and one that never came about `removed` (the document has no other words); and that the customer's call is the one
//! with the agent who began the conference, because they have no other.

use serde::Serialize;

use super::babelconnect::{ConferenceState, Member, MemberState, Party};
use super::calls::CallBody;
use super::{Babelforce, Conference, item, not_found, paging};
use crate::clock;
use crate::exchange::{Reply, Request};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ConferenceBody<'a> {
    id: &'a str,
    state: &'static str,
    date_created: String,
    last_updated: String,
    members: Vec<MemberBody<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MemberBody<'a> {
    id: &'a str,
    state: &'static str,
    date_created: String,
    last_updated: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<AgentBody<'a>>,
    call: CallBody<'a>,
    hold: bool,
    /// The document requires it, and describes `hold`.
    on_hold: bool,
    is_moderator: bool,
}

#[derive(Serialize)]
struct AgentBody<'a> {
    id: &'a str,
    name: &'a str,
    number: &'a str,
}

impl Babelforce {
    pub(super) fn list_conferences(&self, request: &Request) -> Reply {
        let all = self.conferences.iter();
        let bodies = all.map(|conference| self.shown_conference(conference, request.host()));
        paging::page(bodies.collect(), request)
    }

    pub(super) fn get_conference(&self, id: &str, request: &Request) -> Reply {
        match self.conferences.iter().find(|one| one.id == id) {
            Some(conference) => item(self.shown_conference(conference, request.host())),
            None => not_found("conference"),
        }
    }

    fn shown_conference<'a>(
        &'a self,
        conference: &'a Conference,
        host: &str,
    ) -> ConferenceBody<'a> {
        let legs = || {
            conference
                .members
                .iter()
                .filter_map(|member| self.call(&member.leg))
        };
        let first = legs().map(|call| call.created).min().unwrap_or_default();
        let last = legs().map(|call| call.updated).max().unwrap_or_default();
        let members = conference.members.iter();
        ConferenceBody {
            id: &conference.id,
            state: match conference.state {
                ConferenceState::Created | ConferenceState::Finishing => "created",
                ConferenceState::Finished => "finished",
            },
            date_created: clock::iso(first),
            last_updated: clock::iso(last),
            members: members
                .filter_map(|member| self.shown_member(conference, member, host))
                .collect(),
        }
    }

    fn shown_member<'a>(
        &'a self,
        conference: &'a Conference,
        member: &'a Member,
        host: &str,
    ) -> Option<MemberBody<'a>> {
        let agents = conference.members.iter();
        let mut legs = agents.filter_map(|member| self.call(&member.leg));
        let call = self.call(&member.leg).or_else(|| legs.next())?;
        let agent = match &member.party {
            Party::Agent(id) => self.agent(id),
            Party::Customer(_) | Party::Guest(_) => None,
        };
        Some(MemberBody {
            id: &member.id,
            state: match member.state {
                MemberState::Pending => "pending",
                MemberState::Added | MemberState::Removing => "added",
                MemberState::Removed | MemberState::Failed => "removed",
            },
            date_created: clock::iso(call.created),
            last_updated: clock::iso(call.updated),
            agent: agent.map(|agent| AgentBody {
                id: agent.id,
                name: agent.name,
                number: &agent.number,
            }),
            call: self.call_body(call, host),
            hold: member.held,
            on_hold: member.held,
            is_moderator: member.moderator,
        })
    }
}
