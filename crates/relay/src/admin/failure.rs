//! Why a page cannot be shown, or something not be done: a page for a browser, a problem document for a program.

use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use patchcord_core::error::Code;

use super::{access, page};
use crate::http::accept::Asker;
use crate::http::problem::{self, Problem, chain};
use crate::http::request_id::RequestId;
use crate::random::NoRandomness;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// There is nothing there.
    #[error("there is nothing at this address")]
    NotFound,
    /// Somebody of another role may.
    #[error("this is not for their role")]
    NotPermitted,
    /// The form does not come from a page at the configured origin.
    #[error("the form is of another site")]
    OtherSite,
    /// The form does not come from a page of this session.
    #[error("the form is not of this session")]
    OtherSession,
    /// The form has a value that no page of ours gives it.
    #[error("the form is not understood")]
    Malformed,
    /// The address is not asked like that.
    #[error("the method is not allowed here")]
    Method,
    /// The database.
    #[error("the database does not answer")]
    Database(#[from] sqlx::Error),
    /// The random source.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

impl Failure {
    fn problem(&self) -> Problem {
        match self {
            Self::NotFound => Problem::new(
                Code::NotFound,
                "There is nothing at this address, or it was deleted.",
            ),
            Self::NotPermitted => Problem::new(
                Code::NotPermitted,
                "That is for operators. You are signed in as a supervisor, who sees the statistics.",
            )
            .with_remedy("Ask an operator, or sign in as one."),
            Self::OtherSite => Problem::new(
                Code::OriginNotAllowed,
                "The form does not come from a page at `admin.origin`, so nothing was changed.",
            )
            .with_remedy("Open the pages at the origin of the relay's configuration."),
            Self::OtherSession => Problem::new(
                Code::SessionExpired,
                "The form does not come from a page of your present session, so nothing was changed.",
            )
            .with_remedy("Open the page again and repeat it."),
            Self::Malformed => Problem::new(
                Code::InvalidField,
                "The form was not understood, so nothing was changed.",
            )
            .with_remedy("Open the page again and repeat it."),
            Self::Method => {
                Problem::new(Code::MethodNotAllowed, "This address is not asked like that.")
                    .with_remedy("Open the page, and use what is on it.")
            }
            Self::Database(_) | Self::Random(_) => {
                tracing::error!(cause = chain(self), "an admin page failed");
                Problem::new(Code::Internal, "The reason is in the relay's log.")
                    .with_remedy("Try again in a moment.")
            }
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        failure.problem()
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.problem().into_response()
    }
}

/// Gives a refusal the form that whoever asks can read: a browser gets a page, unless the reply is one already;
/// everything else the problem document.
pub async fn show(request: Request, next: Next) -> Response {
    let asker = Asker::of(request.headers());
    let id = request.extensions().get::<RequestId>().cloned();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().cloned() else {
        return response;
    };
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_document = kind == Some(&problem::CONTENT_TYPE);
    match asker {
        Asker::Browser if is_document => {
            let page = page::bare(title(problem.code()), &body(&problem, id.as_ref()));
            *response.body_mut() = page.0.into();
            let html = HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            response.headers_mut().remove(header::CONTENT_LENGTH);
            response
        }
        Asker::Program if !is_document => problem.into_response(),
        _ => response,
    }
}

fn title(code: Code) -> &'static str {
    match code {
        Code::NotFound => "Not found",
        Code::Internal => "The relay had a fault",
        Code::NotPermitted => "Not for you",
        _ => "Not done",
    }
}

fn body(problem: &Problem, id: Option<&RequestId>) -> Markup {
    html! {
        p { (problem.detail()) }
        @if let Some(remedy) = problem.remedy() { p { (remedy) } }
        p {
            @if problem.code() == Code::NotPermitted { a href=(access::STATISTICS) { "To the statistics" } }
            @else { a href="/admin" { "To the overview" } }
        }
        p.quiet {
            "Code " code { (problem.code().as_str()) }
            @if let Some(id) = id { ", request " span.address { (id.as_str()) } }
        }
    }
}
