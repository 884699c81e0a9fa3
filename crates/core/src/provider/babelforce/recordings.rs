//! Recordings of the Manager API.

use serde_json::Value;

use super::past_calls::{id, text};
use super::reply::{self, Read};
use super::{Babelforce, Id, paging};
use crate::error::{Code, Error};
use crate::http::{Reply, Request};
use crate::outcome::{Because, Outcome};
use crate::provider::page::Page;
use crate::provider::recordings::{Recording, Recordings};
use crate::secret::Secret;

impl Recordings for Babelforce {
    fn ask(&self, id: &str, token: Option<&Secret>) -> Result<Request, Error> {
        let url = format!("/api/v2/recordings/{}", Id::parse(id)?);
        Ok(self.request(Request::get(self.environment.url(&url)), token))
    }

    fn read(&self, reply: Reply) -> Result<Recording, Outcome> {
        let json = match reply::read(reply) {
            Read::Yes(json) | Read::NoWord(json) => json,
            Read::No(outcome) => return Err(outcome),
        };
        let read = json.get("item").and_then(recording);
        read.ok_or_else(|| Outcome::Unknown(Because::code(Code::UnreadableReply)))
    }

    fn ask_list(&self, page: u32, size: u32, token: Option<&Secret>) -> Result<Request, Error> {
        let size = size.clamp(1, paging::LARGEST);
        let path = format!("/api/v2/recordings?page={page}&max={size}");
        Ok(self.request(Request::get(self.environment.url(&path)), token))
    }

    fn read_list(&self, page: u32, reply: Reply) -> Result<Page<Recording>, Outcome> {
        paging::read(page, reply, recording)
    }
}

/// One recording; `None` for what has no id.
fn recording(item: &Value) -> Option<Recording> {
    let inner = |name: &str| item.get(name).filter(|value| value.is_object());
    Some(Recording {
        id: id(item, "id")?,
        call: inner("call").and_then(|call| id(call, "id")),
        duration: item.get("duration").and_then(Value::as_u64),
        state: text(item, "state"),
        media_type: inner("file").and_then(|file| text(file, "contentType")),
        link: text(item, "url").filter(|url| is_web(url)).map(Secret::new),
    })
}

/// An address that a browser only opens: no `javascript:` or `data:` one.
fn is_web(url: &str) -> bool {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c.is_control())
    })
}
