//! The stream of call states: one for each session, open only while somebody waits for one.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use patchcord_core::call::CallState;
use wasm_bindgen::JsValue;
use web_sys::AbortController;

use crate::fetch::{self, Request};
use crate::relay::bearer;
use crate::session::Sessions;
use crate::sse::Parser;
use crate::{js, network, random, time};

/// A stream that is silent for longer is dead: the relay sends a comment every 15 s.
const SILENCE_MS: u64 = 45_000;
const FIRST_PAUSE_MS: u64 = 500;
const LONGEST_PAUSE_MS: u64 = 30_000;
/// How many events are kept for a call whose own reply is still on its way.
const KEPT: usize = 32;

/// Who waits for the states of which call.
#[derive(Default)]
pub struct Stream {
    watchers: RefCell<Vec<Watcher>>,
    next: Cell<u32>,
    /// The newest event seen, or the one to begin after.
    last: RefCell<String>,
    recent: RefCell<Vec<JsValue>>,
    open: RefCell<Option<AbortController>>,
    running: Cell<bool>,
}

#[derive(Clone)]
struct Watcher {
    number: u32,
    call: String,
    tell: Rc<dyn Fn(&JsValue)>,
}

/// Ends the watch when it is dropped.
pub struct Watch {
    sessions: Rc<Sessions>,
    number: u32,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.sessions.stream.unwatch(self.number);
    }
}

/// Tells `tell` about every change of `call` (as the relay told it) until it is over or the watch is dropped.
pub fn watch(sessions: &Rc<Sessions>, call: &JsValue, tell: Rc<dyn Fn(&JsValue)>) -> Watch {
    let stream = &sessions.stream;
    let number = stream.next.get();
    stream.next.set(number.wrapping_add(1));
    let id = js::text(call, "id").unwrap_or_default();
    let missed: Vec<_> = {
        let newer = event_of(call);
        let recent = stream.recent.borrow();
        let own = recent
            .iter()
            .filter(|seen| js::text(seen, "id").as_deref() == Some(&id));
        own.filter(|seen| event_of(seen) > newer).cloned().collect()
    };
    let over = missed.iter().any(is_over) || is_over(call);
    for seen in &missed {
        tell(seen);
    }
    if !over {
        stream.watchers.borrow_mut().push(Watcher {
            number,
            call: id,
            tell,
        });
        if !stream.running.replace(true) {
            stream
                .last
                .replace(js::digits(&js::get(call, "event")).unwrap_or_default());
            js::spawn(run(sessions.clone()));
        }
    }
    Watch {
        sessions: sessions.clone(),
        number,
    }
}

impl Stream {
    /// Whether the stream is held open for somebody.
    pub fn is_open(&self) -> bool {
        self.running.get()
    }

    fn unwatch(&self, number: u32) {
        self.watchers
            .borrow_mut()
            .retain(|watcher| watcher.number != number);
        self.close_if_idle();
    }

    fn close_if_idle(&self) {
        if self.watchers.borrow().is_empty()
            && let Some(open) = self.open.borrow_mut().take()
        {
            open.abort();
        }
    }

    fn is_idle(&self) -> bool {
        self.watchers.borrow().is_empty()
    }

    fn take_in(&self, call: &JsValue) {
        let id = js::text(call, "id");
        {
            let mut recent = self.recent.borrow_mut();
            if recent.len() == KEPT {
                recent.remove(0);
            }
            recent.push(call.clone());
        }
        let all = self.watchers.borrow().clone();
        for watcher in all
            .iter()
            .filter(|watcher| Some(&watcher.call) == id.as_ref())
        {
            (watcher.tell)(call);
        }
        if is_over(call) {
            self.watchers
                .borrow_mut()
                .retain(|watcher| Some(&watcher.call) != id.as_ref());
        }
    }
}

async fn run(sessions: Rc<Sessions>) {
    let stream = &sessions.stream;
    let mut pause = FIRST_PAUSE_MS;
    while !stream.is_idle() {
        network::online().await;
        if read(&sessions).await {
            pause = FIRST_PAUSE_MS;
        }
        if stream.is_idle() {
            break;
        }
        // Half of the pause is left to chance, so that a restarted relay is not met by everyone at once.
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss
        )]
        let jitter = (random::fraction() * pause as f64 / 2.0) as u64;
        time::sleep(pause / 2 + jitter).await;
        pause = (pause * 2).min(LONGEST_PAUSE_MS);
    }
    stream.recent.borrow_mut().clear();
    stream.running.set(false);
}

/// Opens the stream once and reads it to its end; says whether anything came through.
async fn read(sessions: &Rc<Sessions>) -> bool {
    let stream = &sessions.stream;
    let (Ok(session), Ok(controller)) = (sessions.get().await, AbortController::new()) else {
        return false;
    };
    if stream.is_idle() {
        return false;
    }
    stream.open.replace(Some(controller.clone()));
    let last = stream.last.borrow().clone();
    let header = bearer(&session.token);
    let mut headers = vec![("Accept", "text/event-stream".to_owned()), header.clone()];
    if !last.is_empty() {
        headers.push(("Last-Event-ID", last.clone()));
    }
    let url = format!("{}/v1/events", sessions.origin());
    let signal = Some(controller.signal().into());
    let request = Request {
        method: "GET",
        url,
        headers,
        signal,
        ..Request::default()
    };
    let Ok(response) = fetch::open(request).await else {
        return false;
    };
    if fetch::status(&response) == 401 {
        sessions.forget(&header.1);
        return false;
    }
    let is_stream =
        fetch::content_type(&response).is_some_and(|kind| kind.starts_with("text/event-stream"));
    let Ok(reader) = js::invoke(&js::get(&response, "body"), "getReader", &[]) else {
        return false;
    };
    if fetch::status(&response) != 200 || !is_stream {
        controller.abort();
        return false;
    }
    let mut parser = Parser::resume(&last);
    let mut came = false;
    while let Ok(piece) = js::invoke(&reader, "read", &[]) {
        // `undefined` after too long a silence: it has neither `done` nor `value`.
        let Ok(piece) = time::within(&piece, SILENCE_MS).await else {
            break;
        };
        let bytes = js::get(&piece, "value");
        if bytes.is_undefined() || stream.is_idle() {
            break;
        }
        came = true;
        for event in parser.feed(&js_sys::Uint8Array::new(&bytes).to_vec()) {
            stream.last.replace(event.id);
            if event.name == "call"
                && let Some(call) = js::parse_object(&event.data)
            {
                stream.take_in(&call);
            }
        }
    }
    controller.abort();
    came
}

fn event_of(call: &JsValue) -> f64 {
    js::get(call, "event").as_f64().unwrap_or_default()
}

fn is_over(call: &JsValue) -> bool {
    js::text(call, "state").is_some_and(|state| CallState::parse(&state).is_final())
}
