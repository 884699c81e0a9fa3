//! HubSpot: one of its CRM objects, `GET /crm/v3/objects/{objectTypeId}/{id}?properties=…`, with a service key or the
//! token of a private app.
//!
//! HubSpot gives every property as a text, or null. One that looks like JSON stays the text that it is. A property
//! that HubSpot does not have is left out of its reply; so the names that a click itself carries do no harm here.

use std::collections::BTreeSet;

use patchcord_core::http::{Request, percent_encode};
use patchcord_core::secret::Secret;
use serde_json::{Map, Value};

use super::unread::json;
use super::{Asked, Found, LIMIT, Unread};
use crate::outbound::Outbound;

const CRM: &str = "HubSpot";

/// HubSpot counts from far above it.
pub const NO_ONES_ID: &str = "1";
/// The standard types by the names that the frame has for them (`web/hosts/hubspot/record.js`), with HubSpot's id and
/// the properties that make up what people call a record.
const TYPES: [(&str, &str, &[&str]); 4] = [
    ("Contact", "0-1", &["firstname", "lastname"]),
    ("Company", "0-2", &["name"]),
    ("Deal", "0-3", &["dealname"]),
    ("Ticket", "0-5", &["subject"]),
];
/// The most digits of an id.
const MOST_DIGITS: usize = 19;

/// An account of HubSpot's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hubspot {
    /// Where its API is, without a slash at the end.
    pub url: String,
    /// A service key, or the access token of a private app.
    pub token: Secret,
}

/// HubSpot's id of a type: of a standard one by its name, of an account's own by the id itself, as `2-3456`.
pub fn type_id(kind: &str) -> Option<&str> {
    let standard = TYPES.iter().find(|(name, ..)| *name == kind);
    if let Some((_, id, _)) = standard {
        return Some(id);
    }
    let digits = |text: &str| {
        (1..=MOST_DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let (group, number) = kind.split_once('-')?;
    (digits(group) && digits(number)).then_some(kind)
}

/// Whether this can be a property's name.
pub fn is_property(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    (1..=200).contains(&name.len()) && name.bytes().all(plain)
}

/// Whether this can be a record's id.
pub fn is_id(id: &str) -> bool {
    (1..=MOST_DIGITS).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_digit())
        && !id.starts_with('0')
}

impl Hubspot {
    pub(super) async fn read(
        &self,
        outbound: &Outbound,
        asked: &Asked<'_>,
    ) -> Result<Found, Unread> {
        let Asked {
            kind, id, fields, ..
        } = asked;
        let type_id = type_id(kind).ok_or(Unread::Type)?;
        let standard = TYPES.iter().find(|(name, ..)| name == kind);
        let parts = standard.map_or(&[][..], |(.., parts)| parts);
        let properties: BTreeSet<&str> = fields.iter().chain(parts).copied().collect();
        let properties: Vec<&str> = properties.into_iter().collect();
        let url = format!(
            "{}/crm/v3/objects/{type_id}/{id}?properties={}",
            self.url,
            percent_encode(&properties.join(","))
        );
        let request = Request::get(url).with_bearer(&self.token);
        let (status, body) = json(CRM, outbound.send(request, LIMIT).await)?;
        match status {
            200 => {}
            404 => return Err(Unread::NotFound(CRM)),
            _ => {
                let word = |key| body.get(key).and_then(Value::as_str).unwrap_or_default();
                let (code, message) = (word("category"), word("message"));
                return Err(Unread::refused(CRM, status, code, message));
            }
        }
        let given = body.get("properties").and_then(Value::as_object);
        let given = given.ok_or(Unread::Unreadable(CRM))?;
        Ok(Found {
            name: name(given, parts),
            fields: fields
                .iter()
                .filter_map(|name| Some(((*name).to_owned(), given.get(*name)?.clone())))
                .collect(),
        })
    }
}

/// What people call the record: its parts that are filled.
fn name(given: &Map<String, Value>, parts: &[&str]) -> Option<String> {
    let parts = parts.iter().filter_map(|part| given.get(*part)?.as_str());
    let filled: Vec<&str> = parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    (!filled.is_empty()).then(|| filled.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_type_goes_by_its_name_or_its_own_id_and_nothing_else_gets_into_the_path() {
        assert_eq!(type_id("Contact"), Some("0-1"));
        assert_eq!(type_id("2-3456"), Some("2-3456"));
        for bad in [
            "contact",
            "0-1/../..",
            "2-",
            "-2",
            "2-3-4",
            "",
            "2-3456?x",
            "../2-3",
        ] {
            assert_eq!(type_id(bad), None, "{bad}");
        }
        assert!(is_id("501") && is_id("9223372036854775807") && is_id(NO_ONES_ID));
        for bad in [
            "",
            "0",
            "0501",
            "-1",
            "5 01",
            "501/..",
            "501?a=b",
            "five",
            "99999999999999999999",
        ] {
            assert!(!is_id(bad), "{bad}");
        }
        assert!(is_property("hs_lead_status") && is_property("toPhoneNumberSrc"));
        for bad in ["", "a,b", "a b", "a&b", "é"] {
            assert!(!is_property(bad), "{bad}");
        }
    }

    #[test]
    fn a_record_is_called_by_its_parts_that_are_filled() {
        let given = json!({ "firstname": null, "lastname": " Hopper ", "name": 5 });
        let given = given.as_object().unwrap();
        assert_eq!(
            name(given, &["firstname", "lastname"]).as_deref(),
            Some("Hopper")
        );
        assert_eq!(name(given, &["name"]), None);
        assert_eq!(name(given, &[]), None);
    }
}
