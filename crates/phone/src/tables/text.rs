//! Text of short fields: lines of fields parted by tabs, each much like the same field of the line before.

use super::coder::{Bits, Model, hash};
use super::list::List;

/// How many kinds of decisions reading text takes, from `first_kind`: one for each field of a line.
pub(crate) const FIELDS: usize = 20;

/// More bytes than any text has.
const ROOM: usize = 1 << 16;

/// A bit more than there are brackets within brackets.
const CLASS: u32 = 16;

/// Reads or packs a text of ASCII; `known` is what is packed.
pub(crate) fn text<B: Bits>(model: &mut Model<B>, first_kind: usize, known: &[u8]) -> List<u8> {
    let mut text = List::with_room(ROOM);
    let mut known = known.iter();
    // The last eight bytes, the latest lowest.
    let mut last = 0u64;
    // Which field this is, twice; and one more in a line that begins with a space.
    let mut field = 0;
    // Where each field began last, and where the same field as this goes on there.
    let mut begun = [0; FIELDS];
    let mut above = 0;
    // How many brackets of this field are open, and whether the digits of a class are.
    let mut brackets = 0u32;
    // What follows the last bracket, bar or space.
    let mut since = 0;
    loop {
        let upper = text.get(above).copied().map_or(0, u32::from);
        above += 1;
        let here = field as u32;
        let four = last as u32;
        let (one, two) = (four & 0xff, four & 0xffff);
        let class = brackets & CLASS;
        let state = hash(&[here, brackets]);
        let contexts = [
            state,
            hash(&[state, one]),
            hash(&[state, upper]),
            since,
            hash(&[four, (last >> 32) as u32]),
            hash(&[four >> 16 & 0xff, one, class]),
            hash(&[two >> 8, here, class]),
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
        match byte {
            b'(' | b'<' => brackets += 1,
            b')' => brackets = brackets.wrapping_sub(1),
            b'[' => brackets |= CLASS,
            b']' => brackets &= !CLASS,
            b'\t' | b'\n' => brackets = 0,
            _ => {}
        }
        since = match byte {
            b'\t' | b'\n' | b' ' | b'(' | b')' | b'<' | b'[' | b']' | b'|' => 0,
            _ => since,
        };
        since = hash(&[since, u32::from(byte)]);
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
