//! The relay's HTTP interface.

pub mod accept;
pub mod address;
pub mod assets;
pub mod body;
pub mod cors;
pub mod passed;
pub mod path;
pub mod problem;
pub mod request_id;

mod agent_api;
mod agent_sign_in;
mod callback_page;
mod callbacks;
mod calls;
mod challenge;
mod client_config;
pub mod credentials;
mod events;
mod headers;
mod health;
mod history;
mod hosts;
mod language;
mod openapi;
mod push;
pub mod query;
mod recordings;
mod records;
mod scim;
mod sessions;
mod sign_in;
mod sign_in_page;
mod slots;
pub mod statistics;
mod tasks;
mod variables;

use std::sync::Arc;

use axum::Router;
use axum::middleware;
use axum::routing::get;
use patchcord_core::error::Code;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use assets::Assets;
use cors::Origins;
use problem::Problem;

use crate::admin;
use crate::relay::Relay;

/// Every route.
pub fn router(relay: Arc<Relay>, assets: Assets) -> Router {
    let (api, described) = api().split_for_parts();
    let origins = Origins::of(&relay);
    let described = openapi::Served::new(described);
    let admin = match relay.config.admin {
        Some(_) => admin::router(relay.clone()),
        None => Router::new(),
    };
    Router::new()
        .merge(api)
        // Before the layer, which has to see the OPTIONS of a preflight.
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn_with_state(origins, cors::check))
        .with_state(relay.clone())
        .merge(admin)
        .merge(scim::router(&relay))
        .route("/openapi.json", get(openapi::serve).with_state(described))
        .merge(files(assets))
        .merge(hosts::router(relay.clone()))
        .merge(callback_page::router(&relay))
        .fallback(|| async { Problem::new(Code::NotFound, "There is nothing at this path.") })
        .method_not_allowed_fallback(method_not_allowed)
        .layer(middleware::from_fn(headers::check))
        .layer(middleware::from_fn_with_state(relay, request_id::identify))
}

/// The widget's files.
fn files(assets: Assets) -> Router {
    let mut files = Router::new()
        .route("/assets/{*path}", get(assets::serve))
        .route("/themes/{*path}", get(assets::serve));
    for name in assets::LOADERS {
        files = files.route(&format!("/{name}"), get(assets::serve));
    }
    files.with_state(assets)
}

async fn method_not_allowed() -> Problem {
    Problem::new(
        Code::MethodNotAllowed,
        "This path does not take this method.",
    )
}

fn api() -> OpenApiRouter<Arc<Relay>> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(client_config::get))
        .routes(routes!(sessions::open))
        .routes(routes!(sign_in::begin))
        .routes(routes!(sign_in::single_sign_on))
        .routes(routes!(sign_in::finish))
        .routes(routes!(sessions::renew))
        .routes(routes!(sessions::close))
        .routes(routes!(calls::place))
        .routes(routes!(calls::get, calls::hang_up))
        .routes(routes!(variables::set))
        .routes(routes!(history::get))
        .routes(routes!(recordings::get))
        .routes(routes!(events::follow))
        .routes(routes!(agent_api::send))
        .routes(routes!(agent_api::subscribe))
        .routes(routes!(agent_api::authenticate))
        .routes(routes!(agent_api::state))
        .routes(routes!(agent_api::targets))
        .routes(routes!(agent_api::history))
        .routes(routes!(agent_api::phonebook))
        .routes(routes!(agent_sign_in::begin, agent_sign_in::end))
        .routes(routes!(records::get))
        .routes(routes!(tasks::list))
        .routes(routes!(tasks::act))
        .routes(routes!(tasks::lock::unlock))
        .routes(routes!(push::push))
        .routes(routes!(challenge::get))
        .routes(routes!(slots::get))
        .routes(routes!(statistics::get))
        .routes(routes!(callbacks::take))
        .routes(routes!(
            callbacks::get,
            callbacks::change,
            callbacks::cancel
        ))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
}
