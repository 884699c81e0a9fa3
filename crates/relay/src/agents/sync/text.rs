//! A plan as lines of text, for the command.

use super::plan::{Candidate, Change, Gone, Person, Plan, Seat, Why};
use super::{Between, By};

/// Everything that a plan says, and what it is known by. `remarks` are about the file.
pub fn shown(between: &Between, plan: &Plan, remarks: &[String]) -> String {
    let mut text = format!(
        "users of {} as agents of {}\n",
        between.org, between.account
    );
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            text.push_str(&format!("\n{title} ({}):\n", lines.len()));
            for line in lines {
                text.push_str(&format!("  {line}\n"));
            }
        }
    };
    let matched = |wanted: fn(&Change) -> bool| {
        let some = plan.matched.iter().filter(|one| wanted(&one.change));
        some.map(|one| {
            let before = match &one.change {
                Change::From(agent) => format!(", instead of {agent}"),
                Change::None | Change::New => String::new(),
            };
            let source = one.said_by.as_ref();
            let source = source.map_or_else(String::new, |source| format!(", by {source} too"));
            format!(
                "{} = {}, by {}{before}{source}",
                person(&one.user),
                seat(&one.agent),
                by(one.by)
            )
        })
        .collect()
    };
    section("as before", matched(|change| *change == Change::None));
    section("new", matched(|change| *change == Change::New));
    section(
        "changed",
        matched(|change| matches!(change, Change::From(_))),
    );
    section(
        "removed, their sessions end",
        plan.removed
            .iter()
            .map(|one| format!("{} was {}: {}", person(&one.user), one.agent, gone(one.why)))
            .collect(),
    );
    section(
        "AMBIGUOUS, left as they are",
        plan.ambiguous
            .iter()
            .map(|one| {
                let candidates: Vec<_> = one.candidates.iter().map(candidate).collect();
                let stays = one.stays.as_ref();
                let stays = stays.map_or_else(String::new, |agent| format!("; stays {agent}"));
                format!("{}: {}{stays}", person(&one.user), candidates.join(", or "))
            })
            .collect(),
    );
    section(
        "users without an agent",
        plan.without_agent.iter().map(person).collect(),
    );
    section(
        "agents without a user",
        plan.without_user.iter().map(seat).collect(),
    );
    section(
        "gone from the CRM, but still mapped by another source",
        plan.still_known
            .iter()
            .map(|one| format!("{} = {}, by {}", one.sub, one.agent, one.source))
            .collect(),
    );
    section("in the file", remarks.to_vec());
    text.push_str(&format!("\nplan {}\n", between.fingerprint(plan)));
    text
}

/// By what somebody was found.
pub const fn by(by: By) -> &'static str {
    match by {
        By::SourceId => "sourceId",
        By::Email => "e-mail address",
        By::Number => "number",
    }
}

/// Why somebody is removed.
pub const fn gone(why: Gone) -> &'static str {
    match why {
        Gone::Left => "not in the CRM any more",
        Gone::Inactive => "not active any more",
        Gone::NoAgent => "no agent fits any more",
    }
}

/// Why an agent may be a user.
pub fn why(why: &Why) -> String {
    match why {
        Why::Fits(one) => format!("by {}", by(*one)),
        Why::SaidBy(source) => format!("mapped by {source}"),
        Why::IsOther { sub, source } => format!("mapped to {sub} by {source}"),
    }
}

fn person(person: &Person) -> String {
    let called = person.name.as_deref().or(person.email.as_deref());
    called.map_or_else(
        || person.sub.clone(),
        |name| format!("{} ({name})", person.sub),
    )
}

fn seat(seat: &Seat) -> String {
    let called = seat.name.as_deref().or(seat.email.as_deref());
    called.map_or_else(
        || seat.agent.clone(),
        |name| format!("{} ({name})", seat.agent),
    )
}

fn candidate(candidate: &Candidate) -> String {
    format!("{} {}", seat(&candidate.agent), why(&candidate.why))
}
