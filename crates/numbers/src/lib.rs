//! The WebAssembly module of the number engine: loaded by a page once somebody is about to type a number, or where an
//! element has one that is not in E.164.
//!
//! Only numbers are handed over. A text crosses in [`units`], where both sides read and write: `web/numbers/numbers.js`
//! does on the other side. Glue that hands texts over, and an allocator that takes them back, would cost a download
//! more than a kilobyte, and each call an allocation.

// Without the standard library there is nothing that words a panic, which is a third of the code.
#![cfg_attr(target_arch = "wasm32", no_std)]

use core::sync::atomic::{AtomicU16, Ordering};

use patchcord_phone::{
    Kind, NumberError, ParsedNumber, Region, Style, Text, check_chars, parse_chars, push_typed,
};
use wasm_bindgen::prelude::wasm_bindgen;

/// Gives whole pages and takes none back: the tables are all that is ever allocated, and they are kept.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LeakingPageAllocator = lol_alloc::LeakingPageAllocator;

/// There is nothing to say that a browser does not say of a trap.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn on_panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// Room for a text of more characters than are read, in UTF-16 as a page has it, and for any answer.
const ROOM: usize = 512;

/// The text that is read, and the answer.
static UNITS: [AtomicU16; ROOM] = [const { AtomicU16::new(0) }; ROOM];

/// Where the text is put, and the answer found: room for 512 units of UTF-16.
#[wasm_bindgen]
pub fn units() -> usize {
    UNITS.as_ptr().addr()
}

/// The characters of the text.
#[derive(Clone)]
struct Characters {
    units: core::slice::Iter<'static, AtomicU16>,
}

/// The characters of a text of so many units.
fn text(units: usize) -> Characters {
    Characters {
        units: UNITS.get(..units).unwrap_or_default().iter(),
    }
}

impl Iterator for Characters {
    type Item = char;

    #[inline(always)]
    fn next(&mut self) -> Option<char> {
        let unit = self.units.next()?.load(Ordering::Relaxed);
        if let Ok(byte) = u8::try_from(unit) {
            return Some(char::from(byte));
        }
        let c = beyond(unit, self.units.as_slice().first());
        if c > '\u{FFFF}' {
            self.units.next();
        }
        Some(c)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.units.len()))
    }
}

/// A character that is not of Latin-1. Half of one is none that means something.
// By itself, so that where the iterator stands is in no memory.
#[cold]
#[inline(never)]
fn beyond(unit: u16, next: Option<&AtomicU16>) -> char {
    let first = u32::from(unit);
    let second = next.map_or(0, |unit| u32::from(unit.load(Ordering::Relaxed)));
    let is_pair = first & 0xfc00 == 0xd800 && second & 0xfc00 == 0xdc00;
    let code = if is_pair {
        0x1_0000 + ((first & 0x3ff) << 10) + (second & 0x3ff)
    } else {
        first
    };
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// An answer in the text's place, as far as it has come.
struct Answer {
    len: u32,
}

impl Answer {
    /// Adds a text of ASCII.
    fn push(&mut self, ascii: &[u8]) {
        for byte in ascii {
            if let Some(unit) = UNITS.get(self.len as usize) {
                unit.store(u16::from(*byte), Ordering::Relaxed);
                self.len += 1;
            }
        }
    }

    /// Adds a number's digits.
    fn push_number(&mut self, number: u16) {
        if number > 9 {
            self.push_number(number / 10);
        }
        self.push(&[b'0' + (number % 10) as u8]);
    }
}

/// The region of two letters in ASCII, the first in the upper byte.
fn region(letters: u16) -> Option<Region> {
    letters.to_be_bytes().try_into().ok()
}

fn letters(region: Option<Region>) -> u16 {
    region.map_or(0, |region| u16::from_be_bytes(region.letters()))
}

/// Reads a number as a person writes it: in international form, or in that of `region` (two capitals, 0 for none).
///
/// Answers with lines: what is wrong with it (see [`reason`]) and its kind, a letter each; its region, or nothing;
/// the extension; E.164; the national format; the international one. Where there is no number at all, the first letter
/// only. Gives the answer's length.
#[wasm_bindgen]
pub fn read(len: usize, region: u16) -> u32 {
    let read = parse_chars(text(len), self::region(region));
    let mut answer = Answer { len: 0 };
    match read {
        Ok(number) => push(&number, &mut answer),
        Err(error) => answer.push(&[reason(error)]),
    }
    answer.len
}

fn push(number: &ParsedNumber, answer: &mut Answer) {
    let wrong = number.check().and_then(|()| number.check_length()).err();
    answer.push(&[wrong.map_or(b'@', reason), kind(number.kind())]);
    let region = number.region().map(Region::letters);
    answer.push(region.as_ref().map_or(&[], <[u8; 2]>::as_slice));
    answer.push(b"\n");
    answer.push(number.extension_digits());
    let mut line = |style| {
        let mut text = Text::EMPTY;
        text.push(b'\n');
        number.push(style, &mut text);
        answer.push(text.as_bytes());
    };
    line(Style::E164);
    line(Style::National);
    line(Style::International);
}

/// Reads a number as [`read`] does, and answers with its country code and its national digits. Gives how many they are; 0
/// for one that cannot be called.
#[wasm_bindgen]
pub fn check(len: usize, region: u16) -> u32 {
    let checked = check_chars(text(len), self::region(region), |code, national| {
        let mut answer = Answer { len: 0 };
        answer.push_number(code);
        answer.push(national);
        answer.len
    });
    checked.unwrap_or_default()
}

/// Formats what is typed so far, the caret in UTF-16 units.
///
/// Answers with the text. Gives the region the number belongs to (as [`read`] takes one) in the upper half, then the
/// caret, then the length of the text, a byte each; 0 where the text stays as it is.
#[wasm_bindgen]
pub fn typed(len: usize, caret: usize, region: u16) -> u32 {
    let mut written = Text::EMPTY;
    let typed = push_typed(text(len), caret, self::region(region), &mut written);
    let mut answer = Answer { len: 0 };
    answer.push(written.as_bytes());
    typed.map_or(0, |(caret, region)| {
        u32::from(letters(region)) << 16 | (caret as u32) << 8 | answer.len
    })
}

/// A country code, with its region in the upper half if it has one (see [`Region::at`]); 0 behind the last.
#[wasm_bindgen]
pub fn region_at(place: usize) -> u32 {
    Region::at(place).map_or(0, |(region, code)| {
        u32::from(letters(region)) << 16 | u32::from(code)
    })
}

/// What is wrong, by its place among the words of `web/numbers/numbers.js`, in the lower half of an ASCII letter.
const fn reason(error: NumberError) -> u8 {
    match error {
        NumberError::NotANumber => b'A',
        NumberError::InvalidCountryCode => b'B',
        NumberError::TooShortAfterIdd | NumberError::TooShort => b'C',
        NumberError::TooLong => b'D',
        NumberError::InvalidLength => b'E',
        NumberError::LocalOnly => b'F',
        NumberError::NoSuchNumber => b'G',
        NumberError::ExtensionTooLong => b'H',
    }
}

/// A kind, by its place among the words there, in the same way.
const fn kind(kind: Kind) -> u8 {
    b'@' + kind as u8
}
