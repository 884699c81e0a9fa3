//! The growing pauses between tries of something that does not work for the time being.

use crate::random;

/// The first pause, in milliseconds; each one after it is twice as long …
const FIRST: u64 = 500;
/// … up to this.
const LONGEST: u64 = 30_000;

/// How long to wait before the next try.
pub struct Pause(u64);

impl Pause {
    /// The first.
    pub fn first() -> Self {
        Self(FIRST)
    }

    /// How long it is, in milliseconds.
    #[cfg(feature = "desk")]
    pub fn milliseconds(&self) -> u64 {
        self.0
    }

    /// The one after it.
    pub fn grow(&mut self) {
        self.0 = (self.0 * 2).min(LONGEST);
    }

    /// How long to wait now, in milliseconds; the next time longer. Half of it is left to chance, so that a restarted
    /// relay is not met by everyone at once.
    pub fn next(&mut self) -> u64 {
        let wait = self.0 / 2 + random::below(self.0 / 2);
        self.grow();
        wait
    }
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test(unsupported = test)]
    fn each_pause_is_twice_the_one_before_up_to_the_longest() {
        let mut pause = Pause::first();
        let lengths: Vec<u64> = std::iter::repeat_with(|| {
            let length = pause.0;
            pause.grow();
            length
        })
        .take(8)
        .collect();
        assert_eq!(
            lengths,
            [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]
        );
    }

    #[wasm_bindgen_test]
    fn half_of_a_pause_is_left_to_chance() {
        let mut pause = Pause::first();
        for length in [500, 1000, 2000] {
            let wait = pause.next();
            assert!((length / 2..length).contains(&wait), "{wait} of {length}");
        }
    }
}
