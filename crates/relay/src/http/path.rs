//! Ids in paths.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use patchcord_core::error::Code;

use super::problem::Problem;

/// The id in a path. What is no text after decoding (`%FF`), or none that PostgreSQL can compare (`%00`), is the id of
/// nothing.
pub struct Id(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        match path {
            Ok(Path(id)) if !id.contains('\0') => Ok(Self(id)),
            _ => Err(Problem::new(
                Code::NotFound,
                "There is nothing at this path.",
            )),
        }
    }
}
