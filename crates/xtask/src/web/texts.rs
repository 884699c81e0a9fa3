//! The texts, one file for each language: what is wrong with them, and the part of each script.
//!
//! `web/texts/<language>.json` has `dir` and a section for each place that texts are said in. Each script downloads a
//! part of one language:
//!
//! ```text
//! texts/call.de.json, texts/callback.de.json    of the elements, what each of them says
//! panel/de.json                                 the panel's, and what it says in the elements' words
//! field/de.json, scanner/de.json, host/de.json
//! ```
//!
//! How to add a language: docs/languages.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::assets;

/// The language that the others are held against, and that is said where there is no other.
const FIRST: &str = "en";
/// What scripts have in place of the names of all languages.
const NAMES_IN_SOURCE: &str = "^(dev)\\b";

/// Texts by their keys. None has plural forms: what is counted comes into it with its unit, from `Intl`.
type Section = BTreeMap<String, String>;

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
    fn all(&self) -> [&Section; 5] {
        [
            &self.elements,
            &self.panel,
            &self.field,
            &self.scanner,
            &self.host,
        ]
    }

    /// What is downloaded, by how the paths begin.
    fn parts(&self) -> [(&'static str, Section); 6] {
        let of_elements = |says: &dyn Fn(&str) -> bool| -> Section {
            let said = self.elements.iter().filter(|(key, _)| says(key));
            said.map(|(key, text)| (key.clone(), text.clone()))
                .collect()
        };
        let mut panel =
            of_elements(&|key| begins(key, &PANEL_SHARES) && !begins(key, &PANEL_NEVER_HEARS));
        panel.extend(self.panel.clone());
        [
            (
                "texts/call.",
                of_elements(&|key| !begins(key, &OF_FORMS_ONLY)),
            ),
            (
                "texts/callback.",
                of_elements(&|key| WAITING.contains(&key) || !begins(key, &OF_CALLS_ONLY)),
            ),
            ("panel/", panel),
            ("field/", self.field.clone()),
            ("scanner/", self.scanner.clone()),
            ("host/", self.host.clone()),
        ]
    }
}

fn begins(key: &str, all: &[&str]) -> bool {
    all.iter().any(|beginning| key.starts_with(beginning))
}

/// What a call button never says.
const OF_FORMS_ONLY: [&str; 10] = [
    "callback.",
    "code.captcha",
    "code.consent",
    "code.key_",
    "code.manage_",
    "code.proof",
    "code.slot_",
    "code.spam",
    "code.too_fast",
    "code.topic",
];
/// What a callback form never says: a visitor has no session, and hears of no call's states.
const OF_CALLS_ONLY: [&str; 12] = [
    "call.",
    "code.agent_",
    "code.assertion_",
    "code.caller_id_",
    "code.duplicate_call",
    "code.provider_not_available",
    "code.record_",
    "code.session_",
    "code.sign_in_",
    "flag.",
    "notice.",
    "state.",
];
/// But it waits for the same.
const WAITING: [&str; 2] = ["call.offline", "call.waiting"];

/// What the panel says in the elements' words.
const PANEL_SHARES: [&str; 5] = ["call.label", "code.", "flag.", "notice.", "state."];
/// Of these codes it never hears: they are about forms, or mistakes that only programs make, which come with words.
const PANEL_NEVER_HEARS: [&str; 25] = [
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
    "code.record_",
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
            let dir = match sections.dir {
                Dir::Ltr => "ltr",
                Dir::Rtl => "rtl",
            };
            for (path, mut part) in sections.parts() {
                part.insert("lang".to_owned(), lang.clone());
                part.insert("dir".to_owned(), dir.to_owned());
                let file = assets.join(format!("{path}{lang}.json"));
                if let Some(folder) = file.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(file, serde_json::to_string(&part)?)?;
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
            for (section, first) in sections.all().into_iter().zip(first.all()) {
                let mut say =
                    |key: &str, why: &str| wrong.push(format!("{lang}.json: {key}: {why}"));
                for key in first.keys().filter(|key| !section.contains_key(*key)) {
                    say(key, "is missing");
                }
                for (key, text) in section {
                    match first.get(key) {
                        None => say(key, &format!("is not in {FIRST}.json")),
                        Some(first) => {
                            for why in faults(sections.dir, text, first) {
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
fn faults(dir: Dir, text: &str, first: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if text.trim().is_empty() {
        faults.push("is empty".to_owned());
    } else if text.trim() != text {
        faults.push("has white space around it".to_owned());
    }
    let (here, there) = (gaps(text), gaps(first));
    if here != there {
        faults.push(format!("has the gaps {here:?}, and {FIRST}.json {there:?}"));
    }
    if dir == Dir::Rtl && !is_isolated(text) {
        faults.push("has a gap that is not between U+2066 or U+2068 and U+2069: a number in it would be turned round".to_owned());
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

#[cfg(test)]
mod tests {
    use serde_json::Value;

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
        for lang in ["ar", "de", "en", "es", "fr", "ja"] {
            assert!(texts.0.contains_key(lang), "{lang}");
        }
    }

    #[test]
    fn each_text_of_the_elements_is_said_by_one_of_them() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/texts");
        let texts = Texts::read(Path::new(folder)).unwrap();
        let english = &texts.0["en"];
        let parts = BTreeMap::from(english.parts());
        let [call, callback] = ["texts/call.", "texts/callback."].map(|path| &parts[path]);
        for key in english.elements.keys() {
            assert!(
                call.contains_key(key) || callback.contains_key(key),
                "{key}"
            );
        }
        assert!(!callback.contains_key("call.label") && !call.contains_key("callback.submit"));
    }

    #[test]
    fn what_is_missing_superfluous_or_empty_is_named_with_its_file() {
        let first = serde_json::json!({"a": "A", "b": "B"});
        let other = serde_json::json!({"b": " ", "c": "C"});
        let wrong = wrong(first, "de", "ltr", other);
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        assert_eq!(wrong[0], "de.json: a: is missing");
        assert_eq!(wrong[1], "de.json: b: is empty");
        assert_eq!(wrong[2], "de.json: c: is not in en.json");
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
