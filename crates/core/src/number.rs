//! Phone numbers as they are dialled: the types of `patchcord-phone`, and their errors as ours.

pub use patchcord_phone::number::{
    Dialable, Extension, MAX_DIGITS, MAX_EXTENSION_DIGITS, MIN_DIGITS, NotDialable, PhoneNumber,
    strip_separators,
};

use crate::error::{Code, Error};

impl From<NotDialable> for Error {
    fn from(error: NotDialable) -> Self {
        Self::of(Code::InvalidNumber, error.field, error.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_dialled_is_an_invalid_number_with_its_field() {
        let wrong: Result<Dialable, NotDialable> = "+4930123456;ext=a".parse();
        let error = Error::from(wrong.unwrap_err());
        assert_eq!(error.code, Code::InvalidNumber);
        assert_eq!(error.field.as_deref(), Some("extension"));
        let wrong: Result<PhoneNumber, NotDialable> = "030".parse();
        assert_eq!(
            Error::from(wrong.unwrap_err()).field.as_deref(),
            Some("number")
        );
    }
}
