//! `may = [...]`: what somebody may do beyond dialling and working with their own calls.

use serde::{Deserialize, Serialize};

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Hear recordings of calls.
    Recordings,
    /// See the figures of a whole team.
    Supervisor,
}

impl Permission {
    /// As it is written in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recordings => "recordings",
            Self::Supervisor => "supervisor",
        }
    }
}
