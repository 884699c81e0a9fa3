//! SCIM 2.0 (RFC 7643, RFC 7644): an identity provider provisions who may dial.
//!
//! `[[scim]]` gives an organisation's identity provider a token. What it says about people and groups is stored
//! ([`people`], [`groups`]); a person who can sign in has a line in the agent mapping, and whoever is switched off or
//! removed is signed out in the same transaction. [`admitted`] is asked wherever somebody is looked up.

pub mod access;
pub mod filter;
pub mod group;
pub mod groups;
pub mod patch;
pub mod path;
pub mod people;
pub mod refusal;
pub mod schema;
pub mod user;
pub mod verdict;

use std::collections::BTreeSet;

use patchcord_core::error::Code;

use crate::config::{AgentId, Config, Others, Permission};
use crate::http::problem::Problem;
use crate::store::person::Standing;

/// What somebody may do by their groups, if the identity provider of their organisation lets them in at all.
///
/// # Errors
/// [`Code::AgentUnknown`].
pub fn admitted(
    config: &Config,
    who: &AgentId,
    standing: Standing,
) -> Result<BTreeSet<Permission>, Problem> {
    let Some(directory) = config.directories.get(&who.org) else {
        return Ok(BTreeSet::new());
    };
    match (standing, directory.others) {
        (Standing::In(groups), _) => {
            let known = groups
                .iter()
                .filter_map(|group| directory.groups.get(group));
            Ok(known.flatten().copied().collect())
        }
        (Standing::Unknown, Others::Allowed) => Ok(BTreeSet::new()),
        (Standing::Out, _) => Err(Problem::new(
            Code::AgentUnknown,
            "The identity provider says that this person is not active.",
        )
        .with_remedy("Assign them to the application there again.")),
        (Standing::Unknown, Others::Refused) => Err(Problem::new(
            Code::AgentUnknown,
            "The identity provider of this organisation does not know this person.",
        )
        .with_remedy(
            "Assign them to the application there, or write others = \"allowed\" in the [[scim]].",
        )),
    }
}
