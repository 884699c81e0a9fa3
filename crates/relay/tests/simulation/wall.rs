//! The clock on the wall and the calendar beside it: when the businesses of the stories are open and when nobody
//! may be called, worked out anew and by hand, so that the relay is not judged by its own code.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use patchcord_relay::clock::from_rfc3339;

use super::office::Shift;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The summers of Berlin in these years.
static SUMMERS: LazyLock<[Range<i64>; 2]> = LazyLock::new(|| {
    [
        moment("2026-03-29T01:00:00Z")..moment("2026-10-25T01:00:00Z"),
        moment("2027-03-28T01:00:00Z")..moment("2027-10-31T01:00:00Z"),
    ]
});
/// The dates on which sales has other hours than on its weekday.
static OTHER: LazyLock<[(i64, Spans); 4]> = LazyLock::new(|| {
    [
        (date("2026-12-24"), &[((9, 0), (12, 0))]),
        (date("2026-12-25"), &[]),
        (date("2026-12-26"), &[((10, 0), (11, 0))]),
        (date("2027-03-26"), &[]),
    ]
});
/// From and to.
type Spans = &'static [((i64, i64), (i64, i64))];

/// The zones of the United States whose days begin and end first and last, summer and winter, and some between.
const AMERICA: [&str; 7] = [
    "America/New_York",
    "America/Chicago",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
];

fn moment(text: &str) -> i64 {
    from_rfc3339(text).unwrap()
}

/// The number of a date, counted from 1970-01-01.
fn date(text: &str) -> i64 {
    moment(&format!("{text}T00:00:00Z")) / DAY
}

/// How much Berlin is ahead of UTC.
fn ahead(at: i64) -> i64 {
    if SUMMERS.iter().any(|summer| summer.contains(&at)) {
        2 * HOUR
    } else {
        HOUR
    }
}

/// 0 is Monday.
const fn weekday(date: i64) -> i64 {
    (date + 3).rem_euclid(7)
}

/// When a wall clock in Berlin shows this for the first time; where it jumps over it, as much later.
fn first(date: i64, minute: i64) -> i64 {
    let local = date * DAY + minute * MINUTE;
    let before = local - ahead(local - 12 * HOUR);
    let after = local - ahead(local + 12 * HOUR);
    if ahead(before) != ahead(local - 12 * HOUR) && ahead(after) == ahead(local + 12 * HOUR) {
        return after;
    }
    before
}

/// The openings of a date, in hours and minutes.
fn spans(shift: Shift, topic: &str, day: i64) -> Spans {
    if let Some((_, other)) = OTHER.iter().find(|(date, _)| *date == day)
        && (shift, topic) == (Shift::Day, "sales")
    {
        return other;
    }
    match (shift, topic, weekday(day)) {
        (Shift::Day, "sales", 0..5) => &[((9, 0), (12, 30)), ((13, 30), (18, 0))],
        (Shift::Day, "sales", 5) => &[((10, 0), (14, 0))],
        (Shift::Day, "support", _) => &[((7, 0), (22, 0))],
        (Shift::Night, "sales", 0 | 5) => &[((22, 0), (24, 0))],
        (Shift::Night, "sales", 6) => &[((0, 0), (2, 30)), ((2, 45), (4, 0))],
        (Shift::Night, "support", 5) => &[((20, 0), (24, 0))],
        (Shift::Night, "support", 6) => {
            &[((1, 30), (2, 15)), ((3, 15), (5, 0)), ((23, 0), (24, 0))]
        }
        _ => &[],
    }
}

/// Whether somebody is there.
fn is_open(shift: Shift, topic: &str, at: i64) -> bool {
    if topic == "always" {
        return true;
    }
    let today = (at + ahead(at)).div_euclid(DAY);
    (today - 1..=today + 1).any(|day| {
        spans(shift, topic, day).iter().any(|(from, to)| {
            let (from, to) = (from.0 * 60 + from.1, to.0 * 60 + to.1);
            (first(day, from)..first(day, to)).contains(&at)
        })
    })
}

/// Whether the called party wants to be left alone.
fn is_quiet(shift: Shift, number: &str, at: i64) -> bool {
    if shift == Shift::Night {
        return false;
    }
    let quiet = |local: i64| {
        let minute = local.rem_euclid(DAY) / MINUTE;
        weekday(local.div_euclid(DAY)) == 6 || !(8 * 60..20 * 60).contains(&minute)
    };
    if number.starts_with("+49") {
        return quiet(at + ahead(at));
    }
    let utc = Timestamp::from_millisecond(at).unwrap();
    AMERICA.iter().any(|zone| {
        let offset = TimeZone::get(zone).unwrap().to_offset(utc).seconds();
        quiet(at + i64::from(offset) * 1000)
    })
}

/// Whether this number may be called about this topic.
pub fn may_be_called(shift: Shift, topic: &str, number: &str, at: i64) -> bool {
    is_open(shift, topic, at) && !is_quiet(shift, number, at)
}

#[test]
fn the_wall_clock_of_berlin_jumps_and_falls_back() {
    let (spring, autumn) = (date("2027-03-28"), date("2026-10-25"));
    assert_eq!(
        (
            weekday(spring),
            weekday(autumn),
            weekday(date("2026-11-24"))
        ),
        (6, 6, 1)
    );
    for (day, minute, utc) in [
        (spring, 119, "2027-03-28T00:59:00Z"),
        (spring, 150, "2027-03-28T01:30:00Z"),
        (spring, 180, "2027-03-28T01:00:00Z"),
        (autumn, 150, "2026-10-25T00:30:00Z"),
        (autumn, 180, "2026-10-25T02:00:00Z"),
        (autumn, 119, "2026-10-24T23:59:00Z"),
        (autumn + 1, 0, "2026-10-25T23:00:00Z"),
    ] {
        assert_eq!(first(day, minute), moment(utc), "{utc}");
    }
}
