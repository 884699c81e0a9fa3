//! Writing tables; only `cargo xtask phone-metadata` does.

use alloc::vec::Vec;

use super::coder::{Bits, Range};

/// Writes bits, foreseen ones in far less than a bit.
pub(crate) struct Writer {
    bytes: Vec<u8>,
    range: Range,
}

impl Writer {
    pub(crate) fn new() -> Self {
        Self {
            bytes: Vec::new(),
            range: Range::ALL,
        }
    }

    /// What was written.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes.extend(self.range.end());
        self.bytes
    }
}

impl Bits for Writer {
    fn take(&mut self, one: u32, known: bool) -> bool {
        let cut = self.range.cut(one);
        self.range.keep(known, cut);
        while let Some(byte) = self.range.settled() {
            self.bytes.push(byte);
        }
        known
    }
}
