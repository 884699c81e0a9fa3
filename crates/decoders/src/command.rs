//! Commands of a desk, as a relay reads them: what is accepted goes on as it came, and is a command in full.

use std::sync::Arc;

use patchcord_core::desk::action::{Action, Command, MAX_DIGITS};
use patchcord_core::error::{Code, Error};
use patchcord_core::payload::Payload;
use patchcord_core::provider;
use patchcord_core::secret::Secret;
use serde_json::{Map, Value};

use crate::codes::status;
use crate::told::desk;

/// Takes any bytes as the body of a command.
pub fn check(data: &[u8]) {
    let nowhere = provider::read_command("samespace", data);
    assert_eq!(
        nowhere.err().map(|error| error.code),
        Some(Code::CapabilityMissing)
    );
    match read(data) {
        Ok(command) => check_accepted(&command, data),
        Err(error) => check_refused(&error),
    }
}

/// As a relay reads it.
///
/// # Errors
/// What is wrong with it.
pub fn read(body: &[u8]) -> Result<Command, Error> {
    provider::read_command("babelforce", body)
}

/// As a desk sends it.
pub fn write(command: &Command) -> String {
    let request = desk().send(command, &Secret::new("token"));
    let request = request.expect("what a relay takes or a desk allows can be sent");
    assert!(!request.url.contains("token"), "a secret in an address");
    request.body.expect("a body").text().to_owned()
}

fn check_accepted(command: &Command, data: &[u8]) {
    let body = write(command);
    let again = read(body.as_bytes()).expect("what was written");
    assert_eq!(write(&again), body);
    assert_eq!(bare(&again), bare(command), "{body}");

    let came: Map<String, Value> = serde_json::from_slice(data).expect("an object");
    let goes: Map<String, Value> = serde_json::from_str(&body).expect("an object");
    assert!(came.keys().eq(goes.keys()) && goes.len() == 1, "{body}");
    let name = goes.keys().next().expect("a name");
    if name != "register" {
        assert_eq!(said(&came[name]), said(&goes[name]), "something was lost");
    }
    if let Command::Act(action) = command {
        check_limits(action);
    }
}

fn check_refused(error: &Error) {
    let code = error.code.as_str();
    assert!(
        status(code).is_some_and(|status| (400..500).contains(&status)),
        "{code}"
    );
    let whole = matches!(error.code, Code::InvalidJson | Code::InvalidField);
    assert!(whole || error.field.is_some(), "{error:?}");
}

fn check_limits(action: &Action) {
    let payload: Option<&Payload> = match action {
        Action::PlaceCall(request) => {
            check_hidden(action, request.number.digits());
            Some(&request.payload)
        }
        Action::SendText { payload, .. } => Some(payload),
        Action::SendDigits { digits, .. } => {
            assert!((1..=MAX_DIGITS).contains(&digits.as_str().len()));
            None
        }
        Action::SetNumber(number) => {
            check_hidden(action, number.digits());
            None
        }
        _ => None,
    };
    if let Some(payload) = payload {
        assert!(Payload::from_json(payload.as_json()).is_ok());
    }
    assert_ne!(action.subject(), Some(""), "about nothing");
}

fn check_hidden(action: &Action, digits: &str) {
    let shown = format!("{action:?}");
    assert!(!shown.contains(digits), "a number in a log");
}

/// The command without its payload, which may be spelled in another way: what that says is in the body.
fn bare(command: &Command) -> Command {
    let mut command = command.clone();
    if let Command::Act(action) = &mut command {
        match Arc::make_mut(action) {
            Action::PlaceCall(request) => request.payload = Payload::default(),
            Action::SendText { payload, .. } => *payload = Payload::default(),
            _ => {}
        }
    }
    command
}

/// What the members of a command say; what says nothing is left out, and numbers and payloads are read elsewhere.
fn said(fields: &Value) -> Map<String, Value> {
    let says = |value: &Value| match value {
        Value::Null | Value::Bool(false) | Value::Number(_) | Value::Object(_) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Bool(true) => true,
    };
    let fields = fields.as_object().expect("an object").iter();
    fields
        .filter(|(name, value)| *name != "seq" && *name != "seconds" && says(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
