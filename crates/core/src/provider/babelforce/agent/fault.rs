//! The platform's codes for what went wrong.

use crate::connect::RpcError;
use crate::desk::action::Kind;
use crate::desk::fault::{Fault, Problem, Trouble};
use crate::desk::state::Update;
use crate::error::Code;
use crate::json::Json;
use crate::outcome::{Because, Outcome};
use crate::text;

const CONFERENCE: &[Kind] = &[
    Kind::StartConference,
    Kind::AddMember,
    Kind::HoldMember,
    Kind::MuteMember,
    Kind::KickMember,
    Kind::LeaveConference,
    Kind::EndConference,
];
const TRANSFER: &[Kind] = &[Kind::TransferBlind, Kind::TransferWarm];
const DIAL: &[Kind] = &[Kind::PlaceCall];
const SHOWS_NUMBER: &[Kind] = &[Kind::PlaceCall, Kind::AddMember];
const TAGS: &[Kind] = &[Kind::FlagRecording, Kind::TagRecording, Kind::StopRecording];
const ANY: &[Kind] = &[];

/// What each code means, and which kinds of command it can be about. The kinds are inferred from the vendor's
/// page of error codes.
const CODES: &[(&str, Problem, &[Kind])] = &[
    ("bad_request", Problem::Incomplete, ANY),
    (
        "answer_requires_sdp",
        Problem::AnswerOnPhone,
        &[Kind::Answer],
    ),
    ("digits_required", Problem::Incomplete, &[Kind::SendDigits]),
    ("transfer_target_required", Problem::Incomplete, TRANSFER),
    ("target_required", Problem::Incomplete, &[Kind::AddMember]),
    (
        "member_id_required",
        Problem::Incomplete,
        &[Kind::HoldMember, Kind::MuteMember, Kind::KickMember],
    ),
    (
        "presence_name_required",
        Problem::Incomplete,
        &[Kind::SetPresence],
    ),
    (
        "agent_number_required",
        Problem::Incomplete,
        &[Kind::SetNumber],
    ),
    ("unknown_command", Problem::Unsupported, ANY),
    ("no_call", Problem::NoCall, ANY),
    ("ambiguous_call", Problem::WhichCall, CONFERENCE),
    ("call_on_hold", Problem::OnHold, &[Kind::SendDigits]),
    (
        "too_many_digits",
        Problem::TooManyDigits,
        &[Kind::SendDigits],
    ),
    (
        "unsupported_digit",
        Problem::UnsupportedDigit,
        &[Kind::SendDigits],
    ),
    ("place_call_failed", Problem::Refused, DIAL),
    ("no_agent_leg", Problem::PhoneNotRung, DIAL),
    (
        "display_as_forbidden",
        Problem::DisplayAsForbidden,
        SHOWS_NUMBER,
    ),
    ("no_caller_id", Problem::NoDisplayAs, SHOWS_NUMBER),
    ("agent_not_available", Problem::AgentNotAvailable, DIAL),
    ("hangup_failed", Problem::EndedBadly, &[Kind::HangUp]),
    ("answer_failed", Problem::Refused, &[Kind::Answer]),
    (
        "call_on_another_window",
        Problem::OnAnotherWindow,
        &[Kind::HangUp, Kind::Mute],
    ),
    ("transfer_failed", Problem::Refused, TRANSFER),
    ("transfer_rejected", Problem::TargetRejected, TRANSFER),
    (
        "transfer_target_no_answer",
        Problem::TargetNoAnswer,
        TRANSFER,
    ),
    (
        "transfer_target_unreachable",
        Problem::TargetUnreachable,
        TRANSFER,
    ),
    ("transfer_target_busy", Problem::TargetBusy, TRANSFER),
    (
        "transfer_target_declined",
        Problem::TargetDeclined,
        TRANSFER,
    ),
    (
        "transfer_target_unavailable",
        Problem::TargetUnavailable,
        TRANSFER,
    ),
    ("no_conference", Problem::NoConference, ANY),
    ("conference_failed", Problem::Refused, CONFERENCE),
    (
        "start_recording_failed",
        Problem::Refused,
        &[Kind::StartRecording],
    ),
    (
        "stop_recording_failed",
        Problem::Refused,
        &[Kind::StopRecording],
    ),
    (
        "flag_recording_failed",
        Problem::Refused,
        &[Kind::FlagRecording],
    ),
    (
        "set_recording_tags_failed",
        Problem::Refused,
        &[Kind::TagRecording],
    ),
    ("not_recording", Problem::NotRecording, TAGS),
    (
        "set_presence_failed",
        Problem::Refused,
        &[Kind::SetPresence],
    ),
    (
        "set_webrtc_failed",
        Problem::Refused,
        &[Kind::SetBrowserPhone],
    ),
    (
        "set_agent_number_failed",
        Problem::Refused,
        &[Kind::SetNumber],
    ),
    (
        "reset_line_status_failed",
        Problem::Refused,
        &[Kind::ResetLine],
    ),
    (
        "wrap_up_extend_capped",
        Problem::WrapUpCapped,
        &[Kind::ExtendWrapUp],
    ),
    (
        "wrap_up_not_extended",
        Problem::WrapUpNotExtended,
        &[Kind::ExtendWrapUp],
    ),
    (
        "wrap_up_extend_failed",
        Problem::Refused,
        &[Kind::ExtendWrapUp],
    ),
    (
        "wrap_up_cancel_failed",
        Problem::Refused,
        &[Kind::CancelWrapUp],
    ),
    ("send_sms_failed", Problem::Refused, &[Kind::SendText]),
    (
        "set_conversation_open_failed",
        Problem::Refused,
        &[Kind::OpenConversation],
    ),
    (
        "join_campaign_failed",
        Problem::Refused,
        &[Kind::JoinCampaign],
    ),
    (
        "leave_campaign_failed",
        Problem::Refused,
        &[Kind::LeaveCampaign],
    ),
    (
        "pause_campaign_failed",
        Problem::Refused,
        &[Kind::PauseCampaign],
    ),
    (
        "end_campaign_call_failed",
        Problem::Refused,
        &[Kind::EndCampaignCall],
    ),
    (
        "dispose_call_failed",
        Problem::Refused,
        &[Kind::DisposeCall],
    ),
];

/// An `Error` of the stream.
pub(super) fn update(json: &Json<'_>) -> Update {
    let code = json.text("code");
    if let Some(trouble) = named(&code) {
        return Update::Trouble(trouble);
    }
    let (problem, kinds) = CODES
        .iter()
        .find(|(known, ..)| *known == code)
        .map_or((Problem::Other, ANY), |&(_, problem, kinds)| {
            (problem, kinds)
        });
    let message = json.text("message");
    Update::Fault(Fault {
        problem,
        kinds,
        // Here, and only here, the message is a number or nothing.
        seconds: (problem == Problem::WrapUpCapped)
            .then(|| text::number(&message)?.try_into().ok())
            .flatten(),
        code,
        message,
        call: Some(json.text("callId")).filter(|call| !call.is_empty()),
    })
}

/// Codes that are about the desk as a whole.
fn named(code: &str) -> Option<Trouble> {
    match code {
        "unauthenticated" => Some(Trouble::Unauthenticated),
        "session_gone" => Some(Trouble::Taken),
        "not_an_agent" => Some(Trouble::NotAnAgent),
        _ => None,
    }
}

/// What the protocol's own error says about the desk as a whole. The platform's code, where there is one, stands
/// at the beginning of the message (inferred). A relay in between answers problem documents with codes of its own.
pub(super) fn trouble(error: &RpcError) -> Option<Trouble> {
    let message = &*error.message;
    let end = message
        .bytes()
        .position(|byte| !byte.is_ascii_lowercase() && byte != b'_');
    let first = message.get(..end.unwrap_or(message.len()));
    first.and_then(named).or_else(|| match &*error.code {
        "unauthenticated" | "session_missing" | "session_expired" => Some(Trouble::Unauthenticated),
        "sign_in_needed" => Some(Trouble::SignInNeeded),
        "permission_denied"
        | "agent_unknown"
        | "agent_ambiguous"
        | "agent_guest"
        | "provider_not_available" => Some(Trouble::NotAnAgent),
        _ => None,
    })
}

/// Why a stream ended.
pub(super) fn stream_trouble(error: &RpcError) -> Trouble {
    trouble(error).unwrap_or(match &*error.code {
        "unimplemented" | "not_found" => Trouble::NoStream,
        // A relay's: there is no desk for this agent.
        "provider_unknown" | "capability_missing" => Trouble::NotAnAgent,
        _ => Trouble::Lost,
    })
}

/// The outcome by the protocol's code, where it says more than the status.
pub(super) fn outcome(by_status: Outcome, error: &RpcError) -> Outcome {
    let because = |code| Because {
        code,
        message: Some(error.message.clone()).filter(|message| !message.is_empty()),
        retry_after: None,
    };
    match &*error.code {
        "unimplemented" => Outcome::Refused(because(Code::ProviderRejectedRequest)),
        "canceled" | "unknown" | "deadline_exceeded" | "internal" | "unavailable" | "data_loss" => {
            Outcome::Unknown(because(Code::ProviderError))
        }
        "not_found" => by_status,
        code => of_relay(by_status, Code::parse(code)),
    }
}

/// The outcome where a relay in between answered with a code of its own: what it refused itself, or could not send,
/// was not done, whatever the status.
fn of_relay(by_status: Outcome, code: Option<Code>) -> Outcome {
    match (code, by_status) {
        (Some(code @ (Code::ProviderUnreachable | Code::SwitchedOff)), outcome) => {
            Outcome::Refused(Because {
                code,
                message: outcome
                    .because()
                    .and_then(|because| because.message.clone()),
                retry_after: None,
            })
        }
        // What a relay does not know is not known, whatever the status.
        (
            Some(
                code @ (Code::NoReply
                | Code::ProviderError
                | Code::UnreadableReply
                | Code::SuccessMissing
                | Code::Interrupted),
            ),
            Outcome::Refused(because) | Outcome::Unknown(because),
        ) => Outcome::Unknown(Because {
            code,
            retry_after: None,
            ..because
        }),
        (Some(code), Outcome::Refused(because)) => Outcome::Refused(Because { code, ..because }),
        (_, outcome) => outcome,
    }
}
