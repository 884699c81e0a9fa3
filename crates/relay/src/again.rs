//! When a read is asked again: what a platform was too busy for.
//!
//! As the vendors' own clients do: at most twice, after a random part of 250 ms, then of 500 ms, or after what the
//! platform asks for in `Retry-After`, up to ten seconds. A longer wait is nobody's who asks for something now: then
//! the answer stands as it is.

use std::time::Duration;

use patchcord_core::http::Reply;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

use crate::clock;
use crate::random;

/// How often.
const MOST: u32 = 2;
/// The first wait at its longest; doubled for each further one.
const BASE: Duration = Duration::from_millis(250);
/// The longest wait.
const LONGEST: Duration = Duration::from_secs(10);

/// How long to wait before the same read is asked again, which was asked `nth` times more than once already; `None`
/// where the reply stands.
pub fn after(reply: &Reply, nth: u32) -> Option<Duration> {
    let reply = reply.as_ref().ok()?;
    if nth >= MOST || !matches!(reply.status, 429 | 502..=504) {
        return None;
    }
    match reply.retry_after {
        Some(seconds) => {
            let asked = Duration::from_secs(seconds.into());
            (asked <= LONGEST).then_some(asked)
        }
        None => {
            let longest = BASE.saturating_mul(1 << nth).min(LONGEST);
            let part = random::bytes::<2>().map_or(u16::MAX, u16::from_le_bytes);
            Some(longest.saturating_mul(part.into()) / u32::from(u16::MAX))
        }
    }
}

/// The seconds of a `Retry-After`, in either of its forms (RFC 9110, 10.2.3). A date counts from the `Date` of the
/// same reply, because the clocks may differ; without one it says nothing.
pub fn retry_after(headers: &HeaderMap) -> Option<u32> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let date = headers.get(DATE)?.to_str().ok()?;
    let (until, now) = (clock::from_http_date(text)?, clock::from_http_date(date)?);
    u32::try_from((until - now).max(0) / 1000).ok()
}

#[cfg(test)]
mod tests {
    use patchcord_core::http::{Failure, Response};

    use super::*;

    const NOW: &str = "Thu, 26 Nov 2026 10:00:00 GMT";

    fn said(retry_after: &str, date: Option<&str>) -> Option<u32> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, retry_after.parse().unwrap());
        if let Some(date) = date {
            headers.insert(DATE, date.parse().unwrap());
        }
        super::retry_after(&headers)
    }

    #[test]
    fn both_forms_are_read_and_a_date_by_the_clock_of_its_reply() {
        for (text, date, seconds) in [
            ("0", None, Some(0)),
            (" 120 ", None, Some(120)),
            ("Thu, 26 Nov 2026 10:00:07 GMT", Some(NOW), Some(7)),
            ("Thursday, 26-Nov-26 10:00:07 GMT", Some(NOW), Some(7)),
            ("Thu Nov 26 10:00:07 2026", Some(NOW), Some(7)),
            // Over already.
            ("Thu, 26 Nov 2026 09:59:00 GMT", Some(NOW), Some(0)),
            // Years off by this machine's clock, five seconds by theirs.
            (
                "Wed, 01 Jan 2020 00:00:05 GMT",
                Some("Wed, 01 Jan 2020 00:00:00 GMT"),
                Some(5),
            ),
            ("Thu, 26 Nov 2026 10:00:07 GMT", None, None),
            ("Thu, 26 Nov 2026 10:00:07 GMT", Some("today"), None),
            ("soon", Some(NOW), None),
            ("-1", Some(NOW), None),
            ("99999999999999999999", None, None),
            ("", Some(NOW), None),
        ] {
            assert_eq!(said(text, date), seconds, "{text} {date:?}");
        }
        assert_eq!(super::retry_after(&HeaderMap::new()), None);
    }

    fn reply(status: u16, retry_after: Option<u32>) -> Reply {
        Ok(Response {
            retry_after,
            ..Response::json(status, "{}")
        })
    }

    #[test]
    fn what_a_platform_was_too_busy_for_is_asked_again_twice() {
        for status in [429, 502, 503, 504] {
            for nth in 0..2 {
                let pause = after(&reply(status, None), nth).unwrap();
                assert!(pause <= BASE * 2_u32.pow(nth), "{status} {nth}: {pause:?}");
            }
            assert_eq!(after(&reply(status, None), 2), None);
        }
        for status in [200, 304, 400, 401, 404, 408, 500, 501, 505] {
            assert_eq!(after(&reply(status, None), 0), None, "{status}");
        }
        assert_eq!(after(&Err(Failure::Lost("gone".to_owned())), 0), None);
        assert_eq!(after(&Err(Failure::NotSent("gone".to_owned())), 0), None);
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept_to_or_not_waited_for() {
        let seconds = |seconds| after(&reply(429, Some(seconds)), 0);
        assert_eq!(seconds(0), Some(Duration::ZERO));
        assert_eq!(seconds(10), Some(Duration::from_secs(10)));
        assert_eq!(seconds(11), None);
    }

    #[test]
    fn waits_differ_so_that_many_do_not_come_back_together() {
        let pauses: std::collections::BTreeSet<_> =
            (0..32).map(|_| after(&reply(503, None), 1)).collect();
        assert!(pauses.len() > 1, "{pauses:?}");
    }
}
