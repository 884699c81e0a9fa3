//! The page scanner's module: three functions over the number engine, see [`patchcord::scan`].
//!
//! `region` is two letters, empty for none; `leniency` is 0 to 3. What is neither counts as none, and as 1.

use patchcord::scan;
use wasm_bindgen::prelude::*;

/// The standard library's allocator has 8 kB of code, this one has 1 kB.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static MEMORY: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Finds the numbers in texts that are joined by U+0000: five values for each, see [`scan::find`].
#[wasm_bindgen]
pub fn find(texts: &str, region: &str, leniency: u8) -> Vec<f64> {
    scan::find(texts, scan::region(region), scan::leniency(leniency))
}

/// Reads a text that is said to be a number: its digits and its extension, see [`scan::read`]; empty for none.
#[wasm_bindgen]
pub fn read(text: &str, region: &str) -> Vec<f64> {
    scan::read(text, scan::region(region))
}

/// How a number is shown: its international format and its region, a line each, see [`scan::describe`].
#[wasm_bindgen]
pub fn describe(number: &str) -> String {
    scan::describe(number)
}
