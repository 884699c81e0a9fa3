//! The WebAssembly module of the number engine: loaded by a page once somebody is about to type a number, or where an
//! element has one that is not in E.164.
//!
//! Everything goes over as lines of text, which `web/numbers/numbers.js` makes objects of: an object built from here
//! would cost a download more than the lines do.

// Without the standard library there is nothing that words a panic, which is a third of the code.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

use alloc::borrow::ToOwned as _;
use alloc::string::String;

use patchcord_phone::number::MAX_EXTENSION_DIGITS;
use patchcord_phone::{Kind, NumberError, ParsedNumber, Region, Style, as_you_type, parse};
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

/// The region of two letters in ASCII, the first in the upper byte: a text would have to be copied.
fn region(letters: u16) -> Option<Region> {
    letters.to_be_bytes().try_into().ok()
}

/// Reads a number as a person writes it: in international form, or in that of `region` (two capitals, 0 for none).
///
/// Gives lines: what is wrong with it (empty if nothing is, see [`reason`]), E.164, extension, type, region,
/// national format, international format. Where there is no number at all, the first only.
#[wasm_bindgen]
pub fn read(text: &str, region: u16) -> String {
    let number = match parse(text, self::region(region)) {
        Ok(number) => number,
        Err(error) => return reason(error).to_owned(),
    };
    let region = number.region().map(Region::letters);
    let mut lines = String::with_capacity(256);
    line(&mut lines, wrong(&number).as_bytes());
    line(&mut lines, number.format(Style::E164).as_bytes());
    line(&mut lines, number.extension_digits());
    line(&mut lines, kind(number.kind()).as_bytes());
    line(&mut lines, region.as_ref().map_or(&[], <[u8; 2]>::as_slice));
    line(&mut lines, number.format(Style::National).as_bytes());
    line(&mut lines, number.format(Style::International).as_bytes());
    lines
}

/// Reads a number as [`read`] does, and gives its digits with the country code, as a number; 0 for one that cannot be
/// called. A float holds all of at most 15 digits, and is the fastest to hand over.
#[wasm_bindgen]
pub fn check(text: &str, region: u16) -> f64 {
    let number = parse(text, self::region(region)).ok();
    let number = number.filter(|number| wrong(number).is_empty());
    number.map_or(0.0, |number| digits(&number))
}

/// Why a number cannot be called, as the phone field words it; empty if it can.
fn wrong(number: &ParsedNumber) -> &'static str {
    match number.check() {
        Err(error) => reason(error),
        Ok(()) if digits(number) >= TOO_LONG => reason(NumberError::TooLong),
        Ok(()) if number.extension_digits().len() > MAX_EXTENSION_DIGITS => {
            reason(NumberError::ExtensionTooLong)
        }
        Ok(()) => "",
    }
}

/// A number of 16 digits. A few plans have those; E.164 has not.
const TOO_LONG: f64 = 1e15;

fn digits(number: &ParsedNumber) -> f64 {
    let national = number.national_digits().iter();
    national.fold(f64::from(number.country_code()), |digits, digit| {
        digits * 10.0 + f64::from(digit - b'0')
    })
}

/// Formats what is typed so far; the caret in UTF-16 units. Gives lines: the caret, the region the number belongs to,
/// the text.
#[wasm_bindgen]
pub fn typed(text: &str, caret: usize, region: u16) -> String {
    let typed = as_you_type(text, caret, self::region(region));
    let mut lines = String::with_capacity(128);
    push_number(&mut lines, typed.caret);
    lines.push('\n');
    let region = typed.region.map(Region::letters);
    line(&mut lines, region.as_ref().map_or(&[], <[u8; 2]>::as_slice));
    lines.push_str(&typed.text);
    lines
}

/// All regions with their country codes, a line each: `DE49`.
#[wasm_bindgen]
pub fn regions() -> String {
    let mut lines = String::with_capacity(2048);
    for region in Region::all() {
        push(&mut lines, &region.letters());
        push_number(&mut lines, region.country_code().into());
        lines.push('\n');
    }
    lines
}

/// ASCII and the end of a line.
fn line(lines: &mut String, ascii: &[u8]) {
    push(lines, ascii);
    lines.push('\n');
}

fn push(text: &mut String, ascii: &[u8]) {
    for byte in ascii {
        text.push(char::from(*byte));
    }
}

fn push_number(text: &mut String, number: usize) {
    if number > 9 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

/// What is wrong, as web/numbers/field-words.js and docs/numbers.md name it.
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
