//! `patchcord-relay check`, of identity providers, single sign-on and who signs in.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::browser::with_admin;
use crate::check::Place;
use crate::command::{Process, command};
use crate::panel::{ALEX, SAM, with_agent_api};
use crate::scim::{ACME, AGENT, user};
use crate::support::Ask;

/// The token before.
const OLD: &str = "canary-old-scim-token-of-acme-0123456";

fn with_scim(config: &str, more: &str) -> String {
    format!(
        "{}\n[[scim]]\norg = \"acme\"\ntoken = \"{ACME}\"\naccount = \"babelforce\"\n{more}\n",
        with_admin(config.to_owned())
    )
}

/// What an identity provider sends to a relay that serves this folder.
async fn sent(folder: &Path, path: &str, bodies: &[Value]) {
    let process = Process::start(command(folder)).await;
    for body in bodies {
        let answer = Ask::new(Method::POST, format!("{}/scim/v2/{path}", process.url))
            .bearer(ACME)
            .text("application/scim+json", body.to_string())
            .send()
            .await;
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
    process.end("-TERM").await;
}

#[tokio::test]
async fn check_says_where_an_identity_provider_asks_and_who_of_its_people_can_sign_in() {
    let place = Place::new().await;
    let more = format!(
        "old_token = \"{OLD}\"\nlook_up = \"source_id\"\ngroups = [{{ name = \"Leads\", may = [\"supervisor\"] }}]"
    );
    let config = with_scim(&place.config, &more);
    let told = place.check(&config).await;
    told.is_fine("scim acme takes", "https://relay.acme.example/scim/v2");
    told.is_fine("scim acme takes", "take `old_token` out");
    told.is_fine("scim acme, look_up", "account babelforce");
    told.is_wrong("scim acme, people", "others = \"allowed\"");
    assert!(!told.out.contains("group leads") && !told.out.contains("canary"));
    let allowed = config.replace("look_up", "others = \"allowed\"\nlook_up");
    let told = place.check(&allowed).await;
    assert!(told.ok, "{}{}", told.out, told.err);
    told.is_fine("scim acme, people", "none yet");

    // One whom the platform knows by this id, and one whom it does not.
    let folder = place.folder.path();
    sent(folder, "Users", &[user("canary-alex", "005ALEX")]).await;
    let told = place.check(&config).await;
    told.is_fine("scim acme, people", "1 of 1 provisioned");
    told.is_wrong("scim acme, group leads", "displayName");
    let group = json!({ "displayName": "Leads", "members": [] });
    sent(folder, "Groups", &[group]).await;
    assert!(place.check(&config).await.ok);
    sent(folder, "Users", &[user("canary-bob", "005NOBODY")]).await;
    let told = place.check(&config).await;
    told.is_wrong("scim acme, people", "1 no_agent");
    told.is_wrong("scim acme, people", "/admin/provisioning");
    assert!(!told.out.contains("canary"), "{}", told.out);
}

#[tokio::test]
async fn check_counts_who_can_sign_in_with_the_configuration_and_not_by_provisioning_alone() {
    let place = Place::new().await;
    let config = with_scim(&place.config, "");
    place.check(&config).await;
    let folder = place.folder.path();
    // Nobody was asked who they are; the configuration says it.
    sent(folder, "Users", &[user("canary-alex", "005ALEX")]).await;
    let told = place.check(&config).await;
    told.is_fine("scim acme, people", "1 of 1 provisioned");
    assert!(told.ok, "{}{}", told.out, told.err);
    // The identity provider says that they are somebody else than the configuration says.
    let kim = format!(
        "{config}\n[[agent]]\norg = \"acme\"\nsub = \"005KIM\"\nidentities = [{{ account = \"babelforce\", agent = \"{ALEX}\" }}]\n"
    );
    let mut other = user("canary-kim", "005KIM");
    other[AGENT] = json!({ "agent": SAM });
    sent(folder, "Users", &[other]).await;
    let told = place.check(&kim).await;
    told.is_wrong("scim acme, people", "of 2 provisioned 1 can sign in");
    told.is_wrong("scim acme, people", "1 agent_ambiguous");
}

#[tokio::test]
async fn check_says_why_an_identity_provider_could_not_work() {
    let place = Place::new().await;
    let open = with_scim(&place.config, "others = \"allowed\"");
    let insecure = open.replacen(
        "\n[[account]]",
        "public_origin = \"http://relay.acme.example\"\n\n[[account]]",
        1,
    );
    place
        .check(&insecure)
        .await
        .is_wrong("scim acme:", "in clear");
    let nobody = open.replace(
        "\n[[scim]]\norg = \"acme\"",
        "\n[[scim]]\norg = \"initech\"",
    );
    place
        .check(&nobody)
        .await
        .is_wrong("scim initech:", "[[issuer]]");
    let config = with_scim(
        &place.config,
        "others = \"allowed\"\nlook_up = \"source_id\"",
    );
    let wrong = config.replace("sandbox-password", "canary-wrong-password");
    let told = place.check(&wrong).await;
    told.is_wrong("scim acme, look_up", "provider_rejected_credentials");
    assert!(!told.out.contains("canary"), "{}", told.out);
}

#[tokio::test]
async fn check_says_whether_who_signs_in_comes_back_and_where_single_sign_on_leads() {
    let place = Place::new().await;
    let config = with_agent_api(&place.config);
    let elsewhere = place.check(&config).await;
    elsewhere.is_wrong(
        "account babelforce, sign_in",
        "browsers reach this relay at",
    );
    let own = "redirect_uri = \"https://relay.acme.example/v1/sign-in/return\"";
    let config = config.replace(
        "redirect_uri = \"http://127.0.0.1:4100/v1/sign-in/return\"",
        own,
    );
    let told = place.check(&config).await;
    told.is_fine("account babelforce, sign_in", "https://relay.acme.example");
    assert!(!told.out.contains("sso_tenant"), "{}", told.out);

    let sso = |tenant: &str| config.replace(own, &format!("{own}, sso_tenant = \"{tenant}\""));
    place
        .check(&sso("acme"))
        .await
        .is_fine("account babelforce, sso_tenant", "leads to ");
    place
        .check(&sso("nobody-here"))
        .await
        .is_wrong("account babelforce, sso_tenant", "`sso_tenant`");
}

#[tokio::test]
async fn check_says_when_supervisors_alone_may_open_the_admin_pages() {
    let place = Place::new().await;
    let config = with_admin(place.config.clone());
    place
        .check(&config)
        .await
        .is_fine("admin", "with everything");
    let only: Vec<String> = config
        .lines()
        .map(|line| match line.starts_with("admin = ") {
            true => line.replace("\" }", "\", role = \"supervisor\" }"),
            false => line.to_owned(),
        })
        .collect();
    let only = only.join("\n");
    place
        .check(&only)
        .await
        .is_wrong("admin", "supervisors alone");
}
