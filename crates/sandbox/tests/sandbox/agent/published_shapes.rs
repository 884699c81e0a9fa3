//! Every reply of the Agent API against the published document. The messages of the stream, and
//! the commands, are checked wherever a test follows one.

use reqwest::Method;
use serde_json::{Value, json};

use super::panel::{ALEX, CUSTOMER, Panel};
use crate::published::{documents, operation};
use crate::running::{Running, text};

#[tokio::test]
async fn every_exchange_with_the_agent_api_is_as_published() {
    let Some(documents) = documents() else {
        return;
    };
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let call = panel.in_a_call().await;
    panel
        .send(json!({"startRecording": {"callId": call}}))
        .await;
    panel.send(json!({"startConference": {}})).await;
    panel
        .send(json!({"joinCampaign": {"campaignId": "4e5f60718293a4b5c6d7e8f90a1b2c3d"}}))
        .await;
    panel.settle().await;

    let token = panel.token.clone();
    let check = async |method: Method, path: &str, body: Value, status: u16| {
        let bare = path.split('?').next().unwrap();
        let published = operation(documents, method.as_str(), bare);
        if !body.is_null() && status == 200 {
            published.check_request("application/json", &body);
        }
        let request = running.request(method, path).bearer_auth(&token);
        let request = request.header("connect-protocol-version", "1");
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        let reply = crate::running::Answer::of(request.send().await.unwrap()).await;
        assert_eq!(reply.status, status, "{path}");
        published.check_reply(&reply);
        reply.body
    };
    let none = Value::Null;
    let sms = json!({"to": CUSTOMER, "text": "Hello", "session": {"deal": "7"}});
    check(Method::POST, "/v1/agent/sms", sms, 200).await;
    for path in [
        "/v1/agent/state",
        "/v1/agent/transfer-targets?query=s",
        "/v1/agent/transfer-targets?query=%2B4930",
        "/v1/agent/phonebook?query=g",
        "/v1/agent/sms/thread?conversationId=%2B4915228817386",
        "/v1/agent/outbound/campaigns",
        "/v1/agent/outbound/dispositions",
    ] {
        let body = check(Method::GET, path, none.clone(), 200).await;
        assert_ne!(body, json!({}), "{path} has something to check");
    }
    panel.send(json!({"hangup": {"callId": call}})).await;
    panel.call_is_gone(&call).await;
    let history = "/v1/agent/history?max=1&page=1";
    let history = check(Method::GET, history, none.clone(), 200).await;
    assert_eq!(history["calls"][0]["id"], call);
    check(Method::GET, "/v1/agent/state", none, 200).await;

    let service = "/babelconnect.v1.Agent";
    let authenticate = format!("{service}/Authenticate");
    check(Method::POST, &authenticate, json!({}), 200).await;
    let send = format!("{service}/Send");
    check(Method::POST, &send, json!({"wrapUpCancel": {}}), 200).await;
    check(
        Method::POST,
        &send,
        json!({"wrapUpCancel": {"now": true}}),
        400,
    )
    .await;

    let init = "/auth/sso/init/acme/babelconnect";
    let begun = check(
        Method::POST,
        init,
        json!({"redirect_uri": "http://localhost/"}),
        200,
    )
    .await;
    let page = format!("{}&username=alex%40acme.example", text(&begun["url"]));
    let back = running.http.get(page).send().await.unwrap();
    let back = back.headers()["location"].to_str().unwrap().to_owned();
    let code = back.split_once("code=").unwrap().1;
    let path = format!("/auth/sso/acme?code={code}");
    check(Method::POST, &path, json!(null), 200).await;
    let reset = json!({"email": ALEX.username});
    check(Method::POST, "/account/password/reset", reset, 200).await;
    check(Method::POST, "/oauth/logout", json!(null), 200).await;
}
