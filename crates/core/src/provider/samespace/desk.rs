//! An agent's desk: dialling. Samespace tells nothing of a call after it took it; the rest is in its dock.

use super::{CAPABILITIES, Samespace};
use crate::call::CallState;
use crate::capability::Capability;
use crate::desk::action::{Action, Command};
use crate::desk::fault::Trouble;
use crate::desk::session::{Piece, Sent};
use crate::desk::state::{Numbered, Patch, Update};
use crate::desk::view::{Call, Direction, Private, Source, View};
use crate::error::Error;
use crate::http::{Method, Reply, Request, StreamRequest};
use crate::number::PhoneNumber;
use crate::provider::Provider;
use crate::provider::desk::{Desk, StreamReader};
use crate::secret::Secret;

/// The desk of one agent, for closed networks only: its requests carry no credential.
#[derive(Debug, Clone)]
pub struct SamespaceDesk {
    account: Samespace,
    agent: String,
    capabilities: Vec<Capability>,
}

impl SamespaceDesk {
    /// The desk of `agent`, a username.
    ///
    /// # Errors
    /// [`InvalidField`](crate::error::Code::InvalidField) for what is no username.
    pub fn new(account: Samespace, agent: &str) -> Result<Self, Error> {
        account.check_agent(agent)?;
        let can = |capability: &&Capability| {
            matches!(capability, Capability::Dial | Capability::CallerId)
        };
        Ok(Self {
            account,
            agent: agent.to_owned(),
            capabilities: CAPABILITIES.iter().filter(can).copied().collect(),
        })
    }
}

impl Desk for SamespaceDesk {
    fn capabilities(&self) -> &[Capability] {
        &self.capabilities
    }

    fn set_up(&self, _: Option<&PhoneNumber>) -> Vec<Command> {
        Vec::new()
    }

    fn send(&self, command: &Command, _: &Secret) -> Result<Request, Error> {
        match command {
            Command::Act(action) => match &**action {
                Action::PlaceCall(call) => self.account.dial(&self.agent, call, None),
                _ => Err(self.account.cannot(action.kind().capability())),
            },
            Command::Announce | Command::Pong(_) => Err(self.account.cannot(Capability::Presence)),
        }
    }

    fn read_sent(&self, reply: Reply) -> Sent {
        Sent {
            outcome: self.account.read_dial(reply).outcome,
            trouble: None,
        }
    }

    fn has_stream(&self) -> bool {
        false
    }

    /// Never asked for, because of [`Desk::has_stream`]; the address answers nobody.
    fn stream(&self, token: &Secret) -> StreamRequest {
        StreamRequest {
            method: Method::Get,
            after: None,
            url: self.account.base.clone(),
            bearer: token.clone(),
            headers: &[],
            content_type: "text/event-stream",
            body: Vec::new(),
        }
    }

    fn reader(&self) -> Box<dyn StreamReader> {
        Box::new(Reader {
            agent: Private::new(self.agent.clone()),
            seq: 0,
            handed_over: Vec::new(),
        })
    }

    fn read_no_stream(&self, _: Reply) -> Trouble {
        Trouble::NoStream
    }

    fn state(&self, _: &Secret) -> Request {
        Request::get(self.account.base.clone())
    }

    fn read_state(&self, _: Reply) -> Result<Box<View>, Trouble> {
        Err(Trouble::NoStream)
    }
}

/// All that there is to tell: a desk that can dial, and calls that were handed to the dock.
#[derive(Debug)]
struct Reader {
    agent: Private,
    seq: u64,
    /// Told, and shown until something else happens.
    handed_over: Vec<String>,
}

impl Reader {
    fn number(&mut self, update: Update) -> Piece {
        self.seq += 1;
        Piece::Update(Numbered {
            seq: self.seq,
            update,
        })
    }
}

impl StreamReader for Reader {
    /// A snapshot, then signs of life: with each of them, what was handed over before goes.
    fn read(&mut self, _: &[u8]) -> Vec<Piece> {
        if self.seq > 0 {
            let mut pieces = self.gone();
            pieces.push(Piece::Update(Numbered {
                seq: self.seq,
                update: Update::Keepalive,
            }));
            return pieces;
        }
        let view = View::dialling(self.agent.clone());
        vec![self.number(Update::Snapshot(view))]
    }

    /// Only called for what was accepted.
    fn told(&mut self, command: &Command, _: &Reply) -> Vec<Piece> {
        let Command::Act(action) = command else {
            return Vec::new();
        };
        let Action::PlaceCall(placed) = &**action else {
            return Vec::new();
        };
        // The platform gives it no id.
        let id = ["handed-over-", &self.seq.to_string()].concat();
        let call = Call {
            id: id.clone(),
            direction: Direction::Outbound,
            source: Source::Api,
            state: CallState::HandedOver,
            to: Private::new(placed.number.as_e164()),
            ..Call::default()
        };
        let mut pieces = self.gone();
        pieces.push(self.number(Update::Patch(Patch::Call(Box::new(call)))));
        self.handed_over.push(id);
        pieces
    }
}

impl Reader {
    fn gone(&mut self) -> Vec<Piece> {
        let gone = std::mem::take(&mut self.handed_over).into_iter();
        gone.map(|id| self.number(Update::Patch(Patch::CallGone(id))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::CallRequest;
    use crate::desk::allowed::Standing;
    use crate::desk::link::Moment;
    use crate::desk::session::{Effect, Event, Session};
    use crate::error::Code;
    use crate::http::Response;

    #[test]
    fn a_call_is_dialled_and_is_over_here_once_it_was_handed_to_the_dock() {
        let config = serde_json::json!({"cluster_id": "ph1c", "cloud_id": "acme"});
        let account = Samespace::from_config(config).unwrap();
        let desk = SamespaceDesk::new(account, "alex").unwrap();
        let at = Moment { now: 1, chance: 0 };
        let mut session = Session::new(desk.capabilities(), desk.set_up(None));
        session.handle(Event::Start, at);
        let mut reader = desk.reader();
        for piece in reader.read(b"") {
            session.handle(Event::Piece { stream: 1, piece }, at);
        }
        assert_eq!(session.standing(), Standing::Live);
        let call = CallRequest::to("+4930123456".parse().unwrap());
        let action = Action::PlaceCall(Box::new(call));
        let Ok(Effect::Send { id, command }) = session.act(action, at) else {
            panic!("not allowed");
        };
        let request = desk.send(&command, &Secret::default()).unwrap();
        assert_eq!(request.url, "https://ph1c.samespace.com/apiv1/make_call");
        assert_eq!(request.bearer, None);
        let reply = Ok(Response::json(200, r#"{"success":true}"#));
        let sent = desk.read_sent(reply.clone());
        session.handle(Event::Replied { id, sent }, at);
        for piece in reader.told(&command, &reply) {
            session.handle(Event::Piece { stream: 1, piece }, at);
        }
        assert_eq!(session.asked().count(), 0);
        let states = |session: &Session| -> Vec<CallState> {
            let calls = session.view().calls.iter();
            calls.map(|call| call.state.clone()).collect()
        };
        assert_eq!(states(&session), [CallState::HandedOver]);
        // It is no obstacle to the next one, and goes with it.
        let call = CallRequest::to("+4930123457".parse().unwrap());
        let again = Action::PlaceCall(Box::new(call));
        assert_eq!(session.allowed(&again), Ok(()));
        for piece in reader.told(&Command::from(again), &reply) {
            session.handle(Event::Piece { stream: 1, piece }, at);
        }
        assert_eq!(states(&session), [CallState::HandedOver]);
        for piece in reader.read(b"") {
            session.handle(Event::Piece { stream: 1, piece }, at);
        }
        assert_eq!(states(&session), []);
        let hang_up = Command::from(Action::HangUp { call: "x".into() });
        let error = desk.send(&hang_up, &Secret::default()).unwrap_err();
        assert_eq!(error.code, Code::CapabilityMissing);
    }
}
