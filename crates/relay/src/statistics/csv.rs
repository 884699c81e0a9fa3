//! The figures as CSV (RFC 4180, UTF-8): one row for each group of calls and of callbacks.

use patchcord_core::provider::past_calls::Named;

use super::own::{Callbacks, Own};
use super::platforms::{AtPlatform, Reading};
use super::tally::{Tally, Word};
use super::{Figures, Group, name};

/// The columns.
const COLUMNS: [&str; 9] = [
    "source", "from", "to", "kind", "team", "agent", "topic", "outcome", "count",
];
/// What the relay counts itself; accounts have names of their own, which the configuration could make the same, so
/// `kind` tells the two apart.
const RELAY: &str = "relay";

/// One line.
struct Line<'l> {
    source: &'l str,
    kind: &'l str,
    team: Option<&'l str>,
    agent: Option<&'l str>,
    topic: Option<&'l str>,
    outcome: &'l str,
    count: Option<u64>,
}

impl Figures {
    /// As a file for a spreadsheet.
    ///
    /// # Errors
    /// None that is known: it is written into memory.
    pub fn csv(&self) -> Result<Vec<u8>, ::csv::Error> {
        let mut file = ::csv::WriterBuilder::new()
            .terminator(::csv::Terminator::CRLF)
            .from_writer(Vec::new());
        file.write_record(COLUMNS)?;
        let (from, to) = (self.period.from().to_string(), self.period.to().to_string());
        let mut write = |line: Line<'_>| {
            let count = line
                .count
                .map(|count| count.to_string())
                .unwrap_or_default();
            file.write_record([
                &*harmless(line.source),
                &from,
                &to,
                line.kind,
                &harmless(line.team.unwrap_or_default()),
                &harmless(line.agent.unwrap_or_default()),
                &harmless(line.topic.unwrap_or_default()),
                line.outcome,
                &count,
            ])
        };
        own(&self.own, &mut write)?;
        for platform in &self.platforms {
            at_platform(platform, &mut write)?;
        }
        file.into_inner()
            .map_err(|error| ::csv::Error::from(std::io::Error::other(error.to_string())))
    }
}

type Write<'w> = &'w mut dyn FnMut(Line<'_>) -> Result<(), ::csv::Error>;

fn own(own: &Own, write: Write<'_>) -> Result<(), ::csv::Error> {
    groups(RELAY, "call", &own.calls, write)?;
    if let Some(told) = &own.callbacks {
        callbacks(told, write)?;
    }
    if own.forgotten_before.is_some() {
        write(noted(RELAY, "incomplete", "forgotten", None))?;
    }
    Ok(())
}

fn callbacks(told: &Callbacks, write: Write<'_>) -> Result<(), ::csv::Error> {
    for (topic, counts) in told.asked.groups() {
        for (state, count) in counts.iter().filter(|(_, count)| *count > 0) {
            write(Line {
                source: RELAY,
                kind: "callback",
                team: None,
                agent: None,
                topic: Some(topic),
                outcome: Word::as_str(state),
                count: Some(count),
            })?;
        }
    }
    for (outcome, count) in [("due", told.waiting.due), ("later", told.waiting.later)] {
        write(noted(
            RELAY,
            "waiting_callbacks",
            outcome,
            Some(count.unsigned_abs()),
        ))?;
    }
    Ok(())
}

fn at_platform(platform: &AtPlatform, write: Write<'_>) -> Result<(), ::csv::Error> {
    let account = platform.account.as_str();
    if let Some(calls) = &platform.calls
        && let Some(told) = told(account, calls, |told| told.cut, write)?
    {
        groups(account, "platform_call", &told.calls, write)?;
    }
    if let Some(queues) = &platform.queues
        && let Some(told) = told(account, queues, |told| told.cut, write)?
    {
        for queue in &told.queues {
            write(Line {
                team: Some(&queue.name),
                ..noted(account, "waiting_calls", "waiting", Some(queue.waiting))
            })?;
        }
    }
    Ok(())
}

/// What was told, after a line about what is missing.
fn told<'r, T>(
    account: &str,
    reading: &'r Reading<T>,
    cut: impl Fn(&T) -> bool,
    write: Write<'_>,
) -> Result<Option<&'r T>, ::csv::Error> {
    let missing = match reading.as_ref().map(|answer| &answer.value.told) {
        None => Some("reading"),
        Some(Err(code)) => Some(code.as_str()),
        Some(Ok(told)) => cut(told).then_some("cut"),
    };
    if let Some(missing) = missing {
        write(noted(account, "incomplete", missing, None))?;
    }
    Ok(reading
        .as_ref()
        .and_then(|answer| answer.value.told.as_ref().ok()))
}

fn groups<W: Word>(
    source: &str,
    kind: &str,
    tally: &Tally<Group, W>,
    write: Write<'_>,
) -> Result<(), ::csv::Error> {
    let named = |named: &Option<Named>| name(named.as_ref()).map(str::to_owned);
    for (group, counts) in tally.groups() {
        let (team, agent) = (named(&group.team), named(&group.agent));
        for (outcome, count) in counts.iter().filter(|(_, count)| *count > 0) {
            write(Line {
                team: team.as_deref(),
                agent: agent.as_deref(),
                ..noted(source, kind, outcome.as_str(), Some(count))
            })?;
        }
    }
    Ok(())
}

fn noted<'l>(source: &'l str, kind: &'l str, outcome: &'l str, count: Option<u64>) -> Line<'l> {
    Line {
        source,
        kind,
        team: None,
        agent: None,
        topic: None,
        outcome,
        count,
    }
}

/// A text that no spreadsheet takes for a formula: one that begins like it gets an apostrophe before it.
fn harmless(text: &str) -> String {
    // Also behind space, and in the wide forms that a spreadsheet may read as the narrow ones.
    let begins = text.trim_start().chars().next();
    let formula = begins.is_some_and(|first| "=+-@＝＋－＠".contains(first))
        || text.starts_with(['\t', '\r', '\n']);
    if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_begins_like_a_formula_is_text() {
        for text in [
            "=1+1", "+49", "-2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1",
        ] {
            assert_eq!(harmless(text), format!("'{text}"));
        }
        for text in ["", "Support", "a=b", "O'Neil", "Söldner-Team", "1-2"] {
            assert_eq!(harmless(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_cell_begins_with_what_a_spreadsheet_computes(text in "[\\s=+\\-@'a\u{ff1d}]{0,6}") {
            let cell = harmless(&text);
            let computed = cell.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}']);
            prop_assert!(!computed);
            let broken = cell.starts_with(['\t', '\r', '\n']);
            prop_assert!(!broken);
            prop_assert!(cell.ends_with(&text));
        }
    }
}
