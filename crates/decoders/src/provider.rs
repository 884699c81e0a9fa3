//! Platforms' replies: `accepted` only where the platform said so, `refused` only where nothing was done.

use std::sync::LazyLock;

use patchcord_core::error::Code;
use patchcord_core::http::{Failure, Reply};
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::babelforce::Babelforce;
use patchcord_core::provider::people::{Agent, Change, Find};
use patchcord_core::provider::samespace::Samespace;
use patchcord_core::provider::{Provider, Rotation};
use serde_json::{Value, json};

use crate::codes::check_outcome;
use crate::reply;

static SAMESPACE: LazyLock<Samespace> = LazyLock::new(|| {
    Samespace::from_config(json!({ "cluster_id": "ph1c", "cloud_id": "acme" })).expect("an account")
});
static BABELFORCE: LazyLock<Babelforce> = LazyLock::new(|| {
    Babelforce::from_config(json!({
        "environment": "apps",
        "grant": { "type": "password", "username": "relay", "password": "secret" },
    }))
    .expect("an account")
});

/// Takes any reply (see [`reply`]) as an answer to everything that is asked.
pub fn check(data: &[u8]) {
    let reply = reply::read(data);
    let said = Said::of(&reply);
    if let Ok(response) = &reply {
        let shown = format!("{response:?}");
        assert_eq!(
            shown,
            format!(
                "Response {} ({} bytes)",
                response.status,
                response.body.len()
            )
        );
    }
    for provider in [&*SAMESPACE as &dyn Provider, &*BABELFORCE] {
        let has_ids = provider.name() == "babelforce";
        let dialled = provider.read_dial(reply.clone());
        check_one(&said, &dialled.outcome, has_ids);
        let accepted = dialled.outcome == Outcome::Accepted;
        assert!(accepted || (dialled.call.is_none() && dialled.progress.is_none()));
        assert_ne!(dialled.call.as_deref(), Some(""));

        check_one(&said, &provider.read_callback(reply.clone()), has_ids);
        if has_ids {
            check_one(&said, &provider.read_hang_up(reply.clone()), has_ids);
            match provider.read_call_state(reply.clone()) {
                Ok(_) => assert!(said.names_item(), "a state of no call"),
                Err(outcome) => check_not_accepted(&said, &outcome),
            }
        }
        check_rotation(&said, provider.read_reset(reply.clone()));
    }
    check_people(&said, &reply);
}

/// What a reply says, read without the providers' code.
struct Said {
    /// `None` where there is no reply.
    status: Option<u16>,
    lost: bool,
    success: Option<bool>,
    json: Option<Value>,
}

impl Said {
    fn of(reply: &Reply) -> Self {
        let json = reply
            .as_ref()
            .ok()
            .and_then(|response| serde_json::from_slice::<Value>(&response.body).ok());
        let success = match json.as_ref().and_then(|json| json.get("success")) {
            Some(Value::Bool(word)) => Some(*word),
            Some(Value::String(text)) => text.to_ascii_lowercase().parse().ok(),
            _ => None,
        };
        Self {
            status: reply.as_ref().ok().map(|response| response.status),
            lost: matches!(reply, Err(Failure::Lost(_))),
            success,
            json,
        }
    }

    fn is_2xx(&self) -> bool {
        self.status
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// Whether the item, or the whole, has an id: babelforce's way to say yes without the word.
    fn names_item(&self) -> bool {
        let json = self.json.as_ref();
        let places = [json, json.and_then(|json| json.get("item"))];
        places.into_iter().flatten().any(|place| {
            place
                .get("id")
                .and_then(Value::as_str)
                .is_some_and(|id| !id.is_empty())
        })
    }
}

fn check_one(said: &Said, outcome: &Outcome, has_ids: bool) {
    if *outcome == Outcome::Accepted {
        let by_id = has_ids && said.is_2xx() && said.success.is_none() && said.names_item();
        assert!(
            said.success == Some(true) || by_id,
            "accepted without a word"
        );
    } else {
        check_not_accepted(said, outcome);
    }
}

fn check_not_accepted(said: &Said, outcome: &Outcome) {
    check_outcome(outcome);
    let refused = matches!(outcome, Outcome::Refused(_));
    match said.status {
        None if said.lost => assert!(!refused, "a lost reply proves nothing"),
        None => assert!(refused, "what was not sent was refused: {outcome:?}"),
        Some(status) => {
            let no = said.success == Some(false) || (400..500).contains(&status);
            assert!(no || !refused, "{status} is no refusal: {outcome:?}");
            assert!(said.success != Some(false) || refused, "{outcome:?}");
        }
    }
    if outcome.may_be_retried() {
        let nothing_done = match said.status {
            None => !said.lost,
            // With `success: false` it is as true: nothing was done, and may be later.
            Some(status) => status == 429 && said.success != Some(true),
        };
        assert!(nothing_done, "{outcome:?} would be repeated");
    }
}

fn check_rotation(said: &Said, rotation: Rotation) {
    match rotation {
        Rotation::Rotated(token) => {
            assert!(!token.expose().is_empty());
            assert!(said.is_2xx() || said.success == Some(true));
            assert!(!said.lost && said.success != Some(false));
        }
        Rotation::AcceptedWithoutToken => assert_eq!(said.success, Some(true)),
        Rotation::Refused(outcome) => {
            assert!(matches!(outcome, Outcome::Refused(_)));
            assert!(
                !said.lost || outcome.because().map(|b| b.code) == Some(Code::CapabilityMissing)
            );
        }
        Rotation::Unknown(outcome) => assert!(matches!(outcome, Outcome::Unknown(_))),
    }
}

fn check_people(said: &Said, reply: &Reply) {
    let people = BABELFORCE.people().expect("babelforce has people");
    match people.read_list(1, reply.clone()) {
        Ok(page) => {
            assert!(said.json.is_some(), "agents out of nothing");
            assert!(page.items.iter().all(|agent| !agent.id.is_empty()));
            assert!(page.next.is_none_or(|next| next == 2));
            check_found(&page.items);
        }
        Err(outcome) => check_not_accepted(said, &outcome),
    }
    check_read(said, people.read_agent(reply.clone()));
    check_read(said, people.read_status(reply.clone()));
    check_read(said, people.read_presences(reply.clone()));
    check_read(said, people.read_choices(reply.clone()));
    check_read(said, people.read_groups(1, reply.clone()));
    check_read(said, people.read_tags(reply.clone()));
    check_one(said, &people.read_push(reply.clone()), false);
    check_one(
        said,
        &people.read_change(&Change::Enable, reply.clone()),
        false,
    );
    let set = people.read_change(&Change::Presence("lunch".to_owned()), reply.clone());
    check_outcome(&set);
    assert!(set != Outcome::Accepted || reply.is_ok());
}

fn check_read<T>(said: &Said, read: Result<T, Outcome>) {
    match read {
        Ok(_) => assert!(said.json.is_some(), "something out of nothing"),
        Err(outcome) => check_not_accepted(said, &outcome),
    }
}

/// Whoever is found is who was looked for.
fn check_found(agents: &[Agent]) {
    let email = "alex@acme.example";
    if let Ok(agent) = Find::Email(email.to_owned()).one(agents.to_vec()) {
        assert!(
            agent
                .email
                .is_some_and(|own| own.eq_ignore_ascii_case(email))
        );
    }
    let source = Find::Source {
        system: None,
        id: "005ALEX".to_owned(),
    };
    if let Ok(agent) = source.one(agents.to_vec()) {
        assert_eq!(agent.source_id.as_deref(), Some("005ALEX"));
    }
}
