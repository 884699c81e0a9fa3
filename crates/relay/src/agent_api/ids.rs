//! Ids in commands: what can be none is not sent, nor written down.

use patchcord_core::desk::action::{Action, Party, Target};
use patchcord_core::error::Code;
use patchcord_core::provider::Provider;

use crate::http::problem::Problem;

/// The most bytes of an id. The platforms' own have 32 or 36.
const LONGEST: usize = 128;

/// Checks the ids that a command names.
///
/// # Errors
/// [`Code::InvalidField`], with the field.
pub fn check(provider: &dyn Provider, action: &Action) -> Result<(), Problem> {
    if let Some((field, id)) = of_platform(action) {
        provider
            .check_agent(id)
            .map_err(|error| Problem::from(error.at(field)))?;
    }
    match named(action) {
        Some((field, id)) if id.len() > LONGEST || id.chars().any(char::is_control) => {
            Err(Problem::of(
                Code::InvalidField,
                field,
                "An id has at most 128 bytes, and no control characters.",
            ))
        }
        _ => Ok(()),
    }
}

/// What has the form of the platform's ids: agents, and applications, whose ids look the same.
fn of_platform(action: &Action) -> Option<(&'static str, &str)> {
    match action {
        Action::TransferBlind {
            to: Target::Application(id),
            ..
        } => Some(("applicationId", id)),
        Action::TransferBlind {
            to: Target::Party(Party::Agent(id)),
            ..
        }
        | Action::TransferWarm {
            to: Party::Agent(id),
            ..
        }
        | Action::AddMember {
            who: Party::Agent(id),
            ..
        } => Some(("agentId", id)),
        _ => None,
    }
}

/// What only the platform knows: a call, a member, a conversation, a campaign.
fn named(action: &Action) -> Option<(&'static str, &str)> {
    match action {
        Action::HoldMember { member, .. }
        | Action::MuteMember { member, .. }
        | Action::KickMember { member } => Some(("memberId", member)),
        Action::OpenConversation { conversation, .. }
        | Action::ReadConversation { conversation } => Some(("conversationId", conversation)),
        Action::JoinCampaign { campaign, .. } => Some(("campaignId", campaign)),
        _ => action.call().map(|call| ("callId", call)),
    }
}
