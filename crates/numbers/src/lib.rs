//! The WebAssembly module of the number engine: loaded by a page once somebody is about to type a number, or where an
//! element has one that is not in E.164.
//!
//! Everything goes over as lines of text, which `web/numbers/numbers.js` makes objects of: an object built from here
//! would cost a download more than the lines do.

// Without the standard library there is nothing that words a panic, which is a third of the code.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

use alloc::borrow::ToOwned as _;
use alloc::string::{String, ToString as _};

use patchcord_phone::{Kind, NumberError, Region, Style, as_you_type, parse};
use wasm_bindgen::prelude::wasm_bindgen;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// There is nothing to say that a browser does not say of a trap.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn on_panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

fn region(letters: &str) -> Option<Region> {
    letters.parse().ok()
}

/// Reads a number as a person writes it: in international form, or in that of `region` (two capitals, may be empty).
///
/// Gives lines: what is wrong with it (empty if nothing is, see [`reason`]), E.164, extension, type, region,
/// national format, international format. Where there is no number at all, the first only.
#[wasm_bindgen]
pub fn read(text: &str, region: &str) -> String {
    let number = match parse(text, self::region(region)) {
        Ok(number) => number,
        Err(error) => return reason(error).to_owned(),
    };
    let wrong = number.check().err().map_or("", reason);
    let its_region = number.region();
    let lines = [
        wrong,
        &number.format(Style::E164),
        number.extension().unwrap_or_default(),
        kind(number.kind()),
        its_region.as_ref().map_or("", Region::as_str),
        &number.format(Style::National),
        &number.format(Style::International),
    ];
    joined(&lines)
}

/// Formats what is typed so far; the caret in UTF-16 units. Gives lines: the caret, the region the number belongs to,
/// the text.
#[wasm_bindgen]
pub fn typed(text: &str, caret: usize, region: &str) -> String {
    let typed = as_you_type(text, caret, self::region(region));
    let caret = typed.caret.to_string();
    let its_region = typed.region.as_ref().map_or("", Region::as_str);
    joined(&[&caret, its_region, &typed.text])
}

/// Each line with its end.
fn joined(lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}

/// All regions with their country codes, a line each: `DE49`.
#[wasm_bindgen]
pub fn regions() -> String {
    let mut lines = String::new();
    for region in Region::all() {
        lines.push_str(region.as_str());
        lines.push_str(&region.country_code().to_string());
        lines.push('\n');
    }
    lines
}

/// What is wrong, as the texts have it behind `callback.number.`.
fn reason(error: NumberError) -> &'static str {
    match error {
        NumberError::NotANumber => "invalid",
        NumberError::InvalidCountryCode => "country",
        NumberError::TooShortAfterIdd | NumberError::TooShort => "short",
        NumberError::TooLong => "long",
        NumberError::InvalidLength => "length",
        NumberError::LocalOnly => "local",
        NumberError::NoSuchNumber => "none",
        NumberError::ExtensionTooLong => "extension",
    }
}

fn kind(kind: Kind) -> &'static str {
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
