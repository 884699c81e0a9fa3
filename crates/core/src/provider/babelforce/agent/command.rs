//! Commands as JSON: one member, named after the command.

use std::collections::BTreeMap;

use crate::call::{CallRequest, Mode, Recording};
use crate::desk::action::{Action, Command, Party, Switch, Target};
use crate::desk::view::Private;
use crate::error::{Code, Error};
use crate::json::{Field, Json, object};
use crate::number::PhoneNumber;
use crate::payload::Payload;

/// Writes a command.
///
/// # Errors
/// [`Code::CapabilityMissing`] for a number that is only to be filled in.
pub(super) fn write(command: &Command) -> Result<String, Error> {
    let action = match command {
        Command::Announce => return Ok(arm("register", &[("capabilities", Field::List(&[]))])),
        // A text: a number of 64 bits is not safe in JSON.
        Command::Pong(seq) => {
            return Ok(arm(
                "pong",
                &[("seq", Field::Text(&crate::text::digits(*seq)))],
            ));
        }
        Command::Act(action) => &**action,
    };
    let on = |to: &Switch| ("on", Field::Flag(to.is_on()));
    Ok(match action {
        Action::PlaceCall(request) => place(request)?,
        Action::Answer { call, sdp } => {
            let mut fields = vec![call_id(call)];
            fields.extend(sdp.as_ref().map(|sdp| ("sdp", Field::Text(sdp))));
            arm("answer", &fields)
        }
        Action::HangUp { call } => arm("hangup", &[call_id(call)]),
        Action::Hold { call, to } => arm("hold", &[call_id(call), on(to)]),
        Action::Mute { call, to } => arm("mute", &[call_id(call), on(to)]),
        Action::SendDigits { call, digits } => {
            let digits = ("digits", Field::Text(digits.as_str()));
            arm("dtmf", &[call_id(call), digits])
        }
        Action::TransferBlind { call, to } => {
            let to = match to {
                Target::Party(party) => party_as(party, "to"),
                Target::Application(id) => ("applicationId", Field::Text(id)),
            };
            arm(
                "transfer",
                &[call_id(call), to, ("warm", Field::Flag(false))],
            )
        }
        Action::TransferWarm { call, to } => {
            let warm = ("warm", Field::Flag(true));
            arm("transfer", &[call_id(call), party_as(to, "to"), warm])
        }
        Action::StartConference { hold } => {
            arm("startConference", &[("hold", Field::Flag(hold.is_on()))])
        }
        Action::AddMember { who, hold_others } => {
            let hold = ("holdOthers", Field::Flag(hold_others.is_on()));
            arm("addConferenceMember", &[party_as(who, "number"), hold])
        }
        Action::HoldMember { member, to } => {
            arm("holdConferenceMember", &[member_id(member), on(to)])
        }
        Action::MuteMember { member, to } => {
            arm("muteConferenceMember", &[member_id(member), on(to)])
        }
        Action::KickMember { member } => arm("kickConferenceMember", &[member_id(member)]),
        Action::LeaveConference => arm("leaveConference", &[]),
        Action::EndConference => arm("endConference", &[]),
        Action::StartRecording { call } => arm("startRecording", &[call_id(call)]),
        Action::StopRecording { call } => arm("stopRecording", &[call_id(call)]),
        // The platform's is a toggle, whatever is wished for.
        Action::FlagRecording { call, .. } => arm("flagRecording", &[call_id(call)]),
        Action::TagRecording { call, tags } => arm(
            "setRecordingTags",
            &[call_id(call), ("tags", Field::List(tags))],
        ),
        Action::SetPresence { name } => arm("setPresence", &[("name", Field::Text(name))]),
        Action::SetDisplayAs { number } => arm("setDisplayAs", &[("number", Field::Text(number))]),
        Action::SetNumber(number) => arm(
            "setAgentNumber",
            &[("number", Field::Text(number.as_e164()))],
        ),
        Action::SetBrowserPhone(to) => arm("setWebrtc", &[on(to)]),
        Action::ResetLine => arm("resetLineStatus", &[]),
        Action::ExtendWrapUp { seconds } => {
            let seconds = ("seconds", Field::Whole(u64::from(*seconds)));
            arm("wrapUpExtend", &[seconds])
        }
        Action::CancelWrapUp => arm("wrapUpCancel", &[]),
        Action::SendText {
            to,
            from,
            text,
            payload,
        } => {
            let mut fields = vec![
                ("to", Field::Text(to.as_e164())),
                ("text", Field::Text(text)),
            ];
            fields.extend(from.as_ref().map(|from| ("from", Field::Text(from))));
            fields.extend(session(payload));
            arm("sendSms", &fields)
        }
        Action::OpenConversation { conversation, to } => {
            let open = ("open", Field::Flag(to.is_on()));
            arm(
                "setConversationOpen",
                &[conversation_id(conversation), open],
            )
        }
        Action::ReadConversation { conversation } => {
            arm("markConversationRead", &[conversation_id(conversation)])
        }
        Action::JoinCampaign { campaign, paused } => {
            let campaign = ("campaignId", Field::Text(campaign));
            let paused = ("paused", Field::Flag(paused.is_on()));
            arm("joinCampaign", &[campaign, paused])
        }
        Action::LeaveCampaign => arm("leaveCampaign", &[]),
        Action::PauseCampaign(to) => arm("pauseCampaign", &[on(to)]),
        Action::DisposeCall { code, callback } => {
            let mut fields = vec![("code", Field::Text(code))];
            let callback = callback.as_ref();
            fields.extend(callback.map(|at| ("callbackDate", Field::Text(at))));
            arm("disposeCall", &fields)
        }
        Action::EndCampaignCall => arm("endCampaignCall", &[]),
    })
}

fn place(request: &CallRequest) -> Result<String, Error> {
    if request.mode == Mode::Prefill {
        return Err(Error::of(
            Code::CapabilityMissing,
            "prefill",
            "The Agent API has no capability \"prefill\".",
        ));
    }
    let mut fields = vec![("to", Field::Text(request.number.as_e164()))];
    let shown = request.caller_id.as_ref();
    fields.extend(shown.map(|number| ("displayAsTo", Field::Text(number.as_e164()))));
    if request.recording == Recording::Always {
        fields.push(("record", Field::Flag(true)));
    }
    fields.extend(session(&request.travelling_payload()));
    Ok(arm("placeCall", &fields))
}

/// A payload, where there is one: by the flattening rule, because the platform takes texts only.
fn session(payload: &Payload) -> Option<(&'static str, Field<'static>)> {
    (!payload.is_empty()).then(|| ("session", Field::Map(payload.flat())))
}

fn arm(name: &str, fields: &[(&str, Field<'_>)]) -> String {
    ["{\"", name, "\":", &object(fields), "}"].concat()
}

fn call_id(call: &str) -> (&'static str, Field<'_>) {
    ("callId", Field::Text(call))
}

fn member_id(member: &str) -> (&'static str, Field<'_>) {
    ("memberId", Field::Text(member))
}

fn conversation_id(conversation: &str) -> (&'static str, Field<'_>) {
    ("conversationId", Field::Text(conversation))
}

fn party_as<'a>(party: &'a Party, number: &'static str) -> (&'static str, Field<'a>) {
    match party {
        Party::Number(e164) => (number, Field::Text(e164.as_e164())),
        Party::Agent(id) => ("agentId", Field::Text(id)),
    }
}

/// Reads a command that a desk sends, and nothing else: it is a relay's own API.
///
/// The flag of a recording comes as [`Switch::On`]: the platform's command does not say. A record of the CRM
/// stays in the payload.
///
/// # Errors
/// [`Code::InvalidJson`], [`Code::UnknownField`], [`Code::MissingField`], [`Code::InvalidField`] and what numbers,
/// digits and payloads say, with the field.
pub fn read(body: &[u8]) -> Result<Command, Error> {
    let json = Json::read(body).filter(Json::is_object);
    let json = json.ok_or_else(|| Error::new(Code::InvalidJson, "The body is no JSON object."))?;
    let [(name, fields)] = json.members() else {
        return Err(Error::new(
            Code::InvalidField,
            "A command has one member, named after it.",
        ));
    };
    if !fields.is_object() {
        return Err(invalid(name));
    }
    let mut arm = Arm {
        fields,
        known: Vec::new(),
    };
    let command = arm.command(name)?;
    for (field, _) in fields.members() {
        if !arm.known.contains(&&**field) {
            return Err(Error::of(
                Code::UnknownField,
                field.clone().into_owned(),
                format!("There is no field \"{field}\" here."),
            ));
        }
    }
    Ok(command)
}

/// The members of a command, and those that were asked for.
struct Arm<'a> {
    fields: &'a Json<'a>,
    known: Vec<&'static str>,
}

impl Arm<'_> {
    fn command(&mut self, name: &str) -> Result<Command, Error> {
        Ok(Command::from(match name {
            "register" => {
                self.texts("capabilities")?;
                return Ok(Command::Announce);
            }
            "pong" => {
                let seq = self.at("seq").as_whole();
                return Ok(Command::Pong(seq.ok_or_else(|| invalid("seq"))?));
            }
            "placeCall" => Action::PlaceCall(Box::new(CallRequest {
                caller_id: self.number_if("displayAsTo")?,
                recording: if self.switch("record")?.is_on() {
                    Recording::Always
                } else {
                    Recording::AsConfigured
                },
                payload: self.session()?,
                ..CallRequest::to(self.number("to")?)
            })),
            "answer" => Action::Answer {
                call: self.id("callId")?,
                sdp: self.private_if("sdp")?,
            },
            "hangup" => Action::HangUp {
                call: self.id("callId")?,
            },
            "hold" => Action::Hold {
                call: self.id("callId")?,
                to: self.switch("on")?,
            },
            "mute" => Action::Mute {
                call: self.id("callId")?,
                to: self.switch("on")?,
            },
            "dtmf" => Action::SendDigits {
                call: self.id("callId")?,
                digits: self.id("digits")?.parse()?,
            },
            "transfer" => self.transfer()?,
            "startConference" => Action::StartConference {
                hold: self.switch("hold")?,
            },
            "addConferenceMember" => Action::AddMember {
                who: self.party("number")?.ok_or_else(|| missing("number"))?,
                hold_others: self.switch("holdOthers")?,
            },
            "holdConferenceMember" => Action::HoldMember {
                member: self.id("memberId")?,
                to: self.switch("on")?,
            },
            "muteConferenceMember" => Action::MuteMember {
                member: self.id("memberId")?,
                to: self.switch("on")?,
            },
            "kickConferenceMember" => Action::KickMember {
                member: self.id("memberId")?,
            },
            "leaveConference" => Action::LeaveConference,
            "endConference" => Action::EndConference,
            "startRecording" => Action::StartRecording {
                call: self.id("callId")?,
            },
            "stopRecording" => Action::StopRecording {
                call: self.id("callId")?,
            },
            "flagRecording" => Action::FlagRecording {
                call: self.id("callId")?,
                to: Switch::On,
            },
            "setRecordingTags" => Action::TagRecording {
                call: self.id("callId")?,
                tags: self.texts("tags")?,
            },
            "setPresence" => Action::SetPresence {
                name: self.id("name")?,
            },
            "setDisplayAs" => Action::SetDisplayAs {
                number: Private::new(self.id("number")?),
            },
            "setAgentNumber" => Action::SetNumber(self.number("number")?),
            "setWebrtc" => Action::SetBrowserPhone(self.switch("on")?),
            "resetLineStatus" => Action::ResetLine,
            "wrapUpExtend" => {
                let seconds = self.at("seconds").as_whole();
                let seconds = seconds.and_then(|seconds| u16::try_from(seconds).ok());
                Action::ExtendWrapUp {
                    seconds: seconds.ok_or_else(|| invalid("seconds"))?,
                }
            }
            "wrapUpCancel" => Action::CancelWrapUp,
            "sendSms" => Action::SendText {
                to: self.number("to")?,
                from: self.private_if("from")?,
                text: Private::new(self.id("text")?),
                payload: self.session()?,
            },
            "setConversationOpen" => Action::OpenConversation {
                conversation: self.id("conversationId")?,
                to: self.switch("open")?,
            },
            "markConversationRead" => Action::ReadConversation {
                conversation: self.id("conversationId")?,
            },
            "joinCampaign" => Action::JoinCampaign {
                campaign: self.id("campaignId")?,
                paused: self.switch("paused")?,
            },
            "leaveCampaign" => Action::LeaveCampaign,
            "pauseCampaign" => Action::PauseCampaign(self.switch("on")?),
            "disposeCall" => Action::DisposeCall {
                code: self.id("code")?,
                callback: self.text("callbackDate")?,
            },
            "endCampaignCall" => Action::EndCampaignCall,
            _ => {
                return Err(Error::of(
                    Code::UnknownField,
                    name.to_owned(),
                    format!("There is no command \"{name}\"."),
                ));
            }
        }))
    }

    fn transfer(&mut self) -> Result<Action, Error> {
        let call = self.id("callId")?;
        let warm = self.switch("warm")?.is_on();
        let party = self.party("to")?;
        let application = self.text("applicationId")?;
        Ok(match (party, application) {
            (Some(to), None) if warm => Action::TransferWarm { call, to },
            (Some(to), None) => Action::TransferBlind {
                call,
                to: Target::Party(to),
            },
            (None, Some(id)) if !warm => Action::TransferBlind {
                call,
                to: Target::Application(id),
            },
            (None, None) => return Err(missing("to")),
            _ => return Err(invalid("applicationId")),
        })
    }

    fn at(&mut self, name: &'static str) -> &Json<'_> {
        self.known.push(name);
        self.fields.at(name)
    }

    /// A text that is not empty, where there is one.
    fn text(&mut self, name: &'static str) -> Result<Option<String>, Error> {
        match self.at(name) {
            Json::Null => Ok(None),
            Json::Text(text) => Ok(Some(text.clone().into_owned()).filter(|text| !text.is_empty())),
            _ => Err(invalid(name)),
        }
    }

    fn id(&mut self, name: &'static str) -> Result<String, Error> {
        self.text(name)?.ok_or_else(|| missing(name))
    }

    fn private_if(&mut self, name: &'static str) -> Result<Option<Private>, Error> {
        Ok(self.text(name)?.map(Private::new))
    }

    fn number_if(&mut self, name: &'static str) -> Result<Option<PhoneNumber>, Error> {
        let number = self.text(name)?.map(|text| text.parse::<PhoneNumber>());
        number
            .transpose()
            .map_err(|error| Error::from(error).at(name))
    }

    fn number(&mut self, name: &'static str) -> Result<PhoneNumber, Error> {
        self.number_if(name)?.ok_or_else(|| missing(name))
    }

    /// A number or an agent, not both.
    fn party(&mut self, number: &'static str) -> Result<Option<Party>, Error> {
        let by_number = self.number_if(number)?.map(Party::Number);
        match (by_number, self.text("agentId")?) {
            (Some(_), Some(_)) => Err(invalid("agentId")),
            (by_number, agent) => Ok(by_number.or(agent.map(Party::Agent))),
        }
    }

    fn switch(&mut self, name: &'static str) -> Result<Switch, Error> {
        match self.at(name) {
            Json::Null => Ok(Switch::Off),
            Json::Bool(on) => Ok(Switch::from(*on)),
            _ => Err(invalid(name)),
        }
    }

    fn texts(&mut self, name: &'static str) -> Result<Vec<String>, Error> {
        let json = self.at(name);
        let texts = json.items().iter().map(|item| match item {
            Json::Text(text) => Ok(text.clone().into_owned()),
            _ => Err(invalid(name)),
        });
        match json {
            Json::Null | Json::List(_) => texts.collect(),
            _ => Err(invalid(name)),
        }
    }

    fn session(&mut self) -> Result<Payload, Error> {
        let json = self.at("session");
        if !matches!(json, Json::Null | Json::Object(_)) {
            return Err(invalid("session"));
        }
        let mut flat = BTreeMap::new();
        for (key, value) in json.members() {
            let Json::Text(value) = value else {
                return Err(invalid("session"));
            };
            flat.insert(key.clone().into_owned(), value.clone().into_owned());
        }
        Payload::unflatten(&flat).map_err(|error| error.at("session"))
    }
}

fn missing(name: &'static str) -> Error {
    Error::of(
        Code::MissingField,
        name,
        format!("\"{name}\" has to be there."),
    )
}

fn invalid(name: &str) -> Error {
    Error::of(
        Code::InvalidField,
        name.to_owned(),
        format!("\"{name}\" has a value that it cannot have."),
    )
}
