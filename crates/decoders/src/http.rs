//! The relay's whole HTTP interface, over a connection: everything is answered, every refusal is a problem
//! document with a code, and nothing secret is in a reply.

use patchcord_relay::scim::schema::ERROR;
use serde_json::Value;

use crate::codes;
use crate::world::{self, SECRETS};

/// What hyper itself answers before the relay sees the request: without a body and without an id.
const OF_HYPER: &[u16] = &[400, 414, 431];

/// A reply.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The body, as far as it came.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads a reply as far as it came; `None` before its head is there.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = str::from_utf8(&bytes[..end]).expect("a head of text");
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(':').expect("a header");
            (name.to_ascii_lowercase(), value.trim().to_owned())
        });
        Some(Self {
            status,
            headers: headers.collect(),
            body: bytes[end + 4..].to_vec(),
        })
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether it is an event stream, which does not end by itself.
    pub fn is_stream(&self) -> bool {
        self.header("content-type")
            .is_some_and(|kind| kind.starts_with("text/event-stream"))
    }
}

/// Takes a text as a request: a line with method and target, lines with headers, an empty line, the body. Its
/// framing is put right. `{session}`, `{callback}`, `{manage}`, `{call}`, `{cookie}`, `{word}`, `{scim}` and `{person}`
/// become those of this run.
pub fn check(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    world::with(|world| {
        let text = world.fill(&text);
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let line = lines.next().unwrap_or_default();
        let mut request = format!("{line} HTTP/1.1\r\nhost: relay.acme.example\r\n");
        for line in lines.filter(|line| !is_framing(line)) {
            request.push_str(line);
            request.push_str("\r\n");
        }
        let length = body.len();
        request.push_str(&format!(
            "connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        ));
        check_answer(line, &world.ask(request.as_bytes()));
    });
}

/// Whether a header would change where the request ends, or is sent anyway.
fn is_framing(line: &str) -> bool {
    let name = line
        .split(':')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let framing = [
        "",
        "connection",
        "content-length",
        "expect",
        "host",
        "transfer-encoding",
        "upgrade",
    ];
    framing.contains(&name.as_str())
}

fn check_answer(line: &str, answer: &Answer) {
    let body = String::from_utf8_lossy(&answer.body);
    for secret in SECRETS {
        assert!(!body.contains(secret), "{line}: a secret was told");
        let told = answer
            .headers
            .iter()
            .any(|(_, value)| value.contains(secret));
        assert!(!told, "{line}: a secret was told");
    }
    let Some(id) = answer.header("x-request-id") else {
        assert!(
            OF_HYPER.contains(&answer.status) && body.is_empty(),
            "{line}: {answer:?}"
        );
        return;
    };
    assert!(
        answer.status < 500 || answer.status == 503,
        "{line}: {} {body}",
        answer.status
    );
    if let Some(policy) = answer.header("content-security-policy") {
        // The admin pages.
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        let to = answer.header("location").unwrap_or("/admin");
        assert!(to.starts_with("/admin"), "{line}: sent to {to}");
        assert!(!body.contains("<script"), "{line}: {body}");
        let kind = answer.header("content-type").unwrap_or_default();
        if answer.status < 400 || kind.starts_with("text/html") {
            return;
        }
    }
    assert_eq!(answer.header("set-cookie"), None, "{line}");
    if answer.header("content-type") == Some("application/scim+json") {
        check_scim(line, answer);
        return;
    }
    assert_eq!(answer.header("location"), None, "{line}");
    if answer.status >= 400 && !line.starts_with("HEAD ") {
        let kind = answer.header("content-type");
        assert_eq!(kind, Some("application/problem+json"), "{line}: {body}");
        let problem: Value = serde_json::from_slice(&answer.body).expect("a document");
        let code = problem["code"].as_str().expect("a code");
        assert_eq!(codes::status(code), Some(answer.status), "{line}: {body}");
        assert_eq!(problem["status"], answer.status);
        assert_eq!(problem["request_id"], id);
        assert!(
            problem["detail"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
    }
}

/// An answer to an identity provider: a document, or a refusal in SCIM's own shape.
fn check_scim(line: &str, answer: &Answer) {
    let made = answer.header("location");
    let own = "https://relay.acme.example/scim/v2/";
    assert_eq!(made.is_some(), answer.status == 201, "{line}");
    assert!(
        made.is_none_or(|to| to.starts_with(own)),
        "{line}: {made:?}"
    );
    if line.starts_with("HEAD ") {
        return;
    }
    let document: Value = serde_json::from_slice(&answer.body).expect("a document");
    let schemas = document["schemas"].as_array().expect("schemas");
    assert!(!schemas.is_empty(), "{line}: {document}");
    let refused = schemas.iter().any(|schema| schema == ERROR);
    assert_eq!(refused, answer.status >= 400, "{line}: {document}");
    if refused {
        assert_eq!(document["status"], answer.status.to_string());
        assert!(
            document["detail"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
    }
}
