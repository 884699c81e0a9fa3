use reqwest::Method;
use serde_json::{Value, json};

use super::panel::{ALEX, COLLEAGUE, CUSTOMER, KIM, Panel, SAM, list};
use crate::running::{Running, text};

fn field(items: &[Value], name: &str) -> Vec<String> {
    items.iter().map(|item| text(&item[name])).collect()
}

#[tokio::test]
async fn transfer_targets_are_colleagues_numbers_and_applications() {
    let running = Running::start().await;
    let panel = Panel::open(&running, &ALEX).await;
    let targets = async |query: &str| {
        let path = format!("/v1/agent/transfer-targets?query={query}");
        list(&panel.get(&path).await.body, "targets")
    };
    let all = targets("").await;
    assert_eq!(
        field(&all, "label"),
        ["Sam Sommer", "Kim Kramer", "Support queue", "Opening hours"]
    );
    assert_eq!(all[0]["id"], SAM.id);
    assert_eq!(all[0]["number"], SAM.number);
    assert_eq!(
        (&all[1]["browser"], &all[1]["number"]),
        (&json!(true), &Value::Null)
    );
    assert_eq!(all[2]["category"], "queue");
    assert_eq!(field(&targets("SOMMER").await, "label"), ["Sam Sommer"]);
    assert_eq!(field(&targets("kim@acme").await, "label"), ["Kim Kramer"]);
    assert_eq!(
        field(&targets("hours").await, "kind"),
        ["TRANSFER_TARGET_KIND_APPLICATION"]
    );
    let number = targets("%2B436641234567").await;
    assert_eq!(field(&number, "kind"), ["TRANSFER_TARGET_KIND_NUMBER"]);
    assert_eq!(number[0]["number"], COLLEAGUE);
    assert_eq!(targets("nobody").await, [] as [Value; 0]);
}

#[tokio::test]
async fn the_history_has_the_calls_that_are_over_newest_first_in_pages() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    assert_eq!(panel.get("/v1/agent/history").await.body, json!({}));
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = panel.in_a_call().await;
        running.act(&id, "customer", "hang_up").await;
        panel.call_is_gone(&id).await;
        ids.push(id);
    }
    let page = async |query: &str| {
        let path = format!("/v1/agent/history{query}");
        field(&list(&panel.get(&path).await.body, "calls"), "id")
    };
    ids.reverse();
    assert_eq!(page("").await, ids);
    assert_eq!(page("?max=2").await, ids[..2]);
    assert_eq!(page("?max=2&page=2").await, ids[2..]);
    assert_eq!(page("?max=2&page=3").await, [] as [&str; 0]);
    let history = panel.get("/v1/agent/history").await;
    let first = &history.body["calls"][0];
    assert_eq!(first["direction"], "CALL_DIRECTION_INBOUND");
    assert_eq!(
        (&first["from"], &first["contact"]),
        (&json!(CUSTOMER), &json!("Greta Gross"))
    );
    assert!(text(&first["time"]).parse::<u64>().unwrap() > 1_700_000_000);
}

#[tokio::test]
async fn the_phonebook_has_contacts_and_whom_the_agent_called_lately() {
    let running = Running::start().await;
    let manager = running.token().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let id = running.place_call(&manager).await;
    running.set_call(&id, json!({"state": "completed"})).await;
    panel.call_is_gone(&id).await;
    let entries = async |query: &str| {
        let path = format!("/v1/agent/phonebook{query}");
        list(&panel.get(&path).await.body, "entries")
    };
    let all = entries("").await;
    assert_eq!(
        field(&all, "label"),
        ["Greta Gross", "Harbour Office", "Omar Ott", "recent"]
    );
    assert_eq!(all[3]["number"], "+4930111222333");
    assert_eq!(
        field(&entries("?query=OFFICE").await, "label"),
        ["Harbour Office"]
    );
    assert_eq!(field(&entries("?query=43664").await, "label"), ["Omar Ott"]);
    assert_eq!(
        field(&entries("?max=1&page=2").await, "label"),
        ["Harbour Office"]
    );
    panel.send(json!({"register": {}})).await;
    panel
        .until(|view| view["agent"]["phonebook"] == Value::Array(all.clone()))
        .await;
}

#[tokio::test]
async fn the_state_without_a_stream_has_no_live_calls() {
    let running = Running::start().await;
    let token = text(&running.sign_in(&SAM).await["access_token"]);
    let call = running.ring(&SAM, json!({})).await;
    let state = running.read(&token, "/v1/agent/state").await;
    assert_eq!(state.status, 200);
    assert_eq!(state.body["agent"]["presence"], "AGENT_STATE_RINGING");
    assert_eq!(state.body["activeCalls"], Value::Null);
    let panel = Panel::with_token(&running, &SAM, token).await;
    assert_eq!(panel.call(&call)["state"], "CALL_LIFECYCLE_RINGING");
    panel.agrees_with_the_state().await;
}

#[tokio::test]
async fn what_is_not_served_is_said_to_be_unimplemented() {
    let running = Running::start().await;
    let token = text(&running.sign_in(&KIM).await["access_token"]);
    for (method, path) in [
        (Method::GET, "/v1/agent/moods"),
        (Method::POST, "/v1/agent/history"),
        (Method::GET, "/v1/other"),
        (Method::POST, "/babelconnect.v1.Agent/Session"),
    ] {
        let refusal = running.with(&token, method, path, Value::Null).await;
        assert_eq!(
            (refusal.status, &refusal.body["code"]),
            (501, &json!("unimplemented")),
            "{path}"
        );
    }
}
