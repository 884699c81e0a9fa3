//! Whose tokens: what their row, their seals and their origin say.

use aws_lc_rs::hmac;
use patchcord_core::secret::Secret;
use patchcord_core::token::{Config, Grant};
use serde_json::Value;

use super::place;
use crate::config::AgentId;
use crate::seal::Place;
use crate::store::token;

/// Whose tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// The account's own, by its name.
    Account(String),
    /// Those of an agent who has signed in there themselves.
    Agent {
        /// The account's name.
        account: String,
        /// The person in the CRM.
        id: AgentId,
        /// Who that is at the platform, as the mapping says: with another mapping they are of no use.
        agent: String,
        /// All of it in one text, for [`Owner::place`].
        row: String,
    },
}

impl Owner {
    /// An agent's.
    pub fn of_agent(account: &str, id: &AgentId, agent: &str) -> Self {
        Self::Agent {
            account: account.to_owned(),
            id: id.clone(),
            agent: agent.to_owned(),
            row: Value::from(vec![account, id.org.as_str(), id.sub.as_str()]).to_string(),
        }
    }

    /// The account's name.
    pub fn account(&self) -> &str {
        match self {
            Self::Account(account) | Self::Agent { account, .. } => account,
        }
    }

    /// The agent, as in [`token::Row::agent`].
    pub(super) fn agent(&self) -> String {
        match self {
            Self::Account(_) => String::new(),
            Self::Agent { id, .. } => token::key(id),
        }
    }

    /// Where a secret of theirs belongs. An agent's are in a table of their own, as far as sealing goes: no account's
    /// name can be taken for them.
    pub(super) fn place<'a>(&'a self, column: &'a str) -> Place<'a> {
        match self {
            Self::Account(account) => place(account, column),
            Self::Agent { row, .. } => Place {
                table: "token of an agent",
                row,
                column,
            },
        }
    }

    /// Of everything that says whose tokens these are. Keyed, because a password could be guessed from a plain hash.
    pub(super) fn origin(&self, config: &Config, secret: &[u8]) -> Vec<u8> {
        let client = config.client_id.as_deref().unwrap_or_default();
        let grant = match (self, &config.grant) {
            (Self::Agent { agent, .. }, _) => ["agent", agent, ""],
            (_, Grant::Password { username, password }) => {
                ["password", username, password.expose()]
            }
            (_, Grant::ClientCredentials) => [
                "client_credentials",
                config.client_secret.as_ref().map_or("", Secret::expose),
                "",
            ],
            (_, Grant::RefreshToken { refresh_token }) => {
                ["refresh_token", refresh_token.expose(), ""]
            }
            (_, Grant::AuthorizationCode { code, .. }) => ["authorization_code", code.expose(), ""],
        };
        let mut hash = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
        for part in [config.token_url.as_str(), client].into_iter().chain(grant) {
            hash.update(&(part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        hash.sign().as_ref().to_vec()
    }
}
