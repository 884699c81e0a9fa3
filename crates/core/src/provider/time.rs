//! Times as platforms write them: RFC 3339, to milliseconds since the epoch and back.

/// Days from the first of March of the year 0 to the epoch.
const TO_EPOCH: i64 = 719_468;
/// Days of the 400 years after which the calendar begins anew.
const ERA: i64 = 146_097;

/// Reads `2026-06-24T10:15:02Z`: any offset (none is UTC), any fraction of a second; a blank may stand for the `T`.
/// `None` for what is no time, or one before 1970.
pub fn read(text: &str) -> Option<u64> {
    let text = text.trim();
    let (date, rest) = text.split_at_checked(10)?;
    let (year, month, day) = (
        number(date.get(..4)?)?,
        number(date.get(5..7)?)?,
        number(date.get(8..)?)?,
    );
    let dashes = date.as_bytes().get(4) == Some(&b'-') && date.as_bytes().get(7) == Some(&b'-');
    if !dashes || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, zone) = rest.split_at_checked(8)?;
    let (hour, minute, second) = (
        number(clock.get(..2)?)?,
        number(clock.get(3..5)?)?,
        number(clock.get(6..)?)?,
    );
    let colons = clock.as_bytes().get(2) == Some(&b':') && clock.as_bytes().get(5) == Some(&b':');
    if !colons || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (millis, zone) = match zone.strip_prefix('.') {
        Some(fraction) => {
            let end = fraction.bytes().take_while(u8::is_ascii_digit).count();
            let (digits, zone) = fraction.split_at_checked(end)?;
            let three: String = digits.chars().chain("000".chars()).take(3).collect();
            (number(&three).filter(|_| end > 0)?, zone)
        }
        None => (0, zone),
    };
    let days = days(year, month, day);
    let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset(zone)?;
    u64::try_from(seconds * 1_000 + millis).ok()
}

/// Writes it in UTC, with milliseconds: `2026-06-24T10:15:02.000Z`.
pub fn write(at: u64) -> String {
    let (seconds, millis) = (at / 1_000, at % 1_000);
    let (days, clock) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(i64::try_from(days).unwrap_or(i64::MAX - TO_EPOCH));
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{millis:03}Z",
        clock / 3_600,
        clock / 60 % 60,
        clock % 60
    )
}

fn number(digits: &str) -> Option<i64> {
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    let (sign, time) = match zone {
        "" | "Z" | "z" => return Some(0),
        zone if zone.starts_with('+') => (1, zone.get(1..)?),
        zone if zone.starts_with('-') => (-1, zone.get(1..)?),
        _ => return None,
    };
    // `+01:00` and `+0100`.
    let digits = time.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    let (hours, minutes) = (number(hours)?, number(minutes).filter(|m| *m < 60)?);
    Some(sign * (hours * 3_600 + minutes * 60))
}

/// Days since the epoch, by years that begin in March: then a leap day is the last of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year - TO_EPOCH
}

/// The other way round.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + TO_EPOCH;
    let (era, of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_with_every_offset_and_fraction() {
        let at = Some(1_782_296_102_000);
        for text in [
            "2026-06-24T10:15:02Z",
            "2026-06-24T10:15:02",
            "2026-06-24 10:15:02.000Z",
            "2026-06-24T12:15:02+02:00",
            "2026-06-24T08:45:02-0130",
        ] {
            assert_eq!(read(text), at, "{text}");
        }
        assert_eq!(read("2026-06-24T10:15:02.5Z"), Some(1_782_296_102_500));
        assert_eq!(read("2026-06-24T10:15:02.123456Z"), Some(1_782_296_102_123));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "soon",
            "2026-06-24",
            "2026-13-24T10:15:02Z",
            "2026-06-24T25:15:02Z",
            "2026-06-24T10:15:02.Z",
            "2026-06-24T10:15:02+2",
            "2026/06/24T10:15:02Z",
            "1969-12-31T23:59:59Z",
            "２026-06-24T10:15:02Z",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_is_read_as_the_same_time() {
        assert_eq!(write(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(write(951_827_696_789), "2000-02-29T12:34:56.789Z");
        for day in 0..60_000 {
            let at = day * 86_400_000 + 3_723_004;
            assert_eq!(read(&write(at)), Some(at));
        }
    }
}
