//! Whether policy refuses, or only says that it would.

use patchcord_core::error::Code;
use serde::Deserialize;

use crate::http::problem::Problem;

/// `policy`: what becomes of what policy does not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It is refused.
    #[default]
    Enforce,
    /// It is let through and logged: to see what a rule would do before it does it. Never for what costs or
    /// harms at once: the kill switch, the do-not-call list, and numbers that are no ordinary ones.
    Log,
}

impl Mode {
    /// Whether this is only logged; then it is.
    pub fn only_logs(self, code: Code) -> bool {
        if self == Self::Log {
            tracing::warn!(%code, "policy would refuse this; it only logs");
        }
        self == Self::Log
    }

    /// Refuses, or logs.
    ///
    /// # Errors
    /// The problem, unless it is only logged.
    pub fn refuse(self, problem: Problem) -> Result<(), Problem> {
        if self.only_logs(problem.code()) {
            return Ok(());
        }
        Err(problem)
    }
}
