//! JSON as it is read here: tolerant of what is missing, of another type, or new.
//!
//! One tree for everything, because each type that serde derives for costs a kilobyte in the browser. Keys and
//! most texts are borrowed; nothing is allocated for what is skipped but its place.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number that is not negative.
    Whole(u64),
    /// Any other number.
    Number(f64),
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
        serde_json::from_slice(bytes).ok()
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
            Json::Text(text) => text.parse().ok(),
            // `5.0` and `5e0` are whole too.
            Json::Number(number) if number.fract() == 0.0 && (0.0..9e15).contains(number) => {
                Some(*number as u64)
            }
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
    if !out.ends_with(['{', '[']) {
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

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tree)
    }
}

struct Tree;

impl<'de> Visitor<'de> for Tree {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Whole(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json<'de>, A::Error> {
        let mut object = Vec::new();
        while let Some(Key(key)) = members.next_key()? {
            object.push((key, members.next_value()?));
        }
        Ok(Json::Object(object))
    }
}

/// A key, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Json::deserialize(deserializer)? {
            Json::Text(key) => Ok(Key(key)),
            _ => Ok(Key(Cow::Borrowed(""))),
        }
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

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not_and_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let json = Json::read(&bytes);
            prop_assert_eq!(json.is_some(), serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
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
