//! Which actions are allowed in which state: the one table, for Rust, the interface and `docs/desk.md` alike.
//!
//! The platform has the last word; this keeps people from being offered what it would refuse, and says why not.
//! What its documents say is marked there; the rest is inferred and meant to be changed here alone.

use super::action::{Action, Party, Switch, Target};
use super::view::{Call, Conference, Features, Member, View};
use super::words::words;
use crate::call::{CallRequest, Mode, Recording};
use crate::capability::Capability;

/// How current the view is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is known yet.
    Starting,
    /// The platform tells each change; the desk is being set up, and calls may not reach the right phone yet.
    SettingUp,
    /// The platform tells each change.
    Live,
    /// The platform is asked every few seconds: it cannot tell by itself.
    Polling,
    /// The view is how things were when the connection was lost.
    Stale,
    /// The desk is closed.
    Stopped(Stopped),
}

words! {
    /// Why a desk is closed.
    Stopped {
        /// It was never opened, or the person closed it.
        Closed = "closed",
        /// Another window has it; the person can take it back.
        Taken = "taken",
        /// The person has to sign in.
        SignInNeeded = "sign_in_needed",
        /// The person is no agent at the platform.
        NotAnAgent = "not_an_agent",
    }
}

words! {
    /// Why an action is not allowed.
    Refusal {
        /// The view is not current: whoever acts on it acts blindly.
        Stale = "stale",
        /// The desk is being set up.
        SettingUp = "setting_up",
        /// The platform cannot do it, or Patchcord cannot yet.
        CapabilityMissing = "capability_missing",
        /// The account has it switched off.
        SwitchedOff = "switched_off",
        /// The same was asked for and is not done yet.
        AlreadyAsked = "already_asked",
        /// It is so already.
        Already = "already",
        /// No such call.
        NoCall = "no_call",
        /// The call is over.
        CallOver = "call_over",
        /// The call does not wait to be answered.
        NotRinging = "not_ringing",
        /// The call is not connected.
        NotConnected = "not_connected",
        /// The call waits.
        OnHold = "on_hold",
        /// The agent talks, or is being called; a call that waits is no obstacle.
        InCall = "in_call",
        /// There are several calls, and the platform cannot be told which is meant.
        WhichCall = "which_call",
        /// It can only be answered with a phone in the browser.
        MediaMissing = "media_missing",
        /// The agent has no phone that calls can be connected to.
        NoPhone = "no_phone",
        /// The platform has stopped sending calls here; the line has to be reset first.
        LineBlocked = "line_blocked",
        /// The line is not blocked.
        LineNotBlocked = "line_not_blocked",
        /// The presence is none for calls.
        NotAvailable = "not_available",
        /// None of the agent's presences.
        UnknownPresence = "unknown_presence",
        /// None of the numbers that may be shown.
        UnknownNumber = "unknown_number",
        /// There is no number to show to the called party.
        NoDisplayAs = "no_display_as",
        /// This call may not be transferred to an application.
        NoApplications = "no_applications",
        /// There is no conference.
        NoConference = "no_conference",
        /// There is a conference already.
        ConferenceRunning = "conference_running",
        /// Only who began the conference may do that.
        NotModerator = "not_moderator",
        /// No such member, or they have left.
        NoMember = "no_member",
        /// That is the agent.
        OwnMember = "own_member",
        /// They have not joined the conference.
        TargetNotThere = "target_not_there",
        /// The agent may not record.
        MayNotRecord = "may_not_record",
        /// Nothing is being recorded.
        NotRecording = "not_recording",
        /// None of the recording's tags.
        UnknownTag = "unknown_tag",
        /// There is no time for notes now.
        NoWrapUp = "no_wrap_up",
        /// The time for notes cannot be changed so.
        WrapUpFixed = "wrap_up_fixed",
        /// No such conversation.
        NoConversation = "no_conversation",
        /// The agent is in no campaign.
        NoCampaign = "no_campaign",
    }
}

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// The view.
    pub view: &'a View,
    /// How current it is.
    pub standing: Standing,
    /// What the platform can do.
    pub capabilities: &'a [Capability],
}

/// Whether `action` is allowed.
///
/// # Errors
/// Why not.
pub fn allowed(situation: &Situation<'_>, action: &Action) -> Result<(), Refusal> {
    match situation.standing {
        Standing::Live | Standing::Polling | Standing::SettingUp => {}
        Standing::Starting | Standing::Stale | Standing::Stopped(_) => return Err(Refusal::Stale),
    }
    if !situation.capabilities.contains(&action.kind().capability()) {
        return Err(Refusal::CapabilityMissing);
    }
    let view = situation.view;
    match action {
        Action::PlaceCall(request) => {
            check(
                situation.standing != Standing::SettingUp,
                Refusal::SettingUp,
            )?;
            place(situation, request)
        }
        Action::Answer { call, sdp } => {
            let call = live(view, call)?;
            check(call.is_incoming(), Refusal::NotRinging)?;
            check(
                call.offer.is_empty() || sdp.is_some(),
                Refusal::MediaMissing,
            )
        }
        Action::HangUp { call } => live(view, call).map(drop),
        Action::Hold { call, to } => changes(open(view, call)?.held, *to),
        Action::Mute { call, to } => changes(open(view, call)?.muted, *to),
        Action::SendDigits { call, .. } => check(!open(view, call)?.held, Refusal::OnHold),
        Action::TransferBlind { call, to } => {
            let call = open(view, call)?;
            switched_on(view, |on| on.transfer)?;
            let application = matches!(to, Target::Application(_));
            check(
                call.may_go_to_application || !application,
                Refusal::NoApplications,
            )
        }
        Action::TransferWarm { call, to } => {
            open(view, call)?;
            switched_on(view, |on| on.conference)?;
            let members = &conference(view)?.members;
            let there = members
                .iter()
                .any(|member| member.is_there() && is(member, to));
            check(there, Refusal::TargetNotThere)
        }
        Action::StartConference { .. } => {
            only_call(view)?;
            switched_on(view, |on| on.conference)?;
            check(view.conference().is_none(), Refusal::ConferenceRunning)
        }
        Action::AddMember { who, .. } => {
            only_call(view)?;
            switched_on(view, |on| on.conference)?;
            let shows = !view.agent.display_as.is_empty() || matches!(who, Party::Agent(_));
            check(shows, Refusal::NoDisplayAs)?;
            let members = view.conference().into_iter().flat_map(|c| &c.members);
            let mut there = members.filter(|member| !member.is_gone());
            check(!there.any(|member| is(member, who)), Refusal::Already)
        }
        Action::HoldMember { member, to } => changes(other(view, member)?.held, *to),
        Action::MuteMember { member, .. } | Action::KickMember { member } => {
            other(view, member).map(drop)
        }
        Action::LeaveConference => {
            conference(view)?;
            only_call(view).map(drop)
        }
        Action::EndConference => check(conference(view)?.moderated_by_me, Refusal::NotModerator),
        Action::StartRecording { call } => changes(recordable(view, call)?.recording, Switch::On),
        Action::StopRecording { call } => {
            check(recordable(view, call)?.recording, Refusal::NotRecording)
        }
        Action::FlagRecording { call, to } => changes(recorded(view, call)?.recording_flagged, *to),
        Action::TagRecording { call, tags } => {
            recorded(view, call)?;
            let known = tags.iter().all(|tag| view.agent.tags.contains(tag));
            check(known, Refusal::UnknownTag)
        }
        Action::SetPresence { name } => {
            switched_on(view, |on| on.choose_presence)?;
            let known = view.agent.presences.iter().any(|one| one.name == *name);
            check(known, Refusal::UnknownPresence)?;
            check(view.agent.presence != *name, Refusal::Already)
        }
        Action::SetDisplayAs { number } => {
            let known = view.agent.display_numbers.contains(number);
            check(known, Refusal::UnknownNumber)?;
            check(view.agent.display_as != *number, Refusal::Already)
        }
        Action::SetNumber(number) => {
            switched_on(view, |on| on.choose_phone)?;
            check(*view.agent.number != *number.as_e164(), Refusal::Already)
        }
        Action::SetBrowserPhone(to) => {
            switched_on(view, |on| on.choose_phone)?;
            changes(view.agent.browser_phone, *to)
        }
        Action::ResetLine => check(view.agent.line_blocked, Refusal::LineNotBlocked),
        Action::ExtendWrapUp { .. } => {
            check(view.wrap_up.active, Refusal::NoWrapUp)?;
            check(view.wrap_up.may_extend, Refusal::WrapUpFixed)
        }
        Action::CancelWrapUp => {
            check(view.wrap_up.active, Refusal::NoWrapUp)?;
            check(view.wrap_up.may_cancel, Refusal::WrapUpFixed)
        }
        Action::SendText { .. } => switched_on(view, |on| on.messaging),
        Action::OpenConversation { conversation, .. }
        | Action::ReadConversation { conversation } => {
            switched_on(view, |on| on.messaging)?;
            let known = view.conversations.iter().any(|one| one.id == *conversation);
            check(known, Refusal::NoConversation)
        }
        Action::JoinCampaign { .. } => switched_on(view, |on| on.campaigns),
        Action::LeaveCampaign
        | Action::PauseCampaign(_)
        | Action::DisposeCall { .. }
        | Action::EndCampaignCall => {
            switched_on(view, |on| on.campaigns)?;
            check(view.agent.campaign.is_some(), Refusal::NoCampaign)
        }
    }
}

fn place(situation: &Situation<'_>, request: &CallRequest) -> Result<(), Refusal> {
    let view = situation.view;
    let agent = &view.agent;
    check(request.mode == Mode::Dial, Refusal::CapabilityMissing)?;
    switched_on(view, |on| on.calls)?;
    // The platform refuses both (`agent_not_available`).
    check(!agent.line_blocked, Refusal::LineBlocked)?;
    let chosen = agent
        .presences
        .iter()
        .find(|one| one.name == agent.presence);
    check(
        chosen.is_none_or(|presence| presence.available),
        Refusal::NotAvailable,
    )?;
    // There is no phone in this browser: one that is switched on is somewhere else. Where an agent has no choice
    // of phones, the platform has one.
    let chooses = situation.capabilities.contains(&Capability::Presence);
    check(
        !chooses || (!agent.number.is_empty() && !agent.browser_phone),
        Refusal::NoPhone,
    )?;
    check(view.live_calls().all(|call| call.held), Refusal::InCall)?;
    let shown = request.caller_id.as_ref().map(|number| number.as_e164());
    let known = shown.is_none_or(|shown| agent.display_numbers.iter().any(|one| **one == *shown));
    check(known, Refusal::UnknownNumber)?;
    check(
        agent.may_record || request.recording == Recording::AsConfigured,
        Refusal::MayNotRecord,
    )
}

fn check(right: bool, refusal: Refusal) -> Result<(), Refusal> {
    if right { Ok(()) } else { Err(refusal) }
}

fn changes(now: bool, to: Switch) -> Result<(), Refusal> {
    check(now != to.is_on(), Refusal::Already)
}

/// Nothing is switched on until the platform says so.
fn switched_on(view: &View, feature: fn(&Features) -> bool) -> Result<(), Refusal> {
    check(
        view.features.as_ref().is_some_and(feature),
        Refusal::SwitchedOff,
    )
}

/// A call that is not over.
fn live<'a>(view: &'a View, id: &str) -> Result<&'a Call, Refusal> {
    let call = view.call(id).ok_or(Refusal::NoCall)?;
    check(
        view.live_calls().any(|one| one.id == call.id),
        Refusal::CallOver,
    )?;
    Ok(call)
}

/// A call that the agent is on.
fn open<'a>(view: &'a View, id: &str) -> Result<&'a Call, Refusal> {
    let call = live(view, id)?;
    check(call.is_open(), Refusal::NotConnected)?;
    Ok(call)
}

/// The call, where the platform cannot be told which: it refuses with several (`ambiguous_call`).
fn only_call(view: &View) -> Result<&Call, Refusal> {
    let mut calls = view.live_calls();
    match (calls.next(), calls.next()) {
        (Some(call), None) => open(view, &call.id),
        (Some(_), Some(_)) => Err(Refusal::WhichCall),
        (None, _) => Err(Refusal::NoCall),
    }
}

fn conference(view: &View) -> Result<&Conference, Refusal> {
    view.conference().ok_or(Refusal::NoConference)
}

/// Somebody else in a conference that the agent moderates.
fn other<'a>(view: &'a View, id: &str) -> Result<&'a Member, Refusal> {
    let conference = conference(view)?;
    check(conference.moderated_by_me, Refusal::NotModerator)?;
    let member = conference.member(id).filter(|member| !member.is_gone());
    let member = member.ok_or(Refusal::NoMember)?;
    check(!conference.is_me(member), Refusal::OwnMember)?;
    Ok(member)
}

fn is(member: &Member, who: &Party) -> bool {
    match who {
        Party::Agent(id) => member.agent == *id,
        Party::Number(number) => *member.number == *number.as_e164(),
    }
}

/// A call that the agent may record.
fn recordable<'a>(view: &'a View, id: &str) -> Result<&'a Call, Refusal> {
    let call = open(view, id)?;
    check(view.agent.may_record, Refusal::MayNotRecord)?;
    Ok(call)
}

/// A call with a recording that can be flagged and tagged.
fn recorded<'a>(view: &'a View, id: &str) -> Result<&'a Call, Refusal> {
    let call = recordable(view, id)?;
    check(!call.recording_id.is_empty(), Refusal::NotRecording)?;
    Ok(call)
}
