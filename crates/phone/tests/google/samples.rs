//! Numbers to make inputs of: members of the patterns of every plan and kind.

use serde_json::{Value, json};

use crate::chance::Chance;
use crate::oracle::{World, ask};
use crate::patterns::member;

/// One number, and how it is usually written.
pub struct Sample {
    /// Its place among the plans.
    pub plan: usize,
    /// Without the country code; leading zeros kept.
    pub national: String,
    pub international: String,
    pub national_format: String,
    /// The national number in groups, as Google writes it and in other usual ways. Never empty.
    pub groupings: Vec<String>,
}

/// As many numbers as wanted, about as many of each plan. Some belong to a pattern but have a length that is not
/// possible, and so are not valid.
pub fn samples(world: &World, count: usize, chance: &mut Chance) -> Vec<Sample> {
    let mut bare = Vec::new();
    for plan in (0..world.plans.len()).cycle().take(count) {
        let kinds: Vec<_> = world.plans[plan].kinds.values().collect();
        bare.push((plan, member(&chance.among(&kinds).pattern, chance)));
    }
    let questions: Vec<Value> = bare
        .iter()
        .map(|(plan, national)| {
            let code = world.plans[*plan].country_code;
            json!({ "op": "spellings", "text": format!("+{code}{national}") })
        })
        .collect();
    bare.into_iter()
        .zip(ask(&questions))
        .map(|((plan, national), written)| written_out(world, plan, national, &written))
        .collect()
}

fn written_out(world: &World, plan: usize, national: String, written: &Value) -> Sample {
    let code = format!("+{}", world.plans[plan].country_code);
    let international = written["international"]
        .as_str()
        .unwrap_or(&code)
        .to_owned();
    let mut groupings: Vec<String> = international
        .strip_prefix(&code)
        .map(|rest| rest.trim().to_owned())
        .filter(|rest| !rest.is_empty())
        .into_iter()
        .collect();
    let others = written["others"].as_array().into_iter().flatten();
    groupings.extend(others.filter_map(|other| other.as_str().map(str::to_owned)));
    if groupings.is_empty() {
        groupings.push(national.clone());
    }
    Sample {
        plan,
        national_format: written["national"].as_str().unwrap_or(&national).to_owned(),
        national,
        international,
        groupings,
    }
}
