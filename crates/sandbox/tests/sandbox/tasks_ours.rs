//! Tasks, templates and schedules as this project's own core asks for them, held to the published documents.

use patchcord_core::callback::CallbackRequest;
use patchcord_core::error::Code;
use patchcord_core::payload::Payload;
use patchcord_core::provider::Provider;
use patchcord_core::provider::tasks::{
    AgentAction, Cron, End, Filter, Lock, NewSchedule, NewTask, Reason, ScheduleName, State, Style,
    Task, Tasks, Template, Times, When, Zone,
};
use patchcord_core::secret::Secret;
use serde_json::{Value, json};

use crate::ours::{account, exchange};
use crate::running::{AGENT, QUEUE, Running, text, until};

const SAM: &str = "1b2c3d4e5f60718293a4b5c6d7e8f90a";

fn payload(value: Value) -> Payload {
    Payload::from_json(&value.to_string()).unwrap()
}

fn task(kind: &str, when: When) -> NewTask {
    NewTask {
        kind: kind.to_owned(),
        queue: Some(QUEUE.to_owned()),
        when,
        body: payload(json!({"lead": "Ada"})),
    }
}

async fn manager(running: &Running) -> Secret {
    Secret::new(running.token().await)
}

async fn agent(running: &Running, name: &str) -> Secret {
    let form = [
        ("grant_type", "password"),
        ("username", &format!("{name}@acme.example")),
        ("password", &format!("{name}-password")),
    ];
    let grant = running.form("/oauth/token", &form).await.body;
    Secret::new(text(&grant["access_token"]))
}

async fn submit(running: &Running, token: &Secret, new: &NewTask) -> Task {
    let account = account(running);
    let request = account.submit(new, Some(token)).unwrap();
    account.read_task(exchange(running, request).await).unwrap()
}

async fn look(running: &Running, token: &Secret, id: &str) -> Task {
    let account = account(running);
    let request = account.get(id, Some(token)).unwrap();
    account.read_task(exchange(running, request).await).unwrap()
}

async fn kinds(running: &Running, token: &Secret, filter: &Filter) -> Vec<String> {
    let account = account(running);
    let (mut page, mut found) = (1, Vec::new());
    loop {
        let request = account.list(filter, page, 2, Some(token)).unwrap();
        let list = account.read_list(page, exchange(running, request).await);
        let list = list.unwrap();
        assert!(list.items.len() <= 2);
        found.extend(list.items.into_iter().filter_map(|task| task.kind));
        match list.next {
            Some(next) => page = next,
            None => return found,
        }
    }
}

#[tokio::test]
async fn tasks_are_found_by_what_is_asked_for_page_by_page() {
    let running = Running::start().await;
    let token = manager(&running).await;
    let far = When::At(32_503_680_000_000);
    let mut made = Vec::new();
    for (kind, when) in [
        ("acme.a", far),
        ("acme.b", When::Now),
        ("acme.c", When::After(694_510)),
        ("acme.a", far),
        ("acme.a", When::Now),
    ] {
        made.push(submit(&running, &token, &task(kind, when)).await);
    }
    let all = kinds(&running, &token, &Filter::default()).await;
    assert_eq!(all, ["acme.a", "acme.b", "acme.c", "acme.a", "acme.a"]);
    let scheduled = Filter {
        states: vec![State::Scheduled, State::Other("it's \\ new".to_owned())],
        ..Filter::default()
    };
    let found = kinds(&running, &token, &scheduled).await;
    assert_eq!(found, ["acme.a", "acme.c", "acme.a"]);
    let both = Filter {
        kind: Some("acme.a".to_owned()),
        scheduled: Times {
            since: Some(32_503_680_000_000),
            until: Some(32_503_680_000_001),
        },
        ..Filter::default()
    };
    assert_eq!(kinds(&running, &token, &both).await, ["acme.a", "acme.a"]);
    let none = Filter {
        created: Times {
            since: made[4].created.map(|at| at + 1),
            until: None,
        },
        ..Filter::default()
    };
    assert!(kinds(&running, &token, &none).await.is_empty());
}

#[tokio::test]
async fn a_task_is_ended_once_with_a_reason() {
    let running = Running::start().await;
    let token = manager(&running).await;
    let account = account(&running);
    for (end, state) in [
        (End::Completed, State::Completed),
        (End::Canceled, State::Canceled),
        (End::Failed, State::Failed),
    ] {
        let made = submit(&running, &token, &task("acme.a", When::Now)).await;
        let reason = Reason::parse(&"ü".repeat(255)).unwrap();
        let interrupt = || {
            account
                .interrupt(&made.id, end, &reason, Some(&token))
                .unwrap()
        };
        let done = account.read_done(exchange(&running, interrupt()).await);
        assert_eq!(done.as_str(), "accepted");
        assert_eq!(look(&running, &token, &made.id).await.state, state);
        let again = account.read_done(exchange(&running, interrupt()).await);
        let because = again.because().unwrap();
        assert_eq!(because.code, Code::ProviderRejectedRequest);
        let message = because.message.as_deref().unwrap();
        assert_eq!(message, "Conflict: the task has already ended");
    }
}

#[tokio::test]
async fn a_template_makes_the_same_task_in_both_styles() {
    let running = Running::start().await;
    let token = manager(&running).await;
    let account = account(&running);
    let template = Template::parse("callback").unwrap();
    let mut bodies = Vec::new();
    for (style, overrides) in [
        (
            Style::Flat,
            json!({"queue_id": QUEUE, "body.to": "+4915228817386", "body.lead.name": "Ada", "scheduled_at": "in 1h"}),
        ),
        (
            Style::Hierarchy,
            json!({"queue_id": QUEUE, "body": {"to": "+4915228817386", "lead": {"name": "Ada"}}, "scheduled_at": "in 1h"}),
        ),
    ] {
        let request =
            account.submit_by_template(&template, style, &payload(overrides), Some(&token));
        let made = account.read_task(exchange(&running, request.unwrap()).await);
        let made = made.unwrap();
        assert_eq!(made.kind.as_deref(), Some("babelforce.call.callback"));
        assert_eq!(made.state, State::Scheduled);
        bodies.push(made.body.unwrap());
    }
    assert_eq!(bodies[0], bodies[1]);
    let open =
        account.submit_by_template(&template, Style::Flat, &payload(json!({})), Some(&token));
    let refused = account.read_task(exchange(&running, open.unwrap()).await);
    let refused = refused.unwrap_err();
    assert_eq!(
        refused.because().unwrap().message.as_deref(),
        Some("Bad request: queue_id is required by the template callback")
    );
    let other = Template::parse("no such").unwrap();
    let request =
        account.submit_by_template(&other, Style::Flat, &payload(json!({})), Some(&token));
    let refused = account.read_task(exchange(&running, request.unwrap()).await);
    let refused = refused.unwrap_err();
    assert_eq!(refused.because().unwrap().code, Code::ProviderNotFound);
}

#[tokio::test]
async fn a_callback_becomes_the_task_that_the_topics_template_says() {
    let running = Running::start().await;
    let token = manager(&running).await;
    let account = account(&running);
    let fields = json!({"body.to": "number", "body.name": "payload.name", "queue_id": "queue_id", "scheduled_at": "time"});
    for style in ["flat", "hierarchy"] {
        for at in [None, Some(32_503_680_000_000)] {
            let target = json!({"queue_id": QUEUE, "template": "callback", "template_style": style, "template_fields": fields});
            account.check_target(&target).unwrap();
            let callback = CallbackRequest {
                number: "+4915228817386".parse().unwrap(),
                at,
                payload: payload(json!({"name": "Ada", "secret": 1})),
            };
            let request = account.callback(&target, &callback, Some(&token)).unwrap();
            let reply = exchange(&running, request).await;
            let made = account.read_task(reply.clone()).unwrap();
            assert_eq!(account.read_callback(reply).as_str(), "accepted");
            assert_eq!(
                made.body,
                Some(payload(json!({"to": "+4915228817386", "name": "Ada"})))
            );
            let waits = at.is_some().then_some(When::At(32_503_680_000_000));
            assert_eq!(made.when.filter(|_| at.is_some()), waits);
        }
    }
}

#[tokio::test]
async fn an_agent_takes_declines_and_completes_what_is_offered_to_them() {
    let running = Running::start().await;
    let token = manager(&running).await;
    let (alex, sam) = (agent(&running, "alex").await, agent(&running, "sam").await);
    let account = account(&running);
    let act = async |id: &str, action, token: &Secret| {
        let reason = Reason::parse("no time").unwrap();
        let reason = (action == AgentAction::Reject).then_some(&reason);
        let request = account.act(id, action, reason, token).unwrap();
        account.read_task(exchange(&running, request).await)
    };
    let made = submit(&running, &token, &task("acme.a", When::Now)).await;
    assert_eq!(made.agent.as_deref(), Some(AGENT));
    let others = act(&made.id, AgentAction::Accept, &sam).await.unwrap_err();
    assert_eq!(others.because().unwrap().code, Code::ProviderNotFound);
    let account_s = act(&made.id, AgentAction::Accept, &token).await;
    assert_eq!(
        account_s.unwrap_err().because().unwrap().code,
        Code::ProviderForbidden
    );

    let declined = act(&made.id, AgentAction::Reject, &alex).await.unwrap();
    assert_eq!(declined.agent.as_deref(), Some(SAM));
    let taken = act(&made.id, AgentAction::Accept, &sam).await.unwrap();
    assert_eq!(taken.state, State::Pending);
    let twice = act(&made.id, AgentAction::Accept, &sam).await.unwrap_err();
    assert_eq!(twice.because().unwrap().code, Code::ProviderRejectedRequest);
    let done = act(&made.id, AgentAction::Complete, &sam).await.unwrap();
    assert_eq!(done.state, State::Completed);

    let next = submit(&running, &token, &task("acme.b", When::Now)).await;
    assert_eq!(next.agent.as_deref(), Some(SAM), "Alex is locked");
    let request = account.unlock(&alex).unwrap();
    let lock = account.read_unlock(exchange(&running, request).await);
    assert_eq!(lock, Ok(Lock::Unlocked));
    let last = submit(&running, &token, &task("acme.c", When::Now)).await;
    assert_eq!(last.agent.as_deref(), Some(AGENT));
}

#[tokio::test]
async fn a_schedule_fires_by_the_clock_until_it_is_deleted() {
    let running = Running::start().await;
    let token = manager(&running).await;
    let account = account(&running);
    let schedule = NewSchedule {
        name: ScheduleName::parse("every second ü").unwrap(),
        cron: Cron::parse("* * * * * ?").unwrap(),
        zone: Zone::parse("Europe/Berlin").unwrap(),
        template: Some((Template::parse("reminder").unwrap(), Style::Flat)),
        task: payload(json!({"body.text": "Look up"})),
    };
    let create = || account.create_schedule(&schedule, Some(&token)).unwrap();
    let done = account.read_done(exchange(&running, create()).await);
    assert_eq!(done.as_str(), "accepted");
    let again = account.read_done(exchange(&running, create()).await);
    assert_eq!(again.because().unwrap().code, Code::ProviderRejectedRequest);
    let request = account.schedules(1, 20, Some(&token)).unwrap();
    let list = account.read_schedules(1, exchange(&running, request).await);
    let list = list.unwrap();
    let request = account.schedule(&schedule.name, Some(&token)).unwrap();
    let one = account.read_schedule(exchange(&running, request).await);
    assert_eq!(list.items, [one.unwrap()]);
    assert_eq!(
        (list.items[0].zone.as_str(), list.next),
        ("Europe/Berlin", None)
    );

    let reminders = Filter {
        kind: Some("acme.reminder".to_owned()),
        ..Filter::default()
    };
    until(async || kinds(&running, &token, &reminders).await.len() >= 2).await;
    let delete = || {
        account
            .delete_schedule(&schedule.name, Some(&token))
            .unwrap()
    };
    let done = account.read_done(exchange(&running, delete()).await);
    assert_eq!(done.as_str(), "accepted");
    let again = account.read_done(exchange(&running, delete()).await);
    assert_eq!(again.because().unwrap().code, Code::ProviderNotFound);
    assert_eq!(running.state().await["babelforce"]["schedules"], json!([]));
}
