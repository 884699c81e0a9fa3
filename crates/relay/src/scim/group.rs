//! Groups as SCIM has them, and how they are changed.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::filter::Filter;
use super::patch::{self, Named, Op, Step};
use super::refusal::Refusal;
use super::schema::GROUP;
use super::user::version;
use crate::clock::to_rfc3339;
use crate::store::person_group::Group;

/// What an identity provider says about a group.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Attributes {
    /// Its name; not empty.
    pub name: String,
    /// The identity provider's id.
    pub external_id: Option<String>,
    /// The ids of its members.
    pub members: BTreeSet<String>,
}

impl Attributes {
    /// Those of a whole Group.
    ///
    /// # Errors
    /// [`Refusal::value`], also where `displayName` is missing.
    pub fn read(resource: &Map<String, Value>) -> Result<Self, Refusal> {
        let mut attributes = Self::default();
        for step in patch::of_resource(resource) {
            attributes.take(&step)?;
        }
        if attributes.name.is_empty() {
            return Err(name());
        }
        Ok(attributes)
    }

    /// Takes one step of a change.
    ///
    /// # Errors
    /// [`Refusal::value`] or [`Refusal::path`].
    pub fn take(&mut self, step: &Step) -> Result<(), Refusal> {
        let path = &step.path;
        if path.extension.is_some() {
            return Ok(());
        }
        let value = match step.op {
            Op::Remove => &Value::Null,
            Op::Add | Op::Replace => &step.value,
        };
        let single = path.filter.is_none() && path.part.is_none();
        match path.attribute.as_str() {
            "displayname" if single => {
                self.name = patch::text("displayName", value)?.ok_or_else(name)?;
            }
            "externalid" if single => self.external_id = patch::text("externalId", value)?,
            "members" => self.take_members(step)?,
            "id" | "schemas" | "meta" => {}
            _ if step.named == Named::AmongOthers => {}
            other => {
                return Err(Refusal::path(format!(
                    "A Group has no attribute `{other}` here."
                )));
            }
        }
        Ok(())
    }

    fn take_members(&mut self, step: &Step) -> Result<(), Refusal> {
        let chosen = match (&step.path.filter, &step.path.part) {
            (None, None) => None,
            (Some(filter), None) => Some(chosen(filter)?),
            _ => return Err(Refusal::path("Members are added and removed as a whole.")),
        };
        match (step.op, chosen, &step.value) {
            (Op::Remove, Some(member), _) => {
                self.members.remove(&member);
            }
            // Entra ID names those to remove in the value.
            (Op::Remove, None, Value::Null) => self.members.clear(),
            (Op::Remove, None, value) => {
                for member in members(value)? {
                    self.members.remove(&member);
                }
            }
            (Op::Add, None, value) => self.members.extend(members(value)?),
            (Op::Replace, None, value) => self.members = members(value)?,
            (Op::Add | Op::Replace, Some(_), _) => {
                return Err(Refusal::path("Members are added and removed as a whole."));
            }
        }
        Ok(())
    }
}

fn name() -> Refusal {
    Refusal::value("displayName", "there, and not empty")
}

/// The one member that a filter means.
fn chosen(filter: &Filter) -> Result<String, Refusal> {
    match filter.0.as_slice() {
        [only] if only.attribute == "value" => match &only.value {
            Value::String(id) => Ok(id.clone()),
            _ => Err(Refusal::value("members.value", "the id of a User")),
        },
        _ => Err(Refusal::path("Members are chosen by `value`.")),
    }
}

/// `[{"value": "…"}]`; a single one may be without the list, and an id without the object.
fn members(value: &Value) -> Result<BTreeSet<String>, Refusal> {
    let id = |value: &Value| {
        let id = match value {
            Value::Object(member) => patch::member(member, "value").unwrap_or(&Value::Null),
            other => other,
        };
        let expected = || Refusal::value("members", "a list of { \"value\": the id of a User }");
        match id {
            Value::String(_) => patch::text("members", id)?.ok_or_else(expected),
            _ => Err(expected()),
        }
    };
    match value {
        Value::Null => Ok(BTreeSet::new()),
        Value::Array(list) => list.iter().map(id).collect(),
        one => Ok(BTreeSet::from([id(one)?])),
    }
}

/// A group as SCIM shows it.
pub fn document(group: &Group, members: &BTreeSet<String>, base: &str) -> Value {
    let members: Vec<Value> = members
        .iter()
        .map(|id| json!({ "value": id, "$ref": format!("{base}/Users/{id}"), "type": "User" }))
        .collect();
    let mut document = json!({
        "schemas": [GROUP], "id": group.id, "displayName": group.name, "members": members,
        "meta": {
            "resourceType": "Group", "created": to_rfc3339(group.created_at),
            "lastModified": to_rfc3339(group.updated_at),
            "location": format!("{base}/Groups/{}", group.id), "version": version(group.version),
        },
    });
    if let (Some(document), Some(id)) = (document.as_object_mut(), &group.external_id) {
        document.insert("externalId".to_owned(), id.clone().into());
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    fn patched(operations: Value) -> Result<Attributes, Refusal> {
        let group = json!({
            "displayName": "Supervisors", "externalId": "g1", "members": [{ "value": "a" }, { "value": "b" }],
        });
        let mut attributes = Attributes::read(&object(group)).unwrap();
        for step in patch::read(&object(json!({ "Operations": operations })))? {
            attributes.take(&step)?;
        }
        Ok(attributes)
    }

    #[test]
    fn members_come_and_go_in_every_form_that_is_sent() {
        let ids = |operations: Value| {
            let members = patched(operations).unwrap().members;
            members.into_iter().collect::<String>()
        };
        for (operations, left) in [
            (
                json!([{ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": "c" }] }]),
                "abc",
            ),
            (
                json!([{ "op": "add", "path": "members", "value": { "value": "c" } }]),
                "abc",
            ),
            (
                json!([{ "op": "Remove", "path": "members", "value": [{ "value": "a" }] }]),
                "b",
            ),
            (
                json!([{ "op": "remove", "path": "members[value eq \"a\"]" }]),
                "b",
            ),
            (json!([{ "op": "remove", "path": "members" }]), ""),
            (
                json!([{ "op": "replace", "path": "members", "value": [{ "value": "c", "display": "C" }] }]),
                "c",
            ),
            (
                json!([{ "op": "replace", "value": { "members": ["a"], "id": "x" } }]),
                "a",
            ),
            (
                json!([{ "op": "replace", "path": "members", "value": [] }]),
                "",
            ),
        ] {
            assert_eq!(ids(operations.clone()), left, "{operations}");
        }
        let renamed =
            patched(json!([{ "op": "replace", "value": { "id": "x", "displayName": "Leads" } }]));
        assert_eq!(renamed.unwrap().name, "Leads");
    }

    #[test]
    fn what_cannot_be_done_is_refused() {
        for operations in [
            json!([{ "op": "remove", "path": "displayName" }]),
            json!([{ "op": "replace", "path": "colour", "value": "red" }]),
            json!([{ "op": "add", "path": "members", "value": [{ "id": "c" }] }]),
            json!([{ "op": "add", "path": "members", "value": 1 }]),
            json!([{ "op": "add", "path": "members", "value": [""] }]),
            // No database could store it.
            json!([{ "op": "add", "path": "members", "value": ["\u{0}"] }]),
            json!([{ "op": "replace", "path": "members[value eq \"a\"]", "value": "c" }]),
            json!([{ "op": "remove", "path": "members[display eq \"a\"]" }]),
            json!([{ "op": "remove", "path": "members[value eq \"a\"].value" }]),
        ] {
            assert!(patched(operations.clone()).is_err(), "{operations}");
        }
    }
}
