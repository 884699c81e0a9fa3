//! Every word of the contract has a text. That all languages have the same ones is held by the build.

use patchcord_panel::act::What;
use serde_json::Value;

use crate::stage::texts;

#[test]
fn every_word_of_the_desk_has_a_text_in_both_languages() {
    let fixture: Value =
        serde_json::from_str(include_str!("../../../../tests/fixtures/desk.json")).unwrap();
    for lang in ["en", "de"] {
        let texts = texts(lang);
        for (group, prefix) in [
            ("actions", "desk.action."),
            ("problems", "desk.problem."),
            ("refusals", "desk.refusal."),
            ("stopped", "desk.stopped."),
        ] {
            for word in fixture["words"][group].as_array().unwrap() {
                let key = [prefix, word.as_str().unwrap()].concat();
                assert!(texts.find(&key).is_some(), "{lang}: {key}");
            }
        }
    }
}

#[test]
fn every_control_that_says_what_it_does_has_a_text() {
    // What is typed or chosen, and what stands for itself, is labelled where it is.
    let unlabelled = [
        What::Digit,
        What::Tag,
        What::DialTo,
        What::Presence,
        What::DisplayAs,
        What::Choose,
        What::Number,
        What::Key,
        What::CallAs,
        What::Phone,
        What::Search,
        What::SearchPhonebook,
        What::Dismiss,
        What::Read,
        What::Details,
    ];
    let texts = texts("en");
    for what in What::ALL.iter().filter(|what| !unlabelled.contains(what)) {
        let key = ["desk.do.", what.word()].concat();
        assert!(texts.find(&key).is_some(), "{key}");
    }
}
