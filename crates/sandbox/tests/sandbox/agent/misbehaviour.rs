//! Streams that misbehave as they are told to.

use serde_json::{Value, json};

use super::panel::{ALEX, Frame, Frames, Panel, SAM, seq};
use crate::running::{Running, text};

/// Presence changes that the stream is to tell.
async fn change(running: &Running, presences: &[&str]) {
    for presence in presences {
        let path = format!("agents/{}", ALEX.id);
        running.tell(&path, json!({ "presence": presence })).await;
    }
}

/// The numbers and presences of the next patches.
async fn told(frames: &mut Frames, count: usize) -> Vec<(u64, String)> {
    let mut told = Vec::new();
    for _ in 0..count {
        let message = frames.message().await;
        let name = text(&message["patch"]["agent"]["presenceName"]);
        told.push((seq(&message), name));
    }
    told
}

fn expect(pairs: &[(u64, &str)]) -> Vec<(u64, String)> {
    pairs
        .iter()
        .map(|(seq, name)| (*seq, (*name).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_number_can_be_left_out() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &ALEX).await;
    running.disturb(&ALEX, json!("skip")).await;
    change(&running, &["busy", "lunch"]).await;
    let expected = expect(&[(3, "lunch")]);
    assert_eq!(told(&mut panel.frames, 1).await, expected);
    // A new stream has the whole again.
    let again = Panel::with_token(&running, &ALEX, panel.token.clone()).await;
    assert_eq!(again.view["agent"]["presenceName"], "lunch");
}

#[tokio::test]
async fn a_frame_can_come_twice() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &ALEX).await;
    running.disturb(&ALEX, json!("duplicate")).await;
    change(&running, &["busy", "lunch"]).await;
    let expected = expect(&[(2, "busy"), (2, "busy"), (3, "lunch")]);
    assert_eq!(told(&mut panel.frames, 3).await, expected);
}

#[tokio::test]
async fn two_frames_can_change_places() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &ALEX).await;
    running.disturb(&ALEX, json!("reorder")).await;
    change(&running, &["busy", "lunch", "available"]).await;
    let expected = expect(&[(3, "lunch"), (2, "busy"), (4, "available")]);
    assert_eq!(told(&mut panel.frames, 3).await, expected);
}

#[tokio::test]
async fn frames_can_come_in_one_piece_or_byte_by_byte() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &ALEX).await;
    running.disturb(&ALEX, json!("merge")).await;
    running.disturb(&ALEX, json!("split")).await;
    change(&running, &["busy", "lunch", "available"]).await;
    let expected = expect(&[(2, "busy"), (3, "lunch"), (4, "available")]);
    assert_eq!(told(&mut panel.frames, 3).await, expected);
}

#[tokio::test]
async fn a_fault_of_numbers_passes_over_what_has_none() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &ALEX).await;
    running.disturb(&ALEX, json!("skip")).await;
    panel.settle().await;
    change(&running, &["busy", "lunch"]).await;
    assert_eq!(told(&mut panel.frames, 1).await, expect(&[(3, "lunch")]));
}

#[tokio::test]
async fn a_stream_breaks_after_any_byte_of_a_frame() {
    let running = Running::start().await;
    let token = text(&running.sign_in(&ALEX).await["access_token"]);
    let mut whole = Vec::new();
    for (cut, presence) in [0, 1, 4, 5, 6, 99]
        .into_iter()
        .zip(["busy", "lunch"].into_iter().cycle())
    {
        let mut panel = Panel::with_token(&running, &ALEX, token.clone()).await;
        running.disturb(&ALEX, json!({ "cut_at": cut })).await;
        change(&running, &[presence]).await;
        let Frame::Broken(part) = panel.frames.next().await else {
            panic!("the frame is whole");
        };
        assert_eq!(part.len(), cut);
        whole = part;
    }
    assert_eq!(whole[0], 0);
    // Also within the snapshot of the stream that comes next.
    running.disturb(&ALEX, json!({"cut_at": 20})).await;
    let mut frames = running.subscribe(&token).await;
    let Frame::Broken(part) = frames.next().await else {
        panic!("the snapshot is whole");
    };
    assert_eq!(part.len(), 20);
    // And without a frame at all.
    let mut panel = Panel::with_token(&running, &ALEX, token).await;
    running.disturb(&ALEX, json!("cut")).await;
    assert_eq!(panel.frames.next().await, Frame::Broken(Vec::new()));
}

#[tokio::test]
async fn a_stream_can_be_ended_with_any_error_or_none() {
    let running = Running::start().await;
    let token = text(&running.sign_in(&ALEX).await["access_token"]);
    for (end, error) in [
        (json!(null), Value::Null),
        (
            json!({"code": "unauthenticated", "message": "the token has ended"}),
            json!({"code": "unauthenticated", "message": "the token has ended"}),
        ),
        (
            json!({"code": "unavailable"}),
            json!({"code": "unavailable", "message": ""}),
        ),
    ] {
        let mut panel = Panel::with_token(&running, &ALEX, token.clone()).await;
        running.disturb(&ALEX, json!({ "end": end })).await;
        assert_eq!(panel.frames.next().await, Frame::End(error));
    }
}

#[tokio::test]
async fn a_silent_stream_tells_everything_later() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &ALEX).await;
    running.disturb(&ALEX, json!("fall_silent")).await;
    change(&running, &["busy", "lunch"]).await;
    assert_eq!(running.desk_agent(&ALEX).await["session"]["silent"], true);
    running.disturb(&ALEX, json!("resume")).await;
    let expected = expect(&[(2, "busy"), (3, "lunch")]);
    assert_eq!(told(&mut panel.frames, 2).await, expected);
}

#[tokio::test]
async fn a_silent_stream_that_ends_tells_everything_first() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &ALEX).await;
    running.disturb(&ALEX, json!("fall_silent")).await;
    change(&running, &["busy"]).await;
    running.disturb(&ALEX, json!({ "end": null })).await;
    assert_eq!(told(&mut panel.frames, 1).await, expect(&[(2, "busy")]));
    assert_eq!(panel.frames.next().await, Frame::End(Value::Null));
}

#[tokio::test]
async fn the_ordinary_faults_meet_the_agent_api_too() {
    let running = Running::start().await;
    let panel = Panel::open(&running, &ALEX).await;
    let fault = json!({
        "match": {"path": "/babelconnect.v1.Agent/Send"}, "times": 1,
        "action": {"status": {"code": 503, "body": "{\"code\":\"unavailable\"}",
                              "content_type": "application/json"}},
    });
    running.tell("faults", json!({"faults": [fault]})).await;
    let command = json!({"setPresence": {"name": "lunch"}});
    let refused = running.unary("Send", &panel.token, command.clone()).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (503, &json!("unavailable"))
    );
    assert_eq!(
        running.desk_agent(&ALEX).await["presence"]["name"],
        "available"
    );
    panel.send(command).await;
    let log = running
        .get("/_sandbox/requests?path=/babelconnect.v1.Agent/Send")
        .await;
    let handled: Vec<bool> = log.body["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["handled"].as_bool().unwrap())
        .collect();
    assert_eq!(handled, [false, true]);
}

#[tokio::test]
async fn a_disturbance_that_makes_no_sense_is_refused() {
    let running = Running::start().await;
    let path = format!("/_sandbox/agents/{}/stream", SAM.id);
    for (body, status) in [
        (json!({"action": "explode"}), 400),
        (json!({"action": {"cut_at": -1}}), 400),
        (json!({"action": {"end": {"code": "tired"}}}), 400),
        (json!({"action": "skip", "times": 2}), 400),
        (json!({}), 400),
        (json!({"action": "cut"}), 409),
        (json!({"action": {"end": null}}), 409),
        (json!({"action": "resume"}), 409),
    ] {
        let refusal = running.post(&path, body.clone()).await;
        assert_eq!(refusal.status, status, "{body} {refusal:?}");
    }
    let unknown = running
        .post("/_sandbox/agents/1/stream", json!({"action": "cut"}))
        .await;
    assert_eq!(unknown.status, 404);
}
