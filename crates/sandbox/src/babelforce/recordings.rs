//! Recordings that the account keeps, and the sound behind their public addresses.

use serde::Serialize;

use super::calls::Call;
use super::{Babelforce, Moment, item, not_found, paging};
use crate::exchange::{Millis, Reply, Request};
use crate::ids::Ids;

/// A recording, running or kept.
#[derive(Clone, Serialize)]
pub(crate) struct Kept {
    pub id: String,
    /// What its public address has instead of its id: whoever has the address can hear it.
    key: String,
    file: String,
    from: Millis,
    until: Option<Millis>,
    pub tags: Vec<String>,
}

impl Kept {
    pub fn new(ids: &mut Ids, from: Millis) -> Self {
        Self {
            id: ids.hex(),
            key: ids.hex(),
            file: ids.hex(),
            from,
            until: None,
            tags: Vec::new(),
        }
    }

    /// It is over, unless it has been before.
    pub fn end(&mut self, at: Millis) {
        self.until.get_or_insert(at);
    }

    /// Seconds, of what there is to hear.
    fn duration(&self) -> u64 {
        let until = self.until.unwrap_or(self.from);
        until.saturating_sub(self.from) / 1_000
    }
}

#[derive(Serialize)]
pub(super) struct RecordingBody<'a> {
    id: &'a str,
    duration: u64,
    url: String,
    state: &'static str,
    file: FileBody<'a>,
    call: CallBody<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<AgentBody<'a>>,
    tags: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FileBody<'a> {
    id: &'a str,
    name: String,
    size: usize,
    content_type: &'static str,
    state: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CallBody<'a> {
    id: &'a str,
    conversation_id: &'a str,
    r#type: &'static str,
    from: &'a str,
    to: &'a str,
}

#[derive(Serialize)]
struct AgentBody<'a> {
    id: &'a str,
    name: &'a str,
    number: &'a str,
}

impl Babelforce {
    /// The recordings of a call. `host` is where the sandbox was asked.
    pub(super) fn recordings_of<'a>(
        &'a self,
        call: &'a Call,
        host: &str,
    ) -> Vec<RecordingBody<'a>> {
        let kept = call.recordings.iter();
        kept.map(|kept| self.recording_body(call, kept, host))
            .collect()
    }

    fn recording_body<'a>(
        &'a self,
        call: &'a Call,
        kept: &'a Kept,
        host: &str,
    ) -> RecordingBody<'a> {
        let agent = call.agent_id.as_deref().and_then(|id| self.agent(id));
        let over = kept.until.is_some();
        RecordingBody {
            id: &kept.id,
            duration: kept.duration(),
            url: format!("http://{host}/recordings/{}.wav", kept.key),
            state: if over { "stored" } else { "recording" },
            file: FileBody {
                id: &kept.file,
                name: format!("{}.wav", kept.id),
                size: if over { tone().len() } else { 0 },
                content_type: "audio/wav",
                state: if over { "stored" } else { "storing" },
            },
            call: CallBody {
                id: &call.id,
                conversation_id: &call.conversation_id,
                r#type: call.direction.word(),
                from: &call.from,
                to: &call.to,
            },
            agent: agent.map(|agent| AgentBody {
                id: agent.id,
                name: agent.name,
                number: &agent.number,
            }),
            tags: &kept.tags,
        }
    }

    fn kept(&self) -> impl Iterator<Item = (&Call, &Kept)> {
        let calls = self.calls.iter().rev();
        calls.flat_map(|call| call.recordings.iter().rev().map(move |kept| (call, kept)))
    }

    /// The newest first (inferred).
    pub(super) fn list_recordings(&self, request: &Request) -> Reply {
        let host = request.host();
        let bodies = self
            .kept()
            .map(|(call, kept)| self.recording_body(call, kept, host));
        paging::page(bodies.collect(), request)
    }

    pub(super) fn get_recording(&self, id: &str, request: &Request) -> Reply {
        match self.kept().find(|(_, kept)| kept.id == id) {
            Some((call, kept)) => item(self.recording_body(call, kept, request.host())),
            None => not_found("recording"),
        }
    }

    /// The sound of a recording, for anybody who knows its address.
    pub(super) fn sound(&self, name: &str) -> Reply {
        let key = name.strip_suffix(".wav").unwrap_or(name);
        match self
            .kept()
            .find(|(_, kept)| kept.key == key && kept.until.is_some())
        {
            Some(_) => Reply::new(200, "audio/wav", tone()),
            None => not_found("recording"),
        }
    }

    /// Ends what is being recorded of a call.
    pub(super) fn end_recordings(&mut self, call: &str, moment: &Moment) {
        if let Some(call) = self.call_mut(call) {
            call.recordings
                .iter_mut()
                .for_each(|kept| kept.end(moment.at));
        }
    }
}

/// What is heard of every recording: a second of 440 Hz, 8 kHz with 8 bits.
fn tone() -> Vec<u8> {
    const RATE: u32 = 8_000;
    let samples = (0..RATE).map(|at| {
        // Good enough for a beep: a triangle.
        let phase = at * 440 % RATE * 4 / (RATE / 64);
        let height = if phase < 128 {
            phase
        } else {
            255 - phase.min(255)
        };
        u8::try_from(64 + height).unwrap_or(u8::MAX)
    });
    let mut file = Vec::new();
    file.extend(b"RIFF");
    file.extend((36 + RATE).to_le_bytes());
    file.extend(b"WAVEfmt ");
    file.extend(16_u32.to_le_bytes());
    for short in [1_u16, 1] {
        file.extend(short.to_le_bytes());
    }
    for long in [RATE, RATE] {
        file.extend(long.to_le_bytes());
    }
    for short in [1_u16, 8] {
        file.extend(short.to_le_bytes());
    }
    file.extend(b"data");
    file.extend(RATE.to_le_bytes());
    file.extend(samples);
    file
}
