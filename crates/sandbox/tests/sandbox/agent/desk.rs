//! The other side: what a test or a person can do under `/_sandbox/`.

use serde_json::{Value, json};

use super::panel::{ALEX, COLLEAGUE, CUSTOMER, Panel, SAM, list};
use crate::running::{Running, text};

#[tokio::test]
async fn a_script_lets_a_call_run_by_itself() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let script = json!({"steps": [
        {"who": "agent", "do": "answer", "after_ms": 5},
        {"do": "hang_up", "after_ms": 5},
    ]});
    let id = running.ring(&ALEX, json!({ "script": script })).await;
    panel.call_is(&id, "RINGING").await;
    panel.call_is(&id, "BRIDGED").await;
    assert_eq!(panel.call_is_gone(&id).await, "COMPLETED");
}

#[tokio::test]
async fn a_script_can_be_put_down_for_a_call_that_is_there() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = panel.in_a_call().await;
    let path = format!("calls/{id}/script");
    running
        .tell(&path, json!({"steps": [{"do": "hang_up", "after_ms": 1}]}))
        .await;
    assert_eq!(panel.call_is_gone(&id).await, "COMPLETED");
}

#[tokio::test]
async fn every_telephone_can_have_a_script_for_when_it_rings() {
    let running = Running::start().await;
    let scripts = json!({"scripts": [
        {"number": ALEX.number, "steps": [{"do": "answer"}]},
        {"number": CUSTOMER, "steps": [{"do": "answer"}, {"do": "hang_up"}]},
    ]});
    let kept = running.tell("scripts", scripts).await;
    assert_eq!(kept["scripts"][0]["hits"], 0);
    let mut panel = Panel::control_only(&running, &ALEX).await;
    panel.send(json!({"placeCall": {"to": CUSTOMER}})).await;
    panel
        .until(|view| !list(view, "activeCalls").is_empty())
        .await;
    let id = text(&panel.calls()[0]["id"]);
    panel.call_is(&id, "BRIDGED").await;
    assert_eq!(panel.call_is_gone(&id).await, "COMPLETED");
    let kept = running.get("/_sandbox/scripts").await;
    assert_eq!(kept.body["scripts"][1]["hits"], 1);

    // What the Manager API dials meets the same people.
    panel.send(json!({"wrapUpCancel": {}})).await;
    let manager = running.token().await;
    let id = running.place_call(&manager).await;
    panel.call_is(&id, "IN_PROGRESS").await;
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = running.ring(&ALEX, json!({})).await;
    panel.call_is(&id, "RINGING").await;
    let ring = format!("/_sandbox/agents/{}/ring", ALEX.id);
    let call = format!("/_sandbox/calls/{id}");
    let cases = [
        (ring.as_str(), json!({"number": "030"}), 400),
        (&ring, json!({"kind": "callback", "number": null}), 400),
        (&ring, json!({"kind": "outbound"}), 400),
        (&ring, json!({"queue": "Nowhere"}), 404),
        (&ring, json!({"session": []}), 400),
        (&ring, json!({"nmber": CUSTOMER}), 400),
        ("/_sandbox/agents/1/ring", json!({}), 404),
        (&call, json!({"do": "levitate"}), 400),
        (&call, json!({"who": "nobody", "do": "answer"}), 400),
        (&call, json!({"do": "answer"}), 409),
        (&call, json!({"do": "busy"}), 409),
        ("/_sandbox/calls/1", json!({"do": "answer"}), 404),
        ("/_sandbox/calls/1/script", json!({"steps": []}), 404),
        ("/_sandbox/members/1", json!({"do": "hang_up"}), 404),
        (
            "/_sandbox/scripts",
            json!({"scripts": [{"number": CUSTOMER, "steps": []}]}),
            400,
        ),
        (
            "/_sandbox/scripts",
            json!({"scripts": [{"number": CUSTOMER, "times": 0, "steps": [{"do": "busy"}]}]}),
            400,
        ),
        ("/_sandbox/agents/1/push", json!({}), 404),
        (
            "/_sandbox/agents/1/sms",
            json!({"from": CUSTOMER, "text": "?"}),
            404,
        ),
        ("/_sandbox/agents/1/tokens/expire", json!({}), 404),
        (
            "/_sandbox/settings",
            json!({"features": {"telepathy": true}}),
            400,
        ),
        ("/_sandbox/settings", json!({"wrap_up": {"secs": 1}}), 400),
    ];
    for (path, body, status) in cases {
        let refusal = running.post(path, body.clone()).await;
        assert_eq!(refusal.status, status, "{path} {body} {refusal:?}");
        assert!(refusal.body["message"].is_string(), "{path} {body}");
    }
    panel.settle().await;
    assert_eq!(panel.call(&id)["state"], "CALL_LIFECYCLE_RINGING");
}

#[tokio::test]
async fn something_can_be_pushed_to_an_agents_screen() {
    let running = Running::start().await;
    let mut alex = Panel::open(&running, &ALEX).await;
    let mut sam = Panel::open(&running, &SAM).await;
    let push = json!({"title": "Contract", "body": "It is due", "data": {"deal": 7}});
    running
        .tell(&format!("agents/{}/push", ALEX.id), push)
        .await;
    let notification = alex.patch().await["notification"].clone();
    assert_eq!(notification["kind"], "cti.message");
    assert_eq!(notification["title"], "Contract");
    let data: Value = serde_json::from_str(notification["dataJson"].as_str().unwrap()).unwrap();
    assert_eq!(data, json!({"deal": 7}));
    // It is told once and kept nowhere.
    alex.agrees_with_the_state().await;
    sam.settle().await;
}

#[tokio::test]
async fn the_desk_shows_what_neither_interface_does() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = panel.in_a_call().await;
    panel
        .send(json!({"dtmf": {"callId": id, "digits": "12#"}}))
        .await;
    panel
        .send(json!({"hold": {"callId": id, "on": true}}))
        .await;
    panel.send(json!({"startRecording": {"callId": id}})).await;
    panel.call_has(&id, "recording", json!(true)).await;
    let call = running.desk_call(&id).await;
    assert_eq!(call["digits"], "12#");
    assert_eq!(
        (&call["held"], &call["muted"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(call["recording"]["flagged"], false);
    assert_eq!(
        (&call["direction"], &call["device"]),
        (&json!("inbound"), &json!("phone"))
    );
    let agent = running.desk_agent(&ALEX).await;
    assert_eq!(
        (&agent["line"], &agent["webrtc"]),
        (&json!("in-call"), &json!(false))
    );
    let session = &agent["session"];
    assert_eq!(session["connected"], true);
    assert_eq!(session["seq"], panel.seq);
    panel
        .send(json!({"transfer": {"callId": id, "to": COLLEAGUE}}))
        .await;
    panel.settle().await;
    assert!(running.desk_call(&id).await["transfer"]["leg"].is_string());
}

#[tokio::test]
async fn a_reset_brings_the_agents_back_to_the_seed() {
    let running = Running::start().await;
    let seed = running.state().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    panel.in_a_call().await;
    panel.send(json!({"startConference": {}})).await;
    panel
        .send(json!({"setDisplayAs": {"number": "+442079460100"}}))
        .await;
    running
        .tell(
            "settings",
            json!({"heartbeat_ms": 7, "features": {"calls": false}}),
        )
        .await;
    let script = json!({"number": CUSTOMER, "steps": [{"do": "busy"}]});
    running.tell("scripts", json!({"scripts": [script]})).await;
    running.tell("reset", json!({})).await;
    assert_eq!(running.state().await, seed);
    assert_eq!(panel.get("/v1/agent/state").await.status, 401);
}
