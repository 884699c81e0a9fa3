//! Our answers beside Google's, and what is known to differ.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::numbers::Input;
use crate::oracle::ask;

/// At least so many of a million answers are the same, the known differences counted.
const SAME_OF_A_MILLION: usize = 999_900;
/// So many differences of one sort are printed; the rest is counted.
const PRINTED: usize = 100;

/// What is asked.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The oracle's word for it.
    pub op: &'static str,
    pub ours: fn(&str, Option<&str>) -> Value,
}

/// An input whose answer is not Google's, and why.
#[derive(Deserialize)]
struct Known {
    op: String,
    text: String,
    region: Option<String>,
    reason: String,
}

/// How a comparison came out.
pub struct Compared {
    pub inputs: usize,
    /// Google's answers, one for each input.
    pub answers: Vec<Value>,
    pub new: Vec<Difference>,
    known: usize,
}

pub struct Difference {
    sort: &'static str,
    text: String,
    region: Option<String>,
    ours: Value,
    googles: Value,
}

/// Asks both, and compares field by field.
pub fn compare(asked: Asked, inputs: &[Input]) -> Compared {
    let questions: Vec<Value> = inputs
        .iter()
        .map(|input| json!({ "op": asked.op, "text": input.text, "region": input.region }))
        .collect();
    let answers = ask(&questions);
    let excused = known();
    let mut compared = Compared {
        inputs: inputs.len(),
        answers: Vec::new(),
        new: Vec::new(),
        known: 0,
    };
    for (input, googles) in inputs.iter().zip(answers) {
        let ours = (asked.ours)(&input.text, input.region.as_deref());
        if ours != googles {
            let is_known = excused.iter().any(|known| {
                known.op == asked.op && known.text == input.text && known.region == input.region
            });
            if is_known {
                compared.known += 1;
            } else {
                compared.new.push(Difference {
                    sort: input.sort,
                    text: input.text.clone(),
                    region: input.region.clone(),
                    ours,
                    googles: googles.clone(),
                });
            }
        }
        compared.answers.push(googles);
    }
    compared
}

impl Compared {
    /// Prints what differs, and fails where something does that is not on the list.
    pub fn judge(&self, what: &str) {
        let different = self.new.len() + self.known;
        println!(
            "{what}: {} compared, {different} different, {} of them known",
            self.inputs, self.known
        );
        let mut sorts: BTreeMap<String, Vec<&Difference>> = BTreeMap::new();
        for difference in &self.new {
            sorts
                .entry(difference.fields())
                .or_default()
                .push(difference);
        }
        for (fields, differences) in &sorts {
            println!("\n{fields}: {}", differences.len());
            for difference in differences.iter().take(PRINTED) {
                difference.print();
            }
        }
        assert!(
            self.new.is_empty(),
            "{} answers of {} are not Google's, see above",
            self.new.len(),
            self.inputs
        );
        assert!(
            (self.inputs - different) * 1_000_000 >= self.inputs * SAME_OF_A_MILLION,
            "too many differences are known: {different} of {}",
            self.inputs
        );
    }
}

impl Difference {
    /// The fields that differ. An error is a field of its own.
    fn fields(&self) -> String {
        let (Some(ours), Some(googles)) = (self.ours.as_object(), self.googles.as_object()) else {
            return "answer".to_owned();
        };
        let mut fields: Vec<&str> = ours
            .keys()
            .chain(googles.keys())
            .filter(|field| ours.get(*field) != googles.get(*field))
            .map(String::as_str)
            .collect();
        if fields.contains(&"error") {
            let error = |answer: &Value| answer["error"].as_str().unwrap_or("a number").to_owned();
            return format!(
                "ours {}, Google's {}",
                error(&self.ours),
                error(&self.googles)
            );
        }
        fields.sort_unstable();
        fields.dedup();
        fields.join(", ")
    }

    fn print(&self) {
        let region = self.region.as_deref().unwrap_or("no region");
        println!("  {:?} in {region} ({})", self.text, self.sort);
        for (name, answer, other) in [
            ("ours", &self.ours, &self.googles),
            ("Google's", &self.googles, &self.ours),
        ] {
            let fields: Vec<String> = answer
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(field, value)| other.get(*field) != Some(*value))
                .map(|(field, value)| format!("{field} {value}"))
                .collect();
            println!("    {name:<9} {}", fields.join(", "));
        }
    }
}

fn known() -> Vec<Known> {
    serde_json::from_str(include_str!("known.json")).unwrap()
}

/// Each input on the list is asked: what is not different any more has to be struck off.
pub fn every_known_difference_is_one(all: &[Asked]) {
    for known in known() {
        assert!(!known.reason.is_empty(), "{:?} has no reason", known.text);
        let asked = all.iter().find(|asked| asked.op == known.op).unwrap();
        let question = json!({ "op": known.op, "text": known.text, "region": known.region });
        let googles = ask(&[question]).remove(0);
        let ours = (asked.ours)(&known.text, known.region.as_deref());
        assert_ne!(ours, googles, "{:?} differs no more", known.text);
    }
}
