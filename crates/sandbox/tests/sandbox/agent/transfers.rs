use serde_json::{Value, json};

use super::panel::{ALEX, COLLEAGUE, CUSTOMER, KIM, Panel, SAM};
use crate::running::{Running, text};

const APPLICATION: &str = "5f60718293a4b5c6d7e8f90a1b2c3d4e";

fn to(call: &str, target: Value) -> Value {
    let mut transfer = target;
    transfer["callId"] = json!(call);
    json!({ "transfer": transfer })
}

/// The call that rings the target, as the desk shows it.
async fn leg(running: &Running, call: &str) -> String {
    text(&running.desk_call(call).await["transfer"]["leg"])
}

#[tokio::test]
async fn a_blind_transfer_to_a_number_parks_the_customer_until_it_is_answered() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let call = panel.in_a_call().await;
    panel.send(to(&call, json!({"to": COLLEAGUE}))).await;
    panel.call_has(&call, "onHold", json!(true)).await;
    let leg = leg(&running, &call).await;
    let ringing = running.desk_call(&leg).await;
    assert_eq!(
        (&ringing["to"], &ringing["from"]),
        (&json!(COLLEAGUE), &json!(CUSTOMER))
    );
    running.act(&leg, "customer", "answer").await;
    assert_eq!(panel.call_is_gone(&call).await, "COMPLETED");
    assert_eq!(
        running.desk_call(&call).await["finish_reason"],
        "transferred"
    );
    assert_eq!(running.desk_call(&leg).await["state"], "bridged");
    panel.until(|view| view["wrapUp"]["active"] == true).await;
    running.act(&leg, "customer", "hang_up").await;
    assert_eq!(running.desk_call(&leg).await["state"], "completed");
}

#[tokio::test]
async fn a_blind_transfer_to_an_agent_rings_them_with_the_customers_number() {
    let running = Running::start().await;
    let mut alex = Panel::control_only(&running, &ALEX).await;
    let mut sam = Panel::control_only(&running, &SAM).await;
    let wish = json!({"number": CUSTOMER, "session": {"lead": 7}});
    let call = running.ring(&ALEX, wish).await;
    running.act(&call, "agent", "answer").await;
    alex.call_is(&call, "BRIDGED").await;
    // An id may be written with hyphens.
    let hyphenated = "1b2c3d4e-5f60-7182-93a4-b5c6d7e8f90a";
    alex.send(to(&call, json!({"agentId": hyphenated}))).await;
    alex.call_has(&call, "onHold", json!(true)).await;
    let leg = leg(&running, &call).await;
    let offered = sam.call_is(&leg, "RINGING").await;
    assert_eq!(offered["source"], "CALL_SOURCE_TRANSFER");
    assert_eq!(offered["direction"], "CALL_DIRECTION_INBOUND");
    assert_eq!(
        (&offered["from"], &offered["queueName"]),
        (&json!(CUSTOMER), &json!("Support"))
    );
    assert_eq!(running.desk_call(&leg).await["session"], json!({"lead": 7}));

    running.act(&leg, "agent", "answer").await;
    sam.call_is(&leg, "BRIDGED").await;
    assert_eq!(alex.call_is_gone(&call).await, "COMPLETED");
    assert_eq!(sam.calls().len(), 1);
    sam.agrees_with_the_state().await;
    running.act(&leg, "customer", "hang_up").await;
    assert_eq!(sam.call_is_gone(&leg).await, "COMPLETED");
}

#[tokio::test]
async fn a_target_that_does_not_answer_gives_the_customer_back_and_says_why() {
    let running = Running::start().await;
    let mut alex = Panel::control_only(&running, &ALEX).await;
    let mut sam = Panel::control_only(&running, &SAM).await;
    let call = alex.in_a_call().await;
    for (deed, code) in [
        ("busy", "transfer_target_busy"),
        ("decline", "transfer_target_declined"),
        ("no_answer", "transfer_target_no_answer"),
        ("unreachable", "transfer_target_unreachable"),
    ] {
        for (target, who) in [
            (json!({"to": COLLEAGUE}), "customer"),
            (json!({"agentId": SAM.id}), "agent"),
        ] {
            alex.send(to(&call, target)).await;
            alex.call_has(&call, "onHold", json!(true)).await;
            let leg = leg(&running, &call).await;
            running.act(&leg, who, deed).await;
            let error = alex.error().await;
            assert_eq!(
                (&error["code"], &error["callId"]),
                (&json!(code), &json!(call))
            );
            assert_eq!(alex.call(&call)["onHold"], Value::Null);
            assert_eq!(alex.call(&call)["state"], "CALL_LIFECYCLE_BRIDGED");
            if who == "agent" {
                sam.call_is_gone(&leg).await;
                sam.send(json!({"resetLineStatus": {}})).await;
                sam.until(|view| view["agent"]["presence"] == "AGENT_STATE_AVAILABLE")
                    .await;
            }
        }
    }
    // From the target's own client, too.
    alex.send(to(&call, json!({"agentId": SAM.id}))).await;
    alex.call_has(&call, "onHold", json!(true)).await;
    sam.send(json!({"hangup": {"callId": leg(&running, &call).await}}))
        .await;
    assert_eq!(alex.error().await["code"], "transfer_target_declined");
}

#[tokio::test]
async fn a_customer_who_was_on_hold_is_on_hold_again_after_a_failed_transfer() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let call = panel.in_a_call().await;
    panel
        .send(json!({"hold": {"callId": call, "on": true}}))
        .await;
    panel.call_has(&call, "onHold", json!(true)).await;
    panel.send(to(&call, json!({"to": COLLEAGUE}))).await;
    panel.settle().await;
    running
        .act(&leg(&running, &call).await, "customer", "busy")
        .await;
    panel.error().await;
    assert_eq!(panel.call(&call)["onHold"], true);
}

#[tokio::test]
async fn a_script_says_beforehand_what_a_target_does() {
    let running = Running::start().await;
    let scripts = json!({"scripts": [
        {"number": COLLEAGUE, "times": 1, "steps": [{"do": "busy", "after_ms": 1}]},
        {"number": SAM.number, "steps": [{"do": "no_answer"}]},
        {"number": COLLEAGUE, "steps": [{"do": "answer"}, {"do": "hang_up", "after_ms": 1}]},
    ]});
    running.tell("scripts", scripts).await;
    let mut alex = Panel::control_only(&running, &ALEX).await;
    let call = alex.in_a_call().await;
    alex.send(to(&call, json!({"to": COLLEAGUE}))).await;
    assert_eq!(alex.error().await["code"], "transfer_target_busy");
    alex.send(to(&call, json!({"agentId": SAM.id}))).await;
    assert_eq!(alex.error().await["code"], "transfer_target_no_answer");
    alex.send(to(&call, json!({"to": COLLEAGUE}))).await;
    assert_eq!(alex.call_is_gone(&call).await, "COMPLETED");
}

#[tokio::test]
async fn a_target_outside_answers_by_itself_where_calls_move_on_by_themselves() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let call = panel.in_a_call().await;
    let auto = json!({"auto_progress": {"step_ms": 1, "until": "bridged"}});
    running.tell("settings", auto).await;
    // A script is stronger.
    let script = json!({"number": COLLEAGUE, "times": 1, "steps": [{"do": "decline"}]});
    running
        .tell("scripts", json!({ "scripts": [script] }))
        .await;
    panel.send(to(&call, json!({"to": COLLEAGUE}))).await;
    assert_eq!(panel.error().await["code"], "transfer_target_declined");
    panel.send(to(&call, json!({"to": COLLEAGUE}))).await;
    assert_eq!(panel.call_is_gone(&call).await, "COMPLETED");
}

#[tokio::test]
async fn an_agent_who_cannot_take_a_call_is_not_rung() {
    let running = Running::start().await;
    let mut alex = Panel::control_only(&running, &ALEX).await;
    let mut sam = Panel::control_only(&running, &SAM).await;
    let call = alex.in_a_call().await;
    let kim = to(&call, json!({"agentId": KIM.id}));
    alex.refused(kim, "transfer_target_unreachable").await;

    let to_sam = to(&call, json!({"agentId": SAM.id}));
    sam.send(json!({"setPresence": {"name": "lunch"}})).await;
    sam.until(|view| view["agent"]["presenceName"] == "lunch")
        .await;
    alex.refused(to_sam.clone(), "transfer_target_unavailable")
        .await;
    sam.send(json!({"setPresence": {"name": "available"}}))
        .await;
    let busy = sam.in_a_call().await;
    alex.refused(to_sam.clone(), "transfer_target_unavailable")
        .await;
    running.act(&busy, "customer", "hang_up").await;
    sam.until(|view| view["wrapUp"]["active"] == true).await;
    alex.refused(to_sam.clone(), "transfer_target_unavailable")
        .await;
    running
        .tell(&format!("agents/{}", SAM.id), json!({"enabled": false}))
        .await;
    alex.refused(to_sam, "transfer_target_unreachable").await;
}

#[tokio::test]
async fn a_transfer_names_exactly_one_target_that_exists() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let call = panel.in_a_call().await;
    let cases = [
        (json!({}), "transfer_target_required"),
        (json!({"warm": true}), "transfer_target_required"),
        (json!({"to": COLLEAGUE, "agentId": SAM.id}), "bad_request"),
        (json!({"to": "030 1234"}), "transfer_failed"),
        (json!({"agentId": "nobody"}), "transfer_failed"),
        (json!({"agentId": ALEX.id}), "transfer_failed"),
        (json!({"applicationId": "nothing"}), "transfer_failed"),
    ];
    for (target, code) in cases {
        assert_eq!(panel.refused(to(&call, target), code).await["callId"], call);
    }
    let nothing = to("nothing", json!({"to": COLLEAGUE}));
    panel.refused(nothing, "no_call").await;
    panel.send(to(&call, json!({"to": COLLEAGUE}))).await;
    panel.call_has(&call, "onHold", json!(true)).await;
    panel
        .refused(to(&call, json!({"to": COLLEAGUE})), "transfer_failed")
        .await;
}

#[tokio::test]
async fn only_an_inbound_call_or_a_callback_goes_to_an_application() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let inbound = panel.in_a_call().await;
    panel
        .send(to(&inbound, json!({"applicationId": APPLICATION})))
        .await;
    assert_eq!(panel.call_is_gone(&inbound).await, "COMPLETED");
    assert_eq!(
        running.desk_call(&inbound).await["finish_reason"],
        "transferred"
    );

    let manager = running.token().await;
    let outbound = running.place_call(&manager).await;
    running
        .set_call(&outbound, json!({"state": "bridged"}))
        .await;
    panel.call_is(&outbound, "BRIDGED").await;
    let wish = to(&outbound, json!({"applicationId": APPLICATION}));
    panel.refused(wish, "transfer_failed").await;
}

#[tokio::test]
async fn hanging_up_calls_a_transfer_off() {
    let running = Running::start().await;
    let mut alex = Panel::control_only(&running, &ALEX).await;
    let mut sam = Panel::control_only(&running, &SAM).await;
    for side in ["agent", "customer"] {
        let call = alex.in_a_call().await;
        alex.send(to(&call, json!({"agentId": SAM.id}))).await;
        alex.call_has(&call, "onHold", json!(true)).await;
        let leg = leg(&running, &call).await;
        running.act(&call, side, "hang_up").await;
        assert_eq!(alex.call_is_gone(&call).await, "COMPLETED", "{side}");
        assert_eq!(sam.call_is_gone(&leg).await, "FAILED", "{side}");
        sam.until(|view| view["agent"]["presence"] == "AGENT_STATE_AVAILABLE")
            .await;
        alex.until(|view| view["wrapUp"]["active"] == true).await;
        alex.send(json!({"wrapUpCancel": {}})).await;
        alex.until(|view| view["agent"]["presence"] == "AGENT_STATE_AVAILABLE")
            .await;
    }
}

#[tokio::test]
async fn a_warm_transfer_needs_the_target_in_a_conference() {
    let running = Running::start().await;
    let mut alex = Panel::control_only(&running, &ALEX).await;
    let mut sam = Panel::control_only(&running, &SAM).await;
    let call = alex.in_a_call().await;
    let warm = to(&call, json!({"agentId": SAM.id, "warm": true}));
    assert_eq!(
        alex.refused(warm.clone(), "no_conference").await["callId"],
        call
    );

    alex.send(json!({"addConferenceMember": {"agentId": SAM.id}}))
        .await;
    sam.until(|view| view["agent"]["presence"] == "AGENT_STATE_RINGING")
        .await;
    let leg = text(&sam.calls()[0]["id"]);
    assert_eq!(sam.call(&leg)["from"], ALEX.number);
    // Invited is not yet there.
    alex.refused(warm.clone(), "no_conference").await;
    running.act(&leg, "agent", "answer").await;
    sam.call_is(&leg, "BRIDGED").await;
    // The other way of handing over needs no conference, and is not possible in one.
    alex.refused(to(&call, json!({"to": COLLEAGUE})), "transfer_failed")
        .await;
    let somebody_else = to(&call, json!({"to": COLLEAGUE, "warm": true}));
    alex.refused(somebody_else, "no_conference").await;

    alex.send(warm).await;
    assert_eq!(alex.call_is_gone(&call).await, "COMPLETED");
    alex.until(|view| view["conferences"].is_null()).await;
    alex.until(|view| view["wrapUp"]["active"] == true).await;
    // The colleague is left with the customer, in an ordinary call.
    sam.until(|view| view["conferences"].is_null()).await;
    sam.call_has(&leg, "from", json!(CUSTOMER)).await;
    assert_eq!(sam.call(&leg)["state"], "CALL_LIFECYCLE_BRIDGED");
    sam.agrees_with_the_state().await;
    alex.agrees_with_the_state().await;
    running.act(&leg, "customer", "hang_up").await;
    assert_eq!(sam.call_is_gone(&leg).await, "COMPLETED");
}
