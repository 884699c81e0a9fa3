//! Everything the two platforms know.

use serde::Serialize;

use crate::babelforce::{
    Agent, Babelforce, Call, CallState, LineStatus, PRESENCES, Presence, Queue, Task,
};
use crate::exchange::{Millis, Reply, Request};
use crate::ids::Ids;
use crate::samespace::Samespace;
use crate::settings::Settings;

pub(crate) struct World {
    pub samespace: Samespace,
    pub babelforce: Babelforce,
    pub settings: Settings,
    ids: Ids,
}

/// What a platform did with a request.
pub(crate) struct Answered {
    pub reply: Reply,
    /// A call that is to move on by itself.
    pub placed: Option<String>,
}

impl World {
    pub fn seed(now: Millis) -> Self {
        Self {
            samespace: Samespace::seed(),
            babelforce: Babelforce::seed(),
            settings: Settings::seed(),
            ids: Ids::new(now),
        }
    }

    /// Back to the seed. Ids go on, so that an old one names nothing afterwards.
    pub fn reset(&mut self) {
        self.samespace = Samespace::seed();
        self.babelforce = Babelforce::seed();
        self.settings = Settings::seed();
    }

    pub fn answer(&mut self, request: &Request) -> Answered {
        let first = request.segments().first().copied().unwrap_or_default();
        let known = self.babelforce.calls.len();
        let reply = match first {
            "oauth" | "api" => self
                .babelforce
                .answer(request, &self.settings, &mut self.ids),
            _ => self.samespace.answer(request, &mut self.ids),
        };
        let placed = self.start(known, request.at);
        Answered { reply, placed }
    }

    /// The reply to a new call says `init`. Then it rings at once, unless it is to move on step by
    /// step.
    fn start(&mut self, known: usize, at: Millis) -> Option<String> {
        let stepwise = self.settings.auto_progress.is_some();
        let new = self.babelforce.calls.get_mut(known)?;
        if new.state != CallState::Init {
            return None;
        }
        if stepwise {
            return Some(new.id.clone());
        }
        new.enter(CallState::Ringing, None, at);
        None
    }

    pub fn snapshot(&mut self, now: Millis) -> Snapshot<'_> {
        for task in &mut self.babelforce.tasks {
            task.look_at_clock(now);
        }
        let babelforce = &self.babelforce;
        let agents = babelforce.agents.iter().map(|agent| AgentView {
            agent,
            line: babelforce.line_status(agent),
        });
        Snapshot {
            samespace: &self.samespace,
            babelforce: BabelforceView {
                agents: agents.collect(),
                presences: PRESENCES,
                queues: &babelforce.queues,
                calls: &babelforce.calls,
                tasks: &babelforce.tasks,
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
    queues: &'a [Queue],
    calls: &'a [Call],
    tasks: &'a [Task],
}

#[derive(Serialize)]
struct AgentView<'a> {
    #[serde(flatten)]
    agent: &'a Agent,
    line: LineStatus,
}
