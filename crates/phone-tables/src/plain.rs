//! What `metadata.py` prints, and the texts that are packed.

use anyhow::{Context as _, Result, bail, ensure};

use crate::automaton::Numbers;
use crate::pattern;

/// The metadata, ready for packing.
#[derive(Default)]
pub(crate) struct Plain {
    pub(crate) version: String,
    /// The plans' texts, see `crates/phone/src/tables/mod.rs`.
    pub(crate) text: String,
    pub(crate) plans: Vec<Plan>,
    pub(crate) alternates: String,
    pub(crate) short: String,
}

/// The numbers of one plan.
pub(crate) struct Plan {
    /// The pattern of all its numbers, of any length.
    pub(crate) general: Vec<Numbers>,
    pub(crate) kinds: Vec<Numbers>,
}

/// The kinds of a plan's numbers, in the order of their bits.
const KINDS: [&str; 10] = [
    "premium_rate",
    "toll_free",
    "shared_cost",
    "voip",
    "personal_number",
    "pager",
    "uan",
    "voicemail",
    "fixed_line",
    "mobile",
];
/// The same for short numbers.
const SHORT_KINDS: [&str; 8] = [
    "general_desc",
    "short_code",
    "emergency",
    "premium_rate",
    "standard_rate",
    "toll_free",
    "carrier_specific",
    "sms_services",
];
/// Lengths of national numbers that the general pattern is asked for: 1 to 17 digits.
const ANY_LENGTH: u32 = 0x3_fffe;

/// Reads the lines that `metadata.py` describes.
///
/// # Errors
/// A line that is not as it says.
pub(crate) fn read(text: &str) -> Result<Plain> {
    let mut plain = Plain::default();
    let mut last_code = 0;
    let mut lengths = 0;
    for line in text.lines() {
        let cells: Vec<&str> = line.split('\t').collect();
        match cells.as_slice() {
            ["V", version] => plain.version = (*version).to_owned(),
            ["P", code, region, rest @ ..] => {
                let [
                    abroad,
                    prefix,
                    parsing,
                    transform,
                    leading,
                    extension,
                    possible,
                    local,
                    general,
                ] = rest
                else {
                    bail!("{line}: a plan has 12 cells");
                };
                check_lengths(&plain, lengths)?;
                lengths = possible.parse()?;
                let code: u16 = code.parse()?;
                let further = code.checked_sub(last_code);
                let code_told = match further.context("the plans are not by country code")? {
                    0 => String::new(),
                    further => further.to_string(),
                };
                last_code = code;
                push(
                    &mut plain.text,
                    &[
                        &format!("{region}{code_told}"),
                        if *abroad == "00" { "" } else { abroad },
                        prefix,
                        if parsing == prefix { "" } else { parsing },
                        transform,
                        leading,
                        extension,
                        &letters(local.parse()?),
                    ],
                );
                plain.plans.push(Plan {
                    general: vec![Numbers {
                        kind: 0,
                        lengths: ANY_LENGTH,
                        pattern: pattern::read(general)?,
                    }],
                    kinds: Vec::new(),
                });
            }
            ["K", name, lengths, text] => {
                let kind = KINDS
                    .iter()
                    .position(|kind| kind == name)
                    .context("an unknown kind")?;
                let plan = plain.plans.last_mut().context("a kind before any plan")?;
                plan.kinds.push(Numbers {
                    kind: kind as u16,
                    lengths: lengths.parse()?,
                    pattern: pattern::read(text)?,
                });
            }
            ["F", pattern, template, leading, rule, optional, abroad] => {
                let groups = groups(pattern)?;
                let usual = usual(&groups);
                let template_told = if *template == usual { "" } else { template };
                let abroad = match *abroad {
                    "=" => "",
                    other if other == usual => "+",
                    other => other,
                };
                let optional = if *optional == "1" { "?" } else { "" };
                push(
                    &mut plain.text,
                    &[
                        &groups,
                        leading,
                        template_told,
                        &format!("{rule}{optional}"),
                        abroad,
                    ],
                );
            }
            ["A", code, pattern, template, leading] => {
                let groups = groups(pattern)?;
                let template = if *template == usual(&groups) {
                    ""
                } else {
                    template
                };
                push(
                    &mut plain.alternates,
                    &[&format!("{code}{groups}"), leading, template],
                );
            }
            ["S", region] => push(&mut plain.short, &[region]),
            ["T", name, lengths, text] => {
                let kind = SHORT_KINDS.iter().position(|kind| kind == name);
                let kind = kind.context("an unknown kind of short numbers")?;
                push(
                    &mut plain.short,
                    &[&format!(" {kind}"), &letters(lengths.parse()?), text],
                );
            }
            _ => bail!("{line}: such a line is not known"),
        }
    }
    check_lengths(&plain, lengths)?;
    Ok(plain)
}

/// The table has no lengths of plans: they are those of the plan's kinds.
fn check_lengths(plain: &Plain, lengths: u32) -> Result<()> {
    let Some(plan) = plain.plans.last() else {
        return Ok(());
    };
    let of_kinds = plan.kinds.iter().fold(0, |all, kind| all | kind.lengths);
    let line = plain.text.lines().last().unwrap_or_default();
    ensure!(
        of_kinds == lengths,
        "before {line}: other lengths than its kinds"
    );
    Ok(())
}

/// Adds a line of cells, in the notation of the tables: `.` for any digit, `<` for a group that takes nothing.
fn push(text: &mut String, cells: &[&str]) {
    let line = cells.join("\t").replace("\\d", ".").replace("(?:", "<");
    text.push_str(line.trim_end_matches('\t'));
    text.push('\n');
}

/// Lengths as letters: `a` for one digit, `b` for two.
fn letters(lengths: u32) -> String {
    let lengths = (1..=26u8).filter(|length| lengths >> length & 1 == 1);
    lengths
        .map(|length| char::from(b'a' + length - 1))
        .collect()
}

/// The groups of a format: `(\d{2})(\d{3,13})` is ` 2 3-13`.
fn groups(pattern: &str) -> Result<String> {
    let mut groups = String::new();
    let inner = pattern
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    for group in inner
        .with_context(|| format!("{pattern}: no groups"))?
        .split(")(")
    {
        let times = group
            .strip_prefix("\\d")
            .with_context(|| format!("{pattern}: not only digits"))?;
        let times = times
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        groups.push(' ');
        groups.push_str(&times.unwrap_or("1").replace(',', "-"));
    }
    Ok(groups)
}

/// The template that most formats of so many groups have: `$1 $2 $3`.
fn usual(groups: &str) -> String {
    let count = groups.matches(' ').count();
    let groups: Vec<String> = (1..=count).map(|group| format!("${group}")).collect();
    groups.join(" ")
}
