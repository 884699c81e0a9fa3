//! The platform's JSON as a view, in neutral words. What is missing is left at its default, as in proto3's JSON;
//! what is new is skipped.

use std::borrow::Cow;

use crate::call::CallState;
use crate::desk::lookup::{Found, FoundKind, Identity, PastCall};
use crate::desk::view::{
    Account, Agent, Call, Campaign, CampaignState, Conference, Contact, Conversation, Direction,
    Features, IceServer, Lead, Member, Notification, Presence, Private, Source, Status, View,
    WrapUp,
};
use crate::json::Json;
use crate::secret::Secret;

pub(super) fn view(json: &Json<'_>) -> View {
    View {
        agent: agent(json.at("agent")),
        calls: json.list("activeCalls", call),
        conferences: json.list("conferences", conference),
        wrap_up: wrap_up(json.at("wrapUp")),
        conversations: json.list("sms", conversation),
        features: Some(json.at("config"))
            .filter(|config| config.is_object())
            .map(features),
    }
}

pub(super) fn agent(json: &Json<'_>) -> Agent {
    Agent {
        id: json.text("id"),
        name: private(json, "name"),
        email: private(json, "email"),
        username: private(json, "username"),
        account: json.text("accountId"),
        account_name: json.text("accountName"),
        accounts: json.list("accounts", |account| Account {
            id: account.text("id"),
            name: account.text("name"),
            current: account.flag("current"),
        }),
        number: private(json, "number"),
        status: Status::parse(&word(json, "presence", "AGENT_STATE_")),
        presence: json.text("presenceName"),
        presence_label: json.text("presenceLabel"),
        presences: json.list("presenceOptions", |presence| Presence {
            name: presence.text("name"),
            label: presence.text("label"),
            available: presence.flag("available"),
        }),
        browser_phone: json.flag("webrtcEnabled"),
        line_blocked: json.flag("lineBlocked"),
        line_blocked_reason: json.text("lineBlockedReason"),
        display_as: private(json, "displayAs"),
        display_numbers: json.list("availableNumbers", number),
        sms_numbers: json.list("smsCapableNumbers", number),
        may_record: json.flag("canRecord"),
        records_always: json.flag("alwaysRecordOutbound"),
        tags: json.list("availableTags", text),
        phonebook: json.list("phonebook", contact),
        campaign: Some(json.at("campaignStatus"))
            .filter(|campaign| campaign.is_object())
            .map(|json| Box::new(campaign(json))),
    }
}

pub(super) fn call(json: &Json<'_>) -> Call {
    let state = word(json, "state", "CALL_LIFECYCLE_");
    Call {
        id: json.text("id"),
        direction: direction(json, "direction"),
        source: Source::parse(&word(json, "source", "CALL_SOURCE_")),
        failed: &*state == "FAILED",
        // It tells none.
        reason: String::new(),
        state: match &*state {
            "" | "INIT" => CallState::Requested,
            "RINGING" => CallState::Ringing,
            "IN_PROGRESS" => CallState::Connecting,
            "BRIDGED" => CallState::Connected,
            "COMPLETED" | "FAILED" => CallState::Ended,
            other => CallState::Other(other.to_owned()),
        },
        from: private(json, "from"),
        to: private(json, "to"),
        anonymous: json.flag("anonymous"),
        queue: json.text("queueName"),
        connected_at: Some(time(json, "establishedAt")).filter(|&at| at > 0),
        // Nor that.
        duration: None,
        held: json.flag("onHold"),
        muted: json.flag("muted"),
        recording: json.flag("recording"),
        recording_id: json.text("recordingId"),
        recording_tags: json.list("recordingTags", text),
        recording_flagged: json.flag("recordingFlagged"),
        may_go_to_application: json.flag("canTransferToApplication"),
        offer: private(json, "webrtcOffer"),
        ice_servers: json.list("iceServers", |server| IceServer {
            urls: server.list("urls", text),
            username: private(server, "username"),
            credential: Secret::new(server.text("credential")),
        }),
    }
}

pub(super) fn conference(json: &Json<'_>) -> Conference {
    Conference {
        id: json.text("id"),
        state: json.text("state"),
        moderated_by_me: json.flag("iAmModerator"),
        my_member: json.text("myMemberId"),
        members: json.list("members", |member| Member {
            id: member.text("id"),
            state: member.text("state"),
            display: private(member, "display"),
            moderator: member.flag("moderator"),
            is_me: member.flag("isMe"),
            call: member.text("callId"),
            held: member.flag("onHold"),
            agent: member.text("agentId"),
            number: private(member, "number"),
        }),
    }
}

pub(super) fn wrap_up(json: &Json<'_>) -> WrapUp {
    WrapUp {
        active: json.flag("active"),
        seconds: json.whole32("remainingSeconds"),
        last_call: json.text("lastCallType"),
        may_cancel: json.flag("canCancel"),
        may_extend: json.flag("canExtend"),
    }
}

pub(super) fn features(json: &Json<'_>) -> Features {
    let on = |feature: &str| json.at(feature).flag("enabled");
    let (calls, account, cti) = (json.at("calls"), json.at("account"), json.at("cti"));
    Features {
        calls: on("calls"),
        transfer: calls.flag("allowTransfer"),
        conference: calls.flag("allowConference"),
        messaging: on("messaging"),
        history: on("history"),
        phonebook: on("phonebook"),
        campaigns: on("outbound"),
        settings: on("account"),
        choose_phone: account.flag("allowDeviceSwitch"),
        choose_account: account.flag("allowAccountSwitch"),
        choose_presence: account.flag("allowStatusChange"),
        call_events: cti.flag("emitCallEvents"),
        screen_pop: cti.flag("screenPop"),
        version: json.text("serverVersion"),
    }
}

pub(super) fn conversation(json: &Json<'_>) -> Conversation {
    Conversation {
        id: json.text("id"),
        peer: private(json, "peer"),
        name: private(json, "contactLabel"),
        last_direction: direction(json, "lastDirection"),
        last_text: private(json, "lastText"),
        last_at: time(json, "lastTs"),
        unread: json.whole32("unread"),
        open: json.flag("open"),
    }
}

pub(super) fn notification(json: &Json<'_>) -> Notification {
    Notification {
        kind: json.text("kind"),
        title: private(json, "title"),
        body: private(json, "body"),
        data: private(json, "dataJson"),
        at: time(json, "ts"),
    }
}

fn campaign(json: &Json<'_>) -> Campaign {
    Campaign {
        id: json.text("campaignId"),
        name: json.text("campaignName"),
        state: CampaignState::parse(&word(json, "state", "CAMPAIGN_MEMBER_STATE_")),
        paused: json.flag("paused"),
        last_reason: json.text("lastReason"),
        since: time(json, "since"),
        lead: Some(json.at("lead"))
            .filter(|lead| lead.is_object())
            .map(|lead| Lead {
                id: lead.text("id"),
                uid: lead.text("uid"),
                number: private(lead, "number"),
                rank: lead.whole32("rank"),
                data: named(lead.at("data"), number),
            }),
        figures: named(json.at("metrics"), |figure| {
            u32::try_from(figure.as_whole().unwrap_or_default()).unwrap_or(u32::MAX)
        }),
    }
}

pub(super) fn identity(json: &Json<'_>) -> Identity {
    Identity {
        agent: json.text("agentId"),
        username: private(json, "username"),
        account: json.text("account"),
        account_name: json.text("accountName"),
        number: private(json, "number"),
    }
}

pub(super) fn found(json: &Json<'_>) -> Found {
    Found {
        kind: FoundKind::parse(&word(json, "kind", "TRANSFER_TARGET_KIND_")),
        id: json.text("id"),
        label: private(json, "label"),
        number: private(json, "number"),
        category: json.text("category"),
        browser_only: json.flag("browser"),
    }
}

pub(super) fn past_call(json: &Json<'_>) -> PastCall {
    let url = json.text("recordingUrl");
    PastCall {
        id: json.text("id"),
        direction: direction(json, "direction"),
        from: private(json, "from"),
        to: private(json, "to"),
        contact: private(json, "contact"),
        at: time(json, "time"),
        duration: json.whole("durationMs"),
        recorded: json.flag("hasRecording"),
        recording_url: is_web_address(&url).then(|| Private::new(url)),
    }
}

/// A number that was dialled lately has the word "recent" for a name.
pub(super) fn contact(json: &Json<'_>) -> Contact {
    let (label, number) = (json.text("label"), private(json, "number"));
    let recent = label == "recent";
    Contact {
        label: if recent {
            number.clone()
        } else {
            Private::new(label)
        },
        number,
        recent,
    }
}

/// Whether a page may open this: no `javascript:`, no path of our own.
pub(super) fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

fn text(json: &Json<'_>) -> String {
    json.as_text().to_owned()
}

fn number(json: &Json<'_>) -> Private {
    Private::new(json.as_text())
}

fn private(json: &Json<'_>, name: &str) -> Private {
    Private::new(json.text(name))
}

fn direction(json: &Json<'_>, name: &str) -> Direction {
    Direction::parse(&word(json, name, "CALL_DIRECTION_"))
}

/// The members of an object, each with its name.
fn named<T>(json: &Json<'_>, read: fn(&Json<'_>) -> T) -> Vec<(String, T)> {
    let members = json.members().iter();
    members
        .map(|(name, value)| (name.clone().into_owned(), read(value)))
        .collect()
}

/// The platform's times are seconds.
fn time(json: &Json<'_>, name: &str) -> u64 {
    json.whole(name).saturating_mul(1_000)
}

/// The word of an enum without its prefix; empty where it is not said. A word that the server's version of
/// protobuf does not know comes as a number, and is kept like any that is not known here.
fn word<'a>(json: &'a Json<'_>, name: &str, prefix: &str) -> Cow<'a, str> {
    match json.at(name) {
        Json::Whole(number) => Cow::Owned(crate::text::digits(*number)),
        value => match value.as_text().strip_prefix(prefix) {
            Some("UNSPECIFIED") => Cow::Borrowed(""),
            Some(word) => Cow::Borrowed(word),
            None => Cow::Borrowed(value.as_text()),
        },
    }
}
