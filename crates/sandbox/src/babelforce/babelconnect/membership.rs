//! How members of a conference come and go, and how it ends with them.

use super::conference::{Conference, ConferenceState, Member, MemberState, Party};
use crate::babelforce::calls::{CallState, FinishReason};
use crate::babelforce::{Babelforce, Moment};

impl Babelforce {
    /// The agent of a call leaves the conference it is in; the others stay. `false` where it is
    /// in none.
    pub(in crate::babelforce) fn leaves_conference(
        &mut self,
        call: &str,
        moment: &mut Moment,
    ) -> bool {
        let found = self.conference_of_leg(call);
        let found = found.and_then(|one| one.live().find(|member| member.leg == call).cloned());
        let Some(member) = found else { return false };
        self.remove_member(&member, FinishReason::Hangup, moment);
        true
    }

    /// The customer leaves the conference their call has become. `false` where it is none.
    pub(in crate::babelforce) fn customer_leaves_conference(
        &mut self,
        call: &str,
        moment: &mut Moment,
    ) -> bool {
        let Some(conference) = self.conference_of_leg(call) else {
            return false;
        };
        // It is the moderator's call that became the conference; a guest's leg is their own.
        let theirs = conference.live().find(|member| member.leg == call);
        if !theirs.is_some_and(|member| member.moderator) {
            return false;
        }
        let customer = conference.live().find(|member| member.is_customer());
        let Some(customer) = customer.cloned() else {
            return false;
        };
        self.remove_member(&customer, FinishReason::PassiveHangup, moment);
        true
    }

    /// A member hangs up, or is hung up on. `false` for one who is not there.
    pub(crate) fn member_hangs_up(&mut self, id: &str, moment: &mut Moment) -> bool {
        let conferences = self.conferences.iter();
        let mut members = conferences.flat_map(|one| &one.members);
        let found = members.find(|member| member.id == id && member.state == MemberState::Added);
        let Some(member) = found.cloned() else {
            return false;
        };
        self.remove_member(&member, FinishReason::PassiveHangup, moment);
        true
    }

    pub(super) fn remove_member(
        &mut self,
        member: &Member,
        reason: FinishReason,
        moment: &mut Moment,
    ) {
        self.set_member(&member.leg, MemberState::Removing);
        self.publish(moment);
        if member.is_customer() {
            self.member_is(&member.leg, MemberState::Removed, moment);
            return;
        }
        let rings = self
            .call(&member.leg)
            .is_some_and(|leg| leg.state == CallState::Ringing);
        let (state, reason) = if rings {
            (CallState::Canceled, FinishReason::Canceled)
        } else {
            (CallState::Completed, reason)
        };
        self.enter(&member.leg, state, Some(reason), moment);
    }

    /// Somebody who was invited has come.
    pub(in crate::babelforce) fn member_answered(&mut self, leg: &str, moment: &mut Moment) {
        if self.member_state(leg) == Some(MemberState::Pending) {
            self.member_is(leg, MemberState::Added, moment);
        }
    }

    /// The call of a member is over.
    pub(in crate::babelforce) fn member_gone(&mut self, leg: &str, moment: &mut Moment) {
        match self.member_state(leg) {
            Some(MemberState::Pending) => self.member_is(leg, MemberState::Failed, moment),
            Some(MemberState::Added) => {
                self.set_member(leg, MemberState::Removing);
                self.publish(moment);
                self.member_is(leg, MemberState::Removed, moment);
            }
            Some(MemberState::Removing) => self.member_is(leg, MemberState::Removed, moment),
            Some(MemberState::Removed | MemberState::Failed) | None => {}
        }
    }

    fn by_leg(&mut self, leg: &str) -> Option<(&mut Conference, String)> {
        let mut conferences = self.conferences.iter_mut();
        conferences.find_map(|conference| {
            let member = conference.members.iter().find(|member| member.leg == leg);
            let id = member.map(|member| member.id.clone())?;
            Some((conference, id))
        })
    }

    fn member_state(&mut self, leg: &str) -> Option<MemberState> {
        let (conference, id) = self.by_leg(leg)?;
        conference.member(&id).map(|member| member.state)
    }

    fn set_member(&mut self, leg: &str, state: MemberState) {
        if let Some((conference, id)) = self.by_leg(leg)
            && let Some(member) = conference.member(&id)
        {
            member.state = state;
        }
    }

    /// A member has come, or is gone for good; the conference may be over with that.
    fn member_is(&mut self, leg: &str, state: MemberState, moment: &mut Moment) {
        self.set_member(leg, state);
        let Some((conference, id)) = self.by_leg(leg) else {
            return;
        };
        conference.unpark(&id);
        let waits = |member: &Member| member.state == MemberState::Pending;
        let alone = conference.live().count() < 2 && !conference.members.iter().any(waits);
        let over = conference.state == ConferenceState::Created && alone;
        let conference = conference.id.clone();
        self.publish(moment);
        if over {
            self.finish_conference(&conference, FinishReason::PassiveHangup, moment);
        }
    }

    /// Everybody is hung up on.
    pub(super) fn finish_conference(
        &mut self,
        id: &str,
        reason: FinishReason,
        moment: &mut Moment,
    ) {
        let Some(conference) = self.conferences.iter_mut().find(|one| one.id == id) else {
            return;
        };
        conference.state = ConferenceState::Finishing;
        let there =
            |member: &&Member| matches!(member.state, MemberState::Added | MemberState::Pending);
        let rest: Vec<Member> = conference.members.iter().filter(there).cloned().collect();
        self.publish(moment);
        for member in rest {
            self.remove_member(&member, reason, moment);
        }
        self.close_conference(id, moment);
    }

    fn close_conference(&mut self, id: &str, moment: &Moment) {
        if let Some(conference) = self.conferences.iter_mut().find(|one| one.id == id) {
            conference.state = ConferenceState::Finished;
        }
        self.publish(moment);
        self.conferences.retain(|conference| conference.id != id);
    }

    /// The customer is taken off hold, and the agent leaves. Where only two are left, they are in
    /// an ordinary call.
    pub(super) fn complete_warm_transfer(&mut self, agent: &str, call: &str, moment: &mut Moment) {
        let Some(conference) = self.conference_of_leg(call) else {
            return;
        };
        let id = conference.id.clone();
        let mut number = String::new();
        for member in &mut conference.members {
            if let Party::Customer(theirs) = &member.party {
                number.clone_from(theirs);
                member.held = false;
            }
        }
        let others: Vec<Member> = conference
            .live()
            .filter(|member| !member.is_agent(agent))
            .cloned()
            .collect();
        self.publish(moment);
        self.set_member(call, MemberState::Removing);
        self.publish(moment);
        let reason = Some(FinishReason::Transferred);
        self.enter(call, CallState::Completed, reason, moment);
        let customer = others.iter().any(Member::is_customer);
        if let (2, true) = (others.len(), customer) {
            let target = others.iter().find(|member| !member.is_customer());
            let leg = target.map(|member| member.leg.clone()).unwrap_or_default();
            if let Some(leg) = self.call_mut(&leg) {
                leg.from = number;
            }
            self.close_conference(&id, moment);
        }
    }
}
