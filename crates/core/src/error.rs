//! Errors with stable codes.

use std::borrow::Cow;
use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// What went wrong, in one stable word: the same in Rust, JavaScript, HTTP and the interface.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The code as it is written in JSON and in the texts.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $text,)* }
            }

            /// The code written as `text`, if it is one that this version knows.
            pub fn parse(text: &str) -> Option<Self> {
                // Not a `match`, which is 1 kB of code in the browser.
                Self::ALL.iter().copied().find(|known| known.as_str() == text)
            }
        }
    };
}

codes! {
    // What was sent.
    /// The body is not JSON.
    InvalidJson = "invalid_json",
    /// A key that is not known.
    UnknownField = "unknown_field",
    /// A key that has to be there is not.
    MissingField = "missing_field",
    /// A value of the wrong type or outside its limits.
    InvalidField = "invalid_field",
    /// Not a phone number in E.164 form.
    InvalidNumber = "invalid_number",
    /// The payload is not a JSON object.
    PayloadInvalid = "payload_invalid",
    /// The payload has more than [`crate::payload::MAX_BYTES`].
    PayloadTooLarge = "payload_too_large",
    /// The payload has more than [`crate::payload::MAX_DEPTH`] levels.
    PayloadTooDeep = "payload_too_deep",
    /// The body is over the relay's limit.
    BodyTooLarge = "body_too_large",
    /// The body is not declared as JSON.
    UnsupportedMediaType = "unsupported_media_type",
    /// No such thing here, or not the asker's.
    NotFound = "not_found",
    /// The path exists, the method does not.
    MethodNotAllowed = "method_not_allowed",

    // Who asked.
    /// No session was sent.
    SessionMissing = "session_missing",
    /// The session has ended.
    SessionExpired = "session_expired",
    /// The assertion is malformed, badly signed, or meant for another relay.
    AssertionInvalid = "assertion_invalid",
    /// The assertion's time is over, or it was given for longer than allowed.
    AssertionExpired = "assertion_expired",
    /// The assertion was used before.
    AssertionReplayed = "assertion_replayed",
    /// Nobody is configured for this CRM user.
    AgentUnknown = "agent_unknown",
    /// More than one agent is configured for this CRM user.
    AgentAmbiguous = "agent_ambiguous",
    /// The CRM user is a guest.
    AgentGuest = "agent_guest",
    /// The page's origin is not on the list.
    OriginNotAllowed = "origin_not_allowed",
    /// No such publishable key.
    KeyUnknown = "key_unknown",
    /// The manage token is missing or wrong.
    ManageTokenInvalid = "manage_token_invalid",

    // What the relay decided.
    /// Policy forbids this number.
    NumberNotAllowed = "number_not_allowed",
    /// The agent may not show this caller id.
    CallerIdNotAllowed = "caller_id_not_allowed",
    /// No provider of that name.
    ProviderUnknown = "provider_unknown",
    /// The agent has no identity at that provider.
    ProviderNotAvailable = "provider_not_available",
    /// No such topic for this key.
    TopicUnknown = "topic_unknown",
    /// The provider cannot do that.
    CapabilityMissing = "capability_missing",
    /// Consent has to be given.
    ConsentRequired = "consent_required",
    /// Consent was given to another text.
    ConsentOutdated = "consent_outdated",
    /// The same agent dialled the same number a moment ago.
    DuplicateCall = "duplicate_call",
    /// No idempotency key.
    IdempotencyKeyMissing = "idempotency_key_missing",
    /// The idempotency key is malformed.
    IdempotencyKeyInvalid = "idempotency_key_invalid",
    /// The idempotency key was used for another request.
    IdempotencyKeyReused = "idempotency_key_reused",
    /// It has already been handed on.
    TooLate = "too_late",
    /// The number's owner does not want to be called.
    DoNotCall = "do_not_call",
    /// It is night, or too early or late, where the number is.
    QuietHours = "quiet_hours",
    /// The business is closed, and the topic does not wait until it opens.
    Closed = "closed",
    /// No callback can be had at that time.
    SlotNotAvailable = "slot_not_available",
    /// A proof of work has to be sent.
    ProofRequired = "proof_required",
    /// The proof of work is wrong, or not for this relay's challenge.
    ProofInvalid = "proof_invalid",
    /// The challenge is too old.
    ProofExpired = "proof_expired",
    /// The proof of work was used before.
    ProofUsed = "proof_used",
    /// The form was sent sooner than a person can fill it in.
    TooFast = "too_fast",
    /// A field that people do not see was filled in.
    SpamSuspected = "spam_suspected",
    /// The configured captcha service did not vouch for the visitor.
    CaptchaFailed = "captcha_failed",
    /// The daily cap is reached.
    CapReached = "cap_reached",
    /// Whoever runs the relay has switched dialling off.
    SwitchedOff = "switched_off",
    /// Too many requests.
    TooManyRequests = "too_many_requests",
    /// A header that is there twice, or is no text; a head that is no HTTP, or too long.
    InvalidHeader = "invalid_header",
    /// The request did not arrive in time.
    RequestTimeout = "request_timeout",
    /// Signing in at the provider did not work.
    SignInFailed = "sign_in_failed",
    /// The relay has no token of the agent's own, or none that can be renewed: they have to sign in at the provider.
    SignInNeeded = "sign_in_needed",
    /// Whoever asks is known, but neither their role nor their entry allows that.
    NotPermitted = "not_permitted",
    /// The CRM did not give the fields of a record: it refused, or did not answer in time.
    RecordUnreadable = "record_unreadable",
    /// The relay is starting, stopping or full, or does not know yet when a topic is open.
    RelayBusy = "relay_busy",
    /// A fault in the relay.
    Internal = "internal",

    // What the provider answered: refused.
    /// The agent is not logged in at the provider.
    AgentNotLoggedIn = "agent_not_logged_in",
    /// The provider said no; its own words are in the message.
    ProviderRefused = "provider_refused",
    /// The provider did not accept the request's form.
    ProviderRejectedRequest = "provider_rejected_request",
    /// The provider did not accept the account's credentials.
    ProviderRejectedCredentials = "provider_rejected_credentials",
    /// The account may not do that.
    ProviderForbidden = "provider_forbidden",
    /// The provider does not know the agent, queue or call.
    ProviderNotFound = "provider_not_found",
    /// The provider limits requests.
    ProviderBusy = "provider_busy",
    /// No connection to the provider; nothing was sent.
    ProviderUnreachable = "provider_unreachable",
    /// The relay could not hand it over in time; a person decides.
    Overdue = "overdue",

    // What the provider answered: unknown.
    /// The request went out, no reply came back.
    NoReply = "no_reply",
    /// The provider failed while at work.
    ProviderError = "provider_error",
    /// The reply could not be read.
    UnreadableReply = "unreadable_reply",
    /// The reply does not say whether it worked.
    SuccessMissing = "success_missing",
    /// The relay stopped while it was asking.
    Interrupted = "interrupted",

    // What the browser found.
    /// The click was not ready in time.
    Expired = "expired",
    /// The person called it off.
    Cancelled = "cancelled",
    /// The relay cannot be reached; nothing was sent.
    RelayUnreachable = "relay_unreachable",
    /// The relay's reply could not be read.
    RelayUnreadable = "relay_unreadable",
    /// An attribute that has to be there is not.
    MissingAttribute = "missing_attribute",
    /// An attribute with a value that is none of its values.
    UnknownAttributeValue = "unknown_attribute_value",
    /// The WebAssembly module could not be used.
    ModuleFailed = "module_failed",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error: what happened, to which field, and (by its code) what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The stable code.
    pub code: Code,
    /// The field it is about, as it is named in JSON or in the configuration.
    pub field: Option<Cow<'static, str>>,
    /// What happened, for a person. Never holds a secret.
    pub message: Cow<'static, str>,
}

impl Error {
    /// An error that is about no particular field.
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            field: None,
            message: message.into(),
        }
    }

    /// An error about one field.
    pub fn of(
        code: Code,
        field: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            code,
            field: Some(field.into()),
            message: message.into(),
        }
    }

    /// The same error, about `field`.
    pub fn at(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_the_fixture_are_all_there_are() {
        let fixture: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/fixtures/codes.json")).unwrap();
        let mut listed: Vec<&str> = fixture["problems"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        for group in ["refused", "unknown", "browser"] {
            listed.extend(
                fixture[group]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|code| code.as_str().unwrap()),
            );
        }
        listed.sort_unstable();
        let mut known: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        known.sort_unstable();
        assert_eq!(listed, known);
        assert!(
            Code::ALL
                .iter()
                .all(|code| Code::parse(code.as_str()) == Some(*code))
        );
    }
}
