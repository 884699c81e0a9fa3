//! Text messages: a small honest part of it. What is sent is kept; nobody answers by themselves.

use serde::Serialize;

use super::command::{OpenConversation, SendSms};
use super::connect::{ConnectCode, ConnectError};
use super::json::seconds;
use super::lookup::{self, Page};
use super::problem::{Code, Problem};
use super::shapes::{SMS_NUMBERS, direction};
use crate::babelforce::calls::Direction;
use crate::babelforce::queues::is_e164;
use crate::babelforce::{Babelforce, Moment};
use crate::exchange::Millis;
use crate::ids::Ids;

/// One thread, kept by the number of the other party.
#[derive(Clone, Serialize)]
pub(crate) struct Conversation {
    pub id: String,
    pub agent: &'static str,
    pub peer: String,
    pub open: bool,
    pub unread: usize,
    pub messages: Vec<Message>,
}

#[derive(Clone, Serialize)]
pub(crate) struct Message {
    id: String,
    direction: Direction,
    from: String,
    to: String,
    text: String,
    at: Millis,
    /// What the sender sent along.
    session: std::collections::BTreeMap<String, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ConversationBody<'a> {
    id: &'a str,
    peer: &'a str,
    last_direction: &'static str,
    last_text: &'a str,
    last_ts: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unread: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_label: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    open: bool,
}

impl<'a> ConversationBody<'a> {
    pub fn of(conversation: &'a Conversation) -> Self {
        let last = conversation.messages.last();
        Self {
            id: &conversation.id,
            peer: &conversation.peer,
            last_direction: last.map_or("CALL_DIRECTION_UNSPECIFIED", |last| {
                direction(last.direction)
            }),
            last_text: last.map(|last| last.text.as_str()).unwrap_or_default(),
            last_ts: last.map(|last| seconds(last.at)).unwrap_or_default(),
            unread: Some(conversation.unread).filter(|unread| *unread > 0),
            contact_label: lookup::contact(&conversation.peer),
            open: conversation.open,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Thread<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<MessageBody<'a>>,
}

#[derive(Serialize)]
struct MessageBody<'a> {
    id: &'a str,
    direction: &'static str,
    from: &'a str,
    to: &'a str,
    text: &'a str,
    ts: String,
    state: &'static str,
}

impl Babelforce {
    pub(super) fn send_sms(
        &mut self,
        agent: &'static str,
        wish: SendSms,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        if wish.to.is_empty() || wish.text.is_empty() {
            let text = "to and text are both needed";
            return Err(Problem::new(Code::SendSmsRequiresToAndText, text));
        }
        let refused = |text| Err(Problem::new(Code::SendSmsFailed, text));
        if !moment.settings.features.messaging {
            return refused("messaging is switched off");
        }
        if !is_e164(&wish.to) {
            return refused("to: must be a number in E.164 form");
        }
        let from = match wish.from.as_str() {
            "" => SMS_NUMBERS[0],
            number => match SMS_NUMBERS.iter().find(|known| **known == number) {
                Some(known) => known,
                None => return refused("from: this number cannot send messages"),
            },
        };
        let message = Message {
            id: moment.ids.hex(),
            direction: Direction::Outbound,
            from: from.to_owned(),
            to: wish.to.clone(),
            text: wish.text,
            at: moment.at,
            session: wish.session,
        };
        self.keep_message(agent, wish.to, message, moment.ids);
        Ok(())
    }

    /// A message arrives for an agent.
    pub(crate) fn receive_sms(
        &mut self,
        agent: &'static str,
        from: String,
        text: String,
        moment: &mut Moment,
    ) {
        let message = Message {
            id: moment.ids.hex(),
            direction: Direction::Inbound,
            from: from.clone(),
            to: SMS_NUMBERS[0].to_owned(),
            text,
            at: moment.at,
            session: Default::default(),
        };
        self.keep_message(agent, from, message, moment.ids);
    }

    /// The conversation with the newest message comes first.
    fn keep_message(&mut self, agent: &'static str, peer: String, message: Message, ids: &mut Ids) {
        let mut known = self.conversations.iter();
        let place = known.position(|one| one.agent == agent && one.peer == peer);
        let mut conversation = match place {
            Some(place) => self.conversations.remove(place),
            None => Conversation {
                id: ids.hex(),
                agent,
                peer,
                open: true,
                unread: 0,
                messages: Vec::new(),
            },
        };
        if message.direction == Direction::Inbound {
            conversation.unread += 1;
        }
        conversation.open = true;
        conversation.messages.push(message);
        self.conversations.insert(0, conversation);
    }

    /// The conversation with a number.
    pub(super) fn conversation_with(&self, agent: &str, peer: &str) -> Option<&Conversation> {
        let mut all = self.conversations.iter();
        all.find(|one| one.agent == agent && one.peer == peer)
    }

    fn conversation(&mut self, agent: &str, id: &str) -> Option<&mut Conversation> {
        let mut mine = self.conversations.iter_mut();
        mine.find(|one| one.agent == agent && one.id == id)
    }

    pub(super) fn open_conversation(
        &mut self,
        agent: &str,
        wish: &OpenConversation,
    ) -> Result<(), Problem> {
        let id = required(&wish.conversation_id)?;
        match self.conversation(agent, id) {
            Some(conversation) => {
                conversation.open = wish.open;
                Ok(())
            }
            None => Err(Problem::new(
                Code::SetConversationOpenFailed,
                "there is no such conversation",
            )),
        }
    }

    /// Inferred: no code is documented for a conversation that is not there; it is read as well
    /// as it can be.
    pub(super) fn mark_read(&mut self, agent: &str, id: &str) -> Result<(), Problem> {
        if let Some(conversation) = self.conversation(agent, required(id)?) {
            conversation.unread = 0;
        }
        Ok(())
    }

    /// The messages of a conversation, the oldest first, by its id or by the other party's number.
    pub(super) fn thread(&self, agent: &str, id: &str, page: Page) -> Thread<'_> {
        let found = self
            .conversations
            .iter()
            .find(|one| one.agent == agent && (one.id == id || one.peer == id));
        let messages = found.map(|one| one.messages.iter()).into_iter().flatten();
        let bodies = messages.map(|message| MessageBody {
            id: &message.id,
            direction: direction(message.direction),
            from: &message.from,
            to: &message.to,
            text: &message.text,
            ts: seconds(message.at),
            state: match message.direction {
                Direction::Inbound => "received",
                Direction::Outbound => "sent",
            },
        });
        Thread {
            messages: page.of(bodies),
        }
    }
}

fn required(id: &str) -> Result<&str, Problem> {
    match id {
        "" => Err(Problem::new(
            Code::ConversationIdRequired,
            "the conversation is missing",
        )),
        id => Ok(id),
    }
}

/// How a unary call refuses what a command would be refused for on the stream.
pub(super) fn as_connect(problem: &Problem) -> ConnectError {
    let code = match problem.code {
        Code::SendSmsRequiresToAndText => ConnectCode::InvalidArgument,
        _ => ConnectCode::FailedPrecondition,
    };
    ConnectError::new(code, problem.message.clone())
}
