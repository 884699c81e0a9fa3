//! Inputs for short and emergency numbers.

use crate::chance::Chance;
use crate::numbers::Input;
use crate::oracle::World;
use crate::patterns::member;

/// As many inputs as wanted, of every country in turn.
pub fn shorts(world: &World, count: usize, seed: u64) -> Vec<Input> {
    let mut chance = Chance::seeded(seed);
    let plans: Vec<_> = world
        .plans
        .iter()
        .filter(|plan| !plan.short.is_empty())
        .collect();
    plans
        .iter()
        .cycle()
        .take(count)
        .map(|plan| {
            let kinds: Vec<_> = plan.short.values().collect();
            let mut text = member(&chance.among(&kinds).pattern, &mut chance);
            match chance.below(10) {
                0 => text.push(chance.digit()),
                1 => text = chance.digits(3),
                2 => text = format!("+{}{text}", plan.country_code),
                3 => text = format!("{} {}", plan.national_prefix, text),
                4 => text = text.chars().map(|digit| format!("{digit} ")).collect(),
                5 => {
                    let around = chance.of(&["+", "tel:", "(", "*", "#", "\u{ff0b}", "x", "//"]);
                    text = if chance.one_in(2) {
                        around.to_owned() + &text
                    } else {
                        text + around
                    };
                }
                6 => {
                    let len = chance.between(1, 9);
                    text = chance.digits(len);
                }
                _ => {}
            }
            let region = if chance.one_in(6) {
                chance.of(&plans)
            } else {
                plan
            };
            Input {
                sort: "short",
                text,
                region: region.region.clone(),
            }
        })
        .collect()
}
