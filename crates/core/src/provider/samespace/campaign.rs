//! Campaign add: puts a number on the dial list of a campaign.
//!
//! Possibly withdrawn: only the older copy of the vendor's page has it. So an account has it only where its
//! configuration turns it on. The reply is not documented; inferred is that it is like a dial's.

use serde::{Deserialize, Serialize};

use super::{Samespace, outcome, post};
use crate::error::{Code, Error};
use crate::http::{Reply, Request};
use crate::outcome::Outcome;
use crate::payload::Payload;
use crate::provider::campaign::{Campaign, Contact};
use crate::secret::Secret;

/// `campaign` of an account: where contacts go.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Config {
    /// The campaign's name.
    name: String,
    /// The team that talks with whom it reaches.
    team: String,
    /// The dial list (the vendor's `source`).
    dial_list: String,
}

impl Config {
    pub(super) fn checked(self) -> Result<Self, Error> {
        for (name, text) in [
            ("name", &self.name),
            ("team", &self.team),
            ("dial_list", &self.dial_list),
        ] {
            if text.trim().is_empty() {
                let problem = format!("campaign.{name} must not be empty.");
                return Err(Error::of(Code::InvalidField, "campaign", problem));
            }
        }
        Ok(self)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    cloud_id: &'a str,
    auth_token: &'a str,
    campaign: &'a str,
    team_name: &'a str,
    source: &'a str,
    number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Payload>,
}

/// The campaign of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OneCampaign {
    url: String,
    cloud_id: String,
    config: Config,
}

impl OneCampaign {
    pub(super) fn of(account: &Samespace, config: Config) -> Self {
        Self {
            url: format!("{}/router/api/v2/campaign/add", account.base),
            cloud_id: account.cloud_id.clone(),
            config,
        }
    }
}

impl Campaign for OneCampaign {
    fn add(&self, contact: &Contact, token: &Secret) -> Result<Request, Error> {
        let body = Body {
            cloud_id: &self.cloud_id,
            auth_token: token.expose(),
            campaign: &self.config.name,
            team_name: &self.config.team,
            source: &self.config.dial_list,
            // Digits only, as in the vendor's example.
            number: contact.number.digits(),
            data: (!contact.payload.is_empty()).then_some(&contact.payload),
        };
        post(self.url.clone(), &body)
    }

    fn read_added(&self, reply: Reply) -> Outcome {
        outcome(reply)
    }
}

#[cfg(test)]
mod tests;
