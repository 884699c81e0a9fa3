//! `GET /openapi.json`

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder};

/// The description's frame; the routes add themselves.
pub fn base() -> OpenApi {
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Patchcord relay")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some("Click to call and callbacks. Refusals are RFC 9457 problem documents with a stable `code`."))
                .build(),
        )
        .components(Some(components()))
        .build()
}

fn components() -> Components {
    let header = |name: &str, text: &str| {
        SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::with_description(name, text)))
    };
    ComponentsBuilder::new()
        .security_scheme(
            "session",
            SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        )
        .security_scheme(
            "key",
            header(
                "Patchcord-Key",
                "A publishable key; also the page's Origin has to be listed",
            ),
        )
        .security_scheme(
            "manage_token",
            header("Patchcord-Manage", "The `manage_token` of a callback"),
        )
        .build()
}

/// The description as it is sent.
#[derive(Clone)]
pub struct Served(Bytes);

impl Served {
    /// Writes the description once.
    pub fn new(described: OpenApi) -> Self {
        // Only text and numbers: writing it cannot fail.
        Self(described.to_json().unwrap_or_default().into())
    }
}

/// This description.
pub async fn serve(State(described): State<Served>) -> Response {
    (
        [(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )],
        described.0,
    )
        .into_response()
}
