//! The time of day and how it is written.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::exchange::Millis;

/// Now, in milliseconds since the Unix epoch.
pub(crate) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |elapsed| {
        Millis::try_from(elapsed.as_millis()).unwrap_or(Millis::MAX)
    })
}

/// `2026-11-22T01:02:03.004Z`: the form of every date in babelforce's v2 API.
pub(crate) fn iso(at: Millis) -> String {
    let (days, in_day) = (at / 86_400_000, at % 86_400_000);
    let (year, month, day) = civil(days);
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, milli) = (in_day / 1000 % 60, in_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Reads what [`iso`] writes, with or without milliseconds.
pub(crate) fn read(text: &str) -> Option<Millis> {
    let number = |from: usize, to: usize| -> Option<u64> {
        let digits = text.get(from..to)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok())?
    };
    let marks = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")];
    if !marks
        .iter()
        .all(|&(at, mark)| text.get(at..at + 1) == Some(mark))
    {
        return None;
    }
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let milli = match text.get(19..)? {
        "Z" => 0,
        _ if text.len() == 24 && text.ends_with('Z') && text.get(19..20) == Some(".") => {
            number(20, 23)?
        }
        _ => return None,
    };
    // The day whose date it is: the calendar is only written in one direction here.
    let earliest = (year.checked_sub(1970)? * 365).saturating_add((month.checked_sub(1)?) * 28);
    let days = (earliest..earliest + 800).find(|&days| civil(days) == (year, month, day))?;
    (hour < 24 && minute < 60 && second < 60)
        .then_some(days * 86_400_000 + (hour * 3600 + minute * 60 + second) * 1000 + milli)
}

/// Year, month and day in the Gregorian calendar, counted in years that begin in March so that
/// the leap day is the last one.
fn civil(days_since_1970: u64) -> (u64, u64, u64) {
    let days = days_since_1970 + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_in_utc_with_milliseconds() {
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(iso(951_782_400_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(iso(1_654_075_565_950), "2022-06-01T09:26:05.950Z");
        assert_eq!(iso(1_798_761_599_999), "2026-12-31T23:59:59.999Z");
    }

    #[test]
    fn what_is_written_is_read() {
        for at in [0, 951_782_400_000, 1_654_075_565_950, 1_798_761_599_999] {
            assert_eq!(read(&iso(at)), Some(at));
        }
        assert_eq!(read("2026-11-01T00:00:00Z"), Some(1_793_491_200_000));
        for text in [
            "",
            "2026-11-01",
            "2026-02-30T00:00:00Z",
            "2026-11-01T24:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
