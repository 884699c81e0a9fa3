//! Campaign add: numbers for the dialler. The older copy of the vendor's page alone has it.

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Samespace, digits, inferred, refuse};
use crate::clock;
use crate::exchange::{FieldError, Fields, Millis, Reply};
use crate::ids::Ids;

/// The campaign that there is.
pub(super) const NAME: &str = "Spring";
/// Its dial list, which the vendor calls `source`.
pub(super) const DIAL_LIST: &str = "Dial_list";

/// Somebody on the dial list. Nobody is called: the sandbox has no dialler.
#[derive(Serialize)]
pub(crate) struct Contact {
    pub id: String,
    pub campaign: String,
    pub team: String,
    pub number: String,
    /// `data`, as received.
    pub data: Option<Box<RawValue>>,
    pub at: String,
}

/// Inferred: `success` is a text here, as in the vendor's chat API.
#[derive(Serialize)]
struct Added {
    success: &'static str,
}

impl Samespace {
    pub(super) fn add_contact(
        &mut self,
        fields: &Fields,
        at: Millis,
        ids: &mut Ids,
    ) -> Result<Reply, FieldError> {
        let cloud_id = fields.required_text("cloud_id")?;
        let auth_token = fields.required_text("auth_token")?;
        let campaign = fields.required_text("campaign")?;
        let team = fields.required_text("team_name")?;
        let source = fields.required_text("source")?;
        let number = digits(fields, "number")?;
        let data = fields.object("data")?;
        if cloud_id != self.cloud_id || auth_token != self.auth_token {
            return Ok(refuse(inferred::BAD_TOKEN));
        }
        if campaign != NAME || source != DIAL_LIST {
            return Ok(refuse(inferred::NO_SUCH_CAMPAIGN));
        }
        if !self.teams.contains(&team.as_str()) {
            return Ok(refuse(inferred::NO_SUCH_TEAM));
        }
        self.contacts.push(Contact {
            id: ids.hex(),
            campaign,
            team,
            number,
            data,
            at: clock::iso(at),
        });
        Ok(Reply::json(inferred::STATUS, &Added { success: "true" }))
    }
}
