//! Handing a call over.
//!
//! A blind transfer parks the other side, rings the target and is over when the target answers;
//! if the target does not, the agent has the call back. A warm one ends a conference.

use super::command::Transfer;
use super::lookup::APPLICATIONS;
use super::problem::{Code, Problem};
use crate::babelforce::agents::LineStatus;
use crate::babelforce::calls::{Call, CallState, Direction, FinishReason, PendingTransfer, Source};
use crate::babelforce::queues::is_e164;
use crate::babelforce::{Babelforce, Moment};
use crate::ids;

/// Whom a command names.
pub(super) enum Target {
    Number(String),
    Agent(String),
    Application(String),
}

impl Target {
    /// Exactly one of the three.
    fn of(wish: &Transfer) -> Result<Self, Problem> {
        let given = [&wish.to, &wish.agent_id, &wish.application_id];
        let mut targets = given.iter().filter(|target| !target.is_empty());
        let (first, second) = (targets.next(), targets.next());
        let problem = |code, text| Err(Problem::new(code, text).of_call(&wish.call_id));
        match (first, second) {
            (None, _) => problem(Code::TransferTargetRequired, "the target is missing"),
            (_, Some(_)) => problem(Code::BadRequest, "a transfer has exactly one target"),
            _ if !wish.to.is_empty() => Ok(Self::Number(wish.to.clone())),
            _ if !wish.agent_id.is_empty() => Ok(Self::Agent(canonical(&wish.agent_id))),
            _ => Ok(Self::Application(canonical(&wish.application_id))),
        }
    }
}

/// An id as it is on the wire here, however its hyphens were set.
pub(super) fn canonical(id: &str) -> String {
    ids::from_body(id).unwrap_or_else(|| id.to_owned())
}

impl Babelforce {
    pub(super) fn transfer(
        &mut self,
        agent: &str,
        wish: &Transfer,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        let target = Target::of(wish)?;
        let call = self.connected(agent, &wish.call_id)?.clone();
        if wish.warm {
            return self.transfer_warm(agent, &call, &target, moment);
        }
        let refused = |code, text: &str| Err(Problem::new(code, text).of_call(&call.id));
        if !moment.settings.features.transfer {
            return refused(Code::TransferFailed, "transfers are switched off");
        }
        if call.transfer.is_some() {
            return refused(Code::TransferFailed, "a transfer of this call is under way");
        }
        if self.conference_of_leg(&call.id).is_some() {
            return refused(Code::TransferFailed, "the call is in a conference");
        }
        if call.state != CallState::Bridged {
            return refused(Code::TransferFailed, "the other side is not there yet");
        }
        let leg = match target {
            Target::Application(id) => return self.transfer_away(&call, &id, moment),
            Target::Agent(id) => self.leg_to_agent(&call, &id, moment)?,
            Target::Number(number) if !is_e164(&number) => {
                return refused(Code::TransferFailed, "to: must be a number in E.164 form");
            }
            Target::Number(number) => leg_outside(&call, number, moment),
        };
        let pending = PendingTransfer {
            leg: leg.id.clone(),
            was_held: call.held,
        };
        if let Some(call) = self.call_mut(&call.id) {
            call.held = true;
            call.transfer = Some(pending);
        }
        self.publish(moment);
        self.ring(leg, moment);
        Ok(())
    }

    /// To an application: at once, and out of everybody's hands.
    fn transfer_away(&mut self, call: &Call, id: &str, moment: &mut Moment) -> Result<(), Problem> {
        let refused = |text: &str| Err(Problem::new(Code::TransferFailed, text).of_call(&call.id));
        if !APPLICATIONS.iter().any(|application| application.id == id) {
            return refused("there is no such application");
        }
        if !call.can_go_to_application() {
            return refused("an outbound call cannot go to an application");
        }
        let reason = Some(FinishReason::Transferred);
        self.enter(&call.id, CallState::Completed, reason, moment);
        Ok(())
    }

    /// The call that rings a colleague: they see the customer's number.
    fn leg_to_agent(&self, call: &Call, id: &str, moment: &mut Moment) -> Result<Call, Problem> {
        let refused = |code, text: &str| Err(Problem::new(code, text).of_call(&call.id));
        if call.is_of(id) {
            return refused(Code::TransferFailed, "that is the agent's own call");
        }
        let Some(target) = self.agent(id) else {
            return refused(Code::TransferFailed, "there is no such agent");
        };
        if !target.enabled || !target.has_telephone() {
            return refused(
                Code::TransferTargetUnreachable,
                "the agent is not logged in",
            );
        }
        if self.line_status(target) != LineStatus::Available || !target.presence.available {
            let text = "the agent cannot take a call now";
            return refused(Code::TransferTargetUnavailable, text);
        }
        let from = call.far_number().to_owned();
        let to = target.number.clone();
        let mut leg = Call::new(moment.ids, from, to, Source::Transfer, moment.at);
        leg.agent_id = Some(target.id.to_owned());
        leg.direction = Direction::Inbound;
        leg.device = target.device();
        same_conversation(&mut leg, call);
        Ok(leg)
    }

    fn transfer_warm(
        &mut self,
        agent: &str,
        call: &Call,
        target: &Target,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        let has_joined = self
            .conference_of_leg(&call.id)
            .is_some_and(|conference| conference.has_joined(target));
        if !has_joined {
            let text = "the target is not in a conference with this call";
            return Err(Problem::new(Code::NoConference, text).of_call(&call.id));
        }
        self.complete_warm_transfer(agent, &call.id, moment);
        Ok(())
    }

    /// The target of a transfer has answered: the agent is out of it.
    pub(in crate::babelforce) fn transfer_target_answered(
        &mut self,
        leg: &str,
        moment: &mut Moment,
    ) {
        let Some(call) = self.transferring(leg) else {
            return;
        };
        call.transfer = None;
        let id = call.id.clone();
        let reason = Some(FinishReason::Transferred);
        self.enter(&id, CallState::Completed, reason, moment);
    }

    /// The target of a transfer has not answered: the agent has the call back, and is told why.
    pub(in crate::babelforce) fn transfer_target_gone(&mut self, leg: &str, moment: &Moment) {
        let reason = self.call(leg).and_then(|leg| leg.finish_reason);
        let Some(call) = self.transferring(leg) else {
            return;
        };
        let pending = call.transfer.take();
        call.held = pending.is_some_and(|pending| pending.was_held);
        let (id, agent) = (call.id.clone(), call.agent_id.clone().unwrap_or_default());
        self.publish(moment);
        let (code, text) = match reason {
            Some(FinishReason::NoAnswer | FinishReason::Timeout) => {
                (Code::TransferTargetNoAnswer, "the target did not answer")
            }
            Some(FinishReason::Busy) => (Code::TransferTargetBusy, "the target is busy"),
            Some(FinishReason::Declined) => {
                (Code::TransferTargetDeclined, "the target declined the call")
            }
            Some(
                FinishReason::Unreachable
                | FinishReason::NetworkUnreachable
                | FinishReason::UnallocatedNumber
                | FinishReason::InvalidNumber,
            ) => (
                Code::TransferTargetUnreachable,
                "the target cannot be reached",
            ),
            _ => (Code::TransferRejected, "the target did not join"),
        };
        self.complain(&agent, &Problem::new(code, text).of_call(id));
    }

    /// A call is over whose transfer was under way: nobody needs to answer any more.
    pub(in crate::babelforce) fn call_off_transfer(&mut self, call: &str, moment: &mut Moment) {
        let pending = self.call_mut(call).and_then(|call| call.transfer.take());
        if let Some(PendingTransfer { leg, .. }) = pending {
            self.enter(&leg, CallState::Canceled, None, moment);
        }
    }

    fn transferring(&mut self, leg: &str) -> Option<&mut Call> {
        let mut calls = self.calls.iter_mut();
        calls.find(|call| call.transfer.as_ref().is_some_and(|one| one.leg == leg))
    }
}

/// The call that rings somebody outside: they see the customer's number.
fn leg_outside(call: &Call, number: String, moment: &mut Moment) -> Call {
    let from = call.far_number().to_owned();
    let mut leg = Call::new(moment.ids, from, number, Source::Transfer, moment.at);
    same_conversation(&mut leg, call);
    leg
}

/// What belongs to the customer goes with them.
pub(super) fn same_conversation(leg: &mut Call, call: &Call) {
    leg.session_id = call.session_id.clone();
    leg.conversation_id = call.conversation_id.clone();
    leg.session = call.session.clone();
    leg.queue_id = call.queue_id.clone();
}
