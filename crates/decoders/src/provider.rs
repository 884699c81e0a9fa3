//! Platforms' replies: `accepted` only where the platform said so, `refused` only where nothing was done.

use std::sync::LazyLock;

use patchcord_core::error::Code;
use patchcord_core::http::{Failure, Reply};
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::babelforce::Babelforce;
use patchcord_core::provider::babelforce::agents::Find;
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
            match provider.read_agents(reply.clone()) {
                Ok(_) => assert!(said.json.is_some(), "agents out of nothing"),
                Err(outcome) => check_not_accepted(&said, &outcome),
            }
        }
        check_rotation(&said, provider.read_reset(reply.clone()));
    }
    check_agents(&reply);
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
            Some(status) => status == 429 && said.success.is_none(),
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

fn check_agents(reply: &Reply) {
    let finds = [
        Find::Email("alex@acme.example"),
        Find::Source {
            system: None,
            id: "005ALEX",
        },
    ];
    for find in finds {
        match BABELFORCE.read_agent(find, reply.clone()) {
            Ok(agent) => match find {
                Find::Email(email) => {
                    assert!(
                        agent
                            .email
                            .is_some_and(|own| own.eq_ignore_ascii_case(email))
                    );
                }
                Find::Source { id, .. } => assert_eq!(agent.source_id.as_deref(), Some(id)),
            },
            Err(error) => assert!(Code::parse(error.code.as_str()).is_some()),
        }
    }
    let _ = BABELFORCE.read_status(reply.clone());
    let set = BABELFORCE.read_set_presence(reply.clone());
    check_outcome(&set);
    assert!(set != Outcome::Accepted || reply.is_ok());
}
