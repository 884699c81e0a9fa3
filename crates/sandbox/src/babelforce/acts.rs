//! What people do with their telephones: the agent with their own, and whoever is at the other
//! end. The control interface, the agent desk and scripts all speak these few words.

use serde::{Deserialize, Serialize};

use super::agents::LineBlock;
use super::calls::{Call, CallState, FinishReason};
use super::{Babelforce, Moment};

/// Whose telephone.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Side {
    /// The agent's own telephone.
    Agent,
    /// The customer, or whoever else is called.
    #[default]
    Customer,
}

/// What is done with it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deed {
    Answer,
    HangUp,
    Busy,
    NoAnswer,
    Decline,
    Unreachable,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Act {
    #[serde(default)]
    pub who: Side,
    pub r#do: Deed,
}

/// The call is not in a state in which this can happen.
pub(crate) struct NotNow(pub CallState);

impl Deed {
    /// How a telephone that rings ends a call.
    fn refusal(self) -> Option<(CallState, FinishReason, LineBlock)> {
        Some(match self {
            Self::Answer | Self::HangUp => return None,
            Self::Busy => (CallState::Busy, FinishReason::Busy, LineBlock::Busy),
            Self::NoAnswer => (
                CallState::NoAnswer,
                FinishReason::NoAnswer,
                LineBlock::Unreachable,
            ),
            Self::Decline => (
                CallState::Failed,
                FinishReason::Declined,
                LineBlock::Declined,
            ),
            Self::Unreachable => (
                CallState::Failed,
                FinishReason::Unreachable,
                LineBlock::Unreachable,
            ),
        })
    }
}

impl Call {
    /// Whether the other side's telephone rings: it is called once the agent has answered; who is
    /// called without an agent is called at once.
    pub fn rings_customer(&self) -> bool {
        let rings_in = match self.agent_id {
            Some(_) => CallState::InProgress,
            None => CallState::Ringing,
        };
        self.state == rings_in
    }

    pub fn rings_agent(&self) -> bool {
        self.agent_id.is_some() && self.state == CallState::Ringing
    }
}

impl Babelforce {
    pub(crate) fn act(&mut self, id: &str, act: Act, moment: &mut Moment) -> Result<(), NotNow> {
        let Some(call) = self.call(id) else {
            return Ok(());
        };
        let live = !call.state.is_final();
        let not_now = Err(NotNow(call.state));
        match act {
            Act {
                who: Side::Agent,
                r#do: Deed::Answer,
            } if call.rings_agent() => self.agent_answers(id, moment),
            Act {
                who: Side::Agent,
                r#do: Deed::HangUp,
            } if live && call.agent_id.is_some() => self.agent_hangs_up(id, moment),
            Act {
                who: Side::Customer,
                r#do: Deed::Answer,
            } if call.rings_customer() => self.enter(id, CallState::Bridged, None, moment),
            Act {
                who: Side::Customer,
                r#do: Deed::HangUp,
            } if live => self.customer_hangs_up(id, moment),
            Act { who, r#do } => {
                let rings = match who {
                    Side::Agent => call.rings_agent(),
                    Side::Customer => call.rings_customer(),
                };
                let (true, Some((state, reason, block))) = (rings, r#do.refusal()) else {
                    return not_now;
                };
                if who == Side::Agent && call.is_offer() {
                    let agent = call.agent_id.clone().unwrap_or_default();
                    if let Some(agent) = self.agent_mut(&agent) {
                        agent.line_block = Some(block);
                    }
                }
                self.enter(id, state, Some(reason), moment);
            }
        }
        Ok(())
    }

    /// The other side hangs up: in a conference only they are gone, else the call is over.
    pub(super) fn customer_hangs_up(&mut self, id: &str, moment: &mut Moment) {
        if self.customer_leaves_conference(id, moment) {
            return;
        }
        let offered = self.call(id).is_some_and(Call::rings_agent);
        let state = if offered {
            CallState::Canceled
        } else {
            CallState::Completed
        };
        self.enter(id, state, Some(FinishReason::PassiveHangup), moment);
    }

    /// The agent hangs up: what was offered and not answered is declined, a conference goes on
    /// without them, any other call is over.
    pub(super) fn agent_hangs_up(&mut self, id: &str, moment: &mut Moment) {
        if self.leaves_conference(id, moment) {
            return;
        }
        let declined = self
            .call(id)
            .is_some_and(|call| call.rings_agent() && call.is_offer());
        let (state, reason) = if declined {
            (CallState::Failed, FinishReason::Declined)
        } else {
            (CallState::Completed, FinishReason::Hangup)
        };
        self.enter(id, state, Some(reason), moment);
    }

    /// The agent's own leg is there.
    pub(super) fn agent_answers(&mut self, id: &str, moment: &mut Moment) {
        self.enter(id, CallState::InProgress, None, moment);
        if self.call(id).is_some_and(|call| !call.is_offer()) {
            self.progress_from(id, CallState::InProgress, moment);
        }
    }
}
