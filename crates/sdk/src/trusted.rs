//! The JavaScript class `Samespace`: Samespace without a relay, for closed networks only.
//!
//! Dial and callback carry no credential: whoever can send them can ring an agent, or any number. So nothing is done
//! without `trusted: true`, and a page that strangers can open must not use this.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Object, Promise};
use patchcord_core::call::CallRequest;
use patchcord_core::callback::CallbackRequest;
use patchcord_core::error::{Code, Error};
use patchcord_core::http::Request;
use patchcord_core::number::{Dialable, PhoneNumber};
use patchcord_core::outcome::Outcome;
use patchcord_core::payload::Payload;
use patchcord_core::provider::samespace::{Samespace as Account, Target};
use patchcord_core::provider::{Provider, Rotation};
use patchcord_core::record::Record;
use patchcord_core::secret::Secret;
use wasm_bindgen::prelude::*;

use crate::desk::wire;
use crate::failure::Failure;
use crate::{js, time};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("../types/patchcord-direct.d.ts");

/// A second request for the same number within so many milliseconds is a double click.
const SAME_CLICK: u64 = 3_000;

/// A Samespace account.
#[wasm_bindgen(skip_typescript)]
pub struct Samespace {
    account: Rc<Account>,
    /// What was dialled lately, and when.
    lately: RefCell<Vec<(String, u64)>>,
}

#[wasm_bindgen]
impl Samespace {
    /// `{direct, account, trusted: true}`: the platform's origin, and the tenancy in usernames.
    ///
    /// # Errors
    /// `missing_attribute` without `trusted`, `invalid_field` for what is no address.
    #[wasm_bindgen(constructor, skip_typescript)]
    pub fn new(options: &JsValue) -> Result<Samespace, JsValue> {
        if js::get(options, "trusted") != JsValue::TRUE {
            return Err(Failure::about("trusted", Code::MissingAttribute).into_js());
        }
        let text = |key| js::text(options, key).unwrap_or_default();
        Ok(Samespace {
            account: Rc::new(Account::at(&text("direct"), &text("account")).map_err(thrown)?),
            lately: RefCell::default(),
        })
    }

    /// `{agent, number, callerId?, record?, payload?}`: rings the agent's dock. Sent once.
    #[wasm_bindgen(skip_typescript)]
    pub fn dial(&self, request: &JsValue) -> Promise {
        let built = call(request).and_then(|call| {
            let agent = js::text(request, "agent").unwrap_or_default();
            Ok((
                self.account.dial(&agent, &call, None)?,
                [agent, call.number.as_e164().to_owned()].join(" "),
            ))
        });
        self.once(built, |account, reply| account.read_dial(reply).outcome)
    }

    /// `{spaceId, teamName, number, payload?}`: has a team call the number. Sent once.
    #[wasm_bindgen(skip_typescript)]
    pub fn callback(&self, request: &JsValue) -> Promise {
        let text = |key| js::text(request, key).unwrap_or_default();
        let target = Target {
            space_id: text("spaceId"),
            team_name: text("teamName"),
        };
        let built = call(request).and_then(|call| {
            let callback = CallbackRequest {
                number: call.number.clone(),
                at: None,
                payload: call.payload,
            };
            let what = [
                &*target.space_id,
                &target.team_name,
                callback.number.as_e164(),
            ]
            .join(" ");
            Ok((self.account.team_call(&target, &callback)?, what))
        });
        self.once(built, |account, reply| account.read_callback(reply))
    }

    /// Exchanges the account's `auth_token` for a new one. Sent once: after a lost reply the old token may be dead, so
    /// `unknown` wants a person.
    #[wasm_bindgen(js_name = resetToken, skip_typescript)]
    pub fn reset_token(&self, auth_token: String) -> Promise {
        let account = self.account.clone();
        js::promise(async move {
            let request = account
                .reset_token(&Secret::new(auth_token))
                .map_err(thrown)?;
            let got = wire::send(request, None).await;
            Ok(match account.read_reset(got.reply) {
                Rotation::Rotated(token) => {
                    let object = told(&Outcome::Accepted);
                    js::set_text(&object, "authToken", Some(token.expose()));
                    object
                }
                // The new token has to be looked up.
                Rotation::AcceptedWithoutToken => told(&Outcome::Accepted),
                Rotation::Refused(outcome) | Rotation::Unknown(outcome) => told(&outcome),
            }
            .into())
        })
    }

    fn once(
        &self,
        built: Result<(Request, String), Error>,
        read: fn(&Account, patchcord_core::http::Reply) -> Outcome,
    ) -> Promise {
        let (request, what) = match built {
            Ok(built) => built,
            Err(error) => return Promise::reject(&thrown(error)),
        };
        let now = time::now();
        let mut lately = self.lately.borrow_mut();
        // A time to come is one of a clock that was set back since.
        lately.retain(|(_, at)| now.checked_sub(*at).is_some_and(|ago| ago < SAME_CLICK));
        if lately.iter().any(|(known, _)| *known == what) {
            return Promise::reject(&Failure::about("number", Code::DuplicateCall).into_js());
        }
        lately.push((what, now));
        let account = self.account.clone();
        js::promise(async move {
            let got = wire::send(request, None).await;
            Ok(told(&read(&account, got.reply)).into())
        })
    }
}

/// What a page asks for.
fn call(request: &JsValue) -> Result<CallRequest, Error> {
    let text = |object: &JsValue, key| js::text(object, key).unwrap_or_default();
    let number: Dialable = text(request, "number").parse()?;
    let mut call = CallRequest::to(number.number);
    if let Some(caller_id) = js::text(request, "callerId") {
        let number: PhoneNumber = caller_id.parse()?;
        call.caller_id = Some(number);
    }
    let record = js::get(request, "record");
    if js::is_object(&record) {
        call.record = Some(Record {
            system: text(&record, "system"),
            kind: text(&record, "type"),
            id: text(&record, "id"),
            name: js::text(&record, "name"),
            url: js::text(&record, "url"),
        });
    }
    let payload = js::get(request, "payload");
    if js::is_object(&payload) {
        let json = js::stringify(&payload).unwrap_or_default();
        call.payload = Payload::from_json(&json)?;
    }
    Ok(call)
}

fn told(outcome: &Outcome) -> Object {
    let object = Object::new();
    js::set_text(&object, "outcome", Some(outcome.as_str()));
    if let Some(because) = outcome.because() {
        js::set_text(&object, "code", Some(because.code.as_str()));
        js::set_text(&object, "message", because.message.as_deref());
    }
    object
}

fn thrown(error: Error) -> JsValue {
    let field = error.field.as_deref().unwrap_or_default();
    Failure::about(field, error.code)
        .saying(&error.message)
        .into_js()
}
