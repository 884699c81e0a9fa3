//! Commands about one call.

use super::command::{Answer, Digits, PlaceCall, SwitchOfCall};
use super::json;
use super::problem::{Code, Problem};
use crate::babelforce::agents::Device;
use crate::babelforce::calls::{Call, CallState, SERVICE_NUMBERS, Source};
use crate::babelforce::queues::is_e164;
use crate::babelforce::{Babelforce, Moment};
use crate::exchange::Millis;

/// How long a digit takes on the line, and how many may wait on one call.
const DIGIT: Millis = 180;
const DIGITS_LIMIT: u64 = 64;

impl Babelforce {
    /// The live call a command means. Without an id it is the one the agent has.
    pub(super) fn meant<'a>(&'a mut self, agent: &str, id: &str) -> Result<&'a mut Call, Problem> {
        let mine = |call: &&mut Call| {
            call.is_of(agent) && !call.state.is_final() && call.state != CallState::Scheduled
        };
        let mut mine = self.calls.iter_mut().filter(mine);
        if !id.is_empty() {
            let named = mine.find(|call| call.id == id);
            return named.ok_or_else(|| {
                Problem::new(Code::NoCall, "the agent has no such call").of_call(id)
            });
        }
        let Some(one) = mine.next() else {
            return Err(Problem::new(Code::NoCall, "the agent is in no call"));
        };
        match mine.next() {
            None => Ok(one),
            Some(_) => {
                let text = "the agent has more than one call, and the command names none";
                Err(Problem::new(Code::AmbiguousCall, text).of_call(&one.id))
            }
        }
    }

    /// The call a command means, if both sides are in it or about to be.
    pub(super) fn connected<'a>(
        &'a mut self,
        agent: &str,
        id: &str,
    ) -> Result<&'a mut Call, Problem> {
        let call = self.meant(agent, id)?;
        if call.state.is_connected() {
            return Ok(call);
        }
        Err(Problem::new(Code::NoCall, "the call is not connected").of_call(&call.id))
    }

    pub(super) fn place(
        &mut self,
        agent: &'static str,
        wish: PlaceCall,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        let refused = |code, text: &str| Err(Problem::new(code, text));
        if !moment.settings.features.calls {
            return refused(Code::PlaceCallFailed, "calls are switched off");
        }
        if !is_e164(&wish.to) {
            return refused(Code::PlaceCallFailed, "to: must be a number in E.164 form");
        }
        let Some(caller) = self.agent(agent) else {
            return refused(Code::PlaceCallFailed, "there is no such agent");
        };
        if !caller.enabled || !caller.presence.available {
            return refused(
                Code::AgentNotAvailable,
                "the agent's presence is not available",
            );
        }
        if caller.line_block.is_some() {
            return refused(Code::AgentNotAvailable, "the agent's line is blocked");
        }
        if !caller.has_telephone() {
            let text = "neither the browser phone nor an agent number is set";
            return refused(Code::AgentNumberRequired, text);
        }
        let mut others = self.calls.iter();
        if others.any(|call| call.is_of(agent) && !call.state.is_final() && !call.held) {
            return refused(Code::AgentNotAvailable, "the agent is in another call");
        }
        let from = match wish.display_as_to.as_str() {
            "" => caller.display_as.clone(),
            number if SERVICE_NUMBERS.contains(&number) => number.to_owned(),
            _ => {
                let text = "number forbidden as Display-As";
                return refused(Code::DisplayAsForbidden, text);
            }
        };
        let (device, always_record) = (caller.device(), caller.always_record);
        let source = match device {
            Device::Browser => Source::Webrtc,
            Device::Phone => Source::Api,
        };
        let mut call = Call::new(moment.ids, from, wish.to, source, moment.at);
        call.agent_id = Some(agent.to_owned());
        call.device = device;
        call.auto_record = wish.record || always_record;
        call.display_as_from = Some(wish.display_as_from).filter(|number| !number.is_empty());
        if !wish.session.is_empty() {
            let text = json::text(&wish.session);
            call.session = serde_json::value::RawValue::from_string(text).ok();
        }
        let id = call.id.clone();
        self.calls.push(call);
        self.publish(moment);
        self.ring_out(&id, moment);
        Ok(())
    }

    /// As published: an answer needs the SDP of a media leg. A call that rings the agent's own
    /// telephone has none, and is answered there.
    pub(super) fn answer_call(
        &mut self,
        agent: &str,
        wish: Answer,
        window: u64,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        if wish.sdp.is_empty() {
            let text = "the SDP answer is missing";
            return Err(Problem::new(Code::AnswerRequiresSdp, text).of_call(wish.call_id));
        }
        let call = self.meant(agent, &wish.call_id)?;
        let id = call.id.clone();
        let refused = |text| Err(Problem::new(Code::AnswerFailed, text).of_call(&id));
        if !call.rings_agent() {
            return refused("the call does not ring");
        }
        if call.device == Device::Phone {
            return refused("the call rings the agent's telephone and has no media leg here");
        }
        if !wish.sdp.starts_with("v=0") {
            return refused("the SDP answer is none");
        }
        call.window = Some(window);
        self.agent_answers(&id, moment);
        Ok(())
    }

    pub(super) fn hang_up(
        &mut self,
        agent: &str,
        call: &str,
        window: u64,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        let id = self.meant(agent, call)?.id.clone();
        self.held_here(&id, window, moment)?;
        self.agent_hangs_up(&id, moment);
        Ok(())
    }

    pub(super) fn mute(
        &mut self,
        agent: &str,
        wish: &SwitchOfCall,
        window: u64,
        moment: &Moment,
    ) -> Result<(), Problem> {
        let id = self.connected(agent, &wish.call_id)?.id.clone();
        self.held_here(&id, window, moment)?;
        self.connected(agent, &id)?.muted = wish.on;
        Ok(())
    }

    /// The window that answered a call has its audio: hanging up and muting are done there, as
    /// long as somebody is signed in there.
    fn held_here(&self, call: &str, window: u64, moment: &Moment) -> Result<(), Problem> {
        match self.call(call).and_then(|call| call.window) {
            Some(other) if other != window && self.tokens.is_signed_in(other, moment.at) => {
                let text = "another window of the agent has answered this call";
                Err(Problem::new(Code::CallOnAnotherWindow, text).of_call(call))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn hold(&mut self, agent: &str, wish: &SwitchOfCall) -> Result<(), Problem> {
        self.connected(agent, &wish.call_id)?.held = wish.on;
        Ok(())
    }

    pub(super) fn send_digits(
        &mut self,
        agent: &str,
        wish: &Digits,
        at: Millis,
    ) -> Result<(), Problem> {
        if wish.digits.is_empty() {
            let text = "the digits are missing";
            return Err(Problem::new(Code::DigitsRequired, text).of_call(&wish.call_id));
        }
        let call = self.connected(agent, &wish.call_id)?;
        let refused = |code, text| Err(Problem::new(code, text).of_call(&call.id));
        let known = |digit: char| digit.is_ascii_digit() || "*#ABCD".contains(digit);
        if !wish.digits.chars().all(known) {
            return refused(Code::UnsupportedDigit, "digits are 0-9, *, # and A-D");
        }
        if call.held {
            return refused(Code::CallOnHold, "the call is on hold");
        }
        let outstanding = call.digits_until.saturating_sub(at).div_ceil(DIGIT);
        let more = wish.digits.chars().count() as u64;
        if outstanding + more > DIGITS_LIMIT {
            return refused(Code::TooManyDigits, "at most 64 digits may be outstanding");
        }
        call.digits_until = call.digits_until.max(at) + more * DIGIT;
        call.digits.push_str(&wish.digits);
        Ok(())
    }
}
