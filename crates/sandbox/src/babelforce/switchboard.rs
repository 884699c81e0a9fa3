//! How calls move, and what follows when one has moved.

use super::acts::Side;
use super::agents::Device;
use super::calls::{Call, CallState, Direction, FinishReason};
use super::scripts::Played;
use super::timetable::Due;
use super::{Babelforce, Moment};

impl Babelforce {
    /// Rings the agent who dialled: their own leg comes first.
    pub(super) fn ring_out(&mut self, id: &str, moment: &mut Moment) {
        if moment.settings.auto_progress.is_some() {
            self.progress_from(id, CallState::Init, moment);
        } else {
            self.enter(id, CallState::Ringing, None, moment);
        }
    }

    /// Adds a call that rings at once, at an agent or at somebody outside.
    pub(super) fn ring(&mut self, call: Call, moment: &mut Moment) {
        let id = call.id.clone();
        self.calls.push(call);
        self.enter(&id, CallState::Ringing, None, moment);
    }

    /// Offers a call to its agent. For one who is logged out or has no telephone it fails at once.
    pub(crate) fn offer(&mut self, mut call: Call, moment: &mut Moment) {
        let agent = self.agent(call.agent_id.as_deref().unwrap_or_default());
        let reachable = agent.is_some_and(|agent| agent.enabled && agent.has_telephone());
        if let Some(agent) = agent {
            call.device = agent.device();
        }
        if reachable {
            return self.ring(call, moment);
        }
        let id = call.id.clone();
        self.calls.push(call);
        self.publish(moment);
        let reason = Some(FinishReason::Unreachable);
        self.enter(&id, CallState::Failed, reason, moment);
    }

    /// Lets a call move on by itself from here, where the settings say so.
    pub(super) fn progress_from(&mut self, id: &str, from: CallState, moment: &Moment) {
        if let Some(auto) = moment.settings.auto_progress
            && from != auto.until
        {
            let call = id.to_owned();
            let at = moment.at.saturating_add(auto.step_ms);
            self.timetable.put(at, Due::Progress { call, from });
        }
    }

    /// Moves a call to `state`, tells the agents, and does what follows from it.
    pub(crate) fn enter(
        &mut self,
        id: &str,
        state: CallState,
        reason: Option<FinishReason>,
        moment: &mut Moment,
    ) {
        let Some(call) = self.call_mut(id) else {
            return;
        };
        let before = call.state;
        call.enter(state, reason, moment.at);
        if state == CallState::Bridged && call.auto_record && !call.recorded {
            call.start_recording(moment.ids, moment.at);
        }
        if state.is_final() && !before.is_final() {
            self.end_recordings(id, moment);
            self.begin_wrap_up(id, moment);
        }
        self.publish(moment);
        match state {
            CallState::Ringing => self.rings(id, moment),
            CallState::InProgress => self.answered(id, moment),
            CallState::Bridged if before != CallState::InProgress => self.answered(id, moment),
            state if state.is_final() && !before.is_final() => self.ended(id, moment),
            _ => {}
        }
    }

    /// A telephone rings: whoever has it may have a script. Somebody outside who has none answers
    /// by themselves where calls move on by themselves.
    fn rings(&mut self, id: &str, moment: &Moment) {
        let Some(call) = self.call(id) else { return };
        match (&call.agent_id, call.device) {
            (None, _) => {
                let number = call.to.clone();
                if self.play_script(&number, Side::Customer, id, moment) == Played::Nothing {
                    self.progress_from(id, CallState::Ringing, moment);
                }
            }
            (Some(agent), Device::Phone) => {
                if let Some(agent) = self.agent(agent) {
                    let number = agent.number.clone();
                    self.play_script(&number, Side::Agent, id, moment);
                }
            }
            (Some(_), Device::Browser) => {}
        }
    }

    /// Somebody has answered: an agent, or who was called without one.
    fn answered(&mut self, id: &str, moment: &mut Moment) {
        self.transfer_target_answered(id, moment);
        self.member_answered(id, moment);
        let Some(call) = self.call(id) else { return };
        if call.agent_id.is_none() || call.state != CallState::InProgress {
            return;
        }
        match call.direction {
            // The other side has been there all the time.
            Direction::Inbound if moment.settings.auto_progress.is_none() => {
                self.enter(id, CallState::Bridged, None, moment);
            }
            Direction::Inbound => self.progress_from(id, CallState::InProgress, moment),
            // Now the customer is called.
            Direction::Outbound => {
                let (number, offer) = (call.to.clone(), call.is_offer());
                self.play_script(&number, Side::Customer, id, moment);
                if offer {
                    self.progress_from(id, CallState::InProgress, moment);
                }
            }
        }
    }

    /// A call is over.
    fn ended(&mut self, id: &str, moment: &mut Moment) {
        self.call_off_transfer(id, moment);
        self.transfer_target_gone(id, moment);
        self.member_gone(id, moment);
    }

    /// Does what is due. `false` if nothing was.
    pub(crate) fn tick(&mut self, moment: &mut Moment) -> bool {
        let Some(task) = self.timetable.take_due(moment.at) else {
            return false;
        };
        match task {
            Due::Progress { call, from } => {
                let state = self.call(&call).map(|call| call.state);
                if let (true, Some(next)) = (state == Some(from), from.next()) {
                    self.enter(&call, next, None, moment);
                    self.progress_from(&call, next, moment);
                }
            }
            // A step that does not fit any more is left out: the script was written beforehand.
            Due::Act { call, act } => drop(self.act(&call, act, moment)),
            Due::EndWrapUp { agent, ends } => self.end_wrap_up(agent, ends, moment),
            Due::Beat { agent, stream } => self.beat(agent, stream, moment),
            Due::CheckTokens => self.close_unauthenticated(moment),
            Due::Schedule { name, made, at } => self.fire(&name, made, at, moment),
        }
        true
    }
}
