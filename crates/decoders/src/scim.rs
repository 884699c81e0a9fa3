//! What an identity provider sends: filters, paths, whole people and groups, and changes of them. What is taken can be
//! stored and shown, and is the same when what is shown is sent back; what is not is refused as SCIM refuses.

use axum::body::to_bytes;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use futures_util::FutureExt;
use patchcord_relay::http::problem::Problem;
use patchcord_relay::scim::filter::{Filter, NotAFilter};
use patchcord_relay::scim::path::Path;
use patchcord_relay::scim::refusal::Refusal;
use patchcord_relay::scim::schema::ERROR;
use patchcord_relay::scim::{group, patch, user};
use patchcord_relay::store::person::{Person, State};
use patchcord_relay::store::person_group::Group;
use serde_json::{Map, Value, json};

use crate::codes;
use crate::reply::split;

const BASE: &str = "https://relay.acme.example/scim/v2";
const NOW: i64 = 1_800_000_000_000;
/// The most conditions of a filter.
const MOST: usize = 8;
/// The most characters of an attribute.
const LONGEST: usize = 256;

/// Takes a line that says what arrives (`filter`, `path`, `user`, `group`, `change user` or `change group`), and that.
pub fn check(data: &[u8]) {
    let (what, rest) = split(data);
    let text = String::from_utf8_lossy(rest);
    let object = || serde_json::from_slice::<Map<String, Value>>(rest);
    match what {
        b"filter" => check_filter(&text),
        b"path" => check_path(&text),
        _ => {
            // What is no object comes no further.
            let Ok(object) = object() else { return };
            let _ = match what {
                b"user" => checked(read_user(&object)),
                b"group" => checked(read_group(&object)),
                b"change user" => checked(change_user(&object)),
                b"change group" => checked(change_group(&object)),
                _ => false,
            };
        }
    }
}

fn check_filter(text: &str) {
    let filter: Filter = match text.parse() {
        Ok(filter) => filter,
        Err(NotAFilter::TooLong) => return,
        Err(
            NotAFilter::Attribute(at)
            | NotAFilter::Operator(at)
            | NotAFilter::Value(at)
            | NotAFilter::Junction(at),
        ) => {
            assert!(text.is_char_boundary(at), "no byte {at} in {text}");
            return;
        }
    };
    check_conditions(&filter);
    let numbers = |value: &Value| value.is_f64();
    if filter.0.iter().any(|condition| numbers(&condition.value)) {
        // Their digits may differ in the last place.
        return;
    }
    let conditions = filter.0.iter();
    let written: Vec<String> = conditions
        .map(|condition| format!("{} eq {}", condition.attribute, condition.value))
        .collect();
    assert_eq!(written.join(" and ").parse(), Ok(filter), "{text}");
}

fn check_conditions(Filter(conditions): &Filter) {
    assert!((1..=MOST).contains(&conditions.len()));
    for condition in conditions {
        let name = &condition.attribute;
        assert!(!name.is_empty() && name.is_ascii(), "{name}");
        assert_eq!(name.to_ascii_lowercase(), *name);
        let value = &condition.value;
        assert!(!value.is_object() && !value.is_array(), "{value}");
    }
}

fn check_path(text: &str) {
    let Ok(path) = text.parse::<Path>() else {
        return;
    };
    let names = [Some(&path.attribute), path.part.as_ref()];
    for name in names.into_iter().flatten() {
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte)),
            "{name}"
        );
        assert_eq!(name.to_ascii_lowercase(), *name);
    }
    assert!(!path.attribute.is_empty() || path.extension.is_some());
    assert_ne!(path.part.as_deref(), Some(""));
    if let Some(filter) = &path.filter {
        check_conditions(filter);
    }
    // Its case does not count, but for the texts that are compared.
    if path.filter.is_none() {
        assert_eq!(text.to_ascii_uppercase().parse(), Ok(path));
    }
}

/// Whether it was taken, after everything was checked.
pub fn checked(taken: Result<(), Refusal>) -> bool {
    match taken {
        Ok(()) => true,
        Err(refusal) => {
            check_refusal(refusal);
            false
        }
    }
}

/// A whole person.
///
/// # Errors
/// What is wrong with them.
pub fn read_user(resource: &Map<String, Value>) -> Result<(), Refusal> {
    check_user(&user::Attributes::read(resource)?);
    Ok(())
}

/// A change of somebody who has everything.
///
/// # Errors
/// What is wrong with it.
pub fn change_user(body: &Map<String, Value>) -> Result<(), Refusal> {
    let mut attributes = user::Attributes {
        user_name: "ada@acme.example".to_owned(),
        external_id: Some("005ADA".to_owned()),
        name: Some("Ada".to_owned()),
        given_name: Some("Ada".to_owned()),
        family_name: Some("Adams".to_owned()),
        active: true,
        agent: Some("a1".to_owned()),
    };
    let steps = patch::read(body)?;
    for step in &steps {
        attributes.take(step)?;
    }
    check_user(&attributes);
    // Said twice, it is the same.
    let mut again = attributes.clone();
    for step in &steps {
        again.take(step)?;
    }
    assert_eq!(again, attributes);
    Ok(())
}

fn check_user(attributes: &user::Attributes) {
    let user::Attributes {
        user_name,
        external_id,
        name,
        given_name,
        family_name,
        active,
        agent,
    } = attributes;
    check_text(user_name);
    for text in [external_id, name, given_name, family_name, agent]
        .into_iter()
        .flatten()
    {
        check_text(text);
    }
    let person = Person {
        id: "per_1".to_owned(),
        org: "acme".to_owned(),
        user_name: user_name.clone(),
        external_id: external_id.clone(),
        sub: external_id.clone(),
        name: name.clone(),
        given_name: given_name.clone(),
        family_name: family_name.clone(),
        active: i64::from(*active),
        told: agent.clone(),
        agent: agent.clone(),
        state: State::Ready.as_str().to_owned(),
        asked_at: 0,
        version: 1,
        created_at: NOW,
        updated_at: NOW,
    };
    let shown = user::document(&person, BASE);
    let shown = shown.as_object().expect("an object");
    let again = user::Attributes::read(shown).expect("what is shown can be sent");
    assert_eq!(again, *attributes);
}

/// A whole group.
///
/// # Errors
/// What is wrong with it.
pub fn read_group(resource: &Map<String, Value>) -> Result<(), Refusal> {
    check_group(&group::Attributes::read(resource)?);
    Ok(())
}

/// A change of a group with members.
///
/// # Errors
/// What is wrong with it.
pub fn change_group(body: &Map<String, Value>) -> Result<(), Refusal> {
    let mut attributes = group::Attributes {
        name: "Supervisors".to_owned(),
        external_id: Some("g1".to_owned()),
        members: ["per_1", "per_2"].map(str::to_owned).into(),
    };
    let steps = patch::read(body)?;
    for step in &steps {
        attributes.take(step)?;
    }
    check_group(&attributes);
    let mut again = attributes.clone();
    for step in &steps {
        again.take(step)?;
    }
    assert_eq!(again, attributes);
    Ok(())
}

fn check_group(attributes: &group::Attributes) {
    check_text(&attributes.name);
    for text in attributes.external_id.iter().chain(&attributes.members) {
        check_text(text);
    }
    let group = Group {
        id: "grp_1".to_owned(),
        org: "acme".to_owned(),
        name: attributes.name.clone(),
        external_id: attributes.external_id.clone(),
        version: 1,
        created_at: NOW,
        updated_at: NOW,
    };
    let shown = group::document(&group, &attributes.members, BASE);
    let shown = shown.as_object().expect("an object");
    let again = group::Attributes::read(shown).expect("what is shown can be sent");
    assert_eq!(again, *attributes);
}

/// What every database can store.
fn check_text(text: &str) {
    assert!((1..=LONGEST).contains(&text.chars().count()), "{text:?}");
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

/// A refusal has SCIM's own shape, and a code of the contract by which it is counted.
fn check_refusal(refusal: Refusal) {
    let response = refusal.into_response();
    let status = response.status();
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let problem = response.extensions().get::<Problem>().expect("its code");
    assert!(codes::status(problem.code().as_str()).is_some());
    let body = to_bytes(response.into_body(), usize::MAX).now_or_never();
    let body = body.expect("nothing to wait for").expect("a body");
    let document: Value = serde_json::from_slice(&body).expect("a document");
    assert_eq!(document["schemas"], json!([ERROR]));
    assert_eq!(document["status"], status.as_u16().to_string());
    assert!(document["scimType"].is_string(), "{document}");
    let detail = document["detail"].as_str().expect("what is wrong");
    assert!(!detail.is_empty());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without this the properties above could hold because nothing is ever taken.
    #[test]
    fn what_both_products_send_is_taken_and_what_nobody_could_mean_is_not() {
        let object = |value: Value| value.as_object().cloned().expect("an object");
        let ada = object(json!({ "userName": "ada", "externalId": "005ADA" }));
        assert!(checked(read_user(&ada)));
        assert!(!checked(read_user(&object(json!({})))));
        let off =
            json!({ "Operations": [{ "op": "Replace", "path": "active", "value": "False" }] });
        assert!(checked(change_user(&object(off))));
        let move_on = json!({ "Operations": [{ "op": "move" }] });
        assert!(!checked(change_user(&object(move_on))));
        let group = object(json!({ "displayName": "G", "members": [{ "value": "per_1" }] }));
        assert!(checked(read_group(&group)));
        assert!(!checked(read_group(&object(json!({ "members": [1] })))));
        let removal =
            json!({ "Operations": [{ "op": "remove", "path": "members[value eq \"per_1\"]" }] });
        assert!(checked(change_group(&object(removal))));
        let rename = json!({ "Operations": [{ "op": "remove", "path": "displayName" }] });
        assert!(!checked(change_group(&object(rename))));
    }
}
