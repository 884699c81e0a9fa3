//! Places in a text, counted as the browser counts them.

/// Turns places in bytes into places in UTF-16 units, from the beginning of a text on.
pub struct Utf16<'a> {
    rest: &'a str,
    /// How far `rest` is from the beginning.
    bytes: usize,
    units: u32,
}

impl<'a> Utf16<'a> {
    /// At the beginning of a text.
    pub fn of(text: &'a str) -> Self {
        Self {
            rest: text,
            bytes: 0,
            units: 0,
        }
    }

    /// The place `bytes` from the beginning. `None` for one that is before the last one asked for, or inside of a
    /// character.
    pub fn at(&mut self, bytes: usize) -> Option<u32> {
        let (passed, rest) = self.rest.split_at_checked(bytes.checked_sub(self.bytes)?)?;
        self.units += units(passed)?;
        self.rest = rest;
        self.bytes = bytes;
        Some(self.units)
    }
}

fn units(text: &str) -> Option<u32> {
    if text.is_ascii() {
        return u32::try_from(text.len()).ok();
    }
    // Each character has one byte that does not go on another; one of four bytes has two units.
    let of = |byte: u8| u32::from(byte & 0xC0 != 0x80) + u32::from(byte >= 0xF0);
    Some(text.bytes().map(of).sum())
}

#[cfg(test)]
mod tests {
    use super::Utf16;

    #[test]
    fn places_are_those_of_the_browser_s_own_strings() {
        for text in ["", "plain", "Zoë ☎ +49", "🙂☎é🙂", "\u{661}\u{662}"] {
            let mut offsets = Utf16::of(text);
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let units = text.split_at(at).0.encode_utf16().count();
                assert_eq!(offsets.at(at).map(|at| at as usize), Some(units), "{text}");
            }
        }
    }

    #[test]
    fn a_place_inside_of_a_character_or_before_the_last_one_is_none() {
        let mut offsets = Utf16::of("é12");
        assert_eq!(offsets.at(1), None);
        assert_eq!(offsets.at(3), Some(2));
        assert_eq!(offsets.at(2), None);
        assert_eq!(offsets.at(9), None);
    }
}
