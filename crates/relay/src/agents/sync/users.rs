//! The CRM's users: from a CSV file, or from JSON in the shape of SCIM 2.0 (a `ListResponse`, or an array of users).
//!
//! Strict about what decides who is who: a line without an id, an id that is there twice or a list that is one page
//! of several is refused, and everything that is wrong is named. A telephone that cannot be read is left out, and
//! said to be: CRMs hold what people typed.

use std::collections::{BTreeMap, BTreeSet};

use patchcord_core::number::PhoneNumber;
use patchcord_phone::Region;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The most problems that are named: a file of the wrong kind has one a line.
const MOST_PROBLEMS: usize = 50;

/// Whether somebody still works with the CRM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// They do.
    Active,
    /// They do not any more.
    Inactive,
}

/// A user of the CRM.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct User {
    /// The CRM's id: what an assertion has in `sub`.
    pub id: String,
    /// What they are called.
    pub name: Option<String>,
    /// E-mail addresses, in lower case.
    pub emails: BTreeSet<String>,
    /// Telephones that could be read.
    #[serde(skip)]
    pub numbers: BTreeSet<PhoneNumber>,
    /// Whether they still work there.
    pub standing: Standing,
}

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Users {
    /// Everybody, each id once.
    pub users: Vec<User>,
    /// What was left out, for a person; without numbers.
    pub remarks: Vec<String>,
}

impl Users {
    /// The same as a file that is read as the same: for a form that carries it on.
    pub fn to_json(&self) -> String {
        let users = self.users.iter().map(|user| {
            let numbers: Vec<_> = user.numbers.iter().map(PhoneNumber::as_e164).collect();
            json!({
                "id": user.id, "displayName": user.name, "emails": user.emails, "phoneNumbers": numbers,
                "active": user.standing == Standing::Active,
            })
        });
        Value::Array(users.collect()).to_string()
    }
}

/// Reads a file. Numbers without a country code are of this region.
///
/// # Errors
/// Everything that is wrong, each with its line (CSV) or place (JSON).
pub fn read(text: &str, region: Option<Region>) -> Result<Users, Vec<String>> {
    // The lines of a file with carriage returns are counted otherwise.
    let text = text.replace("\r\n", "\n");
    let text = text.trim_start_matches('\u{feff}').trim();
    let mut reading = Reading {
        region,
        places: BTreeMap::new(),
        users: Users::default(),
        wrong: Vec::new(),
    };
    match text.chars().next() {
        None => {}
        Some('{' | '[') => reading.json(text),
        Some(_) => reading.csv(text),
    }
    reading.finish()
}

struct Reading {
    region: Option<Region>,
    /// Where each id was.
    places: BTreeMap<String, String>,
    users: Users,
    wrong: Vec<String>,
}

/// What a line says, before it is checked.
#[derive(Default)]
struct Raw {
    id: String,
    name: String,
    /// An e-mail address only if it looks like one.
    login: String,
    emails: Vec<String>,
    numbers: Vec<String>,
    active: Option<bool>,
}

impl Reading {
    fn csv(&mut self, text: &str) {
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .delimiter(delimiter(text))
            .from_reader(text.as_bytes());
        let columns = match reader.headers() {
            Ok(headers) => headers.iter().map(column).collect::<Vec<_>>(),
            Err(error) => return self.wrong.push(error.to_string()),
        };
        for (place, known) in columns.iter().enumerate() {
            if let Err(name) = known {
                self.wrong.push(format!(
                    "line 1: the column `{name}` is not known; there are id, email, phone, name and active"
                ));
            }
            let again = columns.iter().take(place).any(|other| other == known);
            if again && *known != Ok(Column::Phone) && *known != Ok(Column::Email) {
                self.wrong
                    .push(format!("line 1: column {} is there twice", place + 1));
            }
        }
        if !columns.contains(&Ok(Column::Id)) {
            self.wrong
                .push("line 1: there is no column `id`".to_owned());
        }
        // Without its columns every line would be wrong.
        if !self.wrong.is_empty() {
            return;
        }
        for record in reader.into_records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    self.wrong.push(said(&error));
                    continue;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            let place = format!("line {line}");
            let mut raw = Raw::default();
            for (column, cell) in columns.iter().flatten().zip(&record) {
                raw.cell(*column, cell)
                    .unwrap_or_else(|problem| self.wrong.push(format!("{place}: {problem}")));
            }
            self.take(place, raw);
        }
    }

    fn json(&mut self, text: &str) {
        let json: Value = match serde_json::from_str(text) {
            Ok(json) => json,
            Err(error) => return self.wrong.push(format!("this is no JSON: {error}")),
        };
        let users = match &json {
            Value::Array(users) => users,
            json => match json.get("Resources").and_then(Value::as_array) {
                Some(users) => users,
                None => {
                    let what = "this is neither an array of users nor a list with `Resources`";
                    return self.wrong.push(what.to_owned());
                }
            },
        };
        let total = json.get("totalResults").and_then(Value::as_u64);
        if let Some(total) = total.filter(|total| *total > users.len() as u64) {
            self.wrong.push(format!(
                "the list has {} of {total} users: without the others they would count as gone",
                users.len()
            ));
        }
        for (nth, user) in users.iter().enumerate() {
            let place = format!("user {}", nth + 1);
            match serde_json::from_value::<Resource>(user.clone()) {
                Ok(resource) => self.take(place, resource.raw()),
                Err(error) => self.wrong.push(format!("{place}: {error}")),
            }
        }
    }

    /// Checks what a line says, and takes it.
    fn take(&mut self, place: String, raw: Raw) {
        if raw.id.is_empty() {
            return self.wrong.push(format!("{place}: `id` is empty"));
        }
        if raw.id.chars().any(char::is_control) || raw.id.len() > 255 {
            return self.wrong.push(format!("{place}: `id` is no id"));
        }
        if let Some(first) = self.places.get(&raw.id) {
            let problem = format!("{place}: the id `{}` is in {first} already", raw.id);
            return self.wrong.push(problem);
        }
        self.places.insert(raw.id.clone(), place.clone());
        let mut emails = BTreeSet::new();
        for email in &raw.emails {
            if is_email(email) {
                emails.insert(email.to_lowercase());
            } else {
                self.wrong
                    .push(format!("{place}: the e-mail address is none"));
            }
        }
        if is_email(&raw.login) {
            emails.insert(raw.login.to_lowercase());
        }
        let mut numbers = BTreeSet::new();
        for number in &raw.numbers {
            match patchcord_phone::parse(number, self.region).and_then(|read| read.dialable()) {
                Ok(dialable) => drop(numbers.insert(dialable.number)),
                Err(_) => self.users.remarks.push(format!(
                    "{place}: a number of `{}` cannot be read and is left out",
                    raw.id
                )),
            }
        }
        self.users.users.push(User {
            id: raw.id,
            name: Some(raw.name).filter(|name| !name.is_empty()),
            emails,
            numbers,
            standing: match raw.active {
                Some(false) => Standing::Inactive,
                Some(true) | None => Standing::Active,
            },
        });
    }

    fn finish(mut self) -> Result<Users, Vec<String>> {
        if self.wrong.is_empty() && self.users.users.is_empty() {
            self.wrong.push("the file names nobody".to_owned());
        }
        if self.wrong.is_empty() {
            return Ok(self.users);
        }
        let more = self.wrong.len().saturating_sub(MOST_PROBLEMS);
        self.wrong.truncate(MOST_PROBLEMS);
        if more > 0 {
            self.wrong.push(format!("and {more} more"));
        }
        Err(self.wrong)
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Id,
    Login,
    Email,
    Phone,
    Name,
    Active,
}

/// A column by the name that CRMs give it, however it is written.
fn column(name: &str) -> Result<Column, String> {
    let plain: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<String>()
        .to_lowercase();
    Ok(match plain.as_str() {
        "id" | "userid" => Column::Id,
        "username" | "login" => Column::Login,
        "email" | "emailaddress" | "mail" => Column::Email,
        "phone" | "phonenumber" | "phonenumbers" | "number" | "mobile" | "mobilephone" => {
            Column::Phone
        }
        "name" | "displayname" | "fullname" => Column::Name,
        "active" | "isactive" => Column::Active,
        _ => return Err(name.to_owned()),
    })
}

/// Spreadsheets of some countries write semicolons.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default();
    if head.contains(';') && !head.contains(',') {
        b';'
    } else {
        b','
    }
}

impl Raw {
    fn cell(&mut self, column: Column, cell: &str) -> Result<(), String> {
        let several = || {
            cell.split([';', '|'])
                .map(|one| one.trim().to_owned())
                .filter(|one| !one.is_empty())
        };
        match column {
            Column::Id => cell.clone_into(&mut self.id),
            Column::Login => cell.clone_into(&mut self.login),
            Column::Name => cell.clone_into(&mut self.name),
            Column::Email => self.emails.extend(several()),
            Column::Phone => self.numbers.extend(several()),
            Column::Active => {
                self.active = match cell.to_lowercase().as_str() {
                    "" => None,
                    "true" | "yes" | "1" | "active" => Some(true),
                    "false" | "no" | "0" | "inactive" => Some(false),
                    _ => return Err("`active` is neither true nor false".to_owned()),
                }
            }
        }
        Ok(())
    }
}

/// A user in the shape of SCIM 2.0 (RFC 7643), as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    id: String,
    user_name: Option<String>,
    display_name: Option<String>,
    name: Option<Name>,
    email: Option<String>,
    emails: Option<Vec<Held>>,
    phone_numbers: Option<Vec<Held>>,
    active: Option<bool>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Name {
    Plain(String),
    #[serde(rename_all = "camelCase")]
    Parts {
        formatted: Option<String>,
        given_name: Option<String>,
        family_name: Option<String>,
    },
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Held {
    Plain(String),
    Value { value: Option<String> },
}

impl Resource {
    fn raw(self) -> Raw {
        let held = |all: Option<Vec<Held>>| {
            let texts = all.into_iter().flatten().filter_map(|one| match one {
                Held::Plain(text) => Some(text),
                Held::Value { value } => value,
            });
            texts
                .map(|text| text.trim().to_owned())
                .filter(|text| !text.is_empty())
        };
        let named = self.name.and_then(|name| match name {
            Name::Plain(name) => Some(name),
            Name::Parts {
                formatted,
                given_name,
                family_name,
            } => formatted.or_else(|| {
                let both: Vec<_> = [given_name, family_name].into_iter().flatten().collect();
                (!both.is_empty()).then(|| both.join(" "))
            }),
        });
        let mut emails: Vec<_> = held(self.emails).collect();
        emails.extend(self.email.filter(|email| !email.is_empty()));
        Raw {
            id: self.id.trim().to_owned(),
            name: self.display_name.or(named).unwrap_or_default(),
            login: self.user_name.unwrap_or_default(),
            emails,
            numbers: held(self.phone_numbers).collect(),
            active: self.active,
        }
    }
}

fn is_email(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(name, host)| {
        !name.is_empty() && !host.is_empty() && !text.chars().any(char::is_whitespace)
    })
}

/// What is wrong with a record, without what is in it.
fn said(error: &csv::Error) -> String {
    let line = error
        .position()
        .map_or_else(String::new, |at| format!("line {}: ", at.line()));
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{line}there are {len} fields instead of {expected_len}"),
        csv::ErrorKind::Utf8 { .. } => format!("{line}this is not UTF-8"),
        _ => format!("{line}this cannot be read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_here(text: &str) -> Result<Users, Vec<String>> {
        read(text, "DE".parse().ok())
    }

    #[test]
    fn a_csv_file_is_read_by_the_names_of_its_columns() {
        let file = "\u{feff}Name,User Name,E-Mail,Id,Phone Numbers,Mobile,Active\r\n\
            Alex Adler,alex,Alex@Acme.example,005ALEX,030 12345678; nothing,+49 1512 3456789,yes\r\n\
            \"Sam, S.\",sam@acme.example,,005SAM,,,FALSE\r\n\r\n";
        let users = read_here(file).unwrap();
        let [alex, sam] = users.users.as_slice() else {
            panic!("{users:?}")
        };
        assert_eq!(alex.id, "005ALEX");
        assert_eq!(
            alex.emails,
            ["alex@acme.example".to_owned()].into(),
            "a login is no address"
        );
        let numbers: Vec<_> = alex.numbers.iter().map(PhoneNumber::as_e164).collect();
        assert_eq!(numbers, ["+4915123456789", "+493012345678"]);
        assert_eq!(users.remarks.len(), 1);
        assert!(users.remarks[0].contains("line 2") && !users.remarks[0].contains("nothing"));
        assert_eq!(sam.name.as_deref(), Some("Sam, S."));
        assert_eq!(sam.emails, ["sam@acme.example".to_owned()].into());
        assert_eq!(sam.standing, Standing::Inactive);
        let semicolons = read_here("id;email\n005;a@x.example\n").unwrap();
        assert_eq!(semicolons.users[0].emails.len(), 1);
    }

    #[test]
    fn scim_shaped_json_is_read_as_a_list_response_and_as_an_array() {
        let list = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 2, "Resources": [
            {"id": "1", "userName": "a@x.example", "name": {"givenName": "Ada", "familyName": "L"}, "emails": [{"value": "B@x.example", "primary": true}],
             "phoneNumbers": [{"value": "tel:+49-30-12345678", "type": "work"}], "active": true, "meta": {}},
            {"id": "2", "userName": "bob", "active": false}]}"#;
        let users = read_here(list).unwrap();
        assert_eq!(users.users[0].name.as_deref(), Some("Ada L"));
        assert_eq!(users.users[0].emails.len(), 2);
        assert_eq!(users.users[0].numbers.len(), 1);
        assert_eq!(users.users[1].standing, Standing::Inactive);
        assert!(users.users[1].emails.is_empty());
        let again = read_here(&users.to_json()).unwrap();
        assert_eq!(again, users, "what a form carries on is the same");
    }

    #[test]
    fn everything_that_is_wrong_is_named_with_its_place() {
        for (file, says) in [
            ("", &["names nobody"][..]),
            ("id,email\n", &["names nobody"]),
            ("[]", &["names nobody"]),
            ("email,colour\n", &["`colour`", "no column `id`"]),
            ("id,id\n1,1\n", &["column 2 is there twice"]),
            (
                "id,email,active\n,a@x.example,\n1,none,\n2,,perhaps\n1,,\n3,a@x.example\n",
                &[
                    "line 2: `id` is empty",
                    "line 3: the e-mail address is none",
                    "line 4: `active`",
                    "line 5: the id `1` is in line 3 already",
                    "line 6: there are 2 fields instead of 3",
                ],
            ),
            ("{", &["no JSON"]),
            ("{\"users\": []}", &["`Resources`"]),
            (
                r#"[{"id": 1}, {"userName": "x"}, {"id": "2", "active": "yes"}]"#,
                &["user 1", "user 2", "user 3"],
            ),
            (
                r#"{"totalResults": 3, "Resources": [{"id": "1"}]}"#,
                &["1 of 3"],
            ),
        ] {
            let wrong = read_here(file).unwrap_err().join("\n");
            for part in says {
                assert!(wrong.contains(part), "{file}: {wrong}");
            }
            assert_eq!(wrong.lines().count(), says.len(), "{file}: {wrong}");
        }
        let many = format!("id\n{}", ",\n".repeat(60));
        assert_eq!(read_here(&many).unwrap_err().len(), MOST_PROBLEMS + 1);
    }
}
