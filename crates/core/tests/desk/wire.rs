//! A platform that keeps the state of one agent as JSON and tells of it as the Agent API does. It shares no code
//! with what is tested.

use patchcord_core::desk::session::Piece;
use patchcord_core::provider;
use patchcord_core::provider::desk::{Desk, SignIn};
use serde_json::{Value, json};

/// The desks of a deployment.
pub fn desk() -> Box<dyn Desk> {
    provider::desk("babelforce", "https://agent.example.com").unwrap()
}

/// How its agents sign in.
pub fn sign_in() -> Box<dyn SignIn> {
    provider::sign_in("babelforce", "https://agent.example.com").unwrap()
}

/// One envelope of the Connect protocol.
pub fn frame(flags: u8, body: &str) -> Vec<u8> {
    let mut out = vec![flags];
    out.extend_from_slice(&u32::try_from(body.len()).unwrap().to_be_bytes());
    out.extend_from_slice(body.as_bytes());
    out
}

pub fn message(json: &Value) -> Vec<u8> {
    frame(0, &json.to_string())
}

/// What a new reader makes of one message.
pub fn piece(json: &Value) -> Piece {
    let mut pieces = desk().reader().read(&message(json));
    assert_eq!(pieces.len(), 1);
    pieces.remove(0)
}

/// The state of one agent.
#[derive(Debug, Clone)]
pub struct Platform {
    pub view: Value,
    pub seq: u64,
}

impl Platform {
    pub fn new(view: Value) -> Self {
        Self { view, seq: 1 }
    }

    /// An agent who is set up and has no call.
    pub fn idle() -> Self {
        Self::new(json!({
            "agent": agent(),
            "activeCalls": [],
            "wrapUp": {},
            "sms": [],
            "conferences": [],
            "config": config(),
        }))
    }

    pub fn snapshot(&self) -> Value {
        // A number of 64 bits, as text.
        json!({"seq": self.seq.to_string(), "snapshot": self.view})
    }

    /// Changes the state, and tells of it.
    pub fn patch(&mut self, patch: Value) -> Value {
        self.seq += 1;
        apply(&mut self.view, &patch);
        json!({"seq": self.seq, "patch": patch})
    }

    /// Changes a call.
    pub fn call(&mut self, call: Value) -> Value {
        self.patch(json!({"callUpsert": call}))
    }
}

fn apply(view: &mut Value, patch: &Value) {
    let (name, value) = patch.as_object().unwrap().iter().next().unwrap();
    match name.as_str() {
        "agent" => view["agent"] = value.clone(),
        "wrapUp" => view["wrapUp"] = value.clone(),
        "config" => view["config"] = value.clone(),
        "callUpsert" => upsert(&mut view["activeCalls"], "id", value),
        "callRemove" => remove(&mut view["activeCalls"], "id", value),
        "conferenceUpsert" => upsert(&mut view["conferences"], "id", value),
        "conferenceRemove" => remove(&mut view["conferences"], "id", value),
        "smsUpsert" => {
            upsert(&mut view["sms"], "peer", value);
            let all = view["sms"].as_array_mut().unwrap();
            all.sort_by_key(|one| std::cmp::Reverse(one["lastTs"].as_u64()));
        }
        "smsRemove" => remove(&mut view["sms"], "peer", value),
        // Told once, not kept; and what a later version may bring.
        _ => {}
    }
}

fn upsert(list: &mut Value, key: &str, value: &Value) {
    let list = list.as_array_mut().unwrap();
    match list.iter_mut().find(|one| one[key] == value[key]) {
        Some(one) => *one = value.clone(),
        None => list.push(value.clone()),
    }
}

fn remove(list: &mut Value, key: &str, id: &Value) {
    list.as_array_mut().unwrap().retain(|one| one[key] != *id);
}

pub fn agent() -> Value {
    json!({
        "id": "a1", "name": "Alex", "email": "alex@acme.example", "username": "alex",
        "accountId": "acc", "accountName": "Acme", "number": "+4930111111",
        "presence": "AGENT_STATE_AVAILABLE", "presenceName": "available", "presenceLabel": "Available",
        "presenceOptions": [
            {"name": "available", "label": "Available", "available": true},
            {"name": "lunch", "label": "Lunch"},
        ],
        "displayAs": "+493012345678", "availableNumbers": ["+493012345678", "+493087654321"],
        "canRecord": true, "availableTags": ["sale", "complaint"],
        "phonebook": [
            {"label": "Tom", "number": "+4915228817386"},
            {"label": "recent", "number": "+4915228817387"},
        ],
    })
}

pub fn config() -> Value {
    json!({
        "calls": {"enabled": true, "allowTransfer": true, "allowConference": true},
        "history": {"enabled": true}, "phonebook": {"enabled": true},
        "account": {"enabled": true, "allowDeviceSwitch": true, "allowStatusChange": true},
        "cti": {"enabled": true, "screenPop": true}, "serverVersion": "0.45.1",
    })
}

/// A call with the number that the examples dial.
pub fn call(id: &str, state: &str) -> Value {
    json!({
        "id": id, "direction": "CALL_DIRECTION_INBOUND", "state": format!("CALL_LIFECYCLE_{state}"),
        "source": "CALL_SOURCE_QUEUE", "from": "+4915228817386", "to": "+493012345678", "queueName": "Sales",
    })
}

pub fn conference(moderator: bool) -> Value {
    json!({
        "id": "conf", "state": "created", "iAmModerator": moderator, "myMemberId": "me",
        "members": [
            {"id": "me", "state": "added", "display": "Alex", "moderator": moderator, "isMe": true, "callId": "c1"},
            {"id": "m1", "state": "added", "display": "Tom", "number": "+4915228817386", "onHold": true},
            {"id": "m2", "state": "added", "display": "Kim", "agentId": "a2"},
            {"id": "m3", "state": "failed", "display": "Eve", "number": "+4915228817399"},
        ],
    })
}
