//! Opening hours on ordinary days and on those on which the clocks change.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::local::{Day, SlotLength, Span, date};
use super::*;
use crate::clock::{from_rfc3339, to_rfc3339};

fn day(spans: &[&str]) -> Day {
    Day::of(spans.iter().map(|span| span.parse().unwrap()).collect()).unwrap()
}

/// The same spans on every day of the week.
fn daily(zone: &str, spans: &[&str]) -> Hours {
    let week = std::array::from_fn(|_| day(spans));
    Hours::new(
        TimeZone::get(zone).unwrap(),
        week,
        BTreeSet::new(),
        BTreeMap::new(),
    )
}

fn at(text: &str) -> Millis {
    from_rfc3339(text).unwrap()
}

fn next(hours: &Hours, from: &str) -> Option<String> {
    hours.next_open(at(from)).map(to_rfc3339)
}

fn slots(hours: &Hours, from: &str, until: &str, minutes: u16) -> Vec<String> {
    hours
        .slots(at(from), at(until), SlotLength::new(minutes).unwrap())
        .into_iter()
        .map(to_rfc3339)
        .collect()
}

/// The openings of one day, found minute by minute.
fn open_minutes(hours: &Hours, from: &str, until: &str) -> Vec<String> {
    let mut edges = Vec::new();
    let mut was = false;
    let mut now = at(from);
    while now <= at(until) {
        let is = hours.is_open(now);
        if is != was {
            edges.push(to_rfc3339(now));
        }
        (was, now) = (is, now + MINUTE);
    }
    edges
}

#[test]
fn an_office_is_open_on_weekdays_but_not_over_lunch() {
    let weekday = day(&["09:00-12:30", "13:30-18:00"]);
    let mut week: Week = std::array::from_fn(|_| weekday.clone());
    week[5] = Day::CLOSED;
    week[6] = Day::CLOSED;
    let hours = Hours::new(
        TimeZone::get("Europe/Berlin").unwrap(),
        week,
        BTreeSet::new(),
        BTreeMap::new(),
    );
    // A Tuesday in winter time, one hour ahead of UTC.
    assert!(hours.is_open(at("2026-11-24T08:00:00Z")));
    assert!(!hours.is_open(at("2026-11-24T07:59:59.999Z")));
    assert!(hours.is_open(at("2026-11-24T11:29:59.999Z")));
    assert!(!hours.is_open(at("2026-11-24T11:30:00Z")));
    let now = "2026-11-24T10:00:00Z";
    assert_eq!(next(&hours, now).as_deref(), Some(now));
    assert_eq!(
        next(&hours, "2026-11-24T11:30:00Z").as_deref(),
        Some("2026-11-24T12:30:00Z")
    );
    // Friday evening: Monday.
    assert_eq!(
        next(&hours, "2026-11-27T17:00:00Z").as_deref(),
        Some("2026-11-30T08:00:00Z")
    );
}

#[test]
fn holidays_are_closed_and_exceptions_win_over_them() {
    let hours = Hours::new(
        TimeZone::get("Europe/Berlin").unwrap(),
        std::array::from_fn(|_| day(&["09:00-17:00"])),
        ["12-24", "12-25", "2026-12-26"]
            .map(|text| text.parse().unwrap())
            .into(),
        [
            (date("2026-12-24").unwrap(), day(&["09:00-12:00"])),
            (date("2026-12-27").unwrap(), Day::CLOSED),
        ]
        .into(),
    );
    assert!(hours.is_open(at("2026-12-24T10:00:00Z")));
    assert_eq!(
        next(&hours, "2026-12-24T11:00:00Z").as_deref(),
        Some("2026-12-28T08:00:00Z")
    );
    assert_eq!(
        next(&hours, "2027-12-23T17:00:00Z").as_deref(),
        Some("2027-12-26T08:00:00Z")
    );
}

#[test]
fn what_never_opens_is_not_looked_for_for_ever() {
    let hours = daily("UTC", &[]);
    assert_eq!(hours.next_open(at("2026-11-24T10:00:00Z")), None);
    for beyond in [Millis::MIN, Millis::MAX] {
        let hours = daily("Europe/Berlin", &["00:00-24:00"]);
        assert!(!hours.is_open(beyond));
        assert_eq!(hours.next_open(beyond), None);
    }
}

#[test]
fn berlin_in_march_has_no_half_past_two() {
    // 02:00 to 03:00 is not there on 2026-03-29.
    let night = ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    let edges = |spans| open_minutes(&daily("Europe/Berlin", spans), night.0, night.1);
    assert_eq!(
        edges(&["01:00-02:30"]),
        ["2026-03-29T00:00:00Z", "2026-03-29T01:30:00Z"]
    );
    assert_eq!(
        edges(&["02:00-02:30"]),
        ["2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"]
    );
    // It would end at 03:00, before 03:30, to which its beginning is moved.
    assert_eq!(edges(&["02:30-03:00"]), [""; 0]);
    assert_eq!(edges(&["02:00-03:00"]), [""; 0]);
    // The later span begins first.
    let hours = daily("Europe/Berlin", &["02:30-02:45", "03:00-03:10"]);
    assert_eq!(
        next(&hours, "2026-03-29T00:30:00Z").as_deref(),
        Some("2026-03-29T01:00:00Z")
    );
    // 02:00 and 02:30 are 03:00 and 03:30, which are there once.
    assert_eq!(
        slots(
            &daily("Europe/Berlin", &["01:00-04:00"]),
            night.0,
            night.1,
            30
        ),
        [
            "2026-03-29T00:00:00Z",
            "2026-03-29T00:30:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-29T01:30:00Z",
        ]
    );
}

#[test]
fn berlin_in_october_has_half_past_two_twice() {
    let night = ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
    let edges = |spans| open_minutes(&daily("Europe/Berlin", spans), night.0, night.1);
    assert_eq!(
        edges(&["02:00-03:00"]),
        ["2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z"]
    );
    assert_eq!(
        edges(&["02:00-02:30"]),
        ["2026-10-25T00:00:00Z", "2026-10-25T00:30:00Z"]
    );
    assert_eq!(
        edges(&["02:30-03:30"]),
        ["2026-10-25T00:30:00Z", "2026-10-25T02:30:00Z"]
    );
    assert_eq!(
        slots(
            &daily("Europe/Berlin", &["02:00-04:00"]),
            night.0,
            night.1,
            30
        ),
        [
            "2026-10-25T00:00:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T02:00:00Z",
            "2026-10-25T02:30:00Z",
        ]
    );
    // 25 hours.
    assert_eq!(edges(&["00:00-24:00"]), ["2026-10-24T22:00:00Z"]);
}

#[test]
fn nine_in_new_york_is_an_hour_earlier_in_summer_and_on_another_date_than_in_berlin() {
    let hours = daily("America/New_York", &["09:00-17:00"]);
    assert_eq!(
        next(&hours, "2026-03-07T23:00:00Z").as_deref(),
        Some("2026-03-08T13:00:00Z")
    );
    assert_eq!(
        next(&hours, "2026-03-06T23:00:00Z").as_deref(),
        Some("2026-03-07T14:00:00Z")
    );
    assert_eq!(
        next(&hours, "2026-11-01T00:00:00Z").as_deref(),
        Some("2026-11-01T14:00:00Z")
    );
}

#[test]
fn on_lord_howe_the_clocks_move_by_half_an_hour() {
    // At 02:00 on 2026-10-04 (+10:30) it is 02:30 (+11).
    let hours = daily("Australia/Lord_Howe", &["01:00-04:00"]);
    let night = ("2026-10-03T13:30:00Z", "2026-10-04T13:00:00Z");
    assert_eq!(
        slots(&hours, night.0, night.1, 30),
        // 01:00, 01:30, 02:30 (also for 02:00, which is moved to it), 03:00, 03:30
        [
            "2026-10-03T14:30:00Z",
            "2026-10-03T15:00:00Z",
            "2026-10-03T15:30:00Z",
            "2026-10-03T16:00:00Z",
            "2026-10-03T16:30:00Z",
        ]
    );
    // At 02:00 on 2026-04-05 (+11) it is 01:30 (+10:30) again.
    let night = ("2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z");
    assert_eq!(
        open_minutes(&hours, night.0, night.1),
        ["2026-04-04T14:00:00Z", "2026-04-04T17:30:00Z"]
    );
    assert_eq!(slots(&hours, night.0, night.1, 60).len(), 3);
}

/// Both changes of 2026 in five zones: the day, when it begins and ends, and how many half hours of it can be had.
/// What is missing is not offered, what is there twice is offered once.
#[test]
fn a_day_on_which_the_clocks_change_is_open_as_long_as_it_is_and_offers_each_time_once() {
    for (zone, day, begins, ends, half_hours) in [
        (
            "Europe/Berlin",
            "2026-03-29",
            "2026-03-28T23:00:00Z",
            "2026-03-29T22:00:00Z",
            46,
        ),
        (
            "Europe/Berlin",
            "2026-10-25",
            "2026-10-24T22:00:00Z",
            "2026-10-25T23:00:00Z",
            48,
        ),
        (
            "America/New_York",
            "2026-03-08",
            "2026-03-08T05:00:00Z",
            "2026-03-09T04:00:00Z",
            46,
        ),
        (
            "America/New_York",
            "2026-11-01",
            "2026-11-01T04:00:00Z",
            "2026-11-02T05:00:00Z",
            48,
        ),
        (
            "Australia/Sydney",
            "2026-10-04",
            "2026-10-03T14:00:00Z",
            "2026-10-04T13:00:00Z",
            46,
        ),
        (
            "Australia/Sydney",
            "2026-04-05",
            "2026-04-04T13:00:00Z",
            "2026-04-05T14:00:00Z",
            48,
        ),
        (
            "Australia/Lord_Howe",
            "2026-10-04",
            "2026-10-03T13:30:00Z",
            "2026-10-04T13:00:00Z",
            47,
        ),
        (
            "Australia/Lord_Howe",
            "2026-04-05",
            "2026-04-04T13:00:00Z",
            "2026-04-05T13:30:00Z",
            48,
        ),
        // At midnight: the day begins at 01:00, or has its last hour twice.
        (
            "America/Santiago",
            "2026-09-06",
            "2026-09-06T04:00:00Z",
            "2026-09-07T03:00:00Z",
            46,
        ),
        (
            "America/Santiago",
            "2026-04-04",
            "2026-04-04T03:00:00Z",
            "2026-04-05T04:00:00Z",
            48,
        ),
        // No change.
        (
            "Asia/Tokyo",
            "2026-03-29",
            "2026-03-28T15:00:00Z",
            "2026-03-29T15:00:00Z",
            48,
        ),
    ] {
        let hours = Hours::new(
            TimeZone::get(zone).unwrap(),
            std::array::from_fn(|_| Day::CLOSED),
            BTreeSet::new(),
            [(date(day).unwrap(), Day::whole())].into(),
        );
        let (from, until) = (
            to_rfc3339(at(begins) - 60 * MINUTE),
            to_rfc3339(at(ends) + 60 * MINUTE),
        );
        assert_eq!(
            open_minutes(&hours, &from, &until),
            [begins, ends],
            "{zone} {day}"
        );
        assert_eq!(next(&hours, &from).as_deref(), Some(begins), "{zone} {day}");
        let slots = slots(&hours, &from, &until, 30);
        assert_eq!(slots.len(), half_hours, "{zone} {day}");
        assert_eq!(
            slots.first().map(String::as_str),
            Some(begins),
            "{zone} {day}"
        );
    }
}

#[test]
fn kathmandu_is_a_quarter_off_the_hour() {
    let hours = daily("Asia/Kathmandu", &["10:00-11:00"]);
    assert_eq!(
        slots(&hours, "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z", 30),
        ["2026-11-24T04:15:00Z", "2026-11-24T04:45:00Z"]
    );
}

#[test]
fn cairo_and_havana_change_their_clocks_at_midnight() {
    // Cairo, 2026-04-24: 00:00 does not exist. The day ends when the next begins.
    let hours = daily("Africa/Cairo", &["22:00-24:00"]);
    assert_eq!(
        open_minutes(&hours, "2026-04-23T12:00:00Z", "2026-04-24T12:00:00Z"),
        ["2026-04-23T20:00:00Z", "2026-04-23T22:00:00Z"]
    );
    // Havana, 2025-11-02: 00:00 to 01:00 exists twice.
    let hours = daily("America/Havana", &["00:00-01:00"]);
    assert_eq!(
        open_minutes(&hours, "2025-11-01T12:00:00Z", "2025-11-02T12:00:00Z"),
        ["2025-11-02T04:00:00Z", "2025-11-02T06:00:00Z"]
    );
}

fn any_hours() -> impl Strategy<Value = Hours> {
    let zones = prop::sample::select(vec![
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Africa/Cairo",
        "America/Havana",
        "America/Nuuk",
        "UTC",
    ]);
    // Edges of spans in quarters of an hour, so that many fall on a change of the clocks.
    let spans = prop::collection::btree_set(0_u16..=96, 0..7).prop_map(|edges| {
        let edges: Vec<_> = edges
            .into_iter()
            .map(|edge| Minute::new(edge * 15).unwrap())
            .collect();
        let spans = edges
            .chunks_exact(2)
            .map(|pair| Span::new(pair[0], pair[1]).unwrap());
        Day::of(spans.collect()).unwrap()
    });
    (zones, prop::array::uniform7(spans)).prop_map(|(zone, week)| {
        Hours::new(
            TimeZone::get(zone).unwrap(),
            week,
            BTreeSet::new(),
            BTreeMap::new(),
        )
    })
}

/// Any minute of the year 2026, half of them within a day of a change of the clocks in Berlin or New York.
fn any_minute() -> impl Strategy<Value = Millis> {
    let year = (0_i64..525_600).prop_map(|minute| at("2026-01-01T00:00:00Z") + minute * MINUTE);
    let change = (
        prop::sample::select(vec![
            "2026-03-08T07:00:00Z",
            "2026-03-29T01:00:00Z",
            "2026-10-25T01:00:00Z",
            "2026-11-01T06:00:00Z",
            "2026-10-03T15:30:00Z",
            "2026-04-04T15:00:00Z",
            "2026-04-23T22:00:00Z",
            "2026-10-29T21:00:00Z",
        ]),
        -1440_i64..1440,
    )
        .prop_map(|(change, minute)| at(change) + minute * MINUTE);
    prop_oneof![year, change]
}

proptest! {
    #[test]
    fn the_next_opening_is_open_and_nothing_before_it_is(hours in any_hours(), now in any_minute()) {
        match hours.next_open(now) {
            Some(next) => {
                prop_assert!(next >= now);
                prop_assert!(hours.is_open(next));
                // Openings begin and end at whole minutes.
                prop_assert!((now..next).step_by(usize::try_from(MINUTE).unwrap()).all(|at| !hours.is_open(at)));
            }
            None => prop_assert!(hours.week.iter().all(|day| day.spans().is_empty())),
        }
    }

    #[test]
    fn a_slot_is_open_from_its_beginning_to_its_end(
        hours in any_hours(), now in any_minute(), minutes in 5_u16..240
    ) {
        let until = now + 2 * 24 * 60 * MINUTE;
        let length = SlotLength::new(minutes).unwrap();
        for slot in hours.slots(now, until, length) {
            prop_assert!((now..until).contains(&slot));
            prop_assert!((0..i64::from(minutes)).all(|minute| hours.is_open(slot + minute * MINUTE)));
        }
    }

    #[test]
    fn slots_do_not_depend_on_where_one_begins_to_look(
        hours in any_hours(), now in any_minute(), minutes in 5_u16..240
    ) {
        let (middle, until) = (now + 777 * MINUTE, now + 2_000 * MINUTE);
        let length = SlotLength::new(minutes).unwrap();
        let mut parts = hours.slots(now, middle, length);
        parts.extend(hours.slots(middle, until, length));
        prop_assert_eq!(parts, hours.slots(now, until, length));
    }

    #[test]
    fn no_time_of_day_is_offered_twice(hours in any_hours(), now in any_minute()) {
        let slots = hours.slots(now, now + 3 * 24 * 60 * MINUTE, SlotLength::new(15).unwrap());
        let local: BTreeSet<_> = slots
            .iter()
            .map(|slot| hours.zone.to_datetime(Timestamp::from_millisecond(*slot).unwrap()))
            .collect();
        prop_assert_eq!(local.len(), slots.len());
    }
}
