//! The people of an account, as the platform knows them: who they are, what they do just now, and messages to them.

use std::fmt;

use crate::error::{Code, Error};
use crate::http::{Reply, Request};
use crate::number::PhoneNumber;
use crate::outcome::Outcome;
use crate::payload::Payload;
use crate::provider::page::Page;
use crate::secret::Secret;

/// The most agents of a page that are asked for: the largest that is known to work at babelforce (inferred).
pub const PAGE: u32 = 100;

/// An agent of the platform. What it does not tell is absent; empty texts are taken for absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Agent {
    /// The platform's id.
    pub id: String,
    /// What people call them.
    pub name: Option<String>,
    /// Their e-mail address.
    pub email: Option<String>,
    /// Their telephone, as the platform writes it.
    pub number: Option<String>,
    /// The system that they were synchronised from, as `salesforce`.
    pub system: Option<String>,
    /// Their id there: the CRM's.
    pub source_id: Option<String>,
    /// Whether they can be given calls.
    pub enabled: Option<bool>,
    /// What their line does.
    pub line: Option<Line>,
    /// What they chose.
    pub presence: Option<Presence>,
    /// The platform's own words for all that.
    pub shown: Option<String>,
    /// The groups that they are in.
    pub groups: Vec<Group>,
    /// Their tags.
    pub tags: Vec<String>,
}

macro_rules! lines {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// What a line does. Open: a word that is not known is kept.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Line {
            $($(#[$doc])* $variant,)*
            /// What the platform says is not known, and kept.
            Other(String),
        }

        impl Line {
            /// The words that are known.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant,)*];

            /// As it is written.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for Line {
            fn from(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }
    };
}

lines! {
    /// Nothing.
    Available = "available",
    /// It was busy when it was called.
    Busy = "busy",
    /// A call was declined.
    Declined = "declined",
    /// It could not be reached.
    Unreachable = "unreachable",
    /// It is about to ring.
    Selected = "selected",
    /// It rings.
    Ringing = "ringing",
    /// They talk.
    InCall = "in-call",
    /// They write notes after a call.
    WrapUp = "wrap-up",
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A presence that an agent can choose.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Presence {
    /// Its name, for [`Change::Presence`].
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Whether calls come through.
    pub available: Option<bool>,
}

/// A group of agents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The platform's id.
    pub id: String,
    /// What people call it.
    pub name: Option<String>,
}

/// What an agent does just now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Whether they can be given calls.
    pub enabled: Option<bool>,
    /// Whether a call would come through at this moment.
    pub available: Option<bool>,
    /// What their line does.
    pub line: Option<Line>,
    /// What they chose.
    pub presence: Option<Presence>,
    /// What they do in campaigns, in the platform's word.
    pub outbound: Option<String>,
    /// The platform's own words for all that.
    pub shown: Option<String>,
}

/// A status that an account offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The platform's id, as `presence:available`.
    pub id: String,
    /// `presence`, `activity`; open.
    pub kind: Option<String>,
    /// Its name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// Whether calls come through.
    pub available: Option<bool>,
}

/// Which agents are asked for. All conditions hold at once; none is everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Words of name, number, e-mail address, CRM id or group.
    pub text: Option<String>,
    /// Words of the name.
    pub name: Option<String>,
    /// The telephone, as the platform writes it.
    pub number: Option<String>,
    /// The CRM's id.
    pub source_id: Option<String>,
    /// The system that agents are synchronised from.
    pub system: Option<String>,
    /// Those who can be given calls, or those who cannot.
    pub enabled: Option<bool>,
    /// Whose line does that.
    pub line: Option<Line>,
    /// In one of these groups, by id.
    pub group_ids: Vec<String>,
    /// In one of these groups, by name.
    pub groups: Vec<String>,
    /// With one of these tags.
    pub tags: Vec<String>,
    /// The most agents of a page.
    pub size: u32,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            text: None,
            name: None,
            number: None,
            source_id: None,
            system: None,
            enabled: None,
            line: None,
            group_ids: Vec::new(),
            groups: Vec::new(),
            tags: Vec::new(),
            size: PAGE,
        }
    }
}

/// How to look for one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Find {
    /// By the id in the system that agents are synchronised from.
    Source {
        /// That system, as `salesforce`.
        system: Option<String>,
        /// The id there.
        id: String,
    },
    /// By e-mail address, without regard to case.
    Email(String),
    /// By their telephone.
    Number(PhoneNumber),
}

impl Find {
    /// What a platform is asked. Its search may be wider than the question; [`Find::one`] looks closer.
    pub fn asked(&self) -> Asked {
        let asked = Asked::default();
        match self {
            Self::Source { system, id } => Asked {
                source_id: Some(id.clone()),
                system: system.clone(),
                ..asked
            },
            Self::Email(email) => Asked {
                text: Some(email.clone()),
                ..asked
            },
            Self::Number(number) => Asked {
                number: Some(number.as_e164().to_owned()),
                ..asked
            },
        }
    }

    /// The one agent that was looked for. One page is enough: more than one is an error anyway.
    ///
    /// # Errors
    /// [`Code::AgentUnknown`] for none, [`Code::AgentAmbiguous`] for several.
    pub fn one(&self, agents: Vec<Agent>) -> Result<Agent, Error> {
        let mut found = agents.into_iter().filter(|agent| self.is(agent));
        match (found.next(), found.next()) {
            (Some(agent), None) => Ok(agent),
            (None, _) => Err(Error::new(Code::AgentUnknown, "No agent matches.")),
            (Some(_), Some(_)) => Err(Error::new(
                Code::AgentAmbiguous,
                "More than one agent matches.",
            )),
        }
    }

    fn is(&self, agent: &Agent) -> bool {
        match self {
            Self::Source { system, id } => {
                agent.source_id.as_ref() == Some(id)
                    && (system.is_none() || agent.system == *system)
            }
            Self::Email(email) => agent
                .email
                .as_ref()
                .is_some_and(|own| own.to_lowercase() == email.to_lowercase()),
            Self::Number(number) => agent
                .number
                .as_ref()
                .is_some_and(|own| own.parse::<PhoneNumber>().as_ref() == Ok(number)),
        }
    }
}

/// What can be changed about an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// They choose this presence, by its name.
    Presence(String),
    /// They can be given calls.
    Enable,
    /// They cannot.
    Disable,
}

/// The most characters of a message.
pub const LONGEST_MESSAGE: usize = 250;

/// A message of 1 to [`LONGEST_MESSAGE`] characters.
#[derive(Clone, PartialEq, Eq)]
pub struct Message(String);

impl Message {
    /// Reads a message. White space around it is no part of it.
    ///
    /// # Errors
    /// [`Code::InvalidField`] about `message`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if (1..=LONGEST_MESSAGE).contains(&text.chars().count()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Error::of(
                Code::InvalidField,
                "message",
                "A message has 1 to 250 characters.",
            ))
        }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Not the text: it is meant for one person.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} bytes)", self.0.len())
    }
}

/// Whom a message is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// One agent, by the platform's id.
    Agent(String),
    /// Every agent of the account.
    Everybody,
}

/// A message that appears where agents work (capability `push`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Whom it is for.
    pub to: To,
    /// What it says.
    pub message: Message,
    /// What programs read of it, as the CRM's record to show.
    pub data: Payload,
}

/// A platform that tells who its agents are and what they do (capability `presence`).
pub trait People: Sync {
    /// The request for a page of agents, from 1.
    ///
    /// # Errors
    /// What of the question the platform cannot answer, with the field.
    fn list(&self, asked: &Asked, page: u32, token: Option<&Secret>) -> Result<Request, Error>;

    /// The agents of a page. `page` is the one that was asked for.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_list(&self, page: u32, reply: Reply) -> Result<Page<Agent>, Outcome>;

    /// The request for one agent.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible id.
    fn agent(&self, agent: &str, token: Option<&Secret>) -> Result<Request, Error>;

    /// The agent.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_agent(&self, reply: Reply) -> Result<Agent, Outcome>;

    /// The request for what an agent does just now.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible id.
    fn status(&self, agent: &str, token: Option<&Secret>) -> Result<Request, Error>;

    /// What they do.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_status(&self, reply: Reply) -> Result<Status, Outcome>;

    /// The request for the presences that can be chosen.
    fn presences(&self, token: Option<&Secret>) -> Request;

    /// The presences.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_presences(&self, reply: Reply) -> Result<Vec<Presence>, Outcome>;

    /// The request for every status that there is, presences and activities.
    fn choices(&self, token: Option<&Secret>) -> Request;

    /// The statuses.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_choices(&self, reply: Reply) -> Result<Vec<Choice>, Outcome>;

    /// The request that changes something about an agent.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible id or presence.
    fn change(
        &self,
        agent: &str,
        change: &Change,
        token: Option<&Secret>,
    ) -> Result<Request, Error>;

    /// What became of [`People::change`]. A presence that the platform cannot set is refused as
    /// [`Code::CapabilityMissing`].
    fn read_change(&self, change: &Change, reply: Reply) -> Outcome;

    /// The request for a page of groups, from 1.
    fn groups(&self, page: u32, token: Option<&Secret>) -> Request;

    /// The groups of a page.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_groups(&self, page: u32, reply: Reply) -> Result<Page<Group>, Outcome>;

    /// The request for a page of a group's agents, from 1; read by [`People::read_list`].
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible id.
    fn members(&self, group: &str, page: u32, token: Option<&Secret>) -> Result<Request, Error>;

    /// The request for the tags that agents can have.
    fn tags(&self, token: Option<&Secret>) -> Request;

    /// The tags.
    ///
    /// # Errors
    /// The outcome of the question, where it was not accepted.
    fn read_tags(&self, reply: Reply) -> Result<Vec<String>, Outcome>;

    /// The request that pushes a message.
    ///
    /// # Errors
    /// [`Code::InvalidField`] for an impossible agent.
    fn push(&self, push: &Push, token: Option<&Secret>) -> Result<Request, Error>;

    /// What became of [`People::push`].
    fn read_push(&self, reply: Reply) -> Outcome;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(id: &str) -> Agent {
        Agent {
            id: id.to_owned(),
            email: Some("a@x.example".to_owned()),
            number: Some("+493012345678".to_owned()),
            system: Some("salesforce".to_owned()),
            source_id: Some("005".to_owned()),
            ..Agent::default()
        }
    }

    #[test]
    fn an_agent_is_found_exactly_once_or_not_at_all() {
        let source = |system: &str| Find::Source {
            system: Some(system.to_owned()),
            id: "005".to_owned(),
        };
        let finds = [
            source("salesforce"),
            Find::Email("A@X.example".to_owned()),
            Find::Number("+493012345678".parse().unwrap()),
        ];
        for find in finds {
            let other = Agent {
                id: "2".to_owned(),
                source_id: Some("0055".to_owned()),
                email: Some("aa@x.example".to_owned()),
                number: Some("+4930123456789".to_owned()),
                ..Agent::default()
            };
            let found = find.one(vec![other.clone(), agent("1")]);
            assert_eq!(found.unwrap().id, "1", "{find:?}");
            let twice = find.one(vec![agent("1"), agent("3")]).unwrap_err();
            assert_eq!(twice.code, Code::AgentAmbiguous);
            assert_eq!(find.one(vec![other]).unwrap_err().code, Code::AgentUnknown);
        }
        let elsewhere = source("zendesk").one(vec![agent("1")]).unwrap_err();
        assert_eq!(elsewhere.code, Code::AgentUnknown, "another system's 005");
    }

    #[test]
    fn a_message_has_1_to_250_characters_and_is_not_printed() {
        for text in ["", "  \n ", &"ü".repeat(251)] {
            let error = Message::parse(text).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("message"));
        }
        let message = Message::parse(&format!(" {} ", "ü".repeat(250))).unwrap();
        assert_eq!(message.as_str().chars().count(), 250);
        assert!(!format!("{message:?}").contains('ü'));
    }

    #[test]
    fn a_lines_word_is_kept_known_or_not() {
        for text in ["in-call", "wrap-up", "asleep", ""] {
            assert_eq!(Line::from(text).as_str(), text);
        }
        assert_eq!(Line::from("asleep"), Line::Other("asleep".to_owned()));
        assert!(
            Line::KNOWN
                .iter()
                .all(|line| Line::from(line.as_str()) == *line)
        );
    }
}
