//! Actions and platform messages by chance.

use patchcord_core::call::{CallRequest, Recording};
use patchcord_core::desk::action::{Action, Kind, Party, Switch, Target};
use patchcord_core::desk::view::Private;
use patchcord_core::number::PhoneNumber;
use patchcord_core::payload::Payload;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::examples::example;

fn number() -> impl Strategy<Value = PhoneNumber> {
    "\\+[1-9][0-9]{6,14}".prop_map(|text| text.parse().unwrap())
}

fn switch() -> impl Strategy<Value = Switch> {
    any::<bool>().prop_map(Switch::from)
}

fn party() -> impl Strategy<Value = Party> {
    prop_oneof![
        number().prop_map(Party::Number),
        "[a-f0-9]{1,32}".prop_map(Party::Agent)
    ]
}

fn payload() -> impl Strategy<Value = Payload> {
    let value = prop_oneof![
        ".{0,12}".prop_map(Value::from),
        "json:.{0,4}".prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        vec(any::<bool>(), 0..3).prop_map(Value::from),
    ];
    let members = proptest::collection::btree_map(".{0,8}", value, 0..5);
    members.prop_map(|members| {
        let object: serde_json::Map<_, _> = members.into_iter().collect();
        Payload::from_json(&Value::Object(object).to_string()).unwrap()
    })
}

/// Any action. Ids are any text, as a platform may have given them.
pub fn action() -> impl Strategy<Value = Action> {
    let place = (
        number(),
        proptest::option::of(number()),
        any::<bool>(),
        payload(),
    );
    let place = place.prop_map(|(number, caller_id, record, payload)| {
        Action::PlaceCall(Box::new(CallRequest {
            caller_id,
            recording: if record {
                Recording::Always
            } else {
                Recording::AsConfigured
            },
            payload,
            ..CallRequest::to(number)
        }))
    });
    let kinds: Vec<Kind> = Kind::ALL.to_vec();
    prop_oneof![
        4 => proptest::sample::select(kinds).prop_map(example),
        1 => place,
        1 => (".{1,20}", party()).prop_map(|(call, party)| Action::TransferBlind { call, to: Target::Party(party) }),
        1 => (".{1,20}", ".{1,20}").prop_map(|(call, id)| Action::TransferBlind { call, to: Target::Application(id) }),
        1 => (".{1,20}", party()).prop_map(|(call, to)| Action::TransferWarm { call, to }),
        1 => (party(), switch()).prop_map(|(who, hold_others)| Action::AddMember { who, hold_others }),
        1 => (".{1,20}", switch()).prop_map(|(call, to)| Action::Hold { call, to }),
        1 => (".{1,20}", switch()).prop_map(|(member, to)| Action::HoldMember { member, to }),
        1 => (".{1,20}", "[0-9*#A-D]{1,64}").prop_map(|(call, digits)| Action::SendDigits { call, digits: digits.parse().unwrap() }),
        1 => (".{1,20}", vec(".{0,9}", 0..4)).prop_map(|(call, tags)| Action::TagRecording { call, tags }),
        1 => ".{1,20}".prop_map(|name| Action::SetPresence { name }),
        1 => number().prop_map(Action::SetNumber),
        1 => switch().prop_map(Action::SetBrowserPhone),
        1 => any::<u16>().prop_map(|seconds| Action::ExtendWrapUp { seconds }),
        1 => (number(), ".{1,40}", payload()).prop_map(|(to, text, payload)| Action::SendText { to, from: None, text: Private::new(text), payload }),
    ]
}

fn seconds() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0u64..4_000_000_000).prop_map(Value::from),
        (0u64..4_000_000_000).prop_map(|seconds| Value::from(seconds.to_string())),
    ]
}

fn call() -> impl Strategy<Value = Value> {
    let state = proptest::sample::select(vec![
        "CALL_LIFECYCLE_INIT",
        "CALL_LIFECYCLE_RINGING",
        "CALL_LIFECYCLE_IN_PROGRESS",
        "CALL_LIFECYCLE_BRIDGED",
        "CALL_LIFECYCLE_COMPLETED",
        "CALL_LIFECYCLE_FAILED",
    ]);
    let direction = proptest::sample::select(vec![
        "CALL_DIRECTION_UNSPECIFIED",
        "CALL_DIRECTION_INBOUND",
        "CALL_DIRECTION_OUTBOUND",
    ]);
    let texts = ("c[1-3]", "(\\+49[0-9]{8}|)", vec("[a-z]{0,4}", 0..3));
    (texts, state, direction, any::<[bool; 5]>(), seconds()).prop_map(
        |((id, number, tags), state, direction, flags, at)| {
            let [muted, held, recording, anonymous, sparse] = flags;
            if sparse {
                // As proto3 writes it: what is at its default is left out.
                return json!({"id": id, "state": state});
            }
            json!({
                "id": id, "state": state, "direction": direction, "source": "CALL_SOURCE_API",
                "from": number, "to": "+493012345678", "establishedAt": at, "muted": muted,
                "onHold": held, "recording": recording, "anonymous": anonymous, "recordingTags": tags,
                "iceServers": [{"urls": ["turn:x"], "username": "u", "credential": "p"}],
            })
        },
    )
}

fn conference() -> impl Strategy<Value = Value> {
    let member = (
        "m[1-3]",
        "pending|added|removing|removed|failed",
        any::<bool>(),
    );
    let member = member.prop_map(
        |(id, state, held)| json!({"id": id, "state": state, "onHold": held, "agentId": "a"}),
    );
    ("k[12]", "created|finishing|finished", vec(member, 0..4), any::<bool>()).prop_map(
        |(id, state, members, moderator)| {
            json!({"id": id, "state": state, "members": members, "iAmModerator": moderator})
        },
    )
}

/// Any patch that a platform of the published version sends.
pub fn patch() -> impl Strategy<Value = Value> {
    let wrap_up = (any::<bool>(), 0u32..600, any::<bool>()).prop_map(|(active, left, extend)| {
        json!({"wrapUp": {"active": active, "remainingSeconds": left, "canExtend": extend}})
    });
    let text = ("\\+49[0-2]", 0u64..9, ".{0,9}").prop_map(|(peer, at, text)| {
        json!({"smsUpsert": {"id": "", "peer": peer, "lastTs": at, "lastText": text}})
    });
    let agent = ("[a-z]{0,9}", any::<[bool; 2]>()).prop_map(|(presence, [blocked, record])| {
        json!({"agent": {"presenceName": presence, "lineBlocked": blocked, "canRecord": record}})
    });
    let config = any::<bool>().prop_map(|on| {
        json!({"config": {"calls": {"enabled": on, "allowTransfer": on}, "serverVersion": "1"}})
    });
    prop_oneof![
        6 => call().prop_map(|call| json!({"callUpsert": call})),
        2 => "c[1-3]".prop_map(|id| json!({"callRemove": id})),
        2 => conference().prop_map(|conference| json!({"conferenceUpsert": conference})),
        1 => "k[12]".prop_map(|id| json!({"conferenceRemove": id})),
        2 => wrap_up,
        2 => text,
        1 => "\\+49[0-2]".prop_map(|peer| json!({"smsRemove": peer})),
        1 => agent,
        1 => config,
        1 => Just(json!({"notification": {"kind": "cti.message", "dataJson": "{}", "ts": "7"}})),
    ]
}
