//! Variables of a call's session.

use super::reply::{self, Read};
use super::{Babelforce, Id};
use crate::error::Error;
use crate::http::{Method, Reply, Request};
use crate::outcome::{Because, Outcome};
use crate::provider::variables::{CallVariables, Variables, wrong_name};
use crate::secret::Secret;

/// What every name begins with. The platform ignores the others and says that all is well, so they are refused here.
const PREFIX: &str = "app.";

impl CallVariables for Babelforce {
    fn set(
        &self,
        call: &str,
        variables: &Variables,
        token: Option<&Secret>,
    ) -> Result<Request, Error> {
        for name in variables.names() {
            if name.strip_prefix(PREFIX).is_none_or(str::is_empty) {
                let says = format!(
                    "The platform ignores a variable whose name does not begin with `{PREFIX}`. Call it `{PREFIX}…`."
                );
                return Err(wrong_name(name, says));
            }
        }
        let path = format!("/api/v2/calls/{}/session/set", Id::parse(call)?);
        let body = format!("{{\"variables\":{}}}", variables.as_json());
        let request = Request::json(Method::Put, self.environment.url(&path), body);
        Ok(self.request(request, token))
    }

    /// `{success}` by the schema, `{success, item: {id}}` by the text beside it.
    fn read_set(&self, reply: Reply) -> Outcome {
        match reply::read(reply) {
            Read::Yes(_) => Outcome::Accepted,
            Read::NoWord(json) if super::calls::id(&json).is_some() => Outcome::Accepted,
            Read::NoWord(_) => Outcome::Unknown(Because::code(crate::error::Code::SuccessMissing)),
            Read::No(outcome) => outcome,
        }
    }
}
