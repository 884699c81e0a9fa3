use reqwest::Method;
use serde_json::{Value, json};

use super::panel::{ALEX, COLLEAGUE, CUSTOMER, KIM, Panel, SAM, SDP, list};
use crate::running::{QUEUE, Running, text};

/// The states in which a call was shown until it was taken away, each once.
async fn life(panel: &mut Panel<'_>, id: &str) -> Vec<String> {
    let mut states: Vec<String> = Vec::new();
    loop {
        let patch = panel.patch().await;
        if patch["callUpsert"]["id"] == id {
            let state = text(&patch["callUpsert"]["state"]);
            let state = state.trim_start_matches("CALL_LIFECYCLE_").to_owned();
            if states.last() != Some(&state) {
                states.push(state);
            }
        }
        if patch["callRemove"] == id {
            return states;
        }
    }
}

/// Places a call and gives its id.
async fn place(panel: &mut Panel<'_>, wish: Value) -> String {
    panel.settle().await;
    panel.send(json!({ "placeCall": wish })).await;
    let first = panel.patch().await["callUpsert"].clone();
    assert_eq!(first["state"], "CALL_LIFECYCLE_INIT");
    text(&first["id"])
}

#[tokio::test]
async fn a_call_that_is_dialled_goes_through_every_state_and_ends_before_it_is_removed() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = place(&mut panel, json!({"to": CUSTOMER})).await;
    let ringing = panel.call_is(&id, "RINGING").await;
    assert_eq!(ringing["direction"], "CALL_DIRECTION_OUTBOUND");
    assert_eq!(ringing["source"], "CALL_SOURCE_API");
    assert_eq!(ringing["to"], CUSTOMER);
    assert_eq!(ringing["from"], "+493012345600");
    assert_eq!(
        ringing["webrtcOffer"],
        Value::Null,
        "it rings the telephone"
    );
    assert_eq!(ringing["canTransferToApplication"], Value::Null);
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_RINGING")
        .await;

    running.act(&id, "agent", "answer").await;
    let connecting = panel.call_is(&id, "IN_PROGRESS").await;
    assert_eq!(connecting["establishedAt"], Value::Null);
    running.act(&id, "customer", "answer").await;
    let talking = panel.call_is(&id, "BRIDGED").await;
    assert!(text(&talking["establishedAt"]).parse::<u64>().unwrap() > 1_700_000_000);
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_IN_CALL")
        .await;
    panel.agrees_with_the_state().await;

    panel.send(json!({"hangup": {"callId": id}})).await;
    assert_eq!(life(&mut panel, &id).await, ["COMPLETED"]);
    assert_eq!(panel.calls(), [] as [Value; 0]);
}

#[tokio::test]
async fn a_call_moves_on_by_itself_when_told_to() {
    let running = Running::start().await;
    running
        .tell("settings", json!({"auto_progress": {"step_ms": 1}}))
        .await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = place(&mut panel, json!({"to": CUSTOMER})).await;
    let states = life(&mut panel, &id).await;
    assert_eq!(states, ["RINGING", "IN_PROGRESS", "BRIDGED", "COMPLETED"]);

    // An offered call rings until somebody answers it, and goes on from there.
    panel.send(json!({"wrapUpCancel": {}})).await;
    let id = running.ring(&ALEX, json!({"kind": "callback"})).await;
    panel.call_is(&id, "RINGING").await;
    running.act(&id, "agent", "answer").await;
    let states = life(&mut panel, &id).await;
    assert_eq!(states, ["IN_PROGRESS", "BRIDGED", "COMPLETED"]);
}

#[tokio::test]
async fn a_call_fails_for_every_reason_a_customer_can_have() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    for (deed, reason) in [
        ("busy", "busy"),
        ("no_answer", "no-answer"),
        ("decline", "declined"),
        ("unreachable", "unreachable"),
    ] {
        let id = place(&mut panel, json!({"to": CUSTOMER})).await;
        panel.call_is(&id, "RINGING").await;
        running.act(&id, "agent", "answer").await;
        panel.call_is(&id, "IN_PROGRESS").await;
        running.act(&id, "customer", deed).await;
        assert_eq!(panel.call_is_gone(&id).await, "FAILED", "{deed}");
        assert_eq!(running.desk_call(&id).await["finish_reason"], reason);
    }
    // Nobody has talked, so there is nothing to wrap up.
    assert_eq!(panel.view["wrapUp"], json!({}));
}

#[tokio::test]
async fn both_interfaces_show_the_same_calls() {
    let running = Running::start().await;
    let manager = running.token().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;

    // What the Manager API places shows up on the agent's stream.
    let id = running.place_call(&manager).await;
    let call = panel.call_is(&id, "RINGING").await;
    assert_eq!(call["source"], "CALL_SOURCE_API");
    running.set_call(&id, json!({"state": "bridged"})).await;
    panel.call_is(&id, "BRIDGED").await;
    let path = format!("/api/v2/calls/{id}/hangup");
    running
        .with(&manager, Method::POST, &path, Value::Null)
        .await;
    assert_eq!(panel.call_is_gone(&id).await, "COMPLETED");
    panel.send(json!({"wrapUpCancel": {}})).await;

    // What the agent places shows up at the Manager API, payload and all.
    let session = json!({"deal": "json:{\"open\":true}", "name": "Greta"});
    let wish = json!({"to": COLLEAGUE, "displayAsTo": "+442079460100",
                      "displayAsFrom": CUSTOMER, "session": session});
    let id = place(&mut panel, wish).await;
    panel.call_is(&id, "RINGING").await;
    let path = format!("/api/v2/calls/{id}");
    let item = async || running.read(&manager, &path).await.body["item"].clone();
    assert_eq!(item().await["state"], "ringing");
    assert_eq!(item().await["from"], "+442079460100");
    assert_eq!(running.desk_call(&id).await["session"], session);
    let path = format!("/api/v2/agents/{}/hangup", ALEX.id);
    running
        .with(&manager, Method::POST, &path, Value::Null)
        .await;
    panel.call_is_gone(&id).await;
    assert_eq!(item().await["finishReason"], "system-hangup");

    let inbound = running.ring(&ALEX, json!({"number": CUSTOMER})).await;
    panel.call_is(&inbound, "RINGING").await;
    let found = running
        .read(&manager, "/api/v2/calls/reporting?type=inbound")
        .await;
    assert_eq!(found.body["items"][0]["id"], inbound);
    assert_eq!(found.body["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_inbound_call_names_its_queue_and_is_answered_at_the_telephone() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let wish = json!({"number": CUSTOMER, "queue": "Support", "session": {"lead": 7}});
    let id = running.ring(&ALEX, wish).await;
    let call = panel.call_is(&id, "RINGING").await;
    assert_eq!(call["direction"], "CALL_DIRECTION_INBOUND");
    assert_eq!(call["source"], "CALL_SOURCE_QUEUE");
    assert_eq!(call["from"], CUSTOMER);
    assert_eq!(call["queueName"], "Support");
    assert_eq!(call["canTransferToApplication"], true);

    // The telephone is answered by hand: there is no media leg that an SDP could be for.
    let answer = |sdp: &str| json!({"answer": {"callId": id, "sdp": sdp}});
    let refused = panel.refused(answer(""), "answer_requires_sdp").await;
    assert_eq!(refused["callId"], id);
    panel.refused(answer(SDP), "answer_failed").await;
    running.act(&id, "agent", "answer").await;
    assert_eq!(
        panel.patch().await["callUpsert"]["state"],
        "CALL_LIFECYCLE_IN_PROGRESS"
    );
    panel.call_is(&id, "BRIDGED").await;
    running.act(&id, "customer", "hang_up").await;
    assert_eq!(panel.call_is_gone(&id).await, "COMPLETED");
    assert_eq!(
        running.desk_call(&id).await["finish_reason"],
        "passive-hangup"
    );
}

#[tokio::test]
async fn a_caller_may_withhold_the_number_and_give_up() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = running
        .ring(&ALEX, json!({"number": null, "queue": null}))
        .await;
    let call = panel.call_is(&id, "RINGING").await;
    assert_eq!(call["anonymous"], true);
    assert_eq!(
        (&call["from"], &call["queueName"]),
        (&Value::Null, &Value::Null)
    );
    running.act(&id, "customer", "hang_up").await;
    assert_eq!(panel.call_is_gone(&id).await, "FAILED");
}

#[tokio::test]
async fn a_browser_is_offered_a_leg_and_answers_it_with_an_sdp() {
    let running = Running::start().await;
    let mut panel = Panel::with_browser_phone(&running, &ALEX).await;
    let id = running.ring(&ALEX, json!({"number": CUSTOMER})).await;
    let call = panel.call_is(&id, "RINGING").await;
    assert!(text(&call["webrtcOffer"]).starts_with("v=0"));
    let answer = |sdp: &str| json!({"answer": {"callId": id, "sdp": sdp}});
    panel.refused(answer("hello"), "answer_failed").await;
    panel.send(answer(SDP)).await;
    let call = panel.call_is(&id, "BRIDGED").await;
    assert_eq!(call["webrtcOffer"], Value::Null);
    panel.refused(answer(SDP), "answer_failed").await;

    panel.send(json!({"hangup": {"callId": id}})).await;
    panel.call_is_gone(&id).await;
    panel.send(json!({"wrapUpCancel": {}})).await;
    // What the agent dials rings the browser first, too.
    panel.until(|view| view["wrapUp"] == json!({})).await;
    panel.send(json!({"placeCall": {"to": CUSTOMER}})).await;
    panel
        .until(|view| !list(view, "activeCalls").is_empty())
        .await;
    let id = text(&panel.calls()[0]["id"]);
    let call = panel.call_is(&id, "RINGING").await;
    assert_eq!(call["source"], "CALL_SOURCE_WEBRTC");
    panel
        .send(json!({"answer": {"callId": id, "sdp": SDP}}))
        .await;
    panel.call_is(&id, "IN_PROGRESS").await;
}

#[tokio::test]
async fn the_window_that_answered_has_the_audio() {
    let running = Running::start().await;
    let mut first = Panel::with_browser_phone(&running, &ALEX).await;
    let id = running.ring(&ALEX, json!({"number": CUSTOMER})).await;
    first.call_is(&id, "RINGING").await;
    first
        .send(json!({"answer": {"callId": id, "sdp": SDP}}))
        .await;
    first.call_is(&id, "BRIDGED").await;

    let mut second = Panel::open(&running, &ALEX).await;
    for command in [
        json!({"hangup": {"callId": id}}),
        json!({"mute": {"callId": id, "on": true}}),
    ] {
        let refused = second.refused(command, "call_on_another_window").await;
        assert_eq!(refused["callId"], id);
    }
    // What needs no audio goes from here, too.
    second
        .send(json!({"hold": {"callId": id, "on": true}}))
        .await;
    second.call_has(&id, "onHold", json!(true)).await;
    // The other window can still renew its token, and so still has the audio.
    running
        .form("/oauth/revoke", &[("token", &first.token)])
        .await;
    second
        .refused(json!({"hangup": {"callId": id}}), "call_on_another_window")
        .await;
}

#[tokio::test]
async fn a_window_that_is_signed_out_holds_no_call() {
    let running = Running::start().await;
    let mut first = Panel::with_browser_phone(&running, &ALEX).await;
    let id = running.ring(&ALEX, json!({"number": CUSTOMER})).await;
    first.call_is(&id, "RINGING").await;
    first
        .send(json!({"answer": {"callId": id, "sdp": SDP}}))
        .await;
    first.call_is(&id, "BRIDGED").await;
    let log_out = running.request(Method::POST, "/oauth/logout");
    log_out.bearer_auth(&first.token).send().await.unwrap();
    let mut second = Panel::open(&running, &ALEX).await;
    second.send(json!({"hangup": {"callId": id}})).await;
    second.call_is_gone(&id).await;
}

#[tokio::test]
async fn a_callback_rings_until_it_is_answered_and_then_calls_the_customer() {
    let running = Running::start().await;
    let mut panel = Panel::with_browser_phone(&running, &ALEX).await;
    let id = running
        .ring(&ALEX, json!({"kind": "callback", "number": CUSTOMER}))
        .await;
    let call = panel.call_is(&id, "RINGING").await;
    assert_eq!(call["source"], "CALL_SOURCE_CALLBACK");
    assert_eq!(call["direction"], "CALL_DIRECTION_OUTBOUND");
    assert_eq!(call["to"], CUSTOMER);
    assert_eq!(call["canTransferToApplication"], true);
    let early = json!({"who": "customer", "do": "answer"});
    let refusal = running.post(&format!("/_sandbox/calls/{id}"), early).await;
    assert_eq!(
        (refusal.status, &refusal.body["code"]),
        (409, &json!("not_now"))
    );
    panel
        .send(json!({"answer": {"callId": id, "sdp": SDP}}))
        .await;
    panel.call_is(&id, "IN_PROGRESS").await;
    running.act(&id, "customer", "answer").await;
    panel.call_is(&id, "BRIDGED").await;
}

#[tokio::test]
async fn a_queued_callback_shows_up_when_it_rings_an_agent() {
    let running = Running::start().await;
    let manager = running.token().await;
    let mut panel = Panel::control_only(&running, &SAM).await;
    let path = format!("/api/v2/queues/{QUEUE}/callback");
    let queued = running
        .with(&manager, Method::POST, &path, json!({"to": CUSTOMER}))
        .await;
    let id = text(&queued.body["item"]["id"]);
    let change = json!({"state": "ringing", "agentId": SAM.id});
    running.set_call(&id, change).await;
    let call = panel.call_is(&id, "RINGING").await;
    assert_eq!(call["source"], "CALL_SOURCE_CALLBACK");
    assert_eq!(call["queueName"], "Support");
}

#[tokio::test]
async fn an_offered_call_can_be_declined_from_the_client() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = running.ring(&ALEX, json!({})).await;
    panel.call_is(&id, "RINGING").await;
    panel.send(json!({"hangup": {"callId": id}})).await;
    assert_eq!(panel.call_is_gone(&id).await, "FAILED");
    assert_eq!(running.desk_call(&id).await["finish_reason"], "declined");
    // Chosen by the agent, so the line stays open.
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_AVAILABLE")
        .await;
    assert_eq!(panel.view["agent"]["lineBlocked"], Value::Null);
}

#[tokio::test]
async fn hold_and_mute_are_flags_of_a_connected_call() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = running.ring(&ALEX, json!({})).await;
    panel.call_is(&id, "RINGING").await;
    for command in ["hold", "mute"] {
        let command = json!({ command: {"callId": id, "on": true} });
        assert_eq!(panel.refused(command, "no_call").await["callId"], id);
    }
    running.act(&id, "agent", "answer").await;
    panel.call_is(&id, "BRIDGED").await;
    for (command, flag) in [("hold", "onHold"), ("mute", "muted")] {
        panel
            .send(json!({ command: {"callId": id, "on": true} }))
            .await;
        panel.call_has(&id, flag, json!(true)).await;
        assert_eq!(panel.call(&id)["state"], "CALL_LIFECYCLE_BRIDGED");
        // `off` is the absence of `on`.
        panel.send(json!({ command: {"callId": id} })).await;
        panel.call_has(&id, flag, Value::Null).await;
    }
}

#[tokio::test]
async fn digits_are_limited_in_kind_and_number_and_not_heard_on_hold() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = panel.in_a_call().await;
    let digits = |digits: &str| json!({"dtmf": {"callId": id, "digits": digits}});
    panel.send(digits("0123456789*#ABCD")).await;
    let refused = panel.refused(digits(""), "digits_required").await;
    assert_eq!(refused["callId"], id);
    for bad in ["a", "1 2", "١", "E"] {
        panel.refused(digits(bad), "unsupported_digit").await;
    }
    // More than 64 never; and fewer only while the ones before are still being played.
    panel
        .refused(digits(&"1".repeat(65)), "too_many_digits")
        .await;
    panel.send(digits(&"2".repeat(48))).await;
    let refused = panel
        .refused(digits(&"3".repeat(64)), "too_many_digits")
        .await;
    assert_eq!(refused["callId"], id);
    let sent = running.desk_call(&id).await["digits"].clone();
    assert_eq!(sent, format!("0123456789*#ABCD{}", "2".repeat(48)));

    panel
        .send(json!({"hold": {"callId": id, "on": true}}))
        .await;
    panel.call_has(&id, "onHold", json!(true)).await;
    assert_eq!(
        panel.refused(digits("1"), "call_on_hold").await["callId"],
        id
    );
}

#[tokio::test]
async fn a_command_names_the_call_unless_there_is_only_one() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let refused = panel.refused(json!({"hangup": {}}), "no_call").await;
    assert_eq!(refused["callId"], Value::Null);
    let named = json!({"hangup": {"callId": "nothing"}});
    assert_eq!(panel.refused(named, "no_call").await["callId"], "nothing");

    let first = panel.in_a_call().await;
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_IN_CALL")
        .await;
    panel.send(json!({"hold": {"on": true}})).await;
    panel.call_has(&first, "onHold", json!(true)).await;
    let second = running.ring(&ALEX, json!({"number": COLLEAGUE})).await;
    panel.call_is(&second, "RINGING").await;
    let refused = panel.refused(json!({"hangup": {}}), "ambiguous_call").await;
    assert_eq!(refused["callId"], first);
    panel.send(json!({"hangup": {"callId": second}})).await;
    panel.call_is_gone(&second).await;

    // A call of somebody else is none.
    let others = running.ring(&SAM, json!({})).await;
    panel
        .refused(json!({"hangup": {"callId": others}}), "no_call")
        .await;
}

#[tokio::test]
async fn a_call_that_cannot_be_placed_says_why_and_rings_nobody() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let place = |wish: Value| json!({ "placeCall": wish });
    for to in ["", "030 1234567", "4915228817386", "+49-152"] {
        panel
            .refused(place(json!({"to": to})), "place_call_failed")
            .await;
    }
    let own = json!({"to": CUSTOMER, "displayAsTo": ALEX.number});
    panel.refused(place(own), "display_as_forbidden").await;

    let good = json!({"to": CUSTOMER});
    panel.send(json!({"setPresence": {"name": "lunch"}})).await;
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_PAUSED")
        .await;
    panel
        .refused(place(good.clone()), "agent_not_available")
        .await;
    panel
        .send(json!({"setPresence": {"name": "available"}}))
        .await;
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_AVAILABLE")
        .await;
    let path = format!("agents/{}", ALEX.id);
    running.tell(&path, json!({"line_block": "dnd"})).await;
    panel
        .until(|view| view["agent"]["lineBlocked"] == true)
        .await;
    panel
        .refused(place(good.clone()), "agent_not_available")
        .await;
    panel.send(json!({"resetLineStatus": {}})).await;
    panel
        .until(|view| view["agent"]["lineBlocked"].is_null())
        .await;

    let id = panel.in_a_call().await;
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_IN_CALL")
        .await;
    panel
        .refused(place(good.clone()), "agent_not_available")
        .await;
    // To consult somebody the first call is put on hold.
    panel
        .send(json!({"hold": {"callId": id, "on": true}}))
        .await;
    panel.call_has(&id, "onHold", json!(true)).await;
    panel.send(place(good)).await;
    panel
        .until(|view| list(view, "activeCalls").len() == 2)
        .await;
}

#[tokio::test]
async fn an_agent_without_any_telephone_neither_calls_nor_is_called() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &KIM).await;
    panel
        .refused(
            json!({"placeCall": {"to": CUSTOMER}}),
            "agent_number_required",
        )
        .await;
    let id = running.ring(&KIM, json!({})).await;
    assert_eq!(panel.call_is_gone(&id).await, "FAILED");
    assert_eq!(running.desk_call(&id).await["finish_reason"], "unreachable");
    panel
        .send(json!({"setAgentNumber": {"number": "+493012345670"}}))
        .await;
    panel
        .until(|view| view["agent"]["number"] == "+493012345670")
        .await;
    panel.send(json!({"placeCall": {"to": CUSTOMER}})).await;
    panel
        .until(|view| !list(view, "activeCalls").is_empty())
        .await;
}

#[tokio::test]
async fn a_telephone_that_does_not_take_an_offered_call_blocks_the_line() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    for (deed, block) in [
        ("busy", "busy"),
        ("no_answer", "unreachable"),
        ("unreachable", "unreachable"),
        ("decline", "declined"),
    ] {
        let id = running.ring(&ALEX, json!({})).await;
        panel.call_is(&id, "RINGING").await;
        running.act(&id, "agent", deed).await;
        assert_eq!(panel.call_is_gone(&id).await, "FAILED", "{deed}");
        panel
            .until(|view| view["agent"]["lineBlocked"] == true)
            .await;
        assert_eq!(panel.view["agent"]["presence"], "AGENT_STATE_BUSY");
        assert_eq!(panel.view["agent"]["presenceName"], "available");
        assert_eq!(running.desk_agent(&ALEX).await["line_block"], block);
        panel.send(json!({"resetLineStatus": {}})).await;
        panel
            .until(|view| view["agent"]["lineBlocked"].is_null())
            .await;
    }
}

#[tokio::test]
async fn several_agents_have_each_their_own_calls() {
    let running = Running::start().await;
    let mut alex = Panel::control_only(&running, &ALEX).await;
    let mut sam = Panel::control_only(&running, &SAM).await;
    let first = alex.in_a_call().await;
    let second = sam.in_a_call().await;
    assert_eq!(alex.calls().len(), 1);
    assert_eq!(sam.calls().len(), 1);
    running.act(&first, "customer", "hang_up").await;
    alex.call_is_gone(&first).await;
    sam.send(json!({"mute": {"callId": second, "on": true}}))
        .await;
    sam.call_has(&second, "muted", json!(true)).await;
}
