//! A few digits without an allocation.

use crate::symbol::{Symbol, as_ascii};

/// The most digits: those of the longest extension Google reads, and more than any national number has.
const CAPACITY: usize = 20;

/// At most 20 ASCII digits. The places behind the last are zero, so that equality is that of the digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Digits {
    bytes: [u8; CAPACITY],
    len: u8,
}

impl Digits {
    /// None of them.
    pub(crate) const NONE: Self = Self {
        bytes: [0; CAPACITY],
        len: 0,
    };

    /// The first 20 of these digits, of any script.
    // Not inlined: a number has two.
    #[inline(never)]
    pub(crate) fn of(digits: &[Symbol]) -> Self {
        let mut new = Self::NONE;
        for (place, digit) in new.bytes.iter_mut().zip(digits) {
            *place = as_ascii(*digit);
            new.len += 1;
        }
        new
    }

    /// As bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// As text.
    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}
