//! The page scanner's module: what it asks of the number engine, many texts at a time.
//!
//! `region` is two letters, empty for none; `leniency` is 0 to 3. What is neither counts as none, and as 1.

// Without the standard library there is nothing that words a panic, which is a third of the code.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod dialled;
mod offsets;
mod scan;

use alloc::string::String;
use alloc::vec::Vec;

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

/// Finds the numbers in texts that are joined by U+0000: five values for each.
///
/// Which of the texts it is in, from 0 on; where in that it begins and ends, in UTF-16 units; its digits; and its
/// extension: its digits, and 10¹² times how many they are, 0 for none. In what is no UTF-8 nothing is found.
#[wasm_bindgen]
pub fn find(texts: &[u8], region: &str, leniency: u8) -> Vec<f64> {
    scan::find(text(texts), scan::region(region), scan::leniency(leniency))
}

/// Reads texts that are said to be numbers, joined by U+0000: two values for each, its digits and its extension as
/// [`find`] tells them; 0 and 0 where it is none.
#[wasm_bindgen]
pub fn read(texts: &[u8], region: &str) -> Vec<f64> {
    scan::read(text(texts), scan::region(region))
}

/// Texts come as bytes so that the browser's own encoder writes them, in place of a loop of the glue's.
fn text(bytes: &[u8]) -> &str {
    core::str::from_utf8(bytes).unwrap_or_default()
}

/// How a number is shown: its international format and its region, a line each; the second is empty where a number has
/// no region. `number` as in an element's attribute: `+49…`, with `;ext=` where it has an extension.
///
/// What is no number comes back as it is, without a region.
#[wasm_bindgen]
pub fn describe(number: &str) -> String {
    scan::describe(number)
}
