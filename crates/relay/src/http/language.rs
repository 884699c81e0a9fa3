//! The language of the relay's own pages: the one that the browser names first of those that there are.

use axum::http::{HeaderMap, header};

/// The languages that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English, also for everybody else.
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Arabic.
    Ar,
    /// Japanese.
    Ja,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::En, Self::De, Self::Fr, Self::Es, Self::Ar, Self::Ja];

    /// For whoever asks.
    pub fn of(headers: &HeaderMap) -> Self {
        let wished = headers.get(header::ACCEPT_LANGUAGE);
        let wished = wished
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let known = wished.split(',').find_map(|wish| {
            let (tag, _) = wish.split_once(';').unwrap_or((wish, ""));
            let tag = tag.trim();
            let language = tag.split_once('-').map_or(tag, |(language, _)| language);
            let mut all = Self::ALL.into_iter();
            all.find(|known| known.tag().eq_ignore_ascii_case(language))
        });
        known.unwrap_or(Self::En)
    }

    /// As in `lang`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Ar => "ar",
            Self::Ja => "ja",
        }
    }

    /// As in `dir`.
    pub const fn direction(self) -> &'static str {
        match self {
            Self::Ar => "rtl",
            Self::En | Self::De | Self::Fr | Self::Es | Self::Ja => "ltr",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_first_one_that_is_known() {
        let of = |wished: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, wished.parse().unwrap());
            Language::of(&headers)
        };
        assert_eq!(of("de-AT,de;q=0.9,en;q=0.8"), Language::De);
        assert_eq!(of("it-IT, AR;q=0.5, de;q=0.4"), Language::Ar);
        assert_eq!(of("ja;q=1"), Language::Ja);
        assert_eq!(of("den"), Language::En);
        assert_eq!(of("x"), Language::En);
        assert_eq!(of(""), Language::En);
        assert_eq!(Language::of(&HeaderMap::new()), Language::En);
    }
}
