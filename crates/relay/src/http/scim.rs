//! `/scim/v2/…`: what an identity provider asks.

use std::future::Future;
use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tracing::Instrument;

use super::body::collect;
use super::path::Id;
use super::problem::Problem;
use crate::config::Directory;
use crate::relay::Relay;
use crate::scim::access::Asker;
use crate::scim::filter::Filter;
use crate::scim::people::If;
use crate::scim::refusal::Refusal;
use crate::scim::{group, groups, patch, people, schema, user};
use crate::store::{person, person_group};

/// The most bytes of a body: a group's members come all at once.
const MAX_BYTES: usize = 1024 * 1024;
/// How many resources a page of a list has where nobody says.
const USUAL: i64 = 100;

/// Every route, where an identity provider is configured.
pub fn router(relay: &Arc<Relay>) -> Router {
    if relay.config.directories.is_empty() {
        return Router::new();
    }
    Router::new()
        .route("/scim/v2/ServiceProviderConfig", get(service_provider))
        .route("/scim/v2/ResourceTypes", get(resource_types))
        .route("/scim/v2/ResourceTypes/{id}", get(resource_type))
        .route("/scim/v2/Schemas", get(schemas))
        .route("/scim/v2/Schemas/{id}", get(one_schema))
        .route("/scim/v2/Users", get(list_people).post(create_person))
        .route(
            "/scim/v2/Users/{id}",
            get(read_person)
                .put(replace_person)
                .patch(change_person)
                .delete(remove_person),
        )
        .route("/scim/v2/Groups", get(list_groups).post(create_group))
        .route(
            "/scim/v2/Groups/{id}",
            get(read_group)
                .put(replace_group)
                .patch(change_group)
                .delete(remove_group),
        )
        .route("/scim/v2/{*rest}", any(nothing))
        .method_not_allowed_fallback(async || Refusal::method())
        .with_state(relay.clone())
}

async fn nothing(_: Asker) -> Refusal {
    Refusal::not_found()
}

/// A body that is a JSON object.
struct Resource(Map<String, Value>);

impl FromRequest<Arc<Relay>> for Resource {
    type Rejection = Refusal;

    async fn from_request(request: Request, _: &Arc<Relay>) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let declared = parts.headers.get(header::CONTENT_TYPE);
        let declared = declared.and_then(|value| value.to_str().ok());
        let kind = declared.and_then(|text| text.split(';').next());
        let fits = |kind: &str| {
            let known = ["application/scim+json", "application/json"];
            known
                .iter()
                .any(|one| kind.trim().eq_ignore_ascii_case(one))
        };
        if !kind.is_some_and(fits) {
            return Err(Refusal::media_type());
        }
        let bytes = collect(&parts.headers, body, MAX_BYTES).await?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|_| Refusal::syntax("The body has to be a JSON object."))
    }
}

/// What a question may say besides its path.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Asked {
    filter: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
}

type Read = Result<Query<Asked>, QueryRejection>;

fn asked(read: Read) -> Result<Asked, Refusal> {
    read.map(|Query(asked)| asked)
        .map_err(|_| Refusal::value("startIndex and count", "whole numbers"))
}

impl Asked {
    fn filter(&self) -> Result<Vec<(String, Value)>, Refusal> {
        let Some(text) = self.filter.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(Vec::new());
        };
        let Filter(conditions) = text
            .parse()
            .map_err(|error| Refusal::filter(format!("{error}.")))?;
        // The core schema's own URN means nothing more.
        let bare = |name: String| match name.rsplit_once(':') {
            Some((_, bare)) => bare.to_owned(),
            None => name,
        };
        let conditions = conditions.into_iter();
        Ok(conditions
            .map(|condition| (bare(condition.attribute), condition.value))
            .collect())
    }

    /// The first of the list (from 1), and how many.
    fn page(&self) -> (i64, i64) {
        let count = self.count.unwrap_or(USUAL).clamp(0, schema::MOST);
        (self.start_index.unwrap_or(1).max(1), count)
    }

    /// The resource with as much as was asked for; what it is stays.
    fn shown(&self, mut resource: Value) -> Value {
        let names = |list: &Option<String>| -> Option<Vec<String>> {
            let list = list.as_deref()?.split(',');
            Some(list.map(|name| name.trim().to_ascii_lowercase()).collect())
        };
        let (only, without) = (names(&self.attributes), names(&self.excluded_attributes));
        let meant = |list: &[String], key: &str| {
            let key = key.to_ascii_lowercase();
            let part = |name: &String| {
                // `name.givenName` asks for `name`; `members` may stand behind its schema's URN.
                *name == key
                    || name.ends_with(&format!(":{key}"))
                    || name.starts_with(&format!("{key}."))
                    || name.starts_with(&format!("{key}:"))
            };
            list.iter().any(part)
        };
        if let Some(resource) = resource.as_object_mut() {
            resource.retain(|key, _| {
                let always = ["schemas", "id", "meta"].contains(&key.as_str());
                always
                    || only.as_ref().is_none_or(|only| meant(only, key))
                        && !without.as_ref().is_some_and(|without| meant(without, key))
            });
        }
        resource
    }
}

/// A condition's text.
fn text(value: Value) -> Result<String, Refusal> {
    match value {
        // PostgreSQL cannot compare with it, and nobody is called so.
        Value::String(text) if !text.contains('\0') => Ok(text),
        _ => Err(Refusal::filter(
            "The value of this attribute is text, without a zero character.",
        )),
    }
}

/// Takes a condition's value. Of two that differ, nothing has both.
fn both<T: PartialEq>(place: &mut Option<T>, value: T, never: &mut Never) {
    if place.as_ref().is_some_and(|known| *known != value) {
        *never = Never::Fits;
    }
    *place = Some(value);
}

/// Whether anything can fit a filter.
#[derive(Debug, PartialEq)]
enum Never {
    /// Nothing can.
    Fits,
    /// Something may.
    Mind,
}

fn base(relay: &Relay) -> String {
    let origin = relay.config.public_origin.as_deref();
    format!("{}/scim/v2", origin.unwrap_or_default())
}

fn document(status: StatusCode, document: &Value) -> Response {
    let mut response = (status, document.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, schema::CONTENT_TYPE);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let meta = document.get("meta");
    let meta = |name: &str| {
        let value = meta?.get(name)?.as_str()?;
        HeaderValue::from_str(value).ok()
    };
    if let Some(version) = meta("version") {
        headers.insert(header::ETAG, version);
    }
    if status == StatusCode::CREATED
        && let Some(location) = meta("location")
    {
        headers.insert(header::LOCATION, location);
    }
    response
}

fn list(resources: Vec<Value>, all: i64, first: i64) -> Response {
    let whole = json!({
        "schemas": [schema::LIST], "totalResults": all, "startIndex": first,
        "itemsPerPage": resources.len(), "Resources": resources,
    });
    document(StatusCode::OK, &whole)
}

/// A list of what never changes.
fn all_of(documents: Vec<(&'static str, Value)>) -> Response {
    let documents: Vec<Value> = documents.into_iter().map(|(_, one)| one).collect();
    let all = i64::try_from(documents.len()).unwrap_or(0);
    list(documents, all, 1)
}

fn one_of(documents: Vec<(&'static str, Value)>, id: &str) -> Result<Response, Refusal> {
    let mut documents = documents.into_iter();
    let (_, one) = documents
        .find(|(known, _)| *known == id)
        .ok_or_else(Refusal::not_found)?;
    Ok(document(StatusCode::OK, &one))
}

fn id(read: Result<Id, Problem>) -> Result<String, Refusal> {
    read.map(|Id(id)| id).map_err(|_| Refusal::not_found())
}

/// The version in `If-Match`.
fn when(headers: &HeaderMap) -> Result<If, Refusal> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        return Ok(If::Any);
    };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(If::Any);
    }
    let number = text.strip_prefix("W/").unwrap_or(text).trim_matches('"');
    let number = number.parse().map_err(|_| Refusal::other_version())?;
    Ok(If::Version(number))
}

/// Whether the asker has this version already.
fn is_known(headers: &HeaderMap, version: i64) -> bool {
    let known = headers.get(header::IF_NONE_MATCH);
    let known = known.and_then(|value| value.to_str().ok());
    known.is_some_and(|known| known.trim() == user::version(version))
}

async fn service_provider(State(relay): State<Arc<Relay>>, _: Asker) -> Response {
    document(StatusCode::OK, &schema::service_provider(&base(&relay)))
}

async fn resource_types(State(relay): State<Arc<Relay>>, _: Asker) -> Response {
    all_of(schema::resource_types(&base(&relay)))
}

async fn resource_type(
    State(relay): State<Arc<Relay>>,
    _: Asker,
    asked: Result<Id, Problem>,
) -> Result<Response, Refusal> {
    one_of(schema::resource_types(&base(&relay)), &id(asked)?)
}

async fn schemas(State(relay): State<Arc<Relay>>, _: Asker) -> Response {
    all_of(schema::schemas(&base(&relay)))
}

async fn one_schema(
    State(relay): State<Arc<Relay>>,
    _: Asker,
    asked: Result<Id, Problem>,
) -> Result<Response, Refusal> {
    one_of(schema::schemas(&base(&relay)), &id(asked)?)
}

async fn list_people(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    read: Read,
) -> Result<Response, Refusal> {
    let asked = asked(read)?;
    let (first, count) = asked.page();
    let (mut wanted, mut never) = (person::Wanted::default(), Never::Mind);
    for (attribute, value) in asked.filter()? {
        match attribute.as_str() {
            "id" => both(&mut wanted.id, text(value)?, &mut never),
            "username" => both(&mut wanted.user_key, person::key(&text(value)?), &mut never),
            "externalid" => both(&mut wanted.external_id, text(value)?, &mut never),
            "active" => match value {
                Value::Bool(active) => both(&mut wanted.active, i64::from(active), &mut never),
                _ => return Err(Refusal::filter("`active` is true or false.")),
            },
            _ => {
                return Err(Refusal::filter(
                    "Users are filtered by id, userName, externalId and active.",
                ));
            }
        }
    }
    if never == Never::Fits {
        return Ok(list(Vec::new(), 0, first));
    }
    let org = &directory.org;
    let (people, all) = relay.store.people(org, &wanted, first - 1, count).await?;
    let base = base(&relay);
    let resources = people.iter().map(|person| user::document(person, &base));
    let resources = resources.map(|one| asked.shown(one)).collect();
    Ok(list(resources, all, first))
}

async fn create_person(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    Resource(resource): Resource,
) -> Result<Response, Refusal> {
    let attributes = user::Attributes::read(&resource)?;
    let created = in_own_task(&relay, |relay| async move {
        people::create(&relay, &directory, &attributes).await
    });
    let created = user::document(&created.await?, &base(&relay));
    Ok(document(StatusCode::CREATED, &created))
}

async fn read_person(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    named: Result<Id, Problem>,
    headers: HeaderMap,
    read: Read,
) -> Result<Response, Refusal> {
    let asked = asked(read)?;
    let person = relay.store.person(&directory.org, &id(named)?).await?;
    let person = person.ok_or_else(Refusal::not_found)?;
    if is_known(&headers, person.version) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let shown = asked.shown(user::document(&person, &base(&relay)));
    Ok(document(StatusCode::OK, &shown))
}

async fn replace_person(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    named: Result<Id, Problem>,
    headers: HeaderMap,
    Resource(resource): Resource,
) -> Result<Response, Refusal> {
    let change = move |known: &mut user::Attributes| {
        *known = known.replaced_by(&resource)?;
        Ok(())
    };
    changed_person(&relay, directory, &id(named)?, when(&headers)?, change).await
}

async fn change_person(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    named: Result<Id, Problem>,
    headers: HeaderMap,
    Resource(body): Resource,
) -> Result<Response, Refusal> {
    let steps = patch::read(&body)?;
    let change =
        move |known: &mut user::Attributes| steps.iter().try_for_each(|step| known.take(step));
    changed_person(&relay, directory, &id(named)?, when(&headers)?, change).await
}

async fn changed_person(
    relay: &Arc<Relay>,
    directory: Arc<Directory>,
    id: &str,
    when: If,
    change: impl Fn(&mut user::Attributes) -> Result<(), Refusal> + Send + Sync + 'static,
) -> Result<Response, Refusal> {
    let id = id.to_owned();
    let changed = in_own_task(relay, |relay| async move {
        people::change(&relay, &directory, &id, when, change).await
    });
    let changed = user::document(&changed.await?, &base(relay));
    Ok(document(StatusCode::OK, &changed))
}

async fn remove_person(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    named: Result<Id, Problem>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let (id, when) = (id(named)?, when(&headers)?);
    let removed = in_own_task(&relay, |relay| async move {
        people::remove(&relay, &directory, &id, when).await
    });
    removed.await.map(|()| StatusCode::NO_CONTENT)
}

async fn list_groups(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    read: Read,
) -> Result<Response, Refusal> {
    let asked = asked(read)?;
    let (first, count) = asked.page();
    let (mut wanted, mut never) = (person_group::Wanted::default(), Never::Mind);
    for (attribute, value) in asked.filter()? {
        let value = text(value)?;
        match attribute.as_str() {
            "id" => both(&mut wanted.id, value, &mut never),
            "displayname" => both(&mut wanted.name_key, person::key(&value), &mut never),
            "externalid" => both(&mut wanted.external_id, value, &mut never),
            "members" | "members.value" => both(&mut wanted.member, value, &mut never),
            _ => {
                return Err(Refusal::filter(
                    "Groups are filtered by id, displayName, externalId and members.",
                ));
            }
        }
    }
    if never == Never::Fits {
        return Ok(list(Vec::new(), 0, first));
    }
    let found = relay
        .store
        .person_groups(&directory.org, &wanted, first - 1, count);
    let (groups, all) = found.await?;
    let base = base(&relay);
    let mut resources = Vec::new();
    for group in &groups {
        let members = relay.store.members_of(&group.id).await?;
        resources.push(asked.shown(group::document(group, &members, &base)));
    }
    Ok(list(resources, all, first))
}

async fn create_group(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    Resource(resource): Resource,
) -> Result<Response, Refusal> {
    let attributes = group::Attributes::read(&resource)?;
    let (created, members) = groups::create(&relay, &directory, attributes).await?;
    let created = group::document(&created, &members, &base(&relay));
    Ok(document(StatusCode::CREATED, &created))
}

async fn read_group(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    named: Result<Id, Problem>,
    headers: HeaderMap,
    read: Read,
) -> Result<Response, Refusal> {
    let asked = asked(read)?;
    let found = relay
        .store
        .person_group(&directory.org, &id(named)?)
        .await?;
    let found = found.ok_or_else(Refusal::not_found)?;
    if is_known(&headers, found.version) {
        return Ok(StatusCode::NOT_MODIFIED.into_response());
    }
    let members = relay.store.members_of(&found.id).await?;
    let shown = asked.shown(group::document(&found, &members, &base(&relay)));
    Ok(document(StatusCode::OK, &shown))
}

async fn replace_group(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    named: Result<Id, Problem>,
    headers: HeaderMap,
    Resource(resource): Resource,
) -> Result<Response, Refusal> {
    let attributes = group::Attributes::read(&resource)?;
    let change = move |known: &mut group::Attributes| {
        *known = attributes;
        Ok(())
    };
    changed_group(&relay, &directory, &id(named)?, when(&headers)?, change).await
}

async fn change_group(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    named: Result<Id, Problem>,
    headers: HeaderMap,
    Resource(body): Resource,
) -> Result<Response, Refusal> {
    let steps = patch::read(&body)?;
    let change =
        move |known: &mut group::Attributes| steps.iter().try_for_each(|step| known.take(step));
    changed_group(&relay, &directory, &id(named)?, when(&headers)?, change).await
}

async fn changed_group(
    relay: &Arc<Relay>,
    directory: &Directory,
    id: &str,
    when: If,
    change: impl FnOnce(&mut group::Attributes) -> Result<(), Refusal> + Send + 'static,
) -> Result<Response, Refusal> {
    let (changed, members) = groups::change(relay, directory, id, when, change).await?;
    let changed = group::document(&changed, &members, &base(relay));
    Ok(document(StatusCode::OK, &changed))
}

async fn remove_group(
    State(relay): State<Arc<Relay>>,
    Asker(directory): Asker,
    named: Result<Id, Problem>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let (id, when) = (id(named)?, when(&headers)?);
    groups::remove(&relay, &directory, &id, when).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A task of its own: whoever is switched off is signed out, also when the identity provider hangs up.
async fn in_own_task<T, F>(
    relay: &Arc<Relay>,
    work: impl FnOnce(Arc<Relay>) -> F,
) -> Result<T, Refusal>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Refusal>> + Send + 'static,
{
    let done = relay.tasks.spawn(work(relay.clone()).in_current_span());
    done.await
        .unwrap_or_else(|error| Err(Problem::internal(&error).into()))
}
