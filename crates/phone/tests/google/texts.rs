//! Texts with numbers in them, among what looks like numbers.

use crate::chance::Chance;
use crate::numbers::Input;
use crate::oracle::World;
use crate::samples::{Sample, samples};
use crate::spelling::spell;

/// Texts of one block.
pub const BLOCK: usize = 300;

const WORDS: &[&str] = &[
    "Call",
    "please",
    "order",
    "No.",
    "room",
    "total",
    "Tel",
    "Tel.:",
    "fax",
    "or",
    "and",
    "am",
    "um",
    "é",
    "Größe",
    "№",
    "номер",
    "電話",
    "هاتف",
    "फ़ोन",
    "😀",
    "the",
    "x",
    "ext",
    "a",
    "from",
    "to",
    "until",
    "ab",
    "®",
    "e\u{301}",
];

const GAPS: &[&str] = &[
    " ",
    " ",
    " ",
    " ",
    " ",
    "\n",
    "\n\n",
    ", ",
    "; ",
    ": ",
    " - ",
    " / ",
    "/",
    "",
    "\t",
    " (",
    ") ",
    "\u{a0}",
    " \u{2013} ",
    ". ",
    "\r\n",
    "|",
    " | ",
    "-",
    "//",
    " x ",
    "\u{3000}",
    "[",
    "]",
    "\u{ff08}",
    "\u{ff09}",
    "\"",
    "'",
    "<",
    ">",
    "\u{200b}",
];

/// What stands directly before or after a number now and then.
const NEIGHBOURS: &[&str] = &[
    "$", "€", "£", "¥", "%", "a", "Z", "é", "ж", "漢", "_", "#", "@", "(", ")", "[", "]", "+", "*",
    "=", ".", ",", ":", "/", "\\", "~", "&", "°", "²", "\u{301}", "1", "0", ":30", ":59", "A1",
    "\u{ff08}", "\u{ff04}", "¢", "₿", "ª", "ſ", "ŀ", "ǆ",
];

pub fn block(world: &World, seed: u64) -> Vec<Input> {
    let mut chance = Chance::seeded(seed);
    let samples = samples(world, BLOCK, &mut chance);
    (0..BLOCK)
        .map(|_| text(world, &samples, &mut chance))
        .collect()
}

fn text(world: &World, samples: &[Sample], chance: &mut Chance) -> Input {
    // One country to a text, mostly: that is where it is read.
    let home = chance.among(samples).plan;
    let mut text = String::new();
    for _ in 0..chance.between(1, 6) {
        match chance.below(8) {
            0 => text += chance.of(WORDS),
            1 | 2 => text += &decoy(chance),
            _ => {
                let near: Vec<&Sample> = samples
                    .iter()
                    .filter(|sample| sample.plan == home)
                    .collect();
                let sample = if chance.one_in(4) {
                    chance.among(samples)
                } else {
                    chance.of(&near)
                };
                text += &number(sample, world, chance);
            }
        }
        text += chance.of(GAPS);
    }
    let region = match chance.below(12) {
        0 => None,
        1 => chance.among(&world.plans).region.clone(),
        _ => world.plans[home].region.clone(),
    };
    Input {
        sort: "text",
        text,
        region,
    }
}

fn number(sample: &Sample, world: &World, chance: &mut Chance) -> String {
    let plan = &world.plans[sample.plan];
    let code = plan.country_code;
    let mut text = match chance.below(12) {
        0..=2 => sample.international.clone(),
        3..=5 => sample.national_format.clone(),
        6 => format!("+{code} {}", chance.among(&sample.groupings)),
        7 => format!(
            "{}{}",
            plan.national_prefix,
            chance.among(&sample.groupings)
        ),
        8 => chance.among(&sample.groupings).clone(),
        9 => format!("+{code}{}", sample.national),
        _ => spell(sample, plan, chance),
    };
    if chance.one_in(6) {
        text = regrouped(&text, chance);
    }
    if chance.one_in(10) {
        let separator = chance.of(&["-", ".", "/", "\u{2013}", "  ", ""]);
        text = text.replace(' ', separator);
    }
    if chance.one_in(10) {
        text += chance.of(&[
            " ext. ", " x", "x", " #", ", ext ", ";ext=", " - ", "xx", " X ", "/",
        ]);
        let len = chance.between(1, 6);
        text += &chance.digits(len);
    }
    if chance.one_in(12) {
        text = format!("({text})");
    }
    if chance.one_in(8) {
        text = chance.of(NEIGHBOURS).to_string() + &text;
    }
    if chance.one_in(8) {
        text += chance.of(NEIGHBOURS);
    }
    text
}

/// One separator less, or one somewhere else.
fn regrouped(text: &str, chance: &mut Chance) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let places: Vec<usize> = (0..characters.len())
        .filter(|at| !characters[*at].is_alphanumeric())
        .collect();
    if !places.is_empty() {
        characters.remove(chance.of(&places));
    }
    if chance.one_in(2) && !characters.is_empty() {
        let at = chance.below(characters.len());
        characters.insert(at, chance.of(&[' ', '-', '/', '.', '(', ')']));
    }
    characters.into_iter().collect()
}

fn decoy(chance: &mut Chance) -> String {
    let c = chance;
    let (year, month, day) = (c.between(1900, 2099), c.between(1, 12), c.between(1, 31));
    let (hour, minute) = (c.between(0, 23), c.between(0, 59));
    match c.below(26) {
        0 => format!("{day}.{month}.{year}"),
        1 => format!("{month:02}/{day:02}/{year}"),
        2 => format!("{day}/{month}/{:02}", year % 100),
        3 => format!("{year}-{month:02}-{day:02}"),
        4 => format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}"),
        5 => format!(
            "{year}{month:02}{day:02} {hour:02}:{minute:02}:{:02}",
            c.between(0, 59)
        ),
        6 => format!("{hour}:{minute:02}"),
        7 => {
            let currency = c.of(&["$", "€", "£", "¥", "USD ", "CHF ", ""]);
            format!(
                "{currency}{}.{:03},{:02}",
                c.between(1, 999),
                c.between(0, 999),
                c.between(0, 99)
            )
        }
        8 => format!(
            "${},{:03},{:03}.00",
            c.between(1, 99),
            c.between(0, 999),
            c.between(0, 999)
        ),
        9 => format!("order #{}", c.digits(9)),
        10 => format!(
            "{} {} {} {}",
            c.digits(4),
            c.digits(4),
            c.digits(4),
            c.digits(4)
        ),
        11 => format!(
            "{}-{}-{}-{}",
            c.digits(4),
            c.digits(4),
            c.digits(4),
            c.digits(4)
        ),
        12 => format!(
            "{}.{}.{}.{}",
            c.below(256),
            c.below(256),
            c.below(256),
            c.below(256)
        ),
        13 => format!(
            "{}.{}, -{}.{}",
            c.below(90),
            c.digits(5),
            c.below(180),
            c.digits(5)
        ),
        14 => format!(
            "ISBN 978-{}-{}-{}-{}",
            c.digits(1),
            c.digits(3),
            c.digits(5),
            c.digits(1)
        ),
        15 => format!(
            "v{}.{}.{}-{}",
            c.below(20),
            c.below(100),
            c.below(1000),
            c.digits(4)
        ),
        16 => format!(
            "DE{} {} {} {} {} {}",
            c.digits(2),
            c.digits(4),
            c.digits(4),
            c.digits(4),
            c.digits(4),
            c.digits(2)
        ),
        17 => format!("IMG_{year}{month:02}{day:02}_{}.jpg", c.digits(6)),
        18 => format!("{}-{}", year, year + c.below(20)),
        19 => format!(
            "J. 12({}): {}-{} ({year})",
            c.below(9),
            c.digits(3),
            c.digits(3)
        ),
        20 => format!("/item/{}?id={}", c.digits(10), c.digits(8)),
        21 => format!(
            "{:08x}-{}-{}",
            c.below(usize::MAX >> 32),
            c.digits(4),
            c.digits(12)
        ),
        22 => {
            let len = c.between(3, 20);
            c.digits(len)
        }
        23 => (0..c.between(2, 7))
            .map(|_| {
                let len = c.between(1, 5);
                c.digits(len)
            })
            .collect::<Vec<_>>()
            .join(c.of(&[" ", " ", "-", ".", "/", ") (", ", "])),
        24 => format!("{}% of {}", c.below(100), c.digits(7)),
        _ => format!("abc{}def", c.digits(10)),
    }
}
