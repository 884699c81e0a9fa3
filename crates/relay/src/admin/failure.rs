//! A page instead of the one that was asked for.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::html;

use super::page;
use crate::random::NoRandomness;

/// Why a page cannot be shown, or something not be done.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is nothing there.
    #[error("there is nothing at this address")]
    NotFound,
    /// The form does not come from a page of this session.
    #[error("the form is not of this session")]
    Forged,
    /// The form has a value that no page of ours gives it.
    #[error("the form is not understood")]
    Malformed,
    /// The database.
    #[error("the database does not answer")]
    Database(#[from] sqlx::Error),
    /// The random source.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, title, advice) = match &self {
            Self::NotFound => (
                StatusCode::NOT_FOUND,
                "Not found",
                "There is nothing at this address, or it was deleted.",
            ),
            Self::Forged => (
                StatusCode::FORBIDDEN,
                "Not done",
                "The form does not come from a page of your present session, so nothing was changed. Open the page again and repeat it.",
            ),
            Self::Malformed => (
                StatusCode::BAD_REQUEST,
                "Not done",
                "The form was not understood, so nothing was changed. Open the page again and repeat it.",
            ),
            Self::Database(_) | Self::Random(_) => {
                tracing::error!(
                    error = &self as &dyn std::error::Error,
                    "an admin page failed"
                );
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The relay had a fault",
                    "The reason is in the relay's log. Try again in a moment.",
                )
            }
        };
        let body = html! {
            p { (advice) }
            p { a href="/admin" { "To the overview" } }
        };
        (status, page::bare(title, &body)).into_response()
    }
}
