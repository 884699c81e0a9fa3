//! Numbers: what is accepted is E.164, and what may be dialled is an ordinary number of a configured country.

use std::sync::LazyLock;

use patchcord_core::error::{Code, Error};
use patchcord_core::number::{Dialable, Extension, PhoneNumber};
use patchcord_relay::policy::number::NumberRules;

static RULES: LazyLock<NumberRules> = LazyLock::new(|| NumberRules {
    countries: ["DE", "AT", "US"]
        .map(|code| code.parse().expect("a country"))
        .into(),
    refuse_prefixes: vec![REFUSED.parse().expect("a prefix")],
});

/// A prefix that is configured as refused.
const REFUSED: &str = "+4930555";
/// Numbers of the configured countries that cost more or ring somebody who must not be rung.
const NEVER: &[&str] = &[
    "+49110", "+49112", "+49118", "+49190", "+49900", "+43900", "+43930", "+1900", "+1911",
];

/// Takes any text as a number, as an element's attribute and as an extension.
pub fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    match text.parse::<PhoneNumber>() {
        Ok(number) => {
            assert_eq!(number.as_e164(), text, "nothing is changed");
            check_number(&number);
        }
        Err(error) => assert_eq!(error.field, "number"),
    }
    match text.parse::<Dialable>() {
        Ok(read) => {
            check_number(&read.number);
            if let Some(extension) = &read.extension {
                check_extension(extension);
            }
        }
        Err(error) => assert_eq!(Error::from(error).code, Code::InvalidNumber),
    }
    match text.parse::<Extension>() {
        Ok(extension) => check_extension(&extension),
        Err(error) => assert_eq!(error.field, "extension"),
    }
}

fn check_number(number: &PhoneNumber) {
    let text = number.as_e164();
    let digits = text.strip_prefix('+').expect("a plus");
    assert!((7..=15).contains(&digits.len()), "{text}");
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{text}");
    assert!(!digits.starts_with('0'), "{text}");
    let shown = format!("{number:?}");
    assert!(!shown.contains(&digits[..digits.len() - 2]), "{shown}");
    if RULES.judge(number).is_ok() {
        let configured = ["+49", "+43", "+1"]
            .iter()
            .any(|code| text.starts_with(code));
        assert!(configured, "{text} is of no configured country");
        assert!(!text.starts_with(REFUSED), "{text} was dialled");
        assert!(
            !NEVER.iter().any(|prefix| text.starts_with(prefix)),
            "{text} was dialled"
        );
    }
}

fn check_extension(extension: &Extension) {
    let digits = extension.as_str();
    assert!((1..=11).contains(&digits.len()));
    assert!(digits.bytes().all(|byte| byte.is_ascii_digit()));
}
