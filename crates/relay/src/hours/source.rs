//! Where the opening hours of a topic come from.

use std::sync::Arc;

use tokio::sync::{Mutex, watch};

use super::Hours;
use super::follow::Trouble;
use super::platform::{Place, Told, UnknownZone};
use crate::clock::Millis;

/// Where the opening hours of a topic come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// It has none: it is called around the clock.
    AroundTheClock,
    /// The configuration.
    Configured(Arc<Hours>),
    /// A platform; topics with the same hours share them.
    Platform(Arc<PlatformHours>),
}

/// A platform has not told the hours yet: nobody knows whether it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotKnown;

impl Source {
    /// The hours as they are known now; `None` around the clock.
    ///
    /// # Errors
    /// They were never read.
    pub fn hours(&self) -> Result<Option<Arc<Hours>>, NotKnown> {
        match self {
            Self::AroundTheClock => Ok(None),
            Self::Configured(hours) => Ok(Some(hours.clone())),
            Self::Platform(platform) => match platform.state().known {
                Some(known) => Ok(Some(known.hours.clone())),
                None => Err(NotKnown),
            },
        }
    }
}

/// Opening hours that a platform keeps, as far as this relay knows them.
#[derive(Debug)]
pub struct PlatformHours {
    /// Which.
    pub place: Place,
    state: watch::Sender<State>,
    /// Held while the platform is asked, so that an older answer never comes after a newer one.
    pub(super) asking: Mutex<()>,
}

/// What is known of them.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// What was read last, by this relay or another one of the same database.
    pub known: Option<Arc<Known>>,
    /// What went wrong since.
    pub trouble: Option<Trouble>,
}

/// Hours that were read.
#[derive(Debug)]
pub struct Known {
    /// What the platform told.
    pub told: Told,
    /// As hours.
    pub hours: Arc<Hours>,
    /// When.
    pub read_at: Millis,
}

impl Known {
    /// Of what was told at this time.
    ///
    /// # Errors
    /// It is no hours.
    pub fn of(told: Told, read_at: Millis) -> Result<Self, UnknownZone> {
        let hours = Arc::new(told.hours()?);
        Ok(Self {
            told,
            hours,
            read_at,
        })
    }
}

impl PlatformHours {
    /// Nothing is known of them.
    pub fn at(place: Place) -> Self {
        Self {
            place,
            state: watch::Sender::default(),
            asking: Mutex::default(),
        }
    }

    /// What is known.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// They are known now; nothing is wrong any more.
    pub(super) fn is_known(&self, known: Known) {
        self.state.send_replace(State {
            known: Some(Arc::new(known)),
            trouble: None,
        });
    }

    /// They could not be read. What was known stays.
    pub(super) fn is_in_trouble(&self, trouble: Trouble) {
        self.state
            .send_modify(|state| state.trouble = Some(trouble));
    }
}
