//! Opening hours on the days on which the clocks change, in zones all over the world: what a page is told, what a
//! visitor can choose, and when it is handed over. Every time is worked out by hand, from the tz database's rules.

use patchcord_relay::clock::{from_rfc3339, to_rfc3339};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, NUMBER, World, fresh_key};

/// In milliseconds.
const HOUR: i64 = 60 * 60 * 1000;

/// A zone, the evening before a day, and that day's 09:00, in UTC.
struct Morning(&'static str, &'static str, &'static str);

/// In order, as time goes. Both changes of 2030 in five zones, and one without any.
const MORNINGS: [Morning; 12] = [
    // 10 March: from -05 to -04.
    Morning(
        "America/New_York",
        "2030-03-09T23:00:00Z",
        "2030-03-10T13:00:00Z",
    ),
    Morning("Asia/Tokyo", "2030-03-30T09:00:00Z", "2030-03-31T00:00:00Z"),
    // 31 March: from +01 to +02.
    Morning(
        "Europe/Berlin",
        "2030-03-30T18:00:00Z",
        "2030-03-31T07:00:00Z",
    ),
    // 7 April: from +11 to +10; on Lord Howe to +10:30.
    Morning(
        "Australia/Sydney",
        "2030-04-06T07:00:00Z",
        "2030-04-06T23:00:00Z",
    ),
    Morning(
        "Australia/Lord_Howe",
        "2030-04-06T07:30:00Z",
        "2030-04-06T22:30:00Z",
    ),
    // The end of 6 April: from -03 to -04.
    Morning(
        "America/Santiago",
        "2030-04-06T22:00:00Z",
        "2030-04-07T13:00:00Z",
    ),
    // The beginning of 8 September: from -04 to -03.
    Morning(
        "America/Santiago",
        "2030-09-07T22:00:00Z",
        "2030-09-08T12:00:00Z",
    ),
    // 6 October: from +10:30 to +11; in Sydney from +10.
    Morning(
        "Australia/Lord_Howe",
        "2030-10-05T07:30:00Z",
        "2030-10-05T22:00:00Z",
    ),
    Morning(
        "Australia/Sydney",
        "2030-10-05T08:00:00Z",
        "2030-10-05T22:00:00Z",
    ),
    Morning("Asia/Tokyo", "2030-10-26T09:00:00Z", "2030-10-27T00:00:00Z"),
    // 27 October: from +02 to +01.
    Morning(
        "Europe/Berlin",
        "2030-10-26T17:00:00Z",
        "2030-10-27T08:00:00Z",
    ),
    // 3 November: from -04 to -05.
    Morning(
        "America/New_York",
        "2030-11-02T22:00:00Z",
        "2030-11-03T14:00:00Z",
    ),
];

/// A topic for each zone, called from nine to five on every day, by the hour.
fn topics() -> String {
    let mut zones: Vec<&str> = MORNINGS.iter().map(|morning| morning.0).collect();
    zones.sort_unstable();
    zones.dedup();
    let days = [
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
    .map(|day| format!("{day} = [\"09:00-17:00\"]\n"))
    .concat();
    let mut text = format!(
        "\n[[key]]\nkey = \"pk_zones\"\norigins = [\"https://www.acme.example\"]\ntopics = {zones:?}\n"
    );
    for zone in zones {
        text += &format!(
            "\n[[hours]]\nname = \"{zone}\"\nzone = \"{zone}\"\n{days}\n[[topic]]\ntopic = \"{zone}\"\nlabel = \"{zone}\"\nhours = \"{zone}\"\nslot = 60\naccount = \"samespace\"\nspace_id = \"acme\"\nteam_name = \"helpdesk\"\n"
        );
    }
    text
}

async fn get(world: &World, path: &str) -> Value {
    let answer = world
        .ask(Method::GET, path)
        .header("Patchcord-Key", "pk_zones")
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json
}

async fn wish(world: &World, zone: &str, at: Option<String>) -> Answer {
    world
        .ask(Method::POST, "/v1/callbacks")
        .header("Patchcord-Key", "pk_zones")
        .header("Idempotency-Key", &fresh_key())
        .json(&json!({ "number": NUMBER, "topic": zone, "at": at }))
        .send()
        .await
}

#[tokio::test]
async fn nine_to_five_stays_nine_to_five_over_both_changes_of_the_clocks_in_five_zones() {
    let world = World::with(|config| config + &topics()).await;
    for Morning(zone, evening, nine) in MORNINGS {
        world.relay.clock.set(from_rfc3339(evening).unwrap());
        let opens = from_rfc3339(nine).unwrap();
        let hour = |nth: i64| to_rfc3339(opens + nth * HOUR);

        let config = get(&world, "/v1/config").await;
        let mut topics = config["topics"].as_array().unwrap().iter();
        let topic = topics.find(|topic| topic["topic"] == zone).unwrap();
        assert_eq!(
            topic["hours"],
            json!({ "zone": zone, "open": false, "opens_at": nine }),
            "{zone} {nine}"
        );

        let path = format!("/v1/slots?days=1&topic={}", zone.replace('/', "%2F"));
        let slots = get(&world, &path).await;
        let all: Vec<_> = (0..8).map(hour).collect();
        assert_eq!(slots["slots"], json!(all), "{zone} {nine}");

        // As soon as possible is when it opens.
        let soon = wish(&world, zone, None).await;
        assert_eq!(
            (soon.status, &soon.json["due"]),
            (201, &json!(nine)),
            "{}",
            soon.body
        );
        // The first and the last hour can be had, the ones around them cannot.
        for (nth, status) in [(-1, 422), (0, 201), (7, 201), (8, 422)] {
            let answer = wish(&world, zone, Some(hour(nth))).await;
            assert_eq!(
                answer.status,
                status,
                "{zone} {}: {}",
                hour(nth),
                answer.body
            );
            if status == 201 {
                assert_eq!(answer.json["due"], hour(nth));
            } else {
                answer.is_problem("slot_not_available").about("at");
            }
        }
    }
}
