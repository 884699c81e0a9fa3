//! A platform's answers to an agent's desk: `accepted` only where it said so, `refused` only where nothing was
//! done, and nothing that a page would open or dial out of what is none.

use std::collections::BTreeMap;

use patchcord_core::desk::action::{Action, Command, Target};
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::lookup::{Found, PastCall};
use patchcord_core::desk::view::Contact;
use patchcord_core::http::{Failure, Reply};
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::desk::{Desk, SignIn};
use patchcord_core::secret::Secret;
use patchcord_core::token::Next;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::codes::{check_outcome, is_unknown};
use crate::command;
use crate::reply;
use crate::told::{desk, sign_in};

const NOW: u64 = 1_700_000_000_000;
/// What says, whatever the status, that nothing was done: of the protocol, and of a relay in between.
const NOT_DONE: [&str; 3] = ["unimplemented", "provider_unreachable", "switched_off"];

/// Takes any reply (see [`reply`]) as an answer to everything that a desk asks.
pub fn check(data: &[u8]) {
    let reply = reply::read(data);
    let said = Said::of(&reply);
    let desk = desk();

    let sent = desk.read_sent(reply.clone());
    match &sent.outcome {
        Outcome::Accepted => {
            assert!(said.is_yes(), "accepted without an answer");
            assert_eq!(sent.trouble, None);
        }
        outcome => said.check_no(outcome),
    }
    if let Some(trouble) = sent.trouble {
        assert!(said.is_no_success(), "{trouble:?} out of nothing");
    }
    said.check_trouble(desk.read_no_stream(reply.clone()));
    match desk.read_state(reply.clone()) {
        Ok(view) => {
            assert!(said.is_yes(), "a view out of nothing");
            assert_eq!(view.agent.id, said.at("/agent/id"));
        }
        Err(trouble) => said.check_trouble(trouble),
    }
    if let Some(who) = said.check(desk.read_who(reply.clone())) {
        assert!(!who.agent.is_empty(), "nobody");
        assert_eq!(who.agent, said.at("/agentId"));
    }
    check_lists(&said, desk.as_ref(), &reply);
    check_sign_in(&said, sign_in().as_ref(), &reply);
}

fn check_lists(said: &Said, desk: &dyn Desk, reply: &Reply) {
    let targets = said.check(desk.read_targets(reply.clone()));
    targets.iter().flatten().for_each(check_target);
    let history = said.check(desk.read_history(reply.clone()));
    history.iter().flatten().for_each(check_past);
    let contacts = said.check(desk.read_phonebook(reply.clone()));
    contacts.iter().flatten().for_each(check_contact);
}

/// What can be chosen can be sent, and a relay reads it.
fn check_target(found: &Found) {
    if let Some(to) = found.target() {
        if let Target::Application(id) = &to {
            assert_eq!(id, &found.id);
        }
        let call = "c1".to_owned();
        let command = Command::from(Action::TransferBlind { call, to });
        let body = command::write(&command);
        assert_eq!(command::read(body.as_bytes()), Ok(command));
    }
}

fn check_past(call: &PastCall) {
    if let Some(url) = &call.recording_url {
        check_address(url);
    }
}

fn check_contact(contact: &Contact) {
    assert!(!contact.recent || contact.label == contact.number);
}

fn check_sign_in(said: &Said, sign_in: &dyn SignIn, reply: &Reply) {
    if let Some(url) = said.check(sign_in.read_sso(reply.clone())) {
        check_address(&url);
    }
    // OAuth's words for no are read as such, whatever the status of a failure.
    match sign_in.read_sso_token(reply.clone(), NOW) {
        Ok(mut tokens) => {
            assert!(said.is_yes(), "a token out of nothing");
            let given = said.at("/access_token");
            let shown = format!("{tokens:?}");
            assert!(given.len() < 16 || !shown.contains(&given), "in a log");
            if let Next::Use(token) = tokens.next(NOW) {
                assert_eq!(token, Secret::new(given));
                assert!(!token.is_empty());
            }
        }
        Err(outcome) => {
            assert_ne!(outcome, Outcome::Accepted);
            check_outcome(&outcome);
            let refused = matches!(outcome, Outcome::Refused(_));
            assert!(!refused || !said.lost, "a lost reply proves nothing");
        }
    }
}

/// What a page may open.
fn check_address(url: &str) {
    let host = ["https://", "http://"]
        .iter()
        .find_map(|scheme| url.strip_prefix(scheme));
    assert!(host.is_some_and(|host| !host.is_empty()), "{url:?}");
    assert!(!url.contains(char::is_whitespace), "{url:?}");
}

/// What a reply says, read without the provider's code.
struct Said {
    /// `None` where there is no reply.
    status: Option<u16>,
    lost: bool,
    json: Option<Value>,
}

impl Said {
    fn of(reply: &Reply) -> Self {
        let response = reply.as_ref().ok();
        Self {
            status: response.map(|response| response.status),
            lost: matches!(reply, Err(Failure::Lost(_))),
            json: response.and_then(|response| value(str::from_utf8(&response.body).ok()?)),
        }
    }

    fn is_yes(&self) -> bool {
        let good = self
            .status
            .is_some_and(|status| (200..300).contains(&status));
        good && self.json.as_ref().is_some_and(Value::is_object)
    }

    /// There is a reply, and it is none of success.
    fn is_no_success(&self) -> bool {
        self.status
            .is_some_and(|status| !(200..300).contains(&status))
    }

    /// A desk stops only where it is told to.
    fn check_trouble(&self, trouble: Trouble) {
        let stops = matches!(
            trouble,
            Trouble::Taken | Trouble::NotAnAgent | Trouble::SignInNeeded
        );
        assert!(!stops || self.is_no_success(), "{trouble:?} out of nothing");
    }

    /// A text; empty for anything else.
    fn at(&self, pointer: &str) -> String {
        let value = self.json.as_ref().and_then(|json| json.pointer(pointer));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    fn check<T>(&self, read: Result<T, Outcome>) -> Option<T> {
        match read {
            Ok(value) => {
                assert!(self.is_yes(), "something out of nothing");
                Some(value)
            }
            Err(outcome) => {
                self.check_no(&outcome);
                None
            }
        }
    }

    fn check_no(&self, outcome: &Outcome) {
        assert_ne!(*outcome, Outcome::Accepted);
        let code = outcome.because().map(|because| because.code.as_str());
        // A relay in between refuses in words of its own.
        let own = code.is_some_and(|code| self.at("/code") == code && !is_unknown(code));
        let refused = matches!(outcome, Outcome::Refused(_));
        if !(own && refused) {
            check_outcome(outcome);
        }
        match self.status {
            None => assert_eq!(refused, !self.lost, "{outcome:?}"),
            Some(status) => {
                let no = (400..500).contains(&status) || NOT_DONE.contains(&&*self.at("/code"));
                assert!(no || !refused, "{status} is no refusal: {outcome:?}");
            }
        }
    }
}

/// JSON as a desk reads it: a number that no `f64` holds is one all the same. It says nothing here.
fn value(text: &str) -> Option<Value> {
    match serde_json::from_str(text) {
        Err(error) if error.to_string().starts_with("number out of range") => {}
        read => return read.ok(),
    }
    if !text.trim_start().starts_with('{') {
        return Some(Value::Null);
    }
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
    let members = members.into_iter();
    let object: Option<_> = members
        .map(|(name, member)| Some((name, value(member.get())?)))
        .collect();
    object.map(Value::Object)
}
