//! Everything the platforms and the CRMs know.

use serde::Serialize;

use crate::babelforce::{
    Agent, Babelforce, Call, Conference, Conversation, GROUPS, Group, LineStatus, Moment,
    PRESENCES, Presence, Pushed, Queue, SERVICE_NUMBERS, Schedule, SessionView, Streamed, Task,
    Written,
};
use crate::crm::Crm;
use crate::exchange::{Millis, Request};
use crate::ids::Ids;
use crate::samespace::Samespace;
use crate::settings::Settings;

pub(crate) struct World {
    pub samespace: Samespace,
    pub babelforce: Babelforce,
    pub crm: Crm,
    pub settings: Settings,
    ids: Ids,
}

/// What the passing of time has brought.
pub(crate) enum Tick {
    Done,
    /// Nothing is due, and the next thing will be then.
    Idle(Option<Millis>),
}

impl World {
    pub fn seed(now: Millis) -> Self {
        Self {
            samespace: Samespace::seed(),
            babelforce: Babelforce::seed(),
            crm: Crm::default(),
            settings: Settings::seed(),
            ids: Ids::new(now),
        }
    }

    /// Back to the seed. Ids go on, so that an old one names nothing afterwards; streams end.
    pub fn reset(&mut self) {
        self.babelforce.close_all();
        self.samespace = Samespace::seed();
        self.babelforce = Babelforce::seed();
        self.crm = Crm::default();
        self.settings = Settings::seed();
    }

    pub fn answer(&mut self, request: &Request) -> Streamed {
        match request.segments().first().copied().unwrap_or_default() {
            "oauth"
            | "api"
            | "recordings"
            | "babelconnect.v1.Agent"
            | "v1"
            | "auth"
            | "account" => self.with_babelforce(request.at, |babelforce, moment| {
                babelforce.answer(request, moment)
            }),
            first if Crm::has(first) => self.crm.answer(request, &mut self.ids).into(),
            _ => {
                let samespace = &mut self.samespace;
                let reply = samespace.answer(request, &mut self.ids, &self.settings);
                reply.into()
            }
        }
    }

    /// Does something at babelforce, and tells whoever listens there what has changed by it.
    pub fn with_babelforce<T>(
        &mut self,
        at: Millis,
        action: impl FnOnce(&mut Babelforce, &mut Moment) -> T,
    ) -> T {
        let mut moment = Moment {
            at,
            settings: &self.settings,
            ids: &mut self.ids,
        };
        let done = action(&mut self.babelforce, &mut moment);
        self.babelforce.close_unauthenticated(&moment);
        self.babelforce.publish(&moment);
        done
    }

    /// Does one thing that is due.
    pub fn tick(&mut self, now: Millis) -> Tick {
        if self.with_babelforce(now, |babelforce, moment| babelforce.tick(moment)) {
            Tick::Done
        } else {
            Tick::Idle(self.babelforce.timetable.next())
        }
    }

    pub fn snapshot(&mut self, now: Millis) -> Snapshot<'_> {
        self.babelforce.look_at_tasks(now);
        let babelforce = &self.babelforce;
        let agents = babelforce.agents.iter().map(|agent| AgentView {
            agent,
            line: babelforce.line_status(agent),
            session: babelforce.session(agent.id),
        });
        Snapshot {
            samespace: &self.samespace,
            babelforce: BabelforceView {
                agents: agents.collect(),
                presences: PRESENCES,
                groups: GROUPS,
                pushed: &babelforce.pushed,
                queues: &babelforce.queues,
                service_numbers: SERVICE_NUMBERS,
                calls: &babelforce.calls,
                conferences: &babelforce.conferences,
                conversations: &babelforce.conversations,
                scripts: &babelforce.scripts,
                tasks: &babelforce.tasks,
                schedules: &babelforce.schedules,
            },
            settings: &self.settings,
        }
    }
}

/// What the two pages show.
#[derive(Serialize)]
pub(crate) struct Snapshot<'a> {
    samespace: &'a Samespace,
    babelforce: BabelforceView<'a>,
    settings: &'a Settings,
}

#[derive(Serialize)]
struct BabelforceView<'a> {
    agents: Vec<AgentView<'a>>,
    presences: [Presence; 3],
    groups: [Group; 2],
    pushed: &'a [Pushed],
    queues: &'a [Queue],
    service_numbers: [&'static str; 2],
    calls: &'a [Call],
    conferences: &'a [Conference],
    conversations: &'a [Conversation],
    scripts: &'a [Written],
    tasks: &'a [Task],
    schedules: &'a [Schedule],
}

#[derive(Serialize)]
struct AgentView<'a> {
    #[serde(flatten)]
    agent: &'a Agent,
    line: LineStatus,
    session: Option<SessionView<'a>>,
}
