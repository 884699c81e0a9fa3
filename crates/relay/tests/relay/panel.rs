//! An agent at a desk behind the relay: signs in at the platform, sends commands, follows the stream.

use patchcord_core::connect::{Decoder, Frame, envelope};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Ask, World};

pub const ALEX: &str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
pub const SAM: &str = "1b2c3d4e5f60718293a4b5c6d7e8f90a";
const API: &str = "/v1/agent/babelforce";

/// A world whose babelforce account has an Agent API.
pub async fn world() -> World {
    world_with(|config| config).await
}

pub async fn world_with(change: impl FnOnce(String) -> String) -> World {
    World::with(|config| change(with_agent_api(&config))).await
}

/// The configuration with the Agent API at the account's own address, and Sam there too.
pub fn with_agent_api(config: &str) -> String {
    let sandbox = config.split("environment = \"").nth(1).unwrap();
    let sandbox = sandbox.split('"').next().unwrap().to_owned();
    let keys = format!(
        "agent_api = \"{sandbox}\"\nsign_in = {{ client_id = \"babelconnect\", redirect_uri = \"http://127.0.0.1:4100/v1/sign-in/return\", org = \"bf\" }}\ngrant = {{"
    );
    let sam = r#"identities = [{ account = "samespace", agent = "sam@acme" }]"#;
    let both = format!(
        r#"identities = [{{ account = "samespace", agent = "sam@acme" }}, {{ account = "babelforce", agent = "{SAM}" }}]"#
    );
    config
        .replacen("grant = {", &keys, 1)
        .replacen(sam, &both, 1)
}

/// Opens the relay's address in a browser that has nothing yet, and signs in there as somebody; what the relay
/// answers in the end.
pub async fn sign_in_at(world: &World, page: &str, username: &str) -> Answer {
    sign_in_by(&|method, path| world.ask(method, path), page, username).await
}

/// The same at a relay that is asked like that.
pub async fn sign_in_by(ask: &impl Fn(Method, &str) -> Ask, page: &str, username: &str) -> Answer {
    let here = |address: &str| ask(Method::GET, path_of(address));
    let begun = here(page).header("Accept", "text/html").send().await;
    assert_eq!(begun.status, 302, "{}", begun.body);
    let cookie = begun.header("set-cookie").split(';').next().unwrap();
    let (path, query) = begun.header("location").split_once('?').unwrap();
    // The sandbox's page asks who it is.
    let choice = format!("{path}/grant?{query}&username={username}");
    let granted = Ask::new(Method::GET, choice).send().await;
    assert_eq!(granted.status, 302, "{}", granted.body);
    here(granted.header("location"))
        .header("Cookie", cookie)
        .header("Accept", "text/html,application/xhtml+xml")
        .header("Accept-Language", "de-DE,de;q=0.9,en;q=0.8")
        .send()
        .await
}

fn path_of(address: &str) -> &str {
    address.strip_prefix("http://127.0.0.1:4100").unwrap()
}

/// The address that the configuration says is this relay's.
pub fn here(world: &World, address: &str) -> Ask {
    world.ask(Method::GET, path_of(address))
}

/// The address for a window to sign in.
pub async fn page(world: &World, session: &str) -> String {
    let path = format!("{API}/sign-in");
    let answer = world.ask(Method::POST, &path).bearer(session).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json["page"].as_str().unwrap().to_owned()
}

/// A session of Alex, who has signed in at the platform.
pub async fn signed_in(world: &World) -> String {
    let session = world.session().await;
    let page = page(world, &session).await;
    let done = sign_in_at(world, &page, "alex@acme.example").await;
    assert_eq!(done.status, 200, "{}", done.body);
    session
}

/// A command; a dial needs a key beside.
pub fn command(world: &World, session: &str, command: &Value) -> Ask {
    world
        .ask(Method::POST, &format!("{API}/babelconnect.v1.Agent/Send"))
        .bearer(session)
        .header("Connect-Protocol-Version", "1")
        .json(command)
}

pub fn look(world: &World, session: &str, path: &str) -> Ask {
    world
        .ask(Method::GET, &format!("{API}/v1/agent/{path}"))
        .bearer(session)
}

pub fn subscribe(world: &World, session: &str) -> Ask {
    world
        .ask(
            Method::POST,
            &format!("{API}/babelconnect.v1.Agent/Subscribe"),
        )
        .bearer(session)
        .header("Connect-Protocol-Version", "1")
        .text("application/connect+json", envelope("{}"))
}

/// Signs out at the platform.
pub async fn sign_out(world: &World, session: &str) -> Answer {
    let path = format!("{API}/sign-in");
    world
        .ask(Method::DELETE, &path)
        .bearer(session)
        .send()
        .await
}

/// Tells the sandbox what to do.
pub async fn control(world: &World, path: &str, body: &Value) -> Value {
    let url = format!("{}/_sandbox/{path}", world.sandbox.url());
    let reply = Ask::new(Method::POST, url).json(body).send().await;
    assert!(reply.status < 300, "{path}: {}", reply.body);
    reply.json
}

/// A stream as a desk reads it.
pub struct Stream {
    reply: reqwest::Response,
    decoder: Decoder,
    pub bytes: Vec<u8>,
}

impl Stream {
    pub async fn open(world: &World, session: &str) -> Self {
        let reply = subscribe(world, session).stream().await;
        assert_eq!(reply.status().as_u16(), 200);
        assert_eq!(reply.headers()["content-type"], "application/connect+json");
        assert_eq!(reply.headers()["x-accel-buffering"], "no");
        assert_eq!(reply.headers()["cache-control"], "no-store");
        Self {
            reply,
            decoder: Decoder::default(),
            bytes: Vec::new(),
        }
    }

    /// The next message; `None` where it has ended, however.
    pub async fn next(&mut self) -> Option<Value> {
        let next = async {
            loop {
                match self.decoder.next_frame().unwrap() {
                    Some(Frame::Message(message)) => {
                        return Some(serde_json::from_slice(message).unwrap());
                    }
                    Some(Frame::End(error)) => {
                        return Some(json!({ "end": error.map(|error| error.code) }));
                    }
                    None => {}
                }
                match self.reply.chunk().await {
                    Ok(Some(chunk)) => {
                        self.bytes.extend_from_slice(&chunk);
                        self.decoder.feed(&chunk);
                    }
                    Ok(None) | Err(_) => return None,
                }
            }
        };
        tokio::time::timeout(crate::support::PATIENCE, next)
            .await
            .expect("nothing came, and it did not end")
    }

    /// Reads until a message fits.
    pub async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next().await.expect("the stream ended");
            if fits(&message) {
                return message;
            }
        }
    }

    /// Reads until the stream ends.
    pub async fn ended(&mut self) {
        while self.next().await.is_some() {}
    }
}
