//! Filters of tasks: what is written means what was wanted, to the sandbox that reads it, and nothing that a person
//! types becomes a condition of its own.

use patchcord_core::error::Code;
use patchcord_core::provider::Provider;
use patchcord_core::provider::babelforce::Babelforce;
use patchcord_core::provider::tasks::{Filter, State, Times};
use patchcord_sandbox::rsql;
use serde_json::json;

use crate::reply::split;

thread_local! {
    static BABELFORCE: Babelforce = Babelforce::from_config(json!({
        "environment": "apps",
        "grant": { "type": "password", "username": "relay", "password": "secret" },
    }))
    .expect("an account");
}

/// A task, as far as filters can ask for it.
struct Task<'a> {
    state: &'a str,
    kind: &'a str,
    created: u64,
    scheduled: u64,
}

impl Task<'_> {
    fn field(&self, name: &str) -> Option<Option<String>> {
        Some(match name {
            "state" => Some(self.state.to_owned()),
            "type" => Some(self.kind.to_owned()),
            "created_at" => Some(self.created.to_string()),
            "scheduled_at" => Some(self.scheduled.to_string()),
            "queue_id" => None,
            _ => return None,
        })
    }

    fn fits(&self, filter: &Filter) -> bool {
        let states = &filter.states;
        (states.is_empty() || states.iter().any(|state| state.as_str() == self.state))
            && filter.kind.as_deref().is_none_or(|kind| kind == self.kind)
            && is_in(filter.created, self.created)
            && is_in(filter.scheduled, self.scheduled)
    }
}

fn is_in(times: Times, at: u64) -> bool {
    times.since.is_none_or(|since| since <= at) && times.until.is_none_or(|until| at < until)
}

/// Takes a first line `read`, and a filter as it arrives at the sandbox; or lines with what is wanted: `state `,
/// `type `, `created ` and `scheduled ` with the first and the last millisecond, each perhaps missing.
pub fn check(data: &[u8]) {
    match split(data) {
        (b"read", filter) => check_read(&String::from_utf8_lossy(filter)),
        _ => check_written(&wanted(&String::from_utf8_lossy(data))),
    }
}

/// What a filter says of one task, which it also says in parentheses, and together with itself.
fn check_read(filter: &str) {
    let task = Task {
        state: "Scheduled",
        kind: "call",
        created: 1_610_115_403_866,
        scheduled: 0,
    };
    let holds = |text: &str| rsql::parse(text)?.holds(&|name| task.field(name));
    let said = holds(filter);
    for more in [
        format!("({filter})"),
        format!(" ( {filter} ) "),
        format!("({filter}) and ({filter})"),
        format!("({filter}) or ({filter})"),
        format!("({filter});({filter}),({filter})"),
    ] {
        let again = holds(&more);
        // Parentheses go only so deep.
        let deep = again.is_none() && filter.matches('(').count() > 8;
        assert!(said.is_none() || again == said || deep, "{more}");
    }
    let no_field = format!("({filter}) and nothing=='a'");
    assert_eq!(holds(&no_field), None, "{no_field}");
}

fn check_written(filter: &Filter) {
    let request = BABELFORCE.with(|account| {
        let tasks = account.tasks().expect("tasks");
        tasks.list(filter, 1, 50, None)
    });
    let request = match request {
        Ok(request) => request,
        Err(error) => {
            assert_eq!(error.code, Code::InvalidField);
            assert_eq!(error.field.as_deref(), Some("type"));
            assert!(filter.kind.is_some());
            return;
        }
    };
    let (_, query) = request.url.split_once('?').expect("a query");
    let values = query
        .split('&')
        .filter_map(|pair| pair.strip_prefix("filter="));
    let written: Vec<String> = values.map(decoded).collect();
    let asked = match written.as_slice() {
        [] => None,
        [one] => Some(rsql::parse(one).unwrap_or_else(|| panic!("nobody reads {one}"))),
        more => panic!("{more:?}"),
    };
    for task in tasks(filter) {
        let holds = asked.as_ref().is_none_or(|asked| {
            let holds = asked.holds(&|name| task.field(name));
            holds.expect("fields that there are")
        });
        assert_eq!(holds, task.fits(filter), "{written:?}");
    }
}

/// The text of a query's value, of which all but letters, digits, `-`, `.`, `_` and `~` is encoded.
fn decoded(value: &str) -> String {
    let mut parts = value.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (byte, rest) = part.split_at_checked(2).expect("two digits");
        bytes.push(u8::from_str_radix(byte, 16).expect("hexadecimal digits"));
        bytes.extend_from_slice(rest.as_bytes());
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
    assert!(value.bytes().all(plain), "{value}");
    String::from_utf8(bytes).expect("text")
}

/// Tasks at and beside every limit of a filter.
fn tasks(filter: &Filter) -> Vec<Task<'_>> {
    let states = filter.states.iter().map(State::as_str);
    let states: Vec<&str> = states.chain(["Selecting", ""]).collect();
    let kinds = [filter.kind.as_deref().unwrap_or("call"), "call2"];
    let mut tasks = Vec::new();
    for state in states {
        for kind in kinds {
            for created in beside(filter.created) {
                for scheduled in beside(filter.scheduled) {
                    tasks.push(Task {
                        state,
                        kind,
                        created,
                        scheduled,
                    });
                }
            }
        }
    }
    tasks
}

fn beside(times: Times) -> Vec<u64> {
    let limits = [times.since, times.until].into_iter().flatten();
    let mut beside: Vec<u64> = limits
        .flat_map(|at| [at.saturating_sub(1), at, at.saturating_add(1)])
        .collect();
    beside.push(0);
    beside
}

fn wanted(text: &str) -> Filter {
    let mut filter = Filter::default();
    for line in text.lines().take(8) {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        match name {
            "state" => filter.states.push(State::parse(value)),
            "type" => filter.kind = Some(value.to_owned()),
            "created" => filter.created = times(value),
            "scheduled" => filter.scheduled = times(value),
            _ => {}
        }
    }
    filter
}

fn times(text: &str) -> Times {
    let (since, until) = text.split_once(' ').unwrap_or((text, ""));
    Times {
        since: since.parse().ok(),
        until: until.parse().ok(),
    }
}
