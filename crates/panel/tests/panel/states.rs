//! Every state that a panel can be in, by name.

use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::lookup::{Found, FoundKind};
use patchcord_core::desk::session::Event;
use patchcord_core::desk::view::Private;
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::payload::Payload;
use patchcord_core::record::Record;
use patchcord_panel::scene::{Offer, SigningIn};
use patchcord_panel::texts::Said;
use patchcord_panel::ui::{Looking, Past, PastRow, Row, Tone, Way};
use serde_json::json;

use crate::stage::Stage;
use crate::world::World;

/// What travels with a call.
pub fn about() -> patchcord::desk::About {
    patchcord::desk::About {
        kind: "Lead".into(),
        name: "Åsa Lindqvist".into(),
        url: Some("https://crm.example/lead/00Q1".into()),
        payload: [
            ("company", "Lindqvist Fastigheter AB"),
            ("score", "87.5"),
            ("campaign", "Autumn mailing"),
            ("owner", "{\"name\":\"Kim\",\"team\":\"North\"}"),
            (
                "note",
                "Asked for a quote on Tuesday, wants to talk about delivery",
            ),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec(),
    }
}

fn rows(count: usize) -> Vec<Row> {
    let names = [
        "Tom Weaver",
        "Åsa Lindqvist",
        "",
        "Bundesdruckerei Zentrale",
        "Kim",
    ];
    (0..count)
        .map(|at| Row {
            label: match names[at % names.len()] {
                "" => "+4915228817387".into(),
                name => name.into(),
            },
            number: "+4915228817387".into(),
            note: "11:52 · 2:13".into(),
            way: if at % 2 == 0 { Way::In } else { Way::Out },
        })
        .collect()
}

pub fn found() -> Vec<Found> {
    let one = |kind, id: &str, label: &str, number: &str| Found {
        kind,
        id: id.into(),
        label: Private::new(label),
        number: Private::new(number),
        ..Found::default()
    };
    vec![
        Found {
            browser_only: true,
            ..one(FoundKind::Agent, "a2", "Kim Okafor", "")
        },
        one(FoundKind::Application, "q1", "Billing", ""),
        one(
            FoundKind::Agent,
            "a3",
            "Maria-Theresia von Hohenstein",
            "+4930222222",
        ),
        one(
            FoundKind::Number,
            "+4930333333",
            "+4930333333",
            "+4930333333",
        ),
    ]
}

fn unknown() -> Outcome {
    Outcome::Unknown(Because::code(Code::NoReply))
}

/// Each with its name.
pub fn all() -> Vec<(&'static str, Stage)> {
    let mut states = vec![
        ("starting", {
            let mut world = World::new();
            world.event(Event::Start);
            Stage::at(world)
        }),
        ("setting-up", {
            let mut world = World::new();
            world.event(Event::Start);
            let stream = world.only_stream();
            world.event(Event::Opened { stream });
            world.snapshot(stream);
            Stage::at(world)
        }),
        ("set-up-failed", {
            let mut world = World::new();
            world.event(Event::Start);
            let stream = world.only_stream();
            world.event(Event::Opened { stream });
            world.snapshot(stream);
            let (id, _) = world.sent.remove(0);
            world.replied(id, Outcome::Refused(Because::code(Code::ProviderForbidden)));
            Stage::at(world)
        }),
        ("idle", Stage::idle()),
        ("closed", Stage::at(World::new())),
    ];
    for (name, why) in [
        ("taken", Trouble::Taken),
        ("sign-in-needed", Trouble::SignInNeeded),
        ("not-an-agent", Trouble::NotAnAgent),
    ] {
        let mut stage = Stage::idle();
        stage.outside.may_sign_out = true;
        let stream = stage.world.only_stream();
        stage.world.broken(stream, why);
        states.push((name, stage));
    }
    states.extend(signing_in());
    states.extend(calls());
    states.extend(below());
    states
}

fn signing_in() -> Vec<(&'static str, Stage)> {
    let needed = || {
        let mut stage = Stage::idle();
        let stream = stage.world.only_stream();
        stage.world.broken(stream, Trouble::SignInNeeded);
        stage
    };
    let mut waiting = needed();
    waiting.outside.signing_in = SigningIn::Waiting;
    let mut failed = needed();
    let said = failed.texts.of_code(Code::SignInFailed.as_str(), None);
    failed.outside.signing_in = SigningIn::Failed(said);
    let mut begun = Stage::at({
        let mut world = World::new();
        world.event(Event::Start);
        world
    });
    begun.outside.failure = Some(begun.texts.of_code("relay_unreachable", None));
    vec![
        ("signing-in", waiting),
        ("sign-in-failed", failed),
        ("starting-failed", begun),
    ]
}

fn calls() -> Vec<(&'static str, Stage)> {
    let mut states = vec![
        ("incoming", Stage::with_call("RINGING", &json!({}))),
        (
            "incoming-anonymous",
            Stage::with_call("RINGING", &json!({"anonymous": true, "queueName": ""})),
        ),
        (
            "dialled",
            Stage::with_call(
                "RINGING",
                &json!({"direction": "CALL_DIRECTION_OUTBOUND", "source": "CALL_SOURCE_API", "to": "+4915228817386", "queueName": ""}),
            ),
        ),
        ("connected", {
            let mut stage = Stage::connected();
            stage.outside.abouts = vec![("c1".into(), about())];
            stage.agent(&json!({"presence": "AGENT_STATE_IN_CALL"}));
            stage
        }),
        ("held-and-muted", {
            let at = World::live().now / 1_000 - 734;
            Stage::with_call(
                "BRIDGED",
                &json!({"establishedAt": at, "onHold": true, "muted": true}),
            )
        }),
        ("recorded", {
            let at = World::live().now / 1_000 - 10;
            let mut stage = Stage::with_call(
                "BRIDGED",
                &json!({"establishedAt": at, "recording": true, "recordingId": "r1", "recordingTags": ["sale"], "recordingFlagged": true}),
            );
            stage.uses("tags c1");
            stage
        }),
        ("busy", {
            let mut stage = Stage::connected();
            stage.uses("hold c1");
            stage.uses("record c1");
            stage.uses("hangup c1");
            stage
        }),
        ("keypad", {
            let mut stage = Stage::connected();
            stage.uses("keypad c1");
            stage.uses_with("digit c1", "1");
            stage.uses_with("digit c1", "2");
            stage.uses_with("digit c1", "#");
            stage
        }),
        ("keypad-open", {
            let mut stage = Stage::connected();
            stage.uses("keypad c1");
            stage
        }),
        ("notes-to-end", {
            let mut stage = Stage::idle();
            stage.world.patch(
                json!({"wrapUp": {"active": true, "remainingSeconds": 5, "canCancel": true}}),
            );
            stage
        }),
        ("call-waiting", {
            let mut stage = Stage::connected();
            stage.call(
                "c2",
                "RINGING",
                &json!({"from": "+442079460000", "queueName": "Support"}),
            );
            stage
        }),
        ("conference-moderator", Stage::meeting(true)),
        ("conference-member", Stage::meeting(false)),
        ("stale", Stage::stale()),
        ("notes", {
            let mut stage = Stage::idle();
            stage.world.patch(json!({"wrapUp": {"active": true, "remainingSeconds": 28, "canExtend": true, "canCancel": false}}));
            stage.ui.notes_total = 60;
            stage.agent(&json!({"presence": "AGENT_STATE_WRAP_UP"}));
            stage
        }),
        ("line-blocked", {
            let mut stage = Stage::idle();
            stage.agent(&json!({"lineBlocked": true, "lineBlockedReason": "declined", "presence": "AGENT_STATE_BUSY"}));
            stage
        }),
    ];
    for (name, outcome) in [
        (
            "refused",
            Outcome::Refused(Because {
                code: Code::ProviderRefused,
                message: Some("Hold is not allowed in this queue".into()),
                retry_after: None,
            }),
        ),
        ("unknown", unknown()),
    ] {
        let mut stage = Stage::connected();
        stage.uses("hold c1");
        stage.replied(outcome);
        states.push((name, stage));
    }
    let mut failed = Stage::connected();
    failed.uses("mute c1");
    failed.replied(Outcome::Accepted);
    failed.fault("mute_failed", "c1", "media server is not reachable");
    states.push(("failed", failed));
    states
}

/// One of each: with a recording, one that can be heard, missed.
fn last_calls() -> Past {
    let row = |when: &str, note: &str, way| PastRow {
        when: when.into(),
        note: note.into(),
        way,
        ..PastRow::default()
    };
    Past {
        number: "+4915228817386".into(),
        rows: vec![
            PastRow {
                recording: "r1".into(),
                ..row("11:52", "2:05 · Alex Adler", Way::In)
            },
            PastRow {
                recording: "r2".into(),
                link: "https://platform.example/r2.mp3".into(),
                ..row("11/25/26 09:12", "0:20 · Sam Sommer", Way::Out)
            },
            row("11/24/26 17:30", "Missed · Support", Way::In),
        ],
        state: Looking::All,
    }
}

fn below() -> Vec<(&'static str, Stage)> {
    let offer = || Offer {
        number: "+4915228817386".into(),
        record: Some(Record {
            system: "acme-crm".into(),
            kind: "Lead".into(),
            id: "00Q1".into(),
            name: Some("Åsa Lindqvist".into()),
            url: None,
        }),
        payload: Payload::from_json(r#"{"score":87.5}"#).unwrap(),
        about: Some(about()),
    };
    vec![
        ("offered", {
            let mut stage = Stage::idle();
            stage.outside.offer = offer();
            stage.ui.number = "+4915228817386".into();
            stage
        }),
        ("last-calls", {
            let mut stage = Stage::idle();
            stage.ui.number = "+4915228817386".into();
            stage.uses("history +4915228817386");
            stage.ui.past = last_calls();
            stage
        }),
        ("last-calls-none", {
            let mut stage = Stage::connected();
            stage.ui.past = Past {
                number: "+4915228817386".into(),
                rows: Vec::new(),
                state: Looking::All,
            };
            stage
        }),
        ("dial-unknown", {
            let mut stage = Stage::idle();
            stage.ui.number = "+4915228817386".into();
            stage.uses("dial");
            stage.replied(unknown());
            stage
        }),
        ("dial-invalid", {
            let mut stage = Stage::idle();
            stage.ui.number = "030 1234".into();
            stage.uses("dial");
            stage
        }),
        ("recent", {
            let mut stage = Stage::idle();
            stage.uses("recent");
            stage.ui.recent.take(1, rows(25), 25);
            stage
        }),
        ("recent-loading", {
            let mut stage = Stage::idle();
            stage.uses("recent");
            stage
        }),
        ("recent-empty", {
            let mut stage = Stage::idle();
            stage.uses("recent");
            stage.ui.recent.take(1, Vec::new(), 25);
            stage
        }),
        ("phonebook", {
            let mut stage = Stage::idle();
            stage.uses("phonebook");
            let mut rows = rows(5);
            for row in &mut rows {
                row.note = String::new();
                row.way = Way::None;
            }
            stage.ui.phonebook.take(1, rows, 25);
            stage
        }),
        ("phonebook-failed", {
            let mut stage = Stage::idle();
            stage.uses("phonebook");
            let said = stage.texts.of_code("provider_unreachable", None);
            stage.ui.phonebook.state = Looking::Failed(said);
            stage
        }),
        ("transfer", {
            let mut stage = Stage::connected();
            stage.uses("transfer c1");
            let pick = stage.ui.pick().unwrap();
            pick.found = found();
            pick.state = Looking::All;
            pick.row = 1;
            stage
        }),
        ("ask-first", {
            let mut stage = Stage::connected();
            stage.uses("transfer c1");
            stage.uses("ask");
            stage.uses_with("search", "+49 30 444 4444");
            let pick = stage.ui.pick().unwrap();
            pick.found = found();
            pick.state = Looking::All;
            stage
        }),
        ("add", {
            let mut stage = Stage::connected();
            stage.uses("add c1");
            stage
        }),
        ("settings", {
            let mut stage = Stage::idle();
            stage.outside.may_sign_out = true;
            stage.uses("settings");
            stage
        }),
        ("notices", {
            let mut stage = Stage::idle();
            let said = Said {
                headline: "Team meeting at 14:00".into(),
                advice: "In the large room".into(),
            };
            stage.ui.notice("", Tone::Plain, said);
            stage
        }),
    ]
}
