//! A short text without an allocation.

/// More bytes than any number has, with all that is written around and between its digits; also more digits than are
/// looked at.
const ROOM: usize = 96;

/// At most 96 bytes of ASCII: a number that is written out. What does not fit is left out, and nothing is so long.
#[derive(Clone, Copy)]
pub struct Text {
    bytes: [u8; ROOM],
    len: usize,
}

impl Text {
    /// Nothing.
    pub const EMPTY: Self = Self {
        bytes: [0; ROOM],
        len: 0,
    };

    /// As bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// Adds a character of ASCII.
    pub fn push(&mut self, ascii: u8) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = ascii;
            self.len += 1;
        }
    }

    /// Adds a text of ASCII.
    // Not inlined: there are twenty calls.
    #[inline(never)]
    pub fn push_all(&mut self, ascii: &[u8]) {
        for byte in ascii {
            self.push(*byte);
        }
    }

    /// Adds a number's digits.
    pub(crate) fn push_number(&mut self, number: u16) {
        if number > 9 {
            self.push_number(number / 10);
        }
        self.push(b'0' + (number % 10) as u8);
    }

    /// Only the first bytes of it.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// A text of ASCII.
    pub(crate) fn of(ascii: &[u8]) -> Self {
        let mut text = Self::EMPTY;
        text.push_all(ascii);
        text
    }

    /// Only the digits of a text.
    pub(crate) fn digits_of(text: &[u8]) -> Self {
        let mut digits = Self::EMPTY;
        for byte in text.iter().filter(|byte| byte.is_ascii_digit()) {
            digits.push(*byte);
        }
        digits
    }
}
