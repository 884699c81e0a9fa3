//! Figures in words and numbers: tiles, what colours mean, a chart with the same numbers as a table.

use maud::{Markup, PreEscaped, html};
use patchcord_core::callback::CallbackState;

use super::chart::{self, Bar, NoChart, Page, Tone};
use crate::admin::page;
use crate::http::problem::chain;
use crate::statistics::tally::{Counts, Ended, Placed, Word};

/// The most bars of a chart; the table below it has all.
const MOST_BARS: usize = 12;

/// A word by which is counted, for people.
pub trait Shown: Word {
    /// As it is said.
    fn label(self) -> &'static str;
    /// Its colour.
    fn tone(self) -> Tone;
}

impl Shown for Placed {
    fn label(self) -> &'static str {
        match self {
            Self::Accepted => "Accepted",
            Self::Refused => "Refused",
            Self::Unknown => "Unknown",
            Self::Asking => "Being placed",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Accepted => Tone::Good,
            Self::Refused => Tone::Bad,
            Self::Unknown => Tone::Doubt,
            Self::Asking => Tone::Busy,
        }
    }
}

impl Shown for Ended {
    fn label(self) -> &'static str {
        match self {
            Self::Talked => "Talked",
            Self::Missed => "Not answered",
            Self::Failed => "Failed",
            Self::Open => "Going on",
            Self::Other => "Otherwise",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Talked => Tone::Good,
            Self::Missed => Tone::Missed,
            Self::Failed => Tone::Bad,
            Self::Open => Tone::Busy,
            Self::Other => Tone::Muted,
        }
    }
}

impl Shown for CallbackState {
    fn label(self) -> &'static str {
        match self {
            Self::HandedOver => "Handed over",
            Self::Queued => "Waiting",
            Self::Due => "Due",
            Self::Dispatching => "Being handed over",
            Self::Refused => "Refused",
            Self::Expired => "Overdue",
            Self::Unknown => "Unknown",
            Self::Cancelled => "Called off",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::HandedOver => Tone::Good,
            Self::Queued => Tone::Calm,
            Self::Due => Tone::Due,
            Self::Dispatching => Tone::Busy,
            Self::Refused => Tone::Bad,
            Self::Expired => Tone::Missed,
            Self::Unknown => Tone::Doubt,
            Self::Cancelled => Tone::Muted,
        }
    }
}

/// One key figure.
pub struct Tile {
    /// What it is.
    pub name: &'static str,
    /// The figure.
    pub figure: Markup,
    /// What belongs to it.
    pub note: Markup,
}

/// Key figures side by side.
pub fn tiles(tiles: &[Tile]) -> Markup {
    html! {
        dl.tiles {
            @for tile in tiles {
                div { dt { (tile.name) } dd.figure { (tile.figure) } dd.quiet { (tile.note) } }
            }
        }
    }
}

/// A chart of bars, each a group, and the table of all groups.
pub fn by_group<W: Shown>(
    id: &str,
    title: &str,
    column: &str,
    rows: &[(String, Counts<W>)],
) -> Markup {
    let shown: Vec<W> = seen(rows);
    let drawn = rows.iter().take(MOST_BARS).map(|(name, counts)| Bar {
        name: name.clone(),
        parts: parts(counts),
    });
    let bars: Vec<_> = drawn.collect();
    html! {
        figure.chart aria-labelledby=(id) {
            figcaption { h3 #(id) { (title) } (keys(&shown)) }
            (drawing(title, |page| chart::bars(&bars, page)))
            @if rows.len() > MOST_BARS { p.quiet { "The chart has the first " (MOST_BARS) "; the table has all." } }
            (table(title, column, &shown, rows))
        }
    }
}

/// A chart of columns, one for each hour of the day, and the table of the same.
pub fn by_hour<W: Shown>(id: &str, title: &str, hours: &[Counts<W>]) -> Markup {
    let rows: Vec<_> = hours
        .iter()
        .enumerate()
        .map(|(hour, counts)| {
            (
                format!("{hour:02}:00 to {:02}:00", hour + 1),
                counts.clone(),
            )
        })
        .collect();
    let shown: Vec<W> = seen(&rows);
    let drawn = rows.iter().map(|(name, counts)| Bar {
        name: name.clone(),
        parts: parts(counts),
    });
    let bars: Vec<_> = drawn.collect();
    html! {
        figure.chart.hours aria-labelledby=(id) {
            figcaption { h3 #(id) { (title) } (keys(&shown)) }
            (drawing(title, |page| chart::columns(&bars, page)))
            details {
                summary { "The numbers of each hour" }
                (table(title, "Hour", &shown, &rows))
            }
        }
    }
}

/// The words that there are, in their order.
fn seen<W: Shown>(rows: &[(String, Counts<W>)]) -> Vec<W> {
    let there = |word: &W| rows.iter().any(|(_, counts)| counts.of(*word) > 0);
    W::ALL.iter().copied().filter(there).collect()
}

fn parts<W: Shown>(counts: &Counts<W>) -> Vec<(Tone, u64)> {
    counts
        .iter()
        .map(|(word, count)| (word.tone(), count))
        .collect()
}

/// What the colours mean.
fn keys<W: Shown>(words: &[W]) -> Markup {
    html! {
        ul.keys aria-label="Colours" {
            @for word in words { li { span class={ "key " (word.tone().class()) } {} (word.label()) } }
        }
    }
}

fn drawing(title: &str, draw: impl Fn(Page) -> Result<String, NoChart>) -> Markup {
    let told = format!("Chart: {title}. The table below has its numbers.");
    html! {
        @for (page, class) in [(Page::Wide, "for-wide"), (Page::Narrow, "for-narrow")] {
            @match draw(page) {
                // Made here, of numbers and escaped names.
                Ok(svg) => { div class={ "drawing " (class) } role="img" aria-label=(told) { (PreEscaped(svg)) } }
                Err(error) => {
                    (failed(&error))
                }
            }
        }
    }
}

fn failed(error: &NoChart) -> Markup {
    tracing::error!(cause = chain(error), "a chart cannot be drawn");
    html! { p.quiet { "The chart cannot be drawn; the reason is in the relay's log." } }
}

fn table<W: Shown>(title: &str, column: &str, words: &[W], rows: &[(String, Counts<W>)]) -> Markup {
    html! {
        div.scroll role="region" aria-label=(title) tabindex="0" {
            table.numbers {
                thead {
                    tr {
                        th scope="col" { (column) }
                        @for word in words { th scope="col" { (word.label()) } }
                        th scope="col" { "All" }
                    }
                }
                tbody {
                    @for (name, counts) in rows {
                        tr {
                            th scope="row" { (name) }
                            @for word in words { td { (counts.of(*word)) } }
                            td { (counts.total()) }
                        }
                    }
                }
            }
        }
    }
}

/// Seconds as people say them.
pub fn duration(seconds: u64) -> String {
    let millis = i64::try_from(seconds)
        .unwrap_or(i64::MAX / 1000)
        .saturating_mul(1000);
    page::age(millis, 0)
}

/// A share of the whole, in percent.
pub fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}
