//! The two CRMs, as their documentation has them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::running::{Answer, Running, text};

const HUBSPOT_TOKEN: &str = "pat-eu1-sandbox-token";
const CONTACT: &str = "0037S000004TqQXQA0";

async fn hubspot(running: &Running, path: &str) -> Answer {
    running.read(HUBSPOT_TOKEN, path).await
}

#[tokio::test]
async fn hubspot_gives_the_properties_that_were_asked_for_as_texts_or_null() {
    let running = Running::start().await;
    let path = "/crm/v3/objects/0-1/501?properties=plan,contract,nickname,no_such_property";
    let answer = hubspot(&running, path).await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        (&answer.body["id"], &answer.body["archived"]),
        (&json!("501"), &json!(false))
    );
    assert_eq!(
        answer.body["properties"],
        json!({
            "plan": "gold", "contract": "{\"tier\": \"gold\", \"seats\": [1, 2]}", "nickname": null,
            "hs_object_id": "501",
            "createdate": "2026-01-05T09:00:00.000Z", "lastmodifieddate": "2026-11-20T16:30:00.000Z",
        })
    );
}

#[tokio::test]
async fn hubspot_refuses_with_its_own_categories() {
    let running = Running::start().await;
    for (token, path, status, category) in [
        (
            "wrong",
            "/crm/v3/objects/0-1/501",
            401,
            "INVALID_AUTHENTICATION",
        ),
        (
            HUBSPOT_TOKEN,
            "/crm/v3/objects/0-1/999",
            404,
            "OBJECT_NOT_FOUND",
        ),
        (
            HUBSPOT_TOKEN,
            "/crm/v3/objects/0-99/501",
            400,
            "VALIDATION_ERROR",
        ),
        (HUBSPOT_TOKEN, "/crm/v3/lists", 404, "OBJECT_NOT_FOUND"),
    ] {
        let answer = running.read(token, path).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.body["status"], "error", "{path}");
        assert_eq!(answer.body["category"], category, "{path}");
    }
}

async fn token(running: &Running) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "3MVG9sandbox.client"),
        ("client_secret", "sandbox-client-secret"),
    ];
    let answer = running.form("/services/oauth2/token", &form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["token_type"], "Bearer");
    assert_eq!(answer.body["instance_url"], running.sandbox.url());
    text(&answer.body["access_token"])
}

async fn query(running: &Running, token: &str, query: &str) -> Answer {
    let request = running
        .request(Method::GET, "/services/data/v66.0/query")
        .query(&[("q", query)])
        .bearer_auth(token);
    Answer::of(request.send().await.unwrap()).await
}

#[tokio::test]
async fn salesforce_gives_a_record_with_its_compound_fields_and_its_parents_inside() {
    let running = Running::start().await;
    let token = token(&running).await;
    let asked = format!(
        "SELECT name,MailingAddress,Custom_Score__c,Nickname__c,Account.Name,Account.Owner.Name FROM Contact WHERE Id = '{CONTACT}' LIMIT 1"
    );
    let answer = query(&running, &token, &asked).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["totalSize"], 1);
    let row = &answer.body["records"][0];
    assert_eq!(
        row["attributes"],
        json!({ "type": "Contact", "url": format!("/services/data/v66.0/sobjects/Contact/{CONTACT}") })
    );
    assert_eq!(
        (&row["Name"], &row["Custom_Score__c"]),
        (&json!("Ada Lovelace"), &json!(42.5))
    );
    assert_eq!(row["MailingAddress"]["city"], "Berlin");
    assert_eq!(row.get("Nickname__c"), Some(&Value::Null));
    assert_eq!(row["Account"]["Name"], "Harbour Ltd");
    assert_eq!(row["Account"]["Owner"]["Name"], "Alex Adler");
    let short = asked.replace("QA0", "");
    assert_eq!(query(&running, &token, &short).await.body["totalSize"], 1);
    let nobody = asked.replace("TqQXQA0", "AAAAAA0");
    assert_eq!(query(&running, &token, &nobody).await.body["totalSize"], 0);
}

#[tokio::test]
async fn salesforce_refuses_as_its_rest_api_does() {
    let running = Running::start().await;
    let token = token(&running).await;
    let from = |fields: &str, kind: &str, id: &str| {
        format!("SELECT {fields} FROM {kind} WHERE Id = '{id}'")
    };
    for (asked, code) in [
        (from("Nope__c", "Contact", CONTACT), "INVALID_FIELD"),
        (from("Account", "Contact", CONTACT), "INVALID_FIELD"),
        (
            from("MailingAddress.city", "Contact", CONTACT),
            "INVALID_FIELD",
        ),
        (from("Name,name", "Contact", CONTACT), "INVALID_FIELD"),
        (from("Name", "Siebel", CONTACT), "INVALID_TYPE"),
        (
            from("Name", "Contact", "x"),
            "INVALID_QUERY_FILTER_OPERATOR",
        ),
        ("DELETE FROM Contact".to_owned(), "MALFORMED_QUERY"),
        (
            from("Name", "Contact", CONTACT) + " OR Name != ''",
            "MALFORMED_QUERY",
        ),
    ] {
        let answer = query(&running, &token, &asked).await;
        assert_eq!(answer.status, 400, "{asked}");
        assert_eq!(answer.body[0]["errorCode"], code, "{asked}");
    }
    let good = from("Name", "Contact", CONTACT);
    assert_eq!(query(&running, &token, &good).await.status, 200);
    running.post("/_sandbox/tokens/expire", Value::Null).await;
    let ended = query(&running, &token, &good).await;
    assert_eq!(ended.status, 401);
    assert_eq!(ended.body[0]["errorCode"], "INVALID_SESSION_ID");

    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "x"),
        ("client_secret", "y"),
    ];
    let refused = running.form("/services/oauth2/token", &form).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (400, &json!("invalid_client"))
    );
}
