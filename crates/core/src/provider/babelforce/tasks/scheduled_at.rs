//! When a task is due: `now`, `at <milliseconds since the epoch>`, or `in 1w 3d 5h 10min 5sec`.

use crate::provider::tasks::When;

/// The units of `in`, in the order of the vendor's example, with their length in seconds. Inferred: each at most
/// once, in this order.
const UNITS: [(&str, u64); 5] = [
    ("w", 604_800),
    ("d", 86_400),
    ("h", 3_600),
    ("min", 60),
    ("sec", 1),
];

/// As the platform reads it.
pub(super) fn write(when: When) -> String {
    match when {
        When::Now => "now".to_owned(),
        When::At(at) => format!("at {at}"),
        When::After(0) => "in 0sec".to_owned(),
        When::After(seconds) => {
            let mut left = seconds;
            let mut text = "in".to_owned();
            for (unit, length) in UNITS {
                let count = left / length;
                left %= length;
                if count > 0 {
                    text.push_str(&format!(" {count}{unit}"));
                }
            }
            text
        }
    }
}

/// What the platform says; `None` for what is outside the grammar.
pub(super) fn parse(text: &str) -> Option<When> {
    match text.split_once(' ') {
        None => (text == "now").then_some(When::Now),
        Some(("at", time)) => number(time).map(When::At),
        Some(("in", duration)) => seconds(duration).map(When::After),
        Some(_) => None,
    }
}

fn seconds(text: &str) -> Option<u64> {
    let mut units = UNITS.iter();
    let mut total: u64 = 0;
    for part in text.split(' ') {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (count, unit) = part.split_at_checked(digits)?;
        let (_, length) = units.by_ref().find(|(name, _)| *name == unit)?;
        total = total.checked_add(number(count)?.checked_mul(*length)?)?;
    }
    Some(total)
}

/// Digits and nothing else (`parse` alone would take a sign).
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_time() -> impl Strategy<Value = When> {
        prop_oneof![
            Just(When::Now),
            any::<u64>().prop_map(When::At),
            any::<u64>().prop_map(When::After),
            (0..10_000_000_u64).prop_map(When::After),
        ]
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_as_the_same(when in any_time()) {
            prop_assert_eq!(parse(&write(when)), Some(when));
        }

        #[test]
        fn what_can_be_read_is_written_in_one_way(text in "(now|at [0-9]{1,15}|in( [0-9]{1,3}w)?( [0-9]{1,3}d)?( [0-9]{1,3}h)?( [0-9]{1,3}min)? [0-9]{1,3}sec)") {
            let when = parse(&text).unwrap();
            prop_assert_eq!(parse(&write(when)), Some(when));
            prop_assert_eq!(write(when), write(parse(&write(when)).unwrap()));
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in any::<String>()) {
            if let Some(when) = parse(&text) {
                prop_assert_eq!(parse(&write(when)), Some(when));
            }
        }
    }

    #[test]
    fn the_documented_forms_are_written_and_read() {
        let long = ((((7 + 3) * 24 + 5) * 60 + 10) * 60) + 5;
        for (when, text) in [
            (When::Now, "now"),
            (When::At(1_654_075_565_950), "at 1654075565950"),
            (When::After(long), "in 1w 3d 5h 10min 5sec"),
            (When::After(5_400), "in 1h 30min"),
            (When::After(0), "in 0sec"),
        ] {
            assert_eq!(write(when), text);
            assert_eq!(parse(text), Some(when));
        }
        assert_eq!(parse("in 90min"), Some(When::After(5_400)));
    }

    #[test]
    fn everything_else_is_no_time() {
        for text in [
            "",
            "Now",
            "now ",
            "at",
            "at ",
            "at +5",
            "at 2026-01-01",
            "in",
            "in ",
            "in 5",
            "in 5min 1h",
            "in 1h 1h",
            "in  1h",
            "in -1h",
            "in 99999999999999999999w",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
