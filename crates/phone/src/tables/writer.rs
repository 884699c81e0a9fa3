//! Writing tables; only `cargo xtask phone-metadata` does.

use alloc::vec::Vec;

use super::coder::{Bits, SMALL, ones};

/// Writes bits, foreseen ones in far less than a bit.
pub(crate) struct Writer {
    bytes: Vec<u8>,
    /// The least of the numbers that what is written so far leaves open, without what the bytes have.
    low: u32,
    /// How much greater the greatest is.
    range: u32,
}

impl Writer {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: Vec::new(),
            low: 0,
            range: u32::MAX,
        }
    }

    /// What was written.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        // A reader takes zeros for what is missing; so much is always left open.
        self.add(self.range);
        self.bytes.extend(self.low.to_be_bytes().iter().take(3));
        self.bytes
    }

    fn add(&mut self, more: u32) {
        let (low, carry) = self.low.overflowing_add(more);
        self.low = low;
        for byte in self.bytes.iter_mut().rev().take_while(|_| carry) {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                return;
            }
        }
    }
}

impl Bits for Writer {
    fn take(&mut self, one: u32, known: bool) -> bool {
        while self.range < SMALL {
            let [first, ..] = self.low.to_be_bytes();
            self.bytes.push(first);
            self.low <<= 8;
            self.range = self.range << 8 | 0xff;
        }
        let ones = ones(self.range, one);
        if known {
            self.range = ones - 1;
        } else {
            self.range -= ones;
            self.add(ones);
        }
        known
    }
}
