//! The stream of each agent: what it has been told, its numbering, and signs of life.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc::unbounded_channel;

use super::connect::{self, ConnectCode, ConnectError};
use super::frames::{FrameFault, Left, Numbered, Pieces, Stream, Voice};
use super::json::value;
use super::problem::{Code, Problem};
use super::view::{Registered, View, patch};
use crate::babelforce::oauth::Bearer;
use crate::babelforce::timetable::Due;
use crate::babelforce::{Babelforce, Moment};

/// What is done with an agent's stream as a whole, by `POST /_sandbox/agents/{id}/stream`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StreamAct {
    /// The connection breaks now.
    Cut,
    /// The stream ends as it should, with an error or without.
    End(Option<EndError>),
    /// Nothing is sent any more, though everything goes on.
    FallSilent,
    /// What was not sent is sent, and so is what follows.
    Resume,
    #[serde(untagged)]
    Next(FrameFault),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndError {
    pub code: ConnectCode,
    #[serde(default)]
    pub message: String,
}

/// One agent's state at the Agent API.
#[derive(Default)]
pub(crate) struct Session {
    /// The number of the newest snapshot or patch. It goes on from one stream to the next.
    seq: u64,
    told: View,
    registered: Option<Vec<String>>,
    stream: Option<Stream>,
    faults: VecDeque<FrameFault>,
}

/// What the desk shows of a session.
#[derive(Serialize)]
pub(crate) struct SessionView<'a> {
    connected: bool,
    registered: Option<&'a [String]>,
    seq: u64,
    silent: bool,
    unanswered_pings: u32,
    next_frames: &'a VecDeque<FrameFault>,
}

impl Session {
    fn open(&self) -> Option<&Stream> {
        let stream = self.stream.as_ref();
        stream.filter(|stream| !stream.pieces.is_closed())
    }

    pub fn is_open(&self) -> bool {
        self.open().is_some()
    }

    /// The sign-in whose window has the stream.
    pub fn sign_in(&self) -> Option<u64> {
        self.open().map(|stream| stream.bearer.sign_in)
    }

    pub fn registered(&self) -> Registered {
        match (self.is_open(), &self.registered) {
            (true, Some(_)) => Registered::Yes,
            _ => Registered::No,
        }
    }

    pub fn view(&self) -> SessionView<'_> {
        let stream = self.open();
        SessionView {
            connected: stream.is_some(),
            registered: stream.and(self.registered.as_deref()),
            seq: self.seq,
            silent: stream.is_some_and(|stream| matches!(stream.voice, Voice::Silent(_))),
            unanswered_pings: stream.map(|stream| stream.unanswered).unwrap_or_default(),
            next_frames: &self.faults,
        }
    }

    /// `register` counts for the stream that is open, or for the next one: the two requests may
    /// overtake each other.
    fn register(&mut self, capabilities: Vec<String>) {
        if !self.is_open() {
            self.stream = None;
        }
        self.registered = Some(capabilities);
        // The account's data is told anew each time.
        self.told.config = None;
    }

    /// Sends a snapshot or a patch, which has the next number.
    fn tell(&mut self, update: Value) {
        self.seq += 1;
        self.send(update, Numbered::Yes);
    }

    /// Sends something that is no change of state, and has no number of its own.
    fn remark(&mut self, update: Value) {
        self.send(update, Numbered::No);
    }

    fn send(&mut self, mut update: Value, numbered: Numbered) {
        let Some(stream) = self.stream.as_mut() else {
            return;
        };
        if let Some(fields) = update.as_object_mut() {
            fields.insert("seq".to_owned(), Value::String(self.seq.to_string()));
        }
        let frame = connect::message(&update);
        let fault = self.faults.front().copied();
        let fault = fault.filter(|fault| numbered == Numbered::Yes || !fault.wants_numbered());
        if fault.is_some() {
            self.faults.pop_front();
        }
        if stream.write_with(fault, frame, numbered) == Left::Broken {
            self.close();
        }
    }

    /// Ends the stream as the protocol says.
    fn end(&mut self, error: Option<&ConnectError>) {
        if let Some(stream) = self.stream.as_mut() {
            stream.end(connect::end(error));
        }
        self.close();
    }

    fn close(&mut self) {
        self.stream = None;
        self.registered = None;
        self.told = View::default();
    }
}

impl Babelforce {
    /// What the desk shows of an agent's stream.
    pub(crate) fn session(&self, agent: &str) -> Option<SessionView<'_>> {
        self.sessions.get(agent).map(Session::view)
    }

    /// Opens a stream for an agent: a snapshot at once, then every change. The stream that was
    /// open before is told that its session is gone, and ends.
    pub(super) fn open_stream(
        &mut self,
        agent: &'static str,
        bearer: Bearer,
        moment: &mut Moment,
    ) -> Pieces {
        let (pieces, received) = unbounded_channel();
        let session = self.sessions.entry(agent).or_default();
        if session.stream.is_some() {
            let gone = Problem::new(Code::SessionGone, "the session was opened elsewhere");
            session.remark(patch("error", value(&gone)));
            session.end(None);
        }
        let id = moment.ids.number();
        session.stream = Some(Stream {
            id,
            bearer,
            pieces,
            overtaken: None,
            unwritten: None,
            voice: Voice::Speaking,
            beats: 0,
            ping: 0,
            unanswered: 0,
        });
        self.send_snapshot(agent, moment);
        let beat = Due::Beat { agent, stream: id };
        let at = moment.at.saturating_add(moment.settings.heartbeat_ms);
        self.timetable.put(at, beat);
        received
    }

    fn send_snapshot(&mut self, agent: &'static str, moment: &Moment) {
        let Some(mut session) = self.sessions.remove(agent) else {
            return;
        };
        if let Some(who) = self.agent(agent) {
            let view = self.view(who, session.registered(), &View::default(), moment);
            session.tell(json!({ "snapshot": view.snapshot(moment.at) }));
            session.told = view;
        }
        self.sessions.insert(agent, session);
    }

    /// Tells every stream what has changed for its agent.
    pub(crate) fn publish(&mut self, moment: &Moment) {
        let mut sessions = std::mem::take(&mut self.sessions);
        for (id, session) in &mut sessions {
            let Some(agent) = self.agent(id).filter(|_| session.is_open()) else {
                continue;
            };
            let view = self.view(agent, session.registered(), &session.told, moment);
            for change in view.patches_since(&session.told, moment.at) {
                session.tell(json!({ "patch": change }));
            }
            if session.is_open() {
                session.told = view.settled();
            }
        }
        self.sessions = sessions;
    }

    /// A patch that changes nothing in the view.
    pub(super) fn notify(&mut self, agent: &str, notification: Value) {
        if let Some(session) = self.sessions.get_mut(agent) {
            session.tell(json!({ "patch": { "notification": notification } }));
        }
    }

    /// Tells an agent that something was not carried out.
    pub(in crate::babelforce) fn complain(&mut self, agent: &str, problem: &Problem) {
        if let Some(session) = self.sessions.get_mut(agent) {
            session.remark(patch("error", value(problem)));
        }
    }

    pub(super) fn register(&mut self, agent: &'static str, capabilities: Vec<String>) {
        self.sessions
            .entry(agent)
            .or_default()
            .register(capabilities);
    }

    pub(super) fn pong(&mut self, agent: &str, seq: u64) {
        let session = self.sessions.get_mut(agent);
        if let Some(stream) = session.and_then(|session| session.stream.as_mut())
            && stream.ping == seq
        {
            stream.unanswered = 0;
        }
    }

    /// A sign of life, in turn a keepalive and a ping. Inferred: a client that leaves as many
    /// pings unanswered as the settings say is taken for gone.
    pub(in crate::babelforce) fn beat(&mut self, agent: &'static str, id: u64, moment: &Moment) {
        let Some(session) = self.sessions.get_mut(agent) else {
            return;
        };
        let Some(stream) = session.stream.as_mut().filter(|stream| stream.id == id) else {
            return;
        };
        if stream.pieces.is_closed() {
            return;
        }
        let patience = moment.settings.unanswered_pings;
        if patience.is_some_and(|most| stream.unanswered >= most) {
            let error = ConnectError::new(ConnectCode::DeadlineExceeded, "no pong for too long");
            return session.end(Some(&error));
        }
        stream.beats += 1;
        let beat = if stream.beats % 2 == 1 {
            json!({ "keepalive": {} })
        } else {
            stream.ping += 1;
            stream.unanswered += 1;
            json!({ "ping": { "seq": stream.ping.to_string() } })
        };
        session.remark(beat);
        let at = moment.at.saturating_add(moment.settings.heartbeat_ms);
        self.timetable.put(at, Due::Beat { agent, stream: id });
    }

    /// Begins the beats of every stream anew, after the time between them has changed.
    pub(crate) fn beat_anew(&mut self, moment: &Moment) {
        let at = moment.at.saturating_add(moment.settings.heartbeat_ms);
        self.timetable
            .drop_where(|task| matches!(task, Due::Beat { .. }));
        for (agent, session) in &self.sessions {
            if let Some(Stream { id: stream, .. }) = session.open() {
                let (agent, stream) = (*agent, *stream);
                self.timetable.put(at, Due::Beat { agent, stream });
            }
        }
    }

    /// Ends every stream whose token has ended, and sees to it that this is looked at again when
    /// the next one does.
    pub(crate) fn close_unauthenticated(&mut self, moment: &Moment) {
        let error = ConnectError::new(ConnectCode::Unauthenticated, "the token has ended");
        self.timetable
            .drop_where(|task| matches!(task, Due::CheckTokens));
        for session in self.sessions.values_mut() {
            let Some(stream) = &session.stream else {
                continue;
            };
            match self.tokens.life(&stream.bearer.token, moment.at) {
                None => session.end(Some(&error)),
                Some(Some(ends)) => self.timetable.put(ends, Due::CheckTokens),
                Some(None) => {}
            }
        }
    }

    /// Ends every stream, as a platform that goes away does.
    pub(crate) fn close_all(&mut self) {
        let error = ConnectError::new(ConnectCode::Unavailable, "the platform is going away");
        for session in self.sessions.values_mut() {
            session.end(Some(&error));
        }
    }

    /// Makes an agent's stream misbehave. A fault of the next frame waits also for the next
    /// stream; `Err` where something is to be done with a stream and none is open.
    pub(crate) fn disturb(&mut self, agent: &'static str, act: StreamAct) -> Result<(), ()> {
        let session = self.sessions.entry(agent).or_default();
        if let StreamAct::Next(fault) = act {
            session.faults.push_back(fault);
            return Ok(());
        }
        if !session.is_open() {
            return Err(());
        }
        let stream = session.stream.as_mut().ok_or(())?;
        match act {
            StreamAct::Next(_) => {}
            StreamAct::Cut => {
                stream.cut();
                session.close();
            }
            StreamAct::End(error) => {
                let error = error.map(|error| ConnectError::new(error.code, error.message));
                session.end(error.as_ref());
            }
            StreamAct::FallSilent => {
                if let Voice::Speaking = stream.voice {
                    stream.voice = Voice::Silent(Vec::new());
                }
            }
            StreamAct::Resume => stream.resume(),
        }
        Ok(())
    }
}
