//! babelforce's own client drives the sandbox: an oracle for the wire that shares nothing with
//! this project.

use babelforce_manager_sdk::r#gen::manager::models::{
    AgentOutboundCallRequest, CallState, QueueCallbackRequest, UpdateAgentStatusRequest,
};
use babelforce_manager_sdk::r#gen::task_automation::models::SubmitTask;
use babelforce_manager_sdk::{Auth, ListAgentsQuery, ManagerClient, ManagerError, RetryPolicy};
use serde_json::json;

use crate::running::{AGENT, HYPHENATED_AGENT, PASSWORD, QUEUE, Running, USERNAME, text};

async fn connect(running: &Running, auth: Auth) -> Result<ManagerClient, ManagerError> {
    let builder = ManagerClient::builder(auth).base_url(running.sandbox.url());
    builder.retry(RetryPolicy::default()).connect().await
}

pub async fn client(running: &Running) -> ManagerClient {
    let auth = Auth::Password {
        user: USERNAME.to_owned(),
        pass: PASSWORD.to_owned(),
        client_id: None,
    };
    connect(running, auth).await.unwrap()
}

#[tokio::test]
async fn it_signs_in_with_every_grant_and_sees_who_it_is() {
    let running = Running::start().await;
    let by_password = client(&running).await;
    assert_eq!(by_password.me.get().await.unwrap().item.username, USERNAME);
    by_password.system.ping().await.unwrap();

    let client_credentials = Auth::ClientCredentials {
        client_id: "patchcord".to_owned(),
        client_secret: "sandbox-client-secret".to_owned(),
    };
    connect(&running, client_credentials).await.unwrap();

    let refresh_token = text(&running.grant().await["refresh_token"]);
    let refresh = || Auth::RefreshToken {
        refresh_token: refresh_token.clone(),
        client_id: "manager".to_owned(),
        client_secret: None,
    };
    connect(&running, refresh()).await.unwrap();
    let reused = connect(&running, refresh()).await.err().unwrap();
    assert!(
        matches!(reused, ManagerError::Api { status: 400, .. }),
        "{reused:?}"
    );
}

#[tokio::test]
async fn it_finds_the_agent_of_a_crm_user() {
    let running = Running::start().await;
    let client = client(&running).await;
    let query = ListAgentsQuery {
        source_id: Some("005ALEX".to_owned()),
        source: Some("salesforce".to_owned()),
        ..ListAgentsQuery::default()
    };
    let agents = client.agents.list(query).await.unwrap();
    assert_eq!(agents.len(), 1);
    assert_eq!(agents[0].email.as_deref(), Some("alex@acme.example"));
    assert_eq!(client.agents.list_all().await.unwrap().len(), 3);
    client.agents.get(AGENT).await.unwrap();
    assert_eq!(client.agents.presences().await.unwrap().items.len(), 3);
    assert_eq!(client.agents.get_status(AGENT).await.unwrap().item.len(), 1);
    let mut away = UpdateAgentStatusRequest::new();
    away.enabled = Some(false);
    assert!(
        !client
            .agents
            .update_status(AGENT, away)
            .await
            .unwrap()
            .enabled
    );
}

#[tokio::test]
async fn it_places_follows_and_ends_a_call() {
    let running = Running::start().await;
    let client = client(&running).await;
    let mut request = AgentOutboundCallRequest::new("+4915228817386".to_owned());
    request.display_as_to = Some("+493012345678".to_owned());
    request.session = Some([("deal".to_owned(), json!({"open": true}))].into());
    let placed = client
        .outbound
        .create_agent_call(AGENT, request)
        .await
        .unwrap();
    assert_eq!(placed.item.state, CallState::Init);
    let id = placed.item.id.simple().to_string();

    running.set_call(&id, json!({"state": "bridged"})).await;
    assert_eq!(
        client.calls.get(&id).await.unwrap().item.state,
        CallState::Bridged
    );
    assert_eq!(client.calls.reporting.list_all().await.unwrap().len(), 1);
    let ended = client.calls.hangup(&id).await.unwrap();
    assert!(ended.success);
    assert_eq!(ended.item.state, CallState::Completed);
    assert!(!client.calls.cancel(&id).await.unwrap().success);
    assert!(!client.agents.hangup_call(AGENT).await.unwrap().success);
}

#[tokio::test]
async fn it_queues_a_callback_that_is_a_waiting_call() {
    let running = Running::start().await;
    let client = client(&running).await;
    assert_eq!(client.queues.list_all().await.unwrap().len(), 1);
    let request = QueueCallbackRequest::new("+4915228817386".to_owned());
    let queued = client.calls.queue_callback(QUEUE, request).await.unwrap();
    let id = queued.item.id.unwrap();
    running
        .set_call(&id, json!({"state": "bridged", "agentId": AGENT}))
        .await;
    let call = client.calls.get(&id).await.unwrap().item;
    assert_eq!(call.bridged.unwrap().queue_name, "Support");
    client.calls.hangup(&id).await.unwrap();
}

#[tokio::test]
async fn it_submits_and_reads_a_scheduled_task() {
    let running = Running::start().await;
    let client = client(&running).await;
    let mut request = SubmitTask::new();
    request.r#type = Some("acme.callback".to_owned());
    request.scheduled_at = Some("in 1w 3d 5h 10min 5sec".to_owned());
    let made = client.tasks.create(request).await.unwrap();
    let id = made.id.simple().to_string();
    assert_eq!(client.tasks.get(&id).await.unwrap(), made);
}

#[tokio::test]
async fn it_understands_the_errors() {
    let running = Running::start().await;
    let client = client(&running).await;
    let request = AgentOutboundCallRequest::new("call me".to_owned());
    let refused = client
        .outbound
        .create_agent_call(AGENT, request)
        .await
        .unwrap_err();
    match refused {
        ManagerError::Api {
            status,
            code,
            message,
            ..
        } => {
            assert_eq!((status, code.as_deref()), (400, Some("invalid_parameter")));
            assert!(message.starts_with("to "), "{message}");
        }
        other => panic!("{other:?}"),
    }
    // The client writes ids in a path without hyphens, however they were given.
    client.agents.get(HYPHENATED_AGENT).await.unwrap();
    running.post("/_sandbox/tokens/expire", json!({})).await;
    let stale = client.agents.get(AGENT).await.unwrap_err();
    assert!(
        matches!(stale, ManagerError::Api { status: 401, .. }),
        "{stale:?}"
    );
}
