//! Why a command was not carried out: an `Error` on the stream.
//!
//! The words are those of the vendor's list of error codes (the later form, in which
//! `bad_request` has been split by what is missing).

use serde::Serialize;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    AgentNotAvailable,
    AgentNumberRequired,
    AmbiguousCall,
    AnswerFailed,
    AnswerRequiresSdp,
    BadRequest,
    CallOnAnotherWindow,
    CallOnHold,
    CampaignIdRequired,
    ConferenceFailed,
    ConversationIdRequired,
    DigitsRequired,
    DisplayAsForbidden,
    DisposeCallFailed,
    DisposeCodeRequired,
    EndCampaignCallFailed,
    JoinCampaignFailed,
    LeaveCampaignFailed,
    MemberIdRequired,
    NoCall,
    NoCallerId,
    NoConference,
    NotRecording,
    PauseCampaignFailed,
    PlaceCallFailed,
    PresenceNameRequired,
    SendSmsFailed,
    SendSmsRequiresToAndText,
    SessionGone,
    SetAgentNumberFailed,
    SetConversationOpenFailed,
    SetPresenceFailed,
    SetRecordingTagsFailed,
    SetWebrtcFailed,
    StartRecordingFailed,
    StopRecordingFailed,
    TargetRequired,
    TooManyDigits,
    TransferFailed,
    TransferRejected,
    TransferTargetBusy,
    TransferTargetDeclined,
    TransferTargetNoAnswer,
    TransferTargetRequired,
    TransferTargetUnavailable,
    TransferTargetUnreachable,
    UnknownCommand,
    UnsupportedDigit,
    WrapUpCancelFailed,
    WrapUpExtendCapped,
    WrapUpExtendFailed,
    WrapUpNotExtended,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Problem {
    pub code: Code,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub call_id: String,
}

impl Problem {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            call_id: String::new(),
        }
    }

    /// The call the command named, as it named it.
    pub fn of_call(self, call_id: impl Into<String>) -> Self {
        Self {
            call_id: call_id.into(),
            ..self
        }
    }
}
