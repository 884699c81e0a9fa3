//! No input makes it panic or take more than linear time: ten times the text takes about ten times as long.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "test support: a failure here is a failed test"
)]

use std::time::{Duration, Instant};

use patchcord_phone::find::{Leniency, find};
use patchcord_phone::{Dialable, Region, as_you_type, parse, short};

const SHORT: usize = 100_000;
const LONG: usize = 1_000_000;
/// Linear time is 10; quadratic 100. What is between is left to a busy machine.
const MOST_TIMES: u32 = 40;
/// Below this the clock and the rest of the machine say more than the code.
const NO_TIME: Duration = Duration::from_millis(50);
/// The shortest of so many runs counts.
const RUNS: usize = 3;

/// What a text repeats.
const REPEATED: &[&str] = &[
    "7",
    "0",
    "+",
    " ",
    "(",
    ")",
    "()",
    "(7",
    "7)",
    "(7) ",
    "((7))[[",
    "-",
    "7-",
    "7 ",
    "7/",
    "7//",
    "7 - ",
    "7. ",
    "7\u{2013}",
    "+7",
    "+7 ",
    "+49 30 1234567 ",
    "030 1234567",
    "(030) 123 ",
    "650 253 0000 x",
    "x",
    "7x",
    "x7",
    " x 7",
    " ext ",
    ",",
    ",,7",
    ";ext=7",
    ";phone-context=",
    "tel:",
    "#",
    "2019-01-01 08:00",
    "1/1/11 ",
    "12(3): 211-227 (2003) ",
    "\n",
    "\u{ff0b}",
    "\u{661}",
    "\u{200b}",
    "é",
    "😀7",
    "7\u{301}",
];

fn texts(len: usize) -> impl Iterator<Item = (String, String)> {
    let repeated = REPEATED.iter().map(move |part| {
        let text = part.repeat(len / part.len() + 1);
        (format!("{part:?} repeated"), text)
    });
    // Everything in turn, in an order that does not repeat soon.
    let mut state = 1_u32;
    let mut mixed = String::new();
    while mixed.len() < len {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        mixed += REPEATED[(state >> 16) as usize % REPEATED.len()];
    }
    repeated.chain([("all of them mixed".to_owned(), mixed)])
}

fn timed(run: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    run();
    begin.elapsed()
}

/// The shortest of a few runs: what else the machine does only makes one longer.
fn shortest(run: impl Fn()) -> Duration {
    let runs = (0..RUNS).map(|_| timed(&run));
    runs.min().unwrap()
}

fn is_linear(what: &str, run: impl Fn(&str)) {
    for ((name, few), (_, many)) in texts(SHORT).zip(texts(LONG)) {
        let mut long = timed(|| run(&many));
        if long < NO_TIME {
            continue;
        }
        let most = shortest(|| run(&few)).max(NO_TIME / 10) * MOST_TIMES;
        if long >= most {
            long = shortest(|| run(&many));
        }
        println!("{what}, {name}: {long:?}");
        assert!(
            long < most,
            "{what} of {name} takes {long:?} for {LONG} bytes, and {:?} for {SHORT}",
            most / MOST_TIMES
        );
    }
}

fn germany() -> Region {
    "DE".parse().unwrap()
}

#[test]
fn finding_takes_time_in_proportion_to_the_text() {
    // The first and the last: those between ask for less than the last.
    for leniency in [Leniency::Possible, Leniency::ExactGrouping] {
        is_linear("finding", |text| {
            let found = find(text, Some(germany()), leniency);
            assert!(found.count() <= text.len());
        });
    }
}

#[test]
fn reading_takes_time_in_proportion_to_the_text() {
    is_linear("reading", |text| {
        assert!(parse(text, Some(germany())).is_err());
        assert!(text.parse::<Dialable>().is_err());
    });
}

#[test]
fn typing_takes_time_in_proportion_to_the_text() {
    is_linear("typing", |text| {
        let typed = as_you_type(text, text.len(), Some(germany()));
        assert!(typed.text.len() >= typed.text.chars().count());
    });
}

#[test]
fn looking_for_short_numbers_takes_time_in_proportion_to_the_text() {
    is_linear("short numbers", |text| {
        assert!(!short::is_valid(text, germany()));
        assert!(!short::is_emergency(text, germany()));
        // May be: what follows an emergency number makes no difference.
        let _ = short::connects_to_emergency(text, germany());
        assert!(!short::is_possible(text, germany()));
    });
}
