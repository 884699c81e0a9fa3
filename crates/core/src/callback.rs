//! A callback: a visitor's wish to be called.

use crate::number::PhoneNumber;
use crate::payload::Payload;

/// A wish to be called, as it goes to a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackRequest {
    /// The visitor's number.
    pub number: PhoneNumber,
    /// When, in milliseconds since the epoch; `None` is as soon as possible.
    pub at: Option<u64>,
    /// The custom entity data, with the form's fields in it.
    pub payload: Payload,
}

/// The state of a callback. Written by the relay alone, so it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackState {
    /// Stored.
    Queued,
    /// Its time has come.
    Due,
    /// The provider is being asked.
    Dispatching,
    /// The provider has it.
    HandedOver,
    /// The provider, or policy, said no.
    Refused,
    /// Nobody can say whether the provider has it.
    Unknown,
    /// Called off.
    Cancelled,
    /// Its time passed before it could be handed over.
    Expired,
}

impl CallbackState {
    /// Every state.
    pub const ALL: &'static [CallbackState] = &[
        CallbackState::Queued,
        CallbackState::Due,
        CallbackState::Dispatching,
        CallbackState::HandedOver,
        CallbackState::Refused,
        CallbackState::Unknown,
        CallbackState::Cancelled,
        CallbackState::Expired,
    ];

    /// As it is written in JSON and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            CallbackState::Queued => "queued",
            CallbackState::Due => "due",
            CallbackState::Dispatching => "dispatching",
            CallbackState::HandedOver => "handed_over",
            CallbackState::Refused => "refused",
            CallbackState::Unknown => "unknown",
            CallbackState::Cancelled => "cancelled",
            CallbackState::Expired => "expired",
        }
    }

    /// The state written as `text`.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|state| state.as_str() == text)
    }

    /// Whether `next` may follow.
    ///
    /// `due` goes back to `queued` when its time turns out not to have come (closed, quiet hours), `dispatching`
    /// back to `due` only after a refusal that proves that nothing was done. `unknown` ends with an answer that
    /// comes late. A person may have an unknown, refused or expired callback handed over again.
    pub const fn may_become(self, next: CallbackState) -> bool {
        use CallbackState::{
            Cancelled, Dispatching, Due, Expired, HandedOver, Queued, Refused, Unknown,
        };
        matches!(
            (self, next),
            (Queued, Due | Cancelled | Expired)
                | (Due, Dispatching | Queued | Cancelled | Expired | Refused)
                | (Dispatching, HandedOver | Refused | Unknown | Due)
                | (Unknown, HandedOver | Refused | Due)
                | (Refused | Expired, Due)
        )
    }
}

/// A text that is no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no state of a callback")]
pub struct NoState(pub String);

impl TryFrom<String> for CallbackState {
    type Error = NoState;

    fn try_from(text: String) -> Result<Self, NoState> {
        Self::parse(&text).ok_or(NoState(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_callback_that_was_handed_over_or_called_off_never_comes_back() {
        for state in ["handed_over", "cancelled"] {
            let state = CallbackState::parse(state).unwrap();
            assert!(
                CallbackState::ALL
                    .iter()
                    .all(|&next| !state.may_become(next)),
                "{state:?}"
            );
        }
        assert!(CallbackState::Queued.may_become(CallbackState::Due));
        assert!(!CallbackState::Dispatching.may_become(CallbackState::Cancelled));
    }

    #[test]
    fn only_what_is_due_is_dispatched() {
        for &state in CallbackState::ALL {
            assert_eq!(
                state.may_become(CallbackState::Dispatching),
                state == CallbackState::Due,
                "{state:?}"
            );
        }
    }
}
