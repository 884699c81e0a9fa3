//! The texts, one file for each language: what is wrong with them, and the part of each script.
//!
//! `web/texts/<language>.json` has `dir` and a section for each place that texts are said in. A script downloads its
//! section of one language, `assets/<hash>/<folder>/<language>.json`. How to add a language: docs/languages.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use super::assets;

/// The language that the others are held against, and that is said where there is no other.
const FIRST: &str = "en";
/// What scripts have in place of the names of all languages.
const NAMES_IN_SOURCE: &str = "^(dev)\\b";

/// A text; where it counts something, one for each plural form of its language.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
enum Text {
    One(String),
    Plural(BTreeMap<String, String>),
}

type Section = BTreeMap<String, Text>;

/// Which way a language is written.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Dir {
    Ltr,
    Rtl,
}

/// What is in `web/texts/<language>.json`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sections {
    dir: Dir,
    /// Call buttons and callback forms.
    elements: Section,
    /// The agent's panel, which also says some of the elements' texts.
    panel: Section,
    /// The phone field.
    field: Section,
    /// The page scanner's card.
    scanner: Section,
    /// The frame of a CRM, beside the panel in it.
    host: Section,
}

impl Sections {
    /// By the folders that they are in among the assets.
    fn by_folder(&self) -> [(&'static str, &Section); 5] {
        [
            ("texts", &self.elements),
            ("panel", &self.panel),
            ("field", &self.field),
            ("scanner", &self.scanner),
            ("host", &self.host),
        ]
    }
}

/// All plural forms that there are.
const FORMS: [&str; 6] = ["few", "many", "one", "other", "two", "zero"];

/// What the panel says in the elements' words.
const SHARED: [&str; 5] = ["call.label", "code.", "flag.", "notice.", "state."];
/// Of these codes it never hears: they are about forms, or mistakes that only programs make, which come with words.
const NOT_HEARD: [&str; 24] = [
    "code.body_",
    "code.cancelled",
    "code.captcha",
    "code.closed",
    "code.consent",
    "code.idempotency_",
    "code.invalid_header",
    "code.invalid_json",
    "code.key_",
    "code.manage_",
    "code.method_",
    "code.missing_field",
    "code.module_failed",
    "code.overdue",
    "code.proof",
    "code.quiet_",
    "code.slot_",
    "code.spam",
    "code.too_fast",
    "code.too_late",
    "code.topic",
    "code.unknown_attribute_value",
    "code.unknown_field",
    "code.unsupported_",
];

/// All languages, by their tags.
pub struct Texts(BTreeMap<String, Sections>);

impl Texts {
    /// Reads them. Anything that is missing, superfluous or wrong in one of them is an error that names it.
    pub fn read(folder: &Path) -> Result<Self> {
        let mut all = BTreeMap::new();
        for file in assets::files(folder)? {
            let name = file.file_name().and_then(|name| name.to_str());
            let Some(lang) = name.and_then(|name| name.strip_suffix(".json")) else {
                bail!(
                    "{} is no language: a file is named like `de.json`",
                    file.display()
                );
            };
            let text = fs::read_to_string(&file)?;
            let sections = serde_json::from_str(&text)
                .with_context(|| format!("{} holds no texts", file.display()))?;
            all.insert(lang.to_owned(), sections);
        }
        let texts = Self(all);
        let wrong = texts.wrong()?;
        if !wrong.is_empty() {
            bail!("texts that cannot be shipped:\n{}", wrong.join("\n"));
        }
        Ok(texts)
    }

    /// Writes each script's part of each language below `assets`.
    pub fn split(&self, assets: &Path) -> Result<()> {
        for (lang, sections) in &self.0 {
            for (folder, section) in sections.by_folder() {
                let mut part = section.clone();
                if folder == "panel" {
                    let begins = |key: &str, all: &[&str]| all.iter().any(|it| key.starts_with(it));
                    let shared = sections
                        .elements
                        .iter()
                        .filter(|(key, _)| begins(key, &SHARED) && !begins(key, &NOT_HEARD));
                    part.extend(shared.map(|(key, text)| (key.clone(), text.clone())));
                }
                let dir = match sections.dir {
                    Dir::Ltr => "ltr",
                    Dir::Rtl => "rtl",
                };
                let mut flat = serde_json::Map::new();
                flat.insert("lang".to_owned(), lang.as_str().into());
                flat.insert("dir".to_owned(), dir.into());
                for (key, text) in part {
                    match text {
                        Text::One(text) => {
                            flat.insert(key, text.into());
                        }
                        // As keys of their own: whoever has no plural rules looks for `other`.
                        Text::Plural(forms) => flat.extend(
                            forms
                                .into_iter()
                                .map(|(form, text)| (format!("{key}.{form}"), text.into())),
                        ),
                    }
                }
                let folder = assets.join(folder);
                fs::create_dir_all(&folder)?;
                let text = serde_json::to_string(&Value::Object(flat))?;
                fs::write(folder.join(format!("{lang}.json")), text)?;
            }
        }
        Ok(())
    }

    /// The names of the languages into every script of a folder that asks for them.
    pub fn name_in(&self, folder: &Path) -> Result<()> {
        // Longer ones first: `pt-br` before `pt`.
        let names: Vec<&str> = self.0.keys().rev().map(String::as_str).collect();
        let names = format!("^({})\\b", names.join("|"));
        for file in assets::files(folder)? {
            if file.extension().is_none_or(|ending| ending != "js") {
                continue;
            }
            let text = fs::read_to_string(&file)?;
            if text.contains(NAMES_IN_SOURCE) {
                fs::write(&file, text.replace(NAMES_IN_SOURCE, &names))?;
            }
        }
        Ok(())
    }

    /// What is wrong, one line for each: the file, the key, and why.
    fn wrong(&self) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        let first = self
            .0
            .get(FIRST)
            .with_context(|| format!("there is no {FIRST}.json"))?;
        for (lang, sections) in &self.0 {
            let pairs = sections.by_folder().into_iter().zip(first.by_folder());
            for ((_, section), (_, first)) in pairs {
                let mut say =
                    |key: &str, why: &str| wrong.push(format!("{lang}.json: {key}: {why}"));
                for key in first.keys().filter(|key| !section.contains_key(*key)) {
                    say(key, "is missing");
                }
                for (key, text) in section {
                    match first.get(key) {
                        None => say(key, &format!("is not in {FIRST}.json")),
                        Some(first) => {
                            for why in faults(lang, sections.dir, text, first) {
                                say(key, &why);
                            }
                        }
                    }
                }
            }
        }
        Ok(wrong)
    }
}

/// What is wrong with one text beside the first language's.
fn faults(lang: &str, dir: Dir, text: &Text, first: &Text) -> Vec<String> {
    let mut faults = Vec::new();
    let (forms, wanted) = match (text, first) {
        (Text::One(text), Text::One(first)) => (vec![text], gaps(first)),
        (Text::Plural(forms), Text::Plural(first)) => {
            let here: Vec<&str> = forms.keys().map(String::as_str).collect();
            let fits = match plural_forms(lang) {
                Some(there) => here == there,
                None => here.contains(&"other") && here.iter().all(|form| FORMS.contains(form)),
            };
            if !fits {
                let there = plural_forms(lang).unwrap_or(&FORMS);
                faults.push(format!(
                    "has the plural forms {here:?}, and its language {there:?}"
                ));
            }
            let other = first.get("other").map(|text| gaps(text));
            (forms.values().collect(), other.unwrap_or_default())
        }
        _ => {
            faults.push(format!(
                "has plural forms in one of {lang}.json and {FIRST}.json only"
            ));
            return faults;
        }
    };
    for text in forms {
        if text.trim().is_empty() {
            faults.push("is empty".to_owned());
        }
        if text.trim() != text {
            faults.push("has white space around it".to_owned());
        }
        if gaps(text) != wanted {
            faults.push(format!(
                "has the gaps {:?}, and {FIRST}.json {wanted:?}",
                gaps(text)
            ));
        }
        if dir == Dir::Rtl && !is_isolated(text) {
            faults.push("has a gap that is not between U+2066 or U+2068 and U+2069: a number in it would be turned round".to_owned());
        }
    }
    faults
}

/// The names in braces.
fn gaps(text: &str) -> BTreeSet<&str> {
    let parts = text.split('{').skip(1);
    parts
        .filter_map(|part| Some(part.split_once('}')?.0))
        .collect()
}

/// Whether what comes into each gap keeps its own direction.
fn is_isolated(text: &str) -> bool {
    let before = text.split('{').rev().skip(1);
    let after = text.split('}').skip(1);
    before
        .into_iter()
        .all(|part| part.ends_with(['\u{2066}', '\u{2068}']))
        && after.into_iter().all(|part| part.starts_with('\u{2069}'))
}

/// What `Intl.PluralRules` gives for a language (CLDR 45), if it is known here. `many` is for millions in some.
fn plural_forms(lang: &str) -> Option<&'static [&'static str]> {
    Some(match lang.split('-').next().unwrap_or(lang) {
        "ja" | "ko" | "zh" | "th" | "vi" | "id" => &["other"],
        "de" | "en" | "nl" | "sv" | "da" | "nb" | "fi" | "hu" | "tr" | "el" => &["one", "other"],
        "fr" | "es" | "it" | "pt" | "ca" => &["many", "one", "other"],
        "pl" | "ru" | "uk" | "cs" | "sk" => &["few", "many", "one", "other"],
        "ro" => &["few", "one", "other"],
        "he" => &["one", "other", "two"],
        "ar" => &["few", "many", "one", "other", "two", "zero"],
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder's texts: each language's with one key in `elements`.
    fn texts(all: &[(&str, &str, Value)]) -> Texts {
        let languages = all.iter().map(|(lang, dir, elements)| {
            let none = serde_json::json!({});
            let sections = serde_json::json!({
                "dir": dir, "elements": elements, "panel": none, "field": none, "scanner": none, "host": none,
            });
            ((*lang).to_owned(), serde_json::from_value(sections).unwrap())
        });
        Texts(languages.collect())
    }

    fn wrong(first: Value, lang: &str, dir: &str, other: Value) -> Vec<String> {
        texts(&[("en", "ltr", first), (lang, dir, other)])
            .wrong()
            .unwrap()
    }

    #[test]
    fn the_texts_of_all_languages_can_be_shipped() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/texts");
        let texts = Texts::read(Path::new(folder)).unwrap();
        for lang in ["en", "de"] {
            assert!(texts.0.contains_key(lang), "{lang}");
        }
    }

    #[test]
    fn what_is_missing_superfluous_or_empty_is_named_with_its_file() {
        let first = serde_json::json!({"a": "A", "b": "B"});
        let other = serde_json::json!({"b": " ", "c": "C"});
        let wrong = wrong(first, "de", "ltr", other);
        assert_eq!(wrong.len(), 4, "{wrong:?}");
        assert_eq!(wrong[0], "de.json: a: is missing");
        assert_eq!(wrong[1], "de.json: b: is empty");
        assert!(wrong[2].starts_with("de.json: b: has white space"));
        assert_eq!(wrong[3], "de.json: c: is not in en.json");
    }

    #[test]
    fn a_gap_that_is_lost_or_misspelt_is_found() {
        let first = serde_json::json!({"a": "Call {number}"});
        for text in ["Anrufen", "{Nummer} anrufen", "{number} {name}"] {
            let wrong = wrong(first.clone(), "de", "ltr", serde_json::json!({"a": text}));
            assert_eq!(wrong.len(), 1, "{text}");
        }
        let right = serde_json::json!({"a": "{number} anrufen"});
        assert!(wrong(first, "de", "ltr", right).is_empty());
    }

    #[test]
    fn plural_forms_are_those_of_the_language() {
        let first = serde_json::json!({"a": {"one": "{n} call", "other": "{n} calls"}});
        let check =
            |lang, other| wrong(first.clone(), lang, "ltr", serde_json::json!({"a": other}));
        assert!(check("ja", serde_json::json!({"other": "{n}"})).is_empty());
        assert!(!check("ja", serde_json::json!({"one": "{n}", "other": "{n}"})).is_empty());
        assert!(!check("fr", serde_json::json!({"one": "{n}", "other": "{n}"})).is_empty());
        assert!(!check("de", serde_json::json!("{n} Anrufe")).is_empty());
        // Of a language that is not known here: `other` has to be there, and no form that there is none of.
        assert!(check("cy", serde_json::json!({"few": "{n}", "other": "{n}"})).is_empty());
        assert!(!check("cy", serde_json::json!({"few": "{n}"})).is_empty());
        assert!(!check("cy", serde_json::json!({"some": "{n}", "other": "{n}"})).is_empty());
    }

    #[test]
    fn what_comes_into_a_text_from_right_to_left_keeps_its_own_direction() {
        let first = serde_json::json!({"a": "Call {number}"});
        let check = |text| wrong(first.clone(), "ar", "rtl", serde_json::json!({"a": text})).len();
        assert_eq!(check("اتصل بـ {number}"), 1);
        assert_eq!(check("اتصل بـ \u{2066}{number}\u{2069}"), 0);
    }

    #[test]
    fn longer_names_come_before_those_that_they_begin_with() {
        let work = crate::scratch::Scratch::new(std::env::temp_dir().join("patchcord-texts-names"))
            .unwrap();
        let script = work.path().join("a.js");
        fs::write(&script, format!("x = /{NAMES_IN_SOURCE}/i")).unwrap();
        let none = || serde_json::json!({});
        texts(&[
            ("en", "ltr", none()),
            ("pt", "ltr", none()),
            ("pt-br", "ltr", none()),
        ])
        .name_in(work.path())
        .unwrap();
        let text = fs::read_to_string(&script).unwrap();
        assert_eq!(text, "x = /^(pt-br|pt|en)\\b/i");
    }
}
