//! What an agent's desk shows: the platform's state of one agent, in the contract's words.
//!
//! The platform owns it. Nothing here is changed by a person's click; only [`super::state`] changes it, by what
//! the platform tells. What a platform does not tell is empty, never invented.

use std::fmt;
use std::ops::Deref;

use super::words::open_words;
use crate::call::CallState;
use crate::secret::Secret;

/// Text about people: a number, a name, a message, as the platform wrote it. `Debug` shows its length only.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Private(String);

impl Private {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl Deref for Private {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…({})", self.0.len())
    }
}

/// Everything about one agent. `Default` is a desk of which nothing is known yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// The agent.
    pub agent: Agent,
    /// The agent's calls, in the order in which they came.
    pub calls: Vec<Call>,
    /// Conferences that the agent is in; usually none or one.
    pub conferences: Vec<Conference>,
    /// The time for notes after a call.
    pub wrap_up: WrapUp,
    /// Conversations by text message, the newest first. Kept for later.
    pub conversations: Vec<Conversation>,
    /// What the account has switched on; `None` until the desk is set up.
    pub features: Option<Features>,
}

impl View {
    /// What there is to show of a desk that can dial and whose platform tells nothing.
    pub fn dialling(agent: Private) -> Box<Self> {
        let mut view = Box::<Self>::default();
        view.agent.name = agent;
        view.features = Some(Features {
            calls: true,
            ..Features::default()
        });
        view
    }

    /// The call with this id.
    pub fn call(&self, id: &str) -> Option<&Call> {
        self.calls.iter().find(|call| call.id == id)
    }

    /// The calls that are not over.
    pub fn live_calls(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(|call| !call.state.is_final())
    }

    /// The conference that is going on.
    pub fn conference(&self) -> Option<&Conference> {
        self.conferences
            .iter()
            .find(|conference| conference.state != "finished")
    }

    /// What the phonebook calls a number.
    pub fn name_of(&self, number: &str) -> Option<&str> {
        self.agent
            .phonebook
            .iter()
            .find(|contact| !contact.recent && *contact.number == *number)
            .map(|contact| &*contact.label)
    }
}

/// The agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Agent {
    /// The platform's id.
    pub id: String,
    /// What people call them.
    pub name: Private,
    /// Their e-mail address.
    pub email: Private,
    /// What they sign in as.
    pub username: Private,
    /// The account they work in.
    pub account: String,
    /// What that account is called.
    pub account_name: String,
    /// The accounts they may work in.
    pub accounts: Vec<Account>,
    /// The phone that their calls are connected to; empty for none.
    pub number: Private,
    /// What they are doing, as the platform sees it. For a sign beside the name; never chosen.
    pub status: Status,
    /// The name of the presence they chose.
    pub presence: String,
    /// What people call it.
    pub presence_label: String,
    /// The presences they may choose.
    pub presences: Vec<Presence>,
    /// Whether calls go to a phone in the browser instead of [`Agent::number`].
    pub browser_phone: bool,
    /// The platform has stopped sending calls here, and the agent did not choose that.
    pub line_blocked: bool,
    /// Why, where the platform says: `unreachable`, `busy`, `declined`, `dnd` or others.
    pub line_blocked_reason: String,
    /// The number that called parties see; empty for the account's default.
    pub display_as: Private,
    /// The numbers that may be shown to called parties.
    pub display_numbers: Vec<Private>,
    /// Those of them that can send text messages.
    pub sms_numbers: Vec<Private>,
    /// Whether they may record.
    pub may_record: bool,
    /// Whether the account records what they dial in any case.
    pub records_always: bool,
    /// The tags that a recording may be given.
    pub tags: Vec<String>,
    /// Whom they may dial, as it was when the desk was set up.
    pub phonebook: Vec<Contact>,
    /// The campaign they work in. Kept for later.
    pub campaign: Option<Box<Campaign>>,
}

open_words! {
    /// What an agent is doing.
    Status {
        /// Not at work.
        Offline = "offline",
        /// Waiting for a call.
        Available = "available",
        /// Talking.
        InCall = "in_call",
        /// Taking notes after a call.
        WrapUp = "wrap_up",
        /// Taking a break.
        Paused = "paused",
        /// Being called.
        Ringing = "ringing",
        /// Not to be reached, by choice or by the platform.
        Busy = "busy",
    }
}

/// An account that the agent may work in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The platform's id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether this desk is in it.
    pub current: bool,
}

/// A presence that an agent can choose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presence {
    /// Its name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Whether calls come through.
    pub available: bool,
}

/// Somebody to dial.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// The name; where it is a number that was dialled lately, the number.
    pub label: Private,
    /// The number.
    pub number: Private,
    /// Whether it is only a number that was dialled lately.
    pub recent: bool,
}

open_words! {
    /// Who began.
    Direction {
        /// The other party.
        Inbound = "inbound",
        /// The agent, or the platform for the agent.
        Outbound = "outbound",
    }
}

open_words! {
    /// How a call came about.
    Source {
        /// A program asked for it.
        Api = "api",
        /// The agent's phone in the browser.
        BrowserPhone = "webrtc",
        /// A queue gave it to the agent.
        Queue = "queue",
        /// Somebody transferred it.
        Transfer = "transfer",
        /// A campaign dialled it.
        Dialer = "dialer",
        /// It is a part of a conference.
        Conference = "conference",
        /// Somebody wished to be called.
        Callback = "callback",
    }
}

/// One call of the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The platform's id.
    pub id: String,
    /// Who began.
    pub direction: Direction,
    /// How it came about.
    pub source: Source,
    /// Its state. A final one is told once, before the call goes.
    pub state: CallState,
    /// It ended without a connection: nobody answered, busy, an error.
    pub failed: bool,
    /// Why it ended, in the platform's word; empty where it does not say.
    pub reason: String,
    /// The caller's number.
    pub from: Private,
    /// The called number.
    pub to: Private,
    /// The caller hides their number.
    pub anonymous: bool,
    /// The queue that it came through; empty for none.
    pub queue: String,
    /// When both sides were connected, in milliseconds since the epoch.
    pub connected_at: Option<u64>,
    /// How long it lasted, in seconds; only of one that has ended, and where the platform says so.
    pub duration: Option<u64>,
    /// The other party waits.
    pub held: bool,
    /// The other party does not hear the agent.
    pub muted: bool,
    /// It is being recorded.
    pub recording: bool,
    /// The recording's id; empty where there is none.
    pub recording_id: String,
    /// The recording's tags.
    pub recording_tags: Vec<String>,
    /// The recording is flagged.
    pub recording_flagged: bool,
    /// Whether it may be transferred to an application of the platform.
    pub may_go_to_application: bool,
    /// What a phone in the browser answers (SDP); empty where it rings elsewhere. Kept for later.
    pub offer: Private,
    /// How such a phone gets through. Kept for later.
    pub ice_servers: Vec<IceServer>,
}

impl Default for Call {
    fn default() -> Self {
        Self {
            id: String::new(),
            direction: Direction::default(),
            source: Source::default(),
            state: CallState::Requested,
            failed: false,
            reason: String::new(),
            from: Private::default(),
            to: Private::default(),
            anonymous: false,
            queue: String::new(),
            connected_at: None,
            duration: None,
            held: false,
            muted: false,
            recording: false,
            recording_id: String::new(),
            recording_tags: Vec::new(),
            recording_flagged: false,
            may_go_to_application: false,
            offer: Private::default(),
            ice_servers: Vec::new(),
        }
    }
}

impl Call {
    /// The other party's number, where it is told.
    pub fn other_party(&self) -> Option<&str> {
        let number = match self.direction {
            Direction::Outbound => &self.to,
            Direction::Inbound | Direction::Other(_) => &self.from,
        };
        Some(&**number).filter(|number| !number.is_empty() && !self.anonymous)
    }

    /// Whether it waits for the agent to answer. What the agent dialled answers itself.
    pub fn is_incoming(&self) -> bool {
        self.state == CallState::Ringing
            && (self.direction == Direction::Inbound || self.source == Source::Callback)
    }

    /// Whether the agent is on it.
    pub fn is_open(&self) -> bool {
        matches!(self.state, CallState::Connecting | CallState::Connected)
    }
}

/// How a phone in the browser gets through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IceServer {
    /// Its addresses.
    pub urls: Vec<String>,
    /// The user there.
    pub username: Private,
    /// The password there.
    pub credential: Secret,
}

/// Several parties talking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conference {
    /// The platform's id.
    pub id: String,
    /// The platform's word: `created`, `finishing`, `finished` or others.
    pub state: String,
    /// Whether the agent may hold, mute and remove others, and end it.
    pub moderated_by_me: bool,
    /// The agent's own member.
    pub my_member: String,
    /// Everybody in it, also those who are being called or have gone.
    pub members: Vec<Member>,
}

impl Conference {
    /// The member with this id.
    pub fn member(&self, id: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.id == id)
    }

    /// Whether a member is the agent.
    pub fn is_me(&self, member: &Member) -> bool {
        member.is_me || member.id == self.my_member
    }
}

/// One party of a conference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Member {
    /// The platform's id.
    pub id: String,
    /// The platform's word: `pending`, `added`, `removing`, `removed`, `failed` or others.
    pub state: String,
    /// What to call them.
    pub display: Private,
    /// Whether they may hold, mute and remove others.
    pub moderator: bool,
    /// Whether it is the agent.
    pub is_me: bool,
    /// Their own call.
    pub call: String,
    /// They wait.
    pub held: bool,
    /// The agent that they are; empty for a number.
    pub agent: String,
    /// Their number; empty for an agent.
    pub number: Private,
}

impl Member {
    /// They have left, or never came.
    pub fn is_gone(&self) -> bool {
        matches!(&*self.state, "removed" | "failed")
    }

    /// They take part.
    pub fn is_there(&self) -> bool {
        self.state == "added"
    }
}

/// The time for notes after a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WrapUp {
    /// It is running.
    pub active: bool,
    /// The seconds left when the platform told of it; see [`super::state::State::wrap_up_left`].
    pub seconds: u32,
    /// Which kind of call it is for, in the platform's word.
    pub last_call: String,
    /// It may be ended early.
    pub may_cancel: bool,
    /// It may be made longer.
    pub may_extend: bool,
}

/// What the account has switched on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// Calls.
    pub calls: bool,
    /// Transfer without asking first.
    pub transfer: bool,
    /// Conferences, and with them transfer after asking first.
    pub conference: bool,
    /// Text messages.
    pub messaging: bool,
    /// Calls of the past.
    pub history: bool,
    /// The phonebook.
    pub phonebook: bool,
    /// Campaigns.
    pub campaigns: bool,
    /// The agent's settings.
    pub settings: bool,
    /// The agent may choose the phone.
    pub choose_phone: bool,
    /// The agent may choose another account.
    pub choose_account: bool,
    /// The agent may choose a presence.
    pub choose_presence: bool,
    /// The page around the desk is told of calls.
    pub call_events: bool,
    /// Messages that open a record.
    pub screen_pop: bool,
    /// The platform's version.
    pub version: String,
}

/// A conversation by text message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conversation {
    /// The platform's id; empty until it gives one.
    pub id: String,
    /// The other party's number.
    pub peer: Private,
    /// What the phonebook calls them.
    pub name: Private,
    /// Who wrote last.
    pub last_direction: Direction,
    /// The newest message.
    pub last_text: Private,
    /// When it was written, in milliseconds since the epoch.
    pub last_at: u64,
    /// How many messages were not read.
    pub unread: u32,
    /// Not settled yet.
    pub open: bool,
}

/// An agent's work in a campaign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Campaign {
    /// The platform's id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where in it the agent is.
    pub state: CampaignState,
    /// The agent takes a break from it.
    pub paused: bool,
    /// What became of the last dial, in the platform's word.
    pub last_reason: String,
    /// Since when, in milliseconds since the epoch.
    pub since: u64,
    /// Who was dialled.
    pub lead: Option<Lead>,
    /// How it goes: the platform's figures by name.
    pub figures: Vec<(String, u32)>,
}

open_words! {
    /// Where in a campaign an agent is.
    CampaignState {
        /// Not in it.
        Offline = "offline",
        /// Entering.
        LoggingIn = "logging_in",
        /// Waiting for a call.
        Waiting = "waiting",
        /// Taking a break.
        Idle = "idle",
        /// Talking.
        InProgress = "in_progress",
        /// Saying what came of it.
        Disposition = "disposition",
    }
}

/// Somebody whom a campaign dialled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lead {
    /// The platform's id.
    pub id: String,
    /// The customer's own id.
    pub uid: String,
    /// The number.
    pub number: Private,
    /// Its place in the list.
    pub rank: u32,
    /// What the customer knows about them.
    pub data: Vec<(String, Private)>,
}

/// Something that the platform tells once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notification {
    /// The platform's word for its kind.
    pub kind: String,
    /// A headline.
    pub title: Private,
    /// A text.
    pub body: Private,
    /// Data for a program: JSON text, not checked.
    pub data: Private,
    /// When, in milliseconds since the epoch.
    pub at: u64,
}
