use serde_json::{Value, json};

use super::panel::{ALEX, Panel};
use crate::running::Running;

fn remaining(view: &Value) -> u64 {
    view["wrapUp"]["remainingSeconds"]
        .as_u64()
        .unwrap_or_default()
}

/// Ends a call in which the agent has talked, and which came out of no queue.
async fn after_a_call(panel: &mut Panel<'_>) {
    let id = panel.running.ring(panel.who, json!({"queue": null})).await;
    panel.call_is(&id, "RINGING").await;
    panel.running.act(&id, "agent", "answer").await;
    panel.call_is(&id, "BRIDGED").await;
    panel.running.act(&id, "customer", "hang_up").await;
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_WRAP_UP")
        .await;
}

#[tokio::test]
async fn after_a_call_from_a_queue_there_is_its_wrap_up() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = panel.in_a_call().await;
    running.act(&id, "customer", "hang_up").await;
    panel.until(|view| view["wrapUp"]["active"] == true).await;
    let wrap_up = &panel.view["wrapUp"];
    assert_eq!(wrap_up["remainingSeconds"], 10);
    assert_eq!(wrap_up["lastCallType"], "inbound");
    assert_eq!(
        (&wrap_up["canCancel"], &wrap_up["canExtend"]),
        (&json!(true), &json!(true))
    );

    panel.send(json!({"wrapUpCancel": {}})).await;
    panel.until(|view| view["wrapUp"] == json!({})).await;
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_AVAILABLE")
        .await;
    panel
        .refused(json!({"wrapUpCancel": {}}), "wrap_up_cancel_failed")
        .await;
}

#[tokio::test]
async fn a_wrap_up_ends_by_itself() {
    let running = Running::start().await;
    running
        .tell("settings", json!({"wrap_up": {"seconds": 1}}))
        .await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = running.ring(&ALEX, json!({"queue": null})).await;
    panel.call_is(&id, "RINGING").await;
    running.act(&id, "agent", "answer").await;
    running.act(&id, "customer", "hang_up").await;
    panel.until(|view| view["wrapUp"]["active"] == true).await;
    panel.until(|view| view["wrapUp"] == json!({})).await;
}

#[tokio::test]
async fn a_wrap_up_is_put_off_as_far_as_the_account_allows() {
    let running = Running::start().await;
    running
        .tell(
            "settings",
            json!({"wrap_up": {"seconds": 600, "extension": 50}}),
        )
        .await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let extend = |seconds: i32| json!({"wrapUpExtend": {"seconds": seconds}});
    let refused = panel.refused(extend(30), "wrap_up_not_extended").await;
    assert_eq!(refused["message"], Value::Null);

    after_a_call(&mut panel).await;
    panel.send(extend(30)).await;
    panel.until(|view| remaining(view) > 600).await;
    assert!(remaining(&panel.view) <= 630, "{}", panel.view["wrapUp"]);
    // The message is the number of seconds that are left.
    let refused = panel.refused(extend(30), "wrap_up_extend_capped").await;
    assert_eq!(refused["message"], "20");
    panel.refused(extend(0), "wrap_up_extend_failed").await;
    panel.refused(extend(-30), "wrap_up_extend_failed").await;
    panel.send(extend(20)).await;
    panel
        .until(|view| view["wrapUp"]["canExtend"].is_null())
        .await;
    assert!(remaining(&panel.view) > 610, "{}", panel.view["wrapUp"]);
    let refused = panel.refused(extend(1), "wrap_up_extend_capped").await;
    assert_eq!(refused["message"], "0");
}

#[tokio::test]
async fn where_nothing_may_be_done_about_a_wrap_up_nothing_is() {
    let running = Running::start().await;
    let rules = json!({"wrap_up": {"seconds": 600, "extension": null, "can_cancel": false}});
    running.tell("settings", rules).await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    after_a_call(&mut panel).await;
    let wrap_up = &panel.view["wrapUp"];
    assert_eq!(
        (&wrap_up["canCancel"], &wrap_up["canExtend"]),
        (&Value::Null, &Value::Null)
    );
    let extend = json!({"wrapUpExtend": {"seconds": 30}});
    let refused = panel.refused(extend, "wrap_up_extend_capped").await;
    assert_eq!(refused["message"], Value::Null);
    panel
        .refused(json!({"wrapUpCancel": {}}), "wrap_up_cancel_failed")
        .await;
}

#[tokio::test]
async fn there_is_none_while_another_call_goes_on() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let first = panel.in_a_call().await;
    panel
        .send(json!({"hold": {"callId": first, "on": true}}))
        .await;
    let second = panel.in_a_call().await;
    running.act(&first, "customer", "hang_up").await;
    panel.call_is_gone(&first).await;
    panel.settle().await;
    assert_eq!(panel.view["wrapUp"], json!({}));
    running.act(&second, "customer", "hang_up").await;
    panel.until(|view| view["wrapUp"]["active"] == true).await;
}

#[tokio::test]
async fn there_is_none_where_the_account_has_none() {
    let running = Running::start().await;
    running
        .tell("settings", json!({"wrap_up": {"seconds": 0}}))
        .await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = running.ring(&ALEX, json!({"queue": null})).await;
    panel.call_is(&id, "RINGING").await;
    running.act(&id, "agent", "answer").await;
    running.act(&id, "customer", "hang_up").await;
    panel.call_is_gone(&id).await;
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_AVAILABLE")
        .await;
    assert_eq!(panel.view["wrapUp"], json!({}));
}
