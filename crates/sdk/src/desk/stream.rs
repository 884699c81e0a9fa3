//! The streams of a desk: from the platform in the tab that leads, from that tab in the others.

use std::rc::Rc;

use patchcord_core::desk::allowed::{Standing, Stopped};
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::session::{Event, Piece, Role};
use patchcord_core::provider::desk::StreamReader;
use web_sys::AbortController;

use super::tabs::Message;
use super::wire::{self, Opened};
use super::work::Inner;
use crate::{js, time};

/// A stream that was heard for so long, in bytes, is replaced by a new one, so that a tab that opens late has not
/// so much to read.
const MAX_HEARD: usize = 2_000_000;
/// Where a platform tells nothing by itself, it is alive all the same: said this often.
const ALIVE_MS: u64 = 15_000;

/// One open stream.
pub struct Open {
    /// The session's number for it.
    pub number: u32,
    reader: Box<dyn StreamReader>,
    from: From,
    /// What was heard, and when: for tabs that open later.
    heard: Vec<(u64, Vec<u8>)>,
    bytes: usize,
}

enum From {
    Platform(Option<AbortController>),
    /// The tab that leads.
    Leader(Hearing),
}

/// How far a stream from the tab that leads is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hearing {
    /// What it heard before is waited for.
    Waiting,
    /// It tells what it hears.
    More,
    /// It has another stream by now: what it tells belongs to that one.
    Over,
}

impl Drop for Open {
    fn drop(&mut self) {
        if let From::Platform(Some(controller)) = &self.from {
            controller.abort();
        }
    }
}

impl Inner {
    /// Carries out [`patchcord_core::desk::session::Effect::Open`].
    pub fn open(self: &Rc<Self>, number: u32) {
        let Some(access) = self.access() else {
            return;
        };
        let leads = self.session.borrow().role() == Role::Leader;
        let controller = AbortController::new().ok();
        let has_stream = access.desk.has_stream();
        self.streams.borrow_mut().push(Open {
            number,
            reader: access.desk.reader(),
            from: if leads {
                From::Platform(controller.clone())
            } else {
                From::Leader(Hearing::Waiting)
            },
            heard: Vec::new(),
            bytes: 0,
        });
        match (leads, controller) {
            (false, _) => self.want(number),
            (true, _) if !has_stream => js::spawn(alive(self.clone(), number)),
            (true, Some(controller)) => js::spawn(run(self.clone(), number, controller)),
            (true, None) => self.handle(Event::NoStreams),
        }
    }

    /// Carries out [`patchcord_core::desk::session::Effect::Close`].
    pub fn shut(&self, number: u32) {
        let mut streams = self.streams.borrow_mut();
        let place = streams.iter().position(|open| open.number == number);
        let closed = place.map(|place| streams.remove(place));
        drop(streams);
        drop(closed);
    }

    fn is_open(&self, number: u32) -> bool {
        let streams = self.streams.borrow();
        streams.iter().any(|open| open.number == number)
    }

    /// The stream begins with what the desk knows from those before.
    fn begin_hearing(self: &Rc<Self>, number: u32) {
        let mut streams = self.streams.borrow_mut();
        let open = streams.iter_mut().find(|open| open.number == number);
        let first = open.map(|open| open.reader.begin()).unwrap_or_default();
        drop(streams);
        self.hear(number, first);
    }

    /// Takes in what came from the platform, and tells the tabs that follow.
    fn hear(self: &Rc<Self>, number: u32, bytes: Vec<u8>) {
        let now = time::now();
        let mut streams = self.streams.borrow_mut();
        let Some(open) = streams.iter_mut().find(|open| open.number == number) else {
            return;
        };
        let pieces = open.reader.read(&bytes);
        let mut long = false;
        if self.has_tabs() {
            open.bytes += bytes.len();
            long = open.bytes > MAX_HEARD;
            if long {
                // Once.
                open.bytes = 0;
            }
            open.heard.push((now, bytes.clone()));
        }
        drop(streams);
        let counted = self.session.borrow().stream() == Some(number);
        self.take_in(number, pieces);
        if counted && self.session.borrow().stream() == Some(number) {
            self.say(&Message::More(bytes));
            if long {
                self.handle(Event::Renewed);
            }
        }
    }

    /// What a reply tells beside its outcome.
    pub fn told(
        self: &Rc<Self>,
        command: &patchcord_core::desk::action::Command,
        reply: &patchcord_core::http::Reply,
    ) {
        let counted = self.session.borrow().stream();
        let mut streams = self.streams.borrow_mut();
        let Some(open) = streams.iter_mut().find(|open| Some(open.number) == counted) else {
            return;
        };
        let (stream, pieces) = (open.number, open.reader.told(command, reply));
        drop(streams);
        self.take_in(stream, pieces);
    }

    /// A tab wants to hear what this one heard.
    pub fn tell_late_tab(&self, to: String, stream: u32) {
        self.say_set_up();
        let session = self.session.borrow();
        let Some(counted) = session.stream() else {
            if let Some(why) = why_no_stream(session.standing()) {
                self.say(&Message::Ended(why));
            }
            return;
        };
        let streams = self.streams.borrow();
        if let Some(open) = streams.iter().find(|open| open.number == counted)
            && let From::Platform(_) = open.from
        {
            self.say(&Message::Heard {
                to,
                stream,
                pieces: open.heard.clone(),
            });
        }
    }

    /// The leader told what it heard before this tab asked.
    pub fn heard(self: &Rc<Self>, number: u32, pieces: Vec<(u64, Vec<u8>)>) {
        let now = time::now();
        let mut streams = self.streams.borrow_mut();
        let Some(open) = streams.iter_mut().find(|open| open.number == number) else {
            return;
        };
        if !matches!(open.from, From::Leader(Hearing::Waiting)) {
            return;
        }
        open.from = From::Leader(Hearing::More);
        let mut told = Vec::new();
        for (at, bytes) in pieces {
            let age = now.saturating_sub(at);
            told.extend(
                open.reader
                    .read(&bytes)
                    .into_iter()
                    .map(|piece| (age, piece)),
            );
        }
        drop(streams);
        self.handle(Event::Opened { stream: number });
        self.replay(number, told);
    }

    /// The leader hears more.
    pub fn more(self: &Rc<Self>, bytes: &[u8]) {
        let mut read = Vec::new();
        for open in &mut *self.streams.borrow_mut() {
            if let From::Leader(Hearing::More) = open.from {
                read.push((open.number, open.reader.read(bytes)));
            }
        }
        for (stream, pieces) in read {
            self.take_in(stream, pieces);
        }
    }

    /// The leader's stream has ended.
    pub fn ended(self: &Rc<Self>, why: Trouble) {
        let streams = self.leaders();
        if streams.is_empty() && !matches!(why, Trouble::Lost | Trouble::NoStream) {
            // It does not come back by itself: a tab that waits asks at once, and is told why.
            return self.handle(Event::Online);
        }
        for stream in streams {
            self.handle(Event::Piece {
                stream,
                piece: Piece::Broken(why),
            });
        }
    }

    /// The leader has another stream: this tab wants that one, beside the one that it has.
    pub fn begun(self: &Rc<Self>) {
        let mut streams = self.streams.borrow_mut();
        for open in &mut *streams {
            if let From::Leader(Hearing::More) = open.from {
                open.from = From::Leader(Hearing::Over);
            }
        }
        let waiting: Vec<u32> = streams
            .iter()
            .filter(|open| matches!(open.from, From::Leader(Hearing::Waiting)))
            .map(|open| open.number)
            .collect();
        drop(streams);
        if waiting.is_empty() {
            // Opens a second one where there is one, and hurries where one is waited for.
            self.handle_all(vec![Event::Renewed, Event::Online]);
        }
        for stream in waiting {
            self.want(stream);
        }
    }

    fn leaders(&self) -> Vec<u32> {
        let streams = self.streams.borrow();
        streams
            .iter()
            .filter(|open| matches!(open.from, From::Leader(_)))
            .map(|open| open.number)
            .collect()
    }

    fn want(&self, stream: u32) {
        if let Some(from) = self.tab_id() {
            self.say(&Message::Want { from, stream });
        }
    }
}

/// Why there is no stream, where it is no passing matter.
pub(super) fn why_no_stream(standing: Standing) -> Option<Trouble> {
    match standing {
        Standing::Stopped(Stopped::Taken) => Some(Trouble::Taken),
        Standing::Stopped(Stopped::SignInNeeded) => Some(Trouble::SignInNeeded),
        Standing::Stopped(Stopped::NotAnAgent) => Some(Trouble::NotAnAgent),
        Standing::Polling => Some(Trouble::NoStream),
        _ => None,
    }
}

/// One stream from the platform, from its request to its end.
async fn run(inner: Rc<Inner>, number: u32, controller: AbortController) {
    let why = match read(&inner, number, &controller).await {
        Some(why) => why,
        None => return inner.handle(Event::NoStreams),
    };
    inner.handle(Event::Piece {
        stream: number,
        piece: Piece::Broken(why),
    });
}

/// Why it ended; `None` where nothing can be streamed.
async fn read(inner: &Rc<Inner>, number: u32, controller: &AbortController) -> Option<Trouble> {
    let Some(access) = inner.access() else {
        return Some(Trouble::Lost);
    };
    let token = match access.token().await {
        Ok(token) => token,
        Err(failure) => return Some(inner.no_token(failure)),
    };
    if !inner.is_open(number) {
        return Some(Trouble::Lost);
    }
    match wire::open(access.desk.stream(&token), controller).await {
        Opened::Impossible => return None,
        Opened::Not(got) => return Some(access.desk.read_no_stream(got.reply)),
        Opened::Reader(reader) => {
            inner.handle(Event::Opened { stream: number });
            inner.begin_hearing(number);
            while inner.is_open(number) {
                match wire::next(&reader).await {
                    Some(bytes) => inner.hear(number, bytes),
                    None => break,
                }
            }
        }
    }
    Some(Trouble::Lost)
}

/// Where the platform tells nothing by itself.
async fn alive(inner: Rc<Inner>, number: u32) {
    inner.handle(Event::Opened { stream: number });
    inner.begin_hearing(number);
    while inner.is_open(number) {
        time::sleep(ALIVE_MS).await;
        inner.hear(number, Vec::new());
    }
}
