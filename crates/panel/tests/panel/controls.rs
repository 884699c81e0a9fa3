//! What the controls do: everything can be reached, nothing that is not allowed is sent, and it says why.

use std::collections::BTreeSet;

use patchcord_core::capability::Capability;
use patchcord_core::desk::action::{Action, Kind, Party, Switch, Target};
use patchcord_core::desk::session::{Event, Session};
use patchcord_core::error::Code;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::payload::Payload;
use patchcord_panel::act::{Act, What};
use patchcord_panel::command;
use patchcord_panel::keys::Place;
use patchcord_panel::node::{Node, Value};
use patchcord_panel::scene::Offer;
use patchcord_panel::ui::{Looking, PastRow, Sheet, Tab};
use patchcord_panel::update::{Around, Todo, next_digits, update};
use serde_json::json;

use crate::stage::{Stage, control};
use crate::states;
use crate::wire::desk;
use crate::world::World;

/// Every control with what may stand in it.
fn controls(page: &Node) -> Vec<(Act, Vec<String>, &Node)> {
    let acts = page.find(&|parts| parts.attributes.iter().any(|(name, _)| *name == "data-act"));
    acts.into_iter()
        .map(|node| {
            let act = Act::read(node.says("data-act").unwrap()).unwrap();
            let options = node.find(&|parts| parts.tag == "option");
            let mut values: Vec<String> = options
                .iter()
                .map(|one| one.says("value").unwrap().to_owned())
                .collect();
            values.push(node.says("value").unwrap_or_default().to_owned());
            (act, values, node)
        })
        .collect()
}

/// What follows from a control, without doing it.
fn follows(stage: &Stage, act: &Act, value: &str) -> Vec<Todo> {
    let around = Around {
        session: &stage.world.session,
        outside: &stage.outside,
        texts: &stage.texts,
    };
    update(&mut stage.ui.clone(), around, act, value)
}

#[test]
fn every_action_that_the_platform_can_do_is_reached_by_a_control() {
    let mut reached = BTreeSet::new();
    for (_, mut stage) in states::all() {
        if stage.node().find(&|parts| parts.tag == "form").len() == 1 {
            stage.ui.number = "+4930222222".into();
            stage.ui.phone = Some("+4930333333".into());
        }
        for (act, values, _) in controls(&stage.node()) {
            for value in values {
                for todo in follows(&stage, &act, &value) {
                    match todo {
                        Todo::Send(action) => drop(reached.insert(action.kind())),
                        Todo::Dial(_) => drop(reached.insert(Kind::PlaceCall)),
                        _ => {}
                    }
                }
            }
        }
    }
    let able = Kind::ALL
        .iter()
        .filter(|kind| desk().capabilities().contains(&kind.capability()));
    assert_eq!(reached, able.copied().collect());
}

#[test]
fn a_control_that_is_not_allowed_says_why_and_sends_nothing() {
    let mut refused = BTreeSet::new();
    for (name, stage) in states::all() {
        let page = stage.node();
        for (act, values, node) in controls(&page) {
            // A choice says it of each option; a form of its button.
            if matches!(node.parts().tag, "select" | "form") {
                continue;
            }
            let value = if act.what == What::Digit {
                "1"
            } else {
                &*values[0]
            };
            let view = stage.world.session.view();
            let Some(action) = command::action(act.what, &act.on, value, view) else {
                continue;
            };
            let verdict = stage.world.session.allowed(&action).err();
            // Digits are said no to above their keys.
            if act.what != What::Digit {
                let why = verdict.map(|why| stage.texts.word("desk.refusal.", why.as_str()));
                let said = node.says("aria-disabled").and_then(|_| node.says("title"));
                assert_eq!(said, why.as_deref(), "{name}: {act:?}");
            }
            if let Some(why) = verdict {
                refused.insert(why.as_str());
                let todos = follows(&stage, &act, value);
                let sends = todos.iter().any(|todo| matches!(todo, Todo::Send(_)));
                assert!(!sends, "{name}: {act:?}");
            }
        }
    }
    for why in [
        "stale",
        "already_asked",
        "not_connected",
        "not_moderator",
        "wrap_up_fixed",
    ] {
        assert!(refused.contains(why), "{why} is in no state: {refused:?}");
    }
}

#[test]
fn what_the_platform_cannot_do_is_not_there() {
    let mut world = World::new();
    world.session = Session::new(vec![Capability::Dial, Capability::CallState], Vec::new());
    world.event(Event::Start);
    let stream = world.only_stream();
    world.event(Event::Opened { stream });
    world.snapshot(stream);
    let mut stage = Stage::at(world);
    stage.call("c1", "BRIDGED", &json!({}));
    let page = stage.node();
    for (act, ..) in controls(&page) {
        let action = command::action(act.what, &act.on, "1", stage.world.session.view());
        assert_eq!(action, None, "{act:?}");
    }
    assert!(control(&page, "recent").is_none());
    assert!(control(&page, "dial").is_some());
    // An incoming call is answered on the phone.
    stage.call("c2", "RINGING", &json!({}));
    let words = stage.node().words();
    assert!(
        words.contains("Pick up your phone (+4930111111) to answer."),
        "{words}"
    );
}

#[test]
fn nothing_is_flipped_before_the_platform_says_so() {
    let mut stage = Stage::connected();
    stage.uses("hold c1");
    let page = stage.node();
    let hold = control(&page, "hold c1").unwrap();
    assert_eq!(hold.says("aria-busy"), Some("true"));
    assert_eq!(hold.words(), "Hold");
    stage.replied(Outcome::Accepted);
    assert!(control(&stage.node(), "unhold c1").is_none());
    stage.call("c1", "BRIDGED", &json!({"onHold": true}));
    let page = stage.node();
    assert!(control(&page, "hold c1").is_none());
    assert_eq!(control(&page, "unhold c1").unwrap().says("aria-busy"), None);
}

#[test]
fn a_number_is_dialled_once_however_often_it_is_clicked() {
    let mut stage = Stage::idle();
    stage.ui.number = "+49 30 222-2222".into();
    let dials = |todos: &[Todo]| {
        todos
            .iter()
            .filter(|todo| matches!(todo, Todo::Dial(_)))
            .count()
    };
    assert_eq!(dials(&stage.uses("dial")), 1);
    assert_eq!(dials(&stage.uses("dial")), 0);
    assert_eq!(
        stage.ui.hint, None,
        "what is on its way shows that by itself"
    );
    stage.replied(Outcome::Accepted);
    assert_eq!(dials(&stage.uses("dial")), 0);
}

#[test]
fn a_number_that_is_none_is_said_where_it_was_typed() {
    let mut stage = Stage::idle();
    for typed in ["", "030 1234", "+49", "hello"] {
        stage.ui.number = typed.into();
        let todos = stage.uses("dial");
        assert!(matches!(todos.as_slice(), [Todo::Say(_)]), "{todos:?}");
        assert_eq!(stage.ui.hint.as_ref().unwrap().place, "dial");
    }
    stage.uses_with("number", "+4930222222");
    assert_eq!(stage.ui.hint, None);
}

#[test]
fn the_record_travels_with_its_own_number_alone() {
    let mut stage = Stage::idle();
    stage.outside.offer = Offer {
        number: "+49 152 28817386".into(),
        record: None,
        payload: Payload::from_json(r#"{"score":87.5}"#).unwrap(),
        about: Some(states::about()),
    };
    let travels = |stage: &mut Stage, number: &str| {
        stage.ui.number = number.into();
        let shows = stage.node().words().contains("Goes with the call");
        let todos = follows(stage, &Act::read("dial").unwrap(), "");
        let [Todo::Dial(request)] = todos.as_slice() else {
            panic!("{todos:?}");
        };
        assert_eq!(shows, !request.payload.is_empty());
        shows
    };
    assert!(travels(&mut stage, "+4915228817386"));
    assert!(!travels(&mut stage, "+4930222222"));
    stage.outside.offer.number = String::new();
    assert!(travels(&mut stage, "+4930222222"));
}

#[test]
fn digits_keep_their_order_and_are_not_repeated_where_one_may_be_lost() {
    let sent = |todos: &[Todo]| -> Vec<String> {
        todos
            .iter()
            .filter_map(|todo| match todo {
                Todo::Send(Action::SendDigits { digits, .. }) => Some(digits.as_str().to_owned()),
                _ => None,
            })
            .collect()
    };
    let mut stage = Stage::connected();
    stage.uses("keypad c1");
    assert_eq!(sent(&stage.uses_with("digit c1", "1")), ["1"]);
    // The next ones wait for the first.
    assert!(sent(&stage.uses_with("digit c1", "2")).is_empty());
    assert!(sent(&stage.uses_with("digit c1", "#")).is_empty());
    assert_eq!(next_digits(&mut stage.ui, &stage.world.session), None);
    stage.replied(Outcome::Accepted);
    let Some(Action::SendDigits { digits, .. }) = next_digits(&mut stage.ui, &stage.world.session)
    else {
        panic!("nothing is sent");
    };
    assert_eq!(digits.as_str(), "2#");
    assert_eq!(stage.ui.digits.sent, "12#");

    let mut stage = Stage::connected();
    stage.uses("keypad c1");
    stage.uses_with("digit c1", "1");
    stage.uses_with("digit c1", "2");
    stage.replied(Outcome::Unknown(Because::code(Code::NoReply)));
    assert_eq!(next_digits(&mut stage.ui, &stage.world.session), None);
    assert_eq!(stage.ui.digits.waiting, "");
    // They can be typed while the keypad is open.
    let place = Place {
        call: "c1".into(),
        ..Place::default()
    };
    assert_eq!(sent(&stage.presses("5", &place)), ["5"]);
}

#[test]
fn somebody_is_found_and_taken_by_keyboard_alone() {
    let mut stage = Stage::connected();
    let todos = stage.uses("transfer c1");
    let first = [Todo::Targets(String::new()), Todo::Focus("#search".into())];
    assert_eq!(todos, first);
    let todos = stage.uses_with("search", "ki");
    assert_eq!(todos, [Todo::Targets("ki".into())]);
    let pick = stage.ui.pick().unwrap();
    pick.found = states::found();
    pick.state = Looking::All;
    let place = Place {
        act: Act::read("search"),
        types: true,
        ..Place::default()
    };
    stage.presses("ArrowDown", &place);
    stage.presses("ArrowDown", &place);
    stage.presses("ArrowUp", &place);
    let page = stage.node();
    let input = control(&page, "search").unwrap();
    assert_eq!(input.says("aria-activedescendant"), Some("o-1"));
    let chosen = page.find(&|parts| {
        let selected = patchcord_panel::node::Value::Text("true".into());
        parts.attributes.contains(&("aria-selected", selected))
    });
    assert_eq!(chosen[0].says("id"), Some("o-1"));
    let todos = stage.presses("Enter", &place);
    let transfer = Action::TransferBlind {
        call: "c1".into(),
        to: Target::Party(Party::Agent("a3".into())),
    };
    assert_eq!(
        todos,
        [
            Todo::Focus("[data-act=\"transfer c1\"]".into()),
            Todo::Send(transfer)
        ]
    );
    assert!(matches!(stage.ui.sheet, Sheet::Closed));
}

#[test]
fn asking_first_calls_them_while_the_other_side_waits_and_then_hands_over() {
    let mut stage = Stage::connected();
    stage.uses("transfer c1");
    stage.uses("ask");
    stage.ui.pick().unwrap().found = states::found();
    let todos = stage.uses("choose 0");
    assert!(todos.contains(&Todo::Send(Action::AddMember {
        who: Party::Agent("a2".into()),
        hold_others: Switch::On,
    })));
    // An application cannot be asked.
    stage.uses("transfer c1");
    let pick = stage.ui.pick().unwrap();
    pick.purpose = patchcord_panel::ui::Purpose::Ask;
    pick.found = states::found();
    let page = stage.node();
    let queue = page.find(&|parts| {
        parts.tag == "div"
            && parts
                .attributes
                .iter()
                .any(|(name, _)| *name == "aria-disabled")
    });
    assert!(queue.iter().any(|one| one.words().starts_with("Billing")));

    let mut stage = Stage::meeting(true);
    let todos = stage.uses("handover m2");
    assert_eq!(
        todos,
        [Todo::Send(Action::TransferWarm {
            call: "c1".into(),
            to: Party::Agent("a2".into()),
        })]
    );
    // Who is on the call cannot be who gets it.
    assert!(control(&stage.node(), "handover m1").is_none());
}

#[test]
fn a_number_that_is_typed_can_be_taken_as_it_is() {
    let mut stage = Stage::connected();
    stage.uses("add c1");
    stage.uses_with("search", "+49 30 222 2222");
    let todos = stage.uses("choose 0");
    assert!(todos.contains(&Todo::Send(Action::AddMember {
        who: Party::Number("+49302222222".parse().unwrap()),
        hold_others: Switch::Off,
    })));
}

#[test]
fn escape_closes_what_is_open_and_the_focus_goes_back() {
    let mut stage = Stage::connected();
    let place = Place::default();
    assert!(
        stage.presses("Escape", &place).is_empty(),
        "nothing is open"
    );
    for (opens, back) in [
        ("settings", "[data-act=\"settings\"]"),
        ("transfer c1", "[data-act=\"transfer c1\"]"),
        ("add c1", "[data-act=\"add c1\"]"),
    ] {
        stage.uses(opens);
        let todos = stage.presses("Escape", &place);
        assert_eq!(todos, [Todo::Focus(back.into())]);
        assert!(matches!(stage.ui.sheet, Sheet::Closed));
    }
    let in_card = Place {
        call: "c1".into(),
        ..Place::default()
    };
    stage.uses("keypad c1");
    let todos = stage.presses("Escape", &in_card);
    assert_eq!(todos, [Todo::Focus("[data-act=\"keypad c1\"]".into())]);
    assert_eq!(stage.ui.keypad, "");
}

#[test]
fn shortcuts_hold_in_a_card_and_never_while_something_is_typed() {
    let mut stage = Stage::connected();
    let card = Place {
        call: "c1".into(),
        ..Place::default()
    };
    let field = Place {
        types: true,
        ..card.clone()
    };
    for key in ["m", "h", "k", "t", "5"] {
        assert!(stage.presses(key, &field).is_empty(), "{key}");
        assert!(stage.presses(key, &Place::default()).is_empty(), "{key}");
    }
    assert!(stage.presses("5", &card).is_empty(), "the keypad is closed");
    let mute = Action::Mute {
        call: "c1".into(),
        to: Switch::On,
    };
    assert_eq!(stage.presses("m", &card), [Todo::Send(mute)]);
    assert!(stage.presses("m", &card).is_empty(), "asked for already");
    stage.presses("k", &card);
    assert_eq!(stage.ui.keypad, "c1");
}

#[test]
fn tabs_go_round_and_rows_go_up_and_down() {
    let mut stage = Stage::idle();
    let at = |act: &str| Place {
        act: Act::read(act),
        ..Place::default()
    };
    stage.presses("ArrowLeft", &at("dialler"));
    assert_eq!(stage.ui.tab, Tab::Phonebook);
    stage.presses("ArrowRight", &at("phonebook"));
    assert_eq!(stage.ui.tab, Tab::Dialler);
    let todos = stage.uses("recent");
    assert_eq!(todos, [Todo::Recent(1)]);
    let rows = (0..25).map(|_| patchcord_panel::ui::Row {
        number: "+4930222222".into(),
        ..Default::default()
    });
    stage.ui.recent.take(1, rows.clone().collect(), 25);
    let row = Place {
        rows: true,
        ..Place::default()
    };
    for (key, now) in [
        ("ArrowUp", 0),
        ("ArrowDown", 1),
        ("End", 24),
        ("ArrowDown", 24),
        ("Home", 0),
    ] {
        stage.presses(key, &row);
        assert_eq!(stage.ui.recent.row, now);
    }
    // One of them is reached with the tabulator.
    let page = stage.node();
    let reached = controls(&page)
        .into_iter()
        .filter(|(act, _, node)| act.what == What::DialTo && node.says("tabindex") == Some("0"));
    assert_eq!(reached.count(), 1);
    assert_eq!(stage.uses("more"), [Todo::Recent(2)]);
    stage.ui.recent.take(2, rows.take(3).collect(), 25);
    assert_eq!(stage.ui.recent.rows.len(), 28);
    assert!(control(&stage.node(), "more").is_none());
    // A page that comes late is no page.
    stage.ui.recent.take(1, Vec::new(), 25);
    assert_eq!(stage.ui.recent.rows.len(), 28);
}

#[test]
fn what_became_of_a_command_is_shown_where_it_was_done_and_dismissed_there() {
    let mut stage = Stage::connected();
    stage.uses("hold c1");
    stage.replied(Outcome::Unknown(Because::code(Code::NoReply)));
    let page = stage.node();
    let notices = page.find(&|parts| {
        let class = patchcord_panel::node::Value::Text("notice doubt".into());
        parts.attributes.contains(&("class", class))
    });
    let [notice] = notices.as_slice() else {
        panic!("{}", page.to_html());
    };
    let words = notice.words();
    assert!(
        words.contains("we don't know whether it was done"),
        "{words}"
    );
    assert!(words.contains("It may have been done."), "{words}");
    let act = controls(notice).remove(0).0;
    assert_eq!(act.what, What::Dismiss);
    stage.does(&act, "");
    assert!(control(&stage.node(), &Act::write(act.what, &act.on)).is_none());

    // The call is over: what went wrong with it is shown above everything.
    let mut stage = Stage::connected();
    stage.uses("hold c1");
    stage.replied(Outcome::Refused(Because::code(Code::ProviderForbidden)));
    stage.world.patch(json!({"callRemove": "c1"}));
    let page = stage.node();
    let banners = page.find(&|parts| {
        let class = patchcord_panel::node::Value::Text("banners".into());
        parts.attributes.contains(&("class", class))
    });
    assert!(banners[0].words().contains("Hold: not done"));
}

#[test]
fn a_notice_is_put_up_once_and_read_once() {
    let mut stage = Stage::idle();
    let said = stage.texts.of_code("no_reply", None);
    for _ in 0..3 {
        stage
            .ui
            .notice("", patchcord_panel::ui::Tone::Bad, said.clone());
    }
    assert_eq!(stage.ui.notices.len(), 1);
    stage.uses("read 1");
    assert!(stage.ui.notices.is_empty());
}

#[test]
fn the_phone_that_calls_are_connected_to_is_checked_and_sent() {
    let mut stage = Stage::idle();
    stage.uses("settings");
    stage.uses_with("phone", "12");
    assert!(matches!(stage.uses("setnumber").as_slice(), [Todo::Say(_)]));
    stage.uses_with("phone", "+49 30 333 3333");
    let todos = stage.uses("setnumber");
    let number = "+49303333333".parse().unwrap();
    assert_eq!(todos, [Todo::Send(Action::SetNumber(number))]);
}

#[test]
fn a_choice_shows_what_is_so_until_the_platform_says_otherwise() {
    let mut stage = Stage::idle();
    stage.uses_with("presence", "lunch");
    let page = stage.node();
    let presence = control(&page, "presence").unwrap();
    assert_eq!(presence.says("value"), Some("available"));
    assert_eq!(presence.says("aria-busy"), Some("true"));
    stage.agent(&json!({"presenceName": "lunch"}));
    let page = stage.node();
    let presence = control(&page, "presence").unwrap();
    assert_eq!(presence.says("value"), Some("lunch"));
    assert_eq!(presence.says("aria-busy"), None);
}

#[test]
fn one_call_is_one_card_from_its_first_ring_to_its_end() {
    let mut stage = Stage::with_call("RINGING", &json!({}));
    let key = |stage: &Stage| {
        let page = stage.node();
        let cards = page.find(&|parts| parts.tag == "article");
        assert_eq!(cards.len(), 1);
        cards[0].parts().key.clone()
    };
    assert_eq!(key(&stage), "c1");
    stage.call("c1", "BRIDGED", &json!({}));
    assert_eq!(key(&stage), "c1");
}

#[test]
fn an_extension_that_is_not_transmitted_is_said_at_the_call() {
    let mut stage = Stage::idle();
    stage.ui.number = "+4915228817386;ext=12".into();
    stage.uses("dial");
    stage.call(
        "c1",
        "BRIDGED",
        &json!({"direction": "CALL_DIRECTION_OUTBOUND", "to": "+4915228817386"}),
    );
    let words = stage.node().words();
    assert!(words.contains("Dial the extension 12 by hand."), "{words}");
}

#[test]
fn cards_that_come_or_go_are_known_to_have_moved_what_is_below() {
    let mut stage = Stage::connected();
    let cards = |stage: &Stage| stage.scene(patchcord_panel::panel::cards);
    let mut seen = vec![cards(&stage)];
    stage.call("c1", "BRIDGED", &json!({"muted": true}));
    assert_eq!(cards(&stage), seen[0], "nothing has moved");
    stage.call("c2", "RINGING", &json!({}));
    seen.push(cards(&stage));
    stage.call("c2", "BRIDGED", &json!({}));
    seen.push(cards(&stage));
    stage.world.patch(json!({"callRemove": "c1"}));
    seen.push(cards(&stage));
    seen.dedup();
    assert_eq!(seen.len(), 4);
}

#[test]
fn the_picker_goes_with_its_call() {
    let mut stage = Stage::connected();
    stage.uses("transfer c1");
    stage.ui.let_go(stage.world.session.view());
    assert!(stage.ui.pick().is_some());
    stage.world.patch(json!({"callRemove": "c1"}));
    stage.ui.let_go(stage.world.session.view());
    assert!(stage.ui.pick().is_none());
}

#[test]
fn a_contacts_last_calls_are_asked_for_only_when_somebody_wants_them() {
    let act = "history +4915228817386";
    let mut stage = Stage::idle();
    // What is no number has no past.
    stage.ui.number = "030 12".into();
    assert!(control(&stage.node(), act).is_none());
    stage.ui.number = "+4915228817386".into();
    let closed = stage.node();
    assert_eq!(
        control(&closed, act).unwrap().says("aria-expanded"),
        Some("false")
    );
    let asked = Todo::LastCalls("+4915228817386".into());
    assert_eq!(stage.uses(act), std::slice::from_ref(&asked));
    let open = stage.node();
    assert_eq!(
        control(&open, act).unwrap().says("aria-expanded"),
        Some("true")
    );
    // Another number's are not these.
    stage.ui.number = "+4930222222".into();
    let other = stage.node();
    let other = control(&other, "history +4930222222").unwrap();
    assert_eq!(other.says("aria-expanded"), Some("false"));
    // Again closes, and once more asks again.
    stage.ui.number = "+4915228817386".into();
    assert_eq!(stage.uses(act), []);
    assert_eq!(stage.uses(act), [asked]);
}

#[test]
fn a_recording_is_a_button_until_its_address_is_known() {
    let mut stage = Stage::idle();
    stage.ui.number = "+4915228817386".into();
    stage.ui.past.number.clone_from(&stage.ui.number);
    let row = PastRow {
        recording: "r1".into(),
        ..PastRow::default()
    };
    stage.ui.past.rows = vec![row, PastRow::default()];
    assert_eq!(stage.uses("hear r1"), [Todo::Hear("r1".into())]);
    let links = |stage: &Stage| {
        let page = stage.node();
        let links = page.find(&|parts| parts.tag == "a");
        links
            .iter()
            .map(|link| link.says("href").unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(links(&stage).is_empty());
    assert!(control(&stage.node(), "hear r1").is_some());
    stage.ui.past.rows[0].link = "https://platform.example/r1.mp3".into();
    assert_eq!(links(&stage), ["https://platform.example/r1.mp3"]);
    assert!(control(&stage.node(), "hear r1").is_none());
}

#[test]
fn who_is_on_the_phone_has_a_past_where_nothing_is_typed() {
    let stage = Stage::connected();
    let page = stage.node();
    let shown = page.find(&|parts| {
        parts
            .attributes
            .iter()
            .any(|(name, value)| *name == "class" && *value == Value::Text("past".into()))
    });
    assert_eq!(shown.len(), 1);
}
