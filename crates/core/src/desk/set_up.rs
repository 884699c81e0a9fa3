//! Setting a desk up, each time that a stream begins: one command after the other, each only when the one before
//! was taken and shows.

use super::action::{Action, Command};
use super::fault::Fault;
use super::view::View;
use crate::error::Code;
use crate::outcome::{Because, Outcome};

/// What the view does not show so many milliseconds after the platform took it is not waited for any longer:
/// the platform may have nothing to tell.
const PATIENCE_MS: u64 = 5_000;

/// How setting up goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// It waits for a stream.
    Waiting,
    /// It is at work.
    AtWork,
    /// It is done.
    Done,
    /// A command was refused, or nobody knows whether it arrived. It begins anew with the next stream, or when
    /// the person says so.
    Failed(Because),
}

/// The commands, and how far they are.
#[derive(Debug, Clone)]
pub struct SetUp {
    commands: Vec<Command>,
    progress: Progress,
    /// The command that is next, or at work.
    step: usize,
    out: Out,
    /// The platform has told what is switched on since the command at work was sent.
    told: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Out {
    Nothing,
    /// Handed over to be sent.
    Handed,
    Sent {
        id: u32,
    },
    /// Taken; it has to show until then.
    Taken {
        until: u64,
    },
}

impl SetUp {
    /// These commands, in their order.
    pub fn new(commands: Vec<Command>) -> Self {
        Self {
            commands,
            progress: Progress::Waiting,
            step: 0,
            out: Out::Nothing,
            told: false,
        }
    }

    /// How it goes.
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Whether it is at work.
    pub fn is_at_work(&self) -> bool {
        self.progress == Progress::AtWork
    }

    /// Begins, or begins anew.
    pub fn begin(&mut self) {
        self.progress = Progress::AtWork;
        self.step = 0;
        self.out = Out::Nothing;
    }

    /// There is no stream any more. `true` if it was at work.
    pub fn pause(&mut self) -> bool {
        let was_at_work = self.is_at_work();
        if was_at_work {
            self.progress = Progress::Waiting;
        }
        was_at_work
    }

    /// Another window does it: whether it failed there.
    pub fn follow(&mut self, progress: Progress) {
        self.progress = progress;
    }

    /// The command to send now; say [`SetUp::sent`] then.
    pub fn next(&mut self, view: &View, now: u64) -> Option<Command> {
        if !self.is_at_work() {
            return None;
        }
        if let (Out::Taken { until }, Some(command)) = (self.out, self.commands.get(self.step))
            && (self.shows(command, view) || now >= until)
        {
            self.step += 1;
            self.out = Out::Nothing;
        }
        if self.out != Out::Nothing {
            return None;
        }
        // The agent's number may be right already; what the platform changes by itself is always sent.
        while let Some(command) = self.commands.get(self.step)
            && is_number(command)
            && self.shows(command, view)
        {
            self.step += 1;
        }
        match self.commands.get(self.step) {
            Some(command) => {
                self.out = Out::Handed;
                self.told = false;
                Some(command.clone())
            }
            None => {
                self.progress = Progress::Done;
                None
            }
        }
    }

    /// The platform tells what is switched on.
    pub fn told(&mut self) {
        self.told = true;
    }

    /// The number under which the command is sent.
    pub fn sent(&mut self, id: u32) {
        if self.out == Out::Handed {
            self.out = Out::Sent { id };
        }
    }

    /// What became of sending it. `false` if the number is not one of these.
    pub fn replied(&mut self, id: u32, outcome: &Outcome, now: u64) -> bool {
        if self.out != (Out::Sent { id }) {
            return false;
        }
        match outcome {
            Outcome::Accepted => {
                let until = now.saturating_add(PATIENCE_MS);
                self.out = Out::Taken { until };
            }
            Outcome::Refused(because) | Outcome::Unknown(because) => {
                self.out = Out::Nothing;
                if self.is_at_work() {
                    self.progress = Progress::Failed(because.clone());
                }
            }
        }
        true
    }

    /// The platform told what went wrong. It counts if it is about the command at work.
    pub fn blame(&mut self, fault: &Fault) {
        let Some(Command::Act(action)) = self.commands.get(self.step) else {
            return;
        };
        if self.is_at_work() && self.out != Out::Nothing && fault.kinds.contains(&action.kind()) {
            self.out = Out::Nothing;
            self.progress = Progress::Failed(Because {
                code: Code::ProviderRefused,
                message: Some(fault.message.clone()),
                retry_after: None,
            });
        }
    }

    fn shows(&self, command: &Command, view: &View) -> bool {
        match command {
            // What it changes comes with this; a view from before may have it already.
            Command::Announce => self.told,
            Command::Act(action) => match &**action {
                Action::SetBrowserPhone(to) => view.agent.browser_phone == to.is_on(),
                Action::SetNumber(number) => *view.agent.number == *number.as_e164(),
                _ => true,
            },
            Command::Pong(_) => true,
        }
    }

    /// When [`SetUp::next`] has something to say without anything else happening.
    pub fn wake_at(&self) -> Option<u64> {
        match self.out {
            Out::Taken { until } if self.is_at_work() => Some(until),
            _ => None,
        }
    }
}

fn is_number(command: &Command) -> bool {
    matches!(command, Command::Act(action) if matches!(**action, Action::SetNumber(_)))
}
