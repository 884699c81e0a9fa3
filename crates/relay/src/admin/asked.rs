//! What a request says: queries and forms. What cannot be read is refused with a code.

use std::collections::BTreeMap;

use axum::RequestExt;
use axum::body::Body;
use axum::extract::{self, FromRequest, FromRequestParts, Multipart, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use patchcord_core::error::Code;
use serde::de::DeserializeOwned;

use super::failure::Failure;
use crate::http::body;
use crate::http::problem::Problem;

/// The longest form.
const MAX_FORM: usize = 16 * 1024;

/// The longest form with a file.
const MAX_FILE: usize = 4 * 1024 * 1024;

/// The query of the address.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = extract::Query::<T>::from_request_parts(parts, state).await;
        query.map(|extract::Query(query)| Self(query)).map_err(|_| {
            Problem::of(
                Code::InvalidField,
                "query",
                "What stands behind the ? in the address is not understood.",
            )
            .with_remedy("Leave it out, or follow a link of a page.")
        })
    }
}

/// The fields of a form by their names.
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// A field without the space around it, empty where it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |text| text.trim())
    }

    /// Reads a form that may have a file: `multipart/form-data`, in UTF-8.
    ///
    /// # Errors
    /// As for other forms; [`Code::InvalidField`] for a file that is no text.
    pub async fn with_file(request: Request) -> Result<Self, Problem> {
        if !is_of_kind(request.headers(), "multipart/form-data") {
            return Err(Problem::new(
                Code::UnsupportedMediaType,
                "The body is not declared as a form with a file, so nothing was changed.",
            )
            .with_remedy("Send Content-Type: multipart/form-data."));
        }
        let (parts, body) = request.into_parts();
        let bytes = body::collect(&parts.headers, body, MAX_FILE).await?;
        let request = Request::from_parts(parts, Body::from(bytes));
        let malformed = |_| Problem::from(Failure::Malformed);
        let mut form = Multipart::from_request(request, &())
            .await
            .map_err(|_| Problem::from(Failure::Malformed))?;
        let mut fields = BTreeMap::new();
        while let Some(field) = form.next_field().await.map_err(malformed)? {
            let name = field.name().unwrap_or_default().to_owned();
            let bytes = field.bytes().await.map_err(malformed)?;
            let text = String::from_utf8(bytes.into()).map_err(|_| {
                Problem::of(
                    Code::InvalidField,
                    name.clone(),
                    "The file is no text in UTF-8, so nothing was changed.",
                )
                .with_remedy("Save it as UTF-8, and send it again.")
            })?;
            fields.insert(name, text);
        }
        Ok(Self(fields))
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_form(request.headers()) {
            return Err(Problem::new(
                Code::UnsupportedMediaType,
                "The body is not declared as a form, so nothing was changed.",
            )
            .with_remedy("Send Content-Type: application/x-www-form-urlencoded."));
        }
        let (parts, body) = request.into_parts();
        let bytes = body::collect(&parts.headers, body, MAX_FORM).await?;
        let request = Request::from_parts(parts, Body::from(bytes));
        let form = request
            .extract::<extract::Form<BTreeMap<String, String>>, _>()
            .await;
        form.map(|extract::Form(fields)| Self(fields))
            .map_err(|_| Failure::Malformed.into())
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    is_of_kind(headers, "application/x-www-form-urlencoded")
}

fn is_of_kind(headers: &HeaderMap, wanted: &str) -> bool {
    let declared = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    declared
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}
