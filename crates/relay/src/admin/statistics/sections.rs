//! What is on the page: key figures, then a section for each source.

use jiff::civil::Date;
use maud::{Markup, html};
use patchcord_core::provider::past_calls::Named;

use super::numbers::{self, Shown, Tile, by_group, by_hour, duration, percent};
use crate::admin::page;
use crate::clock::Millis;
use crate::relay::Relay;
use crate::statistics::own::{Callbacks, Own};
use crate::statistics::period::Period;
use crate::statistics::platforms::{AtPlatform, PlatformCalls, PlatformQueues, Reading};
use crate::statistics::tally::{Counts, Ended, Placed, Tally};
use crate::statistics::told::seconds;
use crate::statistics::{Figures, Group, name};

/// Everything below the form.
pub fn all(relay: &Relay, figures: &Figures) -> Markup {
    let (own, now) = (&figures.own, figures.at);
    html! {
        // The form that says it is not printed.
        p.on-paper { (days(&figures.period)) }
        (missing(relay, figures))
        section aria-labelledby="own" {
            h2 #own { "Counted by Patchcord" }
            p.quiet { "What agents clicked and visitors asked for, at " (page::time(relay, now)) "." }
            (numbers::tiles(&own_tiles(own, now)))
        }
        @for (nth, platform) in figures.platforms.iter().enumerate() { (at_a_glance(relay, nth, platform, now)) }
        @if let Some(told) = &own.callbacks { (callbacks(relay, told)) }
        section aria-labelledby="clicked" {
            h2 #clicked { "Calls by a click " span.source { "counted by Patchcord" } }
            @if own.calls.total().total() == 0 { p { "Nobody called by a click in these days." } }
            @else { (calls("clicked", &own.calls)) }
        }
        @for (nth, platform) in figures.platforms.iter().enumerate() { (in_full(nth, platform)) }
    }
}

fn callbacks(relay: &Relay, Callbacks { asked, .. }: &Callbacks) -> Markup {
    html! {
        section aria-labelledby="callbacks" {
            h2 #callbacks { "Callbacks " span.source { "counted by Patchcord" } }
            @if asked.total().total() == 0 { p { "Nobody asked for a callback in these days." } }
            @else {
                (by_group("callbacks-topics", "Callbacks by topic", "Topic", &topics(relay, asked)))
                (by_hour("callbacks-hours", "Callbacks by the hour at which they came", asked.hours()))
            }
        }
    }
}

fn days(period: &Period) -> String {
    let day = |day: Date| day.strftime("%-d %b %Y").to_string();
    match period.days() {
        1 => format!("Figures of {}.", day(period.from())),
        _ => format!("Figures of {} to {}.", day(period.from()), day(period.to())),
    }
}

fn own_tiles(own: &Own, now: Millis) -> Vec<Tile> {
    let calls = own.calls.total();
    let callbacks = own.callbacks.iter();
    let mut tiles: Vec<_> = callbacks
        .flat_map(|told| callback_tiles(told, now))
        .collect();
    tiles.push(Tile {
        name: "Calls by a click",
        figure: html! { (calls.total()) },
        note: html! { (calls.of(Placed::Accepted)) " accepted" },
    });
    tiles
}

fn callback_tiles(Callbacks { asked, waiting }: &Callbacks, now: Millis) -> [Tile; 2] {
    let asked = asked.total();
    [
        Tile {
            name: "Callbacks waiting",
            figure: html! { (waiting.due) },
            note: html! {
                @match waiting.since {
                    Some(since) => { "the oldest for " (duration(seconds(now, since))) }
                    None => { "none is due" }
                }
                @if waiting.later > 0 { ", " (waiting.later) " for later" }
            },
        },
        Tile {
            name: "Callbacks asked for",
            figure: html! { (asked.total()) },
            note: html! { (asked.of(patchcord_core::callback::CallbackState::HandedOver)) " handed over" },
        },
    ]
}

fn at_a_glance(relay: &Relay, nth: usize, platform: &AtPlatform, now: Millis) -> Markup {
    let id = format!("told-{nth}");
    let calls = told(&platform.calls);
    let queues = told(&platform.queues);
    let mut tiles = Vec::new();
    if let Some(told) = calls {
        tiles.extend(call_tiles(told));
    }
    if let Some(told) = queues {
        tiles.push(queue_tile(told, now));
    }
    html! {
        section aria-labelledby=(id) {
            h2 #(id) { "Told by " (platform.account) }
            @if let Some(at) = asked_at(&platform.calls).or_else(|| asked_at(&platform.queues)) {
                p.quiet { (of_what(calls)) ", at " (page::time(relay, at)) "." }
            }
            @if tiles.is_empty() { p { "There are no figures just now: see above." } }
            @else { (numbers::tiles(&tiles)) }
        }
    }
}

/// What the figures of a platform are made of.
fn of_what(calls: Option<&PlatformCalls>) -> &'static str {
    match calls {
        None => "What waits in the platform's queues",
        Some(told) if told.cut => "A part of the platform's calls: it has more than were read",
        Some(_) => "All of the platform's calls",
    }
}

fn call_tiles(told: &PlatformCalls) -> [Tile; 4] {
    let (total, answers) = (told.calls.total(), told.answers);
    let wait = |seconds: Option<u64>| html! { (seconds.map_or_else(|| "–".to_owned(), duration)) };
    [
        Tile {
            name: "Calls",
            figure: html! { (total.total()) },
            note: html! { (told.inbound) " in, " (told.outbound) " out; " (total.of(Ended::Talked)) " talked" },
        },
        Tile {
            name: "Answered in 20 s",
            figure: html! {
                (answers.share_within_20_seconds.map_or_else(|| "–".to_owned(), percent))
            },
            note: html! { (answers.within_20_seconds) " of " (answers.answered + answers.missed) " that came in" },
        },
        Tile {
            name: "Median wait",
            figure: wait(answers.median),
            note: html! {
                @if answers.answered == 0 { "none was answered" }
                @else { "of the " (answers.answered) " that were answered" }
            },
        },
        Tile {
            name: "90 % waited at most",
            figure: wait(answers.percentile_90),
            note: html! { (answers.missed) " were not answered" },
        },
    ]
}

fn queue_tile(told: &PlatformQueues, now: Millis) -> Tile {
    let since = told.queues.iter().filter_map(|queue| queue.since).min();
    Tile {
        name: "Waiting in queues",
        figure: html! { (told.waiting()) },
        note: html! {
            @match since {
                Some(since) => { "the oldest for " (duration(seconds(now, since))) }
                None if told.queues.len() == 1 => { "in 1 queue" }
                None => { "in " (told.queues.len()) " queues" }
            }
        },
    }
}

fn in_full(nth: usize, platform: &AtPlatform) -> Markup {
    let id = format!("calls-{nth}");
    html! {
        @if let Some(told) = told(&platform.calls) {
            section aria-labelledby=(id) {
                h2 #(id) { "Calls " span.source { "told by " (platform.account) } }
                @if told.calls.total().total() == 0 { p { "The platform tells no call in these days." } }
                @else { (calls(&id, &told.calls)) }
            }
        }
        @if let Some(told) = told(&platform.queues).filter(|told| !told.queues.is_empty()) {
            (queues(nth, platform, told))
        }
    }
}

fn queues(nth: usize, platform: &AtPlatform, told: &PlatformQueues) -> Markup {
    let id = format!("queues-{nth}");
    html! {
        section aria-labelledby=(id) {
            h2 #(id) { "Queues now " span.source { "told by " (platform.account) } }
            dl.figures {
                @for queue in &told.queues { div { dt { (queue.name) } dd { (queue.waiting) } } }
            }
        }
    }
}

/// Calls by team, agent and hour.
fn calls<W: Shown>(id: &str, tally: &Tally<Group, W>) -> Markup {
    let teams = rows(tally.by(|group| group.team.as_ref()), "No team");
    let agents = rows(tally.by(|group| group.agent.as_ref()), "No agent");
    html! {
        (by_group(&format!("{id}-teams"), "Calls by team", "Team", &teams))
        (by_group(&format!("{id}-agents"), "Calls by agent", "Agent", &agents))
        (by_hour(&format!("{id}-hours"), "Calls by hour of the day", tally.hours()))
    }
}

fn rows<W: Shown>(rows: Vec<(Option<&Named>, Counts<W>)>, none: &str) -> Vec<(String, Counts<W>)> {
    let rows = rows.into_iter();
    rows.map(|(named, counts)| (name(named).unwrap_or(none).to_owned(), counts))
        .collect()
}

fn topics(
    relay: &Relay,
    asked: &Tally<String, patchcord_core::callback::CallbackState>,
) -> Vec<(String, Counts<patchcord_core::callback::CallbackState>)> {
    let label = |topic: &String| {
        let known = relay.config.topics.get(topic);
        known
            .map_or(topic.as_str(), |topic| topic.label.usual())
            .to_owned()
    };
    let rows = asked.by(|topic| topic).into_iter();
    rows.map(|(topic, counts)| (label(topic), counts)).collect()
}

/// What is not in the figures.
fn missing(relay: &Relay, figures: &Figures) -> Markup {
    let mut missing = Vec::new();
    if let Some(before) = figures.own.forgotten_before {
        missing.push(html! {
            "Patchcord keeps requests for a limited time: those from before " (page::time(relay, before)) " may be missing."
        });
    }
    for platform in &figures.platforms {
        let account = platform.account.as_str();
        missing.extend(lack(account, "calls", &platform.calls, |told| told.cut));
        missing.extend(lack(account, "queues", &platform.queues, |told| told.cut));
    }
    html! {
        @if !missing.is_empty() {
            div.note.missing role="status" {
                h2 { "Not everything is here" }
                ul { @for line in &missing { li { (line) } } }
            }
        }
    }
}

fn lack<T>(
    account: &str,
    what: &str,
    reading: &Option<Reading<T>>,
    cut: impl Fn(&T) -> bool,
) -> Option<Markup> {
    let reading = reading.as_ref()?;
    match reading.as_ref().map(|answer| &answer.value.told) {
        None => Some(html! {
            strong { (account) } " is still telling its " (what) ". " a href="" { "Look again" } " in a moment."
        }),
        Some(Err(code)) => Some(html! {
            strong { (account) } " did not tell its " (what) " (" (page::words(code.as_str())) "). "
            a href="" { "Look again" } "."
        }),
        Some(Ok(told)) if cut(told) => Some(html! {
            strong { (account) } " has more " (what) " than were read: its figures are of a part. Ask for fewer days."
        }),
        Some(Ok(_)) => None,
    }
}

fn told<T>(reading: &Option<Reading<T>>) -> Option<&T> {
    reading.as_ref()?.as_ref()?.value.told.as_ref().ok()
}

fn asked_at<T>(reading: &Option<Reading<T>>) -> Option<Millis> {
    let answer = reading.as_ref()?.as_ref()?;
    answer.value.told.as_ref().ok().map(|_| answer.value.at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_of_a_platform_say_whether_they_are_of_all_its_calls_of_a_part_or_of_none() {
        let cut = PlatformCalls {
            cut: true,
            ..PlatformCalls::default()
        };
        assert!(of_what(Some(&PlatformCalls::default())).starts_with("All of"));
        assert!(of_what(Some(&cut)).starts_with("A part of"));
        assert!(!of_what(None).contains("calls"));
    }

    #[test]
    fn what_is_still_being_read_is_said_and_how_to_see_it() {
        let said = lack::<PlatformCalls>("acme & sons", "calls", &Some(None), |told| told.cut);
        let said = said.unwrap().into_string();
        assert!(
            said.contains("acme &amp; sons</strong> is still telling its calls"),
            "{said}"
        );
        assert!(said.contains("Look again"), "{said}");
        assert!(lack::<PlatformCalls>("acme", "calls", &None, |told| told.cut).is_none());
    }
}
