//! Bits predicted by several contexts at once, and a range coder that pays for what was not foreseen.
//!
//! The numbering plans are 300 kB of patterns, and a web page can spare a tenth of that. So every yes-or-no of
//! the tables is predicted by what stood in similar places before it; the predictions are mixed by weights that
//! learn, as the PAQ family of compressors does, and a range coder (Martin, 1979) writes what is left. That
//! takes 20 kB where brotli takes 32 of the same facts.
//!
//! Packer and reader have to compute the very same probabilities on every machine. Whole numbers do, and so do
//! single additions, multiplications and divisions of IEEE 754; functions of a mathematics library do not, so
//! there are none: a float's bits, taken as a whole number, are its logarithm nearly enough.

use alloc::vec;
use alloc::vec::Vec;

/// Where bits come from, or go to.
pub(crate) trait Bits {
    /// One bit, which is a one with `one` 65,536ths. A writer writes `known`; a reader does not look at it.
    fn take(&mut self, one: u32, known: bool) -> bool;
}

/// Reads what a writer has written.
pub(crate) struct Reader<'a> {
    bytes: core::slice::Iter<'a, u8>,
    /// The greatest of the numbers that what is read so far leaves open; the least is 0.
    range: u32,
    /// The number.
    value: u32,
}

/// A range smaller than this takes another byte.
pub(crate) const SMALL: u32 = 1 << 24;

/// How many of a range's numbers mean a one of this probability; the lowest do.
pub(crate) fn ones(range: u32, one: u32) -> u32 {
    ((u64::from(range) * u64::from(one)) >> 16) as u32
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        // The first four bytes are read with the first bit.
        Self {
            bytes: bytes.iter(),
            range: 0,
            value: 0,
        }
    }
}

impl Bits for Reader<'_> {
    fn take(&mut self, one: u32, _: bool) -> bool {
        while self.range < SMALL {
            self.range = self.range << 8 | 0xff;
            self.value = self.value << 8 | self.bytes.next().map_or(0, |byte| u32::from(*byte));
        }
        let ones = ones(self.range, one);
        let bit = self.value < ones;
        if bit {
            self.range = ones - 1;
        } else {
            self.range -= ones;
            self.value -= ones;
        }
        bit
    }
}

/// The most contexts of one decision.
const CONTEXTS: usize = 8;
/// How many places there are for what contexts have seen. Contexts that share one by chance cost a few bits.
const PLACES: usize = 1 << 19;
/// How many kinds of decisions there are; each has its own weights.
pub(crate) const KINDS: usize = 40;
/// The kinds from this one on have contexts in common.
pub(crate) const COMMON: usize = 20;

/// From so many times on a context changes its mind at an even pace.
const STEADY: i32 = 22;
/// What a context counts at first.
const WEIGHT: f32 = 0.25;
/// How fast weights learn, for an error in 65,536ths and an input in [`OCTAVE`]s.
const LEARNING: f32 = 0.004 / 65536.0 / OCTAVE;
/// What a float's bits, as a whole number, differ by from those of twice the float.
const OCTAVE: f32 = 8_388_608.0;
/// The bits of 1.
const UNIT: f32 = 127.0 * OCTAVE;

/// The predictions, and where the bits are.
pub(crate) struct Model<B> {
    pub(crate) bits: B,
    /// What each context has seen: from the highest bits the part of ones in 65,536ths (less a half), 16 bits; how
    /// often it was asked, up to [`STEADY`], 8 bits; whose the place is, 8 bits.
    seen: Vec<u32>,
    /// What each context counts more than [`WEIGHT`].
    weights: [[f32; CONTEXTS]; KINDS],
}

impl<B: Bits> Model<B> {
    pub(crate) fn new(bits: B) -> Self {
        Self {
            bits,
            seen: vec![0; PLACES],
            weights: [[0.0; CONTEXTS]; KINDS],
        }
    }

    /// One decision of this kind (below [`KINDS`]) in these contexts (at most [`CONTEXTS`]), each of which is another
    /// one for each number `so_far`.
    pub(crate) fn bit(&mut self, kind: usize, contexts: &[u32], so_far: u32, known: bool) -> bool {
        let Some(weights) = self.weights.get_mut(kind) else {
            return false;
        };
        let mut inputs = [(0, 0.0); CONTEXTS];
        let mut sum = 0.0;
        let mut salt = so_far << 9 | kind.min(COMMON) as u32;
        for ((context, input), weight) in contexts.iter().zip(&mut inputs).zip(weights.iter()) {
            salt += KINDS as u32;
            let hash = spread(*context, salt);
            let place = (hash >> 8) as usize % PLACES;
            let Some(seen) = self.seen.get_mut(place) else {
                continue;
            };
            if (*seen ^ hash) & 0xff != 0 {
                *seen = hash & 0xff;
            }
            let ones = part(*seen);
            let odds = logarithm(ones) - logarithm(65536 - ones);
            *input = (place, odds);
            sum += odds * (WEIGHT + weight);
        }
        let others = f32::from_bits((UNIT - sum) as u32);
        let one = ((65536.0 / (1.0 + others)) as u32).clamp(24, 65536 - 24);
        let bit = self.bits.take(one, known);
        let target = if bit { 65535 } else { 0 };
        let error = (target - one as i32) as f32 * LEARNING;
        for ((place, odds), weight) in inputs.iter().zip(weights).take(contexts.len()) {
            *weight += error * odds;
            if let Some(seen) = self.seen.get_mut(*place) {
                let ones = part(*seen);
                let times = (*seen >> 8 & 0xff) as i32;
                // By 1 / (times + 1.1): the first answer moves it far, a later one little.
                let ones = ones + (target - ones) * 10 / (10 * times + 11);
                let times = STEADY.min(times + 1);
                *seen = ((ones ^ HALF) << 16 | times << 8) as u32 | *seen & 0xff;
            }
        }
        bit
    }
}

/// What a context that has seen nothing expects.
const HALF: i32 = 0x8000;

/// The part of ones that a context has seen, in 65,536ths; from 1 to 65,535.
fn part(seen: u32) -> i32 {
    (seen >> 16) as i32 ^ HALF
}

/// The logarithm for base two, in [`OCTAVE`]s, and a constant: lines between the whole ones.
fn logarithm(number: i32) -> f32 {
    (number as f32).to_bits() as f32
}

/// A number for two, the same for few others.
fn spread(one: u32, other: u32) -> u32 {
    let product = (one ^ other.wrapping_mul(0x9e37_79b1)).wrapping_mul(0x2c1b_3c6d);
    product ^ product >> 15
}

/// One number for several, well spread. Not inlined: there are twenty of them.
#[inline(never)]
pub(crate) fn hash(parts: &[u32]) -> u32 {
    parts.iter().fold(0x9e37_79b9, |hash, part| {
        (hash ^ part).wrapping_mul(0x2c1b_3c6d).rotate_left(13)
    })
}
