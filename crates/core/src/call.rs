//! A call: what is asked, and what is told about it.

use crate::number::{Extension, PhoneNumber};
use crate::payload::Payload;
use crate::record::{self, Record};

/// A wish to connect an agent to a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallRequest {
    /// The number to dial.
    pub number: PhoneNumber,
    /// The extension behind it. No provider has a documented field for it, so it is not transmitted; see
    /// [`CallRequest::notice`].
    pub extension: Option<Extension>,
    /// The caller id to show to the called party.
    pub caller_id: Option<PhoneNumber>,
    /// Dial, or only fill in the number.
    pub mode: Mode,
    /// Whether to record.
    pub recording: Recording,
    /// The CRM record behind the call.
    pub record: Option<Record>,
    /// The custom entity data.
    pub payload: Payload,
}

/// Dial, or only fill in the number for the agent to dial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Dial at once.
    #[default]
    Dial,
    /// Fill in the number.
    Prefill,
}

/// Whether to record a call from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Recording {
    /// As the provider is set up.
    #[default]
    AsConfigured,
    /// Record.
    Always,
}

/// Something the person should know about a call that went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The extension was not transmitted: dial it by hand.
    ExtensionNotSent,
}

impl Notice {
    /// As it is written in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Notice::ExtensionNotSent => "extension_not_sent",
        }
    }
}

impl CallRequest {
    /// A call to `number`, everything else left to the provider.
    pub fn to(number: PhoneNumber) -> Self {
        Self {
            number,
            extension: None,
            caller_id: None,
            mode: Mode::default(),
            recording: Recording::default(),
            record: None,
            payload: Payload::default(),
        }
    }

    /// The payload with the record in it, as it travels.
    pub fn travelling_payload(&self) -> Payload {
        match &self.record {
            Some(record) => self
                .payload
                .with_json([(record::PAYLOAD_KEY, record.to_json())]),
            None => self.payload.clone(),
        }
    }

    /// What the person should be told, whatever the provider answers.
    pub fn notice(&self) -> Option<Notice> {
        self.extension.as_ref().map(|_| Notice::ExtensionNotSent)
    }
}

/// The state of a call, as the contract orders them. Open: what this version does not know is kept as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallState {
    /// Stored; the provider has not answered yet.
    Requested,
    /// The provider has it and tells no more (Samespace ends here).
    HandedOver,
    /// Ringing.
    Ringing,
    /// Answered by one side, not yet connected.
    Connecting,
    /// Both sides talk.
    Connected,
    /// Over.
    Ended,
    /// The provider said no.
    Refused,
    /// Nobody can say whether it was placed.
    Unknown,
    /// A state that this version does not know.
    Other(String),
}

impl CallState {
    /// As it is written in JSON.
    pub fn as_str(&self) -> &str {
        match self {
            CallState::Requested => "requested",
            CallState::HandedOver => "handed_over",
            CallState::Ringing => "ringing",
            CallState::Connecting => "connecting",
            CallState::Connected => "connected",
            CallState::Ended => "ended",
            CallState::Refused => "refused",
            CallState::Unknown => "unknown",
            CallState::Other(text) => text,
        }
    }

    /// Reads a state; never fails.
    pub fn parse(text: &str) -> Self {
        match text {
            "requested" => CallState::Requested,
            "handed_over" => CallState::HandedOver,
            "ringing" => CallState::Ringing,
            "connecting" => CallState::Connecting,
            "connected" => CallState::Connected,
            "ended" => CallState::Ended,
            "refused" => CallState::Refused,
            "unknown" => CallState::Unknown,
            other => CallState::Other(other.to_owned()),
        }
    }

    /// Whether nothing more will be told about the call.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            CallState::HandedOver | CallState::Ended | CallState::Refused | CallState::Unknown
        )
    }
}

/// What a provider tells about a call it accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The state.
    pub state: CallState,
    /// Why it ended, in the provider's word.
    pub reason: Option<String>,
    /// How long it lasted, in seconds, where the provider says.
    pub duration: Option<u64>,
}

impl Progress {
    /// A state without more.
    pub fn of(state: CallState) -> Self {
        Self {
            state,
            reason: None,
            duration: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_read_as_it_is_written_and_an_unknown_one_keeps_its_text() {
        let states = [
            "requested",
            "handed_over",
            "ringing",
            "connecting",
            "connected",
            "ended",
            "refused",
            "unknown",
            "parked",
        ];
        for text in states {
            assert_eq!(CallState::parse(text).as_str(), text);
        }
        assert_eq!(
            CallState::parse("parked"),
            CallState::Other("parked".into())
        );
    }

    #[test]
    fn the_record_travels_in_the_payload_unless_the_key_is_taken() {
        let mut call = CallRequest::to("+4930123456".parse().unwrap());
        call.record = Some(Record {
            system: "crm".into(),
            kind: "Lead".into(),
            id: "1".into(),
            name: None,
            url: None,
        });
        call.payload = Payload::from_json(r#"{"a":1}"#).unwrap();
        assert_eq!(
            call.travelling_payload().as_json(),
            r#"{"a":1,"patchcord_record":{"id":"1","system":"crm","type":"Lead"}}"#
        );
        call.payload = Payload::from_json(r#"{"patchcord_record":null}"#).unwrap();
        assert_eq!(
            call.travelling_payload().as_json(),
            r#"{"patchcord_record":null}"#
        );
    }
}
