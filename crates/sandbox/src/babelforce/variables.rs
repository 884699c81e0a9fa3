//! Variables of a call's session.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::RawValue;

use super::{Babelforce, Rejection, not_found};
use crate::exchange::{FieldError, Reply, Request};

/// By the schema. The text beside it also has `item: {id}`.
#[derive(Serialize)]
struct Set {
    success: bool,
}

impl Babelforce {
    /// Sets those whose names begin with `app.` and ignores the others, as documented.
    pub(super) fn set_variables(&mut self, id: &str, request: &Request) -> Reply {
        let Some(call) = self.call_mut(id) else {
            return not_found("call");
        };
        match read(request) {
            Ok(variables) => {
                let kept = variables
                    .into_iter()
                    .filter(|(name, _)| name.starts_with("app."));
                call.variables.extend(kept);
                Reply::json(200, &Set { success: true })
            }
            Err(rejection) => rejection.reply(),
        }
    }
}

fn read(request: &Request) -> Result<BTreeMap<String, Box<RawValue>>, Rejection> {
    let object = request.object()?.object("variables")?;
    let problem = FieldError {
        field: "variables",
        problem: "must be an object",
    };
    let Some(object) = object else {
        return Err(problem.into());
    };
    serde_json::from_str(object.get()).map_err(|_| problem.into())
}
