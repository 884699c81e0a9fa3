//! What this crate says, in the words of the oracle's answers.

use patchcord_phone::find::{Leniency, find as found};
use patchcord_phone::short::Cost;
use patchcord_phone::{Kind, NumberError, Possibility, Region, Style, parse, short as shorts};
use serde_json::{Value, json};

pub fn number(text: &str, region: Option<&str>) -> Value {
    let parsed = match parse(text, region.map(read)) {
        Ok(parsed) => parsed,
        Err(error) => return json!({ "error": error_word(error) }),
    };
    json!({
        "country_code": parsed.country_code(),
        "national": parsed.national(),
        "extension": parsed.extension(),
        "possibility": possibility_word(parsed.possibility()),
        "valid": parsed.is_valid(),
        "kind": kind_word(parsed.kind()),
        "region": parsed.region().map(|region| region.to_string()),
        "area_code_len": parsed.area_code_len(),
        "e164": parsed.format(Style::E164),
        "international": parsed.format(Style::International),
        "national_format": parsed.format(Style::National),
        "rfc3966": parsed.format(Style::Rfc3966),
    })
}

pub fn find(text: &str, region: Option<&str>) -> Value {
    let matches = |leniency| -> Vec<Value> {
        found(text, region.map(read), leniency)
            .map(|found| {
                json!([
                    code_points(text, found.start),
                    code_points(text, found.end),
                    found.number.format(Style::E164),
                    found.number.extension(),
                ])
            })
            .collect()
    };
    json!({
        "possible": matches(Leniency::Possible),
        "valid": matches(Leniency::Valid),
        "strict_grouping": matches(Leniency::StrictGrouping),
        "exact_grouping": matches(Leniency::ExactGrouping),
    })
}

pub fn short(text: &str, region: Option<&str>) -> Value {
    let region = read(region.expect("short numbers belong to a country"));
    json!({
        "possible": shorts::is_possible(text, region),
        "valid": shorts::is_valid(text, region),
        "emergency": shorts::is_emergency(text, region),
        "connects_to_emergency": shorts::connects_to_emergency(text, region),
        "kind": shorts::kind(text, region).map(|short| json!({
            "cost": cost_word(short.cost),
            "emergency": short.emergency,
            "carrier_specific": short.carrier_specific,
            "sms": short.sms,
        })),
    })
}

fn read(region: &str) -> Region {
    region
        .parse()
        .unwrap_or_else(|_| panic!("{region} is not known"))
}

fn code_points(text: &str, bytes: usize) -> usize {
    text[..bytes].chars().count()
}

fn error_word(error: NumberError) -> &'static str {
    match error {
        NumberError::InvalidCountryCode => "invalid_country_code",
        NumberError::NotANumber => "not_a_number",
        NumberError::TooShortAfterIdd => "too_short_after_idd",
        NumberError::TooShort => "too_short_nsn",
        NumberError::TooLong => "too_long",
        _ => "an error that reading cannot end with",
    }
}

fn cost_word(cost: Cost) -> &'static str {
    match cost {
        Cost::TollFree => "toll_free",
        Cost::StandardRate => "standard_rate",
        Cost::PremiumRate => "premium_rate",
        Cost::Unknown => "unknown",
    }
}

fn possibility_word(possibility: Possibility) -> &'static str {
    match possibility {
        Possibility::Possible => "possible",
        Possibility::LocalOnly => "local_only",
        Possibility::InvalidCountryCode => "invalid_country_code",
        Possibility::TooShort => "too_short",
        Possibility::TooLong => "too_long",
        Possibility::InvalidLength => "invalid_length",
    }
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::FixedLine => "fixed_line",
        Kind::Mobile => "mobile",
        Kind::FixedLineOrMobile => "fixed_line_or_mobile",
        Kind::TollFree => "toll_free",
        Kind::PremiumRate => "premium_rate",
        Kind::SharedCost => "shared_cost",
        Kind::PersonalNumber => "personal_number",
        Kind::Voip => "voip",
        Kind::Pager => "pager",
        Kind::Uan => "uan",
        Kind::Voicemail => "voicemail",
        Kind::Unknown => "unknown",
    }
}
