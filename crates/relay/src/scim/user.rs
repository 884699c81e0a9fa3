//! People as SCIM has them: what is kept of a User, and how it is read and shown.
//!
//! Only what the relay needs is kept: names, ids, whether they are active, and who they are at the platform.
//! Addresses, telephone numbers, pictures and whatever else an identity provider sends is passed over.

use serde_json::{Map, Value, json};

use super::patch::{self, Named, Op, Step};
use super::refusal::Refusal;
use super::schema::{AGENT, USER};
use crate::clock::to_rfc3339;
use crate::store::person::Person;

/// Attributes of the core schema that are known and not kept, or that are the relay's own.
const PASSED_OVER: &[&str] = &[
    "addresses",
    "emails",
    "entitlements",
    "groups",
    "id",
    "ims",
    "locale",
    "meta",
    "nickname",
    "password",
    "phonenumbers",
    "photos",
    "preferredlanguage",
    "profileurl",
    "roles",
    "schemas",
    "timezone",
    "title",
    "usertype",
    "x509certificates",
];

/// What an identity provider says about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes {
    /// The name to sign in with; not empty.
    pub user_name: String,
    /// The identity provider's id.
    pub external_id: Option<String>,
    /// What they are called.
    pub name: Option<String>,
    /// Their given name.
    pub given_name: Option<String>,
    /// Their family name.
    pub family_name: Option<String>,
    /// Whether they may sign in.
    pub active: bool,
    /// Who they are at the platform.
    pub agent: Option<String>,
}

impl Attributes {
    /// Those of somebody who is known.
    pub fn of(person: &Person) -> Self {
        Self {
            user_name: person.user_name.clone(),
            external_id: person.external_id.clone(),
            name: person.name.clone(),
            given_name: person.given_name.clone(),
            family_name: person.family_name.clone(),
            active: person.is_active(),
            agent: person.told.clone(),
        }
    }

    /// Those of a whole User who is new here. Whoever is not said to be switched off is in.
    ///
    /// # Errors
    /// [`Refusal::value`], also where `userName` is missing.
    pub fn read(resource: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut attributes = Self {
            user_name: String::new(),
            external_id: None,
            name: None,
            given_name: None,
            family_name: None,
            active: true,
            agent: None,
        };
        for step in patch::of_resource(resource) {
            attributes.take(&step)?;
        }
        if attributes.user_name.is_empty() {
            return Err(user_name());
        }
        Ok(attributes)
    }

    /// Those of a whole User in place of these. What is not there is gone, but for `active`: leaving it out must not let
    /// somebody back in who was switched off (RFC 7644, 3.5.1, leaves it to the server).
    ///
    /// # Errors
    /// As [`Attributes::read`].
    pub fn replaced_by(&self, resource: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut attributes = Self::read(resource)?;
        let says_active =
            |step: &Step| step.path.extension.is_none() && step.path.attribute == "active";
        if !patch::of_resource(resource).iter().any(says_active) {
            attributes.active = self.active;
        }
        Ok(attributes)
    }

    /// Takes one step of a change.
    ///
    /// # Errors
    /// [`Refusal::value`] or [`Refusal::path`].
    pub fn take(&mut self, step: &Step) -> Result<(), Refusal> {
        let (path, value) = (&step.path, &step.value);
        let value = match step.op {
            Op::Remove => &Value::Null,
            Op::Add | Op::Replace => value,
        };
        let agents = path
            .extension
            .as_deref()
            .map(|schema| schema.eq_ignore_ascii_case(AGENT));
        let single = (path.attribute.as_str(), path.part.as_deref());
        match (agents, single) {
            // Somebody else's extension.
            (Some(false), _) => return Ok(()),
            (None, (name, _)) if PASSED_OVER.contains(&name) => return Ok(()),
            _ if path.filter.is_some() => return unknown(step),
            (None, ("username", None)) => {
                self.user_name = patch::text("userName", value)?.ok_or_else(user_name)?;
            }
            (None, ("externalid", None)) => {
                self.external_id = patch::text("externalId", value)?;
            }
            (None, ("displayname", None)) => self.name = patch::text("displayName", value)?,
            (None, ("active", None)) => self.active = truth(value)?,
            (None, ("name", None)) => self.take_name(step)?,
            (None, ("name", Some("givenname"))) => {
                self.given_name = patch::text("name.givenName", value)?;
            }
            (None, ("name", Some("familyname"))) => {
                self.family_name = patch::text("name.familyName", value)?;
            }
            (None, ("name", Some(_))) => return Ok(()),
            (Some(true), ("agent", None)) => self.agent = patch::text("agent", value)?,
            // The relay's own word.
            (Some(true), ("state" | "detail", None)) => return Ok(()),
            (Some(true), ("", None)) => match value {
                Value::Null => self.agent = None,
                Value::Object(inner) => {
                    if let Some(agent) = patch::member(inner, "agent") {
                        self.agent = patch::text("agent", agent)?;
                    }
                }
                _ => return Err(Refusal::value(AGENT, "an object")),
            },
            _ => return unknown(step),
        }
        Ok(())
    }

    fn take_name(&mut self, step: &Step) -> Result<(), Refusal> {
        match (&step.value, step.op) {
            (_, Op::Remove) | (Value::Null, _) => {
                self.given_name = None;
                self.family_name = None;
            }
            (Value::Object(name), _) => {
                if let Some(value) = patch::member(name, "givenName") {
                    self.given_name = patch::text("name.givenName", value)?;
                }
                if let Some(value) = patch::member(name, "familyName") {
                    self.family_name = patch::text("name.familyName", value)?;
                }
            }
            _ => return Err(Refusal::value("name", "an object")),
        }
        Ok(())
    }
}

fn user_name() -> Refusal {
    Refusal::value("userName", "there, and not empty")
}

/// `true` or `false`, also as Entra ID writes it: `"False"`.
fn truth(value: &Value) -> Result<bool, Refusal> {
    match value {
        Value::Bool(truth) => Ok(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        _ => Err(Refusal::value("active", "true or false")),
    }
}

fn unknown(step: &Step) -> Result<(), Refusal> {
    match step.named {
        Named::AmongOthers => Ok(()),
        Named::ByPath => Err(Refusal::path(format!(
            "A User has no attribute `{}` here.",
            step.path.attribute
        ))),
    }
}

/// A person as SCIM shows them.
pub fn document(person: &Person, base: &str) -> Value {
    let attributes = Attributes::of(person);
    let mut user = json!({
        "schemas": [USER, AGENT], "id": person.id, "userName": attributes.user_name,
        "active": attributes.active,
        AGENT: { "state": person.state, "detail": person.standing().detail() },
        "meta": {
            "resourceType": "User", "created": to_rfc3339(person.created_at),
            "lastModified": to_rfc3339(person.updated_at),
            "location": format!("{base}/Users/{}", person.id), "version": version(person.version),
        },
    });
    if let Some(user) = user.as_object_mut() {
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                user.insert(name.to_owned(), value);
            }
        };
        set(
            "externalId",
            attributes.external_id.clone().map(Value::from),
        );
        set("displayName", attributes.name.clone().map(Value::from));
        if attributes.given_name.is_some() || attributes.family_name.is_some() {
            let mut name = Map::new();
            for (part, value) in [
                ("givenName", &attributes.given_name),
                ("familyName", &attributes.family_name),
            ] {
                if let Some(value) = value {
                    name.insert(part.to_owned(), value.clone().into());
                }
            }
            set("name", Some(name.into()));
        }
        if let (Some(agent), Some(shown)) = (
            &attributes.agent,
            user.get_mut(AGENT).and_then(Value::as_object_mut),
        ) {
            shown.insert("agent".to_owned(), agent.clone().into());
        }
    }
    user
}

/// A version as an ETag.
pub fn version(number: i64) -> String {
    format!("W/\"{number}\"")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn ada() -> Attributes {
        let user = json!({
            "schemas": [USER], "userName": "ada@acme.example", "externalId": "005ADA",
            "name": { "givenName": "Ada", "familyName": "Adams", "formatted": "Ada Adams" },
            "emails": [{ "value": "ada@acme.example", "type": "work" }],
            "phoneNumbers": [{ "value": "+493012345678" }], "active": true,
            AGENT: { "agent": "a1" }, "shoeSize": 38,
        });
        Attributes::read(&object(user)).unwrap()
    }

    fn patched(operations: Value) -> Result<Attributes, Refusal> {
        let mut attributes = ada();
        for step in patch::read(&object(json!({ "Operations": operations })))? {
            attributes.take(&step)?;
        }
        Ok(attributes)
    }

    #[test]
    fn a_whole_user_is_read_and_what_nobody_needs_is_not_kept() {
        let ada = ada();
        assert_eq!(ada.external_id.as_deref(), Some("005ADA"));
        assert_eq!(ada.given_name.as_deref(), Some("Ada"));
        assert_eq!(ada.family_name.as_deref(), Some("Adams"));
        assert_eq!(ada.agent.as_deref(), Some("a1"));
        assert!(!format!("{ada:?}").contains("+49"));
        for wrong in [
            json!({}),
            json!({ "userName": " " }),
            json!({ "userName": 1 }),
            json!({ "userName": "a\u{0}" }),
            json!({ "userName": "x".repeat(257) }),
            json!({ "userName": "a", "active": "no" }),
            json!({ "userName": "a", "name": "b" }),
            json!({ "userName": "a", AGENT: "b" }),
        ] {
            assert!(Attributes::read(&object(wrong.clone())).is_err(), "{wrong}");
        }
    }

    #[test]
    fn entra_and_okta_switch_somebody_off_each_in_their_way() {
        for operations in [
            json!([{ "op": "Replace", "path": "active", "value": "False" }]),
            json!([{ "op": "replace", "path": "active", "value": false }]),
            json!([{ "op": "replace", "value": { "active": false } }]),
            json!([{ "op": "Add", "path": "active", "value": "false" }]),
            json!([{ "op": "Replace", "path": format!("{USER}:active"), "value": "False" }]),
        ] {
            let active = Attributes {
                active: false,
                ..ada()
            };
            assert_eq!(patched(operations.clone()).unwrap(), active, "{operations}");
        }
    }

    #[test]
    fn each_attribute_is_added_replaced_and_removed() {
        let changed = patched(json!([
            { "op": "Add", "path": "displayName", "value": "Countess" },
            { "op": "Replace", "path": "name.givenName", "value": "Augusta" },
            { "op": "Replace", "path": "userName", "value": [{ "$ref": null, "value": "ada2@acme.example" }] },
            { "op": "Remove", "path": "externalId" },
            { "op": "Remove", "path": format!("{AGENT}:agent") },
            { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "b@acme.example" },
            { "op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "IT" },
        ]))
        .unwrap();
        assert_eq!(changed.name.as_deref(), Some("Countess"));
        assert_eq!(changed.given_name.as_deref(), Some("Augusta"));
        assert_eq!(changed.user_name, "ada2@acme.example");
        assert_eq!((changed.external_id, changed.agent), (None, None));

        let changed = patched(json!([
            { "op": "replace", "value": {
                "id": "x", "name.familyName": "Lovelace", "unheardOf": 1, AGENT: { "agent": "b2" },
            } },
            { "op": "remove", "path": "name" },
            { "op": "add", "value": { "name": { "familyName": "King" } } },
        ]))
        .unwrap();
        assert_eq!(changed.given_name, None);
        assert_eq!(changed.family_name.as_deref(), Some("King"));
        assert_eq!(changed.agent.as_deref(), Some("b2"));
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for operations in [
            json!([]),
            json!("x"),
            json!([1]),
            json!([{ "op": "move", "path": "active" }]),
            json!([{ "op": "remove" }]),
            json!([{ "op": "replace", "value": "x" }]),
            json!([{ "op": "remove", "path": "userName" }]),
            json!([{ "op": "remove", "path": "active" }]),
            json!([{ "op": "replace", "path": "active", "value": "maybe" }]),
            json!([{ "op": "replace", "path": "shoeSize", "value": 39 }]),
            json!([{ "op": "replace", "path": "userName[a eq \"b\"]", "value": "x" }]),
            json!([{ "op": "replace", "path": "a b", "value": "x" }]),
            json!([{ "op": "replace", "path": format!("{AGENT}:other"), "value": "x" }]),
        ] {
            assert!(patched(operations.clone()).is_err(), "{operations}");
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            ".{0,20}".prop_map(Value::from),
            Just(json!("False")),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(
                    "(userName|active|name|givenName|value|.{0,8})",
                    inner,
                    0..4
                )
                .prop_map(|map| Value::from(Map::from_iter(map))),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_is_sent_there_is_a_user_name_and_nothing_that_cannot_be_stored(
            operations in prop::collection::vec(
                (
                    "(add|Remove|REPLACE|.{0,6})",
                    prop::option::of("(userName|active|displayName|externalId|name|name.givenName|members\\[value eq \"a\"\\]|.{0,20})"),
                    any_value(),
                ),
                0..6,
            )
        ) {
            let operations: Vec<Value> = operations
                .into_iter()
                .map(|(op, path, value)| json!({ "op": op, "path": path, "value": value }))
                .collect();
            if let Ok(changed) = patched(operations.into()) {
                prop_assert!(!changed.user_name.is_empty());
                let texts = [&Some(changed.user_name.clone()), &changed.external_id, &changed.name, &changed.given_name, &changed.family_name, &changed.agent];
                for text in texts.into_iter().flatten() {
                    prop_assert!(!text.is_empty() && text.chars().count() <= 256);
                    prop_assert!(!text.chars().any(char::is_control));
                }
            }
        }

        #[test]
        fn a_change_by_path_is_the_same_as_one_without(name in "[a-z]{1,20}", active in any::<bool>()) {
            let by_path = patched(json!([
                { "op": "replace", "path": "displayName", "value": name },
                { "op": "replace", "path": "active", "value": active },
            ]));
            let without = patched(json!([{ "op": "replace", "value": { "displayName": name, "active": active } }]));
            prop_assert_eq!(by_path.unwrap(), without.unwrap());
        }
    }
}
