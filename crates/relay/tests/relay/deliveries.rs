//! What the relay tells others: webhooks and mails, at least once, and alerts before anything else.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use patchcord_relay::store::delivery;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

use crate::support::{NUMBER, World, eventually};

const SECRET: [u8; 32] = [9; 32];

/// A message as it arrived.
#[derive(Clone, Debug)]
struct Message {
    id: String,
    event: Value,
}

/// Somebody's server.
#[derive(Clone)]
struct Receiver {
    url: String,
    status: Arc<Mutex<StatusCode>>,
    got: Arc<Mutex<Vec<Message>>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            url: format!("http://{}/hook", listener.local_addr().unwrap()),
            status: Arc::new(Mutex::new(StatusCode::OK)),
            got: Arc::default(),
        };
        let app = Router::new()
            .route("/hook", post(Self::take))
            .with_state(receiver.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        receiver
    }

    async fn take(State(own): State<Self>, headers: HeaderMap, body: Bytes) -> StatusCode {
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp"));
        let body = String::from_utf8(body.to_vec()).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
        let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
        assert_eq!(
            header("webhook-signature"),
            format!("v1,{}", STANDARD.encode(tag))
        );
        assert!(header("content-type").starts_with("application/cloudevents+json"));
        let event = serde_json::from_str(&body).unwrap();
        own.got.lock().unwrap().push(Message { id, event });
        *own.status.lock().unwrap()
    }

    fn config(&self, name: &str, events: &str) -> String {
        format!(
            "\n[[webhook]]\nname = \"{name}\"\nurl = \"{}\"\nsecret = \"whsec_{}\"\nevents = {events}\n",
            self.url,
            STANDARD.encode(SECRET)
        )
    }

    fn answer(&self, status: StatusCode) {
        *self.status.lock().unwrap() = status;
    }

    /// The messages of this type, as soon as there are so many.
    async fn until(&self, kind: &str, count: usize) -> Vec<Message> {
        eventually(async || {
            let got = self.got.lock().unwrap().clone();
            let of_type: Vec<_> = got
                .into_iter()
                .filter(|message| message.event["type"] == format!("patchcord.{kind}"))
                .collect();
            (of_type.len() >= count).then_some(of_type)
        })
        .await
    }
}

/// A mail server that takes everything.
async fn mail_server() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mails: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = mails.clone();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let kept = kept.clone();
            tokio::spawn(async move {
                let (read, mut write) = socket.into_split();
                let mut lines = BufReader::new(read).lines();
                let mut mail = None;
                drop(write.write_all(b"220 test\r\n").await);
                while let Ok(Some(line)) = lines.next_line().await {
                    let answer = match (&mut mail, line.as_str()) {
                        (Some(text), ".") => {
                            kept.lock().unwrap().push(std::mem::take(text));
                            mail = None;
                            "250 taken"
                        }
                        (Some(text), line) => {
                            *text = format!("{text}{line}\n");
                            continue;
                        }
                        (None, "DATA") => {
                            mail = Some(String::new());
                            "354 go on"
                        }
                        (None, _) => "250 yes",
                    };
                    drop(write.write_all(format!("{answer}\r\n").as_bytes()).await);
                }
            });
        }
    });
    let config = format!(
        "\n[mail]\nsmtp = \"smtp://127.0.0.1:{port}\"\nfrom = \"relay@acme.example\"\nto = [\"desk@acme.example\"]\n"
    );
    (config, mails)
}

async fn leave(world: &World) -> Value {
    let body = json!({
        "number": NUMBER, "topic": "sales", "payload": { "score": 1.50, "lead": "L-1" },
        "fields": { "name": "Ada" }, "consent": { "version": "2026-11", "given": true },
        "page": "https://www.acme.example/contact",
    });
    let answer = world.callback(&body).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json
}

/// Where the sandbox takes Samespace's callbacks.
const SAMESPACE: &str = "/apiv1/team/make_call";

#[tokio::test]
async fn a_lead_can_be_made_of_what_is_told_about_a_callback() {
    let crm = Receiver::start().await;
    let world = World::with(|config| config + &crm.config("crm", "[\"callback.*\"]")).await;
    let callback = leave(&world).await;
    let queued = crm.until("callback.queued", 1).await.remove(0);
    assert!(queued.id.starts_with("msg_"), "{queued:?}");
    assert_eq!(queued.event["specversion"], "1.0");
    assert_eq!(queued.event["subject"], callback["id"]);
    assert_eq!(queued.event["source"], crate::support::AUDIENCE);
    let data = &queued.event["data"];
    assert_eq!(data["number"], NUMBER);
    assert_eq!(data["fields"], json!({ "name": "Ada" }));
    assert_eq!(data["payload"], json!({ "score": 1.5, "lead": "L-1" }));
    assert_eq!(data["page"], "https://www.acme.example/contact");
    assert_eq!(data["consent"], "2026-11");
    assert_eq!(data["reference"], callback["reference"]);
    let handed_over = crm.until("callback.handed_over", 1).await;
    assert_eq!(handed_over[0].event["data"]["state"], "handed_over");
    // Once it is told, what was said is forgotten.
    let store = &world.relay.shared().store;
    eventually(async || {
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM delivery WHERE body <> ''")
            .fetch_one(store.read())
            .await
            .unwrap();
        (left == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_crm_hears_each_state_of_a_call_and_nothing_it_did_not_ask_for() {
    let crm = Receiver::start().await;
    let other = Receiver::start().await;
    let hooks = crm.config("crm", "[\"call.*\"]") + &other.config("other", "[\"call.unknown\"]");
    let world = World::with(|config| config + &hooks).await;
    let session = world.session().await;
    let body = json!({ "number": NUMBER });
    world
        .dial(&session, &body)
        .send()
        .await
        .is_outcome("accepted", None);
    let told = crm.until("call.handed_over", 1).await;
    let data = &told[0].event["data"];
    assert_eq!(
        (&data["org"], &data["sub"]),
        (&json!("acme"), &json!("005ALEX"))
    );
    assert_eq!(data["outcome"], "accepted");
    leave(&world).await;
    world
        .fault("/apiv1/make_call", json!({ "status": { "code": 502 } }))
        .await;
    world
        .dial(&session, &json!({ "number": "+493012345679" }))
        .send()
        .await
        .is_outcome("unknown", Some("provider_error"));
    let unknown = other.until("call.unknown", 1).await;
    assert_eq!(unknown[0].event["data"]["code"], "provider_error");
    assert_eq!(other.got.lock().unwrap().len(), 1);
    assert!(crm.got.lock().unwrap().iter().all(|message| {
        message.event["type"]
            .as_str()
            .unwrap()
            .starts_with("patchcord.call.")
    }));
}

#[tokio::test]
async fn a_message_is_repeated_with_the_same_id_until_it_is_taken() {
    let crm = Receiver::start().await;
    let world = World::with(|config| config + &crm.config("crm", "[\"callback.queued\"]")).await;
    crm.answer(StatusCode::INTERNAL_SERVER_ERROR);
    leave(&world).await;
    crm.until("callback.queued", 1).await;
    crm.answer(StatusCode::FOUND);
    let got = eventually(async || {
        world.relay.clock.advance(Duration::from_secs(6));
        let got = crm.got.lock().unwrap().clone();
        (got.len() >= 2).then_some(got)
    })
    .await;
    crm.answer(StatusCode::NO_CONTENT);
    let store = &world.relay.shared().store;
    eventually(async || {
        world.relay.clock.advance(Duration::from_secs(20));
        let states = store.deliveries().await.unwrap();
        (states == [("crm".to_owned(), "sent".to_owned(), 1)]).then_some(())
    })
    .await;
    let all = crm.got.lock().unwrap().clone();
    assert!(all.iter().all(|message| message.id == got[0].id), "{all:?}");
    assert!(all.iter().all(|message| message.event == got[0].event));
}

#[tokio::test]
async fn what_nobody_takes_for_a_day_has_failed_and_says_why() {
    let crm = Receiver::start().await;
    let gone = Receiver::start().await;
    let hooks =
        crm.config("crm", "[\"callback.queued\"]") + &gone.config("gone", "[\"callback.queued\"]");
    let world = World::with(|config| config + &hooks).await;
    crm.answer(StatusCode::SERVICE_UNAVAILABLE);
    gone.answer(StatusCode::GONE);
    leave(&world).await;
    let store = &world.relay.shared().store;
    let failed = async |count: usize| {
        let failed = store.failed_deliveries(10).await.unwrap();
        (failed.len() == count).then_some(failed)
    };
    eventually(async || failed(1).await).await;
    let failed = eventually(async || {
        world.relay.clock.advance(Duration::from_secs(3600));
        failed(2).await
    })
    .await;
    for delivery in failed {
        let (attempts, error) = (delivery.attempts, delivery.error.clone().unwrap());
        match delivery.channel.as_str() {
            "gone" => assert!(attempts == 1 && error.contains("410"), "{error}"),
            _ => assert!(attempts > 10 && error.contains("503"), "{attempts} {error}"),
        }
    }
}

#[tokio::test]
async fn an_alert_is_told_by_webhook_and_mail_while_another_channel_is_down() {
    let (mail, mails) = mail_server().await;
    let desk = Receiver::start().await;
    let down = Receiver::start().await;
    down.answer(StatusCode::BAD_GATEWAY);
    let more =
        desk.config("desk", "[\"alert.*\"]") + &down.config("down", "[\"callback.*\"]") + &mail;
    let world = World::with(|config| config + &more).await;
    world
        .fault(SAMESPACE, json!({ "status": { "code": 400 } }))
        .await;
    let callback = leave(&world).await;
    let id = callback["id"].as_str().unwrap();
    let told = desk.until("alert.callback_refused", 1).await.remove(0);
    assert_eq!(told.event["subject"], id);
    assert_eq!(told.event["data"]["subject"], id);
    assert_eq!(told.event["data"]["code"], "provider_rejected_request");
    let text = eventually(async || mails.lock().unwrap().first().cloned()).await;
    assert!(
        text.contains("A callback was refused") && text.contains(id),
        "{text}"
    );
    for personal in [NUMBER, "Ada", "L-1"] {
        assert!(!text.contains(personal), "{text}");
    }
    assert_eq!(mails.lock().unwrap().len(), 1, "one alert, one mail");
}

#[tokio::test]
async fn what_a_dead_relay_was_sending_is_sent_again_and_nobody_else_takes_it_before() {
    let crm = Receiver::start().await;
    crm.answer(StatusCode::BAD_GATEWAY);
    let world = World::with(|config| config + &crm.config("crm", "[\"callback.queued\"]")).await;
    leave(&world).await;
    let first = crm.until("callback.queued", 1).await.remove(0);
    let relay = world.relay.shared();
    let take = async |seconds: i64| {
        let now = relay.clock.now() + seconds * 1000;
        let taken = relay.store.write(move |tx| {
            Box::pin(
                async move { delivery::take(tx, "crm", "another", 9, now, now + 60_000).await },
            )
        });
        taken.await.unwrap()
    };
    // As another relay would take it, which then dies.
    let taken = eventually(async || {
        let taken = take(30).await;
        (!taken.is_empty()).then_some(taken)
    })
    .await;
    assert_eq!(taken[0].id, first.id);
    assert!(take(30).await.is_empty() && take(89).await.is_empty());
    crm.answer(StatusCode::OK);
    world.relay.clock.advance(Duration::from_secs(91));
    let again = crm.until("callback.queued", 2).await;
    assert_eq!(again[1].id, first.id);
}

#[tokio::test]
async fn nothing_is_written_down_where_nobody_is_told() {
    let world = World::new().await;
    let callback = leave(&world).await;
    world.until_state(&callback, "handed_over").await;
    let gone = world.managed(Method::DELETE, &callback).send().await;
    gone.is_problem("too_late");
    assert!(
        world
            .relay
            .shared()
            .store
            .deliveries()
            .await
            .unwrap()
            .is_empty()
    );
}
