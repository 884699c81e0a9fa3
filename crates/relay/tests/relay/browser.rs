//! Somebody at the admin pages: a browser with a cookie, and what it sends.

use reqwest::Method;

use crate::support::{Answer, Ask, World};

pub const ORIGIN: &str = "https://relay.acme.example";
pub const TOKEN: &str = "canary-admin-token-of-dana-0123456789";
pub const OTHER_TOKEN: &str = "canary-admin-token-of-robin-012345678";
/// What a browser says it can show when somebody goes to a page.
pub const ACCEPT: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
pub const PAGES: [&str; 26] = [
    "/admin",
    "/admin/statistics",
    "/admin/alerts",
    "/admin/outbox",
    "/admin/refusals",
    "/admin/agents",
    "/admin/agents/sync",
    "/admin/accounts/babelforce/agents",
    "/admin/accounts/babelforce/agents/0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "/admin/accounts/babelforce/groups",
    "/admin/accounts/babelforce/groups/5e5f60718293a4b5c6d7e8f90a1b2c3d",
    "/admin/provisioning",
    "/admin/hosts",
    "/admin/new-host?kind=page",
    "/admin/hours",
    "/admin/hours/kept",
    "/admin/queues",
    "/admin/queues/babelforce/9f8e7d6c5b4a39281706f5e4d3c2b1a0",
    "/admin/conferences/babelforce/00112233445566778899aabbccddeeff",
    "/admin/tasks",
    "/admin/schedules",
    "/admin/new-schedule",
    "/admin/keys",
    "/admin/tokens",
    "/admin/audit",
    "/admin/dialling",
];

pub fn with_admin(config: String) -> String {
    let admin = format!(
        r#"admin = {{ origin = "{ORIGIN}", zone = "Europe/Berlin", people = [{{ name = "dana", token = "{TOKEN}" }}, {{ name = "robin", token = "{OTHER_TOKEN}" }}] }}"#
    );
    // Before the first section: after it the key would belong to that one.
    config.replacen("\n[[account]]", &format!("{admin}\n\n[[account]]"), 1)
}

pub async fn world() -> World {
    World::with(with_admin).await
}

/// Somebody with a browser: a cookie, and the word of their forms.
pub struct Browser<'a> {
    world: &'a World,
    pub cookie: String,
}

impl<'a> Browser<'a> {
    pub async fn signed_in(world: &'a World, token: &str) -> Self {
        let answer = sign_in(world, token).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        Self::of(world, &answer)
    }

    /// With what signing in was answered.
    pub fn of(world: &'a World, answer: &Answer) -> Self {
        let cookie = answer.header("set-cookie").split(';').next().unwrap();
        Self {
            world,
            cookie: cookie.to_owned(),
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        let ask = self.world.ask(Method::GET, path);
        ask.header("Cookie", &self.cookie)
            .header("Accept", ACCEPT)
            .send()
            .await
    }

    /// What the forms of this session have to say, as its pages have it.
    pub async fn word(&self) -> String {
        let page = self.get("/admin").await.body;
        let (_, rest) = page.split_once(r#"name="word" value=""#).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let word = self.word().await;
        let mut fields = fields.to_vec();
        fields.push(("word", &word));
        self.form(path, &fields)
            .header("Origin", ORIGIN)
            .send()
            .await
    }

    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> Ask {
        form(self.world, path, fields).header("Cookie", &self.cookie)
    }

    pub async fn audit(&self) -> String {
        self.get("/admin/audit").await.body
    }
}

pub fn form(world: &World, path: &str, fields: &[(&str, &str)]) -> Ask {
    let mut url = reqwest::Url::parse("http://form.test/").unwrap();
    url.query_pairs_mut().extend_pairs(fields);
    let body = url.query().unwrap_or_default().to_owned();
    world
        .ask(Method::POST, path)
        .header("Accept", ACCEPT)
        .text("application/x-www-form-urlencoded", body)
}

pub async fn sign_in(world: &World, token: &str) -> Answer {
    form(world, "/admin/sign-in", &[("token", token)])
        .header("Origin", ORIGIN)
        .send()
        .await
}
