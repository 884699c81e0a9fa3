//! The time of day.

use std::time::{SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::sync::watch;

/// Milliseconds since the Unix epoch.
pub type Millis = i64;

/// The system's clock, as far ahead of it or behind it as a test has put it.
#[derive(Debug, Clone)]
pub struct Clock {
    ahead: watch::Sender<Millis>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            ahead: watch::Sender::new(0),
        }
    }
}

impl Clock {
    /// Now, in milliseconds since the Unix epoch.
    pub fn now(&self) -> Millis {
        system().saturating_add(*self.ahead.borrow())
    }

    /// Puts the clock to a time, whether that is to come or over. What waits for a time is woken.
    pub fn set(&self, to: Millis) {
        self.ahead
            .send_modify(|ahead| *ahead = to.saturating_sub(system()));
    }

    /// Puts the clock forward. What waits for a time is woken.
    pub fn advance(&self, by: std::time::Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.ahead
            .send_modify(|ahead| *ahead = ahead.saturating_add(by));
    }

    /// Is told whenever the clock was put to another time.
    pub fn jumps(&self) -> watch::Receiver<Millis> {
        self.ahead.subscribe()
    }
}

/// What the system's clock says.
fn system() -> Millis {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// A time as RFC 3339 in UTC, with milliseconds where there are any.
pub fn to_rfc3339(at: Millis) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at) * 1_000_000)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// Reads RFC 3339 with any offset; fractions of a millisecond are dropped.
pub fn from_rfc3339(text: &str) -> Option<Millis> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000_000)).ok()
}

/// Reads a time as HTTP headers have it (RFC 9110, 5.6.7).
pub fn from_http_date(text: &str) -> Option<Millis> {
    let since = httpdate::parse_http_date(text)
        .ok()?
        .duration_since(UNIX_EPOCH)
        .ok()?;
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_put_to_times_that_are_to_come_and_to_times_that_are_over() {
        let clock = Clock::default();
        let jumps = clock.jumps();
        for text in ["2130-01-07T08:00:00Z", "2019-01-07T08:00:00Z"] {
            let to = from_rfc3339(text).unwrap();
            clock.set(to);
            assert!((to..to + 60_000).contains(&clock.now()), "{text}");
        }
        clock.advance(std::time::Duration::from_secs(3600));
        assert!(clock.now() >= from_rfc3339("2019-01-07T09:00:00Z").unwrap());
        assert!(jumps.has_changed().unwrap());
    }

    #[test]
    fn an_offset_is_turned_into_utc() {
        let at = from_rfc3339("2026-11-22T10:30:00+01:00").unwrap();
        assert_eq!(to_rfc3339(at), "2026-11-22T09:30:00Z");
        assert_eq!(from_rfc3339("2026-11-22 10:30"), None);
    }

    #[test]
    fn a_date_of_http_is_read_in_its_forms() {
        for text in ["Thu, 01 Jan 1970 00:00:02 GMT", "Thu Jan  1 00:00:02 1970"] {
            assert_eq!(from_http_date(text), Some(2_000), "{text}");
        }
        assert_eq!(from_http_date("yesterday"), None);
    }
}
