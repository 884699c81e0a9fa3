use serde_json::{Value, json};

use super::panel::{ALEX, CUSTOMER, Panel, list};
use crate::running::{Running, text};

#[tokio::test]
async fn a_recording_is_started_flagged_tagged_and_stopped() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = panel.in_a_call().await;
    let of_call = |command: &str| json!({ command: {"callId": id} });
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_IN_CALL")
        .await;
    for command in ["flagRecording", "setRecordingTags"] {
        let refused = panel.refused(of_call(command), "not_recording").await;
        assert_eq!(refused["callId"], id);
    }
    panel
        .refused(of_call("stopRecording"), "stop_recording_failed")
        .await;

    panel.send(of_call("startRecording")).await;
    panel.call_has(&id, "recording", json!(true)).await;
    assert!(panel.call(&id)["recordingId"].is_string());
    panel
        .refused(of_call("startRecording"), "start_recording_failed")
        .await;
    for flagged in [json!(true), Value::Null] {
        panel.send(of_call("flagRecording")).await;
        panel.call_has(&id, "recordingFlagged", flagged).await;
    }
    let tags = |tags: Value| json!({"setRecordingTags": {"callId": id, "tags": tags}});
    panel.send(tags(json!(["order", "training"]))).await;
    panel
        .call_has(&id, "recordingTags", json!(["order", "training"]))
        .await;
    panel
        .refused(tags(json!(["secret"])), "set_recording_tags_failed")
        .await;
    panel.send(tags(json!([]))).await;
    panel.call_has(&id, "recordingTags", Value::Null).await;

    panel.send(of_call("stopRecording")).await;
    panel.call_has(&id, "recording", Value::Null).await;
    assert_eq!(panel.call(&id)["recordingId"], Value::Null);
    panel.send(of_call("hangup")).await;
    panel.call_is_gone(&id).await;
    let history = panel.get("/v1/agent/history").await;
    assert_eq!(history.body["calls"][0]["hasRecording"], true);
    assert!(text(&history.body["calls"][0]["recordingUrl"]).contains(&id));
}

#[tokio::test]
async fn a_recording_can_begin_with_the_conversation() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    panel
        .send(json!({"placeCall": {"to": CUSTOMER, "record": true}}))
        .await;
    panel
        .until(|view| !list(view, "activeCalls").is_empty())
        .await;
    let id = text(&panel.calls()[0]["id"]);
    panel.call_is(&id, "RINGING").await;
    running.act(&id, "agent", "answer").await;
    let connecting = panel.call_is(&id, "IN_PROGRESS").await;
    assert_eq!(connecting["recording"], Value::Null);
    running.act(&id, "customer", "answer").await;
    let talking = panel.call_is(&id, "BRIDGED").await;
    assert_eq!(talking["recording"], true);
}

#[tokio::test]
async fn an_agent_of_whom_every_call_is_recorded_need_not_ask() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let path = format!("agents/{}", ALEX.id);
    running.tell(&path, json!({"always_record": true})).await;
    panel
        .until(|view| view["agent"]["alwaysRecordOutbound"] == true)
        .await;
    panel.send(json!({"placeCall": {"to": CUSTOMER}})).await;
    panel
        .until(|view| !list(view, "activeCalls").is_empty())
        .await;
    let id = text(&panel.calls()[0]["id"]);
    running.act(&id, "agent", "answer").await;
    running.act(&id, "customer", "answer").await;
    panel.call_has(&id, "recording", json!(true)).await;
}

#[tokio::test]
async fn who_may_not_record_is_told_so() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let path = format!("agents/{}", ALEX.id);
    running.tell(&path, json!({"can_record": false})).await;
    panel
        .until(|view| view["agent"]["canRecord"].is_null())
        .await;
    let id = panel.in_a_call().await;
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_IN_CALL")
        .await;
    let start = json!({"startRecording": {"callId": id}});
    panel.refused(start, "start_recording_failed").await;
}
