//! Conferences: an agent, the customer of the agent's call, and whoever is invited.

use serde::Serialize;

use super::command::{AddMember, StartConference, SwitchOfMember};
use super::problem::{Code, Problem};
use super::transfer::{Target, canonical, same_conversation};
use crate::babelforce::agents::LineStatus;
use crate::babelforce::calls::{Call, CallState, Direction, FinishReason, SERVICE_NUMBERS, Source};
use crate::babelforce::queues::is_e164;
use crate::babelforce::{Babelforce, Moment};
use crate::ids::Ids;

#[derive(Clone, Serialize)]
pub(crate) struct Conference {
    pub id: String,
    pub state: ConferenceState,
    pub members: Vec<Member>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConferenceState {
    Created,
    Finishing,
    Finished,
}

#[derive(Clone, Serialize)]
pub(crate) struct Member {
    pub id: String,
    pub party: Party,
    /// The call of an agent or a guest. The customer has no call but the agent's; theirs is only
    /// a name.
    pub leg: String,
    pub state: MemberState,
    pub moderator: bool,
    pub held: bool,
    pub muted: bool,
    /// Who was put on hold until this one has come or will not come.
    #[serde(skip)]
    parked: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Party {
    Agent(String),
    /// Whom the agent was in a call with when it became a conference.
    Customer(String),
    /// Somebody outside who was invited.
    Guest(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MemberState {
    Pending,
    Added,
    Removing,
    Removed,
    Failed,
}

impl MemberState {
    /// In the conference.
    pub fn is_live(self) -> bool {
        matches!(self, Self::Added | Self::Removing)
    }
}

impl Member {
    fn new(ids: &mut Ids, party: Party, leg: String, state: MemberState) -> Self {
        Self {
            id: ids.hex(),
            party,
            leg,
            state,
            moderator: false,
            held: false,
            muted: false,
            parked: Vec::new(),
        }
    }

    pub(super) fn is_agent(&self, agent: &str) -> bool {
        matches!(&self.party, Party::Agent(id) if id == agent)
    }

    pub(super) fn is_customer(&self) -> bool {
        matches!(self.party, Party::Customer(_))
    }
}

impl Conference {
    /// The newest membership of an agent.
    pub fn member_of(&self, agent: &str) -> Option<&Member> {
        let mut members = self.members.iter().rev();
        members.find(|member| member.is_agent(agent))
    }

    pub(super) fn live(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|member| member.state.is_live())
    }

    pub(super) fn member(&mut self, id: &str) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.id == id)
    }

    /// Whether this is somebody who was invited and has come.
    pub(super) fn has_joined(&self, target: &Target) -> bool {
        self.live().any(|member| match (target, &member.party) {
            (Target::Agent(id), Party::Agent(agent)) => id == agent,
            (Target::Number(number), Party::Guest(guest)) => number == guest,
            _ => false,
        })
    }

    /// Whoever waited for this member need not wait any more.
    pub(super) fn unpark(&mut self, id: &str) {
        let parked = self
            .member(id)
            .map(|member| std::mem::take(&mut member.parked));
        for id in parked.unwrap_or_default() {
            if let Some(member) = self.member(&id) {
                member.held = false;
            }
        }
    }
}

fn failed(text: impl Into<String>) -> Problem {
    Problem::new(Code::ConferenceFailed, text)
}

fn none() -> Problem {
    Problem::new(Code::NoConference, "the agent is in no conference")
}

impl Babelforce {
    /// The conference an agent is in.
    pub(super) fn conference_of(&mut self, agent: &str) -> Option<&mut Conference> {
        self.conferences.iter_mut().find(|conference| {
            conference.state == ConferenceState::Created
                && conference.live().any(|member| member.is_agent(agent))
        })
    }

    /// The conference a call is in.
    pub(super) fn conference_of_leg(&mut self, leg: &str) -> Option<&mut Conference> {
        self.conferences.iter_mut().find(|conference| {
            conference.state == ConferenceState::Created
                && conference.live().any(|member| member.leg == leg)
        })
    }

    /// The conference an agent is in, if it is theirs to moderate.
    fn moderated_by(&mut self, agent: &str) -> Result<&mut Conference, Problem> {
        let conference = self.conference_of(agent).ok_or_else(none)?;
        match conference.member_of(agent) {
            Some(Member {
                moderator: true, ..
            }) => Ok(conference),
            _ => Err(failed("only the moderator may do that")),
        }
    }

    pub(super) fn start_conference(
        &mut self,
        agent: &str,
        wish: &StartConference,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        let call = self.connected(agent, &wish.call_id)?.clone();
        if self.conference_of(agent).is_some() {
            return Err(failed("the agent is in a conference already"));
        }
        self.open_conference(agent, &call, wish, moment)
    }

    fn open_conference(
        &mut self,
        agent: &str,
        call: &Call,
        wish: &StartConference,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        if !moment.settings.features.conference {
            return Err(failed("conferences are switched off"));
        }
        if call.state != CallState::Bridged || call.transfer.is_some() {
            return Err(failed("the other side is not there"));
        }
        let party = Party::Agent(agent.to_owned());
        let mut me = Member::new(moment.ids, party, call.id.clone(), MemberState::Added);
        me.moderator = true;
        let party = Party::Customer(call.far_number().to_owned());
        let leg = moment.ids.hex();
        let mut customer = Member::new(moment.ids, party, leg, MemberState::Added);
        customer.held = wish.hold || call.held;
        if let Some(call) = self.call_mut(&call.id) {
            call.held = false;
        }
        self.conferences.push(Conference {
            id: moment.ids.hex(),
            state: ConferenceState::Created,
            members: vec![me, customer],
        });
        self.publish(moment);
        Ok(())
    }

    pub(super) fn add_member(
        &mut self,
        agent: &'static str,
        wish: AddMember,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        match (wish.agent_id.as_str(), wish.number.as_str()) {
            ("", "") => {
                return Err(Problem::new(
                    Code::TargetRequired,
                    "an agent or a number is missing",
                ));
            }
            ("", _) | (_, "") => {}
            _ => {
                return Err(Problem::new(
                    Code::BadRequest,
                    "an agent or a number, not both",
                ));
            }
        }
        let mine = match self
            .conference_of(agent)
            .and_then(|one| one.member_of(agent))
        {
            Some(me) => me.leg.clone(),
            None => self.connected(agent, &wish.call_id)?.id.clone(),
        };
        let call = self.connected(agent, &mine)?.clone();
        let (leg, party) = if wish.agent_id.is_empty() {
            self.guest_leg(agent, &call, &wish, moment)?
        } else {
            self.colleague_leg(agent, &call, &canonical(&wish.agent_id), moment)?
        };
        if self.conference_of(agent).is_none() {
            // The customer is parked, whatever the command says of the others.
            let parked = StartConference {
                hold: true,
                call_id: call.id.clone(),
            };
            self.open_conference(agent, &call, &parked, moment)?;
        }
        let conference = self.conference_of(agent).ok_or_else(none)?;
        let mut invited = Member::new(moment.ids, party, leg.id.clone(), MemberState::Pending);
        if wish.hold_others {
            for member in &mut conference.members {
                let other = member.state == MemberState::Added && !member.is_agent(agent);
                if other && !member.held {
                    member.held = true;
                    invited.parked.push(member.id.clone());
                }
            }
        }
        conference.members.push(invited);
        self.ring(leg, moment);
        Ok(())
    }

    fn guest_leg(
        &self,
        agent: &str,
        call: &Call,
        wish: &AddMember,
        moment: &mut Moment,
    ) -> Result<(Call, Party), Problem> {
        if !is_e164(&wish.number) {
            return Err(failed("number: must be in E.164 form"));
        }
        let chosen = match wish.display_as.as_str() {
            "" => self.agent(agent).map(|agent| agent.display_as.clone()),
            number => Some(number.to_owned()),
        };
        let from = chosen.filter(|number| !number.is_empty());
        let from =
            from.ok_or_else(|| Problem::new(Code::NoCallerId, "no outbound number is selected"))?;
        if !SERVICE_NUMBERS.contains(&from.as_str()) {
            let text = "number forbidden as Display-As";
            return Err(Problem::new(Code::DisplayAsForbidden, text));
        }
        let number = wish.number.clone();
        let mut leg = Call::new(
            moment.ids,
            from,
            number.clone(),
            Source::Conference,
            moment.at,
        );
        same_conversation(&mut leg, call);
        Ok((leg, Party::Guest(number)))
    }

    /// A colleague sees the number of the one who invites them.
    fn colleague_leg(
        &self,
        agent: &str,
        call: &Call,
        id: &str,
        moment: &mut Moment,
    ) -> Result<(Call, Party), Problem> {
        let host = self.agent(agent);
        let guest = self.agent(id);
        let (Some(host), Some(guest)) = (host, guest) else {
            return Err(failed("there is no such agent"));
        };
        if host.id == guest.id {
            return Err(failed("the agent is in the call already"));
        }
        let free = guest.enabled && guest.has_telephone() && guest.presence.available;
        if !free || self.line_status(guest) != LineStatus::Available {
            return Err(failed("the agent cannot take a call now"));
        }
        let (from, to) = (host.number.clone(), guest.number.clone());
        let mut leg = Call::new(moment.ids, from, to, Source::Conference, moment.at);
        leg.agent_id = Some(guest.id.to_owned());
        leg.direction = Direction::Inbound;
        leg.device = guest.device();
        same_conversation(&mut leg, call);
        Ok((leg, Party::Agent(guest.id.to_owned())))
    }

    pub(super) fn kick(
        &mut self,
        agent: &str,
        member: &str,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        let member = self.other_member(agent, member)?.clone();
        if !matches!(member.state, MemberState::Added | MemberState::Pending) {
            return Err(failed("this member has gone already"));
        }
        self.remove_member(&member, FinishReason::SystemHangup, moment);
        Ok(())
    }

    pub(super) fn hold_member(
        &mut self,
        agent: &str,
        wish: &SwitchOfMember,
    ) -> Result<(), Problem> {
        self.present_member(agent, &wish.member_id)?.held = wish.on;
        Ok(())
    }

    pub(super) fn mute_member(
        &mut self,
        agent: &str,
        wish: &SwitchOfMember,
    ) -> Result<(), Problem> {
        self.present_member(agent, &wish.member_id)?.muted = wish.on;
        Ok(())
    }

    fn present_member(&mut self, agent: &str, id: &str) -> Result<&mut Member, Problem> {
        let member = self.other_member(agent, id)?;
        match member.state {
            MemberState::Added => Ok(member),
            _ => Err(failed("this member is not in the conference")),
        }
    }

    /// A member the moderator may act on: anybody but themselves.
    fn other_member(&mut self, agent: &str, id: &str) -> Result<&mut Member, Problem> {
        if id.is_empty() {
            return Err(Problem::new(
                Code::MemberIdRequired,
                "the member is missing",
            ));
        }
        let conference = self.moderated_by(agent)?;
        match conference.member(id) {
            None => Err(failed("there is no such member")),
            Some(member) if member.is_agent(agent) => {
                Err(failed("that is the moderator's own membership"))
            }
            Some(member) => Ok(member),
        }
    }

    pub(super) fn end_conference(
        &mut self,
        agent: &str,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        let id = self.moderated_by(agent)?.id.clone();
        self.finish_conference(&id, FinishReason::Hangup, moment);
        Ok(())
    }

    pub(super) fn leave_conference(
        &mut self,
        agent: &str,
        call: &str,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        let id = self.meant(agent, call)?.id.clone();
        if self.leaves_conference(&id, moment) {
            Ok(())
        } else {
            Err(none().of_call(id))
        }
    }
}
