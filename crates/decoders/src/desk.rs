//! An agent's desk, whatever a platform, a network and a person do: nothing is sent twice, what is shown as
//! current is what was told, and once everything works again the desk does.

use patchcord_core::desk::action::Command;
use patchcord_core::desk::allowed::Standing;
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::session::{Event, Piece, Sent};
use patchcord_core::desk::view::{Features, View};
use patchcord_core::error::Code;
use patchcord_core::http::Response;
use patchcord_core::outcome::{Because, Outcome};

use crate::caller::Caller;
use crate::command;
use crate::told::{desk, piece};

/// A stream begins with this where the input does not say it: a call, a conference, everything switched on.
const SNAPSHOT: &str = include_str!("snapshot.json");
/// The most lines of an input.
const LINES: usize = 300;
/// So many steps after everything works again, the desk does.
const HEALED: usize = 200;

/// Takes a line for everything that happens.
///
/// | line | |
/// |---|---|
/// | `{…}`, `< {…}`, `N {…}` | a message on the newest stream, on the oldest, on stream N |
/// | `snapshot` | a message with a whole view |
/// | `broken WHY`, `opened` | the newest stream ends, or opens |
/// | `do {…}` | a person's command |
/// | `reply HOW [WHY]` | to the oldest command: `accepted`, `refused` or `unknown` |
/// | `poll {…}`, `poll WHY` | the answer to a poll |
/// | `token`, `no token WHY`, `renewed`, `no streams`, `online` | |
/// | `start`, `stop`, `set up`, `dismiss N` | what else a person does |
/// | `tick`, `sleep`, `wait N`, `back N` | time: none, until the desk wakes, so many milliseconds, back |
/// | `follow`, `replay AGE {…}`, `lead` | another window has the connection (only before the start), tells what the newest stream has brought, is gone |
/// | `live` | opens, hears `snapshot` and is set up |
pub fn check(data: &[u8]) {
    heal(&mut after(data));
}

fn after(data: &[u8]) -> Caller {
    let mut caller = Caller::default();
    for line in data.split(|&byte| byte == b'\n').take(LINES) {
        happen(&mut caller, line);
    }
    caller
}

fn happen(caller: &mut Caller, line: &[u8]) {
    if line.starts_with(b"{") {
        let stream = caller.newest().unwrap_or_default();
        return caller.hear(stream, piece(line));
    }
    let space = line.iter().position(|&byte| byte == b' ');
    let (word, rest) = line.split_at(space.unwrap_or(line.len()));
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let text = str::from_utf8(rest).unwrap_or_default();
    let number: u64 = text.parse().unwrap_or_default();
    let newest = caller.newest().unwrap_or_default();
    match (word, text) {
        (b"<", _) => caller.hear(caller.oldest().unwrap_or_default(), piece(rest)),
        (b"snapshot", _) => caller.hear(newest, piece(SNAPSHOT.as_bytes())),
        (b"broken", why) => caller.hear(newest, Piece::Broken(trouble(why))),
        (b"opened", _) => caller.event(Event::Opened { stream: newest }),
        (b"do", _) => {
            if let Ok(Command::Act(action)) = command::read(rest) {
                caller.act(action.as_ref().clone());
            }
        }
        (b"reply", how) => caller.replied(sent(how)),
        (b"poll", _) if rest.starts_with(b"{") => caller.polled(view(rest)),
        (b"poll", why) => caller.polled(Err(trouble(why))),
        (b"token", _) => {
            let turn = caller.tokens.pop().unwrap_or_default();
            caller.event(Event::Token { turn });
        }
        (b"no", "streams") => caller.event(Event::NoStreams),
        (b"no", why) => {
            let turn = caller.tokens.pop().unwrap_or_default();
            let why = trouble(why.strip_prefix("token ").unwrap_or_default());
            caller.event(Event::NoToken { turn, why });
        }
        (b"renewed", _) => caller.event(Event::Renewed),
        (b"online", _) => caller.event(Event::Online),
        (b"start", _) => caller.event(Event::Start),
        (b"stop", _) => caller.event(Event::Stop),
        (b"set", "up") => caller.event(Event::SetUp),
        (b"dismiss", _) => {
            let id = u32::try_from(number).unwrap_or_default();
            caller.event(Event::Dismissed { id });
        }
        (b"tick", _) => caller.event(Event::Tick),
        (b"sleep", _) => caller.sleep(),
        (b"wait", _) => {
            caller.now = caller.now.saturating_add(number.min(1 << 40));
            caller.event(Event::Tick);
        }
        (b"back", _) => caller.now = caller.now.saturating_sub(number),
        (b"follow", _) => caller.follow(),
        (b"replay", text) => {
            let (age, json) = text.split_once(' ').unwrap_or(("", text));
            let age = age.parse().unwrap_or_default();
            caller.replay(newest, piece(json.as_bytes()), age);
        }
        (b"lead", _) => caller.event(Event::Lead),
        (b"live", _) => live(caller),
        _ => {
            let stream = str::from_utf8(word).ok().and_then(|word| word.parse().ok());
            if let Some(stream) = stream {
                caller.hear(stream, piece(rest));
            }
        }
    }
}

fn live(caller: &mut Caller) {
    caller.event(Event::Start);
    if let Some(stream) = caller.newest() {
        caller.event(Event::Opened { stream });
        caller.hear(stream, piece(SNAPSHOT.as_bytes()));
    }
    while caller.session.standing() == Standing::SettingUp {
        settle(caller);
    }
}

/// Whatever was asked for is answered; else time passes.
fn settle(caller: &mut Caller) {
    if !caller.sent.is_empty() {
        caller.replied(sent("accepted"));
    } else if let Some(turn) = caller.tokens.pop() {
        caller.event(Event::Token { turn });
    } else if !caller.polls.is_empty() {
        // A platform that works tells what is switched on: without that it is no state.
        let mut view = Box::<View>::default();
        view.features = Some(Features::default());
        caller.polled(Ok(view));
    } else {
        caller.sleep();
    }
}

fn heal(caller: &mut Caller) {
    for _ in 0..HEALED {
        match caller.session.standing() {
            Standing::Live | Standing::Polling => return,
            Standing::Stopped(_) => caller.event(Event::Start),
            _ if caller.awaits() => {
                let stream = caller.newest().unwrap_or_default();
                caller.event(Event::Opened { stream });
                caller.hear(stream, piece(SNAPSHOT.as_bytes()));
            }
            _ => settle(caller),
        }
    }
    panic!("it is {:?} for ever", caller.session.standing());
}

fn view(json: &[u8]) -> Result<Box<View>, Trouble> {
    desk().read_state(Ok(Response {
        status: 200,
        retry_after: None,
        body: json.to_vec(),
    }))
}

fn sent(how: &str) -> Sent {
    let (how, why) = how.split_once(' ').unwrap_or((how, ""));
    let because = |code| Because::code(code);
    Sent {
        outcome: match how {
            "accepted" => Outcome::Accepted,
            "refused" => Outcome::Refused(because(Code::ProviderRefused)),
            _ => Outcome::Unknown(because(Code::NoReply)),
        },
        trouble: (!why.is_empty()).then(|| trouble(why)),
    }
}

fn trouble(why: &str) -> Trouble {
    match why {
        "garbled" => Trouble::Garbled,
        "unauthenticated" => Trouble::Unauthenticated,
        "sign-in-needed" => Trouble::SignInNeeded,
        "taken" => Trouble::Taken,
        "not-an-agent" => Trouble::NotAnAgent,
        "no-stream" => Trouble::NoStream,
        _ => Trouble::Lost,
    }
}

#[cfg(test)]
mod tests {
    use patchcord_core::desk::allowed::Stopped;

    use super::*;

    /// Without these the promises could hold because nothing ever happens.
    #[test]
    fn a_desk_opens_is_set_up_and_sends_what_is_allowed() {
        let caller = after(b"live\ndo {\"hold\":{\"callId\":\"c1\",\"on\":true}}");
        assert_eq!(caller.session.standing(), Standing::Live);
        assert_eq!(caller.session.view().calls.len(), 1);
        assert_eq!(caller.session.asked().count(), 1);
        let refused = after(b"live\ndo {\"hold\":{\"callId\":\"c2\",\"on\":true}}");
        assert_eq!(refused.session.asked().count(), 0);
    }

    #[test]
    fn what_a_platform_tells_is_heard() {
        let gone = "{\"seq\":\"2\",\"patch\":{\"callRemove\":\"c1\"}}";
        let caller = after(format!("live\n{gone}").as_bytes());
        assert_eq!(caller.session.view().calls, []);
        let gap = gone.replace('2', "3");
        let caller = after(format!("live\n{gap}").as_bytes());
        assert_eq!(caller.session.standing(), Standing::Stale);
        let caller = after(b"live\nbroken taken");
        assert_eq!(caller.session.standing(), Standing::Stopped(Stopped::Taken));
    }
}
