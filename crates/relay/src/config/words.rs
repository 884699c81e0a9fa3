//! Texts for people: one for everybody, or one for each language.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};

/// The language that is taken where there is no text in the wished one.
const USUAL: &str = "en";

/// A text for people, written as one text, or as a table of them by language tag (`de`, `pt-BR`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words<T = String> {
    /// For whoever reads none of the languages.
    usual: T,
    /// By language as it is written; empty where there is one text for everybody.
    by_language: BTreeMap<String, T>,
}

impl<T> Words<T> {
    /// The text for somebody who reads `lang`: in that language, else in a wider or narrower form of it (`de` for
    /// `de-AT`, and the other way round), else the usual one.
    pub fn pick(&self, lang: &str) -> &T {
        let mut wished = lang;
        loop {
            if let Some(text) = self.find(|tag| tag.eq_ignore_ascii_case(wished)) {
                return text;
            }
            match wished.rsplit_once('-') {
                Some((wider, _)) => wished = wider,
                None => break,
            }
        }
        self.find(|tag| primary(tag).eq_ignore_ascii_case(wished))
            .unwrap_or(&self.usual)
    }

    /// The text for whoever reads none of the languages: English, where it is there, else the first by the alphabet.
    pub const fn usual(&self) -> &T {
        &self.usual
    }

    fn find(&self, is_it: impl Fn(&str) -> bool) -> Option<&T> {
        let mut texts = self.by_language.iter();
        texts.find(|(tag, _)| is_it(tag)).map(|(_, text)| text)
    }
}

impl<T: fmt::Display> Words<T> {
    /// All of it in one text that changes with any of its texts: the text itself, or a line `tag: text` for each
    /// language, in the order of the alphabet.
    pub fn written(&self) -> String {
        if self.by_language.is_empty() {
            return self.usual.to_string();
        }
        let lines = self.by_language.iter();
        let lines: Vec<_> = lines.map(|(tag, text)| format!("{tag}: {text}")).collect();
        lines.join("\n")
    }
}

/// The language of a tag, without script and region.
fn primary(tag: &str) -> &str {
    tag.split_once('-').map_or(tag, |(language, _)| language)
}

/// Whether this is a language tag in its ordinary form: two or three letters, then letters and digits.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or_default();
    tag.len() <= 35
        && (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_alphabetic())
        && parts.all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        })
}

impl<'de, T> Deserialize<'de> for Words<T>
where
    T: FromStr<Err: fmt::Display> + Clone,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<T>(PhantomData<T>);

        impl<'de, T> Visitor<'de> for Read<T>
        where
            T: FromStr<Err: fmt::Display> + Clone,
        {
            type Value = Words<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text, or a table of texts by language")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Words<T>, E> {
                Ok(Words {
                    usual: read(text)?,
                    by_language: BTreeMap::new(),
                })
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Words<T>, A::Error> {
                let mut by_language = BTreeMap::new();
                while let Some((tag, text)) = map.next_entry::<String, String>()? {
                    if !is_language(&tag) {
                        return Err(de::Error::custom(format!("`{tag}` is no language")));
                    }
                    by_language.insert(tag, read::<T, _>(&text)?);
                }
                let usual = by_language.get(USUAL).or(by_language.values().next());
                match usual.cloned() {
                    Some(usual) => Ok(Words { usual, by_language }),
                    None => Err(de::Error::custom("there is no text in it")),
                }
            }
        }
        deserializer.deserialize_any(Read(PhantomData))
    }
}

fn read<T: FromStr<Err: fmt::Display>, E: de::Error>(text: &str) -> Result<T, E> {
    text.parse().map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(toml: &str) -> Result<Words, toml::de::Error> {
        #[derive(Deserialize)]
        struct Whole {
            text: Words,
        }
        toml::from_str::<Whole>(&format!("text = {toml}")).map(|whole| whole.text)
    }

    #[test]
    fn one_text_is_for_everybody() {
        let text = words("\"Sales\"").unwrap();
        assert_eq!(
            (text.pick("de").as_str(), text.pick("").as_str()),
            ("Sales", "Sales")
        );
        assert_eq!(text.written(), "Sales");
    }

    #[test]
    fn the_nearest_language_is_picked_else_english_else_the_first() {
        let text = words(
            r#"{ fr = "Ventes", en = "Sales", de = "Verkauf", de-CH = "Verkouf", pt-BR = "Vendas" }"#,
        )
        .unwrap();
        for (lang, picked) in [
            ("de", "Verkauf"),
            ("DE-at", "Verkauf"),
            ("de-ch", "Verkouf"),
            ("de-CH-1996", "Verkouf"),
            ("pt", "Vendas"),
            ("pt-PT", "Vendas"),
            ("ja", "Sales"),
            ("", "Sales"),
            ("d", "Sales"),
            ("-", "Sales"),
        ] {
            assert_eq!(text.pick(lang), picked, "{lang}");
        }
        let text = words(r#"{ ja = "営業", fr = "Ventes" }"#).unwrap();
        assert_eq!(text.pick("en"), "Ventes");
        assert_eq!(text.written(), "fr: Ventes\nja: 営業");
    }

    #[test]
    fn a_table_without_a_text_or_with_what_is_no_language_is_refused() {
        for wrong in [
            "{}",
            "{ english = \"Sales\" }",
            "{ e = \"Sales\" }",
            "{ de_AT = \"Sales\" }",
            "{ en = 1 }",
            "1",
            "[\"Sales\"]",
        ] {
            assert!(words(wrong).is_err(), "{wrong}");
        }
    }
}
