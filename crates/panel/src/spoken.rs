//! What is said to those who do not see the panel: what has changed, once.

use patchcord_core::call::CallState;
use patchcord_core::desk::allowed::Standing;
use patchcord_core::desk::view::{Call, Direction, Member};

use crate::notice;
use crate::scene::{Scene, is_current};
use crate::texts::Said;

/// What was said already.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    calls: Vec<Known>,
    members: Vec<(String, String)>,
    /// The commands that went wrong.
    bad: Vec<u32>,
    notices: u32,
    notes: bool,
    standing: Option<Standing>,
    /// That the connection is lost.
    lost: bool,
    /// A call that was dialled and ended at once: hardly anything was to be seen of it.
    missed: Option<Said>,
}

#[derive(Debug, Clone)]
struct Known {
    id: String,
    /// When it was seen first, in milliseconds since the epoch.
    since: u64,
    who: String,
    state: CallState,
    held: bool,
    muted: bool,
    recording: bool,
}

/// What is to be said now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spoken {
    /// When there is a pause.
    pub polite: String,
    /// At once.
    pub assertive: String,
}

/// A call that is over so many milliseconds after it was dialled was hardly to be seen.
const AT_ONCE_MS: u64 = 2_000;
/// A sentence is taken away so many milliseconds after it was said: whoever looks around later with a screen reader
/// would take it for new.
const SAID_MS: u64 = 5_000;

/// What is read out now.
#[derive(Debug, Clone, Default)]
pub struct Saying {
    /// What.
    pub now: Spoken,
    /// Until when, in milliseconds since the epoch; `None` while it is silent.
    pub until: Option<u64>,
}

impl Saying {
    /// Says more. The same sentence twice is read out twice.
    pub fn say(&mut self, spoken: Spoken, now: u64) {
        if !spoken.polite.is_empty() || !spoken.assertive.is_empty() {
            self.until = Some(now + SAID_MS);
        }
        put(&mut self.now.polite, spoken.polite);
        put(&mut self.now.assertive, spoken.assertive);
    }

    /// Takes away what was said.
    pub fn tick(&mut self, now: u64) {
        if self.until.is_some_and(|until| now >= until) {
            *self = Self::default();
        }
    }
}

/// Puts a text where it is read out.
fn put(region: &mut String, text: String) {
    if text.is_empty() {
        return;
    }
    let again = *region == text;
    *region = text;
    if again {
        region.push('\u{a0}');
    }
}

impl Spoken {
    /// Adds what is to be said after it.
    pub fn add(&mut self, more: &Spoken) {
        add(&mut self.polite, &more.polite);
        add(&mut self.assertive, &more.assertive);
    }

    /// Adds what is to be said when there is a pause.
    pub fn politely(&mut self, text: &str) {
        add(&mut self.polite, text);
    }

    fn at_once(&mut self, text: &str) {
        add(&mut self.assertive, text);
    }
}

fn add(said: &mut String, text: &str) {
    if !said.is_empty() && !text.is_empty() {
        said.push(' ');
    }
    said.push_str(text);
}

impl Heard {
    /// What has changed since it was asked last.
    pub fn listen(&mut self, scene: &Scene<'_>) -> Spoken {
        let mut spoken = Spoken::default();
        // What has ended before there was a connection is old.
        let anew = self.lost || self.standing.is_none_or(|before| !is_current(before));
        self.standing(scene, &mut spoken);
        self.calls(scene, &mut spoken, anew);
        self.members(scene, &mut spoken);
        self.commands(scene, &mut spoken);
        let notes = scene.view().wrap_up.active;
        if notes && !std::mem::replace(&mut self.notes, notes) {
            let left = scene.session.wrap_up_left(scene.now).unwrap_or_default();
            let left = (scene.seconds)(left.into());
            spoken.politely(&scene.texts.fill("desk.say.notes", &left));
        }
        self.notes = notes;
        spoken
    }

    fn standing(&mut self, scene: &Scene<'_>, spoken: &mut Spoken) {
        let now = scene.session.standing();
        let before = self.standing.replace(now);
        if scene.is_lost() && !std::mem::replace(&mut self.lost, true) {
            spoken.at_once(scene.t("desk.say.stale"));
        }
        if scene.is_current() && std::mem::take(&mut self.lost) {
            spoken.politely(scene.t("desk.say.back"));
        }
        if let Standing::Stopped(why) = now
            && before.is_some_and(|before| before != now)
        {
            spoken.at_once(&scene.texts.word("desk.stopped.", why.as_str()));
        }
    }

    /// What is to be shown of a call that has ended at once, one time.
    pub fn missed(&mut self) -> Option<Said> {
        self.missed.take()
    }

    fn calls(&mut self, scene: &Scene<'_>, spoken: &mut Spoken, anew: bool) {
        let mut now = Vec::new();
        for call in &scene.view().calls {
            let before = self.calls.iter().find(|known| known.id == call.id);
            let who = scene.who(call).0;
            changes(scene, before, call, &who, spoken);
            let since = before.map_or(scene.now, |before| before.since);
            let dialled = call.direction == Direction::Outbound && call.state == CallState::Ended;
            if dialled && !anew && scene.now.saturating_sub(since) < AT_ONCE_MS {
                self.missed = Some(notice::of_missed(scene, call, &who));
            }
            now.push(Known {
                id: call.id.clone(),
                since,
                who,
                state: call.state.clone(),
                held: call.held,
                muted: call.muted,
                recording: call.recording,
            });
        }
        for gone in &self.calls {
            let there = now.iter().any(|one| one.id == gone.id);
            if !there && !gone.state.is_final() {
                spoken.politely(&scene.texts.fill("desk.say.ended", &gone.who));
            }
        }
        self.calls = now;
    }

    fn members(&mut self, scene: &Scene<'_>, spoken: &mut Spoken) {
        let conference = scene.view().conference();
        let others = conference.into_iter().flat_map(|conference| {
            let members = conference.members.iter();
            members.filter(|member| !conference.is_me(member))
        });
        let now: Vec<&Member> = others.collect();
        for one in &now {
            let known = self.members.iter().find(|(id, _)| *id == one.id);
            let before = known.map_or("", |(_, state)| state);
            if before == one.state {
                continue;
            }
            let key = match &*one.state {
                "added" => "desk.say.joined",
                "removed" if !before.is_empty() => "desk.say.left",
                "failed" if !before.is_empty() => "desk.say.not_come",
                _ => continue,
            };
            spoken.politely(&scene.texts.fill(key, scene.member(one)));
        }
        self.members = now
            .iter()
            .map(|one| (one.id.clone(), one.state.clone()))
            .collect();
    }

    fn commands(&mut self, scene: &Scene<'_>, spoken: &mut Spoken) {
        let mut bad = Vec::new();
        for asked in scene.session.asked().filter(|asked| asked.is_bad()) {
            bad.push(asked.id);
            if !self.bad.contains(&asked.id)
                && let Some((_, said)) = notice::became(scene, asked)
            {
                spoken.at_once(&said.whole());
            }
        }
        self.bad = bad;
        for notice in &scene.ui.notices {
            if notice.id > self.notices {
                self.notices = notice.id;
                spoken.at_once(&notice.said.whole());
            }
        }
    }
}

fn changes(scene: &Scene<'_>, before: Option<&Known>, call: &Call, who: &str, spoken: &mut Spoken) {
    let state = before.map(|before| &before.state);
    if state != Some(&call.state) {
        let key = match call.state {
            _ if call.is_incoming() => {
                return spoken.at_once(&scene.texts.fill("desk.say.incoming", who));
            }
            // Whether it rings there already makes no difference to whoever dialled.
            CallState::Requested | CallState::Ringing
                if call.direction == Direction::Outbound && before.is_none() =>
            {
                "desk.say.dialled"
            }
            CallState::Connected => "desk.say.connected",
            CallState::Ended if call.failed => "desk.say.failed",
            CallState::Ended => "desk.say.ended",
            CallState::HandedOver => "desk.say.handed_over",
            _ => "",
        };
        if !key.is_empty() {
            spoken.politely(&scene.texts.fill(key, who));
        }
    }
    let (Some(before), false) = (before, call.state == CallState::Ended) else {
        return;
    };
    let flags = [
        (before.held, call.held, "desk.say.held", "desk.say.unheld"),
        (
            before.muted,
            call.muted,
            "desk.say.muted",
            "desk.say.unmuted",
        ),
        (
            before.recording,
            call.recording,
            "desk.say.recording",
            "desk.say.not_recording",
        ),
    ];
    for (before, now, on, off) in flags {
        if before != now {
            spoken.politely(scene.t(if now { on } else { off }));
        }
    }
}
