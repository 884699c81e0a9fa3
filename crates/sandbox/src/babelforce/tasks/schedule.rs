//! Schedules: tasks that are made again and again.

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::value::RawValue;

use super::cron::Cron;
use super::template::{self, Style};
use super::{Page, error, invalid, page};
use crate::babelforce::timetable::Due;
use crate::babelforce::users::ACCOUNT_ID;
use crate::babelforce::{Babelforce, Moment};
use crate::exchange::{FieldError, Fields, Millis, Reply, Request};

/// One schedule. This is also how the API shows it.
#[derive(Serialize)]
pub(crate) struct Schedule {
    cron: String,
    customer_id: &'static str,
    name: String,
    task: Box<RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    template_style: Option<&'static str>,
    timezone: String,
    /// When it was made: one of the same name that is made later does not inherit its times.
    #[serde(skip)]
    made: Millis,
}

impl Babelforce {
    pub(in crate::babelforce) fn list_schedules(&self, request: &Request) -> Reply {
        match Page::read(request) {
            Ok(wanted) => page(&self.schedules.iter().collect::<Vec<_>>(), wanted),
            Err(reply) => reply,
        }
    }

    pub(in crate::babelforce) fn get_schedule(&self, name: &str) -> Reply {
        match self.schedule(name) {
            Some(schedule) => Reply::json(200, schedule),
            None => no_such_schedule(),
        }
    }

    /// Inferred: a name is used once, and what would never be due, or whose task could not be
    /// made, is refused.
    pub(in crate::babelforce) fn create_schedule(
        &mut self,
        request: &Request,
        moment: &mut Moment,
    ) -> Reply {
        let schedule = request
            .object()
            .map_err(|problem| problem.to_string())
            .and_then(|fields| read(&fields, moment).map_err(|problem| problem.to_string()));
        let schedule = match schedule {
            Ok(schedule) => schedule,
            Err(problem) => return invalid(&problem),
        };
        if self.schedule(&schedule.name).is_some() {
            return error(409, "Conflict", "name is already the name of a schedule");
        }
        if let Err(problem) = schedule.task(moment) {
            return invalid(&problem);
        }
        let Some(at) = schedule.next(moment.at) else {
            return invalid("cron is never due");
        };
        let due = Due::Schedule {
            name: schedule.name.clone(),
            made: schedule.made,
            at,
        };
        self.timetable.put(at, due);
        self.schedules.push(schedule);
        Reply::empty(204)
    }

    pub(in crate::babelforce) fn delete_schedule(&mut self, name: &str) -> Reply {
        match self.schedules.iter().position(|one| one.name == name) {
            Some(place) => {
                self.schedules.remove(place);
                self.timetable.drop_where(
                    |due| matches!(due, Due::Schedule { name: other, .. } if other == name),
                );
                Reply::empty(204)
            }
            None => no_such_schedule(),
        }
    }

    fn schedule(&self, name: &str) -> Option<&Schedule> {
        self.schedules.iter().find(|one| one.name == name)
    }

    /// A schedule's time has come: its task is made, as if somebody had submitted it at `at`.
    pub(in crate::babelforce) fn fire(
        &mut self,
        name: &str,
        made: Millis,
        at: Millis,
        moment: &mut Moment,
    ) {
        let Some(schedule) = self.schedule(name).filter(|one| one.made == made) else {
            return;
        };
        let mut then = Moment {
            at,
            settings: moment.settings,
            ids: moment.ids,
        };
        let task = schedule.task(&mut then);
        let next = schedule.next(at);
        if let Some(at) = next {
            let name = name.to_owned();
            self.timetable.put(at, Due::Schedule { name, made, at });
        }
        // One that could be made when the schedule was made can be made now.
        if let Ok(task) = task {
            self.tasks.push(task);
            self.look_at_tasks(moment.at);
        }
    }
}

impl Schedule {
    fn next(&self, after: Millis) -> Option<Millis> {
        let zone = TimeZone::get(&self.timezone).ok()?;
        Cron::parse(&self.cron)?.next(after, &zone)
    }

    fn task(&self, moment: &mut Moment) -> Result<super::Task, String> {
        let written = Fields::read(self.task.get()).ok_or("task must be an object")?;
        let fields = match &self.template_id {
            Some(id) => {
                let template = template::find(id).ok_or("template_id is no template")?;
                let style = Style::parse(self.template_style).ok_or("template_style is none")?;
                template.fill(written.all(), style)?
            }
            None => written,
        };
        super::read_task(&fields, moment.at, moment.ids)
            .map_err(|problem| format!("task.{problem}"))
    }
}

fn no_such_schedule() -> Reply {
    error(404, "Not found", "there is no schedule with this name")
}

fn read(fields: &Fields, moment: &Moment) -> Result<Schedule, FieldError> {
    let wrong = |field, problem| Err(FieldError { field, problem });
    let cron = fields.required_text("cron")?;
    if Cron::parse(&cron).is_none() {
        return wrong("cron", "must be fields of cron");
    }
    let timezone = fields.text("timezone")?.unwrap_or("UTC".to_owned());
    if TimeZone::get(&timezone).is_err() {
        return wrong("timezone", "must be a name of the IANA database");
    }
    let template_style = fields.text("template_style")?;
    let Some(style) = Style::parse(template_style.as_deref()) else {
        return wrong("template_style", "must be flat or hierarchy");
    };
    let template_id = fields.text("template_id")?;
    let Some(task) = fields.object("task")? else {
        return wrong("task", "is required");
    };
    Ok(Schedule {
        cron,
        customer_id: ACCOUNT_ID,
        name: fields.required_text("name")?,
        task,
        template_style: template_id.as_ref().map(|_| style.as_str()),
        template_id,
        timezone,
        made: moment.at,
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use axum::http::{HeaderMap, HeaderValue, Method};
    use serde_json::json;

    use super::*;
    use crate::ids::Ids;
    use crate::settings::Settings;

    const HOUR: Millis = 3_600_000;

    /// An account, and a clock that is put forward by hand.
    struct Account {
        babelforce: Babelforce,
        settings: Settings,
        ids: Ids,
        now: Millis,
    }

    impl Account {
        fn at(time: &str) -> Self {
            let time: jiff::Timestamp = time.parse().unwrap();
            Self {
                babelforce: Babelforce::seed(),
                settings: Settings::seed(),
                ids: Ids::new(1),
                now: u64::try_from(time.as_millisecond()).unwrap(),
            }
        }

        fn with<T>(&mut self, act: impl FnOnce(&mut Babelforce, &mut Moment) -> T) -> T {
            let mut moment = Moment {
                at: self.now,
                settings: &self.settings,
                ids: &mut self.ids,
            };
            act(&mut self.babelforce, &mut moment)
        }

        fn create(&mut self, body: &serde_json::Value) -> u16 {
            let mut headers = HeaderMap::new();
            headers.insert("content-type", HeaderValue::from_static("application/json"));
            let request = Request {
                method: Method::POST,
                path: "/api/v3/tasks/schedules".to_owned(),
                query: Vec::new(),
                headers,
                body: Bytes::from(body.to_string()),
                at: self.now,
            };
            self.with(|babelforce, moment| babelforce.create_schedule(&request, moment).status)
        }

        /// Lets time pass, and does what is due.
        fn pass(&mut self, time: Millis) {
            self.now += time;
            while self.with(|babelforce, moment| babelforce.tick(moment)) {}
        }

        fn made(&self) -> Vec<String> {
            let tasks = self.babelforce.tasks.iter();
            tasks
                .map(|task| crate::clock::iso(task.created_at))
                .collect()
        }
    }

    #[test]
    fn a_schedule_fires_at_the_same_time_of_day_over_a_change_of_the_clocks() {
        let mut account = Account::at("2026-10-24T00:00:00Z");
        let body = json!({"name": "mornings", "cron": "0 9 * * *", "timezone": "Europe/Berlin", "task": {"type": "acme.report"}});
        assert_eq!(account.create(&body), 204);
        assert_eq!(account.create(&body), 409);
        for _ in 0..3 * 24 {
            account.pass(HOUR);
        }
        assert_eq!(
            account.made(),
            [
                "2026-10-24T07:00:00.000Z",
                "2026-10-25T08:00:00.000Z",
                "2026-10-26T08:00:00.000Z"
            ]
        );
        assert_eq!(
            account.with(|b, _| b.delete_schedule("mornings")).status,
            204
        );
        account.pass(48 * HOUR);
        assert_eq!(account.made().len(), 3);
    }

    #[test]
    fn what_was_due_while_nobody_looked_is_made_up_for() {
        let mut account = Account::at("2027-03-27T00:00:00Z");
        let body = json!({"name": "nightly", "cron": "30 2 * * *", "timezone": "Europe/Berlin", "template_id": "reminder", "template_style": "flat", "task": {"body.text": "Back up"}});
        assert_eq!(account.create(&body), 204);
        account.pass(3 * 24 * HOUR);
        assert_eq!(
            account.made(),
            ["2027-03-27T01:30:00.000Z", "2027-03-29T00:30:00.000Z"],
            "there is no 02:30 on the 28th"
        );
    }

    #[test]
    fn a_schedule_that_could_not_work_is_refused() {
        let mut account = Account::at("2026-11-26T00:00:00Z");
        let good = json!({"name": "n", "cron": "0 9 * * *", "task": {}});
        for (name, value) in [
            ("cron", json!("soon")),
            ("cron", json!("0 0 31 2 *")),
            ("timezone", json!("Europe/Atlantis")),
            ("task", json!("text")),
            ("task", json!({"type": "a b"})),
            ("template_id", json!("nothing")),
            ("template_id", json!("reminder")),
            ("template_style", json!("round")),
            ("name", json!("")),
        ] {
            let mut body = good.clone();
            body[name] = value;
            assert_eq!(account.create(&body), 400, "{body}");
        }
        assert_eq!(account.create(&good), 204);
    }
}
