//! The event stream: no gap, no repeat.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{NUMBER, PATIENCE, World};

/// A stream, read event by event.
pub struct Stream {
    reply: Response,
    text: String,
}

impl Stream {
    pub async fn open(world: &World, session: &str, last: Option<&Value>) -> Self {
        let ask = world.ask(Method::GET, "/v1/events").bearer(session);
        let ask = match last {
            Some(last) => ask.header("Last-Event-ID", &last.to_string()),
            None => ask,
        };
        let reply = ask.stream().await;
        assert_eq!(reply.status(), 200);
        assert!(
            reply.headers()["content-type"]
                .to_str()
                .unwrap()
                .starts_with("text/event-stream")
        );
        Self {
            reply,
            text: String::new(),
        }
    }

    /// The next event of a call: its id and its data; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<(i64, Value)> {
        loop {
            let (id, name, data) = self.next_of_any().await?;
            if name == "call" {
                return Some((id, data));
            }
            assert_eq!(name, "current");
        }
    }

    /// The next event: its id, its name and its data.
    async fn next_of_any(&mut self) -> Option<(i64, String, Value)> {
        tokio::time::timeout(PATIENCE, async {
            loop {
                if let Some((event, rest)) = self.text.split_once("\n\n") {
                    let (event, rest) = (event.to_owned(), rest.to_owned());
                    self.text = rest;
                    let field = |name: &str| {
                        event
                            .lines()
                            .find_map(|line| line.strip_prefix(name))
                            .map(str::to_owned)
                    };
                    let Some(id) = field("id: ") else { continue };
                    return Some((
                        id.parse().unwrap(),
                        field("event: ").unwrap(),
                        serde_json::from_str(&field("data: ").unwrap()).unwrap(),
                    ));
                }
                let chunk = self.reply.chunk().await.ok().flatten()?;
                self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        })
        .await
        .expect("no event came")
    }
}

#[tokio::test]
async fn every_change_of_a_call_is_one_event_and_the_newest_is_the_reply() {
    let world = World::new().await;
    let session = world.session().await;
    let mut stream = Stream::open(&world, &session, None).await;
    let call = world
        .dial(&session, &json!({ "number": NUMBER }))
        .send()
        .await
        .json;
    let (first, asked) = stream.next().await.unwrap();
    assert_eq!(
        (&asked["state"], &asked["outcome"], &asked["event"]),
        (&json!("requested"), &Value::Null, &json!(first))
    );
    let (second, accepted) = stream.next().await.unwrap();
    assert_eq!(accepted, call);
    assert_eq!(call["event"], json!(second));
    assert!(second > first);
}

#[tokio::test]
async fn a_stream_resumes_after_any_event_without_gap_or_repeat() {
    let world = World::new().await;
    let session = world.session().await;
    let mut ids = Vec::new();
    for n in 0..30 {
        let call = world
            .dial(&session, &json!({ "number": format!("+4930123456{n:02}") }))
            .send()
            .await
            .json;
        ids.extend([
            call["event"].as_i64().unwrap() - 1,
            call["event"].as_i64().unwrap(),
        ]);
    }
    for start in [0, 1, 17, 58] {
        let mut stream = Stream::open(&world, &session, Some(&json!(ids[start]))).await;
        let mut seen = Vec::new();
        while seen.last() != ids.last() {
            seen.push(stream.next().await.unwrap().0);
        }
        assert_eq!(seen, ids[start + 1..]);
    }
    // What happens after the reply of a call is missed by nobody who resumes from it.
    let call = world
        .dial(
            &session,
            &json!({ "number": NUMBER, "provider": "babelforce" }),
        )
        .send()
        .await
        .json;
    let mut stream = Stream::open(&world, &session, Some(&call["event"])).await;
    let (id, next) = stream.next().await.unwrap();
    assert!(id > call["event"].as_i64().unwrap());
    assert_eq!(
        (&next["id"], &next["state"]),
        (&call["id"], &json!("ringing"))
    );
}

#[tokio::test]
async fn a_stream_that_resumes_nothing_begins_with_the_calls_that_are_under_way() {
    let world = World::new().await;
    let session = world.session().await;
    let settings = format!("{}/_sandbox/settings", world.sandbox.url());
    let steady = crate::support::Ask::new(Method::POST, settings)
        .json(&json!({ "auto_progress": null }))
        .send()
        .await;
    assert!(steady.status < 300, "{}", steady.body);
    let dial = async |provider, number| {
        let body = json!({ "number": number, "provider": provider });
        world.dial(&session, &body).send().await.json
    };
    let call = dial("babelforce", NUMBER).await;
    // A dock's call is over for the relay.
    let other = dial("samespace", "+493012345679").await;
    assert_eq!(other["state"], "handed_over");
    let path = format!("/v1/calls/{}", call["id"].as_str().unwrap());
    let shown = world
        .ask(Method::GET, &path)
        .bearer(&session)
        .send()
        .await
        .json;
    let newest = other["event"].as_i64().unwrap();
    let current = (newest, "current".to_owned(), json!({ "event": newest }));

    let mut stream = Stream::open(&world, &session, None).await;
    let first = stream.next_of_any().await.unwrap();
    assert_eq!(first, (newest, "call".into(), shown));
    assert_eq!(stream.next_of_any().await.unwrap(), current);
    let mut others = Stream::open(&world, &world.session_of("005SAM").await, None).await;
    let (_, name, _) = others.next_of_any().await.unwrap();
    assert_eq!(name, "current", "it is nobody else's");

    let hung_up = world
        .ask(Method::DELETE, &path)
        .bearer(&session)
        .send()
        .await;
    assert_eq!(hung_up.status, 200, "{}", hung_up.body);
    loop {
        let (id, call) = stream.next().await.unwrap();
        assert!(id > newest, "what was told at the beginning is told again");
        if call["state"] == "ended" {
            break;
        }
    }
    let mut stream = Stream::open(&world, &session, None).await;
    let (_, name, _) = stream.next_of_any().await.unwrap();
    assert_eq!(name, "current", "it is over");
}

#[tokio::test]
async fn a_stream_resumes_across_a_restart() {
    let world = World::new().await;
    let session = world.session().await;
    let call = world
        .dial(&session, &json!({ "number": NUMBER }))
        .send()
        .await
        .json;
    let world = world.restart().await;
    let mut stream = Stream::open(&world, &session, Some(&json!(0))).await;
    assert_eq!(stream.next().await.unwrap().1["outcome"], Value::Null);
    assert_eq!(stream.next().await.unwrap().1, call);
}

#[tokio::test]
async fn nobody_sees_the_calls_of_others() {
    let world = World::new().await;
    let (alex, sam) = (world.session().await, world.session_of("005SAM").await);
    let mut stream = Stream::open(&world, &sam, Some(&json!(0))).await;
    world.dial(&alex, &json!({ "number": NUMBER })).send().await;
    let own = world
        .dial(&sam, &json!({ "number": "+493012345679" }))
        .send()
        .await
        .json;
    assert_eq!(stream.next().await.unwrap().1["id"], own["id"]);
}

#[tokio::test]
async fn a_stream_ends_with_its_session_and_with_the_relay() {
    let world = World::new().await;
    let session = world.session().await;
    let mut ended = Stream::open(&world, &session, None).await;
    world
        .ask(Method::DELETE, "/v1/sessions/current")
        .bearer(&session)
        .send()
        .await;
    assert!(ended.next().await.is_none());

    let mut open = Stream::open(&world, &world.session().await, None).await;
    let stopped = tokio::spawn(world.relay.stop());
    assert!(open.next().await.is_none());
    tokio::time::timeout(PATIENCE, stopped)
        .await
        .expect("an open stream kept the relay from going down")
        .unwrap();
}

#[tokio::test]
async fn an_id_that_is_none_is_refused() {
    let world = World::new().await;
    let session = world.session().await;
    for id in ["x", "-1", "1.5", ""] {
        let ask = world
            .ask(Method::GET, "/v1/events")
            .bearer(&session)
            .header("Last-Event-ID", id);
        ask.send()
            .await
            .is_problem("invalid_field")
            .about("Last-Event-ID");
    }
    world
        .ask(Method::GET, "/v1/events")
        .send()
        .await
        .is_problem("session_missing");
}

#[tokio::test]
async fn a_call_that_is_polled_writes_an_event_only_when_it_changes() {
    let world = World::new().await;
    let session = world.session().await;
    let settings = format!("{}/_sandbox/settings", world.sandbox.url());
    let steady = crate::support::Ask::new(Method::POST, settings)
        .json(&json!({ "auto_progress": null }))
        .send()
        .await;
    assert!(steady.status < 300, "{}", steady.body);
    let call = world
        .dial(
            &session,
            &json!({ "number": NUMBER, "provider": "babelforce" }),
        )
        .send()
        .await
        .json;
    let polls = "/api/v2/calls/*";
    crate::support::eventually(async || (world.seen(polls).await.len() >= 3).then_some(())).await;
    let agent = patchcord_relay::config::AgentId {
        org: "acme".into(),
        sub: "005ALEX".into(),
    };
    let events = world
        .relay
        .shared()
        .store
        .events_after(&agent, 0)
        .await
        .unwrap();
    let mut states: Vec<_> = events
        .iter()
        .map(|event| serde_json::from_str::<Value>(&event.data).unwrap())
        .collect();
    states.dedup_by(|later, earlier| {
        later["state"] == earlier["state"] && later["outcome"] == earlier["outcome"]
    });
    assert_eq!(
        states.len(),
        events.len(),
        "an event told nothing new: {events:?}"
    );
    assert_eq!(events[1].id, call["event"].as_i64().unwrap());
}
