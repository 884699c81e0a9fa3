//! Phone numbers: parse, validate, tell the type and the region, format, format while somebody types, find in text.
//!
//! The numbering plans and the rules are those of Google's libphonenumber; the answers are the same, and the tests
//! compare them. Nothing here does I/O, and every function takes time linear to the length of its input.
//!
//! ```
//! use patchcord_phone::{Kind, Style, parse};
//!
//! let number = parse("030 901820", Some("DE".parse()?))?;
//! assert!(number.is_valid());
//! assert_eq!(number.kind(), Kind::FixedLine);
//! assert_eq!(number.format(Style::International), "+49 30 901820");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]
// What a browser downloads is without the standard library's ways of telling of a panic.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod context;
mod digits;
mod error;
mod extension;
#[cfg(feature = "find")]
pub mod find;
mod format;
mod kind;
mod normalise;
pub mod number;
mod parse;
mod parsed;
mod pattern;
mod plan;
mod prefix;
mod region;
#[cfg(feature = "short")]
pub mod short;
mod symbol;
mod tables;
mod text;
mod typed;
mod validate;

pub use error::NumberError;
pub use format::Style;
pub use kind::{Kind, Possibility};
pub use number::{Dialable, Extension, PhoneNumber};
pub use parse::{MAX_INPUT, check_chars, parse, parse_chars};
pub use parsed::ParsedNumber;
pub use region::{Region, UnknownRegion};
#[cfg(feature = "pack")]
pub use tables::pack;
pub use text::Text;
pub use typed::{Caret, Typed, as_you_type, push_typed};
