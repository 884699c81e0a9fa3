//! What the page around the panel is told: the contract's events, each once.

use patchcord_core::call::CallState;
use patchcord_core::desk::allowed::{Refusal, Standing, Stopped};
use patchcord_core::desk::asked::Progress;
use patchcord_core::desk::session::Session;
use patchcord_core::desk::view::{Call, Direction};
use patchcord_core::error::Code;

use crate::dial;
use crate::scene::Scene;

/// What the page was told already.
#[derive(Debug, Clone, Default)]
pub struct Told {
    placed: Vec<Placed>,
    calls: Vec<Known>,
    agent: &'static str,
    /// Whether the calls were known to be as the platform had them.
    sees: bool,
}

/// A call that was placed here.
#[derive(Debug, Clone)]
struct Placed {
    /// What the page knows it by.
    id: String,
    /// The command's number.
    asked: u32,
    number: String,
    /// What was seen of the command last.
    seen: Seen,
    /// The platform's id, once it shows.
    call: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    Open,
    Doubt,
    Over,
}

#[derive(Debug, Clone)]
struct Known {
    /// What the page knows it by.
    id: String,
    call: String,
    number: String,
    direction: &'static str,
    state: CallState,
    failed: bool,
    talk: Talk,
    /// What the platform says how long it lasted, in seconds.
    duration: Option<u64>,
    held: bool,
    muted: bool,
    recording: bool,
}

/// Whether both sides were connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Talk {
    Not,
    /// Nobody says since when.
    Began,
    /// By this browser's clock, in milliseconds.
    Since(u64),
}

impl Talk {
    /// `seen`: now, where the call was followed up to now. The platform's clock may be another one, so that its time
    /// counts only where the beginning was not seen.
    fn of(call: &Call, before: Option<Talk>, seen: Option<u64>, now: u64) -> Self {
        let connected = call.state == CallState::Connected;
        match (before, call.connected_at) {
            (Some(Talk::Since(at)), _) => Talk::Since(at),
            (Some(Talk::Not), Some(_)) if connected && seen.is_some() => Talk::Since(now),
            (_, Some(at)) => Talk::Since(at.min(now)),
            (Some(Talk::Began), None) => Talk::Began,
            (_, None) if connected => Talk::Began,
            (_, None) => Talk::Not,
        }
    }
}

impl Known {
    fn of(call: &Call, id: String, talk: Talk) -> Self {
        Self {
            id,
            call: call.id.clone(),
            number: call.other_party().unwrap_or_default().to_owned(),
            direction: match call.direction {
                Direction::Outbound => "outgoing",
                Direction::Inbound | Direction::Other(_) => "incoming",
            },
            state: call.state.clone(),
            failed: call.failed,
            talk,
            duration: call.duration,
            held: call.held,
            muted: call.muted,
            recording: call.recording,
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its name.
    pub name: &'static str,
    /// What the page knows the call by: the key of the click, or the platform's id of a call that came.
    pub id: String,
    /// The platform's id; empty where there is none yet.
    pub call: String,
    /// The other party's number; empty where it is hidden.
    pub number: String,
    /// What else there is to tell.
    pub more: Vec<(&'static str, Detail)>,
}

/// What an event tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    /// One of the contract's words.
    Word(&'static str),
    /// A text.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(u64),
}

impl Told {
    /// A call is placed by the command with this number; the page knows it by `id`.
    pub fn placed(&mut self, id: String, asked: u32, number: String) {
        self.placed.push(Placed {
            id,
            asked,
            number,
            seen: Seen::Open,
            call: String::new(),
        });
    }

    /// What has happened since it was asked last.
    pub fn listen(&mut self, session: &Session, now: u64) -> Vec<Event> {
        let mut events = Vec::new();
        self.commands(session, &mut events);
        let sees = matches!(
            session.standing(),
            Standing::Live | Standing::Polling | Standing::SettingUp
        );
        // What happened while the connection was lost happened nobody knows when.
        let seen = (std::mem::replace(&mut self.sees, sees) && sees).then_some(now);
        let mut known = Vec::new();
        for call in &session.view().calls {
            let before = self.calls.iter().position(|known| known.call == call.id);
            let before = before.map(|place| self.calls.swap_remove(place));
            let placed = self.placed.iter().find(|placed| placed.call == call.id);
            let id = match (&before, placed) {
                (_, Some(placed)) => &placed.id,
                (Some(before), None) => &before.id,
                (None, None) => &call.id,
            };
            let id = id.clone();
            let talk = before.as_ref().map(|before| before.talk);
            let one = Known::of(call, id, Talk::of(call, talk, seen, now));
            if before.is_none_or(|before| differs(&before, &one)) {
                events.push(state(&one, seen));
            }
            known.push(one);
        }
        for gone in std::mem::replace(&mut self.calls, known) {
            if !gone.state.is_final() {
                events.push(ended(&gone, seen));
            }
        }
        events
    }

    /// How the agent stands, where that has changed since it was asked last: `ready`, or what is in the way of a call.
    pub fn agent(&mut self, scene: &Scene<'_>) -> Option<&'static str> {
        let now = match scene.session.standing() {
            Standing::Starting if scene.outside.failure.is_some() => "stopped",
            Standing::Starting | Standing::SettingUp => "starting",
            Standing::Stale => "stale",
            Standing::Stopped(Stopped::SignInNeeded) => "signed_out",
            Standing::Stopped(_) => "stopped",
            Standing::Live | Standing::Polling => {
                dial::refusal(scene).map_or("ready", Refusal::as_str)
            }
        };
        (std::mem::replace(&mut self.agent, now) != now).then_some(now)
    }

    fn commands(&mut self, session: &Session, events: &mut Vec<Event>) {
        let view = session.view();
        for at in 0..self.placed.len() {
            let taken: Vec<String> = self.placed.iter().map(|one| one.call.clone()).collect();
            let Some(placed) = self.placed.get_mut(at) else {
                break;
            };
            if placed.seen == Seen::Over {
                continue;
            }
            let asked = session.asked().find(|asked| asked.id == placed.asked);
            let because = match asked.map(|asked| &asked.progress) {
                Some(Progress::Sent | Progress::Taken) => continue,
                None | Some(Progress::Done) => {
                    let shows = view
                        .calls
                        .iter()
                        .rev()
                        .find(|call| *call.to == *placed.number && !taken.contains(&call.id));
                    if let Some(call) = shows {
                        placed.call.clone_from(&call.id);
                        events.push(placed.event("callaccepted", Vec::new()));
                    }
                    placed.seen = Seen::Over;
                    continue;
                }
                Some(Progress::Refused(because)) => {
                    let code = because.code.as_str();
                    ("callrefused", code, because.message.clone(), Seen::Over)
                }
                Some(Progress::Failed(fault)) => {
                    let message = Some(fault.message.clone());
                    ("callrefused", fault.problem.as_str(), message, Seen::Over)
                }
                Some(Progress::Unknown(because)) => {
                    let code = because.code.as_str();
                    ("callunknown", code, because.message.clone(), Seen::Doubt)
                }
                Some(Progress::NotSeen) => (
                    "callunknown",
                    Code::SuccessMissing.as_str(),
                    None,
                    Seen::Doubt,
                ),
            };
            let (name, code, message, seen) = because;
            // A doubt is told once, and what becomes of it after all.
            if placed.seen == seen {
                continue;
            }
            placed.seen = seen;
            let mut more = vec![("code", Detail::Text(code.to_owned()))];
            let message = message.filter(|message| !message.is_empty());
            more.extend(message.map(|message| ("message", Detail::Text(message))));
            events.push(placed.event(name, more));
        }
        self.placed
            .retain(|placed| placed.seen != Seen::Over || view.call(&placed.call).is_some());
    }
}

impl Placed {
    fn event(&self, name: &'static str, more: Vec<(&'static str, Detail)>) -> Event {
        Event {
            name,
            id: self.id.clone(),
            call: self.call.clone(),
            number: self.number.clone(),
            more,
        }
    }
}

fn differs(before: &Known, now: &Known) -> bool {
    before.state != now.state
        || before.held != now.held
        || before.muted != now.muted
        || before.recording != now.recording
}

fn state(call: &Known, seen: Option<u64>) -> Event {
    if call.state == CallState::Ended {
        return ended(call, seen);
    }
    let more = vec![
        ("state", Detail::Text(call.state.as_str().to_owned())),
        ("held", Detail::Flag(call.held)),
        ("muted", Detail::Flag(call.muted)),
        ("recording", Detail::Flag(call.recording)),
    ];
    about(call, "callstate", more)
}

/// `seen`: when it ended, where that was seen.
fn ended(call: &Known, seen: Option<u64>) -> Event {
    let seconds = match call.talk {
        // What a platform says of a call without a connection is how long it rang.
        Talk::Not => None,
        Talk::Began => call.duration,
        Talk::Since(at) => call
            .duration
            .or_else(|| Some(seen?.saturating_sub(at) / 1_000)),
    };
    let reason = if call.failed { "failed" } else { "ended" };
    let mut more = vec![("reason", Detail::Word(reason))];
    more.extend(seconds.map(|seconds| ("duration", Detail::Number(seconds))));
    about(call, "callended", more)
}

fn about(call: &Known, name: &'static str, mut more: Vec<(&'static str, Detail)>) -> Event {
    more.push(("direction", Detail::Word(call.direction)));
    Event {
        name,
        id: call.id.clone(),
        call: call.call.clone(),
        number: call.number.clone(),
        more,
    }
}
