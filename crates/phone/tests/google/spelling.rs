//! How people, forms and programs write a number.

use crate::chance::Chance;
use crate::oracle::Plan;
use crate::patterns::member;
use crate::samples::Sample;

const SEPARATORS: &[&str] = &[
    " ", " ", " ", "-", "-", ".", "/", "", "", "  ", " - ", "\u{a0}", "\u{2011}", "\u{2013}",
    "\u{2212}", "\u{30fc}", "\u{3000}", "\u{ff0d}", "\u{ff0e}", "\u{ff0f}", "~", "\u{223c}",
    "\u{2060}", "\u{200b}", "\u{ad}", "\u{2009}", "\t", " . ", ", ", "_", ":", "*", "\u{301c}",
    "--",
];

/// Where the ten digits of a script begin.
const SCRIPTS: &[char] = &[
    '\u{ff10}',
    '\u{ff10}',
    '\u{660}',
    '\u{660}',
    '\u{6f0}',
    '\u{966}',
    '\u{9e6}',
    '\u{e50}',
    '\u{1d7ce}',
];

const EXTENSIONS: &[&str] = &[
    " ext ",
    " ext. ",
    "ext",
    " x",
    "x",
    " x ",
    " X",
    " extn ",
    " Ext: ",
    " extension ",
    ";ext=",
    " #",
    "#",
    "~",
    " доб. ",
    " доб ",
    " anexo ",
    " int ",
    " int. ",
    ",",
    ",,",
    ", ",
    ";",
    " xtn ",
    " xt ",
    " extensión ",
    " extensio\u{301}n ",
    "\u{ff45}\u{ff58}\u{ff54}",
    "\u{ff58}",
    "\u{ff03}",
    "\u{ff49}\u{ff4e}\u{ff54}",
    "\u{ff5e}",
    " x: ",
    " ext.-",
    ",,,",
    " e.",
    " EXT",
    " Durchwahl ",
    " poste ",
    " ext\u{ff0e} ",
    "e xt",
];

const BEFORE: &[&str] = &[
    "Tel: ", "Tel.", "Phone ", "call ", "(", "[", "\u{200b}", "\u{feff}", "\u{202a}", "#", "* ",
    "T ", "-", ".", "a", "++", " ", "\n", "\u{ff08}", "~", "/", "(+", "1) ", "☎ ",
];

const AFTER: &[&str] = &[
    ".",
    " (mobile)",
    "//",
    "//x",
    "/",
    " /",
    " / ",
    "\\",
    "\\ x",
    "#",
    "\u{202c}",
    "\u{200b}",
    ")",
    "]",
    " ",
    "\n",
    ", 2nd floor",
    " ab",
    "a",
    "abc",
    " home",
    "/ext",
    "!",
    ";",
    ";isub=12",
    ";phone-context=+1",
    "+",
    "\u{ff09}",
    " x",
    " ext",
    "x12345678901234567890",
];

/// A number as somebody could write it for readers in its own country or anywhere.
pub fn spell(sample: &Sample, plan: &Plan, chance: &mut Chance) -> String {
    let mut text = prefixed(sample, plan, chance);
    if chance.one_in(12) {
        text = lettered(&text, chance);
    }
    if chance.one_in(6) {
        text += &extension(chance);
    }
    if chance.one_in(5) {
        text = in_script(&text, chance);
    }
    if chance.one_in(6) {
        text = chance.of(BEFORE).to_string() + &text;
    }
    if chance.one_in(6) {
        text += chance.of(AFTER);
    }
    if chance.one_in(40) {
        let other = grouped(sample, chance);
        text += chance.of(&["/", " / ", "//", " or ", ", ", " ", "\n", " /x", "/ x"]);
        text += &other;
    }
    text
}

fn prefixed(sample: &Sample, plan: &Plan, chance: &mut Chance) -> String {
    let code = plan.country_code;
    let gap = chance.of(&["", " ", " ", "-", "\u{a0}", "  ", "."]);
    match chance.below(16) {
        0..=2 => format!("+{code}{gap}{}", grouped(sample, chance)),
        3 => format!("\u{ff0b}{code}{gap}{}", grouped(sample, chance)),
        4 => {
            let dialled = member(&plan.international_prefix, chance);
            format!("{dialled}{gap}{code}{gap}{}", grouped(sample, chance))
        }
        5 => {
            let dialled = chance.of(&[
                "00", "011", "0011", "++", "(+", "+ ", "00 ", "+(", "810", "0",
            ]);
            format!("{dialled}{code}{gap}{}", grouped(sample, chance))
        }
        6 => format!("{code}{gap}{}", grouped(sample, chance)),
        7 => {
            let zero = &plan.national_prefix;
            format!("+{code}{gap}({zero}){gap}{}", grouped(sample, chance))
        }
        8 => {
            let zero = &plan.national_prefix;
            format!("+{code}{gap}{zero}{}", grouped(sample, chance))
        }
        9 | 10 => separated(&sample.national_format, chance),
        11 => format!("{}{gap}{}", plan.national_prefix, grouped(sample, chance)),
        12 => {
            let prefix = member(&plan.national_prefix_for_parsing, chance);
            format!("{prefix}{gap}{}", grouped(sample, chance))
        }
        13 => {
            let carrier_len = chance.between(1, 3);
            let carrier = chance.digits(carrier_len);
            format!(
                "{}{carrier}{gap}{}",
                plan.national_prefix,
                grouped(sample, chance)
            )
        }
        14 => uri(sample, plan, chance),
        _ => grouped(sample, chance),
    }
}

/// The national number, in groups of some sort.
fn grouped(sample: &Sample, chance: &mut Chance) -> String {
    let groups = match chance.below(4) {
        0 => sample.groupings.first().cloned(),
        1 => Some(chance.among(&sample.groupings).clone()),
        2 => Some(in_random_groups(&sample.national, chance)),
        _ => None,
    };
    let Some(groups) = groups else {
        return sample.national.clone();
    };
    let mut text = separated(&groups, chance);
    if chance.one_in(6)
        && let Some(end) = text.find(|c: char| !c.is_ascii_digit())
    {
        text.insert(end, chance.of(&[')', ')', ']', '\u{ff09}']));
        text.insert(0, chance.of(&['(', '(', '[', '\u{ff08}']));
    }
    text
}

fn in_random_groups(national: &str, chance: &mut Chance) -> String {
    let mut text = String::new();
    let mut left = chance.between(1, 5);
    for digit in national.chars() {
        if left == 0 {
            text.push(' ');
            left = chance.between(1, 5);
        }
        text.push(digit);
        left -= 1;
    }
    text
}

/// Other separators between the same groups.
fn separated(groups: &str, chance: &mut Chance) -> String {
    let everywhere = chance.of(SEPARATORS);
    let manner = chance.below(4);
    let mut text = String::new();
    for character in groups.chars() {
        match character {
            ' ' | '-' if manner == 1 => text += everywhere,
            ' ' | '-' if manner == 2 => text += chance.of(SEPARATORS),
            _ => text.push(character),
        }
    }
    text
}

fn uri(sample: &Sample, plan: &Plan, chance: &mut Chance) -> String {
    let (code, national) = (plan.country_code, &sample.national);
    let scheme = chance.of(&["tel:", "tel:", "tel:", "", "TEL:", "tel: ", "Tel:tel:"]);
    let mut text = match chance.below(4) {
        0 => format!("{scheme}{national};phone-context=+{code}"),
        1 => format!("{scheme}{}", sample.international.replace(' ', "-")),
        2 => {
            let context = chance.of(&[
                "example.com",
                "+",
                "",
                "+1",
                "+49-30",
                "a.b.c",
                "1x",
                "x-1.",
                "+1a",
                "+44;x=1",
                "+\u{661}",
                "-a",
                "0",
                "+49.(30)",
                "a..b",
                "www.PHONE.example",
                "+999",
                "+0",
            ]);
            format!("{scheme}{national};phone-context={context}")
        }
        _ => format!("{scheme}+{code}{national}"),
    };
    for _ in 0..chance.below(3) {
        text += chance.of(&[
            ";ext=123",
            ";isub=12345",
            ";ext=12345678901234567890",
            ";phone-context=+1",
            ";postd=pp22",
            ";ext=",
            ";x=y",
            ";ISUB=1",
            ";isub=",
            ";EXT=44",
        ]);
    }
    text
}

fn extension(chance: &mut Chance) -> String {
    let longest = chance.of(&[4, 4, 6, 9, 12, 16, 21]);
    let len = chance.between(1, longest);
    let mut text = chance.of(EXTENSIONS).to_string() + &chance.digits(len);
    if chance.one_in(6) {
        text.push('#');
    }
    if chance.one_in(20) {
        text = format!(" - {}#", chance.digits(3));
    }
    text
}

/// Letters of a telephone's keys in place of the last digits: `1-800-FLOWERS`.
fn lettered(text: &str, chance: &mut Chance) -> String {
    const KEYS: [&str; 8] = ["ABC", "DEF", "GHI", "JKL", "MNO", "PQRS", "TUV", "WXYZ"];
    let from = text.chars().count().saturating_sub(chance.between(2, 8));
    let small = chance.one_in(3);
    text.chars()
        .enumerate()
        .map(|(at, character)| {
            let key = character
                .to_digit(10)
                .and_then(|digit| KEYS.get(digit.checked_sub(2)? as usize));
            match key {
                Some(letters) if at >= from => {
                    let letter = char::from(chance.of(letters.as_bytes()));
                    if small {
                        letter.to_ascii_lowercase()
                    } else {
                        letter
                    }
                }
                _ => character,
            }
        })
        .collect()
}

fn in_script(text: &str, chance: &mut Chance) -> String {
    let zero = chance.of(SCRIPTS);
    let mixed = chance.one_in(5);
    text.chars()
        .map(|character| match character.to_digit(10) {
            Some(digit) if !mixed || chance.one_in(2) => {
                char::from_u32(zero as u32 + digit).unwrap()
            }
            _ => character,
        })
        .collect()
}
