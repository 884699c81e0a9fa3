use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::panel::{ALEX, CUSTOMER, Frame, Frames, KIM, Panel, SAM};
use crate::running::{Answer, Running, text, until};

#[tokio::test]
async fn a_stream_begins_with_the_identity_and_the_account_comes_with_register() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &ALEX).await;
    let agent = &panel.view["agent"];
    assert_eq!(agent["id"], ALEX.id);
    assert_eq!(agent["name"], "Alex Adler");
    assert_eq!(agent["username"], ALEX.username);
    assert_eq!(agent["number"], ALEX.number);
    assert_eq!(agent["presence"], "AGENT_STATE_AVAILABLE");
    assert_eq!(agent["accounts"][0]["current"], true);
    for later in [
        "availableNumbers",
        "presenceOptions",
        "phonebook",
        "canRecord",
    ] {
        assert_eq!(agent[later], Value::Null, "{later}");
    }
    assert_eq!(panel.view["config"], Value::Null);
    assert_eq!(panel.view["wrapUp"], json!({}));

    panel
        .send(json!({"register": {"capabilities": ["webrtc"]}}))
        .await;
    let config = panel.patch().await;
    assert_eq!(config["config"]["calls"]["allowTransfer"], true);
    assert!(config["config"]["serverVersion"].is_string());
    let agent = panel.patch().await["agent"].clone();
    assert_eq!(agent["webrtcEnabled"], true);
    assert_eq!(agent["displayAs"], "+493012345600");
    let options = agent["presenceOptions"].as_array().unwrap();
    assert_eq!(options.len(), 3);
    let numbers = agent["availableNumbers"].as_array().unwrap();
    assert!(!numbers.contains(&json!(ALEX.number)), "{numbers:?}");
    panel.agrees_with_the_state().await;
}

#[tokio::test]
async fn numbers_rise_by_one_over_snapshots_and_patches_and_go_on_in_the_next_stream() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let call = panel.in_a_call().await;
    running.act(&call, "customer", "hang_up").await;
    panel.call_is_gone(&call).await;
    let last = panel.seq;
    assert!(last > 8, "{last}");
    drop(panel.frames);
    let again = Panel::with_token(&running, &ALEX, panel.token.clone()).await;
    assert!(again.seq > last);
}

#[tokio::test]
async fn an_error_a_keepalive_and_a_ping_have_no_number_of_their_own() {
    let running = Running::start().await;
    running
        .tell(
            "settings",
            json!({"heartbeat_ms": 20, "unanswered_pings": null}),
        )
        .await;
    let mut panel = Panel::open(&running, &ALEX).await;
    let before = panel.seq;
    let (mut keepalives, mut pings) = (0, Vec::new());
    while pings.len() < 3 {
        let message = panel.next().await;
        if message.get("keepalive").is_some() {
            assert_eq!(message["keepalive"], json!({}));
            keepalives += 1;
        } else {
            let ping = message["ping"]["seq"].clone();
            // Either form of a 64-bit number is taken.
            let pong = if pings.len() % 2 == 0 {
                ping.clone()
            } else {
                json!(text(&ping).parse::<u64>().unwrap())
            };
            panel.send(json!({"pong": {"seq": pong}})).await;
            pings.push(text(&ping));
        }
    }
    assert_eq!(pings, ["1", "2", "3"]);
    assert!(keepalives >= 3);
    assert_eq!(panel.seq, before);
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_taken_for_gone() {
    let running = Running::start().await;
    let settings = json!({"heartbeat_ms": 5, "unanswered_pings": 2});
    running.tell("settings", settings).await;
    let mut panel = Panel::open(&running, &ALEX).await;
    let end = loop {
        match panel.frames.next().await {
            Frame::Message(_) => {}
            end => break end,
        }
    };
    let Frame::End(error) = end else {
        panic!("{end:?}")
    };
    assert_eq!(error["code"], "deadline_exceeded");
}

#[tokio::test]
async fn the_time_between_signs_of_life_can_be_changed_while_a_stream_is_open() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &ALEX).await;
    // The first is due in fifteen seconds, and comes at once.
    running.tell("settings", json!({"heartbeat_ms": 1})).await;
    assert!(panel.next().await.get("keepalive").is_some());
    for bad in [json!(0), json!(-1), json!("15000")] {
        let refusal = running
            .post("/_sandbox/settings", json!({"heartbeat_ms": bad}))
            .await;
        assert_eq!(refusal.status, 400);
    }
}

#[tokio::test]
async fn the_newest_stream_of_an_agent_is_the_one_and_the_one_before_is_told_so() {
    let running = Running::start().await;
    let mut first = Panel::open(&running, &ALEX).await;
    let mut second = Panel::open(&running, &ALEX).await;
    let told = first.next().await;
    assert_eq!(told["error"]["code"], "session_gone");
    assert_eq!(first.frames.next().await, Frame::End(Value::Null));

    // A command from the window that has lost the session is refused, and does nothing.
    let command = json!({"setPresence": {"name": "lunch"}});
    let refusal = running.unary("Send", &first.token, command.clone()).await;
    assert_eq!(refusal.status, 400);
    assert_eq!(refusal.body["code"], "failed_precondition");
    assert!(text(&refusal.body["message"]).starts_with("session_gone"));
    assert_eq!(
        running.desk_agent(&ALEX).await["presence"]["name"],
        "available"
    );

    second.send(command).await;
    second
        .until(|view| view["agent"]["presenceName"] == "lunch")
        .await;
    // Nobody else is disturbed.
    let mut sam = Panel::open(&running, &SAM).await;
    sam.send(json!({"setPresence": {"name": "busy"}})).await;
    sam.until(|view| view["agent"]["presence"] == "AGENT_STATE_BUSY")
        .await;
}

#[tokio::test]
async fn a_window_that_opens_its_stream_again_has_the_session_again() {
    let running = Running::start().await;
    let mut first = Panel::open(&running, &ALEX).await;
    let mut second = Panel::open(&running, &ALEX).await;
    first.error().await;
    let mut first = Panel::with_token(&running, &ALEX, first.token.clone()).await;
    assert_eq!(second.error().await["code"], "session_gone");
    first.send(json!({"setPresence": {"name": "lunch"}})).await;
    first
        .until(|view| view["agent"]["presenceName"] == "lunch")
        .await;
}

#[tokio::test]
async fn a_token_that_is_renewed_belongs_to_the_same_window() {
    let running = Running::start().await;
    let grant = running.sign_in(&ALEX).await;
    let token = text(&grant["access_token"]);
    let mut panel = Panel::with_token(&running, &ALEX, token).await;
    let refresh = text(&grant["refresh_token"]);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh.as_str()),
    ];
    let renewed = running.form("/oauth/token", &form).await;
    // The stream goes on with the token it was opened with; commands come with the new one.
    panel.token = text(&renewed.body["access_token"]);
    panel.send(json!({"setPresence": {"name": "lunch"}})).await;
    panel
        .until(|view| view["agent"]["presenceName"] == "lunch")
        .await;
}

#[tokio::test]
async fn a_stream_ends_with_unauthenticated_when_its_token_does() {
    let running = Running::start().await;
    let end_of = async |panel: &mut Panel<'_>| match panel.frames.next().await {
        Frame::End(error) => text(&error["code"]),
        other => panic!("{other:?}"),
    };

    let mut panel = Panel::open(&running, &ALEX).await;
    let mut sam = Panel::open(&running, &SAM).await;
    running
        .tell(&format!("agents/{}/tokens/expire", ALEX.id), json!({}))
        .await;
    assert_eq!(end_of(&mut panel).await, "unauthenticated");
    running.tell("tokens/expire", json!({})).await;
    assert_eq!(end_of(&mut sam).await, "unauthenticated");

    let mut panel = Panel::open(&running, &ALEX).await;
    running
        .form("/oauth/revoke", &[("token", &panel.token)])
        .await;
    assert_eq!(end_of(&mut panel).await, "unauthenticated");

    let mut panel = Panel::open(&running, &ALEX).await;
    let log_out = running.request(Method::POST, "/oauth/logout");
    let reply = log_out.bearer_auth(&panel.token).send().await.unwrap();
    assert_eq!(reply.status(), StatusCode::OK);
    assert_eq!(end_of(&mut panel).await, "unauthenticated");

    running.tell("settings", json!({"expires_in": 2})).await;
    let mut panel = Panel::open(&running, &ALEX).await;
    assert_eq!(end_of(&mut panel).await, "unauthenticated");
}

#[tokio::test]
async fn a_reset_ends_every_stream_as_a_platform_that_goes_away() {
    let running = Running::start().await;
    let mut panel = Panel::open(&running, &ALEX).await;
    running.tell("reset", json!({})).await;
    let Frame::End(error) = panel.frames.next().await else {
        panic!("the stream goes on");
    };
    assert_eq!(error["code"], "unavailable");
}

async fn begin(running: &Running, token: &str, media_type: &str, body: &'static [u8]) -> Value {
    let request = running
        .connect("Subscribe", token)
        .header("content-type", media_type)
        .body(body);
    match Frames::of(request.send().await.unwrap()).next().await {
        Frame::End(error) => error["code"].clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_stream_is_said_at_its_end_with_status_200() {
    let running = Running::start().await;
    let alex = text(&running.sign_in(&ALEX).await["access_token"]);
    let manager = running.token().await;
    let good: &[u8] = b"\0\0\0\0\x02{}";
    let media_type = "application/connect+json";
    let cases: [(&str, &'static [u8], &str); 7] = [
        ("nobody", good, "unauthenticated"),
        (&manager, good, "permission_denied"),
        (&alex, b"", "invalid_argument"),
        (&alex, b"{}", "invalid_argument"),
        (&alex, b"\0\0\0\0\x09{\"filter\":1}", "invalid_argument"),
        (&alex, b"\0\0\0\0\x0c{\"filter\":1}", "invalid_argument"),
        (&alex, b"\x01\0\0\0\x02{}", "unimplemented"),
    ];
    for (token, body, code) in cases {
        assert_eq!(
            begin(&running, token, media_type, body).await,
            code,
            "{body:?}"
        );
    }
    let other = running
        .connect("Subscribe", &alex)
        .header("content-type", "application/json")
        .body("{}");
    assert_eq!(other.send().await.unwrap().status(), 415);
}

#[tokio::test]
async fn a_request_without_the_version_of_the_protocol_is_refused() {
    let running = Running::start().await;
    let token = text(&running.sign_in(&ALEX).await["access_token"]);
    let path = "/babelconnect.v1.Agent/Send";
    let request = running.request(Method::POST, path).bearer_auth(&token);
    let refusal = Answer::of(request.json(&json!({"hangup": {}})).send().await.unwrap()).await;
    assert_eq!(refusal.status, 400);
    assert_eq!(refusal.body["code"], "invalid_argument");
}

#[tokio::test]
async fn a_command_has_one_arm_with_the_published_fields() {
    let running = Running::start().await;
    let mut panel = Panel::control_only(&running, &ALEX).await;
    let invalid = [
        json!({"hangup": {"callId": "1"}, "hold": {"callId": "1", "on": true}}),
        json!({"hangup": {"callId": "1"}, "levitate": {}}),
        json!({"hangup": {"callID": "1"}}),
        json!({"hangup": {"callId": 1}}),
        json!({"hangup": []}),
        json!({"hangup": "1"}),
        json!({"placeCall": {"to": CUSTOMER, "session": {"deal": {"open": true}}}}),
        json!({"pong": {"seq": "-1"}}),
        json!(["hangup"]),
    ];
    for command in invalid {
        let refusal = running.unary("Send", &panel.token, command.clone()).await;
        assert_eq!(refusal.status, 400, "{command}");
        assert_eq!(refusal.body["code"], "invalid_argument", "{command}");
        assert!(refusal.body["message"].is_string(), "{command}");
    }
    // An arm that is not known is a command nobody carries out.
    for command in [
        json!({"levitate": {"to": "the moon"}}),
        json!({}),
        json!({"hangup": null}),
    ] {
        let reply = running.unary("Send", &panel.token, command.clone()).await;
        assert_eq!((reply.status, reply.body), (200, json!({})), "{command}");
        assert_eq!(panel.error().await["code"], "unknown_command", "{command}");
    }
}

#[tokio::test]
async fn only_an_agent_with_a_good_token_is_heard() {
    let running = Running::start().await;
    let manager = running.token().await;
    for (token, status, code) in [
        ("nobody", 401, "unauthenticated"),
        (manager.as_str(), 403, "permission_denied"),
    ] {
        let send = running
            .unary("Send", token, json!({"wrapUpCancel": {}}))
            .await;
        let authenticate = running.unary("Authenticate", token, json!({})).await;
        let state = running.read(token, "/v1/agent/state").await;
        for refusal in [send, authenticate, state] {
            assert_eq!(refusal.status, status);
            assert_eq!(refusal.body["code"], code);
        }
    }
}

#[tokio::test]
async fn authenticate_names_the_agent_of_the_token_in_the_header_or_in_the_body() {
    let running = Running::start().await;
    let token = text(&running.sign_in(&KIM).await["access_token"]);
    let by_header = running.unary("Authenticate", &token, json!({})).await;
    assert_eq!(by_header.status, 200);
    assert_eq!(by_header.body["agentId"], KIM.id);
    assert_eq!(by_header.body["state"], "AGENT_STATE_AVAILABLE");
    assert_eq!(by_header.body["accountName"], "Acme");
    let path = "/babelconnect.v1.Agent/Authenticate";
    let request = running.request(Method::POST, path);
    let request = request.header("connect-protocol-version", "1");
    let request = request.json(&json!({"token": token}));
    assert_eq!(Answer::of(request.send().await.unwrap()).await, by_header);
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_no_stream_behind() {
    let running = Running::start().await;
    let panel = Panel::open(&running, &ALEX).await;
    let connected = async || running.desk_agent(&ALEX).await["session"]["connected"] == true;
    assert!(connected().await);
    drop(panel);
    until(async || !connected().await).await;
}
