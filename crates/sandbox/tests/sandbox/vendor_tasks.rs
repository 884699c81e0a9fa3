//! babelforce's own client and this project's core ask the sandbox for the same tasks.

use babelforce_manager_sdk::r#gen::task_automation::models::{
    AgentActions, AgentLocking, InterruptionTargetStates, ManualActionRequest, SubmitTask,
    TaskState,
};
use babelforce_manager_sdk::r#gen::task_schedule::models::SubmitTaskSchedule;
use babelforce_manager_sdk::{Auth, ManagerClient};
use patchcord_core::provider::tasks::{Filter, ScheduleName, State, Tasks};
use patchcord_core::secret::Secret;
use serde_json::json;

use crate::ours::{account, exchange};
use crate::running::{PASSWORD, QUEUE, Running, USERNAME};

async fn client(running: &Running, user: &str, pass: &str) -> ManagerClient {
    let auth = Auth::Password {
        user: user.to_owned(),
        pass: pass.to_owned(),
        client_id: None,
    };
    let builder = ManagerClient::builder(auth).base_url(running.sandbox.url());
    builder.connect().await.unwrap()
}

#[tokio::test]
async fn both_clients_see_the_same_tasks() {
    let running = Running::start().await;
    let theirs = client(&running, USERNAME, PASSWORD).await;
    let variables =
        json!({"queue_id": QUEUE, "body": {"to": "+4915228817386"}, "scheduled_at": "in 1h"});
    let made = theirs
        .tasks
        .create_from_template("callback", variables)
        .await;
    let made = made.unwrap();
    let mut plain = SubmitTask::new();
    plain.r#type = Some("acme.a".to_owned());
    plain.scheduled_at = Some("at 32503680000000".to_owned());
    let plain = theirs.tasks.create(plain).await.unwrap();
    let reason = Some(ManualActionRequest::new("wrong".to_owned()));
    let end = InterruptionTargetStates::Failed;
    theirs
        .tasks
        .interrupt(&plain.id.to_string(), end, reason)
        .await
        .unwrap();

    let ours = account(&running);
    let token = Secret::new(running.token().await);
    let filter = Filter {
        states: vec![State::Scheduled],
        ..Filter::default()
    };
    let request = ours.list(&filter, 1, 20, Some(&token)).unwrap();
    let list = ours
        .read_list(1, exchange(&running, request).await)
        .unwrap();
    let theirs_list = theirs.tasks.list(Some("state=in=('Scheduled')")).await;
    let theirs_list = theirs_list.unwrap().records.unwrap();
    let (one, other) = (&list.items[..], &theirs_list[..]);
    assert_eq!((one.len(), other.len()), (1, 1));
    assert_eq!(one[0].id, other[0].id.simple().to_string());
    assert_eq!(other[0], made);
    assert_eq!(one[0].kind.as_deref(), Some(made.r#type.as_str()));
    assert_eq!(one[0].created, u64::try_from(made.created_at).ok());
    let state = theirs
        .tasks
        .get(&plain.id.simple().to_string())
        .await
        .unwrap()
        .state;
    let request = ours.get(&plain.id.to_string(), Some(&token)).unwrap();
    let mine = ours
        .read_task(exchange(&running, request).await)
        .unwrap()
        .state;
    assert_eq!((state, mine), (TaskState::Failed, State::Failed));
}

#[tokio::test]
async fn both_clients_see_the_same_schedules() {
    let running = Running::start().await;
    let theirs = client(&running, USERNAME, PASSWORD).await;
    let mut body = SubmitTaskSchedule::new(
        "0 9 * * MON-FRI".to_owned(),
        "mornings".to_owned(),
        json!({"type": "acme.report"}),
    );
    body.timezone = Some("Europe/Berlin".to_owned());
    theirs.schedules.create(body).await.unwrap();
    let listed = theirs.schedules.list().await.unwrap().records.unwrap();
    assert_eq!(listed, [theirs.schedules.get("mornings").await.unwrap()]);
    let ours = account(&running);
    let token = Secret::new(running.token().await);
    let name = ScheduleName::parse("mornings").unwrap();
    let request = ours.schedule(&name, Some(&token)).unwrap();
    let one = ours
        .read_schedule(exchange(&running, request).await)
        .unwrap();
    assert_eq!(
        (one.cron, Some(one.zone)),
        (listed[0].cron.clone(), listed[0].timezone.clone())
    );
    theirs.schedules.delete("mornings").await.unwrap();
    assert!(theirs.schedules.get("mornings").await.is_err());
}

#[tokio::test]
async fn an_agent_with_the_platforms_client_acts_on_a_task_and_is_unlocked() {
    let running = Running::start().await;
    let manager = client(&running, USERNAME, PASSWORD).await;
    let alex = client(&running, "alex@acme.example", "alex-password").await;
    let mut new = SubmitTask::new();
    new.r#type = Some("acme.a".to_owned());
    let made = manager.tasks.create(new).await.unwrap();
    let id = made.id.simple().to_string();
    let taken = alex
        .tasks
        .agent_action(&id, AgentActions::Accept, None)
        .await;
    assert_eq!(taken.unwrap().state, TaskState::Pending);
    let reason = Some(ManualActionRequest::new("done".to_owned()));
    let done = alex
        .tasks
        .agent_action(&id, AgentActions::Complete, reason)
        .await;
    assert_eq!(done.unwrap().state, TaskState::Completed);
    let lock = alex
        .tasks
        .set_agent_lock(AgentLocking::Unlock)
        .await
        .unwrap();
    assert_eq!(lock.agent_id, made.agent_id);
}
