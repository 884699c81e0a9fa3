//! The stream of call states: one for each session, open only while somebody waits for one.

use std::cell::Cell;
use std::rc::Rc;

use patchcord_core::call::CallState;
use wasm_bindgen::JsValue;
use web_sys::AbortController;

use crate::fetch::{self, Reach, Request};
use crate::held::Held;
use crate::pause::Pause;
use crate::relay::Pass;
use crate::session::Sessions;
use crate::sse::{Event, Parser};
use crate::{js, network, time};

/// A stream that is silent for longer is dead: the relay sends a comment every 15 s.
const SILENCE_MS: u64 = 45_000;
/// How many events are kept for a call whose own reply is still on its way.
const KEPT: usize = 32;

/// Who waits for the states of which call.
#[derive(Default)]
pub struct Stream {
    watchers: Held<Vec<Watcher>>,
    next: Cell<u32>,
    /// The newest event seen, or the one to begin after.
    last: Held<String>,
    recent: Held<Vec<JsValue>>,
    open: Held<Option<AbortController>>,
    running: Cell<bool>,
}

#[derive(Clone)]
struct Watcher {
    number: u32,
    call: JsValue,
    tell: Rc<dyn Fn(&JsValue)>,
}

/// Ends the watch when it is dropped.
pub struct Watch {
    sessions: Rc<Sessions>,
    number: u32,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let stream = &self.sessions.stream;
        stream
            .watchers
            .borrow_mut()
            .retain(|watcher| watcher.number != self.number);
        if stream.is_idle()
            && let Some(open) = stream.open.borrow_mut().take()
        {
            open.abort();
        }
    }
}

/// Tells `tell` about every change of `call` (as the relay told it) until it is over or the watch is dropped.
pub fn watch(sessions: &Rc<Sessions>, call: &JsValue, tell: Rc<dyn Fn(&JsValue)>) -> Watch {
    let stream = &sessions.stream;
    let number = stream.next.get();
    stream.next.set(number.wrapping_add(1));
    let id = js::get(call, "id");
    let mut over = is_over(call);
    // What came in before the call's own reply did.
    let recent = stream.recent.borrow().clone();
    for seen in recent.iter().filter(|seen| js::get(seen, "id") == id) {
        if event_of(seen) > event_of(call) {
            over |= is_over(seen);
            tell(seen);
        }
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

    fn is_idle(&self) -> bool {
        self.watchers.borrow().is_empty()
    }

    fn take_in(&self, event: Event) {
        self.last.replace(event.id);
        if event.name != "call" {
            return;
        }
        let Some(call) = js::parse_object(&event.data.into()) else {
            return;
        };
        let id = js::get(&call, "id");
        let mut recent = self.recent.borrow_mut();
        recent.push(call.clone());
        if recent.len() > KEPT {
            recent.drain(..1);
        }
        drop(recent);
        let all = self.watchers.borrow().clone();
        for watcher in all.iter().filter(|watcher| watcher.call == id) {
            (watcher.tell)(&call);
        }
        if is_over(&call) {
            self.watchers
                .borrow_mut()
                .retain(|watcher| watcher.call != id);
        }
    }
}

async fn run(sessions: Rc<Sessions>) {
    let stream = &sessions.stream;
    let mut pause = Pause::first();
    while !stream.is_idle() {
        network::online().await;
        if let Some(reader) = connect(&sessions).await {
            pause = Pause::first();
            read(stream, reader).await;
        }
        if let Some(open) = stream.open.borrow_mut().take() {
            open.abort();
        }
        if !stream.is_idle() {
            time::sleep(pause.next()).await;
        }
    }
    stream.recent.borrow_mut().clear();
    stream.running.set(false);
}

/// Opens the stream, to go on after the newest event.
async fn connect(sessions: &Rc<Sessions>) -> Option<JsValue> {
    let stream = &sessions.stream;
    let pass = Pass::Session(sessions.get().await.ok()?);
    let controller = AbortController::new().ok()?;
    let headers = pass.headers();
    js::set_text(&headers, "Accept", Some("text/event-stream"));
    let last = stream.last.borrow().clone();
    js::set_text(
        &headers,
        "Last-Event-ID",
        Some(last.as_str()).filter(|id| !id.is_empty()),
    );
    let response = fetch::open(Request {
        method: "GET",
        url: &[&sessions.origin, "/v1/events"].concat(),
        headers,
        body: None,
        reach: Reach::Relay,
        signal: controller.signal().into(),
    });
    stream.open.replace(Some(controller));
    let response = response.await.ok()?;
    if let (401, Pass::Session(session)) = (fetch::status(&response), &pass) {
        sessions.forget(session);
    }
    let is_stream = fetch::status(&response) == 200 && fetch::is(&response, "event-stream");
    is_stream.then(|| fetch::reader(&response).ok())?
}

/// Reads the stream to its end, or until nobody waits any more.
async fn read(stream: &Stream, reader: JsValue) {
    let mut parser = Parser::resume(&stream.last.borrow());
    while !stream.is_idle() {
        // `undefined` after too long a silence: it has no bytes, as the end has none.
        let piece = time::within(js::invoke(&reader, "read", &[]), SILENCE_MS).await;
        let Some(bytes) = fetch::bytes(&piece.unwrap_or_default()) else {
            return;
        };
        for event in parser.feed(&bytes) {
            stream.take_in(event);
        }
    }
}

fn event_of(call: &JsValue) -> f64 {
    js::get(call, "event").as_f64().unwrap_or_default()
}

/// Whether nothing more will be told about a call.
pub fn is_over(call: &JsValue) -> bool {
    js::text(call, "state").is_some_and(|state| CallState::parse(&state).is_final())
}
