//! What somebody with a telephone does when it rings, written down beforehand.

use serde::{Deserialize, Serialize};

use super::acts::{Act, Deed, Side};
use super::timetable::Due;
use super::{Babelforce, Moment};

/// The body of `POST /_sandbox/scripts`: it replaces all scripts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScriptList {
    scripts: Vec<Script>,
}

/// What the telephone with this number does each time it is called: a customer's, a transfer
/// target's, or an agent's own.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    number: String,
    steps: Vec<Step>,
    /// How many calls it is for; absent: all.
    #[serde(default)]
    times: Option<u32>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    r#do: Deed,
    /// Milliseconds after the step before; at the first, after the telephone rings.
    #[serde(default)]
    after_ms: u64,
}

/// A script for one call: who does what, one step after the other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallScript {
    steps: Vec<CallStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CallStep {
    #[serde(default)]
    who: Side,
    r#do: Deed,
    #[serde(default)]
    after_ms: u64,
}

/// A script with what is left of it.
#[derive(Clone, Serialize)]
pub(crate) struct Written {
    #[serde(flatten)]
    script: Script,
    /// How many calls it has met.
    hits: u32,
}

impl Babelforce {
    /// Replaces all scripts, if every one of them makes sense.
    pub(crate) fn set_scripts(&mut self, list: ScriptList) -> Result<(), String> {
        for script in &list.scripts {
            if script.steps.is_empty() {
                return Err(format!("steps: {} has none", script.number));
            }
            if script.times == Some(0) {
                return Err("times: must be at least 1".to_owned());
            }
        }
        let written = list.scripts.into_iter();
        let written = written.map(|script| Written { script, hits: 0 });
        self.scripts = written.collect();
        Ok(())
    }

    /// Puts the steps of one call into the timetable.
    pub(crate) fn follow(&mut self, call: &str, script: CallScript, moment: &Moment) {
        let mut at = moment.at;
        for CallStep {
            who,
            r#do,
            after_ms,
        } in script.steps
        {
            at = at.saturating_add(after_ms);
            let act = Act { who, r#do };
            let call = call.to_owned();
            self.timetable.put(at, Due::Act { call, act });
        }
    }

    /// The telephone with this number begins to ring.
    pub(super) fn play_script(
        &mut self,
        number: &str,
        who: Side,
        call: &str,
        moment: &Moment,
    ) -> Played {
        let found = self.scripts.iter_mut().find(|written| {
            written.script.number == number
                && written
                    .script
                    .times
                    .is_none_or(|times| written.hits < times)
        });
        let Some(written) = found else {
            return Played::Nothing;
        };
        written.hits += 1;
        let steps = written.script.steps.clone();
        let steps = steps.into_iter().map(|Step { r#do, after_ms }| CallStep {
            who,
            r#do,
            after_ms,
        });
        let script = CallScript {
            steps: steps.collect(),
        };
        self.follow(call, script, moment);
        Played::Script
    }
}

/// Whether there was a script.
#[derive(PartialEq, Eq)]
pub(super) enum Played {
    Script,
    Nothing,
}
