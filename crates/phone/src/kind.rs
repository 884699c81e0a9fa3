//! What a number is for, and whether there can be one of its length.

/// What a number is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A place.
    FixedLine,
    /// A mobile phone.
    Mobile,
    /// One of both; they cannot be told apart, as in North America.
    FixedLineOrMobile,
    /// Free for the caller.
    TollFree,
    /// Dear for the caller.
    PremiumRate,
    /// Caller and called party share the cost.
    SharedCost,
    /// A person, wherever they are.
    PersonalNumber,
    /// A phone on the internet, of no place.
    Voip,
    /// A pager.
    Pager,
    /// A company, wherever its offices are ("universal access number").
    Uan,
    /// A mailbox.
    Voicemail,
    /// The number is not valid.
    Unknown,
}

/// Whether there can be a number of this length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Possibility {
    /// There are numbers of this length.
    Possible,
    /// Only within an area, without the area code.
    LocalOnly,
    /// No country has this code.
    InvalidCountryCode,
    /// Shorter than any.
    TooShort,
    /// Longer than any.
    TooLong,
    /// There are shorter and longer ones.
    InvalidLength,
}

/// The types whose numbers match, as a set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kinds(u16);

impl Kinds {
    /// Every type a plan can describe, first the one that decides where several match.
    pub(crate) const ORDER: [Kind; 10] = [
        Kind::PremiumRate,
        Kind::TollFree,
        Kind::SharedCost,
        Kind::Voip,
        Kind::PersonalNumber,
        Kind::Pager,
        Kind::Uan,
        Kind::Voicemail,
        Kind::FixedLine,
        Kind::Mobile,
    ];

    /// The types by their places in [`ORDER`](Self::ORDER), a bit each.
    pub(crate) const fn of(bits: u16) -> Self {
        Self(bits)
    }

    /// The type that decides.
    pub(crate) fn kind(self) -> Kind {
        const FIXED_AND_MOBILE: u16 = 0b11 << 8;
        if self.0 == FIXED_AND_MOBILE {
            return Kind::FixedLineOrMobile;
        }
        let first = Self::ORDER.get(self.0.trailing_zeros() as usize);
        first.copied().unwrap_or(Kind::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dearest_type_decides_and_fixed_and_mobile_together_are_both() {
        assert_eq!(Kinds::of(0).kind(), Kind::Unknown);
        assert_eq!(Kinds::of(0x101).kind(), Kind::PremiumRate);
        assert_eq!(Kinds::of(0x100).kind(), Kind::FixedLine);
        assert_eq!(Kinds::of(0x200).kind(), Kind::Mobile);
        assert_eq!(Kinds::of(0x300).kind(), Kind::FixedLineOrMobile);
        assert_eq!(Kinds::of(0x380).kind(), Kind::Voicemail);
    }
}
