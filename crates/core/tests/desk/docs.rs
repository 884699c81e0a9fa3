//! `docs/desk.md` says what is true.

use std::fmt::Write as _;

use patchcord_core::desk::action::{Command, Kind};
use patchcord_core::desk::allowed::{Refusal, Stopped};
use patchcord_core::desk::fault::Problem;
use patchcord_core::secret::Secret;
use serde_json::{Value, json};

use crate::allowed::{situations, verdict, view};
use crate::asked::change;
use crate::examples::example;
use crate::wire::desk;

const PAGE: &str = include_str!("../../../../docs/desk.md");

/// The page has to have this table, word for word.
fn check(table: &str) {
    assert!(PAGE.contains(table), "docs/desk.md has to have:\n\n{table}");
}

#[test]
fn the_table_of_what_is_allowed_is_the_one_in_the_documents() {
    let situations = situations();
    let mut table = String::from("| |");
    for (name, ..) in &situations {
        write!(table, " {name} |").unwrap();
    }
    table += "\n|---|";
    table += &"---|".repeat(situations.len());
    let (today, later): (Vec<Kind>, Vec<Kind>) = Kind::ALL
        .iter()
        .partition(|kind| desk().capabilities().contains(&kind.capability()));
    for kind in today {
        write!(table, "\n| `{kind}` |").unwrap();
        for (_, standing, platform) in &situations {
            match verdict(kind, *standing, &view(platform)) {
                Ok(()) => table += " **yes** |",
                Err(refusal) => write!(table, " {refusal} |").unwrap(),
            }
        }
    }
    check(&(table + "\n"));
    let later: Vec<String> = later.iter().map(|kind| format!("`{kind}`")).collect();
    check(&format!(
        "refused as `capability_missing`: {}.",
        later.join(", ")
    ));
}

/// Which tests, beside the ones that try every command.
fn tests(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::PlaceCall => &[
            "dialling_needs_a_phone_a_free_line_and_a_presence_for_calls",
            "a_call_is_placed_with_the_payload_flattened_into_texts",
        ],
        Kind::Answer => &["only_what_rings_for_the_agent_is_answered"],
        Kind::Hold => &["nothing_is_flipped_before_the_platform_says_so"],
        Kind::Mute => &["an_error_is_tied_to_the_command_that_caused_it"],
        Kind::SendDigits => &["digits_are_what_a_keypad_has_and_are_not_shown"],
        Kind::TransferBlind => &[
            "transfers_name_a_number_an_agent_or_an_application",
            "only_calls_that_may_go_to_an_application_do",
        ],
        Kind::TransferWarm => &["a_transfer_after_asking_needs_its_target_in_the_conference"],
        Kind::StartConference | Kind::LeaveConference => {
            &["with_several_calls_the_platform_cannot_be_told_which"]
        }
        Kind::AddMember => &["a_number_is_invited_only_with_a_number_to_show"],
        Kind::HoldMember | Kind::MuteMember | Kind::KickMember | Kind::EndConference => {
            &["only_the_moderator_touches_others_and_nobody_themselves"]
        }
        Kind::StartRecording | Kind::StopRecording | Kind::FlagRecording | Kind::TagRecording => {
            &["recordings_are_flagged_and_tagged_only_while_there_is_one"]
        }
        Kind::SetPresence => &["what_the_account_has_not_switched_on_is_not_offered"],
        Kind::SetNumber => &["a_number_that_is_another_one_is_set"],
        Kind::SetBrowserPhone => &["a_desk_is_live_when_it_has_its_snapshot_and_is_set_up"],
        Kind::ExtendWrapUp => &["the_seconds_that_are_left_to_extend_are_told"],
        Kind::CancelWrapUp => &["the_time_for_notes_is_counted_down_from_what_was_told_last"],
        _ => &["every_command_is_done_when_the_view_shows_it"],
    }
}

/// The name of the one member.
fn arm(json: &Value) -> String {
    json.as_object().unwrap().keys().next().unwrap().clone()
}

#[test]
fn the_table_of_commands_is_the_one_in_the_documents() {
    let mut table = String::from(
        "| action | command | done when the platform tells | test |\n|---|---|---|---|\n",
    );
    for &kind in Kind::ALL {
        let command = Command::from(example(kind));
        let request = desk().send(&command, &Secret::new("t")).unwrap();
        let body: Value = serde_json::from_str(request.body.unwrap().text()).unwrap();
        let done = match change(kind).1 {
            Some(patch) => format!("`{}`", arm(&patch)),
            None => "that it took it".to_owned(),
        };
        let tests: Vec<String> = tests(kind).iter().map(|name| format!("`{name}`")).collect();
        let (command, tests) = (arm(&body), tests.join(", "));
        writeln!(table, "| `{kind}` | `{command}` | {done} | {tests} |").unwrap();
    }
    check(&table);
}

#[test]
fn every_test_that_the_page_names_is_there() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [
        folder.join("tests/desk"),
        folder.join("src"),
        folder.join("src/desk"),
        folder.join("src/provider/babelforce/agent/tests"),
    ];
    let mut sources = String::new();
    for entry in folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap())
    {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "rs") {
            sources += &std::fs::read_to_string(path).unwrap();
        }
    }
    let words = PAGE.split('`').skip(1).step_by(2);
    let named: Vec<&str> = words
        .filter(|word| {
            word.matches('_').count() > 3
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        })
        .collect();
    assert!(named.len() > 15, "{named:?}");
    for name in named {
        let there = sources.contains(&format!("fn {name}("));
        assert!(there, "there is no test {name}");
    }
}

/// For the texts of the interface: what it may have to say.
#[test]
fn the_words_of_the_fixture_are_all_there_are() {
    let fixture: Value =
        serde_json::from_str(include_str!("../../../../tests/fixtures/desk.json")).unwrap();
    fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Value {
        all.iter().map(|&one| word(one)).collect::<Vec<_>>().into()
    }
    let expected = json!({
        "actions": words(Kind::ALL, Kind::as_str),
        "refusals": words(Refusal::ALL, Refusal::as_str),
        "problems": words(Problem::ALL, Problem::as_str),
        "stopped": words(Stopped::ALL, Stopped::as_str),
    });
    assert_eq!(fixture["words"], expected, "{expected:#}");
}

#[test]
fn the_commands_of_the_fixture_are_sent_as_it_says() {
    let fixture: Value =
        serde_json::from_str(include_str!("../../../../tests/fixtures/desk.json")).unwrap();
    let mut expected = serde_json::Map::new();
    for &kind in Kind::ALL {
        let command = Command::from(example(kind));
        let request = desk().send(&command, &Secret::new("t")).unwrap();
        let body = serde_json::from_str(request.body.unwrap().text()).unwrap();
        expected.insert(kind.as_str().to_owned(), body);
    }
    let expected = Value::Object(expected);
    assert_eq!(fixture["commands"], expected, "{expected:#}");
}
