//! Analytics: the sessions of teams and agents.
//!
//! Documented: the path, the filters, `limit` and `skip`, a month at most, and the names of a session's fields. The
//! vendor's example is in the notation of a Mongo shell; what of that is in the JSON is inferred, as is the wrapper.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Display, DockCall, Refusal, Samespace, Target, inferred};
use crate::clock;
use crate::exchange::{Millis, Reply, Request};
use crate::settings::Settings;

/// The key of the type "Voice".
pub(super) const API_KEY: &str = "sandbox-analytics-key";
const MINUTE: Millis = 60_000;
/// A month, at its longest.
const LONGEST: Millis = 31 * 24 * 60 * MINUTE;

#[derive(Deserialize)]
struct Query {
    filters: Filters,
    limit: usize,
    skip: usize,
}

#[derive(Deserialize)]
struct Filters {
    start_time: String,
    end_time: String,
    r#type: String,
}

/// A session, from the beginning to the end.
pub(super) struct Session {
    id: String,
    of: &'static str,
    direction: &'static str,
    user: Option<(&'static str, &'static str)>,
    team: &'static str,
    caller: String,
    callee: String,
    began: Millis,
    /// Seconds until somebody answered.
    rang: Option<u64>,
    /// Seconds in all; `None` while it goes on.
    lasted: Option<u64>,
    status: &'static str,
    recorded: bool,
}

/// Who talks in the past that is made up.
const ALEX: Option<(&str, &str)> = Some(("alex@acme", "Alex Adler"));
const SAM: Option<(&str, &str)> = Some(("sam@acme", "Sam Sommer"));

/// The hours before the sandbox started, and two days at the other end of a week: minutes ago, who, how it went.
pub(super) fn past(now: Millis) -> Vec<Session> {
    let rows = [
        (
            8_640,
            "in",
            "team",
            SAM,
            "helpdesk",
            Some(14),
            320,
            "answered",
        ),
        (8_600, "in", "team", None, "helpdesk", None, 45, "missed"),
        (
            1_500,
            "out",
            "agent",
            ALEX,
            "sales",
            Some(9),
            240,
            "answered",
        ),
        (
            340,
            "in",
            "team",
            ALEX,
            "helpdesk",
            Some(7),
            183,
            "answered",
        ),
        (
            310,
            "in",
            "team",
            SAM,
            "helpdesk",
            Some(31),
            402,
            "answered",
        ),
        (280, "in", "team", None, "helpdesk", None, 62, "missed"),
        (200, "out", "team", ALEX, "sales", Some(12), 95, "answered"),
        (150, "out", "team", ALEX, "sales", None, 4, "failed"),
        (90, "out", "agent", ALEX, "sales", None, 30, "no_answer"),
        (45, "in", "team", SAM, "sales", Some(5), 610, "answered"),
        (20, "in", "team", None, "sales", None, 0, "diverted"),
    ];
    let sessions = rows.into_iter().enumerate();
    sessions
        .map(
            |(nth, (ago, direction, of, user, team, rang, lasted, status))| {
                let outside = format!("4930555{nth:04}");
                let (caller, callee) = if direction == "in" {
                    (outside, "493012345678".to_owned())
                } else {
                    ("493012345678".to_owned(), outside)
                };
                Session {
                    id: format!("6554f0c2a1b2c3d4e5f6{nth:04x}"),
                    of,
                    direction,
                    user,
                    team,
                    caller,
                    callee,
                    began: now.saturating_sub(ago * MINUTE),
                    rang,
                    lasted: Some(lasted),
                    status,
                    recorded: status == "answered" && direction == "in",
                }
            },
        )
        .collect()
}

impl Session {
    /// As the vendor names it. Quirks of a Mongo database: wrapped ids and dates, numbers as texts, nulls.
    fn json(&self) -> Value {
        let date = |at: Millis| json!({ "$date": clock::iso(at) });
        let after = |seconds: u64| date(self.began + seconds * 1_000);
        let (first, last) = self.id.split_at_checked(12).unwrap_or(("", &self.id));
        let uuid = format!("{first:.8}-0000-4000-8000-{last}");
        let (login, name) = self.user.unzip();
        json!({
            "_id": { "$oid": self.id }, "x_origin_id": uuid, "uuid": uuid, "channel": "voice",
            "direction": self.direction, "type": self.of, "endpoint_type": "WEB", "endpoint_id": null,
            "user_system_id": login, "user_display_name": name, "user_login_id": login,
            "caller": self.caller, "callee": self.callee.parse::<u64>().unwrap_or_default(),
            "team_system_id": format!("team-{}", self.team), "team_name": self.team,
            "recording_filename": self.recorded.then(|| format!("{uuid}.wav")),
            "recording_url": format!("/router/api/open-recording-url/{uuid}/1455"),
            "start_time": date(self.began), "progress_duration": 0,
            "duration": self.lasted.map(|seconds| seconds.to_string()),
            "answer_time": self.rang.map(after), "conference_duration": 0,
            "end_time": self.lasted.map(after), "status": self.status, "terminated_by": "agent",
            "termination_cause": "NORMAL_CLEARING", "codec": "PCMU", "mos": 4.5,
            "dock_version": "3.0.0", "domain_id": 1455, "space_id": "acme", "hold_duration": 0,
            "custom_data": null,
        })
    }
}

impl Samespace {
    pub(super) fn sessions(&self, request: &Request, settings: &Settings) -> Reply {
        let header = |name| request.headers.get(name)?.to_str().ok();
        let bearer = header("authorization").map(|value| value.trim_start_matches("Bearer "));
        if ![header("x-api-key"), bearer].contains(&Some(API_KEY)) {
            return problem(401, inferred::BAD_API_KEY);
        }
        let Ok(query) = serde_json::from_slice::<Query>(&request.body) else {
            return problem(400, "filters, limit and skip are required");
        };
        let filters = &query.filters;
        let (Some(start), Some(end)) = (
            clock::read(&filters.start_time),
            clock::read(&filters.end_time),
        ) else {
            return problem(400, "start_time and end_time must be ISO dates");
        };
        if end < start || end - start > LONGEST {
            return problem(400, "The maximum range is 1 month");
        }
        let of_dock: Vec<_> = self.calls.iter().map(|call| self.of_call(call)).collect();
        let found = self.past.iter().chain(&of_dock);
        let asked = found.filter(|session| {
            session.of == filters.r#type && (start..end).contains(&session.began)
        });
        let page: Vec<_> = asked
            .skip(query.skip)
            .take(
                settings
                    .sessions_page
                    .unwrap_or(query.limit)
                    .min(query.limit),
            )
            .map(Session::json)
            .collect();
        Reply::json(200, &json!({ "success": true, "data": page }))
    }

    /// What became of a call at the dock, as far as somebody said so there.
    fn of_call(&self, call: &DockCall) -> Session {
        let (of, user, team) = match &call.target {
            Target::User(name) => {
                let mut users = self.users.iter();
                let user = users.find(|user| user.username == name);
                ("agent", user.map(|user| (user.username, user.name)), "")
            }
            Target::Team(name) => {
                let mut teams = self.teams.iter();
                let team = teams.find(|team| *team == name).copied();
                ("team", None, team.unwrap_or_default())
            }
        };
        let (status, rang, lasted) = match call.display {
            Display::Ringing => ("ringing", None, None),
            Display::Answered => ("ongoing", Some(1), None),
            Display::Ended => ("answered", Some(1), Some(60)),
        };
        Session {
            id: call.id.chars().take(24).collect(),
            of,
            direction: "out",
            user,
            team,
            caller: call.caller_id.clone().unwrap_or_default(),
            callee: call.number.clone(),
            began: call.began,
            rang,
            lasted,
            status,
            recorded: false,
        }
    }
}

fn problem(status: u16, message: &str) -> Reply {
    Reply::json(status, &Refusal::new(message))
}
