//! Inputs for one number each: right, mistaken, and no number at all.

use crate::chance::Chance;
use crate::oracle::World;
use crate::samples::{Sample, samples};
use crate::spelling::spell;

/// What is asked, and of what sort it is.
pub struct Input {
    pub sort: &'static str,
    pub text: String,
    /// Where the number is read.
    pub region: Option<String>,
}

/// Inputs of one block; each block is made by itself, so that the first ones stay the same however many there are.
pub const BLOCK: usize = 5000;

const CHARACTERS: &[char] = &[
    '0',
    '1',
    '2',
    '3',
    '4',
    '5',
    '6',
    '7',
    '8',
    '9',
    '0',
    '1',
    '2',
    '3',
    '4',
    '5',
    '6',
    '7',
    '8',
    '9',
    '0',
    '1',
    ' ',
    ' ',
    '+',
    '+',
    '-',
    '(',
    ')',
    '.',
    '/',
    '#',
    '*',
    ',',
    ';',
    ':',
    'x',
    'e',
    't',
    'a',
    'B',
    'Z',
    '=',
    '~',
    '[',
    ']',
    '\\',
    '\u{ff0b}',
    '\u{ff11}',
    '\u{661}',
    '\u{200b}',
    '\u{a0}',
    'é',
    '漢',
    '😀',
    '\u{301}',
    '\u{2060}',
    '$',
    '%',
    '\u{131}',
    'ß',
    '\u{212a}',
    '\u{17f}',
    '\u{b2}',
    '\u{2460}',
    '\u{ff08}',
    '\u{ff58}',
    '\u{1d7ce}',
];

pub fn block(world: &World, seed: u64) -> Vec<Input> {
    let mut chance = Chance::seeded(seed);
    let samples = samples(world, BLOCK / 4, &mut chance);
    (0..BLOCK)
        .map(|_| input(world, &samples, &mut chance))
        .collect()
}

fn input(world: &World, samples: &[Sample], chance: &mut Chance) -> Input {
    let sample = chance.among(samples);
    let plan = &world.plans[sample.plan];
    let own = plan.region.clone();
    let (sort, text, region) = match chance.below(20) {
        0..=7 => ("spelt", spell(sample, plan, chance), own),
        8..=10 => {
            let mistaken = mistaken(&spell(sample, plan, chance), chance);
            ("mistaken", mistaken, own)
        }
        11 | 12 => (
            "abroad",
            spell(sample, plan, chance),
            any_region(world, chance),
        ),
        13 | 14 => {
            let len = chance.of(&plan.lengths);
            let digits = chance.digits(len);
            let prefix = match chance.below(3) {
                0 => format!("+{}", plan.country_code),
                1 => plan.national_prefix.clone(),
                _ => String::new(),
            };
            ("of a possible length", prefix + &digits, own)
        }
        15 | 16 => {
            let len = chance.between(1, 20);
            let prefix = chance.of(&["", "", "", "+", "00", "+1", "011"]);
            (
                "digits",
                prefix.to_owned() + &chance.digits(len),
                any_region(world, chance),
            )
        }
        17 => {
            // Near the length that is too much, in bytes, characters and UTF-16 units.
            let filler = chance.of(&["0", " ", "-", "\u{ff10}", "+", "a", "\u{1d7ce}", "x"]);
            let text = filler.repeat(chance.between(0, 260)) + &spell(sample, plan, chance);
            ("long", text, own)
        }
        _ => {
            let len = chance.between(0, 30);
            let text = (0..len).map(|_| chance.of(CHARACTERS)).collect();
            ("anything", text, any_region(world, chance))
        }
    };
    let region = if chance.one_in(15) { None } else { region };
    Input { sort, text, region }
}

fn any_region(world: &World, chance: &mut Chance) -> Option<String> {
    chance.among(&world.plans).region.clone()
}

/// One or two slips of the hand.
fn mistaken(text: &str, chance: &mut Chance) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..chance.between(1, 2) {
        let at = chance.below(characters.len());
        match chance.below(5) {
            0 => characters.insert(at, chance.digit()),
            1 if characters.len() > 1 => {
                characters.remove(at);
            }
            2 if at > 0 => characters.swap(at, at - 1),
            3 => characters[at] = chance.digit(),
            _ => characters.insert(at, chance.of(CHARACTERS)),
        }
    }
    characters.into_iter().collect()
}
