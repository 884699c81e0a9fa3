//! What somebody wrote about a host, whether it is right or not.

use std::collections::BTreeMap;

use patchcord_core::entity::{EntityMapping, TypeMapping};

use super::credential::CredentialDraft;
use crate::admin::access::Order;
use crate::config::{ConfigError, RawHost, RawRecords};
use crate::hosts::Kind;

/// The most object types of one form.
const MOST_TYPES: usize = 50;

/// The fields of the form, as they are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What stands in the frame's address.
    pub name: String,
    /// The adapter.
    pub kind: Kind,
    /// An origin a line.
    pub origins: String,
    /// The default provider, or empty.
    pub provider: String,
    /// The account at which agents sign in, or empty.
    pub sign_in: String,
    /// `system` of its records, or empty.
    pub system: String,
    /// The default country, or empty.
    pub region: String,
    /// The entity mapping.
    pub types: Vec<TypeDraft>,
    /// How the relay reads those fields.
    pub credential: CredentialDraft,
}

/// One object type of the mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeDraft {
    /// The CRM's name of it.
    pub kind: String,
    /// The fields that may hold the number, with commas between them.
    pub number: String,
    /// `key = field`, a line each.
    pub payload: String,
}

/// What is wrong, in which field of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The field's name.
    pub field: String,
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

impl TypeDraft {
    fn is_empty(&self) -> bool {
        [&self.kind, &self.number, &self.payload]
            .iter()
            .all(|text| text.trim().is_empty())
    }

    fn of((kind, mapping): (&str, &TypeMapping)) -> Self {
        let payload = mapping.payload.iter();
        let lines: Vec<_> = payload
            .map(|(key, field)| format!("{key} = {field}"))
            .collect();
        Self {
            kind: kind.to_owned(),
            number: mapping.number.join(", "),
            payload: lines.join("\n"),
        }
    }

    fn mapping(&self, place: usize) -> Result<TypeMapping, Wrong> {
        let mut payload = BTreeMap::new();
        for line in self.payload.lines().map(str::trim) {
            if line.is_empty() {
                continue;
            }
            let (key, field) = line.split_once('=').ok_or_else(|| Wrong {
                field: format!("payload.{place}"),
                problem: format!("`{line}` has no ="),
                remedy: "Write the key, = and the field, as: company = Company".to_owned(),
            })?;
            let key = key.trim().to_owned();
            if payload
                .insert(key.clone(), field.trim().to_owned())
                .is_some()
            {
                return Err(Wrong {
                    field: format!("payload.{place}"),
                    problem: format!("the key `{key}` is there twice"),
                    remedy: "Give each field a key of its own.".to_owned(),
                });
            }
        }
        let number = self.number.split([',', '\n']).map(str::trim);
        let number = number.filter(|field| !field.is_empty());
        Ok(TypeMapping {
            number: number.map(str::to_owned).collect(),
            payload,
        })
    }
}

impl Draft {
    /// A host that is there.
    pub fn of(raw: &RawHost) -> Self {
        let text = |option: &Option<String>| option.clone().unwrap_or_default();
        let types = raw.entities.iter().flat_map(EntityMapping::types);
        Self {
            name: raw.name.clone(),
            kind: raw.kind,
            origins: raw.origins.join("\n"),
            provider: text(&raw.provider),
            sign_in: text(&raw.sign_in),
            system: text(&raw.system),
            region: text(&raw.region),
            types: types.map(TypeDraft::of).collect(),
            credential: CredentialDraft::of(raw.records.clone()),
        }
    }

    /// What a form says. `kind` and `name` are the host's where it is there already, and `held` its credential.
    pub fn read(order: &Order, kind: Kind, name: Option<&str>, held: Option<RawRecords>) -> Self {
        let types = (0..MOST_TYPES).map(|place| TypeDraft {
            kind: order.field(&format!("type.{place}")).to_owned(),
            number: order.field(&format!("number.{place}")).to_owned(),
            payload: order.field(&format!("payload.{place}")).to_owned(),
        });
        Self {
            name: name.unwrap_or(order.field("name")).to_owned(),
            kind,
            origins: order.field("origins").to_owned(),
            provider: order.field("provider").to_owned(),
            sign_in: order.field("sign_in").to_owned(),
            system: order.field("system").to_owned(),
            region: order.field("region").to_owned(),
            types: types.filter(|one| !one.is_empty()).collect(),
            credential: CredentialDraft::read(order, kind, held),
        }
    }

    /// The mapping alone, for a preview.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn mapping(&self) -> Result<EntityMapping, Wrong> {
        let mut types: Vec<(String, TypeMapping)> = Vec::new();
        for (place, draft) in self.types.iter().enumerate() {
            let kind = draft.kind.trim().to_owned();
            if kind.is_empty() || types.iter().any(|(known, _)| *known == kind) {
                return Err(Wrong {
                    field: format!("type.{place}"),
                    problem: if kind.is_empty() {
                        "it is empty".to_owned()
                    } else {
                        format!("`{kind}` is there twice")
                    },
                    remedy: "Write the CRM's name of the object type, each once, as Contact."
                        .to_owned(),
                });
            }
            types.push((kind, draft.mapping(place)?));
        }
        Ok(types.into_iter().collect())
    }

    /// As it would stand in the configuration; not checked yet.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn raw(&self) -> Result<RawHost, Wrong> {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let origins = self.origins.split_whitespace();
        Ok(RawHost {
            name: self.name.trim().to_owned(),
            kind: self.kind,
            origins: origins
                .map(|origin| origin.trim_matches(',').to_owned())
                .collect(),
            provider: given(&self.provider),
            sign_in: given(&self.sign_in),
            system: given(&self.system),
            region: given(&self.region),
            entities: Some(self.mapping()?).filter(|_| !self.types.is_empty()),
            records: self.credential.raw(self.kind)?,
        })
    }

    /// An error of the check, at the field of this form that it is about.
    pub fn wrong(&self, error: ConfigError) -> Wrong {
        Wrong {
            field: self.field(&error.path),
            problem: error.problem,
            remedy: error.remedy,
        }
    }

    fn field(&self, path: &str) -> String {
        let Some(rest) = path.strip_prefix("entities.") else {
            let end = path.find('[').unwrap_or(path.len());
            return path.get(..end).unwrap_or(path).to_owned();
        };
        let place = |kind: &str| self.types.iter().position(|one| one.kind.trim() == kind);
        // A type's name may have dots in it, too.
        for part in ["number", "payload"] {
            let kind = rest
                .strip_suffix(part)
                .and_then(|rest| rest.strip_suffix('.'));
            if let Some(place) = kind.and_then(place) {
                return format!("{part}.{place}");
            }
        }
        format!("type.{}", place(rest).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(payload: &str) -> Draft {
        Draft {
            name: "acme".to_owned(),
            kind: Kind::Page,
            origins: "https://a.example\nhttps://b.example, https://c.example".to_owned(),
            provider: String::new(),
            sign_in: String::new(),
            system: " ".to_owned(),
            region: String::new(),
            types: vec![TypeDraft {
                kind: "Contact".to_owned(),
                number: "MobilePhone, Phone,".to_owned(),
                payload: payload.to_owned(),
            }],
            credential: CredentialDraft::default(),
        }
    }

    #[test]
    fn a_form_that_was_filled_from_a_host_gives_the_same_host() {
        let raw = draft("name = Name\r\n\r\nplan= Plan__c").raw().unwrap();
        assert_eq!(raw.origins.len(), 3);
        assert_eq!(raw.system, None);
        assert_eq!(Draft::of(&raw).raw().unwrap(), raw);
        let (_, mapping) = raw.entities.as_ref().unwrap().types().next().unwrap();
        assert_eq!(mapping.number, ["MobilePhone", "Phone"]);
        assert_eq!(mapping.payload["plan"], "Plan__c");
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        assert_eq!(draft("name").raw().unwrap_err().field, "payload.0");
        assert_eq!(draft("a = A\na = B").raw().unwrap_err().field, "payload.0");
        let mut twice = draft("");
        twice.types.push(twice.types[0].clone());
        assert_eq!(twice.raw().unwrap_err().field, "type.1");
        let fields = [
            ("origins[1]", "origins"),
            ("public_origin", "public_origin"),
            ("entities.Contact", "type.0"),
            ("entities.Contact.payload", "payload.0"),
        ];
        for (path, field) in fields {
            assert_eq!(draft("").field(path), field);
        }
    }
}
