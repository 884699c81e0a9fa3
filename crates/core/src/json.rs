//! JSON as it is read here: tolerant of what is missing, of another type, or new.
//!
//! One tree for everything, because each type that serde derives for costs a kilobyte in the browser. Keys and
//! most texts are borrowed; nothing is allocated for what is skipped but its place. Read by hand (RFC 8259), because
//! `serde_json`'s reader is 5 kB of a browser's download; what is JSON and what is not is held to be the same by a
//! property test.

use std::borrow::Cow;

use crate::text;

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number that is not negative, and not larger than 64 bits.
    Whole(u64),
    /// Any other number, as it is written.
    Number(&'a str),
    /// A string.
    Text(Cow<'a, str>),
    /// An array.
    List(Vec<Json<'a>>),
    /// An object, its members in their order.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// What is read where nothing is.
static NOTHING: Json<'static> = Json::Null;

impl<'a> Json<'a> {
    /// Reads a JSON text; `None` where it is none.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        Parser::new(text, Surrogates::Refused).whole().ok()
    }

    /// The members of an object, none for anything else.
    pub fn members(&self) -> &[(Cow<'a, str>, Json<'a>)] {
        match self {
            Json::Object(members) => members,
            _ => &[],
        }
    }

    /// The items of a list, none for anything else.
    pub fn items(&self) -> &[Json<'a>] {
        match self {
            Json::List(items) => items,
            _ => &[],
        }
    }

    /// The items of the list under `name`, each made into something.
    pub fn list<T>(&self, name: &str, read: fn(&Json<'_>) -> T) -> Vec<T> {
        self.at(name).items().iter().map(read).collect()
    }

    /// The value under `name`, `null` where there is none. The last one, where there are several.
    pub fn at(&self, name: &str) -> &Json<'a> {
        let mut members = self.members().iter().rev();
        members
            .find(|(key, _)| key == name)
            .map_or(&NOTHING, |(_, value)| value)
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        matches!(self, Json::Object(_))
    }

    /// A text, empty for anything else.
    pub fn as_text(&self) -> &str {
        match self {
            Json::Text(text) => text,
            _ => "",
        }
    }

    /// The text under `name`, empty where there is none.
    pub fn text(&self, name: &str) -> String {
        self.at(name).as_text().to_owned()
    }

    /// Whether there is `true` under `name`.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.at(name), Json::Bool(true))
    }

    /// A whole number, or a text of digits, as 64-bit integers are written in JSON.
    pub fn as_whole(&self) -> Option<u64> {
        match self {
            Json::Whole(number) => Some(*number),
            Json::Text(digits) => text::number(digits),
            Json::Number(number) => whole(number),
            _ => None,
        }
    }

    /// The whole number under `name`, 0 where there is none.
    pub fn whole(&self, name: &str) -> u64 {
        self.at(name).as_whole().unwrap_or_default()
    }

    /// The same, of 32 bits; larger ones are cut to the largest.
    pub fn whole32(&self, name: &str) -> u32 {
        u32::try_from(self.whole(name)).unwrap_or(u32::MAX)
    }
}

/// One member of an object that is written.
pub enum Field<'a> {
    /// A string.
    Text(&'a str),
    /// `true` or `false`
    Flag(bool),
    /// A whole number.
    Whole(u64),
    /// Strings.
    List(&'a [String]),
    /// JSON as it is.
    Json(&'a str),
    /// A map of texts.
    Map(Vec<(String, String)>),
}

/// Writes an object with these members.
pub fn object(fields: &[(&str, Field<'_>)]) -> String {
    let mut out = String::from("{");
    for (name, field) in fields {
        key(&mut out, name);
        match field {
            Field::Text(value) => text(&mut out, value),
            Field::Flag(on) => out.push_str(if *on { "true" } else { "false" }),
            Field::Whole(number) => out.push_str(&number.to_string()),
            Field::Json(json) => out.push_str(json),
            Field::List(items) => {
                out.push('[');
                for item in *items {
                    comma(&mut out);
                    text(&mut out, item);
                }
                out.push(']');
            }
            Field::Map(members) => {
                out.push('{');
                for (name, value) in members {
                    key(&mut out, name);
                    text(&mut out, value);
                }
                out.push('}');
            }
        }
    }
    out.push('}');
    out
}

fn key(out: &mut String, name: &str) {
    comma(out);
    text(out, name);
    out.push(':');
}

fn comma(out: &mut String) {
    if !matches!(out.as_bytes().last(), Some(b'{' | b'[')) {
        out.push(',');
    }
}

/// A text in quotes, with what RFC 8259 says has to be escaped.
pub fn text(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\0'..='\x1f' => {
                out.push_str("\\u00");
                let byte = c as usize;
                for digit in [byte >> 4, byte & 15] {
                    out.extend(HEX.get(digit).map(|&digit| char::from(digit)));
                }
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// Whether a text is JSON; a lone surrogate in a string is no mistake here.
///
/// # Errors
/// How many bytes are right.
pub fn check(text: &str) -> Result<(), usize> {
    Parser::new(text, Surrogates::Let).whole().map(drop)
}

/// `5.0` and `5e0` are whole numbers too.
fn whole(number: &str) -> Option<u64> {
    let exponent = text::split(number, b'e').or_else(|| text::split(number, b'E'));
    let (mantissa, exponent) = exponent.unwrap_or((number, "0"));
    let (int, fraction) = text::split(mantissa, b'.').unwrap_or((mantissa, ""));
    let digits = [int, fraction].concat();
    let (places, to_the_left) = match exponent.strip_prefix('-') {
        Some(places) => (places, true),
        None => (exponent.strip_prefix('+').unwrap_or(exponent), false),
    };
    let places = usize::try_from(text::number(places)?).ok()?;
    let point = if to_the_left {
        int.len().checked_sub(places)
    } else {
        int.len().checked_add(places)
    };
    let point = point.filter(|&point| point <= 20)?;
    let rest = digits.get(point..).unwrap_or_default();
    if rest.bytes().any(|digit| digit != b'0') {
        return None;
    }
    let mut kept = digits.get(..point).unwrap_or(&digits).to_owned();
    while kept.len() < point {
        kept.push('0');
    }
    text::number(&kept)
}

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 127;

/// What becomes of a string that holds half of a surrogate pair.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Surrogates {
    /// It is no text, so it is not read.
    Refused,
    /// It is let through.
    Let,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    surrogates: Surrogates,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, surrogates: Surrogates) -> Self {
        Self {
            text,
            at: 0,
            depth: 0,
            surrogates,
        }
    }

    /// One value and nothing after it, or how far it was right.
    fn whole(mut self) -> Result<Json<'a>, usize> {
        let value = self.value();
        self.space();
        match value {
            Some(value) if self.at == self.text.len() => Ok(value),
            _ => Err(self.at),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        (self.peek() == Some(byte)).then(|| self.at += 1)
    }

    fn space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str, value: Json<'a>) -> Option<Json<'a>> {
        for byte in word.bytes() {
            self.eat(byte)?;
        }
        Some(value)
    }

    fn value(&mut self) -> Option<Json<'a>> {
        self.space();
        match self.peek()? {
            b'n' => self.word("null", Json::Null),
            b't' => self.word("true", Json::Bool(true)),
            b'f' => self.word("false", Json::Bool(false)),
            b'"' => self.string().map(Json::Text),
            b'{' => {
                let mut members = Vec::new();
                self.items(b'}', &mut |this| {
                    this.space();
                    let key = this.string()?;
                    this.space();
                    this.eat(b':')?;
                    members.push((key, this.value()?));
                    Some(())
                })?;
                Some(Json::Object(members))
            }
            b'[' => {
                let mut items = Vec::new();
                self.items(b']', &mut |this| {
                    items.push(this.value()?);
                    Some(())
                })?;
                Some(Json::List(items))
            }
            _ => self.number(),
        }
    }

    /// What stands between an opening bracket, commas and a closing one.
    fn items(&mut self, end: u8, item: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        self.at += 1;
        self.space();
        if self.eat(end).is_none() {
            loop {
                item(self)?;
                self.space();
                if self.eat(end).is_some() {
                    break;
                }
                self.eat(b',')?;
            }
        }
        self.depth -= 1;
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let begin = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        (self.at > begin).then_some(())
    }

    fn number(&mut self) -> Option<Json<'a>> {
        let begin = self.at;
        let negative = self.eat(b'-').is_some();
        // No zeros before a number.
        if self.eat(b'0').is_none() {
            self.digits()?;
        }
        let integer = self.at;
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if self.eat(b'e').or_else(|| self.eat(b'E')).is_some() {
            let _ = self.eat(b'+').or_else(|| self.eat(b'-'));
            self.digits()?;
        }
        let text = self.text.get(begin..self.at)?;
        let whole = (!negative && self.at == integer).then(|| text::number(text));
        Some(whole.flatten().map_or(Json::Number(text), Json::Whole))
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.eat(b'"')?;
        let mut owned: Option<String> = None;
        let mut begin = self.at;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => {
                    let own = owned.get_or_insert_default();
                    own.push_str(self.text.get(begin..self.at)?);
                    self.at += 1;
                    own.push(self.escape()?);
                    begin = self.at;
                }
                0..=0x1f => return None,
                _ => self.at += 1,
            }
        }
        let rest = self.text.get(begin..self.at)?;
        self.at += 1;
        Some(match owned {
            None => Cow::Borrowed(rest),
            Some(own) => Cow::Owned(own + rest),
        })
    }

    /// What stands after a backslash.
    fn escape(&mut self) -> Option<char> {
        let byte = self.peek()?;
        self.at += 1;
        Some(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                match char::from_u32(first) {
                    Some(char) => char,
                    None => self.second_half(first)?,
                }
            }
            _ => return None,
        })
    }

    fn second_half(&mut self, first: u32) -> Option<char> {
        let before = self.at;
        let second = self
            .eat(b'\\')
            .and_then(|()| self.eat(b'u'))
            .and_then(|()| self.hex());
        match second {
            Some(second @ 0xdc00..=0xdfff) if first < 0xdc00 => {
                char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00))
            }
            _ => {
                self.at = before;
                (self.surrogates == Surrogates::Let).then_some(char::REPLACEMENT_CHARACTER)
            }
        }
    }

    fn hex(&mut self) -> Option<u32> {
        let mut number = 0;
        for _ in 0..4 {
            number = number * 16 + char::from(self.peek()?).to_digit(16)?;
            self.at += 1;
        }
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_missing_or_of_another_type_reads_as_nothing() {
        let json = Json::read(br#"{"a": null, "b": 1, "c": "x", "d": [1], "e": {"f": true}}"#);
        let json = json.unwrap();
        assert_eq!(
            (json.text("a"), json.text("b"), json.text("z")),
            Default::default()
        );
        assert_eq!((json.whole("c"), json.whole("d")), (0, 0));
        assert!(!json.flag("a") && !json.flag("b") && json.at("e").flag("f"));
        assert_eq!(json.at("d").at("f"), &Json::Null);
        assert_eq!(json.at("c").items(), &[]);
    }

    #[test]
    fn whole_numbers_come_as_numbers_and_as_text() {
        let whole = |text: &str| Json::read(text.as_bytes()).unwrap().as_whole();
        assert_eq!(whole("18446744073709551615"), Some(u64::MAX));
        assert_eq!(whole("\"18446744073709551615\""), Some(u64::MAX));
        assert_eq!((whole("5.0"), whole("5e0")), (Some(5), Some(5)));
        for none in [
            "-1",
            "\"-1\"",
            "1.5",
            "\"\"",
            "\"1.0\"",
            "1e300",
            "true",
            "18446744073709551616",
        ] {
            assert_eq!(whole(none), None, "{none}");
        }
    }

    #[test]
    fn the_last_of_several_members_counts() {
        let json = Json::read(br#"{"a": 1, "\u0061": 2}"#).unwrap();
        assert_eq!(json.whole("a"), 2);
    }

    /// The same is JSON here as for `serde_json`, with the same values.
    fn same_as_serde(bytes: &[u8]) {
        let json = Json::read(bytes);
        match serde_json::from_slice::<serde_json::Value>(bytes) {
            Ok(value) => assert!(json.is_some_and(|json| same(&json, &value)), "{value}"),
            // A number that no `f64` holds is one all the same.
            Err(error) if error.to_string().starts_with("number out of range") => {}
            Err(error) => assert_eq!(json, None, "{error}"),
        }
        let text = std::str::from_utf8(bytes).ok();
        let known =
            text.is_some_and(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
        assert_eq!(text.is_some_and(|text| check(text).is_ok()), known);
    }

    fn same(json: &Json<'_>, value: &serde_json::Value) -> bool {
        use serde_json::Value;
        match (json, value) {
            (Json::Null, Value::Null) => true,
            (Json::Bool(own), Value::Bool(other)) => own == other,
            (Json::Whole(own), Value::Number(other)) => other.as_u64() == Some(*own),
            (Json::Number(own), Value::Number(other)) => {
                own.parse::<f64>().ok() == other.as_f64() && other.as_u64().is_none()
            }
            (Json::Text(own), Value::String(other)) => own == other,
            (Json::List(own), Value::Array(other)) => {
                own.len() == other.len()
                    && own.iter().zip(other).all(|(own, other)| same(own, other))
            }
            (Json::Object(_), Value::Object(other)) => {
                other.iter().all(|(key, value)| same(json.at(key), value))
            }
            _ => false,
        }
    }

    #[test]
    fn nesting_is_read_up_to_a_limit() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        for levels in [1, 127, 128, 100_000] {
            same_as_serde_up_to(&nested(levels), levels <= 127);
        }
    }

    fn same_as_serde_up_to(text: &str, read: bool) {
        assert_eq!(Json::read(text.as_bytes()).is_some(), read);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(text).is_ok(),
            read
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            same_as_serde(&bytes);
        }

        /// What almost is JSON, or is it in an unusual way.
        #[test]
        fn what_is_json_is_the_same_as_elsewhere(
            pieces in proptest::collection::vec(
                proptest::sample::select(vec![
                    "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "d800", "dc00", "00e9", "\"a\"", "\"b\":", "null",
                    "true", "false", "0", "1", "-", ".", "5", "e", "E+", "18446744073709551616", " ", "\n", "\t", "é",
                    "\u{0}", "\\n", "\\/", "\\x", "[[", "]]", "{\"k\":", "/",
                ]),
                0..12,
            ),
        ) {
            same_as_serde(pieces.concat().as_bytes());
        }

        #[test]
        fn what_is_written_is_read_again(name in ".*", value in ".*", number in any::<u64>(), items in proptest::collection::vec(".{0,8}", 0..4)) {
            let map = items.iter().map(|item| (item.clone(), value.clone())).collect();
            let written = object(&[
                ("text", Field::Text(&value)),
                ("whole", Field::Whole(number)),
                ("flag", Field::Flag(true)),
                ("items", Field::List(&items)),
                ("map", Field::Map(map)),
                (&format!("_{name}"), Field::Text(&name)),
            ]);
            let json = Json::read(written.as_bytes()).unwrap();
            prop_assert_eq!(json.text("text"), value.clone());
            prop_assert_eq!(json.whole("whole"), number);
            prop_assert!(json.flag("flag"));
            prop_assert_eq!(json.list("items", |item| item.as_text().to_owned()), items.clone());
            prop_assert!(items.iter().all(|item| json.at("map").text(item) == value));
            prop_assert_eq!(json.text(&format!("_{name}")), name);
        }
    }
}
