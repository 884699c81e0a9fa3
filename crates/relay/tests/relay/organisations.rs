//! Statistics of a relay that several organisations have: none is told of another.

use patchcord_relay::store::mapping::{self, Mapping};
use reqwest::Method;
use serde_json::json;

use crate::browser::Browser;
use crate::statistics::{
    REPORT, SUPERVISOR, at_noon, seed, session_of, statistics, with_supervisors,
};
use crate::support::{Answer, NUMBER, World, claims};

const OTHER_SECRET: &str = "canary-secret-of-the-other-organisation";

/// A relay with a second organisation, which has an account of its own.
fn with_another(config: String) -> String {
    let account = config
        .split("\n[[")
        .find(|part| part.contains("name = \"babelforce\""));
    let account = account
        .unwrap()
        .replace("\"babelforce\"\nprovider", "\"other\"\nprovider");
    format!(
        r#"{}
[[{account}

[[issuer]]
iss = "https://crm.other.example"
org = "other"
kid = "hs"
algorithm = "HS256"
secret = "{OTHER_SECRET}"

[[agent]]
org = "other"
sub = "005OLGA"
name = "Canary Olga"
may = ["supervisor"]
identities = [{{ account = "other", agent = "1b2c3d4e5f60718293a4b5c6d7e8f90a" }}]
"#,
        with_supervisors(config)
    )
}

async fn olgas_session(world: &World) -> String {
    let mut claims = claims("005OLGA");
    claims["iss"] = json!("https://crm.other.example");
    claims["org"] = json!("other");
    session_of(world, claims, OTHER_SECRET).await
}

fn accounts(answer: &Answer) -> Vec<&str> {
    let platforms = answer.json["platforms"].as_array().unwrap().iter();
    platforms
        .map(|one| one["account"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_supervisor_is_told_of_their_own_organisation_alone_and_the_admin_pages_of_all() {
    let world = at_noon(World::with(with_another).await);
    seed(&world).await;
    let olga = olgas_session(&world).await;
    let dial = json!({ "number": NUMBER });
    let dialled = world.dial(&olga, &dial).send().await;
    dialled.is_outcome("accepted", None);
    let ask = async |query: &str| {
        let path = format!("/v1/statistics{query}");
        let answer = world.ask(Method::GET, &path).bearer(&olga).send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    };
    let (hers, file) = (ask("").await, ask("?format=csv").await.body);
    assert_eq!(
        world.seen(REPORT).await.len(),
        1,
        "no other account is asked"
    );
    let calls = &hers.json["relay"]["calls"];
    assert_eq!(
        (&calls["total"], &calls["agents"][0]["id"]),
        (&json!(1), &json!("other/005OLGA")),
        "{}",
        hers.body
    );
    assert_eq!(accounts(&hers), ["other"]);
    for told in [&hers.body, &file] {
        for not in [
            "Alex Adler",
            "acme",
            "Inside sales",
            "callback",
            "waiting\":{",
        ] {
            assert!(!told.contains(not), "{not}: {told}");
        }
    }
    let alexs = statistics(&world, "").await;
    assert_eq!(alexs.json["relay"]["calls"]["total"], 2, "{}", alexs.body);
    assert!(!alexs.body.contains("Olga") && !alexs.body.contains("callbacks"));
    assert_eq!(accounts(&alexs), ["babelforce"]);

    let browser = Browser::signed_in(&world, SUPERVISOR).await;
    let whole = browser.get("/admin/statistics.csv").await.body;
    for told in ["Alex Adler", "Canary Olga", ",callback,"] {
        assert!(whole.contains(told), "{told}: {whole}");
    }
    let page = browser.get("/admin/statistics").await.body;
    for told in ["Told by babelforce", "Told by other", "Callbacks by topic"] {
        assert!(page.contains(told), "{told}: {page}");
    }

    // An account at which somebody of both works tells of both, so neither is told.
    let line = Mapping {
        org: "other".to_owned(),
        sub: "005OTTO".to_owned(),
        account: "babelforce".to_owned(),
        agent: "1a2b3c4d5e6f708192a3b4c5d6e7f809".to_owned(),
        name: None,
        source: "csv".to_owned(),
        updated_at: 0,
    };
    let store = &world.relay.shared().store;
    let imported = store
        .write(move |tx| Box::pin(async move { mapping::replace(tx, "csv", None, &[line]).await }));
    imported.await.unwrap();
    assert!(accounts(&statistics(&world, "").await).is_empty());
    assert_eq!(accounts(&ask("").await), ["other"]);
}
