//! The outbound dialer, as far as joining and leaving: it never dials.

use serde::Serialize;

use super::command::{Dispose, JoinCampaign, Switch};
use super::json::seconds;
use super::problem::{Code, Problem};
use super::transfer::canonical;
use crate::babelforce::{Babelforce, Moment};
use crate::exchange::Millis;

#[derive(Serialize)]
pub(super) struct Campaign {
    id: &'static str,
    name: &'static str,
    active: bool,
}

pub(super) const CAMPAIGNS: [Campaign; 1] = [Campaign {
    id: "4e5f60718293a4b5c6d7e8f90a1b2c3d",
    name: "Spring offer",
    active: true,
}];

/// How a campaign call may have ended.
pub(super) const DISPOSITIONS: [&str; 4] = ["answered", "busy", "callback", "no_answer"];

/// What an agent is to a campaign.
#[derive(Clone, PartialEq, Serialize)]
pub(crate) struct Membership {
    id: &'static str,
    name: &'static str,
    state: MemberState,
    since: Millis,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
enum MemberState {
    #[serde(rename = "CAMPAIGN_MEMBER_STATE_OFFLINE")]
    Offline,
    #[serde(rename = "CAMPAIGN_MEMBER_STATE_WAITING")]
    Waiting,
    /// Paused.
    #[serde(rename = "CAMPAIGN_MEMBER_STATE_IDLE")]
    Idle,
}

#[derive(Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CampaignStatus<'a> {
    campaign_id: &'a str,
    campaign_name: &'a str,
    state: MemberState,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    paused: bool,
    last_reason: &'static str,
    since: String,
}

impl<'a> CampaignStatus<'a> {
    pub fn of(membership: &'a Membership) -> Self {
        Self {
            campaign_id: membership.id,
            campaign_name: membership.name,
            state: membership.state,
            paused: membership.state == MemberState::Idle,
            last_reason: "none",
            since: seconds(membership.since),
        }
    }
}

impl Babelforce {
    pub(super) fn join_campaign(
        &mut self,
        agent: &str,
        wish: &JoinCampaign,
        moment: &Moment,
    ) -> Result<(), Problem> {
        if wish.campaign_id.is_empty() {
            return Err(Problem::new(
                Code::CampaignIdRequired,
                "the campaign is missing",
            ));
        }
        let refused = |text| Problem::new(Code::JoinCampaignFailed, text);
        if !moment.settings.features.outbound {
            return Err(refused("the dialer is switched off"));
        }
        let id = canonical(&wish.campaign_id);
        let campaign = CAMPAIGNS.iter().find(|campaign| campaign.id == id);
        let campaign = campaign.ok_or_else(|| refused("there is no such campaign"))?;
        if let Some(agent) = self.agent_mut(agent) {
            agent.campaign = Some(Membership {
                id: campaign.id,
                name: campaign.name,
                state: state(wish.paused),
                since: moment.at,
            });
        }
        Ok(())
    }

    pub(super) fn leave_campaign(&mut self, agent: &str, at: Millis) -> Result<(), Problem> {
        self.enter_campaign(agent, MemberState::Offline, at, Code::LeaveCampaignFailed)
    }

    pub(super) fn pause_campaign(
        &mut self,
        agent: &str,
        wish: &Switch,
        at: Millis,
    ) -> Result<(), Problem> {
        self.enter_campaign(agent, state(wish.on), at, Code::PauseCampaignFailed)
    }

    fn enter_campaign(
        &mut self,
        agent: &str,
        state: MemberState,
        at: Millis,
        code: Code,
    ) -> Result<(), Problem> {
        let membership = self
            .agent_mut(agent)
            .and_then(|agent| agent.campaign.as_mut());
        match membership.filter(|one| one.state != MemberState::Offline) {
            Some(membership) => {
                membership.state = state;
                membership.since = at;
                Ok(())
            }
            None => Err(Problem::new(code, "the agent is in no campaign")),
        }
    }
}

fn state(paused: bool) -> MemberState {
    if paused {
        MemberState::Idle
    } else {
        MemberState::Waiting
    }
}

/// The dialer has never connected anybody, so there is no call to dispose of.
pub(super) fn dispose(wish: &Dispose) -> Result<(), Problem> {
    if wish.code.is_empty() {
        return Err(Problem::new(
            Code::DisposeCodeRequired,
            "the code is missing",
        ));
    }
    let refused = |text| Err(Problem::new(Code::DisposeCallFailed, text));
    if !DISPOSITIONS.contains(&wish.code.as_str()) {
        return refused("there is no such code");
    }
    if !wish.callback_date.is_empty() && wish.code != "callback" {
        return refused("a date goes with the code callback only");
    }
    refused("there is no campaign call")
}

pub(super) fn end_call() -> Result<(), Problem> {
    Err(Problem::new(
        Code::EndCampaignCallFailed,
        "there is no campaign call",
    ))
}
