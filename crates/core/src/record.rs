//! The CRM record behind a call.

use serde::{Deserialize, Serialize};

use crate::json::{Field, object};

/// Which record of which CRM a call is about. All text is the CRM's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The CRM, for example `salesforce`.
    pub system: String,
    /// The object type, for example `Lead`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The record's id in that CRM.
    pub id: String,
    /// What people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it can be opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Record {
    /// As JSON text, in the order of the names.
    pub fn to_json(&self) -> String {
        let mut fields = vec![("id", Field::Text(&self.id))];
        fields.extend(self.name.as_ref().map(|name| ("name", Field::Text(name))));
        fields.push(("system", Field::Text(&self.system)));
        fields.push(("type", Field::Text(&self.kind)));
        fields.extend(self.url.as_ref().map(|url| ("url", Field::Text(url))));
        object(&fields)
    }
}

/// The payload key under which a record travels, unless the payload already has it.
pub const PAYLOAD_KEY: &str = "patchcord_record";
