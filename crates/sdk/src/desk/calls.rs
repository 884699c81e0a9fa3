//! The calls that a relay makes for an agent, as a desk: for platforms that have no desk of their own, or where the
//! relay has not been told of one.
//!
//! It can dial, and hang up where the platform can. A call is shown while the platform tells of it; one that was
//! handed over to the platform is over here. What calls there are the relay tells a first stream at its beginning; a
//! later one goes on where the one before ended.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::sse::Parser;
use patchcord_core::call::{CallRequest, CallState, Mode, Recording};
use patchcord_core::capability::Capability;
use patchcord_core::desk::action::{Action, Command};
use patchcord_core::desk::fault::Trouble;
use patchcord_core::desk::session::{Piece, Sent};
use patchcord_core::desk::state::{Numbered, Patch, Update};
use patchcord_core::desk::view::{Call, Direction, Private, Source, View};
use patchcord_core::error::{Code, Error};
use patchcord_core::http::{Method, Reply, Request, StreamRequest, percent_encode};
use patchcord_core::json::{Field, Json, object};
use patchcord_core::number::PhoneNumber;
use patchcord_core::outcome::{Because, Outcome};
use patchcord_core::provider::desk::{Desk, StreamReader};
use patchcord_core::secret::Secret;
use patchcord_core::text::digits;

/// An agent's calls at one relay and one provider.
#[derive(Clone)]
pub struct RelayDesk {
    origin: String,
    provider: String,
    capabilities: Arc<[Capability]>,
    name: Private,
    kept: Arc<Mutex<Kept>>,
}

/// What one stream leaves to the next.
#[derive(Default)]
struct Kept {
    /// The newest event.
    last: u64,
    /// The calls that were going on: their ids, and what was told of them last.
    calls: Vec<(String, String)>,
}

fn open(kept: &Mutex<Kept>) -> MutexGuard<'_, Kept> {
    // Every change is whole by itself.
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RelayDesk {
    /// The desk of the agent called `name`, at the relay at `origin` (no slash at its end), whose session says that
    /// `provider` can do these things. Of them a relay's own calls need `dial`, `caller_id`, `record`, `call_state`
    /// and `hangup`, and beside them the relay tells a contact's calls (`history`); the others are left out.
    pub fn new(origin: &str, provider: &str, capabilities: &[Capability], name: Private) -> Self {
        let known = [
            Capability::Dial,
            Capability::CallerId,
            Capability::CallState,
            Capability::Hangup,
            Capability::History,
        ];
        Self {
            origin: origin.to_owned(),
            provider: provider.to_owned(),
            capabilities: capabilities
                .iter()
                .copied()
                .filter(|capability| known.contains(capability))
                .collect(),
            name,
            kept: Arc::default(),
        }
    }

    fn call(&self, id: &str) -> String {
        [&self.origin, "/v1/calls/", &*percent_encode(id)].concat()
    }
}

impl Desk for RelayDesk {
    fn capabilities(&self) -> &[Capability] {
        &self.capabilities
    }

    fn set_up(&self, _: Option<&PhoneNumber>) -> Vec<Command> {
        Vec::new()
    }

    fn send(&self, command: &Command, token: &Secret) -> Result<Request, Error> {
        let request = match command {
            Command::Act(action) => match &**action {
                Action::PlaceCall(call) => Some(Request::json(
                    Method::Post,
                    [&self.origin, "/v1/calls"].concat(),
                    body(call, &self.provider),
                )),
                Action::HangUp { call } => Some(Request {
                    method: Method::Delete,
                    ..Request::get(self.call(call))
                }),
                _ => None,
            },
            Command::Announce | Command::Pong(_) => None,
        };
        request
            .map(|request| request.with_bearer(token))
            .ok_or_else(|| Error::new(Code::CapabilityMissing, "Only dialling and hanging up."))
    }

    fn read_sent(&self, reply: Reply) -> Sent {
        let trouble = match no_reply(&reply) {
            Trouble::Lost => None,
            trouble => Some(trouble),
        };
        Sent {
            outcome: outcome(reply),
            trouble,
        }
    }

    fn stream(&self, token: &Secret) -> StreamRequest {
        StreamRequest {
            method: Method::Get,
            // What happened since the last stream ended is told first.
            after: Some(open(&self.kept).last)
                .filter(|&last| last > 0)
                .map(|last| last.to_string()),
            url: [&self.origin, "/v1/events"].concat(),
            bearer: token.clone(),
            headers: &[],
            content_type: "text/event-stream",
            body: Vec::new(),
        }
    }

    fn has_stream(&self) -> bool {
        self.capabilities.contains(&Capability::CallState)
    }

    fn reader(&self) -> Box<dyn StreamReader> {
        Box::new(Reader {
            provider: self.provider.clone(),
            name: self.name.clone(),
            has_stream: self.has_stream(),
            seq: 0,
            handed_over: Vec::new(),
            kept: self.kept.clone(),
            parser: Parser::default(),
        })
    }

    fn read_no_stream(&self, reply: Reply) -> Trouble {
        no_reply(&reply)
    }

    fn state(&self, token: &Secret) -> Request {
        Request::get([&self.origin, "/v1/config"].concat()).with_bearer(token)
    }

    /// The relay has no list of an agent's calls: where its events cannot be followed, nothing is shown of them.
    fn read_state(&self, reply: Reply) -> Result<Box<View>, Trouble> {
        match reply {
            Ok(response) if response.status == 200 => Ok(View::dialling(self.name.clone())),
            reply => Err(no_reply(&reply)),
        }
    }
}

/// As `POST /v1/calls` takes it.
fn body(call: &CallRequest, provider: &str) -> String {
    let mut fields = vec![
        ("number", Field::Text(call.number.as_e164())),
        ("provider", Field::Text(provider)),
    ];
    if let Some(extension) = &call.extension {
        fields.push(("extension", Field::Text(extension.as_str())));
    }
    if let Some(caller_id) = &call.caller_id {
        fields.push(("caller_id", Field::Text(caller_id.as_e164())));
    }
    if call.mode == Mode::Prefill {
        fields.push(("prefill", Field::Flag(true)));
    }
    if call.recording == Recording::Always {
        fields.push(("auto_record", Field::Flag(true)));
    }
    let record = call
        .record
        .as_ref()
        .map(patchcord_core::record::Record::to_json);
    if let Some(record) = &record {
        fields.push(("record", Field::Json(record)));
    }
    if !call.payload.is_empty() {
        fields.push(("payload", Field::Json(call.payload.as_json())));
    }
    object(&fields)
}

/// What a refusal says about the desk as a whole.
fn no_reply(reply: &Reply) -> Trouble {
    let body = reply.as_ref().ok().map(|response| &*response.body);
    let code = body.and_then(Json::read).map(|json| json.text("code"));
    match code.as_deref().unwrap_or_default() {
        "session_missing" | "session_expired" => Trouble::Unauthenticated,
        "agent_unknown" | "agent_ambiguous" | "agent_guest" | "provider_not_available" => {
            Trouble::NotAnAgent
        }
        _ => Trouble::Lost,
    }
}

/// What a reply with a call, or a problem document, says. A call that was accepted and comes with a code was not hung up.
fn outcome(reply: Reply) -> Outcome {
    let response = match reply {
        Ok(response) => response,
        Err(patchcord_core::http::Failure::NotSent(_)) => {
            return Outcome::Refused(Because::code(Code::RelayUnreachable));
        }
        Err(patchcord_core::http::Failure::Lost(_)) => {
            return Outcome::Unknown(Because::code(Code::NoReply));
        }
    };
    let unreadable = Outcome::Unknown(Because::code(Code::RelayUnreadable));
    let Some(json) = Json::read(&response.body).filter(Json::is_object) else {
        return unreadable;
    };
    let code = json.text("code");
    let because = |otherwise| Because {
        code: Code::parse(&code).unwrap_or(otherwise),
        message: ["message", "detail"]
            .map(|name| json.text(name))
            .into_iter()
            .find(|text| !text.is_empty()),
        retry_after: None,
    };
    match (response.status, &*json.text("outcome")) {
        // Busy: it did nothing. Any other 5xx: it does not know.
        (400..=499 | 503, _) if !code.is_empty() => {
            Outcome::Refused(because(Code::RelayUnreadable))
        }
        (200..=299, "accepted") if code.is_empty() => Outcome::Accepted,
        (200..=299, "accepted" | "refused") => Outcome::Refused(because(Code::ProviderRefused)),
        (200..=299, "unknown") => Outcome::Unknown(because(Code::NoReply)),
        _ => unreadable,
    }
}

/// Reads the relay's events. The calls that are told before `current` are the snapshot; it comes from the relay, or of
/// what the stream before left.
struct Reader {
    provider: String,
    name: Private,
    has_stream: bool,
    /// 0 until there is a snapshot.
    seq: u64,
    /// Told, and shown until something else happens.
    handed_over: Vec<String>,
    kept: Arc<Mutex<Kept>>,
    parser: Parser,
}

impl Reader {
    fn number(&mut self, update: Update) -> Piece {
        self.seq += 1;
        Piece::Update(Numbered {
            seq: self.seq,
            update,
        })
    }

    /// What was told of a call.
    fn call(&mut self, text: &str) -> Vec<Piece> {
        let Some(call) = read_call(&self.provider, text) else {
            return Vec::new();
        };
        let (id, ended) = (call.id.clone(), call.state == CallState::Ended);
        let handed_over = call.state == CallState::HandedOver;
        let mut kept = open(&self.kept);
        kept.calls.retain(|(known, _)| *known != id);
        if !ended && !handed_over {
            kept.calls.push((id.clone(), text.to_owned()));
        }
        drop(kept);
        if self.seq == 0 {
            return Vec::new();
        }
        let mut pieces = self.gone();
        pieces.push(self.number(Update::Patch(Patch::Call(Box::new(call)))));
        if ended {
            pieces.push(self.number(Update::Patch(Patch::CallGone(id))));
        } else if handed_over {
            self.handed_over.push(id);
        }
        pieces
    }

    /// All calls that there are have been told.
    fn current(&mut self) -> Option<Piece> {
        if self.seq > 0 {
            return None;
        }
        let mut view = View::dialling(self.name.clone());
        let kept = open(&self.kept);
        let calls = kept.calls.iter();
        view.calls = calls
            .filter_map(|(_, text)| read_call(&self.provider, text))
            .collect();
        drop(kept);
        Some(self.number(Update::Snapshot(view)))
    }

    /// What was told up to the event with this text is not told again by the next stream.
    fn seen(&mut self, text: &str) {
        let event = Json::read(text.as_bytes()).map_or(0, |json| json.whole("event"));
        let mut kept = open(&self.kept);
        kept.last = kept.last.max(event);
    }

    fn gone(&mut self) -> Vec<Piece> {
        let gone = std::mem::take(&mut self.handed_over).into_iter();
        gone.map(|id| self.number(Update::Patch(Patch::CallGone(id))))
            .collect()
    }
}

/// A call of this provider that goes on or has ended.
fn read_call(provider: &str, text: &str) -> Option<Call> {
    let json = Json::read(text.as_bytes()).filter(Json::is_object)?;
    let state = CallState::parse(&json.text("state"));
    if json.text("provider") != provider
        || matches!(state, CallState::Refused | CallState::Unknown)
        || json.text("id").is_empty()
    {
        return None;
    }
    Some(Call {
        id: json.text("id"),
        direction: Direction::Outbound,
        source: Source::Api,
        state,
        reason: json.text("reason"),
        to: Private::new(json.text("number")),
        duration: json.at("duration").as_whole(),
        held: json.flag("held"),
        muted: json.flag("muted"),
        recording: json.flag("recording"),
        ..Call::default()
    })
}

impl StreamReader for Reader {
    fn begin(&mut self) -> Vec<u8> {
        let kept = open(&self.kept);
        if self.has_stream && kept.last == 0 {
            return Vec::new();
        }
        let mut text = String::new();
        for (_, call) in &kept.calls {
            text.push_str(&["event: call\ndata: ", call, "\n\n"].concat());
        }
        let last = digits(kept.last);
        text.push_str(&["event: current\ndata: {\"event\":", &last, "}\n\n"].concat());
        text.into_bytes()
    }

    fn read(&mut self, piece: &[u8]) -> Vec<Piece> {
        let events = self.parser.feed(piece);
        let mut pieces = Vec::new();
        if self.seq > 0 {
            // A sign of life.
            if events.is_empty() {
                pieces = self.gone();
            }
            pieces.push(Piece::Update(Numbered {
                seq: self.seq,
                update: Update::Keepalive,
            }));
        }
        for event in events {
            match &*event.name {
                "call" => pieces.extend(self.call(&event.data)),
                "current" => pieces.extend(self.current()),
                _ => continue,
            }
            // Whoever is cut off before asks for all of it again.
            if self.seq > 0 {
                self.seen(&event.data);
            }
        }
        pieces
    }

    fn told(&mut self, _: &Command, reply: &Reply) -> Vec<Piece> {
        let body = reply.as_ref().ok().map(|response| &*response.body);
        let Some(text) = body.and_then(|body| std::str::from_utf8(body).ok()) else {
            return Vec::new();
        };
        let json = Json::read(text.as_bytes());
        if json.is_none_or(|json| json.text("outcome") != "accepted") {
            return Vec::new();
        }
        self.seen(text);
        self.call(text)
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;
    use patchcord_core::desk::allowed::Standing;
    use patchcord_core::desk::link::Moment;
    use patchcord_core::desk::session::{Effect, Event, Session};
    use patchcord_core::http::{Body, Response};
    use patchcord_core::payload::Payload;
    use patchcord_core::record::Record;

    const AT: Moment = Moment { now: 1, chance: 0 };

    fn desk() -> RelayDesk {
        RelayDesk::new(
            "https://relay.example",
            "samespace",
            &[Capability::Dial, Capability::Callback],
            Private::new("Alex"),
        )
    }

    fn call() -> CallRequest {
        let mut call = CallRequest::to("+4930123456".parse().unwrap());
        call.payload = Payload::from_json(r#"{"score":87.50}"#).unwrap();
        call.record = Some(Record {
            system: "crm".into(),
            kind: "Lead".into(),
            id: "1".into(),
            name: None,
            url: None,
        });
        call
    }

    fn live(desk: &RelayDesk) -> (Session, Box<dyn StreamReader>) {
        let mut session = Session::new(desk.capabilities(), desk.set_up(None));
        let effects = session.handle(Event::Start, AT);
        assert_eq!(effects, [Effect::Open { stream: 1 }]);
        let mut reader = desk.reader();
        let first = reader.begin();
        for piece in reader.read(&first) {
            session.handle(Event::Piece { stream: 1, piece }, AT);
        }
        assert_eq!(session.standing(), Standing::Live);
        (session, reader)
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_call_is_sent_as_the_relay_takes_it_with_the_payload_as_it_is() {
        let token = Secret::new("pcs_1");
        let request = desk()
            .send(&Command::from(Action::PlaceCall(Box::new(call()))), &token)
            .unwrap();
        assert_eq!(request.url, "https://relay.example/v1/calls");
        let Some(Body::Json(body)) = request.body else {
            panic!("no body");
        };
        assert_eq!(
            body,
            r#"{"number":"+4930123456","provider":"samespace","record":{"id":"1","system":"crm","type":"Lead"},"payload":{"score":87.50}}"#
        );
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_call_that_was_handed_over_is_done_and_over() {
        let desk = desk();
        let (mut session, mut reader) = live(&desk);
        let action = Action::PlaceCall(Box::new(call()));
        let Ok(Effect::Send { id, command }) = session.act(action, AT) else {
            panic!("not allowed");
        };
        let reply = Ok(Response::json(
            200,
            r#"{"id":"call_1","provider":"samespace","number":"+4930123456","outcome":"accepted","state":"handed_over"}"#,
        ));
        let sent = desk.read_sent(reply.clone());
        assert_eq!(sent.outcome, Outcome::Accepted);
        session.handle(Event::Replied { id, sent }, AT);
        for piece in reader.told(&command, &reply) {
            session.handle(Event::Piece { stream: 1, piece }, AT);
        }
        assert_eq!(session.asked().count(), 0, "done");
        let state = session.view().calls.first().map(|call| &call.state);
        assert_eq!(state, Some(&CallState::HandedOver));
        for piece in reader.read(b": still there\n") {
            session.handle(Event::Piece { stream: 1, piece }, AT);
        }
        assert_eq!(session.view().calls, []);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn the_relays_events_are_the_states_of_calls() {
        let (mut session, mut reader) = live(&desk());
        let mut tell = |state: &str, provider: &str| {
            let event = format!(
                "id: 1\nevent: call\ndata: {{\"id\":\"call_1\",\"provider\":\"{provider}\",\"number\":\"+4930123456\",\"state\":\"{state}\",\"held\":true}}\n\n"
            );
            for piece in reader.read(event.as_bytes()) {
                session.handle(Event::Piece { stream: 1, piece }, AT);
            }
            session.view().calls.clone()
        };
        assert_eq!(tell("ringing", "babelforce"), [], "another provider's");
        let calls = tell("connected", "samespace");
        assert_eq!(
            calls.first().map(|call| &call.state),
            Some(&CallState::Connected)
        );
        assert!(calls.first().is_some_and(|call| call.held));
        assert_eq!(tell("ended", "samespace"), []);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_call_goes_on_when_the_stream_is_cut_and_what_happened_since_is_asked_for() {
        let desk = RelayDesk::new(
            "https://relay.example",
            "babelforce",
            &[Capability::Dial, Capability::CallState],
            Private::new("Alex"),
        );
        assert_eq!(desk.stream(&Secret::default()).after, None);
        let mut reader = desk.reader();
        assert_eq!(reader.begin(), b"", "the relay knows which calls there are");
        let mut session = Session::new(desk.capabilities(), desk.set_up(None));
        session.handle(Event::Start, AT);
        let event = |state: &str, number: u64| {
            format!(
                "id: {number}\nevent: call\ndata: {{\"id\":\"call_1\",\"provider\":\"babelforce\",\"number\":\"+4930123456\",\"state\":\"{state}\",\"duration\":8,\"event\":{number}}}\n\n"
            )
        };
        let first = [
            &*event("ringing", 4),
            "id: 6\nevent: current\ndata: {\"event\":6}\n\n",
        ];
        let [ringing, current] = first.map(|text| reader.read(text.as_bytes()));
        assert_eq!(ringing, [], "there may be more calls");
        assert_eq!(current.len(), 1);
        for piece in current {
            session.handle(Event::Piece { stream: 1, piece }, AT);
        }
        assert_eq!(session.view().calls.len(), 1);
        assert_eq!(desk.stream(&Secret::default()).after.as_deref(), Some("6"));
        for piece in reader.read(event("connected", 7).as_bytes()) {
            session.handle(Event::Piece { stream: 1, piece }, AT);
        }
        assert_eq!(desk.stream(&Secret::default()).after.as_deref(), Some("7"));
        let (session, mut reader) = live(&desk);
        let calls = &session.view().calls;
        assert_eq!(
            calls.first().map(|call| &call.state),
            Some(&CallState::Connected)
        );
        // A tab that reads what this one has read knows the call too.
        let tab = RelayDesk::new(
            "https://relay.example",
            "babelforce",
            desk.capabilities(),
            Private::new("Alex"),
        );
        let told = tab.reader().read(&desk.reader().begin());
        let [Piece::Update(Numbered { update, .. })] = &*told else {
            panic!("{told:?}");
        };
        assert!(matches!(update, Update::Snapshot(view) if view.calls == *calls));
        let told = reader.read(event("ended", 8).as_bytes());
        let of_end = told.iter().find_map(|piece| match piece {
            Piece::Update(Numbered {
                update: Update::Patch(Patch::Call(call)),
                ..
            }) => call.duration,
            _ => None,
        });
        assert_eq!(of_end, Some(8));
        let (session, _) = live(&desk);
        assert_eq!(session.view().calls, []);
    }

    #[wasm_bindgen_test(unsupported = test)]
    fn a_reply_that_says_nothing_is_unknown_and_a_call_with_a_code_was_not_hung_up() {
        let of = |status, body: &str| desk().read_sent(Ok(Response::json(status, body))).outcome;
        assert!(matches!(of(200, "{}"), Outcome::Unknown(_)));
        assert!(matches!(of(200, "no"), Outcome::Unknown(_)));
        assert!(matches!(
            of(502, r#"{"outcome":"accepted"}"#),
            Outcome::Unknown(_)
        ));
        let problem = of(422, r#"{"code":"do_not_call","detail":"no"}"#);
        let because = problem
            .because()
            .map(|because| (because.code, because.message.as_deref()));
        assert_eq!(because, Some((Code::DoNotCall, Some("no"))));
        let expired = desk().read_sent(Ok(Response::json(401, r#"{"code":"session_expired"}"#)));
        assert_eq!(expired.trouble, Some(Trouble::Unauthenticated));
        let gone = desk().read_sent(Ok(Response::json(404, r#"{"code":"not_found"}"#)));
        assert_eq!(gone.trouble, None, "one call is not the desk");
        let unknown = of(200, r#"{"outcome":"unknown","code":"interrupted"}"#);
        assert_eq!(unknown, Outcome::Unknown(Because::code(Code::Interrupted)));
        let refused = of(
            200,
            r#"{"outcome":"accepted","state":"connected","code":"provider_not_found","message":"gone"}"#,
        );
        assert_eq!(
            refused.because().map(|because| because.code),
            Some(Code::ProviderNotFound)
        );
    }
}
