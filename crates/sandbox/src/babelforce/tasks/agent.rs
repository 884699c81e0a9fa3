//! What agents do about the tasks that are offered to them, each with a token of their own.
//!
//! Published are the addresses and the words of states. Inferred: a task that is due is offered to
//! one free agent, who is named in it; whoever declines one is locked until they unlock; what a
//! task's `autoComplete` says decides whether it is done when it was accepted.

use serde::Serialize;
use serde_json::Value;

use super::{Task, TaskState, error, invalid, no_such_task, read_reason};
use crate::babelforce::Babelforce;
use crate::exchange::{Millis, Reply, Request};

#[derive(Serialize)]
struct Lock {
    agent_id: &'static str,
    state: &'static str,
}

impl Babelforce {
    /// Tasks that are due are offered, each to an agent who has none.
    pub(crate) fn look_at_tasks(&mut self, now: Millis) {
        for place in 0..self.tasks.len() {
            let free = self.free_agent();
            if let Some(task) = self.tasks.get_mut(place) {
                task.look_at_clock(now);
                if task.is_to_be_offered() {
                    task.agent_id = free;
                }
            }
        }
    }

    fn free_agent(&self) -> Option<&'static str> {
        let agents = self.agents.iter().filter(|agent| {
            agent.enabled && agent.presence.available && !self.locked.contains(agent.id)
        });
        let mut free = agents.map(|agent| agent.id).filter(|id| {
            let has = |task: &Task| task.agent_id == Some(*id) && !task.state.is_final();
            !self.tasks.iter().any(has)
        });
        free.next()
    }

    pub(in crate::babelforce) fn act_on_task(
        &mut self,
        agent: &'static str,
        id: &str,
        action: &str,
        request: &Request,
    ) -> Reply {
        self.look_at_tasks(request.at);
        if let Err(problem) = read_reason(request) {
            return invalid(&problem);
        }
        // Of others' tasks an agent learns nothing.
        let Some(task) = self
            .task_mut(id)
            .filter(|task| task.agent_id == Some(agent))
        else {
            return no_such_task();
        };
        let done = match (action, task.state) {
            ("Accept", TaskState::Selecting) if task.completes_itself() => TaskState::Completed,
            ("Accept", TaskState::Selecting) => TaskState::Pending,
            ("Reject", TaskState::Selecting) => TaskState::Selecting,
            ("Complete", TaskState::Assigned | TaskState::Processing | TaskState::Pending) => {
                TaskState::Completed
            }
            ("Accept" | "Reject" | "Complete", _) => {
                return error(409, "Conflict", "the task is not in a state for this");
            }
            _ => return invalid("the action must be Accept, Reject or Complete"),
        };
        task.state = done;
        if action == "Reject" {
            task.agent_id = None;
            self.locked.insert(agent);
            self.look_at_tasks(request.at);
        }
        match self.task_mut(id) {
            Some(task) => Reply::json(200, task),
            None => no_such_task(),
        }
    }

    pub(in crate::babelforce) fn unlock_agent(
        &mut self,
        agent: &'static str,
        now: Millis,
    ) -> Reply {
        self.locked.remove(agent);
        self.look_at_tasks(now);
        let lock = Lock {
            agent_id: agent,
            state: "unlocked",
        };
        Reply::json(200, &lock)
    }
}

impl Task {
    fn is_to_be_offered(&self) -> bool {
        let wanted = self.selection_settings.as_deref().and_then(|settings| {
            let settings: Value = serde_json::from_str(settings.get()).ok()?;
            settings.get("enable")?.as_bool()
        });
        self.state == TaskState::Selecting && self.agent_id.is_none() && wanted.unwrap_or(true)
    }

    fn completes_itself(&self) -> bool {
        let completion = self.task_completion.as_deref().and_then(|completion| {
            let completion: Value = serde_json::from_str(completion.get()).ok()?;
            completion.get("autoComplete")?.as_bool()
        });
        completion.unwrap_or(false)
    }
}
