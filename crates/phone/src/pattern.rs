//! Matches the small patterns of the tables: digits, classes (`[2-57]`), `.` for any digit, `{2}`, `{3,13}`, `?`,
//! groups `(…)`, groups without a number `<…)`, alternatives, and `$` for the end. A space is a group of any digits:
//! ` 3-13` is `(.{3,13})`.
//!
//! A pattern is read from its text as it is matched; there are a few dozen characters, and most fail at the first.
//! Repetition takes as much as it can and gives back one by one, alternatives are tried from left to right, as in
//! every engine that backtracks: which of several ways is found matters, because groups are replaced by others.

use crate::text::Text;

/// The most groups a pattern has.
const GROUPS: usize = 8;

/// Where a group begins and ends, a byte each: no text has more digits than one can count.
type Span = u16;
/// It ends before it begins, so no digits have it.
const NOWHERE: Span = 0xFF00;

/// What a pattern matched.
pub(crate) struct Captures {
    /// Where the match ends.
    pub(crate) end: usize,
    groups: [Span; GROUPS],
}

impl Captures {
    /// What the group with this number matched; the first is 1.
    pub(crate) fn group<'d>(&self, number: usize, digits: &'d [u8]) -> Option<&'d [u8]> {
        let [from, to] = self.groups.get(number.checked_sub(1)?)?.to_be_bytes();
        digits.get(usize::from(from)..usize::from(to))
    }

    /// The template with its groups filled in.
    pub(crate) fn expand(&self, template: &[u8], digits: &[u8], out: &mut Text) {
        let mut rest = template.iter();
        while let Some(byte) = rest.next() {
            if *byte != b'$' {
                out.push(*byte);
                continue;
            }
            let number = rest.next().map_or(0, |digit| usize::from(digit & 15));
            out.push_all(self.group(number, digits).unwrap_or_default());
        }
    }
}

/// A pattern of first digits, and with which digits what it matches may begin, a bit each: most numbers begin with
/// another, which is seen without more ado.
pub(crate) struct Beginning {
    pub(crate) pattern: &'static [u8],
    first: u16,
    /// It is these very digits, as most are.
    is_digits: bool,
}

impl Beginning {
    /// What is dialled before a country code in most countries.
    pub(crate) const USUAL_ABROAD: Self = Self {
        pattern: b"00",
        first: bit(b'0'),
        is_digits: true,
    };

    pub(crate) fn of(pattern: &'static [u8]) -> Self {
        let may_begin = |digit: &u8| run(pattern, &[*digit], Until::Unfinished).is_some();
        let first = (b'0'..=b'9').filter(may_begin);
        Self {
            pattern,
            first: first.fold(0, |set, digit| set | bit(digit)),
            is_digits: pattern.iter().all(u8::is_ascii_digit),
        }
    }

    /// Matches the beginning of the digits.
    pub(crate) fn matched(&self, digits: &[u8]) -> Option<Captures> {
        let first = digits.first()?;
        if self.first & bit(*first) == 0 {
            return None;
        }
        if self.is_digits {
            return digits.starts_with(self.pattern).then_some(Captures {
                end: self.pattern.len(),
                groups: [NOWHERE; GROUPS],
            });
        }
        start(self.pattern, digits)
    }
}

/// Matches the beginning of the digits.
pub(crate) fn start(pattern: &[u8], digits: &[u8]) -> Option<Captures> {
    run(pattern, digits, Until::Anywhere)
}

/// Whether the beginning of the digits matches.
#[cfg(any(feature = "find", feature = "short"))]
pub(crate) fn begins(pattern: &[u8], digits: &[u8]) -> bool {
    start(pattern, digits).is_some()
}

/// Whether all of the digits match.
#[cfg(any(test, feature = "short"))]
pub(crate) fn is_whole(pattern: &[u8], digits: &[u8]) -> bool {
    run(pattern, digits, Until::End).is_some()
}

/// How many groups a pattern has.
pub(crate) fn groups(pattern: &[u8]) -> usize {
    let begins = |byte: &&u8| matches!(byte, b'(' | b' ');
    pattern.iter().filter(begins).count()
}

/// Matches the digits until there.
pub(crate) fn run(pattern: &[u8], digits: &[u8], until: Until) -> Option<Captures> {
    let mut matcher = Matcher {
        pattern,
        digits,
        until,
        groups: [NOWHERE; GROUPS],
    };
    let end = matcher.alternatives(0, 0, None).ok()?;
    Some(Captures {
        end,
        groups: matcher.groups,
    })
}

/// Where a match may end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Until {
    /// Before the last digit too.
    Anywhere,
    /// Behind the last digit.
    End,
    /// Before the last digit too; where digits are missing, more may come.
    Unfinished,
    /// Behind the last digit; where digits are missing, more may come. The last group that has begun ends with them.
    UnfinishedEnd,
}

struct Matcher<'a> {
    pattern: &'a [u8],
    digits: &'a [u8],
    until: Until,
    groups: [Span; GROUPS],
}

/// What follows a group that is being matched.
#[derive(Clone, Copy)]
struct Then<'t> {
    /// The group's place, if it has a number.
    group: Option<usize>,
    /// Where it began.
    from: usize,
    outer: Option<&'t Then<'t>>,
}

impl Matcher<'_> {
    /// Matches one of the alternatives that begin here, and all that follows: where the match ends. If none does: where
    /// the last of the alternatives ends.
    fn alternatives(
        &mut self,
        mut at: usize,
        digit: usize,
        then: Option<&Then>,
    ) -> Result<usize, usize> {
        loop {
            if let Some(end) = self.sequence(at, digit, then) {
                return Ok(end);
            }
            at = self.alternative_end(at);
            if self.pattern.get(at) != Some(&b'|') {
                return Err(at);
            }
            at += 1;
        }
    }

    /// Matches from here to the end of the alternative, and all that follows.
    fn sequence(&mut self, mut at: usize, digit: usize, then: Option<&Then>) -> Option<usize> {
        loop {
            match self.pattern.get(at) {
                None | Some(b'|' | b')') => return self.finish(at, digit, then),
                Some(b'(' | b'<') => return self.group(at, digit, then),
                Some(b'$') if digit == self.digits.len() => at += 1,
                Some(b'$') => return None,
                Some(first) => {
                    let group = (*first == b' ').then(|| self.groups_before(at));
                    let (class, next) = self.class(at);
                    let (least, most, next) = self.repetition(next);
                    let rest = self.digits.get(digit..).unwrap_or_default();
                    let fits = |d: &&u8| class & bit(**d) != 0;
                    let mut taken = rest.iter().take(most).take_while(fits).count();
                    loop {
                        let end = digit + taken;
                        self.capture(group, span(digit, end));
                        if taken < least {
                            return self.run_out(end, then);
                        }
                        let found = self.sequence(next, end, then);
                        if found.is_some() || taken == least {
                            return found;
                        }
                        taken -= 1;
                    }
                }
            }
        }
    }

    /// What a group has matched from now on; gives what it had before.
    fn capture(&mut self, group: Option<usize>, matched: Span) -> Span {
        let place = group.and_then(|group| self.groups.get_mut(group));
        place.map_or(NOWHERE, |place| core::mem::replace(place, matched))
    }

    /// How many groups begin before this place of the pattern.
    fn groups_before(&self, at: usize) -> usize {
        groups(self.pattern.get(..at).unwrap_or_default())
    }

    /// Where the pattern wants another digit: the match ends here if more digits may come.
    fn run_out(&mut self, digit: usize, then: Option<&Then>) -> Option<usize> {
        let open = matches!(self.until, Until::Unfinished | Until::UnfinishedEnd);
        if !open || digit < self.digits.len() {
            return None;
        }
        if let Some(then) = then {
            self.capture(then.group, span(then.from, digit));
        }
        Some(digit)
    }

    /// The end of an alternative: the group's, or the whole pattern's.
    fn finish(&mut self, mut at: usize, digit: usize, then: Option<&Then>) -> Option<usize> {
        let Some(then) = then else {
            let anywhere = matches!(self.until, Until::Anywhere | Until::Unfinished);
            let ends = anywhere || digit == self.digits.len();
            return ends.then_some(digit);
        };
        while self.pattern.get(at) == Some(&b'|') {
            at = self.alternative_end(at + 1);
        }
        let (_, next) = self.behind_group(at);
        let before = self.capture(then.group, span(then.from, digit));
        let end = self.sequence(next, digit, then.outer);
        if end.is_none() {
            self.capture(then.group, before);
        }
        end
    }

    /// Matches a group, which may be one that can be left out.
    fn group(&mut self, at: usize, digit: usize, then: Option<&Then>) -> Option<usize> {
        let numbered = self.pattern.get(at) == Some(&b'(');
        let inside = Then {
            group: numbered.then(|| self.groups_before(at)),
            from: digit,
            outer: then,
        };
        match self.alternatives(at + 1, digit, Some(&inside)) {
            Ok(end) => Some(end),
            Err(close) => match self.behind_group(close) {
                (true, next) => self.sequence(next, digit, then),
                (false, _) => None,
            },
        }
    }

    /// Whether the group that is closed here may be left out, and where the pattern goes on.
    fn behind_group(&self, close: usize) -> (bool, usize) {
        let optional = self.pattern.get(close + 1) == Some(&b'?');
        (optional, close + 1 + usize::from(optional))
    }

    /// The digits that may stand at this place of the pattern, a bit each, and where the pattern goes on.
    fn class(&self, at: usize) -> (u16, usize) {
        let byte = |at: usize| self.pattern.get(at).copied().unwrap_or(b']');
        match byte(at) {
            b'.' => (0x3FF, at + 1),
            b' ' => (0x3FF, at),
            b'[' => {
                let mut class = 0;
                let mut at = at + 1;
                while byte(at) != b']' {
                    let from = byte(at);
                    let mut to = from;
                    if byte(at + 1) == b'-' {
                        to = byte(at + 2);
                        at += 2;
                    }
                    at += 1;
                    for digit in from..=to {
                        class |= bit(digit);
                    }
                }
                (class, at + 1)
            }
            digit => (bit(digit), at + 1),
        }
    }

    /// How often the class before this place may stand at least and at most, and where the pattern goes on.
    fn repetition(&self, at: usize) -> (usize, usize, usize) {
        match self.pattern.get(at) {
            Some(b'?') => (0, 1, at + 1),
            Some(b'{' | b' ') => {
                let mut most = 0;
                let mut least = None;
                let mut end = at + 1;
                while let Some(byte) = self.pattern.get(end) {
                    match byte {
                        b'0'..=b'9' => most = most * 10 + usize::from(byte - b'0'),
                        b',' | b'-' => least = Some(core::mem::take(&mut most)),
                        _ => break,
                    }
                    end += 1;
                }
                let bracket = self.pattern.get(end) == Some(&b'}');
                (least.unwrap_or(most), most, end + usize::from(bracket))
            }
            _ => (1, 1, at),
        }
    }

    /// Where the alternative ends that goes on here: at a bar, at the end of its brackets or of the pattern.
    fn alternative_end(&self, from: usize) -> usize {
        let mut depth = 0;
        for (at, byte) in self.pattern.iter().enumerate().skip(from) {
            match byte {
                b'(' | b'<' => depth += 1,
                b'|' | b')' if depth == 0 => return at,
                b')' => depth -= 1,
                _ => {}
            }
        }
        self.pattern.len()
    }
}

/// What a group matched.
const fn span(from: usize, to: usize) -> Span {
    (from << 8 | to) as Span
}

/// A digit as a bit; none for what is no digit.
const fn bit(digit: u8) -> u16 {
    if digit.is_ascii_digit() {
        1 << (digit - b'0')
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(pattern: &[u8], digits: &[u8]) -> Option<Captures> {
        run(pattern, digits, Until::End)
    }

    fn may_be(pattern: &[u8], digits: &[u8]) -> Option<Captures> {
        run(pattern, digits, Until::UnfinishedEnd)
    }

    fn may_begin(pattern: &[u8], digits: &[u8]) -> bool {
        run(pattern, digits, Until::Unfinished).is_some()
    }

    fn matched<'d>(pattern: &str, digits: &'d str) -> Option<(&'d str, Vec<Option<&'d str>>)> {
        let found = start(pattern.as_bytes(), digits.as_bytes())?;
        let text = |bytes| std::str::from_utf8(bytes).unwrap();
        let groups = (1..=groups(pattern.as_bytes()))
            .map(|number| found.group(number, digits.as_bytes()).map(text))
            .collect();
        Some((digits.get(..found.end)?, groups))
    }

    #[test]
    fn digits_classes_and_repetitions_match_as_written() {
        assert_eq!(matched("0", "0301"), Some(("0", vec![])));
        assert_eq!(matched("0", "1"), None);
        assert_eq!(matched("[2-57]", "4"), Some(("4", vec![])));
        assert_eq!(matched("[2-57]", "6"), None);
        assert_eq!(matched(r".{3}", "12"), None);
        assert_eq!(matched(r".{2,3}", "1234"), Some(("123", vec![])));
        assert!(is_whole(br".{2,3}", b"12"));
        assert!(!is_whole(br".{2,3}", b"1234"));
        assert_eq!(matched("80?", "81"), Some(("8", vec![])));
    }

    #[test]
    fn a_repetition_gives_back_what_the_rest_needs() {
        assert!(is_whole(br"(.{2,4})(.{3})", b"12345"));
        let digits = b"123456";
        let found = whole(br"(.{2,4})(.{3})", digits).unwrap();
        assert_eq!(found.group(1, digits), Some(&b"123"[..]));
        assert_eq!(found.group(2, digits), Some(&b"456"[..]));
        let found = whole(b" 2-4 3", digits).unwrap();
        assert_eq!(found.group(1, digits), Some(&b"123"[..]));
        assert_eq!(found.group(2, digits), Some(&b"456"[..]));
    }

    #[test]
    fn alternatives_are_tried_in_order_and_groups_remember() {
        let pattern = r"([457].{6})$|1";
        assert_eq!(
            matched(pattern, "4123456"),
            Some(("4123456", vec![Some("4123456")]))
        );
        assert_eq!(matched(pattern, "41234567"), None);
        assert_eq!(matched(pattern, "14123456"), Some(("1", vec![None])));
    }

    #[test]
    fn a_group_that_may_be_left_out_is_taken_if_it_can_be() {
        let pattern = r"<0|90)<(1[245]|2[1-35]|31)(.{10,11}))?";
        assert_eq!(
            matched(pattern, "0151234567890"),
            Some(("0151234567890", vec![Some("15"), Some("1234567890")]))
        );
        assert_eq!(matched(pattern, "0119"), Some(("0", vec![None, None])));
        assert_eq!(
            matched("0?<(11|2<2<02?|[13])|3))15)?", "0220215"),
            Some(("0220215", vec![Some("2202")]))
        );
        assert_eq!(matched("0?<(11)15)?", "2"), Some(("", vec![None])));
    }

    #[test]
    fn more_digits_may_come() {
        assert!(may_begin(b"3[02]|40", b""));
        assert!(may_begin(b"3[02]|40", b"4"));
        assert!(!may_begin(b"3[02]|40", b"5"));
        assert!(may_begin(b"3[02]|40", b"3012"));
        for pattern in [&b"(.{3})(.{3})(.{4})"[..], b" 3 3 4"] {
            let group = |digits: &[u8], number| {
                let found = may_be(pattern, digits)?;
                found.group(number, digits).map(<[u8]>::to_vec)
            };
            assert_eq!(group(b"65025", 1).as_deref(), Some(&b"650"[..]));
            assert_eq!(group(b"65025", 2).as_deref(), Some(&b"25"[..]));
            assert_eq!(group(b"65025", 3), None);
            assert!(may_be(pattern, b"6502530000").is_some());
            assert!(may_be(pattern, b"65025300001").is_none());
        }
    }

    #[test]
    fn a_template_is_filled_in() {
        let digits = b"9351234567";
        let found = whole(b"(.)(.{3})(.{6})", digits).unwrap();
        let mut text = Text::EMPTY;
        found.expand(b"$2 15-$3", digits, &mut text);
        assert_eq!(text.as_bytes(), b"351 15-234567");
    }
}
