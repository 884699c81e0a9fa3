//! Text of short fields: lines of fields parted by tabs, each much like the same field of the line before.

use alloc::vec;
use alloc::vec::Vec;

use super::coder::{Bits, Model, hash};

/// How many kinds of decisions reading text takes, from `first_kind`.
pub(crate) const DECISIONS: usize = 10;

/// Reads or packs a text of ASCII; `known` is what is packed.
pub(crate) fn text<B: Bits>(model: &mut Model<B>, first_kind: usize, known: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut place = Place {
        this: vec![0],
        ..Place::default()
    };
    loop {
        let back = |bytes: usize| {
            let place = text.len().checked_sub(bytes);
            place
                .and_then(|place| text.get(place))
                .copied()
                .map_or(0, u32::from)
        };
        let above = place.above.checked_add(text.len() - place.start);
        let above = above
            .and_then(|place| text.get(place))
            .copied()
            .map_or(0, u32::from);
        let field = place.field * 2 + u32::from(place.indented);
        let two = hash(&[back(1), back(2)]);
        let three = hash(&[two, back(3)]);
        let four = hash(&[three, back(4)]);
        let contexts = [
            hash(&[back(1), field]),
            two,
            three,
            hash(&[four, 4]),
            hash(&[four, back(5), back(6)]),
            hash(&[field, above, back(1), 5]),
            hash(&[two, field, 6]),
            hash(&[above, two, 7]),
        ];
        let kind = first_kind + place.field.min(4) as usize + if place.indented { 5 } else { 0 };
        let known = known.get(text.len()).copied().unwrap_or(0);
        let mut byte = 1;
        for bit in (0..7).rev() {
            let contexts = contexts.map(|context| hash(&[context, byte]));
            byte = byte * 2 + u32::from(model.bit(kind, &contexts, known >> bit & 1 == 1));
        }
        let byte = (byte & 0x7f) as u8;
        if byte == 0 {
            return text;
        }
        text.push(byte);
        place.went_over(byte, text.len());
    }
}

/// Where in the text a byte is.
#[derive(Default)]
struct Place {
    field: u32,
    /// The line begins with a space.
    indented: bool,
    /// Where the field begins.
    start: usize,
    /// Where the same field of the last line of the same indentation begins.
    above: usize,
    /// Where the fields of the last line begin, without and with indentation, and those of this line.
    last: [Vec<usize>; 2],
    this: Vec<usize>,
}

impl Place {
    fn went_over(&mut self, byte: u8, end: usize) {
        match byte {
            b'\n' => {
                let this = core::mem::take(&mut self.this);
                if let Some(last) = self.last.get_mut(usize::from(self.indented)) {
                    *last = this;
                }
                self.field = 0;
                self.indented = false;
            }
            b'\t' => self.field += 1,
            b' ' if end - self.start == 1 && self.field == 0 => {
                self.indented = true;
                self.find_above();
                return;
            }
            _ => return,
        }
        self.start = end;
        self.this.push(end);
        self.find_above();
    }

    fn find_above(&mut self) {
        let last = self.last.get(usize::from(self.indented));
        let above = last.and_then(|last| last.get(self.field as usize));
        self.above = above.copied().unwrap_or(usize::MAX);
    }
}
