//! Callbacks: taken down, read, changed and called off.

use std::net::IpAddr;

use patchcord_core::callback::CallbackState;
use patchcord_core::error::{Code, Error};
use patchcord_core::number::{Extension, PhoneNumber};
use patchcord_core::payload::Payload;
use serde_json::{Value, json};

use crate::audit::{self, Action, Actor};
use crate::clock::{self, Millis};
use crate::config::{SiteKey, Topic};
use crate::fields::{self, Filled};
use crate::http::body::Members;
use crate::http::problem::Problem;
use crate::idempotent::{self, By, Given, Turn};
use crate::manage::Taken;
use crate::policy::admission::Admission;
use crate::proof::{self, Verified};
use crate::relay::Relay;
use crate::store::Conn;
use crate::store::callback::{self, Callback, Changed};
use crate::store::consent::Consent;
use crate::store::delivery;
use crate::store::idempotency::{Claim, Reply};
use crate::wakes::Wake;
use crate::{crash, kept_reply, policy, random, schedule, store};

/// How far ahead a callback may be wished for.
pub const MAX_AHEAD: Millis = 366 * 24 * 60 * 60 * 1000;
/// The most characters of `page`.
const MAX_PAGE: usize = 2048;

/// A visitor's wish, as it was sent; checked against the key's configuration.
#[derive(Debug)]
pub struct Wish {
    number: PhoneNumber,
    topic: String,
    at: Option<Millis>,
    /// When it is handed over.
    due: Millis,
    payload: Payload,
    fields: Filled,
    consent: Option<String>,
    page: Option<String>,
    proof: Option<Verified>,
    /// The answer of the captcha, which is not checked yet.
    pub captcha: Option<String>,
}

/// Reads the body of `POST /v1/callbacks`.
///
/// # Errors
/// What is wrong with it, with the field.
pub fn read(relay: &Relay, key: &SiteKey, body: &[u8]) -> Result<Wish, Problem> {
    let mut members = Members::read(body)?;
    let number: PhoneNumber = members
        .parsed("number")?
        .ok_or_else(|| missing("number", "the number to call, in E.164 form"))?;
    // Read and checked; no provider has a field for it (see the contract).
    let _extension: Option<Extension> = members.parsed("extension")?;
    let topic: String = members.required("topic", "one of the key's topics")?;
    let at = members.optional::<String>("at", "a time in RFC 3339")?;
    let topic_entry = topic_of(relay, key, &topic)?;
    let fields = fields::read(key, &topic, members.members("fields")?)?;
    let payload = members.payload()?;
    let consent = read_consent(key, members.members("consent")?)?;
    let proof = members.optional::<String>("proof", "the base64 of an ALTCHA payload")?;
    let captcha = members.optional::<String>("captcha", "the answer of the captcha")?;
    let page = members.optional::<String>("page", "the page's address")?;
    members.finish()?;
    let proof = proof::read(&relay.proofs, key, proof.as_deref(), relay.clock.now())?;

    if page
        .as_ref()
        .is_some_and(|page| page.chars().count() > MAX_PAGE)
    {
        return Err(Problem::of(
            Code::InvalidField,
            "page",
            format!("`page` has more than {MAX_PAGE} characters."),
        ));
    }
    let at = at
        .map(|text| read_time(&text, topic_entry, relay.clock.now()))
        .transpose()?;
    policy::check_number(&relay.config, &number)?;
    let due = schedule::due(relay, topic_entry, &number, at, relay.clock.now())?;
    Ok(Wish {
        number,
        topic,
        at,
        due,
        payload,
        fields,
        consent,
        page,
        proof,
        captcha,
    })
}

fn missing(field: &str, expected: &str) -> Problem {
    Problem::of(
        Code::MissingField,
        field,
        format!("`{field}` is missing: {expected}."),
    )
}

/// The topic of this name, if the key has it.
///
/// # Errors
/// [`Code::TopicUnknown`].
pub fn topic_of<'a>(relay: &'a Relay, key: &SiteKey, name: &str) -> Result<&'a Topic, Problem> {
    let topic = relay
        .config
        .topics
        .get(name)
        .filter(|_| key.topics.iter().any(|topic| topic == name));
    topic.map(AsRef::as_ref).ok_or_else(|| {
        Problem::of(Code::TopicUnknown, "topic", "This key has no such topic.")
            .with_remedy("GET /v1/config lists the key's topics.")
    })
}

fn read_time(text: &str, topic: &Topic, now: Millis) -> Result<Millis, Problem> {
    let invalid = |detail: &str| Problem::of(Code::InvalidField, "at", detail);
    if !topic.schedule {
        return Err(invalid("No time can be chosen for this topic.").with_remedy("Leave `at` out."));
    }
    let at = clock::from_rfc3339(text).ok_or_else(|| {
        invalid("`at` has to be a time in RFC 3339, as 2026-11-22T10:30:00+01:00.")
    })?;
    if at < now - schedule::LATE {
        return Err(invalid("`at` is in the past.")
            .with_remedy("Leave `at` out to be called as soon as possible."));
    }
    if at > now + MAX_AHEAD {
        return Err(invalid("`at` is more than a year ahead."));
    }
    Ok(at)
}

/// What was agreed to, as it is kept.
fn read_consent(key: &SiteKey, given: Option<Members>) -> Result<Option<String>, Problem> {
    let given = match given {
        None => None,
        Some(mut members) => {
            let version: String = members.required("version", "the version of the text")?;
            let agreed: bool = members.required("given", "true")?;
            members.finish()?;
            agreed.then_some(version)
        }
    };
    match (&key.consent, given) {
        (None, _) => Ok(None),
        (Some(_), None) => Err(Problem::of(
            Code::ConsentRequired,
            "consent",
            "The visitor has to agree first.",
        )
        .with_remedy("Show the text of GET /v1/config and send its version with `given: true`.")),
        (Some(text), Some(version)) if text.version != version => Err(Problem::of(
            Code::ConsentOutdated,
            "consent.version",
            "Consent was given to another text than today's.",
        )
        .with_remedy("Show the text of GET /v1/config again.")),
        (Some(_), Some(version)) => Ok(Some(version)),
    }
}

/// Takes a wish down, unless this request was answered before. When this returns, it is kept.
///
/// # Errors
/// What the relay itself refuses.
pub async fn take(
    relay: &Relay,
    key: &SiteKey,
    visitor: IpAddr,
    wish: Wish,
    claim: Claim,
) -> Result<Given, Problem> {
    let now = relay.clock.now();
    let topic = topic_of(relay, key, &wish.topic)?;
    let admission = Admission::of_callback(relay, key, &topic.account, visitor, &wish.number);
    let manage_token = random::bearer("pcm")?;
    let callback = Callback {
        id: random::id("cb")?,
        reference: random::reference()?,
        site_key: key.key.clone(),
        topic: wish.topic,
        number: wish.number.as_e164().to_owned(),
        at: wish.at,
        payload: wish.payload.as_json().to_owned(),
        fields: serde_json::to_string(&wish.fields).map_err(|error| Problem::internal(&error))?,
        consent: wish.consent,
        page: wish.page,
        state: CallbackState::Queued,
        dispatch_at: wish.due,
        attempts: 0,
        code: None,
        message: None,
        manage_hash: random::hash(manage_token.as_bytes()).to_vec(),
        created_at: now,
        run: None,
    };
    let consent = consent_proof(key, &callback, &admission);
    let body = serde_json::to_string(&Taken::of(&relay.config, key, &callback, &manage_token))
        .map_err(|error| Problem::internal(&error))?;
    let reply = Reply { status: 201, body };
    let (id, topic) = (callback.id.clone(), callback.topic.clone());
    let by = By::Reply(kept_reply::seal(relay, &claim, &reply)?);
    let proof = wish.proof;
    let channels = relay.channels.clone();
    let turn = idempotent::once(relay, claim.clone(), by, move |tx, now| {
        Box::pin(async move {
            if let Some(proof) = proof
                && !store::proof::use_once(tx, &proof).await?
            {
                return Err(proof::refusal(Code::ProofUsed));
            }
            admission.check(tx).await?;
            callback::insert(tx, &callback).await?;
            if let Some(consent) = &consent {
                store::consent::insert(tx, consent).await?;
            }
            note(tx, Action::CallbackTaken, &callback, now).await?;
            delivery::of_callback(tx, &channels, &callback, now).await?;
            admission.count(tx, now).await
        })
    });
    if let Turn::Answered(kept) = turn.await? {
        return kept_reply::open(relay, &claim, kept).map(Given::Again);
    }
    crash::point("callback queued");
    relay
        .metrics
        .callback_became(CallbackState::Queued.as_str(), None, 1);
    tracing::info!(callback = id, topic, number = ?wish.number, "callback queued");
    relay.wakes.wake(Wake::Due);
    relay.wakes.delivery.notify_waiters();
    Ok(Given::First(reply))
}

/// What is kept of the visitor's consent.
fn consent_proof(key: &SiteKey, callback: &Callback, admission: &Admission) -> Option<Consent> {
    let text = key.consent.as_ref()?;
    Some(Consent {
        callback: callback.id.clone(),
        site_key: key.key.clone(),
        number_hash: admission.number.to_vec(),
        version: callback.consent.clone()?,
        text_hash: random::hash(text.text.written().as_bytes()).to_vec(),
        page: callback.page.clone(),
        given_at: callback.created_at,
    })
}

/// The callback that this manage token belongs to.
///
/// # Errors
/// [`Code::ManageTokenInvalid`], also for a callback that does not exist: who has no token learns nothing.
pub async fn find(relay: &Relay, id: &str, manage_token: &str) -> Result<Callback, Problem> {
    relay
        .store
        .callback(id, &random::hash(manage_token.as_bytes()))
        .await?
        .ok_or_else(manage_token_invalid)
}

/// The refusal for a manage token that is missing or wrong.
pub fn manage_token_invalid() -> Problem {
    Problem::new(Code::ManageTokenInvalid, "The manage token does not belong to this callback.")
        .with_remedy("Send the `manage_token` of the reply to POST /v1/callbacks in the header Patchcord-Manage.")
}

/// What a visitor may change about a callback.
#[derive(Debug, Clone, Copy)]
pub enum Change {
    /// The wished time, `None` is as soon as possible, and when it is handed over.
    At(Option<Millis>, Millis),
    /// Not at all.
    Cancel,
}

/// Reads the body of `PATCH /v1/callbacks/{id}`.
///
/// # Errors
/// What is wrong with it, with the field.
pub fn read_change(relay: &Relay, callback: &Callback, body: &[u8]) -> Result<Change, Problem> {
    let mut members = Members::read(body)?;
    let Some(at) = members.nullable::<String>("at", "a time in RFC 3339, or null")? else {
        return Err(missing(
            "at",
            "the new time, or null for as soon as possible",
        ));
    };
    members.finish()?;
    let topic = relay.config.topics.get(&callback.topic).ok_or_else(|| {
        Problem::of(
            Code::TopicUnknown,
            "topic",
            "The callback's topic is no longer configured.",
        )
    })?;
    let now = relay.clock.now();
    let at = at.map(|text| read_time(&text, topic, now)).transpose()?;
    let number: PhoneNumber = callback.number.parse().map_err(Error::from)?;
    let due = schedule::due(relay, topic, &number, at, now)?;
    Ok(Change::At(at, due))
}

/// Changes a callback or calls it off. One that is called off stays so: whoever asks again may have had no reply.
///
/// # Errors
/// [`Code::TooLate`] after it began to be handed over.
pub async fn change(
    relay: &Relay,
    callback: &Callback,
    change: Change,
) -> Result<Callback, Problem> {
    let now = relay.clock.now();
    let (id, channels) = (callback.id.clone(), relay.channels.clone());
    let (callback, action) = relay
        .store
        .write(move |tx| {
            Box::pin(async move {
                let mut callback = callback::find(tx, &id)
                    .await?
                    .ok_or_else(manage_token_invalid)?;
                let next = match (callback.state, change) {
                    (CallbackState::Cancelled, Change::Cancel) => return Ok((callback, None)),
                    (CallbackState::Queued | CallbackState::Due, Change::Cancel) => {
                        CallbackState::Cancelled
                    }
                    (CallbackState::Queued | CallbackState::Due, Change::At(at, due)) => {
                        callback.at = at;
                        callback.dispatch_at = due;
                        CallbackState::Queued
                    }
                    _ => return Err(too_late()),
                };
                match callback::change(tx, &mut callback, next).await? {
                    Changed::Yes => {
                        let action = match change {
                            Change::At(..) => Action::CallbackChanged,
                            Change::Cancel => Action::CallbackCancelled,
                        };
                        note(tx, action, &callback, now).await?;
                        delivery::of_callback(tx, &channels, &callback, now).await?;
                        Ok((callback, Some(action)))
                    }
                    Changed::Stale => Err(too_late()),
                }
            })
        })
        .await?;
    if action.is_none() {
        return Ok(callback);
    }
    if callback.state == CallbackState::Cancelled {
        relay.metrics.callback(&callback);
    }
    tracing::info!(
        callback = callback.id,
        state = callback.state.as_str(),
        "callback changed"
    );
    relay.wakes.wake(Wake::Due);
    Ok(callback)
}

/// What the visitor did with it.
async fn note(
    tx: &mut Conn,
    action: Action,
    callback: &Callback,
    now: Millis,
) -> Result<(), sqlx::Error> {
    let detail = match action {
        Action::CallbackTaken => {
            json!({ "number": audit::masked(&callback.number), "topic": callback.topic })
        }
        Action::CallbackChanged => json!({ "at": callback.at.map(clock::to_rfc3339) }),
        _ => Value::Null,
    };
    let who = Actor::Visitor(&callback.site_key);
    audit::write(tx, who, action, &callback.id, detail, now).await
}

fn too_late() -> Problem {
    Problem::new(
        Code::TooLate,
        "The callback has already been handed on, or is over.",
    )
}
