//! What the relay refuses by itself. None of it may reach a provider.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{NUMBER, World, fresh_key};

/// Sends a dial and gives back its code and field; nothing may have been dialled.
async fn refused(world: &World, session: &str, body: &Value) -> (String, String) {
    let answer = world.dial(session, body).send().await;
    let code = answer.json["code"]
        .as_str()
        .unwrap_or("accepted")
        .to_owned();
    answer.is_problem(&code);
    assert!(world.dials().await.is_empty(), "{body} was dialled");
    (
        code,
        answer.json["field"].as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn every_bad_member_of_a_dial_is_named_and_nothing_is_dialled() {
    let world = World::new().await;
    let session = world.session().await;
    let with = |name: &str, value: Value| {
        let mut body = json!({ "number": NUMBER });
        body[name] = value;
        body
    };
    let deep = (0..16).fold(json!(1), |inner, _| json!([inner]));
    let cases = [
        (json!({}), "missing_field", "number"),
        (json!({ "number": null }), "missing_field", "number"),
        (
            json!({ "number": 49301234567_u64 }),
            "invalid_field",
            "number",
        ),
        (
            json!({ "number": "030 12345678" }),
            "invalid_number",
            "number",
        ),
        (
            json!({ "number": "+49 30 12345678" }),
            "invalid_number",
            "number",
        ),
        (json!({ "number": "+49301" }), "invalid_number", "number"),
        (
            json!({ "number": "+4930123456789012" }),
            "invalid_number",
            "number",
        ),
        (
            json!({ "number": "+999123456789" }),
            "invalid_number",
            "number",
        ),
        (
            json!({ "number": "+33140000000" }),
            "number_not_allowed",
            "number",
        ),
        (
            json!({ "number": "+12125550123" }),
            "number_not_allowed",
            "number",
        ),
        (
            json!({ "number": "+499001234567" }),
            "number_not_allowed",
            "number",
        ),
        (
            json!({ "number": "+491801234567" }),
            "number_not_allowed",
            "number",
        ),
        (
            json!({ "number": "+88161234567" }),
            "invalid_number",
            "number",
        ),
        (
            with("extension", json!("12a")),
            "invalid_number",
            "extension",
        ),
        (
            with("caller_id", json!("030")),
            "invalid_number",
            "caller_id",
        ),
        (
            with("caller_id", json!("+493012345679")),
            "caller_id_not_allowed",
            "caller_id",
        ),
        (
            with("provider", json!("skype")),
            "provider_unknown",
            "provider",
        ),
        (with("provider", json!(1)), "invalid_field", "provider"),
        (
            with("prefill", json!(true)),
            "capability_missing",
            "prefill",
        ),
        (with("prefill", json!("yes")), "invalid_field", "prefill"),
        (
            with("auto_record", json!(true)),
            "capability_missing",
            "auto_record",
        ),
        (with("record", json!("x")), "invalid_field", "record"),
        (
            with("record", json!({ "system": "crm", "type": "Lead" })),
            "missing_field",
            "record.id",
        ),
        (
            with(
                "record",
                json!({ "system": "crm", "type": "Lead", "id": "1", "colour": "red" }),
            ),
            "unknown_field",
            "record.colour",
        ),
        (with("payload", json!([1])), "payload_invalid", "payload"),
        (with("payload", json!("{}")), "payload_invalid", "payload"),
        (
            with("payload", json!({ "a": "x".repeat(16_384) })),
            "payload_too_large",
            "payload",
        ),
        (
            with("payload", json!({ "a": deep })),
            "payload_too_deep",
            "payload",
        ),
        (with("numbr", json!(NUMBER)), "unknown_field", "numbr"),
    ];
    for (body, code, field) in cases {
        let found = refused(&world, &session, &body).await;
        assert_eq!(found, (code.to_owned(), field.to_owned()), "{body}");
    }
}

#[tokio::test]
async fn an_agent_without_an_identity_at_a_provider_cannot_use_it() {
    let world = World::new().await;
    let session = world.session_of("005SAM").await;
    let found = refused(
        &world,
        &session,
        &json!({ "number": NUMBER, "provider": "babelforce" }),
    )
    .await;
    assert_eq!(found.0, "provider_not_available");
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let world = World::new().await;
    let session = world.session().await;
    for body in [
        &b"{"[..],
        b"[]",
        b"",
        b"\"x\"",
        br#"{"number":"+493012345678","number":"+493012345679"}"#,
        b"{\"number\":\"\xff\"}",
    ] {
        let ask = world
            .ask(Method::POST, "/v1/calls")
            .bearer(&session)
            .header("Idempotency-Key", &fresh_key());
        ask.text("application/json", body.to_vec())
            .send()
            .await
            .is_problem("invalid_json");
    }
    assert!(world.dials().await.is_empty());
}

#[tokio::test]
async fn a_body_that_is_not_declared_as_json_is_refused() {
    let world = World::new().await;
    let session = world.session().await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=latin1",
    ] {
        let ask = world
            .ask(Method::POST, "/v1/calls")
            .bearer(&session)
            .header("Idempotency-Key", &fresh_key());
        ask.text(kind, json!({ "number": NUMBER }).to_string())
            .send()
            .await
            .is_problem("unsupported_media_type");
    }
    assert!(world.dials().await.is_empty());
}

#[tokio::test]
async fn a_body_over_64_kib_is_refused_also_when_its_length_is_not_announced() {
    let world = World::new().await;
    let session = world.session().await;
    let large = json!({ "number": NUMBER, "payload": { "a": "x".repeat(65_536) } }).to_string();
    let ask = || {
        world
            .ask(Method::POST, "/v1/calls")
            .bearer(&session)
            .header("Idempotency-Key", &fresh_key())
    };
    let answer = ask().text("application/json", large.clone()).send().await;
    assert_eq!(answer.is_problem("body_too_large").status, 413);

    let address = world.relay.url.trim_start_matches("http://").to_owned();
    let head = format!(
        "POST /v1/calls HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {session}\r\nIdempotency-Key: {}\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        fresh_key()
    );
    let reply = raw(
        &address,
        format!("{head}{:x}\r\n{large}\r\n0\r\n\r\n", large.len()),
    )
    .await;
    assert!(reply.contains("body_too_large"), "{reply}");
    assert!(world.dials().await.is_empty());
}

/// Sends bytes as they are and reads until the end.
async fn raw(address: &str, request: String) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut reader, mut writer) = stream.split();
    let mut reply = Vec::new();
    // The relay may close before it has read everything; then writing fails and the reply is there already.
    let (_, read) = tokio::join!(
        writer.write_all(request.as_bytes()),
        reader.read_to_end(&mut reply)
    );
    drop(read);
    String::from_utf8_lossy(&reply).into_owned()
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problem_documents() {
    let world = World::new().await;
    world
        .ask(Method::GET, "/v2/calls")
        .send()
        .await
        .is_problem("not_found");
    world
        .ask(Method::GET, "/assets/../../etc/passwd")
        .send()
        .await
        .is_problem("not_found");
    world
        .ask(Method::PUT, "/v1/calls")
        .send()
        .await
        .is_problem("method_not_allowed");
    let session = world.session().await;
    world
        .ask(Method::GET, "/v1/calls/call_0")
        .bearer(&session)
        .send()
        .await
        .is_problem("not_found");
}

#[tokio::test]
async fn health_and_readiness_are_told() {
    let world = World::new().await;
    assert_eq!(world.ask(Method::GET, "/healthz").send().await.status, 204);
    assert_eq!(world.ask(Method::GET, "/readyz").send().await.status, 204);
}
