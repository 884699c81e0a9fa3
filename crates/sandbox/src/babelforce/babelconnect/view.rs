//! What the stream shows of the account: one agent's view of it, and what changes in it.

use serde::Serialize;
use serde_json::Value;

use super::conference::ConferenceState;
use super::json::value;
use super::shapes::{WrapUpBody, config};
use super::sms::ConversationBody;
use super::wrap_up::WrapUp;
use crate::babelforce::agents::Agent;
use crate::babelforce::calls::CallState;
use crate::babelforce::{Babelforce, Moment};
use crate::exchange::Millis;

/// What one agent's stream has been told, or is to be told.
#[derive(Clone, Default)]
pub(super) struct View {
    pub config: Option<Value>,
    pub agent: Value,
    pub calls: Vec<Keyed>,
    pub conferences: Vec<Keyed>,
    pub sms: Vec<Keyed>,
    pub wrap_up: Option<WrapUp>,
}

/// Something in the view with the key by which it is replaced.
#[derive(Clone)]
pub(super) struct Keyed {
    pub key: String,
    pub value: Value,
    pub life: Life,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    Live,
    /// Shown once more as what it ended as, then taken away.
    Over,
}

/// How much a stream has asked for: the account's data comes with `register`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Registered {
    Yes,
    No,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ViewBody<'a> {
    #[serde(skip_serializing_if = "Value::is_null")]
    agent: &'a Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    active_calls: Vec<&'a Value>,
    wrap_up: WrapUpBody,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sms: Vec<&'a Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    conferences: Vec<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    config: Option<&'a Value>,
}

impl View {
    /// The view as a whole.
    pub fn snapshot(&self, at: Millis) -> Value {
        let values = |list: &'_ [Keyed]| -> Vec<Value> {
            list.iter().map(|keyed| keyed.value.clone()).collect()
        };
        let (calls, conferences, sms) = (
            values(&self.calls),
            values(&self.conferences),
            values(&self.sms),
        );
        value(&ViewBody {
            agent: &self.agent,
            active_calls: calls.iter().collect(),
            wrap_up: WrapUpBody::of(self.wrap_up.as_ref(), at),
            sms: sms.iter().collect(),
            conferences: conferences.iter().collect(),
            config: self.config.as_ref(),
        })
    }

    /// What has changed since `told`, as patches in the order in which they are sent.
    pub fn patches_since(&self, told: &Self, at: Millis) -> Vec<Value> {
        let mut patches = Vec::new();
        if let Some(config) = &self.config
            && told.config.is_none()
        {
            patches.push(patch("config", config.clone()));
            patches.push(patch("agent", self.agent.clone()));
        }
        list_patches("call", &told.calls, &self.calls, &mut patches);
        list_patches(
            "conference",
            &told.conferences,
            &self.conferences,
            &mut patches,
        );
        if self.wrap_up != told.wrap_up {
            let body = WrapUpBody::of(self.wrap_up.as_ref(), at);
            patches.push(patch("wrapUp", value(&body)));
        }
        let agent_told = self.config.is_some() && told.config.is_none();
        if self.agent != told.agent && !agent_told {
            patches.push(patch("agent", self.agent.clone()));
        }
        list_patches("sms", &told.sms, &self.sms, &mut patches);
        patches
    }

    /// Forgets what is over, now that it has been told.
    pub fn settled(mut self) -> Self {
        for list in [&mut self.calls, &mut self.conferences, &mut self.sms] {
            list.retain(|keyed| keyed.life == Life::Live);
        }
        self
    }

    fn knows_call(&self, id: &str) -> bool {
        self.calls.iter().any(|call| call.key == id)
    }

    fn knows_conference(&self, id: &str) -> bool {
        self.conferences.iter().any(|keyed| keyed.key == id)
    }
}

pub(super) fn patch(arm: &str, body: Value) -> Value {
    Value::Object([(arm.to_owned(), body)].into_iter().collect())
}

fn list_patches(kind: &str, told: &[Keyed], now: &[Keyed], patches: &mut Vec<Value>) {
    let (upsert, remove) = (format!("{kind}Upsert"), format!("{kind}Remove"));
    for item in now {
        let before = told.iter().find(|other| other.key == item.key);
        if before.is_none_or(|before| before.value != item.value) {
            patches.push(patch(&upsert, item.value.clone()));
        }
        if item.life == Life::Over {
            patches.push(patch(&remove, Value::String(item.key.clone())));
        }
    }
    for item in told {
        if !now.iter().any(|other| other.key == item.key) {
            patches.push(patch(&remove, Value::String(item.key.clone())));
        }
    }
}

impl Babelforce {
    /// What the agent's stream is to show; `told` is what it has shown so far.
    pub(super) fn view(
        &self,
        agent: &Agent,
        registered: Registered,
        told: &View,
        moment: &Moment,
    ) -> View {
        let mine = self.calls.iter().filter(|call| call.is_of(agent.id));
        let shown = mine.filter(|call| {
            call.state != CallState::Scheduled
                && (!call.state.is_final() || told.knows_call(&call.id))
        });
        let calls = shown.map(|call| Keyed {
            key: call.id.clone(),
            value: value(&self.call_state(call)),
            life: if call.state.is_final() {
                Life::Over
            } else {
                Life::Live
            },
        });
        let conferences = self.conferences.iter().filter_map(|conference| {
            let here = conference.member_of(agent.id)?;
            let over = conference.state == ConferenceState::Finished || !here.state.is_live();
            (!over || told.knows_conference(&conference.id)).then(|| Keyed {
                key: conference.id.clone(),
                value: value(&self.conference_body(conference, here)),
                life: if over { Life::Over } else { Life::Live },
            })
        });
        let sms = self.conversations.iter();
        let sms = sms.filter(|one| one.agent == agent.id).map(|one| Keyed {
            key: one.peer.clone(),
            value: value(&ConversationBody::of(one)),
            life: Life::Live,
        });
        View {
            config: match registered {
                Registered::Yes => Some(value(&config(&moment.settings.features))),
                Registered::No => None,
            },
            agent: value(&self.agent_info(agent, registered)),
            calls: calls.collect(),
            conferences: conferences.collect(),
            sms: sms.collect(),
            wrap_up: agent.wrap_up.clone(),
        }
    }
}
