//! Commands about the agent: presence, numbers, telephone, line.

use super::command::Switch;
use super::problem::{Code, Problem};
use crate::babelforce::agents::{Agent, PRESENCES};
use crate::babelforce::calls::SERVICE_NUMBERS;
use crate::babelforce::queues::is_e164;
use crate::babelforce::{Babelforce, Moment};

impl Babelforce {
    /// Marks the agent as reachable in the browser, whatever they can do, as published.
    pub(super) fn register_agent(&mut self, agent: &'static str, capabilities: Vec<String>) {
        if let Some(agent) = self.agent_mut(agent) {
            agent.webrtc = true;
        }
        self.register(agent, capabilities);
    }

    pub(super) fn set_presence(
        &mut self,
        agent: &str,
        name: &str,
        moment: &Moment,
    ) -> Result<(), Problem> {
        if name.is_empty() {
            let text = "the name of the presence is missing";
            return Err(Problem::new(Code::PresenceNameRequired, text));
        }
        let refused = |text| Problem::new(Code::SetPresenceFailed, text);
        if !moment.settings.features.status_change {
            return Err(refused("agents may not change their status"));
        }
        let presence = PRESENCES.iter().find(|presence| presence.name == name);
        let presence = presence.ok_or_else(|| refused("there is no such presence"))?;
        self.profile(agent, Code::SetPresenceFailed)?.presence = *presence;
        Ok(())
    }

    pub(super) fn set_display_as(&mut self, agent: &str, number: &str) -> Result<(), Problem> {
        if !SERVICE_NUMBERS.contains(&number) {
            let text = "number forbidden as Display-As";
            return Err(Problem::new(Code::DisplayAsForbidden, text));
        }
        number.clone_into(&mut self.profile(agent, Code::DisplayAsForbidden)?.display_as);
        Ok(())
    }

    pub(super) fn set_agent_number(
        &mut self,
        agent: &str,
        number: &str,
        moment: &Moment,
    ) -> Result<(), Problem> {
        if number.is_empty() {
            let text = "the number is missing";
            return Err(Problem::new(Code::AgentNumberRequired, text));
        }
        let refused = |text| Err(Problem::new(Code::SetAgentNumberFailed, text));
        if !moment.settings.features.device_switch {
            return refused("agents may not change their device");
        }
        if !is_e164(number) {
            return refused("number: must be in E.164 form");
        }
        number.clone_into(&mut self.profile(agent, Code::SetAgentNumberFailed)?.number);
        Ok(())
    }

    pub(super) fn set_webrtc(
        &mut self,
        agent: &str,
        wish: &Switch,
        moment: &Moment,
    ) -> Result<(), Problem> {
        if !moment.settings.features.device_switch {
            let text = "agents may not change their device";
            return Err(Problem::new(Code::SetWebrtcFailed, text));
        }
        self.profile(agent, Code::SetWebrtcFailed)?.webrtc = wish.on;
        Ok(())
    }

    pub(super) fn reset_line(&mut self, agent: &str) {
        if let Some(agent) = self.agent_mut(agent) {
            agent.line_block = None;
        }
    }

    fn profile(&mut self, agent: &str, code: Code) -> Result<&mut Agent, Problem> {
        self.agent_mut(agent)
            .ok_or_else(|| Problem::new(code, "there is no such agent"))
    }
}
