//! Replies of platforms as text: a first line with `lost`, `not sent`, or a status and perhaps the seconds of a
//! `Retry-After`; the rest is the body.

use patchcord_core::http::{Failure, Reply, Response};

/// Reads a reply. What has no such first line is a body with status 200.
pub fn read(data: &[u8]) -> Reply {
    let (line, body) = split(data);
    match line {
        b"lost" => return Err(Failure::Lost("reset".into())),
        b"not sent" => return Err(Failure::NotSent("refused".into())),
        _ => {}
    }
    let mut words = str::from_utf8(line).unwrap_or_default().split(' ');
    match words.next().and_then(|word| word.parse().ok()) {
        Some(status) => Ok(Response {
            status,
            retry_after: words.next().and_then(|word| word.parse().ok()),
            body: body.to_vec(),
        }),
        None => Ok(Response {
            status: 200,
            retry_after: None,
            body: data.to_vec(),
        }),
    }
}

/// The first line, and the rest.
pub fn split(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|&byte| byte == b'\n') {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[]),
    }
}
