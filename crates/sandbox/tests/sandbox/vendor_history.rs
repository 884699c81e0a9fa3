//! babelforce's own client reads past calls and recordings, and sets variables: the same as our core does.

use std::collections::HashMap;

use babelforce_manager_sdk::CallReportFilter;
use babelforce_manager_sdk::r#gen::manager::models::SetCallSessionVariablesRequest;
use serde_json::json;

use crate::history::made_up;
use crate::running::{AGENT, Running};
use crate::vendor_client::client;

#[tokio::test]
async fn it_reads_the_report_with_its_filters_and_pages() {
    let running = Running::start().await;
    made_up(&running).await;
    let client = client(&running).await;
    let filter = CallReportFilter {
        from_number: Some("+4915228817386".to_owned()),
        ..CallReportFilter::default()
    };
    let page = client
        .calls
        .reporting
        .list_page(1, Some(1), &filter)
        .await
        .unwrap();
    assert_eq!((page.items.len(), page.pages), (1, 2));
    let filter = CallReportFilter {
        agent_id: Some(AGENT.to_owned()),
        r#type: Some("inbound".to_owned()),
        ..filter
    };
    let page = client
        .calls
        .reporting
        .list_page(1, None, &filter)
        .await
        .unwrap();
    let [call] = page.items.as_slice() else {
        panic!("{page:?}");
    };
    assert_eq!(call.recordings.as_ref().unwrap().len(), 1);
    assert_eq!(call.bridged.as_ref().unwrap().name, "Alex Adler");
    assert_eq!(client.calls.reporting.list_all().await.unwrap().len(), 4);
}

#[tokio::test]
async fn it_finds_the_same_recording() {
    let running = Running::start().await;
    made_up(&running).await;
    let client = client(&running).await;
    let listed = client.recordings.list_all().await.unwrap();
    let [recording] = listed.as_slice() else {
        panic!("{listed:?}");
    };
    let id = recording.id.simple().to_string();
    assert_eq!(
        client.recordings.get(&id).await.unwrap().item.url,
        recording.url
    );
}

#[tokio::test]
async fn it_sets_variables_of_a_call() {
    let running = Running::start().await;
    let call = running.place_call(&running.token().await).await;
    let variables = HashMap::from([("app.priority".to_owned(), json!("high"))]);
    let request = SetCallSessionVariablesRequest {
        variables: Some(variables),
    };
    let set = client(&running)
        .await
        .calls
        .set_session_variables(&call, request)
        .await
        .unwrap();
    assert_eq!(set.success, Some(true));
}
