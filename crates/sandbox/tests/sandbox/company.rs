//! Business hours, calendars and queued calls: what the core asks is as published, what the sandbox answers too, and
//! the platform's own client is told the same.

use babelforce_manager_sdk::r#gen::manager::models;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider::Provider;
use patchcord_core::provider::opening::{Opening, WeekMinute};
use patchcord_core::provider::past_calls::Direction;
use patchcord_core::secret::Secret;
use reqwest::Method;
use serde_json::json;

use crate::ours::{account, exchange};
use crate::published::{documents, operation};
use crate::running::{QUEUE, Running, text};
use crate::vendor_client::client;

pub const OFFICE: &str = "4f1c2b3a9d8e7f60514233241506a7b8";
pub const NIGHT: &str = "4f1c2b3a9d8e7f60514233241506a7b9";
pub const HOLIDAYS: &str = "6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f10";

fn minute(day: u16, hour: u16) -> WeekMinute {
    WeekMinute::new(day * 1440 + hour * 60).unwrap()
}

#[tokio::test]
async fn business_hours_are_told_with_the_ranges_of_the_week() {
    let running = Running::start().await;
    let (account, token) = (account(&running), Secret::new(running.token().await));
    let opening = account.opening().unwrap();
    let some = Some(&token);
    let list = exchange(&running, opening.list_hours(1, some)).await;
    let list = opening.read_list_of_hours(1, list).unwrap();
    let names: Vec<_> = list
        .items
        .iter()
        .filter_map(|one| one.name.as_deref())
        .collect();
    assert_eq!((names, list.next), (vec!["Office", "Night line"], None));
    let hours = exchange(&running, opening.hours(OFFICE, some).unwrap()).await;
    let hours = opening.read_hours(hours).unwrap();
    assert_eq!(
        (hours.zone.as_str(), hours.enabled),
        ("Europe/Berlin", true)
    );
    let ranges = exchange(&running, opening.ranges(NIGHT, some).unwrap()).await;
    let ranges = opening.read_ranges(ranges).unwrap();
    assert_eq!(ranges.len(), 7);
    assert_eq!(
        (ranges[6].from, ranges[6].to),
        (minute(6, 22), minute(0, 6))
    );
    let nowhere = opening.hours(HOLIDAYS, some).unwrap();
    let refused = opening
        .read_hours(exchange(&running, nowhere).await)
        .unwrap_err();
    assert!(matches!(refused, Outcome::Refused(_)), "{refused:?}");

    let vendor = client(&running).await;
    let theirs = vendor.business_hours.list_all().await.unwrap();
    assert_eq!(theirs.len(), 2);
    let one = vendor.business_hours.get(OFFICE).await.unwrap().item;
    assert_eq!(
        (one.name.as_str(), one.time_zone.as_str()),
        ("Office", hours.zone.as_str())
    );
    let theirs = vendor
        .business_hours
        .list_ranges(NIGHT)
        .await
        .unwrap()
        .items;
    let told: Vec<_> = theirs
        .iter()
        .map(|range| (range.start.hour, range.end.hour))
        .collect();
    assert_eq!(told, [(22, 6); 7]);
}

#[tokio::test]
async fn ranges_and_profiles_are_changed_as_published_and_nonsense_is_refused() {
    let running = Running::start().await;
    let token = running.token().await;
    let path = format!("/api/v2/business-hours/{OFFICE}/ranges");
    let bound = |day: &str, hour: u8| json!({"day": day, "hour": hour, "minute": 30});
    let body = json!({"ranges": [{"start": bound("monday", 9), "end": bound("monday", 12)}]});
    let changed = running
        .with(&token, Method::POST, &path, body.clone())
        .await;
    assert_eq!(changed.body["item"]["ranges"].as_array().unwrap().len(), 1);
    let off = json!({"enabled": false});
    let profile = format!("/api/v2/business-hours/{OFFICE}");
    let switched = running
        .with(&token, Method::PUT, &profile, off.clone())
        .await;
    assert_eq!(switched.body["item"]["enabled"], false);
    if let Some(all) = documents() {
        operation(all, "POST", &path).check_request("application/json", &body);
        operation(all, "POST", &path).check_reply(&changed);
        operation(all, "PUT", &profile).check_request("application/json", &off);
        operation(all, "PUT", &profile).check_reply(&switched);
    }
    for wrong in [
        json!({}),
        json!({"ranges": [{"start": bound("monday", 24), "end": bound("monday", 9)}]}),
        json!({"ranges": [{"start": bound("caturday", 9), "end": bound("monday", 9)}]}),
        json!({"ranges": [{"start": bound("monday", 9)}]}),
    ] {
        assert_eq!(
            running
                .with(&token, Method::POST, &path, wrong)
                .await
                .status,
            400
        );
    }
}

#[tokio::test]
async fn a_calendar_is_told_with_its_dates() {
    let running = Running::start().await;
    let (account, token) = (account(&running), Secret::new(running.token().await));
    let opening: &dyn Opening = account.opening().unwrap();
    let some = Some(&token);
    let list = exchange(&running, opening.list_calendars(1, some)).await;
    assert_eq!(opening.read_calendars(1, list).unwrap().items.len(), 1);
    let calendar = exchange(&running, opening.calendar(HOLIDAYS, some).unwrap()).await;
    let calendar = opening.read_calendar(calendar).unwrap();
    assert_eq!(calendar.name.as_deref(), Some("German public holidays"));
    let dates = async || {
        let dates = exchange(&running, opening.dates(HOLIDAYS, some).unwrap()).await;
        opening.read_dates(dates).unwrap()
    };
    let before = dates().await;
    assert_eq!(before.len(), 90);

    let vendor = client(&running).await;
    let theirs = vendor.calendars.get_dates(HOLIDAYS).await.unwrap().items;
    let ours: Vec<_> = before.iter().map(|date| date.from).collect();
    let told: Vec<_> = theirs
        .iter()
        .map(|date| date.date_start.timestamp_millis().unsigned_abs())
        .collect();
    assert_eq!(ours, told);
    let party = models::CalendarDateBody::new(
        "Party".to_owned(),
        "2030-06-14T10:00:00+02:00".parse().unwrap(),
        "2030-06-14T18:00:00+02:00".parse().unwrap(),
    );
    vendor.calendars.add_date(HOLIDAYS, party).await.unwrap();
    let after = dates().await;
    let party = after.last().unwrap();
    assert_eq!(
        (party.label.as_deref(), party.until - party.from),
        (Some("Party"), 8 * 3_600_000)
    );
    assert_eq!(
        vendor
            .calendars
            .get(HOLIDAYS)
            .await
            .unwrap()
            .item
            .date_count,
        Some(91.0)
    );
}

#[tokio::test]
async fn a_queue_tells_the_calls_that_wait_in_it_the_oldest_first() {
    let running = Running::start().await;
    let (account, token) = (account(&running), Secret::new(running.token().await));
    let queues = account.queues().unwrap();
    let some = Some(&token);
    let list = exchange(&running, queues.list(1, some)).await;
    assert_eq!(queues.read_list(1, list).unwrap().items[0].most, Some(100));
    let queue = exchange(&running, queues.queue(QUEUE, some).unwrap()).await;
    assert_eq!(
        queues.read_queue(queue).unwrap().name.as_deref(),
        Some("Support")
    );
    let waiting = async || {
        let calls = exchange(&running, queues.calls(QUEUE, 1, some).unwrap()).await;
        queues.read_calls(1, calls).unwrap().items
    };
    assert!(waiting().await.is_empty());
    let path = format!("/api/v2/queues/{QUEUE}/callback");
    let body = json!({"to": "+4915228817386"});
    running
        .with(token.expose(), Method::POST, &path, body)
        .await;
    // Somebody who called four minutes ago, and waits again.
    let past = json!([{
        "direction": "inbound", "number": "+4915228817387", "queue": "Support", "minutes_ago": 4,
    }]);
    let made = running.post("/_sandbox/calls/past", past).await;
    let caller = text(&made.body["ids"][0]);
    running.set_call(&caller, json!({"state": "queued"})).await;
    let calls = waiting().await;
    let from: Vec<_> = calls
        .iter()
        .map(|call| (call.direction, call.state.as_deref()))
        .collect();
    assert_eq!(
        from,
        [
            (Some(Direction::Inbound), Some("queued")),
            (Some(Direction::Outbound), Some("scheduled")),
        ]
    );
    assert!(calls[0].since < calls[1].since);
    assert_eq!(calls[0].from.as_deref(), Some("+4915228817387"));

    let theirs = client(&running)
        .await
        .calls
        .list_queued(QUEUE)
        .await
        .unwrap();
    let theirs: Vec<_> = theirs.iter().map(|call| call.from.clone()).collect();
    assert_eq!(
        theirs,
        calls
            .iter()
            .map(|call| call.from.clone())
            .collect::<Vec<_>>()
    );
}
