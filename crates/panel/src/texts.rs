//! The texts of the chosen language, by key.

use patchcord_core::outcome::Because;
use patchcord_core::text::{digits, split};

/// Texts by key. Looked through one by one: that is quick, because keys of another length are passed over at once,
/// and sorting is three kilobytes of code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(Vec<(String, String)>);

/// What happened and what to do about it, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What happened.
    pub headline: String,
    /// What to do about it; empty where nobody said.
    pub advice: String,
}

impl Said {
    /// Both, one after the other.
    pub fn whole(&self) -> String {
        joined(&[&self.headline, &self.advice], " ")
    }
}

impl Texts {
    /// From keys and texts, in any order. Of two with the same key the first counts.
    pub fn new(all: Vec<(String, String)>) -> Self {
        Self(all)
    }

    /// The text of a key, if there is one.
    #[inline(never)]
    pub fn find(&self, key: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == key);
        found.map(|(_, text)| &**text)
    }

    /// The text of a key; the key itself shows that one is missing.
    #[inline(never)]
    pub fn get<'a>(&'a self, key: &'a str) -> &'a str {
        self.find(key).unwrap_or(key)
    }

    /// The text for one word of a group; the word itself where there is none.
    #[inline(never)]
    pub fn word(&self, group: &str, word: &str) -> String {
        let key = [group, word].concat();
        self.find(&key).unwrap_or(word).to_owned()
    }

    /// A text with its one `{…}` filled in.
    #[inline(never)]
    pub fn fill(&self, key: &str, value: &str) -> String {
        fill(self.get(key), value)
    }

    /// A name or number for showing, alone or among other words: from right to left it keeps its own direction.
    #[inline(never)]
    pub fn apart(&self, shown: &str) -> String {
        if shown.is_empty() || self.find("dir") != Some("rtl") {
            shown.to_owned()
        } else {
            // Unicode's first strong isolate, and its end.
            ["\u{2068}", shown, "\u{2069}"].concat()
        }
    }

    /// What happened, by its stable code and the platform's or the relay's own words.
    pub fn of_code(&self, code: &str, message: Option<&str>) -> Said {
        let message = message.filter(|words| !words.is_empty());
        let key = ["code.", code].concat();
        let silent = [&key, ".silent"].concat();
        let headline = match (self.find(&key), message) {
            (Some(text), Some(message)) => fill(text, message),
            // A text that quotes needs something to quote.
            (Some(text), None) => self.find(&silent).unwrap_or(text).to_owned(),
            (None, Some(message)) => message.to_owned(),
            (None, None) => self.fill("code.other", code),
        };
        let advice = self.find(&[&key, ".remedy"].concat());
        Said {
            headline,
            advice: advice.unwrap_or_default().to_owned(),
        }
    }

    /// Why something was refused, or is not known.
    pub fn because(&self, because: &Because) -> Said {
        self.of_code(because.code.as_str(), because.message.as_deref())
    }
}

/// Fills in the first `{…}`; the value is taken as it is.
fn fill(text: &str, value: &str) -> String {
    let place = split(text, b'{').and_then(|(before, rest)| {
        let (_, after) = split(rest, b'}')?;
        Some((before, after))
    });
    match place {
        Some((before, after)) => [before, value, after].concat(),
        None => text.to_owned(),
    }
}

/// Those that say something, with `between` between them.
#[inline(never)]
pub fn joined(parts: &[&str], between: &str) -> String {
    let mut text = String::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !text.is_empty() {
            text.push_str(between);
        }
        text.push_str(part);
    }
    text
}

/// A time in minutes and seconds, with hours where there are some: `2:05`, `1:00:09`.
pub fn duration(seconds: u64) -> String {
    let two = |number: u64| {
        let text = digits(number);
        if number < 10 {
            ["0", &text].concat()
        } else {
            text
        }
    };
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, two(seconds % 60));
    if hours > 0 {
        [&digits(hours), ":", &two(minutes), ":", &seconds].concat()
    } else {
        [&digits(minutes), ":", &seconds].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_text_shows_its_key_and_a_value_is_taken_as_it_is() {
        let texts = Texts::new(vec![
            ("b".into(), "Call {number} now".into()),
            ("a".into(), "Alone".into()),
        ]);
        assert_eq!(texts.get("a"), "Alone");
        assert_eq!(texts.get("c"), "c");
        assert_eq!(texts.fill("b", "{$&}"), "Call {$&} now");
        assert_eq!(texts.fill("a", "x"), "Alone");
        assert_eq!(texts.word("desk.", "parked"), "parked");
    }

    #[test]
    fn a_number_is_not_turned_round_by_words_from_right_to_left() {
        let way = |dir: &str| Texts::new(vec![("dir".into(), dir.into())]);
        assert_eq!(way("rtl").apart("+49 30"), "\u{2068}+49 30\u{2069}");
        assert_eq!(way("rtl").apart(""), "");
        assert_eq!(way("ltr").apart("+49 30"), "+49 30");
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        assert_eq!(joined(&["", "a", "", "b", ""], " · "), "a · b");
        assert_eq!(joined(&[], " "), "");
    }

    #[test]
    fn durations_are_read_like_a_clock() {
        for (seconds, text) in [(0, "0:00"), (9, "0:09"), (125, "2:05"), (3609, "1:00:09")] {
            assert_eq!(duration(seconds), text);
        }
    }
}
