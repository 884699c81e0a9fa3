use reqwest::Method;
use serde_json::{Value, json};

use super::panel::{ALEX, CUSTOMER, Panel, list};
use crate::running::{Running, text};

#[tokio::test]
async fn a_text_message_is_kept_in_the_conversation_with_its_number() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let path = format!("agents/{}/sms", ALEX.id);
    running
        .tell(&path, json!({"from": CUSTOMER, "text": "Are you there?"}))
        .await;
    panel.until(|view| !list(view, "sms").is_empty()).await;
    let conversation = panel.view["sms"][0].clone();
    assert_eq!(conversation["peer"], CUSTOMER);
    assert_eq!(conversation["lastDirection"], "CALL_DIRECTION_INBOUND");
    assert_eq!(conversation["contactLabel"], "Greta Gross");
    assert_eq!(
        (&conversation["unread"], &conversation["open"]),
        (&json!(1), &json!(true))
    );
    let id = text(&conversation["id"]);

    panel
        .send(json!({"markConversationRead": {"conversationId": id}}))
        .await;
    panel.until(|view| view["sms"][0]["unread"].is_null()).await;
    let reply = json!({"to": CUSTOMER, "text": "Yes.", "session": {"deal": "7"}});
    panel.send(json!({ "sendSms": reply })).await;
    panel
        .until(|view| view["sms"][0]["lastText"] == "Yes.")
        .await;
    let close = json!({"setConversationOpen": {"conversationId": id, "open": false}});
    panel.send(close).await;
    panel.until(|view| view["sms"][0]["open"].is_null()).await;

    for key in [id.as_str(), "%2B4915228817386"] {
        let path = format!("/v1/agent/sms/thread?conversationId={key}");
        let thread = panel.get(&path).await;
        let messages = list(&thread.body, "messages");
        assert_eq!(messages.len(), 2, "{key}");
        assert_eq!(
            (&messages[0]["state"], &messages[1]["state"]),
            (&json!("received"), &json!("sent"))
        );
    }
}

#[tokio::test]
async fn a_text_message_is_sent_the_same_way_by_rest() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let post = async |body: Value| {
        let path = "/v1/agent/sms";
        running.with(&panel.token, Method::POST, path, body).await
    };
    let sent = post(json!({"to": CUSTOMER, "text": "Hello"})).await;
    assert_eq!(
        (sent.status, &sent.body["lastText"]),
        (200, &json!("Hello"))
    );
    let refused = post(json!({"to": CUSTOMER})).await;
    assert_eq!(
        (refused.status, &refused.body["code"]),
        (400, &json!("invalid_argument"))
    );
    let refused = post(json!({"to": CUSTOMER, "text": "Hello", "from": ALEX.number})).await;
    assert_eq!(refused.body["code"], "failed_precondition");
    panel.until(|view| list(view, "sms").len() == 1).await;
}

#[tokio::test]
async fn a_message_that_says_too_little_is_refused() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let cases = [
        (
            json!({"sendSms": {"to": CUSTOMER}}),
            "send_sms_requires_to_and_text",
        ),
        (
            json!({"sendSms": {"text": "Hello"}}),
            "send_sms_requires_to_and_text",
        ),
        (
            json!({"sendSms": {"to": "030", "text": "Hello"}}),
            "send_sms_failed",
        ),
        (
            json!({"setConversationOpen": {"open": true}}),
            "conversation_id_required",
        ),
        (
            json!({"markConversationRead": {}}),
            "conversation_id_required",
        ),
        (
            json!({"setConversationOpen": {"conversationId": "1", "open": true}}),
            "set_conversation_open_failed",
        ),
    ];
    for (command, code) in cases {
        panel.refused(command, code).await;
    }
}

#[tokio::test]
async fn an_agent_joins_pauses_and_leaves_a_campaign() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let campaigns = panel.get("/v1/agent/outbound/campaigns").await;
    let id = text(&campaigns.body["campaigns"][0]["id"]);
    let reasons = panel.get("/v1/agent/outbound/dispositions").await;
    assert!(
        reasons.body["reasons"]
            .as_array()
            .unwrap()
            .contains(&json!("callback"))
    );
    for command in [
        json!({"leaveCampaign": {}}),
        json!({"pauseCampaign": {"on": true}}),
    ] {
        let name = command.as_object().unwrap().keys().next().unwrap().clone();
        let code = if name == "leaveCampaign" {
            "leave_campaign_failed"
        } else {
            "pause_campaign_failed"
        };
        panel.refused(command, code).await;
    }
    panel
        .refused(json!({"joinCampaign": {}}), "campaign_id_required")
        .await;
    panel
        .refused(
            json!({"joinCampaign": {"campaignId": "1"}}),
            "join_campaign_failed",
        )
        .await;

    let steps = [
        (json!({"joinCampaign": {"campaignId": id}}), "WAITING"),
        (json!({"pauseCampaign": {"on": true}}), "IDLE"),
        (json!({"pauseCampaign": {}}), "WAITING"),
        (json!({"leaveCampaign": {}}), "OFFLINE"),
    ];
    for (command, state) in steps {
        panel.send(command).await;
        let state = format!("CAMPAIGN_MEMBER_STATE_{state}");
        panel
            .until(|view| view["agent"]["campaignStatus"]["state"] == *state)
            .await;
    }
    panel
        .refused(json!({"disposeCall": {}}), "dispose_code_required")
        .await;
    let dispose =
        json!({"disposeCall": {"code": "callback", "callbackDate": "2026-12-01T10:00+00"}});
    panel.refused(dispose, "dispose_call_failed").await;
    panel
        .refused(json!({"endCampaignCall": {}}), "end_campaign_call_failed")
        .await;
}
