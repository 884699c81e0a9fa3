//! Any split of a history into snapshot and patches gives the same view.

use patchcord_core::desk::session::Piece;
use patchcord_core::desk::state::{Numbered, State, Taken, Update};
use patchcord_core::desk::view::View;
use patchcord_core::http::Response;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::random::patch;
use crate::wire::{self, Platform, desk};

/// What a client makes of a stream that comes in pieces of `size` bytes.
fn client(stream: &[u8], size: usize) -> State {
    let mut reader = desk().reader();
    let mut state = State::default();
    for piece in stream.chunks(size).flat_map(|bytes| reader.read(bytes)) {
        let Piece::Update(numbered) = piece else {
            panic!("{piece:?}");
        };
        match numbered {
            Numbered {
                seq,
                update: Update::Snapshot(view),
            } => state.begin(seq, *view, 0),
            numbered => {
                assert_ne!(state.take(numbered, 0), Taken::Gap);
            }
        }
    }
    state
}

/// The platform's own view, read as a whole.
fn whole(platform: &Platform) -> View {
    let reply = Response::json(200, &platform.view.to_string());
    *desk().read_state(Ok(reply)).unwrap()
}

proptest! {
    #[test]
    fn any_split_into_snapshot_and_patches_gives_the_same_view(
        patches in proptest::collection::vec(patch(), 0..24),
        split in any::<prop::sample::Index>(),
        size in 1usize..400,
        again in any::<prop::sample::Index>(),
    ) {
        let mut platform = Platform::idle();
        let split = split.index(patches.len() + 1);
        let mut stream = Vec::new();
        for (place, patch) in patches.iter().enumerate() {
            if place == split {
                stream.extend(wire::message(&platform.snapshot()));
            }
            let told = platform.patch(patch.clone());
            if place >= split {
                stream.extend(wire::message(&told));
                // Signs of life, and what is told twice, make no difference.
                if again.index(patches.len()) == place {
                    stream.extend(wire::message(&told));
                    stream.extend(wire::message(&json!({"keepalive": {}})));
                    stream.extend(wire::message(&json!({"seq": 99, "ping": {"seq": "4"}})));
                }
            }
        }
        if split == patches.len() {
            stream.extend(wire::message(&platform.snapshot()));
        }
        let state = client(&stream, size);
        prop_assert_eq!(state.view(), &whole(&platform));
    }

    #[test]
    fn no_order_of_frames_panics_and_a_view_is_never_wrong(
        patches in proptest::collection::vec(patch(), 1..12),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 0..30),
        size in 1usize..400,
    ) {
        let mut platform = Platform::idle();
        let mut told = vec![platform.snapshot()];
        let mut views = vec![whole(&platform)];
        for patch in patches {
            told.push(platform.patch(patch));
            views.push(whole(&platform));
        }
        let mut reader = desk().reader();
        let mut state = State::default();
        let stream: Vec<u8> = order.iter().flat_map(|at| wire::message(at.get(&told))).collect();
        for piece in stream.chunks(size).flat_map(|bytes| reader.read(bytes)) {
            let Piece::Update(numbered) = piece else { panic!("{piece:?}") };
            state.take(numbered, 0);
            // Whatever came in whatever order: the view is one that the platform had.
            prop_assert!(views.contains(state.view()) || *state.view() == View::default());
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), size in 1usize..50) {
        let mut reader = desk().reader();
        for piece in bytes.chunks(size) {
            reader.read(piece);
        }
    }

    #[test]
    fn no_json_panics(json in json_of_any_shape()) {
        let piece = wire::piece(&json);
        let mut state = State::default();
        state.begin(0, View::default(), 0);
        match piece {
            Piece::Update(numbered) => {
                state.take(numbered, 0);
            }
            Piece::Broken(_) => prop_assert!(!json.is_object()),
        }
    }
}

/// Any JSON with the names that the platform uses, in places where they do not belong.
fn json_of_any_shape() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[a-z0-9]{0,5}".prop_map(Value::from),
        Just(json!("CALL_LIFECYCLE_RINGING")),
    ];
    let names = [
        "seq",
        "snapshot",
        "patch",
        "error",
        "ping",
        "keepalive",
        "agent",
        "activeCalls",
        "callUpsert",
        "callRemove",
        "wrapUp",
        "conferences",
        "conferenceUpsert",
        "members",
        "sms",
        "smsUpsert",
        "config",
        "notification",
        "id",
        "state",
        "code",
        "callId",
        "presenceOptions",
        "campaignStatus",
        "lead",
        "data",
        "metrics",
        "iceServers",
        "urls",
        "phonebook",
        "remainingSeconds",
        "establishedAt",
        "somethingNew",
    ];
    let name = proptest::sample::select(names.to_vec());
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            4 => proptest::collection::btree_map(name.clone(), inner, 0..6).prop_map(|members| {
                Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
            }),
        ]
    })
}
