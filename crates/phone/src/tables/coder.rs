//! Bits predicted by several contexts at once, and a range coder that pays for what was not foreseen.
//!
//! The numbering plans are 300 kB of patterns, and a web page can spare a tenth of that. So every yes-or-no of
//! the tables is predicted by what stood in similar places before it; the predictions are mixed by weights that
//! learn, as the PAQ family of compressors does, and a range coder (Martin, 1979) writes what is left. That
//! takes 20 kB where brotli takes 32 of the same facts.
//!
//! Packer and reader have to compute the very same probabilities on every machine. Whole numbers do, and so do
//! single additions, multiplications and divisions of IEEE 754; functions of a mathematics library do not, so
//! there are none.

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
    range: Range,
    value: u32,
}

/// The numbers that what is written so far leaves open, both ends included.
pub(crate) struct Range {
    low: u32,
    high: u32,
}

impl Range {
    pub(crate) const ALL: Self = Self {
        low: 0,
        high: u32::MAX,
    };

    /// The last number that means a one of this probability.
    pub(crate) fn cut(&self, one: u32) -> u32 {
        let range = self.high - self.low;
        self.low + (range >> 16) * one + (((range & 0xffff) * one) >> 16)
    }

    pub(crate) fn keep(&mut self, bit: bool, cut: u32) {
        if bit {
            self.high = cut;
        } else {
            self.low = cut + 1;
        }
    }

    /// The first byte, once nothing can change it any more.
    pub(crate) fn settled(&mut self) -> Option<u8> {
        let [first, ..] = self.high.to_be_bytes();
        if self.low.to_be_bytes().first() != Some(&first) {
            return None;
        }
        self.low <<= 8;
        self.high = self.high << 8 | 0xff;
        Some(first)
    }

    #[cfg(feature = "pack")]
    pub(crate) fn end(&self) -> [u8; 4] {
        self.high.to_be_bytes()
    }
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self {
            bytes: bytes.iter(),
            range: Range::ALL,
            value: 0,
        };
        for _ in 0..4 {
            reader.shift();
        }
        reader
    }

    fn shift(&mut self) {
        self.value = self.value << 8 | u32::from(self.bytes.next().copied().unwrap_or(0));
    }
}

impl Bits for Reader<'_> {
    fn take(&mut self, one: u32, _: bool) -> bool {
        let cut = self.range.cut(one);
        let bit = self.value <= cut;
        self.range.keep(bit, cut);
        while self.range.settled().is_some() {
            self.shift();
        }
        bit
    }
}

/// The most contexts of one decision.
const CONTEXTS: usize = 8;
/// How many places there are for what contexts have seen. Contexts that share one by chance cost a few bits.
const PLACES: usize = 1 << 19;
/// How many sets of weights: one for each kind of decision.
pub(crate) const KINDS: usize = 64;

/// What one context has seen: the part of ones in 65,536ths, and how often it was asked, up to [`STEADY`].
#[derive(Clone, Copy)]
struct Seen {
    ones: u16,
    times: u8,
    /// Whose it is; who finds another's starts afresh.
    whose: u8,
}

impl Seen {
    const NOTHING: Self = Self {
        ones: 32768,
        times: 0,
        whose: 0,
    };
}

/// From so many times on a context changes its mind at an even pace.
const STEADY: u8 = 30;
/// How much a context counts that was asked 0, 1, 2 … times.
const TRUST: [f32; 7] = [0.0, 0.4, 0.8, 1.0, 1.1, 1.15, 1.2];
/// How fast weights learn.
const LEARNING: f32 = 0.008;
/// e^(1/256).
const STEP: f64 = 1.003_913_889_338_347_6;

/// The predictions, and where the bits are.
pub(crate) struct Model<B> {
    pub(crate) bits: B,
    seen: Vec<Seen>,
    weights: Vec<[f32; CONTEXTS]>,
    /// 65,536 / (1 + e^-x) for x from -8 in 256ths.
    squash: Vec<u16>,
    /// Its inverse, by the upper 12 bits.
    stretch: Vec<f32>,
}

impl<B: Bits> Model<B> {
    pub(crate) fn new(bits: B) -> Self {
        let mut squash = vec![0; 4096];
        let mut power = 1.0;
        let (below, above) = squash.split_at_mut(2048);
        for (up, down) in above.iter_mut().zip(below.iter_mut().rev()) {
            *up = (65536.0 / (1.0 + 1.0 / power)) as u16;
            power *= STEP;
            *down = (65536.0 / (1.0 + power)) as u16;
        }
        let mut stretch = Vec::with_capacity(4096);
        let mut place = 0u16;
        for upper in 0..4096u32 {
            while squash
                .get(usize::from(place) + 1)
                .is_some_and(|one| u32::from(*one) <= upper * 16 + 8)
            {
                place += 1;
            }
            stretch.push((f32::from(place) - 2048.0) / 256.0);
        }
        Self {
            bits,
            seen: vec![Seen::NOTHING; PLACES],
            weights: vec![[0.22; CONTEXTS]; KINDS],
            squash,
            stretch,
        }
    }

    /// One decision of this kind (below [`KINDS`]) in these contexts (at most [`CONTEXTS`]).
    pub(crate) fn bit(&mut self, kind: usize, contexts: &[u32], known: bool) -> bool {
        let mut inputs = [(0usize, 0f32); CONTEXTS];
        let Some(weights) = self.weights.get_mut(kind) else {
            return false;
        };
        let mut sum = 0.0;
        let mut salt = kind as u32;
        for ((context, input), weight) in contexts.iter().zip(&mut inputs).zip(weights.iter()) {
            salt += KINDS as u32;
            let hash = spread(*context, salt);
            let place = (hash >> 8) as usize % PLACES;
            let Some(seen) = self.seen.get_mut(place) else {
                continue;
            };
            let [whose, ..] = hash.to_le_bytes();
            if seen.whose != whose {
                *seen = Seen {
                    whose,
                    ..Seen::NOTHING
                };
            }
            let stretched = self.stretch.get(usize::from(seen.ones >> 4));
            let trust = TRUST.get(usize::from(seen.times)).unwrap_or(&1.2);
            *input = (place, stretched.unwrap_or(&0.0) * trust);
            sum += input.1 * weight;
        }
        let place = (sum * 256.0 + 2048.0) as usize;
        let one = u32::from(*self.squash.get(place).unwrap_or(&u16::MAX)).clamp(24, 65536 - 24);
        let bit = self.bits.take(one, known);
        let target: i32 = if bit { 65535 } else { 0 };
        let error = (target - one as i32) as f32 / 65536.0 * LEARNING;
        for ((place, input), weight) in inputs.iter().zip(weights).take(contexts.len()) {
            *weight += error * input;
            if let Some(seen) = self.seen.get_mut(*place) {
                let ones = i32::from(seen.ones);
                // By 1 / (times + 1.1): the first answer moves it far, the thirtieth little.
                let ones = ones + (target - ones) * 10 / (10 * i32::from(seen.times) + 11);
                seen.ones = ones as u16;
                seen.times = STEADY.min(seen.times + 1);
            }
        }
        bit
    }

    /// A whole number, small ones cheap (Elias' gamma code, each bit by its context).
    pub(crate) fn number(&mut self, kind: usize, known: u32) -> u32 {
        let mut length = 0;
        while length < 16 && self.bit(kind, &[length], (known + 1) >> (length + 1) != 0) {
            length += 1;
        }
        let mut number = 1;
        for place in (0..length).rev() {
            let bit = self.bit(
                kind,
                &[hash(&[length, number])],
                (known + 1) >> place & 1 == 1,
            );
            number = number * 2 + u32::from(bit);
        }
        number - 1
    }
}

/// A number for two, the same for few others.
pub(crate) fn spread(one: u32, other: u32) -> u32 {
    let product = (one ^ other.wrapping_mul(0x9e37_79b1)).wrapping_mul(0x2c1b_3c6d);
    product ^ product >> 15
}

/// One number for several, well spread. Not inlined: there are fifty of them.
#[inline(never)]
pub(crate) fn hash(parts: &[u32]) -> u32 {
    parts.iter().fold(0x9e37_79b9, |hash, part| {
        (hash ^ part).wrapping_mul(0x2c1b_3c6d).rotate_left(13)
    })
}
