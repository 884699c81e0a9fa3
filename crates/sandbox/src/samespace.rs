//! Samespace: click to call, team callback, token reset, campaign add, analytics, and the dock that shows what arrived.
//!
//! Documented by the vendor: the paths, the field names and forms, and the one error
//! `Cant make call! Not logged In`. Everything in [`inferred`] is not: it is kept together so that
//! it can be changed in one place.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::clock;
use crate::exchange::{FieldError, Fields, Millis, Reply, Request};
use crate::ids::Ids;
use crate::settings::Settings;

mod campaign;
mod sessions;

/// The vendor's own words, with its spelling.
const NOT_LOGGED_IN: &str = "Cant make call! Not logged In";

/// What the vendor does not document.
mod inferred {
    /// HTTP status of every reply, good or bad: public client code looks at `success` alone.
    pub const STATUS: u16 = 200;
    pub const NO_SUCH_USER: &str = "Cant make call! User not found";
    pub const NO_SUCH_SPACE: &str = "Cant make call! Space not found";
    pub const NO_SUCH_TEAM: &str = "Cant make call! Team not found";
    pub const BAD_TOKEN: &str = "Invalid cloud_id or auth_token";
    pub const NO_SUCH_CAMPAIGN: &str = "Campaign not found";
    pub const BAD_API_KEY: &str = "Invalid API key";
    pub const NO_SUCH_PATH: &str = "Not found";
}

/// The state of one Samespace tenancy.
#[derive(Serialize)]
pub(crate) struct Samespace {
    pub cluster_id: &'static str,
    pub cloud_id: &'static str,
    pub space_id: &'static str,
    pub teams: Vec<&'static str>,
    pub users: Vec<DockUser>,
    /// Oldest first.
    pub calls: Vec<DockCall>,
    /// On the dial list, oldest first.
    pub contacts: Vec<campaign::Contact>,
    /// Made up, for figures.
    #[serde(skip)]
    past: Vec<sessions::Session>,
    #[serde(skip)]
    auth_token: String,
}

/// A person with a dock.
#[derive(Serialize)]
pub(crate) struct DockUser {
    pub username: &'static str,
    pub name: &'static str,
    pub logged_in: bool,
}

/// What a dock shows for one accepted request.
#[derive(Serialize)]
pub(crate) struct DockCall {
    pub id: String,
    pub target: Target,
    pub number: String,
    pub caller_id: Option<String>,
    /// `custom` or `attributes`, as received.
    pub payload: Option<Box<RawValue>>,
    pub at: String,
    #[serde(skip)]
    pub began: Millis,
    pub display: Display,
}

/// Who is asked to make the call.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    User(String),
    Team(String),
}

/// What the person at the dock did. It changes the dock's own display and nothing else: Samespace
/// reports nothing back.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Display {
    Ringing,
    Answered,
    Ended,
}

impl Samespace {
    pub fn seed() -> Self {
        Self {
            cluster_id: "ph1c",
            cloud_id: "acme",
            space_id: "acme",
            teams: vec!["helpdesk", "sales"],
            users: vec![
                DockUser {
                    username: "alex@acme",
                    name: "Alex Adler",
                    logged_in: true,
                },
                DockUser {
                    username: "sam@acme",
                    name: "Sam Sommer",
                    logged_in: false,
                },
            ],
            calls: Vec::new(),
            contacts: Vec::new(),
            past: sessions::past(clock::now()),
            auth_token: "538d1ae0-3e9f-11ea-9d9c-394a26b437b0".to_owned(),
        }
    }

    pub fn answer(&mut self, request: &Request, ids: &mut Ids, settings: &Settings) -> Reply {
        let action = match (request.method.as_str(), request.path.as_str()) {
            ("POST", "/apiv1/make_call") => Self::make_call,
            ("POST", "/apiv1/team/make_call") => Self::make_team_call,
            ("POST", "/router/api/v2/token/reset") => Self::reset_token,
            ("POST", "/router/api/v2/campaign/add") => Self::add_contact,
            ("POST", "/manage/api/analytics/sessions") => {
                return self.sessions(request, settings);
            }
            _ => return Reply::json(404, &Refusal::new(inferred::NO_SUCH_PATH)),
        };
        let fields = match request.object() {
            Ok(fields) => fields,
            Err(error) => return refuse(&error.to_string()),
        };
        action(self, &fields, request.at, ids).unwrap_or_else(|error| refuse(&error.to_string()))
    }

    fn make_call(
        &mut self,
        fields: &Fields,
        at: Millis,
        ids: &mut Ids,
    ) -> Result<Reply, FieldError> {
        let username = fields.required_text("username")?;
        let number = digits(fields, "number")?;
        let caller_id = caller_id(fields)?;
        let Some(user) = self.users.iter().find(|user| user.username == username) else {
            return Ok(refuse(inferred::NO_SUCH_USER));
        };
        if !user.logged_in {
            return Ok(refuse(NOT_LOGGED_IN));
        }
        self.calls.push(DockCall {
            id: ids.hex(),
            target: Target::User(username),
            number,
            caller_id,
            payload: fields.any("custom"),
            at: clock::iso(at),
            began: at,
            display: Display::Ringing,
        });
        Ok(accept())
    }

    fn make_team_call(
        &mut self,
        fields: &Fields,
        at: Millis,
        ids: &mut Ids,
    ) -> Result<Reply, FieldError> {
        let space_id = fields.required_text("space_id")?;
        let team = fields.required_text("team_name")?;
        let number = digits(fields, "number")?;
        let payload = fields.object("attributes")?;
        if space_id != self.space_id {
            return Ok(refuse(inferred::NO_SUCH_SPACE));
        }
        if !self.teams.contains(&team.as_str()) {
            return Ok(refuse(inferred::NO_SUCH_TEAM));
        }
        self.calls.push(DockCall {
            id: ids.hex(),
            target: Target::Team(team),
            number,
            caller_id: None,
            payload,
            at: clock::iso(at),
            began: at,
            display: Display::Ringing,
        });
        Ok(accept())
    }

    fn reset_token(
        &mut self,
        fields: &Fields,
        _at: Millis,
        ids: &mut Ids,
    ) -> Result<Reply, FieldError> {
        let cloud_id = fields.required_text("cloud_id")?;
        let auth_token = fields.required_text("auth_token")?;
        if cloud_id != self.cloud_id || auth_token != self.auth_token {
            return Ok(refuse(inferred::BAD_TOKEN));
        }
        self.auth_token = ids.uuid();
        Ok(Reply::json(
            inferred::STATUS,
            &ResetReply {
                success: true,
                data: NewToken {
                    auth_token: &self.auth_token,
                },
            },
        ))
    }
}

/// A number as the vendor's examples have it: country code and number, digits only.
fn digits(fields: &Fields, field: &'static str) -> Result<String, FieldError> {
    let number = fields.required_text(field)?;
    if is_international(&number) {
        return Ok(number);
    }
    Err(FieldError {
        field,
        problem: "must be country code and number, digits only",
    })
}

/// The optional `callerId`, which has a `+` in the vendor's example.
fn caller_id(fields: &Fields) -> Result<Option<String>, FieldError> {
    const FIELD: &str = "callerId";
    match fields.text(FIELD)? {
        Some(number) if !number.strip_prefix('+').is_some_and(is_international) => {
            Err(FieldError {
                field: FIELD,
                problem: "must be + followed by country code and number",
            })
        }
        number => Ok(number),
    }
}

/// Whether `digits` is an international number without its `+`: 7 to 15 digits, the first not 0.
pub(crate) fn is_international(digits: &str) -> bool {
    (7..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[derive(Serialize)]
struct Accepted {
    success: bool,
}

#[derive(Serialize)]
struct Refusal<'a> {
    success: bool,
    message: &'a str,
}

impl<'a> Refusal<'a> {
    fn new(message: &'a str) -> Self {
        Self {
            success: false,
            message,
        }
    }
}

/// Inferred: the token may as well be at the top level.
#[derive(Serialize)]
struct ResetReply<'a> {
    success: bool,
    data: NewToken<'a>,
}

#[derive(Serialize)]
struct NewToken<'a> {
    auth_token: &'a str,
}

fn accept() -> Reply {
    Reply::json(inferred::STATUS, &Accepted { success: true })
}

fn refuse(message: &str) -> Reply {
    Reply::json(inferred::STATUS, &Refusal::new(message))
}
