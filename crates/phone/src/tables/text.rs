//! Text of short fields: lines of fields parted by tabs, each much like the same field of the line before.

use alloc::vec::Vec;

use super::coder::{Bits, Model, hash};

/// How many kinds of decisions reading text takes, from `first_kind`: one for each field of a line.
pub(crate) const FIELDS: usize = 20;

/// Reads or packs a text of ASCII; `known` is what is packed.
pub(crate) fn text<B: Bits>(model: &mut Model<B>, first_kind: usize, known: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(1 << 15);
    let mut known = known.iter();
    // The last eight bytes, the latest lowest.
    let mut last = 0u64;
    // Which field this is, twice; and one more in a line that begins with a space.
    let mut field = 0;
    // Where each field began last, and where the same field as this goes on there.
    let mut begun = [0; FIELDS];
    let mut above = 0;
    loop {
        let upper = text.get(above).copied().map_or(0, u32::from);
        above += 1;
        let here = field as u32;
        let four = last as u32;
        let (one, two, three) = (four & 0xff, four & 0xffff, four & 0x00ff_ffff);
        let contexts = [
            hash(&[one, here]),
            three,
            hash(&[four, (last >> 32) as u32]),
            hash(&[here, upper, one]),
            hash(&[two, here]),
        ];
        let known = known.next().copied().unwrap_or(0);
        let mut byte = 1;
        for bit in (0..7).rev() {
            let bit = model.bit(first_kind + field, &contexts, byte, known >> bit & 1 == 1);
            byte = byte * 2 + u32::from(bit);
        }
        let byte = byte as u8 & 0x7f;
        if byte == 0 {
            return text;
        }
        text.push(byte);
        let begins = match byte {
            b'\n' => Some(0),
            b'\t' => Some(field + 2),
            b' ' if one == u32::from(b'\n') => Some(1),
            _ => None,
        };
        if let Some(begins) = begins {
            field = begins;
            if let Some(begun) = begun.get_mut(field) {
                above = core::mem::replace(begun, text.len());
            }
        }
        last = last << 8 | u64::from(byte);
    }
}
