//! The condensed report, asked for by our core and held to the published document in both directions.

use patchcord_core::http::{Reply, Request, Response};
use patchcord_core::provider::Provider;
use patchcord_core::provider::babelforce::figures::Which;
use patchcord_core::provider::past_calls::{Asked, Direction, End, PastCall, PastCalls};
use patchcord_core::secret::Secret;

use crate::history::made_up;
use crate::ours::{account, exchange};
use crate::published::{documents, operation};
use crate::running::Running;

const WHOLE: &str = "/api/v2/calls/reporting/simple";

fn asked(size: u32) -> Asked {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let now = u64::try_from(now.as_millis()).unwrap();
    Asked {
        since: now - 7 * 86_400_000,
        until: now + 60_000,
        with: None,
        size,
    }
}

/// A part of the report takes the filters of the whole, says its description; its list of parameters leaves them out.
async fn send(running: &Running, request: Request) -> Reply {
    let path = request.url.trim_start_matches(&running.sandbox.url());
    let (bare, query) = path.split_once('?').unwrap();
    if bare == WHOLE {
        return exchange(running, request).await;
    }
    let token = request.bearer.as_ref().unwrap().expose();
    let answer = running.read(token, path).await;
    if let Some(documents) = documents() {
        operation(documents, "GET", WHOLE).check_query(query);
        operation(documents, "GET", bare).check_reply(&answer);
    }
    Ok(Response::json(answer.status, &answer.body.to_string()))
}

/// Every page.
async fn all(running: &Running, figures: &dyn PastCalls, size: u32) -> Vec<PastCall> {
    let token = Secret::new(running.token().await);
    let (asked, mut next, mut calls) = (asked(size), Some(1), Vec::new());
    while let Some(page) = next {
        let request = figures.ask(&asked, page, Some(&token)).unwrap();
        let reply = send(running, request).await;
        let read = figures.read(&asked, page, reply).unwrap();
        calls.extend(read.items);
        next = read.next;
    }
    calls
}

#[tokio::test]
async fn figures_are_the_same_calls_as_the_history_without_numbers() {
    let running = Running::start().await;
    made_up(&running).await;
    let account = account(&running);
    let figures = all(&running, account.figures().unwrap(), 3).await;
    let history = all(&running, account.past_calls().unwrap(), 50).await;
    let ids = |calls: &[PastCall]| calls.iter().map(|call| call.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&figures), ids(&history));
    assert!(figures.len() > 3, "more than a page");
    for (figure, known) in figures.iter().zip(&history) {
        assert_eq!(figure.direction, known.direction);
        assert_eq!(figure.started, known.started);
        assert_eq!(figure.answered_after, known.answered_after);
        assert_eq!(figure.end == End::Talked, known.end == End::Talked);
        assert_eq!((&figure.from, &figure.to), (&None, &None));
    }
    let told = figures.iter().find(|call| call.end == End::Talked).unwrap();
    assert!(told.agent.as_ref().unwrap().name.is_some());
}

#[tokio::test]
async fn each_part_of_the_report_has_its_own_calls() {
    let running = Running::start().await;
    made_up(&running).await;
    let account = account(&running);
    let whole = all(&running, account.figures().unwrap(), 50).await;
    let of = async |which| all(&running, &account.condensed().only(which), 50).await;
    let (inbound, outbound) = (of(Which::Inbound).await, of(Which::Outbound).await);
    assert_eq!(inbound.len() + outbound.len(), whole.len());
    let came = |call: &PastCall| call.direction == Some(Direction::Inbound);
    assert!(!inbound.is_empty() && inbound.iter().all(came));
    assert!(!outbound.is_empty() && !outbound.iter().any(came));
    assert_eq!(of(Which::Dialler).await, []);
}
