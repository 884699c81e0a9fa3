//! Opening times of a platform as hours: against what its ranges say themselves.

use std::collections::BTreeSet;

use jiff::Timestamp;
use patchcord_core::provider::opening::WeekMinute;
use proptest::prelude::*;

use super::*;
use crate::clock::{from_rfc3339, to_rfc3339};
use crate::hours::local::SlotLength;
use crate::hours::place;

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;

fn at(text: &str) -> Millis {
    from_rfc3339(text).unwrap()
}

fn minute(day: u16, hour: u16, minute: u16) -> WeekMinute {
    WeekMinute::new(day * DAY + hour * 60 + minute).unwrap()
}

fn range(from: WeekMinute, to: WeekMinute) -> WeekRange {
    WeekRange { from, to }
}

fn told(zone: &str, ranges: &[WeekRange]) -> Told {
    let hours = BusinessHours {
        id: "a".to_owned(),
        name: Some("Office".to_owned()),
        zone: zone.to_owned(),
        enabled: true,
    };
    Told::of(hours, ranges, Vec::new())
}

fn calendar(enabled: bool, dates: &[(&str, &str)]) -> (Calendar, Vec<Blocked>) {
    let calendar = Calendar {
        id: "c".to_owned(),
        name: Some("Holidays".to_owned()),
        zone: "Europe/Berlin".to_owned(),
        enabled,
    };
    let dates = dates.iter().map(|(from, until)| Blocked {
        label: Some("Christmas".to_owned()),
        from: at(from).try_into().unwrap(),
        until: at(until).try_into().unwrap(),
    });
    (calendar, dates.collect())
}

fn days(hours: &Hours) -> Vec<String> {
    let day = |day: &Day| {
        day.spans()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    hours.week().iter().map(day).collect()
}

#[test]
fn ranges_are_cut_at_midnight_and_run_over_the_end_of_the_week() {
    let hours = told(
        "Europe/Berlin",
        &[
            range(minute(0, 9, 0), minute(0, 12, 30)),
            // Overlapping and touching ones become one.
            range(minute(0, 12, 0), minute(0, 15, 0)),
            range(minute(0, 15, 0), minute(0, 16, 0)),
            // Overnight, and over a whole weekend into Monday.
            range(minute(1, 22, 0), minute(2, 6, 0)),
            range(minute(4, 18, 0), minute(0, 1, 15)),
            // A whole day, and nothing.
            range(minute(3, 0, 0), minute(4, 0, 0)),
            range(minute(2, 9, 0), minute(2, 9, 0)),
        ],
    )
    .hours()
    .unwrap();
    assert_eq!(
        days(&hours),
        [
            "00:00–01:15 09:00–16:00",
            "22:00–24:00",
            "00:00–06:00",
            "00:00–24:00",
            "18:00–24:00",
            "00:00–24:00",
            "00:00–24:00",
        ]
    );
    assert!(told("UTC", &[]).hours().unwrap().next_open(0).is_none());
}

#[test]
fn a_zone_that_is_not_known_is_no_hours() {
    let error = told("Mars/Olympus", &[]).hours().unwrap_err();
    assert!(error.to_string().contains("Mars/Olympus"));
}

#[test]
fn a_night_shift_is_as_long_as_the_clocks_make_it() {
    // Berlin, from Saturday to Sunday: 22:00 to 06:00 is seven hours in March and nine in October.
    let hours = told("Europe/Berlin", &[range(minute(5, 22, 0), minute(6, 6, 0))]);
    let hours = hours.hours().unwrap();
    let open = |from: &str| {
        let from = at(from);
        let minutes = (0..24 * 60).map(|minute| from + minute * MINUTE);
        minutes.filter(|at| hours.is_open(*at)).count() / 60
    };
    assert_eq!(open("2026-03-28T12:00:00Z"), 7);
    assert_eq!(open("2026-10-24T12:00:00Z"), 9);
    assert_eq!(open("2026-06-06T12:00:00Z"), 8);
}

#[test]
fn a_calendar_closes_what_it_names_and_one_that_is_switched_off_nothing() {
    let week: Vec<_> = (0..7)
        .map(|day| range(minute(day, 9, 0), minute(day, 17, 0)))
        .collect();
    let with = |calendars| {
        let mut told = told("Europe/Berlin", &week);
        told.calendars = Vec::from(calendars).into_iter().map(closed).collect();
        told.hours().unwrap()
    };
    let christmas = [("2026-12-25T00:00:00+01:00", "2026-12-27T00:00:00+01:00")];
    let hours = with([calendar(true, &christmas)]);
    assert_eq!(
        hours
            .next_open(at("2026-12-24T17:00:00+01:00"))
            .map(to_rfc3339)
            .unwrap(),
        "2026-12-27T08:00:00Z"
    );
    assert_eq!(hours.closures()[0].label.as_deref(), Some("Christmas"));
    // Part of a day.
    let morning = [("2026-12-24T00:00:00+01:00", "2026-12-24T11:20:00+01:00")];
    let hours = with([calendar(true, &morning)]);
    let slots = hours.slots(
        at("2026-12-24T00:00:00+01:00"),
        at("2026-12-24T13:00:00+01:00"),
        SlotLength::new(60).unwrap(),
    );
    let slots: Vec<_> = slots.into_iter().map(to_rfc3339).collect();
    // At the full hour still, and none that begins in what is closed.
    assert_eq!(slots, ["2026-12-24T11:00:00Z"]);
    assert!(with([calendar(false, &christmas)]).is_open(at("2026-12-25T12:00:00Z")));
}

#[test]
fn what_is_kept_is_what_was_told() {
    let mut told = told("Europe/Berlin", &[range(minute(5, 22, 0), minute(6, 6, 0))]);
    told.calendars.push(closed(calendar(
        true,
        &[("2026-12-25T00:00:00Z", "2026-12-26T00:00:00Z")],
    )));
    let kept = serde_json::to_string(&told).unwrap();
    assert_eq!(serde_json::from_str::<Told>(&kept).unwrap(), told);
}

fn any_zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "Africa/Cairo",
        "America/Havana",
        "UTC",
    ])
}

fn any_ranges() -> impl Strategy<Value = Vec<WeekRange>> {
    // In quarters of an hour; about half of them go over midnight, some over the end of the week.
    let quarter = || (0_u16..WEEK / 15).prop_map(|nth| WeekMinute::new(nth * 15).unwrap());
    prop::collection::vec(
        (quarter(), quarter()).prop_map(|(from, to)| range(from, to)),
        0..6,
    )
}

/// Any minute of the year 2026, half of them within a day of a change of the clocks in Berlin.
fn any_minute() -> impl Strategy<Value = Millis> {
    let year = (0_i64..525_600).prop_map(|minute| at("2026-01-01T00:00:00Z") + minute * MINUTE);
    let change = prop::sample::select(vec!["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"]);
    let near = (change, -1440_i64..1440).prop_map(|(change, minute)| at(change) + minute * MINUTE);
    prop_oneof![year, near]
}

/// Whether a range holds a minute of the week.
fn holds(range: &WeekRange, minute: u16) -> bool {
    let (from, to) = (range.from.minutes(), range.to.minutes());
    if from <= to {
        (from..to).contains(&minute)
    } else {
        minute >= from || minute < to
    }
}

proptest! {
    #[test]
    fn it_is_open_when_a_range_says_so_wherever_the_clocks_do_not_change(
        zone in any_zone(), ranges in any_ranges(), now in any_minute()
    ) {
        let hours = told(zone, &ranges).hours().unwrap();
        let zone = TimeZone::get(zone).unwrap();
        let local = |at: Millis| zone.to_datetime(Timestamp::from_millisecond(at).unwrap());
        let passed = local(now + 3 * HOUR).duration_since(local(now - 3 * HOUR));
        prop_assume!(passed.as_millis() == i128::from(6 * HOUR));
        let here = local(now);
        let day = u16::try_from(place(here.date().weekday())).unwrap();
        let minute = day * DAY + u16::try_from(here.hour()).unwrap() * 60 + u16::try_from(here.minute()).unwrap();
        prop_assert_eq!(hours.is_open(now), ranges.iter().any(|range| holds(range, minute)));
    }

    #[test]
    fn nothing_is_open_and_no_slot_reaches_into_what_a_calendar_closes(
        zone in any_zone(), ranges in any_ranges(), now in any_minute(),
        closed in prop::collection::vec((-2880_i64..2880, 1_i64..2000), 0..4), length in 5_u16..180
    ) {
        let plain = told(zone, &ranges).hours().unwrap();
        let times: Vec<_> = closed
            .iter()
            .map(|(from, length)| now + from * MINUTE..now + (from + length) * MINUTE)
            .collect();
        let closures = times.iter().map(|time| Closure { label: None, time: time.clone() });
        let hours = plain.clone().closed_at(closures.collect());
        let is_closed = |at: &Millis| times.iter().any(|time| time.contains(at));
        for minute in -720..720 {
            let at = now + minute * MINUTE;
            prop_assert_eq!(hours.is_open(at), plain.is_open(at) && !is_closed(&at));
        }
        let until = now + 2 * 24 * HOUR;
        let length = SlotLength::new(length).unwrap();
        let all = plain.slots(now, until, length);
        // Those that are left are the same ones: a calendar moves nothing.
        let fits = |slot: &Millis| (0..i64::from(length.minutes())).all(|minute| !is_closed(&(slot + minute * MINUTE)));
        let left: BTreeSet<_> = all.into_iter().filter(fits).collect();
        prop_assert_eq!(hours.slots(now, until, length), left);
        match hours.next_open(now) {
            Some(next) => {
                prop_assert!(hours.is_open(next));
                prop_assert!((now..next).step_by(60_000).take(4 * 1440).all(|at| !hours.is_open(at)));
            }
            None => prop_assert!(ranges.iter().all(|range| range.from == range.to)),
        }
    }
}
