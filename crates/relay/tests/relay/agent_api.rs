//! The Agent API through the relay: signing in, commands, look-ups.

use patchcord_core::desk::action::{Action, Command};
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::session::Piece;
use patchcord_core::error::Code;
use patchcord_core::http::Request;
use patchcord_core::outcome::Outcome;
use patchcord_core::provider;
use patchcord_core::provider::desk::Page;
use patchcord_core::secret::Secret;
use patchcord_relay::outbound::Outbound;
use reqwest::Method;
use serde_json::{Value, json};

use crate::panel::{
    ALEX, command, control, here, look, page, sign_in_at, sign_out, signed_in, subscribe, world,
};
use crate::support::{NUMBER, PATIENCE, World, eventually};

#[tokio::test]
async fn an_agent_signs_in_with_a_ticket_and_works_with_their_own_token() {
    let world = world().await;
    let session = world.session().await;
    for ask in [
        command(&world, &session, &json!({ "resetLineStatus": {} })),
        look(&world, &session, "state"),
        subscribe(&world, &session),
    ] {
        let answer = ask.send().await;
        answer.is_problem("sign_in_needed");
        assert_eq!(answer.status, 403);
    }
    assert!(world.seen("/babelconnect.v1.Agent/*").await.is_empty());

    let page = page(&world, &session).await;
    let done = sign_in_at(&world, &page, "alex@acme.example").await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert!(done.body.contains("Sie sind angemeldet."), "{}", done.body);
    assert!(done.body.contains("<script>close()</script>"));
    assert!(!done.body.contains("style="));
    let policy = done.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && policy.contains("script-src 'sha256-"),
        "{policy}"
    );
    assert!(done.header("set-cookie").contains("Max-Age=0"));

    let who = world
        .ask(
            Method::POST,
            "/v1/agent/babelforce/babelconnect.v1.Agent/Authenticate",
        )
        .bearer(&session)
        .json(&json!({}))
        .send()
        .await;
    assert_eq!(who.json["agentId"], ALEX, "{}", who.body);
    let state = look(&world, &session, "state").send().await;
    assert_eq!(state.json["agent"]["id"], ALEX, "{}", state.body);
    // The relay's own token is another one.
    let own = world.seen("/oauth/token").await;
    assert!(
        own.iter()
            .all(|asked| !asked.to_string().contains("password"))
    );
}

#[tokio::test]
async fn a_ticket_is_good_once_for_a_minute_and_for_its_own_agent() {
    let world = world().await;
    let session = world.session().await;
    let used = page(&world, &session).await;
    assert_eq!(here(&world, &used).send().await.status, 302);
    here(&world, &used)
        .send()
        .await
        .is_problem("sign_in_failed");
    let late = page(&world, &session).await;
    world
        .relay
        .clock
        .advance(std::time::Duration::from_secs(61));
    let answer = here(&world, &late)
        .header("Accept", "text/html")
        .send()
        .await;
    assert_eq!(answer.status, 403);
    assert!(
        answer.body.contains("Signing in did not work."),
        "{}",
        answer.body
    );
    assert!(!answer.body.contains("<script"));

    // Whoever opens it and is somebody else gets nothing, and their token is given back.
    let other = page(&world, &session).await;
    let answer = sign_in_at(&world, &other, "sam@acme.example").await;
    assert_eq!(answer.status, 403, "{}", answer.body);
    assert!(
        answer.body.contains("als jemand anderes"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("sign_in_failed"));
    look(&world, &session, "state")
        .send()
        .await
        .is_problem("sign_in_needed");
    eventually(async || (!world.seen("/oauth/revoke").await.is_empty()).then_some(())).await;
}

#[tokio::test]
async fn a_session_that_ended_in_the_meantime_gets_no_token() {
    let world = world().await;
    let session = world.session().await;
    let page = page(&world, &session).await;
    let closed = world
        .ask(Method::DELETE, "/v1/sessions/current")
        .bearer(&session)
        .send()
        .await;
    assert_eq!(closed.status, 204);
    let answer = sign_in_at(&world, &page, "alex@acme.example").await;
    assert_eq!(answer.status, 403, "{}", answer.body);
    let fresh = world.session().await;
    look(&world, &fresh, "state")
        .send()
        .await
        .is_problem("sign_in_needed");
}

#[tokio::test]
async fn who_signs_out_at_the_platform_keeps_their_session() {
    let world = world().await;
    let session = signed_in(&world).await;
    assert_eq!(look(&world, &session, "state").send().await.status, 200);
    assert_eq!(sign_out(&world, &session).await.status, 204);
    look(&world, &session, "state")
        .send()
        .await
        .is_problem("sign_in_needed");
    eventually(async || {
        let seen = world.seen("/oauth/*").await;
        let asked = |path: &str| seen.iter().any(|asked| asked["path"] == path);
        (asked("/oauth/revoke") && asked("/oauth/logout")).then_some(())
    })
    .await;
    // Once more changes nothing.
    assert_eq!(sign_out(&world, &session).await.status, 204);
}

#[tokio::test]
async fn an_expired_token_is_renewed_and_a_dead_one_wants_a_sign_in() {
    let world = world().await;
    let session = signed_in(&world).await;
    let refreshes = async || {
        let seen = world.seen("/oauth/token").await;
        let refreshed = |asked: &&Value| asked.to_string().contains("refresh_token");
        seen.iter().filter(refreshed).count()
    };
    let before = refreshes().await;
    control(&world, &format!("agents/{ALEX}/tokens/expire"), &json!({})).await;
    let (one, two) = tokio::join!(
        look(&world, &session, "state").send(),
        look(&world, &session, "phonebook").send()
    );
    assert_eq!(
        (one.status, two.status),
        (200, 200),
        "{} {}",
        one.body,
        two.body
    );
    assert_eq!(refreshes().await, before + 1, "one for all who need it");

    // The platform forgets everything, the refresh token too.
    control(&world, "reset", &json!({})).await;
    for _ in 0..3 {
        look(&world, &session, "state")
            .send()
            .await
            .is_problem("sign_in_needed");
    }
    assert_eq!(
        world.seen("/oauth/token").await.len(),
        1,
        "asked once, and never again"
    );
    let page = page(&world, &session).await;
    assert_eq!(
        sign_in_at(&world, &page, "alex@acme.example").await.status,
        200
    );
    assert_eq!(look(&world, &session, "state").send().await.status, 200);
}

#[tokio::test]
async fn where_there_is_no_desk_it_is_said_why() {
    let world = world().await;
    let session = world.session().await;
    let ask = |provider: &str| {
        let path = format!("/v1/agent/{provider}/v1/agent/state");
        world.ask(Method::GET, &path).bearer(&session)
    };
    ask("nobody").send().await.is_problem("provider_unknown");
    ask("samespace")
        .send()
        .await
        .is_problem("capability_missing")
        .about("provider");
    let plain = World::new().await;
    let session = plain.session_of("005SAM").await;
    plain
        .ask(Method::GET, "/v1/agent/babelforce/v1/agent/state")
        .bearer(&session)
        .send()
        .await
        .is_problem("provider_not_available");
    plain
        .ask(Method::GET, "/v1/agent/babelforce/v1/agent/state")
        .send()
        .await
        .is_problem("session_missing");
}

#[tokio::test]
async fn a_desk_speaks_with_the_relay_as_with_the_platform() {
    let world = world().await;
    let session = Secret::new(signed_in(&world).await);
    let address = format!("{}/v1/agent/babelforce", world.relay.url);
    let desk = provider::desk("babelforce", &address).unwrap();
    let outbound = Outbound::new().unwrap();
    let send = async |request: Request| outbound.send(request, PATIENCE).await;
    let who = desk.read_who(send(desk.who(&session)).await).unwrap();
    assert_eq!(who.agent, ALEX);
    desk.read_state(send(desk.state(&session)).await).unwrap();
    let page = Page { number: 1, size: 5 };
    desk.read_targets(send(desk.targets("Sam & co", &session)).await)
        .unwrap();
    desk.read_history(send(desk.history(page, &session)).await)
        .unwrap();
    desk.read_phonebook(send(desk.phonebook("Grä", page, &session)).await)
        .unwrap();
    for command in desk.set_up(Some(&NUMBER.parse().unwrap())) {
        let request = desk.send(&command, &session).unwrap();
        assert_eq!(
            desk.read_sent(send(request).await).outcome,
            Outcome::Accepted
        );
    }
    let mut stream = outbound
        .open(desk.stream(&session), PATIENCE)
        .await
        .unwrap();
    let mut reader = desk.reader();
    let first = loop {
        let piece = stream.chunk().await.unwrap().unwrap();
        if let Some(piece) = reader.read(&piece).into_iter().next() {
            break piece;
        }
    };
    assert!(matches!(first, Piece::Update(_)), "{first:?}");

    // And reads what the relay itself says.
    let costly = Action::SetNumber("+881612345678".parse().unwrap());
    let request = desk.send(&Command::from(costly), &session).unwrap();
    let refused = desk.read_sent(send(request).await).outcome;
    assert_eq!(refused.because().unwrap().code, Code::NumberNotAllowed);
    assert!(matches!(refused, Outcome::Refused(_)));
    let wrong = Secret::new("pcs_wrong");
    let sent = desk.read_no_stream(send(desk.state(&wrong)).await);
    assert_eq!(sent, Trouble::Unauthenticated);
    sign_out(&world, session.expose()).await;
    let gone = desk.read_state(send(desk.state(&session)).await);
    assert_eq!(gone.unwrap_err(), Trouble::SignInNeeded);
}
