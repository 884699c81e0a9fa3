//! Why the fields of a record are not known.

use patchcord_core::http::{Failure, Reply};
use serde_json::Value;

/// The longest code of a CRM that is repeated.
const LONGEST_CODE: usize = 64;
/// The longest message of a CRM that is repeated, in characters.
const LONGEST_MESSAGE: usize = 300;

/// Why the fields of a record are not known. As text it holds no value of a record, and no part of the credential.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// The host has no credential for it.
    #[error("this host has no look-up of records")]
    NoLookUp,
    /// The mapping does not have the type.
    #[error("the object type is not one of the host's mapping")]
    Type,
    /// Not in the form of the CRM's ids.
    #[error("this is no id of the CRM's")]
    Id,
    /// There is none, or the credential does not show it.
    #[error("{0} has no such record that the relay's credential may see")]
    NotFound(&'static str),
    /// The CRM said no.
    #[error("{crm} refused the look-up ({status} {code})")]
    Refused {
        /// The CRM.
        crm: &'static str,
        /// The HTTP status.
        status: u16,
        /// The CRM's word for it.
        code: String,
        /// What else it said; not for everybody: it may name fields.
        message: String,
    },
    /// It did not answer in time, or could not be reached.
    #[error("{crm} did not answer: {why}")]
    NoAnswer {
        /// The CRM.
        crm: &'static str,
        /// Why.
        why: String,
    },
    /// What it answered is something else.
    #[error("what {0} answered cannot be read")]
    Unreadable(&'static str),
}

impl Unread {
    /// What can be done about it, by whoever set the host up.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NoLookUp => "Give the host `records`, or a credential at /admin/hosts.",
            Self::Type => "Use a type of the host's entity mapping, or add it there.",
            Self::Id => "Send the record's id as the CRM gives it.",
            Self::NotFound(_) => {
                "Compare the id. If the record is there, give the credential's user access to it."
            }
            Self::Refused { status: 401, .. } => {
                "The credential is not valid any more: make a new one in the CRM and give it to the relay."
            }
            Self::Refused { status: 403, .. } => {
                "Give the credential the scope or permission to read this type, or wait if a limit was reached."
            }
            Self::Refused { status: 429, .. } => {
                "The CRM's limit of requests is reached: try again later."
            }
            Self::Refused { .. } => {
                "Compare the host's mapping and credential with what the CRM says; its own words are on the host's page at /admin/hosts, under “Try a record”."
            }
            Self::NoAnswer { .. } | Self::Unreadable(_) => {
                "Try again later. If it stays so, compare the address of the CRM in the host's `records`."
            }
        }
    }

    /// What the CRM said besides, for whoever set the host up.
    pub fn said(&self) -> Option<&str> {
        match self {
            Self::Refused { message, .. } if !message.is_empty() => Some(message),
            _ => None,
        }
    }

    /// A refusal in the CRM's words, cut to what can be shown.
    pub(super) fn refused(crm: &'static str, status: u16, code: &str, message: &str) -> Self {
        let plain = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        Self::Refused {
            crm,
            status,
            code: code.chars().filter(plain).take(LONGEST_CODE).collect(),
            message: message.chars().take(LONGEST_MESSAGE).collect(),
        }
    }
}

/// The status of a reply and its JSON, null where it has none.
pub(super) fn json(crm: &'static str, reply: Reply) -> Result<(u16, Value), Unread> {
    let reply = reply.map_err(|failure| {
        let (Failure::NotSent(why) | Failure::Lost(why)) = failure;
        Unread::NoAnswer { crm, why }
    })?;
    let body = serde_json::from_slice(&reply.body).unwrap_or_default();
    Ok((reply.status, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crm_says_is_cut_to_what_can_be_shown() {
        let unread = Unread::refused("HubSpot", 403, "MISSING <SCOPES>", &" a\n b".repeat(400));
        assert_eq!(
            unread.to_string(),
            "HubSpot refused the look-up (403 MISSINGSCOPES)"
        );
        let said = unread.said().unwrap();
        assert!(said.starts_with("a b a b") && said.chars().count() == LONGEST_MESSAGE);
    }

    #[test]
    fn a_reply_that_is_no_json_is_no_value_and_no_reply_is_no_answer() {
        let reply = patchcord_core::http::Response {
            status: 502,
            retry_after: None,
            body: b"<html>".to_vec(),
        };
        assert_eq!(json("HubSpot", Ok(reply)), Ok((502, Value::Null)));
        let lost = json("HubSpot", Err(Failure::Lost("cut".to_owned())));
        assert!(matches!(lost, Err(Unread::NoAnswer { .. })));
    }
}
