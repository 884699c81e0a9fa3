//! Recordings of calls.

use serde::Serialize;

use super::command::Tags;
use super::problem::{Code, Problem};
use super::shapes::RECORDING_TAGS;
use crate::babelforce::calls::Call;
use crate::babelforce::{Babelforce, Kept, Moment};
use crate::exchange::Millis;
use crate::ids::Ids;

/// The recording that is running.
#[derive(Clone, Serialize)]
pub(crate) struct Recording {
    pub id: String,
    pub flagged: bool,
    pub tags: Vec<String>,
}

impl Call {
    pub(in crate::babelforce) fn start_recording(&mut self, ids: &mut Ids, at: Millis) {
        let kept = Kept::new(ids, at);
        self.recorded = true;
        self.recording = Some(Recording {
            id: kept.id.clone(),
            flagged: false,
            tags: Vec::new(),
        });
        self.recordings.push(kept);
    }
}

impl Babelforce {
    pub(super) fn start_recording(
        &mut self,
        agent: &str,
        call: &str,
        moment: &mut Moment,
    ) -> Result<(), Problem> {
        let allowed = self.agent(agent).is_some_and(|agent| agent.can_record);
        let call = self.connected(agent, call)?;
        let refused = |text| Problem::new(Code::StartRecordingFailed, text).of_call(&call.id);
        if !allowed {
            return Err(refused("the agent may not record"));
        }
        if call.recording.is_some() {
            return Err(refused("the call is being recorded already"));
        }
        call.start_recording(moment.ids, moment.at);
        Ok(())
    }

    pub(super) fn stop_recording(
        &mut self,
        agent: &str,
        call: &str,
        moment: &Moment,
    ) -> Result<(), Problem> {
        let call = self.connected(agent, call)?;
        match call.recording.take() {
            Some(_) => {
                call.recordings
                    .iter_mut()
                    .for_each(|kept| kept.end(moment.at));
                Ok(())
            }
            None => Err(
                Problem::new(Code::StopRecordingFailed, "the call is not being recorded")
                    .of_call(&call.id),
            ),
        }
    }

    pub(super) fn flag_recording(&mut self, agent: &str, call: &str) -> Result<(), Problem> {
        let recording = self.recording(agent, call)?;
        recording.flagged = !recording.flagged;
        Ok(())
    }

    pub(super) fn tag_recording(&mut self, agent: &str, wish: Tags) -> Result<(), Problem> {
        let recording = self.recording(agent, &wish.call_id)?;
        let unknown = wish
            .tags
            .iter()
            .find(|tag| !RECORDING_TAGS.contains(&tag.as_str()));
        if let Some(tag) = unknown {
            let text = format!("{tag} is no tag of the account");
            return Err(Problem::new(Code::SetRecordingTagsFailed, text).of_call(wish.call_id));
        }
        recording.tags.clone_from(&wish.tags);
        let id = recording.id.clone();
        if let Some(call) = self.call_mut(&wish.call_id) {
            let kept = call.recordings.iter_mut().find(|kept| kept.id == id);
            kept.into_iter()
                .for_each(|kept| kept.tags.clone_from(&wish.tags));
        }
        Ok(())
    }

    fn recording(&mut self, agent: &str, call: &str) -> Result<&mut Recording, Problem> {
        let call = self.connected(agent, call)?;
        let id = call.id.clone();
        call.recording.as_mut().ok_or_else(|| {
            Problem::new(Code::NotRecording, "the call is not being recorded").of_call(id)
        })
    }
}
