use reqwest::Method;
use serde_json::{Value, json};

use crate::running::{Answer, Running, answer};

const CALL: &str = "/apiv1/make_call";
const TEAM_CALL: &str = "/apiv1/team/make_call";
const RESET: &str = "/router/api/v2/token/reset";
const FIRST_TOKEN: &str = "538d1ae0-3e9f-11ea-9d9c-394a26b437b0";

fn refused(message: &str) -> Answer {
    answer(200, json!({"success": false, "message": message}))
}

#[tokio::test]
async fn a_call_for_a_logged_in_user_reaches_the_dock_with_its_payload() {
    let running = Running::start().await;
    let payload = json!({"name": "Åsa", "deal": {"products": ["heat pump", {"kw": 12.5}]}});
    let body = json!({
        "username": "alex@acme", "number": "448442430000", "callerId": "+445346543434",
        "custom": payload,
    });
    assert_eq!(
        running.post(CALL, body).await,
        answer(200, json!({"success": true}))
    );
    let state = running.state().await;
    let call = &state["samespace"]["calls"][0];
    assert_eq!(call["target"], json!({"user": "alex@acme"}));
    assert_eq!(call["number"], "448442430000");
    assert_eq!(call["caller_id"], "+445346543434");
    assert_eq!(call["payload"], payload);
}

#[tokio::test]
async fn a_logged_out_user_is_refused_in_the_vendors_words() {
    let running = Running::start().await;
    let body = json!({"username": "sam@acme", "number": "448442430000"});
    let not_logged_in = refused("Cant make call! Not logged In");
    assert_eq!(running.post(CALL, body.clone()).await, not_logged_in);

    let path = "/_sandbox/dock/users/sam@acme";
    assert_eq!(
        running.post(path, json!({"logged_in": true})).await.status,
        204
    );
    assert_eq!(
        running.post(CALL, body).await.body,
        json!({"success": true})
    );
}

#[tokio::test]
async fn what_is_unknown_is_refused_and_rings_nobody() {
    let running = Running::start().await;
    let number = "448442430000";
    let unknown_user = json!({"username": "kim@acme", "number": number});
    let unknown_space = json!({"space_id": "other", "team_name": "helpdesk", "number": number});
    let unknown_team = json!({"space_id": "acme", "team_name": "night", "number": number});
    for (path, body) in [
        (CALL, unknown_user),
        (TEAM_CALL, unknown_space),
        (TEAM_CALL, unknown_team),
    ] {
        let reply = running.post(path, body).await;
        assert_eq!(reply.status, 200);
        assert_eq!(reply.body["success"], false);
        assert!(
            reply.body["message"]
                .as_str()
                .unwrap()
                .ends_with("not found"),
            "{reply:?}"
        );
    }
    assert_eq!(running.state().await["samespace"]["calls"], json!([]));
}

#[tokio::test]
async fn a_field_of_the_wrong_form_is_refused_by_its_name() {
    let running = Running::start().await;
    let good = json!({"username": "alex@acme", "number": "448442430000"});
    let changes = [
        ("number", json!("+448442430000")),
        ("number", json!("44 8442 430000")),
        ("number", json!("0448442430000")),
        ("number", json!(448_442_430_000_u64)),
        ("number", Value::Null),
        ("callerId", json!("445346543434")),
        ("username", json!("")),
    ];
    for (field, value) in changes {
        let mut body = good.clone();
        body[field] = value;
        let reply = running.post(CALL, body.clone()).await;
        assert_eq!(reply.body["success"], false, "{body}");
        let message = reply.body["message"].as_str().unwrap();
        assert!(message.starts_with(field), "{body}: {message}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let running = Running::start().await;
    let json_type = ("content-type", "application/json");
    let plain_type = ("content-type", "text/plain");
    for ((name, value), body) in [(json_type, "[1"), (json_type, "[]"), (plain_type, "{}")] {
        let request = running
            .request(Method::POST, CALL)
            .header(name, value)
            .body(body);
        let reply = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(reply.body["success"], false, "{value} {body}");
    }
}

#[tokio::test]
async fn a_team_callback_reaches_the_team_with_its_attributes() {
    let running = Running::start().await;
    let body = json!({
        "space_id": "acme", "team_name": "helpdesk", "number": "919769123456",
        "attributes": {"name": "Tom", "company": {"sites": [1, 2]}},
    });
    assert_eq!(
        running.post(TEAM_CALL, body).await,
        answer(200, json!({"success": true}))
    );
    let state = running.state().await;
    let call = &state["samespace"]["calls"][0];
    assert_eq!(call["target"], json!({"team": "helpdesk"}));
    assert_eq!(
        call["payload"],
        json!({"name": "Tom", "company": {"sites": [1, 2]}})
    );
}

#[tokio::test]
async fn a_token_reset_gives_a_new_token_and_ends_the_old_one() {
    let running = Running::start().await;
    let body = |token: &str| json!({"cloud_id": "acme", "auth_token": token});
    let first = running.post(RESET, body(FIRST_TOKEN)).await;
    let second_token = first.body["data"]["auth_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(first.body["success"], true);
    assert_ne!(second_token, FIRST_TOKEN);
    assert_eq!(
        second_token.split('-').map(str::len).collect::<Vec<_>>(),
        [8, 4, 4, 4, 12]
    );

    assert_eq!(
        running.post(RESET, body(FIRST_TOKEN)).await.body["success"],
        false
    );
    let third = running.post(RESET, body(&second_token)).await;
    assert_eq!(third.body["success"], true);
    assert_ne!(third.body["data"]["auth_token"], json!(second_token));
}
