//! After-call work.

use serde::Serialize;

use super::problem::{Code, Problem};
use crate::babelforce::calls::{Call, Direction};
use crate::babelforce::timetable::Due;
use crate::babelforce::{Babelforce, Moment};
use crate::exchange::Millis;

/// The wrap-up an agent is in.
#[derive(Clone, PartialEq, Serialize)]
pub(crate) struct WrapUp {
    pub ends: Millis,
    pub call_type: Direction,
    pub can_cancel: bool,
    /// The seconds by which it may still be put off; `None` where that is not allowed at all.
    pub extension: Option<u32>,
}

impl WrapUp {
    pub fn can_extend(&self) -> bool {
        self.extension.is_some_and(|left| left > 0)
    }

    /// What is left, a part of a second counting as one.
    pub fn remaining_seconds(&self, at: Millis) -> u64 {
        self.ends.saturating_sub(at).div_ceil(1000)
    }
}

impl Babelforce {
    /// The wrap-up after a call in which the agent has talked, as long as the queue says or, for
    /// a call that came out of none, the settings. Inferred: not while another call is connected.
    pub(in crate::babelforce) fn begin_wrap_up(&mut self, call: &str, moment: &Moment) {
        let Some(call) = self.call(call) else { return };
        let (Some(agent), Some(_)) = (call.agent_id.clone(), call.established) else {
            return;
        };
        let connected = |other: &Call| other.is_of(&agent) && other.state.is_connected();
        if self.calls.iter().any(connected) {
            return;
        }
        let rules = &moment.settings.wrap_up;
        let queue = self
            .queues
            .iter()
            .find(|queue| Some(queue.id) == call.queue_id.as_deref());
        let seconds = queue.map_or(rules.seconds, |queue| u32::from(queue.wrap_up_time));
        if seconds == 0 {
            return;
        }
        let ends = moment.at.saturating_add(u64::from(seconds) * 1000);
        let wrap_up = WrapUp {
            ends,
            call_type: call.direction,
            can_cancel: rules.can_cancel,
            extension: rules.extension,
        };
        if let Some(agent) = self.agent_mut(&agent) {
            agent.wrap_up = Some(wrap_up);
            let task = Due::EndWrapUp {
                agent: agent.id,
                ends,
            };
            self.timetable.put(ends, task);
        }
    }

    pub(in crate::babelforce) fn end_wrap_up(
        &mut self,
        agent: &str,
        ends: Millis,
        moment: &Moment,
    ) {
        if let Some(agent) = self.agent_mut(agent)
            && agent.wrap_up.as_ref().is_some_and(|one| one.ends == ends)
        {
            agent.wrap_up = None;
        }
        self.publish(moment);
    }

    /// A refusal on policy grounds says in its message, and only there, how many seconds there
    /// still are.
    pub(super) fn extend_wrap_up(&mut self, agent: &str, seconds: i32) -> Result<(), Problem> {
        let seconds = u32::try_from(seconds)
            .ok()
            .filter(|seconds| *seconds > 0)
            .ok_or_else(|| Problem::new(Code::WrapUpExtendFailed, "seconds must be at least 1"))?;
        let agent = self.agent_mut(agent);
        let Some((id, wrap_up)) = agent.and_then(|agent| Some((agent.id, agent.wrap_up.as_mut()?)))
        else {
            return Err(Problem::new(Code::WrapUpNotExtended, ""));
        };
        let Some(left) = wrap_up.extension else {
            return Err(Problem::new(Code::WrapUpExtendCapped, ""));
        };
        let Some(rest) = left.checked_sub(seconds) else {
            return Err(Problem::new(Code::WrapUpExtendCapped, left.to_string()));
        };
        wrap_up.extension = Some(rest);
        wrap_up.ends = wrap_up.ends.saturating_add(u64::from(seconds) * 1000);
        let ends = wrap_up.ends;
        self.timetable.put(ends, Due::EndWrapUp { agent: id, ends });
        Ok(())
    }

    pub(super) fn cancel_wrap_up(&mut self, agent: &str) -> Result<(), Problem> {
        let refused = |text: &str| Problem::new(Code::WrapUpCancelFailed, text);
        let wrap_up = self.agent_mut(agent).map(|agent| &mut agent.wrap_up);
        match wrap_up {
            Some(
                wrap_up @ Some(WrapUp {
                    can_cancel: true, ..
                }),
            ) => {
                *wrap_up = None;
                Ok(())
            }
            Some(Some(_)) => Err(refused("this wrap-up cannot be ended early")),
            _ => Err(refused("the agent is not in wrap-up")),
        }
    }
}
