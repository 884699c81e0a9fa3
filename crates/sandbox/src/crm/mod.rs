//! The interfaces of two CRMs by which a record's fields are read: HubSpot's CRM objects and Salesforce's query.
//!
//! Written to the vendors' documentation of 2026. What it does not say is in `inferred` of each file.

mod hubspot;
mod salesforce;

use crate::exchange::{Reply, Request};
use crate::ids::Ids;

/// What the two know. Records do not change; Salesforce's tokens come and go.
#[derive(Default)]
pub(crate) struct Crm {
    salesforce: salesforce::Tokens,
}

impl Crm {
    /// Whether a path is one of theirs.
    pub fn has(first_segment: &str) -> bool {
        matches!(first_segment, "crm" | "services")
    }

    pub fn answer(&mut self, request: &Request, ids: &mut Ids) -> Reply {
        match request.segments().as_slice() {
            ["crm", rest @ ..] => hubspot::answer(rest, request, ids),
            ["services", rest @ ..] => self.salesforce.answer(rest, request, ids),
            _ => Reply::empty(404),
        }
    }

    /// Ends every access token.
    pub fn expire_tokens(&mut self) {
        self.salesforce.expire();
    }
}
