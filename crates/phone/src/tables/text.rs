//! Text of short fields: lines of fields parted by tabs, each much like the same field of the line before.

use alloc::vec::Vec;

use super::coder::{Bits, Model, hash, spread};

/// How many kinds of decisions reading text takes, from `first_kind`.
pub(crate) const DECISIONS: usize = 10;

/// Reads or packs a text of ASCII; `known` is what is packed.
pub(crate) fn text<B: Bits>(model: &mut Model<B>, first_kind: usize, known: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut known = known.iter();
    // The last eight bytes, the latest lowest.
    let mut last = 0u64;
    // Lines are of two kinds: those that begin with a space, and others.
    let mut indented = 0;
    let mut field = 0;
    let mut line = 0;
    // Where the last line of each kind begins, and where the same field as this one goes on in it.
    let mut lines = [usize::MAX; 2];
    let mut above = usize::MAX;
    loop {
        let upper = text.get(above).copied().map_or(0, u32::from);
        let [one, two, three] = [0xff, 0xffff, 0x00ff_ffff].map(|mask| last as u32 & mask);
        let place = field * 2 + indented;
        let contexts = [
            hash(&[one, place]),
            hash(&[two, 2]),
            hash(&[three, 3]),
            hash(&[last as u32, 4]),
            hash(&[last as u32, (last >> 32) as u32 & 0xffff]),
            hash(&[place, upper, one, 5]),
            hash(&[two, place, 6]),
            hash(&[upper, two, 7]),
        ];
        let kind = first_kind + (field.min(4) + indented * 5) as usize;
        let known = known.next().copied().unwrap_or(0);
        let mut byte = 1;
        for bit in (0..7).rev() {
            let contexts = contexts.map(|context| spread(context, byte));
            byte = byte * 2 + u32::from(model.bit(kind, &contexts, known >> bit & 1 == 1));
        }
        let byte = byte as u8 & 0x7f;
        if byte == 0 {
            return text;
        }
        text.push(byte);
        last = last << 8 | u64::from(byte);
        above = above.saturating_add(1);
        match byte {
            b'\n' => {
                set(&mut lines, indented, line);
                line = text.len();
                field = 0;
                indented = 0;
            }
            b'\t' => field += 1,
            b' ' if text.len() == line + 1 => indented = 1,
            _ => continue,
        }
        // The same field of the last line of this kind.
        above = lines.get(indented as usize).copied().unwrap_or(usize::MAX);
        let before = text.get(above..).unwrap_or_default();
        let mut fields = before.split(|byte| *byte == b'\t');
        let to_it = fields
            .by_ref()
            .take(field as usize)
            .map(|field| field.len() + 1);
        above = above.saturating_add(to_it.sum::<usize>() + indented as usize);
    }
}

fn set(lines: &mut [usize; 2], kind: u32, line: usize) {
    if let Some(place) = lines.get_mut(kind as usize) {
        *place = line;
    }
}
