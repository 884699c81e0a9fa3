//! When a task is due: `now`, `at <ms since the epoch>`, or `in 1w 3d 5h 10min 5sec`.

use crate::exchange::Millis;

/// The units of `in`, in the order of the vendor's example, with their length in milliseconds.
/// Inferred: each at most once, in this order.
const UNITS: [(&str, Millis); 5] = [
    ("w", 604_800_000),
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("min", 60_000),
    ("sec", 1000),
];

/// The time `text` means when it is read at `now`; `None` if it is outside the grammar.
pub(super) fn parse(text: &str, now: Millis) -> Option<Millis> {
    match text.split_once(' ') {
        None => (text == "now").then_some(now),
        Some(("at", time)) => number(time),
        Some(("in", duration)) => now.checked_add(self::duration(duration)?),
        Some(_) => None,
    }
}

fn duration(text: &str) -> Option<Millis> {
    let mut units = UNITS.iter();
    let mut total: Millis = 0;
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
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_documented_forms_are_understood() {
        assert_eq!(parse("now", 7), Some(7));
        assert_eq!(parse("at 1654075565950", 7), Some(1_654_075_565_950));
        let long = ((((7 + 3) * 24 + 5) * 60 + 10) * 60 + 5) * 1000;
        assert_eq!(parse("in 1w 3d 5h 10min 5sec", 7), Some(7 + long));
        assert_eq!(parse("in 90min", 0), Some(5_400_000));
    }

    #[test]
    fn everything_else_is_refused() {
        let bad = [
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
            "in 5s",
            "in 5min 1h",
            "in 1h 1h",
            "in  1h",
            "in -1h",
            "after 1h",
            "in 99999999999999999999w",
        ];
        for text in bad {
            assert_eq!(parse(text, 0), None, "{text:?}");
        }
    }
}
