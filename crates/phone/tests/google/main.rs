//! The same answers as Google's engine: every example number, and generated ones. The oracle is the Python edition,
//! which `cargo xtask` fetches. `PHONE_INPUTS` and `PHONE_TEXTS` say how many are compared.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "test support: a failure here is a failed test"
)]

mod chance;
mod differences;
mod numbers;
mod oracle;
mod ours;
mod patterns;
mod samples;
mod shorts;
mod spelling;
mod texts;

use std::collections::BTreeSet;

use differences::{Asked, compare, every_known_difference_is_one};
use numbers::Input;
use oracle::World;

const NUMBER: Asked = Asked {
    op: "number",
    ours: ours::number,
};
const FIND: Asked = Asked {
    op: "find",
    ours: ours::find,
};
const SHORT: Asked = Asked {
    op: "short",
    ours: ours::short,
};

/// What an environment variable says, or what belongs to each change.
fn wanted(variable: &str, usual: usize) -> usize {
    match std::env::var(variable) {
        Ok(text) => text.parse().expect("a count"),
        Err(_) => usual,
    }
}

/// Every example of a kind of number, in a few spellings.
fn examples(world: &World) -> Vec<Input> {
    let mut inputs = Vec::new();
    for plan in &world.plans {
        let code = plan.country_code;
        for example in plan.kinds.values().filter_map(|kind| kind.example.as_ref()) {
            let mut add = |text: String, region: Option<&str>| {
                inputs.push(Input {
                    sort: "example",
                    text,
                    region: region.map(str::to_owned),
                });
            };
            add(format!("+{code}{example}"), None);
            add(format!("tel:+{code}-{example};ext=42"), None);
            if let Some(region) = plan.region.as_deref() {
                add(example.clone(), Some(region));
                add(format!("{}{example}", plan.national_prefix), Some(region));
            }
        }
    }
    inputs
}

#[test]
fn googles_engine_has_the_metadata_that_the_tables_are_made_of() {
    assert_eq!(
        World::known().version,
        include_str!("../../tables/version.txt").trim()
    );
}

#[test]
fn every_example_number_of_every_region_and_kind_gets_googles_answer() {
    let world = World::known();
    let inputs = examples(&world);
    let compared = compare(NUMBER, &inputs);
    // Nothing is compared in vain: each of them is a valid number of its plan.
    let valid = compared
        .answers
        .iter()
        .filter(|answer| answer["valid"] == true);
    assert!(valid.count() * 10 >= inputs.len() * 9);
    assert!(world.plans.iter().all(|plan| !plan.kinds.is_empty()));
    compared.judge("examples");
}

#[test]
fn every_short_example_gets_googles_answer() {
    let world = World::known();
    let mut inputs = Vec::new();
    for plan in &world.plans {
        for example in plan.short.values().filter_map(|kind| kind.example.as_ref()) {
            inputs.push(Input {
                sort: "example",
                text: example.clone(),
                region: plan.region.clone(),
            });
        }
    }
    assert!(inputs.len() > world.regions().len());
    compare(SHORT, &inputs).judge("short examples");
}

#[test]
fn generated_numbers_get_googles_answers() {
    let world = World::known();
    let mut inputs = Vec::new();
    for seed in 0..wanted("PHONE_INPUTS", numbers::BLOCK).div_ceil(numbers::BLOCK) {
        inputs.extend(numbers::block(&world, seed as u64));
    }
    let compared = compare(NUMBER, &inputs);
    compared.judge("generated numbers");
    let seen = |field: &str| -> BTreeSet<&str> {
        let values = compared
            .answers
            .iter()
            .filter_map(|answer| answer[field].as_str());
        values.collect()
    };
    assert_eq!(seen("error").len(), 5, "every error is tried");
    assert_eq!(seen("kind").len(), 12, "every kind is tried");
    assert_eq!(seen("possibility").len(), 5, "every reason is tried");
    // Not all: each number of EH is taken for one of MA, which has the same plan.
    assert!(seen("region").len() * 10 >= world.regions().len() * 9);
    let valid = compared
        .answers
        .iter()
        .filter(|answer| answer["valid"] == true);
    assert!(valid.count() * 4 >= inputs.len(), "a quarter is valid");
}

#[test]
fn numbers_are_found_in_texts_where_google_finds_them() {
    let world = World::known();
    let mut inputs = Vec::new();
    for seed in 0..wanted("PHONE_TEXTS", texts::BLOCK).div_ceil(texts::BLOCK) {
        inputs.extend(texts::block(&world, seed as u64));
    }
    let compared = compare(FIND, &inputs);
    compared.judge("texts");
    for leniency in ["possible", "valid", "strict_grouping", "exact_grouping"] {
        let found = |answer: &&serde_json::Value| {
            answer[leniency]
                .as_array()
                .is_some_and(|found| !found.is_empty())
        };
        let with = compared.answers.iter().filter(found).count();
        assert!(
            with * 3 >= inputs.len() && with < inputs.len(),
            "{leniency}: {with}"
        );
    }
}

#[test]
fn short_and_emergency_numbers_get_googles_answers() {
    let world = World::known();
    let inputs = shorts::shorts(&world, wanted("PHONE_INPUTS", numbers::BLOCK), 0);
    let compared = compare(SHORT, &inputs);
    compared.judge("short numbers");
    for field in ["possible", "valid", "emergency", "connects_to_emergency"] {
        let yes = compared
            .answers
            .iter()
            .filter(|answer| answer[field] == true)
            .count();
        assert!(
            yes * 20 >= inputs.len() && yes < inputs.len(),
            "{field}: {yes}"
        );
    }
}

#[test]
fn what_is_known_to_differ_still_does() {
    every_known_difference_is_one(&[NUMBER, FIND, SHORT]);
}
