//! What became of one request to a provider.

use crate::error::Code;

/// One of three, and never a fourth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider said yes.
    Accepted,
    /// The provider said no, or it is proven that nothing was done.
    Refused(Because),
    /// It may have arrived. Never shown as success or failure, never repeated by itself.
    Unknown(Because),
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// The stable code.
    pub code: Code,
    /// The provider's own words, unchanged.
    pub message: Option<String>,
    /// When the provider asks for patience: after how many seconds.
    pub retry_after: Option<u32>,
}

impl Because {
    /// A code without the provider's words.
    pub const fn code(code: Code) -> Self {
        Self {
            code,
            message: None,
            retry_after: None,
        }
    }
}

impl Outcome {
    /// As it is written in JSON.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::Refused(_) => "refused",
            Outcome::Unknown(_) => "unknown",
        }
    }

    /// Why it was not accepted.
    pub const fn because(&self) -> Option<&Because> {
        match self {
            Outcome::Accepted => None,
            Outcome::Refused(because) | Outcome::Unknown(because) => Some(because),
        }
    }

    /// Whether the same request may be sent again: only where it is proven that nothing was done, and the
    /// provider may think otherwise later.
    pub const fn may_be_retried(&self) -> bool {
        matches!(
            self,
            Outcome::Refused(Because {
                code: Code::ProviderBusy | Code::ProviderUnreachable,
                ..
            })
        )
    }
}
