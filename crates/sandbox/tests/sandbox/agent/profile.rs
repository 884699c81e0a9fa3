use reqwest::Method;
use serde_json::{Value, json};

use super::panel::{ALEX, KIM, Panel};
use crate::running::Running;

#[tokio::test]
async fn a_presence_is_chosen_from_the_options_and_shown_everywhere() {
    let running = Running::start().await;
    let manager = running.token().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let set = |name: &str| json!({"setPresence": {"name": name}});
    panel.send(set("lunch")).await;
    panel
        .until(|view| view["agent"]["presenceName"] == "lunch")
        .await;
    assert_eq!(panel.view["agent"]["presenceLabel"], "Lunch break");
    assert_eq!(panel.view["agent"]["presence"], "AGENT_STATE_PAUSED");
    let path = format!("/api/v2/agents/{}", ALEX.id);
    let agent = running.read(&manager, &path).await.body["item"].clone();
    assert_eq!(agent["presence"]["name"], "lunch");
    panel.send(set("busy")).await;
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_BUSY")
        .await;
    assert_eq!(
        panel.view["agent"]["lineBlocked"],
        Value::Null,
        "it was chosen"
    );

    panel.refused(set(""), "presence_name_required").await;
    panel.refused(set("asleep"), "set_presence_failed").await;
    // And the other way round.
    let path = format!("{path}/status");
    let change = json!({"enabled": false, "presence": {"name": "available"}});
    running.with(&manager, Method::PUT, &path, change).await;
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_OFFLINE")
        .await;
    assert_eq!(panel.view["agent"]["presenceName"], "available");
}

#[tokio::test]
async fn only_a_service_number_can_be_shown_to_customers() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let set = |number: &str| json!({"setDisplayAs": {"number": number}});
    panel.send(set("+442079460100")).await;
    panel
        .until(|view| view["agent"]["displayAs"] == "+442079460100")
        .await;
    for number in [ALEX.number, "", "nothing"] {
        panel.refused(set(number), "display_as_forbidden").await;
    }
}

#[tokio::test]
async fn an_agent_rings_in_the_browser_or_at_a_number() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &KIM).await;
    panel.send(json!({"register": {"capabilities": []}})).await;
    // Whatever the client can do, it counts as reachable from now on.
    panel
        .until(|view| view["agent"]["webrtcEnabled"] == true)
        .await;
    panel.send(json!({"setWebrtc": {}})).await;
    panel
        .until(|view| view["agent"]["webrtcEnabled"].is_null())
        .await;
    let set = |number: &str| json!({"setAgentNumber": {"number": number}});
    panel.refused(set(""), "agent_number_required").await;
    panel.refused(set("12"), "set_agent_number_failed").await;
    panel.send(set("+493012345670")).await;
    panel
        .until(|view| view["agent"]["number"] == "+493012345670")
        .await;

    running
        .tell("settings", json!({"features": {"device_switch": false}}))
        .await;
    panel
        .refused(json!({"setWebrtc": {"on": true}}), "set_webrtc_failed")
        .await;
    panel
        .refused(set("+493012345671"), "set_agent_number_failed")
        .await;
}

#[tokio::test]
async fn what_is_switched_off_is_told_at_the_next_register_and_refused_at_once() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let call = panel.in_a_call().await;
    panel
        .until(|view| view["agent"]["presence"] == "AGENT_STATE_IN_CALL")
        .await;
    let off = json!({"features": {
        "calls": false, "transfer": false, "conference": false, "messaging": false,
        "history": false, "phonebook": false, "outbound": false, "status_change": false,
    }});
    running.tell("settings", off).await;
    let target = json!({"callId": call, "to": "+436641234567"});
    let cases = [
        (
            json!({"placeCall": {"to": "+436641234567"}}),
            "place_call_failed",
        ),
        (json!({ "transfer": target }), "transfer_failed"),
        (json!({"startConference": {}}), "conference_failed"),
        (
            json!({"addConferenceMember": {"number": "+436641234567"}}),
            "conference_failed",
        ),
        (
            json!({"sendSms": {"to": "+436641234567", "text": "hello"}}),
            "send_sms_failed",
        ),
        (
            json!({"joinCampaign": {"campaignId": "1"}}),
            "join_campaign_failed",
        ),
        (
            json!({"setPresence": {"name": "lunch"}}),
            "set_presence_failed",
        ),
    ];
    for (command, code) in cases {
        panel.refused(command, code).await;
    }
    for path in ["/v1/agent/history", "/v1/agent/phonebook"] {
        let refusal = panel.get(path).await;
        assert_eq!(
            (refusal.status, &refusal.body["code"]),
            (403, &json!("permission_denied"))
        );
    }
    panel.send(json!({"register": {}})).await;
    panel
        .until(|view| view["config"]["calls"] == json!({}))
        .await;
    assert_eq!(panel.view["config"]["history"], json!({}));
    assert_eq!(
        panel.view["config"]["account"]["allowStatusChange"],
        Value::Null
    );
}
