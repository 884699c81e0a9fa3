use serde_json::{Value, json};

use super::*;
use crate::capability::Capability;
use crate::http::{Failure, Response};
use crate::provider::Provider;

fn account() -> Samespace {
    Samespace::from_config(json!({
        "cluster_id": "ph1c", "cloud_id": "leap",
        "campaign": {"name": "Spring", "team": "sales", "dial_list": "Dial_list"},
    }))
    .unwrap()
}

#[test]
fn a_contact_is_added_with_the_token_to_the_campaign_that_is_configured() {
    let account = account();
    let contact = Contact {
        number: "+919654301006".parse().unwrap(),
        payload: Payload::from_json(r#"{"name":"Tom","score":1.50}"#).unwrap(),
    };
    let token = Secret::new("canary");
    let request = account.campaign().unwrap().add(&contact, &token).unwrap();
    assert_eq!(
        request.url,
        "https://ph1c.samespace.com/router/api/v2/campaign/add"
    );
    assert_eq!((request.method.as_str(), &request.bearer), ("POST", &None));
    assert!(!format!("{request:?}").contains("canary"));
    let text = request.body.as_ref().unwrap().text();
    assert!(text.contains(r#""score":1.50"#), "byte for byte");
    let body: Value = serde_json::from_str(text).unwrap();
    let expected = json!({
        "cloud_id": "leap", "auth_token": "canary", "campaign": "Spring", "team_name": "sales",
        "source": "Dial_list", "number": "919654301006", "data": {"name": "Tom", "score": 1.5},
    });
    assert_eq!(body, expected);
}

#[test]
fn there_is_a_campaign_only_where_an_account_turns_it_on() {
    let off = Samespace::from_config(json!({"cluster_id": "a", "cloud_id": "b"})).unwrap();
    assert!(off.campaign().is_none() && !off.can(Capability::Campaign));
    assert!(account().campaign().is_some() && account().can(Capability::Campaign));
    for (campaign, code) in [
        (json!({"name": "x", "team": "y"}), Code::MissingField),
        (
            json!({"name": "x", "team": "y", "dial_list": " "}),
            Code::InvalidField,
        ),
    ] {
        let config = json!({"cluster_id": "a", "cloud_id": "b", "campaign": campaign});
        assert_eq!(Samespace::from_config(config).unwrap_err().code, code);
    }
}

#[test]
fn the_reply_is_decided_on_success_as_a_bool_or_as_a_text() {
    let account = account();
    let read = |reply| account.campaign().unwrap().read_added(reply);
    let said = |body| read(Ok(Response::json(200, body)));
    assert_eq!(said(r#"{"success":true}"#), Outcome::Accepted);
    assert_eq!(said(r#"{"success":"true"}"#), Outcome::Accepted);
    assert!(matches!(
        said(r#"{"success":"false"}"#),
        Outcome::Refused(_)
    ));
    assert!(matches!(said("{}"), Outcome::Unknown(_)));
    let lost = read(Err(Failure::Lost("x".into())));
    assert!(matches!(lost, Outcome::Unknown(_)));
}
