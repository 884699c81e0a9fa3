//! Figures for those who look after others' work: the relay's own calls and callbacks, and what the platforms tell.
//!
//! The two are never added up: a call that an agent clicked is often one of the platform's calls too. Whoever shows
//! a figure says whose it is, and what is missing: a list that was cut off, a platform that did not answer or is
//! still being read, requests that were deleted because their time was over. An agent is told of their own
//! organisation alone ([`whose`]).

pub mod answers;
pub mod csv;
pub mod own;
pub mod period;
pub mod platforms;
pub mod tally;
pub mod told;
pub mod whose;

use std::sync::Arc;

use jiff::tz::TimeZone;
use patchcord_core::provider::past_calls::Named;

use crate::clock::Millis;
use crate::relay::Relay;
use own::Own;
use period::Period;
use platforms::AtPlatform;
use whose::{Scope, Whose};

/// Whose calls are counted together. What is not known is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The team, or queue.
    pub team: Option<Named>,
    /// The agent.
    pub agent: Option<Named>,
}

/// Everything about some days.
#[derive(Debug)]
pub struct Figures {
    /// Which days.
    pub period: Period,
    /// When they were put together.
    pub at: Millis,
    /// The relay's own.
    pub own: Own,
    /// What the platforms tell.
    pub platforms: Vec<AtPlatform>,
}

impl Figures {
    /// Reads everything about some days that is theirs.
    ///
    /// # Errors
    /// A database that does not answer. A platform that does not is among the figures.
    pub async fn read(
        relay: &Arc<Relay>,
        whose: Whose<'_>,
        period: Period,
    ) -> Result<Self, sqlx::Error> {
        let at = relay.clock.now();
        let imported = relay.store.mappings().await?;
        let scope = Scope::of(whose, &relay.config, &imported);
        let (own, platforms) = tokio::join!(
            own::read(relay, &scope, imported, &period, at),
            relay.platforms.read(relay, &scope, &period),
        );
        Ok(Self {
            period,
            at,
            own: own?,
            platforms,
        })
    }
}

/// The zone by whose midnight days begin: that of the admin pages.
pub fn zone(relay: &Relay) -> TimeZone {
    let admin = relay.config.admin.as_ref();
    admin.map_or(TimeZone::UTC, |admin| admin.zone.clone())
}

/// What people call an agent or a team; its id where it has no name.
pub fn name(named: Option<&Named>) -> Option<&str> {
    let named = named?;
    let name = named.name.as_deref().filter(|name| !name.is_empty());
    name.or(named.id.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use own::Own;
    use tally::Tally;

    #[test]
    fn what_is_still_being_read_is_said_in_the_document_and_in_the_file_and_no_figure_stands_for_it()
     {
        let figures = Figures {
            period: Period::read("2026-11-26", "", &TimeZone::UTC, 0).unwrap(),
            at: 0,
            own: Own {
                calls: Tally::default(),
                callbacks: None,
                forgotten_before: Some(0),
            },
            platforms: vec![AtPlatform {
                account: "acme".to_owned(),
                provider: "babelforce",
                calls: Some(None),
                queues: None,
            }],
        };
        let told = serde_json::to_value(figures.view()).unwrap();
        let calls = serde_json::json!({ "state": "reading", "at": null, "code": null, "cut": false, "figures": null });
        assert_eq!(told["platforms"][0]["calls"], calls);
        assert!(told["platforms"][0].get("queues").is_none());
        assert!(told["relay"].get("callbacks").is_none() && told["relay"].get("waiting").is_none());
        let file = String::from_utf8(figures.csv().unwrap()).unwrap();
        for line in [
            "relay,2026-11-26,2026-11-26,incomplete,,,,forgotten,",
            "acme,2026-11-26,2026-11-26,incomplete,,,,reading,",
        ] {
            assert!(file.contains(&format!("{line}\r\n")), "{file}");
        }
        assert!(
            !file.contains("platform_call") && !file.contains("callback"),
            "{file}"
        );
    }
}
