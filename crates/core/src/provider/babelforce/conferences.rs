//! Conferences of the Manager API.
//!
//! Quirks: `members` has `null` in the place of somebody who has just left; the document asks for `onHold` and
//! describes `hold`, so either is read; the Agent API calls the states free text, so they are open here too.

use serde_json::Value;

use super::id::Id;
use super::opening::{item, text};
use super::queues::direction;
use super::{Babelforce, paging};
use crate::error::Error;
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::provider::conferences::{Conference, ConferenceState, Conferences, Member, MemberState};
use crate::provider::page::Page;
use crate::provider::past_calls::{Direction, Named};
use crate::provider::time;
use crate::secret::Secret;

impl Conferences for Babelforce {
    fn list(&self, page: u32, token: Option<&Secret>) -> Request {
        self.page_of("conferences", page, token)
    }

    fn read_list(&self, page: u32, reply: Reply) -> Result<Page<Conference>, Outcome> {
        paging::read(page, reply, conference)
    }

    fn conference(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error> {
        Ok(self.one_of("conferences", &Id::parse(id)?, "", token))
    }

    fn read_conference(&self, reply: Reply) -> Result<Conference, Outcome> {
        item(reply, conference)
    }
}

fn conference(item: &Value) -> Option<Conference> {
    let state = match text(item, "state").unwrap_or_default().as_str() {
        "created" => ConferenceState::Open,
        "finished" => ConferenceState::Over,
        other => ConferenceState::Other(other.to_owned()),
    };
    let members = item.get("members").and_then(Value::as_array);
    Some(Conference {
        id: text(item, "id")?,
        state,
        since: created(item),
        members: members.into_iter().flatten().filter_map(member).collect(),
    })
}

fn member(item: &Value) -> Option<Member> {
    let state = match text(item, "state").unwrap_or_default().as_str() {
        "pending" => MemberState::Coming,
        "added" => MemberState::In,
        "removed" => MemberState::Gone,
        other => MemberState::Other(other.to_owned()),
    };
    let agent = item.get("agent").filter(|agent| agent.is_object());
    let flag = |name: &str| item.get(name).and_then(Value::as_bool);
    Some(Member {
        id: text(item, "id")?,
        state,
        agent: agent.map(|agent| Named {
            id: text(agent, "id"),
            name: text(agent, "name"),
        }),
        number: item.get("call").and_then(far_number),
        moderator: flag("isModerator"),
        held: flag("hold").or_else(|| flag("onHold")),
        since: created(item),
    })
}

fn created(item: &Value) -> Option<u64> {
    time::read(&text(item, "dateCreated")?)
}

/// The number that is not the company's.
fn far_number(call: &Value) -> Option<String> {
    match direction(call)? {
        Direction::Inbound => text(call, "from"),
        Direction::Outbound => text(call, "to"),
    }
}
