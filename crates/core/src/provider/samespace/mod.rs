//! Samespace: Voice API.
//!
//! Source: the vendor's "Voice API" page (an older copy of it has the click-to-call address). Dial and
//! callback carry no credential: whoever reaches them can ring an agent. So they belong behind the relay.
//!
//! Not documented, so inferred and kept in this folder: the success body (`{"success": true}`, from a third party's
//! code), that a callback answers like a dial, the reply of the token reset, and much of the analytics query.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::campaign::OneCampaign;
use self::past_calls::Analytics;
use super::campaign::Campaign;
use super::past_calls::PastCalls;
use super::reply::{self, Read};
use super::{Dialled, Provider, Rotation, base_url, read_config};
use crate::call::{CallRequest, CallState, Mode, Progress, Recording};
use crate::callback::CallbackRequest;
use crate::capability::Capability;
use crate::error::{Code, Error};
use crate::http::{Method, Reply, Request};
use crate::outcome::{Because, Outcome};
use crate::payload::Payload;
use crate::secret::Secret;
use crate::token;

mod campaign;
mod desk;
pub mod past_calls;
mod reset;

pub use desk::SamespaceDesk;

/// The provider's name.
pub const NAME: &str = "samespace";

/// What Samespace can do at most: figures and a campaign only where an account's configuration has them. It reports
/// nothing about a call after it took it.
pub const CAPABILITIES: &[Capability] = &[
    Capability::Dial,
    Capability::CallerId,
    Capability::Callback,
    Capability::RotateToken,
    Capability::Statistics,
    Capability::Campaign,
];

/// What every account can do.
const ALWAYS: &[Capability] = &[
    Capability::Dial,
    Capability::CallerId,
    Capability::Callback,
    Capability::RotateToken,
];

/// One Samespace account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samespace {
    base: String,
    cloud_id: String,
    analytics: Option<Analytics>,
    campaign: Option<OneCampaign>,
    capabilities: Vec<Capability>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Names the host: `ph1c` for `https://ph1c.samespace.com`.
    cluster_id: String,
    /// Names the tenancy in usernames and in the token reset.
    cloud_id: String,
    /// Instead of the host made from `cluster_id`.
    base_url: Option<String>,
    /// Figures, where the tenancy has a key for them.
    analytics: Option<past_calls::Config>,
    /// Possibly withdrawn by the vendor, so off unless it is configured.
    campaign: Option<campaign::Config>,
}

pub(super) fn configure(config: Value) -> Result<Box<dyn Provider>, Error> {
    Ok(Box::new(Samespace::from_config(config)?))
}

#[derive(Serialize)]
struct MakeCall<'a> {
    username: &'a str,
    number: &'a str,
    #[serde(rename = "callerId", skip_serializing_if = "Option::is_none")]
    caller_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom: Option<Payload>,
}

#[derive(Serialize)]
struct TeamMakeCall<'a> {
    space_id: &'a str,
    team_name: &'a str,
    number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attributes: Option<&'a Payload>,
}

/// Where callbacks go.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// The tenancy's space.
    pub space_id: String,
    /// The team in it.
    pub team_name: String,
}

impl Samespace {
    /// Reads an account from `{cluster_id, cloud_id, base_url?, analytics?, campaign?}`.
    ///
    /// # Errors
    /// What is wrong with the configuration, with the field.
    pub fn from_config(config: Value) -> Result<Self, Error> {
        let config: Config = read_config(config)?;
        let label = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        if !label(&config.cluster_id) {
            return Err(Error::of(
                Code::InvalidField,
                "cluster_id",
                "cluster_id is the first part of the host, as ph1c in ph1c.samespace.com.",
            ));
        }
        if config.cloud_id.trim().is_empty() {
            return Err(Error::of(
                Code::InvalidField,
                "cloud_id",
                "cloud_id must not be empty.",
            ));
        }
        let base = match config.base_url {
            Some(url) => base_url(&url, "base_url")?,
            None => format!("https://{}.samespace.com", config.cluster_id),
        };
        let mut account = Self::at(&base, &config.cloud_id)?;
        if let Some(analytics) = config.analytics {
            account.analytics = Some(Analytics::from_config(&account.base, analytics)?);
            account.capabilities.push(Capability::Statistics);
        }
        if let Some(campaign) = config.campaign {
            account.campaign = Some(OneCampaign::of(&account, campaign.checked()?));
            account.capabilities.push(Capability::Campaign);
        }
        Ok(account)
    }

    /// The account at a base address. `cloud_id` may be empty where usernames are given in full.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for what is no address.
    pub fn at(base: &str, cloud_id: &str) -> Result<Self, Error> {
        Ok(Self {
            base: base_url(base, "base_url")?,
            cloud_id: cloud_id.to_owned(),
            analytics: None,
            campaign: None,
            capabilities: ALWAYS.to_vec(),
        })
    }

    /// A username in full: `<username>@<cloud_id>`.
    fn username(&self, agent: &str) -> Result<String, Error> {
        let agent = agent.trim();
        match agent.split_once('@') {
            Some((name, cloud)) if !name.is_empty() && !cloud.is_empty() => Ok(agent.to_owned()),
            None if !agent.is_empty() && !self.cloud_id.is_empty() => {
                Ok(format!("{agent}@{}", self.cloud_id))
            }
            _ => Err(Error::of(
                Code::InvalidField,
                "agent",
                "A Samespace username has the form <username>@<cloud_id>.",
            )),
        }
    }
}

impl Provider for Samespace {
    fn name(&self) -> &'static str {
        NAME
    }

    fn reset_token(&self, token: &Secret) -> Result<Request, Error> {
        self.reset_request(token)
    }

    fn read_reset(&self, reply: Reply) -> Rotation {
        Self::read_rotation(reply)
    }

    fn capabilities(&self) -> &[Capability] {
        &self.capabilities
    }

    fn figures(&self) -> Option<&dyn PastCalls> {
        let analytics = self.analytics.as_ref()?;
        Some(analytics)
    }

    fn campaign(&self) -> Option<&dyn Campaign> {
        let campaign = self.campaign.as_ref()?;
        Some(campaign)
    }

    fn tokens(&self) -> Option<token::Config> {
        None
    }

    fn check_agent(&self, agent: &str) -> Result<(), Error> {
        self.username(agent).map(drop)
    }

    fn dial(&self, agent: &str, call: &CallRequest, _: Option<&Secret>) -> Result<Request, Error> {
        if call.mode == Mode::Prefill {
            return Err(self.cannot(Capability::Prefill).at("prefill"));
        }
        if call.recording == Recording::Always {
            return Err(self.cannot(Capability::Record).at("auto_record"));
        }
        let payload = call.travelling_payload();
        let body = MakeCall {
            username: &self.username(agent)?,
            // Every example of the vendor has digits only here …
            number: call.number.digits(),
            // … and a plus here.
            caller_id: call.caller_id.as_ref().map(|number| number.as_e164()),
            custom: (!payload.is_empty()).then_some(payload),
        };
        post(format!("{}/apiv1/make_call", self.base), &body)
    }

    fn read_dial(&self, reply: Reply) -> Dialled {
        let outcome = outcome(reply);
        let progress = (outcome == Outcome::Accepted).then(|| Progress::of(CallState::HandedOver));
        Dialled {
            outcome,
            call: None,
            progress,
        }
    }

    fn check_target(&self, target: &Value) -> Result<(), Error> {
        read_config::<Target>(target.clone()).map(drop)
    }

    fn callback(
        &self,
        target: &Value,
        callback: &CallbackRequest,
        _: Option<&Secret>,
    ) -> Result<Request, Error> {
        self.team_call(&read_config(target.clone())?, callback)
    }

    fn read_callback(&self, reply: Reply) -> Outcome {
        outcome(reply)
    }
}

impl Samespace {
    /// The request that has a team call somebody.
    ///
    /// # Errors
    /// [`Code::CapabilityMissing`] for a time.
    pub fn team_call(&self, target: &Target, callback: &CallbackRequest) -> Result<Request, Error> {
        if callback.at.is_some() {
            return Err(self.cannot(Capability::Schedule).at("at"));
        }
        let body = TeamMakeCall {
            space_id: &target.space_id,
            team_name: &target.team_name,
            number: callback.number.digits(),
            attributes: (!callback.payload.is_empty()).then_some(&callback.payload),
        };
        post(format!("{}/apiv1/team/make_call", self.base), &body)
    }
}

fn post(url: String, body: &impl Serialize) -> Result<Request, Error> {
    let body = serde_json::to_string(body).map_err(|e| {
        Error::new(
            Code::Internal,
            format!("The request could not be written: {e}."),
        )
    })?;
    Ok(Request::json(Method::Post, url, body))
}

/// Decided on `success` alone: the status of success and of refusal is not documented.
fn outcome(reply: Reply) -> Outcome {
    match reply::read(reply) {
        Read::Yes(_) => Outcome::Accepted,
        Read::NoWord(_) => Outcome::Unknown(Because::code(Code::SuccessMissing)),
        Read::No(Outcome::Refused(because)) => Outcome::Refused(not_logged_in(because)),
        Read::No(outcome) => outcome,
    }
}

/// The one error text that the vendor documents: "Cant make call! Not logged In".
fn not_logged_in(mut because: Because) -> Because {
    let says_so = because
        .message
        .as_ref()
        .is_some_and(|message| message.to_ascii_lowercase().contains("not logged in"));
    // A dial has no credentials that could be rejected.
    let refused = [Code::ProviderRefused, Code::ProviderRejectedCredentials];
    if says_so && refused.contains(&because.code) {
        because.code = Code::AgentNotLoggedIn;
    }
    because
}

#[cfg(test)]
mod tests;
