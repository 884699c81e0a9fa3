//! Whether this machine's clock is right, by what others say the time is.

use crate::clock::Millis;

/// From here on the clock counts as wrong: assertions and challenges trust it.
pub const MOST: Millis = 30 * 1000;
/// `Date` has whole seconds.
const SECOND: Millis = 1000;

/// By how much the clock is at least ahead of the time that an answer tells (behind where it is negative). The
/// question was sent and the answer received at these times by the clock; in between the other side wrote `said`.
pub fn skew(sent: Millis, said: Millis, received: Millis) -> Millis {
    if received < said {
        received - said
    } else {
        (sent - said - SECOND).max(0)
    }
}

/// How the clock is, compared with what this platform says.
///
/// # Errors
/// It is wrong.
pub fn judge(skew: Millis, account: &str) -> Result<String, String> {
    let seconds = skew.abs() / 1000;
    if skew.abs() < MOST {
        return Ok(match seconds {
            0 => format!("agrees with account {account}"),
            _ => format!("is {seconds} s off from what account {account} says"),
        });
    }
    let direction = if skew > 0 { "ahead of" } else { "behind" };
    Err(format!(
        "is {seconds} s {direction} what account {account} says; assertions and challenges trust it, so set the clock and keep it right (NTP)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cannot_be_the_way_or_a_fraction_of_a_second_is_skew() {
        // Within the question's way, and within the second that the header leaves open.
        assert_eq!(skew(10_000, 10_000, 10_000), 0);
        assert_eq!(skew(10_999, 10_000, 11_000), 0);
        assert_eq!(skew(10_000, 14_000, 15_000), 0);
        // Before it was asked; after the answer was here.
        assert_eq!(skew(50_000, 10_000, 52_000), 39_000);
        assert_eq!(skew(10_000, 50_000, 12_000), -38_000);
    }

    #[test]
    fn the_clock_is_wrong_from_thirty_seconds_on() {
        for right in [0, 999, 29_999, -29_999] {
            judge(right, "a").unwrap();
        }
        assert!(judge(30_000, "a").unwrap_err().contains("30 s ahead"));
        assert!(judge(-31_000, "a").unwrap_err().contains("31 s behind"));
    }
}
